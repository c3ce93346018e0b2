"""How Python calls the compiled month, without Numba: tables of where arrays lie, and kept machine code.

Everything that the month is handed is a tuple of arrays, some of them tuples again. Python writes down where
each array lies and how long its sides are, word by word, and machine code reads that table (what it makes of
it, :mod:`collabsim.passing` says). Machine code is an object file, as a compiler would leave it, which LLVM
puts where it can run. So a month that has been compiled once needs no compiler.
"""

from __future__ import annotations

import ctypes
import hashlib
import itertools
import json
import os
import tempfile
from array import array as array_of_words
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

ENTRY = "collabsim_entry"
"""The name of the function in the object file."""

FEW_BYTES = 1 << 22
"""Arrays of up to so many bytes together are remembered; more would be kept alive for it."""

REMEMBERED = 8
"""How many tuples of arrays are remembered."""


def arrays_in(held: Any) -> Iterator[Any]:
    """List every array of a tuple of arrays and tuples, in order."""
    for member in held:
        if isinstance(member, tuple):
            yield from arrays_in(member)
        else:
            yield member


class Table:
    """Writes down where the arrays of a tuple lie.

    Parameters
    ----------
    example
        A tuple of arrays and tuples, of the kinds that the machine code is made for.
    """

    def __init__(self, example: Any) -> None:
        self.kinds = [(array.dtype, array.ndim) for array in arrays_in(example)]
        self._known: dict[int, tuple[Any, bytes]] = {}

    def words(self, held: Any, remember: bool = False) -> bytes:
        """Return what machine code reads: of each array its address, then how long each side is.

        Parameters
        ----------
        held
            The tuple.
        remember
            Whether the same tuple is likely to come again. Some are then kept alive for a while.

        Raises
        ------
        TypeError
            If an array is of another kind, or not contiguous: machine code would read beside it.
        """
        known = self._known.get(id(held))
        if known is not None:
            return known[1]
        arrays = list(arrays_in(held))
        words = array_of_words("q")
        for array, (kind, sides) in zip(arrays, self.kinds, strict=True):
            flags = array.flags
            if array.dtype != kind or array.ndim != sides or not (flags.c_contiguous and flags.aligned):
                raise TypeError(
                    f"the compiled month takes contiguous arrays only, here one of {sides} dimensions of "
                    f"{kind}, not one of {array.ndim} of {array.dtype} with strides {array.strides}"
                )
            words.extend((array.ctypes.data, *array.shape))
        written = words.tobytes()
        if remember and sum(array.nbytes for array in arrays) <= FEW_BYTES:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[id(held)] = held, written  # a tuple never changes, and while held keeps its id
        return written


@dataclass(frozen=True)
class MachineCode:
    """Object files, and what must be there before they can run.

    Attributes
    ----------
    objects
        The bytes of each.
    needs_numba
        Whether it calls what only Numba brings: a rule of a user's may make arrays or print.
    environments
        By the name of a variable in the code, what Numba keeps for a function of a user's that goes back to
        Python: an object of Numba's, or None where an empty one will do.
    lasting
        Whether it means the same in another process.
    """

    objects: tuple[bytes, ...]
    needs_numba: bool = False
    environments: dict[str, Any] = field(default_factory=dict)
    lasting: bool = True

    def keep(self, file: Path) -> None:
        """Write it to a file, as :func:`keep` does."""
        head = {
            "lengths": [len(each) for each in self.objects],
            "needs_numba": self.needs_numba,
            "environments": list(self.environments),
        }
        keep(file, head, b"".join(self.objects))

    @classmethod
    def kept(cls, file: Path) -> MachineCode | None:
        """Return what a file holds, or None where there is none or it is damaged."""
        head, body = kept(file)
        if not head:
            return None
        ends = list(itertools.accumulate(head["lengths"]))
        objects = tuple(body[end - length : end] for end, length in zip(ends, head["lengths"], strict=True))
        return cls(objects, head["needs_numba"], dict.fromkeys(head["environments"]))


def keep(file: Path, head: dict[str, Any], body: bytes) -> None:
    """Write a file: whole or not at all, whoever else writes it too.

    Parameters
    ----------
    file
        Where to.
    head
        What is said of the body, as JSON.
    body
        Any bytes.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    said = json.dumps(head).encode()
    digest = hashlib.sha256(said + body).hexdigest().encode()
    descriptor, part = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as aside:
            aside.write(b"\n".join((digest, said, body)))
        os.replace(part, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise


def kept(file: Path) -> tuple[dict[str, Any], bytes]:
    """Return head and body of a file that :func:`keep` wrote; both empty if it is not there, or damaged."""
    try:
        digest, said, body = file.read_bytes().split(b"\n", 2)
    except (OSError, ValueError):
        return {}, b""
    if digest != hashlib.sha256(said + body).hexdigest().encode():
        return {}, b""
    head: dict[str, Any] = json.loads(said)
    return head, body


class Entry:
    """Machine code, put where it can run.

    Parameters
    ----------
    machine_code
        What to run.
    environments
        By the name of a variable in it, what Numba keeps for a function that goes back to Python.
    """

    def __init__(
        self, machine_code: MachineCode, environments: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(jit=True)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        for each in machine_code.objects:
            self._engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(each))
        self._engine.finalize_object()
        for name, environment in environments.items():
            place = self._engine.get_global_value_address(name)
            ctypes.c_void_p.from_address(place).value = id(environment)
        self._held = dict(environments)  # for as long as the code is there
        self._function = _FUNCTION(self._engine.get_function_address(ENTRY))

    def __call__(self, words: bytes) -> int:
        """Call it with a table; other threads of Python run meanwhile.

        Raises
        ------
        Exception
            Whatever a rule raises.
        """
        result, raised = ctypes.c_int64(), _RAISED()
        status = self._function(words, ctypes.byref(result), ctypes.byref(raised))
        if status != 0:
            raise _exception(raised)
        return result.value


class _Raised(ctypes.Structure):
    """How Numba keeps an exception: what is known of it beforehand, pickled, and what is not until then."""

    _fields_ = (
        ("pickled", ctypes.c_void_p),
        ("bytes", ctypes.c_int32),
        ("values", ctypes.c_void_p),
        ("as_tuple", ctypes.c_void_p),
        ("count", ctypes.c_int32),
    )


_RAISED = ctypes.POINTER(_Raised)
_FUNCTION = ctypes.CFUNCTYPE(
    ctypes.c_int32, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int64), ctypes.POINTER(_RAISED)
)


def _exception(raised: Any) -> BaseException:
    """Make the exception that a rule has raised."""
    if not raised:
        return RuntimeError("the compiled month failed without saying why")
    from numba.core import serialize

    found = raised.contents
    pickled = ctypes.string_at(found.pickled, found.bytes)
    if found.count > 0:
        values = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p)(found.as_tuple)(found.values)
        kind, arguments, _ = serialize.runtime_build_excinfo_struct(pickled, values)
    else:
        kind, arguments, _ = serialize.loads(pickled)
    error: BaseException = kind(*(arguments or ()))
    return error
