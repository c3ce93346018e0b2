"""The small language in which a lesson says what must hold: sums and comparisons of its measures.

``"late > 0.1 and late > 2 * early"`` is a condition, ``"with_it - without_it"`` a value. Names, numbers,
sums, products, comparisons, ``and``, ``or``, ``not``, ``max``, ``min`` and ``abs`` are all there is: a
lesson's file can be read and changed by anybody, and whatever stands in it, nothing but arithmetic is done.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from collabsim.errors import Faults, InputError, nearest

_SUMS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "max": lambda *each: reduce(np.maximum, each),
    "min": lambda *each: reduce(np.minimum, each),
    "abs": lambda *each: np.abs(each[0]),
}
"""What may be called."""
_ALLOWED = "measures, numbers, + - * /, < <= > >=, and, or, not, max, min and abs"


@dataclass(frozen=True)
class Formula:
    """An expression over measures, checked and ready to be worked out for many worlds at once.

    Attributes
    ----------
    text
        As it was written.
    holds
        Whether it is a condition (true or false) and not a value.
    """

    text: str
    holds: bool
    tree: ast.expr

    @classmethod
    def read(cls, text: Any, known: Collection[str], holds: bool) -> Formula:
        """Read one.

        Parameters
        ----------
        text
            What was written.
        known
            The measures it may speak of.
        holds
            Whether a condition is wanted, and not a value.

        Raises
        ------
        InputError
            With every fault found.
        """
        wanted = "a condition such as 'late > early'" if holds else "a value such as 'late - early'"
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"{wanted} is wanted, not {text!r}")
        try:
            tree = ast.parse(" ".join(text.split()), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise InputError(f"'{text}' cannot be read; allowed are {_ALLOWED}") from None
        faults = Faults(f"'{text}'")
        kind = _check(tree, known, faults)
        faults.settle()
        if kind is not holds:
            raise InputError(f"'{text}' is {'a condition' if kind else 'a value'}, and {wanted} is wanted")
        return cls(text, holds, tree)

    def work_out(self, values: Mapping[str, Any]) -> Any:
        """Return its value in every world: (worlds,) numbers, or truth values.

        A comparison with what is missing does not hold.

        Parameters
        ----------
        values
            (worlds,) by measure.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            found = _value(self.tree, values)
        return np.broadcast_to(found, np.shape(next(iter(values.values())))).copy()


def _check(node: ast.expr, known: Collection[str], faults: Faults) -> bool:
    """Note what is not allowed; return whether the node is a condition."""
    if isinstance(node, ast.Name):
        if node.id not in known:
            faults.add(f"there is no measure '{node.id}'{nearest(node.id, known)}")
        return False
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return False
    parts, inner, outer = _parts(node)
    if not parts:
        faults.add(f"'{ast.unparse(node)}' is not allowed; allowed are {_ALLOWED}")
        return outer
    for part in parts:
        before = len(faults.found)
        if _check(part, known, faults) is not inner and len(faults.found) == before:
            faults.add(f"'{ast.unparse(part)}' must be {'a condition' if inner else 'a value'} there")
    return outer


def _parts(node: ast.expr) -> tuple[list[ast.expr], bool, bool]:
    """Return a node's parts (none if not allowed), whether they must be conditions, and whether it is one."""
    match node:
        case ast.BoolOp():
            return node.values, True, True
        case ast.UnaryOp(op=ast.Not()):
            return [node.operand], True, True
        case ast.UnaryOp(op=ast.USub()):
            return [node.operand], False, False
        case ast.Compare() if all(type(op) in _COMPARISONS for op in node.ops):
            return [node.left, *node.comparators], False, True
        case ast.BinOp() if type(node.op) in _SUMS:
            return [node.left, node.right], False, False
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in FUNCTIONS:
            return node.args if name != "abs" or len(node.args) == 1 else [], False, False
    return [], False, False


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """Work out a node that :func:`_check` has let pass."""
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant):
        return np.float64(node.value)  # type: ignore[arg-type]
    each = [_value(part, values) for part in _parts(node)[0]]
    match node:
        case ast.BoolOp():
            return reduce(np.logical_and if isinstance(node.op, ast.And) else np.logical_or, each)
        case ast.UnaryOp():
            return np.logical_not(each[0]) if isinstance(node.op, ast.Not) else -each[0]
        case ast.Compare():
            pairs = zip(node.ops, each[:-1], each[1:], strict=True)
            return reduce(np.logical_and, [_COMPARISONS[type(op)](a, b) for op, a, b in pairs])
        case ast.BinOp():
            return _SUMS[type(node.op)](*each)
        case ast.Call(func=ast.Name(id=name)):
            return FUNCTIONS[name](*each)
    raise AssertionError(ast.dump(node))  # _check lets nothing else pass
