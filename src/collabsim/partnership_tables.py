"""Tables of a partnership file, from TOML or CSV, taken cell by cell and checked in words."""

from __future__ import annotations

import csv
import io
import math
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.errors import Faults, InputError, nearest
from collabsim.naming import clean

DEFAULT_SIZE = 100.0
MOST_FAULTS = 20

SHARE = (0.0, 1.0)
BOUNDS = {
    "size": (1.0, 10_000_000.0),
    "capacity": (0.0, 1_000.0),
    **dict.fromkeys(("perspective_x", "perspective_y", "mandate", "view", "disposition"), SHARE),
    **dict.fromkeys(("accountability", "expectation", "courage", "systems_view"), SHARE),
}
FIELDS = {"view": "purpose_view", "courage": "resting_courage", "systems_view": "resting_systems_view"}
ORGANISATION_KEYS = ("name", "sector", "note", *BOUNDS)
TOP_KEYS = (
    "name",
    "title",
    "description",
    "organisation",
    "organisations",
    "sector",
    "tie",
    "ties",
    "tie_group",
    "survey_error",
)
MOST_ERROR = 0.5
"""The largest standard deviation of surveyed trust round the truth that still says anything."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Problems:
    """Faults, each with its place; of very many the first are told, and how many more there are."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.more = 0

    @property
    def full(self) -> bool:
        """Whether enough has been told, so that a search for the nearest spelling can be spared."""
        return len(self.faults.found) >= MOST_FAULTS

    def add(self, place: str, fault: str) -> None:
        """Note a fault."""
        if self.full:
            self.more += 1
        else:
            self.faults.add(f"{place}: {fault}" if place else fault)

    def settle(self) -> None:
        """Raise what was found, if anything was."""
        if self.more:
            self.faults.add(f"and {self.more:,} more faults")
        self.faults.settle()


@dataclass(slots=True)
class Entry:
    """One organisation, tie, group or sector as it was found, and where."""

    place: str
    values: dict[str, Any]
    from_csv: bool = False


def decoded(path: Path, where: str) -> str:
    """Read a text file in UTF-8, with or without a byte-order mark, or in UTF-16 with one.

    Raises
    ------
    InputError
        If it is not there, is a folder, cannot be read, or is in another encoding.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise InputError(f"{where}: there is no such file{nearest(path.name, _beside(path))}") from None
        if os.path.isdir(path):  # unlike Path.is_dir, never raises
            raise InputError(f"{where}: this is a folder, and a file is wanted") from None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{where}: this file cannot be read: {reason}") from None
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{where}, line {line}: this is not UTF-8 text (byte {content[error.start]:#04x}); save the file "
            "again as UTF-8 (in Excel: 'CSV UTF-8')"
        ) from None
    if "\0" in text:
        raise InputError(
            f"{where}: this is not UTF-8 text (it holds zero bytes); save the file again as UTF-8"
        )
    return text


def label(name: str) -> str:
    """Show a name behind a place, with nothing in it that could upset a terminal."""
    return f" ('{''.join(c if c.isprintable() else '?' for c in clean(name))}')"


def _beside(path: Path) -> list[str]:
    """List the files of the same kind in the folder where one was looked for."""
    try:
        return sorted(name for name in os.listdir(path.parent) if name.endswith(path.suffix or "\0"))
    except (OSError, ValueError):
        return []


def rows(
    path: Path, where: str, allowed: Sequence[str], required: Sequence[str], problems: Problems
) -> list[Entry]:
    """Read a CSV file with a header.

    Parameters
    ----------
    path, where
        The file, and what to call it.
    allowed, required
        Columns that it may, and must, have.
    problems
        Where faults are noted.

    Returns
    -------
    list of Entry
        One for each row that is not blank: text by column, empty cells left out.
    """
    try:
        text = decoded(path, where)
    except InputError as error:
        for fault in error.faults:
            problems.add("", fault)
        return []
    found: list[Entry] = []
    header: list[str] | None = None
    first, delimiter, skipped = _delimiter(text)
    reader = csv.reader(io.StringIO(text[first:], newline=""), delimiter=delimiter, strict=True)
    line = skipped
    try:
        for cells in reader:
            place, line = f"{where}, line {line + 1}", skipped + reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [re.sub(r"[\s-]+", "_", cell.strip().casefold()) for cell in cells]
                while header and not header[-1]:
                    header.pop()
                if not _check_header(header, place, allowed, required, problems):
                    return []
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                problems.add(
                    place,
                    f"this row has {len(cells)} cells and the header {len(header)}; a text with a "
                    f"'{delimiter}' in it needs \"quotes\" round it",
                )
                continue
            values = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
            whose = label(values["name"]) if "name" in values else ""
            found.append(Entry(place + whose, values, from_csv=True))
    except csv.Error as error:
        problems.add(f"{where}, line {skipped + reader.line_num}", f"this is not valid CSV: {error}")
        return []
    if header is None:
        problems.add(
            where, f"this file is empty; its first line names the columns: {', '.join(required)} ..."
        )
    elif not found:
        problems.add(where, "this file has a header and no rows")
    return found


def _delimiter(text: str) -> tuple[int, str, int]:
    """Find where the header starts, what separates cells, and how many lines come before.

    Semicolons are what Excel writes where the comma is the decimal sign; so is a first line ``sep=;``.
    """
    said = re.match(r"\s*sep=(.)[ \t]*(\r\n|\n|\r)", text)
    if said:
        return said.end(), said[1], text.count("\n", 0, said.end()) or 1
    header = re.sub(r'"[^"]*"', "", next((line for line in text.splitlines() if line.strip()), ""))
    return 0, max(",;\t", key=header.count), 0


def _check_header(
    header: Sequence[str], place: str, allowed: Sequence[str], required: Sequence[str], problems: Problems
) -> bool:
    """Note unknown, repeated, unnamed and missing columns; say whether there are none."""
    before = len(problems.faults.found) + problems.more
    for number, column in enumerate(header, 1):
        if not column:
            problems.add(place, f"column {number} has no name")
        elif column not in allowed:
            problems.add(place, f"there is no column '{column}'{nearest(column, allowed)}")
        elif column in header[: number - 1]:
            problems.add(place, f"column '{column}' is there twice")
    for column in required:
        if column not in header:
            problems.add(place, f"column '{column}' is missing; the header is {', '.join(header)}")
    return len(problems.faults.found) + problems.more == before


def tables_of(data: Mapping[str, Any], name: str, where: str, problems: Problems) -> list[Entry]:
    """Take the tables ``[[name]]``, with the place of each."""
    tables = data.get(name, [])
    if not isinstance(tables, Sequence) or isinstance(tables, str | bytes):
        problems.add(where, f"'{name}' is a list of tables, each headed [[{name}]], not {tables!r}")
        return []
    if name in data and not tables:
        problems.add(where, f"'{name}' is an empty list; leave it out")
    found = []
    for number, table in enumerate(tables, 1):
        place = f"{where}: {name.replace('_', ' ')} {number}"
        if not isinstance(table, Mapping):
            problems.add(place, f"this is a table of names and values, not {table!r}")
            continue
        values = dict(table)
        if isinstance(values.get("name"), str):
            place += label(values["name"])
        if "perspective" in values:
            pair = values.pop("perspective")
            if is_pair(pair):
                values["perspective_x"], values["perspective_y"] = pair
            else:
                problems.add(
                    place, f"perspective must be two numbers from 0 to 1, as [0.2, 0.3], not {pair!r}"
                )
        found.append(Entry(place, values))
    return found


def is_pair(value: object) -> bool:
    """Whether a value is two of something, and not a text of two letters."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes) and len(value) == 2


