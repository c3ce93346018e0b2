"""Programmes: which practices run when, how strongly, and with whom; and the bundled ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from collabsim.draws import MONTHS_LIMIT
from collabsim.errors import Faults, InputError, nearest
from collabsim.parameters import whole
from collabsim.practices import PRACTICES, TREATMENTS

SUPPORT = (6, 42)
"""The months [from, to) of support, for practices that do not say when they run."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a programme or a shock.

    Attributes
    ----------
    mover
        The practice or the kind of shock.
    from_month, to_month
        Runs in months [from, to).
    strength
        0 to 1.
    who
        Sectors or names of those who take part; None for everyone.
    """

    mover: str
    from_month: int
    to_month: int
    strength: float = 1.0
    who: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """Practices in stages that share the months of support equally.

    Attributes
    ----------
    name, title
        In code; in running text.
    stages
        The practices of each stage, in order.
    """

    name: str
    title: str
    stages: tuple[tuple[str, ...], ...]

    def entries(self, support: tuple[int, int]) -> tuple[Entry, ...]:
        """Lay the stages out over the months of support."""
        first, last = support
        count = max(1, len(self.stages))
        if last - first < count:
            raise InputError(
                f"programme '{self.name}' has {count} stages, more than the {last - first} months of support"
            )
        edges = [first + (last - first) * k // count for k in range(count + 1)]
        return tuple(
            Entry(practice, edges[k], edges[k + 1])
            for k, stage in enumerate(self.stages)
            for practice in stage
        )


_ORDER = tuple((name,) for name in PRACTICES)

PROGRAMMES: dict[str, Programme] = {
    programme.name: programme
    for programme in (
        Programme("none", "No programme", ()),
        *(Programme(name, f"{practice.title} alone", ((name,),)) for name, practice in PRACTICES.items()),
        Programme("all-six", "All six practices", (tuple(PRACTICES),)),
        Programme("article-order", "One after another, in the article's order", _ORDER),
        Programme("reverse-order", "One after another, in reverse order", _ORDER[::-1]),
        Programme("trust-then-courage", "Building trust, then courageous leadership",
                  (("building_trust",), ("courageous_leadership",))),
        Programme("courage-then-trust", "Courageous leadership, then building trust",
                  (("courageous_leadership",), ("building_trust",))),
    )
}  # fmt: skip
"""The bundled programmes, by name."""


def programme_entries(programme: Any, support: tuple[int, int]) -> tuple[Entry, ...]:
    """Return the entries of a programme given by name, or as entries."""
    if isinstance(programme, str):
        if programme not in PROGRAMMES:
            raise InputError(f"there is no programme '{programme}'{nearest(programme, PROGRAMMES)}")
        return PROGRAMMES[programme].entries(support)
    if isinstance(programme, Iterable):
        entries = tuple(programme)
        if all(isinstance(entry, Entry) for entry in entries):
            return entries
    raise InputError(f"a programme is the name of a bundled one or a sequence of Entry, not {programme!r}")


def in_order(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return entries in the order of the practices, then of their start."""
    order = list(TREATMENTS)
    return tuple(sorted(entries, key=lambda entry: (order.index(entry.mover), entry.from_month)))


TIMES = ("from_month", "to_month", "months")
"""What can be said of when a practice's one entry runs: its ends [from, to), or its length."""

COVERAGE = "with"
"""Who takes part in a practice's one entry."""

EVERYONE = "everyone"
AND, THEN = " + ", " > "
"""What stands between members in a coverage, and between practices in an order, written as one text."""


def moved(entries: Sequence[Entry], name: str, value: Any, settings: Mapping[str, Any]) -> list[Entry]:
    """Return entries with one practice's only entry run at another time, or with others.

    Parameters
    ----------
    entries
        Of a programme.
    name
        ``"<practice>.from_month"``, ``".to_month"``, ``".months"`` or ``".with"``.
    value
        A month, a number of months, or who takes part (see :func:`coverage`).
    settings
        All that is set; a practice set to 0 has no entry to move, and needs none.

    Raises
    ------
    InputError
        If the practice has no entry or several, or the value is none.
    """
    practice, _, what = name.partition(".")
    if what == COVERAGE:
        change: dict[str, Any] = {"who": coverage(value, f"'{name}'")}
    else:
        change = {what: whole(value, f"'{name}'", int(what == "months"), MONTHS_LIMIT)}
    mine = [entry for entry in entries if entry.mover == practice]
    if not mine and settings.get(practice) == 0:
        return list(entries)
    if len(mine) != 1:
        raise InputError(
            f"'{name}' moves the practice's one entry, but the scenario has {len(mine)}; give "
            f"'{practice}' a strength too"
        )
    if what == "months":
        change = {"to_month": mine[0].from_month + change["months"]}
    changed = replace(mine[0], **change)
    return [changed if entry.mover == practice else entry for entry in entries]


def coverage(value: Any, where: str) -> tuple[str, ...] | None:
    """Read who takes part: a list of sectors or names, the same joined by " + ", or "everyone" (None).

    Raises
    ------
    InputError
        If it is neither, or names nobody.
    """
    names = value.split(AND) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(n, str) and n.strip() for n in names) or (
        not names
    ):
        raise InputError(f"{where} must be \"{EVERYONE}\" or a list of sectors or names, not {value!r}")
    names = tuple(name.strip() for name in names)
    if names == (EVERYONE,):
        return None
    faults = Faults()
    for name in names:
        if AND in name:
            faults.add(f"{where}: a name with '{AND}' in it cannot be listed here: {name!r}")
    faults.settle()
    return names


def order(value: Any, where: str) -> Programme:
    """Read an order of practices: a list of them, or the same joined by " > ".

    Returns
    -------
    Programme
        A stage a practice, called what joining them makes.

    Raises
    ------
    InputError
        With every fault found: unknown practices, and practices named twice.
    """
    names = value.split(THEN.strip()) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        raise InputError(f"{where} must be a list of practices, not {value!r}")
    names = [name.strip() for name in names]
    faults = Faults()
    for name in dict.fromkeys(names):
        if name not in TREATMENTS:
            faults.add(f"{where}: there is no practice '{name}'{nearest(name, TREATMENTS)}")
        elif names.count(name) > 1:
            faults.add(f"{where} has '{name}' {names.count(name)} times, and an order has it once")
    faults.settle()
    text = THEN.join(names)
    return Programme(text, text, tuple((name,) for name in names))
