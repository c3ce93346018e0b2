"""Paired differences judged: intervals that assume little, effect sizes, and correction for many at once.

Everything here takes differences that are already paired, one a world (see
:mod:`collabsim.study.paired`). An estimate alone says how large; these say how sure, how large against what
worlds differ in, in how many worlds, and whether it stands among many comparisons made at once. That two
things cannot be told apart is a finding too, and is said as one.

References
----------
Efron, B. (1987). Better bootstrap confidence intervals. *JASA* 82, 171–185.
Cohen, J. (1988). *Statistical power analysis for the behavioral sciences*, 2nd ed.
Lakens, D. (2013). Calculating and reporting effect sizes. *Frontiers in Psychology* 4, 863.
Holm, S. (1979). A simple sequentially rejective multiple test procedure. *Scand. J. Statistics* 6, 65–70.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.errors import Faults, InputError, nearest
from collabsim.study.paired import CONFIDENCE, Estimate, interval

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 2000
"""Bootstrap samples drawn for an interval."""

EFFECT_SIZE = "Cohen's d_z (Cohen 1988; Lakens 2013)"
"""What :func:`effect_size` is called, and where it comes from."""

_BATCH = 4_000_000
"""Most resampled values in memory at a time."""

_MANY = 5000
"""Worlds above which BCa's corrections, which shrink as they become more, are too small to be worth it."""


def differences(one: Any, other: Any) -> Any:
    """Return one less other in each world.

    Parameters
    ----------
    one, other
        (worlds,) values, lined up by world.

    Returns
    -------
    numpy.ndarray
        (worlds,)

    Raises
    ------
    InputError
        If they are not of one length, or a value is missing.
    """
    pair = [np.asarray(values, np.float64) for values in (one, other)]
    if pair[0].shape != pair[1].shape:
        raise InputError(
            f"values to compare are lined up by world, but there are {pair[0].size} and {pair[1].size}"
        )
    return _checked(pair[0] - pair[1])


