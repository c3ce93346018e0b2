"""One run: the smallest ensemble, with everything that it ends in. Never imports Mesa."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim import saved_state
from collabsim.ensemble import Ensemble
from collabsim.errors import InputError
from collabsim.frames import check_world, network_of, organisations_frame, ties_frame
from collabsim.jobs import Results, Worker
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.state import Month, State

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Result:
    """What became of one run. Tables are made when they are first asked for.

    Attributes
    ----------
    scenario
        What was run.
    seed, world, luck
        In which world.
    outcomes
        Every outcome of the run, by name; missing is NaN.
    state
        The state at the end, to go on from (``run(..., start=result.state)``).
    measured
        (months, monthly outcomes) what was measured after each month that was run.
    work
        What the last month worked with.
    """

    scenario: Scenario
    seed: int
    world: int
    luck: int
    outcomes: dict[str, float]
    state: State = field(repr=False)
    measured: Any = field(repr=False)
    work: Month = field(repr=False)

    @cached_property
    def summary(self) -> pd.Series[float]:
        """Every outcome of the run, by name; missing is NaN."""
        import pandas as pd

        return pd.Series(self.outcomes, name="summary")

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """A row a month: ``month`` (0 is the first), then every monthly outcome, measured after the month."""
        import pandas as pd

        frame = pd.DataFrame(self.measured, columns=list(OUTCOMES))
        months = self.scenario.months
        frame.insert(0, "month", np.arange(months - len(frame), months))
        return frame

    @cached_property
    def organisations(self) -> pd.DataFrame:
        """A row an organisation, as it is at the end."""
        return organisations_frame(self.scenario, self.state)

    @cached_property
    def ties(self) -> pd.DataFrame:
        """A row a directed tie, as it is at the end."""
        return ties_frame(self.scenario, self.state, self.work)

    def network(self) -> nx.DiGraph:
        """Return the ties as a network: an edge leads from who trusts to whom is trusted."""
        return network_of(self.organisations, self.ties)

    def save_state(self, path: str | Path) -> None:
        """Write the state at the end to a file, to branch from (``run(..., start=path)``).

        Parameters
        ----------
        path
            Where to; ends in ``.npz``.
        """
        saved_state.write(path, self.state, self.scenario.partnership)


def run(
    scenario: Any = "scottish-partnership",
    *,
    programme: Any = None,
    months: int | None = None,
    seed: int | None = None,
    world: int | None = None,
    luck: int | None = None,
    schedule: Schedule = SCHEDULE,
    start: State | str | Path | None = None,
    **settings: Any,
) -> Result:
    """Run one scenario in one world.

    Parameters
    ----------
    scenario
        Bundled name, path, partnership or :class:`~collabsim.scenario.Scenario`.
    programme
        A bundled programme's name, in place of the scenario's own.
    months
        How long, in place of the scenario's own.
    seed, world, luck
        Which world (0 to 2**32 - 1 each), and another luck in it (0 to 65535); 0 unless said, or those of
        the state to start from.
    schedule
        The month, with rules of your own if you like.
    start
        A state to go on from, or the file of one that was saved; its months are not run again.
    **settings
        Practices, parameters and levers by name.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        In words, with every fault found.
    """
    made = Scenario.load(scenario).with_settings(programme, months, **settings)
    if isinstance(start, str | Path):
        start = saved_state.read(start, made.partnership)
    given = {"seed": seed, "world": world, "luck": luck}
    usual = {name: 0 if start is None else int(start.clock[0][name]) for name in given}
    where = check_world(*(usual[name] if value is None else value for name, value in given.items()))
    if made.notices:
        warnings.warn("; ".join(made.notices), stacklevel=2)
    ensemble = Ensemble([made], schedule)
    jobs = np.array([(*where, 0)], np.int64)
    if start is not None:
        check_start(start, ensemble)
    every, twin_of = ensemble._with_twins(jobs)
    results = Results(len(every), 1, ensemble.months, True)
    worker = Worker(ensemble, every, results, start, None)
    for job in reversed(range(len(every))):  # the run itself last, so that its state stays
        worker.call(job, job + 1)
    batch = ensemble._batch(jobs, twin_of, results, True)
    first = 0 if start is None else int(start.clock[0].month)
    return Result(
        made,
        *where,
        outcomes=_by_name(batch.summary[0]),
        state=worker.state,
        measured=batch.monthly[0][first:],
        work=worker.month,
    )


def _by_name(values: Any) -> dict[str, float]:
    return {name: float(value) for name, value in zip(ALL_OUTCOMES, values, strict=True)}


def check_start(start: State, ensemble: Ensemble) -> None:
    """Refuse a state that an ensemble cannot go on from.

    Raises
    ------
    InputError
        In words.
    """
    if len(start.organisation) != len(ensemble.partnership):
        raise InputError(
            f"the state to start from has {len(start.organisation)} organisations, the scenario "
            f"{len(ensemble.partnership)}"
        )
    if start.clock[0].month >= ensemble.months:
        raise InputError(
            f"the state to start from is at month {start.clock[0].month}, and the scenario ends at "
            f"{ensemble.months}"
        )


def evaluate(
    scenario: Any = "scottish-partnership",
    *,
    programme: Any = None,
    months: int | None = None,
    seed: int = 0,
    world: int = 0,
    luck: int = 0,
    schedule: Schedule = SCHEDULE,
    **settings: Any,
) -> dict[str, float]:
    """Run one scenario in one world and return its outcomes, for other people's tools.

    Parameters
    ----------
    scenario, programme, months, seed, world, luck, schedule, **settings
        As for :func:`run`.

    Returns
    -------
    dict
        Every outcome by name as a plain float, missing as NaN.
    """
    made = Scenario.load(scenario).with_settings(programme, months, **settings)
    where = check_world(seed, world, luck)
    batch = Ensemble([made], schedule).run(np.array([(*where, 0)]), threads=1)
    if batch.errors[0] is not None:
        raise RuntimeError(batch.errors[0])
    return _by_name(batch.summary[0])
