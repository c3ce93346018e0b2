"""CSV as spreadsheets, survey tools and statistics packages write it, in any common encoding."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from collabsim.errors import InputError
from collabsim.intake.cells import Cell, tidy
from collabsim.intake.grids import Grid, Row

SEPARATORS = ",;\t|"
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def decode(content: bytes, where: str, encoding: str | None = None) -> tuple[str, str]:
    """Turn bytes into text.

    Parameters
    ----------
    content
        The bytes.
    where
        What to call the file in messages.
    encoding
        What it is said to be; worked out from the bytes unless given.

    Returns
    -------
    tuple of str
        The text, and the encoding it was read in.

    Raises
    ------
    InputError
        If the encoding is unknown or cannot be right, or the file is not text at all.
    """
    if encoding is not None:
        try:
            return content.decode(encoding).removeprefix("\ufeff"), encoding
        except LookupError:
            raise InputError(f"there is no encoding '{encoding}'; try utf-8, cp1252 or mac-roman") from None
        except (UnicodeDecodeError, ValueError):
            raise InputError(f"{where}: this is not text in the encoding '{encoding}'") from None
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _as(content, name, where), name
    zeros = content[:4096].count(0)
    if zeros:
        half = len(content[:4096]) / 2
        if len(content) % 2 == 0 and 0.6 * half <= zeros <= half:
            name = "utf-16-be" if content[0] == 0 else "utf-16-le"
            return _as(content, name, where), name
        raise InputError(f"{where}: this is not a table but a binary file; save it as CSV or .xlsx")
    control = sum(content[:65536].count(byte) for byte in (*range(1, 9), *range(14, 32), 127))
    if control > max(4, len(content[:65536]) // 100):
        raise InputError(f"{where}: this is not a table but a binary file; save it as CSV or .xlsx")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:  # what Excel writes in western Europe; a few bytes have no letter in it
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def _as(content: bytes, name: str, where: str) -> str:
    try:
        return content.decode(name).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise InputError(
            f"{where}: this file is damaged: it begins as {name} text and does not go on so"
        ) from None


def read_text_table(content: bytes, where: str, encoding: str | None = None) -> Grid:
    """Read a CSV file to a grid.

    Parameters
    ----------
    content
        The file's bytes.
    where
        What to call it in messages.
    encoding
        What it is said to be written in.

    Raises
    ------
    InputError
        If it is not a table of text.
    """
    text, used = decode(content, where, encoding)
    if re.match(r"\s*(<!doctype html|<html|<table|<\?xml)", text, re.IGNORECASE):
        raise InputError(f"{where}: this is a web page or XML, not a table; save it as CSV or .xlsx")
    said = re.match(r"sep=(.)[ \t]*(\r\n|\n|\r)", text)
    skipped = 1 if said else 0
    if said:
        text = text[said.end() :]
    separator = said[1] if said else separator_of(text)
    grid = Grid(where, [], separator=separator)
    if used not in ("utf-8", "utf-8-sig", "utf-16") and encoding is None:
        grid.notes.append(f"{where} is not in UTF-8; it was read as {used}: look at the accents")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = skipped
    try:
        for cells in reader:
            number += 1
            tidied = [tidy(cell) or None for cell in cells]
            if any(tidied):
                grid.rows.append(Row(number, tidied))
    except csv.Error as error:
        raise InputError(f"{where}, row {number + 1}: this is not valid CSV: {error}") from None
    return grid


def separator_of(text: str) -> str:
    """Find what separates cells: what most of the first lines hold, outside quotes, in the same number."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text[:65536].splitlines() if line.strip()][:20]

    def worth(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        usual = max(counts, key=lambda count: counts.count(count) if count else 0, default=0)
        return (counts.count(usual) if usual else 0), usual

    return max(SEPARATORS, key=worth)


def ragged(grid: Grid, header: Sequence[Cell], rows: Sequence[Row]) -> Iterator[str]:
    """Say which rows of a text have cells that no heading is over, or are separated by something else."""
    if not grid.separator:
        return
    width = max((place + 1 for place, cell in enumerate(header) if cell is not None), default=0)
    for row in rows:
        cells = max((place + 1 for place, cell in enumerate(row.cells) if cell is not None), default=0)
        if cells > width:
            yield (
                f"{grid.place(row)}: this row has {cells} cells and there are {width} headings; a text "
                "with a "
                f"'{grid.separator}' in it needs \"quotes\" round it"
            )
        elif cells == 1 < width and isinstance(row.cells[0], str):
            for other in SEPARATORS.replace(grid.separator, ""):
                if row.cells[0].count(other) == width - 1:
                    yield (
                        f"{grid.place(row)}: this row seems separated by {_NAMES[other]}, and the headings "
                        "by "
                        f"{_NAMES.get(grid.separator, repr(grid.separator))}"
                    )
