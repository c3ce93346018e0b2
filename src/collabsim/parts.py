"""Parts of the month that are compiled once, for whatever schedule they are used in.

The package's own steps are the same in every schedule, so the machine code of each is made by itself and
kept. A part is called with where its tables lie, which takes no time to speak of, and a schedule with a rule
of a user's own compiles that rule and what calls the parts in turn. The first time other processes take their
share, since Python computes on one core at a time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
from numba.core import types

from collabsim.calling import keep, kept
from collabsim.compiled import MARK, RULES_TEXT_HASH
from collabsim.compiling import Called, call_by_symbol, known_to_numba
from collabsim.linking import Whole, whole_of

FILE = "parts.o"
"""Where in the cache folder they are kept."""

HELP = """
import sys
sys.path[:] = {path!r}
from collabsim.schedule import help_compile
help_compile({folder!r}, {file!r}, {text!r})
"""
"""What another process does; it is told where to find the package, and which text it should be."""

MOST = 4
"""How many processes share the work where there are as many cores: with more, most would only start."""

RETURNS = {str(kind): kind for kind in (types.none, types.boolean, types.int64, types.float64)}
"""What parts may return."""


@dataclass(frozen=True)
class Part:
    """The machine code of one function.

    Attributes
    ----------
    returns
        The name of the type it returns.
    code
        An object file.
    """

    returns: str
    code: bytes


_MADE: dict[str, Part] = {}
"""What this process knows already."""


class Parts:
    """The functions that are parts, with the kinds of what they are handed.

    Parameters
    ----------
    functions
        All of them.
    named
        By the name of an argument, a value of the kind that it has in every function.
    """

    def __init__(self, functions: Iterable[Callable[..., Any]], named: Mapping[str, Any]) -> None:
        kinds = {name: numba.typeof(value) for name, value in named.items()}
        self.functions = {f"{each.__module__}.{each.__qualname__}": each for each in functions}
        self.kinds = {
            name: tuple(kinds[argument] for argument in arguments(function))
            for name, function in self.functions.items()
        }

    def ready(self, folder: Path | None) -> tuple[bytes, ...]:
        """Have Numba know them all, and return their object files.

        Parameters
        ----------
        folder
            Where they are kept, or None to keep nothing.
        """
        found = dict(_MADE) or ({} if folder is None else read(folder / FILE))
        missing = [name for name in self.functions if name not in found]
        if folder is None:
            found |= self.compile(missing)
        elif missing:
            found |= self._compile_with_help(folder, missing)
            with suppress(OSError):
                write(folder / FILE, found)
        _MADE.update(found)
        for name, part in found.items():
            call_by_symbol(self.functions[name], name, RETURNS[part.returns], self.kinds[name])
        return tuple(part.code for part in found.values())

    def _compile_with_help(self, folder: Path, missing: list[str]) -> dict[str, Part]:
        claims = Path(tempfile.mkdtemp(dir=folder))
        files = [f"share-{number}" for number in range(1, min(MOST, os.cpu_count() or 1))]
        helpers = [_helper(claims, file) for file in files]
        try:
            found = self.compile(missing, claims)
            for helper, file in zip(helpers, files, strict=True):
                if helper is not None and helper.wait() == 0:
                    found |= read(claims / file)
            return found | self.compile([name for name in missing if name not in found])
        finally:
            for helper in helpers:
                if helper is not None:
                    assert helper.stdin is not None
                    helper.stdin.close()
                    helper.kill()
                    helper.wait()
            shutil.rmtree(claims, ignore_errors=True)

    def compile(self, names: Iterable[str] | None = None, claims: Path | None = None) -> dict[str, Part]:
        """Compile parts, the longest first.

        Parameters
        ----------
        names
            Which; all unless said.
        claims
            A folder in which whoever begins with a part leaves a file of its name; what another has begun is
            left out.
        """
        wanted = sorted(
            self.functions if names is None else names,
            key=lambda name: -_length(self.functions[name], set()),
        )
        begun = {name: self._begin(name) for name in wanted if claims is None or _claimed(claims / name)}
        found = {}
        for name, (returns, whole) in begun.items():
            made = whole.machine_code()
            assert made.lasting and not made.needs_numba, name
            found[name] = Part(returns, *made.objects)
        return found

    def _begin(self, name: str) -> tuple[str, Whole]:
        """Compile a function as a step of the month is, and have its machine code made."""
        inner, kinds = known_to_numba(self.functions[name]), self.kinds[name]
        if isinstance(inner.overloads.get(kinds), Called):
            del inner.overloads[kinds]
        inner.compile(kinds)
        compiled = inner.overloads[kinds]
        return str(compiled.signature.return_type), whole_of(name, compiled)


def arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of what a function is handed."""
    return function.__code__.co_varnames[: function.__code__.co_argcount]


def _length(function: Callable[..., Any], seen: set[Any]) -> int:
    """Say how much there is to compile in a function and the rules that it calls."""
    seen.add(function)
    length = len(function.__code__.co_code)
    for name in function.__code__.co_names:
        called: Any = function.__globals__.get(name)
        if hasattr(called, MARK) and called not in seen:
            length += _length(called, seen)
    return length


def _claimed(file: Path) -> bool:
    """Say that one begins with something; False where another has."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    except OSError:  # somebody has removed the folder, or it cannot be written any more
        return True
    return True


def _helper(folder: Path, file: str) -> subprocess.Popen[bytes] | None:
    """Start a process that takes its share, where there is a Python to run and not some other program."""
    if not Path(sys.executable or "").stem.startswith("python"):
        return None
    words = HELP.format(path=sys.path, folder=str(folder), file=file, text=RULES_TEXT_HASH)
    silent = subprocess.DEVNULL
    try:  # by the pipe it sees when this process is gone
        return subprocess.Popen(
            [sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=silent, stderr=silent
        )
    except OSError:
        return None


def write(file: Path, parts: Mapping[str, Part]) -> None:
    """Write parts to a file, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    about = [[name, part.returns, len(part.code)] for name, part in parts.items()]
    keep(file, {"parts": about}, b"".join(part.code for part in parts.values()))


def read(file: Path) -> dict[str, Part]:
    """Return the parts that a file holds; none where it is not there or damaged."""
    head, body = kept(file)
    return dict(_cut(head.get("parts", []), body))


def _cut(about: list[list[Any]], body: bytes) -> Iterator[tuple[str, Part]]:
    for name, returns, length in about:
        yield name, Part(returns, body[:length])
        body = body[length:]
