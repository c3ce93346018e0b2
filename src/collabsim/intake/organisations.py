"""The table of organisations: read generously, checked by the same rules as a partnership file."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from collabsim.errors import InputError
from collabsim.intake.cells import Cell, is_missing, number_in, shown, tidy
from collabsim.intake.grids import Row
from collabsim.intake.headings import ORGANISATION_FIELDS, SHARES
from collabsim.intake.scales import Scale, scale_of
from collabsim.intake.sectors import UNSTATED, known_sector, new_sector
from collabsim.intake.tables import Table, unreadable
from collabsim.naming import key
from collabsim.partnership import Partnership
from collabsim.partnership_files import organisations_of
from collabsim.partnership_tables import DEFAULT_SIZE, FIELDS, Entry, Problems, label
from collabsim.sectors import SECTORS, Sector, start_records
from collabsim.state import TIE_DTYPE

LONGEST = 200
"""A name may have so many characters."""

NUMBERS = tuple(name for name in ORGANISATION_FIELDS if name not in ("name", "sector", "note"))


@dataclass(slots=True)
class Organisations:
    """Who is in it, as read.

    Attributes
    ----------
    alone
        They, without ties.
    entries
        As they may stand in a partnership file, with the place each was found.
    new
        Sectors the model does not know.
    notes
        What a user should know.
    """

    alone: Partnership
    entries: list[Entry]
    new: list[Sector] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _loose: dict[str, int | None] = field(default_factory=dict)

    def find(self, name: str) -> int | None:
        """Find the row of a name; punctuation, "the" and "&" are forgiven where that leaves no doubt."""
        found = self.alone.find(name)
        if found is not None:
            return found
        if not self._loose:
            for row, known in enumerate(self.alone.names):
                self._loose[loosened(known)] = None if loosened(known) in self._loose else row
        return self._loose.get(loosened(name))


def loosened(name: str) -> str:
    """Reduce a name to its words: punctuation, "the", "and" and legal forms do not count."""
    words = re.sub(r"[\W_]+", " ", key(name).replace("'", "").replace("’", "").replace("&", " and ")).split()
    kept = [word for word in words if word not in ("the", "and", "ltd", "limited", "cic", "inc", "plc")]
    return " ".join(kept or words)


def read_organisations(table: Table, problems: Problems, scale: Scale | None = None) -> Organisations:
    """Read organisations from a table whose headings are understood.

    Parameters
    ----------
    table
        The table.
    problems
        Where faults are noted.
    scale
        Of dispositions, where one was declared.
    """
    notes: list[str] = []
    scale = _disposition_scale(table, scale, problems, notes)
    hows: dict[tuple[str, str], int] = {}
    entries = []
    for row in table.rows:
        entry = Entry(table.grid.place(row), {}, from_csv=True)
        name = name_in(table.value(row, "name"), entry.place, problems)
        if name is None:
            if table.value(row, "name") is None and all(is_missing(cell) for cell in row.cells):
                continue
            entry.values["name"] = ""
            if table.value(row, "name") is None:
                problems.add(entry.place, "this row has no name")
        else:
            entry.values["name"] = name
            entry.place += label(name)
        for what in NUMBERS:
            value = _number(table, row, what, scale, problems, hows)
            if not math.isnan(value):
                entry.values[what] = value
        entry.values["sector"] = tidy(shown(table.value(row, "sector")).strip("'")) if not is_missing(
            table.value(row, "sector")) else ""  # fmt: skip
        if (reason := unreadable(table.value(row, "sector"))) is not None:
            problems.add(entry.place, reason)
        if entry.values["name"]:
            entries.append(entry)
    for (what, how), count in hows.items():
        notes.append(f"{table.grid.where}: {count} of '{what}' read as written with {_HOW[how]}")
    return gathered(entries, problems, notes)


_HOW = {"percent": "a percent sign (50% is 0.5)", "decimal comma": "a decimal comma (0,5 is 0.5)",
        "thousands": "a mark between thousands (5,200 is 5200)"}  # fmt: skip


def gathered(entries: list[Entry], problems: Problems, notes: list[str]) -> Organisations:
    """Check organisations together: their sectors, their names, and the bounds of their numbers."""
    new = _sectors(entries, notes)
    sectors = (*SECTORS.values(), *new)
    near_duplicates(entries, problems, notes)
    names, codes, given = organisations_of(entries, sectors, problems)
    known = [max(code, 0) for code in codes]
    records = start_records(known, [values.pop("size", DEFAULT_SIZE) for values in given], sectors)
    for row, values in enumerate(given):
        for name, value in values.items():
            records[FIELDS.get(name, name)][row] = value
    alone = Partnership("own", "", "", records, np.zeros(0, TIE_DTYPE), sectors, tuple(names))
    return Organisations(alone, entries, new, notes)


def name_in(cell: Cell, place: str, problems: Problems) -> str | None:
    """Take a name from a cell: numbers that name organisations are names too."""
    if cell is None:
        return None
    if (reason := unreadable(cell)) is not None:
        problems.add(place, reason)
        return None
    name = f"{cell:.15g}" if isinstance(cell, float) else tidy(str(cell))
    if len(name) > LONGEST:
        problems.add(place, f"the name {shown(name)} is too long; a name has at most {LONGEST} characters")
        return None
    return name or None


def _disposition_scale(table: Table, scale: Scale | None, problems: Problems, notes: list[str]) -> Scale:
    if "disposition" not in table.matching.columns:
        return Scale()
    cells = [table.value(row, "disposition") for row in table.rows]
    try:
        found = scale_of([cell for cell in cells if unreadable(cell) is None], scale, "--scale")
    except InputError as error:
        problems.add(f"{table.grid.where}, column 'disposition'", str(error))
        return Scale()
    if found.name != "0-1":
        notes.append(f"{table.grid.where}: dispositions read on the scale {found.name}")
    return found


def _number(
    table: Table, row: Row, what: str, scale: Scale, problems: Problems, hows: dict[tuple[str, str], int]
) -> float:
    """Take a number from a cell; NaN where it is missing, or wrong and noted."""
    cell = table.value(row, what)
    if is_missing(cell):
        return math.nan
    place = table.place(row, what)
    if (reason := unreadable(cell)) is not None:
        problems.add(place, reason)
        return math.nan
    if what == "disposition":
        try:
            return scale.read(cell)
        except InputError as error:
            problems.add(place, str(error))
            return math.nan
    found = number_in(cell, counts=what == "size")
    if found is None:
        wanted = "a number from 0 to 1" if what in SHARES else "a number"
        problems.add(place, f"{shown(cell)} is not {wanted}")
        return math.nan
    if found.how:
        hows[what, found.how] = hows.get((what, found.how), 0) + 1
    return found.value


def _sectors(entries: Sequence[Entry], notes: list[str]) -> list[Sector]:
    """Put every sector into the model's words, or make a new one of it."""
    read: dict[str, str] = {}
    fresh: dict[str, str] = {}
    unstated = 0
    for entry in entries:
        said = str(entry.values.get("sector", ""))
        if not said:
            entry.values["sector"] = UNSTATED
            fresh.setdefault(key(UNSTATED), UNSTATED)
            unstated += 1
            continue
        name, plain = known_sector(said)
        if name is None:
            name = fresh.setdefault(key(said), said)
        elif not plain:
            read[said] = name
        entry.values["sector"] = name
    if read:
        notes.append("sectors read as: " + ", ".join(f"'{said}' is {name}" for said, name in read.items()))
    own = [name for name in fresh.values() if name != UNSTATED]
    if own:
        notes.append(
            f"sectors of your own: {', '.join(own)}: placed round the middle of what sectors see (an "
            "assumption; "
            "edit [[sector]] in the partnership file)"
        )
    if unstated:
        notes.append(
            f"no sector is given for {unstated} of {len(entries)}: they count as one sector, '{UNSTATED}'"
        )
    return [new_sector(name, own.index(name) if name in own else 0, len(own)) for name in fresh.values()]


