"""How Numba compiles the month: nothing for functions by themselves, and nothing over and over.

All of it is about time, of compiling or of running. None of it changes what is computed: with
``NUMBA_DISABLE_JIT=1`` none of it is used, and the bits are the same.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, Flags
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher, cpu_target
from numba.core.targetconfig import ConfigStack
from numba.core.types import int64, uint32
from numba.core.types.containers import NamedTuple
from numba.core.types.functions import Function
from numba.core.types.misc import unliteral

DRIVER = "collabsim_month_"
"""How the name begins of a module that :mod:`collabsim.schedule` generates."""

HASHED = (
    "arithmetic", "draws", "state", "dynamics", "meetings", "brokering", "start", "stock", "outcomes",
    "schedule", "compiled", "compiling", "passing",
)  # fmt: skip
"""The modules, besides those of the rules, whose text is part of every identity."""


def in_package(function: Callable[..., Any]) -> bool:
    """Return whether a function's text is part of the package's compiled month."""
    package, _, module = function.__module__.partition(".")
    in_rules = module in HASHED or module.startswith("rules.")
    return (package == "collabsim" and in_rules) or package.startswith(DRIVER)


class _Linked(JITCodeLibrary):  # type: ignore[misc]
    """The code of a function that is only ever part of another: never made machine code by itself, since
    whoever calls it is, and would throw that work away.
    """  # noqa: D205

    optimised = False

    def _optimize_functions(self, module: Any) -> None:
        """Leave what becomes part of another to the passes over that other."""
        if self.optimised:
            super()._optimize_functions(module)

    def finalize(self) -> None:
        """Put together what the function calls, each once."""
        self._raise_if_finalized()
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        if self.optimised:
            self._optimize_final_module()
        self._finalized = True


class _LinkedOptimised(_Linked):
    """The same, optimised: loops become vector code best before they are part of something large."""

    optimised = True


class _Whole(JITCodeLibrary):  # type: ignore[misc]
    """The code of an entry point: what takes time in it are steps, optimised already by themselves."""

    def _optimize_final_module(self) -> None:
        passes, builder = self._codegen._module_pass_manager(opt=1, loop_vectorize=False)
        passes.run(self._final_module, builder)


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
    """Numba's compiler, as far as a function that Python never calls needs it."""

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
        state.library = self.library(state.targetctx.codegen(), function.__qualname__)
        compiled, name = super().compile_extra(function), _Name()
        state.targetctx.insert_user_function(name, compiled.fndesc, [state.library])
        return compiled._replace(entry_point=name)


class StepCompiler(InnerCompiler):
    """The same for functions that loop.

    The compiler is told that no two arrays of a step share memory, so that loops need no test for it. It
    holds of all that a step uses: only ``lever`` and ``lever_table`` do, and none uses both. And a step
    becomes part of the month whatever its size: a call would hand over more than a hundred numbers.
    """

    library = _LinkedOptimised

    def compile_extra(self, function: Any) -> Any:
        """Compile, and mark the machine code to be."""
        self.state.flags.noalias = in_package(function)
        compiled = super().compile_extra(function)
        if any(isinstance(kind, NamedTuple) for kind in compiled.fndesc.argtypes[:1]):
            module = self.state.library._final_module
            module.get_function(compiled.fndesc.llvm_func_name).add_function_attribute("alwaysinline")
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
    """Compile inside with less of what Numba does over and over.

    Python looks for no garbage: compiling makes millions of objects that nearly all live on. What an operator
    or a function of Numba's own gives for some types is found once, not for every use. And what
    packages may add to Numba is imported once, not whenever a first guess at an operator fails.
    """
    whole, found, target = Function.get_call_type, {}, cpu_target.target_context
    collecting = gc.isenabled()

    def get_call_type(function: Any, context: Any, args: Any, kws: Any) -> Any:
        key = function, context, tuple(args), tuple(dict(kws).items()), ConfigStack.top_or_none()
        if key not in found:
            found[key] = whole(function, context, args, kws)
        return found[key]

    def look_again() -> None:
        for registry in list(target._registries):
            target.install_registry(registry)

    with global_compiler_lock:
        target.refresh()
        gc.disable()
        setattr(Function, "get_call_type", get_call_type)  # noqa: B010
        setattr(target, "load_additional_registries", look_again)  # noqa: B010
        try:
            yield
        finally:
            setattr(Function, "get_call_type", whole)  # noqa: B010
            delattr(target, "load_additional_registries")
            if collecting:
                gc.enable()
