"""The ties of one typical world, before and after: what a picture of the network shows."""

from __future__ import annotations

from typing import Any

import pandas as pd

from collabsim.ensemble import Ensemble
from collabsim.study.compare.runs import Runs
from collabsim.study.compare.tables import typical_world

MOST_ORGANISATIONS = 60
"""Partnerships larger than this make no picture that anybody can read."""

START = "start"
"""What the network before the first month is called among the scenarios."""

COLUMNS = ("scenario", "lower", "higher", "trust", "contact")


def network(runs: Runs) -> pd.DataFrame:
    """Return the ties of a typical world at the start and at the end of every scenario.

    Returns
    -------
    pandas.DataFrame
        A row a tie: ``scenario`` (a letter, or ``"start"`` for how all of them begin), ``lower`` and
        ``higher`` (rows of organisations), ``trust`` (mean of both sides) and ``contact``. Empty for large
        partnerships. Where partnerships differ, the start is the first scenario's.
    """
    rows: list[dict[str, Any]] = []
    if len(runs.options.scenarios[0].partnership) > MOST_ORGANISATIONS:
        return pd.DataFrame(rows, columns=list(COLUMNS))
    world = typical_world(runs)
    for place, option in enumerate(runs.options):
        ensemble = Ensemble([option.scenario])
        for played, (state, month) in enumerate(ensemble.months_of(runs.seed, world)):
            if place == 0 and played == 0:
                rows += _ties(START, state, month)
            elif played == runs.options.months:
                rows += _ties(option.letter, state, month)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _ties(scenario: str, state: Any, month: Any) -> list[dict[str, Any]]:
    pairs = int(state.clock[0].pairs)
    trust = month.trust[:, :pairs].mean(axis=0)
    return [
        {"scenario": scenario, "lower": int(state.pair.lower[k]), "higher": int(state.pair.higher[k]),
         "trust": float(trust[k]), "contact": float(state.pair.contact[k])}
        for k in range(pairs)
    ]  # fmt: skip
