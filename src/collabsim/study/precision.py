"""How many worlds are enough: adding worlds until differences are known as precisely as is wanted.

What is looked at is the paired difference of an outcome between every point and the first, in the same
worlds, and of their 95% intervals the widest. Looking again and again stops a little early now and then: an
interval reported from the last look covers slightly less than 95%, as with every rule that stops when it is
satisfied.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.errors import InputError, nearest
from collabsim.outcomes import ALL_OUTCOMES
from collabsim.parameters import whole
from collabsim.study.paired import CONFIDENCE, OUTCOME
from collabsim.study.plan import Plan
from collabsim.study.store import MANIFEST, RUNS
from collabsim.study.sweep import sweep_to

MOST = 10_000
"""Worlds that are not gone beyond, unless said."""

LEAST = 20
"""Worlds from which a spread is judged: a plan with fewer begins with these."""

MARGIN = 1.1
"""How many more worlds are added than seem to be needed, so that few looks are."""

FASTEST = 4
"""How manifold the worlds become at most between two looks."""


def sweep_to_precision(
    plan: Plan, out: str | Path, wanted: float, *, outcome: str = OUTCOME, most: int = MOST, **options: Any
) -> dict[str, Any]:
    """Run a plan in as many worlds as it takes.

    Parameters
    ----------
    plan
        What to run; its worlds are where it begins.
    out
        The folder to keep it in.
    wanted
        Half the width that the widest 95% interval is to be below, in units of the outcome; above 0.
    outcome
        Which outcome, of the standard ones or of the sweep's own.
    most
        Worlds that are not gone beyond.
    **options
        As for :func:`~collabsim.study.sweep.sweep_to`.

    Returns
    -------
    dict
        As from ``sweep_to``, and ``precision``: ``wanted``, ``outcome``, ``half_width``, ``point`` (the one
        whose interval is widest), ``reached``, and ``looks``, the worlds and half-width of each look.

    Raises
    ------
    InputError
        If there is one point only, or no such outcome; or the outcome is missing in all worlds of a point.
    """
    if plan.count < 2:
        raise InputError("--precision compares points with the first, and the plan has one point only")
    known = (*ALL_OUTCOMES, *(options.get("outcomes") or {}))
    if outcome not in known:
        raise InputError(f"there is no outcome '{outcome}'{nearest(outcome, known)}")
    most = whole(most, "most worlds", LEAST, 2**32 - 1)
    worlds, looks = min(max(plan.worlds, LEAST), most), []
    while True:
        plan = replace(plan, worlds=worlds)
        done = sweep_to(plan, out, **options)
        options["fresh"] = False
        widths = half_widths(Path(out) / RUNS, plan, outcome)
        point = int(np.argmax(widths))
        looks.append({"worlds": worlds, "half_width": float(widths[point])})
        reached = bool(widths[point] < wanted)
        if reached or worlds == most:
            break
        ratio = (float(widths[point]) / wanted) ** 2 * MARGIN if math.isfinite(widths[point]) else FASTEST
        worlds = min(most, math.ceil(worlds * min(FASTEST, max(MARGIN, ratio))))
    found = {"wanted": wanted, "outcome": outcome, "half_width": float(widths[point]), "point": point,
             "reached": reached, "looks": looks}  # fmt: skip
    note(Path(out) / MANIFEST, found)
    return done | {"precision": found}


def half_widths(file: Path, plan: Plan, outcome: str) -> Any:
    """Return (points,) half the width of the interval of each point's difference from the first.

    The first point's is 0. Worlds in which the outcome is missing at one of the two are left out; where
    fewer than two are left the width is infinite.
    """
    import pyarrow.parquet as pq
    from scipy import stats

    first: Any = None
    widths = np.full(plan.count, np.inf)
    with pq.ParquetFile(file) as source:
        rest: Any = np.zeros(0)
        place = 0
        for group in range(source.num_row_groups):
            column = source.read_row_group(group, columns=[outcome])[outcome]
            values = np.concatenate([rest, column.to_numpy(zero_copy_only=False).astype(np.float64)])
            points = len(values) // plan.worlds
            table, rest = (values[: points * plan.worlds].reshape(points, plan.worlds),
                           values[points * plan.worlds :])  # fmt: skip
            if first is None and points:
                first = table[0]
            for row in table:
                known = (row - first)[np.isfinite(row) & np.isfinite(first)]
                if len(known) > 1:
                    spread = float(np.std(known, ddof=1)) / math.sqrt(len(known))
                    widths[place] = float(stats.t.ppf(0.5 + CONFIDENCE / 2, len(known) - 1)) * spread
                place += 1
    widths[0] = 0.0
    return widths


def note(manifest: Path, found: dict[str, Any]) -> None:
    """Write into the manifest what was looked for and found."""
    import json

    from collabsim.study.disk import write_whole

    document = json.loads(manifest.read_text(encoding="utf-8"))
    if document.get("precision") != found:
        text = json.dumps(document | {"precision": found}, indent=2, ensure_ascii=False)
        write_whole(manifest, text + "\n")
