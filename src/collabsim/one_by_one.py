"""The month in which pairs meet one after another: an alternative to all pairs meeting at once.

Each step of the model plays a month with a single meeting, once for every pair that meets; what becomes of it
is set aside, and put back where the steps that follow look for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from collabsim import meetings
from collabsim.compiled import step
from collabsim.draws import draw
from collabsim.rules import accountability, purpose
from collabsim.state import LUCKS

ORDER = 4
"""The block of a pair's draws whose first says when in the month its meeting is; see collabsim.draws."""

FIELDS = 11
"""How many numbers say what became of a meeting."""


@step
def one_after_another(s: Any, m: Any, p: Any) -> None:
    """5-7, 12 and 13. Pairs meet one after another, and each finds the two as the meetings before left them.

    The order within a month is drawn for each pair. After each meeting the two organisations' view,
    expectation and effort are worked out anew from the month's meetings so far, so that with a single
    meeting in a month nothing differs from the model. Steps 8 to 11 (learn, speak up, understand, contact)
    follow for all pairs together: they touch their own pair only and read nothing that a month's meetings
    change, so their order is of no consequence. Sequential updating of agents is the usual alternative to
    the synchronous; results can depend on which (Huberman & Glance 1993).
    """
    clock = s.clock[0]
    met = clock.met
    who_met, luck = m.met[:met].copy(), m.luck[:, :met].copy()
    became, turns = np.empty((FIELDS, met)), np.empty(met)
    for n in range(met):
        lower, higher = s.pair.lower_id[who_met[n]], s.pair.higher_id[who_met[n]]
        turns[n] = draw(clock.seed, clock.world, lower, higher, clock.month, clock.luck, 4 * ORDER)
    order = np.argsort(turns)
    tally = m.tally[0]
    held, joint, commitments, deliveries = 0.0, 0.0, 0.0, 0.0
    value, spent, stake, leads, leader_pay = 0.0, 0.0, 0.0, 0.0, 0.0
    clock.met = 1
    for turn in range(met):
        n = order[turn]
        k = who_met[n]
        m.met[0] = k  # the month's only meeting, as the steps see it
        for decision in range(LUCKS):
            m.luck[decision, 0] = luck[decision, n]
        meetings.stakes(s, m, p)
        meetings.commit(s, m, p)
        meetings.deliver(s, m, p)
        held += tally.meetings
        joint += tally.joint_deliveries
        commitments += tally.commitments
        deliveries += tally.deliveries
        value += tally.value
        spent += tally.spent
        stake += tally.stake
        leads += tally.leads
        leader_pay += tally.leader_pay
        take_in(s, m, p, k)
        set_aside(m, became, n)
    clock.met = met
    for n in range(met):
        m.met[n] = who_met[n]
        put_back(m, became, n)
        for decision in range(LUCKS):
            m.luck[decision, n] = luck[decision, n]
    tally.meetings = held
    tally.joint_deliveries = joint
    tally.commitments = commitments
    tally.deliveries = deliveries
    tally.value = value
    tally.spent = spent
    tally.stake = stake
    tally.leads = leads
    tally.leader_pay = leader_pay
    for i in range(len(s.organisation)):
        who, now = s.organisation[i], m.opening[i]
        who.purpose_view = purpose.pulled_back(now.purpose_view, who.mandate, m.lever[i].mandate_pull)
        who.expectation = now.expectation
        who.accountability = now.accountability


@step
def set_aside(m: Any, became: Any, n: int) -> None:
    """Copy what became of the month's only meeting, as the steps see it, into column n."""
    meeting, act = m.meeting, m.act
    became[0, n], became[1, n], became[2, n] = meeting.leader[0], meeting.joint[0], meeting.alignment[0]
    became[3, n], became[4, n] = meeting.gain[0], meeting.stake[0]
    for a in range(2):
        became[5 + a, n], became[7 + a, n] = act.committed[a, 0], act.delivered[a, 0]
        became[9 + a, n] = act.net[a, 0]


@step
def put_back(m: Any, became: Any, n: int) -> None:
    """Copy it from there to where the month's nth meeting is."""
    meeting, act = m.meeting, m.act
    meeting.leader[n], meeting.joint[n], meeting.alignment[n] = int(became[0, n]), became[1, n], became[2, n]
    meeting.gain[n], meeting.stake[n] = became[3, n], became[4, n]
    for a in range(2):
        act.committed[a, n], act.delivered[a, n] = became[5 + a, n], became[7 + a, n]
        act.net[a, n] = became[9 + a, n]


@step
def take_in(s: Any, m: Any, p: Any, k: int) -> None:
    """Let both sides of a pair that has just met take in what the month has brought so far.

    ``organisation`` still holds what they were when the month opened, and ``opening``, from which meetings
    read, what they are now.
    """
    lower, higher = s.pair.lower[k], s.pair.higher[k]
    view_lower, view_higher = m.opening[lower].purpose_view, m.opening[higher].purpose_view
    for a in range(2):
        i, j = (lower, higher) if a == 0 else (higher, lower)
        then, now, flow = s.organisation[i], m.opening[i], m.flow[i]
        view = view_lower if a == 0 else view_higher
        other = view_higher if a == 0 else view_lower
        weight = m.trust[a, k] * purpose.listens(view, other, m.lever[i].confidence_bound)
        flow.pull += weight * (other - view)
        flow.weight += weight
        if p.self_weight + flow.weight > 0.0:
            now.purpose_view = purpose.moved_view(
                then.purpose_view, flow.pull, flow.weight, p.convergence, p.self_weight
            )
        flow.met += 1.0
        flow.promised += m.act.committed[1 - a, 0]
        flow.kept += m.act.delivered[1 - a, 0]
        flow.alignment += m.meeting.alignment[0]
        flow.peers += m.lever[j].peer_accountability
        if flow.promised > 0.0:
            now.expectation = accountability.expected(
                then.expectation, flow.kept / flow.promised, p.expectation_rate
            )
        share = accountability.reciprocity(p.reciprocation, flow.alignment / flow.met)
        now.accountability = accountability.effort(
            share * now.expectation, p.peer_strength, flow.peers / flow.met, p.pledge
        )
