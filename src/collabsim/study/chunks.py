"""Some runs of a sweep, computed together and laid out as a table.

A run starts from nothing but its own point and world (and the state to branch from), so a chunk has the
same bits on any number of threads and with whatever other runs it is computed.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.ensemble import Ensemble
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.single_run import check_start
from collabsim.state import State
from collabsim.study.own_outcomes import OwnOutcomes, measure
from collabsim.study.plan import NAMED, WINDOWS, Plan

if TYPE_CHECKING:
    import pyarrow as pa

Report = Callable[[int], None]
"""Called with the number of runs just done, or with 0 when the first is about to begin."""


@dataclass(frozen=True)
class Work:
    """What the runs of a sweep depend on, besides point and world, and what is kept of them.

    Attributes
    ----------
    plan
        The points and worlds.
    schedule
        The month.
    outcomes
        Outcomes of the user's own.
    start
        A state that every run goes on from, or None.
    every
        Keep every so manieth month; 0 keeps none.
    """

    plan: Plan
    schedule: Schedule = SCHEDULE
    outcomes: OwnOutcomes = field(default_factory=dict)
    start: State | None = None
    every: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of numbers that are measured."""
        return (*ALL_OUTCOMES, *self.outcomes)


@dataclass(frozen=True)
class Chunk:
    """Some runs.

    Attributes
    ----------
    places, worlds
        (runs,) position of the point and number of the world of each.
    identities
        16 hexadecimal digits each.
    values
        (runs, columns) as :attr:`Work.columns`, NaN where missing.
    errors
        For each run the error that ended it, or None.
    monthly
        Of those of each length: their rows here, and (rows, months, outcomes).
    """

    places: Any
    worlds: Any
    identities: list[str]
    values: Any
    errors: list[str | None]
    monthly: list[tuple[Any, Any]]


