"""How far it is: a bar on a terminal, a line now and then elsewhere, always on stderr."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Any, Self

EVERY, LONGEST = 10.0, 600.0
"""Seconds between two lines where there is no terminal, at first and at the most: the longer it takes, the
fewer."""

NUMBERS = 51
"""Columns that the numbers of a million runs take, and a ``^C`` after them."""

NARROWEST, WIDEST = 10, 40
"""Columns of the bar."""


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
        self.done = self._before = 0
        self._lock = threading.Lock()  # threads report from wherever they are
        self._bar: Any = None
        self._task: Any = None
        self._begun = self._said = 0.0

    def __enter__(self) -> Self:
        self._begun = self._said = time.monotonic()
        if not self.quiet and sys.stderr.isatty():
            self._bar = self._make_bar()
            self._task = self._bar.add_task(self.what, total=self.total, rate="", left="")
            self._bar.start()
        return self

    def _make_bar(self, console: Any = None) -> Any:
        """Make the bar: as wide as there is room beside the numbers, and none where there is hardly any.

        The line is never as wide as the terminal: a ``^C`` at its end would begin a new one, and the bar
        would be left standing above it.
        """
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True) if console is None else console
        room = min(WIDEST, console.width - NUMBERS)
        return Bar(
            TextColumn("{task.description}"),
            *([BarColumn(bar_width=room)] if room >= NARROWEST else []),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[left]} left"),
            console=console,
            transient=True,
        )

    def begin(self, total: int, done: int) -> None:
        """Say how many there are to do, and how many of them were done before."""
        with self._lock:
            self.total, self.done, self._before = total, done, done
            self._begun = time.monotonic()
            if self._bar is not None:
                self._bar.update(self._task, total=total, completed=done)
            elif done and not self.quiet:
                self._line(f"{done:,} of {total:,} {self.what} are there already")

    def __call__(self, count: int) -> None:
        """Note that ``count`` more are done, or with 0 that the first is about to begin; from any thread."""
        with self._lock:
            if self.done == self._before and count == 0:  # compiling went before: it says nothing of the rate
                self._begun = self._said = time.monotonic()
            self.done += count
            if self.quiet:
                return
            now = time.monotonic()
            taken = now - self._begun
            rate = (self.done - self._before) / max(1e-9, taken)
            left = spell((self.total - self.done) / rate) if rate > 0 else "unknown"
            if self._bar is not None:
                self._bar.update(self._task, completed=self.done, rate=f"{rate:,.0f}/s", left=left)
            elif now - self._said >= min(LONGEST, max(EVERY, taken / 10)):
                self._said = now
                self._line(
                    f"{self.done:,} of {self.total:,} {self.what} done, {rate:,.0f}/s, {left} left"
                )

    def _line(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def spell(seconds: float) -> str:
    """Say a length of time in words, as exactly as anyone wants to know it."""
    if seconds < 99.5:
        return f"{max(0.0, seconds):.0f} s"
    units = ((60.0, "min"), (3600.0, "h"), (86400.0, "days"))
    scale, name = units[0 if seconds < 5970 else 1 if seconds < 171_000 else 2]
    return f"{seconds / scale:.0f} {name}" if seconds / scale >= 9.95 else f"{seconds / scale:.1f} {name}"
