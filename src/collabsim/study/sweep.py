"""The sweep: every point of a plan in every world, as one table, in bounded memory.

Runs are computed in chunks of points (or of worlds of one point) and written chunk by chunk. A run starts
from nothing but its own scenario and world, so the table has the same bits whatever the chunks, the
number of workers and the order.
"""

from __future__ import annotations

import json
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.ensemble import Batch, Ensemble
from collabsim.errors import InputError
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.parameters import whole
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study.plan import NAMED, WINDOWS, Plan
from collabsim.study.provenance import circumstances, now, scenario_identity

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

CHUNK = 8192
"""Runs computed between two writings; with every month, an eighth of that."""

RUNS, MONTHLY, MANIFEST = "runs.parquet", "monthly.parquet", "manifest.json"

Report = Callable[[int], None]


@dataclass(frozen=True)
class Chunk:
    """Some runs, sorted by point and world.

    Attributes
    ----------
    plan, points, worlds
        (runs,) position of the point and number of the world of each.
    identities
        16 hexadecimal digits each.
    batch
        What came of them.
    """

    plan: Plan
    points: Any
    worlds: Any
    identities: list[str]
    batch: Batch


def sweep(
    plan: Plan,
    out: str | Path | None = None,
    *,
    workers: int | None = None,
    schedule: Schedule = SCHEDULE,
    monthly: bool = False,
    progress: Report | None = None,
    fresh: bool = False,
    chunk: int = CHUNK,
) -> pd.DataFrame:
    """Run a plan and return a row a run.

    Parameters
    ----------
    plan
        What to run.
    out
        A folder to write to as well; see :func:`sweep_to`, which is the one for tables too large to read
        back.
    workers
        Threads; all cores unless said.
    schedule
        The month, with rules of your own if you like.
    monthly
        Also write ``monthly.parquet``; needs ``out``.
    progress
        Called with the number of runs just done.
    fresh
        Replace what another plan left in ``out``.
    chunk
        Runs held in memory at a time.

    Returns
    -------
    pandas.DataFrame
        Sorted by point and world: ``run`` (16 hexadecimal digits of its identity), ``point``, ``seed``,
        ``world``, the factors by name, every outcome by name (missing is NaN), ``error`` (missing if good).
    """
    import pandas as pd
    import pyarrow as pa

    if out is not None:
        sweep_to(plan, out, workers=workers, schedule=schedule, monthly=monthly, progress=progress,
                 fresh=fresh, chunk=chunk)  # fmt: skip
        return pd.read_parquet(Path(out) / RUNS)
    if monthly:
        raise InputError("monthly=True writes monthly.parquet, so it needs a folder: out=...")
    made = chunks(plan, workers=workers, schedule=schedule, progress=progress, chunk=chunk)
    tables = [_runs_table(one) for one in made]
    frame: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    return frame


