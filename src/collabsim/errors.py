"""What is said when something is wrong: every fault in words, several at once.

A fault names where it stands (a file, a line, a key), what was found there, what is allowed, and the
nearest right spelling. Nothing below the command line prints or exits: it raises :class:`InputError`,
and the command line turns that into one message and exit code 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CollabsimError(Exception):
    """Base of every error the library raises on purpose."""


class InputError(CollabsimError, ValueError):
    """Something the user gave cannot be used as it stands.

    Parameters
    ----------
    faults
        One sentence for each thing that is wrong. At least one.
    """

    def __init__(self, *faults: str) -> None:
        if not faults:
            raise TypeError("an InputError needs at least one fault")
        self.faults: tuple[str, ...] = faults
        super().__init__("\n".join(faults))

    def __reduce__(self) -> tuple[type[InputError], tuple[str, ...]]:
        """Survive the trip between processes, faults and all."""
        return (type(self), self.faults)


class Faults:
    """Collects faults, so that a user hears of all of them and not only of the first."""

    def __init__(self, where: str = "") -> None:
        self.where = where
        self.found: list[str] = []

    def add(self, fault: str) -> None:
        """Note one fault, preceded by the place this collection speaks of."""
        self.found.append(f"{self.where}: {fault}" if self.where else fault)

    def take(self, error: InputError) -> None:
        """Take over the faults of an error raised further down."""
        for fault in error.faults:
            self.add(fault)

    def settle(self) -> None:
        """Raise what was found, if anything was.

        Raises
        ------
        InputError
            With every fault noted so far.
        """
        if self.found:
            raise InputError(*self.found)


def nearest(word: object, known: Iterable[str]) -> str:
    """Say which known name a word was probably meant to be, or list the known ones.

    Parameters
    ----------
    word
        What was found.
    known
        What would have been right.

    Returns
    -------
    str
        ``"; did you mean 'x'?"`` where one is close, else ``"; known are ..."`` (at most 12 of them).
    """
    names = list(known)
    word = str(word)
    folded = {name.casefold().replace("_", "-").replace(" ", "-"): name for name in names}
    close = difflib.get_close_matches(
        word.casefold().replace("_", "-").replace(" ", "-"), folded, n=1, cutoff=0.6
    )
    if close:
        return f"; did you mean '{folded[close[0]]}'?"
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"; known are {', '.join(names[:12])}{more}" if names else ""
