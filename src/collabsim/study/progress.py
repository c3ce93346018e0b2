"""How far it is: a bar on a terminal, a line now and then elsewhere, always on stderr."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Any, Self

EVERY = 10.0
"""Seconds between two lines where there is no terminal."""


class Progress:
    """Shows what is done, the rate and the time left; call it with the number just done.

    Parameters
    ----------
    what
        What is counted, such as ``"runs"``.
    total
        How many there are to do.
    quiet
        Show nothing.

    Examples
    --------
    >>> with Progress("runs", 100, quiet=True) as progress:
    ...     progress(100)
    """

    def __init__(self, what: str, total: int, quiet: bool = False) -> None:
        self.what, self.total, self.quiet = what, total, quiet
        self.done = 0
        self._lock = threading.Lock()  # threads report from wherever they are
        self._bar: Any = None
        self._task: Any = None
        self._begun = self._said = 0.0

    def __enter__(self) -> Self:
        self._begun = self._said = time.monotonic()
        if not self.quiet and sys.stderr.isatty():
            self._bar = self._make_bar()
            self._task = self._bar.add_task(self.what, total=self.total, rate="")
            self._bar.start()
        return self

    def _make_bar(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        return Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=Console(stderr=True),
            transient=True,
        )

    def __call__(self, count: int) -> None:
        """Note that ``count`` more are done, or with 0 that the first is about to begin; from any thread."""
        with self._lock:
            if self.done == 0 and count == 0:  # compiling went before, and says nothing about the rate
                self._begun = self._said = time.monotonic()
            self.done += count
            if self.quiet:
                return
            now = time.monotonic()
            rate = self.done / max(1e-9, now - self._begun)
            if self._bar is not None:
                self._bar.update(self._task, completed=self.done, rate=f"{rate:,.0f}/s")
            elif now - self._said >= EVERY:
                self._said = now
                left = (self.total - self.done) / max(1e-9, rate)
                print(
                    f"{self.done:,} of {self.total:,} {self.what} done, {rate:,.0f}/s, {left:,.0f} s left",
                    file=sys.stderr,
                    flush=True,
                )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
