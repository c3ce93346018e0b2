"""How rules are marked as such, and how the month made of them is written, told apart and kept.

Every rule is an ordinary Python function marked :func:`rule`, and stays one: called from Python it runs as
Python. Together they become machine code (:mod:`collabsim.compiling`) when that of their text is not in the
cache. With the environment variable ``NUMBA_DISABLE_JIT=1`` the same functions run as plain Python and give
the same bits: strict float64, no fused or reordered arithmetic, and our own ``exp`` and ``log``.

The cache folder carries a hash of the text of everything that is compiled, of the versions that compile it,
of the processor, and of the rules a user has put into the schedule, so nothing is ever served stale.
"""

from __future__ import annotations

import hashlib
import linecache
import os
import platform
import sys
import tempfile
import types
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from collabsim.parameters import PARAMETER_DTYPE

F = TypeVar("F", bound=Callable[..., Any])

HASHED = (
    "arithmetic", "draws", "state", "dynamics", "meetings", "brokering", "start", "stock", "outcomes",
    "schedule", "driver", "compiled", "compiling", "linking", "passing", "calling", "parts",
)  # fmt: skip
"""The modules, besides those of the rules, whose text is part of every identity."""

DRIVER = "collabsim_month_"
"""How the name begins of a module that :mod:`collabsim.schedule` generates."""

JIT = os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")
"""Whether rules are compiled in this process."""

MARK = "_collabsim_rule"
"""The attribute that says how a function is compiled: :data:`RULE` or :data:`STEP`."""

RULE, STEP = "rule", "step"

SETTINGS = ("BOUNDSCHECK", "CPU_FEATURES", "CPU_NAME", "ENABLE_AVX", "LOOP_VECTORIZE", "OPT", "SLP_VECTORIZE")
"""The settings of Numba, ``NUMBA_...`` in the environment, that machine code depends on."""


def rule(function: F) -> F:
    """Mark a function as part of the compiled month.

    It must keep to Numba's subset of Python, divide by nothing that can be 0, and draw no random
    number of its own.
    """
    setattr(function, MARK, RULE)
    return function


def step(function: F) -> F:
    """Mark a function of state, month and parameters, or another with a loop, as part of the compiled month.

    As :func:`rule`, but optimised by itself before it becomes part of the month.
    """
    setattr(function, MARK, STEP)
    return function


def in_package(function: Callable[..., Any]) -> bool:
    """Return whether a function's text is part of the package's compiled month."""
    package, _, module = function.__module__.partition(".")
    in_rules = module in HASHED or module.startswith("rules.")
    return (package == "collabsim" and in_rules) or package.startswith(DRIVER)


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the Python function behind one that a user has compiled with Numba (or the function itself)."""
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


def cache_root() -> Path:
    """Return the folder under which compiled code is kept (``COLLABSIM_CACHE`` overrides it)."""
    if chosen := os.environ.get("COLLABSIM_CACHE"):
        return Path(chosen)
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "collabsim" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "collabsim"


def cache_folder(identity: str) -> Path | None:
    """Return the cache folder of one version of the rules on this kind of machine, made if need be.

    Parameters
    ----------
    identity
        Hash of the rules and the schedule.

    Returns
    -------
    pathlib.Path or None
        None where no folder can be written, or the rules were edited since they were loaded: then nothing
        is kept.
    """
    import llvmlite.binding as llvm

    settings = [f"{name}={os.environ.get(f'NUMBA_{name}', '')}" for name in SETTINGS]
    versions = (
        f"{identity} {platform.python_version()} {metadata.version('numba')} {metadata.version('llvmlite')} "
        f"{np.__version__} {llvm.get_process_triple()} {llvm.get_host_cpu_name()} "
        f"{llvm.get_host_cpu_features().flatten()} {' '.join(settings)}"
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


def generated(name: str, text: str, members: dict[str, Any]) -> dict[str, Any]:
    """Return what a generated module holds, all its functions marked as rules.

    Parameters
    ----------
    name
        The module's name, which messages show as its file.
    text
        Python source that marks its functions with ``@rule`` or ``@step``.
    members
        What the text refers to.
    """
    file = f"<{name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    module = types.ModuleType(name)
    module.__dict__.update(members, rule=rule, step=step)
    exec(compile(text, file, "exec"), module.__dict__)
    return module.__dict__
