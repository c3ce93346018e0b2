"""Difference: what it is worth and what it costs, the tension it brings, and how it is understood."""

from __future__ import annotations

import math

from collabsim.compiled import rule


@rule
def distance(x_a: float, y_a: float, x_b: float, y_b: float) -> float:
    """Return how differently two organisations see the world, 0 to 1: Euclidean, over √2."""
    dx = x_a - x_b
    dy = y_a - y_b
    return math.sqrt(dx * dx + dy * dy) / math.sqrt(2.0)


@rule
def alignment(view_a: float, view_b: float) -> float:
    """Return how far two views of the shared purpose agree, 0 to 1."""
    return 1.0 - abs(view_a - view_b)


@rule
def gain(alignment: float, distance: float, understanding: float, synergy: float, friction: float) -> float:
    """Return the joint value per unit of stake if both deliver.

    Difference is worth something once it is understood and costs something until then (Nooteboom et al.
    2007); with understanding 1 - distance the best distance is synergy / (2 (synergy + friction)).
    """
    return alignment * (
        1.0 + synergy * distance * understanding - friction * distance * (1.0 - understanding)
    )


@rule
def strained(
    tension: float, strain: float, misfit: float, strange: float, no_delivery: float, surfacing: float
) -> float:
    """Return the tension after a meeting (collaborative inertia's strain: Huxham & Vangen 2005).

    Parameters
    ----------
    tension
        Before it, 0 to 1.
    strain
        How fast it builds.
    misfit
        1 - alignment.
    strange
        Distance not understood, d (1 - u).
    no_delivery
        What a meeting without joint delivery adds, or 0.
    surfacing
        How fast differences are brought up before they are understood.
    """
    growth = strain * (misfit + strange + no_delivery) + surfacing * strange
    return tension + growth * (1.0 - tension)


@rule
def resolved(tension: float, resolution: float) -> float:
    """Return what is left of a tension that was named in safety (Edmondson 1999)."""
    return tension * (1.0 - resolution)


@rule
def understood(understanding: float, share: float) -> float:
    """Return the understanding after learning a share of what was missing."""
    return understanding + share * (1.0 - understanding)


@rule
def unlearned(understanding: float, distance: float, kept_share: float) -> float:
    """Return the understanding after leaders left, who take what was learned beyond 1 - distance."""
    untaught = 1.0 - distance
    return untaught + kept_share * (understanding - untaught)