class Notices:
    """Tells what a user should know about scenarios, once each."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def __call__(self, scenario: Scenario) -> None:
        """Tell what should be known about a scenario."""
        for notice in scenario.notices:
            self.tell(notice)

    def tell(self, notice: str) -> None:
        """Tell a notice, if it has not been told."""
        if notice not in self.told:
            self.told.add(notice)
            warnings.warn(notice, stacklevel=2)


def compute(
    work: Work,
    places: Any,
    worlds: Any,
    *,
    threads: int | None = None,
    report: Report | None = None,
    notice: Callable[[Scenario], None] | None = None,
) -> Chunk:
    """Run some runs.

    Parameters
    ----------
    work
        Of which sweep.
    places, worlds
        (runs,) position of the point and number of the world of each.
    threads
        How many; all cores unless said.
    report
        Told how many are done.
    notice
        Told of every scenario.
    """
    places, worlds = np.asarray(places, np.int64), np.asarray(worlds, np.int64)
    values = np.full((len(places), len(work.columns)), np.nan)
    identities: list[str] = [""] * len(places)
    errors: list[str | None] = [None] * len(places)
    monthly = []
    lock = threading.Lock()

    def done(count: int) -> None:
        if report is not None:
            with lock:
                report(count)

    for rows, settings, scenarios in _groups(work.plan, places):
        if notice is not None:
            for scenario in scenarios:
                notice(scenario)
        ensemble = Ensemble(scenarios, work.schedule)
        if work.start is not None:
            check_start(work.start, ensemble)
        fixed = np.full(len(rows), work.plan.seed), np.zeros(len(rows), np.int64)
        jobs = np.stack([fixed[0], worlds[rows], fixed[1], settings], axis=1).astype(np.int64)
        months = work.every > 0 or len(work.outcomes) > 0
        batch = ensemble.run(jobs, threads=threads, monthly=months, progress=done, origin=work.start)
        values[rows, : len(ALL_OUTCOMES)] = batch.summary
        ended = list(batch.errors)
        if work.outcomes:
            values[rows, len(ALL_OUTCOMES) :] = measure(work.outcomes, batch.monthly, ended)
        for row, job, error in zip(rows.tolist(), jobs.tolist(), ended, strict=True):
            identities[row], errors[row] = ensemble.run_identity(*job), error
        if work.every:
            monthly.append((rows, batch.monthly))
    return Chunk(places, worlds, identities, values, errors, monthly)


def _groups(plan: Plan, places: Any) -> Iterator[tuple[Any, Any, list[Scenario]]]:
    """Part runs by partnership and months, as an ensemble needs them.

    Yields
    ------
    rows, settings, scenarios
        The rows of the runs, and for each the position of its scenario among these scenarios.
    """
    distinct, where = np.unique(places, return_inverse=True)
    scenarios = [plan.scenario_at(int(place)) for place in distinct]
    groups: dict[tuple[int, int], list[int]] = {}
    for number, scenario in enumerate(scenarios):
        groups.setdefault((id(scenario.partnership), scenario.months), []).append(number)
    for members in groups.values():
        position = np.full(len(distinct), -1)
        position[members] = np.arange(len(members))
        rows = np.flatnonzero(position[where] >= 0)
        yield rows, position[where[rows]], [scenarios[number] for number in members]


def measured(work: Work, chunk: Chunk) -> pa.Table:
    """Lay out what was found: ``run``, ``world``, every outcome, ``error``; what is missing is null."""
    import pyarrow as pa

    columns: dict[str, Any] = {
        "run": pa.array(chunk.identities, pa.string()),
        "world": pa.array(chunk.worlds, pa.int64()),
    }
    for place, name in enumerate(work.columns):
        columns[name] = pa.array(np.ascontiguousarray(chunk.values[:, place]), from_pandas=True)
    columns["error"] = pa.array(chunk.errors, pa.string())
    return pa.table(columns)


def measured_monthly(work: Work, chunk: Chunk) -> pa.Table:
    """Lay out the months that are kept: ``row`` of the run in the chunk, ``month`` and the outcomes.

    Of every so many months the last is kept, and the last month of the run.
    """
    import pyarrow as pa

    tables = []
    for rows, monthly in chunk.monthly:
        length = monthly.shape[1]
        kept = np.unique(np.append(np.arange(work.every - 1, length, work.every), length - 1))
        columns: dict[str, Any] = {
            "row": pa.array(np.repeat(rows, len(kept)), pa.int64()),
            "month": pa.array(np.tile(kept, len(rows)), pa.int64()),
        }
        for place, name in enumerate(OUTCOMES):
            columns[name] = pa.array(monthly[:, kept, place].ravel(), from_pandas=True)
        tables.append(pa.table(columns))
    whole = pa.concat_tables(tables)
    return whole if len(tables) == 1 else whole.sort_by([("row", "ascending"), ("month", "ascending")])


def with_levels(plan: Plan, table: pa.Table, places: Any) -> pa.Table:
    """Put the columns that follow from the plan into a table of :func:`measured`.

    Parameters
    ----------
    plan
        Of which sweep.
    table
        Columns ``run``, ``world`` and what was measured.
    places
        (rows,) the position of each row's point.

    Returns
    -------
    pyarrow.Table
        ``run``, ``point``, ``seed``, ``world``, the factors by name, and what was measured.
    """
    import pyarrow as pa

    distinct, where = np.unique(places, return_inverse=True)
    points = [plan.point(int(place)) for place in distinct]
    columns = {"run": table["run"], "point": pa.array(places, pa.int64())}
    columns["seed"] = pa.array(np.full(len(places), plan.seed), pa.int64())
    columns["world"] = table["world"]
    for name in plan.factors:
        levels = pa.array([point[name] for point in points], _factor_type(name))
        columns[name] = levels.take(pa.array(where))
    for name in table.column_names[2:]:
        columns[name] = table[name]
    return pa.table(columns)


def with_places(plan: Plan, table: pa.Table, runs: Any, places: Any, worlds: Any) -> pa.Table:
    """Put the columns that follow from the plan into a table of :func:`measured_monthly`.

    Parameters
    ----------
    plan
        Of which sweep.
    table
        Columns ``month`` and what was measured.
    runs, places, worlds
        (rows,) identity, position of the point and world of each row's run.
    """
    import pyarrow as pa

    columns = {
        "run": runs,
        "point": pa.array(places, pa.int64()),
        "seed": pa.array(np.full(len(places), plan.seed), pa.int64()),
        "world": pa.array(worlds, pa.int64()),
    }
    return pa.table(columns | {name: table[name] for name in ("month", *OUTCOMES)})


def _factor_type(name: str) -> pa.DataType:
    import pyarrow as pa

    return pa.string() if name in NAMED else pa.int64() if name in WINDOWS else pa.float64()
