"""Excel workbooks: values as they are shown, merged cells filled, and what Excel did to them found out."""

from __future__ import annotations

import datetime
import io
import warnings
import zipfile
from collections.abc import Sequence
from typing import Any

from collabsim.errors import InputError, nearest
from collabsim.intake.cells import Cell, Unreadable, tidy
from collabsim.intake.grids import MOST_CELLS, Grid, Row

MOST_UNPACKED = 400 * 2**20
"""A workbook that unpacks to more than this is not opened."""


def read_workbook(content: bytes, where: str, sheet: str | None, likely: Sequence[str]) -> Grid:
    """Read one sheet of a workbook to a grid.

    Parameters
    ----------
    content
        The file's bytes, beginning as a zip archive does.
    where
        What to call it in messages.
    sheet
        Its name; without one, the only sheet, one whose name is among `likely`, or else the first.
    likely
        What the wanted sheet might be called.

    Raises
    ------
    InputError
        If it is no workbook, is damaged, or has no such sheet.
    """
    _check_archive(content, where)
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that do not matter here
            values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(content), data_only=False)
    except Exception as error:  # openpyxl lets many kinds through for damaged files
        raise InputError(
            f"{where}: this workbook cannot be opened ({type(error).__name__}); it may be damaged"
        ) from None
    name, notes = _sheet_name(values, where, sheet, likely)
    where = f"{where}, sheet '{name}'"
    page, source = values[name], formulas[name]
    if (page.max_row or 0) * (page.max_column or 0) > MOST_CELLS:
        raise InputError(
            f"{where}: this sheet has {page.max_row:,} rows and {page.max_column:,} columns, too many"
        )
    grid = Grid(where, [], [f"{where}: {note}" for note in notes])
    filled = _merged(page, grid)
    hidden = []
    for number, (row, origin) in enumerate(zip(page.iter_rows(), source.iter_rows(), strict=True), 1):
        cells = [
            filled.get((cell.row, cell.column), _cell(cell, maker))
            for cell, maker in zip(row, origin, strict=True)
        ]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            grid.rows.append(Row(number, cells))
            if page.row_dimensions[number].hidden:
                hidden.append(number)
    if hidden:
        grid.notes.append(f"{where}: {_rows(hidden)} hidden, and read all the same")
    return grid


def _check_archive(content: bytes, where: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            size = sum(entry.file_size for entry in archive.infolist())
            kind = archive.read("mimetype")[:80] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError, KeyError):
        raise InputError(
            f"{where}: this file is damaged: it begins as a workbook and cannot be unpacked"
        ) from None
    if size > MOST_UNPACKED:
        raise InputError(f"{where}: this workbook unpacks to {size // 2**20:,} MB, too much to be a table")
    if b"opendocument" in kind:
        raise InputError(f"{where}: this is an OpenDocument file; save it as .xlsx or CSV")
    if "xl/workbook.xml" not in names:
        raise InputError(f"{where}: this is an archive and not a workbook; save the table as .xlsx or CSV")


def _sheet_name(book: Any, where: str, sheet: str | None, likely: Sequence[str]) -> tuple[str, list[str]]:
    names = [page.title for page in book.worksheets]
    if not names:
        raise InputError(f"{where}: this workbook has no sheet with cells")
    if sheet is not None:
        for name in names:
            if tidy(name).casefold() == tidy(sheet).casefold():
                return name, []
        raise InputError(f"{where}: there is no sheet '{sheet}'{nearest(sheet, names)}")
    if len(names) == 1:
        return names[0], []
    for word in likely:
        for name in names:
            if word in name.casefold():
                return name, []
    others = ", ".join(f"'{name}'" for name in names[1:6])
    return names[0], [f"the first sheet was read; there are also {others} (name one as 'FILE.xlsx#Sheet')"]


def _merged(page: Any, grid: Grid) -> dict[tuple[int, int], Cell]:
    """Give every cell of a merged range the value that is shown for all of it."""
    filled: dict[tuple[int, int], Cell] = {}
    ranges = []
    for span in page.merged_cells.ranges:
        value = _cell(page.cell(span.min_row, span.min_col), None)
        if value is None:
            continue
        if span.min_row == span.max_row:  # a title across columns: its other cells stay empty
            continue
        ranges.append(str(span))
        for row in range(span.min_row, span.max_row + 1):
            filled[row, span.min_col] = value
    if ranges:
        grid.notes.append(
            f"{grid.where}: merged cells ({', '.join(sorted(ranges)[:5])}) are read as the same value in "
            "each row"
        )
    return filled


def _cell(cell: Any, maker: Any) -> Cell:
    value = cell.value
    at = f"cell {cell.coordinate}"
    if value is None:
        made = getattr(maker, "value", None)
        if made is not None and getattr(maker, "data_type", "") == "f":
            return Unreadable(
                f"{at} holds a formula whose result was never saved; open the file in Excel or LibreOffice "
                "and save it"
            )
        return None
    if isinstance(value, bool):
        return str(value).casefold()
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return Unreadable(f"{at} holds a number far beyond what is meant")
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return Unreadable(
            f"{at} holds a date or a time ({value}); Excel may have made it of something like 1-5 or 3/4"
        )
    if getattr(cell, "data_type", "") == "e":
        return Unreadable(f"{at} holds the error {value}")
    return tidy(str(value)) or None


def _rows(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:8])) + (" ..." if len(numbers) > 8 else "")
    return f"row {shown} is" if len(numbers) == 1 else f"rows {shown} are"
