"""Jobs, and what one thread does with them; :class:`collabsim.ensemble.Ensemble` says which there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.driver import Found
from collabsim.outcomes import OUTCOMES
from collabsim.state import State

if TYPE_CHECKING:
    from collabsim.ensemble import Ensemble


PIECE = 32
"""How many jobs a thread takes at a time, at most."""


class Results:
    """Where the threads put what they find; each job has its own rows."""

    def __init__(self, jobs: int, wanted: int, months: int, monthly: bool) -> None:
        self.summary = np.full((jobs, len(OUTCOMES) + 2), np.nan)
        self.advantage = np.full((jobs, months), np.nan)
        self.monthly = np.full((jobs if monthly else 0, months, len(OUTCOMES)), np.nan)
        self.errors: dict[int, str] = {}
        self.wanted = wanted


class Worker:
    """One thread's arrays, and what it does with a piece of the jobs."""

    def __init__(
        self, ensemble: Ensemble, jobs: Any, results: Results, origin: State | None, progress: Any,
        look: Callable[[int, State], None] | None = None,
    ) -> None:  # fmt: skip
        self.ensemble, self.jobs, self.results = ensemble, jobs, results
        self.progress, self.look = progress, look
        self.state, self.month = ensemble.arrays()
        if origin is not None and len(origin.pair.lower) > len(self.state.pair.lower):
            self.state, self.month = ensemble.arrays(len(origin.pair.lower))
        self.origin = origin
        months = ensemble.months
        self.scratch = (np.empty((months, len(OUTCOMES))), np.empty(months), np.empty(months))

    def run(self, first: int, last: int) -> None:
        """Run jobs [first, last); where one fails, the others are run all the same."""
        try:
            self.call(first, last)
        except Exception as error:
            if last - first == 1:
                self.results.errors[first] = f"{type(error).__name__}: {error}"
            else:
                for job in range(first, last):
                    self.run(job, job + 1)
                return
        if self.progress is not None:
            self.progress(max(0, min(last, self.results.wanted) - first))

    def call(self, first: int, last: int) -> None:
        """Run jobs [first, last), or raise what one of them raises."""
        if self.look is None:
            self._go(first, last)
            return
        for job in range(first, last):
            self._go(job, job + 1)
            self.look(job, self.state)

    def _go(self, first: int, last: int) -> None:
        results, done = self.results, 0
        keep = len(results.monthly) > 0
        rows, joint, held = self.scratch
        found = Found(
            joint, held, results.summary[first:last], results.advantage[first:last],
            results.monthly[first:last],
        )  # fmt: skip
        while True:
            done = self.ensemble.schedule.driver.run_jobs(
                self.state, self.month, self.origin, self.ensemble.given, rows, found, self.jobs[first:last],
                done, keep,
            )  # fmt: skip
            if done == last - first:
                return
            room = 2 * len(self.state.pair.lower)  # introductions opened more ties than there was room for
            self.state, self.month = self.ensemble.arrays(room)


def pieces_of(count: int, workers: int = 1) -> Iterator[tuple[int, int]]:
    """Cut [0, count) into pieces: smaller towards the end, so that threads end within a job of each other."""
    first = 0
    while first < count:
        size = max(1, min(PIECE, (count - first) // (2 * workers)))
        yield first, min(first + size, count)
        first += size