def bootstrap(
    differences: Any, confidence: float = CONFIDENCE, seed: int = 0, resamples: int = RESAMPLES
) -> Estimate:
    """Return the mean difference with its bootstrap interval.

    The interval is bias-corrected and accelerated (BCa; Efron 1987), which, unlike Student's, may lie
    unevenly about the mean where the differences do. From more than 5000 worlds it is the plain percentile
    interval, which BCa then equals as nearly as resampling can tell.

    Parameters
    ----------
    differences
        (worlds,) values, none missing.
    confidence
        The interval's coverage.
    seed
        Of the resampling: the same seed gives the same interval.
    resamples
        How many samples are drawn.

    Returns
    -------
    Estimate
        The interval is infinite from a single world, and a point where all differences are equal.
    """
    values = _checked(differences)
    mean = interval(values).estimate
    if len(values) == 1:
        return Estimate(mean, -math.inf, math.inf, 1)
    if (values == values[0]).all():
        return Estimate(mean, mean, mean, len(values))
    from scipy import stats

    found = stats.bootstrap(
        (values,), np.mean, confidence_level=confidence, n_resamples=resamples,
        method="BCa" if len(values) <= _MANY else "percentile",
        batch=max(1, _BATCH // len(values)), rng=np.random.default_rng(seed),
    ).confidence_interval  # fmt: skip
    return Estimate(mean, float(found.low), float(found.high), len(values))


def better(differences: Any) -> float:
    """Return the share of worlds in which the difference is above 0, a tie counted as half a world.

    Parameters
    ----------
    differences
        (worlds,) values, none missing.
    """
    values = _checked(differences)
    return (int((values > 0).sum()) + 0.5 * int((values == 0).sum())) / len(values)


def effect_size(differences: Any) -> float:
    """Return Cohen's d_z: the mean difference over the standard deviation of the differences.

    It says how large a difference is against what worlds differ in, and not how much it matters: with
    common random numbers a small difference that is the same in every world has a large d_z.

    Parameters
    ----------
    differences
        (worlds,) values, none missing.

    Returns
    -------
    float
        0 where all differences are 0, infinite where all are equal to another value, NaN from one world.
    """
    mean, spread, count = _moments(differences)
    if count == 1:
        return math.nan
    if spread == 0:
        return math.copysign(math.inf, mean) if mean else 0.0
    return mean / spread


def p_value(differences: Any) -> float:
    """Return the two-sided p-value of the paired t-test that the mean difference is 0.

    Parameters
    ----------
    differences
        (worlds,) values, none missing.

    Returns
    -------
    float
        1 where all differences are 0 and from a single world, which proves nothing; 0 where all are equal
        to another value.
    """
    mean, spread, count = _moments(differences)
    if count == 1:
        return 1.0
    if spread == 0:
        return 0.0 if mean else 1.0
    from scipy import stats

    return float(2.0 * stats.t.sf(abs(mean) / (spread / math.sqrt(count)), count - 1))


def holm(p_values: Any) -> Any:
    """Return p-values corrected for as many comparisons as there are (Holm 1979).

    Holding each against 0.05 keeps the probability of any false finding among them below 0.05, whatever
    the dependence between them; it is never less powerful than Bonferroni's.

    Parameters
    ----------
    p_values
        (comparisons,) from 0 to 1.

    Returns
    -------
    numpy.ndarray
        (comparisons,) in the same order.

    Raises
    ------
    InputError
        If one is missing or out of bounds.
    """
    given = np.asarray(p_values, np.float64)
    if given.ndim != 1 or not ((given >= 0) & (given <= 1)).all():
        raise InputError(f"p-values are a list of numbers from 0 to 1, not {p_values!r}")
    order = np.argsort(given, kind="stable")
    stepped = given[order] * np.arange(len(given), 0, -1)
    corrected = np.empty_like(given)
    corrected[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return corrected


def told_apart(p_values: Any, confidence: float = CONFIDENCE) -> Any:
    """Return which of several comparisons show a difference, after Holm's correction for their number.

    Parameters
    ----------
    p_values
        (comparisons,) as :func:`p_value` gives them, of all comparisons made.
    confidence
        One less the probability of any false finding.

    Returns
    -------
    numpy.ndarray
        (comparisons,) of bool; where False, the two cannot be told apart.
    """
    return holm(p_values) < 1.0 - confidence


def judged(
    paired: Mapping[Any, Any], confidence: float = CONFIDENCE, seed: int = 0, resamples: int = RESAMPLES
) -> pd.DataFrame:
    """Return everything that is said about several paired differences, corrected for their number.

    Parameters
    ----------
    paired
        What is compared, to its (worlds,) differences.
    confidence, seed, resamples
        As for :func:`bootstrap`.

    Returns
    -------
    pandas.DataFrame
        A row a comparison, in the order given: ``comparison``, ``estimate``, ``low`` and ``high``
        (Student's t), ``boot_low`` and ``boot_high`` (BCa), ``worlds``, ``effect_size`` (Cohen's d_z),
        ``better``, ``p_value``, ``p_corrected`` (Holm) and ``told_apart``.
    """
    import pandas as pd

    rows = []
    for name, values in paired.items():
        boot = bootstrap(values, confidence, seed, resamples)
        usual = interval(values, confidence)
        rows.append(
            {"comparison": name, "estimate": usual.estimate, "low": usual.low, "high": usual.high,
             "boot_low": boot.low, "boot_high": boot.high, "worlds": usual.worlds,
             "effect_size": effect_size(values), "better": better(values), "p_value": p_value(values)}
        )  # fmt: skip
    if not rows:
        raise InputError("there is nothing to compare")
    frame = pd.DataFrame(rows)
    frame["p_corrected"] = holm(frame["p_value"].to_numpy())
    frame["told_apart"] = told_apart(frame["p_value"].to_numpy(), confidence)
    return frame


def compare_many(
    values: Mapping[str, Any] | pd.DataFrame,
    reference: str,
    confidence: float = CONFIDENCE,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> pd.DataFrame:
    """Compare several things with one of them, world by world, corrected for the number of comparisons.

    Parameters
    ----------
    values
        Name to (worlds,) values, or a table with a column each; all lined up by world.
    reference
        The name of what the others are compared with.
    confidence, seed, resamples
        As for :func:`bootstrap`.

    Returns
    -------
    pandas.DataFrame
        As :func:`judged`, a row for each name but the reference, with a column ``reference``.

    Raises
    ------
    InputError
        With every fault found: an unknown reference, values that are not lined up, or missing ones.
    """
    names = [str(name) for name in values]
    if reference not in names:
        raise InputError(f"there is nothing called '{reference}' to compare with{nearest(reference, names)}")
    faults = Faults()
    paired = {}
    for name in names:
        try:
            if name != reference:
                paired[name] = differences(values[name], values[reference])
        except InputError as error:
            for fault in error.faults:
                faults.add(f"'{name}': {fault}")
    faults.settle()
    frame = judged(paired, confidence, seed, resamples)
    frame.insert(1, "reference", reference)
    return frame


def _checked(values: Any) -> Any:
    """Return one value a world as an array."""
    each = np.asarray(values, np.float64)
    if each.ndim != 1 or each.size == 0:
        raise InputError(f"a comparison needs one value a world, not an array of shape {each.shape}")
    if not np.isfinite(each).all():
        raise InputError(
            f"a comparison needs a value from every world, and {int((~np.isfinite(each)).sum())} of "
            f"{len(each)} are missing"
        )
    return each


def _moments(values: Any) -> tuple[float, float, int]:
    """Return mean, standard deviation (exactly 0 where all are equal; NaN from one world) and count."""
    each = _checked(values)
    count = len(each)
    if (each == each[0]).all():
        return float(each[0]), 0.0 if count > 1 else math.nan, count
    mean = math.fsum(each.tolist()) / count
    variance = math.fsum(((each - mean) ** 2).tolist()) / (count - 1)
    return mean, math.sqrt(variance), count
