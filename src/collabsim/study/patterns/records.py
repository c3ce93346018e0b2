"""What a pattern is: a claim about collaborations, the statistics that test it, and the verdict on them.

A pattern's thresholds are :class:`Check` records, and the verdict is worked out from the statistics by
:func:`judge` alone, so no pattern can hold that its numbers do not support.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study.patterns.laboratory import Laboratory
from collabsim.study.patterns.statistics import Estimated

WORLDS = 400
"""How many worlds the scorecard runs."""

Span = tuple[float, float]
"""Low and high end, both belonging to it."""

Curve = tuple[tuple[float, ...], tuple[float, ...]]
"""Places along x, and values along y."""


@dataclass(frozen=True, slots=True)
class Check:
    """One threshold.

    Attributes
    ----------
    statistic
        The name of the statistic that has to keep to it.
    meaning
        What the statistic is, in running text.
    low, high
        The band.
    clear
        Whether the whole interval must lie in the band (claims of a direction: "clear of 0"), and not
        only the estimate (claims of a size).
    """

    statistic: str
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    clear: bool = False

    def passes(self, estimate: float, interval: Span) -> bool:
        """Return whether a statistic keeps to the threshold; a missing one does not."""
        if self.clear:  # a missing end is below and above nothing
            above = math.isinf(self.low) or self.low < interval[0]
            return above and (math.isinf(self.high) or interval[1] < self.high)
        return self.low <= estimate <= self.high

    def __str__(self) -> str:
        """Say the threshold, as ``never_traction from 0.25 to 0.7``."""
        band = (
            f"at most {self.high:g}" if math.isinf(self.low)
            else f"at least {self.low:g}" if math.isinf(self.high)
            else f"from {self.low:g} to {self.high:g}"
        )  # fmt: skip
        if self.clear:
            band = f"interval below {self.high:g}" if math.isinf(self.low) else f"interval above {self.low:g}"
        return f"{self.statistic} {band}"


@dataclass(frozen=True)
class PatternResult:
    """What became of a pattern at one set of parameters.

    Attributes
    ----------
    statistics
        By name; missing is NaN.
    intervals
        95% intervals by the names of the statistics; low = high where nothing is left to chance.
    holds
        Whether every check passes.
    reason
        Which checks fail, with numbers; empty where the pattern holds.
    curves
        What a figure shows, by name.
    """

    statistics: dict[str, float]
    intervals: dict[str, Span]
    holds: bool
    reason: str
    curves: dict[str, Curve] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """Statistics of one pattern, before anyone judges them."""

    statistics: dict[str, float]
    intervals: dict[str, Span]
    curves: dict[str, Curve] = field(default_factory=dict)


@dataclass(frozen=True)
class Pattern:
    """One pattern that a credible model shows.

    Attributes
    ----------
    number, name
        As in the list of patterns of the model's description.
    claim
        What is known of collaborations.
    source
        Who found it.
    setting
        Scenario, parameters, months and what is compared.
    reading
        Where the list leaves something open: how it is read here, and why each threshold is what it is.
    checks
        The thresholds.
    measure
        Works the statistics out.
    calibrated
        Whether the calibration may look at it; the others are held out.
    ablation
        Parameters under which it has to fail, else the test is too weak.
    ablation_why
        What they switch off.
    beside
        Said beside the reason where it fails: a sentence with statistics in braces.
    """

    number: int
    name: str
    claim: str
    source: str
    setting: str
    reading: str
    checks: tuple[Check, ...]
    measure: Callable[[Laboratory, int], Found]
    calibrated: bool
    ablation: Mapping[str, float]
    ablation_why: str
    beside: str = ""

    @property
    def used_for(self) -> str:
        """``calibration`` or ``held out``."""
        return "calibration" if self.calibrated else "held out"

    @property
    def threshold(self) -> str:
        """All its thresholds, in words."""
        return "; ".join(map(str, self.checks))

    def evaluate(
        self,
        parameters: Mapping[str, float] | None = None,
        worlds: int = WORLDS,
        seed: int = 0,
        schedule: Schedule = SCHEDULE,
        threads: int | None = None,
    ) -> PatternResult:
        """Test the pattern at one set of parameters.

        Parameters
        ----------
        parameters
            Overrides of the defaults.
        worlds
            How many worlds; patterns of a single tie (1 and 2) need none.
        seed
            Whose worlds.
        schedule
            The month.
        threads
            How many; all cores unless said.

        Returns
        -------
        PatternResult
        """
        return self.test(Laboratory(parameters or {}, seed, schedule, threads), worlds)

    def test(self, laboratory: Laboratory, worlds: int = WORLDS) -> PatternResult:
        """Test the pattern in a laboratory, which shares runs between the patterns tested in it."""
        result = judge(self.checks, self.measure(laboratory, worlds))
        if result.holds or not self.beside:
            return result
        return replace(result, reason=f"{result.reason}. {self.beside.format(**result.statistics)}")


def judge(checks: tuple[Check, ...], measured: Found) -> PatternResult:
    """Return the verdict that statistics call for.

    Parameters
    ----------
    checks
        The thresholds.
    measured
        The statistics; one that is not there counts as missing.
    """
    faults = []
    for check in checks:
        estimate = measured.statistics.get(check.statistic, math.nan)
        low, high = measured.intervals.get(check.statistic, (math.nan, math.nan))
        if not check.passes(estimate, (low, high)):
            faults.append(f"{check.meaning} is {shown(estimate, (low, high))}, not {_wanted(check)}")
    return PatternResult(
        dict(measured.statistics),
        dict(measured.intervals),
        not faults,
        "; ".join(faults),
        dict(measured.curves),
    )


def _wanted(check: Check) -> str:
    return str(check).removeprefix(f"{check.statistic} ")


def shown(estimate: float, interval: Span) -> str:
    """Return an estimate with its interval, as ``0.64 (0.59 to 0.69)``; without one where it is exact."""
    if math.isnan(estimate):
        return "missing"
    if math.isinf(estimate):
        return "beyond what was watched"
    if interval[0] == interval[1] == estimate:
        return f"{estimate:.3g}"
    return f"{estimate:.3g} ({interval[0]:.3g} to {interval[1]:.3g})"


def found(curves: dict[str, Curve] | None = None, **estimated: Estimated) -> Found:
    """Gather estimates with their intervals, by name."""
    return Found(
        {name: float(value) for name, (value, _) in estimated.items()},
        {name: (float(low), float(high)) for name, (_, (low, high)) in estimated.items()},
        curves or {},
    )


def exact(value: float) -> Estimated:
    """Return a statistic that leaves nothing to chance, with itself as its interval."""
    return float(value), (float(value), float(value))


def curve(x: Any, y: Any) -> Curve:
    """Return a curve of what has a value."""
    points = [(float(a), float(b)) for a, b in zip(x, y, strict=True) if math.isfinite(b)]
    return tuple(a for a, _ in points), tuple(b for _, b in points)
