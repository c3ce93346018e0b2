"""Scenario discovery: where among the factors an outcome is so high, or so low (PRIM and CART).

The algorithms are the EMA workbench's (``pip install 'collabsim[discovery]'``): PRIM, the patient rule
induction method (Friedman & Fisher 1999), which peels a box until nearly all in it is of interest, and CART,
a classification tree (Breiman et al. 1984), whose leaves are boxes. Bryant & Lempert (2010) describe their
use. What they find holds in the sample; how dense and how wide a box is, says how much it is worth.
"""

from __future__ import annotations

import logging
import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.errors import InputError
from collabsim.study.analysis import Analysis
from collabsim.study.factors import NAMED
from collabsim.study.swept import Swept, outcome_title

if TYPE_CHECKING:
    import pandas as pd

DENSE = 0.8
"""What of a box must be of interest for PRIM to go on peeling no further."""

HALF = 0.5
"""What of a leaf of CART's tree must be of interest for it to be told."""

LUCK = 0.05
"""The largest quasi-p-value of a limit that is kept."""

FEWEST = 20
"""Points below which nothing is looked for."""

_CONDITION = re.compile(r"\s*(?:(>=?|<=?)\s*([-+0-9.eE]+)|(highest|lowest)\s+([0-9.]+)\s*%)\s*")


def of_interest(values: Any, condition: str) -> Any:
    """Return which points meet a condition.

    Parameters
    ----------
    values
        (points,) means of an outcome.
    condition
        Such as ``"> 0.2"``, ``"<= 0.1"``, ``"highest 10%"`` or ``"lowest 10%"``.

    Raises
    ------
    InputError
        If it is none of these, or all points or none meet it.
    """
    values = np.asarray(values, np.float64)
    found = _CONDITION.fullmatch(condition)
    try:
        sign, limit, end, share = found.groups() if found else (None, "", None, "")
        number = float(limit if sign else share)
    except ValueError:
        found = None
    if not found or (end and not 0 < number < 100):
        raise InputError(
            f"'{condition}' is no condition; they are like '> 0.2', '<= 0.1', 'highest 10%' or 'lowest 10%'"
        )
    if end == "highest":
        meets = values >= np.quantile(values, 1.0 - number / 100.0)
    elif end:
        meets = values <= np.quantile(values, number / 100.0)
    else:
        compare = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}[str(sign)]
        meets = compare(values, number)
    if meets.all() or not meets.any():
        raise InputError(
            f"'{condition}' is met by {'every' if meets.all() else 'no'} point; their means go from "
            f"{values.min():.4g} to {values.max():.4g}"
        )
    return meets


def discover(made: Analysis, swept: Swept, condition: str, *, missing: str = "refuse") -> None:
    """Add to an analysis the boxes of factors in which an outcome's mean meets a condition.

    Parameters
    ----------
    made
        The analysis, which gets the table ``boxes`` and findings.
    swept
        Of which sweep.
    condition
        As for :func:`of_interest`.
    missing
        As for :func:`~collabsim.study.analysis.analyse`.

    Raises
    ------
    InputError
        If the EMA workbench is not installed, the points are too few, or the condition is none.
    """
    values, _ = swept.values(made.outcome, missing)
    frame = boxes(made.design.points_frame(), values.mean(axis=1), condition)
    made.tables["boxes"] = frame
    made.findings += _words(frame, made.outcome, condition)


def boxes(factors: pd.DataFrame, means: Any, condition: str) -> pd.DataFrame:
    """Return the boxes that PRIM and CART find.

    Parameters
    ----------
    factors
        A row a point, a column a factor.
    means
        (points,) of an outcome.
    condition
        As for :func:`of_interest`.

    Returns
    -------
    pandas.DataFrame
        A row a limit: ``method``, ``box`` (from 1), ``factor``, ``low`` and ``high`` (or ``levels``, for
        names), ``coverage`` (what of all points of interest lies in the box), ``density`` (what of the box is
        of interest), ``mass`` (what of all points lies in it).
    """
    import pandas as pd

    if len(factors) < FEWEST:
        raise InputError(f"discovery needs at least {FEWEST} points, and there are {len(factors)}")
    meets = of_interest(means, condition)
    prim, cart = _workbench()
    x = factors.copy()
    for name in x.columns:
        if name in NAMED:
            x[name] = pd.Categorical(x[name])
    varied = [name for name in x.columns if x[name].nunique() > 1]
    whole = x[varied]
    rows: list[dict[str, Any]] = []
    found = prim.Prim(whole, meets, threshold=DENSE)
    box = found.find_box()
    if box is not None:
        rows += _limits("PRIM", 1, box.box_lims[-1], whole, meets)
    apart = _spelled_out(whole)
    tree = cart.CART(apart, meets, mass_min=0.05)
    tree.build_tree()
    leaves: list[list[dict[str, Any]]] = []
    for box in tree.boxes:
        limits = _put_together(box, whole)
        inside = _inside(limits, whole)
        if inside.any() and meets[inside].mean() >= HALF:
            leaf = _limits("CART", len(leaves) + 1, limits, whole, meets)
            if all(
                [one | {"box": 0} for one in leaf] != [one | {"box": 0} for one in other] for other in leaves
            ):
                leaves.append(leaf)  # without luck's limits, several leaves may be one box
    rows += [row for leaf in leaves for row in leaf]
    columns = ["method", "box", "factor", "low", "high", "levels", "coverage", "density", "mass"]
    return pd.DataFrame(rows, columns=columns)


