"""How the arrays of a partnership are handed from one compiled function to the next.

Numba hands an array over as seven numbers or more (who holds it, how many items of what size, where, how many
along each side and how far apart), and a state and a month are close to fifty arrays. All of them are
contiguous and outlive the month, so that where they lie and how many items each side has says it all. It is a
matter of time only: of compiling, for which every number is written down at every call, and of the call.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.types.containers import NamedTuple
from numba.core.types.npytypes import Record
from numba.extending import register_model, typeof_impl

from collabsim.state import Acts, Evidence, Meetings, Month, Pairs, Sides, State


class Bundle(NamedTuple):  # type: ignore[misc]
    """A named tuple of contiguous arrays, and of other such tuples."""

    @property
    def mangling_args(self) -> tuple[str, tuple[()]]:
        """Give a short name to functions: all kinds of arrays in it would be thousands of letters."""
        return self.instance_class.__name__, ()


def _typeof_bundle(value: Any, context: Any) -> Any:
    return Bundle([typeof_impl(member, context) for member in value], type(value))


def hand_over_lean() -> None:
    """Have Numba know states and months as bundles from now on."""
    for kind in (State, Month, Pairs, Sides, Evidence, Meetings, Acts):
        typeof_impl.register(kind)(_typeof_bundle)


@register_model(Bundle)
class _BundleModel(models.TupleModel):  # type: ignore[misc]
    """As any named tuple while it is used; leaner on the way from one function to the next."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind)
        self.arrays = list(_arrays(self, ()))

    def get_argument_type(self) -> Any:
        """Say what is handed over: of each array where it lies, and its lengths."""
        return tuple(
            (array.get_model(_AT).get_argument_type(), (cgutils.intp_t,) * array.fe_type.ndim)
            for array, _ in self.arrays
        )

    def as_argument(self, builder: Any, value: Any) -> Any:
        """Take that from the whole."""
        given = []
        for array, path in self.arrays:
            sides = range(array.fe_type.ndim)
            lengths = tuple(builder.extract_value(value, (*path, _SHAPE, side)) for side in sides)
            given.append((builder.extract_value(value, (*path, _AT)), lengths))
        return tuple(given)

    def from_argument(self, builder: Any, value: Any) -> Any:
        """Make the whole of it."""
        return _whole(builder, self, iter(value))


_ARRAY = ("meminfo", "parent", "nitems", "itemsize", "data", "shape", "strides")
_ITEMS, _AT, _SHAPE, _STRIDES = (_ARRAY.index(name) for name in ("nitems", "data", "shape", "strides"))


def _arrays(model: Any, path: tuple[int, ...]) -> Iterator[tuple[Any, tuple[int, ...]]]:
    """List the arrays in a bundle, each with the way to it."""
    for place, member in enumerate(model.inner_models()):
        if isinstance(member, models.ArrayModel):
            if member._fields != _ARRAY or member.fe_type.layout != "C":
                raise TypeError(f"a bundle holds contiguous arrays only, not {member.fe_type}")
            yield member, (*path, place)
        else:
            yield from _arrays(member, (*path, place))


def _item_size(array: Any) -> int:
    dtype = array.fe_type.dtype
    return int(dtype.size if isinstance(dtype, Record) else dtype.bitwidth // 8)


def _whole(builder: Any, model: Any, given: Iterator[Any]) -> Any:
    whole = ir.Constant(model.get_value_type(), ir.Undefined)
    for place, member in enumerate(model.inner_models()):
        if isinstance(member, models.ArrayModel):
            whole = builder.insert_value(whole, _array(builder, member, *next(given)), place)
        else:
            whole = builder.insert_value(whole, _whole(builder, member, given), place)
    return whole


def _array(builder: Any, model: Any, at: Any, lengths: tuple[Any, ...]) -> Any:
    """Make an array of where it lies and its lengths; the last index runs fastest, and nobody holds it."""
    size = cgutils.intp_t(_item_size(model))
    fields = [ir.Constant(part.get_value_type(), None) for part in model.inner_models()]
    fields[_ARRAY.index("itemsize")] = size
    fields[_STRIDES] = ir.Constant(fields[_STRIDES].type, [size] * len(lengths))
    whole = builder.insert_value(ir.Constant(model.get_value_type(), fields), at, _AT)
    items, apart = lengths[-1], size
    for side in reversed(range(len(lengths))):
        whole = builder.insert_value(whole, lengths[side], (_SHAPE, side))
        if side < len(lengths) - 1:
            apart = builder.mul(apart, lengths[side + 1])
            items = builder.mul(items, lengths[side])
            whole = builder.insert_value(whole, apart, (_STRIDES, side))
    return builder.insert_value(whole, items, _ITEMS)
