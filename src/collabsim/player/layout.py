"""Where organisations stand on the page: on a ring, sector by sector, each with room for its name.

Computed once from who is in the partnership and nothing else, so that the picture stays put whatever
happens, in every run and world.
"""

from __future__ import annotations

from collections.abc import Sequence

ROUNDNESS = 2.6
"""Exponent of the ring: 2 is a circle; more keeps those at its top and bottom further apart."""

WIDEST_LINE = 0.15
"""Half the height of a line at most, so that a few organisations stand near each other."""


def ring(sectors: Sequence[int]) -> tuple[list[tuple[float, float]], list[tuple[int, float, float]]]:
    """Lay organisations out on a ring, clockwise from the top, those of a sector together.

    Names stand beside the ring in two columns, a line each; so does the name of each sector, above its
    organisations. Hence lines are equally far apart, and no two names can overlap.

    Parameters
    ----------
    sectors
        Each organisation's sector, by number.

    Returns
    -------
    places
        x and y of each organisation, -1 to 1, y downwards.
    headings
        Sector, x and y of each place where the name of a sector stands; a sector that goes on in the other
        column is named there again.
    """
    order = sorted(range(len(sectors)), key=lambda row: (sectors[row], row))
    cut = min(range(len(order) + 1), key=lambda cut: _longer(order, cut, sectors))
    places: list[tuple[float, float]] = [(0.0, 0.0)] * len(sectors)
    headings: list[tuple[int, float, float]] = []
    for column, side in ((order[:cut], 1.0), (order[cut:][::-1], -1.0)):
        lines = _headed(column, sectors)
        for line, (row, sector) in enumerate(lines):
            y = (2.0 * line + 1.0 - len(lines)) * min(1.0 / len(lines), WIDEST_LINE)
            x = side * (1.0 - abs(y) ** ROUNDNESS) ** (1.0 / ROUNDNESS)
            if row is None:
                headings.append((int(sector), round(x, 4), round(y, 4)))
            else:
                places[row] = (round(x, 4), round(y, 4))
    return places, headings


def _longer(order: Sequence[int], cut: int, sectors: Sequence[int]) -> int:
    """Return the lines of the longer column, where the order is cut in two there."""
    return max(len(_headed(column, sectors)) for column in (order[:cut], order[cut:]))


def _headed(column: Sequence[int], sectors: Sequence[int]) -> list[tuple[int | None, int]]:
    """Return row and sector of each line: above the first of each sector, a line for the sector's name."""
    lines: list[tuple[int | None, int]] = []
    for row in column:
        if not lines or lines[-1][1] != sectors[row]:
            lines.append((None, sectors[row]))
        lines.append((row, sectors[row]))
    return lines
