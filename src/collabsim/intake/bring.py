"""All of it: files as people keep them, to a partnership and to what must be said about it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collabsim.errors import InputError
from collabsim.intake.given import Given, given_of, notes_of
from collabsim.intake.grids import Grid
from collabsim.intake.headings import ORGANISATION_FIELDS, TIE_FIELDS
from collabsim.intake.networks import is_network, read_network
from collabsim.intake.organisations import Organisations, gathered, name_in, read_organisations
from collabsim.intake.scales import Scale
from collabsim.intake.tables import (
    Table,
    content_of,
    is_matrix,
    laid_out,
    read_grid,
    split_sheet,
    with_headings,
)
from collabsim.intake.ties import Ties, entries_of, read_ties
from collabsim.partnership import Partnership
from collabsim.partnership_tables import Entry, Problems
from collabsim.partnership_ties import UNANSWERED

File = str | Path


@dataclass(frozen=True, slots=True)
class Brought:
    """A partnership made of somebody's own data.

    Attributes
    ----------
    partnership
        Checked, as its file will be read.
    data
        What its file holds (the shape of :mod:`collabsim.partnership_files`).
    matched, unused
        Which columns were matched by more than their plain name, and which are not used: lines of text.
    given
        What was given, and what is drawn.
    notes
        What else a user should know.
    scales
        On which scale each measure was answered.
    """

    partnership: Partnership
    data: dict[str, Any]
    matched: tuple[str, ...]
    unused: tuple[str, ...]
    given: tuple[Given, ...]
    notes: tuple[str, ...]
    scales: Mapping[str, Scale]


@dataclass(slots=True)
class Wanted:
    """What is to be read, and how.

    Attributes
    ----------
    organisations, ties, survey, network
        Files: CSV or Excel (``"book.xlsx#Sheet"`` names a sheet), GraphML or GML; each may be left out, but
        somebody must be named somewhere.
    scale, contact_scale
        Of trust (and dispositions) and of contact, where declared.
    directed
        Whether a tie speaks for its first organisation alone; None to take what the file says, or True.
    everyone
        Whether everyone knows of everyone, beyond the ties listed.
    several
        Whether several answers about one tie are averaged.
    declared
        Heading to field.
    encoding
        Of CSV files.
    survey_error
        Standard deviation of surveyed trust round the truth.
    """

    organisations: File | None = None
    ties: File | None = None
    survey: File | None = None
    network: File | None = None
    scale: Scale | None = None
    contact_scale: Scale | None = None
    directed: bool | None = None
    everyone: bool = False
    several: bool = False
    declared: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    survey_error: float = 0.0


def bring(wanted: Wanted, name: str, title: str = "") -> Brought:
    """Read somebody's own data.

    Parameters
    ----------
    wanted
        Which files, and how.
    name, title
        What the partnership is called.

    Raises
    ------
    InputError
        With every fault found, each with its row.
    """
    return _Bringer(wanted).bring(name, title)


def read_second_wave(wanted: Wanted, partnership: Partnership) -> tuple[Any, tuple[str, ...], Scale]:
    """Read a second survey of a partnership that is already there.

    Parameters
    ----------
    wanted
        With ``survey``, and how to read it.
    partnership
        Whose organisations answered.

    Returns
    -------
    tuple
        ((ties, 2) trust of the lower and of the higher, NaN where unanswered; what a user should know; the
        scale).

    Raises
    ------
    InputError
        With every fault found, each with its row.
    """
    import numpy as np

    bringer = _Bringer(wanted)
    known = Organisations(partnership, [])
    bringer.ties(wanted.survey, known, "trust", ("survey", "trust", "wave", "ties"))
    bringer.problems.settle()
    places = {(int(tie["lower"]), int(tie["higher"])): row for row, tie in enumerate(partnership.ties)}
    answers = np.full((len(places), 2), np.nan)
    unknown = 0
    for (one, other), answer in bringer.found.answers.items():
        place = places.get((one, other), places.get((other, one)))
        if place is None:
            unknown += not math.isnan(answer.values["trust"])
            continue
        sides = [int((one, other) not in places)] if bringer.found.directed else [0, 1]
        for side in sides:
            answers[place, side] = answer.values["trust"]
    if unknown:
        bringer.notes.append(
            f"{unknown} answers are about pairs that did not know of each other at first: not used"
        )
    return answers, (*bringer.notes, *bringer.found.notes), bringer.found.scales.get("trust", Scale())


class _Bringer:
    """Reads one set of files, collecting every fault on the way."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.problems = Problems()
        self.found = Ties()
        self.matched: list[str] = []
        self.unused: list[str] = []
        self.notes: list[str] = []

    def bring(self, name: str, title: str) -> Brought:
        nodes, edges = self._network()
        known = self._organisations(nodes)
        if edges is not None and known is not None:
            self._ties_of(edges, known, "contact")
        if known is not None:
            self.ties(self.wanted.ties, known, "trust", ("tie", "relation", "network", "link", "edge"))
            self.ties(self.wanted.survey, known, "trust", ("survey", "trust", "wave", "answer", "tie"))
        elif not self.problems.faults.found:
            self.problems.add("", "nobody is named: give --organisations, or --network, or --ties")
        if known is not None and not self.problems.faults.found and len(known.entries) < 2:
            place = known.entries[0].place if known.entries else "the organisations"
            self.problems.add(place, "a partnership has at least 2 organisations")
        self.problems.settle()
        assert known is not None
        return self._made(known, name, title)

    def _read(self, file: File, likely: Sequence[str]) -> Grid | None:
        """Read a grid; None, and noted, if it cannot be."""
        try:
            grid = read_grid(file, likely, self.wanted.encoding)
        except InputError as error:
            for fault in error.faults:
                self.problems.add("", fault)
            return None
        self.notes += grid.notes
        return grid

    def _table(
        self, grid: Grid, fields: Mapping[str, Sequence[str]], required: Sequence[str]
    ) -> Table | None:
        try:
            table = with_headings(grid, fields, required, self.wanted.declared)
        except InputError as error:
            for fault in error.faults:
                self.problems.add("", fault)
            return None
        self.matched += [f"{grid.where}: {said}" for said in table.matching.said]
        self.unused += [f"{grid.where}: column {heading} is not used" for heading in table.matching.unused]
        return table

    def _network(self) -> tuple[Grid | None, Grid | None]:
        if self.wanted.network is None:
            return None, None
        path, _ = split_sheet(self.wanted.network)
        try:
            content = content_of(path, path.name)
            if not is_network(path.name, content):
                raise InputError(f"{path.name}: this is neither GraphML nor GML; give a table with --ties")
            return read_network(content, path.name, self.wanted.encoding)
        except InputError as error:
            for fault in error.faults:
                self.problems.add("", fault)
            return None, None

    def _organisations(self, nodes: Grid | None) -> Organisations | None:
        grid = nodes
        if self.wanted.organisations is not None:
            grid = self._read(
                self.wanted.organisations, ("organisation", "organization", "agenc", "member", "partner")
            )
            if grid is None:
                return None
        elif grid is None:
            return self._named_in_ties()
        table = self._table(grid, ORGANISATION_FIELDS, ("name",))
        if table is None:
            return None
        known = read_organisations(table, self.problems, self.wanted.scale)
        self.notes += known.notes
        return known

    def _named_in_ties(self) -> Organisations | None:
        """Take the organisations from the ties, where nobody lists them."""
        file = self.wanted.ties or self.wanted.survey
        grid = None if file is None else self._read(file, ())
        if grid is None:
            return None
        if is_matrix(grid):
            grid = laid_out(grid, "trust")
        try:
            table = with_headings(grid, TIE_FIELDS, ("from", "to"), self.wanted.declared)
        except InputError as error:
            for fault in error.faults:
                self.problems.add("", fault)
            return None
        found: dict[str, Entry] = {}
        for row in table.rows:
            for end in ("from", "to"):
                place = grid.place(row)
                name = name_in(table.value(row, end), place, Problems())
                if name is not None:
                    found.setdefault(
                        name.casefold(), Entry(place, {"name": name, "sector": ""}, from_csv=True)
                    )
        self.notes.append(f"the organisations are those named in {grid.where}, as no list of them was given")
        return gathered(list(found.values()), self.problems, self.notes)

    def ties(self, file: File | None, known: Organisations, meaning: str, likely: Sequence[str]) -> None:
        """Read one file of ties, list or matrix, or a network."""
        if file is None:
            return
        path, _ = split_sheet(file)
        try:
            content = content_of(path, path.name)
            if is_network(path.name, content):
                self._ties_of(read_network(content, path.name, self.wanted.encoding)[1], known, meaning)
                return
        except InputError as error:
            for fault in error.faults:
                self.problems.add("", fault)
            return
        grid = self._read(file, likely)
        if grid is not None:
            self._ties_of(grid, known, meaning)

    def _ties_of(self, grid: Grid, known: Organisations, meaning: str) -> None:
        if grid.row_word == "row" and is_matrix(grid):
            grid = laid_out(grid, meaning)
            self.notes.append(grid.notes[-1])
        if grid.row_word == "edge" and len(grid.rows) == 1:
            self.problems.add(grid.where, "this network has no ties")
            return
        table = self._table(grid, TIE_FIELDS, ("from", "to"))
        if table is None:
            return
        directed = self.wanted.directed
        if directed is None:
            directed = grid.directed if grid.directed is not None else True
        scales = {"trust": self.wanted.scale, "contact": self.wanted.contact_scale}
        read_ties(
            table, known, self.problems, into=self.found, directed=directed, several=self.wanted.several,
            scales={what: scale for what, scale in scales.items() if scale is not None},
        )  # fmt: skip

    def _made(self, known: Organisations, name: str, title: str) -> Brought:
        pairs = entries_of(self.found, known)
        listed = bool(pairs) or self.wanted.ties is not None or self.wanted.network is not None
        if listed and not pairs:
            raise InputError(
                "no tie was found in what was given; leave ties out for everyone to know of everyone"
            )
        data: dict[str, Any] = {"name": name}
        if title:
            data["title"] = title
        if not listed or self.wanted.everyone:
            data["ties"] = "all"
        if self.wanted.survey_error > 0:
            data["survey_error"] = self.wanted.survey_error
        if known.new:
            data["sector"] = [
                {"name": s.name, "title": s.title, "perspective": list(s.perspective), "mandate": s.mandate}
                for s in known.new
            ]
        data["organisation"] = [_organisation(entry) for entry in known.entries]
        if pairs:
            data["tie"] = [_tie(entry.values) for entry in pairs]
        partnership = Partnership.from_dict(data, name)
        notes = [*self.notes, *self.found.notes, *notes_of(partnership, known, self.found)]
        return Brought(
            partnership, data, tuple(self.matched), tuple(self.unused),
            tuple(given_of(partnership, known)),
            tuple(dict.fromkeys(notes)), dict(self.found.scales),
        )  # fmt: skip


def _organisation(entry: Entry) -> dict[str, Any]:
    """Put an organisation into the shape of its file."""
    values = {name: value for name, value in entry.values.items() if name != "note"}
    if "perspective_x" in values and "perspective_y" in values:
        values["perspective"] = [values.pop("perspective_x"), values.pop("perspective_y")]
    return values


def _tie(values: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(values)
    if "trust" in made:
        made["trust"] = [UNANSWERED if math.isnan(trust) else trust for trust in made["trust"]]
    return made


def with_data(brought: Brought, data: dict[str, Any]) -> Brought:
    """Return the same with other content, checked anew."""
    return dataclasses.replace(
        brought, data=data, partnership=Partnership.from_dict(data, str(data.get("name", "")))
    )
