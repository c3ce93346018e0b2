"""The pictures of a comparison: by month, at the end, over other versions of the model, and the programme."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from collabsim.outcomes import OUTCOMES
from collabsim.report.style import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    POINT,
    SERIES,
    VERMILION,
    margins,
    sheet,
    spread_out,
    zero_line,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LETTERS = "ABCDEFGH"
BAND = 0.16


def safe(text: str, width: int = 0) -> str:
    """Return text that Matplotlib draws as it stands, wrapped to a width."""
    kept = text.replace("$", r"\$")
    return textwrap.fill(kept, width) if width else kept


def colour_of(letter: str) -> tuple[str, str]:
    """Return a scenario's colour and mark."""
    return SERIES[LETTERS.index(letter)]


def headline(
    monthly: pd.DataFrame,
    outcome: str,
    titles: Sequence[str],
    programmes: Sequence[Sequence[int]],
) -> Figure:
    """Draw the picture of page one: the outcome by month under each scenario, and where each ends.

    Parameters
    ----------
    monthly
        As :mod:`collabsim.study.compare.tables` makes it.
    outcome
        Which.
    titles
        The scenarios' titles, in order.
    programmes
        For each scenario the first and last month of its programme, empty without one.
    """
    title = OUTCOMES[outcome].title
    rows = sum(len(textwrap.wrap(text, 34)) or 1 for text in titles)
    figure = sheet(
        9.6,
        max(3.8, 2.3 + 0.28 * rows),
        f"{title} under each scenario",
        "Mean over worlds by month (bands: 8 of 10 worlds lie inside). Bars below: the programme.",
    )
    axes = figure.subplots()
    margins(figure, 0.85, 2.95, 0.95, 0.7)
    ends = _lines(axes, monthly, outcome)
    low, high = axes.get_ylim()
    low -= 0.05 * (high - low) * (1 + sum(map(bool, programmes)))
    axes.set_ylim(low, high)
    for place, window in enumerate(programmes):
        if window:
            line = sum(map(bool, programmes[:place]))
            y = low + 0.035 * (high - low) * (line + 0.6)
            axes.plot(window, [y, y], color=colour_of(LETTERS[place])[0], linewidth=4, solid_capstyle="butt")
    labels = [f"{letter}  {safe(text)}" for letter, text in zip(LETTERS, titles, strict=False)]
    wrapped = [textwrap.fill(label, 34, subsequent_indent="     ") for label in labels]
    lines = max(text.count("\n") + 1 for text in wrapped)
    gap = (high - low) * 0.26 * lines / max(1.0, figure.get_size_inches()[1] - 1.7)
    places = spread_out([end if math.isfinite(end) else 0.0 for end in ends], gap, low, high)
    for k, (text, y) in enumerate(zip(wrapped, places, strict=True)):
        axes.annotate(
            text,
            (1.02, y),
            xycoords=("axes fraction", "data"),
            ha="left",
            va="center",
            color=colour_of(LETTERS[k])[0],
            fontsize=10.5,
            fontweight="bold",
            annotation_clip=False,
        )
    axes.set_ylabel("Points")
    axes.set_xlabel("Month")
    return figure


def _lines(axes: Axes, monthly: pd.DataFrame, outcome: str, *, band: bool = True) -> list[float]:
    """Draw a line a scenario with its band, and return where each ends."""
    part = monthly[monthly["outcome"] == outcome]
    ends = []
    for letter in dict.fromkeys(part["scenario"]):
        line = part[part["scenario"] == letter]
        colour, mark = colour_of(str(letter))
        x, y = line["month"].to_numpy() + 1, line["estimate"].to_numpy() / POINT
        if band:
            axes.fill_between(
                x,
                line["p10"].to_numpy() / POINT,
                line["p90"].to_numpy() / POINT,
                color=colour,
                alpha=BAND,
                linewidth=0,
            )
        every = max(1, len(x) // 6)
        axes.plot(
            x,
            y,
            mark,
            linestyle="-",
            color=colour,
            markersize=6,
            markevery=(LETTERS.index(str(letter)) * 2 % every, every),
            zorder=3,
        )
        kept = y[np.isfinite(y)]
        ends.append(float(kept[-6:].mean()) if len(kept) else math.nan)
    month_axis(axes, int(part["month"].max()) + 1)
    return ends


def month_axis(axes: Axes, months: int) -> None:
    """Mark months along x, at most ten of them."""
    axes.set_xlim(0, months)
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120, 600, 6000) if months / step <= 10)
    axes.set_xticks(range(0, months + 1, step))
    axes.grid(axis="y")


