"""One month, in order: the only schedule there is, numbered as in the description of the model.

Every step has the same form, ``step(s, m, p)``: the partnership's state ``s``
(:class:`~collabsim.state.State`), the month's working arrays ``m`` (:class:`~collabsim.state.Month`)
and the run's parameters ``p`` (a record of :data:`~collabsim.parameters.PARAMETER_DTYPE`). Steps 1-3
come first; :func:`opening` then keeps the opening state, and steps 4-15 read what others are and have
from there, so that nobody's turn comes first. A pair's own steps (4-11) run in order on that pair alone.
:func:`close` clips everything once.
"""

from __future__ import annotations

from typing import Any

from collabsim.arithmetic import normal_quantile
from collabsim.compiled import rule, step
from collabsim.draws import NOBODY, draw, draw_four, draw_many, uniform
from collabsim.rules import (
    accountability,
    brokerage,
    commitment,
    contact,
    difference,
    leadership,
    purpose,
    trust,
)
from collabsim.state import COMMIT, DELIVER, LEAD, NAMED, NOTICE, SAFE, TIE

TURNOVER, INTRODUCE, SUCCESSORS, PICKED = 0, 1, 1, 3  # places and blocks: see collabsim.draws


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
    for i in range(len(s.organisation)):
        m.words[0, i] = s.organisation[i].id
        m.words[1, i] = NOBODY
    draw_many(m.words, len(s.organisation), clock.seed, clock.world, clock.month, clock.luck, 0)
    for i in range(len(s.organisation)):
        who = s.organisation[i]
        m.flow[i].left = 0
        if uniform(m.words[TURNOVER, i]) < m.lever[i].turnover:
            m.flow[i].left = 1
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
    for k in range(clock.pairs):
        pair = s.pair[k]
        for _ in range(m.flow[pair.lower].left + m.flow[pair.higher].left):
            pair.contact *= 1.0 - p.turnover_contact_loss
            for a in range(2):
                side = s.side[a, k]
                side.kept *= 1.0 - p.turnover_loss
                side.broken *= 1.0 - p.turnover_loss
                side.understanding = difference.unlearned(
                    side.understanding, pair.distance, 1.0 - p.turnover_loss
                )


@step
def fade(s: Any, m: Any, p: Any) -> None:
    """3. Memory fades."""
    memory = p.memory
    for a in range(2):
        for k in range(s.clock[0].pairs):
            side = s.side[a, k]
            side.kept = trust.faded(side.kept, memory)
            side.broken = trust.faded(side.broken, memory)


@step
def trusts(s: Any, m: Any, p: Any) -> None:
    """3. Trust, and as-if trust, from the evidence as it now stands (and again before measuring)."""
    for k in range(s.clock[0].pairs):
        pair = s.pair[k]
        for a in range(2):
            i = pair.lower if a == 0 else pair.higher
            towards = trust.disposition_towards(
                s.organisation[i].disposition, pair.same_sector, p.own_sector
            )
            m.trust[a, k] = towards
            m.as_if_trust[a, k] = trust.as_if(towards, m.lever[i].as_if)
    prior = p.prior_strength
    for a in range(2):  # apart, so that the divisions become vector code
        side, believed, acted_on = s.side[a], m.trust[a], m.as_if_trust[a]
        for k in range(s.clock[0].pairs):
            kept, broken = side[k].kept, side[k].broken
            believed[k] = trust.trust(kept, broken, believed[k], prior)
            acted_on[k] = trust.trust(kept, broken, acted_on[k], prior)


@step
def opening(s: Any, m: Any, p: Any) -> None:
    """3. Keep the opening state, which steps 4-15 read, and empty this month's sums."""
    for i in range(len(s.organisation)):
        m.opening[i] = s.organisation[i]
        flow = m.flow[i]
        flow.load = 0.0
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
        m.opening_contact[k] = s.pair[k].contact
    for a in range(2):
        for k in range(s.clock[0].pairs):
            m.opening_side[a, k].kept = s.side[a, k].kept
            m.opening_side[a, k].broken = s.side[a, k].broken


