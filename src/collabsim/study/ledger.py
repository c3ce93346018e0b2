"""The ledger of a sweep: which runs have been computed, and where they are.

A chunk is entered when its computing begins and again when its files are in place, so that the ledger
counts computations: see :meth:`Ledger.computed_twice`.

It is an SQLite file with a rollback journal, each entry on the disk before the next thing happens. A
write-ahead log would be faster, but needs memory shared between processes, which the network disks of
clusters do not give; and at two small entries a chunk it is not the ledger that takes time.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from collabsim.study.disk import sync_folder

LEDGER = "ledger.sqlite"
KEY = 16
"""Bytes of a point's key."""

BEGUN, KEPT, LOST, DROPPED = "begun", "kept", "lost", "dropped"
"""What has become of a chunk: it is being computed; its files are recorded; a stop came before that; its
files were found damaged, or hold less than is now wanted."""

_SHAPE = """
CREATE TABLE IF NOT EXISTS head (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chunk (
    number INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    runs INTEGER NOT NULL,
    members BLOB NOT NULL,
    every INTEGER NOT NULL,
    files TEXT NOT NULL DEFAULT '{}'
);
"""


@dataclass(frozen=True)
class Entry:
    """One chunk as the ledger has it.

    Attributes
    ----------
    number
        Its number; its files are named after it.
    state
        What has become of it.
    runs
        How many runs it holds.
    every
        Which months it holds of each; 0 for none.
    files
        Name to SHA-256 of each of its files.
    """

    number: int
    state: str
    runs: int
    every: int
    files: dict[str, str]


class DamagedLedgerError(Exception):
    """The ledger cannot be read; chunk files say what they hold, so that a new one can be made."""


class Ledger:
    """The ledger of the sweep in a folder.

    Parameters
    ----------
    folder
        Where; it is made if it is not there.

    Raises
    ------
    DamagedLedgerError
        If there is a file that is no whole ledger.
    """

    def __init__(self, folder: Path) -> None:
        file = folder / LEDGER
        fresh = not file.exists()
        self._base = sqlite3.connect(file, isolation_level=None)
        try:
            for pragma in ("journal_mode = DELETE", "synchronous = FULL", "cache_size = -4096"):
                self._base.execute(f"PRAGMA {pragma}")
            with self._transaction():
                for statement in _SHAPE.split(";"):
                    self._base.execute(statement)
            if self._base.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                raise DamagedLedgerError
            for entry in self.entries():  # whether every row can be read
                self.members(entry.number)
        except (sqlite3.DatabaseError, zlib.error, ValueError) as error:
            self._base.close()
            if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
                raise  # a full disk, or no permission: no fault of the ledger
            raise DamagedLedgerError from error
        except BaseException:
            self._base.close()
            raise
        if fresh:
            sync_folder(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Make changes that are on the disk, all of them, when this ends, or none of them."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("COMMIT")
        except BaseException:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise

    def head(self) -> dict[str, Any]:
        """Return what the sweep is."""
        return {
            name: json.loads(value) for name, value in self._base.execute("SELECT name, value FROM head")
        }

    def set_head(self, head: dict[str, Any]) -> None:
        """Note what the sweep is; an entry that is there is replaced."""
        with self._transaction():
            for name, value in head.items():
                self._base.execute(
                    "INSERT OR REPLACE INTO head VALUES (?, ?)", (name, json.dumps(value, sort_keys=True))
                )

    def entries(self, *states: str) -> list[Entry]:
        """Return the chunks in these states (in any unless said), in the order of their numbers."""
        rows = self._base.execute("SELECT number, state, runs, every, files FROM chunk ORDER BY number")
        found = [Entry(number, state, runs, every, json.loads(files))
                 for number, state, runs, every, files in rows]  # fmt: skip
        return [entry for entry in found if not states or entry.state in states]

    def members(self, number: int) -> tuple[Any, Any]:
        """Return the keys of the points (``S16``) and the worlds of a chunk's runs, in their order."""
        row = self._base.execute("SELECT runs, members FROM chunk WHERE number = ?", (number,)).fetchone()
        return unpacked(*row)

    def begin(self, number: int, keys: Any, worlds: Any, every: int) -> None:
        """Note that a chunk is about to be computed."""
        with self._transaction():
            self._base.execute(
                "INSERT INTO chunk (number, state, runs, members, every) VALUES (?, ?, ?, ?, ?)",
                (number, BEGUN, len(worlds), packed(keys, worlds), every),
            )

    def keep(self, number: int, files: dict[str, str]) -> None:
        """Record a chunk whose files are in place."""
        with self._transaction():
            self._base.execute(
                "UPDATE chunk SET state = ?, files = ? WHERE number = ?", (KEPT, json.dumps(files), number)
            )

    def mark(self, state: str, *numbers: int) -> None:
        """Note what has become of chunks."""
        with self._transaction():
            for number in numbers:
                self._base.execute("UPDATE chunk SET state = ? WHERE number = ?", (state, number))

    def computed_twice(self) -> int:
        """Count the runs whose computing was begun again although they were recorded already.

        Chunks whose files were found damaged do not count: there, computing again is what is wanted.
        """
        again, recorded = 0, set[tuple[bytes, int]]()
        for entry in self.entries(BEGUN, KEPT, LOST):
            keys, worlds = self.members(entry.number)
            runs = set(zip(keys.tolist(), worlds.tolist(), strict=True))
            again += len(runs & recorded)
            if entry.state == KEPT:
                recorded |= runs
        return again


def packed(keys: Any, worlds: Any) -> bytes:
    """Write down which runs a chunk holds."""
    content = np.asarray(keys, f"S{KEY}").tobytes() + np.asarray(worlds, np.uint32).tobytes()
    return zlib.compress(content, 1)


def unpacked(runs: int, blob: bytes) -> tuple[Any, Any]:
    """Read which runs a chunk holds."""
    content = zlib.decompress(blob)
    keys = np.frombuffer(content, f"S{KEY}", runs)
    return keys, np.frombuffer(content, np.uint32, runs, KEY * runs).astype(np.int64)
