"""How the month becomes machine code: with Numba, and with less than Numba does by itself.

Loaded only where something is to be compiled. Nothing is compiled for functions by themselves, and nothing
over and over, which is about time, of compiling or of running. None of it changes what is computed: with
``NUMBA_DISABLE_JIT=1`` none of it is used, and the bits are the same.
"""

from __future__ import annotations

import gc
import re
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numba
from numba.core import cgutils, typing
from numba.core.compiler import Compiler, Flags
from numba.core.compiler_lock import global_compiler_lock
from numba.core.environment import Environment
from numba.core.errors import NumbaError as NumbaError
from numba.core.registry import CPUDispatcher, cpu_target
from numba.core.targetconfig import ConfigStack
from numba.core.types import Dispatcher, int64, uint32
from numba.core.types.functions import Function
from numba.core.types.misc import unliteral
from numba.extending import typeof_impl

from collabsim import passing
from collabsim.calling import ENTRY, MachineCode
from collabsim.compiled import DRIVER, MARK, STEP, in_package
from collabsim.linking import Linked, LinkedOptimised, Rough, called_as, target_machine, whole_of


class _QuickFlags(Flags):  # type: ignore[misc]
    """Numba's flags, which it compares for every operator of every function, compared by what was set."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(frozenset(self._values))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _QuickFlags) and self._values == other._values


UNUSED = (
    "WithLifting", "InlineClosureLikes", "RewriteSemanticConstants", "DeadBranchPrune", "GenericRewrites",
    "RewriteDynamicRaises", "MakeFunctionToJitFunction", "InlineInlinables", "FindLiterallyCalls",
    "LiteralUnroll", "LiteralPropagationSubPipelinePass", "InlineOverloads", "NopythonRewrites",
    "NoPythonSupportedFeatureValidation", "DumpParforDiagnostics",
)  # fmt: skip
"""Passes of Numba's over what the package does not use: closures, ``with``, inlining of Python, folding of
branches on what is missing, array expressions."""


class InnerCompiler(Compiler):  # type: ignore[misc]
    """Numba's compiler, as far as a function that Python never calls needs it.

    The compiler is told that no two arrays of a function share memory, so that loops need no test for it. It
    holds of all that one uses: only ``lever`` and ``lever_table`` do, and none uses both.
    """

    library = Linked

    def define_pipelines(self) -> list[Any]:
        """Leave out what looks for language that the package's own rules do not use."""
        managers: list[Any] = super().define_pipelines()
        if in_package(self.state.func_id.func):
            for manager in managers:
                manager.passes = [found for found in manager.passes if found[0].__name__ not in UNUSED]
        return managers

    def compile_extra(self, function: Any) -> Any:
        """Compile; what Python would call is replaced by a mere name."""
        state = self.state
        state.flags = _QuickFlags(state.flags)
        state.flags.no_compile = True
        state.flags.noalias = in_package(function)
        state.library = self.library(state.targetctx.codegen(), function.__qualname__)
        compiled, name = super().compile_extra(function), Name()
        state.targetctx.insert_user_function(name, compiled.fndesc, [state.library])
        return compiled._replace(entry_point=name)


class StepCompiler(InnerCompiler):
    """The same for functions that loop.

    A step becomes part of the month whatever its size: a call would hand over more than a hundred numbers.
    """

    library = LinkedOptimised

    def compile_extra(self, function: Any) -> Any:
        """Compile, and mark the machine code to be."""
        compiled = super().compile_extra(function)
        if any(getattr(kind, "bundled", False) for kind in compiled.fndesc.argtypes[:1]):
            self.state.library.always_inline(compiled.fndesc.llvm_func_name)
        return compiled


class Name:
    """Stands for a compiled function among those that Numba knows."""


