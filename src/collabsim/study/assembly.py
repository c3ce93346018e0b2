"""Putting chunks together to the tables of a sweep, in the order of points and worlds, in bounded memory.

A few points are put together at a time, however large the sweep; where they are cut depends on the plan
alone, so that the tables are the same files whatever the chunks were.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.study.chunks import Work, measured, with_levels, with_places
from collabsim.study.disk import part_of, put_in_place, sync
from collabsim.study.ledger import KEPT, Entry
from collabsim.study.store import MONTHLY, MONTHS, RUNS, Store

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 1 << 17
"""Rows put together at a time, of the table of runs; a sixteenth of that of runs whose months are kept."""


class Index:
    """Where the runs of a plan are among the chunks.

    Parameters
    ----------
    store, cells
        Of the sweep.
    worlds
        How many.
    every
        Only chunks that keep these months count, if it is not 0.
    """

    def __init__(self, store: Store, cells: Any, worlds: int, every: int) -> None:
        self._store, self._cells, self._worlds = store, cells, worlds
        self._spans: list[tuple[Entry, int, int]] = []
        for entry in store.ledger.entries(KEPT):
            if every and entry.every != every:
                continue
            _, found, _ = self._members(entry)
            if len(found):
                self._spans.append((entry, int(found.min()), int(found.max())))

    def _members(self, entry: Entry) -> tuple[Any, Any, Any]:
        """Return rows, cells and worlds of the runs of a chunk that the plan has."""
        keys, worlds = self._store.ledger.members(entry.number)
        cells = self._cells.find(keys)
        rows = np.flatnonzero((cells >= 0) & (worlds < self._worlds))
        return rows, cells[rows], worlds[rows]

    def among(self, cells: Any) -> Iterator[tuple[Entry, Any, Any, Any]]:
        """Find the runs of some cells.

        Parameters
        ----------
        cells
            (cells,) which, sorted.

        Yields
        ------
        entry, rows, cells, worlds
            A chunk, the rows of the runs in it, and of each run the position among ``cells``, and the world.
        """
        low, high = cells[0], cells[-1]
        for entry, first, last in self._spans:
            if last < low or first > high:
                continue
            rows, found, worlds = self._members(entry)
            where = np.searchsorted(cells, found)
            here = cells[np.minimum(where, len(cells) - 1)] == found
            if here.any():
                yield entry, rows[here], where[here], worlds[here]


def assemble(work: Work, store: Store, cells: Any, wanted: Any) -> dict[str, Any]:
    """Put the tables of a sweep together from its chunks.

    Parameters
    ----------
    work, store, cells
        Of the sweep.
    wanted
        (cells, worlds): which runs belong into the tables; each is recorded.

    Returns
    -------
    dict
        ``runs``, ``failed``, and ``files``: by name the SHA-256 and the rows of each.

    Raises
    ------
    TornChunkError
        If a chunk's file is not what was recorded; no table is touched then.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    index = Index(store, cells, work.plan.worlds, work.every)
    failed = 0
    with _table_at(store.folder / RUNS) as runs, _table_at(store.folder / MONTHLY) as months:
        for places, local, rows_wanted in _batches(work, cells, wanted):
            where = np.full((len(local), work.plan.worlds), -1)
            pieces: list[Any] = []
            lengths: list[tuple[Entry, Any]] = []
            count = 0
            for entry, rows, own, worlds in index.among(local):
                pieces.append(store.table(entry).drop_columns(["key"]).take(pa.array(rows)))
                where[own, worlds] = count + np.arange(len(rows))
                count += len(rows)
                lengths.append((entry, rows))
            if not pieces:
                continue
            table = pa.concat_tables(pieces).replace_schema_metadata(None)
            position = np.searchsorted(local, cells.of_place[places])
            point, world = np.nonzero(rows_wanted[position])
            taken = where[position[point], world]
            table = with_levels(work.plan, table.take(pa.array(taken)), places[point])
            failed += len(table) - pc.sum(pc.is_null(table["error"])).as_py()
            runs.write(table)
            if work.every:
                months.write(_months(work, store, lengths, table, taken))
        if not runs.rows:
            runs.write(_empty(work))
        facts = {RUNS: runs.close()}
        if work.every:
            facts[MONTHLY] = months.close()
        runs.put()
        if work.every:
            months.put()
    return {"runs": facts[RUNS]["rows"], "failed": failed, "files": facts}


def _batches(work: Work, cells: Any, wanted: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Cut the plan into points that are put together at a time.

    Yields
    ------
    places, cells, wanted
        The points, their cells (sorted, each once), and (cells, worlds) which of their runs are wanted.
    """
    rows = ROWS // 16 if work.every else ROWS
    step = max(1, rows // work.plan.worlds)
    for first in range(0, work.plan.count, step):
        places = np.arange(first, min(first + step, work.plan.count))
        local = np.unique(cells.of_place[places])
        if wanted[local].any():
            yield places, local, wanted[local]


def _months(
    work: Work, store: Store, chunks: list[tuple[Entry, Any]], runs: pa.Table, taken: Any
) -> pa.Table:
    """Put together the months of the runs that have been put together."""
    import pyarrow as pa

    pieces, lengths = [], []
    for entry, rows in chunks:
        table = store.table(entry, MONTHS)
        counts = np.bincount(table["row"].to_numpy(), minlength=entry.runs)
        starts = np.cumsum(counts) - counts
        pieces.append(table.take(pa.array(_ranges(starts[rows], counts[rows]))))
        lengths.append(counts[rows])
    every = np.concatenate(lengths)
    starts = np.cumsum(every) - every
    table = pa.concat_tables(pieces).take(pa.array(_ranges(starts[taken], every[taken])))
    again = np.repeat(np.arange(len(runs)), every[taken])
    return with_places(
        work.plan, table, runs["run"].take(pa.array(again)), runs["point"].to_numpy()[again],
        runs["world"].to_numpy()[again],
    )  # fmt: skip


def _ranges(starts: Any, counts: Any) -> Any:
    """Return the numbers [start, start + count) of all, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - counts), counts)


def _empty(work: Work) -> pa.Table:
    """Return a table of no runs, as a shard may have."""
    from collabsim.study.chunks import Chunk

    none = np.zeros(0, np.int64)
    chunk = Chunk(none, none, [], np.zeros((0, len(work.columns))), [], [])
    return with_levels(work.plan, measured(work, chunk), none)


class _Table:
    """A table on its way to a file."""

    def __init__(self, path: Path) -> None:
        self.path, self.part, self.rows = path, part_of(path), 0
        self._writer: Any = None

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(self.part, table.schema)
        self._writer.write_table(table)
        self.rows += len(table)

    def close(self) -> dict[str, Any]:
        """Finish the file where it is, and say what it holds."""
        self._writer.close()
        sync(self.part)
        with self.part.open("rb") as content:
            return {"sha256": hashlib.file_digest(content, "sha256").hexdigest(), "rows": self.rows}

    def put(self) -> None:
        """Give the file its name."""
        put_in_place(self.part, self.path)

    def leave(self) -> None:
        """Remove what has not been put in place."""
        if self._writer is not None and self._writer.is_open:
            with suppress(OSError):  # the disk is full, and this file is not wanted
                self._writer.close()
        if os.path.lexists(self.part):
            self.part.unlink()


@contextmanager
def _table_at(path: Path) -> Iterator[_Table]:
    """Write a table to a file that appears, whole, when it is put in place; else nothing is left."""
    table = _Table(path)
    try:
        yield table
    finally:
        table.leave()
