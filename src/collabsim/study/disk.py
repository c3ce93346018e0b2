"""Files that are there whole or not at all, and a folder that one process at a time may work in."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from collabsim.errors import CollabsimError, InputError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says when there is no room: on the disk, within a quota, or within a file's limit."""


class StoppedError(CollabsimError):
    """A sweep could not go on, through no fault in what was given; what was finished is kept."""


def sync(path: Path) -> None:
    """See to it that a file is on the disk and not only on its way there."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """See to it that what was renamed in a folder stays renamed when the power goes."""
    if os.name == "nt":  # folders cannot be opened there, and renaming needs no more
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def part_of(path: Path) -> Path:
    """Return the name under which a file is written before it is whole."""
    return path.with_name(f".{path.name}.part")


def write_part(path: Path, content: bytes) -> Path:
    """Write what will be a file beside its place, to the disk, and return where."""
    part = part_of(path)
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return part


def put_in_place(part: Path, path: Path) -> None:
    """Give a file its name, for good."""
    os.replace(part, path)
    sync_folder(path.parent)


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that it is there whole or not at all."""
    try:
        put_in_place(write_part(path, text.encode()), path)
    finally:
        part_of(path).unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Work in a folder alone.

    The lock belongs to the process: the system takes it back when the process ends, however it ends, so
    that a lock left behind by one that was killed keeps nobody out.

    Raises
    ------
    InputError
        If another process, or another thread of this one, is at work in the folder.
    """
    with (folder / "lock").open("a+", encoding="utf-8") as file:
        try:
            _take(file)
        except BlockingIOError:
            file.seek(0)
            who = file.read().strip()
            raise InputError(
                f"another process{f' ({who})' if who else ''} is at work in '{folder}'; wait until it is "
                "done, stop it, or name another folder"
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield


def _take(file: Any) -> None:
    """Take the lock on an open file, or raise BlockingIOError; closing the file gives it back."""
    if os.name == "nt":
        import msvcrt

        where: Any = msvcrt
        file.seek(1 << 20)  # beyond the text, which others may read
        try:
            where.locking(file.fileno(), where.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def told_when_full(folder: Path) -> Iterator[None]:
    """Say in words that the disk is full.

    Raises
    ------
    StoppedError
        In place of what the system says.
    """
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        # SQLite says "full" of a full disk, and "I/O error" where a limit on files or a quota stops it
        told = error.errno in FULL if isinstance(error, OSError) else re.search("full|I/O", str(error))
        if not told:
            raise
        raise StoppedError(
            f"'{folder}': there is no room left on the disk ({error}). What was finished is kept: make room, "
            "and the same command goes on from there"
        ) from error