def others(monthly: pd.DataFrame, outcomes: Sequence[str]) -> Figure:
    """Draw other outcomes by month, a panel each, all scenarios in each."""
    figure = sheet(
        9.6,
        4.0,
        "What else happens",
        "Mean over worlds by month; marks tell the scenarios apart as in the first picture.",
    )
    panels = figure.subplots(1, len(outcomes), squeeze=False)[0]
    margins(figure, 0.75, 0.45, 1.2, 0.65, wspace=0.28)
    for axes, outcome in zip(panels, outcomes, strict=True):
        ends = _lines(axes, monthly, outcome, band=False)
        axes.set_title(OUTCOMES[outcome].title, fontsize=11.5)
        axes.set_xlabel("Month")
        low, high = axes.get_ylim()
        places = spread_out(
            [end if math.isfinite(end) else low for end in ends], 0.08 * (high - low), low, high
        )
        for letter, y in zip(LETTERS, places, strict=False):
            axes.annotate(
                letter,
                (1.02, y),
                xycoords=("axes fraction", "data"),
                va="center",
                color=colour_of(letter)[0],
                fontsize=11,
                fontweight="bold",
            )
    panels[0].set_ylabel("Points")
    return figure


def fans(monthly: pd.DataFrame, outcome: str, titles: Sequence[str]) -> Figure:
    """Draw how worlds fan out under each scenario, a panel each."""
    columns = min(3, len(titles))
    rows = math.ceil(len(titles) / columns)
    figure = sheet(
        9.6,
        1.6 + 2.7 * rows,
        f"How far worlds differ: {OUTCOMES[outcome].title.lower()}",
        "Line: median world. Dark band: the middle half of worlds. Light band: 8 of 10 worlds.",
    )
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    margins(figure, 0.8, 0.3, 1.25, 0.65, hspace=0.35, wspace=0.08)
    part = monthly[monthly["outcome"] == outcome]
    for place, axes in enumerate(panels.flat):
        if place >= len(titles):
            axes.set_visible(False)
            continue
        letter = LETTERS[place]
        line = part[part["scenario"] == letter]
        colour = colour_of(letter)[0]
        x = line["month"].to_numpy() + 1
        for low, high, shade in (("p10", "p90", 0.18), ("p25", "p75", 0.3)):
            axes.fill_between(
                x,
                line[low].to_numpy() / POINT,
                line[high].to_numpy() / POINT,
                color=colour,
                alpha=shade,
                linewidth=0,
            )
        axes.plot(x, line["p50"].to_numpy() / POINT, color=colour)
        axes.set_title(
            textwrap.shorten(f"{letter}  {safe(titles[place])}", 38, placeholder=" ..."), fontsize=11
        )
        zero_line(axes)
        month_axis(axes, int(part["month"].max()) + 1)
    for axes in panels[:, 0]:
        axes.set_ylabel("Points")
    for axes in panels[-1]:
        axes.set_xlabel("Month")
    return figure


