"""What happened in a run, month by month: who met whom, who led, what was kept, and what evidence it left.

A run is played by the compiled month, and what happened is read from its arrays before and after each
month. No rule is written here a second time: amounts come from the functions of
:mod:`collabsim.rules`, and what they do not account for is told as ``other`` (which the usual month never
leaves; a rule of one's own may). So the events of a directed tie add up to its change in evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.brokering import INTRODUCE, PICKED
from collabsim.draws import NOBODY, philox, uniform
from collabsim.frames import check_world
from collabsim.play import Run
from collabsim.rules import difference, leadership, trust
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.state import NAMED, NOTICE, SAFE, part

if TYPE_CHECKING:
    import pandas as pd

KINDS: dict[str, str] = {
    "turnover": "leaders left, and successors start anew",
    "met": "met the partner",
    "led": "moved first in this meeting",
    "introduced": "introduced the partner to a third",
    "lost": "evidence on the partner was lost with leaders who left",
    "faded": "memory of the partner's conduct faded",
    "kept_seen": "the partner kept its promise, and was seen to",
    "kept_unseen": "the partner kept its promise, unseen",
    "failed": "the partner promised and did not deliver",
    "held_back": "the partner did not commit",
    "named_safe": "tension was named in safety",
    "named_unsafe": "tension was named without safety, and hurt",
    "vouched": "heard of the partner from another",
    "other": "evidence that came or went by another rule",
}
"""Every kind of event, and what it says of an organisation (and a partner)."""

JUDGED = ("kept_seen", "kept_unseen", "failed", "held_back")
"""What a side can conclude about its partner in a meeting."""

KEPT_SEEN, KEPT_UNSEEN, FAILED, HELD_BACK = range(4)
NOT_NAMED, NAMED_SAFE, NAMED_UNSAFE = range(3)
LEAST = 1e-12
"""What evidence is left to explain below this is rounding."""


@dataclass
class Happened:
    """One month of one run. Pairs, sides and rows count as in :mod:`collabsim.state`.

    Attributes
    ----------
    month
        Which, from 0.
    left
        (n,) whether an organisation's leaders left.
    met
        (meetings,) the pairs that met.
    leader
        (meetings,) the side that moved first, or -1.
    judged
        (meetings, 2) what each side concludes about its partner, by place in :data:`JUDGED`.
    amounts
        (meetings, 2) what that added to its evidence: kept where the partner delivered, else broken.
    named
        (meetings,) whether tension was named: not, safely or unsafely.
    introductions
        Rows (i, j, k): i introduced j and k to each other, and heard from j about k if j knew k before.
    changes
        By kind of event, (pairs, 2, 2) change of the evidence of each side: kept, broken.
    """

    month: int
    left: Any
    met: Any
    leader: Any
    judged: Any
    amounts: Any
    named: Any
    introductions: list[tuple[int, int, int]]
    changes: dict[str, Any] = field(default_factory=dict)
    place: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """By two rows, who judges first: the pair and the side; filled where somebody was introduced."""

    def introduce(self, run: Run, known: int) -> None:
        """Find the introductions of this month; ``known`` pairs were there before it."""
        picked = list(_introducers(run, known))
        if picked:
            pair = part(run.state.pair, slice(run.state.clock[0].pairs))
            for k, (i, j) in enumerate(zip(pair.lower.tolist(), pair.higher.tolist(), strict=True)):
                self.place[i, j], self.place[j, i] = (k, 0), (k, 1)
        self.introductions = [(i, j, k) for i, j, k in picked if (j, k) in self.place]


def played(run: Run) -> Iterator[Happened]:
    """Play a run to its end and yield what happened in each month; the run's state is as after that month."""
    while run.month < len(run.monthly):
        before = run.snapshot()
        run.play()
        yield _read(run, before)


def _evidence(side: Any, pairs: int) -> Any:
    return np.stack([side.kept[:, :pairs].T, side.broken[:, :pairs].T], axis=-1)