def check_keys(entry: Entry, keys: Sequence[str], problems: Problems) -> None:
    """Note the keys of an entry that are not allowed."""
    known = [name for name in keys if not name.startswith("perspective_")]
    known += ["perspective"] if len(known) < len(keys) else []
    for name in entry.values:
        if name not in keys:
            problems.add(entry.place, f"there is no key '{name}'{nearest(str(name), known)}")


def text_of(value: object, what: str, place: str, problems: Problems) -> str:
    """Take a text, cleaned; note it if it is none, or empty, or holds what cannot be printed."""
    if not isinstance(value, str):
        problems.add(place, f"{what} must be text, not {value!r} ({type(value).__name__})")
        return ""
    text = clean(value)
    if not text:
        problems.add(place, f"{what} is empty")
    elif not text.isprintable() and any(
        unicodedata.category(character) in ("Cc", "Cs") for character in text
    ):
        problems.add(place, f"{what} holds a character that cannot be printed: {text!r}")
        return ""
    return text


def number_of(
    entry: Entry, name: str, problems: Problems, value: object = None, bounds: tuple[float, float] = SHARE
) -> float:
    """Take a number within bounds, both allowed; NaN where it is not given, or wrong and noted."""
    value = entry.values.get(name) if value is None else value
    if value is None:
        return math.nan
    wanted = f"{name} must be a number from {bounds[0]:,g} to {f'{bounds[1]:,.1f}'.removesuffix('.0')}"
    if isinstance(value, str):
        text = value.strip()
        if not entry.from_csv:
            hint = "; write it without quotes" if _NUMBER.fullmatch(text) else ""
            problems.add(entry.place, f"{wanted}, not the text '{value}'{hint}")
            return math.nan
        if not _NUMBER.fullmatch(text):
            hint = "; write numbers with a decimal point and nothing between thousands" if "," in text else ""
            problems.add(entry.place, f"{wanted}, not '{value}'{hint}")
            return math.nan
        value = float(text)
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        problems.add(entry.place, f"{wanted}, not {value!r} ({type(value).__name__})")
        return math.nan
    found = value if isinstance(value, int) else float(value)
    if not bounds[0] <= found <= bounds[1]:  # NaN and infinity are not
        # Python refuses to write out whole numbers of thousands of digits.
        shown = found if isinstance(found, float) or abs(found) < 10**20 else "one far beyond"
        problems.add(entry.place, f"{wanted}, not {shown}")
        return math.nan
    return float(found) + 0.0  # no negative zero
