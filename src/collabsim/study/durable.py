"""The durable sweep: what is finished is on the disk, and the same command goes on from there.

Runs are computed chunk by chunk in rounds of worlds, so that a sweep cut short is balanced: each point has
been run in about as many worlds. How large chunks are, in which order and on how many machines they were
computed, and how often the sweep was stopped, can be seen in the folder but not in the tables, which are
put together in the order of points and worlds when all runs are there.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from collabsim import saved_state
from collabsim.errors import InputError
from collabsim.study.assembly import assemble
from collabsim.study.cells import Cells, Shard, head_of, recorded
from collabsim.study.chunks import Notices, Report, Work, compute, measured, measured_monthly
from collabsim.study.disk import write_whole
from collabsim.study.ledger import KEPT, KEY
from collabsim.study.provenance import circumstances, now
from collabsim.study.sources import sources_of
from collabsim.study.store import (
    ASSEMBLE,
    MANIFEST,
    MEASURED,
    MONTHLY,
    MONTHS,
    Store,
    TornChunkError,
    Watch,
    as_file,
    unlike_heads,
)

CHUNK = 8192
"""The most runs in a chunk; with every month, an eighth of that."""

SECONDS = 4.0
"""How long a chunk should take: no more than that is lost by a stop."""

START = "start.npz"
"""The state that the runs go on from, kept beside them."""

ROUNDS, LEAST = 8, 16
"""Worlds are run in at most so many rounds, of at least so many worlds."""


Computing = Callable[["DurableSweep"], None]
"""Computes all that is pending in a sweep, handing every chunk to :meth:`DurableSweep.keep`."""


class DurableSweep:
    """A sweep under way in its folder.

    Parameters
    ----------
    work
        What to run.
    folder
        Where.
    workers
        Threads; all cores unless said.
    chunk
        The most runs in a chunk.
    shard
        The part that is to be run; all of it unless said.
    progress
        Told of runs done.
    fresh, watch
        As for :class:`~collabsim.study.store.Store`.
    """

    def __init__(
        self,
        work: Work,
        folder: Path,
        *,
        workers: int | None = None,
        chunk: int = CHUNK,
        shard: Shard | None = None,
        progress: Report | None = None,
        fresh: bool = False,
        watch: Watch | None = None,
    ) -> None:
        self.work, self.folder, self.workers, self.shard = work, folder, workers, shard
        self.most = max(1, chunk // 8) if work.every or work.outcomes else chunk
        self.progress, self._fresh, self._watch = progress, fresh, watch
        self.head = head_of(work)
        self.cells = Cells(work)
        self.notice = Notices()
        self._size = min(256, self.most)

    def run(self, computing: Computing) -> dict[str, Any]:
        """Compute what is missing and put the tables together.

        Returns
        -------
        dict
            The manifest.
        """
        begun = time.monotonic()
        with Store(self.folder, self.head, self._fresh, self._watch) as self.store:
            for notice in self.store.notices:
                self.notice.tell(notice)
            self._check_identities()
            (self.folder / MANIFEST).unlink(missing_ok=True)
            if self.work.start is not None:
                saved_state.write(self.folder / START, self.work.start, self.work.plan.base.partnership)
            wanted = self.wanted()
            self.done = self._done()
            self._number = self.store.next_number()
            begin = getattr(self.progress, "begin", None)
            if begin is not None:
                begin(int(wanted.sum()), int((self.done & wanted).sum()))
            computed = 0
            while True:  # again where a recorded file turns out to be damaged
                self.pending = wanted & ~self.done
                computed += int(self.pending.sum())
                computing(self)
                self.store.tell(ASSEMBLE)
                try:
                    facts = assemble(self.work, self.store, self.cells, wanted)
                    break
                except TornChunkError as torn:
                    self.notice.tell(
                        f"chunk {torn.number} in '{self.folder}' is damaged or has been changed; it is "
                        "computed again"
                    )
                    self.store.drop(torn.number)
                    self.done = self._done()
            manifest = self._manifest(facts) | {
                "computed": computed, "seconds": round(time.monotonic() - begun, 1), "finished": now(),
            }  # fmt: skip
            if not self.work.every:
                (self.folder / MONTHLY).unlink(missing_ok=True)  # it would be another sweep's
            write_whole(
                self.folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
            )
        return manifest

    def wanted(self) -> Any:
        """Return (cells, worlds): which runs are to be in the tables."""
        worlds = self.work.plan.worlds
        if self.shard is not None:
            return self.shard.holds(len(self.cells), worlds)
        return np.broadcast_to(np.True_, (len(self.cells), worlds))

    def _done(self) -> Any:
        return recorded(self.store.ledger, self.cells, self.work)

    def _check_identities(self) -> None:
        """Compute the identity of a recorded run of each of some chunks anew, and refuse others.

        What a sweep is has been compared already; this holds whatever else a scenario may come to depend on.
        """
        from collabsim.ensemble import Ensemble

        entries = self.store.ledger.entries(KEPT)
        for entry in entries[:: max(1, len(entries) // 16)]:
            try:
                table = self.store.table(entry, columns=["run", "world", "key"])
            except TornChunkError:
                continue  # found again, and computed again, when the tables are put together
            cell = int(self.cells.find(np.array([table["key"][0].as_py()], f"S{KEY}"))[0])
            if cell < 0:
                continue
            scenario = self.work.plan.scenario_at(int(self.cells.places[cell]))
            ensemble = Ensemble([scenario], self.work.schedule)
            world = table["world"][0].as_py()
            if ensemble.run_identity(self.work.plan.seed, world, 0, 0) != table["run"][0].as_py():
                raise InputError(
                    f"'{self.folder}' holds runs of scenarios that have changed since (point "
                    f"{self.cells.places[cell]} is one); name another folder, or replace it with fresh=True "
                    "(--fresh)"
                )

    def blocks(self) -> Iterator[tuple[int, Any, Any]]:
        """Give out what is pending, a chunk at a time: number, cells and worlds of its runs."""
        worlds = self.work.plan.worlds
        step = max(LEAST, -(-worlds // ROUNDS))
        for first in range(0, worlds, step):
            cells, numbers = np.nonzero(self.pending[:, first : first + step])
            place = 0
            while place < len(cells):
                block = slice(place, place + self._size)
                place += len(cells[block])
                number, self._number = self._number, self._number + 1
                mine = cells[block], numbers[block] + first
                self.store.begin(number, self.cells.keys[mine[0]], mine[1], self.work.every)
                yield number, *mine

    def enter(self, keys: Any, worlds: Any, every: int) -> int:
        """Note that a chunk is about to be had from elsewhere, and return its number."""
        number, self._number = self._number, self._number + 1
        self.store.begin(number, keys, worlds, every)
        cells = self.cells.find(keys)
        self.pending[cells[cells >= 0], worlds[cells >= 0]] = False
        return number

    def takes(self, keys: Any, worlds: Any, every: int) -> bool:
        """Say whether a chunk from elsewhere holds nothing but what is pending."""
        cells = self.cells.find(keys)
        inside = (cells >= 0) & (worlds < self.work.plan.worlds)
        return bool(inside.all() and every == self.work.every and self.pending[cells, worlds].all())

    def took(self, runs: int, seconds: float) -> None:
        """Fit the size of chunks to how long one took."""
        fitting = runs * SECONDS / max(seconds, 1e-3)
        self._size = int(min(self.most, max(1, min(fitting, 4 * self._size))))

    def keep(self, number: int, files: dict[str, bytes]) -> None:
        """Put a computed chunk in place and record it."""
        self.store.keep(number, files)

    def files(self, cells: Any, worlds: Any, **options: Any) -> dict[str, bytes]:
        """Compute a chunk, and return its files."""
        return chunk_files(self.work, self.head, self.cells.places[cells], self.cells.keys[cells], worlds,
                           **options)  # fmt: skip

    def _manifest(self, facts: dict[str, Any]) -> dict[str, Any]:
        plan = self.work.plan
        return {
            "plan": plan.record(),
            "plan_identity": plan.identity,
            "scenario_identity": self.head["scenario"],
            "rules_identity": self.head["rules"],
            "head": self.head,
            "sources": sources_of(plan),
            "seed": plan.seed,
            "runs": facts["runs"],
            "points": plan.count,
            "worlds": plan.worlds,
            "every": self.work.every,
            "shard": None if self.shard is None else str(self.shard),
            "failed": facts["failed"],
            "files": facts["files"],
            "workers": self.workers or os.cpu_count(),
            **circumstances(),
        }


def chunk_files(
    work: Work, head: dict[str, Any], places: Any, keys: Any, worlds: Any, **options: Any
) -> dict[str, bytes]:
    """Compute some runs and return the files of their chunk; **options as for :func:`compute`."""
    chunk = compute(work, places, worlds, **options)
    files = {MEASURED: as_file(measured(work, chunk), keys, head, work.every)}
    if work.every:
        files[MONTHS] = as_file(measured_monthly(work, chunk), None, head, work.every)
    return files


def on_threads(sweep: DurableSweep) -> None:
    """Compute what is pending on the threads of this machine."""
    sweep.work.schedule.ready()  # compiling is no measure of how long a chunk takes
    for number, cells, worlds in sweep.blocks():
        begun = time.monotonic()
        files = sweep.files(cells, worlds, threads=sweep.workers, report=sweep.progress, notice=sweep.notice)
        sweep.took(len(cells), time.monotonic() - begun)
        sweep.keep(number, files)


def finished(
    folder: Path, work: Work, shard: Shard | None = None
) -> dict[str, Any] | None:
    """Return the manifest of this very sweep, finished and its tables as they were written; else None.

    The head of the sweep and its plan are compared, and the tables with their hashes.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        same = (
            found["plan_identity"] == work.plan.identity
            and not unlike_heads(found["head"], head_of(work))
            and found["every"] in ((work.every,) if work.every else (0,))
            and found["shard"] == (None if shard is None else str(shard))
            and all(hash_of(folder / name) == facts["sha256"] for name, facts in found["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return dict(found) if same else None


def hash_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
