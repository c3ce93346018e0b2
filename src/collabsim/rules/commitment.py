"""Commitment: what is at stake, whether to commit, and whether what was promised is delivered."""

from __future__ import annotations

from collabsim.arithmetic import logistic
from collabsim.compiled import rule


@rule
def stake(size: float, matching: float, trust_a: float, trust_b: float, full_at: float) -> float:
    """Return what a meeting puts at stake.

    Without small wins it is what was mandated; with them it follows the lesser of the two trusts
    (the trust-building loop, Vangen & Huxham 2003).
    """
    mutual = min(1.0, min(trust_a, trust_b) / full_at)
    return size * (1.0 - matching + matching * mutual)


@rule
def counted_share(own_share: float, systems_weight: float, systems_view: float) -> float:
    """Return the share of the joint value that an organisation counts: its own, and what it sees beyond."""
    return own_share + systems_weight * systems_view


@rule
def value_of_committing(
    trust: float, gain: float, share: float, stake: float, loss: float, cost: float, burden: float
) -> float:
    """Return what committing is expected to be worth, per unit of stake.

    Parameters
    ----------
    trust
        Believed probability that the partner delivers, 0 to 1.
    gain
        Joint value G per unit of stake if both deliver.
    share
        The share of it that counts.
    stake, loss
        Delivering alone loses loss · stake, per unit of stake.
    cost
        The cost of committing.
    burden
        What tension takes.
    """
    return trust * gain * share - (1.0 - trust) * stake * loss - cost - burden


@rule
def commit_probability(value: float, intensity_of_choice: float) -> float:
    """Return the probability to commit: a logit choice (McFadden 1974; McKelvey & Palfrey 1995)."""
    return logistic(intensity_of_choice * value)


@rule
def follower_trust(trust: float, lead: float) -> float:
    """Return the trust of one who has seen the leader commit, in this decision (Hermalin 1998)."""
    return trust + lead * (1.0 - trust)


@rule
def delivery_probability(accountability: float, slip: float, stake: float) -> float:
    """Return the probability to deliver what was promised: the effort, less what means do not allow."""
    return accountability * (1.0 - slip * stake)
