"""The folder of a sweep: its lock, its ledger, and the files of its chunks.

A chunk's files are written beside their place, synced, renamed, and only then recorded in the ledger with
their hash. So at any moment a file under its own name is whole, and a recorded one is what was computed.
Each file also says itself which sweep it belongs to and which runs it holds, so that a ledger that is lost
or damaged is made anew from them.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from collabsim.errors import InputError
from collabsim.study.disk import locked, part_of, put_in_place, told_when_full, write_part
from collabsim.study.ledger import BEGUN, DROPPED, KEPT, LEDGER, LOST, DamagedLedgerError, Entry, Ledger

if TYPE_CHECKING:
    import pyarrow as pa

CHUNKS = "chunks"
RUNS, MONTHLY, MANIFEST = "runs.parquet", "monthly.parquet", "manifest.json"
MEASURED, MONTHS = "", ".monthly"
"""The two files of a chunk, told apart by what follows its number."""

ASIDE = f"{LEDGER}.damaged"
REPLACE = "name another folder, or replace it with fresh=True (--fresh)"

PHASES = ("compute", "write", "rename", "record")
"""What a chunk goes through."""

ASSEMBLE = "assemble"
"""The phase of a sweep in which all its chunks are there, and are put together."""

Watch = Callable[[str, int], None]
"""Called as a phase begins, with its name and the number of the chunk; 0 where it is that of no chunk."""


class TornChunkError(Exception):
    """A chunk's file is not what was recorded."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Store:
    """The folder of a sweep, held by this process alone from ``with`` to its end.

    Parameters
    ----------
    folder
        Where; it is made if it is not there.
    head
        What the sweep is; see :func:`collabsim.study.cells.head_of`.
    fresh
        Throw away what another sweep, or this one, has left there.
    watch
        Told of phases.

    Raises
    ------
    InputError
        On entering, if the folder is in use, or holds another sweep or a table of unknown origin.
    """

    def __init__(
        self, folder: Path, head: Mapping[str, Any], fresh: bool = False, watch: Watch | None = None
    ) -> None:
        self.folder, self._head, self._fresh, self._watch = folder, dict(head), fresh, watch
        self._stack = ExitStack()
        self.ledger: Ledger
        self.notices: list[str] = []

    def __enter__(self) -> Self:
        with self._stack:
            try:
                (self.folder / CHUNKS).mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                raise InputError(f"'{self.folder}' is a file, not a folder for a sweep") from None
            self._stack.enter_context(told_when_full(self.folder))
            self._stack.enter_context(locked(self.folder))
            if self._fresh:
                self._throw_away()
            self._open_ledger()
            self._compare()
            self._settle()
            self._kept = self._stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> bool | None:
        return self._kept.__exit__(*error)

    def _throw_away(self) -> None:
        for name in (MANIFEST, RUNS, MONTHLY, LEDGER, f"{LEDGER}-journal", ASIDE):
            (self.folder / name).unlink(missing_ok=True)
        for file in (self.folder / CHUNKS).iterdir():
            file.unlink()

    def _open_ledger(self) -> None:
        begun = (self.folder / LEDGER).exists()
        if not begun and not any((self.folder / CHUNKS).iterdir()) and (self.folder / RUNS).exists():
            raise InputError(
                f"'{self.folder}' holds {RUNS} without {LEDGER} and {CHUNKS}/, so it can be neither told "
                f"what it is nor added to; {REPLACE}"
            )
        try:
            self.ledger = Ledger(self.folder)
        except DamagedLedgerError:
            os.replace(self.folder / LEDGER, self.folder / ASIDE)
            (self.folder / f"{LEDGER}-journal").unlink(missing_ok=True)
            self.notices.append(
                f"the ledger of '{self.folder}' was damaged; it is made anew from the chunks, and the old "
                f"one kept as {ASIDE}"
            )
            self.ledger = Ledger(self.folder)
        self._stack.enter_context(self.ledger)

    def _compare(self) -> None:
        """Refuse to mix this sweep with another."""
        found = self.ledger.head()
        if not found:  # of a new sweep, or of one whose ledger is lost: its chunks say what it is
            found = next((head for head, _ in map(self._own_words, self._files()) if head), {})
        refuse_unlike(self.folder, found, self._head)
        named = {**found.get("named", {}), **self._head["named"]}
        self.ledger.set_head({**self._head, "named": named})

    def _settle(self) -> None:
        """Bring ledger and files together, after whatever may have come in between."""
        for part in (self.folder / CHUNKS).glob(".*.part"):
            part.unlink()
        self.ledger.mark(LOST, *(entry.number for entry in self.ledger.entries(BEGUN)))
        entries = self.ledger.entries(KEPT)
        gone = [one.number for one in entries if not all((self._chunks / f).exists() for f in one.files)]
        self.ledger.mark(DROPPED, *gone)
        known = {name for one in entries if one.number not in gone for name in one.files}
        strangers = [file for file in self._files() if file.name not in known]
        if strangers:
            self._adopt(strangers)

    @property
    def _chunks(self) -> Path:
        return self.folder / CHUNKS

    def _files(self) -> list[Path]:
        return sorted(self._chunks.glob("*.parquet"))

    def _own_words(self, file: Path) -> tuple[dict[str, Any], int]:
        """Read which sweep a chunk's file says it belongs to, and which months it was computed with."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            said = pq.read_schema(file).metadata or {}
            return json.loads(said[b"sweep"]), int(said[b"every"])
        except (OSError, pa.ArrowInvalid, KeyError, ValueError):
            return {}, 0

    def _adopt(self, strangers: list[Path]) -> None:
        """Record chunks whose files are in place and not in the ledger: a stop came just before that."""
        recorded = {
            run for entry in self.ledger.entries(KEPT)
            for run in zip(*(each.tolist() for each in self.ledger.members(entry.number)), strict=True)
        }  # fmt: skip
        names = {file.name for file in strangers}
        for file in strangers:
            if MONTHS in file.name:
                continue
            head, every = self._own_words(file)
            both = file.with_name(f"{file.stem}{MONTHS}.parquet")
            table = _whole_table(file.read_bytes())
            if not head or unlike_heads(head, self._head) or table is None or (every and not both.exists()):
                continue
            keys, worlds = _members(table)
            runs = set(zip(keys.tolist(), worlds.tolist(), strict=True))
            if runs & recorded:
                continue
            number = int(file.stem)
            files = {one.name: _hash(one.read_bytes()) for one in ([file, both] if every else [file])}
            if number not in {entry.number for entry in self.ledger.entries()}:
                self.ledger.begin(number, keys, worlds, every)
            self.ledger.keep(number, files)
            recorded |= runs
            names -= set(files)
        for name in names:  # torn, or of no use to this sweep
            (self._chunks / name).unlink()

    def next_number(self) -> int:
        """Return a number that no chunk has had."""
        return 1 + max((entry.number for entry in self.ledger.entries()), default=0)

    def begin(self, number: int, keys: Any, worlds: Any, every: int) -> None:
        """Note that a chunk is about to be computed."""
        self.ledger.begin(number, keys, worlds, every)
        self.tell("compute", number)

    def keep(self, number: int, files: Mapping[str, bytes]) -> None:
        """Put a chunk's files in place and record it.

        Parameters
        ----------
        number
            Its number.
        files
            :data:`MEASURED`, and :data:`MONTHS` where months are kept: what each file holds.
        """
        names = {kind: f"{number:06d}{kind}.parquet" for kind in files}
        self.tell("write", number)
        parts = {kind: write_part(self._chunks / names[kind], content) for kind, content in files.items()}
        self.tell("rename", number)
        for kind in sorted(parts, reverse=True):  # the months first: what is measured stands for both
            put_in_place(parts[kind], self._chunks / names[kind])
        self.tell("record", number)
        self.ledger.keep(number, {names[kind]: _hash(content) for kind, content in files.items()})

    def tell(self, phase: str, number: int = 0) -> None:
        """Tell who watches that a phase begins."""
        if self._watch is not None:
            self._watch(phase, number)

    def drop(self, number: int) -> None:
        """Give up a chunk whose files are damaged; what is left of them is removed."""
        self.ledger.mark(DROPPED, number)
        for kind in (MEASURED, MONTHS):
            name = f"{number:06d}{kind}.parquet"
            (self._chunks / name).unlink(missing_ok=True)
            part_of(self._chunks / name).unlink(missing_ok=True)

    def content(self, entry: Entry, kind: str = MEASURED) -> bytes:
        """Return what a chunk's file holds, if it is what was recorded.

        Raises
        ------
        TornChunkError
            If it is not.
        """
        name = f"{entry.number:06d}{kind}.parquet"
        try:
            content = (self._chunks / name).read_bytes()
        except OSError:
            raise TornChunkError(entry.number) from None
        if entry.files.get(name) != _hash(content):
            raise TornChunkError(entry.number)
        return content

    def table(self, entry: Entry, kind: str = MEASURED, columns: list[str] | None = None) -> pa.Table:
        """Read a chunk's table, if its file is what was recorded.

        Raises
        ------
        TornChunkError
            If it is not.
        """
        import pyarrow.parquet as pq

        return pq.read_table(io.BytesIO(self.content(entry, kind)), columns=columns)


def refuse_unlike(folder: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse to mix a sweep with another that a folder holds; nothing found is no other.

    Raises
    ------
    InputError
        Saying in what they differ.
    """
    unlike = unlike_heads(found, wanted) if found else []
    if unlike:
        raise InputError(
            f"'{folder}' holds a sweep of another plan or other rules: {'; '.join(unlike)}. Runs of both are "
            f"never mixed; {REPLACE}"
        )


