"""The figures of the sensitivity to parameters: who moves what, and who explains what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from collabsim.report.style import (
    BLUE,
    GREY,
    PALE,
    POINT,
    VERMILION,
    margins,
    mark_interval,
    sheet,
    zero_line,
)  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

PANELS = {"baseline": "Without a programme", "effect": "What the full programme adds"}
SHOWN = 14
"""Parameters that the screening shows for each output."""


def screened(screening: pd.DataFrame, noise: pd.DataFrame, worlds: int) -> Figure:
    """Draw Morris' measures of both outputs, the largest first.

    Parameters
    ----------
    screening
        ``output``, ``factor``, ``mu_star``, ``mu_star_half``, ``sigma``.
    noise
        ``design``, ``output``, ``source``, ``share``.
    worlds
        Over which every point is averaged.
    """
    figure = sheet(
        11.5, 7.4, "Which parameters matter at all",
        f"Morris screening of all {screening['factor'].nunique()} parameters, the {SHOWN} largest shown; "
        f"mean over {worlds} worlds.\nDot: mean size of the parameter's effects over its range, μ*, with 95% "
        "interval. Cross: their spread, σ\n(curvature and interplay). Luck in the points' means: "
        + _luck(noise, "morris"),
    )  # fmt: skip
    panels = figure.subplots(1, 2)
    margins(figure, 2.0, 0.35, 1.75, 0.72, wspace=0.62)
    for axes, (name, title) in zip(panels, PANELS.items(), strict=True):
        mine = screening[screening["output"] == name].sort_values("mu_star", ascending=False, kind="stable")
        mine = mine.head(SHOWN)
        for y, row in enumerate(mine.to_dict("records")):
            low, high = row["mu_star"] - row["mu_star_half"], row["mu_star"] + row["mu_star_half"]
            mark_interval(axes, row["mu_star"] / POINT, y, low / POINT, high / POINT, BLUE, "o", size=6.5)
            axes.plot([row["sigma"] / POINT], [y], "x", color=VERMILION, markersize=6.5, markeredgewidth=1.6)
        _panel(axes, title, mine["factor"].tolist(), "Points of collaborative advantage")
        axes.set_xlim(left=0)
    return figure


def explained(indices: pd.DataFrame, noise: pd.DataFrame, worlds: int) -> Figure:
    """Draw Sobol indices of both outputs.

    Parameters
    ----------
    indices
        ``output``, ``factor``, ``first``, ``first_half``, ``total``, ``total_half``.
    noise, worlds
        As for :func:`screened`.
    """
    count = indices["factor"].nunique()
    figure = sheet(
        11.5, 2.75 + 0.52 * count, "Which parameters explain the differences",
        f"Sobol indices of the {count} leading parameters over their ranges, mean over {worlds} worlds, with "
        "95% intervals.\nFirst-order: the variance that goes when the parameter is known. Total: what stays "
        "while only\nit is unknown. Grey, luck that belongs to no parameter: " + _luck(noise, "sobol"),
    )  # fmt: skip
    panels = figure.subplots(1, 2)
    margins(figure, 2.0, 0.35, 1.85, 0.72, wspace=0.62)
    left = noise[(noise["design"] == "sobol") & (noise["source"] == "left")].set_index("output")["share"]
    for axes, (name, title) in zip(panels, PANELS.items(), strict=True):
        mine = indices[indices["output"] == name].sort_values("total", ascending=False, kind="stable")
        axes.axvspan(0, float(left[name]), color=PALE, alpha=0.5, linewidth=0, zorder=0)
        for y, row in enumerate(mine.to_dict("records")):
            for step, (which, colour, mark) in enumerate((("first", BLUE, "o"), ("total", VERMILION, "s"))):
                value, half, at = row[which], row[f"{which}_half"], y - 0.16 + 0.32 * step
                axes.barh(at, max(0.0, value), height=0.28, color=colour, alpha=0.22, linewidth=0)
                mark_interval(axes, value, at, value - half, value + half, colour, mark, size=5.5)
        _panel(axes, title, mine["factor"].tolist(), "Share of variance")
        zero_line(axes, vertical=True)
    last = panels[0]
    for y, (name, colour) in enumerate((("● first-order", BLUE), ("■ total", VERMILION))):
        last.text(0.98, 0.03 + 0.07 * (1 - y), name, color=colour, transform=last.transAxes, ha="right",
                  fontweight="bold")  # fmt: skip
    return figure


def _panel(axes: Axes, title: str, names: list[str], label: str) -> None:
    axes.set_title(title, loc="left", pad=8)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=10)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.spines["left"].set_color(GREY)
    axes.grid(axis="x")
    axes.set_xlabel(label)


def _luck(noise: pd.DataFrame, design: str) -> str:
    """Say how much of the variance of the means is luck."""
    mine = noise[(noise["design"] == design) & (noise["source"] == "left")].set_index("output")["share"]
    return f"{mine['baseline']:.0%} (left), {mine['effect']:.0%} (right)."
