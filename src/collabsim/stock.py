"""What the end of a month shows of known pairs and of organisations, summed into the month's tally."""

from __future__ import annotations

from typing import Any

import numpy as np

from collabsim.compiled import step
from collabsim.rules import difference

CONNECTED_CONTACT = 0.3
"""The contact from which two organisations count as connected."""

FEW = 4096
"""Up to so many numbers are put in order sooner by comparing them than by their digits."""

DIGITS, DIGIT = 8, 256
"""A real number, read as a whole one, has so many digits of so many values each."""

SIGN, EVERY_BIT, LAST_DIGIT = np.uint64(1 << 63), np.uint64((1 << 64) - 1), np.uint64(DIGIT - 1)


@step
def take_stock(s: Any, m: Any, p: Any) -> None:
    """Put into the tally what the end of a month shows of known pairs and of organisations."""
    count_pairs(s, m, p)
    count_organisations(s, m, p)
    m.tally[0].net_differences = differences(m.column[0], m.words)
    m.tally[0].largest_component = largest_component(s, m, p)


@step
def count_pairs(s: Any, m: Any, p: Any) -> None:
    """Sum over known pairs: all in one loop, since one sum waits for itself only."""
    views = m.column[0]
    for i in range(len(s.organisation)):
        views[i] = s.organisation[i].purpose_view
    trusts, as_if, apart, alignments = 0.0, 0.0, 0.0, 0.0
    tensions, understandings, contacts = 0.0, 0.0, 0.0
    for k in range(s.clock[0].known):
        trusts += m.trust[0, k] + m.trust[1, k]
        as_if += m.as_if_trust[0, k] + m.as_if_trust[1, k]
        apart += abs(m.trust[0, k] - m.trust[1, k])
        alignments += difference.alignment(views[s.pair.lower[k]], views[s.pair.higher[k]])
        tensions += s.pair.tension[k]
        understandings += s.side.understanding[0, k] + s.side.understanding[1, k]
        contacts += s.pair.contact[k]
    tally = m.tally[0]
    tally.known = s.clock[0].known
    tally.trust = trusts
    tally.as_if_trust = as_if
    tally.trust_apart = apart
    tally.alignment = alignments
    tally.tension = tensions
    tally.understanding = understandings
    tally.contact = contacts


@step
def count_organisations(s: Any, m: Any, p: Any) -> None:
    """Sum over organisations, and put their net benefits side by side."""
    accountabilities, courages, views = 0.0, 0.0, 0.0
    statutory, others, count, nets = 0.0, 0.0, 0.0, m.column[0]
    for i in range(len(s.organisation)):
        accountabilities += s.organisation[i].accountability
        courages += s.organisation[i].courage
        views += s.organisation[i].systems_view
        nets[i] = m.flow[i].net
        if s.organisation[i].statutory == 1:
            statutory += m.flow[i].net
            count += 1.0
        else:
            others += m.flow[i].net
    tally = m.tally[0]
    tally.organisations = len(s.organisation)
    tally.accountability = accountabilities
    tally.courage = courages
    tally.systems_view = views
    tally.statutory = count
    tally.statutory_net = statutory
    tally.other_net = others


@step
def differences(values: Any, words: Any) -> float:
    """Return the sum of the differences of every two numbers, which end up in order, the least first.

    ``words`` is scratch: at least three rows of unsigned numbers, as long as there are values or longer.
    """
    if len(values) <= FEW:
        put_in_order(values)
    else:
        put_many_in_order(values, words)
    n, total = len(values), 0.0
    for i in range(n):
        total += (2.0 * i - n + 1.0) * values[i]
    return total


@step
def put_in_order(values: Any) -> None:
    """Sort numbers in place, the least first, by Shell's method: fast for few, and soon compiled."""
    n = len(values)
    gap = n
    while gap > 1:
        gap = max(1, 5 * gap // 11)
        for i in range(gap, n):
            value, place = values[i], i
            while place >= gap and values[place - gap] > value:
                values[place] = values[place - gap]
                place -= gap
            values[place] = value


@step
def put_many_in_order(values: Any, words: Any) -> None:
    """Sort :data:`DIGIT` numbers or more in place, the least first, digit by digit, the last digit first.

    A radix sort takes as long for each of many numbers as for each of few. Bits of real numbers are in
    order once those of negative ones are turned over, and the sign of the others (Knuth 1998, section
    5.2.5; Herf 2001).
    """
    n, counts = len(values), words[2]
    for i in range(n):
        bits = np.float64(values[i]).view(np.uint64)
        words[0, i] = bits ^ (EVERY_BIT if bits >= SIGN else SIGN)
    for digit in range(DIGITS):
        given, sorted_, shift = words[digit % 2], words[1 - digit % 2], np.uint64(8 * digit)
        for value in range(DIGIT):
            counts[value] = 0
        for i in range(n):
            counts[(given[i] >> shift) & LAST_DIGIT] += np.uint64(1)
        before = np.uint64(0)
        for value in range(DIGIT):
            count = counts[value]
            counts[value] = before
            before += count
        for i in range(n):
            value = (given[i] >> shift) & LAST_DIGIT
            sorted_[counts[value]] = given[i]
            counts[value] += np.uint64(1)
    for i in range(n):
        bits = words[0, i]
        values[i] = np.uint64(bits ^ (SIGN if bits >= SIGN else EVERY_BIT)).view(np.float64)


@step
def root(roots: Any, i: int) -> int:
    """Return the row that stands for the component of row i, shortening the way there."""
    while roots[i] != i:
        roots[i] = roots[roots[i]]
        i = roots[i]
    return i


@step
def largest_component(s: Any, m: Any, p: Any) -> int:
    """Return how many organisations the largest component of contact has.

    Everyone begins as a component of its own, and whom contact connects is joined (Galler & Fischer 1964).
    """
    n, roots, members = len(s.organisation), m.ids[0], m.ids[1]
    for i in range(n):
        roots[i] = i
    parts = n
    for k in range(s.clock[0].pairs):
        if s.pair.contact[k] >= CONNECTED_CONTACT:
            one, other = root(roots, s.pair.lower[k]), root(roots, s.pair.higher[k])
            if one != other:
                roots[one] = other
                parts -= 1
                if parts == 1:
                    return n
    largest = 0
    for i in range(n):
        members[i] = 0
    for i in range(n):
        top = root(roots, i)
        members[top] += 1
        largest = max(largest, members[top])
    return largest
