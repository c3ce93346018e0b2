"""What meetings bring: steps 4 to 11 of the month, from who meets to what they make of each other.

Every step has the form ``step(s, m, p)`` described in :mod:`collabsim.dynamics`. What others are and have is
read from the opening state, so that nobody's turn comes first; a pair's own steps run in order on that pair.
"""

from __future__ import annotations

from typing import Any

from collabsim.compiled import step
from collabsim.draws import draw_many, uniform
from collabsim.rules import commitment, contact, difference, leadership, trust
from collabsim.state import COMMIT, DELIVER, LANES, LEAD, NAMED, NOTICE, SAFE, TIE


@step
def convene(s: Any, m: Any, p: Any) -> None:
    """4. Convene: each has room for so many meetings; who does not meet loses touch slowly."""
    clock, pair = s.clock[0], s.pair
    rate, lanes, loads = p.meeting_rate, LANES, m.column
    for lane in range(lanes):
        for i in range(len(s.organisation)):
            loads[lane, i] = 0.0
    for k in range(clock.opened):
        load = rate * pair.contact[k]
        loads[k % lanes, pair.lower[k]] += load
        loads[k % lanes, pair.higher[k]] += load
    rooms = loads[0]
    for i in range(len(s.organisation)):
        load = (loads[0, i] + loads[1, i]) + (loads[2, i] + loads[3, i])
        rooms[i] = contact.room(m.opening[i].capacity, load)
        m.flow[i].room = rooms[i]
    ids, others = pair.lower_id, pair.higher_id
    draw_many(m.words, ids, others, clock.opened, clock.seed, clock.world, clock.month, clock.luck, 0)
    idle_fade, settle, meets = p.idle_fade * p.contact_fade, p.settle, m.ids[0]
    for k in range(clock.opened):
        chance = contact.meeting_probability(
            rate, pair.contact[k], rooms[pair.lower[k]], rooms[pair.higher[k]]
        )
        idle = 0.0 if uniform(m.words[0, k]) < chance else 1.0
        meets[k] = 1 if idle == 0.0 else 0
        pair.contact[k] = contact.looser(pair.contact[k], idle_fade * idle)
        pair.tension[k] = contact.settled(pair.tension[k], settle * idle)
    met = 0
    for k in range(clock.opened):
        m.met[met] = k  # written over by the next pair unless this one meets: cheaper than a branch
        met += meets[k]
    for n in range(met):
        k = m.met[n]
        m.luck[NAMED, n] = uniform(m.words[1, k])
        m.luck[SAFE, n] = uniform(m.words[2, k])
        m.luck[TIE, n] = uniform(m.words[3, k])
    clock.met = met


@step
def luck(s: Any, m: Any, p: Any) -> None:
    """4. Draw what the meetings of this month leave to luck."""
    clock, ids, others = s.clock[0], m.ids[0], m.ids[1]
    for n in range(clock.met):
        ids[n] = s.pair.lower_id[m.met[n]]
        others[n] = s.pair.higher_id[m.met[n]]
    for block in range(1, 3):
        draw_many(m.words, ids, others, clock.met, clock.seed, clock.world, clock.month, clock.luck, block)
        first, places = (LEAD, 3) if block == 1 else (DELIVER, 4)
        for place in range(places):
            for n in range(clock.met):
                m.luck[first + place, n] = uniform(m.words[place, n])