def _read(run: Run, before: Any) -> Happened:
    """Read one month from the arrays before and after it."""
    s, m, p = run.state, run.work, run.parameters[0]
    pairs, known = int(s.clock[0].pairs), int(before.clock[0].pairs)
    met = m.met[: s.clock[0].met].copy()
    judged = _judged(run, met)
    happened = Happened(
        month=run.month - 1,
        left=m.flow.left.copy(),
        met=met,
        leader=m.meeting.leader[: len(met)].copy(),
        judged=judged,
        amounts=_amounts(run, met, judged),
        named=_named(run, before, met),
        introductions=[],
    )
    happened.introduce(run, known)
    opened = _evidence(m.opening_side, pairs)
    opened[known:] = 0.0
    start = _evidence(before.side, known)
    kept_share = (1.0 - p.turnover_loss) ** _leaving(run, known)
    lost = np.zeros((pairs, 2, 2))
    lost[:known] = start * kept_share[:, None, None] - start
    faded = opened - lost
    faded[:known] -= start
    changes = {"lost": lost, "faded": faded, **_learned(run, happened, pairs)}
    rest = _evidence(s.side, pairs) - opened - sum(changes[kind] for kind in _IN_MEETINGS)
    rest[np.abs(rest) < LEAST] = 0.0
    changes["vouched"], changes["other"] = np.zeros_like(rest), rest
    for i, j, k in happened.introductions:
        if happened.place[j, k][0] < known:
            where = happened.place[i, k]
            changes["vouched"][where] += rest[where]
            rest[where] = 0.0
    happened.changes = changes
    return happened


_IN_MEETINGS = ("kept_seen", "failed", "held_back", "named_safe", "named_unsafe")


def _leaving(run: Run, pairs: int) -> Any:
    """Return (pairs,) how many of the two ends' leaders left."""
    left, pair = run.work.flow.left, part(run.state.pair, slice(pairs))
    return left[pair.lower] + left[pair.higher]


def _both(values: Any, pair: Any) -> Any:
    """Return (pairs, 2) a value of organisations for both ends of pairs."""
    return np.stack([values[pair.lower], values[pair.higher]], axis=-1)


def _named(run: Run, before: Any, met: Any) -> Any:
    """Return (meetings,) whether tension was named, as it stood when step 9 came to it."""
    m, p, pair = run.work, run.parameters[0], part(before.pair, met)
    understanding, leaving = before.side.understanding[:, met].T, _leaving(run, len(before.pair.lower))[met]
    for times in range(1, int(leaving.max(initial=0)) + 1):
        less = difference.unlearned(understanding, pair.distance[:, None], 1.0 - p.turnover_loss)
        understanding = np.where((leaving >= times)[:, None], less, understanding)
    meeting, luck = part(m.meeting, slice(len(met))), m.luck[:, : len(met)]
    tension = difference.strained(
        pair.tension,
        p.strain,
        1.0 - meeting.alignment,
        pair.distance * (1.0 - 0.5 * (understanding[:, 0] + understanding[:, 1])),
        p.strain_no_delivery * (1 - meeting.joint),
        0.5 * _both(m.lever.surfacing, pair).sum(axis=-1),
    )
    courage = m.opening.courage
    chance = leadership.naming_probability(courage[pair.lower], courage[pair.higher], tension)
    safety = 0.5 * _as_if_trust(run, met).sum(axis=-1)
    how = np.where(luck[SAFE] < safety, NAMED_SAFE, NAMED_UNSAFE)
    return np.where(luck[NAMED] < chance, how, NOT_NAMED)


def _as_if_trust(run: Run, met: Any) -> Any:
    """Return (meetings, 2) as-if trust as the month opened; measuring has put the closing one there."""
    m, p, pair = run.work, run.parameters[0], part(run.state.pair, met)
    towards = np.vectorize(trust.disposition_towards, otypes=[float])(
        _both(m.opening.disposition, pair), pair.same_sector[:, None], p.own_sector
    )
    as_if = trust.as_if(towards, _both(m.lever.as_if, pair))
    side = part(m.opening_side, met)
    return trust.trust(side.kept.T, side.broken.T, as_if, p.prior_strength)


