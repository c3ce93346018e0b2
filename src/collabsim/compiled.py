"""How rules become machine code, and how compiled code is kept on disk without ever going stale.

Every rule is an ordinary Python function marked :func:`rule`. With the environment variable
``NUMBA_DISABLE_JIT=1`` the same functions run as plain Python and give the same bits: strict float64,
no fused or reordered arithmetic, and our own ``exp`` and ``log``.

Numba's own on-disk cache looks only at the file of the function that is called, so an edited rule in
another file would be served stale. Here the cache folder carries a hash of the text of everything that
is compiled, of the versions that compile it, and of the rules a user has put into the schedule.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import linecache
import os
import platform
import re
import sys
import tempfile
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core import config

from collabsim.compiling import HASHED as HASHED
from collabsim.compiling import EntryCompiler, Inner, InnerCompiler, StepCompiler, in_package
from collabsim.errors import InputError
from collabsim.parameters import PARAMETER_DTYPE

F = TypeVar("F", bound=Callable[..., Any])

JIT = not config.DISABLE_JIT
"""Whether rules are compiled in this process."""


def _marked(function: F, compiler: type[InnerCompiler]) -> F:
    if not JIT:
        return function
    options = {
        "nopython": True,
        "error_model": "numpy",
        "nogil": True,
        "no_cpython_wrapper": True,
        "no_cfunc_wrapper": True,
        # the package's own make no array, so nothing need count who holds one; others may
        "_nrt": not in_package(function),
    }
    compiled: F = Inner(py_func=function, targetoptions=options, pipeline_class=compiler)
    return compiled


def rule(function: F) -> F:
    """Mark a function as part of the compiled month.

    It must keep to Numba's subset of Python, divide by nothing that can be 0, and draw no random
    number of its own. Where Python calls it, as a test does, it is compiled anew for that.
    """
    return _marked(function, InnerCompiler)


def step(function: F) -> F:
    """Mark a function of state, month and parameters, or another with a loop, as part of the compiled month.

    As :func:`rule`, but optimised by itself before it becomes part of the month.
    """
    return _marked(function, StepCompiler)


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the Python function behind a compiled one (or the function itself)."""
    return getattr(function, "py_func", function)


def text_hash_now() -> str:
    """Hash the text of every module of the package that takes part in the compiled month, as it is on disk.

    Returns
    -------
    str
        64 hexadecimal digits, the same on every machine for the same text.
    """
    folder = Path(__file__).parent
    files = [folder / f"{name}.py" for name in HASHED] + sorted((folder / "rules").glob("*.py"))
    digest = hashlib.sha256(repr(PARAMETER_DTYPE.names).encode())  # their values are not compiled in
    for file in files:
        text = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{file.relative_to(folder).as_posix()} {len(text)}\n".encode())
        digest.update(text)
    return digest.hexdigest()


RULES_TEXT_HASH = text_hash_now()
"""The hash of the rules as they were when this process loaded them."""


def function_text(
    function: Callable[..., Any], seen: set[int] | None = None, homes: set[str] | None = None
) -> str:
    """Return the text of a function and of all that it refers to, for an identity.

    Parameters
    ----------
    function
        A Python or compiled function.
    seen
        Functions already followed, by id.
    homes
        Where given, the names of the modules that the functions come from are added to it.

    Returns
    -------
    str
        Its source and, by name, the values, functions and arrays among its globals, closure and
        defaults, followed to the end.

    Raises
    ------
    InputError
        If its source cannot be read.
    """
    seen = set() if seen is None else seen
    function = plain(function)
    if id(function) in seen:
        return ""
    seen.add(id(function))
    if homes is not None:
        homes.add(function.__module__)
    if in_package(function):
        return f"{function.__module__}.{function.__qualname__}"  # in the hash of the package's text
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        raise InputError(
            f"the source of the rule '{function.__name__}' cannot be read, so its runs could not be told "
            "from others; define it in a file or a notebook cell"
        ) from None
    parts = [source, repr(function.__defaults__), repr(function.__kwdefaults__)]
    names = _names(function.__code__)
    known = {name: function.__globals__[name] for name in sorted(names) if name in function.__globals__}
    if function.__closure__:
        for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True):
            known[name] = cell.cell_contents
    for name, value in known.items():
        if callable(plain(value)) and hasattr(plain(value), "__code__"):
            parts.append(f"{name}: {function_text(value, seen, homes)}")
        elif isinstance(value, np.ndarray):
            parts.append(f"{name}: {value.dtype} {value.shape} {value.tobytes().hex()}")
        elif isinstance(value, types.ModuleType | type) or callable(value):
            parts.append(f"{name}: {getattr(value, '__name__', type(value).__name__)}")
        else:
            parts.append(f"{name}: {value!r}")
    return "\n".join(parts)


