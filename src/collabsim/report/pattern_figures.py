"""The figure of the scorecard: a panel a pattern, its curve or its statistics against its thresholds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from collabsim.report.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    PALE,
    SERIES,
    VERMILION,
    margins,
    mark_interval,
    sheet,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ACROSS = 3
BAND = "#dcebdf"
"""Where a statistic has to lie."""

AXES: dict[int, tuple[str, str]] = {
    1: ("Trust before the event", "Fall over rise"),
    2: ("Interactions since the last lapse", "Trust, less before"),
    3: ("Month", "As-if trust"),
    4: ("Age of the tie, months", "Mean trust"),
    7: ("Month", "Share without traction"),
    8: ("Month", "Advantage"),
    9: ("Month", "Promises kept, of start"),
    10: ("Trust", "Advantage"),
    11: ("Distance", "Advantage of a tie"),
}
"""What is along x and y where a pattern is shown as curves; the others are shown as their statistics."""

TITLES: dict[str, str] = {
    "never_traction": "never reach\ntraction", "luck_share": "share of\nluck", "gain_low": "gain where\nlow",
    "less_where_high": "less gain\nwhere high", "helps": "being seen\nhelps",
    "leader_pay": "leader's pay\nless follower's",
    "surplus": "all six less\nsum of each", "trust_first": "trust first less\ncourage first",
}  # fmt: skip


def scorecard(card: pd.DataFrame, statistics: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """Draw the scorecard.

    Parameters
    ----------
    card
        ``number``, ``name``, ``verdict``, ``used_for``.
    statistics
        ``number``, ``statistic``, ``estimate``, ``low``, ``high``, ``at_least``, ``at_most``, ``judged``,
        ``passes``, ``meaning``.
    curves
        ``number``, ``curve``, ``x``, ``y``.
    """
    down = -(-len(card) // ACROSS)
    width, height = 12.4, 1.5 + 3.2 * down
    held = int((card["verdict"] == "holds").sum())
    out = card[card["used_for"] == "held out"]
    held_out = int((out["verdict"] == "holds").sum())
    figure = sheet(
        width, height, f"{held} of {len(card)} patterns hold",
        f"{held_out} of {len(out)} that are held out from calibration, and {held - held_out} of "
        f"{len(card) - len(out)} that it looks at. Pale green: where a threshold wants a\n"
        "statistic or a curve. Bars are 95% intervals over worlds.",
    )  # fmt: skip
    for place, row in enumerate(card.to_dict("records")):
        axes = figure.add_subplot(down, ACROSS, place + 1)
        number = int(row["number"])
        holds = row["verdict"] == "holds"
        kind = "used for calibration" if row["used_for"] == "calibration" else "held out"
        axes.set_title(f"{number}  {row['name']}", fontsize=10.5, pad=21)
        verdict = f"{'holds' if holds else 'FAILS'}, {kind}"
        axes.text(0, 1.035, verdict, transform=axes.transAxes, fontsize=10.5, fontweight="bold", va="bottom",
                  color=GREEN if holds else VERMILION)  # fmt: skip
        axes.tick_params(labelsize=9.5)
        mine = statistics[(statistics["number"] == number) & (statistics["judged"] == 1)]
        lines = curves[curves["number"] == number]
        if number in AXES and len(lines):
            _curves(axes, number, lines, mine)
            _say_what_fails(axes, number, mine)
        else:
            _strips(axes, mine)
    margins(figure, 1.2, 0.25, 1.75, 0.65, hspace=0.72, wspace=0.42)
    return figure


def _curves(axes: Axes, number: int, lines: pd.DataFrame, mine: pd.DataFrame) -> None:
    names = list(dict.fromkeys(lines["curve"]))
    for name, (colour, mark) in zip(names, SERIES, strict=False):
        part = lines[lines["curve"] == name]
        x, y = part["x"].tolist(), part["y"].tolist()
        if number == 10:
            axes.plot(x, y, ".", color=colour, markersize=3, alpha=0.5, label=name)
        elif number == 7:
            axes.step(x, y, where="post", color=colour, label=name)
        else:
            axes.plot(x, y, color=colour, marker=mark if len(x) <= 13 else "", markersize=5, label=name)
    axes.set_xlabel(AXES[number][0], fontsize=10)
    axes.set_ylabel(AXES[number][1], fontsize=10)
    axes.margins(y=0.08)
    if len(names) > 1:
        axes.legend(fontsize=9, frameon=False, handlelength=1.4, borderaxespad=0.1)
    _bands(axes, number)
    for shown in mine.to_dict("records")[: 1 if number in (4, 10) else 0]:
        found = f"r = {shown['estimate']:.2f} ({shown['low']:.2f} to {shown['high']:.2f})"
        text = f"{found}\nwanted: {shown['at_least']:g} to {shown['at_most']:g}"
        rises = shown["estimate"] > 0  # then there is room below, on the right
        axes.text(0.98, 0.05 if rises else 0.96, text, transform=axes.transAxes, fontsize=9.5, ha="right",
                  va="bottom" if rises else "top", color=BLACK,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.8})  # fmt: skip


def _say_what_fails(axes: Axes, number: int, mine: pd.DataFrame) -> None:
    """Write what fails below a curve, where it is not what the curve shows."""
    failing = mine[mine["passes"] == "no"].to_dict("records") if number not in (4, 10) else []
    for place, row in enumerate(failing):
        beyond = math.isinf(row["estimate"])
        text = f"{row['meaning']}: {'beyond the run' if beyond else format(row['estimate'], '.2g')}"
        if math.isfinite(row["low"]) and math.isfinite(row["high"]):
            text += f"\n({row['low']:.2g} to {row['high']:.2g})"
        y = -0.26 - 0.2 * place
        axes.text(0, y, text, transform=axes.transAxes, fontsize=9.5, color=VERMILION, va="top")


def _bands(axes: Axes, number: int) -> None:
    """Draw where a curve has to pass, for the patterns whose threshold can be drawn so."""
    low, high = axes.get_ylim()
    if number == 1:
        axes.axhspan(1.1, max(high, 1.2), color=BAND, zorder=0)
        axes.axvline(0.5, color=PALE, linewidth=1, zorder=0.5)
        axes.set_yscale("log", base=2)
        axes.set_yticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
        axes.minorticks_off()
    elif number == 2:
        axes.axhline(0, color=GREY, linewidth=1, zorder=0.5)
        axes.axvline(24, color=PALE, linewidth=1, zorder=0.5)
        axes.set_xticks([0, 6, 12, 18, 24])
    elif number == 7:
        axes.fill_between([36, 60], 0, 1.0, color=BAND, zorder=0, linewidth=0)
        axes.axhline(0.5, color=GREY, linewidth=1, zorder=0.5)
        axes.set_ylim(0, 1.02)
        axes.set_xticks([0, 36, 60, 90, 120])
    elif number == 8:
        axes.axvspan(6, 42, color="#f0f0f0", zorder=0)
        axes.set_xticks([6, 24, 42, 60, 72])
    elif number == 9:
        axes.axhspan(0.9, max(high, 1.0), color=BAND, zorder=0)
        axes.axhspan(min(low, 0.4), 0.6, color=BAND, zorder=0)
        axes.set_xticks([0, 12, 24, 36, 48, 60, 72])
    elif number == 4:
        axes.set_xticks([0, 12, 24, 36, 48, 60, 72])


def _strips(axes: Axes, mine: pd.DataFrame) -> None:
    """Draw each statistic as a mark with its interval, on the scale of its own threshold."""
    rows: list[dict[Any, Any]] = mine.to_dict("records")
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    names = [TITLES.get(row["statistic"], row["statistic"].replace("_", " ")) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=9.5)
    axes.tick_params(length=0)
    for y, row in enumerate(rows):
        ends = [row[name] for name in ("low", "high", "at_least", "at_most") if math.isfinite(row[name])]
        if not ends:
            continue
        least, most = min([0.0, *ends]), max([0.0, *ends])
        span = (most - least) or 1.0
        least, most = least - 0.25 * span, most + 0.25 * span

        def along(value: float, least: float = least, most: float = most) -> float:
            return min(1.0, max(0.0, (value - least) / (most - least)))

        first = along(row["at_least"]) if math.isfinite(row["at_least"]) else 0.0
        last = along(row["at_most"]) if math.isfinite(row["at_most"]) else 1.0
        axes.fill_between([first, last], y - 0.3, y + 0.3, color=BAND, zorder=0, linewidth=0)
        at = along(row["estimate"])
        mark_interval(axes, at, y, along(row["low"]), along(row["high"]), BLUE, "o", size=6)
        axes.text(at, y - 0.17, f"{row['estimate']:.3g}", fontsize=9.5, ha="center", va="bottom")
        for end in (row["at_least"], row["at_most"]):
            if math.isfinite(end):
                axes.text(along(end), y + 0.32, f"{end:g}", fontsize=9, color=GREY, ha="center", va="top")