def _judged(run: Run, met: Any) -> Any:
    """Return (meetings, 2) what each side concludes about its partner."""
    m = run.work
    act, notice = part(m.act, slice(len(met))), m.luck[NOTICE : NOTICE + 2, : len(met)]
    visibility = 0.5 * _both(m.lever.visibility, part(run.state.pair, met)).sum(axis=-1)
    kept = np.where(visibility[:, None] > notice.T, KEPT_SEEN, KEPT_UNSEEN)
    broke = np.where(act.committed[::-1].T == 1, FAILED, HELD_BACK)
    return np.where(act.delivered[::-1].T == 1, kept, broke)


def _amounts(run: Run, met: Any, judged: Any) -> Any:
    """Return (meetings, 2) what that adds to the evidence, by the rules' own functions."""
    m, p, pair = run.work, run.parameters[0], part(run.state.pair, met)
    stake = m.meeting.stake[: len(met)].tolist()
    doubt = _both(m.lever.benefit_of_doubt, pair).tolist()
    repair = _both(m.lever.repair, pair).tolist()
    kept, failed = trust.evidence_kept, trust.evidence_failed
    held_back = trust.evidence_held_back
    found = np.zeros((len(met), 2))
    for place, kinds in enumerate(judged.tolist()):
        for a, kind in enumerate(kinds):
            if kind == KEPT_SEEN:
                found[place, a] = kept(stake[place])
            elif kind == FAILED:
                found[place, a] = failed(stake[place], p.negativity, doubt[place][a], repair[place][1 - a])
            elif kind == HELD_BACK:
                found[place, a] = held_back(stake[place], p.holdback_weight, doubt[place][a])
    return found


def _learned(run: Run, happened: Happened, pairs: int) -> dict[str, Any]:
    """Return by kind what meetings added to the evidence: (pairs, 2, 2) kept, broken."""
    p, met = run.parameters[0], happened.met
    changes = {kind: np.zeros((pairs, 2, 2)) for kind in _IN_MEETINGS}
    for kind, what in (("kept_seen", 0), ("failed", 1), ("held_back", 1)):
        changes[kind][met, :, what] = np.where(happened.judged == JUDGED.index(kind), happened.amounts, 0.0)
    changes["named_safe"][met[happened.named == NAMED_SAFE], :, 0] = p.named_evidence
    changes["named_unsafe"][met[happened.named == NAMED_UNSAFE], :, 1] = p.rupture
    return changes


