"""Which factors matter, over their whole ranges: Morris' measures, Sobol indices, and the share of noise.

The indices are SALib's (Herman & Usher 2017). Two things are added. SALib returns numbers, zeros among them,
where an outcome is missing; here an incomplete design is refused before. And an outcome of a simulation is
luck too: :func:`noise` says how much of it, so that nobody takes luck for an interaction of factors.

Points are averaged over their worlds, which are the same at every point. So a factor that changes nothing
has indices of exactly 0, in a sample of any size.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.errors import InputError
from collabsim.study.designs import MORRIS_LEVELS, Design, problem
from collabsim.study.factors import NAMED
from collabsim.study.paired import CONFIDENCE

if TYPE_CHECKING:
    import pandas as pd

_HARMONICS = 10
"""Of RBD-FAST."""

RESAMPLES = 1000
"""Bootstrap samples over points, for intervals of indices."""


def complete(values: Any, design: Design) -> Any:
    """Return outcomes as an array, or refuse them: every point of the design in every world, none missing.

    Parameters
    ----------
    values
        (points, worlds).
    design
        What was run.

    Raises
    ------
    InputError
        Saying how many are missing.
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or len(values) != design.count:
        raise InputError(
            f"indices need the outcome at all {design.count} points of the {design.name} design, by world, "
            f"not an array of shape {values.shape}"
        )
    gaps = int((~np.isfinite(values)).sum())
    if gaps:
        raise InputError(
            f"indices need a complete design, and {gaps:,} of {values.size:,} outcomes are missing; run them,"
            " or leave out the worlds in which one is missing"
        )
    return values


def noise(values: Any) -> pd.DataFrame:
    """Return where the variance of an outcome comes from: factors, worlds, or luck that differs by point.

    The components of a two-way layout without replication, points by worlds, estimated from mean squares;
    what comes out negative is 0.

    Parameters
    ----------
    values
        (points, worlds) of a complete design, at least two of each.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``share`` of the variance of single runs: ``factors``; ``worlds``, which all points
        share, and which drops out of every comparison; ``both``, the luck that falls differently at
        different points. Then ``left``: what of the variance of the points' *means* is such luck.
    """
    import pandas as pd

    values = np.asarray(values, np.float64)
    points, worlds = values.shape
    if points < 2 or worlds < 2:
        raise InputError("the share of noise can be told from at least two points in at least two worlds")
    mean = values.mean()
    by_point, by_world = values.mean(axis=1), values.mean(axis=0)
    rest = values - by_point[:, None] - by_world[None, :] + mean
    luck = float((rest**2).sum()) / ((points - 1) * (worlds - 1))
    of_points = worlds * float(((by_point - mean) ** 2).sum()) / (points - 1)
    of_worlds = points * float(((by_world - mean) ** 2).sum()) / (worlds - 1)
    parts = {
        "factors": max(0.0, (of_points - luck) / worlds),
        "worlds": max(0.0, (of_worlds - luck) / points),
        "both": luck,
    }
    whole = sum(parts.values())
    rows = [{"source": name, "share": part / whole if whole else math.nan} for name, part in parts.items()]
    left = min(1.0, luck / of_points) if of_points else math.nan
    return pd.DataFrame([*rows, {"source": "left", "share": left}])


def sobol_indices(
    design: Design, values: Any, confidence: float = CONFIDENCE, seed: int = 0
) -> pd.DataFrame:
    """Return Sobol indices of an outcome's mean over worlds.

    Parameters
    ----------
    design
        A ``sobol`` design.
    values
        (points, worlds) of it.
    confidence
        The intervals' coverage, over points.
    seed
        Of the resampling for intervals.

    Returns
    -------
    pandas.DataFrame
        A row a factor: ``factor``; ``first``, the share of the variance that goes when it is known
        (Saltelli et al. 2010), and ``total``, the share that stays while only it is unknown (Jansen 1999),
        each with half the width of its interval, ``first_half`` and ``total_half``. Missing where nothing
        varies.
    """
    import pandas as pd

    _of(design, "sobol")
    means = complete(values, design).mean(axis=1)
    names = list(design.factors)
    if (means == means[0]).all():
        empty = dict.fromkeys(("first", "first_half", "total", "total_half"), math.nan)
        return pd.DataFrame([{"factor": name, **empty} for name in names])
    from SALib.analyze import sobol

    found = sobol.analyze(
        problem(names), means, calc_second_order=False, num_resamples=RESAMPLES, conf_level=confidence,
        seed=np.random.default_rng(seed),
    )  # fmt: skip
    return pd.DataFrame(
        {"factor": names, "first": found["S1"] + 0.0, "first_half": found["S1_conf"],
         "total": found["ST"], "total_half": found["ST_conf"]}
    )  # fmt: skip


