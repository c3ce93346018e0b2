"""Compiled functions as plain Python, through and through: what they call is plain as well."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from collabsim.compiled import plain


def plainly(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a compiled function, and all compiled functions it calls by name, as plain Python."""
    inner = plain(function)
    known = dict(inner.__globals__)
    for name in inner.__code__.co_names:
        value = known.get(name)
        if value is not None and value is not function and hasattr(value, "py_func"):
            known[name] = plainly(value)
    return types.FunctionType(inner.__code__, known, inner.__name__, inner.__defaults__, inner.__closure__)