def _introducers(run: Run, known: int) -> Iterator[tuple[int, int, int]]:
    """Find who picks which two partners to introduce: the draws of step 15, read again."""
    s, m = run.state, run.work
    clock, chance = s.clock[0], m.lever.brokerage * m.opening.systems_view
    if not (chance > 0.0).any():
        return
    month, luck = run.month - 1, int(clock.luck)

    def drawn(lower: Any, higher: Any, block: int) -> list[Any]:
        one: Any = np.asarray(lower).astype(np.uint64)
        other: Any = np.asarray(higher).astype(np.uint64)
        words = philox(int(clock.seed), int(clock.world), one, other, month + 65536 * luck, block)
        return [uniform(word) for word in words]

    pair = part(s.pair, slice(known))
    introduces = drawn(s.organisation.id, NOBODY, INTRODUCE // 4)[INTRODUCE % 4] < chance
    picks = drawn(pair.lower_id, pair.higher_id, PICKED)
    held = m.opening_contact[:known] > 0.0
    for i in np.flatnonzero(introduces).tolist():
        partners = [
            (float(pick[k]), int(other[k]))
            for ours, pick, other in ((pair.lower == i, picks[0], pair.higher),
                                      (pair.higher == i, picks[1], pair.lower))
            for k in np.flatnonzero(ours & held).tolist()
        ]  # fmt: skip
        if len(partners) >= 2:
            (_, j), (_, k) = sorted(partners)[:2]
            yield i, j, k


COLUMNS = ("month", "event", "organisation", "partner", "third", "kept", "broken")


def events(
    scenario: Any = "scottish-partnership",
    *,
    programme: Any = None,
    months: int | None = None,
    seed: int = 0,
    world: int = 0,
    luck: int = 0,
    schedule: Schedule = SCHEDULE,
    **settings: Any,
) -> pd.DataFrame:
    """Run one scenario in one world and tell what happened.

    Parameters
    ----------
    scenario, programme, months, seed, world, luck, schedule, **settings
        As for :func:`collabsim.run`.

    Returns
    -------
    pandas.DataFrame
        A row an event, in order: ``month`` (0 is the first), ``event`` (one of :data:`KINDS`),
        ``organisation``, ``partner`` and ``third`` (missing where there is none), and what it did to the
        organisation's evidence on the partner: ``kept``, ``broken``. Those of an organisation and a partner
        add up to the change of ``kept`` and ``broken`` of their tie. ``met`` stands once a pair. An
        introduction names who introduced, who told of the other, and of whom; the one who introduced
        has ``vouched`` evidence on the third, heard from the ``third`` named there.

    Raises
    ------
    InputError
        In words, with every fault found.
    """
    import pandas as pd

    made = Scenario.load(scenario).with_settings(programme, months, **settings)
    run = Run(made, check_world(seed, world, luck), schedule)
    names = list(made.partnership.names)
    rows: list[tuple[Any, ...]] = []
    for happened in played(run):
        rows += [
            (happened.month, kind, names[i], None if j is None else names[j],
             None if k is None else names[k], *change)
            for kind, i, j, k, change in _told(run.state, happened)
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


_Told = tuple[str, int, int | None, int | None, tuple[float, float]]
_NONE = (0.0, 0.0)


def _told(s: Any, happened: Happened) -> Iterator[_Told]:
    """Tell one month as rows: kind, organisation, partner, third, change of evidence."""
    for i in np.flatnonzero(happened.left).tolist():
        yield "turnover", i, None, None, _NONE
    ends = np.stack([s.pair.lower, s.pair.higher], axis=-1)
    for kind in ("lost", "faded"):
        yield from _changed(kind, ends, happened.changes[kind])
    for place, k in enumerate(happened.met.tolist()):
        yield "met", int(ends[k, 0]), int(ends[k, 1]), None, _NONE
        first = int(happened.leader[place])
        if first >= 0:
            yield "led", int(ends[k, first]), int(ends[k, 1 - first]), None, _NONE
        for a, what in enumerate(happened.judged[place].tolist()):
            amount = float(happened.amounts[place, a])
            change = (amount, 0.0) if what in (KEPT_SEEN, KEPT_UNSEEN) else (0.0, amount)
            yield JUDGED[what], int(ends[k, a]), int(ends[k, 1 - a]), None, change
        how = ("", "named_safe", "named_unsafe")[happened.named[place]]
        for a in range(2 if how else 0):
            change = happened.changes[how][k, a]
            yield how, int(ends[k, a]), int(ends[k, 1 - a]), None, (float(change[0]), float(change[1]))
    for i, j, k in happened.introductions:
        yield "introduced", i, j, k, _NONE
        change = happened.changes["vouched"][happened.place[i, k]]
        if change.any():
            yield "vouched", i, k, j, (float(change[0]), float(change[1]))
    yield from _changed("other", ends, happened.changes["other"])


def _changed(kind: str, ends: Any, change: Any) -> Iterator[_Told]:
    for k, a in np.argwhere(change.any(axis=-1)).tolist():
        kept, broken = change[k, a].tolist()
        yield kind, int(ends[k, a]), int(ends[k, 1 - a]), None, (kept, broken)
