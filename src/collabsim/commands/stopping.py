"""Being asked to end by the system: the same clean end as an interrupt, with its own exit code."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

TERMINATED = 128 + 15
"""The exit code of a process that ended because it was asked to."""


@contextmanager
def terminated_in_words(say: Callable[[], None]) -> Iterator[None]:
    """End cleanly on SIGTERM, with exit code 143, and say something first; also on an interrupt.

    Parameters
    ----------
    say
        Called before the end.
    """

    def end(*_: Any) -> None:
        raise SystemExit(TERMINATED)

    before = None
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        say()
        raise
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
