"""How Numba compiles the month: nothing for functions by themselves, and nothing over and over.

All of it is about time, of compiling or of running. None of it changes what is computed: with
``NUMBA_DISABLE_JIT=1`` none of it is used, and the bits are the same.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, ClassVar

import llvmlite.binding as llvm
import numba
from llvmlite.binding import newpassmanagers
from numba.core import event
from numba.core.cgutils import normalize_ir_text
from numba.core.codegen import CodeLibrary, JITCodeLibrary
from numba.core.compiler import Compiler, Flags
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher, cpu_target
from numba.core.targetconfig import ConfigStack
from numba.core.types import int64, uint32
from numba.core.types.functions import Function
from numba.core.types.misc import unliteral

DRIVER = "collabsim_month_"
"""How the name begins of a module that :mod:`collabsim.schedule` generates."""

HASHED = (
    "arithmetic", "draws", "state", "dynamics", "meetings", "brokering", "start", "stock", "outcomes",
    "schedule", "compiled", "compiling", "passing",
)  # fmt: skip
"""The modules, besides those of the rules, whose text is part of every identity."""


PATIENCE = 5e-4
"""Seconds after which a thread that computes in Python gives way to another."""


def in_package(function: Callable[..., Any]) -> bool:
    """Return whether a function's text is part of the package's compiled month."""
    package, _, module = function.__module__.partition(".")
    in_rules = module in HASHED or module.startswith("rules.")
    return (package == "collabsim" and in_rules) or package.startswith(DRIVER)


class _Linked(JITCodeLibrary):  # type: ignore[misc]
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
        if self.optimised:
            self._optimize_final_module()

    def _mark(self, name: str, attribute: str) -> None:
        self._final_module.get_function(name).add_function_attribute(attribute)

    def _optimize_functions(self, module: Any) -> None:
        """Leave what becomes part of another to the passes over that other."""
        if self.optimised:
            super()._optimize_functions(module)


class _LinkedOptimised(_Linked):
    """The same, optimised: loops become vector code best before they are part of something large."""

    optimised = True


class _Whole(JITCodeLibrary):  # type: ignore[misc]
    """The code of an entry point: what takes time in it are steps, optimised already by themselves."""

    def finalize(self) -> None:
        """Wait for all that it calls, and make machine code of the whole."""
        for library in self._linking_libraries:
            if isinstance(library, _Linked):
                library._wait()
        super().finalize()

    def _optimize_final_module(self) -> None:
        passes, builder = self._codegen._module_pass_manager(opt=1, loop_vectorize=False)
        passes.run(self._final_module, builder)


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

    library = _Linked

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
        compiled, name = super().compile_extra(function), _Name()
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


class EntryCompiler(Compiler):  # type: ignore[misc]
    """Numba's compiler for an entry point, which Python calls and which holds all the rest."""

    def compile_extra(self, function: Any) -> Any:
        """Compile."""
        self.state.flags = _QuickFlags(self.state.flags)
        self.state.library = _Whole(self.state.targetctx.codegen(), function.__qualname__)
        self.state.library.enable_object_caching()
        return super().compile_extra(function)


class _Name:
    """Stands for a compiled function among those that Numba knows."""


def _wider(kind: Any) -> Any:
    kind = unliteral(kind)
    return int64 if kind == uint32 else kind


class Inner(CPUDispatcher):  # type: ignore[misc]
    """A compiled function that Python does not call; made callable where it is called after all."""

    def add_overload(self, compiled: Any) -> None:
        """Keep it for functions that call it, not for Python."""
        self.overloads[tuple(compiled.signature.args)] = compiled

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Say what a call compiles: one copy for numbers written into callers, rows, ids and all others."""
        kinds = {name: _wider(kind) for name, kind in kws.items()}
        return super().get_call_template([_wider(kind) for kind in args], kinds)

    def __call__(self, *arguments: Any) -> Any:
        """Call it, compiled anew for that."""
        return _callable(self.py_func)(*arguments)


@cache
def _callable(function: Callable[..., Any]) -> Callable[..., Any]:
    compiled: Callable[..., Any] = numba.njit(error_model="numpy", nogil=True)(function)
    return compiled


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
    _Linked.second_thread = second_thread = ThreadPoolExecutor(1)
    try:
        yield
    finally:
        _Linked.second_thread = None
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