def near_duplicates(entries: Sequence[Entry], problems: Problems, notes: list[str]) -> None:
    """Note names that differ in punctuation only, and those that are spelt nearly alike."""
    seen: dict[str, Entry] = {}
    for entry in entries:
        name = entry.values["name"]
        other = seen.setdefault(loosened(name), entry)
        if other is not entry and key(other.values["name"]) != key(name):
            problems.add(
                entry.place,
                f"this differs only in punctuation from '{other.values['name']}' ({other.place}); if it is "
                "one "
                "organisation, keep one row; if it is two, tell them apart by more",
            )
    words = [(loosened(entry.values["name"]).split(), entry) for entry in entries]
    for place, (mine, entry) in enumerate(words[:500]):
        for others, other in words[:place]:
            if len(mine) == len(others) and _one_letter_off(mine, others):
                notes.append(
                    f"'{entry.values['name']}' and '{other.values['name']}' are spelt nearly alike: are "
                    "they two?"
                )


def _one_letter_off(one: Sequence[str], other: Sequence[str]) -> bool:
    apart = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if len(apart) != 1 or min(map(len, apart[0])) < 4 or any(c.isdigit() for c in "".join(apart[0])):
        return False
    return difflib.SequenceMatcher(None, *apart[0]).ratio() >= 0.8
