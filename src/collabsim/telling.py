"""The text by which one function of a user's is told from another, whatever it refers to.

A rule is told from another by its source and by all that its results hang on: the functions it calls, the
values it reads, wherever these are. Modules and classes that came with Python or were installed are told by
their names alone. What belongs to the package's own month is told by the hash of that.
"""

from __future__ import annotations

import dis
import functools
import hashlib
import importlib
import inspect
import pickle
import sysconfig
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.compiled import in_package, plain
from collabsim.errors import InputError

PLAIN = (bool, int, float, complex, str, bytes, np.generic)
"""Kinds of values that are told by how they are written."""

NOT_TOLD = {
    "__dict__", "__doc__", "__module__", "__weakref__", "__slotnames__", "__firstlineno__",
    "__static_attributes__",
}  # fmt: skip
"""Members of a class that say nothing of what it does."""


def function_text(function: Callable[..., Any], seen: dict[Any, Any] | None = None) -> str:
    """Return the text of a function and of all that it refers to, for an identity.

    Parameters
    ----------
    function
        A Python or compiled function.
    seen
        What has been followed already; what is followed now is added, functions by their id.

    Returns
    -------
    str
        Its source and, by name, the values, functions, arrays, classes and members of modules among its
        globals, closure and defaults, followed to the end.

    Raises
    ------
    InputError
        If its source cannot be read.
    """
    seen = {} if seen is None else seen
    given, function = function, plain(function)
    if id(function) in seen:
        return ""
    seen[id(function)] = given
    if in_package(function):
        return f"{function.__module__}.{function.__qualname__}"  # in the hash of the package's text
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        raise InputError(
            f"the source of the rule '{function.__name__}' cannot be read, so its runs could not be told "
            "from others; define it in a file or a notebook cell"
        ) from None
    names = _names(function.__code__)
    known: dict[str, Any] = dict(_imported(function.__code__, function.__globals__.get("__package__")))
    known |= {name: function.__globals__[name] for name in sorted(names) if name in function.__globals__}
    if function.__closure__:
        for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True):
            known[name] = cell.cell_contents
    known |= {f"default {place}": value for place, value in enumerate(function.__defaults__ or ())}
    known |= {f"default {name}": value for name, value in (function.__kwdefaults__ or {}).items()}
    return "\n".join([source, *(f"{name}: {_text(value, names, seen)}" for name, value in known.items())])


def _text(value: Any, names: set[str], seen: dict[Any, Any]) -> str:
    """Return the text of a value that a function refers to; ``names`` are all that the function looks up."""
    if hasattr(plain(value), "__code__"):
        return function_text(value, seen)
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {value.tobytes().hex()}"
    if isinstance(value, types.ModuleType):
        return _module_text(value, names, seen)
    if isinstance(value, type):
        return _class_text(value, names, seen)
    if isinstance(value, Mapping):
        return repr([(_text(key, names, seen), _text(each, names, seen)) for key, each in value.items()])
    if isinstance(value, list | tuple):
        return repr([_text(each, names, seen) for each in value])
    if isinstance(value, set | frozenset):  # whose order differs from process to process
        return repr(sorted(_text(each, names, seen) for each in value))
    if isinstance(value, functools.partial):
        return _text((value.func, value.args, value.keywords), names, seen)
    if value is None or isinstance(value, PLAIN):
        return repr(value)
    return _object_text(value, names, seen)


def _object_text(value: Any, names: set[str], seen: dict[Any, Any]) -> str:
    """Return the text of any other object: its class, and what it holds."""
    told = _class_text(type(value), names, seen)
    if id(value) in seen:
        return told
    seen[id(value)] = value
    if (name := getattr(value, "__qualname__", None)) is not None:  # of Python's own or an installed package
        return f"{told} {name}"
    if vars(type(value)).get("__repr__") is not None:
        told += f" {value!r}"  # which may leave things out
    try:
        return f"{told} {hashlib.sha256(pickle.dumps(value)).hexdigest()}"
    except Exception:  # what cannot be pickled says so in many ways
        return f"{told} {_text(getattr(value, '__dict__', {}), names, seen)}"


def _module_text(module: types.ModuleType, names: set[str], seen: dict[Any, Any]) -> str:
    """Return the text of those members of a module that a function looks up."""
    told = [module.__name__]
    if not _by_name(module):
        for name in sorted(names & vars(module).keys()):
            if (id(module), name) not in seen:
                seen[id(module), name] = module
                told.append(f"{name}: {_text(vars(module)[name], names, seen)}")
    return "\n".join(told)


def _class_text(kind: type, names: set[str], seen: dict[Any, Any]) -> str:
    """Return the text of a class of a user's: of all its members, and of what it is made from."""
    told = [f"{kind.__module__}.{kind.__qualname__}"]
    module = inspect.getmodule(kind)
    if id(kind) in seen or module is None or _by_name(module):
        return told[0]
    seen[id(kind)] = kind
    for name, member in sorted(vars(kind).items()):
        if name in NOT_TOLD:
            continue
        inner = getattr(member, "__func__", None) or getattr(member, "fget", None) or member
        try:
            told.append(f"{name}: {_text(inner, names, seen)}")
        except InputError:  # written by Python itself, as for a named tuple
            told.append(f"{name}: {inner.__code__.co_code.hex()} {inner.__code__.co_consts!r}")
    told += [_class_text(base, names, seen) for base in kind.__bases__]
    return "\n".join(told)


def _by_name(module: types.ModuleType) -> bool:
    """Say whether a module's name tells it: it came with Python or was installed, and is not this package."""
    if module.__name__.partition(".")[0] == "collabsim":
        return False  # wherever it lies: the same text has the same identity everywhere
    file = getattr(module, "__file__", None)
    if file is None:
        return not hasattr(module, "__path__")  # built in, unless a folder without a file of its own
    place = Path(file)
    return bool({"site-packages", "dist-packages"} & set(place.parts)) or place.is_relative_to(
        sysconfig.get_path("stdlib")
    )


def _imported(code: types.CodeType, package: str | None) -> Iterator[tuple[str, types.ModuleType]]:
    """Yield the modules that a function, or one inside it, imports when it is called."""
    told = list(dis.get_instructions(code))
    for place, each in enumerate(told):
        if each.opname == "IMPORT_NAME":
            name = "." * told[place - 2].argval + each.argval  # before it come its level and what is taken
            with suppress(ImportError, ValueError, TypeError):  # the function will say so itself
                yield f"import {name}", importlib.import_module(name, package)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _imported(constant, package)


def _names(code: types.CodeType) -> set[str]:
    """Collect every name a code object and those inside it look up."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant)
    return names
