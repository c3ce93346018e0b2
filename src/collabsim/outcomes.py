"""What is measured: every outcome declared once, with its unit, range, averaging set and better end.

A monthly outcome is a function of the month's tally (:data:`~collabsim.state.TALLY_DTYPE`), which the steps
and :func:`collabsim.stock.take_stock` fill; it is measured when the month is over. A ratio without a
denominator is missing (NaN), never 0 or 1. A run's value is the mean of the last :data:`LAST_MONTHS` months
that are not missing. To add an outcome, add one function and its record, and to the tally what it needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from collabsim.compiled import rule
from collabsim.stock import CONNECTED_CONTACT as CONNECTED_CONTACT

LAST_MONTHS = 12
"""A run's outcome is the mean over this many last months."""

TRACTION_WINDOW = 6
"""Months over which deliveries and meetings are summed before a partnership is said to have traction."""

TRACTION_SHARE = 0.4
"""The share of joint deliveries at which it has."""

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
        ``f(tally) -> float`` for a monthly outcome, None for one of a whole run.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float
    better: int
    over: str
    meaning: str
    function: Callable[[Any], float] | None = None


@rule
def share(part: float, whole: float) -> float:
    """Return part / whole, missing where there is no whole."""
    return part / whole if whole > 0.0 else NAN


@rule
def collaborative_advantage(tally: Any) -> float:
    """Joint value less what was spent for it, as a share of what was possible."""
    return share(tally.value - tally.spent, tally.potential)


@rule
def joint_value(tally: Any) -> float:
    """Joint value, gross, as a share of what was possible."""
    return share(tally.value, tally.potential)


@rule
def inertia(tally: Any) -> float:
    """Share of meetings without joint delivery (Huxham & Vangen 2005)."""
    return share(tally.meetings - tally.joint_deliveries, tally.meetings)


@rule
def commitment(tally: Any) -> float:
    """Share of decisions that were to commit."""
    return share(tally.commitments, 2.0 * tally.meetings)


@rule
def promises_kept(tally: Any) -> float:
    """Share of promises that were delivered."""
    return share(tally.deliveries, tally.commitments)


@rule
def trust(tally: Any) -> float:
    """Mean trust over directed known ties."""
    return share(tally.trust, 2.0 * tally.known)


@rule
def as_if_trust(tally: Any) -> float:
    """Mean as-if trust over directed known ties."""
    return share(tally.as_if_trust, 2.0 * tally.known)


@rule
def reciprocity(tally: Any) -> float:
    """1 - mean absolute difference between the two trusts of a known pair."""
    return 1.0 - share(tally.trust_apart, tally.known)


@rule
def accountability(tally: Any) -> float:
    """Mean effort with which promises are delivered."""
    return tally.accountability / tally.organisations


@rule
def alignment(tally: Any) -> float:
    """Mean agreement of views of the purpose over known pairs."""
    return share(tally.alignment, tally.known)


@rule
def tension(tally: Any) -> float:
    """Mean of what stays unspoken over known pairs."""
    return share(tally.tension, tally.known)


@rule
def understanding(tally: Any) -> float:
    """Mean understanding over directed known ties."""
    return share(tally.understanding, 2.0 * tally.known)


@rule
def contact(tally: Any) -> float:
    """Mean contact over known pairs."""
    return share(tally.contact, tally.known)


@rule
def courage(tally: Any) -> float:
    """Mean courage (a check that the practice was carried out, not a finding)."""
    return tally.courage / tally.organisations


@rule
def systems_view(tally: Any) -> float:
    """Mean systems view (a check that the practice was carried out, not a finding)."""
    return tally.systems_view / tally.organisations


@rule
def stake(tally: Any) -> float:
    """Mean stake over this month's meetings."""
    return share(tally.stake, tally.meetings)


@rule
def equity(tally: Any) -> float:
    """1 - mean absolute difference of net benefit, over twice the potential per organisation."""
    n = tally.organisations
    even = 1.0 - share(2.0 * tally.net_differences / (n * (n - 1.0)), 2.0 * tally.potential / n)
    return 1.0 if even > 1.0 else even  # by rounding, where all are equal; a missing value stays missing


@rule
def voice_gap(tally: Any) -> float:
    """Mean net benefit of statutory less that of other organisations, over the potential of one."""
    n, count = tally.organisations, tally.statutory
    gap = share(tally.statutory_net, count) - share(tally.other_net, n - count)
    return share(gap * n, tally.potential) if gap == gap else NAN


@rule
def leader_pay(tally: Any) -> float:
    """Leader's less follower's net benefit, mean over meetings where a leader committed first."""
    return share(tally.leader_pay, tally.leads)


@rule
def fragmentation(tally: Any) -> float:
    """1 - the share of organisations in the largest component of contact."""
    return 1.0 - tally.largest_component / tally.organisations


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
