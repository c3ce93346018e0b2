"""The arrays of one partnership: what is kept from month to month, and what a month works with.

Shapes: ``n`` organisations, room for ``c`` pairs of which the first ``clock.pairs`` are in use and the
first ``clock.known`` were known at the start. Every array is a record array, so a rule reads
``organisation[i].courage`` or ``side[0, k].kept``.

A pair {i, j} stands once; its side 0 is the organisation with the lower id, so that renaming rows
cannot change who is which. ``side[0, k].kept`` is the evidence that side 0 holds about side 1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from collabsim.parameters import LEVER_DTYPE, LEVERS, PARAMETERS

REAL = np.float64
WHOLE = np.int64
PLACE = np.uint32
"""A row or an id: never negative, so that finding it needs no look at whether it counts from the end."""

ORGANISATION_DTYPE = np.dtype(
    [(name, WHOLE) for name in ("id", "sector", "statutory", "first_tie")]
    + [
        (name, REAL)
        for name in (
            "capacity", "perspective_x", "perspective_y", "mandate", "disposition",
            "purpose_view", "expectation", "accountability",
            "courage", "systems_view", "resting_courage", "resting_systems_view",
        )
    ]
)  # fmt: skip
"""One organisation. ``first_tie`` heads the list of its ties (``2 * pair + side``, -1 for none)."""

PAIR_DTYPE = np.dtype(
    [(name, PLACE) for name in ("lower", "higher", "lower_id", "higher_id")]
    + [("same_sector", WHOLE)]
    + [(name, REAL) for name in ("contact", "tension", "distance")]
)
"""One pair; ``lower`` and ``higher`` are rows of organisations."""

SIDE_DTYPE = np.dtype([("next_tie", WHOLE), ("kept", REAL), ("broken", REAL), ("understanding", REAL)])
"""One side of a pair; ``next_tie`` leads on in the list of this organisation's ties."""

CLOCK_DTYPE = np.dtype(
    [
        (name, WHOLE)
        for name in ("seed", "world", "luck", "month", "pairs", "known", "opened", "met", "stale", "full",
                     "first_entry", "last_entry")
    ]
)  # fmt: skip
"""Where the run is: whose draws, which month, how many pairs in use, known at the start, in use when
the month opened, and met in it; ``stale`` asks for the levers to be worked out anew; ``full`` says that
room for pairs ran out; the run's entries of programmes and shocks are [``first_entry``, ``last_entry``)."""

MEETING_DTYPE = np.dtype(
    [("leader", WHOLE)] + [(name, REAL) for name in ("joint", "alignment", "gain", "stake")]
)
"""One meeting of this month: ``leader`` is the side that moved first, or -1; ``gain`` is G; ``joint`` is 1
or 0. What is either is kept as a real number: to choose by it then takes no branch."""

ACT_DTYPE = np.dtype([(name, REAL) for name in ("committed", "delivered", "net")])
"""What one side does in a meeting: ``committed`` and ``delivered`` are 1 or 0."""

EVIDENCE_DTYPE = np.dtype([("kept", REAL), ("broken", REAL)])
"""What one side of a pair remembered as the month opened."""

NAMED, SAFE, TIE, LEAD = 0, 1, 2, 3
COMMIT, DELIVER, NOTICE = 4, 6, 8  # of the lower side; the higher's is the next
LUCKS = 10
"""The rows of ``luck``: what each meeting leaves to luck, by decision."""

FLOW_DTYPE = np.dtype(
    [(name, REAL) for name in ("load", "room", "pull", "weight", "met", "promised", "kept", "alignment",
                               "peers", "net")]
    + [("root", WHOLE), ("component", WHOLE), ("left", WHOLE)]
)  # fmt: skip
"""Sums of one organisation over this month's meetings; ``left`` is 1 where its leaders left; ``root`` and
``component`` are for counting connected organisations."""

