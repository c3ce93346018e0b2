"""The arrays of one partnership: what is kept from month to month, and what a month works with.

Shapes: ``n`` organisations, room for ``c`` pairs of which the first ``clock.pairs`` are in use and the
first ``clock.known`` were known at the start. Organisations are records, and what is kept of pairs and their
sides is an array by field, so a rule reads ``organisation[i].courage``, ``pair.contact[k]`` or
``side.kept[0, k]``: all of one organisation is wanted together, one thing of all pairs is too, and loops over
it become vector code.

A pair {i, j} stands once; its side 0 is the organisation with the lower id, so that renaming rows
cannot change who is which. ``side.kept[0, k]`` is the evidence that side 0 holds about side 1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from collabsim.calling import arrays_in
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

NAMED, SAFE, TIE, LEAD = 0, 1, 2, 3
COMMIT, DELIVER, NOTICE = 4, 6, 8  # of the lower side; the higher's is the next
LUCKS = 10
"""The rows of ``luck``: what each meeting leaves to luck, by decision."""

SMALL = 256
"""Partnerships of up to this many organisations have room for every pair, and a table of them."""

LANES = 4
"""Sums over partners are kept in as many parts, so that one need not wait for what was just stored."""

FLOW_DTYPE = np.dtype(
    [(name, REAL) for name in ("room", "pull", "weight", "met", "promised", "kept", "alignment",
                               "peers", "net")]
    + [("left", WHOLE), ("introduces", WHOLE)]
)  # fmt: skip
"""Sums of one organisation over this month's meetings, and the share ``room`` of those called for; ``left``
is 1 where its leaders left, ``introduces`` where it introduces partners."""

TALLY_DTYPE = np.dtype(
    [(name, REAL) for name in ("meetings", "joint_deliveries", "commitments", "deliveries", "value",
                               "spent", "stake", "leads", "leader_pay", "turnovers", "introductions",
                               "potential", "possible", "known", "trust", "as_if_trust", "trust_apart",
                               "alignment", "tension", "understanding", "contact", "organisations",
                               "accountability", "courage", "systems_view", "statutory", "statutory_net",
                               "other_net", "net_differences", "largest_component")]
)  # fmt: skip
"""Sums over the whole partnership this month; what was possible in a month; and from ``known`` on, where it
is measured, how many pairs were known and sums over them, how many organisations there are and sums over
these."""

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


class Pairs(NamedTuple):
    """What is kept of pairs: (c,) each."""

    lower: Any
    """:data:`PLACE`: the row of the organisation with the lower id"""
    higher: Any
    """:data:`PLACE`: the row of the other"""
    lower_id: Any
    """:data:`PLACE`"""
    higher_id: Any
    """:data:`PLACE`"""
    same_sector: Any
    """1 where both are of one sector, else 0"""
    contact: Any
    """How much they see of each other, 0 to 1"""
    tension: Any
    """What stays unspoken, 0 to 1"""
    distance: Any
    """How differently they see the world, 0 to 1"""


class Sides(NamedTuple):
    """What is kept of each side of a pair: (2, c) each."""

    next_tie: Any
    """:data:`WHOLE`: leads on in the list of this organisation's ties"""
    kept: Any
    """Evidence kept, in interactions"""
    broken: Any
    """Evidence broken, in interactions"""
    understanding: Any
    """0 to 1"""


class Evidence(NamedTuple):
    """What each side of a pair remembered as the month opened: (2, c) each."""

    kept: Any
    """Evidence kept, in interactions"""
    broken: Any
    """Evidence broken, in interactions"""


class Meetings(NamedTuple):
    """The month's meetings: (c,) each, the first ``clock.met`` in use; meeting ``n`` is of pair ``met[n]``.

    What is either is kept as a real number: to choose by it then takes no branch.
    """

    leader: Any
    """:data:`WHOLE`: the side that moved first, or -1"""
    joint: Any
    """1 if both delivered, else 0"""
    alignment: Any
    """How far the two agree on the purpose, 0 to 1"""
    gain: Any
    """G: the joint value per unit of stake"""
    stake: Any
    """v: what was at stake"""


class Acts(NamedTuple):
    """What each side does in this month's meetings: (2, c) each."""

    committed: Any
    """1 or 0"""
    delivered: Any
    """1 or 0"""
    net: Any
    """Its share of what came of it, less what it spent"""


