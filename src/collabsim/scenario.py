"""Scenarios: a partnership, a programme, shocks, a number of months and overrides of parameters.

A scenario is read from TOML (see :meth:`Scenario.from_dict` for the shape), checked as a whole, and
compiled to the lever moves that the month reads (:class:`Setting`).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.costs import Costs
from collabsim.draws import MONTHS_LIMIT
from collabsim.errors import Faults, InputError, nearest
from collabsim.parameters import LEVERS, PARAMETERS, check_parameters, number, parameter_record, whole
from collabsim.partnership import GENERATED, Partnership
from collabsim.partnership import bundled as bundled_partnerships
from collabsim.practices import MOVERS, TREATMENTS
from collabsim.programmes import (
    COVERAGE,
    PROGRAMMES,
    SUPPORT,
    TIMES,
    Entry,
    Programme,
    in_order,
    moved,
    programme_entries,
)
from collabsim.scenario_extends import bundled_scenarios, bundled_text, extended, read_toml
from collabsim.scenario_files import MONTHS, Reader
from collabsim.state import ENTRY_DTYPE, lever_limits

__all__ = ["MONTHS", "PROGRAMMES", "SUPPORT", "Costs", "Entry", "Programme", "Scenario", "Setting",
           "bundled_scenarios", "whole"]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Setting:
    """A scenario compiled to what the month reads.

    Attributes
    ----------
    partnership
        Who is in it.
    months
        How long.
    parameters
        (1,) record of all parameters.
    entries
        (entries,) lines of programme and shocks; ``coverage`` is a row of the table of coverage.
    coverage
        (coverages, n) who takes part.
    """

    partnership: Partnership
    months: int
    parameters: Any
    entries: Any
    coverage: Any

    @cached_property
    def identity(self) -> str:
        """64 hexadecimal digits: equal for settings that run alike."""
        digest = hashlib.sha256(self.partnership.identity().encode())
        digest.update(f" {self.months} ".encode())
        digest.update(np.asarray(self.parameters).tobytes())
        digest.update(asks_table().tobytes())
        digest.update(lever_limits().tobytes())
        for entry in self.entries:
            digest.update(entry.tobytes())
            digest.update(self.coverage[entry["coverage"]].tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Scenario:
    """What is simulated: who, which programme, which shocks, how long, and which parameters.

    Attributes
    ----------
    name, title, description
        What it is called.
    partnership
        Who is in it.
    months
        How long a run is, in months.
    support
        The months [from, to) in which practices run that do not say when.
    parameters
        Overrides, checked.
    programme, shocks
        What moves levers when.
    costs
        What facilitation takes.
    """

    name: str
    partnership: Partnership
    title: str = ""
    description: str = ""
    months: int = MONTHS
    support: tuple[int, int] = SUPPORT
    parameters: Mapping[str, float] = field(default_factory=dict)
    programme: tuple[Entry, ...] = ()
    shocks: tuple[Entry, ...] = ()
    costs: Costs = field(default_factory=Costs)

    @classmethod
    def load(cls, name_or_path: str | Path | Scenario | Partnership) -> Scenario:
        """Load a scenario.

        Parameters
        ----------
        name_or_path
            A bundled scenario; a partnership (bundled, or generated such as ``"random:1000"``), which gives
            the scenario without programme; the path of a TOML file; or a scenario, returned as it is.

        Raises
        ------
        InputError
            In words, with every fault found.
        """
        if isinstance(name_or_path, Scenario):
            return name_or_path
        if isinstance(name_or_path, Partnership):
            return cls(name_or_path.name, name_or_path, title=name_or_path.title)
        if not isinstance(name_or_path, str | Path):
            raise InputError(
                f"a scenario is a name, a path or a Scenario, not {name_or_path!r} "
                f"({type(name_or_path).__name__})"
            )
        text = str(name_or_path)
        if text in bundled_scenarios():
            return cls.from_dict(tomllib.loads(bundled_text(text)), where=text)
        if text in bundled_partnerships() or text.split(":")[0] in GENERATED:
            return cls.load(Partnership.load(text))
        path = Path(text)
        if path.suffix.casefold() == ".toml" or path.exists():
            return cls._read(path)
        known = [*bundled_scenarios(), *bundled_partnerships()]
        raise InputError(f"there is no scenario, partnership or file '{text}'{nearest(text, known)}")

    @classmethod
    def _read(cls, path: Path) -> Scenario:
        """Read a TOML file: a scenario, or a partnership."""
        data = read_toml(path)
        if "organisation" in data or "organisations" in data:
            return cls.load(Partnership.load(str(path)))
        return cls.from_dict(data, where=str(path), folder=path.parent)

    @classmethod
    def from_dict(
        cls, data: Mapping[str, Any], where: str = "scenario", folder: Path | None = None
    ) -> Scenario:
        """Make a scenario from a mapping in the shape of the TOML file.

        Parameters
        ----------
        data
            Keys ``name``, ``title``, ``description``, ``partnership`` (bundled, generated or a path),
            ``months``, ``support`` (two months), ``parameters`` (a table), ``programme`` (the name of a
            bundled one, a list of such names, or tables with ``practice`` or ``programme``, ``from_month``,
            ``to_month``, ``strength``, ``with``), ``shock`` (tables with ``kind`` and the same), ``costs`` (a
            table, see :mod:`collabsim.costs`) and ``extends`` (another scenario, see
            :mod:`collabsim.scenario_extends`).
        where
            What to call it in messages.
        folder
            Paths in it are relative to this folder.

        Raises
        ------
        InputError
            With every fault found.
        """
        def read(table: Mapping[str, Any], called: str, home: Path | None) -> Scenario:
            made = cls(**Reader(table, called, home).fields())
            try:
                made.check()
            except InputError as error:
                raise InputError(*(f"{called}: {fault}" for fault in error.faults)) from None
            return made

        return read(extended(data, where, folder, read), where, folder)

    def with_settings(
        self,
        programme: str | Sequence[Entry] | None = None,
        months: int | None = None,
        **settings: Any,
    ) -> Scenario:
        """Return the scenario with some things set otherwise.

        Parameters
        ----------
        programme
            A bundled programme's name, or entries; replaces the scenario's own.
        months
            How long.
        **settings
            Practices by bare number (runs in the months of support, with everyone, in place of that
            practice's entries; 0 removes them), ``"<practice>.from_month"``, ``".to_month"``, ``".months"``
            (its length) and ``".with"`` (sectors, names or ``"everyone"``), which change the practice's only
            entry, and parameters or levers.

        Raises
        ------
        InputError
            With every fault found.
        """
        faults = Faults()
        changed = self
        if months is not None:
            try:
                changed = replace(changed, months=whole(months, "months", 1, MONTHS_LIMIT))
            except InputError as error:
                faults.take(error)
        if programme is not None:
            try:
                changed = replace(changed, programme=programme_entries(programme, self.support))
            except InputError as error:
                faults.take(error)
        entries, overrides = list(changed.programme), dict(changed.parameters)
        windows: dict[str, Any] = {}
        for name, value in settings.items():
            try:
                if name in TREATMENTS:
                    strength = number(value, f"the strength of '{name}'", 0, 1)
                    entries = [entry for entry in entries if entry.mover != name]
                    if strength > 0:
                        entries.append(Entry(name, *self.support, strength))
                elif name.partition(".")[0] in TREATMENTS and name.partition(".")[2] in (*TIMES, COVERAGE):
                    windows[name] = value
                elif name in PARAMETERS:
                    overrides |= check_parameters({name: value})
                else:
                    known = [*TREATMENTS, *PARAMETERS]
                    faults.add(f"there is no practice or parameter '{name}'{nearest(name, known)}")
            except InputError as error:
                faults.take(error)
        for name in sorted(windows, key=lambda name: name.endswith(".months")):  # lengths once starts are set
            try:
                entries = moved(entries, name, windows[name], settings)
            except InputError as error:
                faults.take(error)
        faults.settle()
        changed = replace(changed, programme=in_order(entries), parameters=overrides)
        changed.check()
        return changed

    def untreated(self) -> Scenario:
        """Return the same scenario without its programme."""
        return replace(self, programme=())

    def check(self) -> None:
        """Refuse windows that end before they start, and members who are not there.

        Raises
        ------
        InputError
            With every fault found.
        """
        faults = Faults()
        for entry in (*self.programme, *self.shocks):
            if entry.to_month <= entry.from_month:
                faults.add(
                    f"'{entry.mover}' ends before it starts: from_month = {entry.from_month}, to_month = "
                    f"{entry.to_month}; it runs in months [from, to)"
                )
            if entry.who is not None:
                try:
                    self.partnership.members(entry.who)
                except InputError as error:
                    faults.take(error)
        faults.settle()

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user should know that is not a fault: windows cut off by the end of the run."""
        said = []
        for entry in (*self.programme, *self.shocks):
            if entry.from_month >= self.months:
                said.append(
                    f"'{entry.mover}' would start in month {entry.from_month}, after the {self.months} "
                    "months of the run: it never runs"
                )
            elif entry.to_month > self.months:
                said.append(
                    f"'{entry.mover}' would end in month {entry.to_month}: cut off at {self.months}, the "
                    "end of the run"
                )
        return tuple(said)

    @property
    def programme_end(self) -> int | None:
        """The first month after the programme, None without one; a placebo is none."""
        ends = [
            min(entry.to_month, self.months)
            for entry in self.programme
            if entry.strength > 0 and entry.from_month < self.months and MOVERS[entry.mover].moves
        ]
        return max(ends) if ends else None

    @property
    def facilitator_days(self) -> float:
        """Facilitator-days of the programme: days a month by practice, strength and member."""
        total = 0.0
        for name in TREATMENTS:
            lines = [entry for entry in self.programme if entry.mover == name]
            if not lines:
                continue
            strength = np.zeros((self.months, len(self.partnership)))
            for entry in lines:
                strength[entry.from_month : entry.to_month] += entry.strength * self._members(entry)
            total += self.costs.days.get(name, 0.0) * float(np.minimum(strength, 1.0).sum())
        return round(total, 6)

    @property
    def own_costs(self) -> dict[str, float]:
        """The days of its own of the practices that run, by name: the costs that outcomes depend on."""
        running = {
            entry.mover for entry in self.programme if entry.strength > 0 and entry.from_month < self.months
        }
        own = self.costs.own_days
        return {name: float(own[name]) for name in sorted(running & set(own))}

    def _members(self, entry: Entry) -> Any:
        if entry.who is None:
            return np.ones(len(self.partnership), np.int64)
        return self.partnership.members(entry.who).astype(np.int64)

    def compile(self) -> Setting:
        """Compile to what the month reads."""
        movers = list(MOVERS)
        rows: list[bytes] = []
        coverage: list[Any] = []
        lines = []
        for entry in (*self.programme, *self.shocks):
            first, last = entry.from_month, min(entry.to_month, self.months)
            if entry.strength <= 0 or first >= last:
                continue
            members = self._members(entry)
            if members.tobytes() not in rows:
                rows.append(members.tobytes())
                coverage.append(members)
            lines.append(
                (movers.index(entry.mover), first, last, rows.index(members.tobytes()), entry.strength)
            )
        return Setting(
            self.partnership,
            self.months,
            parameter_record(self.parameters),
            np.array(sorted(lines), ENTRY_DTYPE),
            np.array(coverage, np.int64).reshape(len(coverage), len(self.partnership)),
        )


def asks_table() -> Any:
    """Return (movers, levers): the value each mover asks for at full strength, NaN where it asks nothing."""
    table = np.full((len(MOVERS), len(LEVERS)), np.nan)
    levers = list(LEVERS)
    for row, mover in enumerate(MOVERS.values()):
        for name, full in mover.moves.items():
            table[row, levers.index(name)] = full
    return table