def unlike_heads(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Say in words in what two sweeps differ, so that their runs cannot stand in one table."""
    said = []
    for name, told in (
        ("form", "it was made by another version of collabsim, with other columns"),
        ("rules", "its rules are others"),
        ("measures", "outcomes were measured in another way"),
        ("scenario", "its scenario is another"),
        ("outcomes", "its own outcomes are others"),
        ("start", "it starts from another state"),
    ):
        if found.get(name) != wanted[name]:
            said.append(told)
    for name in ("design", "seed", "months", "factors"):
        if found.get(name) != wanted[name]:
            said.append(f"its {name} {'are' if name == 'factors' else 'is'} {_shown(found.get(name))}, and "
                        f"this plan's {_shown(wanted[name])}")  # fmt: skip
    before = found.get("named", {})
    said += [f"what '{name}' names has changed since" for name, identity in wanted["named"].items()
             if before.get(name, identity) != identity]  # fmt: skip
    return said


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def as_file(table: pa.Table, keys: Any, head: Mapping[str, Any], every: int) -> bytes:
    """Return a chunk's table as a file that says itself what it holds.

    Parameters
    ----------
    table
        What was measured.
    keys
        (rows,) ``S16``: the key of each run's point; None in the table of months.
    head
        Of the sweep.
    every
        Which months are kept.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if keys is not None:
        column = pa.array([bytes(key) for key in np.asarray(keys).view("V16").tolist()], pa.binary(16))
        table = table.append_column("key", column)
    said = {"sweep": json.dumps(head, sort_keys=True), "every": str(every)}
    file = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(said), file, write_page_checksum=True)
    return file.getvalue()


def _members(table: pa.Table) -> tuple[Any, Any]:
    keys = np.array([key.as_py() for key in table["key"].combine_chunks()], "S16")
    return keys, table["world"].to_numpy()


def _whole_table(content: bytes) -> pa.Table | None:
    """Read a chunk's file, or find that it is torn."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content), page_checksum_verification=True)
    except (OSError, pa.ArrowInvalid):
        return None
    return table if {"key", "world", "run"} <= set(table.column_names) else None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
