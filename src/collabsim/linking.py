"""Code on its way to becoming an object file: what is part of another is put into it, and nothing twice.

LLVM's text of a function and of all that it calls goes together in one module. What is only ever part of
another is not made machine code by itself; what is called from outside has a symbol to call it by.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import config
from numba.core.callconv import excinfo_ptr_t
from numba.core.codegen import JITCodeLibrary, RuntimeLinker
from numba.core.environment import Environment
from numba.core.errors import UnsupportedError
from numba.core.registry import cpu_target

from collabsim.calling import MachineCode

ENVIRONMENT = "_ZN08NumbaEnv"
"""How the names of variables begin in which Numba keeps what a function needs to go back to Python."""

PREFIX = RuntimeLinker.PREFIX
"""How the names of variables begin that say where a function is which calls itself."""

INSIDE = ("llvm.", "collabsim.")
"""How the names of functions begin that LLVM itself brings, or a part of the month's."""

AT_FULL_WIDTH = "+avx512fp16"
"""The feature by which a processor is known to lose nothing by vectors of 512 bits. LLVM prefers 256 wherever
some of a family did lose."""

IN_EVERY_PROCESS = {"memcpy", "memmove", "memset", "sqrt"}
"""Functions that machine code may call wherever it runs."""


def target_machine(codegen: Any) -> Any:
    """Return what machine code is made for: as Numba has it, but with vectors as wide as the processor's."""
    if AT_FULL_WIDTH not in codegen._tm_features.split(","):
        return codegen._tm
    options: dict[str, Any] = {"opt": config.OPT}
    codegen._customize_tm_options(options)
    options["features"] += ",-prefer-256-bit"
    return llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(**options)


class Linked(JITCodeLibrary):  # type: ignore[misc]
    """The code of a function that is only ever part of another.

    It is never made machine code by itself: whoever calls it is, and would throw that work away.
    """

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


class LinkedOptimised(Linked):
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


class Rough(JITCodeLibrary):  # type: ignore[misc]
    """The code of a function of Numba's own, such as ``max``: it is optimised as part of ours."""

    def _optimize_functions(self, module: Any) -> None:
        module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        pass


def called_as(context: Any, returns: Any, kinds: Iterable[Any]) -> Any:
    """Return how a function is called by its symbol: what it is given, then where result and exception go."""
    given = [context.get_value_type(kind) for kind in kinds]
    places = [context.get_value_type(returns).as_pointer(), excinfo_ptr_t.as_pointer()]
    return ir.FunctionType(ir.IntType(32), given + places)


def whole_of(symbol: str, compiled: Any) -> Whole:
    """Return the code of a function and all that it calls, to be called by a symbol from outside."""
    context, about = cpu_target.target_context, compiled.fndesc
    module = context.create_module(symbol)
    function = ir.Function(module, called_as(context, about.restype, about.argtypes), symbol)
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
