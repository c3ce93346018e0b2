"""What organisations are called: the one way a name is kept, what tells two apart, and numbered ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

from collabsim.sectors import Records, Sector


def clean(name: str) -> str:
    """Write a name the one way it is kept: composed accents, single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def key(name: str) -> str:
    """Reduce a name to what tells it from others: case and spacing do not."""
    return clean(name).casefold()


class NumberedNames(Sequence[str]):
    """Names such as ``"third sector 17"``, put into words only when read.

    Parameters
    ----------
    organisations
        Whose sector and id make the name; shape (organisations,).
    sectors
        The sectors.
    """

    def __init__(self, organisations: Records, sectors: Sequence[Sector]) -> None:
        self.organisations = organisations
        self.sectors = tuple(sectors)

    def __len__(self) -> int:
        """Count the organisations."""
        return len(self.organisations)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[str, ...]: ...
    def __getitem__(self, row: int | slice) -> str | tuple[str, ...]:
        """Name one row, or several."""
        if isinstance(row, slice):
            return tuple(NumberedNames(self.organisations[row], self.sectors))
        one = self.organisations[row]
        return f"{self.sectors[one['sector']].name} {one['id'] + 1}"

    def __iter__(self) -> Iterator[str]:
        """Name every row in turn."""
        codes, ids = self.organisations["sector"].tolist(), self.organisations["id"].tolist()
        return (f"{self.sectors[code].name} {i + 1}" for code, i in zip(codes, ids, strict=True))

    def row(self, name: str) -> int | None:
        """Find the row of a name without reading them all; None where there is none."""
        number = re.search(r" ([0-9]{1,9})$", clean(name))
        if number is None:
            return None
        rows = np.flatnonzero(self.organisations["id"] == int(number[1]) - 1)
        return int(rows[0]) if rows.size and key(self[int(rows[0])]) == key(name) else None
