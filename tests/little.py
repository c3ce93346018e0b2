"""Little hand-made partnerships, driven month by month: what the tests of the compiled month share.

Nothing here knows of scenarios or of partnership files: a :class:`Little` lays out the records that the
compiled month reads, and steps it through the schedule's own driver.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from collabsim import driver, schedule, state
from collabsim.outcomes import OUTCOMES
from collabsim.parameters import LEVERS, parameter_record
from collabsim.practices import MOVERS, PRACTICES
from collabsim.state import GIVEN, START_DTYPE, TIE_DTYPE

CENTRES = np.array([[0.20, 0.30], [0.75, 0.20], [0.50, 0.85], [0.85, 0.60]])
MANDATES = np.array([0.25, 0.50, 0.75, 0.60])

ROW = {name: row for row, name in enumerate(MOVERS)}
"""The row of each practice and shock in the table of asks."""

OUTCOME = {name: column for column, name in enumerate(OUTCOMES)}
"""The column of each outcome in a measured month."""

SPREADS = (
    "disposition_spread", "disposition_within", "perspective_spread", "mandate_spread",
    "start_accountability_spread", "resting_spread",
)  # fmt: skip
"""The parameters that make organisations unlike; at zero, those of one sector start alike."""


SETTING = {
    "disposition": 0.58, "disposition_spread": 0.18, "prior_strength": 2.0, "visibility": 0.6,
    "negativity": 1.6, "holdback_weight": 0.2, "memory": 0.97, "stake_size": 0.75, "synergy": 1.2,
    "friction": 0.7, "intensity_of_choice": 7.5, "cost": 0.1, "loss": 0.35, "tension_cost": 0.3,
    "strain": 0.08, "peer_accountability": 0.5, "peer_strength": 0.5, "reciprocation": 0.7,
    "expectation_rate": 0.3, "start_accountability": 0.7, "contact_gain": 0.15, "contact_fade":
    0.035, "meeting_rate": 0.8, "resting_courage": 0.2, "resting_systems_view": 0.2, "learning":
    0.01,
}  # fmt: skip
"""What a little partnership has for the parameters that the calibration sets, unless a test says otherwise:
what tests expect is worked out by hand for these, whatever the defaults have become."""


def organisations(count: int, **fields: Any) -> Any:
    """Make organisations of four sectors in turn, with ids that are neither sorted nor small.

    Parameters
    ----------
    count
        How many, at least 1.
    **fields
        Values of fields of :data:`~collabsim.partnership.START_DTYPE`, one for all or one each.
    """
    given = np.zeros(count, START_DTYPE)
    for name in GIVEN:
        given[name] = np.nan
    given["id"] = 3 + 7 * ((np.arange(count) * 5 + 2) % 997)
    given["sector"] = np.arange(count) % 4
    given["statutory"] = given["sector"] < 2
    given["size"], given["log_size"], given["capacity"] = 100.0, 2.0, 12.0
    given["centre_x"], given["centre_y"] = CENTRES[given["sector"]].T
    given["mandate_mean"] = MANDATES[given["sector"]]
    for name, value in fields.items():
        given[name] = value
    return given.view(np.recarray)


def ties(given: Any, pairs: Iterable[tuple[int, int]], **fields: Any) -> Any:
    """Make known ties between rows of organisations, the end with the lower id first.

    Fields of :data:`~collabsim.partnership.TIE_DTYPE` may be given, one value for all or one each.
    """
    rows = np.array(list(pairs), np.int64).reshape(-1, 2)
    known = np.zeros(len(rows), TIE_DTYPE)
    swap = given["id"][rows[:, 0]] > given["id"][rows[:, 1]]
    known["lower"] = np.where(swap, rows[:, 1], rows[:, 0])
    known["higher"] = np.where(swap, rows[:, 0], rows[:, 1])
    for name in ("contact", "trust_lower", "trust_higher"):
        known[name] = fields.pop(name, np.nan)
    assert not fields, f"a tie has no {', '.join(fields)}"
    return known.view(np.recarray)


def small_town(count: int = 9) -> tuple[Any, Any]:
    """Make organisations on a ring with some chords: neighbours' neighbours can be introduced."""
    given = organisations(count)
    pairs = {tuple(sorted((i, (i + step) % count))) for i in range(count) for step in (1, 3)}
    return given, ties(given, sorted(pairs))


def everybody(count: int) -> list[tuple[int, int]]:
    """Return all pairs of rows."""
    return [(i, j) for i in range(count) for j in range(i + 1, count)]


def table_of_asks(*more: Mapping[str, float]) -> Any:
    """Return what practices and shocks ask of levers at full strength, and a row for each of ``more``.

    The rows of ``more`` follow those in :data:`ROW`, and may ask for anything.
    """
    rows = [mover.moves for mover in MOVERS.values()] + list(more)
    return np.array([[row.get(name, np.nan) for name in LEVERS] for row in rows])


def entries(*lines: Sequence[float]) -> Any:
    """Make lines of a programme: (mover, from month, to month, row of coverage, strength)."""
    return np.array([tuple(line) for line in lines], state.ENTRY_DTYPE)


