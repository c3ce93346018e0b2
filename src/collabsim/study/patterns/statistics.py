"""The statistics of patterns: t, Fisher, jackknife and Kaplan-Meier; the unit of chance is the world."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from collabsim.study.paired import interval

Estimated = tuple[float, tuple[float, float]]
"""An estimate with its 95% interval."""

NORMAL = 1.959963984540054
"""The standard normal deviate that leaves 2.5% above it."""

NOTHING: Estimated = (math.nan, (math.nan, math.nan))


def mean(values: Any) -> Estimated:
    """Return the mean of one value a world, missing worlds left out, with its t-interval."""
    there = np.asarray(values, np.float64)
    there = there[np.isfinite(there)]
    if len(there) == 0:
        return NOTHING
    found = interval(there)
    return found.estimate, (found.low, found.high)


def jackknife(rows: Any, statistic: Callable[[Any, int], Any]) -> Estimated:
    """Return a statistic of means over worlds, with a delete-one-world interval.

    Parameters
    ----------
    rows
        (worlds, k) values; worlds in which one is missing are left out.
    statistic
        ``f(means, worlds)`` for (..., k) means over that many worlds.
    """
    rows = rows[np.isfinite(rows).all(axis=1)]
    count = len(rows)
    if count < 3:
        return NOTHING
    total = rows.sum(axis=0)
    estimate = float(statistic(total / count, count))
    without = statistic((total - rows) / (count - 1), count - 1)
    error = math.sqrt((count - 1) / count * float(((without - without.mean()) ** 2).sum()))
    return estimate, (estimate - NORMAL * error, estimate + NORMAL * error)


def moments(x: Any, y: Any) -> Any:
    """Return (5,) means of x, y, x², y² and xy, from which :func:`correlation_of` makes a correlation."""
    return np.array([x.mean(), y.mean(), (x * x).mean(), (y * y).mean(), (x * y).mean()])


def correlation_of(means: Any, worlds: int) -> Any:
    """Return the correlation that (..., 5) means of moments stand for; NaN without spread."""
    x, y, xx, yy, xy = np.moveaxis(means, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (xy - x * y) / np.sqrt((xx - x * x) * (yy - y * y))


def correlation(x: Any, y: Any) -> Estimated:
    """Return the correlation of values from independent worlds, with Fisher's interval."""
    both = np.isfinite(x) & np.isfinite(y)
    count = int(both.sum())
    if count < 5 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return NOTHING
    r = float(correlation_of(moments(x[both], y[both]), count))
    half = NORMAL / math.sqrt(count - 3)
    z = math.atanh(min(max(r, -1 + 1e-12), 1 - 1e-12))
    return r, (math.tanh(z - half), math.tanh(z + half))


def share_within(values: Any) -> Estimated:
    """Return the share of the variance of (worlds, lucks) values that redrawing luck alone gives.

    One-way random effects: within is the mean variance over the lucks of a world, between that of the worlds'
    own levels (never below 0). The interval is a jackknife over worlds.
    """
    lucks = values.shape[1]
    centre = values.mean(axis=1)
    rows = np.stack([centre, centre**2, values.var(axis=1, ddof=1)], axis=1)

    def share(means: Any, worlds: int) -> Any:
        level, square, within = np.moveaxis(means, -1, 0)
        between = np.maximum(0.0, (square - level**2) * worlds / (worlds - 1) - within / lucks)
        with np.errstate(invalid="ignore"):
            return within / (within + between)

    return jackknife(rows, share)


def survival(times: Any, horizon: float) -> tuple[Any, Any, Any]:
    """Return the Kaplan-Meier estimate (Kaplan & Meier 1958).

    Parameters
    ----------
    times
        Months to the event; NaN where it never came within the horizon (censored there).
    horizon
        Months watched.

    Returns
    -------
    tuple of numpy.ndarray
        The months at which events came, the share still without one after each, and Greenwood's sum.
    """
    event = np.isfinite(times) & (times <= horizon)
    until = np.where(event, times, horizon)
    months = np.unique(until[event])
    left, greenwood, lefts, sums = 1.0, 0.0, [], []
    for month in months:
        at_risk, events = int((until >= month).sum()), int((event & (until == month)).sum())
        left *= 1.0 - events / at_risk
        greenwood += events / (at_risk * (at_risk - events)) if at_risk > events else math.inf
        lefts.append(left)
        sums.append(greenwood)
    return months, np.array(lefts), np.array(sums)


def median_survival(times: Any, horizon: float) -> Estimated:
    """Return the Kaplan-Meier median; infinite where fewer than half have the event within the horizon.

    The interval holds the months at which the log-log interval of the curve holds one half (Brookmeyer &
    Crowley 1982).
    """
    months, left, greenwood = survival(times, horizon)
    below = months[left <= 0.5]
    median = float(below[0]) if len(below) else math.inf
    inside = (left > 0.0) & (left < 1.0)
    if not inside.any():
        return median, (median, median)
    m, s, g = months[inside], left[inside], greenwood[inside]
    with np.errstate(over="ignore"):
        spread = NORMAL * np.sqrt(g) / np.abs(np.log(s))
        highest, lowest = s ** np.exp(-spread), s ** np.exp(spread)
    low, high = m[lowest <= 0.5], m[highest < 0.5]
    return median, (float(low[0]) if len(low) else math.inf, float(high[0]) if len(high) else math.inf)
