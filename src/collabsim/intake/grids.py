"""A grid of cells, whatever file it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from collabsim.intake.cells import Cell

MOST_BYTES = 64 * 2**20
"""Files beyond this size are not opened."""

MOST_CELLS = 20_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank.

    Attributes
    ----------
    number
        As the spreadsheet counts, from 1, blank rows included.
    cells
        From the first column on.
    """

    number: int
    cells: Sequence[Cell]

    def cell(self, column: int) -> Cell:
        """Return a cell; nothing beyond the row's end."""
        return self.cells[column] if column < len(self.cells) else None


@dataclass(slots=True)
class Grid:
    """The cells of one table as they were found.

    Attributes
    ----------
    where
        What to call it in messages.
    rows
        Those that are not blank.
    notes
        What a user should know of how it was read.
    row_word
        What its rows are called: ``"row"``, or ``"node"`` of a network.
    separator
        What separates the cells of a text; nothing in other files.
    matrix
        Whether it was a matrix, in which contact of 0 stands for no tie.
    directed
        Whether ties of a network have a direction; None if the file does not say.
    """

    where: str
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    row_word: str = "row"
    separator: str = ""
    matrix: bool = False
    directed: bool | None = None

    def place(self, row: Row) -> str:
        """Say where a row stands."""
        return f"{self.where}, {self.row_word} {row.number}"
