"""The figures of the practices: what they add, together and apart, by dose, by start and by order.

Each takes tables as the experiments write them and returns a figure. Estimates come as shares; figures
show points of collaborative advantage (hundredths of what was possible).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from collabsim.practices import PRACTICES
from collabsim.report.style import (
    BLACK,
    BLUE,
    FAINT,
    GREEN,
    GREY,
    PALE,
    POINT,
    POINTS,
    SERIES,
    VERMILION,
    margins,
    mark_interval,
    practice_title,
    sheet,
    spread_out,
    zero_line,
)  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MEASURES = {
    "alone": ("alone", BLUE, "o", False),
    "within_whole": ("within the whole", VERMILION, "s", True),
    "shapley": ("Shapley share", GREEN, "D", True),
}
"""What each measure is called, its colour and mark, and whether the mark is filled."""


def _worlds(table: pd.DataFrame) -> int:
    """Return how many worlds the estimates rest on."""
    return int(table["worlds"].min())


def practice_effects(effects: pd.DataFrame) -> Figure:
    """Draw what each practice adds: alone, within the whole, and as its Shapley share.

    Parameters
    ----------
    effects
        ``practice``, ``measure`` (a key of :data:`MEASURES`; others are left out), ``estimate``, ``low``,
        ``high``, ``worlds``.
    """
    effects = effects[effects["measure"].isin(MEASURES)]
    shares = effects[effects["measure"] == "shapley"].sort_values("estimate", ascending=False)
    order = shares["practice"].tolist()
    first, last = min(0.0, effects["low"].min() / POINT), effects["high"].max() / POINT
    figure = sheet(
        9, 1.9 + 0.86 * len(order),
        "What each practice adds, alone and within the whole",
        f"Mean over {_worlds(effects)} paired worlds with 95% intervals; last 12 months of the run",
    )  # fmt: skip
    axes = figure.subplots()
    margins(figure, 2.15, 0.3, 0.95, 0.72)
    for row, practice in enumerate(order):
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, color="#f6f6f6", zorder=0)
        for step, (measure, (title, colour, mark, filled)) in enumerate(MEASURES.items()):
            one = effects[(effects["practice"] == practice) & (effects["measure"] == measure)].iloc[0]
            y = row + 0.25 * (step - 1)
            low, high = one["low"] / POINT, one["high"] / POINT
            mark_interval(axes, one["estimate"] / POINT, y, low, high, colour, mark, filled=filled)
            if row == 0:
                right = (low + high) / 2 < 0.55 * last
                axes.annotate(title, (high if right else low, y), xytext=(9 if right else -9, 0),
                              textcoords="offset points", va="center", ha="left" if right else "right",
                              color=colour, fontsize=11, fontweight="bold")  # fmt: skip
    axes.set_yticks(range(len(order)), [practice_title(name, 19) for name in order])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.grid(axis="x")
    zero_line(axes, vertical=True)
    axes.set_xlim(first - 0.03 * (last - first), last + 0.05 * (last - first))
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"What it adds ({POINTS})")
    return figure


def interaction_map(interactions: pd.DataFrame) -> Figure:
    """Draw what pairs of practices add beyond the sum of each, as a triangle of numbered cells.

    Parameters
    ----------
    interactions
        ``practice``, ``other``, ``estimate``, ``low``, ``high``, ``worlds``; a row a pair.
    """
    known = [*dict.fromkeys([*interactions["practice"], *interactions["other"]])]
    names = [name for name in PRACTICES if name in known] + [name for name in known if name not in PRACTICES]
    figure = sheet(
        9.2, 7.3, "What pairs of practices add beyond the sum of each",
        "In points of collaborative advantage, averaged over all combinations of the others, ± half of the\n"
        f"95% interval over {_worlds(interactions)} paired worlds. Bold: the interval is clear of zero.",
    )  # fmt: skip
    axes = figure.subplots()
    margins(figure, 2.15, 0.35, 1.2, 0.95)
    size = len(names) - 1
    widest = max(1e-9, float(interactions["estimate"].abs().max()) / POINT)
    colours = LinearSegmentedColormap.from_list("interaction", ["#b35806", "#f7f7f7", "#2166ac"])
    scale = TwoSlopeNorm(0.0, -widest, widest)
    for pair in interactions.itertuples():
        first, second = sorted((names.index(str(pair.practice)), names.index(str(pair.other))))
        value = float(pair.estimate) / POINT  # type: ignore[arg-type]
        shade = colours(scale(value))
        axes.add_patch(_cell(first, second - 1, shade))
        dark = abs(value) > 0.62 * widest
        clear = float(pair.low) > 0 or float(pair.high) < 0  # type: ignore[arg-type]
        half = (float(pair.high) - float(pair.low)) / 2 / POINT  # type: ignore[arg-type]
        ink = "white" if dark else BLACK
        axes.text(first, second - 1.06, f"{value:+.1f}".replace("-", "−"), ha="center", va="center",
                  fontsize=15, color=ink, fontweight="bold" if clear else "normal")  # fmt: skip
        axes.text(first, second - 0.76, f"± {half:.1f}", ha="center", va="center", fontsize=9.5, color=ink)
    axes.set_xlim(-0.5, size - 0.5)
    axes.set_ylim(size - 0.5, -0.5)
    axes.set_xticks(range(size), [practice_title(name, 15) for name in names[:-1]])
    axes.set_yticks(range(size), [practice_title(name, 19) for name in names[1:]])
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.text(size - 0.5, -0.42, "blue: complements, more together than apart\n"
              "brown: substitutes, less together than apart", ha="right", va="top", color=GREY,
              fontsize=11, linespacing=1.5)  # fmt: skip
    return figure


def _cell(column: int, row: int, shade: Any) -> Rectangle:
    return Rectangle((column - 0.48, row - 0.48), 0.96, 0.96, facecolor=shade, edgecolor="none")


def combinations(means: pd.DataFrame) -> Figure:
    """Draw every combination of practices by how many run, and below which make up the best of each number.

    Parameters
    ----------
    means
        The practices (0 or 1), ``count``, ``estimate``, ``low``, ``high``, ``worlds``; a row a combination.
    """
    names = [name for name in means.columns if name in PRACTICES]
    figure = sheet(
        9.5, 8.2, f"All {len(means)} combinations of the practices",
        f"Each mark is one combination: mean over {_worlds(means)} worlds, last 12 months of the run, with\n"
        "its 95% interval over worlds. Below: the practices in the best combination of each number.",
    )  # fmt: skip
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3.1, 1.9])
    margins(figure, 2.15, 0.3, 1.1, 0.65, hspace=0.06)
    counts = sorted(means["count"].unique())
    span = (means["high"].max() - means["low"].min()) / POINT
    best = {}
    for count in counts:
        group = means[means["count"] == count].sort_values("estimate", ascending=False)
        best[count] = group.iloc[0]
        offsets = _side_by_side((group["estimate"] / POINT).tolist(), 0.026 * span)
        for place, (offset, one) in enumerate(zip(offsets, group.itertuples(), strict=True)):
            colour, top = (VERMILION, 3) if place == 0 else (BLUE, 2)
            x = count + offset
            upper.plot([x, x], [one.low / POINT, one.high / POINT], color=colour if place == 0 else PALE,
                       linewidth=1.4, zorder=1)  # fmt: skip
            upper.plot([x], [one.estimate / POINT], "D" if place == 0 else "o", color=colour, zorder=top,
                       markersize=8 if place == 0 else 5)  # fmt: skip
    _label_best(upper, best)
    upper.set_ylabel("Collaborative advantage (points)")
    upper.grid(axis="y")
    upper.tick_params(axis="x", length=0)
    upper.spines["bottom"].set_visible(False)
    for row, name in enumerate(names):
        if row % 2 == 0:
            lower.axhspan(row - 0.5, row + 0.5, color="#f6f6f6", zorder=0)
        inside = [count for count in counts if best[count][name] == 1]
        outside = [count for count in counts if best[count][name] != 1]
        lower.plot(inside, [row] * len(inside), "o", color=VERMILION, markersize=11)
        lower.plot(outside, [row] * len(outside), "o", color=PALE, markersize=4)
    lower.set_yticks(range(len(names)), [practice_title(name, 21) for name in names], fontsize=10.5)
    lower.set_ylim(len(names) - 0.5, -0.5)
    lower.tick_params(length=0)
    for side in ("left", "bottom"):
        lower.spines[side].set_visible(False)
    lower.set_xticks(counts)
    lower.set_xlim(counts[0] - 0.5, counts[-1] + 0.5)
    lower.set_xlabel("Number of practices in the programme")
    return figure


def _side_by_side(values: list[float], near: float, step: float = 0.075) -> list[float]:
    """Return how far each mark moves aside so that none covers another; the first stays in the middle.

    Parameters
    ----------
    values
        Heights of the marks.
    near
        Marks closer than this in height must stand apart.
    step
        How far apart.
    """
    moves = [step * ((k + 1) // 2) * (1 if k % 2 else -1) for k in range(2 * len(values) + 1)]
    placed: list[tuple[float, float]] = []
    for value in values:
        move = next(
            move for move in moves
            if all(abs(value - other) >= near or abs(move - taken) > step / 2 for other, taken in placed)
        )  # fmt: skip
        placed.append((value, move))
    return [move for _, move in placed]


def _label_best(axes: Axes, best: dict[int, pd.Series[float]]) -> None:
    """Write the value of the best combination of each number above it."""
    for count, one in best.items():
        axes.annotate(f"{one['estimate'] / POINT:.1f}".replace("-", "−"), (count, one["high"] / POINT),
                      xytext=(0, 4), textcoords="offset points", ha="center", va="bottom", color=VERMILION,
                      fontsize=11, fontweight="bold")  # fmt: skip
    axes.margins(y=0.09)


CONTEXTS = {"alone": ("alone", BLUE, "o"), "together": ("with the other five", VERMILION, "s")}
"""What the company of a practice is called, its colour and mark."""


def dose_response(doses: pd.DataFrame) -> Figure:
    """Draw what each practice adds by its strength, alone and beside the others: six small panels.

    Parameters
    ----------
    doses
        ``practice``, ``context`` (a key of :data:`CONTEXTS`), ``strength``, ``estimate``, ``low``, ``high``,
        ``worlds``.
    """
    return _small_panels(
        doses, "strength", "How much of each practice is enough",
        "What a practice adds by its strength (1 = full), against the same worlds without it. Bands: 95%\n"
        f"intervals over {_worlds(doses)} paired worlds; last 12 months of the run.",
        "Strength of the practice", [0, 0.25, 0.5, 0.75, 1],
    )  # fmt: skip


def start_months(starts: pd.DataFrame, months: int, after: int, support: tuple[int, int]) -> Figure:
    """Draw what each practice adds by the month it starts, alone and beside the others.

    Parameters
    ----------
    starts
        As for :func:`dose_response`, with ``from_month`` in place of ``strength``.
    months
        For how long each practice runs.
    after
        Over how many months from its start the gain is averaged.
    support
        The months [from, to) in which the others run.
    """
    return _small_panels(
        starts, "from_month", "When each practice starts",
        f"Mean gain over the {after} months from its start, of a practice that runs for {months} of them;\n"
        f"the other five run in months {support[0]} to {support[1]}. Bands: 95% intervals over "
        f"{_worlds(starts)} paired worlds.",
        "Month in which the practice starts", sorted(starts["from_month"].unique().tolist()),
    )  # fmt: skip


def _small_panels(
    table: pd.DataFrame, along: str, title: str, subtitle: str, label: str, ticks: list[float]
) -> Figure:
    """Draw a panel a practice, a line a context, with bands."""
    names = list(dict.fromkeys(table["practice"]))
    columns = 3
    rows = math.ceil(len(names) / columns)
    figure = sheet(10, 2.1 + 2.75 * rows, title, subtitle)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    margins(figure, 0.85, 0.3, 1.95, 0.72, hspace=0.34, wspace=0.1)
    _key(figure, 1.06)
    for place, axes in enumerate(panels.flat):
        if place >= len(names):
            axes.set_visible(False)
            continue
        axes.grid(axis="y")
        zero_line(axes)
        axes.set_title(practice_title(names[place], 24), loc="left", pad=7, fontsize=11.5, linespacing=1.1)
        for context, (_, colour, mark) in CONTEXTS.items():
            line = table[(table["practice"] == names[place]) & (table["context"] == context)].sort_values(
                along
            )
            x, y = line[along].to_numpy(), line["estimate"].to_numpy() / POINT
            low, high = line["low"].to_numpy() / POINT, line["high"].to_numpy() / POINT
            axes.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)
            axes.plot(x, y, mark, linestyle="-", color=colour, markersize=6, clip_on=False, zorder=3)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panels.flat[0].margins(y=0.09)
    for axes in panels[:, 0]:
        axes.set_ylabel("Added (points)")
    figure.supxlabel(label, y=0.14 / figure.get_size_inches()[1], va="bottom", fontsize=11.5,
                     x=0.5)  # fmt: skip
    return figure


def _key(figure: Figure, down: float) -> None:
    """Name the two lines of every panel, once for all, so many inches below the top."""
    width, height = figure.get_size_inches()
    x = 0.18
    for title, colour, mark in CONTEXTS.values():
        y = 1 - (down + 0.12) / height
        figure.add_artist(Line2D([x / width, (x + 0.4) / width], [y, y], color=colour, linewidth=1.8))
        figure.add_artist(Line2D([(x + 0.2) / width], [y], color=colour, marker=mark, markersize=7))
        figure.text((x + 0.5) / width, y, title, color=colour, ha="left", va="center", fontsize=11.5,
                    fontweight="bold")  # fmt: skip
        x += 0.85 + 0.115 * len(title)


def orders(monthly: pd.DataFrame, differences: pd.DataFrame, support: tuple[int, int]) -> Figure:
    """Draw programmes over time, and the paired differences between orders over several windows.

    Parameters
    ----------
    monthly
        ``programme``, ``title``, ``month``, ``estimate``, ``low``, ``high``, ``worlds``: gain over the same
        worlds without a programme.
    differences
        ``contrast``, ``window``, ``estimate``, ``low``, ``high``.
    support
        The months [from, to) of the programme.
    """
    figure = sheet(
        12.5, 8.6, "What the order of the practices changes",
        "Left: gain over the same worlds without a programme; the months of support are shaded. Right: what "
        "one order gains\nover the other in the same world, by window of months. Bands and lines: 95% "
        f"intervals over {_worlds(monthly)} paired worlds.",
    )  # fmt: skip
    contrasts = list(dict.fromkeys(differences["contrast"]))
    panels = figure.subplots(len(contrasts), 2, squeeze=False, width_ratios=[1.25, 1], sharex="col")
    margins(figure, 0.85, 0.35, 1.55, 0.75, hspace=0.24, wspace=0.8)
    for row, contrast in enumerate(contrasts):
        part = differences[differences["contrast"] == contrast]
        _gains(panels[row, 0], monthly[monthly["contrast"] == contrast], support)
        _windows(panels[row, 1], part)
        panels[row, 0].set_title("Gain by month", fontsize=11.5, pad=8)
        panels[row, 1].set_title(contrast, fontsize=11.5, pad=8)
    panels[-1, 0].set_xlabel("Month")
    panels[-1, 1].set_xlabel("Difference (points)")
    return figure


def _gains(axes: Axes, monthly: pd.DataFrame, support: tuple[int, int]) -> None:
    """Draw the gain of each programme over time, named at the end of its line."""
    axes.axvspan(*support, color="#f1f1f1", zorder=0)
    zero_line(axes)
    names = list(dict.fromkeys(monthly["programme"]))
    ends = []
    for place, name in enumerate(names):
        line = monthly[monthly["programme"] == name].sort_values("month")
        colour, mark = SERIES[place]
        x = line["month"].to_numpy()
        y = line["estimate"].to_numpy() / POINT
        axes.fill_between(x, line["low"].to_numpy() / POINT, line["high"].to_numpy() / POINT, color=colour,
                          alpha=0.18, linewidth=0)  # fmt: skip
        axes.plot(x, y, mark, linestyle="-", color=colour, markersize=5, markevery=(3 + 2 * place, 12))
        ends.append((float(np.mean(y[-6:])), colour, str(line["title"].iloc[0])))
    low, high = axes.get_ylim()
    places = spread_out([end for end, _, _ in ends], (high - low) * 0.13, low, high)
    for (_, colour, title), y_place in zip(ends, places, strict=True):
        axes.annotate(title, (1.015, y_place), xycoords=("axes fraction", "data"), ha="left", va="center",
                      color=colour, fontsize=10.5, fontweight="bold", annotation_clip=False,
                      linespacing=1.05)  # fmt: skip
    axes.set_ylim(low, high)
    axes.set_xlim(0, monthly["month"].max() + 1)
    axes.set_xticks(range(0, int(monthly["month"].max()) + 2, 12))
    axes.set_ylabel("Gain (points)")
    axes.grid(axis="y")


def _windows(axes: Axes, part: pd.DataFrame) -> None:
    """Draw the paired differences of one contrast, a row a window."""
    for row, one in enumerate(part.itertuples()):
        clear = float(one.low) > 0 or float(one.high) < 0  # type: ignore[arg-type]
        mark_interval(axes, float(one.estimate) / POINT, row, float(one.low) / POINT, float(one.high) / POINT,  # type: ignore[arg-type]
                      VERMILION if clear else GREY, "o", filled=clear)  # fmt: skip
    apart = [row for row, name in enumerate(part["window"]) if "apart" in name]
    if apart:
        axes.axhline(apart[0] - 0.5, color=PALE, linewidth=1, linestyle=(0, (4, 3)))
    axes.set_yticks(range(len(part)), part["window"].tolist(), fontsize=10.5)
    axes.set_ylim(len(part) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    zero_line(axes, vertical=True)
    axes.grid(axis="x", color=FAINT)
    axes.spines["left"].set_visible(False)
