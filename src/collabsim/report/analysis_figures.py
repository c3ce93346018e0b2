"""The figures of an analysis: differences, what factors add, indices, screening, and how many worlds.

Each takes tables of :mod:`collabsim.study.analysis` as they are written, and shows an outcome in its own
unit; collaborative advantage in points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from collabsim.outcomes import ALL_OUTCOMES
from collabsim.practices import TREATMENTS
from collabsim.report.style import (
    BLUE,
    GREY,
    PALE,
    POINT,
    SERIES,
    VERMILION,
    margins,
    mark_interval,
    sheet,
    spread_out,
    zero_line,
)  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_ROWS = 40
"""Rows of a figure; of more, those farthest from zero are drawn."""


def scale_of(outcome: str) -> tuple[float, str]:
    """Return what one unit on an axis is, and what the axis is called."""
    if outcome == "collaborative_advantage":
        return POINT, "points of collaborative advantage"
    if outcome in ALL_OUTCOMES:
        made = ALL_OUTCOMES[outcome]
        return 1.0, f"{made.title.lower()}, {made.unit}"
    return 1.0, outcome.replace("_", " ")


def factor_title(name: str) -> str:
    """Return what a factor is called in a figure."""
    practice, _, what = name.partition(".")
    words = practice.replace("_", " ")
    title = TREATMENTS[practice].title if practice in TREATMENTS else words[:1].upper() + words[1:]
    return title + {"from_month": ", start", "to_month": ", end", "months": ", length", "with": ", with"}.get(
        what, ""
    )


def differences(table: pd.DataFrame, outcome: str, labels: list[str], title: str, subtitle: str) -> Figure:
    """Draw paired differences with their intervals, largest first; hollow where nothing is told apart.

    Parameters
    ----------
    table
        ``estimate``, ``low``, ``high``, ``told_apart``, ``worlds``; a row a comparison.
    outcome
        Which.
    labels
        What each row is called.
    title, subtitle
        Of the figure.
    """
    unit, what = scale_of(outcome)
    farthest = np.argsort(-table["estimate"].abs().to_numpy(), kind="stable")[:MOST_ROWS].tolist()
    order = sorted(farthest, key=lambda k: -float(table["estimate"].iloc[k]))
    figure = sheet(9.2, 2.1 + 0.34 * len(order), title, subtitle)
    axes = figure.subplots()
    margins(figure, 3.1, 0.35, 1.15, 0.72)
    for y, k in enumerate(order):
        row = table.iloc[k]
        apart = bool(row["told_apart"])
        mark_interval(axes, row["estimate"] / unit, y, row["low"] / unit, row["high"] / unit,
                      BLUE if apart else GREY, "o", size=6.5, filled=apart)  # fmt: skip
    _rows(axes, [labels[k] for k in order])
    zero_line(axes, vertical=True)
    axes.grid(axis="x")
    axes.set_xlabel(f"Difference in the same worlds ({what})")
    return figure


def _worlds(table: pd.DataFrame) -> int:
    return int(table["worlds"].min())


def _rows(axes: Axes, labels: list[str]) -> None:
    """Label the rows of a figure, from the top down."""
    shown = [label if len(label) <= 44 else label[:42] + " …" for label in labels]
    axes.set_yticks(range(len(labels)), shown, fontsize=10)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)


def comparisons(table: pd.DataFrame, outcome: str, factors: list[str]) -> Figure:
    """Draw every point's difference from the first."""
    labels = []
    for row in table.to_dict("records"):
        levels = {name: row[name] for name in factors}
        if set(levels.values()) <= {0.0, 1.0}:
            on = [_short(name) for name, level in levels.items() if level == 1.0]
            labels.append(" + ".join(on) or "nothing on")
        else:
            labels.append(", ".join(f"{_short(n)} {_number(level)}" for n, level in levels.items()))
    more = f" (the {MOST_ROWS} largest of {len(table)})" if len(table) > MOST_ROWS else ""
    return differences(
        table, outcome, labels, "Every point against the first" + more,
        f"Mean over {_worlds(table)} paired worlds with 95% intervals. Hollow: cannot be told apart\n"
        "from the first point after correction for the number of comparisons.",
    )  # fmt: skip