@step
def convene(s: Any, m: Any, p: Any) -> None:
    """4. Convene: each has room for so many meetings; who does not meet loses touch slowly."""
    clock = s.clock[0]
    rate, so_far, last = p.meeting_rate, 0.0, -1
    for k in range(clock.opened):
        pair = s.pair[k]
        load = rate * pair.contact
        before = m.flow[pair.lower].load  # not waited for while the lower row stays the same
        so_far = (so_far if pair.lower == last else before) + load
        last = pair.lower
        m.flow[pair.lower].load = so_far
        m.flow[pair.higher].load += load
    for i in range(len(s.organisation)):
        m.flow[i].room = contact.room(m.opening[i].capacity, m.flow[i].load)
    for k in range(clock.opened):
        m.words[0, k] = s.pair[k].lower_id
        m.words[1, k] = s.pair[k].higher_id
    draw_many(m.words, clock.opened, clock.seed, clock.world, clock.month, clock.luck, 0)
    met, idle_fade, settle = 0, p.idle_fade * p.contact_fade, p.settle
    for k in range(clock.opened):
        pair = s.pair[k]
        chance = contact.meeting_probability(
            rate, pair.contact, m.flow[pair.lower].room, m.flow[pair.higher].room
        )
        meets = int(uniform(m.words[0, k]) < chance)
        m.met[met] = k  # written over by the next pair unless this one meets: cheaper than a branch
        met += meets
        idle = 1 - meets
        pair.contact = contact.looser(pair.contact, idle_fade * idle)
        pair.tension = contact.settled(pair.tension, settle * idle)
    for n in range(met):
        k = m.met[n]
        m.luck[NAMED, n] = uniform(m.words[1, k])
        m.luck[SAFE, n] = uniform(m.words[2, k])
        m.luck[TIE, n] = uniform(m.words[3, k])
    clock.met = met


@step
def luck(s: Any, m: Any, p: Any) -> None:
    """4. Draw what the meetings of this month leave to luck."""
    clock = s.clock[0]
    for block in range(1, 3):
        for n in range(clock.met):
            pair = s.pair[m.met[n]]
            m.words[0, n] = pair.lower_id
            m.words[1, n] = pair.higher_id
        draw_many(m.words, clock.met, clock.seed, clock.world, clock.month, clock.luck, block)
        first, places = (LEAD, 3) if block == 1 else (DELIVER, 4)
        for place in range(places):
            for n in range(clock.met):
                m.luck[first + place, n] = uniform(m.words[place, n])


