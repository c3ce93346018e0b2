"""Figures of the benchmarks: how fast the same work is in different hands, and how it grows with size."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from collabsim.report.style import BLACK, BLUE, FAINT, GREY, PALE, VERMILION, margins, sheet


def side_by_side(frame: Any) -> Figure:
    """Draw runs per second of each contender as bars on a logarithmic axis.

    Parameters
    ----------
    frame
        Columns ``contender``, ``title``, ``runs_per_second`` and ``times_idiomatic_mesa``.
    """
    figure = sheet(
        9.0, 1.75 + 0.46 * len(frame), "The same work in different hands",
        "scottish-partnership, 24 organisations, 276 pairs, 72 months; medians of interleaved rounds.\n"
        "Beside each bar: runs per second, and how many times idiomatic Mesa.",
    )  # fmt: skip
    axes = figure.subplots()
    margins(figure, 3.0, 1.55, 1.2, 0.55)
    frame = frame.sort_values("runs_per_second", ascending=False)
    in_c = frame["contender"].str.startswith("c_")
    frame = frame[~in_c | (in_c.cumsum() == 1)].reset_index(drop=True)  # of two, the faster
    for place, row in frame.iterrows():
        ours = str(row["contender"]).startswith(("ensemble", "our"))
        speed = float(row["runs_per_second"])
        axes.barh(place, speed, height=0.66, color=BLUE if ours else PALE)
        times = row["times_idiomatic_mesa"]
        label = f"{speed:,.3g}" if speed < 100 else f"{speed:,.0f}"
        axes.annotate(
            f"{label}   ×{times:,.{0 if times >= 10 else 1}f}", (speed, place), (5, 0),
            textcoords="offset points", va="center", color=BLACK, annotation_clip=False,
        )  # fmt: skip
    axes.set_yticks(range(len(frame)), frame["title"])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(left=10 ** (int(f"{frame['runs_per_second'].min():e}".split("e")[1]) - 0.3))
    axes.set_xlabel("runs per second (each step of the axis is ten times)")
    axes.grid(True, axis="x")
    axes.tick_params(axis="y", length=0)
    return figure


LINES = (
    ("ns_per_tie_month_measured", "a month that is measured", 0.6),
    ("ns_per_tie_month", "60 months and the start", 1.0),
    ("ns_per_tie_month_unmeasured", "a month that is not measured", 0.3),
)
"""Column, what it is called, and how strongly it is drawn."""


def scale(frame: Any) -> Figure:
    """Draw time per tie-month, and memory, over the number of organisations.

    Parameters
    ----------
    frame
        Columns ``organisations``, ``ties``, ``engine``, ``bytes_per_tie`` and those of :data:`LINES`.
    """
    figure = sheet(
        9.0, 4.7, "From a hundred to a million organisations",
        "Random networks of six ties an organisation. Level lines mean growth in step with the ties.\n"
        "Blue circles: the ensemble; red diamond: the Mesa model, outcomes only.",
    )  # fmt: skip
    left, right = figure.subplots(1, 2)
    margins(figure, 0.85, 0.25, 1.4, 0.6, wspace=0.28)
    ours = frame[frame["engine"] == "ensemble"].sort_values("organisations")
    mesa = frame[frame["engine"] == "mesa"]
    frame = frame[frame["engine"] != "mesa_rows"]  # with all its rows it is of another order
    for column, name, strength in LINES:
        left.plot(ours["organisations"], ours[column], color=BLUE, alpha=strength, marker="o", label=name,
                  markersize=7 if strength == 1.0 else 4)  # fmt: skip
    left.plot(mesa["organisations"], mesa["ns_per_tie_month"], color=VERMILION, marker="D", markersize=7)
    right.plot(ours["organisations"], ours["bytes_per_tie"], color=BLUE, marker="o", markersize=7)
    right.plot(mesa["organisations"], mesa["bytes_per_tie"], color=VERMILION, marker="D", markersize=7)
    left.legend(loc="upper left", frameon=False, labelcolor=GREY)
    tops = (
        (left, "Nanoseconds a tie-month", max(frame[column].max() for column, _, _ in LINES)),
        (right, "Bytes a tie", frame["bytes_per_tie"].max()),
    )
    for axes, title, top in tops:
        axes.set_xscale("log")
        axes.set_ylim(0, 1.4 * top)
        axes.set_title(title)
        axes.set_xlabel("organisations", color=GREY)
        axes.grid(True, axis="y", color=FAINT)
    return figure
