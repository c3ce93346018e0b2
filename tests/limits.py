"""Settings that take the model to limits where the answer is known, shared by the known-answer tests.

They are parameters and starting values, nothing else: the month is always the model's own schedule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.optimize import brentq

from little import Little, organisations, ties

STILL = {
    "meeting_rate": 1.0, "contact_gain": 0.0, "contact_fade": 0.0, "turnover": 0.0,
    "convergence": 0.0, "mandate_pull": 0.0, "learning": 0.0, "strain": 0.0, "own_sector": 0.0,
    "expectation_rate": 0.0, "reciprocation": 1.0, "peer_strength": 0.0, "slip": 0.0,
    "leadership_return": 0.0, "memory": 1.0, "visibility": 1.0,
}  # fmt: skip
"""Everybody who knows each other at contact 1 meets, effort is what was expected at the start, and nothing
moves but evidence. A test switches on what it is about."""

WILLING = {"intensity_of_choice": 1000.0, "cost": 0.0, "loss": 0.0}
"""Everybody commits for certain, as long as half of trust times joint value is at least .04: a logit
beyond 40 is 1 to the last bit, and no draw is 1."""

CAREFREE = {"memory": 0.0}
"""Evidence is forgotten before it is read: trust is the disposition, month after month."""

SIGMAS = 4.0
"""Statistical tolerances are this many standard errors: one true answer in 16,000 would fail, and the
seeds are fixed, so that it would be the same one always."""


def alike(count: int, **fields: Any) -> Any:
    """Make organisations with nothing left to the world, all alike but for the fields given.

    They see the world alike, share one view, have room for everybody, keep every promise, and have neither
    courage nor a systems view.
    """
    given = dict.fromkeys(("perspective_x", "perspective_y", "mandate", "purpose_view", "disposition"), 0.5)
    given |= {"resting_courage": 0.0, "resting_systems_view": 0.0, "capacity": 1000.0, "accountability": 1.0}
    fields.setdefault("expectation", fields.get("accountability", 1.0))
    return organisations(count, **(given | {"id": np.arange(count), "sector": 0} | fields))


def couples(count: int) -> Any:
    """Return pairs of rows that know nobody else: so many independent partnerships of two."""
    return np.arange(2 * count).reshape(-1, 2)


def complete(count: int, copies: int = 1) -> Any:
    """Return all pairs of rows within each of a number of separate partnerships."""
    pairs = np.stack(np.triu_indices(count, 1), axis=1)
    return (count * np.arange(copies)[:, None, None] + pairs).reshape(-1, 2)


def two_camps(size: int, degree: int) -> Any:
    """Return pairs of rows across two camps of a size, each row with the same number of partners."""
    rows, steps = np.repeat(np.arange(size), degree), np.tile(np.arange(degree), size)
    return np.stack([rows, size + (rows + steps) % size], axis=1)


def begin(given: Any, pairs: Any, *values: Mapping[str, float], world: int = 0, **survey: Any) -> Little:
    """Begin a partnership whose known pairs are in full contact, unless ``survey`` says otherwise.

    ``values`` are parameters, later ones before earlier ones; ``survey`` holds fields of a tie.
    """
    known = ties(given, pairs, **({"contact": 1.0} | survey))
    merged = {name: value for each in values for name, value in each.items()}
    return Little(given, known, merged, room=len(known), world=world)


def share_error(share: float, count: float) -> float:
    """Return the standard error of a share of so many independent draws."""
    return math.sqrt(share * (1.0 - share) / count)


def roots_of(function: Callable[[float], float], steps: int = 4000) -> list[float]:
    """Return where a function crosses nought between 0 and 1, from the lowest up."""
    grid = np.linspace(0.0, 1.0, steps + 1)
    signs = np.array([function(x) > 0.0 for x in grid])
    return [float(brentq(function, grid[i], grid[i + 1])) for i in np.flatnonzero(signs[1:] != signs[:-1])]


def twin_peaks(values: Any) -> float:
    """Return Sarle's coefficient (skewness² + 1)/kurtosis: 1 for two points, 5/9 flat, 1/3 normal."""
    z = (values - values.mean()) / values.std()
    return float(((z**3).mean() ** 2 + 1.0) / (z**4).mean())