def _short(name: str) -> str:
    """Return a practice by the first letters of its words, and other factors by name."""
    practice, dot, what = name.partition(".")
    if practice in TREATMENTS and "_" in practice:
        practice = "".join(word[0].upper() for word in practice.split("_"))
    return practice + dot + what


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def effects(table: pd.DataFrame, outcome: str, measure: str) -> Figure:
    """Draw what each factor adds by one measure."""
    told = {
        "shapley": "its Shapley share of what all add together",
        "main": "its mean effect over all combinations of the others",
    }[measure]
    mine = table[table["measure"] == measure].reset_index(drop=True)
    return differences(
        mine, outcome, [factor_title(str(name)) for name in mine["factor"]], "What each factor adds",
        f"{told[:1].upper()}{told[1:]}, mean over {_worlds(mine)} paired worlds with\n"
        "95% intervals. Hollow: cannot be told apart from nothing.",
    )  # fmt: skip


def levels(table: pd.DataFrame, outcome: str) -> Figure:
    """Draw what each level of a factor adds to its first."""
    labels = [f"{factor_title(str(r.factor))} {r.level} (not {r.against})" for r in table.itertuples()]
    return differences(
        table, outcome, labels, "What each level adds to the first",
        f"On average over all levels of the others, mean over {_worlds(table)} paired worlds with\n"
        "95% intervals. Hollow: cannot be told apart from nothing.",
    )  # fmt: skip


def positions(table: pd.DataFrame, outcome: str) -> Figure:
    """Draw what it makes that a practice has one place in the order."""
    labels = [f"{factor_title(str(row.factor))}, place {row.place}" for row in table.itertuples()]
    return differences(
        table, outcome, labels, "What a place in the order makes",
        f"Mean of the orders with it in that place, less the mean of all orders, over {_worlds(table)}\n"
        "paired worlds with 95% intervals. Hollow: cannot be told apart from nothing.",
    )  # fmt: skip


def indices(table: pd.DataFrame, left: float | None, title: str, subtitle: str) -> Figure:
    """Draw Sobol indices, first-order and total, with their intervals and the share of luck.

    Parameters
    ----------
    table
        ``factor``, ``first``, ``first_half``, ``total``, ``total_half``.
    left
        The share of luck in the means of which these are the indices; None where it is not known.
    title, subtitle
        Of the figure.
    """
    ordered = table.sort_values("total", ascending=False, kind="stable").head(MOST_ROWS)
    figure = sheet(9.2, 2.3 + 0.46 * len(ordered), title, subtitle)
    axes = figure.subplots()
    margins(figure, 3.1, 0.35, 1.3, 0.72)
    for y, row in enumerate(ordered.to_dict("records")):
        for step, (name, colour, mark) in enumerate((("first", BLUE, "o"), ("total", VERMILION, "s"))):
            value, half = row[name], row[f"{name}_half"]
            at = y - 0.15 + 0.3 * step
            axes.barh(at, max(0.0, value), height=0.26, color=colour, alpha=0.22, linewidth=0)
            mark_interval(axes, value, at, value - half, value + half, colour, mark, size=5.5)
    if left is not None:
        axes.axvspan(0, left, color=PALE, alpha=0.45, linewidth=0, zorder=0)
        axes.annotate("luck", (left, len(ordered) - 0.5), xytext=(4, 0), textcoords="offset points",
                      color=GREY, fontsize=10, va="bottom")  # fmt: skip
    _rows(axes, [factor_title(name) for name in ordered["factor"]])
    zero_line(axes, vertical=True)
    axes.grid(axis="x")
    axes.set_xlabel("Share of the variance of the points' means")
    for x, name, colour in ((1.0, "■ total", VERMILION), (0.86, "● first-order", BLUE)):
        axes.text(x, 1.02, name, color=colour, transform=axes.transAxes, ha="right", fontweight="bold")
    return figure


