"""One month, in order: the only schedule there is, numbered as in the description of the model.

Every step has the same form, ``step(s, m, p)``: the partnership's state ``s``
(:class:`~collabsim.state.State`), the month's working arrays ``m`` (:class:`~collabsim.state.Month`)
and the run's parameters ``p`` (a record of :data:`~collabsim.parameters.PARAMETER_DTYPE`). Steps 1-3
come first; :func:`opening` then keeps the opening state, and steps 4-15 read what others are and have
from there, so that nobody's turn comes first. A pair's own steps (4-11) run in order on that pair alone.
:func:`close` clips everything once.

Here are the steps before meetings and after them: 1 to 3, 12 to 14 and 16. Meetings (4 to 11) are in
:mod:`collabsim.meetings`, the broker (15) in :mod:`collabsim.brokering`.
"""

from __future__ import annotations

from typing import Any

from collabsim.arithmetic import normal_quantile
from collabsim.compiled import rule, step
from collabsim.draws import NOBODY, draw_four, draw_many, uniform
from collabsim.rules import accountability, difference, leadership, purpose, trust

TURNOVER, SUCCESSORS = 0, 1  # place and block: see collabsim.draws


@rule
def clipped(x: float) -> float:
    """Return x within 0 to 1."""
    return min(1.0, max(0.0, x))


@rule
def normal_within(u: float, mean: float, spread: float) -> float:
    """Return a normal deviate for a uniform draw, clipped to 0 to 1."""
    return clipped(mean + spread * normal_quantile(u))


@step
def levers(s: Any, m: Any, p: Any) -> None:
    """1. Each organisation's levers: base values, moved by what is active this month.

    Each active practice or shock asks for ``base + strength · (full - base)``; the furthest in the
    lever's direction wins, and a base already beyond it stays.
    """
    clock = s.clock[0]
    changes = clock.stale == 1
    for e in range(clock.first_entry, clock.last_entry):
        if m.entry[e].from_month == clock.month or m.entry[e].to_month == clock.month:
            changes = True
    if not changes:
        return
    clock.stale = 0
    for i in range(len(s.organisation)):
        for lever in range(len(m.base)):
            m.lever_table[i, lever] = m.base[lever]
        for mover in range(m.asks.shape[0]):
            strength = 0.0
            for e in range(clock.first_entry, clock.last_entry):
                entry = m.entry[e]
                if entry.mover == mover and entry.from_month <= clock.month < entry.to_month:
                    strength += entry.strength * m.coverage[entry.coverage, i]
            strength = min(1.0, strength)
            if strength > 0.0:
                for lever in range(len(m.base)):
                    full = m.asks[mover, lever]
                    if full == full:  # NaN where this mover leaves the lever alone
                        asked = m.base[lever] + strength * (full - m.base[lever])
                        if m.limits[0, lever] * (asked - m.lever_table[i, lever]) > 0.0:
                            m.lever_table[i, lever] = asked
        for lever in range(len(m.base)):
            low, high = m.limits[1, lever], m.limits[2, lever]
            m.lever_table[i, lever] = min(high, max(low, m.lever_table[i, lever]))


@step
def turnover(s: Any, m: Any, p: Any) -> None:
    """2. Leaders leave: successors start anew, and part of what was learned on their ties is lost."""
    clock = s.clock[0]
    left = 0
    draw_alone(s, m)
    gone = m.ids[0]
    for i in range(len(s.organisation)):
        who = s.organisation[i]
        m.flow[i].left = 0
        gone[i] = 0
        if uniform(m.words[TURNOVER, i]) < m.lever[i].turnover:
            m.flow[i].left = 1
            gone[i] = 1
            left += 1
            a, b, _, _ = draw_four(
                clock.seed, clock.world, who.id, NOBODY, clock.month, clock.luck, SUCCESSORS
            )
            who.resting_courage = normal_within(a, p.resting_courage, p.resting_spread)
            who.resting_systems_view = normal_within(b, p.resting_systems_view, p.resting_spread)
            who.courage = who.resting_courage
            who.systems_view = who.resting_systems_view
    m.tally[0].turnovers = left
    if left == 0:
        return
    pair, side = s.pair, s.side
    for k in range(clock.pairs):
        for _ in range(gone[pair.lower[k]] + gone[pair.higher[k]]):
            pair.contact[k] *= 1.0 - p.turnover_contact_loss
            for a in range(2):
                side.kept[a, k] *= 1.0 - p.turnover_loss
                side.broken[a, k] *= 1.0 - p.turnover_loss
                side.understanding[a, k] = difference.unlearned(
                    side.understanding[a, k], pair.distance[k], 1.0 - p.turnover_loss
                )


@step
def draw_alone(s: Any, m: Any) -> None:
    """Draw a block of four for every organisation: whether its leaders leave, whether it introduces."""
    clock, ids, others = s.clock[0], m.ids[0], m.ids[1]
    for i in range(len(s.organisation)):
        ids[i] = s.organisation[i].id
        others[i] = NOBODY
    count = len(s.organisation)
    draw_many(m.words, ids, others, count, clock.seed, clock.world, clock.month, clock.luck, 0)


@step
def fade(s: Any, m: Any, p: Any) -> None:
    """3. Memory fades."""
    memory = p.memory
    for a in range(2):
        kept, broken = s.side.kept[a], s.side.broken[a]
        for k in range(s.clock[0].pairs):
            kept[k] = trust.faded(kept[k], memory)
            broken[k] = trust.faded(broken[k], memory)