def morris_measures(
    design: Design, values: Any, confidence: float = CONFIDENCE, seed: int = 0
) -> pd.DataFrame:
    """Return Morris' measures of an outcome's mean over worlds.

    Parameters
    ----------
    design
        A ``morris`` design.
    values
        (points, worlds) of it.
    confidence, seed
        As for :func:`sobol_indices`.

    Returns
    -------
    pandas.DataFrame
        A row a factor: ``factor``; ``mu_star``, the mean size of its elementary effects, stretched to its
        whole range (Campolongo et al. 2007), with half the width of its interval, ``mu_star_half``; ``mu``,
        their mean; ``sigma``, their standard deviation, which curvature and interactions make; and
        ``noise``, the share of their mean square that is luck.
    """
    import pandas as pd

    _of(design, "morris")
    values = complete(values, design)
    names = list(design.factors)
    from SALib.analyze import morris

    found = morris.analyze(
        problem(names), design.unit, values.mean(axis=1), num_resamples=RESAMPLES, conf_level=confidence,
        num_levels=MORRIS_LEVELS, seed=np.random.default_rng(seed),
    )  # fmt: skip
    return pd.DataFrame(
        {"factor": names, "mu_star": np.asarray(found["mu_star"], np.float64),
         "mu_star_half": np.asarray(found["mu_star_conf"], np.float64),
         "mu": np.asarray(found["mu"], np.float64) + 0.0, "sigma": np.asarray(found["sigma"], np.float64),
         "noise": _noise_of_steps(design, values)}
    )  # fmt: skip


def _noise_of_steps(design: Design, values: Any) -> list[float]:
    """Return for each factor the share of its steps' mean square that is luck; NaN where it does nothing."""
    width = len(design.factors)
    walks = design.count // (width + 1)
    at = design.unit.reshape(walks, width + 1, width)
    steps = np.diff(values.reshape(walks, width + 1, -1), axis=1)
    moved = np.abs(np.diff(at, axis=1)).argmax(axis=2)
    shares = []
    for k in range(width):
        mine = steps[moved == k]  # (walks, worlds)
        square = float((mine.mean(axis=1) ** 2).mean())
        if square == 0 or mine.shape[1] < 2:
            shares.append(math.nan)
            continue
        luck = float((mine.var(axis=1, ddof=1) / mine.shape[1]).mean())
        shares.append(min(1.0, luck / square))
    return shares


def importance(design: Design, values: Any, confidence: float = CONFIDENCE, seed: int = 0) -> pd.DataFrame:
    """Return what a space-filling sample says of each factor, for want of a design made for indices.

    Parameters
    ----------
    design
        A ``latin-hypercube`` design.
    values
        (points, worlds) of it.
    confidence, seed
        As for :func:`sobol_indices`.

    Returns
    -------
    pandas.DataFrame
        A row a factor: ``factor``; ``rank_correlation`` with the outcome's mean over worlds (Spearman's;
        missing for names); ``p_value`` of it (of Kruskal and Wallis's test for names); ``first``, its
        first-order index by RBD-FAST (Tarantola et al. 2006), with half the width of its interval,
        ``first_half``. Missing where the sample is too small.
    """
    import pandas as pd
    from SALib.analyze import rbd_fast
    from scipy import stats

    _of(design, "latin-hypercube")
    means = complete(values, design).mean(axis=1)
    names = list(design.factors)
    flat = bool((means == means[0]).all())
    enough = len(means) > 4 * _HARMONICS and not flat  # intervals come from samples of half the points
    found = None
    if enough:
        found = rbd_fast.analyze(
            problem(names), design.unit, means, M=_HARMONICS, num_resamples=100, conf_level=confidence,
            seed=np.random.default_rng(seed),
        )  # fmt: skip
    points = [design.point(place) for place in range(design.count)]
    rows = []
    for k, name in enumerate(names):
        levels = [point[name] for point in points]
        correlation, p = math.nan, 1.0
        if not flat and len(set(levels)) > 1:
            if name in NAMED:
                groups = [means[[level == one for level in levels]] for one in dict.fromkeys(levels)]
                p = float(stats.kruskal(*groups).pvalue)
            else:
                correlation, p = (float(value) for value in stats.spearmanr(levels, means))
        rows.append(
            {"factor": name, "rank_correlation": correlation, "p_value": p,
             "first": float(found["S1"][k]) if found else math.nan,
             "first_half": float(found["S1_conf"][k]) if found else math.nan}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _of(design: Design, name: str) -> None:
    if design.name != name:
        raise InputError(f"this needs a {name} design, not a {design.name} one")