TALLY_DTYPE = np.dtype(
    [(name, REAL) for name in ("meetings", "joint_deliveries", "commitments", "deliveries", "value",
                               "spent", "stake", "leads", "leader_pay", "turnovers", "introductions",
                               "potential", "possible")]
)  # fmt: skip
"""Sums over the whole partnership this month, and what was possible in a month."""

ENTRY_DTYPE = np.dtype(
    [("mover", WHOLE), ("from_month", WHOLE), ("to_month", WHOLE), ("coverage", WHOLE), ("strength", REAL)]
)
"""One line of a programme or a shock: months [from, to), who by row of the table of coverage."""


GIVEN = (
    "capacity", "perspective_x", "perspective_y", "mandate", "purpose_view", "disposition", "accountability",
    "expectation", "resting_courage", "resting_systems_view",
)  # fmt: skip
"""What may be given for an organisation; NaN where it is drawn, or follows from a default, in each world."""

START_DTYPE = np.dtype(
    [("id", WHOLE), ("sector", WHOLE), ("statutory", WHOLE), ("size", REAL)]
    + [("log_size", REAL), ("capacity", REAL)]
    + [("centre_x", REAL), ("centre_y", REAL), ("mandate_mean", REAL)]
    + [(name, REAL) for name in GIVEN if name != "capacity"]
)
"""One organisation as it starts; ``centre_x``, ``centre_y`` and ``mandate_mean`` are its sector's."""

TIE_DTYPE = np.dtype(
    [("lower", WHOLE), ("higher", WHOLE)]
    + [(name, REAL) for name in ("contact", "trust_lower", "trust_higher")]
)
"""One known pair: the rows of its ends, that with the lower id first; ``trust_lower`` is what ``lower``
trusts ``higher``. NaN where contact is drawn, or trust was not surveyed."""


class State(NamedTuple):
    """What is kept from month to month."""

    organisation: Any
    """(n,) :data:`ORGANISATION_DTYPE`"""
    pair: Any
    """(c,) :data:`PAIR_DTYPE`"""
    side: Any
    """(2, c) :data:`SIDE_DTYPE`"""
    clock: Any
    """(1,) :data:`CLOCK_DTYPE`"""


class Month(NamedTuple):
    """What a month works with. The opening state is copied here after step 3."""

    opening: Any
    """(n,) :data:`ORGANISATION_DTYPE`: the organisations as the month opened"""
    lever: Any
    """(n,) levers of each organisation this month"""
    lever_table: Any
    """(n, levers) the same memory, by position"""
    meeting: Any
    """(c,) :data:`MEETING_DTYPE`, the first ``clock.met`` of them; meeting ``n`` is of pair ``met[n]``"""
    act: Any
    """(2, c) :data:`ACT_DTYPE`, of the same meetings, by side"""
    luck: Any
    """(:data:`LUCKS`, c) draws between 0 and 1 of the same meetings, by decision"""
    trust: Any
    """(2, c) trust of each side of each pair, by pair"""
    as_if_trust: Any
    """(2, c) the trust that it acts on"""
    opening_contact: Any
    """(c,) contact of each pair as the month opened"""
    opening_side: Any
    """(2, c) :data:`EVIDENCE_DTYPE`: the evidence of each side of each pair as the month opened"""
    flow: Any
    """(n,) :data:`FLOW_DTYPE`"""
    words: Any
    """(4, the more of c and n) unsigned: scratch for many draws at once"""
    worth: Any
    """(2, c) scratch for the choices of this month's meetings: the first to choose, and the second"""
    met: Any
    """(c,) the pairs that met, the first ``clock.met`` of them"""
    nets: Any
    """(n,) scratch for net benefits in order"""
    tally: Any
    """(1,) :data:`TALLY_DTYPE`"""
    base: Any
    """(levers,) base values of this run"""
    limits: Any
    """(3, levers) direction, low and high of each lever"""
    asks: Any
    """(movers, levers) the value each mover asks for at full strength, NaN where it asks nothing"""
    entry: Any
    """(entries,) :data:`ENTRY_DTYPE`"""
    coverage: Any
    """(coverages, n) 1 where an organisation takes part"""


