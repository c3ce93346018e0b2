"""Where patterns are tested: runs at one set of parameters, shared between patterns.

Runs are kept for as long as the laboratory is.

Nothing outlives it and no laboratory knows of another, so they can be made in any number of threads or
processes at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np

from collabsim.driver import given_of
from collabsim.ensemble import Ensemble
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.parameters import PARAMETERS, check_parameters
from collabsim.scenario import Scenario, asks_table
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.state import new_month, new_state

PARTNERSHIP = "scottish-partnership"
"""The partnership on which patterns are tested, unless they need another."""

MONTHS = 72
OUTCOME = {name: column for column, name in enumerate(ALL_OUTCOMES)}
"""The column of each outcome of a run."""

PIECE = 256
"""Runs whose every month is held in memory at a time."""


@cache
def partnership_as_it_is() -> Scenario:
    """Return the partnership without programme or shocks (a constant: bundled data, read once)."""
    return Scenario.load(PARTNERSHIP).untreated()


class Laboratory:
    """Runs at one set of parameters.

    Parameters
    ----------
    parameters
        Overrides of the defaults. What a pattern's own setting says goes before them.
    seed
        Whose worlds.
    schedule
        The month.
    threads
        How many; all cores unless said.
    curves
        Whether to run what only figures need, too.
    """

    def __init__(
        self,
        parameters: Mapping[str, float],
        seed: int = 0,
        schedule: Schedule = SCHEDULE,
        threads: int | None = None,
        curves: bool = False,
    ) -> None:
        self.parameters = check_parameters(parameters)
        self.seed, self.schedule, self.threads = seed, schedule, threads
        self.curves = curves
        self._kept: dict[tuple[str, int, int], Any] = {}

    def parameter(self, name: str) -> float:
        """Return a parameter's value here, of a lever its base value."""
        return float(self.parameters.get(name, PARAMETERS[name].default))

    def scenario(self, base: Scenario | None = None, months: int = MONTHS, **settings: Any) -> Scenario:
        """Return a scenario at these parameters.

        Parameters
        ----------
        base
            What it starts from: the Scottish partnership without programme unless said.
        months
            How long.
        **settings
            As for :meth:`~collabsim.scenario.Scenario.with_settings`; they go before the parameters.
        """
        programme = settings.pop("programme", None)
        made = partnership_as_it_is() if base is None else base
        return made.with_settings(programme, months, **(self.parameters | settings))

    def outcomes(self, scenarios: Sequence[Scenario], worlds: int, lucks: int = 1) -> Any:
        """Run scenarios of one partnership and length, each in the same worlds.

        Parameters
        ----------
        scenarios
            What to run; what was run here before is not run again.
        worlds
            Worlds 0 to ``worlds`` - 1.
        lucks
            Each world with lucks 0 to ``lucks`` - 1.

        Returns
        -------
        numpy.ndarray
            (scenarios, worlds, lucks, outcomes), columns as :data:`OUTCOME`, missing is NaN.

        Raises
        ------
        RuntimeError
            If a run fails.
        """
        ensemble = Ensemble(scenarios, self.schedule)
        keys = [(ensemble.outcomes_identity(k), worlds) for k in range(len(scenarios))]
        jobs = [
            (self.seed, world, luck, k)
            for k, key in enumerate(keys)
            for luck in range(lucks)
            if (*key, luck) not in self._kept and keys.index(key) == k
            for world in range(worlds)
        ]
        if jobs:
            rows = _good(ensemble.run(np.array(jobs, np.int64), threads=self.threads)).summary
            for first in range(0, len(jobs), worlds):
                _, _, luck, k = jobs[first]
                self._kept[(*keys[k], luck)] = rows[first : first + worlds]
        return np.array([np.stack([self._kept[(*key, luck)] for luck in range(lucks)], 1) for key in keys])

    def unlike(self, scenarios: Sequence[Scenario]) -> Any:
        """Run each scenario once, scenario k in world k.

        Returns
        -------
        numpy.ndarray
            (scenarios, outcomes)
        """
        jobs = np.array([(self.seed, k, 0, k) for k in range(len(scenarios))], np.int64)
        return _good(Ensemble(scenarios, self.schedule).run(jobs, threads=self.threads)).summary

    def paths(self, scenarios: Sequence[Scenario], worlds: int, outcome: str) -> Any:
        """Run scenarios and keep every month of one outcome.

        Returns
        -------
        numpy.ndarray
            (scenarios, worlds, months)
        """
        ensemble = Ensemble(scenarios, self.schedule)
        jobs = np.array(
            [(self.seed, world, 0, k) for k in range(len(scenarios)) for world in range(worlds)], np.int64
        )
        kept = np.empty((len(jobs), ensemble.months))
        column = list(OUTCOMES).index(outcome)
        for first in range(0, len(jobs), PIECE):
            batch = _good(ensemble.run(jobs[first : first + PIECE], threads=self.threads, monthly=True))
            kept[first : first + PIECE] = batch.monthly[:, :, column]
        return kept.reshape(len(scenarios), worlds, ensemble.months)

    def walk(self, scenario: Scenario, worlds: int, tell: Callable[[Walk, int], Any]) -> list[Any]:
        """Play each world month by month, for what the outcomes do not tell.

        Parameters
        ----------
        scenario
            What is played.
        worlds
            Worlds 0 to ``worlds`` - 1.
        tell
            ``tell(walk, world)`` plays the months of a world that has begun, and returns what is wanted.

        Returns
        -------
        list
            What was told, by world.
        """
        workers = max(1, min(self.threads or os.cpu_count() or 1, worlds))
        _ = self.schedule.driver  # compiled, or loaded, once and not by every thread

        def work(mine: range) -> list[Any]:
            walk = Walk(scenario, self.schedule)
            told = []
            for world in mine:
                walk.begin(self.seed, world)
                told.append(tell(walk, world))
            return told

        if workers == 1:
            return work(range(worlds))
        shares = [range(k, worlds, workers) for k in range(workers)]
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(work, shares))
        return [parts[world % workers][world // workers] for world in range(worlds)]


class Walk:
    """One partnership, played month by month by the compiled month.

    Parameters
    ----------
    scenario
        What is played.
    schedule
        The month.

    Attributes
    ----------
    state, month
        The arrays as they are now.
    """

    def __init__(self, scenario: Scenario, schedule: Schedule) -> None:
        setting = scenario.compile()
        n = len(setting.partnership)
        room = max(1, n * (n - 1) // 2)
        self.state = new_state(n, room)
        self.month = new_month(n, room, asks_table(), setting.entries, setting.coverage)
        self.parameters = setting.parameters.view(np.recarray)
        self.driver = schedule.driver
        spans = np.array([[0, len(setting.entries)]])
        self._given = given_of(
            self.parameters, spans, setting.partnership.organisations, setting.partnership.ties
        )
        self._row = np.empty(len(OUTCOMES))

    def begin(self, seed: int, world: int) -> None:
        """Begin a world."""
        self.driver.begin_world(self.state, self.month, self._given, (seed, world, 0, 0))

    def play(self, months: int = 1) -> None:
        """Play months; trust is worked out anew after each."""
        for _ in range(months):
            self.driver.one_month(self.state, self.month, self._given, self._row)

    @property
    def known(self) -> int:
        """How many pairs were known at the start."""
        return int(self.state.clock[0].known)

    @property
    def met(self) -> Any:
        """The pairs that met in the month just played."""
        return self.month.met[: int(self.state.clock[0].met)]


def _good(batch: Any) -> Any:
    """Return a batch all of whose runs went well."""
    failed = [error for error in batch.errors if error is not None]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(batch.errors)} runs failed; the first: {failed[0]}")
    return batch