@step
def stakes(s: Any, m: Any, p: Any) -> None:
    """5. What is at stake: the joint value G per unit of stake, and the stake v."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        i, j = s.pair.lower[k], s.pair.higher[k]
        m.meeting.alignment[n] = difference.alignment(m.opening[i].purpose_view, m.opening[j].purpose_view)
        understanding = 0.5 * (s.side.understanding[0, k] + s.side.understanding[1, k])
        m.meeting.gain[n] = difference.gain(
            m.meeting.alignment[n], s.pair.distance[k], understanding, p.synergy, p.friction
        )
        m.meeting.stake[n] = commitment.stake(
            p.stake_size,
            0.5 * (m.lever[i].stake_matching + m.lever[j].stake_matching),
            m.as_if_trust[0, k],
            m.as_if_trust[1, k],
            p.trust_for_full_stake,
        )


@step
def worth(s: Any, m: Any, p: Any, n: int, a: int, believed: float, bold: float) -> float:
    """Return what committing is worth to side a in meeting n, given its trust and how much risk it waives."""
    k = m.met[n]
    i = s.pair.lower[k] if a == 0 else s.pair.higher[k]
    return commitment.value_of_committing(
        believed,
        m.meeting.gain[n],
        commitment.counted_share(p.own_share, p.systems_weight, m.opening[i].systems_view),
        m.meeting.stake[n],
        m.lever[i].loss * (1.0 - bold),
        m.lever[i].cost,
        p.tension_cost * s.pair.tension[k],
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
        i, j = s.pair.lower[m.met[n]], s.pair.higher[m.met[n]]
        m.meeting.leader[n] = leadership.first_mover(
            m.opening[i].courage, m.opening[j].courage, m.luck[LEAD, n], m.luck[TIE, n]
        )
    for n in range(met):
        k, leader = m.met[n], m.meeting.leader[n]
        first = max(leader, 0)
        boldest = max(m.opening[s.pair.lower[k]].courage, m.opening[s.pair.higher[k]].courage)
        bold = min(leader + 1, 1) * boldest  # 0 where both decide at once
        m.worth[0, n] = worth(s, m, p, n, first, m.as_if_trust[first, k], bold)
    choose(m.worth[0], met, p.intensity_of_choice)
    for n in range(met):
        leader = m.meeting.leader[n]
        first = max(leader, 0)
        committed = 1.0 if m.luck[COMMIT + first, n] < m.worth[0, n] else 0.0
        m.act.committed[first, n] = committed
        seen = min(leader + 1, 1) * committed
        followed = commitment.follower_trust(m.as_if_trust[1 - first, m.met[n]], p.lead * seen)
        m.worth[1, n] = worth(s, m, p, n, 1 - first, followed, 0.0)
    choose(m.worth[1], met, p.intensity_of_choice)
    for n in range(met):
        second = 1 - max(m.meeting.leader[n], 0)
        m.act.committed[second, n] = 1.0 if m.luck[COMMIT + second, n] < m.worth[1, n] else 0.0


@step
def deliver(s: Any, m: Any, p: Any) -> None:
    """7. Deliver what was promised, or fail; pay what it costs; share what came of it."""
    meeting, act = m.meeting, m.act
    accountability, slip, cost, loss = m.column[0], m.column[1], m.column[2], m.column[3]
    for i in range(len(s.organisation)):
        accountability[i], slip[i] = m.opening[i].accountability, m.lever[i].slip
        cost[i], loss[i] = m.lever[i].cost, m.lever[i].loss
    for n in range(s.clock[0].met):
        k, v = m.met[n], meeting.stake[n]
        for a in range(2):
            i = s.pair.lower[k] if a == 0 else s.pair.higher[k]
            chance = commitment.delivery_probability(accountability[i], slip[i], v)
            act.delivered[a, n] = act.committed[a, n] * (1.0 if m.luck[DELIVER + a, n] < chance else 0.0)
        both = act.delivered[0, n] * act.delivered[1, n]
        meeting.joint[n] = both
        for a in range(2):
            i = s.pair.lower[k] if a == 0 else s.pair.higher[k]
            alone = act.delivered[a, n] * (1.0 - both)
            m.spent[a, n] = cost[i] * v * act.committed[a, n] + loss[i] * v * v * alone
            act.net[a, n] = 0.5 * (v * meeting.gain[n] * both) - m.spent[a, n]
    tally_up(s, m, p)


@step
def tally_up(s: Any, m: Any, p: Any) -> None:
    """Sum over this month's meetings: each organisation's net benefit, and the partnership's tallies."""
    meeting, act, nets = m.meeting, m.act, m.column[0]
    for i in range(len(s.organisation)):
        nets[i] = m.flow[i].net
    joint_deliveries, commitments, deliveries, leads = 0.0, 0.0, 0.0, 0.0
    value, spent, stake, leader_pay = 0.0, 0.0, 0.0, 0.0
    for n in range(s.clock[0].met):
        nets[s.pair.lower[m.met[n]]] += act.net[0, n]
        nets[s.pair.higher[m.met[n]]] += act.net[1, n]
        spent += m.spent[0, n]
        spent += m.spent[1, n]
        commitments += act.committed[0, n] + act.committed[1, n]
        deliveries += act.delivered[0, n] + act.delivered[1, n]
        joint_deliveries += meeting.joint[n]
        value += meeting.stake[n] * meeting.gain[n] * meeting.joint[n]
        stake += meeting.stake[n]
        first = max(meeting.leader[n], 0)
        led = min(meeting.leader[n] + 1, 1) * act.committed[first, n]
        more_pay = leader_pay + (act.net[first, n] - act.net[1 - first, n])
        leads += led
        leader_pay = more_pay if led == 1.0 else leader_pay
    for i in range(len(s.organisation)):
        m.flow[i].net = nets[i]
    tally = m.tally[0]
    tally.meetings = s.clock[0].met
    tally.joint_deliveries = joint_deliveries
    tally.commitments = commitments
    tally.deliveries = deliveries
    tally.value = value
    tally.spent = spent
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
        i, j, v = s.pair.lower[k], s.pair.higher[k], m.meeting.stake[n]
        visibility = 0.5 * (m.lever[i].visibility + m.lever[j].visibility)
        for a in range(2):
            judge, failer = (i, j) if a == 0 else (j, i)
            committed, delivered = m.act.committed[1 - a, n], m.act.delivered[1 - a, n]
            doubt = m.lever[judge].benefit_of_doubt
            failed = trust.evidence_failed(v, p.negativity, doubt, m.lever[failer].repair)
            held_back = trust.evidence_held_back(v, p.holdback_weight, doubt)
            kept, broken = s.side.kept[a, k], s.side.broken[a, k]
            more_kept = kept + trust.evidence_kept(v)
            more_broken = broken + (failed if committed == 1.0 else held_back)
            seen = delivered * (1.0 if m.luck[NOTICE + a, n] < visibility else 0.0)
            s.side.kept[a, k] = more_kept if seen == 1.0 else kept
            s.side.broken[a, k] = broken if delivered == 1.0 else more_broken