def lever_limits() -> Any:
    """Return (3, levers): direction, low and high of each lever."""
    rows = [[lever.direction, lever.low, lever.high] for lever in LEVERS.values()]
    return np.ascontiguousarray(np.array(rows, REAL).T)


def new_state(organisations: int, room: int) -> State:
    """Make empty arrays for a partnership.

    Parameters
    ----------
    organisations
        n, at least 1.
    room
        How many pairs can be held.
    """
    return State(
        np.zeros(organisations, ORGANISATION_DTYPE).view(np.recarray),
        np.zeros(room, PAIR_DTYPE).view(np.recarray),
        np.zeros((2, room), SIDE_DTYPE).view(np.recarray),
        np.zeros(1, CLOCK_DTYPE).view(np.recarray),
    )


def new_month(organisations: int, room: int, asks: Any, entry: Any, coverage: Any) -> Month:
    """Make the working arrays of a month.

    Parameters
    ----------
    organisations, room
        As for :func:`new_state`.
    asks
        (movers, levers), from the scenario.
    entry
        (entries,) :data:`ENTRY_DTYPE`, from the scenario.
    coverage
        (coverages, n), from the scenario.
    """
    lever_table = np.zeros((organisations, len(LEVERS)))
    return Month(
        opening=np.zeros(organisations, ORGANISATION_DTYPE).view(np.recarray),
        lever=lever_table.view(LEVER_DTYPE).reshape(organisations).view(np.recarray),
        lever_table=lever_table,
        meeting=np.zeros(room, MEETING_DTYPE).view(np.recarray),
        act=np.zeros((2, room), ACT_DTYPE).view(np.recarray),
        luck=np.zeros((LUCKS, room)),
        trust=np.zeros((2, room)),
        as_if_trust=np.zeros((2, room)),
        opening_contact=np.zeros(room),
        opening_side=np.zeros((2, room), EVIDENCE_DTYPE).view(np.recarray),
        flow=np.zeros(organisations, FLOW_DTYPE).view(np.recarray),
        words=np.zeros((4, max(room, organisations)), np.uint64),
        worth=np.zeros((2, room)),
        met=np.zeros(room, PLACE),
        nets=np.zeros(organisations),
        tally=np.zeros(1, TALLY_DTYPE).view(np.recarray),
        base=np.zeros(len(LEVERS)),
        limits=lever_limits(),
        asks=np.ascontiguousarray(asks, REAL),
        entry=np.ascontiguousarray(entry, ENTRY_DTYPE).view(np.recarray),
        coverage=np.ascontiguousarray(coverage, WHOLE),
    )


FIRST_BASE = len(PARAMETERS) - len(LEVERS)
"""Where the base values of levers begin among the fields of a parameter record."""


def grown(state: State, month: Month, room: int) -> tuple[State, Month]:
    """Copy a partnership into arrays with room for more pairs.

    Parameters
    ----------
    state, month
        Left as they are.
    room
        How many pairs the copies hold, at least as many as before.
    """
    organisations, before = len(state.organisation), len(state.pair)
    bigger = new_state(organisations, room)
    bigger.organisation[:] = state.organisation
    bigger.pair[:before] = state.pair
    bigger.side[:, :before] = state.side
    bigger.clock[:] = state.clock
    work = new_month(organisations, room, month.asks, month.entry, month.coverage)
    for name in ("opening", "lever_table", "flow", "tally", "base"):
        getattr(work, name)[:] = getattr(month, name)
    for name in ("meeting", "met", "opening_contact"):
        getattr(work, name)[:before] = getattr(month, name)
    for name in ("act", "luck", "trust", "as_if_trust", "opening_side"):
        getattr(work, name)[:, :before] = getattr(month, name)
    return bigger, work
