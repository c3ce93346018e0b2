"""Published alternatives to the model's rules, each a schedule: what would follow if the rule were another.

Every one exchanges one rule through the replaceable schedule and leaves all else as it is, so levers mean
what they mean in the model: a practice that makes promises more visible or lapses repaired does so under
every rule of trust. Trust is not stored; what is stored on each side of a pair is ``kept`` and ``broken``.
The rules of trust here keep their own state in these two fields, in the same currency (interactions), so that
turnover, memory, naming, vouching and surveyed trust, which add to them or take from them, go on working.

>>> import collabsim as cs
>>> from collabsim.alternatives import ALTERNATIVES
>>> result = cs.run("pair", schedule=ALTERNATIVES["loyalty"].schedule())
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from collabsim import meetings
from collabsim.compiled import rule, step
from collabsim.one_by_one import one_after_another
from collabsim.rules import commitment, leadership, trust
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.state import COMMIT, LEAD, NOTICE, TIE

LOYALTY_GROWTH = 0.5
"""How fast trust grows with the length of an unbroken relation (assumption)."""

BREACH = 0.25
"""How much one broken interaction divides the base of loyalty trust by, less 1 (assumption)."""

EXPONENTIAL_RATE = 0.15
"""The share of the way that exponential trust goes for one kept promise at full stake (assumption)."""


# Trust from loyalty


@rule
def loyal_trust(run: float, broken: float, disposition: float, growth: float, breach: float) -> float:
    """Return trust as it grows with the unbroken length of a relation (after Klos & Nooteboom 2001).

    ``base + (1 - base) · (1 - 1 / (1 + growth · run))``, from ``base = disposition / (1 + breach · broken)``.

    Parameters
    ----------
    run
        Length of the unbroken relation, in interactions, at least 0.
    broken
        Remembered breaches, in interactions, at least 0.
    disposition
        Trust in a stranger, 0 to 1.
    growth, breach
        How fast trust grows with the run, and how far a breach lowers where it starts again.
    """
    base = disposition / (1.0 + breach * broken)
    return base + (1.0 - base) * (1.0 - 1.0 / (1.0 + growth * run))


@rule
def interrupted(run: float, evidence: float) -> float:
    """Return what is left of an unbroken run after a breach that weighs so many interactions."""
    return run * max(0.0, 1.0 - evidence)


@step
def loyalty_fade(s: Any, m: Any, p: Any) -> None:
    """3. Breaches are forgotten as all evidence is; the length of a relation only ends by a breach."""
    for k in range(s.clock[0].pairs):
        for a in range(2):
            s.side.broken[a, k] = trust.faded(s.side.broken[a, k], p.memory)


@step
def loyalty_trusts(s: Any, m: Any, p: Any) -> None:
    """3. Trust, and as-if trust, from the unbroken length of the relation and what was broken before."""
    for k in range(s.clock[0].pairs):
        for a in range(2):
            i = s.pair.lower[k] if a == 0 else s.pair.higher[k]
            kept, broken = s.side.kept[a, k], s.side.broken[a, k]
            towards = trust.disposition_towards(
                s.organisation[i].disposition, s.pair.same_sector[k], p.own_sector
            )
            as_if = trust.as_if(towards, m.lever[i].as_if)
            m.trust[a, k] = loyal_trust(kept, broken, towards, LOYALTY_GROWTH, BREACH)
            m.as_if_trust[a, k] = loyal_trust(kept, broken, as_if, LOYALTY_GROWTH, BREACH)


@step
def loyalty_learn(s: Any, m: Any, p: Any) -> None:
    """8. A kept promise that is seen makes the run longer; a breach shortens or ends it, and is remembered.

    What a breach weighs is the model's: negativity, the benefit of the doubt and repair all count, and
    holding back is a small breach. One that weighs a whole interaction ends the run.
    """
    for n in range(s.clock[0].met):
        k, side, v = m.met[n], s.side, m.meeting.stake[n]
        i, j = s.pair.lower[k], s.pair.higher[k]
        visibility = 0.5 * (m.lever[i].visibility + m.lever[j].visibility)
        for a in range(2):
            judge, failer = (i, j) if a == 0 else (j, i)
            committed, delivered = m.act.committed[1 - a, n], m.act.delivered[1 - a, n]
            doubt = m.lever[judge].benefit_of_doubt
            if delivered == 1.0:
                if m.luck[NOTICE + a, n] < visibility:
                    side.kept[a, k] += trust.evidence_kept(v)
            else:
                if committed == 1.0:
                    breach = trust.evidence_failed(v, p.negativity, doubt, m.lever[failer].repair)
                else:
                    breach = trust.evidence_held_back(v, p.holdback_weight, doubt)
                side.kept[a, k] = interrupted(side.kept[a, k], breach)
                side.broken[a, k] += breach


# Exponential trust


@rule
def exponential_trust(kept: float, broken: float, disposition: float, rate: float) -> float:
    """Return a running mean of what was kept and broken, the disposition having what weight is left.

    ``rate · kept`` and ``rate · broken`` are the weights of what was kept and of what was broken, and add
    up to at most 1; beyond that (evidence handed on, or from naming) they are scaled back to 1.
    """
    known = rate * (kept + broken)
    if known > 1.0:
        return rate * kept / known
    return rate * kept + (1.0 - known) * disposition


@rule
def towards_good(kept: float, broken: float, evidence: float, rate: float) -> tuple[float, float]:
    """Return kept and broken after a kept promise: trust goes ``rate · evidence`` of the way to 1."""
    share = min(1.0, rate * evidence)
    return (1.0 - share) * kept + share / rate, (1.0 - share) * broken


@rule
def scaled_back(kept: float, broken: float, rate: float) -> float:
    """Return what both are multiplied by so that their weights add up to at most 1."""
    known = rate * (kept + broken)
    return 1.0 / known if known > 1.0 else 1.0


@step
def exponential_trusts(s: Any, m: Any, p: Any) -> None:
    """3. Trust, and as-if trust, as running means."""
    for k in range(s.clock[0].pairs):
        for a in range(2):
            i = s.pair.lower[k] if a == 0 else s.pair.higher[k]
            kept, broken = s.side.kept[a, k], s.side.broken[a, k]
            towards = trust.disposition_towards(
                s.organisation[i].disposition, s.pair.same_sector[k], p.own_sector
            )
            as_if = trust.as_if(towards, m.lever[i].as_if)
            m.trust[a, k] = exponential_trust(kept, broken, towards, EXPONENTIAL_RATE)
            m.as_if_trust[a, k] = exponential_trust(kept, broken, as_if, EXPONENTIAL_RATE)


@step
def exponential_learn(s: Any, m: Any, p: Any) -> None:
    """8. Each event moves trust a fixed share of the way: up by one rate, down by another, larger one.

    The linear operator of Bush & Mosteller (1951), with the asymmetry of Slovic (1993). The share is the
    rate times what the event weighs in the model; however long the relation, the last events count most.
    """
    for n in range(s.clock[0].met):
        k, side, v = m.met[n], s.side, m.meeting.stake[n]
        i, j = s.pair.lower[k], s.pair.higher[k]
        visibility = 0.5 * (m.lever[i].visibility + m.lever[j].visibility)
        for a in range(2):
            judge, failer = (i, j) if a == 0 else (j, i)
            committed, delivered = m.act.committed[1 - a, n], m.act.delivered[1 - a, n]
            doubt = m.lever[judge].benefit_of_doubt
            kept, broken = side.kept[a, k], side.broken[a, k]
            scale = scaled_back(kept, broken, EXPONENTIAL_RATE)
            kept, broken = kept * scale, broken * scale
            if delivered == 1.0:
                if m.luck[NOTICE + a, n] < visibility:
                    kept, broken = towards_good(kept, broken, trust.evidence_kept(v), EXPONENTIAL_RATE)
            elif committed == 1.0:
                bad = trust.evidence_failed(v, p.negativity, doubt, m.lever[failer].repair)
                broken, kept = towards_good(broken, kept, bad, EXPONENTIAL_RATE)
            else:
                bad = trust.evidence_held_back(v, p.holdback_weight, doubt)
                broken, kept = towards_good(broken, kept, bad, EXPONENTIAL_RATE)
            side.kept[a, k] = kept
            side.broken[a, k] = broken


# Best response


@rule
def best_response(value: float) -> float:
    """Return the probability to commit of one who makes no errors: 1 above 0, 0 below, even between."""
    if value > 0.0:
        return 1.0
    return 0.5 if value == 0.0 else 0.0


@step
def threshold_commit(s: Any, m: Any, p: Any) -> None:
    """6. Commit if that is worth more than holding back: the logit's limit as errors vanish.

    As the model's step but for the last word: who moves first, waives risk and is followed stays the same
    (McKelvey & Palfrey 1995 on the limit).
    """
    for n in range(s.clock[0].met):
        k = m.met[n]
        courage_lower = m.opening[s.pair.lower[k]].courage
        courage_higher = m.opening[s.pair.higher[k]].courage
        leader = leadership.first_mover(courage_lower, courage_higher, m.luck[LEAD, n], m.luck[TIE, n])
        m.meeting.leader[n] = leader
        first = max(leader, 0)
        bold = max(courage_lower, courage_higher) if leader >= 0 else 0.0
        chance = best_response(meetings.worth(s, m, p, n, first, m.as_if_trust[first, k], bold))
        committed = 1.0 if m.luck[COMMIT + first, n] < chance else 0.0
        m.act.committed[first, n] = committed
        believed = m.as_if_trust[1 - first, k]
        if leader >= 0 and committed == 1.0:
            believed = commitment.follower_trust(believed, p.lead)
        chance = best_response(meetings.worth(s, m, p, n, 1 - first, believed, 0.0))
        m.act.committed[1 - first, n] = 1.0 if m.luck[COMMIT + 1 - first, n] < chance else 0.0


@dataclass(frozen=True)
class Alternative:
    """A published alternative to one rule of the model.

    Attributes
    ----------
    name, title
        In code; in running text.
    instead
        What it takes the place of.
    what
        What is done instead.
    source
        Where it is from.
    schedule
        Makes the month with it.
    """

    name: str
    title: str
    instead: str
    what: str
    source: str
    schedule: Callable[[], Schedule]


def loyalty() -> Schedule:
    """Return the month with trust from the unbroken length of a relation."""
    made = SCHEDULE.replace("fade", loyalty_fade).replace("trusts", loyalty_trusts)
    return made.replace("learn", loyalty_learn)


def exponential() -> Schedule:
    """Return the month with trust as a running mean with separate rates up and down."""
    return SCHEDULE.replace("trusts", exponential_trusts).replace("learn", exponential_learn)


def threshold() -> Schedule:
    """Return the month with best response in place of the logit."""
    return SCHEDULE.replace("commit", threshold_commit)


def sequential() -> Schedule:
    """Return the month in which pairs meet one after another."""
    made = SCHEDULE.without("stakes").without("commit").without("purpose").without("accountability")
    return made.replace("deliver", one_after_another)


ALTERNATIVES: dict[str, Alternative] = {
    alternative.name: alternative
    for alternative in (
        Alternative(
            "loyalty", "Loyalty trust", "trust from remembered evidence",
            "Trust grows with the length of an unbroken relation, by diminishing steps; a breach shortens or "
            "ends the run, and lowers where trust starts again.",
            "Klos & Nooteboom 2001", loyalty,
        ),
        Alternative(
            "exponential", "Exponential trust", "trust from remembered evidence",
            "Each event moves trust a fixed share of the way, towards 1 or, by a larger share, towards 0; "
            "long trust is no more robust than early trust.",
            "Bush & Mosteller 1951; Slovic 1993", exponential,
        ),
        Alternative(
            "best_response", "Best response", "the logit choice to commit",
            "Organisations commit if, and only if, that is worth more to them than holding back.",
            "McKelvey & Palfrey 1995", threshold,
        ),
        Alternative(
            "sequential", "One after another", "all pairs at once, from the opening state",
            "Pairs meet in a random order within the month, and each finds views, expectations and efforts "
            "as the meetings before left them.",
            "Huberman & Glance 1993", sequential,
        ),
    )
}  # fmt: skip
"""Alternatives to rules of the model, by name."""