def all_six(from_month: int = 0, to_month: int = 10_000, strength: float = 1.0) -> Any:
    """Make the programme of all six practices, for everybody."""
    return entries(*((ROW[name], from_month, to_month, 0, strength) for name in PRACTICES))


class Little:
    """A partnership in memory, at the beginning of month 0 of one world.

    Parameters
    ----------
    given, known
        From :func:`organisations` and :func:`ties`.
    values
        Overrides of parameters, which are :data:`SETTING` and defaults otherwise.
    programme
        From :func:`entries`.
    coverage
        (rows, n) who takes part; one row with everybody if left out.
    asks
        From :func:`table_of_asks`; what practices and shocks ask if left out.
    seed, world, luck
        Whose draws.
    room
        How many pairs there is room for; all of them if left out.
    plan
        The schedule; the model's own if left out.
    """

    def __init__(
        self,
        given: Any,
        known: Any,
        values: Mapping[str, float] | None = None,
        *,
        programme: Any = None,
        coverage: Any = None,
        asks: Any = None,
        seed: int = 1,
        world: int = 0,
        luck: int = 0,
        room: int | None = None,
        plan: schedule.Schedule = schedule.SCHEDULE,
    ) -> None:
        count = len(given)
        room = max(1, count * (count - 1) // 2) if room is None else room
        programme = entries() if programme is None else programme
        coverage = np.ones((1, count), np.int64) if coverage is None else np.asarray(coverage)
        self.given, self.known = given, known
        self.s = state.new_state(count, room)
        self.m = state.new_month(count, room, table_of_asks() if asks is None else asks, programme, coverage)
        self.params = parameter_record({**SETTING, **(values or {})})
        self.driver = plan.driver
        self.told = driver.given_of(self.params, np.array([[0, len(programme)]]), given, known)
        self.driver.begin_world(self.s, self.m, self.told, (seed, world, luck, 0))

    @property
    def p(self) -> Any:
        """The record of parameters that a step takes."""
        return self.params[0]

    def month(self) -> Any:
        """Play one month and return its outcomes, shape (outcomes,)."""
        row = np.full(len(OUTCOMES), np.nan)
        assert self.driver.one_month(self.s, self.m, self.told, row), "room for pairs ran out"
        return row

    def months(self, count: int) -> Any:
        """Play months and return their outcomes, shape (count, outcomes)."""
        return np.array([self.month() for _ in range(count)])

    @property
    def pairs(self) -> int:
        """How many pairs are in use."""
        return int(self.s.clock[0].pairs)

    def bits(self) -> bytes:
        """Return the whole state as it lies in memory, for comparison to the bit."""
        used = self.pairs
        fields = (*state.part(self.s.pair, slice(used)), *state.part(self.s.side, slice(used)))
        return self.s.organisation.tobytes() + b"".join(field.tobytes() for field in fields)

    def by_id(self) -> dict[int, Any]:
        """Return each organisation's numbers by its id."""
        names = [name for name, (kind, _) in self.s.organisation.dtype.fields.items() if kind == np.float64]
        return {int(who.id): np.array([who[name] for name in names]) for who in self.s.organisation}

    def by_ids(self, only: Iterable[int] | None = None) -> dict[tuple[int, int], Any]:
        """Return each pair's numbers, sides and all, by its two ids, of those in ``only`` if given."""
        wanted = range(self.pairs) if only is None else only
        found = {}
        for k in wanted:
            pair, side = state.part(self.s.pair, k), state.part(self.s.side, k)
            numbers = [pair.contact, pair.tension, pair.distance]
            for a in range(2):
                numbers += [side.kept[a], side.broken[a], side.understanding[a]]
            found[int(pair.lower_id), int(pair.higher_id)] = np.array(numbers)
        return found

    def met(self) -> list[int]:
        """Return the pairs that met in the month just played."""
        return [int(k) for k in self.m.met[: self.s.clock[0].met]]

    def luck(self) -> dict[tuple[int, int], tuple[float, ...]]:
        """Return, by the ids of the pairs that met, everything that was left to luck in their meeting."""
        found = {}
        for n, k in enumerate(self.met()):
            ids = int(self.s.pair.lower_id[k]), int(self.s.pair.higher_id[k])
            found[ids] = tuple(self.m.luck[:, n].tolist())
        return found


def story(months: int = 18) -> str:
    """Play a little partnership with everything going on, and return all its numbers to the bit, hashed."""
    given, known = small_town()
    known.contact = np.linspace(0.2, 1.0, len(known))
    known.trust_lower[::3] = 0.8
    known.trust_higher[1::3] = 0.3
    town = Little(given, known, {"turnover": 0.05}, programme=all_six(3), world=5, luck=2)
    digest = hashlib.sha256()
    for _ in range(months):
        digest.update(town.month().tobytes())
        digest.update(town.bits())
    assert town.pairs > len(known)  # somebody was introduced
    return digest.hexdigest()
