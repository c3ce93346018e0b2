"""Ties and surveys: who knows whom, what they trust and how much they see of each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from collabsim.errors import InputError
from collabsim.intake.cells import Cell, is_missing, shown
from collabsim.intake.grids import Row
from collabsim.intake.organisations import Organisations, name_in
from collabsim.intake.scales import Scale, scale_of
from collabsim.intake.tables import Table, unreadable
from collabsim.partnership_tables import Entry, Problems

MEASURES = ("trust", "contact")
OPTION = {"trust": "--scale", "contact": "--contact-scale"}


@dataclass(slots=True)
class Answer:
    """What one row says of one tie.

    Attributes
    ----------
    place
        Where it stands.
    ends
        Rows of the two organisations, as answered: the first about the second.
    values
        Trust and contact, 0 to 1, NaN where nothing was answered.
    times
        How many rows it is the mean of.
    """

    place: str
    ends: tuple[int, int]
    values: dict[str, float]
    times: int = 1


@dataclass(slots=True)
class Ties:
    """All that was said of ties.

    Attributes
    ----------
    answers
        By the rows of the ends, as answered.
    scales
        On which each measure was answered.
    asked
        Organisations that stand in a survey without an answer.
    notes
        What a user should know.
    """

    answers: dict[tuple[int, int], Answer] = field(default_factory=dict)
    scales: dict[str, Scale] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    directed: bool = True


def read_ties(
    table: Table,
    known: Organisations,
    problems: Problems,
    *,
    into: Ties,
    scales: dict[str, Scale],
    directed: bool = True,
    several: bool = False,
) -> None:
    """Read ties from a table whose headings are understood.

    Parameters
    ----------
    table
        The table.
    known
        The organisations.
    problems
        Where faults are noted.
    into
        What was read before, to which this is added.
    scales
        Measure to the scale that was declared for it.
    directed
        Whether a row speaks for its first organisation alone.
    several
        Whether several answers about one tie are to be averaged, and not a fault.
    """
    into.directed = into.directed and directed
    found = {what: _scale(table, what, scales.get(what), problems, into) for what in MEASURES}
    repeated = forgiven = 0
    for row in table.rows:
        place = table.grid.place(row)
        cells = {what: table.value(row, what) for what in MEASURES}
        names = [name_in(table.value(row, end), place, problems) for end in ("from", "to")]
        silent = all(is_missing(cell) for cell in cells.values())
        if names[1] is None and names[0] is not None and silent and table.value(row, "to") is None:
            if (who := _row_of(names[0], known, place, problems)) is not None:
                into.asked.add(who)
            continue
        if names[0] is None and names[1] is None and silent:
            continue
        values = {what: _value(table, row, what, found[what], problems) for what in MEASURES}
        if table.grid.matrix and values["contact"] == 0 and math.isnan(values["trust"]):
            continue
        if None in names:
            missing = " and ".join(
                f"'{end}'" for end, name in zip(("from", "to"), names, strict=True) if name is None
            )
            if not any(unreadable(table.value(row, end)) for end in ("from", "to")):
                problems.add(place, f"the name of an organisation is missing: {missing}")
            continue
        ends = [_row_of(str(name), known, place, problems) for name in names]
        if ends[0] is None or ends[1] is None:
            continue
        forgiven += sum(known.alone.find(str(name)) is None for name in names)
        if ends[0] == ends[1]:
            problems.add(place, f"this ties '{known.alone.names[ends[0]]}' to itself")
            continue
        if silent and "trust" in table.matching.columns:
            into.asked.add(ends[0])
        pair = (ends[0], ends[1]) if directed else (min(ends[0], ends[1]), max(ends[0], ends[1]))
        repeated += _add(into, Answer(place, pair, values), several, problems)
    if repeated:
        into.notes.append(
            f"{table.grid.where}: {repeated} ties stand there more than once and were brought together"
        )
    if forgiven:
        into.notes.append(
            f"{table.grid.where}: {forgiven} names are written with other punctuation than in the list"
        )


def _scale(table: Table, what: str, declared: Scale | None, problems: Problems, into: Ties) -> Scale:
    if what not in table.matching.columns:
        return Scale()
    cells = [table.value(row, what) for row in table.rows]
    try:
        scale = scale_of([cell for cell in cells if unreadable(cell) is None], declared, OPTION[what])
    except InputError as error:
        problems.add(
            f"{table.grid.where}, column {shown(table.header[table.matching.columns[what]])}", str(error)
        )
        return Scale(-math.inf, math.inf)
    if any(not is_missing(cell) for cell in cells):
        how = "as declared" if scale.declared else f"as the answers show (else say {OPTION[what]})"
        into.notes.append(f"{table.grid.where}: {what} is read on the scale {scale.name}, {how}")
        into.scales[what] = scale
    return scale


def _value(table: Table, row: Row, what: str, scale: Scale, problems: Problems) -> float:
    cell: Cell = table.value(row, what)
    if is_missing(cell) or not math.isfinite(scale.low):
        return math.nan
    if (reason := unreadable(cell)) is not None:
        problems.add(table.place(row, what), reason)
        return math.nan
    try:
        return scale.read(cell)
    except InputError as error:
        problems.add(table.place(row, what), f"{error}; {what} is a number or a word on it, or empty")
        return math.nan


def _row_of(name: str, known: Organisations, place: str, problems: Problems) -> int | None:
    """Find an organisation; where there is none that is noted, with the nearest spelling."""
    row = known.find(name)
    if row is None and problems.full:
        problems.add(place, "unknown organisation")
    elif row is None:
        try:
            return known.alone.row(name)
        except InputError as error:
            problems.add(place, str(error))
    return row


def _add(into: Ties, new: Answer, several: bool, problems: Problems) -> int:
    """Put an answer to those there are; return how many it repeats."""
    old = into.answers.setdefault(new.ends, new)
    if old is new:
        return 0
    for what, value in new.values.items():
        before = old.values[what]
        if math.isnan(before):
            old.values[what] = value
        elif not math.isnan(value) and value != before:
            if not several:
                problems.add(
                    new.place,
                    f"{what} on this tie is another in {old.place}; correct one, or say --mean-of-several "
                    "if several "
                    "people of one organisation answered",
                )
            old.values[what] = (before * old.times + value) / (old.times + 1)
    old.times += 1
    return 1


def entries_of(ties: Ties, known: Organisations) -> list[Entry]:
    """Put all that was said into the words of a partnership file: one entry a pair, contact agreed on."""
    names = known.alone.names
    pairs: dict[tuple[int, int], Entry] = {}
    unlike = 0
    for (one, other), answer in ties.answers.items():
        low, high = min(one, other), max(one, other)
        back = ties.answers.get((other, one))
        if (low, high) in pairs:
            continue
        values: dict[str, object] = {"between": [names[low], names[high]]}
        contacts = [
            a.values["contact"]
            for a in (answer, back)
            if a is not None and not math.isnan(a.values["contact"])
        ]
        if contacts:
            unlike += len(set(contacts)) > 1
            values["contact"] = round(sum(contacts) / len(contacts), 6)
        forth = answer.values["trust"]
        if ties.directed:
            reverse = math.nan if back is None else back.values["trust"]
            trusts = [forth, reverse] if one == low else [reverse, forth]
        else:
            trusts = [forth, forth]
        if not all(math.isnan(trust) for trust in trusts):
            values["trust"] = [round(trust, 6) for trust in trusts]
        pairs[low, high] = Entry(answer.place, values)
    if unlike:
        ties.notes.append(f"on {unlike} pairs the two sides say different contact: their mean was taken")
    return [pairs[pair] for pair in sorted(pairs)]


def silent_of(ties: Ties, known: Organisations) -> Sequence[str]:
    """Name the organisations that did not answer a survey of trust that others answered."""
    answered = {one for (one, _), answer in ties.answers.items() if not math.isnan(answer.values["trust"])}
    if not ties.directed or not answered:
        return ()
    return [name for row, name in enumerate(known.alone.names) if row not in answered]
