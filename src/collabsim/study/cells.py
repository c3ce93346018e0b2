"""Which runs a sweep has: its points, its shards, what is recorded, and what all of them must share."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from collabsim import saved_state, summary
from collabsim.errors import InputError
from collabsim.practices import PRACTICES
from collabsim.programmes import PROGRAMMES
from collabsim.study import own_outcomes
from collabsim.study.chunks import Work
from collabsim.study.ledger import KEPT, KEY, Ledger
from collabsim.study.provenance import canonical, digest, scenario_identity

FORM = 1
"""Of folders; another version of this program may have another."""


@dataclass(frozen=True)
class Shard:
    """A part of a sweep: number ``number`` of ``of``, counted from 1."""

    number: int
    of: int

    @classmethod
    def read(cls, text: str) -> Shard:
        """Read ``"2/8"``.

        Raises
        ------
        InputError
            If it is no such thing.
        """
        number, _, of = text.partition("/")
        if not (number.isascii() and number.isdigit() and of.isascii() and of.isdigit()
                and 1 <= int(number) <= int(of) <= 100_000):  # fmt: skip
            raise InputError(f"a shard is i/n, such as 2/8 for the second of eight, not '{text}'")
        return cls(int(number), int(of))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def holds(self, cells: int, worlds: int) -> Any:
        """Return (cells, worlds): which runs are its own; whole worlds where there are enough of them."""
        if worlds >= self.of:
            mine = np.arange(worlds) % self.of == self.number - 1
            return np.broadcast_to(mine, (cells, worlds))
        return (np.arange(cells * worlds) % self.of == self.number - 1).reshape(cells, worlds)


class Cells:
    """The distinct points of a plan, each under a key that follows from its levels alone.

    A point that a plan has twice is computed once. A point keeps its key when levels or worlds are added.

    Attributes
    ----------
    of_place
        (points,) the cell of each point.
    places
        (cells,) the first point of each.
    """

    def __init__(self, work: Work) -> None:
        plan = work.plan
        every = (key_of(plan.point(place)) for place in range(plan.count))
        keys = np.fromiter(every, f"S{KEY}", plan.count)
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        order = np.argsort(first)  # cells in the order in which the plan has them
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        self.of_place, self.places = rank[inverse], first[order]
        self.keys = keys[self.places]
        self._sorted = np.argsort(self.keys)

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, keys: Any) -> Any:
        """Return the cell of each key, -1 for those that the plan does not have."""
        where = np.searchsorted(self.keys, keys, sorter=self._sorted)
        found = self._sorted[np.minimum(where, len(self) - 1)]
        return np.where(self.keys[found] == keys, found, -1)


def key_of(levels: dict[str, Any]) -> bytes:
    """Return the key of a point."""
    return hashlib.sha256(canonical(levels).encode()).digest()[:KEY]


def head_of(work: Work) -> dict[str, Any]:
    """Say what a sweep is, apart from which points and worlds it has: what must agree for runs to be mixed.

    Returns
    -------
    dict
        JSON values.
    """
    plan = work.plan
    named = {
        f"{name}={level}": scenario_identity(plan._made({name: level}))
        for name in ("scenario", "partnership")
        for level in plan.named_levels(name)
    } | {
        f"programme={level}": digest(repr(PROGRAMMES.get(level)))
        for level in plan.named_levels("programme")
    }
    measures = hashlib.sha256(Path(summary.__file__).read_bytes().replace(b"\r\n", b"\n"))
    measures.update(repr([(one.name, one.days) for one in PRACTICES.values()]).encode())
    return {
        "form": FORM,
        "rules": work.schedule.identity,
        "measures": measures.hexdigest(),
        "scenario": scenario_identity(plan.base),
        "outcomes": own_outcomes.identities(work.outcomes),
        "start": None if work.start is None else saved_state.identity(work.start),
        "design": plan.design,
        "seed": plan.seed,
        "months": plan.months,
        "factors": list(plan.factors),
        "named": named,
    }


def recorded(ledger: Ledger, cells: Cells, work: Work) -> Any:
    """Return (cells, worlds): which runs a ledger has recorded, with the months that are wanted."""
    worlds = work.plan.worlds
    done = np.zeros((len(cells), worlds), bool)
    for entry in ledger.entries(KEPT):
        if entry.every != work.every and work.every:
            continue
        keys, numbers = ledger.members(entry.number)
        found = cells.find(keys)
        here = (found >= 0) & (numbers < worlds)
        done[found[here], numbers[here]] = True
    return done