class State(NamedTuple):
    """What is kept from month to month."""

    organisation: Any
    """(n,) :data:`ORGANISATION_DTYPE`"""
    pair: Any
    """:class:`Pairs`"""
    side: Any
    """:class:`Sides`"""
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
    """:class:`Meetings`"""
    act: Any
    """:class:`Acts`"""
    luck: Any
    """(:data:`LUCKS`, c) draws between 0 and 1 of the same meetings, by decision"""
    trust: Any
    """(2, c) trust of each side of each pair, by pair"""
    as_if_trust: Any
    """(2, c) the trust that it acts on"""
    opening_contact: Any
    """(c,) contact of each pair as the month opened"""
    opening_side: Any
    """:class:`Evidence`: the evidence of each side of each pair as the month opened"""
    flow: Any
    """(n,) :data:`FLOW_DTYPE`"""
    column: Any
    """(:data:`LANES`, n) scratch: things of every organisation, each side by side, which a loop over pairs
    finds in the cache where whole records of many organisations are not"""
    least: Any
    """(2, :data:`LANES`, n) unsigned: scratch for the least draws among partners"""
    between: Any
    """(n, n) the pair that two rows are, -1 where none is noted; (0, 0) where n is over :data:`SMALL`"""
    ids: Any
    """(2, the more of c and n) :data:`PLACE`: scratch for whose draws, and for who is connected"""
    words: Any
    """(4, the more of c and n) unsigned: scratch for many draws at once"""
    worth: Any
    """(2, c) scratch for the choices of this month's meetings: the first to choose, and the second"""
    spent: Any
    """(2, c) what each side of this month's meetings spent"""
    met: Any
    """(c,) the pairs that met, the first ``clock.met`` of them"""
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


def part(fields: Any, where: Any) -> Any:
    """Return the same fields at some places: what ``fields[where]`` would be, were they records.

    Parameters
    ----------
    fields
        :class:`Pairs`, :class:`Sides` or another tuple of fields by pair or by meeting.
    where
        A slice, or rows.
    """
    return type(fields)(*(field[..., where] for field in fields))


def copied(held: Any) -> Any:
    """Copy a state, or another tuple of arrays and tuples."""
    return type(held)(*(copied(member) if isinstance(member, tuple) else member.copy() for member in held))


def copy_into(held: Any, other: Any) -> None:
    """Copy one state into another that has room for at least as many pairs."""
    for array, given in zip(arrays_in(held), arrays_in(other), strict=True):
        array[..., : given.shape[-1]] = given


LINE = 64
"""Bytes of a line of the cache."""


def zeros(shape: Any, kind: Any = REAL) -> Any:
    """Make an array of zeros that shares no line of the cache with another, such as another thread's.

    Parameters
    ----------
    shape, kind
        As for :func:`numpy.zeros`.
    """
    kind = np.dtype(kind)
    size = int(np.prod(shape)) * kind.itemsize
    held = np.zeros(size + 2 * LINE, np.uint8)
    first = -held.ctypes.data % LINE
    return held[first : first + size].view(kind).reshape(shape)


PAIR_KINDS = (PLACE, PLACE, PLACE, PLACE, REAL, REAL, REAL, REAL)
SIDE_KINDS = (WHOLE, REAL, REAL, REAL)


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
        zeros(organisations, ORGANISATION_DTYPE).view(np.recarray),
        Pairs(*(zeros(room, kind) for kind in PAIR_KINDS)),
        Sides(*(zeros((2, room), kind) for kind in SIDE_KINDS)),
        zeros(1, CLOCK_DTYPE).view(np.recarray),
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
    lever_table = zeros((organisations, len(LEVERS)))
    return Month(
        opening=zeros(organisations, ORGANISATION_DTYPE).view(np.recarray),
        lever=lever_table.view(LEVER_DTYPE).reshape(organisations).view(np.recarray),
        lever_table=lever_table,
        meeting=Meetings(zeros(room, WHOLE), *(zeros(room) for _ in range(4))),
        act=Acts(*(zeros((2, room)) for _ in range(3))),
        luck=zeros((LUCKS, room)),
        trust=zeros((2, room)),
        as_if_trust=zeros((2, room)),
        opening_contact=zeros(room),
        opening_side=Evidence(zeros((2, room)), zeros((2, room))),
        flow=zeros(organisations, FLOW_DTYPE).view(np.recarray),
        column=zeros((LANES, organisations)),
        least=zeros((2, LANES, organisations), np.uint64),
        between=np.full((organisations, organisations) if organisations <= SMALL else (0, 0), -1),
        ids=zeros((2, max(room, organisations)), PLACE),
        words=zeros((4, max(room, organisations)), np.uint64),
        worth=zeros((2, room)),
        spent=zeros((2, room)),
        met=zeros(room, PLACE),
        tally=zeros(1, TALLY_DTYPE).view(np.recarray),
        base=zeros(len(LEVERS)),
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
    organisations, before = len(state.organisation), len(state.pair.lower)
    bigger = new_state(organisations, room)
    copy_into(bigger, state)
    work = new_month(organisations, room, month.asks, month.entry, month.coverage)
    for name in ("opening", "lever_table", "flow", "between", "tally", "base"):
        getattr(work, name)[:] = getattr(month, name)
    for name in ("luck", "trust", "as_if_trust", "met", "opening_contact"):
        getattr(work, name)[..., :before] = getattr(month, name)
    for name in ("meeting", "act", "opening_side"):
        for now, then in zip(getattr(work, name), getattr(month, name), strict=True):
            now[..., :before] = then
    return bigger, work
