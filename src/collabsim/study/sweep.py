"""The sweep: every point of a plan in every world, as one table.

In memory for what fits there, or into a folder (:mod:`collabsim.study.durable`), where nothing finished can
be lost. A run starts from nothing but its own scenario and world, so the table has the same bits whatever
the chunks, the number of workers, the machines and the order.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim import saved_state
from collabsim.errors import InputError
from collabsim.parameters import whole
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.state import State
from collabsim.study import own_outcomes
from collabsim.study.cells import Shard
from collabsim.study.chunks import Notices, Report, Work, compute, measured, with_levels
from collabsim.study.durable import CHUNK, Computing, DurableSweep, finished, on_threads
from collabsim.study.own_outcomes import OwnOutcomes
from collabsim.study.plan import Plan
from collabsim.study.store import MANIFEST, MONTHLY, RUNS, Watch

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["CHUNK", "MANIFEST", "MONTHLY", "RUNS", "sweep", "sweep_to", "work_of"]


def sweep(
    plan: Plan,
    out: str | Path | None = None,
    *,
    workers: int | None = None,
    schedule: Schedule = SCHEDULE,
    outcomes: OwnOutcomes | None = None,
    start: State | str | Path | None = None,
    monthly: bool | int = False,
    progress: Report | None = None,
    fresh: bool = False,
    chunk: int = CHUNK,
    **more: Any,
) -> pd.DataFrame:
    """Run a plan and return a row a run.

    Parameters
    ----------
    plan
        What to run.
    out
        A folder to keep it in; see :func:`sweep_to`, which is the one for tables too large to read back.
    workers
        Threads; all cores unless said.
    schedule
        The month, with rules of your own if you like.
    outcomes
        Outcomes of your own: name to a function that takes the months of a run, as ``cs.run(...).monthly``
        has them, and gives a number. They become columns after the others.
    start
        A state that every run goes on from (``result.state``, or the file it was saved to) in place of the
        start of its world: worlds then differ in what happens after.
    monthly
        Also write ``monthly.parquet``, of every month or of every so manieth; needs ``out``.
    progress
        Called with the number of runs just done.
    fresh
        Replace what another plan left in ``out``.
    chunk
        The most runs held in memory at a time.
    **more
        As for :func:`sweep_to`; needs ``out``.

    Returns
    -------
    pandas.DataFrame
        Sorted by point and world: ``run`` (16 hexadecimal digits of its identity), ``point``, ``seed``,
        ``world``, the factors by name, every outcome by name (missing is NaN), ``error`` (missing if good).
    """
    import pandas as pd
    import pyarrow as pa

    if out is not None:
        sweep_to(plan, out, workers=workers, schedule=schedule, outcomes=outcomes, start=start,
                 monthly=monthly, progress=progress, fresh=fresh, chunk=chunk, **more)  # fmt: skip
        return pd.read_parquet(Path(out) / RUNS)
    needs = [name for name, given in {"monthly": monthly, **more}.items() if given]
    if needs:
        raise InputError(*(f"{name}=... is for a sweep in a folder: give out=... too" for name in needs))
    work = work_of(plan, schedule, outcomes, start, False, workers, chunk)
    frame: pd.DataFrame = pa.concat_tables(_in_memory(work, workers, progress, chunk)).to_pandas()
    return frame


def sweep_to(
    plan: Plan,
    out: str | Path,
    *,
    workers: int | None = None,
    schedule: Schedule = SCHEDULE,
    outcomes: OwnOutcomes | None = None,
    start: State | str | Path | None = None,
    monthly: bool | int = False,
    progress: Report | None = None,
    fresh: bool = False,
    chunk: int = CHUNK,
    shard: str | None = None,
    cluster: str | None = None,
    watch: Watch | None = None,
) -> dict[str, Any]:
    """Run a plan into a folder, durably: ``runs.parquet``, ``monthly.parquet`` on request, ``manifest.json``.

    Whatever stops it, the same call goes on where it stopped, and ends in the same tables as if it never
    had. The manifest is written last: a folder with one is a finished sweep, and is left as it is. Points
    or worlds that a plan has gained are computed and added to what is there.

    Parameters
    ----------
    plan, out, workers, schedule, outcomes, start, monthly, progress, fresh, chunk
        As for :func:`sweep`.
    shard
        Run a part only: ``"2/8"`` is the second of eight; :func:`collabsim.study.shards.merge` joins them.
    cluster
        The address of a Dask scheduler, whose workers then compute the chunks.
    watch
        Called as each chunk passes from phase to phase (:data:`~collabsim.study.store.PHASES`), with the
        phase that begins and the chunk's number, and with ``"assemble"`` and 0 before the tables are made.

    Returns
    -------
    dict
        ``file``, ``runs``, ``points``, ``worlds``, ``failed`` and whether it was there ``already``.

    Raises
    ------
    InputError
        If the folder holds a sweep whose runs must not be mixed with these, and ``fresh`` is not set; or if
        another process is at work in it.
    StoppedError
        If the disk is full, or the cluster is lost.
    """
    work = work_of(plan, schedule, outcomes, start, monthly, workers, chunk)
    part = None if shard is None else Shard.read(shard)
    folder = Path(out)
    if not fresh and (found := finished(folder, work, part)) is not None:
        if progress is not None:
            progress(found["runs"])
        return _summary(folder, found, True)
    computing: Computing = on_threads
    if cluster is not None:
        from collabsim.study.cluster import on_cluster

        computing = on_cluster(cluster)
    made = DurableSweep(
        work, folder, workers=workers, chunk=chunk, shard=part, progress=progress, fresh=fresh, watch=watch
    )
    return _summary(folder, made.run(computing), False)


def work_of(
    plan: Any,
    schedule: Schedule = SCHEDULE,
    outcomes: OwnOutcomes | None = None,
    start: Any = None,
    monthly: Any = False,
    workers: Any = None,
    chunk: Any = CHUNK,
) -> Work:
    """Check what a sweep is given, as :func:`sweep` is, and say what its runs depend on."""
    if not isinstance(plan, Plan):
        raise InputError(f"a sweep takes a Plan (Plan.factorial, Plan.load), not {type(plan).__name__}")
    if workers is not None:
        whole(workers, "workers", 1, 4096)
    whole(chunk, "chunk", 1, 10**9)
    if isinstance(start, str | Path):
        start = saved_state.read(start, plan.base.partnership)
    return Work(plan, schedule, own_outcomes.checked(outcomes, plan.factors), start, _every(monthly))


def _every(monthly: Any) -> int:
    """Return which months are kept: every so manieth, or none for 0."""
    if isinstance(monthly, bool) or monthly is None:
        return int(bool(monthly))
    return whole(monthly, "monthly", 1, 10_000)


def _in_memory(
    work: Work, workers: int | None, progress: Report | None, chunk: int
) -> Iterator[pa.Table]:
    """Run a plan piece by piece, in the order of its points and worlds."""
    plan, notice = work.plan, Notices()
    size = max(1, chunk // 8) if work.outcomes else chunk
    for first in range(0, plan.runs, size):
        places, worlds = np.divmod(np.arange(first, min(first + size, plan.runs)), plan.worlds)
        made = compute(work, places, worlds, threads=workers, report=progress, notice=notice)
        yield with_levels(plan, measured(work, made), places)


def _summary(folder: Path, manifest: dict[str, Any], already: bool) -> dict[str, Any]:
    return {
        "file": str(folder / RUNS),
        **{name: manifest[name] for name in ("runs", "points", "worlds", "failed")},
        "already": already,
    }
