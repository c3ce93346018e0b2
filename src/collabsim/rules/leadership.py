"""Leadership: who moves first, who speaks up, and how leaders grow and fall back."""

from __future__ import annotations

from collabsim.compiled import rule


@rule
def first_mover(
    courage_lower: float, courage_higher: float, luck_lead: float, luck_tie: float
) -> int:
    """Return the side (0 or 1) that moves first, or -1 where both decide at once.

    The more courageous of the two moves first with the probability of its courage; a draw decides
    between equals (leading by example: Hermalin 1998; Güth et al. 2007).
    """
    tie_to_higher = int(courage_higher == courage_lower) * int(luck_tie >= 0.5)
    side = int(courage_higher > courage_lower) + tie_to_higher
    leads = int(luck_lead < max(courage_lower, courage_higher))
    return leads * (side + 1) - 1


@rule
def naming_probability(courage_a: float, courage_b: float, tension: float) -> float:
    """Return the probability that either side names what stays unspoken (Edmondson 1999)."""
    return (1.0 - (1.0 - courage_a) * (1.0 - courage_b)) * tension


@rule
def practised(value: float, resting: float, practice: float, leadership_return: float) -> float:
    """Return courage or systems view after a month: practice adds, habit draws back (assumption)."""
    return value + practice * (1.0 - value) - leadership_return * (value - resting)