def sweep_to(
    plan: Plan,
    out: str | Path,
    *,
    workers: int | None = None,
    schedule: Schedule = SCHEDULE,
    monthly: bool = False,
    progress: Report | None = None,
    fresh: bool = False,
    chunk: int = CHUNK,
) -> dict[str, Any]:
    """Run a plan into a folder: ``runs.parquet``, ``monthly.parquet`` on request, and ``manifest.json``.

    Tables are written beside their place and renamed when they are whole, the manifest last: a folder with
    a manifest is a finished sweep. One of the same plan and rules is left as it is.

    Parameters
    ----------
    plan, out, workers, schedule, monthly, progress, fresh, chunk
        As for :func:`sweep`.

    Returns
    -------
    dict
        ``file``, ``runs``, ``points``, ``worlds``, ``failed`` and whether it was there ``already``.

    Raises
    ------
    InputError
        If the folder holds a sweep of another plan or other rules and ``fresh`` is not set.
    """
    _check(plan, workers, chunk)
    folder = Path(out)
    manifest = _manifest(plan, schedule)
    if not fresh and (found := _finished(folder, manifest, monthly)) is not None:
        if progress is not None:
            progress(plan.runs)
        return _summary(folder, found, True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError(f"'{folder}' is a file, not a folder for a sweep") from None
    (folder / MANIFEST).unlink(missing_ok=True)
    begun = time.monotonic()
    failed = 0
    with ExitStack() as stack:
        runs = stack.enter_context(_table_at(folder / RUNS))
        months = stack.enter_context(_table_at(folder / MONTHLY)) if monthly else None
        for one in chunks(
            plan, workers=workers, schedule=schedule, monthly=monthly, progress=progress, chunk=chunk
        ):
            failed += sum(error is not None for error in one.batch.errors)
            runs(_runs_table(one))
            if months is not None:
                months(_monthly_table(one))
    if not monthly:
        (folder / MONTHLY).unlink(missing_ok=True)  # it would be another sweep's
    manifest |= {
        "files": [RUNS, MONTHLY] if monthly else [RUNS],
        "failed": failed,
        "workers": workers or os.cpu_count(),
        "seconds": round(time.monotonic() - begun, 1),
        "finished": now(),
    }
    write_whole(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return _summary(folder, manifest, False)


def chunks(
    plan: Plan,
    *,
    workers: int | None = None,
    schedule: Schedule = SCHEDULE,
    monthly: bool = False,
    progress: Report | None = None,
    chunk: int = CHUNK,
) -> Iterator[Chunk]:
    """Run a plan piece by piece, in the order of its points and worlds.

    Parameters
    ----------
    plan, workers, schedule, progress
        As for :func:`sweep`.
    monthly
        Keep every month's outcomes.
    chunk
        The most runs in a piece (an eighth of that with every month), at least one.

    Yields
    ------
    Chunk
    """
    _check(plan, workers, chunk)
    size = max(1, chunk // 8) if monthly else chunk
    told: set[str] = set()
    lock = threading.Lock()

    def report(count: int) -> None:
        if progress is not None:
            with lock:
                progress(count)

    for first, scenarios in _groups(plan, max(1, size // plan.worlds)):
        for notice in dict.fromkeys(notice for one in scenarios for notice in one.notices):
            if notice not in told:
                told.add(notice)
                warnings.warn(notice, stacklevel=2)
        ensemble = Ensemble(scenarios, schedule)
        step = plan.worlds if len(scenarios) > 1 else min(size, plan.worlds)
        for begin in range(0, plan.worlds, step):
            worlds = np.arange(begin, min(begin + step, plan.worlds))
            places = np.repeat(np.arange(len(scenarios)), len(worlds))
            every = np.tile(worlds, len(scenarios))
            fixed = np.full(len(places), plan.seed), np.zeros(len(places), np.int64)
            jobs = np.stack([fixed[0], every, fixed[1], places], axis=1).astype(np.int64)
            batch = ensemble.run(jobs, threads=workers, monthly=monthly, progress=report)
            identities = [ensemble.run_identity(*job) for job in jobs.tolist()]
            yield Chunk(plan, first + places, every, identities, batch)


def _groups(plan: Plan, most: int) -> Iterator[tuple[int, list[Scenario]]]:
    """Cut the points into runs of at most ``most`` that share their partnership and months."""
    first, group = 0, list[Scenario]()
    for place, scenario in enumerate(plan.scenarios()):
        unlike = group and (
            scenario.partnership is not group[0].partnership or scenario.months != group[0].months
        )
        if group and (len(group) == most or unlike):
            yield first, group
            first, group = place, []
        group.append(scenario)
    if group:
        yield first, group


def _check(plan: Any, workers: Any, chunk: Any) -> None:
    if not isinstance(plan, Plan):
        raise InputError(f"a sweep takes a Plan (Plan.factorial, Plan.load), not {type(plan).__name__}")
    if workers is not None:
        whole(workers, "workers", 1, 4096)
    whole(chunk, "chunk", 1, 10**9)


def _factor_type(name: str) -> pa.DataType:
    import pyarrow as pa

    return pa.string() if name in NAMED else pa.int64() if name in WINDOWS else pa.float64()


def _runs_table(chunk: Chunk) -> pa.Table:
    """Lay a chunk out as rows; a missing value is null, as other programs expect it."""
    import pyarrow as pa

    plan = chunk.plan
    columns: dict[str, Any] = {
        "run": pa.array(chunk.identities, pa.string()),
        "point": pa.array(chunk.points, pa.int64()),
        "seed": pa.array(np.full(len(chunk.points), plan.seed), pa.int64()),
        "world": pa.array(chunk.worlds, pa.int64()),
    }
    places = dict.fromkeys(chunk.points.tolist())
    levels = {place: plan.point(place) for place in places}
    for name in plan.factors:
        values = [levels[place][name] for place in chunk.points.tolist()]
        columns[name] = pa.array(values, _factor_type(name))
    for place, name in enumerate(ALL_OUTCOMES):
        columns[name] = pa.array(np.ascontiguousarray(chunk.batch.summary[:, place]), from_pandas=True)
    columns["error"] = pa.array(list(chunk.batch.errors), pa.string())
    return pa.table(columns)


def _monthly_table(chunk: Chunk) -> pa.Table:
    """Lay a chunk's months out as rows: the run, its place, ``month`` and the outcomes."""
    import pyarrow as pa

    runs, months, _ = chunk.batch.monthly.shape
    columns: dict[str, Any] = {
        "run": pa.array(np.repeat(np.array(chunk.identities, object), months), pa.string()),
        "point": pa.array(np.repeat(chunk.points, months), pa.int64()),
        "seed": pa.array(np.full(runs * months, chunk.plan.seed), pa.int64()),
        "world": pa.array(np.repeat(chunk.worlds, months), pa.int64()),
        "month": pa.array(np.tile(np.arange(months), runs), pa.int64()),
    }
    for place, name in enumerate(OUTCOMES):
        columns[name] = pa.array(chunk.batch.monthly[:, :, place].ravel(), from_pandas=True)
    return pa.table(columns)


@contextmanager
def _table_at(path: Path) -> Iterator[Callable[[pa.Table], None]]:
    """Write tables to a file that appears, whole, when all are written; on failure nothing is left."""
    import pyarrow.parquet as pq

    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    writers: list[Any] = []

    def write(table: pa.Table) -> None:
        if not writers:
            writers.append(pq.ParquetWriter(part, table.schema))
        writers[0].write_table(table)

    try:
        yield write
        for writer in writers:
            writer.close()
        sync(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """See to it that a file is on the disk and not only on its way there."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that it is there whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        sync(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _manifest(plan: Plan, schedule: Schedule) -> dict[str, Any]:
    return {
        "plan": plan.record(),
        "plan_identity": plan.identity,
        "scenario_identity": scenario_identity(plan.base),
        "rules_identity": schedule.identity,
        "seed": plan.seed,
        "runs": plan.runs,
        "points": plan.count,
        "worlds": plan.worlds,
        **circumstances(),
    }


def _finished(folder: Path, manifest: dict[str, Any], monthly: bool) -> dict[str, Any] | None:
    """Return the manifest of a finished sweep of the same plan and rules, None where there is nothing.

    Raises
    ------
    InputError
        If what is there is something else.
    """
    path = folder / MANIFEST
    replace = "name another folder, or replace it with fresh=True (--fresh)"
    if not path.exists():
        if (folder / RUNS).exists():
            raise InputError(
                f"'{folder}' holds {RUNS} without {MANIFEST}, so what it is cannot be told; {replace}"
            )
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        unlike = [
            what for what in ("plan", "rules") if found[f"{what}_identity"] != manifest[f"{what}_identity"]
        ]
    except (ValueError, KeyError, TypeError):
        raise InputError(f"'{path}' is not the manifest of a sweep; {replace}") from None
    if unlike:
        what = " and ".join(f"{'another' if word == 'plan' else 'other'} {word}" for word in unlike)
        raise InputError(f"'{folder}' holds a finished sweep of {what}; {replace}")
    wanted = [RUNS, MONTHLY] if monthly else [RUNS]
    return dict(found) if all((folder / name).exists() for name in wanted) else None


def _summary(folder: Path, manifest: dict[str, Any], already: bool) -> dict[str, Any]:
    return {
        "file": str(folder / RUNS),
        "runs": manifest["runs"],
        "points": manifest["points"],
        "worlds": manifest["worlds"],
        "failed": manifest["failed"],
        "already": already,
    }
