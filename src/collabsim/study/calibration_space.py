"""What the calibration varies and how far, and how it fills that space with points.

The ranges are assumptions. They were set after a first search had shown where patterns 4, 5, 7, 9 and 10
can be met at once: they hold that region with room round it, and leave out what no search came near. So
the share of points that pass is a share of *this* space and says nothing beyond it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import qmc

from collabsim.parameters import whole


@dataclass(frozen=True, slots=True)
class Range:
    """How far one parameter is varied.

    Attributes
    ----------
    low, high
        Ends, both within the parameter's own bounds.
    why
        Why so far and not further.
    """

    low: float
    high: float
    why: str


SPACE: dict[str, Range] = {
    "disposition": Range(0.30, 0.60, "strangers are met with caution to slight confidence; higher, and "
                         "trust can only fall with time"),
    "disposition_spread": Range(0.04, 0.18, "partnerships nearly alike, to rather unlike"),
    "prior_strength": Range(1.5, 4.0, "first impressions worth one or two interactions, to four"),
    "visibility": Range(0.60, 0.90, "most kept promises are noticed; at 1 building trust could add nothing"),
    "negativity": Range(1.0, 2.0, "a lapse weighs as much as a kept promise, to twice as much"),
    "holdback_weight": Range(0.0, 0.25, "holding back is no lapse, or a quarter of one"),
    "memory": Range(0.95, 0.995, "evidence halves in one year to in eleven"),
    "stake_size": Range(0.45, 0.95, "meetings about half to nearly all that could be at stake"),
    "synergy": Range(0.8, 2.0, "difference adds somewhat less than, to twice, what the like-minded make"),
    "friction": Range(0.5, 1.1, "difference not understood halves the value, or takes all of it"),
    "intensity_of_choice": Range(4.5, 9.0, "choices with much error, to ones that follow value closely"),
    "cost": Range(0.03, 0.14, "a commitment costs a little, to a quarter of the half share of joint value"),
    "loss": Range(0.10, 0.50, "being let down costs little, to all of the half share"),
    "tension_cost": Range(0.10, 0.40, "full tension takes a fifth to most of the half share"),
    "strain": Range(0.03, 0.12, "tension builds over years to over months"),
    "peer_accountability": Range(0.40, 0.80, "partners hold each other to account by half, to mostly; at "
                                 "1 the practice could add nothing"),
    "peer_strength": Range(0.40, 0.80, "being held to account closes some of the gap, to most of it"),
    "reciprocation": Range(0.55, 0.85, "conditional cooperators give back half to most of what they expect"),
    "expectation_rate": Range(0.20, 0.50, "expectations follow in five months to in two"),
    "start_accountability": Range(0.55, 0.85, "half to most promises are kept at the start"),
    "contact_gain": Range(0.10, 0.40, "contact builds over a year of meetings to over a few"),
    "contact_fade": Range(0.01, 0.05, "fruitless meetings wear contact down over years to over one"),
    "meeting_rate": Range(0.5, 1.0, "close partners meet every other month to every month"),
    "resting_courage": Range(0.10, 0.40, "leaders without support are seldom to sometimes courageous"),
    "resting_systems_view": Range(0.10, 0.40, "leaders without support seldom to sometimes look further"),
    "learning": Range(0.005, 0.03, "partners come to understand each other over decades to over years"),
}  # fmt: skip
"""The parameters that the calibration varies; all others keep their defaults."""

Box = Mapping[str, tuple[float, float]]
"""Ends by parameter."""

WHOLE_SPACE: Box = {name: (each.low, each.high) for name, each in SPACE.items()}


def sample(count: int, seed: int = 0, box: Box = WHOLE_SPACE) -> Any:
    """Fill a box evenly with points: a scrambled Sobol sequence (Owen 1998).

    The first points are the same whatever the count.

    Parameters
    ----------
    count
        How many points.
    seed
        Of the scrambling.
    box
        What to fill.

    Returns
    -------
    numpy.ndarray
        (count, parameters), in the order of the box.
    """
    return _as_in_tables(_sequence(count, seed, box))


def _sequence(count: int, seed: int, box: Box) -> Any:
    whole(count, "the number of points", 1, 2**20)
    powers = max(1, (count - 1).bit_length())
    unit = qmc.Sobol(len(box), scramble=True, rng=np.random.default_rng(seed)).random_base2(powers)[:count]
    low, high = np.array(list(box.values())).T
    return low + unit * (high - low)


def _as_in_tables(points: Any) -> Any:
    """Round to the six digits that tables hold, so that a point read back is the point that was scored."""
    return np.array([[float(f"{x:.6g}") for x in row] for row in points]).reshape(np.shape(points))


def central(points: Any) -> Any:
    """Return the places of points, most central first: by mean distance from all, in units of ranges."""
    low, high = np.array(list(WHOLE_SPACE.values())).T
    unit = (np.asarray(points) - low) / (high - low)
    away = np.array([np.sqrt(((unit - one) ** 2).sum(axis=1)).mean() for one in unit])
    return np.argsort(away, kind="stable")


def features(points: Any, together: bool = False) -> Any:
    """Return what the later waves' predictions rest on.

    Parameters
    ----------
    points
        (points, parameters).
    together
        Whether parameters also count by their products, two by two.

    Returns
    -------
    numpy.ndarray
        (points, features): 1, each parameter and its square, scaled to ±½, and the products if asked for.
    """
    low, high = np.array(list(WHOLE_SPACE.values())).T
    x = (np.asarray(points) - low) / (high - low) - 0.5
    parts = [np.ones((len(x), 1)), x, x * x]
    if together:
        one, other = np.triu_indices(x.shape[1], 1)
        parts.append(x[:, one] * x[:, other])
    return np.hstack(parts)


RIDGE = 0.5
"""How far the fit of :func:`predicted` is drawn to 0, so that few points do not overfit."""

PLENTY = 4
"""A fit has at least so many points for each of its terms."""


def predicted(points: Any, values: Any, at: Any) -> tuple[Any, float]:
    """Predict a statistic at other points, by a quadratic fitted to the points where it is known.

    Parameters are taken two by two only where there are points enough for that.

    Parameters
    ----------
    points, values
        Where it was worked out, and what it was; missing values are left out.
    at
        Where it is wanted.

    Returns
    -------
    tuple
        The prediction at each point, and the standard deviation of what the fit leaves.
    """
    values = np.asarray(values, np.float64)
    there = np.isfinite(values)
    count = len(SPACE)
    together = bool(there.sum() >= PLENTY * (1 + 2 * count + count * (count - 1) // 2))
    x, y = features(np.asarray(points)[there], together), values[there]
    weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)
    free = max(1, len(y) - x.shape[1])
    left = float(np.sqrt(((y - x @ weights) ** 2).sum() / free))
    blocks = np.array_split(np.asarray(at), max(1, len(at) // 2**14))  # not all terms in memory at once
    return np.concatenate([features(block, together) @ weights for block in blocks]), left


CANDIDATES = 2**18
"""Points among which a later wave is looked for."""

SLACK = 0.5
"""How far beyond a threshold a prediction may be, in standard deviations of what its fit leaves."""

Limits = Mapping[str, tuple[float, float]]
"""Where a statistic has to lie, by name."""


def next_wave(
    points: Any, statistics: Mapping[str, Any], limits: Limits, count: int, seed: int
) -> tuple[Any, float]:
    """Fill that part of the space which earlier waves do not rule out (history matching; Craig et al. 1997).

    Points of another sequence, as even as the first, are kept where every statistic is predicted to lie
    within its limits or close by.

    Parameters
    ----------
    points, statistics
        The waves so far, and what was found there; missing where it was not worked out.
    limits
        What is wanted.
    count
        How many points at most.
    seed
        Of the sequence.

    Returns
    -------
    tuple
        The points, and the share of the space that is not ruled out.
    """
    candidates = _sequence(CANDIDATES, seed, WHOLE_SPACE)
    left = np.ones(len(candidates), bool)
    for name, (low, high) in limits.items():
        if np.isfinite(np.asarray(statistics[name], np.float64)).sum() <= PLENTY * len(SPACE):
            continue  # too few to fit anything to
        there, error = predicted(points, statistics[name], candidates)
        left &= (there >= low - SLACK * error) & (there <= high + SLACK * error)
    return _as_in_tables(candidates[left][:count]), float(left.mean())