def call_by_symbol(function: Callable[..., Any], symbol: str, returns: Any, kinds: tuple[Any, ...]) -> None:
    """Have Numba call a rule, whose code is elsewhere, by its symbol."""

    def called(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        kind = called_as(context, returns, kinds)
        *_, result, raised = kind.args
        result, raised = (cgutils.alloca_once(builder, place.pointee) for place in (result, raised))
        there = cgutils.get_or_insert_function(builder.module, kind, symbol)
        code = builder.call(there, [*given, result, raised])
        status = context.call_conv._get_return_status(builder, code, builder.load(raised))
        with cgutils.if_unlikely(builder, status.is_error):
            context.call_conv.return_status_propagate(builder, status)
        return builder.load(result)

    signature, name = typing.signature(returns, *kinds), Name()
    cpu_target.target_context._defns[name].append(called, signature.args)
    known_to_numba(function).overloads[kinds] = Called(signature, name)


@dataclass(frozen=True)
class Called:
    """A function that is called by its symbol, as Numba wants to know one that it has compiled."""

    signature: Any
    entry_point: Any
    objectmode: bool = False


def _wider(kind: Any) -> Any:
    kind = unliteral(kind)
    return int64 if kind == uint32 else kind


class Inner(CPUDispatcher):  # type: ignore[misc]
    """A rule as Numba knows it."""

    def add_overload(self, compiled: Any) -> None:
        """Keep it for functions that call it, not for Python."""
        self.overloads[tuple(compiled.signature.args)] = compiled

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Say what a call compiles: one copy for numbers written into callers, rows, ids and all others."""
        kinds = {name: _wider(kind) for name, kind in kws.items()}
        return super().get_call_template([_wider(kind) for kind in args], kinds)


_KNOWN: dict[Callable[..., Any], Inner] = {}


def known_to_numba(function: Callable[..., Any]) -> Inner:
    """Return a rule as Numba knows it."""
    if function not in _KNOWN:
        options = {
            "nopython": True,
            "error_model": "numpy",
            "nogil": True,
            "no_cpython_wrapper": True,
            "no_cfunc_wrapper": True,
            # the package's own make no array, so nothing need count who holds one; others may
            "_nrt": not in_package(function),
        }
        compiler = StepCompiler if getattr(function, MARK) == STEP else InnerCompiler
        _KNOWN[function] = Inner(py_func=function, targetoptions=options, pipeline_class=compiler)
    return _KNOWN[function]


def forget(functions: Iterable[Any]) -> None:
    """Forget what is known of a user's functions: values that they read are part of machine code.

    Parameters
    ----------
    functions
        Python functions, and others that the user has compiled with Numba.
    """
    for function in functions:
        if isinstance(function, CPUDispatcher):
            function.recompile()
        elif isinstance(function, types.FunctionType) and not in_package(function):
            _KNOWN.pop(function, None)


@typeof_impl.register(types.FunctionType)  # type: ignore[untyped-decorator]
def _typeof_function(function: Any, context: Any) -> Any:
    """Let Numba call what is marked as a rule; of other functions it knows what it knew."""
    if not hasattr(function, MARK):
        return typeof_impl.dispatch(object)(function, context)
    return Dispatcher(known_to_numba(function))


def machine_code(
    function: Callable[..., Any], example: Any, before: Callable[[], tuple[bytes, ...]] = tuple
) -> MachineCode:
    """Compile a function of one tuple of arrays, and all that it calls.

    Parameters
    ----------
    function
        Takes a tuple of arrays and tuples by name, and returns a whole number.
    example
        A tuple of the same kinds of arrays.
    before
        Called first, to have Numba know what is compiled already; returns the object files of that.

    Raises
    ------
    numba.core.errors.NumbaError or KeyError
        If it cannot be compiled; :func:`in_words` says why.
    """
    passing.hand_over_lean(example)
    with quickly():
        parts = before()
        inner = known_to_numba(function)
        inner.compile((numba.typeof(example),))
        (compiled,) = inner.overloads.values()
        code = whole_of(ENTRY, compiled).machine_code()
        return replace(code, objects=code.objects + parts)


def ready_for(environments: dict[str, Any]) -> dict[str, Any]:
    """Bring what machine code needs of Numba's, and environments where there are none yet."""
    cpu_target.target_context.refresh()
    return {name: Environment({}) if there is None else there for name, there in environments.items()}


def in_words(error: Exception) -> str:
    """Say in one line why a rule could not be compiled, and where, from what the compiler says of it."""
    if isinstance(error, KeyError):
        return f"there is no field {error}"
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("Failed in", "During", "File ", "-", "^", "<"))]
    own = [line for line in lines if line.startswith('File "') and DRIVER not in line]
    where = f" ({own[0].rstrip(':')})" if own else ""
    first = re.sub(r" of type (\w+)\(.*", r" of \1", said[0]) if said else type(error).__name__
    return first[:300] + where


@contextmanager
def quickly() -> Iterator[None]:
    """Compile inside with less of what Numba does over and over.

    Python looks for no garbage: compiling makes millions of objects that nearly all live on. What an operator
    or a function of Numba's own gives for some types is found once, not for every use. What packages may add
    to Numba is imported once, not whenever a first guess at an operator fails. Functions of Numba's own are
    optimised as part of ours, and not before. Vectors are as wide as the processor's.
    """
    whole, found, target = Function.get_call_type, {}, cpu_target.target_context

    def get_call_type(function: Any, context: Any, args: Any, kws: Any) -> Any:
        key = function, context, tuple(args), tuple(dict(kws).items()), ConfigStack.top_or_none()
        if key not in found:
            found[key] = whole(function, context, args, kws)
        return found[key]

    def look_again() -> None:
        for registry in list(target._registries):
            target.install_registry(registry)

    with global_compiler_lock, _collecting_nothing(), ExitStack() as stack:
        target.refresh()
        for holder, name, quicker in (
            (Function, "get_call_type", get_call_type),
            (target, "load_additional_registries", look_again),
            (target.codegen(), "_library_class", Rough),
            (target.codegen(), "_tm", target_machine(target.codegen())),
        ):
            stack.enter_context(_replaced(holder, name, quicker))
        yield


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def _replaced(holder: Any, name: str, quicker: Any) -> Iterator[None]:
    """Let something be done in another way inside."""
    own, before = name in vars(holder), getattr(holder, name)
    setattr(holder, name, quicker)
    try:
        yield
    finally:
        if own:
            setattr(holder, name, before)
        else:
            delattr(holder, name)
