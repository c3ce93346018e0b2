"""Tables for the terminal: plain words and plain characters, at most 80 columns, the same when piped."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from collabsim.practices import PRACTICES
from collabsim.study.paired import Estimate

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 80
POINT = 0.01
"""One point of collaborative advantage."""

_MEASURES = {"alone": "alone", "within_whole": "within whole", "shapley": "Shapley share"}


def points(estimate: float, low: float, high: float, *, signed: bool = True) -> str:
    """Return an estimate with half its interval, in points, such as ``"+3.1 ± 0.4"``.

    The interval is symmetric, so half its width says all of it.
    """
    shown = f"{estimate / POINT:+.1f}" if signed else f"{estimate / POINT:.1f}"
    half = (high - low) / 2.0
    return f"{shown} ± {half / POINT:.1f}" if math.isfinite(half) else f"{shown} ± ?"


def practice_table(
    effects: pd.DataFrame, none: Estimate, every: Estimate, together: Estimate, where: str
) -> str:
    """Write what each practice adds, in points of collaborative advantage.

    Parameters
    ----------
    effects
        ``practice``, ``measure`` (``alone``, ``within_whole``, ``shapley``), ``estimate``, ``low``, ``high``.
    none, every
        f(none) and f(all).
    together
        What all add beyond the sum of each alone.
    where
        Where the results lie.

    Returns
    -------
    str
        Lines of at most 80 columns.
    """
    worlds = f"{none.worlds} world" + ("" if none.worlds == 1 else "s")
    lines = [
        "What each practice adds to collaborative advantage, in points (1 point = 0.01",
        f"of what was possible), mean over {worlds} with 95% intervals:",
        "",
        f"{'':34s}" + "".join(f"{title:>15s}" for title in _MEASURES.values()),
    ]
    for practice in dict.fromkeys(effects["practice"]):
        cells = ""
        for measure in _MEASURES:
            one = effects[(effects["practice"] == practice) & (effects["measure"] == measure)].iloc[0]
            cells += f"{points(one['estimate'], one['low'], one['high']):>15s}"
        title = PRACTICES[practice].title if practice in PRACTICES else str(practice)
        lines.append(f"{title[:34]:34s}{cells}")
    lines += [
        "",
        "  alone          f(p) - f(none): what it adds when nothing else runs",
        "  within whole   f(all) - f(all but p): what would be lost without it",
        "  Shapley share  its fair share of f(all) - f(none), over all orders of joining",
        "",
        f"No practice,  f(none): {points(*none[:3], signed=False):>12s} points",
        f"All of them,  f(all):  {points(*every[:3], signed=False):>12s} points",
        f"All of them add {points(*together[:3])} points beyond the sum of each alone"
        + _verdict(together)
        + ".",
        "",
        f"Results: {where}",
    ]
    return "\n".join(line.rstrip() for line in lines)


def titled(title: str, width: int) -> list[str]:
    """Return a title in lines of at most ``width`` letters, all filled up to it, for a column of names."""
    lines = textwrap.wrap(title, width, subsequent_indent="  ") or [""]
    return [f"{line:{width}s}" for line in lines]


def _verdict(together: Estimate) -> str:
    """Say what the sum means, where the interval allows to say it."""
    if together.low > 0:
        return ":\nthey are complements"
    if together.high < 0:
        return ":\nthey are substitutes"
    return ",\nwhich cannot be told from nothing"
