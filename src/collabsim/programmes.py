"""Programmes: which practices run when, how strongly, and with whom; and the bundled ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from collabsim.errors import InputError, nearest
from collabsim.practices import PRACTICES

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
    order = list(PRACTICES)
    return tuple(sorted(entries, key=lambda entry: (order.index(entry.mover), entry.from_month)))