def _spelled_out(x: pd.DataFrame) -> pd.DataFrame:
    """Return factors with a column of 0 and 1 for each level of names.

    The workbench's CART takes names as they are, but says wrongly which of them a leaf has.
    """
    import pandas as pd

    columns: dict[Any, Any] = {}
    for name in x.columns:
        if name in NAMED:
            for level in x[name].cat.categories:
                columns[f"{name} {level}"] = (x[name] == level).astype(float)
        else:
            columns[name] = x[name].astype(float)
    return pd.DataFrame(columns)


def _put_together(limits: Any, x: pd.DataFrame) -> Any:
    """Return the limits of a leaf in terms of the factors themselves."""
    import pandas as pd

    columns: dict[Any, Any] = {}
    for name in x.columns:
        if name in NAMED:
            every = x[name].cat.categories
            spans = {level: limits[f"{name} {level}"].to_numpy(dtype=float) for level in every}
            sure = {level for level, (low, _) in spans.items() if low > 0}
            possible = {level for level, (_, high) in spans.items() if high >= 1}
            columns[name] = [sure or possible] * 2
        else:
            columns[name] = limits[name].tolist()
    return pd.DataFrame(columns)


def _workbench() -> tuple[Any, Any]:
    """Load the algorithms; the workbench says on loading which of its own extras are not there."""
    level = logging.getLogger("EMA").level
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from ema_workbench.analysis import cart, prim
    except ImportError:
        raise InputError(
            "discovery needs the EMA workbench, which is not installed: pip install 'collabsim[discovery]'"
        ) from None
    finally:
        logging.getLogger("EMA").setLevel(level)
    return prim, cart


def _held_up(limits: Any, x: pd.DataFrame, meets: Any) -> Any:
    """Return a box without the limits that luck might have set.

    A limit's quasi-p-value is the probability of a box at least as dense, had what lies in it been drawn from
    the box without this limit (Bryant & Lempert 2010). The weakest is lifted while it is above
    :data:`LUCK`.
    """
    from scipy import stats

    kept = limits.copy()
    every = {name: _whole(x[name]) for name in x.columns}
    tight = [name for name in x.columns if not _inside_one(kept, x, name).all()]
    while tight:
        inside = _inside(kept, x)
        worth = {}
        for name in tight:
            others = [_inside_one(kept, x, other) for other in x.columns if other != name]
            without = np.logical_and.reduce(others or [np.ones(len(x), bool)])
            rate = meets[without].mean()
            worth[name] = float(stats.binom.sf((meets & inside).sum() - 1, inside.sum(), rate))
        weakest = max(worth, key=lambda name: worth[name])
        if worth[weakest] <= LUCK:
            break
        kept[weakest] = every[weakest]
        tight.remove(weakest)
    return kept


def _whole(column: Any) -> Any:
    """Return limits that leave a factor free."""
    if column.name in NAMED:
        levels = set(column.unique())
        return [levels, levels]
    return [column.min(), column.max()]


def _inside_one(limits: Any, x: pd.DataFrame, name: str) -> Any:
    """Return which points one factor's limits let in."""
    if name in NAMED:
        return x[name].isin(list(limits[name].iloc[0])).to_numpy()
    low, high = limits[name].to_numpy(dtype=float)
    return ((x[name] >= low) & (x[name] <= high)).to_numpy()


def _inside(limits: Any, x: pd.DataFrame) -> Any:
    """Return which points lie in a box."""
    return np.logical_and.reduce([_inside_one(limits, x, name) for name in x.columns])


def _limits(method: str, number: int, limits: Any, x: pd.DataFrame, meets: Any) -> list[dict[str, Any]]:
    """Return a row for each factor that a box limits, and that luck does not explain."""
    limits = _held_up(limits, x, meets)
    inside = _inside(limits, x)
    worth = {
        "coverage": float((meets & inside).sum() / meets.sum()),
        "density": float(meets[inside].mean()) if inside.any() else 0.0,
        "mass": float(inside.mean()),
    }
    rows = []
    for name in x.columns:
        at: dict[str, Any] = {"low": np.nan, "high": np.nan, "levels": ""}
        if name in NAMED:
            levels = sorted(map(str, limits[name].iloc[0]))
            if len(levels) == x[name].nunique():
                continue
            at["levels"] = "; ".join(levels)
        else:
            low, high = limits[name].to_numpy(dtype=float)
            if low <= x[name].min() and high >= x[name].max():
                continue
            at |= {"low": float(low), "high": float(high)}
        rows.append({"method": method, "box": number, "factor": name, **at, **worth})
    return rows


def _words(frame: pd.DataFrame, outcome: str, condition: str) -> list[str]:
    """Say where the outcome is as asked."""
    lines = [f"Where {outcome_title(outcome)} is {condition}:"]
    for (method, number), box in frame.groupby(["method", "box"], sort=False):
        parts = []
        for row in box.to_dict("records"):
            limit = row["levels"] or f"{row['low']:.4g} to {row['high']:.4g}"
            parts.append(f"{row['factor']} {limit}")
        first = box.iloc[0]
        lines.append(
            f"  {method} {number}: {', '.join(parts)}; {first['density']:.0%} of it is of interest, and it "
            f"holds {first['coverage']:.0%} of all that is."
        )
    if len(lines) == 1:
        lines.append("  no box: what is of interest lies everywhere.")
    return lines
