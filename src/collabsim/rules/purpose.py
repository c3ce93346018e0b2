"""Purpose: how views of it move towards those of trusted partners, and back to the mandate."""

from __future__ import annotations

from collabsim.compiled import rule


@rule
def listens(view: float, other: float, confidence_bound: float) -> float:
    """Return 1 where another's view is near enough to be listened to, else 0 (Hegselmann & Krause 2002)."""
    return 1.0 if abs(other - view) <= confidence_bound else 0.0


@rule
def moved_view(view: float, pull: float, weight: float, convergence: float, self_weight: float) -> float:
    """Return the view after a month's meetings.

    Parameters
    ----------
    view
        Before them.
    pull
        Sum over partners listened to of trust · (their view - view).
    weight
        Sum of those trusts.
    convergence
        1 is the whole way to the weighted mean, as in Hegselmann & Krause (2002).
    self_weight
        How many fully trusted partners the own view is worth.
    """
    return view + convergence * pull / (self_weight + weight)


@rule
def pulled_back(view: float, mandate: float, mandate_pull: float) -> float:
    """Return the view after the mandate's pull (Friedkin & Johnsen 1990)."""
    return view + mandate_pull * (mandate - view)
