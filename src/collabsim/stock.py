"""What the end of a month shows of known pairs and of organisations, summed into the month's tally."""

from __future__ import annotations

from typing import Any

from collabsim.compiled import step
from collabsim.rules import difference

CONNECTED_CONTACT = 0.3
"""The contact from which two organisations count as connected."""


@step
def take_stock(s: Any, m: Any, p: Any) -> None:
    """Put into the tally what the end of a month shows of known pairs and of organisations."""
    count_pairs(s, m, p)
    count_organisations(s, m, p)
    m.tally[0].net_differences = differences(m.nets)
    m.tally[0].largest_component = largest_component(s, m, p)


@step
def count_pairs(s: Any, m: Any, p: Any) -> None:
    """Sum over known pairs: all in one loop, since one sum waits for itself only."""
    trusts, as_if, apart, alignments = 0.0, 0.0, 0.0, 0.0
    tensions, understandings, contacts = 0.0, 0.0, 0.0
    for k in range(s.clock[0].known):
        trusts += m.trust[0, k] + m.trust[1, k]
        as_if += m.as_if_trust[0, k] + m.as_if_trust[1, k]
        apart += abs(m.trust[0, k] - m.trust[1, k])
        alignments += difference.alignment(
            s.organisation[s.pair.lower[k]].purpose_view, s.organisation[s.pair.higher[k]].purpose_view
        )
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
    """Sum over organisations, and note their net benefits."""
    accountabilities, courages, views = 0.0, 0.0, 0.0
    statutory, others, count = 0.0, 0.0, 0.0
    for i in range(len(s.organisation)):
        accountabilities += s.organisation[i].accountability
        courages += s.organisation[i].courage
        views += s.organisation[i].systems_view
        m.nets[i] = m.flow[i].net
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
def differences(values: Any) -> float:
    """Return the sum of the differences of every two numbers, which end up in order, the least first."""
    put_in_order(values)
    n, total = len(values), 0.0
    for i in range(n):
        total += (2.0 * i - n + 1.0) * values[i]
    return total


@step
def put_in_order(values: Any) -> None:
    """Sort numbers in place, the least first, by Shell's method: what takes the compiler least time."""
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
def root(m: Any, i: int) -> int:
    """Return the row that stands for the component of row i, shortening the way there."""
    while m.flow[i].root != i:
        m.flow[i].root = m.flow[m.flow[i].root].root
        i = m.flow[i].root
    return i


@step
def largest_component(s: Any, m: Any, p: Any) -> int:
    """Return how many organisations the largest component of contact has."""
    n = len(s.organisation)
    for i in range(n):
        m.flow[i].root = i
    parts = n
    for k in range(s.clock[0].pairs):
        if s.pair.contact[k] >= CONNECTED_CONTACT:
            one, other = root(m, s.pair.lower[k]), root(m, s.pair.higher[k])
            if one != other:
                m.flow[one].root = other
                parts -= 1
                if parts == 1:
                    return n
    largest = 0
    for i in range(n):
        m.flow[i].component = 0
    for i in range(n):
        top = root(m, i)
        m.flow[top].component += 1
        largest = max(largest, m.flow[top].component)
    return largest