@step
def stakes(s: Any, m: Any, p: Any) -> None:
    """5. What is at stake: the joint value G per unit of stake, and the stake v."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        pair, meeting = s.pair[k], m.meeting[n]
        i, j = pair.lower, pair.higher
        meeting.alignment = difference.alignment(m.opening[i].purpose_view, m.opening[j].purpose_view)
        understanding = 0.5 * (s.side[0, k].understanding + s.side[1, k].understanding)
        meeting.gain = difference.gain(
            meeting.alignment, pair.distance, understanding, p.synergy, p.friction
        )
        meeting.stake = commitment.stake(
            p.stake_size,
            0.5 * (m.lever[i].stake_matching + m.lever[j].stake_matching),
            m.as_if_trust[0, k],
            m.as_if_trust[1, k],
            p.trust_for_full_stake,
        )


@step
def worth(s: Any, m: Any, p: Any, n: int, a: int, believed: float, bold: float) -> float:
    """Return what committing is worth to side a in meeting n, given its trust and how much risk it waives."""
    pair, meeting = s.pair[m.met[n]], m.meeting[n]
    i = pair.lower if a == 0 else pair.higher
    return commitment.value_of_committing(
        believed,
        meeting.gain,
        commitment.counted_share(p.own_share, p.systems_weight, m.opening[i].systems_view),
        meeting.stake,
        m.lever[i].loss * (1.0 - bold),
        m.lever[i].cost,
        p.tension_cost * pair.tension,
    )


@step
def choose(worth: Any, met: int, intensity_of_choice: float) -> None:
    """Turn what committing is worth in the first ``met`` meetings into probabilities, as vector code."""
    for n in range(met):
        worth[n] = commitment.commit_probability(worth[n], intensity_of_choice)


@step
def commit(s: Any, m: Any, p: Any) -> None:
    """6. Commit, or hold back: a first mover waives risk, and a follower who sees it believes more.

    All who choose first, then all who choose second: the logit of many at once is fast.
    """
    met = s.clock[0].met
    for n in range(met):
        pair = s.pair[m.met[n]]
        m.meeting[n].leader = leadership.first_mover(
            m.opening[pair.lower].courage, m.opening[pair.higher].courage, m.luck[LEAD, n], m.luck[TIE, n]
        )
    for n in range(met):
        k, leader = m.met[n], m.meeting[n].leader
        pair, first = s.pair[k], max(leader, 0)
        boldest = max(m.opening[pair.lower].courage, m.opening[pair.higher].courage)
        bold = min(leader + 1, 1) * boldest  # 0 where both decide at once
        m.worth[0, n] = worth(s, m, p, n, first, m.as_if_trust[first, k], bold)
    choose(m.worth[0], met, p.intensity_of_choice)
    for n in range(met):
        leader = m.meeting[n].leader
        first = max(leader, 0)
        committed = 1.0 if m.luck[COMMIT + first, n] < m.worth[0, n] else 0.0
        m.act[first, n].committed = committed
        seen = min(leader + 1, 1) * committed
        followed = commitment.follower_trust(m.as_if_trust[1 - first, m.met[n]], p.lead * seen)
        m.worth[1, n] = worth(s, m, p, n, 1 - first, followed, 0.0)
    choose(m.worth[1], met, p.intensity_of_choice)
    for n in range(met):
        second = 1 - max(m.meeting[n].leader, 0)
        m.act[second, n].committed = 1.0 if m.luck[COMMIT + second, n] < m.worth[1, n] else 0.0


@step
def deliver(s: Any, m: Any, p: Any) -> None:
    """7. Deliver what was promised, or fail; pay what it costs; share what came of it."""
    joint_deliveries, commitments, deliveries, leads = 0.0, 0.0, 0.0, 0.0
    value, all_spent, stake, leader_pay = 0.0, 0.0, 0.0, 0.0
    for n in range(s.clock[0].met):
        pair, meeting = s.pair[m.met[n]], m.meeting[n]
        v = meeting.stake
        delivered = 0.0
        for a in range(2):
            i = pair.lower if a == 0 else pair.higher
            act = m.act[a, n]
            chance = commitment.delivery_probability(
                m.opening[i].accountability, m.lever[i].slip, v
            )
            act.delivered = act.committed * (1.0 if m.luck[DELIVER + a, n] < chance else 0.0)
            delivered += act.delivered
        both = 1.0 if delivered == 2.0 else 0.0
        meeting.joint = both
        joint = v * meeting.gain * both
        for a in range(2):
            i = pair.lower if a == 0 else pair.higher
            act = m.act[a, n]
            alone = act.delivered * (1.0 - both)
            spent = m.lever[i].cost * v * act.committed + m.lever[i].loss * v * v * alone
            act.net = 0.5 * joint - spent
            m.flow[i].net += act.net
            all_spent += spent
            commitments += act.committed
        deliveries += delivered
        joint_deliveries += both
        value += joint
        stake += v
        first = max(meeting.leader, 0)
        led = min(meeting.leader + 1, 1) * m.act[first, n].committed
        more_pay = leader_pay + (m.act[first, n].net - m.act[1 - first, n].net)
        leads += led
        leader_pay = more_pay if led == 1.0 else leader_pay
    tally = m.tally[0]
    tally.meetings = s.clock[0].met
    tally.joint_deliveries = joint_deliveries
    tally.commitments = commitments
    tally.deliveries = deliveries
    tally.value = value
    tally.spent = all_spent
    tally.stake = stake
    tally.leads = leads
    tally.leader_pay = leader_pay


@step
def learn(s: Any, m: Any, p: Any) -> None:
    """8. Learn: kept promises count if they are seen, broken ones always, and weigh more.

    All that could be learned is worked out, and what luck has decided is taken: cheaper than branches that
    no processor can foresee.
    """
    for n in range(s.clock[0].met):
        k = m.met[n]
        pair, v = s.pair[k], m.meeting[n].stake
        visibility = 0.5 * (m.lever[pair.lower].visibility + m.lever[pair.higher].visibility)
        for a in range(2):
            judge = pair.lower if a == 0 else pair.higher
            failer = pair.higher if a == 0 else pair.lower
            side, partner = s.side[a, k], m.act[1 - a, n]
            doubt = m.lever[judge].benefit_of_doubt
            failed = trust.evidence_failed(v, p.negativity, doubt, m.lever[failer].repair)
            held_back = trust.evidence_held_back(v, p.holdback_weight, doubt)
            kept, broken = side.kept, side.broken
            more_kept = kept + trust.evidence_kept(v)
            more_broken = broken + (failed if partner.committed == 1.0 else held_back)
            seen = partner.delivered * (1.0 if m.luck[NOTICE + a, n] < visibility else 0.0)
            side.kept = more_kept if seen == 1.0 else kept
            side.broken = broken if partner.delivered == 1.0 else more_broken


@step
def speak_up(s: Any, m: Any, p: Any) -> None:
    """9. Tension grows, and may be named: in safety it teaches, without it it ruptures."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        pair, meeting = s.pair[k], m.meeting[n]
        i, j = pair.lower, pair.higher
        lower, higher = s.side[0, k], s.side[1, k]
        strange = pair.distance * (1.0 - 0.5 * (lower.understanding + higher.understanding))
        pair.tension = difference.strained(
            pair.tension,
            p.strain,
            1.0 - meeting.alignment,
            strange,
            p.strain_no_delivery * (1.0 - meeting.joint),
            0.5 * (m.lever[i].surfacing + m.lever[j].surfacing),
        )
        chance = leadership.naming_probability(
            m.opening[i].courage, m.opening[j].courage, pair.tension
        )
        if m.luck[NAMED, n] < chance:
            if m.luck[SAFE, n] < 0.5 * (m.as_if_trust[0, k] + m.as_if_trust[1, k]):
                pair.tension = difference.resolved(pair.tension, p.resolution)
                for a in range(2):
                    side = s.side[a, k]
                    side.understanding = difference.understood(
                        side.understanding, p.named_understanding
                    )
                    side.kept += p.named_evidence
            else:
                lower.broken += p.rupture
                higher.broken += p.rupture