def ribbons(differences: pd.DataFrame, outcome: str) -> Figure:
    """Draw the paired difference by month, a panel a pair: the mean with its interval, and single worlds."""
    pairs = list(dict.fromkeys(zip(differences["one"], differences["other"], strict=True)))
    columns = min(3, len(pairs))
    rows = math.ceil(len(pairs) / columns)
    figure = sheet(
        9.6,
        1.6 + 2.7 * rows,
        "The difference, month by month, in the same world",
        f"{OUTCOMES[outcome].title}, points. Line and dark band: mean and its 95% interval. Light "
        "band: 8 of 10 worlds.",
    )
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    margins(figure, 0.8, 0.3, 1.25, 0.65, hspace=0.35, wspace=0.08)
    for place, axes in enumerate(panels.flat):
        if place >= len(pairs):
            axes.set_visible(False)
            continue
        one, other = pairs[place]
        line = differences[(differences["one"] == one) & (differences["other"] == other)]
        x = line["month"].to_numpy() + 1
        axes.fill_between(
            x,
            line["p10"].to_numpy() / POINT,
            line["p90"].to_numpy() / POINT,
            color=BLUE,
            alpha=0.15,
            linewidth=0,
        )
        low, high = line["low"].to_numpy() / POINT, line["high"].to_numpy() / POINT
        axes.fill_between(
            x,
            np.where(np.isfinite(low), low, np.nan),
            np.where(np.isfinite(high), high, np.nan),
            color=BLUE,
            alpha=0.4,
            linewidth=0,
        )
        axes.plot(x, line["estimate"].to_numpy() / POINT, color=BLUE)
        zero_line(axes)
        axes.set_title(f"{one} less {other}", fontsize=11.5)
        month_axis(axes, int(differences["month"].max()) + 1)
    for axes in panels[:, 0]:
        axes.set_ylabel("Difference (points)")
    for axes in panels[-1]:
        axes.set_xlabel("Month")
    return figure


def versions(models: pd.DataFrame, differences: pd.DataFrame, outcome: str) -> Figure:
    """Draw the difference under each plausible version of the model, sorted, a panel a pair.

    Parameters
    ----------
    models
        ``one``, ``other``, ``model``, ``estimate``, ``low``, ``high``.
    differences
        Those of the default model, drawn as a line.
    outcome
        Which.
    """
    pairs = list(dict.fromkeys(zip(models["one"], models["other"], strict=True)))
    columns = min(3, len(pairs))
    rows = math.ceil(len(pairs) / columns)
    figure = sheet(
        9.6,
        1.75 + 2.6 * rows,
        "Does it hold under other versions of the model?",
        f"{OUTCOMES[outcome].title}, points: the difference under each plausible version, sorted, with "
        "its 95% interval.\nFilled: clear of zero. Dashed line: the model as it is by default.",
    )
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
    margins(figure, 0.8, 0.3, 1.5, 0.6, hspace=0.4, wspace=0.08)
    for place, axes in enumerate(panels.flat):
        if place >= len(pairs):
            axes.set_visible(False)
            continue
        one, other = pairs[place]
        part = models[(models["one"] == one) & (models["other"] == other)].sort_values("estimate")
        usual = differences[
            (differences["one"] == one)
            & (differences["other"] == other)
            & (differences["outcome"] == outcome)
        ]["estimate"].iloc[0]
        for x, row in enumerate(part.to_dict("records")):
            clear = row["low"] > 0 or row["high"] < 0
            colour = (BLUE if row["estimate"] > 0 else VERMILION) if clear else GREY
            axes.plot([x, x], [row["low"] / POINT, row["high"] / POINT], color=PALE, linewidth=1.6, zorder=1)
            axes.plot(
                [x],
                [row["estimate"] / POINT],
                "o" if row["estimate"] > 0 else "s",
                color=colour,
                markersize=5,
                markerfacecolor=colour if clear else "white",
                zorder=2,
            )
        axes.axhline(usual / POINT, color=BLACK, linewidth=1.1, linestyle=(0, (5, 3)))
        zero_line(axes)
        axes.set_title(f"{one} less {other}", fontsize=11.5)
        axes.set_xticks([])
        axes.set_xlabel(f"{len(part)} plausible versions")
        axes.grid(axis="y")
    for axes in panels[:, 0]:
        axes.set_ylabel("Difference (points)")
    return figure
