"""How the arrays of a partnership are handed from one compiled function to the next.

Numba hands an array over as seven numbers or more (who holds it, how many items of what size, where, how many
along each side and how far apart), and a state and a month are close to fifty arrays, which it would keep as
one value of hundreds of parts. All of them are contiguous and outlive the month, so that where they lie and
how many items each side has says it all: what a function is handed is that, and what it keeps is a table of
it, from which an array is made whole where it is named. It is a matter of time only, of compiling and of the
call.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.imputils import impl_ret_borrowed
from numba.core.types import Array, Type
from numba.core.types.npytypes import Record
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, lower_getattr_generic, register_model, typeof_impl

BYTES = ir.IntType(8).as_pointer()
WORD = cgutils.intp_t.width // 8
"""Bytes of a pointer, and of a number of items."""


class Bundle(Type):
    """A named tuple of contiguous arrays, and of other such tuples, of which rules name members only."""

    bundled = True

    def __init__(self, members: tuple[Any, ...], kind: type[Any]) -> None:
        self.members: dict[str, Any] = dict(zip(kind._fields, members, strict=True))
        for member in members:
            if not isinstance(member, Bundle) and not (isinstance(member, Array) and member.layout == "C"):
                raise TypeError(f"a bundle holds contiguous arrays only, not {member}")
        self.kind = kind
        super().__init__(f"{kind.__name__}({', '.join(str(member) for member in members)})")

    @property
    def key(self) -> Any:
        """Say which bundles are of one type."""
        return self.kind, tuple(self.members.values())

    @property
    def mangling_args(self) -> tuple[str, tuple[()]]:
        """Give a short name to functions: all kinds of arrays in it would be thousands of letters."""
        return self.kind.__name__, ()

    @property
    def words(self) -> int:
        """How long its table is."""
        return sum(_words(member) for member in self.members.values())

    def at(self, name: str) -> int:
        """Return where in its table a member begins."""
        before = list(self.members)[: list(self.members).index(name)]
        return sum(_words(self.members[other]) for other in before)

    def arrays(self, first: int = 0) -> Iterator[tuple[Any, int]]:
        """List the arrays in it, each with its place in the table."""
        for member in self.members.values():
            if isinstance(member, Bundle):
                yield from member.arrays(first)
            else:
                yield member, first
            first += _words(member)


def _words(member: Any) -> int:
    return int(member.words) if isinstance(member, Bundle) else 1 + int(member.ndim)


def _typeof_bundle(value: Any, context: Any) -> Any:
    return Bundle(tuple(typeof_impl(member, context) for member in value), type(value))


def hand_over_lean(example: Any) -> None:
    """Have Numba know a named tuple of arrays, and those in it, as bundles from now on."""
    typeof_impl.register(type(example))(_typeof_bundle)
    for member in example:
        if isinstance(member, tuple):
            hand_over_lean(member)


@infer_getattr
class _Members(AttributeTemplate):  # type: ignore[misc]
    key = Bundle

    def generic_resolve(self, bundle: Bundle, name: str) -> Any:
        return bundle.members.get(name)


@register_model(Bundle)
class _BundleModel(models.PrimitiveModel):  # type: ignore[misc]
    """Where its table is; on the way from one function to the next, what the table says."""

    def __init__(self, manager: Any, bundle: Bundle) -> None:
        super().__init__(manager, bundle, BYTES)
        self.models = [(manager.lookup(array), place) for array, place in bundle.arrays()]

    def get_argument_type(self) -> Any:
        """Say what is handed over: of each array where it lies, and its lengths."""
        arrays = [array for array, _ in self.models]
        return tuple((_kind_of_place(array), (cgutils.intp_t,) * array.fe_type.ndim) for array in arrays)

    def as_argument(self, builder: Any, table: Any) -> Any:
        """Read that from the table."""
        return tuple(_read(builder, table, place, array) for array, place in self.models)

    def from_argument(self, builder: Any, given: Any) -> Any:
        """Make a table of it."""
        table = _new_table(builder, self._fe_type)
        for (array, place), (at, lengths) in zip(self.models, given, strict=True):
            _write(builder, table, place, array, at, lengths)
        return table


def _kind_of_place(array: Any) -> Any:
    return array.get_model(_AT).get_value_type()


def _new_table(builder: Any, bundle: Bundle) -> Any:
    room = ir.ArrayType(cgutils.intp_t, bundle.words)
    return builder.bitcast(cgutils.alloca_once(builder, room, name=bundle.kind.__name__), BYTES)


def _slot(builder: Any, table: Any, place: int, kind: Any) -> Any:
    at = builder.gep(table, [cgutils.intp_t(place * WORD)], inbounds=True) if place else table
    return builder.bitcast(at, kind.as_pointer())


def _read(builder: Any, table: Any, place: int, array: Any) -> tuple[Any, tuple[Any, ...]]:
    at = builder.load(_slot(builder, table, place, _kind_of_place(array)))
    sides = range(1, 1 + array.fe_type.ndim)
    return at, tuple(builder.load(_slot(builder, table, place + side, cgutils.intp_t)) for side in sides)


def _write(builder: Any, table: Any, place: int, array: Any, at: Any, lengths: Any) -> None:
    builder.store(at, _slot(builder, table, place, _kind_of_place(array)))
    for side, length in enumerate(lengths, 1):
        builder.store(length, _slot(builder, table, place + side, cgutils.intp_t))


@lower_getattr_generic(Bundle)  # type: ignore[untyped-decorator]
def _member(context: Any, builder: Any, bundle: Bundle, table: Any, name: str) -> Any:
    """Make an array whole, or say where in the table another bundle's begins."""
    member, place = bundle.members[name], bundle.at(name)
    if isinstance(member, Bundle):
        return _slot(builder, table, place, BYTES.pointee)
    model = context.data_model_manager.lookup(member)
    whole = _array(builder, model, *_read(builder, table, place, model))
    return impl_ret_borrowed(context, builder, member, whole)


_ARRAY = ("meminfo", "parent", "nitems", "itemsize", "data", "shape", "strides")
_ITEMS, _AT, _SHAPE, _STRIDES = (_ARRAY.index(name) for name in ("nitems", "data", "shape", "strides"))


def _item_size(array: Any) -> int:
    dtype = array.fe_type.dtype
    return int(dtype.size if isinstance(dtype, Record) else dtype.bitwidth // 8)


def _array(builder: Any, model: Any, at: Any, lengths: tuple[Any, ...]) -> Any:
    """Make an array of where it lies and its lengths; the last index runs fastest, and nobody holds it."""
    if model._fields != _ARRAY:
        raise TypeError(f"this release of Numba keeps arrays in another way: {model._fields}")
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
