"""The pictures of a comparison that are not lines: who gains, when what runs, and the network."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from collabsim.practices import MOVERS, TREATMENTS
from collabsim.report.compare.figures import LETTERS, colour_of, month_axis, safe
from collabsim.report.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    POINT,
    SERIES,
    VERMILION,
    margins,
    mark_interval,
    sheet,
    zero_line,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def who(sectors: pd.DataFrame) -> Figure:
    """Draw who gains and who loses, a panel a pair, a row a sector."""
    pairs = list(dict.fromkeys(zip(sectors["one"], sectors["other"], strict=True)))
    names = list(dict.fromkeys(sectors["sector"]))
    columns = min(3, len(pairs))
    rows = math.ceil(len(pairs) / columns)
    figure = sheet(
        9.6,
        1.5 + rows * (0.65 + 0.34 * len(names)),
        "Who gains, who loses",
        "Net benefit of an organisation, in points of what was possible for one: mean difference with "
        "95% interval.\nFilled: told apart from nothing.",
    )
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    margins(figure, 1.75, 0.3, 1.4, 0.6, hspace=0.4, wspace=0.08)
    for place, axes in enumerate(panels.flat):
        if place >= len(pairs):
            axes.set_visible(False)
            continue
        one, other = pairs[place]
        part = sectors[(sectors["one"] == one) & (sectors["other"] == other)]
        for row in part.to_dict("records"):
            y, told = names.index(row["sector"]), bool(row["told_apart"])
            colour = (BLUE if row["estimate"] > 0 else VERMILION) if told else GREY
            mark_interval(
                axes,
                row["estimate"] / POINT,
                y,
                row["low"] / POINT,
                row["high"] / POINT,
                colour,
                "o" if row["estimate"] > 0 else "s",
                filled=told,
            )
        zero_line(axes, vertical=True)
        axes.set_title(f"{one} less {other}", fontsize=11.5)
        axes.set_yticks(range(len(names)), [safe(str(name)) for name in names])
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color=FAINT)
    for axes in panels[-1]:
        axes.set_xlabel("Points")
    return figure


def timeline(lines: Sequence[dict[str, Any]], months: int, titles: Sequence[str]) -> Figure:
    """Draw when practices and shocks run under each scenario.

    Parameters
    ----------
    lines
        ``scenario`` (a letter), ``mover``, ``from_month``, ``to_month``, ``strength``, ``who`` (words, empty
        for everyone).
    months
        How long a run is.
    titles
        The scenarios' titles, in order.
    """
    order = [*TREATMENTS, *(name for name in MOVERS if name not in TREATMENTS)]
    rows: list[tuple[str, str]] = []
    for letter, _ in zip(LETTERS, titles, strict=False):
        mine = {line["mover"] for line in lines if line["scenario"] == letter}
        rows += [(letter, name) for name in order if name in mine] or [(letter, "")]
    figure = sheet(
        9.6,
        1.5 + 0.27 * (len(rows) + len(titles)),
        "When what runs",
        "Bars: months in which a practice (solid) or a shock (hatched) runs; paler where it is weaker.",
    )
    axes = figure.subplots()
    margins(figure, 2.75, 0.3, 0.85, 0.6)
    labels, y, before = [], 0.0, ""
    for letter, name in rows:
        if letter != before:
            y += 0.35 if before else 0.0
            axes.text(
                -0.395,
                y,
                letter,
                transform=axes.get_yaxis_transform(),
                ha="left",
                va="center",
                fontsize=12,
                fontweight="bold",
                color=colour_of(letter)[0],
            )
            before = letter
        labels.append((y, MOVERS[name].title if name else "no programme, no shock"))
        for line in lines:
            if (line["scenario"], line["mover"]) == (letter, name):
                _bar(axes, line, y, months, colour_of(letter)[0])
        y += 1.0
    axes.set_yticks([at for at, _ in labels], [text for _, text in labels], fontsize=10)
    axes.set_ylim(y - 0.3, -0.7)
    axes.tick_params(axis="y", length=0)
    month_axis(axes, months)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", color=FAINT)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Month")
    return figure


def _bar(axes: Axes, line: dict[str, Any], y: float, months: int, colour: str) -> None:
    first, last = line["from_month"], min(line["to_month"], months)
    if last <= first or line["strength"] <= 0:
        return
    shock = line["mover"] not in TREATMENTS
    axes.barh(
        [y],
        [last - first],
        left=first,
        height=0.66,
        color="white" if shock else colour,
        alpha=1.0 if shock else 0.35 + 0.65 * line["strength"],
        edgecolor=GREY if shock else colour,
        hatch="////" if shock else None,
        linewidth=0.8,
    )
    if line["who"]:
        axes.text(
            first + 0.4,
            y,
            textwrap.shorten(safe(line["who"]), 44, placeholder=" ..."),
            va="center",
            fontsize=8.5,
            color=BLACK if shock else "white",
        )


def networks(
    network: pd.DataFrame, sectors: Sequence[str], connected: float, titles: Sequence[str]
) -> Figure:
    """Draw who works with whom in one typical world, before and after.

    Parameters
    ----------
    network
        ``scenario``, ``lower``, ``higher``, ``trust``, ``contact``.
    sectors
        Each organisation's sector.
    connected
        The contact from which a tie is drawn.
    titles
        The scenarios' titles, in order.
    """
    shown = list(dict.fromkeys(network["scenario"]))
    columns = min(3, len(shown))
    rows = math.ceil(len(shown) / columns)
    figure = sheet(
        9.6,
        1.35 + 3.15 * rows,
        "Who works with whom, before and after",
        "One typical world. A line: two organisations in regular contact; the thicker and darker, the "
        "more they trust each other.",
    )
    panels = figure.subplots(rows, columns, squeeze=False)
    margins(figure, 0.15, 0.15, 1.1, 0.35, hspace=0.16, wspace=0.02)
    order = sorted(range(len(sectors)), key=lambda row: (sectors[row], row))
    angle = {row: 2 * math.pi * place / len(order) for place, row in enumerate(order)}
    kinds = list(dict.fromkeys(sectors[row] for row in order))
    for place, axes in enumerate(panels.flat):
        axes.set_axis_off()
        if place >= len(shown):
            continue
        letter = str(shown[place])
        named = "At the start" if letter == "start" else f"{letter}  {safe(titles[LETTERS.index(letter)])}"
        axes.set_title(textwrap.shorten(named, 36, placeholder=" ..."), fontsize=11, loc="center")
        for tie in network[network["scenario"] == letter].to_dict("records"):
            if tie["contact"] >= connected:
                ends = [angle[tie["lower"]], angle[tie["higher"]]]
                axes.plot(
                    np.sin(ends),
                    np.cos(ends),
                    color=BLACK,
                    zorder=1,
                    linewidth=0.2 + 1.2 * tie["trust"],
                    alpha=0.05 + 0.45 * tie["trust"] ** 2,
                )
        for row in order:
            colour, mark = SERIES[kinds.index(sectors[row]) % len(SERIES)]
            axes.plot(
                [math.sin(angle[row])],
                [math.cos(angle[row])],
                mark,
                color=colour,
                markersize=8,
                markeredgecolor="white",
                zorder=2,
            )
        axes.set_aspect("equal")
        axes.set_xlim(-1.15, 1.15)
        axes.set_ylim(-1.15, 1.15)
    for k, kind in enumerate(kinds):
        colour, mark = SERIES[k % len(SERIES)]
        x = (k + 0.5) / len(kinds)
        figure.text(
            x,
            0.16 / figure.get_size_inches()[1],
            safe(kind),
            ha="center",
            va="center",
            color=colour,
            fontsize=10,
            fontweight="bold",
        )
    return figure
