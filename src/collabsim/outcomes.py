"""What is measured: every outcome declared once, with its unit, range, averaging set and better end.

A monthly outcome is a function of the state and the month's working arrays, measured when the month is
over. A ratio without a denominator is missing (NaN), never 0 or 1. A run's value is the mean of the last
:data:`LAST_MONTHS` months that are not missing. To add an outcome, add one function and its record.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from collabsim.compiled import rule, step
from collabsim.rules import difference

LAST_MONTHS = 12
"""A run's outcome is the mean over this many last months."""

TRACTION_WINDOW = 6
"""Months over which deliveries and meetings are summed before a partnership is said to have traction."""

TRACTION_SHARE = 0.4
"""The share of joint deliveries at which it has."""

CONNECTED_CONTACT = 0.3
"""The contact from which two organisations count as connected."""

NAN = math.nan


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that is measured.

    Attributes
    ----------
    name, title
        In code and columns; in running text.
    unit
        What it counts.
    low, high
        The range it can take.
    better
        +1 where more is better, -1 where less is, 0 where neither is.
    over
        What it is averaged over.
    meaning
        One sentence.
    function
        ``f(s, m, p) -> float`` for a monthly outcome, None for one of a whole run.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float
    better: int
    over: str
    meaning: str
    function: Callable[[Any, Any, Any], float] | None = None


@rule
def share(part: float, whole: float) -> float:
    """Return part / whole, missing where there is no whole."""
    return part / whole if whole > 0.0 else NAN


@step
def collaborative_advantage(s: Any, m: Any, p: Any) -> float:
    """Joint value less what was spent for it, as a share of what was possible."""
    tally = m.tally[0]
    return share(tally.value - tally.spent, tally.potential)


@step
def joint_value(s: Any, m: Any, p: Any) -> float:
    """Joint value, gross, as a share of what was possible."""
    return share(m.tally[0].value, m.tally[0].potential)


@step
def inertia(s: Any, m: Any, p: Any) -> float:
    """Share of meetings without joint delivery (Huxham & Vangen 2005)."""
    return share(m.tally[0].meetings - m.tally[0].joint_deliveries, m.tally[0].meetings)


@step
def commitment(s: Any, m: Any, p: Any) -> float:
    """Share of decisions that were to commit."""
    return share(m.tally[0].commitments, 2.0 * m.tally[0].meetings)


@step
def promises_kept(s: Any, m: Any, p: Any) -> float:
    """Share of promises that were delivered."""
    return share(m.tally[0].deliveries, m.tally[0].commitments)


@step
def trust(s: Any, m: Any, p: Any) -> float:
    """Mean trust over directed known ties."""
    total = 0.0
    for k in range(s.clock[0].known):
        total += m.trust[0, k] + m.trust[1, k]
    return share(total, 2.0 * s.clock[0].known)


@step
def as_if_trust(s: Any, m: Any, p: Any) -> float:
    """Mean as-if trust over directed known ties."""
    total = 0.0
    for k in range(s.clock[0].known):
        total += m.as_if_trust[0, k] + m.as_if_trust[1, k]
    return share(total, 2.0 * s.clock[0].known)


@step
def reciprocity(s: Any, m: Any, p: Any) -> float:
    """1 - mean absolute difference between the two trusts of a known pair."""
    total = 0.0
    for k in range(s.clock[0].known):
        total += abs(m.trust[0, k] - m.trust[1, k])
    return 1.0 - share(total, 1.0 * s.clock[0].known)


@step
def accountability(s: Any, m: Any, p: Any) -> float:
    """Mean effort with which promises are delivered."""
    total = 0.0
    for i in range(len(s.organisation)):
        total += s.organisation[i].accountability
    return total / len(s.organisation)


@step
def alignment(s: Any, m: Any, p: Any) -> float:
    """Mean agreement of views of the purpose over known pairs."""
    total = 0.0
    for k in range(s.clock[0].known):
        lower, higher = s.organisation[s.pair[k].lower], s.organisation[s.pair[k].higher]
        total += difference.alignment(lower.purpose_view, higher.purpose_view)
    return share(total, 1.0 * s.clock[0].known)


@step
def tension(s: Any, m: Any, p: Any) -> float:
    """Mean of what stays unspoken over known pairs."""
    total = 0.0
    for k in range(s.clock[0].known):
        total += s.pair[k].tension
    return share(total, 1.0 * s.clock[0].known)


@step
def understanding(s: Any, m: Any, p: Any) -> float:
    """Mean understanding over directed known ties."""
    total = 0.0
    for k in range(s.clock[0].known):
        total += s.side[0, k].understanding + s.side[1, k].understanding
    return share(total, 2.0 * s.clock[0].known)