def _names(code: types.CodeType) -> set[str]:
    """Collect every name a code object and those inside it look up."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant)
    return names


def cache_root() -> Path:
    """Return the folder under which compiled code is kept (``COLLABSIM_CACHE`` overrides it)."""
    if chosen := os.environ.get("COLLABSIM_CACHE"):
        return Path(chosen)
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "collabsim" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "collabsim"


def homes_of(functions: Iterable[Callable[..., Any]]) -> tuple[str, ...]:
    """Return the names of the modules that functions, and all that they refer to, come from."""
    homes: set[str] = set()
    for function in functions:
        function_text(function, set(), homes)
    return tuple(sorted(homes))


def cache_folder(identity: str, homes: Iterable[str] = ()) -> Path | None:
    """Return the cache folder of one version of the rules on this kind of machine, made if need be.

    Parameters
    ----------
    identity
        Hash of the rules and the schedule.
    homes
        The modules of the rules, which compiled code asks for by name when it is loaded again.

    Returns
    -------
    pathlib.Path or None
        None where no folder can be written, or a rule's module could not be found again: then nothing
        is kept.
    """
    import llvmlite

    homes = tuple(homes)
    if not all(home in sys.modules for home in homes):
        return None
    versions = (
        f"{identity} {' '.join(homes)} {platform.python_version()} {numba.__version__} "
        f"{llvmlite.__version__} {np.__version__} {platform.machine()} {config.BOUNDSCHECK}"
    )
    folder = cache_root() / hashlib.sha256(versions.encode()).hexdigest()[:24]
    if text_hash_now() != RULES_TEXT_HASH:
        return None  # edited since they were loaded: what is compiled now belongs to no text on disk
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


@contextmanager
def numba_cache_at(folder: Path) -> Iterator[None]:
    """Let functions that are marked inside keep their compiled form below a folder.

    Numba reads this setting when a function is marked, so other users of Numba in the same process
    keep their own.
    """
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


def build_module(name: str, text: str, members: dict[str, Any], folder: Path | None) -> types.ModuleType:
    """Turn generated text into a module whose functions Numba can keep on disk.

    Parameters
    ----------
    name
        Module name; also the file's.
    text
        Python source that marks its entry points with ``@entry``.
    members
        What the text refers to.
    folder
        Where file and compiled code are kept, or None to keep nothing.

    Returns
    -------
    types.ModuleType
    """
    options: dict[str, Any] = {"error_model": "numpy", "nogil": True, "pipeline_class": EntryCompiler}
    file = f"<{name}>" if folder is None else str(folder / f"{name}.py")
    if folder is not None and JIT:
        _write_once(folder / f"{name}.py", text)
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = file
    sys.modules[name] = module
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    module.__dict__.update(members, inner=rule)
    if folder is not None and JIT:
        with numba_cache_at(folder):
            module.__dict__["entry"] = numba.njit(cache=True, **options)
            exec(compile(text, file, "exec"), module.__dict__)
    else:
        module.__dict__["entry"] = numba.njit(**options)
        exec(compile(text, file, "exec"), module.__dict__)
    return module


def in_words(error: Exception) -> str:
    """Say in one line why a rule could not be compiled, and where, from what the compiler says of it."""
    if isinstance(error, KeyError):
        return f"there is no field {error}"
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("Failed in", "During", "File ", "-", "^", "<"))]
    own = [line for line in lines if line.startswith('File "') and "collabsim_month_" not in line]
    where = f" ({own[0].rstrip(':')})" if own else ""
    first = re.sub(r" of type (\w+)\(.*", r" of \1", said[0]) if said else type(error).__name__
    return first[:300] + where


def _write_once(file: Path, text: str) -> None:
    """Write a file unless it is there already; whole or not at all, whoever else writes it too."""
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as part:
        part.write(text)
    os.replace(part.name, file)
