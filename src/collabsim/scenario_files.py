"""Reading a scenario from a mapping in the shape of its TOML file, with every fault told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from collabsim.costs import Costs, read_costs
from collabsim.draws import MONTHS_LIMIT
from collabsim.errors import Faults, InputError, nearest
from collabsim.parameters import check_parameters, number, whole
from collabsim.partnership import Partnership
from collabsim.practices import SHOCKS, TREATMENTS
from collabsim.programmes import PROGRAMMES, SUPPORT, Entry, in_order, programme_entries

MONTHS = 72
"""Months of a scenario that does not say."""


class Reader:
    """Reads one scenario from a mapping, collecting every fault on the way."""

    KEYS = ("name", "title", "description", "partnership", "months", "support", "parameters",
            "programme", "shock", "costs", "extends")  # fmt: skip

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
            "costs": self._costs(),
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

    def _costs(self) -> Costs:
        try:
            return read_costs(self.data.get("costs", {}))
        except InputError as error:
            self.faults.take(error)
            return Costs()

    def _programme(self, support: tuple[int, int]) -> tuple[Entry, ...]:
        value = self.data.get("programme", [])
        names = [value] if isinstance(value, str) else value
        if isinstance(names, list | tuple) and names and all(isinstance(name, str) for name in names):
            entries: list[Entry] = []
            for name in names:
                try:
                    entries += programme_entries(name, support)
                except InputError as error:
                    self.faults.take(error)
            return in_order(entries)
        return in_order(self._lines("programme", "practice", TREATMENTS, support))

    def _lines(
        self, key: str, kind: str, known: Mapping[str, Any], window: tuple[int, int]
    ) -> tuple[Entry, ...]:
        """Read the tables of a programme or of shocks."""
        tables = self.data.get(key, [])
        if not (isinstance(tables, list | tuple) and all(isinstance(t, Mapping) for t in tables)):
            self.faults.add(f"'{key}' must be tables headed [[{key}]], not {tables!r}")
            return ()
        entries: list[Entry] = []
        for place, table in enumerate(tables, 1):
            line = Reader(table, f"[[{key}]] {place}", None)
            found = line._line(key, kind, known, window)
            self.faults.found += [f"{self.where}: {fault}" for fault in line.faults.found]
            entries += found
        return tuple(entries)

    def _line(
        self, key: str, kind: str, known: Mapping[str, Any], window: tuple[int, int]
    ) -> tuple[Entry, ...]:
        """Read one table: the entry that it is, or those of the bundled programme that it names."""
        table = self.data
        whole_programme = key == "programme" and "programme" in table
        either = ("programme",) if key == "programme" else ()
        allowed = (kind, *either, "from_month", "to_month", "strength", "with")
        for word in table:
            if word not in allowed:
                self.faults.add(f"unknown key '{word}'{nearest(word, allowed)}")
        if whole_programme:
            kind, known = ("programme", PROGRAMMES) if kind not in table else (kind, known)
            if kind != "programme":
                self.faults.add(f"either '{kind}' or 'programme', not both")
        name = table.get(kind)
        if name is None:
            self.faults.add(f"'{kind}' is missing; it is one of {', '.join(known)}")
        elif not isinstance(name, str) or name not in known:
            self.faults.add(f"there is no {kind} '{name}'{nearest(str(name), known)}")
        first = self._whole(table, "from_month", window[0], 0, MONTHS_LIMIT)
        last = self._whole(table, "to_month", window[1], 0, MONTHS_LIMIT)
        strength, who = self._strength(), self._who()
        if self.faults.found:
            return ()
        if kind != "programme":
            return (Entry(str(name), first, last, strength, who),)
        try:
            laid_out = programme_entries(str(name), (first, last))
        except InputError as error:
            self.faults.take(error)
            return ()
        return tuple(replace(entry, strength=strength, who=who) for entry in laid_out)

    def _strength(self) -> float:
        try:
            return number(self.data.get("strength", 1.0), "'strength'", 0, 1)
        except InputError as error:
            self.faults.take(error)
            return 1.0

    def _who(self) -> tuple[str, ...] | None:
        who = self.data.get("with")
        who = [who] if isinstance(who, str) else who
        if who is None:
            return None
        if isinstance(who, list | tuple) and who and all(isinstance(name, str) for name in who):
            return tuple(who)
        self.faults.add(f"'with' must be a list of sectors or names, not {who!r}")
        return None
