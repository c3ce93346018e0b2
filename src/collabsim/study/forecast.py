"""What a sweep would take: runs, time, disk and memory, from a handful of its runs."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.study.cells import Cells, Shard, head_of, recorded
from collabsim.study.chunks import Work, compute
from collabsim.study.durable import CHUNK, chunk_files
from collabsim.study.ledger import KEY, LEDGER, DamagedLedgerError, Ledger
from collabsim.study.plan import Plan
from collabsim.study.progress import spell
from collabsim.study.store import refuse_unlike
from collabsim.study.sweep import work_of

SECONDS = 2.0
"""How long runs are timed."""

SAMPLE = 16
"""Points that are sampled, spread over the plan."""

BASE = 250e6
"""Bytes of memory of the program itself, compiled code and libraries and all."""


def forecast(
    plan: Plan,
    out: str | Path | None = None,
    *,
    workers: int | None = None,
    monthly: bool | int = False,
    start: Any = None,
    shard: str | None = None,
    fresh: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Run a handful of a plan's runs, and say what all of them would take.

    Parameters
    ----------
    plan, out, workers, monthly, start, shard, fresh, **options
        As for :func:`~collabsim.study.sweep.sweep_to`. Nothing is written; what a sweep in ``out`` has
        recorded is not computed again, and is not counted.

    Returns
    -------
    dict
        ``runs``, ``points``, ``worlds``, ``already`` (recorded runs), ``threads``, ``seconds``, ``disk`` and
        ``memory`` in bytes.
    """
    work = work_of(plan, monthly=monthly, start=start, workers=workers, **options)
    cells = Cells(work)
    wanted = np.ones((len(cells), plan.worlds), bool)
    if shard is not None:
        wanted = Shard.read(shard).holds(len(cells), plan.worlds)
    head = head_of(work)
    already = None if out is None or fresh else _recorded(Path(out), head, cells, work)
    pending = int(wanted.sum()) if already is None else int((wanted & ~already).sum())
    rate, size = _measure(work, cells, head, workers)
    runs = int(wanted.sum())
    chunk = CHUNK // 8 if work.every or work.outcomes else CHUNK
    months = max(scenario.months for scenario in map(plan.scenario_at, _spread(plan.count)))
    per_run = 8 * (len(work.columns) + months + (months * 20 if work.every or work.outcomes else 0))
    return {
        "runs": runs,
        "points": plan.count,
        "worlds": plan.worlds,
        "already": runs - pending,
        "threads": workers or os.cpu_count() or 1,
        "seconds": pending / rate,
        "disk": int(2 * size * runs),  # in chunks, and in the tables put together from them
        "memory": int(BASE + 4 * per_run * min(chunk, runs) + (KEY + 24) * plan.count + 2 * runs),
    }


def _recorded(folder: Path, head: dict[str, Any], cells: Cells, work: Work) -> Any:
    """Return (cells, worlds): which runs are there already; None where there is no sweep."""
    if not (folder / LEDGER).exists():
        return None
    try:
        with Ledger(folder) as ledger:
            refuse_unlike(folder, ledger.head(), head)
            return recorded(ledger, cells, work)
    except DamagedLedgerError:
        return None  # the sweep makes it anew from the chunks


def _spread(count: int) -> list[int]:
    """Return some places, spread over all."""
    return [int(place) for place in np.unique(np.linspace(0, count - 1, min(count, SAMPLE)).round())]


def _measure(work: Work, cells: Cells, head: dict[str, Any], workers: int | None) -> tuple[float, float]:
    """Return runs a second and bytes a run of this machine."""
    places = np.array(_spread(work.plan.count))
    compute(work, places[:1], [0], threads=1)  # compiles
    worlds = np.arange(4)
    taken, done, size = 0.0, 0, 1.0
    while taken < SECONDS:
        every = np.tile(places, len(worlds)), np.repeat(worlds, len(places))
        keys = cells.keys[cells.of_place[every[0]]]
        begun = time.monotonic()
        files = chunk_files(work, head, every[0], keys, every[1], threads=workers)
        spent = time.monotonic() - begun
        taken, done = taken + spent, done + len(keys)
        size = sum(map(len, files.values())) / len(keys)
        fitting = max(1, min(4 * len(worlds), int(len(worlds) * SECONDS / max(spent, 1e-6))))
        worlds = np.arange(worlds[-1] + 1, worlds[-1] + 1 + fitting)
    return done / taken, size


def in_words(found: dict[str, Any]) -> str:
    """Say a forecast in words."""
    already = f", {found['already']:,} of them there already" if found["already"] else ""
    return (
        f"{found['runs']:,} runs: {found['points']:,} points in {found['worlds']:,} worlds{already}.\n"
        f"  time    about {spell(found['seconds'])} on {found['threads']} threads of this machine, as busy "
        "as it is\n"
        f"  disk    about {_size(found['disk'])}\n"
        f"  memory  about {_size(found['memory'])}\n"
        "Nothing has been written."
    )


def _size(count: float) -> str:
    scale, unit = (1e9, "GB") if count >= 999.5e6 else (1e6, "MB") if count >= 999.5e3 else (1e3, "kB")
    return f"{count / scale:.0f} {unit}" if count / scale >= 9.95 else f"{count / scale:.1f} {unit}"
