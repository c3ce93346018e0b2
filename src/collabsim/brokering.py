"""Who knows whom: the list of ties, how a tie is opened, and step 15 of the month, broker and vouch."""

from __future__ import annotations

from typing import Any

import numpy as np

from collabsim.compiled import rule, step
from collabsim.draws import LOW_32, draw_many, uniform
from collabsim.dynamics import draw_alone
from collabsim.rules import brokerage, difference
from collabsim.state import LANES

INTRODUCE, PICKED = 1, 3  # place and block: see collabsim.draws
WORD = np.uint64(32)
NO_PICK = np.uint64(0xFFFFFFFFFFFFFFFF)


@rule
def note_pair(s: Any, m: Any, k: int) -> None:
    """Note which pair two rows are, in a partnership that is small enough."""
    if len(m.between) > 0:
        m.between[s.pair.lower[k], s.pair.higher[k]] = k
        m.between[s.pair.higher[k], s.pair.lower[k]] = k


@rule
def find_pair(s: Any, i: int, j: int) -> int:
    """Return the pair of two rows, or -1 where they do not know of each other."""
    tie: int = s.organisation[i].first_tie
    while tie >= 0:
        k = tie // 2
        if s.pair.lower[k] == j or s.pair.higher[k] == j:
            return k
        tie = s.side.next_tie[tie % 2, k]
    return -1


@rule
def join(s: Any, i: int, j: int) -> int:
    """Let two rows know of each other, contact 0 and no evidence; return the pair, -1 for no room."""
    clock = s.clock[0]
    k: int = clock.pairs
    if k >= len(s.pair.lower):
        clock.full = 1
        return -1
    if s.organisation[i].id > s.organisation[j].id:
        i, j = j, i
    clock.pairs = k + 1
    pair, side, lower, higher = s.pair, s.side, s.organisation[i], s.organisation[j]
    pair.lower[k] = i
    pair.higher[k] = j
    pair.lower_id[k] = lower.id
    pair.higher_id[k] = higher.id
    pair.same_sector[k] = 1.0 if lower.sector == higher.sector else 0.0
    pair.contact[k] = 0.0
    pair.tension[k] = 0.0
    pair.distance[k] = difference.distance(
        lower.perspective_x, lower.perspective_y, higher.perspective_x, higher.perspective_y
    )
    for a in range(2):
        side.kept[a, k] = 0.0
        side.broken[a, k] = 0.0
        side.understanding[a, k] = 1.0 - pair.distance[k]
    side.next_tie[0, k] = lower.first_tie
    lower.first_tie = 2 * k
    side.next_tie[1, k] = higher.first_tie
    higher.first_tie = 2 * k + 1
    return k


@step
def broker(s: Any, m: Any, p: Any) -> None:
    """15. Broker and vouch: a systemic leader introduces two partners, and hears from one of the other.

    The two are picked uniformly among the partners it is in contact with: those with the smallest draws,
    so that one more partner changes nobody else's draw.
    """
    clock, before, lanes, most = s.clock[0], s.clock[0].opened, LANES, 0.0
    m.tally[0].introductions = 0.0
    for i in range(len(s.organisation)):
        most = max(most, m.lever[i].brokerage * m.opening[i].systems_view)
    if most <= 0.0:
        return
    draw_alone(s, m)
    for i in range(len(s.organisation)):
        chance = m.lever[i].brokerage * m.opening[i].systems_view
        m.flow[i].introduces = int(uniform(m.words[INTRODUCE, i]) < chance)
        for lane in range(lanes):
            m.least[0, lane, i] = NO_PICK
            m.least[1, lane, i] = NO_PICK
    ids, others = s.pair.lower_id, s.pair.higher_id
    draw_many(m.words, ids, others, before, clock.seed, clock.world, clock.month, clock.luck, PICKED)
    for k in range(before):
        for a in range(2):
            i = s.pair.lower[k] if a == 0 else s.pair.higher[k]
            pick = (m.words[a, k] << WORD) | np.uint64(2 * k + a)  # in order of the draws, with the tie
            pick = pick if m.opening_contact[k] > 0.0 else NO_PICK
            least = m.least[0, k % lanes, i]
            m.least[0, k % lanes, i] = min(least, pick)
            m.least[1, k % lanes, i] = min(m.least[1, k % lanes, i], max(least, pick))
    for i in range(len(s.organisation)):
        if m.flow[i].introduces == 1:
            first, second = NO_PICK, NO_PICK
            for lane in range(lanes):
                for place in range(2):
                    pick = m.least[place, lane, i]
                    second = min(second, max(first, pick))
                    first = min(first, pick)
            if second != NO_PICK:
                introduce(s, m, p, i, int(first & LOW_32), int(second & LOW_32), before)


@rule
def introduce(s: Any, m: Any, p: Any, i: int, tie_j: int, tie_k: int, before: int) -> None:
    """Let row i introduce two of its partners to each other, and hear from the first about the second."""
    j = s.pair.higher[tie_j // 2] if tie_j % 2 == 0 else s.pair.lower[tie_j // 2]
    other = s.pair.higher[tie_k // 2] if tie_k % 2 == 0 else s.pair.lower[tie_k // 2]
    trust_j = m.trust[tie_j % 2, tie_j // 2]
    trust_k = m.trust[tie_k % 2, tie_k // 2]
    between = int(m.between[j, other]) if len(m.between) > 0 else -1
    if between < 0:  # there is no table, or a rule of others has opened the tie
        between = find_pair(s, j, other)
    if between < 0 and p.intro * trust_j * trust_k > 0.0:
        between = join(s, j, other)
    if between < 0:
        return
    note_pair(s, m, between)
    known = between < before  # a tie opened this month had no contact and no evidence at the opening
    contact_then = m.opening_contact[between] if known else 0.0
    s.pair.contact[between] += (
        brokerage.introduced(contact_then, p.intro, trust_j, trust_k, p.intro_ceiling) - contact_then
    )
    m.tally[0].introductions += 1.0
    if known:
        teller, then = (0 if s.pair.lower[between] == j else 1), m.opening_side
        hearer, about, vouching = tie_k % 2, tie_k // 2, m.lever[i].vouching
        s.side.kept[hearer, about] += brokerage.heard(
            then.kept[teller, between], vouching, trust_j, p.vouch_cap
        )
        s.side.broken[hearer, about] += brokerage.heard(
            then.broken[teller, between], vouching, trust_j, p.vouch_cap
        )
