"""Comparisons whose results are made up, so that the words of a report can be held against known numbers."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import numpy as np

from collabsim.outcomes import OUTCOMES
from collabsim.scenario import Scenario
from collabsim.study.compare.comparison import Comparison, compared
from collabsim.study.compare.models import Models
from collabsim.study.compare.options import Options, options_of
from collabsim.study.compare.runs import PICTURED, Runs

WORLDS, MONTHS = 60, 72
OUTCOME = "collaborative_advantage"

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""The smallest picture, where what is on it does not matter."""


def spread(count: int, seed: int) -> Any:
    """Return standard normal values with a mean of exactly 0 and a spread of exactly 1."""
    if count == 1:
        return np.zeros(1)
    values = np.random.default_rng(seed).normal(size=count)
    return (values - values.mean()) / values.std(ddof=1)


def options(
    count: int = 2, titles: tuple[str, ...] = (), partnership: str = "rural-lead-agency", **tables: Any
) -> Options:
    """Return scenarios that differ in their programmes: none, all six, then each practice."""
    programmes = ["none", "all-six", "building_trust", "courageous_leadership"]
    made = []
    for place in range(count):
        table = {"name": f"scenario-{place}", "partnership": partnership, "programme": programmes[place]}
        if place < len(titles):
            table["title"] = titles[place]
        made.append(Scenario.from_dict(table | tables))
    return options_of(made)


def runs(
    means: tuple[float, ...], noise: float = 0.02, *, worlds: int = WORLDS, outcome: str = OUTCOME,
    untreated: float = 0.0, during: tuple[float, ...] | None = None, made: Options | None = None,
) -> Runs:  # fmt: skip
    """Return runs whose outcome at the end has these means over worlds.

    Parameters
    ----------
    means
        Of each scenario, exactly.
    noise
        What its worlds spread by, about a level that they share.
    worlds, outcome
        How many; which.
    untreated
        The outcome without any programme.
    during
        The means before the last year, those at the end unless said.
    made
        The scenarios.
    """
    made = made or options(len(means))
    count, n = len(means), len(made.scenarios[0].partnership)
    followed = (outcome, *(name for name in PICTURED if name != outcome))
    shared = 0.05 * spread(worlds, 1)
    each = np.array([mean + shared + noise * spread(worlds, 2 + place) for place, mean in enumerate(means)])
    ends = np.full((count, worlds, len(OUTCOMES)), 0.5)
    ends[:, :, list(OUTCOMES).index(outcome)] = each
    early = means if during is None else during
    shift = np.array(early) - np.array(means)
    monthly = np.full((count, worlds, MONTHS, len(followed)), 0.5)
    monthly[:, :, :, 0] = each[:, :, None]
    monthly[:, :, :-12, 0] += shift[:, None, None]
    baseline = np.full((count, worlds, MONTHS), untreated) + shared[None, :, None]
    benefit = each[:, :, None] + np.zeros(n)
    traction = np.where(each > np.median(each), 20.0, np.nan)
    return Runs(made, outcome, 0, ends, traction, followed, monthly, baseline, benefit)


def models(found: Runs, means: Any, noise: float = 0.01, sets: Any = None, **fields: Any) -> Models:
    """Return versions of the model under which the scenarios have these (scenarios, versions) means."""
    means = np.asarray(means, np.float64)
    count = means.shape[1]
    shared = 0.05 * spread(20, 50)
    ends = np.array(
        [[mean + shared + noise * spread(20, 60 + s) for mean in row] for s, row in enumerate(means)]
    )
    sets = sets or tuple({"cost": 0.03 + 0.001 * k, "loss": 0.2 + 0.1 * (k % 3)} for k in range(count))
    given = {"meets": None, "thresholds": {}} | fields
    return Models(found.options, found.outcome, tuple(sets), count, 20, ends, **given)


def comparison(
    means: tuple[float, ...], noise: float = 0.02, others: Any = None, **fields: Any
) -> Comparison:
    """Return a whole comparison; ``others`` are the means under versions of the model."""
    found = runs(means, noise, **fields)
    return compared(found, None if others is None else models(found, others))


def shortened(made: Options, months: int) -> Options:
    """Return the scenarios with another length."""
    each = tuple(replace(o, scenario=replace(o.scenario, months=months)) for o in made.each)
    return Options(each, months, made.notices)
