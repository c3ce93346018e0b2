"""The words people use for sectors, and sectors that are nobody's yet."""

from __future__ import annotations

import difflib
import math

from collabsim.intake.headings import folded
from collabsim.sectors import SECTORS, Sector

_ALSO: dict[str, tuple[str, ...]] = {
    "NHS": ("health", "health board", "nhs board", "hospital", "nhs trust", "health service", "primary care",
            "general practice", "gp", "clinic", "public health"),
    "council": ("local authority", "local government", "local council", "municipality", "city council", "la"),
    "integration body": ("integration joint board", "ijb", "hscp", "integration authority",
        "integrated care board"),
    "third sector": ("voluntary", "voluntary sector", "charity", "charities", "vcs", "vcse", "ngo",
        "non profit",
                     "nonprofit", "not for profit", "community", "community group", "civil society", "third"),
    "independent": ("private", "private sector", "for profit", "business", "independent sector", "company",
                    "independent provider", "independent providers"),
    "housing": ("housing association", "social housing", "registered social landlord", "rsl", "landlord"),
}  # fmt: skip

UNSTATED = "sector not stated"
"""The sector of those of which none is known."""


def known_sector(word: str) -> tuple[str | None, bool]:
    """Find which of the six sectors a word means.

    Returns
    -------
    tuple
        The sector's name or None, and whether it was written in that very way.
    """
    said = folded(word)
    for name, sector in SECTORS.items():
        if said in (folded(name), folded(sector.title)):
            return name, True
        if said in _ALSO[name]:
            return name, False
    every = {folded(name): name for name in SECTORS}
    close = difflib.get_close_matches(said, every, n=1, cutoff=0.82)
    return (every[close[0]], False) if close else (None, False)


def new_sector(name: str, place: int, count: int) -> Sector:
    """Make a sector that the model does not know: near the middle, apart from other new ones (assumed).

    Parameters
    ----------
    name
        What it is called.
    place, count
        Which of how many new ones, so that they lie evenly round the middle.
    """
    if name == UNSTATED:
        return Sector(name, "Sector not stated", (0.5, 0.5), 0.5, False)
    turn = 2 * math.pi * place / max(1, count)
    centre = (round(0.5 + 0.25 * math.cos(turn), 3), round(0.5 + 0.25 * math.sin(turn), 3))
    return Sector(name, name[:1].upper() + name[1:], centre, 0.5, False)
