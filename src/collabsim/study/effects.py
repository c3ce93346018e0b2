"""What practices do, alone and together, estimated from paired worlds.

``f(S)`` is an outcome when the practices in S run. Every effect is worked out within each world and then
averaged, with a 95% t-interval over the worlds (see :mod:`collabsim.study.paired`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.errors import InputError
from collabsim.practices import PRACTICES
from collabsim.study.paired import OUTCOME, Estimate, interval, paired_values

if TYPE_CHECKING:
    import pandas as pd


def alone(
    runs: pd.DataFrame,
    practices: Iterable[str] = tuple(PRACTICES),
    outcome: str = OUTCOME,
    *,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Return what each practice adds alone: f(p) - f(none).

    Parameters
    ----------
    runs
        Rows of a sweep in which these factors are at 0 and 1; only the points needed must be there.
    practices
        The factors that count as the whole.
    outcome, missing
        As for :func:`mean_of`.

    Returns
    -------
    pandas.DataFrame
        A row a practice: ``practice``, ``estimate``, ``low``, ``high``, ``worlds``.
    """
    names = _names(practices)
    points = [_subset(names, 0), *(_subset(names, 1 << k) for k in range(len(names)))]
    values = paired_values(runs, points, outcome, missing)
    return _frame(names, (values[:, k + 1] - values[:, 0] for k in range(len(names))))


