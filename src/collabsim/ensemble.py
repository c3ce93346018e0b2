"""Many runs, compiled, on all cores. Never imports Mesa.

A job is (seed, world, luck, setting). Every job starts from nothing but these, so results do not depend on
how jobs are cut into pieces, in which order they run, or on how many threads.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from collabsim.driver import Given, given_of
from collabsim.errors import CollabsimError, InputError
from collabsim.jobs import PIECE, Results, Worker, pieces_of
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.scenario import Scenario, asks_table
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.state import ENTRY_DTYPE, SMALL, Month, State, new_month, new_state
from collabsim.summary import lasting_gains, lasting_span

JOB_FIELDS = ("seed", "world", "luck", "setting")


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of a number of jobs, in the order of the jobs.

    Attributes
    ----------
    summary
        (jobs, outcomes) columns as :data:`~collabsim.outcomes.ALL_OUTCOMES`, NaN where missing.
    monthly
        (jobs, months, outcomes) as :data:`~collabsim.outcomes.OUTCOMES`, or None unless asked for.
    errors
        For each job the error that ended it, or None.
    """

    summary: Any
    monthly: Any
    errors: tuple[str | None, ...]


class Ensemble:
    """Settings of one partnership and length, ready to run in any world.

    Parameters
    ----------
    scenarios
        What to run, by position; all with the same partnership and months.
    schedule
        The month.

    Raises
    ------
    InputError
        If partnerships or months differ.
    """

    def __init__(self, scenarios: Sequence[Scenario], schedule: Schedule = SCHEDULE) -> None:
        settings = [scenario.compile() for scenario in scenarios]
        if not settings:
            raise InputError("an ensemble needs at least one scenario")
        if len({(id(setting.partnership), setting.months) for setting in settings}) > 1:
            raise InputError("the scenarios of one ensemble share their partnership and months")
        self.schedule = schedule
        self.partnership = settings[0].partnership
        self.months = settings[0].months
        self.count = len(settings)
        self._twins: list[int] = []
        self._spans: list[tuple[int, int] | None] = []
        known = {setting.identity: place for place, setting in reversed(list(enumerate(settings)))}
        for scenario in scenarios:  # the same world untreated, for what lasts
            span = lasting_span(scenario)
            self._spans.append(span)
            if span is None:
                self._twins.append(-1)
                continue
            twin = scenario.untreated().compile()
            if twin.identity not in known:
                known[twin.identity] = len(settings)
                settings.append(twin)
            self._twins.append(known[twin.identity])
        self.settings = tuple(settings)
        self.days = np.array([scenario.facilitator_days for scenario in scenarios])
        self._costs = [scenario.own_costs for scenario in scenarios]
        self._pack()

    def _pack(self) -> None:
        """Lay all settings out in the arrays that the compiled loop reads."""
        rows: dict[bytes, int] = {}
        coverage: list[Any] = []
        entries: list[tuple[Any, ...]] = []
        spans = []
        for setting in self.settings:
            first = len(entries)
            for entry in setting.entries:
                members = setting.coverage[entry["coverage"]]
                row = rows.setdefault(members.tobytes(), len(rows))
                if row == len(coverage):
                    coverage.append(members)
                entries.append((*entry.tolist()[:3], row, entry["strength"]))
            spans.append((first, len(entries)))
        n = len(self.partnership)
        self._entries = np.array(entries, ENTRY_DTYPE)
        self._coverage = np.array(coverage, np.int64).reshape(len(coverage), n)
        self.given = given_of(
            np.concatenate([setting.parameters for setting in self.settings]),
            np.array(spans, np.int64).reshape(len(spans), 2),
            self.partnership.organisations,
            self.partnership.ties,
            self.partnership.survey_error,
        )

    def arrays(self, room: int | None = None) -> tuple[State, Month]:
        """Make the arrays that one thread works in."""
        n = len(self.partnership)
        every = n * (n - 1) // 2
        known = len(self.partnership.ties)
        if room is None:
            room = every if n <= SMALL else known + 2 * n
        room = max(1, min(room, every))
        return new_state(n, room), new_month(n, room, asks_table(), self._entries, self._coverage)

    def run(
        self,
        jobs: Any,
        *,
        threads: int | None = None,
        monthly: bool = False,
        progress: Callable[[int], None] | None = None,
        origin: State | None = None,
    ) -> Batch:
        """Run jobs.

        Parameters
        ----------
        jobs
            (jobs, 4) whole numbers: seed, world, luck and the position of the scenario.
        threads
            How many; all cores unless said.
        monthly
            Whether to keep every month's outcomes.
        progress
            Called with 0 when the month is compiled, then with the number of jobs just done, from any thread.
        origin
            A saved state to go on from, in place of the start of each world.

        Returns
        -------
        Batch
        """
        self.schedule.ready()
        if progress is not None:
            progress(0)  # what is timed begins now
        jobs = np.ascontiguousarray(jobs, np.int64).reshape(-1, len(JOB_FIELDS))
        wanted = len(jobs)
        every, twin_of = self._with_twins(jobs)
        results = Results(len(every), wanted, self.months, monthly)
        workers = max(1, min(threads or os.cpu_count() or 1, -(-len(every) // PIECE)))
        if workers == 1:
            worker = Worker(self, every, results, origin, progress)
            for piece in pieces_of(len(every)):
                worker.run(*piece)
        else:
            self._on_threads(workers, every, results, origin, progress)
        return self._batch(jobs, twin_of, results, monthly)

    def ends(
        self, jobs: Any, look: Callable[[int, State], None], *, threads: int | None = None
    ) -> tuple[str | None, ...]:
        """Run jobs, and look at the state that each ends in.

        Parameters
        ----------
        jobs
            As for :meth:`run`.
        look
            Called with the job's position and the state at its end, from any thread; the state is used again
            for the next job, so what is wanted of it must be copied.
        threads
            How many; all cores unless said.

        Returns
        -------
        tuple
            For each job the error that ended it, or None.
        """
        self.schedule.ready()
        jobs = np.ascontiguousarray(jobs, np.int64).reshape(-1, len(JOB_FIELDS))
        results = Results(len(jobs), len(jobs), self.months, False)
        workers = max(1, min(threads or os.cpu_count() or 1, -(-len(jobs) // PIECE)))
        self._on_threads(workers, jobs, results, None, None, look)
        return tuple(results.errors.get(job) for job in range(len(jobs)))

    def _on_threads(
        self,
        workers: int,
        jobs: Any,
        results: Results,
        origin: State | None,
        progress: Any,
        look: Callable[[int, State], None] | None = None,
    ) -> None:
        pieces, lock = pieces_of(len(jobs), workers), threading.Lock()
        stop = threading.Event()

        def work() -> None:
            worker = Worker(self, jobs, results, origin, progress, look)
            while not stop.is_set():
                with lock:
                    piece = next(pieces, None)
                if piece is None:
                    return
                worker.run(*piece)

        with ThreadPoolExecutor(workers) as pool:
            futures = [pool.submit(work) for _ in range(workers)]
            try:
                for future in futures:
                    future.result()
            finally:
                stop.set()

    def _with_twins(self, jobs: Any) -> tuple[Any, Any]:
        """Add the untreated twins that the jobs need and that are not among them."""
        twin_of = np.full(len(jobs), -1)
        twins = np.array(self._twins)[jobs[:, 3]]
        treated = np.flatnonzero(twins >= 0)
        known = np.flatnonzero(np.isin(jobs[:, 3], twins[treated]))
        places = {tuple(job): place for job, place in zip(jobs[known].tolist(), known.tolist(), strict=True)}
        extra: list[tuple[int, ...]] = []
        for place, (seed, world, luck, setting) in zip(
            treated.tolist(), jobs[treated].tolist(), strict=True
        ):
            key = (seed, world, luck, self._twins[setting])
            if key not in places:
                places[key] = len(jobs) + len(extra)
                extra.append(key)
            twin_of[place] = places[key]
        if not extra:
            return jobs, twin_of
        return np.concatenate([jobs, np.array(extra, np.int64)]), twin_of

    def _batch(self, jobs: Any, twin_of: Any, results: Results, monthly: bool) -> Batch:
        count = len(jobs)
        summary = np.full((count, len(ALL_OUTCOMES)), np.nan)
        summary[:, : results.summary.shape[1]] = results.summary[:count]
        names = list(ALL_OUTCOMES)
        for setting, span in enumerate(self._spans):
            if span is None:
                continue
            here = np.flatnonzero((jobs[:, 3] == setting) & (twin_of >= 0))
            summary[here, names.index("lasting_gain")] = lasting_gains(
                results.advantage[here], results.advantage[twin_of[here]], span
            )
        summary[:, names.index("facilitator_days")] = self.days[jobs[:, 3]]
        errors = tuple(results.errors.get(job) for job in range(count))
        for job, error in enumerate(errors):
            if error is not None:
                summary[job] = np.nan
        return Batch(summary, results.monthly[:count] if monthly else None, errors)

    def given_to(self, setting: int) -> Given:
        """Return what the runs of one setting are told, by its position."""
        return self.given._replace(params=self.given.params[setting : setting + 1])

    def months_of(
        self, seed: int, world: int, luck: int = 0, setting: int = 0
    ) -> Iterator[tuple[State, Month]]:
        """Play one run month by month, for what only its arrays show.

        Parameters
        ----------
        seed, world, luck
            Where it takes place.
        setting
            The position of the scenario.

        Yields
        ------
        State, Month
            The live arrays: as the world begins, and then after each month, bit for bit as :meth:`run` has
            them. They are written over by the next month.

        Raises
        ------
        CollabsimError
            If there is no room for the ties that a month opens.
        """
        driver, given = self.schedule.driver, self.given_to(setting)
        row, room, shown = np.empty(len(OUTCOMES)), None, 0
        while True:
            state, month = self.arrays(room)
            driver.begin_world(state, month, self.given, (seed, world, luck, setting))
            played = 0
            while True:
                if played >= shown:
                    yield state, month
                    shown = played + 1
                if played == self.months:
                    return
                if not driver.one_month(state, month, given, row):
                    break
                played += 1
            if room is not None and room >= 4 * len(self.partnership) ** 2:
                raise CollabsimError(f"there is no room for the ties that month {played} opens")
            room = 2 * len(state.pair.lower)  # begin again with more; the same draws lead to the same place

    def outcomes_identity(self, setting: int) -> str:
        """Say what the outcomes of a scenario depend on besides rules and world, by its position.

        Scenarios that run alike still differ in facilitator-days where they have costs of their own.
        """
        costs, identity = self._costs[setting], self.settings[setting].identity
        return f"{identity} costs {costs}" if costs else identity

    def run_identity(self, seed: int, world: int, luck: int, setting: int) -> str:
        """Return the identity of a run: 16 hexadecimal digits of a hash of all that it depends on."""
        text = f"{self.schedule.identity} {self.outcomes_identity(setting)} {seed} {world} {luck}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]
