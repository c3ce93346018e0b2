"""How many worlds are enough: when the spread of an outcome settles, and what a test could have seen.

Two answers, as the field gives them. *Variance stability* (Lee et al. 2015) asks from how many worlds on an
outcome's coefficient of variation no longer moves. *Power* (Secchi & Seri 2017) asks how many worlds a test
needs, so that a difference that matters is hardly ever missed; they ask for a power of 0.95 at a level of
0.01. Theirs is the analysis of variance, in which every point has worlds of its own. Here points share their
worlds, and a paired test needs far fewer; both are given.

Power is worked out from the non-central distributions, and not from an approximation.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.errors import InputError
from collabsim.parameters import number, whole

if TYPE_CHECKING:
    import pandas as pd

LEVEL, POWER = 0.01, 0.95
"""The level of a test and its power, as Secchi & Seri (2017) recommend."""

WITHIN = 0.01
"""How far a coefficient of variation may still move and count as settled (Lee et al. 2015)."""

MOST_WORLDS = 10**9
_STEPS, _NODES, _CERTAIN = 200, 200, 100_000


def variance_stability(values: Any) -> pd.DataFrame:
    """Return the coefficient of variation of the first 2, 3, ... worlds.

    Parameters
    ----------
    values
        (worlds,) of an outcome, in the order of the worlds; at least two.

    Returns
    -------
    pandas.DataFrame
        ``worlds`` and ``variation``, the standard deviation over the absolute mean; missing where the mean
        is 0. Of many worlds some 200 numbers, evenly spaced.
    """
    import pandas as pd

    each = _values(values)
    counts = np.unique(np.linspace(2, len(each), min(_STEPS, len(each) - 1)).round().astype(int))
    rows = []
    for count in counts.tolist():
        some = each[:count].tolist()
        mean = math.fsum(some) / count
        spread = math.sqrt(math.fsum((value - mean) ** 2 for value in some) / (count - 1))
        rows.append({"worlds": count, "variation": spread / abs(mean) if mean else math.nan})
    return pd.DataFrame(rows)


def settled_from(stability: pd.DataFrame, within: float = WITHIN) -> int | None:
    """Return from how many worlds on the coefficient of variation stays within ``within`` of all that follow.

    Parameters
    ----------
    stability
        As :func:`variance_stability` returns it.
    within
        The criterion E of Lee et al. (2015).

    Returns
    -------
    int or None
        None where it has not settled before the last world, or has no value.
    """
    counts, variation = stability["worlds"].to_numpy(), stability["variation"].to_numpy()
    if not np.isfinite(variation).all():
        return None
    highest = np.maximum.accumulate(variation[::-1])[::-1]
    lowest = np.minimum.accumulate(variation[::-1])[::-1]
    calm = (highest - variation < within) & (variation - lowest < within)
    return int(counts[np.argmax(calm)]) if calm[:-1].any() else None


def paired_power(size: float, worlds: int, level: float = LEVEL) -> float:
    """Return the power of the two-sided paired t-test.

    Parameters
    ----------
    size
        The true difference over the standard deviation of the differences (Cohen's d_z).
    worlds
        How many, at least two.
    level
        Of the test.
    """
    from scipy import special

    count = whole(worlds, "worlds", 2, MOST_WORLDS)
    shift, edge = abs(size) * math.sqrt(count), float(special.stdtrit(count - 1, 1.0 - level / 2))
    root, share = _spreads(count - 1)
    return float(share @ (special.ndtr(shift - edge * root) + special.ndtr(-shift - edge * root)))


@cache
def _spreads(freedom: int) -> tuple[Any, Any]:
    """Return what an estimated standard deviation may be over the true one, and the weight of each.

    For integrals over it: SciPy's own non-central t gives no number in some tails.
    """
    from scipy import special

    if freedom > _CERTAIN:
        return np.ones(1), np.ones(1)
    at, weights = _nodes()
    return np.sqrt(2.0 * special.gammaincinv(freedom / 2.0, (at + 1.0) / 2.0) / freedom), weights / 2.0


@cache
def _nodes() -> tuple[Any, Any]:
    return np.polynomial.legendre.leggauss(_NODES)


def worlds_needed(spread: float, smallest: float, level: float = LEVEL, power: float = POWER) -> int:
    """Return how many worlds a paired test needs to find a difference of ``smallest``.

    Parameters
    ----------
    spread
        Standard deviation of the differences between worlds; 0 where they are all alike.
    smallest
        The smallest difference that matters, above 0.
    level, power
        Of the test.

    Returns
    -------
    int
        At least 2; at most :data:`MOST_WORLDS`.
    """
    size = number(smallest, "the smallest difference that matters", 1e-300, math.inf)
    if not math.isfinite(spread) or spread < 0:
        raise InputError(f"the spread of differences must be a number of at least 0, not {spread}")
    if spread == 0:
        return 2
    return _least(lambda count: paired_power(size / spread, count, level) >= power)


def smallest_found(spread: float, worlds: int, level: float = LEVEL, power: float = POWER) -> float:
    """Return the smallest difference that a paired test in so many worlds finds with this power.

    Parameters
    ----------
    spread
        Standard deviation of the differences between worlds.
    worlds, level, power
        As for :func:`paired_power`.
    """
    from scipy import optimize

    if spread == 0:
        return 0.0
    top = 1.0
    while paired_power(top, worlds, level) < power:
        top *= 2.0
    found = optimize.brentq(lambda size: paired_power(size, worlds, level) - power, 0.0, top, xtol=1e-10)
    return float(found) * spread


def anova_power(size: float, points: int, worlds: int, level: float = LEVEL) -> float:
    """Return the power of the analysis of variance between points that each have worlds of their own.

    Parameters
    ----------
    size
        Cohen's f: the standard deviation of the points' true means over that within a point.
    points
        How many, at least two.
    worlds
        Of each point, at least two.
    level
        Of the test.
    """
    from scipy import special

    between, within = points - 1, points * (worlds - 1)
    edge = float(special.fdtri(between, within, 1.0 - level))
    root, share = _spreads(within)
    noncentral = size * size * points * worlds
    return float(share @ (1.0 - special.chndtr(edge * between * root**2, between, noncentral)))


def anova_worlds(size: float, points: int, level: float = LEVEL, power: float = POWER) -> int:
    """Return how many worlds each point needs in an analysis of variance; as :func:`anova_power`."""
    return _least(lambda count: anova_power(size, points, count, level) >= power)


def effect_f(values: Any) -> float:
    """Return Cohen's f of the points of a sweep, without the part that luck alone makes.

    Parameters
    ----------
    values
        (points, worlds) of an outcome.

    Returns
    -------
    float
        0 where points differ no more than luck makes them; infinite where there is no luck.
    """
    values = np.asarray(values, np.float64)
    points, worlds = values.shape
    within = float(values.var(axis=1, ddof=1).mean())
    between = max(0.0, float(values.mean(axis=1).var(ddof=1)) - within / worlds) * (points - 1) / points
    if within == 0:
        return math.inf if between > 0 else 0.0
    return math.sqrt(between / within)


def _least(enough: Any) -> int:
    """Return the least number of worlds, at least 2, that is enough."""
    high = 2
    while not enough(high):
        if high >= MOST_WORLDS // 2:
            return MOST_WORLDS
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return max(2, high)


def _values(values: Any) -> Any:
    each = np.asarray(values, np.float64)
    if each.ndim != 1 or len(each) < 2 or not np.isfinite(each).all():
        raise InputError("how many worlds are enough can be told from at least two worlds, none missing")
    return each


def power_of_points(values: Any, smallest: float) -> pd.DataFrame:
    """Return what paired tests of points with the first could find, and what they would need.

    Parameters
    ----------
    values
        (points, worlds) of an outcome.
    smallest
        The smallest difference that matters, above 0.

    Returns
    -------
    pandas.DataFrame
        A row for each point but the first.
    """
    import pandas as pd

    rows, worlds = [], values.shape[1]
    for place in range(1, len(values)):
        spread = float((values[place] - values[0]).std(ddof=1))
        rows.append(
            {"point": place, "spread": spread, "worlds": worlds,
             "smallest_found": smallest_found(spread, worlds),
             "smallest_that_matters": smallest,
             "worlds_needed": worlds_needed(spread, smallest)}
        )  # fmt: skip
    return pd.DataFrame(rows)


def power_unpaired(values: Any) -> pd.DataFrame:
    """Return what an analysis of variance with worlds of their own at each point would need.

    Parameters
    ----------
    values
        (points, worlds) of an outcome.

    Returns
    -------
    pandas.DataFrame
        A row for each conventional size of effect (Cohen 1988), and for the one found.
    """
    import pandas as pd

    (points, worlds), found = values.shape, effect_f(values)
    sizes = {"small": 0.1, "medium": 0.2, "large": 0.4} | ({"found": found} if 0 < found < math.inf else {})
    return pd.DataFrame(
        {"effect": name, "f": size, "points": points, "worlds": worlds,
         "power": anova_power(size, points, worlds),
         "worlds_needed": anova_worlds(size, points)}
        for name, size in sizes.items()
    )  # fmt: skip