def screening(table: pd.DataFrame, outcome: str, title: str, subtitle: str, named: int = 14) -> Figure:
    """Draw Morris' measures: how much each factor moves the outcome, and how unevenly.

    Parameters
    ----------
    table
        ``factor``, ``mu_star``, ``mu_star_half``, ``sigma``.
    outcome
        Which.
    title, subtitle
        Of the figure.
    named
        How many factors are named, those that move most.
    """
    unit, what = scale_of(outcome)
    ordered = table.sort_values("mu_star", ascending=False, kind="stable").reset_index(drop=True)
    figure = sheet(9.6, 6.6, title, subtitle)
    axes = figure.subplots()
    margins(figure, 0.95, 2.75, 1.3, 0.75)
    x, y = ordered["mu_star"].to_numpy() / unit, ordered["sigma"].to_numpy() / unit
    half = ordered["mu_star_half"].to_numpy() / unit
    top = max(1e-9, float((x + half).max()), float(y.max())) * 1.06
    axes.plot([0, top], [0, top], color=PALE, linewidth=1.0, zorder=0)
    axes.text(top * 0.97, top * 0.985, "σ = μ*", color=GREY, fontsize=10, ha="right", va="bottom")
    for k in range(len(ordered)):
        strong = k < named
        axes.plot([x[k] - half[k], x[k] + half[k]], [y[k], y[k]], linewidth=1.3,
                  color=BLUE if strong else PALE)  # fmt: skip
        axes.plot([x[k]], [y[k]], "o", color=BLUE if strong else GREY, markersize=6 if strong else 4)
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    spots = spread_out(y[:named].tolist(), 0.045 * top, 0.0, top)
    for k in range(min(named, len(ordered))):
        axes.annotate(f"{k + 1}. {factor_title(str(ordered['factor'][k]))}", (x[k], y[k]),
                      xytext=(1.02 * top, spots[k]), textcoords="data", fontsize=9.5, va="center",
                      annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": PALE, "linewidth": 0.7})  # fmt: skip
    axes.grid(True)
    axes.set_xlabel(f"Mean size of its effects, μ* ({what})")
    axes.set_ylabel("How unevenly, σ (same unit)")
    return figure


def importance(table: pd.DataFrame, title: str, subtitle: str) -> Figure:
    """Draw rank correlations of factors with the outcome; names, which have none, are left out."""
    ordered = table.dropna(subset=["rank_correlation"])
    ordered = ordered.sort_values("rank_correlation", ascending=False, key=abs, kind="stable").head(MOST_ROWS)
    figure = sheet(9.2, 2.1 + 0.36 * len(ordered), title, subtitle)
    axes = figure.subplots()
    margins(figure, 3.1, 0.35, 1.15, 0.72)
    for y, row in enumerate(ordered.to_dict("records")):
        apart = bool(row["told_apart"])
        axes.barh(y, row["rank_correlation"], height=0.6, color=BLUE if apart else "white",
                  edgecolor=BLUE if apart else GREY)  # fmt: skip
    _rows(axes, [factor_title(name) for name in ordered["factor"]])
    zero_line(axes, vertical=True)
    axes.grid(axis="x")
    axes.set_xlim(-1, 1)
    axes.set_xlabel("Rank correlation with the outcome's mean over worlds")
    return figure


def worlds_enough(stability: pd.DataFrame, within: float) -> Figure:
    """Draw how the coefficient of variation settles as worlds are added.

    Parameters
    ----------
    stability
        ``what``, ``worlds``, ``variation``.
    within
        The criterion.
    """
    figure = sheet(
        9.2, 4.8, "How many worlds are enough",
        "Coefficient of variation over the first worlds of the sweep (Lee et al. 2015). Bands: within\n"
        f"{within:g} of the last value.",
    )  # fmt: skip
    axes = figure.subplots()
    margins(figure, 0.95, 1.75, 1.25, 0.72)
    lines = []
    for (name, part), (colour, _) in zip(stability.groupby("what", sort=False), SERIES, strict=False):
        part = part.dropna(subset=["variation"])
        if part.empty:
            continue
        last = float(part["variation"].iloc[-1])
        axes.axhspan(last - within, last + within, color=colour, alpha=0.12, linewidth=0)
        axes.plot(part["worlds"], part["variation"], color=colour)
        lines.append((last, str(name), colour))
    axes.set_xlim(2, max(3, int(stability["worlds"].max())))
    # Where few worlds happen to average nearly 0 the curve shoots up, and would hide all the rest.
    axes.set_ylim(0, min(axes.get_ylim()[1], 3.0 * max(last for last, *_ in lines)))
    low, high = axes.get_ylim()
    spots = spread_out([last for last, *_ in lines], 0.07 * (high - low), low, high)
    for spot, (_, name, colour) in zip(spots, lines, strict=True):
        axes.annotate(name, (1.0, spot), xycoords=("axes fraction", "data"), xytext=(6, 0), color=colour,
                      textcoords="offset points", va="center", fontweight="bold",
                      annotation_clip=False)  # fmt: skip
    axes.grid(axis="y")
    axes.set_xlabel("Worlds")
    axes.set_ylabel("Coefficient of variation")
    return figure
