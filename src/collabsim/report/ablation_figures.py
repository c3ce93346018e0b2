"""Figures of ablation and of alternatives: matrices of verdicts that can be read without colour."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from collabsim.report.style import BLACK, BLUE, FAINT, GREY, PALE, VERMILION, margins, sheet

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CELL = 0.27
"""Height of a row, in inches."""


def ablation_matrix(table: pd.DataFrame) -> Figure:
    """Draw which patterns break, and which start to hold, without each mechanism.

    Parameters
    ----------
    table
        ``mechanism``, ``title``, ``pattern``, ``pattern_name``, ``with_it``, ``change``.
    """
    rows = table.drop_duplicates("mechanism")[["mechanism", "title"]].to_dict("records")
    columns = table.drop_duplicates("pattern")[["pattern", "pattern_name", "with_it"]].to_dict("records")
    cells = {(row["mechanism"], row["pattern"]): row["change"] for row in table.to_dict("records")}
    held = sum(column["with_it"] == "holds" for column in columns)
    top = 3.75
    width, height = 10.6, top + 0.45 + CELL * len(rows)
    figure = sheet(
        width, height, "Which mechanism carries which pattern",
        f"Each mechanism switched off in turn by its parameters. With all of them on, {held} of "
        f"{len(columns)} patterns hold\n(columns headed by a full square).",
    )  # fmt: skip
    axes = figure.add_subplot()
    _grid(axes, len(columns), len(rows))
    for x, column in enumerate(columns):
        holds = column["with_it"] == "holds"
        axes.plot([x], [-1.05], "s", color=BLACK, markersize=7, clip_on=False,
                  markerfacecolor=BLACK if holds else "white")  # fmt: skip
        name = textwrap.shorten(f"{column['pattern']}  {column['pattern_name']}", 48, placeholder=" …")
        axes.text(x - 0.1, -1.75, name, rotation=48, ha="left", va="bottom", fontsize=9.5, clip_on=False,
                  rotation_mode="anchor", color=BLACK if holds else GREY)  # fmt: skip
        for y, row in enumerate(rows):
            _mark(axes, x, y, cells[row["mechanism"], column["pattern"]])
    axes.set_yticks(range(len(rows)), [row["title"] for row in rows], fontsize=10)
    margins(figure, 3.35, 1.75, top, 0.45)
    _key(
        axes, len(rows) + 0.35,
        ("breaks", "breaks without it"), ("starts to hold", "starts to hold"),
        ("holds without", "holds all the same"), ("fails without", "fails all the same"),
    )  # fmt: skip
    return figure


def conclusions(table: pd.DataFrame) -> Figure:
    """Draw which conclusions hold under which rules.

    Parameters
    ----------
    table
        ``conclusion``, ``wording``, ``alternative``, ``title``, ``verdict``, ``label``.
    """
    columns = table.drop_duplicates("alternative")[["alternative", "title"]].to_dict("records")
    rows = table.drop_duplicates("conclusion")[["conclusion", "wording"]].to_dict("records")
    cells = {(row["conclusion"], row["alternative"]): row for row in table.to_dict("records")}
    tall, top = 0.62, 1.75
    width, height = 11.6, top + 0.55 + tall * len(rows)
    survive = sum(
        all(cells[row["conclusion"], column["alternative"]]["verdict"] == "holds" for column in columns)
        for row in rows
    )
    figure = sheet(
        width, height, f"{survive} of {len(rows)} conclusions hold under every rule that was tried",
        "The model's rule, and published alternatives put in its place one at a time.\n"
        "Below each mark: the statistic with its 95% interval over worlds, in points (0.01 of the possible).",
    )  # fmt: skip
    axes = figure.add_subplot()
    _grid(axes, len(columns), len(rows))
    for x, column in enumerate(columns):
        axes.text(x, -0.62, textwrap.fill(column["title"], 18), ha="center", va="baseline", fontsize=10,
                  fontweight="bold", clip_on=False, linespacing=1.15)  # fmt: skip
        for y, row in enumerate(rows):
            cell = cells[row["conclusion"], column["alternative"]]
            _mark(axes, x, y - 0.17, "holds" if cell["verdict"] == "holds" else "breaks", size=9, tall=0.3)
            axes.text(x, y + 0.24, cell["label"], ha="center", va="center", fontsize=9)
    axes.set_yticks(
        range(len(rows)), [textwrap.fill(row["wording"], 34) for row in rows], fontsize=10, linespacing=1.15
    )
    margins(figure, 2.95, 0.2, top, 0.55)
    _key(axes, len(rows) - 0.2, ("holds", "holds"), ("breaks", "fails"))
    return figure


def shares(table: pd.DataFrame) -> Figure:
    """Draw each practice's Shapley share under each rule.

    Parameters
    ----------
    table
        ``alternative``, ``title``, ``practice``, ``practice_title``, ``measure``, ``estimate``, ``low``,
        ``high``.
    """
    mine = table[table["measure"] == "shapley"]
    rules = mine.drop_duplicates("alternative")[["alternative", "title"]].to_dict("records")
    practices = mine.drop_duplicates("practice")[["practice", "practice_title"]].to_dict("records")
    width, height = 11.6, 5.2
    figure = sheet(
        width, height, "What each practice adds, as its fair share, under each rule",
        "Shapley share of the gain from all six in the last 12 months, in points (0.01 of the possible);\n"
        "bars are 95% intervals over worlds. Scales are the same.",
    )  # fmt: skip
    panels: Any = figure.subplots(1, len(rules), sharex=True, sharey=True, squeeze=False)[0]
    for axes, rule in zip(panels, rules, strict=True):
        axes.set_title(textwrap.fill(rule["title"], 18), fontsize=10.5)
        axes.axvline(0.0, color=GREY, linewidth=1.0, zorder=0.5)
        part = mine[mine["alternative"] == rule["alternative"]].set_index("practice")
        first = max(practices, key=lambda each: float(part.loc[each["practice"], "estimate"]))["practice"]
        for y, each in enumerate(practices):
            row = part.loc[each["practice"]]
            axes.plot([100 * row["low"], 100 * row["high"]], [y, y], color=BLUE, linewidth=2.2, zorder=2)
            best = each["practice"] == first
            axes.plot([100 * row["estimate"]], [y], "D" if best else "o", color=BLUE,
                      markersize=8 if best else 6, markerfacecolor=BLUE if best else "white",
                      markeredgewidth=1.6, zorder=3)  # fmt: skip
        axes.set_ylim(len(practices) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y")
    panels[0].set_yticks(
        range(len(practices)), [textwrap.fill(each["practice_title"], 24) for each in practices], fontsize=10
    )
    figure.text(0.5, 0.13 / height, "Points of collaborative advantage. A full diamond marks the first.",
                ha="center", va="bottom", fontsize=10.5, color=GREY)  # fmt: skip
    margins(figure, 2.35, 0.25, 1.75, 0.75, wspace=0.12)
    return figure


def _grid(axes: Axes, across: int, down: int) -> None:
    axes.set_xlim(-0.5, across - 0.5)
    axes.set_ylim(down - 0.5, -0.5)
    axes.set_xticks([])
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    for y in range(down + 1):
        axes.axhline(y - 0.5, color=FAINT, linewidth=0.9, zorder=0)
    for x in range(across + 1):
        axes.axvline(x - 0.5, color=FAINT, linewidth=0.9, zorder=0)


def _mark(axes: Axes, x: float, y: float, what: str, size: float = 8, tall: float = 0.9) -> None:
    """Draw a verdict: dark with a cross, framed with a triangle, a dot, or a dash."""
    if what == "breaks":
        axes.add_patch(Rectangle((x - 0.45, y - tall / 2), 0.9, tall, color=VERMILION, linewidth=0, zorder=1))
        axes.plot([x], [y], "x", color="white", markersize=size, markeredgewidth=2.2, zorder=3)
    elif what == "starts to hold":
        axes.add_patch(
            Rectangle(
                (x - 0.43, y - 0.42), 0.86, 0.84, facecolor="white", edgecolor=BLUE, linewidth=1.6, zorder=1
            )
        )
        axes.plot([x], [y], "^", color=BLUE, markersize=size, zorder=3)
    elif what in ("holds without", "holds"):
        big = what == "holds"
        axes.plot([x], [y], "o", color=BLACK if big else GREY, markersize=size if big else 4, zorder=3)
    else:
        axes.plot([x - 0.11, x + 0.11], [y, y], color=PALE, linewidth=1.8, zorder=3)


def _key(axes: Axes, y: float, *entries: tuple[str, str]) -> None:
    """Explain the marks in a line below the matrix."""
    left, right = axes.get_xlim()
    start = left - 0.22 * (right - left)
    step = (right - start) / max(4, len(entries))
    for place, (what, words) in enumerate(entries):
        x = start + place * step
        face = {"breaks": VERMILION, "starts to hold": "white"}.get(what)
        mark, colour, size = {
            "breaks": ("x", "white", 6.0), "starts to hold": ("^", BLUE, 7.0), "holds": ("o", BLACK, 8.0),
            "holds without": ("o", GREY, 4.0),
        }.get(what, ("_", PALE, 8.0))  # fmt: skip
        if face is not None:
            axes.plot([x], [y], "s", markersize=14, color=face, clip_on=False, zorder=1,
                      markeredgecolor=BLUE if face == "white" else face, markeredgewidth=1.4)  # fmt: skip
        axes.plot([x], [y], mark, color=colour, markersize=size, markeredgewidth=2, clip_on=False, zorder=3)
        axes.annotate(words, (x, y), xytext=(13, 0), textcoords="offset points", va="center", fontsize=10,
                      annotation_clip=False, color=GREY)  # fmt: skip
