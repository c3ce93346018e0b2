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
from functools import cache
from typing import Any

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba.core import cgutils, typing
from numba.core.callconv import excinfo_ptr_t
from numba.core.codegen import JITCodeLibrary, RuntimeLinker
from numba.core.compiler import Compiler, Flags
from numba.core.compiler_lock import global_compiler_lock
from numba.core.environment import Environment
from numba.core.errors import NumbaError as NumbaError
from numba.core.errors import UnsupportedError
from numba.core.registry import CPUDispatcher, cpu_target
from numba.core.targetconfig import ConfigStack
from numba.core.types import Dispatcher, int64, uint32
from numba.core.types.functions import Function
from numba.core.types.misc import unliteral
from numba.extending import typeof_impl

from collabsim import passing
from collabsim.calling import ENTRY, MachineCode
from collabsim.compiled import DRIVER, MARK, STEP, in_package

ENVIRONMENT = "_ZN08NumbaEnv"
"""How the names of variables begin in which Numba keeps what a function needs to go back to Python."""

PREFIX = RuntimeLinker.PREFIX
"""How the names of variables begin that say where a function is which calls itself."""

INSIDE = ("llvm.", "collabsim.")
"""How the names of functions begin that LLVM itself brings, or a part of the month's."""

IN_EVERY_PROCESS = {"memcpy", "memmove", "memset", "sqrt"}
"""Functions that machine code may call wherever it runs."""

class Linked(JITCodeLibrary):  # type: ignore[misc]
    """The code of a function that is only ever part of another: never made machine code by itself, since
    whoever calls it is, and would throw that work away.
    """  # noqa: D205

    optimised = False

    def finalize(self) -> None:
        """Put together what the function calls, each once."""
        self._raise_if_finalized()
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._say_where_functions_are()
        for variable in self._final_module.global_variables:
            if variable.name.startswith(ENVIRONMENT) and not variable.is_declaration:
                variable.linkage = "linkonce_odr"  # so that those which nothing uses are left out
        self._finish()
        self._finalized = True

    def always_inline(self, name: str) -> None:
        """Let a function become part of whatever calls it."""
        self._final_module.get_function(name).add_function_attribute("alwaysinline")

    def _finish(self) -> None:
        if self.optimised:
            self._optimize_final_module()

    def _say_where_functions_are(self) -> None:
        """Resolve calls of functions that call themselves, which Numba leaves to the moment of running."""
        known = {function.name for function in self._final_module.functions if not function.is_declaration}
        for variable, function in self._left_open():
            if function in known:
                self._define(f'declare void @"{function}"()', variable, f'ptr @"{function}"')

    def _left_open(self) -> list[tuple[str, str]]:
        """List variables that are to say where a function is, with that function's name."""
        names = [each.name for each in self._final_module.global_variables if each.is_declaration]
        return [(name, name[len(PREFIX) :]) for name in names if name.startswith(PREFIX)]

    def _define(self, before: str, variable: str, value: str) -> None:
        text = f'{before}\n@"{variable}" = linkonce_odr constant {value}'
        self._final_module.link_in(llvm.parse_assembly(text))

    def _optimize_functions(self, module: Any) -> None:
        """Leave what becomes part of another to the passes over that other."""
        if self.optimised:
            super()._optimize_functions(module)


class _LinkedOptimised(Linked):
    """The same, optimised: loops become vector code best before they are part of something large."""

    optimised = True


class Whole(Linked):
    """The code of what is called from outside: what takes time in it are steps, optimised already."""

    _of_this_process = False

    def _finish(self) -> None:
        module = self._final_module
        for variable, function in self._left_open():  # of a user's, compiled by Numba for this process
            address = self._codegen._engine.get_function_address(function)
            if not address:
                raise UnsupportedError(f"it calls {function}, which is not there")
            self._define("", variable, f"ptr inttoptr (i64 {address} to ptr)")
            self._of_this_process = True
        for each in module.functions:
            if not each.is_declaration and each.name != self.name:
                each.linkage = "internal"
        passes, builder = self._codegen._module_pass_manager(opt=1, loop_vectorize=False)
        passes.run(module, builder)
        module.verify()
        self._object = self._codegen._tm.emit_object(module)

    def machine_code(self) -> MachineCode:
        """Return it as an object file, and what that needs."""
        self._ensure_finalized()
        module = self._final_module
        called = {each.name for each in module.functions if each.is_declaration}
        variables = [each.name for each in module.global_variables]
        environments = {name: Environment._memo[name] for name in variables if name.startswith(ENVIRONMENT)}
        outside = {name for name in called if not name.startswith(INSIDE)} - IN_EVERY_PROCESS
        addresses = any(name.startswith("numba.dynamic.globals") for name in variables)
        return MachineCode(
            (self._object,),
            needs_numba=bool(outside or environments),
            environments=environments,
            lasting=not addresses
            and not self._of_this_process
            and not self._reload_init
            and not any(environment.consts for environment in environments.values()),
        )


class _Rough(JITCodeLibrary):  # type: ignore[misc]
    """The code of a function of Numba's own, such as ``max``: it is optimised as part of ours."""

    def _optimize_functions(self, module: Any) -> None:
        module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        pass


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

    library = _LinkedOptimised

    def compile_extra(self, function: Any) -> Any:
        """Compile, and mark the machine code to be."""
        compiled = super().compile_extra(function)
        if any(getattr(kind, "bundled", False) for kind in compiled.fndesc.argtypes[:1]):
            self.state.library.always_inline(compiled.fndesc.llvm_func_name)
        return compiled


class Name:
    """Stands for a compiled function among those that Numba knows."""


def _called_as(context: Any, returns: Any, kinds: Iterable[Any]) -> Any:
    """Return how a function is called by its symbol: what it is given, then where result and exception go."""
    given = [context.get_value_type(kind) for kind in kinds]
    places = [context.get_value_type(returns).as_pointer(), excinfo_ptr_t.as_pointer()]
    return ir.FunctionType(ir.IntType(32), given + places)


def whole_of(symbol: str, compiled: Any) -> Whole:
    """Return the code of a function and all that it calls, to be called by a symbol from outside."""
    context, about = cpu_target.target_context, compiled.fndesc
    module = context.create_module(symbol)
    function = ir.Function(module, _called_as(context, about.restype, about.argtypes), symbol)
    builder = ir.IRBuilder(function.append_basic_block())
    *given, result, raised = function.args
    status, returned = context.call_conv.call_function(
        builder, context.declare_function(module, about), about.restype, about.argtypes, given
    )
    builder.store(returned, result)
    builder.store(status.excinfoptr, raised)
    builder.ret(status.code)
    whole = Whole(context.codegen(), symbol)
    whole.add_ir_module(module)
    whole.add_linking_library(compiled.library)
    whole.finalize()
    return whole


def call_by_symbol(function: Callable[..., Any], symbol: str, returns: Any, kinds: tuple[Any, ...]) -> None:
    """Have Numba call a rule, whose code is elsewhere, by its symbol."""

    def called(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        kind = _called_as(context, returns, kinds)
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


@cache
def known_to_numba(function: Callable[..., Any]) -> Inner:
    """Return a rule as Numba knows it."""
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
    return Inner(py_func=function, targetoptions=options, pipeline_class=compiler)


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
    optimised as part of ours, and not before.
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
            (target.codegen(), "_library_class", _Rough),
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
