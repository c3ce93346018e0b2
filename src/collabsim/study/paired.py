"""Outcomes lined up by world: the difference between two points is taken within the same world.

All points of a sweep are run in the same worlds with the same luck (common random numbers), so the
difference between two points in one world is due to what differs between them, and what worlds differ in
drops out. An estimate is the mean of such differences over worlds. Its interval is Student's t-interval
over the worlds, exact where the differences are normal and close to it for a mean of many worlds.

Sums over worlds are exactly rounded (:func:`math.fsum`) and all else is elementwise, so results depend
neither on the order of rows nor on the machine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from collabsim.errors import Faults, InputError, nearest
from collabsim.outcomes import ALL_OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

CONFIDENCE = 0.95
"""The coverage of intervals."""

OUTCOME = "collaborative_advantage"
"""The outcome of an estimate that does not say."""

MISSING = ("refuse", "drop")


class Estimate(NamedTuple):
    """A mean over worlds with its interval.

    Attributes
    ----------
    estimate
        The mean.
    low, high
        Its t-interval; infinite from a single world.
    worlds
        How many worlds it rests on.
    """

    estimate: float
    low: float
    high: float
    worlds: int


def interval(values: Any, confidence: float = CONFIDENCE) -> Estimate:
    """Return the mean of one value a world, and its t-interval.

    Parameters
    ----------
    values
        (worlds,) values; at least one, none missing.
    confidence
        The interval's coverage.

    Raises
    ------
    InputError
        If there is no value, or one is missing.
    """
    from scipy import stats

    each = [float(value) for value in values]
    count = len(each)
    if count == 0:
        raise InputError("an interval needs at least one world")
    if not all(math.isfinite(value) for value in each):
        raise InputError("an interval needs a value from every world, and some are missing")
    mean = math.fsum(each) / count
    if count == 1:
        return Estimate(mean, -math.inf, math.inf, 1)
    variance = math.fsum((value - mean) ** 2 for value in each) / (count - 1)
    half = float(stats.t.ppf(0.5 + confidence / 2.0, count - 1)) * math.sqrt(variance / count)
    return Estimate(mean, mean - half, mean + half, count)


def mean_of(
    runs: pd.DataFrame, where: Mapping[str, Any], outcome: str = OUTCOME, *, missing: str = "refuse"
) -> Estimate:
    """Return the mean of an outcome at one point, over its worlds.

    Parameters
    ----------
    runs
        Rows of a sweep.
    where
        Factor to level, naming one point.
    outcome
        Which outcome.
    missing
        What to do about worlds in which a needed value is missing: ``"refuse"`` them in words, or
        ``"drop"`` them whole (then ``worlds`` says how many are left).
    """
    return interval(paired_values(runs, [dict(where)], outcome, missing)[:, 0])


def paired_difference(
    runs: pd.DataFrame,
    one: Mapping[str, Any],
    other: Mapping[str, Any],
    outcome: str = OUTCOME,
    *,
    missing: str = "refuse",
) -> Estimate:
    """Return the mean over worlds of an outcome at one point less that at another, in the same world.

    Parameters
    ----------
    runs
        Rows of a sweep.
    one, other
        Factor to level, each naming one point.
    outcome, missing
        As for :func:`mean_of`.
    """
    values = paired_values(runs, [dict(one), dict(other)], outcome, missing)
    return interval(values[:, 0] - values[:, 1])


def factors_of(runs: pd.DataFrame) -> list[str]:
    """Return which columns of a sweep's table are factors."""
    fixed = {"run", "point", "seed", "world", "error", *ALL_OUTCOMES}
    return [str(name) for name in runs.columns if name not in fixed]


def paired_values(runs: pd.DataFrame, points: Sequence[Mapping[str, Any]], outcome: str, missing: str) -> Any:
    """Line outcomes of several points up by world.

    Parameters
    ----------
    runs
        Rows of a sweep.
    points
        Factor to level; all with the same factors.

    Returns
    -------
    numpy.ndarray
        (worlds, points), worlds sorted by seed and number.

    Raises
    ------
    InputError
        Where the design is incomplete: a factor, a point or a world of it is not there, is there twice, or
        leaves open which runs are meant; or where a value is missing and is not to be dropped.
    """
    _check_columns(runs, points[0], outcome, missing)
    names = list(points[0])
    rows: dict[tuple[Any, ...], dict[tuple[int, int], float]] = {}
    levels = [runs[name].tolist() for name in names]
    keys = zip(*levels, strict=True) if names else iter([()] * len(runs))
    for level, seed, world, value in zip(
        keys, runs["seed"].tolist(), runs["world"].tolist(), runs[outcome].tolist(), strict=True
    ):
        place = rows.setdefault(level, {})
        if (seed, world) in place:
            at = at_words(dict(zip(names, level, strict=True)))
            raise InputError(f"world {world} of seed {seed} is there twice at {at}")
        place[seed, world] = value
    found, faults = [], Faults("these runs are not a complete design")
    for point in points:
        place = rows.get(tuple(point[name] for name in names), {})
        if not place:
            faults.add(f"there is no run at {at_words(point)}")
        found.append(place)
    faults.settle()
    worlds = sorted(set().union(*found))
    for point, place in zip(points, found, strict=True):
        lacking = [key for key in worlds if key not in place]
        if lacking:
            seed, world = lacking[0]
            faults.add(
                f"{len(lacking)} of {len(worlds)} worlds are not there at {at_words(point)}; the first is "
                f"world {world} of seed {seed}"
            )
    faults.settle()
    values = np.array([[place[key] for place in found] for key in worlds], np.float64)
    return _whole_worlds(values, worlds, outcome, missing)


def _check_columns(runs: pd.DataFrame, point: Mapping[str, Any], outcome: str, missing: str) -> None:
    """Refuse tables that do not say, for each run, where it stands; and ambiguous ones."""
    if missing not in MISSING:
        raise InputError(f"'missing' must be {' or '.join(map(repr, MISSING))}, not {missing!r}")
    faults = Faults()
    for name in (*point, "seed", "world", outcome):
        if name not in runs.columns:
            faults.add(f"the runs have no column '{name}'{nearest(name, map(str, runs.columns))}")
    faults.settle()
    for name in factors_of(runs):
        if name not in point and runs[name].nunique(dropna=False) > 1:
            faults.add(
                f"the runs also differ in '{name}', so which are meant is open; choose one level, such as "
                f"runs[runs['{name}'] == {runs[name].iloc[0]!r}]"
            )
    faults.settle()


def _whole_worlds(values: Any, worlds: list[tuple[int, int]], outcome: str, missing: str) -> Any:
    """Refuse or drop the worlds in which a value is missing."""
    gaps = ~np.isfinite(values).all(axis=1)
    count = int(gaps.sum())
    if count == 0:
        return values
    if missing == "refuse" or count == len(values):
        seed, world = worlds[int(np.argmax(gaps))]
        raise InputError(
            f"'{outcome}' is missing in {count} of {len(values)} worlds at a point that is needed (failed, "
            f"or without a value there; the first is world {world} of seed {seed}); missing='drop' leaves "
            "such worlds out, and then speaks of the others only"
        )
    return values[~gaps]


def at_words(point: Mapping[str, Any]) -> str:
    """Say which point is meant."""
    return ", ".join(f"{name} = {level:g}" if isinstance(level, float) else f"{name} = {level}"
                     for name, level in point.items()) or "the one point"  # fmt: skip
