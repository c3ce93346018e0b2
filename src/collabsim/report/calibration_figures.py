"""The figures of the calibration: the passing set within its ranges, and where patterns pull apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from collabsim.report.style import BLACK, BLUE, GREY, PALE, VERMILION, margins, sheet

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BAND = "#dcebdf"
"""Where a statistic has to lie."""

BEYOND = 78.0
"""Where a median beyond the 72 months watched is drawn."""


def passing_set(passing: pd.DataFrame, centre: pd.DataFrame) -> Figure:
    """Draw each parameter as a strip from one end of its range to the other, with the sets that pass.

    Parameters
    ----------
    passing
        A row a set, a column a parameter.
    centre
        ``parameter``, ``value``, ``low``, ``high``, ``passing_10``, ``passing_90``.
    """
    rows: list[dict[Any, Any]] = centre.to_dict("records")
    height = 1.75 + 0.34 * len(rows)
    figure = sheet(
        10.4, height, "What passes leaves most ranges open",
        f"{len(passing)} sets of parameters that meet patterns 4, 5, 7, 9 and 10, each a tick on every "
        "strip, from one end of the range\nto the other. Bars hold the middle 80% of the sets; diamonds are "
        "the central set.",
    )  # fmt: skip
    axes = figure.add_subplot()
    margins(figure, 2.45, 1.15, 1.2, 0.3)
    for y, row in enumerate(rows):
        span = row["high"] - row["low"]
        x = (passing[row["parameter"]].to_numpy() - row["low"]) / span
        axes.fill_between([0, 1], y - 0.32, y + 0.32, color="#f1f1f1", linewidth=0, zorder=0)
        axes.vlines(x, y - 0.27, y + 0.27, color=BLUE, linewidth=0.6, alpha=min(1.0, 60 / len(x)), zorder=1)
        ends = [(row[name] - row["low"]) / span for name in ("passing_10", "passing_90")]
        axes.plot(ends, [y, y], color=BLACK, linewidth=2, zorder=2)
        axes.plot([(row["value"] - row["low"]) / span], [y], "D", color=VERMILION, markersize=7.5, zorder=3,
                  markeredgecolor="white", markeredgewidth=0.9)  # fmt: skip
        axes.text(-0.008, y, f"{row['low']:g}", ha="right", va="center", fontsize=9.5, color=GREY)
        axes.text(1.008, y, f"{row['high']:g}", ha="left", va="center", fontsize=9.5, color=GREY)
        axes.text(1.135, y, f"{row['value']:g}", ha="right", va="center", fontsize=10, color=VERMILION)
    axes.text(1.135, -0.85, "central", ha="right", va="center", fontsize=10, color=VERMILION)
    names = [row["parameter"].replace("_", " ") for row in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.tick_params(axis="y", length=0, pad=34, labelsize=10.5)
    axes.set_xticks([])
    axes.set_xlim(0, 1)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    return figure


def tensions(wholly: pd.DataFrame, points: pd.DataFrame, pairs: pd.DataFrame) -> Figure:
    """Draw how often patterns hold, alone and two at once, and the statistics that pull apart.

    Parameters
    ----------
    wholly
        Points scored on all patterns: ``never_traction``, ``median_months``, ``age_and_trust``.
    points
        The same of all points, with ``passes``.
    pairs
        ``one``, ``other``, ``one_holds``, ``other_holds``, ``both``, ``if_independent``.
    """
    figure = sheet(
        12.8, 5.3, "Patterns 5 and 7 leave a narrow band of inertia",
        f"Left: share of {len(wholly)} points spread over the whole space under which two patterns hold at "
        "once (on the diagonal, one), and in\nbrackets what it would be if they had nothing in common. "
        "Right: grey, the same points; blue, all that pass in 50 worlds; green, where they must lie.",
    )  # fmt: skip
    panels = figure.subplots(1, 3, width_ratios=[1.15, 1, 1])
    margins(figure, 1.25, 0.3, 1.45, 0.8, wspace=0.36)
    _matrix(panels[0], pairs)
    passing = points[points["passes"] == "yes"]
    _scatter(panels[1], wholly, passing, "never_traction", "median_months", (0.25, 0.70), (36.0, 60.0))
    panels[1].set(xlabel="Share that never reach traction", ylabel="Median months to traction", ylim=(0, 84))
    months = [0, 12, 24, 36, 48, 60, 72]
    panels[1].set_yticks([*months, BEYOND], [*map(str, months), "later"])
    panels[1].set_title("5 and 7", pad=8)
    _scatter(panels[2], wholly, passing, "never_traction", "age_and_trust", (0.25, 0.70), (0.0, 0.3))
    panels[2].set(xlabel="Share that never reach traction", ylabel="r of a tie's age and trust")
    panels[2].set_title("5 and 4", pad=8)
    return figure


def _scatter(
    axes: Axes, wholly: pd.DataFrame, passing: pd.DataFrame, x: str, y: str, wide: tuple[float, float],
    high: tuple[float, float],
) -> None:  # fmt: skip
    axes.fill_between(wide, *high, color=BAND, zorder=0, linewidth=0)
    for frame, colour, size in ((wholly, PALE, 11), (passing, BLUE, 13)):
        level = np.where(np.isfinite(frame[y]), frame[y], BEYOND)
        axes.scatter(frame[x], level, s=size, color=colour, zorder=2, linewidth=0)
    axes.set_xlim(-0.03, 1.03)


def _matrix(axes: Axes, pairs: pd.DataFrame) -> None:
    numbers = sorted(set(pairs["one"]) | set(pairs["other"]))
    place = {number: k for k, number in enumerate(numbers)}
    share = np.full((len(numbers), len(numbers)), np.nan)
    said: dict[tuple[int, int], str] = {}
    for row in pairs.to_dict("records"):
        a, b = place[row["one"]], place[row["other"]]
        share[b, a] = row["both"]
        said[(b, a)] = f"{row['both']:.0%}\n({row['if_independent']:.0%})"
        for k, name in ((a, "one_holds"), (b, "other_holds")):
            share[k, k] = row[name]
            said[(k, k)] = f"{row[name]:.0%}"
    axes.imshow(np.ma.masked_invalid(share), cmap="Blues", vmin=0, vmax=1.3, aspect="auto")
    for (b, a), text in said.items():
        colour = BLACK if share[b, a] < 0.75 else "white"
        axes.text(a, b, text, ha="center", va="center", fontsize=10, color=colour)
    names = {4: "4 age", 5: "5 inertia", 7: "7 years", 9: "9 promises", 10: "10 trust"}
    axes.set_yticks(range(len(numbers)), [names.get(number, str(number)) for number in numbers])
    axes.set_xticks(range(len(numbers)), [str(number) for number in numbers])
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_title("Shares that hold", pad=8)