def within_whole(
    runs: pd.DataFrame,
    practices: Iterable[str] = tuple(PRACTICES),
    outcome: str = OUTCOME,
    *,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Return what each practice adds within the whole: f(all) - f(all but p); as :func:`alone`."""
    names = _names(practices)
    full = 2 ** len(names) - 1
    points = [_subset(names, full), *(_subset(names, full ^ 1 << k) for k in range(len(names)))]
    values = paired_values(runs, points, outcome, missing)
    return _frame(names, (values[:, 0] - values[:, k + 1] for k in range(len(names))))


def shapley(
    runs: pd.DataFrame,
    practices: Iterable[str] = tuple(PRACTICES),
    outcome: str = OUTCOME,
    *,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Return each practice's Shapley share of f(all) - f(none), exact over all subsets; as :func:`alone`.

    The share is what the practice adds to those before it, averaged over all orders in which practices can
    join. It is worked out within each world; in each world, and so in the mean, the shares add up to
    f(all) - f(none).
    """
    names = _names(practices)
    shares = shapley_values(_cube(runs, names, outcome, missing))
    return _frame(names, (shares[:, k] for k in range(len(names))))


def shapley_values(game: Any) -> Any:
    """Return the Shapley values of games given by the worth of every subset.

    Parameters
    ----------
    game
        (worlds, 2**n) worth of each subset of n players, at the place whose binary digits say who is in it
        (player k is digit k).

    Returns
    -------
    numpy.ndarray
        (worlds, n) shares; a row adds up to the worth of all less that of none.
    """
    game = np.asarray(game, np.float64)
    players = game.shape[1].bit_length() - 1
    if game.ndim != 2 or game.shape[1] != 2**players:
        raise InputError(f"a game needs the worth of all 2**n subsets, not of {game.shape[1]}")
    shares = np.zeros((len(game), players))
    for k in range(players):
        for subset in range(2**players):
            if subset >> k & 1:
                continue
            size = subset.bit_count()
            weight = 1.0 / (players * math.comb(players - 1, size))
            shares[:, k] += weight * (game[:, subset | 1 << k] - game[:, subset])
    return shares


def main_effects(
    runs: pd.DataFrame,
    practices: Iterable[str] = tuple(PRACTICES),
    outcome: str = OUTCOME,
    *,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Return what each practice adds on average over all combinations of the others; as :func:`alone`."""
    names = _names(practices)
    cube = _cube(runs, names, outcome, missing)
    return _frame(names, (main_values(cube, k) for k in range(len(names))))


def main_values(game: Any, k: int) -> Any:
    """Return what player ``k`` adds in each world, on average over all subsets of the others.

    Parameters
    ----------
    game
        (worlds, 2**n) worth of each subset, as for :func:`shapley_values`.
    k
        Which player.

    Returns
    -------
    numpy.ndarray
        (worlds,)
    """
    total = np.zeros(len(game))
    for subset in range(game.shape[1]):
        if not subset >> k & 1:
            total += game[:, subset | 1 << k] - game[:, subset]
    return total / (game.shape[1] // 2)


def pairwise_interactions(
    runs: pd.DataFrame,
    practices: Iterable[str] = tuple(PRACTICES),
    outcome: str = OUTCOME,
    *,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Return what two practices add beyond the sum of each: f(11) - f(10) - f(01) + f(00).

    Averaged over all combinations of the other practices; positive where the two are complements.

    Returns
    -------
    pandas.DataFrame
        A row a pair: ``practice``, ``other``, ``estimate``, ``low``, ``high``, ``worlds``.
    """
    names = _names(practices)
    if len(names) < 2:
        raise InputError("interactions need at least two practices")
    cube = _cube(runs, names, outcome, missing)
    pairs = list(combinations(range(len(names)), 2))
    frame = _frame([names[j] for j, _ in pairs], (interaction_values(cube, j, k) for j, k in pairs))
    frame.insert(1, "other", [names[k] for _, k in pairs])
    return frame


def interaction_values(game: Any, j: int, k: int) -> Any:
    """Return what two players add together beyond the sum of each, in each world; as :func:`main_values`."""
    one, two = 1 << j, 1 << k
    total = np.zeros(len(game))
    for rest in range(game.shape[1]):
        if not rest & (one | two):
            total += (game[:, rest | one | two] - game[:, rest | one]) - (
                game[:, rest | two] - game[:, rest]
            )
    return total / (game.shape[1] // 4)


def complementarity(
    runs: pd.DataFrame,
    practices: Iterable[str] = tuple(PRACTICES),
    outcome: str = OUTCOME,
    *,
    missing: str = "refuse",
) -> Estimate:
    """Return what all add beyond the sum of each alone: f(all) - f(none) - sum of (f(p) - f(none))."""
    names = _names(practices)
    subsets = [2 ** len(names) - 1, 0, *(1 << k for k in range(len(names)))]
    values = paired_values(runs, [_subset(names, subset) for subset in subsets], outcome, missing)
    beyond = values[:, 0] - values[:, 1]
    for k in range(len(names)):
        beyond = beyond - (values[:, 2 + k] - values[:, 1])
    return interval(beyond)


def combination_means(
    runs: pd.DataFrame,
    practices: Iterable[str] = tuple(PRACTICES),
    outcome: str = OUTCOME,
    *,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Return the mean of every combination: the practices (0 or 1), ``count`` of them, and the estimate."""
    import pandas as pd

    names = _names(practices)
    cube = _cube(runs, names, outcome, missing)
    rows = []
    for subset in sorted(range(2 ** len(names)), key=lambda subset: (subset.bit_count(), subset)):
        row = {name: subset >> k & 1 for k, name in enumerate(names)}
        rows.append(row | {"count": subset.bit_count()} | interval(cube[:, subset])._asdict())
    return pd.DataFrame(rows)


def _names(practices: Iterable[str]) -> tuple[str, ...]:
    names = (practices,) if isinstance(practices, str) else tuple(practices)
    if not names or len(set(names)) < len(names):
        raise InputError(f"name practices, each once, not {', '.join(map(repr, names)) or 'none'}")
    return names


def _subset(names: Sequence[str], subset: int) -> dict[str, Any]:
    """Return the point at which the practices of a subset (binary digits) run, and the others do not."""
    return {name: float(subset >> k & 1) for k, name in enumerate(names)}


def _cube(runs: pd.DataFrame, names: Sequence[str], outcome: str, missing: str) -> Any:
    """Return (worlds, 2**n) outcomes of every combination."""
    if len(names) > 16:
        raise InputError(f"all combinations of {len(names)} practices are too many; name at most 16")
    return paired_values(
        runs, [_subset(names, subset) for subset in range(2 ** len(names))], outcome, missing
    )


def _frame(names: Sequence[str], effects: Iterable[Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [
            {"practice": name, **interval(effect)._asdict()}
            for name, effect in zip(names, effects, strict=True)
        ]
    )
