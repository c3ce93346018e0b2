"""Two waves of a survey: the parameters that best explain the change, and how well they are known.

The first wave says where trust starts. From there the model is run to the second wave at many points of the
parameter space, a world each, and the same summaries are taken of each run's change as of the survey's.
Regression of the parameters on the summaries condenses these to one number a parameter (Fearnhead & Prangle
2012); the points nearest in it are kept, and moved to where they would be had they hit the survey exactly
(Beaumont, Zhang & Balding 2002). What is left is a sample of parameters that could have made the change,
given where they might have been before: its quantiles are the intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.ensemble import Ensemble
from collabsim.errors import Faults, nearest
from collabsim.parameters import PARAMETERS
from collabsim.scenario import Scenario
from collabsim.state import State, part
from collabsim.study.calibration_space import Range, sample
from collabsim.study.change import HEADLINES, Survey, check_survey, summaries

if TYPE_CHECKING:
    import pandas as pd

PRIOR: dict[str, Range] = {
    "disposition": Range(0.20, 0.80, "strangers are met with caution to confidence"),
    "visibility": Range(0.30, 1.00, "a third of kept promises is noticed, to all"),
    "negativity": Range(1.00, 4.00, "a lapse weighs as much as a kept promise, to four times as much"),
    "memory": Range(0.90, 0.995, "evidence halves in half a year, to in eleven"),
    "reciprocation": Range(0.40, 0.95, "who expects much gives back under half of it, to nearly all"),
}
"""What is sought, and between which values, unless said otherwise: assumptions."""

POINTS = 3_000
KEPT = 0.2
"""The share of points that is kept."""

RIDGE = 30.0
"""How far the regression on summaries is drawn to 0, so that it does not take luck for a rule."""

CHUNK = 256
"""So many runs share one ensemble."""


@dataclass(frozen=True, slots=True)
class Table:
    """Runs from the first wave to the second, and what each changed.

    Attributes
    ----------
    names
        The parameters that are sought.
    low, high
        (parameters,) between which values.
    points
        (runs, parameters)
    summaries
        (runs, summaries)
    """

    names: tuple[str, ...]
    low: Any
    high: Any
    points: Any
    summaries: Any


@dataclass(frozen=True, slots=True)
class Explanation:
    """The parameters that could have made a change.

    Attributes
    ----------
    names
        The parameters.
    sample
        (kept, parameters) values, by weight.
    weights
        (kept,) summing to 1.
    low, high
        (parameters,) what was thought possible before.
    observed, expected
        The headline summaries of the survey, and (3, headlines) their 1st, 50th and 99th percentile over
        all runs.
    """

    names: tuple[str, ...]
    sample: Any
    weights: Any
    low: Any
    high: Any
    observed: Any
    expected: Any

    def interval(self, share: float = 0.9) -> Any:
        """Return (parameters, 3): the lower end, the median, and the upper end of a central interval."""
        at = np.array([(1 - share) / 2, 0.5, (1 + share) / 2])
        return np.array([_quantiles(column, self.weights, at) for column in self.sample.T])

    @property
    def learnt(self) -> Any:
        """(parameters,) by what share the survey narrowed the 90% interval."""
        ends = self.interval()
        return 1 - (ends[:, 2] - ends[:, 0]) / (0.9 * (self.high - self.low))

    @property
    def surprises(self) -> tuple[str, ...]:
        """The headline summaries in which the survey lies where hardly a run does."""
        low, _, high = self.expected
        return tuple(
            name
            for name, seen, least, most in zip(HEADLINES, self.observed, low, high, strict=True)
            if not least <= seen <= most
        )

    def sets(self, count: int, seed: int = 0) -> pd.DataFrame:
        """Draw plausible sets of parameters, a row each."""
        import pandas as pd

        rows = np.random.default_rng(seed).choice(len(self.sample), size=count, p=self.weights)
        return pd.DataFrame(self.sample[rows], columns=list(self.names))


def box_of(wanted: Mapping[str, tuple[float, float]] | None) -> dict[str, tuple[float, float]]:
    """Check which parameters are sought between which values.

    Raises
    ------
    InputError
        With every fault found.
    """
    if not wanted:
        return {name: (span.low, span.high) for name, span in PRIOR.items()}
    faults = Faults()
    for name, (low, high) in wanted.items():
        known = PARAMETERS.get(name)
        if known is None:
            faults.add(f"there is no parameter '{name}'{nearest(name, PARAMETERS)}")
        elif not known.low <= low < high <= known.high:
            faults.add(
                f"'{name}' is sought between two values from {known.low:g} to {known.high:g}, the lower first"
            )
    faults.settle()
    return dict(wanted)


def reference_table(
    scenario: Scenario, survey: Survey, *, box: Mapping[str, tuple[float, float]] | None = None,
    points: int = POINTS, seed: int = 0, threads: int | None = None,
) -> Table:  # fmt: skip
    """Run the model from the first wave to the second at many points.

    Parameters
    ----------
    scenario
        Who, starting from the first wave, and what was done in between.
    survey
        Which ties were answered, how long lies between, and on which scale.
    box
        Which parameters are sought between which values; those of :data:`PRIOR` unless given.
    points
        How many runs, each in a world of its own.
    seed
        Of the points and of the worlds.
    threads
        How many; all cores unless said.

    Raises
    ------
    InputError
        If the box names no parameter, or a survey says nothing.
    """
    check_survey(survey)
    spans = box_of(box)
    at = sample(points, seed, spans)
    trusts = second_waves(scenario, survey, tuple(spans), at, seed, threads)
    found = np.array([summaries(survey, one, scenario.partnership) for one in trusts])
    good = np.isfinite(found).all(axis=1)
    low, high = np.array(list(spans.values())).T
    return Table(tuple(spans), low, high, at[good], found[good])


def second_waves(
    scenario: Scenario,
    survey: Survey,
    names: Sequence[str],
    points: Any,
    seed: int,
    threads: int | None = None,
) -> Any:
    """Run the model at each point and ask as the survey asked.

    Returns
    -------
    numpy.ndarray
        (points, ties, 2) answers of the lower and of the higher end, NaN where the survey has none.
    """
    partnership = scenario.partnership
    count, known = len(points), len(partnership.ties)
    answers = np.full((count, known, 2), np.nan)
    noise = np.random.default_rng([seed, 2]).normal(0.0, 1.0, (count, known, 2)) * partnership.survey_error
    for first in range(0, count, CHUNK):
        here = points[first : first + CHUNK]
        made = [
            scenario.with_settings(None, survey.months, **dict(zip(names, point.tolist(), strict=True)))
            for point in here
        ]
        ensemble = Ensemble(made)
        jobs = [(seed, first + row, 0, row) for row in range(len(here))]
        parameters = [setting.parameters[0] for setting in ensemble.settings[: len(here)]]

        def look(job: int, state: State, first: int = first, parameters: list[Any] = parameters) -> None:
            answers[first + job] = trust_in(state, parameters[job], known)

        ensemble.ends(np.array(jobs), look, threads=threads)
    answers = np.clip(answers + noise, 0.0, 1.0)
    if survey.steps:
        answers = np.round(answers * survey.steps) / survey.steps
    answers[:, ~survey.both] = np.nan
    return answers


def trust_in(state: State, parameters: Any, known: int) -> Any:
    """Return (known, 2): what each end of the first pairs trusts the other, by what it remembers."""
    pair, side = part(state.pair, slice(known)), part(state.side, slice(known))
    found = np.empty((known, 2))
    for a, rows in enumerate((pair.lower, pair.higher)):
        own = state.organisation["disposition"][rows]
        towards = np.minimum(1.0, own + parameters["own_sector"] * pair.same_sector)
        evidence = side.kept[a] + side.broken[a] + parameters["prior_strength"]
        found[:, a] = (side.kept[a] + parameters["prior_strength"] * towards) / evidence
    return found


class Explainer:
    """Turns summaries of a change into the parameters that could have made it.

    Parameters
    ----------
    table
        Runs and what each changed.
    kept
        The share of runs that is kept.
    """

    def __init__(self, table: Table, kept: float = KEPT) -> None:
        self.table = table
        self.kept = max(60, round(kept * len(table.points)))
        self._centre = table.summaries.mean(axis=0)
        self._scale = np.maximum(table.summaries.std(axis=0), 1e-9)
        self._targets = self._stretched(table.points)
        self._mean = self._targets.mean(axis=0)
        x = self._features(table.summaries)
        gram = x.T @ x + RIDGE * np.eye(x.shape[1])
        self._weights = np.linalg.solve(gram, x.T @ (self._targets - self._mean))
        self._condensed = x @ self._weights
        self._unit = np.maximum(self._condensed.std(axis=0), 1e-9)

    def _stretched(self, points: Any) -> Any:
        """Put values between their ends onto the whole line, so that moving them never leaves the ends."""
        share = np.clip((points - self.table.low) / (self.table.high - self.table.low), 1e-4, 1 - 1e-4)
        return np.log(share / (1 - share))

    def _features(self, found: Any) -> Any:
        """Return summaries in units of their spread, with squares and products."""
        z = np.clip((np.atleast_2d(found) - self._centre) / self._scale, -6, 6)
        one, other = np.triu_indices(z.shape[1])
        return np.hstack([z, z[:, one] * z[:, other] - (one == other)])

    def explain(self, found: Any) -> Explanation:
        """Find the parameters that could have made a change.

        Parameters
        ----------
        found
            (summaries,) of the survey.
        """
        here = (self._features(found) @ self._weights)[0]
        away = (self._condensed - here) / self._unit
        distance = np.sqrt((away**2).sum(axis=1))
        near = np.argsort(distance, kind="stable")[: self.kept]
        reach = max(float(distance[near[-1]]), 1e-9)
        weights = 1 - (distance[near] / reach) ** 2  # Epanechnikov's kernel
        design = np.hstack([np.ones((len(near), 1)), away[near]])
        weighted = design * weights[:, None]
        fit = np.linalg.lstsq(weighted.T @ design, weighted.T @ self._targets[near], rcond=None)[0]
        moved = self._targets[near] - away[near] @ fit[1:]
        table = self.table
        values = table.low + (table.high - table.low) / (1 + np.exp(-np.clip(moved, -30, 30)))
        headlines = len(HEADLINES)
        return Explanation(
            table.names, values, weights / weights.sum(), table.low, table.high,
            np.asarray(found)[:headlines],
            np.quantile(table.summaries[:, :headlines], (0.01, 0.5, 0.99), axis=0),
        )  # fmt: skip


def _quantiles(values: Any, weights: Any, at: Any) -> Any:
    """Return weighted quantiles."""
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.interp(at, share, values[order])


def explain_change(
    scenario: Scenario, survey: Survey, *, box: Mapping[str, tuple[float, float]] | None = None,
    points: int = POINTS, seed: int = 0, threads: int | None = None,
) -> Explanation:  # fmt: skip
    """Find the parameters that best explain the change between two waves, and how well they are known.

    Parameters
    ----------
    scenario, survey, box, points, seed, threads
        As for :func:`reference_table`.

    Raises
    ------
    InputError
        If the box names no parameter, or the survey says nothing of a change.
    """
    table = reference_table(scenario, survey, box=box, points=points, seed=seed, threads=threads)
    return Explainer(table).explain(summaries(survey, survey.second, scenario.partnership))
