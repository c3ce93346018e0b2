"""The thirteen patterns that a credible model shows: which the model shows, and which it does not.

Each pattern is an operational test in :mod:`collabsim.study.patterns`, with thresholds fixed before
calibration. The calibration looks at 4, 5, 7, 9 and 10; the others are held out. A pattern that fails is
listed as failing.
"""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from collabsim.errors import InputError
from collabsim.report import pattern_figures
from collabsim.report.experiment import ask, main
from collabsim.study.patterns import PATTERNS, WORLDS, PatternResult, evaluate_all, shown


def card(results: Mapping[int, PatternResult]) -> pd.DataFrame:
    """Return a row a pattern, with its verdict."""
    rows = []
    for number, result in results.items():
        pattern = PATTERNS[number]
        rows.append(
            {
                "number": number,
                "name": pattern.name,
                "pattern": pattern.claim,
                "statistics": "; ".join(
                    f"{check.statistic} = {result.statistics[check.statistic]:.4g}"
                    for check in pattern.checks
                ),
                "threshold": pattern.threshold,
                "interval": "; ".join(_interval(check.statistic, result) for check in pattern.checks),
                "verdict": "holds" if result.holds else "fails",
                "used_for": pattern.used_for,
                "source": pattern.source,
                "reason": result.reason,
                "setting": pattern.setting,
                "reading": pattern.reading,
            }
        )
    return pd.DataFrame(rows)


def _interval(statistic: str, result: PatternResult) -> str:
    low, high = result.intervals[statistic]
    if math.isinf(high):
        return "beyond what was watched" if math.isinf(low) else f"{low:.4g} to beyond what was watched"
    return "exact" if low == high == result.statistics[statistic] else f"{low:.4g} to {high:.4g}"


def statistics(results: Mapping[int, PatternResult]) -> pd.DataFrame:
    """Return a row a statistic, with its threshold where it is judged."""
    rows: list[dict[str, Any]] = []
    for number, result in results.items():
        checks = {check.statistic: check for check in PATTERNS[number].checks}
        for name, estimate in result.statistics.items():
            check = checks.get(name)
            low, high = result.intervals[name]
            rows.append(
                {
                    "number": number,
                    "statistic": name,
                    "meaning": check.meaning if check else "",
                    "estimate": estimate,
                    "low": low,
                    "high": high,
                    "judged": int(check is not None),
                    "at_least": check.low if check else math.nan,
                    "at_most": check.high if check else math.nan,
                    "by": "" if check is None else "interval" if check.clear else "estimate",
                    "passes": ("yes" if check.passes(estimate, (low, high)) else "no") if check else "",
                }
            )
    return pd.DataFrame(rows)


def curves(results: Mapping[int, PatternResult]) -> pd.DataFrame:
    """Return the points of the curves that the figure shows."""
    rows = [
        {"number": number, "curve": name, "x": x, "y": y}
        for number, result in results.items()
        for name, (xs, ys) in result.curves.items()
        for x, y in zip(xs, ys, strict=True)
    ]
    return pd.DataFrame(rows)


def experiment(words: Sequence[str] | None = None) -> None:
    """Test the patterns, write the results and print the scorecard."""
    asked = ask(__file__, "Which patterns of real collaborations the model shows.", words, worlds=WORLDS)
    if asked.months != 72:
        raise InputError("each pattern says how many months it takes; leave --months out")
    plan = {"seed": asked.seed, "worlds": asked.worlds, "parameters": asked.settings}
    results = asked.results(plan)
    with asked.progress(len(PATTERNS)) as progress:
        found = evaluate_all(
            asked.settings, asked.worlds, asked.seed, threads=asked.workers, curves=True,
            progress=lambda pattern: progress(1),
        )  # fmt: skip
    results.table("scorecard", card(found))
    results.table("statistics", statistics(found))
    results.table("curves", curves(found))
    results.figure("scorecard", pattern_figures.scorecard, "scorecard", "statistics", "curves")
    results.finish()
    asked.say(*report(found), "", f"Results: {asked.place}")


def report(results: Mapping[int, PatternResult]) -> list[str]:
    """Say which patterns hold, and why the others do not."""
    lines = []
    for number, result in results.items():
        pattern = PATTERNS[number]
        verdict = "holds" if result.holds else "FAILS"
        lines.append(f"{number:3d}  {pattern.name:42s} {verdict}  ({pattern.used_for})")
        for check in pattern.checks:
            value = shown(result.statistics[check.statistic], result.intervals[check.statistic])
            text = f"     {check.meaning}: {value}"
            lines += textwrap.wrap(text, 78, subsequent_indent=" " * 7)
    for used_for in ("calibration", "held out"):
        mine = [result.holds for number, result in results.items() if PATTERNS[number].used_for == used_for]
        whose = "used for calibration" if used_for == "calibration" else "held out"
        lines.append(f"{sum(mine)} of {len(mine)} {whose} hold.")
    return lines


if __name__ == "__main__":
    sys.exit(main(experiment))
