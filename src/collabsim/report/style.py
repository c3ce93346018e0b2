"""How figures look: one restrained style, colours that the colour-blind tell apart, marks that survive grey.

Figures are made without pyplot, so that nothing depends on a display or on what was drawn before, and
saved without dates, versions or random ids, so that the same figure is the same file.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from collabsim.practices import PRACTICES

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#1a1a1a", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
"""The colours of Okabe and Ito (2008), which stay distinct under every common colour blindness."""

GREY, PALE, FAINT = "#555555", "#bbbbbb", "#e6e6e6"

SERIES = (
    (BLUE, "o"), (VERMILION, "s"), (GREEN, "^"), (PURPLE, "D"), (ORANGE, "v"), (BLACK, "P"), (SKY, "X"),
    ("#7a6a00", "*"),
)  # fmt: skip
"""Colour and mark of each of several series."""

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 11.5,
    "axes.labelsize": 11.5,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.9,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": BLACK,
    "ytick.labelcolor": BLACK,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "butt",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "collabsim",
    "svg.fonttype": "path",
    "path.simplify": True,
}

DPI = 200
POINT = 0.01
"""One point of collaborative advantage."""

POINTS = "points of collaborative advantage"


def drawn(draw: Callable[..., Figure], *arguments: Any, **options: Any) -> tuple[bytes, bytes]:
    """Draw a figure in the house style.

    Parameters
    ----------
    draw
        Returns a figure.
    *arguments, **options
        What it is given.

    Returns
    -------
    tuple of bytes
        The figure as PNG and as SVG, the same bytes for the same figure and the same Matplotlib.
    """
    with _in_style():
        figure = draw(*arguments, **options)
        return _saved(figure, "png"), _saved(figure, "svg")


KINDS: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
}
"""The forms a figure is saved in, each without what varies."""


def drawn_as(kind: str, draw: Callable[..., Figure], *arguments: Any, **options: Any) -> bytes:
    """Draw a figure as :func:`drawn` does, in one of :data:`KINDS` only."""
    with _in_style():
        return _saved(draw(*arguments, **options), kind)


@contextmanager
def _in_style() -> Iterator[None]:
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own settings are not part of the figure
        cast(Any, mpl.rcParams).update(STYLE)
        yield


def _saved(figure: Figure, kind: str) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format=kind, dpi=DPI, metadata=KINDS[kind])
    return file.getvalue()


def sheet(width: float, height: float, title: str, subtitle: str = "") -> Figure:
    """Make a figure with its title, and below it what the reader should know, at the top left.

    Parameters
    ----------
    width, height
        In inches.
    title, subtitle
        The subtitle may have several lines.
    """
    figure = Figure(figsize=(width, height))
    figure.text(0.16 / width, 1 - 0.14 / height, title, ha="left", va="top", fontsize=15, fontweight="bold",
                color=BLACK)  # fmt: skip
    if subtitle:
        figure.text(0.16 / width, 1 - 0.50 / height, subtitle, ha="left", va="top", fontsize=11, color=GREY,
                    linespacing=1.35)  # fmt: skip
    return figure


def margins(figure: Figure, left: float, right: float, top: float, bottom: float, **gaps: float) -> None:
    """Set the margins round the panels, in inches."""
    width, height = figure.get_size_inches()
    figure.subplots_adjust(
        left=left / width, right=1 - right / width, top=1 - top / height, bottom=bottom / height, **gaps
    )


def practice_title(name: str, width: int = 20) -> str:
    """Return a practice's title in lines of at most ``width`` letters."""
    title = PRACTICES[name].title if name in PRACTICES else name.replace("_", " ")
    return textwrap.fill(title, width)


def zero_line(axes: Axes, *, vertical: bool = False) -> None:
    """Draw the line at zero, behind everything."""
    draw = axes.axvline if vertical else axes.axhline
    draw(0.0, color=GREY, linewidth=1.0, zorder=0.5)


def mark_interval(
    axes: Axes, x: float, y: float, low: float, high: float, colour: str, mark: str, *, size: float = 8,
    filled: bool = True,
) -> None:  # fmt: skip
    """Draw an estimate with its interval lying along x."""
    axes.plot([low, high], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt", zorder=2)
    axes.plot([x], [y], mark, color=colour, markersize=size, markeredgewidth=1.6, zorder=3,
              markerfacecolor=colour if filled else "white")  # fmt: skip


def spread_out(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart, as little as may be, until they are ``gap`` from each other.

    Parameters
    ----------
    wanted
        Where each would stand.
    gap
        The least distance.
    low, high
        The room there is.

    Returns
    -------
    list of float
        Where each stands, in the order of ``wanted``.
    """
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    blocks: list[tuple[float, list[int]]] = []  # centre and members, merged while they overlap
    for k in order:
        centre, members = wanted[k], [k]
        while blocks and centre - gap * (len(members) - 1) / 2 < (
            blocks[-1][0] + gap * (len(blocks[-1][1]) - 1) / 2 + gap
        ):
            members = blocks.pop()[1] + members
            centre = sum(wanted[m] for m in members) / len(members)
        half = gap * (len(members) - 1) / 2
        centre = min(max(centre, low + half), high - half) if high - low >= 2 * half else (low + high) / 2
        blocks.append((centre, members))
    placed = [0.0] * len(wanted)
    for centre, members in blocks:
        for step, k in enumerate(members):
            placed[k] = centre + gap * (step - (len(members) - 1) / 2)
    return placed