@step
def speak_up(s: Any, m: Any, p: Any) -> None:
    """9. Tension grows, and may be named: in safety it teaches, without it it ruptures."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        pair, side = s.pair, s.side
        i, j = pair.lower[k], pair.higher[k]
        strange = pair.distance[k] * (1.0 - 0.5 * (side.understanding[0, k] + side.understanding[1, k]))
        tension = difference.strained(
            pair.tension[k],
            p.strain,
            1.0 - m.meeting.alignment[n],
            strange,
            p.strain_no_delivery * (1.0 - m.meeting.joint[n]),
            0.5 * (m.lever[i].surfacing + m.lever[j].surfacing),
        )
        chance = leadership.naming_probability(m.opening[i].courage, m.opening[j].courage, tension)
        if m.luck[NAMED, n] < chance:
            if m.luck[SAFE, n] < 0.5 * (m.as_if_trust[0, k] + m.as_if_trust[1, k]):
                tension = difference.resolved(tension, p.resolution)
                for a in range(2):
                    side.understanding[a, k] = difference.understood(
                        side.understanding[a, k], p.named_understanding
                    )
                    side.kept[a, k] += p.named_evidence
            else:
                for a in range(2):
                    side.broken[a, k] += p.rupture
        pair.tension[k] = tension


@step
def understand(s: Any, m: Any, p: Any) -> None:
    """10. Each side understands the other a little better for having met."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        for a in range(2):
            i = s.pair.lower[k] if a == 0 else s.pair.higher[k]
            s.side.understanding[a, k] = difference.understood(
                s.side.understanding[a, k], m.lever[i].learning
            )


@step
def keep_contact(s: Any, m: Any, p: Any) -> None:
    """11. Contact: joint delivery brings partners closer, fruitless meetings drive them apart."""
    for n in range(s.clock[0].met):
        k = m.met[n]
        closer = contact.closer(s.pair.contact[k], p.contact_gain)
        looser = contact.looser(s.pair.contact[k], p.contact_fade)
        s.pair.contact[k] = closer if m.meeting.joint[n] == 1.0 else looser
