"""How the month becomes machine code: with Numba, and with less than Numba does by itself.

Loaded only where something is to be compiled. Nothing is compiled for functions by themselves, and nothing
over and over, which is about time, of compiling or of running. None of it changes what is computed: with
``NUMBA_DISABLE_JIT=1`` none of it is used, and the bits are the same.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import types
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, ClassVar

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from llvmlite.binding import newpassmanagers
from numba.core import event
from numba.core.callconv import excinfo_ptr_t
from numba.core.cgutils import normalize_ir_text
from numba.core.codegen import CodeLibrary, JITCodeLibrary, RuntimeLinker
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

IN_EVERY_PROCESS = {"memcpy", "memmove", "memset", "sqrt"}
"""Functions that machine code may call wherever it runs."""

PATIENCE = 5e-4
"""Seconds after which a thread that computes in Python gives way to another."""


class Linked(JITCodeLibrary):  # type: ignore[misc]
    """The code of a function that is only ever part of another: never made machine code by itself, since
    whoever calls it is, and would throw that work away.

    What LLVM does for it are jobs, done at once or, inside :func:`quickly`, by a second thread in the order
    they were given in, while Numba goes on to the next function. So what a function calls is always ready
    before the function is.
    """  # noqa: D205

    optimised = False
    second_thread: ClassVar[Executor | None] = None

    def __init__(self, codegen: Any, name: str) -> None:
        CodeLibrary.__init__(self, codegen, name)
        self._linking_libraries: list[Any] = []
        self._shared_module: Any = None
        self._jobs: list[Future[None]] = []
        self._job(self._begin, str(codegen._create_empty_module(name)))

    def _job(self, job: Callable[..., None], *arguments: Any) -> None:
        if self.second_thread is None:
            job(*arguments)
        else:
            self._jobs.append(self.second_thread.submit(job, *arguments))

    def _wait(self) -> None:
        for job in self._jobs:
            job.result()

    def add_ir_module(self, module: Any) -> None:
        """Add code, as Numba has written it."""
        self._raise_if_finalized()
        self._job(self._add, normalize_ir_text(str(module)), module.name)

    def finalize(self) -> None:
        """Put together what the function calls, each once."""
        self._raise_if_finalized()
        libraries = tuple(dict.fromkeys(self._linking_libraries))
        for library in libraries:
            self._reload_init.update(library._reload_init)
        self._job(self._put_together, libraries)
        self._finalized = True

    def always_inline(self, name: str) -> None:
        """Let a function become part of whatever calls it."""
        self._job(self._mark, name, "alwaysinline")

    def _begin(self, text: str) -> None:
        self._final_module = llvm.parse_assembly(text)
        self._final_module.name = normalize_ir_text(self.name)

    def _add(self, text: str, name: str) -> None:
        module = llvm.parse_assembly(text)
        module.name = name
        module.verify()
        self.add_llvm_module(module)

    def _put_together(self, libraries: tuple[Any, ...]) -> None:
        for library in libraries:
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._say_where_functions_are()
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

    def _mark(self, name: str, attribute: str) -> None:
        self._final_module.get_function(name).add_function_attribute(attribute)

    def _optimize_functions(self, module: Any) -> None:
        """Leave what becomes part of another to the passes over that other."""
        if self.optimised:
            super()._optimize_functions(module)


class _LinkedOptimised(Linked):
    """The same, optimised: loops become vector code best before they are part of something large."""

    optimised = True


class _Whole(Linked):
    """The code of an entry point: what takes time in it are steps, optimised already by themselves."""

    _of_this_process = False

    def finalize(self) -> None:
        """Wait for all that it calls, and put it together."""
        self._raise_if_finalized()
        self._wait()
        for library in dict.fromkeys(self._linking_libraries):
            if isinstance(library, Linked):
                library._wait()
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._say_where_functions_are()
        for variable, function in self._left_open():  # of a user's, compiled by Numba for this process
            address = self._codegen._engine.get_function_address(function)
            if not address:
                raise UnsupportedError(f"it calls {function}, which is not there")
            self._define("", variable, f"ptr inttoptr (i64 {address} to ptr)")
            self._of_this_process = True
        for variable in self._final_module.global_variables:
            if variable.name.startswith(ENVIRONMENT) and not variable.is_declaration:
                variable.linkage = "linkonce_odr"  # those that nothing uses are left out
        passes, builder = self._codegen._module_pass_manager(opt=1, loop_vectorize=False)
        passes.run(self._final_module, builder)
        self._final_module.verify()
        self._finalized = True

    def machine_code(self) -> MachineCode:
        """Return it as an object file, and what that needs."""
        self._ensure_finalized()
        module = self._final_module
        called = [each.name for each in module.functions if each.is_declaration]
        variables = [each.name for each in module.global_variables]
        environments = {name: Environment._memo[name] for name in variables if name.startswith(ENVIRONMENT)}
        outside = {name for name in called if not name.startswith("llvm.")} - IN_EVERY_PROCESS
        addresses = any(name.startswith("numba.dynamic.globals") for name in variables)
        return MachineCode(
            self._codegen._tm.emit_object(module),
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


class EntryCompiler(InnerCompiler):
    """The same for the entry point, which holds all the rest."""

    library = _Whole

    def compile_extra(self, function: Any) -> Any:
        """Compile, and let it be called with where its one argument lies."""
        compiled = super().compile_extra(function)
        context, about = self.state.targetctx, compiled.fndesc
        module = context.create_module(ENTRY)
        kinds = [passing.BYTES, ir.IntType(64).as_pointer(), excinfo_ptr_t.as_pointer()]
        entry = ir.Function(module, ir.FunctionType(ir.IntType(32), kinds), ENTRY)
        builder = ir.IRBuilder(entry.append_basic_block())
        table, result, raised = entry.args
        status, returned = context.call_conv.call_function(
            builder, context.declare_function(module, about), about.restype, about.argtypes, [table]
        )
        builder.store(returned, result)
        builder.store(status.excinfoptr, raised)
        builder.ret(status.code)
        self.state.library.add_ir_module(module)
        return compiled


class Name:
    """Stands for a compiled function among those that Numba knows."""


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
def known_to_numba(function: Callable[..., Any], compiler: type[InnerCompiler] | None = None) -> Inner:
    """Return a rule as Numba knows it, compiled in the way that its mark says unless another is given."""
    options = {
        "nopython": True,
        "error_model": "numpy",
        "nogil": True,
        "no_cpython_wrapper": True,
        "no_cfunc_wrapper": True,
        # the package's own make no array, so nothing need count who holds one; others may
        "_nrt": not in_package(function),
    }
    marked = StepCompiler if getattr(function, MARK, None) == STEP else InnerCompiler
    return Inner(py_func=function, targetoptions=options, pipeline_class=compiler or marked)


@typeof_impl.register(types.FunctionType)  # type: ignore[untyped-decorator]
def _typeof_function(function: Any, context: Any) -> Any:
    """Let Numba call what is marked as a rule; of other functions it knows what it knew."""
    if not hasattr(function, MARK):
        return typeof_impl.dispatch(object)(function, context)
    return Dispatcher(known_to_numba(function))


def machine_code(
    function: Callable[..., Any], example: Any, before: Callable[[], None] | None = None
) -> MachineCode:
    """Compile a function of one tuple of arrays, and all that it calls.

    Parameters
    ----------
    function
        Takes a tuple of arrays and tuples by name, and returns a whole number.
    example
        A tuple of the same kinds of arrays.
    before
        Called first, to have Numba know what is compiled already.

    Raises
    ------
    numba.core.errors.NumbaError or KeyError
        If it cannot be compiled; :func:`in_words` says why.
    """
    passing.hand_over_lean(example)
    with quickly():
        if before is not None:
            before()
        inner = known_to_numba(function, EntryCompiler)
        inner.compile((numba.typeof(example),))
        (compiled,) = inner.overloads.values()
        code: MachineCode = compiled.library.machine_code()
        return code


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
    """Compile inside on two threads, and with less of what Numba does over and over.

    Python looks for no garbage: compiling makes millions of objects that nearly all live on. What an operator
    or a function of Numba's own gives for some types is found once, not for every use. What packages may add
    to Numba is imported once, not whenever a first guess at an operator fails. Functions of Numba's own are
    optimised as part of ours, and not before. And what would have the one thread wait for the other is asked
    once (which machine this is, how large a type is) or not at all (statistics; who is told when LLVM works).
    """
    whole, found, target = Function.get_call_type, {}, cpu_target.target_context
    statistics = newpassmanagers.dump_refprune_stats()

    def get_call_type(function: Any, context: Any, args: Any, kws: Any) -> Any:
        key = function, context, tuple(args), tuple(dict(kws).items()), ConfigStack.top_or_none()
        if key not in found:
            found[key] = whole(function, context, args, kws)
        return found[key]

    def look_again() -> None:
        for registry in list(target._registries):
            target.install_registry(registry)

    with global_compiler_lock, _collecting_nothing(), _on_two_threads(), ExitStack() as stack:
        target.refresh()
        for holder, name, quicker in (
            (Function, "get_call_type", get_call_type),
            (target, "load_additional_registries", look_again),
            (target.codegen(), "_library_class", _Rough),
            (target, "get_abi_sizeof", cache(target.get_abi_sizeof)),
            (llvm, "get_process_triple", cache(llvm.get_process_triple)),
            (newpassmanagers, "dump_refprune_stats", lambda: statistics),
            (event, "start_event", _tell_nobody),
            (event, "end_event", _tell_nobody),
        ):
            stack.enter_context(_replaced(holder, name, quicker))
        yield


def _tell_nobody(*_: Any, **__: Any) -> None:
    pass


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
def _on_two_threads() -> Iterator[None]:
    """Give what LLVM does to a second thread, for which the first makes way at once."""
    if (os.cpu_count() or 1) == 1:
        yield
        return
    interval = sys.getswitchinterval()
    sys.setswitchinterval(PATIENCE)
    Linked.second_thread = second_thread = ThreadPoolExecutor(1)
    try:
        yield
    finally:
        Linked.second_thread = None
        second_thread.shutdown(cancel_futures=True)
        sys.setswitchinterval(interval)


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
