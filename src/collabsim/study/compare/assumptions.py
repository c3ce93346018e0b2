"""Which assumptions would change the answer: one split at a time over the plausible versions of the model.

For each parameter that the versions differ in, the versions are cut in two at the value that parts the
differences between two scenarios best (the first split of a regression tree; Breiman et al. 1984). A search
over many parameters and cuts always finds something, so each cut is held against the best that the same
search finds when the differences are dealt out to the versions at random. It looks at one parameter at a
time and sees no interplay between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from collabsim.study.compare.models import Models

SHUFFLES = 999
"""Random deals that a cut is held against."""

FEWEST = 5
"""Versions on the smaller side of a cut, at least."""

COLUMNS = ("one", "other", "parameter", "cut", "below", "above", "models_below", "models_above",
           "ahead_below", "ahead_above", "explained", "p_value", "turns")  # fmt: skip


def assumptions(models: Models) -> pd.DataFrame:
    """Return the best cut of each parameter, for each pair, most telling first.

    Returns
    -------
    pandas.DataFrame
        A row a pair and parameter: ``one``, ``other``, ``parameter``, ``cut``; the mean difference, in the
        direction that is better, and the number of versions and the share of them in which the one leads,
        ``below`` and ``above`` the cut; ``explained``, the share of the spread between versions that the cut
        accounts for; ``p_value``, the share of random deals in which the best cut of any parameter explains
        as much; and ``turns``, whether the sign of the mean difference differs between the two sides. Empty
        with fewer than ten versions.
    """
    letters = [option.letter for option in models.options]
    means = models.sign * models.means()
    names = sorted({name for one in models.sets for name in one})
    own = {name for option in models.options for name in option.scenario.parameters}
    names = [name for name in names if name not in own]
    table = np.array([[one.get(name, math.nan) for name in names] for one in models.sets], np.float64)
    rows: list[dict[str, Any]] = []
    for one, other in models.options.pairs:
        gaps = means[one] - means[other]
        there = np.isfinite(gaps)
        if there.sum() < 2 * FEWEST or not names:
            continue
        found = cuts(table[there], gaps[there], names)
        rows += [{"one": letters[one], "other": letters[other]} | row for row in found]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def cuts(table: Any, gaps: Any, names: Sequence[str], shuffles: int = SHUFFLES) -> list[dict[str, Any]]:
    """Return the best cut of each parameter, most telling first.

    Parameters
    ----------
    table
        (versions, parameters).
    gaps
        (versions,) what is to be told apart; none missing.
    names
        The parameters.
    shuffles
        How many random deals.
    """
    order = np.argsort(table, axis=0, kind="stable")
    rng = np.random.default_rng(0)
    best, places = _explained(gaps, order)
    chance = np.array([_explained(rng.permutation(gaps), order)[0].max() for _ in range(shuffles)])
    rows = []
    for column, name in enumerate(names):
        ranked = order[:, column]
        place = int(places[column])
        low, high = gaps[ranked[:place]], gaps[ranked[place:]]
        edge = (table[ranked[place - 1], column] + table[ranked[place], column]) / 2.0
        rows.append(
            {"parameter": name, "cut": float(edge), "below": float(low.mean()), "above": float(high.mean()),
             "models_below": len(low), "models_above": len(high), "ahead_below": float((low > 0).mean()),
             "ahead_above": float((high > 0).mean()), "explained": float(best[column]),
             "p_value": float((1 + (chance >= best[column] - 1e-12).sum()) / (1 + shuffles)),
             "turns": bool(low.mean() * high.mean() < 0)}
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row["explained"], row["parameter"]))


def _explained(gaps: Any, order: Any) -> tuple[Any, Any]:
    """Return, for each parameter, the largest share of spread that a cut explains, and its place in order."""
    count = len(gaps)
    centred = gaps - gaps.mean()
    total = float((centred**2).sum())
    sums = np.cumsum(centred[order], axis=0)[FEWEST - 1 : count - FEWEST]
    sizes = np.arange(FEWEST, count - FEWEST + 1, dtype=np.float64)[:, None]
    between = sums**2 * (1.0 / sizes + 1.0 / (count - sizes))
    if total <= 0.0:
        return np.zeros(order.shape[1]), np.full(order.shape[1], FEWEST)
    return between.max(axis=0) / total, between.argmax(axis=0) + FEWEST


def telling(table: pd.DataFrame, one: str, other: str, most: int = 3, chance: float = 0.05) -> pd.DataFrame:
    """Return the assumptions that matter for a pair: those beyond chance, at most so many, turning first."""
    part = table[(table["one"] == one) & (table["other"] == other) & (table["p_value"] <= chance)]
    return part.sort_values(["turns", "explained"], ascending=[False, False], kind="stable").head(most)
