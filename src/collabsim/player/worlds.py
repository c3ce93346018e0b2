"""Fifty worlds behind the single run: a band for every outcome, and where the run lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from collabsim.ensemble import Ensemble
from collabsim.frames import check_world
from collabsim.outcomes import OUTCOMES
from collabsim.player.trajectory import _sharing, check_size, finite
from collabsim.scenario import Scenario

WORLDS = 50
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
DIGITS = 4
"""Decimals of the band, which is drawn and not read off."""


def worlds(scenarios: Sequence[Scenario], *, seed: int = 0, world: int = 0, luck: int = 0) -> dict[str, Any]:
    """Run scenarios in fifty worlds of a seed, and in the world that is shown.

    Parameters
    ----------
    scenarios
        Of one partnership and length.
    seed, world, luck
        The world that is shown; the fifty are worlds 0 to 49 of its seed.

    Returns
    -------
    dict
        ``runs``: for each scenario, by outcome, ``band`` (levels, months) and ``below`` (months), in how many
        of the other worlds the outcome is less; and, but for the first, ``first_higher`` by outcome
        (months,): in how many worlds that of the first scenario is higher than its own.
    """
    where = check_world(seed, world, luck)
    check_size(scenarios[0])
    shown = [w for w in range(WORLDS) if w != where[1]]
    jobs = [
        (where[0], w, where[2], place) for place in range(len(scenarios)) for w in (where[1], *shown)
    ]
    ensemble = Ensemble([_sharing(scenario, scenarios[0]) for scenario in scenarios])
    batch = ensemble.run(jobs, monthly=True)
    values = batch.monthly.reshape(len(scenarios), 1 + len(shown), ensemble.months, len(OUTCOMES))
    counted = values if where[1] < WORLDS else values[:, 1:]
    return {
        "schema": "collabsim-worlds",
        "version": 1,
        "seed": where[0],
        "world": where[1],
        "luck": where[2],
        "worlds": counted.shape[1],
        "levels": list(LEVELS),
        "runs": [_band(counted, values, place) for place in range(len(scenarios))],
    }


def _band(band: Any, values: Any, place: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for o, name in enumerate(OUTCOMES):
        own, others = values[place, 0, :, o], values[place, 1:, :, o]
        found[name] = {
            "band": [
                [None if finite(v) is None else round(v, DIGITS) for v in level]
                for level in _quantiles(band[place, :, :, o])
            ],
            "below": (others < own).sum(axis=0).tolist(),
        }
        if place:
            found[name]["first_higher"] = (band[0, :, :, o] > band[place, :, :, o]).sum(axis=0).tolist()
    return found


def _quantiles(values: Any) -> list[list[float]]:
    """Return (levels, months) quantiles over worlds of (worlds, months); missing where none is."""
    full = np.full((len(LEVELS), values.shape[1]), np.nan)
    measured = ~np.isnan(values).all(axis=0)
    if measured.any():
        full[:, measured] = np.nanquantile(values[:, measured], LEVELS, axis=0)
    rows: list[list[float]] = full.tolist()
    return rows
