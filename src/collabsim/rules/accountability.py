"""Accountability: what partners keep sets what is expected, and that, with peers, what is given."""

from __future__ import annotations

from collabsim.compiled import rule


@rule
def expected(expectation: float, kept_share: float, rate: float) -> float:
    """Return the share of promises expected of partners, after a month in which they kept a share."""
    return expectation + rate * (kept_share - expectation)


@rule
def reciprocity(reciprocation: float, alignment: float) -> float:
    """Return the share of what it expects that a conditional cooperator gives.

    Conditional cooperators give somewhat less than they expect (Fischbacher & Gächter 2010); a shared
    purpose makes them less imperfect (assumption).
    """
    return reciprocation + (1.0 - reciprocation) * alignment


@rule
def effort(want: float, peer_strength: float, peers: float, pledge: float) -> float:
    """Return the effort with which promises are delivered: what it wants, lifted towards the pledge by peers.

    Peers who answer to each other lift those who want less than was pledged, and nobody is pulled down
    (Fehr & Gächter 2000, 2002).
    """
    return want + peer_strength * peers * max(0.0, pledge - want)
