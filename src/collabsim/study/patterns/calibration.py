"""The calibration's score: patterns 4, 5, 7, 9 and 10 at one set of parameters, as cheaply as may be.

The same statistics and thresholds as the scorecard, from fewer runs:

- 5 and 7 share one ensemble of 72 months with two lucks a world: traction by both, variance components over
  both. 72 months are enough for 7, for the Kaplan-Meier curve up to month 72 is the same however long the
  others are watched, and its band ends at 60; a median beyond 72 is told as infinite.
- 9 takes its promises "with" from the same runs, and a quarter of the worlds without peers: shares over
  hundreds of promises in each world hardly vary.
- 10 runs each unlike partnership once, as the scorecard does.
- 4 plays a quarter of the worlds, each of which has hundreds of ties.

Nothing is kept between calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study.patterns.laboratory import MONTHS, Laboratory
from collabsim.study.patterns.partnerships import (
    ADVANTAGE,
    KEPT,
    LUCKS,
    PARTNERSHIPS,
    START,
    TRACTION,
    kept_of_start,
    ratio,
    trust_and_advantage,
)
from collabsim.study.patterns.records import Check
from collabsim.study.patterns.relations import RELATIONS, ages
from collabsim.study.patterns.statistics import median_survival, share_within

CALIBRATED: dict[int, tuple[Check, ...]] = {
    pattern.number: pattern.checks
    for pattern in sorted((*RELATIONS, *PARTNERSHIPS), key=lambda pattern: pattern.number)
    if pattern.calibrated
}
"""The thresholds of the patterns that the calibration looks at, by number."""


@dataclass(frozen=True)
class Score:
    """How a set of parameters does on the calibrated patterns.

    Attributes
    ----------
    statistics
        By name, as in the scorecard; missing is NaN. Not there where ``stop`` left them out.
    holds
        By number of the pattern.
    """

    statistics: dict[str, float]
    holds: dict[int, bool]

    @property
    def passed(self) -> bool:
        """Whether all five hold."""
        return len(self.holds) == len(CALIBRATED) and all(self.holds.values())


def score(
    parameters: Mapping[str, float] | None = None,
    worlds: int = 50,
    seed: int = 0,
    schedule: Schedule = SCHEDULE,
    *,
    threads: int = 1,
    stop: bool = False,
) -> Score:
    """Score a set of parameters on patterns 4, 5, 7, 9 and 10.

    Parameters
    ----------
    parameters
        Overrides of the defaults.
    worlds
        How many worlds, at least 12.
    seed
        Whose worlds.
    schedule
        The month.
    threads
        One unless said: points of a calibration are best run side by side.
    stop
        Whether to stop at the first of :data:`STAGES` after which a pattern has failed.

    Returns
    -------
    Score
    """
    laboratory = Laboratory(parameters or {}, seed, schedule, threads)
    statistics: dict[str, float] = {}
    holds: dict[int, bool] = {}
    for measure in STAGES:
        statistics |= measure(laboratory, worlds)
        for number, checks in CALIBRATED.items():
            passes = [
                check.passes(statistics[check.statistic], (np.nan, np.nan))
                for check in checks
                if check.statistic in statistics
            ]
            if not all(passes) or len(passes) == len(checks):
                holds[number] = all(passes)
        if stop and not all(holds.values()):
            break
    return Score(statistics, dict(sorted(holds.items())))


def _nine_without(laboratory: Laboratory, worlds: int) -> dict[str, float]:
    rows = kept_of_start(laboratory, max(12, worlds // 4), peer_accountability=0.0)
    return {"kept_without": _kept(rows)}


def _nine_with(laboratory: Laboratory, worlds: int) -> dict[str, float]:
    few = max(12, worlds // 4)
    # The very runs that 5 and 7 take, so that the laboratory runs them once.
    late = laboratory.outcomes([laboratory.scenario()], worlds, LUCKS)[0, :few, 0, KEPT]
    early = laboratory.outcomes([laboratory.scenario(months=START)], few)[0, :, 0, KEPT]
    return {"kept_with": _kept(np.stack([late, early], axis=1))}


def _kept(rows: Any) -> float:
    there = _there(rows)
    return float(ratio(there.mean(axis=0), 1)) if len(there) else np.nan


def _there(rows: Any) -> Any:
    return rows[np.isfinite(rows).all(axis=1)]


def _five_and_seven(laboratory: Laboratory, worlds: int) -> dict[str, float]:
    rows = laboratory.outcomes([laboratory.scenario()], worlds, LUCKS)[0]
    times = rows[:, :, TRACTION].ravel()
    return {
        "never_traction": float(np.isnan(times).mean()),
        "luck_share": share_within(rows[:, :, ADVANTAGE])[0],
        "median_months": median_survival(times, MONTHS)[0],
        "reached_by_36": float((times <= 36).mean()),
        "reached_by_60": float((times <= 60).mean()),
    }


def _ten(laboratory: Laboratory, worlds: int) -> dict[str, float]:
    return trust_and_advantage(laboratory, worlds).statistics


def _four(laboratory: Laboratory, worlds: int) -> dict[str, float]:
    return ages(laboratory, max(12, worlds // 4)).statistics


STAGES: tuple[Callable[[Laboratory, int], dict[str, float]], ...] = (
    _nine_without, _four, _five_and_seven, _nine_with, _ten,
)  # fmt: skip
"""What is measured, in the order that rules most points out for the least computing."""
