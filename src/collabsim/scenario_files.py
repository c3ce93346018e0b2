"""Reading a scenario from a mapping in the shape of its TOML file, with every fault told at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collabsim.draws import MONTHS_LIMIT
from collabsim.errors import Faults, InputError, nearest
from collabsim.parameters import check_parameters, number, whole
from collabsim.partnership import Partnership
from collabsim.practices import SHOCKS, TREATMENTS
from collabsim.programmes import SUPPORT, Entry, in_order, programme_entries

MONTHS = 72
"""Months of a scenario that does not say."""


class Reader:
    """Reads one scenario from a mapping, collecting every fault on the way."""

    KEYS = ("name", "title", "description", "partnership", "months", "support", "parameters",
            "programme", "shock")  # fmt: skip

    def __init__(self, data: Mapping[str, Any], where: str, folder: Path | None) -> None:
        self.data, self.where, self.folder = data, where, folder
        self.faults = Faults(where)

    def fields(self) -> dict[str, Any]:
        """Return the fields of the scenario, by name.

        Raises
        ------
        InputError
            With every fault found.
        """
        if "factors" in self.data:
            self.faults.add("this is a plan, for 'collabsim sweep', and not a scenario")
            self.faults.settle()
        for key in self.data:
            if key not in self.KEYS:
                self.faults.add(f"unknown key '{key}'{nearest(key, self.KEYS)}")
        months = self._whole(self.data, "months", MONTHS, 1, MONTHS_LIMIT)
        support = self._support()
        found = {
            "name": self._text("name") or Path(self.where).stem,
            "title": self._text("title"),
            "description": self._text("description"),
            "partnership": self._partnership(),
            "months": months,
            "support": support,
            "parameters": self._parameters(),
            "programme": self._programme(support),
            "shocks": self._lines("shock", "kind", SHOCKS, (0, months)),
        }
        self.faults.settle()
        return found

    def _text(self, key: str) -> str:
        value = self.data.get(key, "")
        if not isinstance(value, str):
            self.faults.add(f"'{key}' must be text, not {value!r}")
            return ""
        return value.strip()

    def _whole(self, table: Mapping[str, Any], key: str, default: int, low: int, high: int) -> int:
        if key not in table:
            return default
        try:
            return whole(table[key], f"'{key}'", low, high)
        except InputError as error:
            self.faults.take(error)
            return default

    def _support(self) -> tuple[int, int]:
        value = self.data.get("support", list(SUPPORT))
        if not (isinstance(value, list | tuple) and len(value) == 2):
            self.faults.add(f"'support' must be two months, [from, to], not {value!r}")
            return SUPPORT
        try:
            first, last = (whole(month, "'support'", 0, MONTHS_LIMIT) for month in value)
        except InputError as error:
            self.faults.take(error)
            return SUPPORT
        if last <= first:
            self.faults.add(f"'support' ends before it starts: {value!r}")
            return SUPPORT
        return first, last

    def _parameters(self) -> dict[str, float]:
        table = self.data.get("parameters", {})
        if not isinstance(table, Mapping):
            self.faults.add(f"'parameters' must be a table, not {table!r}")
            return {}
        try:
            return check_parameters(table)
        except InputError as error:
            for fault in error.faults:
                self.faults.add(f"[parameters] {fault}")
            return {}

    def _partnership(self) -> Partnership | None:
        value = self.data.get("partnership", "scottish-partnership")
        if isinstance(value, Partnership):
            return value
        if not isinstance(value, str):
            self.faults.add(f"'partnership' must be a name or a path, not {value!r}")
            return None
        local = self.folder / value if self.folder is not None else None
        try:
            return Partnership.load(str(local) if local is not None and local.exists() else value)
        except InputError as error:
            self.faults.take(error)
            return None

    def _programme(self, support: tuple[int, int]) -> tuple[Entry, ...]:
        value = self.data.get("programme", [])
        if isinstance(value, str):
            try:
                return programme_entries(value, support)
            except InputError as error:
                self.faults.take(error)
                return ()
        return in_order(self._lines("programme", "practice", TREATMENTS, support))

    def _lines(
        self, key: str, kind: str, known: Mapping[str, Any], window: tuple[int, int]
    ) -> tuple[Entry, ...]:
        """Read the tables of a programme or of shocks."""
        tables = self.data.get(key, [])
        if not (isinstance(tables, list | tuple) and all(isinstance(t, Mapping) for t in tables)):
            self.faults.add(f"'{key}' must be tables headed [[{key}]], not {tables!r}")
            return ()
        entries = []
        allowed = (kind, "from_month", "to_month", "strength", "with")
        for place, table in enumerate(tables, 1):
            line = Reader(table, f"[[{key}]] {place}", None)
            for word in table:
                if word not in allowed:
                    line.faults.add(f"unknown key '{word}'{nearest(word, allowed)}")
            name = table.get(kind)
            if name is None:
                line.faults.add(f"'{kind}' is missing; it is one of {', '.join(known)}")
            elif not isinstance(name, str) or name not in known:
                line.faults.add(f"there is no {kind} '{name}'{nearest(str(name), known)}")
            first = line._whole(table, "from_month", window[0], 0, MONTHS_LIMIT)
            last = line._whole(table, "to_month", window[1], 0, MONTHS_LIMIT)
            strength = 1.0
            try:
                strength = number(table.get("strength", 1.0), "'strength'", 0, 1)
            except InputError as error:
                line.faults.take(error)
            who = table.get("with")
            if isinstance(who, str):
                who = [who]
            if who is not None and not (
                isinstance(who, list | tuple) and who and all(isinstance(w, str) for w in who)
            ):
                line.faults.add(f"'with' must be a list of sectors or names, not {who!r}")
                who = None
            self.faults.found += [f"{self.where}: {fault}" for fault in line.faults.found]
            if not line.faults.found:
                entries.append(
                    Entry(str(name), first, last, strength, None if who is None else tuple(who))
                )
        return tuple(entries)
