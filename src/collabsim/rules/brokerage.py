"""Brokerage: introducing partners to each other, and vouching for one to another (Burt 2004)."""

from __future__ import annotations

from collabsim.compiled import rule


@rule
def introduced(contact: float, intro: float, trust_a: float, trust_b: float, ceiling: float) -> float:
    """Return the contact of two partners after an introduction by one who trusts both."""
    return max(contact, min(ceiling, contact + intro * trust_a * trust_b * (1.0 - contact)))


@rule
def heard(evidence: float, vouching: float, trust: float, cap: float) -> float:
    """Return the evidence about a third that is taken over from a partner, at most ``cap``."""
    return min(cap, vouching * trust * evidence)
