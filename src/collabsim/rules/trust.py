"""Trust: what the evidence and the disposition say, and what counts as evidence."""

from __future__ import annotations

import math

from collabsim.compiled import rule


@rule
def trust(kept: float, broken: float, disposition: float, prior_strength: float) -> float:
    """Return the share of promises that a partner is expected to keep.

    The mean of a beta distribution (Jøsang & Ismail 2002): early trust is fragile and long trust robust
    without a rule that says so.

    Parameters
    ----------
    kept, broken
        Remembered evidence, in interactions, at least 0.
    disposition
        Trust in a stranger, 0 to 1.
    prior_strength
        How many interactions the disposition is worth, above 0.
    """
    return (kept + prior_strength * disposition) / (kept + broken + prior_strength)


@rule
def disposition_towards(disposition: float, same_sector: int, own_sector: float) -> float:
    """Return the trust extended to a stranger, a little more to one of the own sector (assumption)."""
    return min(1.0, disposition + own_sector * same_sector)


@rule
def as_if(disposition: float, loan: float) -> float:
    """Return the disposition of one who acts as if partners could be trusted.

    Swift trust (Meyerson et al. 1996): evidence washes it out as it does any disposition.
    """
    return disposition + loan * (1.0 - disposition)


@rule
def faded(evidence: float, memory: float) -> float:
    """Return what is left of remembered evidence after a month (Jøsang & Ismail 2002: forgetting)."""
    return memory * evidence


@rule
def evidence_kept(stake: float) -> float:
    """Return what a kept promise that was seen adds to the evidence kept."""
    return math.sqrt(stake)


@rule
def evidence_failed(stake: float, negativity: float, doubt: float, repair: float) -> float:
    """Return what a broken promise adds to the evidence broken.

    Bad weighs more than good, ``negativity`` > 1 (Slovic 1993), less what the judge overlooks and what
    the partner repairs (Schweitzer et al. 2006).
    """
    return negativity * math.sqrt(stake) * (1.0 - doubt) * (1.0 - repair)


@rule
def evidence_held_back(stake: float, holdback_weight: float, doubt: float) -> float:
    """Return what a partner's holding back adds to the evidence broken (assumption)."""
    return holdback_weight * math.sqrt(stake) * (1.0 - doubt)


@rule
def evidence_of_survey(surveyed: float, disposition: float, worth: float, prior_strength: float) -> float:
    """Return the evidence kept that makes trust equal a surveyed trust, all evidence being ``worth``.

    Solves ``surveyed = (kept + prior · disposition) / (worth + prior)``, clipped to 0 ... worth.
    """
    kept = surveyed * (worth + prior_strength) - prior_strength * disposition
    return min(worth, max(0.0, kept))
