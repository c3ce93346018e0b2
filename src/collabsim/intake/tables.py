"""A grid with its heading row found, a matrix laid out as a list, and a file's kind found out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from collabsim.errors import InputError, nearest
from collabsim.intake.cells import Cell, Unreadable, is_missing, shown
from collabsim.intake.grids import MOST_BYTES, Grid, Row
from collabsim.intake.headings import Matching, match
from collabsim.intake.text_tables import ragged, read_text_table
from collabsim.intake.workbooks import read_workbook
from collabsim.naming import key

_HEADINGS_WITHIN = 20
_RAGGED = 5
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(slots=True)
class Table:
    """A grid whose headings are understood.

    Attributes
    ----------
    grid
        Where it came from.
    matching
        Which column holds which field.
    header
        The heading row.
    rows
        The rows below it.
    """

    grid: Grid
    matching: Matching
    header: Sequence[Cell]
    rows: list[Row]

    def value(self, row: Row, name: str) -> Cell:
        """Return what a row holds in a field; nothing where there is no such column."""
        column = self.matching.columns.get(name)
        return None if column is None else row.cell(column)

    def place(self, row: Row, name: str) -> str:
        """Say where a cell stands."""
        return f"{self.grid.place(row)}, column {shown(self.header[self.matching.columns[name]])}"


def content_of(path: Path, where: str) -> bytes:
    """Read a file's bytes.

    Raises
    ------
    InputError
        If it is not there, is a folder, is empty, too large or cannot be read.
    """
    try:
        if os.path.getsize(path) > MOST_BYTES and not os.path.isdir(path):
            raise InputError(
                f"{where}: this file has {os.path.getsize(path) // 2**20:,} MB, too much to be a table"
            )
        content = path.read_bytes()
    except FileNotFoundError:
        try:
            beside = sorted(os.listdir(path.parent))
        except OSError:
            beside = []
        raise InputError(f"{where}: there is no such file{nearest(path.name, beside)}") from None
    except (OSError, ValueError) as error:
        if os.path.isdir(path):
            raise InputError(f"{where}: this is a folder, and a file is wanted") from None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{where}: this file cannot be read: {reason}") from None
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise InputError(f"{where}: this file is empty")
    return content


def read_grid(file: str | Path, likely: Sequence[str], encoding: str | None = None) -> Grid:
    """Read a CSV file or a sheet of a workbook, whatever the file is called.

    Parameters
    ----------
    file
        Its path; a sheet may be named behind it, as ``"book.xlsx#Ties"``.
    likely
        What the wanted sheet might be called.
    encoding
        Of a CSV file, if it is known.

    Raises
    ------
    InputError
        In words, if it is neither.
    """
    path, sheet = split_sheet(file)
    content = content_of(path, path.name)
    if content.startswith(b"PK\x03\x04"):
        return read_workbook(content, path.name, sheet, likely)
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise InputError(f"{path.name}: this workbook is locked with a password; save it without one")
        raise InputError(f"{path.name}: this is a workbook of the old kind (.xls); save it as .xlsx or CSV")
    if sheet is not None:
        raise InputError(f"{path.name}: this is not a workbook, and so it has no sheet '{sheet}'")
    return read_text_table(content, path.name, encoding)


def split_sheet(file: str | Path) -> tuple[Path, str | None]:
    """Take apart a path and the name of a sheet behind it."""
    text = str(file)
    if "#" in text and not os.path.exists(text):
        path, _, sheet = text.rpartition("#")
        return Path(path), sheet
    return Path(text), None


def with_headings(
    grid: Grid, fields: Mapping[str, Sequence[str]], required: Sequence[str], declared: Mapping[str, str]
) -> Table:
    """Find the heading row: the first that names all required fields, else the first row.

    Raises
    ------
    InputError
        If required columns are missing, columns cannot be told apart, or there is nothing below the headings.
    """
    chosen, at = None, 0
    for place, row in enumerate(grid.rows[:_HEADINGS_WITHIN]):
        matching = match(row.cells, fields, declared)
        if all(name in matching.columns for name in required):
            chosen, at = matching, place
            break
    if chosen is None:
        first = grid.rows[0] if grid.rows else Row(1, [])
        found = match(first.cells, fields, declared)
        missing = [f"'{name}'" for name in required if name not in found.columns]
        names = [shown(cell) for cell in first.cells if cell is not None]
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        raise InputError(
            f"{grid.where}: there is no column for {' and '.join(missing)}; the headings are "
            f"{', '.join(names[:8]) or 'empty'}{more}: name them so, or say which is which with "
            f"--column 'HEADING={missing[0].strip(chr(39))}'"
        )
    if chosen.faults:
        raise InputError(*(f"{grid.place(grid.rows[at])}: {fault}" for fault in chosen.faults))
    rows = grid.rows[at + 1 :]
    if not rows:
        raise InputError(f"{grid.where}: there are headings and no rows below them")
    faults = list(islice(ragged(grid, grid.rows[at].cells, rows), _RAGGED))
    if faults:
        raise InputError(*faults)
    return Table(grid, chosen, grid.rows[at].cells, rows)


def is_matrix(grid: Grid) -> bool:
    """Whether the headings are the names in the first column, as in a matrix of who answers about whom."""
    for place, row in enumerate(grid.rows[:5]):
        across = [key(cell) for cell in row.cells[1:] if isinstance(cell, str)]
        down = {
            key(below.cells[0])
            for below in grid.rows[place + 1 :]
            if below.cells and isinstance(below.cells[0], str)
        }
        if (
            len(across) >= 2
            and down
            and sum(name in down for name in across) >= 0.6 * max(len(across), len(down))
        ):
            return True
    return False


def laid_out(grid: Grid, meaning: str) -> Grid:
    """Lay a matrix out as a list: rows answer about columns.

    A cell that is empty is no answer; what stands on the diagonal is passed over. A row without any answer is
    an organisation that did not answer: it keeps one row with nobody opposite.

    Parameters
    ----------
    grid
        The matrix.
    meaning
        ``"trust"`` or ``"contact"``, where the cell in its corner does not say which.
    """
    top = next(
        place
        for place, row in enumerate(grid.rows)
        if sum(isinstance(cell, str) for cell in row.cells[1:]) >= 2
    )
    header = grid.rows[top].cells
    corner = match([header[0]], {"trust": (), "contact": ()}).columns
    meaning = next(iter(corner), meaning)
    rows = [Row(grid.rows[top].number, ["from", "to", meaning])]
    for row in grid.rows[top + 1 :]:
        answers = [
            (other, row.cell(column))
            for column, other in enumerate(header)
            if column and other is not None and not is_missing(row.cell(column))
            and not (isinstance(other, str) and isinstance(row.cell(0),
                str) and key(other) == key(str(row.cell(0))))
        ]  # fmt: skip
        rows += [Row(row.number, [row.cell(0), other, cell]) for other, cell in answers]
        if not answers:
            rows.append(Row(row.number, [row.cell(0), None, None]))
    note = f"{grid.where}: read as a matrix of {meaning}, rows about columns"
    return Grid(grid.where, rows, [*grid.notes, note], matrix=True)


def unreadable(cell: Cell) -> str | None:
    """Say why a cell that is needed cannot be used; None if it can."""
    return cell.reason if isinstance(cell, Unreadable) else None
