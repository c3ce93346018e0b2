"""Kinds of organisation, and how those start of which only the kind and the size are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from collabsim.state import GIVEN, START_DTYPE

Records = npt.NDArray[np.void]
"""An array of records, shape (organisations,) or (ties,)."""


@dataclass(frozen=True, slots=True)
class Sector:
    """A kind of organisation, and what those of its kind have in common.

    Attributes
    ----------
    name
        The name in files and options.
    title
        The name in running text.
    perspective
        Centre of its organisations' perspectives, 0 to 1 on each of two axes.
    mandate
        Mean of its organisations' mandates, 0 to 1.
    statutory
        Whether the law puts its organisations into the partnership.
    """

    name: str
    title: str
    perspective: tuple[float, float]
    mandate: float
    statutory: bool


SECTORS: dict[str, Sector] = {
    sector.name: sector
    for sector in (
        Sector("NHS", "NHS", (0.20, 0.30), 0.25, True),
        Sector("council", "Council", (0.75, 0.20), 0.50, True),
        Sector("integration body", "Integration body", (0.50, 0.35), 0.50, True),
        Sector("third sector", "Third sector", (0.50, 0.85), 0.75, False),
        Sector("independent", "Independent providers", (0.85, 0.60), 0.60, False),
        Sector("housing", "Housing", (0.70, 0.55), 0.55, False),
    )
}
"""The sectors that every partnership knows; their values are assumptions."""


def start_records(codes: npt.ArrayLike, sizes: npt.ArrayLike, sectors: Sequence[Sector]) -> Records:
    """Lay out organisations of which only sector and size are known.

    Parameters
    ----------
    codes
        Each organisation's sector, as a position in `sectors`; shape (organisations,).
    sizes
        Staff, at least 1; shape (organisations,).
    sectors
        The sectors.

    Returns
    -------
    numpy.ndarray
        Shape (organisations,), dtype :data:`START_DTYPE`, ids counting from 0, everything else open.
    """
    sector = np.asarray(codes, np.int64)
    start = np.zeros(sector.size, START_DTYPE)
    start["id"] = np.arange(sector.size)
    start["sector"] = sector
    start["statutory"] = np.array([s.statutory for s in sectors], np.int64)[sector]
    start["size"] = sizes
    # Rounded, so that mathematical libraries that differ in the last bit agree on the partnership.
    start["log_size"] = [round(math.log10(size), 12) for size in start["size"].tolist()]
    start["centre_x"] = np.array([s.perspective[0] for s in sectors])[sector]
    start["centre_y"] = np.array([s.perspective[1] for s in sectors])[sector]
    start["mandate_mean"] = np.array([s.mandate for s in sectors])[sector]
    for name in GIVEN:
        start[name] = np.nan
    return start