@step
def trusts(s: Any, m: Any, p: Any) -> None:
    """3. Trust, and as-if trust, from the evidence as it now stands (and again before measuring)."""
    own_sector, prior, lends = p.own_sector, p.prior_strength, 0.0
    disposition, as_if = m.column[0], m.column[1]
    for i in range(len(s.organisation)):
        disposition[i], as_if[i] = s.organisation[i].disposition, m.lever[i].as_if
        lends = max(lends, as_if[i])
    for a in range(2):
        rows, believed, acted_on = s.pair.lower if a == 0 else s.pair.higher, m.trust[a], m.as_if_trust[a]
        for k in range(s.clock[0].pairs):
            believed[k] = trust.disposition_towards(
                disposition[rows[k]], s.pair.same_sector[k], own_sector
            )
        if lends > 0.0:
            for k in range(s.clock[0].pairs):
                acted_on[k] = as_if[rows[k]]
    for a in range(2):  # apart, so that the divisions become vector code
        kept, broken, believed, acted_on = s.side.kept[a], s.side.broken[a], m.trust[a], m.as_if_trust[a]
        if lends > 0.0:
            for k in range(s.clock[0].pairs):
                towards = believed[k]
                believed[k] = trust.trust(kept[k], broken[k], towards, prior)
                acted_on[k] = trust.trust(kept[k], broken[k], trust.as_if(towards, acted_on[k]), prior)
        else:  # nobody acts as if, so that both are one, and half the divisions are saved
            for k in range(s.clock[0].pairs):
                believed[k] = trust.trust(kept[k], broken[k], believed[k], prior)
                acted_on[k] = believed[k]


@step
def opening(s: Any, m: Any, p: Any) -> None:
    """3. Keep the opening state, which steps 4-15 read, and empty this month's sums."""
    for i in range(len(s.organisation)):
        m.opening[i] = s.organisation[i]
        flow = m.flow[i]
        flow.pull = 0.0
        flow.weight = 0.0
        flow.met = 0.0
        flow.promised = 0.0
        flow.kept = 0.0
        flow.alignment = 0.0
        flow.peers = 0.0
        flow.net = 0.0
    s.clock[0].opened = s.clock[0].pairs
    for k in range(s.clock[0].pairs):
        m.opening_contact[k] = s.pair.contact[k]
    for a in range(2):
        for k in range(s.clock[0].pairs):
            m.opening_side.kept[a, k] = s.side.kept[a, k]
            m.opening_side.broken[a, k] = s.side.broken[a, k]


@step
def seek_purpose(s: Any, m: Any, p: Any) -> None:
    """12. Views of the purpose move towards those of trusted partners met, and back to the mandate."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        lower, higher = s.pair.lower[k], s.pair.higher[k]
        for a in range(2):
            i, j = (lower, higher) if a == 0 else (higher, lower)
            view, other = m.opening[i].purpose_view, m.opening[j].purpose_view
            weight = m.trust[a, k] * purpose.listens(view, other, m.lever[i].confidence_bound)
            m.flow[i].pull += weight * (other - view)
            m.flow[i].weight += weight
    for i in range(len(s.organisation)):
        who, flow = s.organisation[i], m.flow[i]
        if p.self_weight + flow.weight > 0.0:
            who.purpose_view = purpose.moved_view(
                who.purpose_view, flow.pull, flow.weight, p.convergence, p.self_weight
            )
        who.purpose_view = purpose.pulled_back(who.purpose_view, who.mandate, m.lever[i].mandate_pull)


@step
def account(s: Any, m: Any, p: Any) -> None:
    """13. Accountability: expectations follow what was kept, and effort follows them and the peers."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        lower, higher = s.pair.lower[k], s.pair.higher[k]
        for a in range(2):
            i, j = (lower, higher) if a == 0 else (higher, lower)
            flow = m.flow[i]
            flow.met += 1.0
            flow.promised += m.act.committed[1 - a, n]
            flow.kept += m.act.delivered[1 - a, n]
            flow.alignment += m.meeting.alignment[n]
            flow.peers += m.lever[j].peer_accountability
    for i in range(len(s.organisation)):
        who, flow = s.organisation[i], m.flow[i]
        if flow.promised > 0.0:
            who.expectation = accountability.expected(
                who.expectation, flow.kept / flow.promised, p.expectation_rate
            )
        if flow.met > 0.0:
            share = accountability.reciprocity(p.reciprocation, flow.alignment / flow.met)
            who.accountability = accountability.effort(
                share * who.expectation, p.peer_strength, flow.peers / flow.met, p.pledge
            )


@step
def grow_leaders(s: Any, m: Any, p: Any) -> None:
    """14. Leadership: courage and systems view grow with practice and fall back without it."""
    for i in range(len(s.organisation)):
        who, lever = s.organisation[i], m.lever[i]
        who.courage = leadership.practised(
            who.courage, who.resting_courage, lever.courage_practice, p.leadership_return
        )
        who.systems_view = leadership.practised(
            who.systems_view, who.resting_systems_view, lever.systems_practice, p.leadership_return
        )


@step
def close(s: Any, m: Any, p: Any) -> None:
    """16. Everything is clipped to its range, once, and the month is over."""
    for i in range(len(s.organisation)):
        who = s.organisation[i]
        who.purpose_view = clipped(who.purpose_view)
        who.expectation = clipped(who.expectation)
        who.accountability = clipped(who.accountability)
        who.courage = clipped(who.courage)
        who.systems_view = clipped(who.systems_view)
    for k in range(s.clock[0].pairs):
        s.pair.contact[k] = clipped(s.pair.contact[k])
        s.pair.tension[k] = clipped(s.pair.tension[k])
    for a in range(2):
        kept, broken, understanding = s.side.kept[a], s.side.broken[a], s.side.understanding[a]
        for k in range(s.clock[0].pairs):
            kept[k] = max(0.0, kept[k])
            broken[k] = max(0.0, broken[k])
            understanding[k] = clipped(understanding[k])
    s.clock[0].month += 1
