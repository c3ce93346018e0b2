"""How outcomes run over time: means over windows of months, for scenarios compared world by world.

The mean of a run's last months says where it ended, and what ran last has the advantage there. Orders and
start months are therefore compared over several windows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collabsim.ensemble import Ensemble
from collabsim.errors import InputError
from collabsim.outcomes import OUTCOMES
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study.paired import OUTCOME, Estimate, interval

PIECE = 1024
"""Runs whose months are held in memory at a time, all their outcomes with them."""


@dataclass(frozen=True)
class Paths:
    """One outcome, month by month, of several scenarios in the same worlds.

    Attributes
    ----------
    values
        Name of the scenario to (worlds, months) values.
    outcome
        Which outcome.
    """

    values: Mapping[str, Any]
    outcome: str

    def window(self, name: str, first: int, last: int) -> Any:
        """Return (worlds,) means over months [first, last), cut off at the end of the run.

        Months are added in their order, so that the mean is the same to the bit everywhere. Missing months
        make it missing.

        Raises
        ------
        InputError
            If there is no such scenario, or no month in the window.
        """
        if name not in self.values:
            raise InputError(f"there is no scenario '{name}' among {', '.join(self.values)}")
        months = self.values[name]
        last = min(last, months.shape[1])
        if not 0 <= first < last:
            raise InputError(f"the window [{first}, {last}) has no month of the {months.shape[1]}")
        total = np.zeros(len(months))
        for month in range(first, last):
            total += months[:, month]
        return total / (last - first)

    def difference(self, one: str, other: str, first: int, last: int) -> Estimate:
        """Return the mean over a window of one scenario less that of another, in the same world."""
        return interval(self.window(one, first, last) - self.window(other, first, last))

    def difference_of_means(
        self, ones: Sequence[str], others: Sequence[str], first: int, last: int
    ) -> Estimate:
        """Return the difference, in the same world, between the averages of two groups of scenarios."""
        worlds = len(next(iter(self.values.values())))
        sums = []
        for group in (ones, others):
            total = np.zeros(worlds)
            for name in group:
                total += self.window(name, first, last)
            sums.append(total / len(group))
        return interval(sums[0] - sums[1])


def paths(
    scenarios: Mapping[str, Scenario],
    worlds: int,
    *,
    seed: int = 0,
    outcome: str = OUTCOME,
    workers: int | None = None,
    schedule: Schedule = SCHEDULE,
    progress: Callable[[int], None] | None = None,
) -> Paths:
    """Run scenarios of one partnership and length in the same worlds, and keep every month of an outcome.

    Parameters
    ----------
    scenarios
        By name.
    worlds, seed
        Worlds 0 to ``worlds`` - 1 of this seed.
    outcome
        A monthly outcome.
    workers, schedule, progress
        As for :func:`collabsim.study.sweep.sweep`.

    Raises
    ------
    InputError
        If there is no such monthly outcome, or partnerships or months differ.
    RuntimeError
        If a run fails.
    """
    if outcome not in OUTCOMES:
        raise InputError(f"'{outcome}' is not a monthly outcome; they are {', '.join(OUTCOMES)}")
    column = list(OUTCOMES).index(outcome)
    ensemble = Ensemble(list(scenarios.values()), schedule)
    jobs = np.array([(seed, w, 0, k) for k in range(len(scenarios)) for w in range(worlds)], np.int64)
    kept = np.empty((len(jobs), ensemble.months))
    for first in range(0, len(jobs), PIECE):
        piece = jobs[first : first + PIECE]
        batch = ensemble.run(piece, threads=workers, monthly=True, progress=progress)
        for job, error in zip(piece.tolist(), batch.errors, strict=True):
            if error is not None:
                raise RuntimeError(f"world {job[1]} of '{list(scenarios)[job[3]]}' failed: {error}")
        kept[first : first + len(piece)] = batch.monthly[:, :, column]
    shaped = kept.reshape(len(scenarios), worlds, ensemble.months)
    return Paths({name: shaped[k] for k, name in enumerate(scenarios)}, outcome)
