"""Parts of the month that are compiled once, for whatever schedule they are used in.

The package's own steps and outcomes are the same in every schedule, so what the compiler makes of each is
kept, and a schedule with a rule of a user's own compiles that rule and puts the whole together. The first
time another process takes its share, since Python computes on one core at a time.
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

import llvmlite.binding as llvm
import numba
from numba.core import types, typing
from numba.core.codegen import CodeLibrary
from numba.core.funcdesc import FunctionDescriptor
from numba.core.registry import cpu_target

from collabsim.calling import keep, kept
from collabsim.compiled import RULES_TEXT_HASH
from collabsim.compiling import Linked, Name, known_to_numba

FILE = "parts.bc"
"""Where in the cache folder they are kept."""

HELP = """
import sys
sys.path[:] = {path!r}
from collabsim.schedule import help_compile
help_compile({folder!r}, {text!r})
"""
"""What another process does; it is told where to find the package, and which text it should be."""

RETURNS = {str(kind): kind for kind in (types.none, types.boolean, types.int64, types.float64)}
"""What parts may return."""


@dataclass(frozen=True)
class Part:
    """What the compiler makes of one function.

    Attributes
    ----------
    symbol
        Its name for LLVM.
    returns
        The name of the type it returns.
    bitcode
        LLVM's own notation of it and of what it calls.
    """

    symbol: str
    returns: str
    bitcode: bytes


class _Kept(Linked):
    """The code of a part that was compiled before."""

    def __init__(self, codegen: Any, name: str, bitcode: bytes) -> None:
        CodeLibrary.__init__(self, codegen, name)
        self._linking_libraries, self._shared_module, self._jobs = [], None, []
        self._job(self._read, bitcode)
        self._finalized = True

    def _read(self, bitcode: bytes) -> None:
        self._final_module = llvm.parse_bitcode(bitcode)


@dataclass(frozen=True)
class _Compiled:
    """A part, as Numba wants to know a function that it has compiled."""

    signature: Any
    entry_point: Any
    objectmode: bool = False


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

    def ready(self, folder: Path) -> None:
        """Have Numba know them all: from the folder, or compiled now and kept there."""
        found = read(folder / FILE)
        if set(found) < set(self.functions):
            for name, part in found.items():
                self._take(name, part)
            found |= self._compile_with_help(folder, [name for name in self.functions if name not in found])
            with suppress(OSError):
                write(folder / FILE, found)
            return
        for name, part in found.items():
            self._take(name, part)

    def _compile_with_help(self, folder: Path, missing: list[str]) -> dict[str, Part]:
        claims = Path(tempfile.mkdtemp(dir=folder))
        helper = _helper(claims)
        try:
            found = self.compile_share(claims, missing)
            if helper is not None and helper.wait() == 0:
                theirs = read(claims / FILE)
                for name, part in theirs.items():
                    self._take(name, part)
                found |= theirs
            for name in missing:  # where there was no help after all
                if name not in found:
                    found[name] = self._compile(name)
            return found
        finally:
            if helper is not None:
                helper.kill()
                helper.wait()
            shutil.rmtree(claims, ignore_errors=True)

    def compile_share(self, claims: Path, names: list[str] | None = None) -> dict[str, Part]:
        """Compile what nobody else has begun, the longest first.

        Parameters
        ----------
        claims
            A folder in which whoever begins with a part leaves a file of its name.
        names
            Which; all unless said.
        """
        wanted = list(self.functions) if names is None else names
        wanted.sort(key=lambda name: -len(self.functions[name].__code__.co_code))
        return {name: self._compile(name) for name in wanted if _claimed(claims / name)}

    def _compile(self, name: str) -> Part:
        inner, kinds = known_to_numba(self.functions[name]), self.kinds[name]
        inner.compile(kinds)
        compiled = inner.overloads[kinds]
        library = compiled.library
        library._ensure_finalized()
        library._wait()
        bitcode = library._get_module_for_linking().as_bitcode()
        return Part(compiled.fndesc.llvm_func_name, str(compiled.signature.return_type), bitcode)

    def _take(self, name: str, part: Part) -> None:
        """Have Numba know a part that was compiled before."""
        function, kinds = self.functions[name], self.kinds[name]
        target, entry = cpu_target.target_context, Name()
        about = FunctionDescriptor(
            native=True,
            modname=function.__module__,
            qualname=function.__qualname__,
            unique_name=part.symbol,
            doc=None,
            typemap=None,
            restype=RETURNS[part.returns],
            calltypes=None,
            args=arguments(function),
            kws=(),
            mangler=lambda *_, **__: part.symbol,
            argtypes=kinds,
            noalias=True,
        )
        target.insert_user_function(entry, about, [_Kept(target.codegen(), name, part.bitcode)])
        signature = typing.signature(about.restype, *kinds)
        known_to_numba(function).overloads[kinds] = _Compiled(signature, entry)


def arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of what a function is handed."""
    return function.__code__.co_varnames[: function.__code__.co_argcount]


def _claimed(file: Path) -> bool:
    """Say that one begins with something; False where another has."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def _helper(folder: Path) -> subprocess.Popen[bytes] | None:
    """Start a process that takes its share, where there is a core for it and a Python to run."""
    if (os.cpu_count() or 1) == 1 or not Path(sys.executable or "").stem.startswith(("python", "pypy")):
        return None
    words = [sys.executable, "-c", HELP.format(path=sys.path, folder=str(folder), text=RULES_TEXT_HASH)]
    silent = subprocess.DEVNULL
    try:
        return subprocess.Popen(words, stdin=silent, stdout=silent, stderr=silent)
    except OSError:
        return None


def write(file: Path, parts: Mapping[str, Part]) -> None:
    """Write parts to a file, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    about = [[name, part.symbol, part.returns, len(part.bitcode)] for name, part in parts.items()]
    keep(file, {"parts": about}, b"".join(part.bitcode for part in parts.values()))


def read(file: Path) -> dict[str, Part]:
    """Return the parts that a file holds; none where it is not there or damaged."""
    head, body = kept(file)
    return dict(_cut(head.get("parts", []), body))


def _cut(about: list[list[Any]], body: bytes) -> Iterator[tuple[str, Part]]:
    for name, symbol, returns, length in about:
        yield name, Part(symbol, returns, body[:length])
        body = body[length:]