@step
def contact(s: Any, m: Any, p: Any) -> float:
    """Mean contact over known pairs."""
    total = 0.0
    for k in range(s.clock[0].known):
        total += s.pair[k].contact
    return share(total, 1.0 * s.clock[0].known)


@step
def courage(s: Any, m: Any, p: Any) -> float:
    """Mean courage (a check that the practice was carried out, not a finding)."""
    total = 0.0
    for i in range(len(s.organisation)):
        total += s.organisation[i].courage
    return total / len(s.organisation)


@step
def systems_view(s: Any, m: Any, p: Any) -> float:
    """Mean systems view (a check that the practice was carried out, not a finding)."""
    total = 0.0
    for i in range(len(s.organisation)):
        total += s.organisation[i].systems_view
    return total / len(s.organisation)


@step
def stake(s: Any, m: Any, p: Any) -> float:
    """Mean stake over this month's meetings."""
    return share(m.tally[0].stake, m.tally[0].meetings)


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
def equity(s: Any, m: Any, p: Any) -> float:
    """1 - mean absolute difference of net benefit, over twice the potential per organisation."""
    n = len(s.organisation)
    nets = m.nets
    for i in range(n):
        nets[i] = m.flow[i].net
    put_in_order(nets)
    total = 0.0
    for i in range(n):  # the difference of every pair, from the sorted values
        total += (2.0 * i - n + 1.0) * nets[i]
    even = 1.0 - share(2.0 * total / (n * (n - 1.0)), 2.0 * m.tally[0].potential / n)
    return 1.0 if even > 1.0 else even  # by rounding, where all are equal; a missing value stays missing


@step
def voice_gap(s: Any, m: Any, p: Any) -> float:
    """Mean net benefit of statutory less that of other organisations, over the potential of one."""
    n = len(s.organisation)
    statutory, others, count = 0.0, 0.0, 0
    for i in range(n):
        if s.organisation[i].statutory == 1:
            statutory += m.flow[i].net
            count += 1
        else:
            others += m.flow[i].net
    gap = share(statutory, 1.0 * count) - share(others, 1.0 * (n - count))
    return share(gap * n, m.tally[0].potential) if gap == gap else NAN


@step
def leader_pay(s: Any, m: Any, p: Any) -> float:
    """Leader's less follower's net benefit, mean over meetings where a leader committed first."""
    return share(m.tally[0].leader_pay, m.tally[0].leads)


@step
def root(m: Any, i: int) -> int:
    """Return the row that stands for the component of row i, shortening the way there."""
    while m.flow[i].root != i:
        m.flow[i].root = m.flow[m.flow[i].root].root
        i = m.flow[i].root
    return i


@step
def fragmentation(s: Any, m: Any, p: Any) -> float:
    """1 - the share of organisations in the largest component of contact."""
    n = len(s.organisation)
    for i in range(n):
        m.flow[i].root = i
    parts = n
    for k in range(s.clock[0].pairs):
        if s.pair[k].contact >= CONNECTED_CONTACT:
            one, other = root(m, s.pair[k].lower), root(m, s.pair[k].higher)
            if one != other:
                m.flow[one].root = other
                parts -= 1
                if parts == 1:
                    return 0.0
    largest = 0
    for i in range(n):
        m.flow[i].component = 0
    for i in range(n):
        top = root(m, i)
        m.flow[top].component += 1
        largest = max(largest, m.flow[top].component)
    return 1.0 - largest / n


_SHARE = "share of what was possible"

OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome("collaborative_advantage", "Collaborative advantage", _SHARE, -math.inf, math.inf, 1,
                "the partnership", "Joint value less costs and losses, as a share of what was possible: "
                "every pair known at the start meeting at the meeting rate, at full stake, G = 1.",
                collaborative_advantage),
        Outcome("joint_value", "Joint value", _SHARE, -math.inf, math.inf, 1, "the partnership",
                "The same, gross of costs and losses.", joint_value),
        Outcome("inertia", "Inertia", "share", 0, 1, -1, "meetings",
                "Share of meetings without joint delivery.", inertia),
        Outcome("commitment", "Commitment", "share", 0, 1, 1, "decisions",
                "Share of decisions that were to commit.", commitment),
        Outcome("promises_kept", "Promises kept", "share", 0, 1, 1, "promises",
                "Share of promises that were delivered.", promises_kept),
        Outcome("trust", "Trust", "0 to 1", 0, 1, 1, "directed known ties",
                "Mean trust: the share of promises that partners are expected to keep.", trust),
        Outcome("as_if_trust", "As-if trust", "0 to 1", 0, 1, 0, "directed known ties",
                "Mean trust that organisations act on.", as_if_trust),
        Outcome("reciprocity", "Reciprocity", "0 to 1", 0, 1, 1, "known pairs",
                "1 - mean absolute difference between the two trusts of a pair.", reciprocity),
        Outcome("accountability", "Accountability", "0 to 1", 0, 1, 1, "organisations",
                "Mean effort with which promises are delivered.", accountability),
        Outcome("alignment", "Alignment", "0 to 1", 0, 1, 1, "known pairs",
                "Mean agreement of views of the shared purpose.", alignment),
        Outcome("tension", "Tension", "0 to 1", 0, 1, -1, "known pairs",
                "Mean of what stays unspoken.", tension),
        Outcome("understanding", "Understanding", "0 to 1", 0, 1, 1, "directed known ties",
                "Mean understanding of how the partner sees the world.", understanding),
        Outcome("contact", "Contact", "0 to 1", 0, 1, 1, "known pairs",
                "Mean contact: how much partners see of each other.", contact),
        Outcome("courage", "Courage", "0 to 1", 0, 1, 0, "organisations",
                "Mean courage of leaders: a check of the practice, not a finding.", courage),
        Outcome("systems_view", "Systems view", "0 to 1", 0, 1, 0, "organisations",
                "Mean systems view of leaders: a check of the practice, not a finding.", systems_view),
        Outcome("stake", "Stake", "value", 0, 1, 0, "meetings", "Mean stake.", stake),
        Outcome("equity", "Equity", "0 to 1", -math.inf, 1, 1, "pairs of organisations",
                "1 - mean absolute difference of net benefit, over twice the potential per organisation.",
                equity),
        Outcome("voice_gap", "Voice gap", "potential per organisation", -math.inf, math.inf, 0,
                "organisations", "Mean net benefit of statutory less that of other organisations.",
                voice_gap),
        Outcome("leader_pay", "Leader pay", "value", -math.inf, math.inf, 0,
                "meetings where the leader committed", "Leader's less follower's net benefit.",
                leader_pay),
        Outcome("fragmentation", "Fragmentation", "share", 0, 1, -1, "organisations",
                "1 - the share of organisations in the largest component of contact of at least "
                f"{CONNECTED_CONTACT}.",
                fragmentation),
    )
}  # fmt: skip
"""The monthly outcomes, in the order of their columns."""

RUN_OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome("months_to_traction", "Months to traction", "months", 6, math.inf, -1, "the run",
                f"Months until joint deliveries over meetings, both summed over {TRACTION_WINDOW} months, "
                f"first reach {TRACTION_SHARE}; missing where they never do within the run (censored)."),
        Outcome("months_to_traction_possible", "Months to traction, of what was possible", "months", 6,
                math.inf, -1, "the run", "The same per meeting that was possible."),
        Outcome("lasting_gain", "Lasting gain", "ratio", -math.inf, math.inf, 1, "the run",
                f"Gain over the same world untreated in the run's last {LAST_MONTHS} months, over that in "
                f"the programme's last {LAST_MONTHS}; missing without a programme that ended and gained "
                "something."),
        Outcome("facilitator_days", "Facilitator-days", "days", 0, math.inf, -1, "the run",
                "Facilitator-days that the programme takes (assumed days by practice)."),
    )
}  # fmt: skip
"""The outcomes of a whole run, after the monthly ones."""

ALL_OUTCOMES: dict[str, Outcome] = {**OUTCOMES, **RUN_OUTCOMES}
"""Every outcome, in the order of columns."""


@rule
def mean_between(values: Any, first: int, last: int) -> float:
    """Return the mean over months [first, last) that are not missing; missing where none is."""
    total, count = 0.0, 0
    for t in range(first, last):
        if values[t] == values[t]:
            total += values[t]
            count += 1
    return total / count if count > 0 else NAN


@rule
def months_to_traction(joint: Any, whole: Any) -> float:
    """Return the first number of months t, at least 6, at which the last six months' joint deliveries are
    at least 0.4 of the whole (meetings held, or possible); missing where that never comes.

    Parameters
    ----------
    joint, whole
        (months,) joint deliveries, and meetings, of each month.
    """  # noqa: D205
    delivered, held = 0.0, 0.0
    for t in range(len(joint)):
        delivered += joint[t]
        held += whole[t]
        if t >= TRACTION_WINDOW:
            delivered -= joint[t - TRACTION_WINDOW]
            held -= whole[t - TRACTION_WINDOW]
        if t >= TRACTION_WINDOW - 1 and held > 0.0 and delivered >= TRACTION_SHARE * held:
            return t + 1.0
    return NAN
