"""Rules compiled by themselves, as the month compiles them as parts of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

from collabsim import compiling
from collabsim.calling import Entry, Table


def alone(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a rule compiled, with all rules it calls, so that Python can call it."""
    compiled: Callable[..., Any] = numba.njit(error_model="numpy")(function)
    return compiled


def month_like(function: Callable[[Any], int], example: Any) -> Callable[[Any], int]:
    """Compile a function of one tuple of arrays as the month is, and call it as the month is called."""
    code, table = compiling.machine_code(function, example), Table(example)
    entry = Entry(code, compiling.ready_for(code.environments))
    return lambda held: entry(table.words(held))