@step
def understand(s: Any, m: Any, p: Any) -> None:
    """10. Each side understands the other a little better for having met."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        for a in range(2):
            i = s.pair[k].lower if a == 0 else s.pair[k].higher
            side = s.side[a, k]
            side.understanding = difference.understood(side.understanding, m.lever[i].learning)


@step
def keep_contact(s: Any, m: Any, p: Any) -> None:
    """11. Contact: joint delivery brings partners closer, fruitless meetings drive them apart."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        pair = s.pair[k]
        closer = contact.closer(pair.contact, p.contact_gain)
        looser = contact.looser(pair.contact, p.contact_fade)
        pair.contact = closer if m.meeting[n].joint == 1.0 else looser


@step
def seek_purpose(s: Any, m: Any, p: Any) -> None:
    """12. Views of the purpose move towards those of trusted partners met, and back to the mandate."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        pair = s.pair[k]
        for a in range(2):
            i = pair.lower if a == 0 else pair.higher
            j = pair.higher if a == 0 else pair.lower
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
        pair = s.pair[k]
        for a in range(2):
            i = pair.lower if a == 0 else pair.higher
            j = pair.higher if a == 0 else pair.lower
            flow, partner = m.flow[i], m.act[1 - a, n]
            flow.met += 1.0
            flow.promised += partner.committed
            flow.kept += partner.delivered
            flow.alignment += m.meeting[n].alignment
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
def find_pair(s: Any, i: int, j: int) -> int:
    """Return the pair of two rows, or -1 where they do not know of each other."""
    tie = s.organisation[i].first_tie
    while tie >= 0:
        pair = s.pair[tie // 2]
        if pair.lower == j or pair.higher == j:
            return tie // 2
        tie = s.side[tie % 2, tie // 2].next_tie
    return -1


@step
def join(s: Any, i: int, j: int) -> int:
    """Let two rows know of each other, contact 0 and no evidence; return the pair, -1 for no room."""
    clock = s.clock[0]
    k = clock.pairs
    if k >= len(s.pair):
        clock.full = 1
        return -1
    if s.organisation[i].id > s.organisation[j].id:
        i, j = j, i
    clock.pairs = k + 1
    pair, lower, higher = s.pair[k], s.organisation[i], s.organisation[j]
    pair.lower = i
    pair.higher = j
    pair.lower_id = lower.id
    pair.higher_id = higher.id
    pair.same_sector = int(lower.sector == higher.sector)
    pair.contact = 0.0
    pair.tension = 0.0
    pair.distance = difference.distance(
        lower.perspective_x, lower.perspective_y, higher.perspective_x, higher.perspective_y
    )
    for a in range(2):
        s.side[a, k].kept = 0.0
        s.side[a, k].broken = 0.0
        s.side[a, k].understanding = 1.0 - pair.distance
    s.side[0, k].next_tie = lower.first_tie
    lower.first_tie = 2 * k
    s.side[1, k].next_tie = higher.first_tie
    higher.first_tie = 2 * k + 1
    return k


@step
def broker(s: Any, m: Any, p: Any) -> None:
    """15. Broker and vouch: a systemic leader introduces two partners, and hears from one of the other.

    The two are picked uniformly among the partners it is in contact with: those with the smallest draws,
    so that one more partner changes nobody else's draw.
    """
    clock = s.clock[0]
    m.tally[0].introductions = 0.0
    before = clock.opened
    for i in range(len(s.organisation)):
        chance = m.lever[i].brokerage * m.opening[i].systems_view
        if chance <= 0.0:
            continue
        who = s.organisation[i].id
        if draw(clock.seed, clock.world, who, NOBODY, clock.month, clock.luck, INTRODUCE) >= chance:
            continue
        count, tie = 0, s.organisation[i].first_tie
        while tie >= 0:
            k = tie // 2
            if k < before and m.opening_contact[k] > 0.0:
                m.words[0, count] = s.pair[k].lower_id
                m.words[1, count] = s.pair[k].higher_id
                count += 1
            tie = s.side[tie % 2, k].next_tie
        draw_many(m.words, count, clock.seed, clock.world, clock.month, clock.luck, PICKED)
        tie_j, tie_k, luck_j, luck_k = -1, -1, 2.0, 2.0
        count, tie = 0, s.organisation[i].first_tie
        while tie >= 0:
            k, a = tie // 2, tie % 2
            if k < before and m.opening_contact[k] > 0.0:
                pick = uniform(m.words[a, count])
                count += 1
                if pick < luck_j:
                    tie_k, luck_k = tie_j, luck_j
                    tie_j, luck_j = tie, pick
                elif pick < luck_k:
                    tie_k, luck_k = tie, pick
            tie = s.side[a, k].next_tie
        if tie_k < 0:
            continue
        introduce(s, m, p, i, tie_j, tie_k, before)


@step
def introduce(s: Any, m: Any, p: Any, i: int, tie_j: int, tie_k: int, before: int) -> None:
    """Let row i introduce two of its partners to each other, and hear from the first about the second."""
    pair_j, pair_k = s.pair[tie_j // 2], s.pair[tie_k // 2]
    j = int(pair_j.higher if tie_j % 2 == 0 else pair_j.lower)
    other = int(pair_k.higher if tie_k % 2 == 0 else pair_k.lower)
    trust_j = m.trust[tie_j % 2, tie_j // 2]
    trust_k = m.trust[tie_k % 2, tie_k // 2]
    between = find_pair(s, j, other)
    if between < 0 and p.intro * trust_j * trust_k > 0.0:
        between = join(s, j, other)
    if between < 0:
        return
    known = between < before  # a tie opened this month had no contact and no evidence at the opening
    contact_then = m.opening_contact[between] if known else 0.0
    s.pair[between].contact += (
        brokerage.introduced(contact_then, p.intro, trust_j, trust_k, p.intro_ceiling) - contact_then
    )
    m.tally[0].introductions += 1.0
    if known:
        teller = m.opening_side[0 if s.pair[between].lower == j else 1, between]
        hearer = s.side[tie_k % 2, tie_k // 2]
        vouching = m.lever[i].vouching
        hearer.kept += brokerage.heard(teller.kept, vouching, trust_j, p.vouch_cap)
        hearer.broken += brokerage.heard(teller.broken, vouching, trust_j, p.vouch_cap)


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
        pair = s.pair[k]
        pair.contact = clipped(pair.contact)
        pair.tension = clipped(pair.tension)
    for a in range(2):
        for k in range(s.clock[0].pairs):
            side = s.side[a, k]
            side.kept = max(0.0, side.kept)
            side.broken = max(0.0, side.broken)
            side.understanding = clipped(side.understanding)
    s.clock[0].month += 1

