"""How arrays are handed over between compiled functions, and what the compiler is told of them."""

import ast
import contextlib
import gc
import itertools
import signal
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from alone import month_like
from collabsim import compiled
from collabsim.calling import FEW_BYTES, REMEMBERED, Table, arrays_in
from collabsim.compiled import HASHED, JIT, rule, step
from collabsim.ensemble import Ensemble
from collabsim.outcomes import OUTCOMES
from collabsim.scenario import Scenario
from collabsim.state import ENTRY_DTYPE, LINE, new_month, new_state

FOLDER = Path(compiled.__file__).parent
PARTS = [FOLDER / f"{name}.py" for name in HASHED] + sorted((FOLDER / "rules").glob("*.py"))


def rules_in(file: Path) -> list[ast.FunctionDef]:
    """Return the functions of a file that are marked as rules or steps."""
    return [
        node
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id in ("rule", "step") for mark in node.decorator_list)
    ]


RULES = [(file, function) for file in PARTS for function in rules_in(file)]


def held() -> tuple[Any, Any]:
    """Return the arrays of a partnership of three kinds: by organisation, by pair and by side."""
    return Ensemble([Scenario.load("rural-lead-agency")]).arrays()


class Handed(NamedTuple):
    """What the functions below are handed."""

    s: Any
    m: Any
    numbers: Any


def handed() -> Handed:
    """Return arrays of a partnership, and room for numbers."""
    return Handed(*held(), np.zeros((6, 8), np.int64))


@step
def noted(array: Any, numbers: Any) -> None:
    """Note what is seen of an array: how many dimensions, items and bytes, and along each side."""
    numbers[0], numbers[1], numbers[2] = array.ndim, array.size, array.itemsize
    for side in range(array.ndim):
        numbers[3 + 2 * side], numbers[4 + 2 * side] = array.shape[side], array.strides[side]


@step
def described(s: Any, m: Any, numbers: Any) -> None:
    """Say of some arrays what a function that is handed them sees."""
    noted(s.organisation, numbers[0])
    noted(s.pair.contact, numbers[1])
    noted(s.pair.lower, numbers[2])
    noted(s.side.kept, numbers[3])
    noted(m.luck, numbers[4])
    noted(m.words, numbers[5])


@rule
def handed_on(held: Any) -> int:
    """Hand them on."""
    described(held.s, held.m, held.numbers)
    return 7


def test_an_array_arrives_as_it_was_sent() -> None:
    given = handed()
    s, m, numbers = given
    assert month_like(handed_on, given)(given) == 7
    for array, found in zip(
        (s.organisation, s.pair.contact, s.pair.lower, s.side.kept, m.luck, m.words), numbers, strict=True
    ):
        sides = [number for side in zip(array.shape, array.strides, strict=True) for number in side]
        expected = [array.ndim, array.size, array.itemsize, *sides]
        assert found.tolist() == expected + [0] * (8 - len(expected))


@step
def marked(s: Any) -> None:
    """Write to the ends of some arrays."""
    s.pair.tension[-1] = 0.25
    s.side.broken[1, -1] = 3.0
    s.organisation[-1].courage = 0.5
    s.side.kept[0][:] = 2.0


@rule
def marked_by_another(held: Any) -> int:
    """Have another function write."""
    marked(held.s)
    return 0


def test_what_a_function_writes_is_written_where_the_array_is() -> None:
    given = handed()
    call = month_like(marked_by_another, given)
    for again in (given, handed()):  # and not where another lies that was handed over before
        call(again)
        s = again.s
        assert s.pair.tension[-1] == 0.25
        assert s.side.broken[1, -1] == 3.0
        assert s.organisation.courage[-1] == 0.5
        assert (s.side.kept[0] == 2.0).all() and (s.side.kept[1] == 0.0).all()
        s.pair.tension[-1] = s.side.broken[1, -1] = 0.0


def test_arrays_of_another_kind_are_refused() -> None:
    given = handed()
    s, table = given.s, Table(given)
    table.words(given)
    kept = s.side.kept
    for wrong in (kept[:, ::2], kept.astype(np.float32), kept[0], kept.T, kept.view(np.int64)):
        with pytest.raises(TypeError, match="the compiled month takes contiguous arrays only"):
            table.words(given._replace(s=s._replace(side=s.side._replace(kept=wrong))))
    shifted = np.zeros(kept.nbytes + 1, np.uint8)[1:].view(np.float64).reshape(kept.shape)
    with pytest.raises(TypeError, match="the compiled month takes"):
        table.words(given._replace(s=s._replace(side=s.side._replace(kept=shifted))))


def test_arrays_are_remembered_by_what_they_are_not_by_where_they_were() -> None:
    s, _ = held()
    table = Table(s)
    for turn in range(50):  # each made where the one before has gone
        other = s._replace(side=s.side._replace(kept=np.full((2, 45), float(turn))))
        words = table.words(other, remember=True)
        assert other.side.kept.ctypes.data in np.frombuffer(words, np.int64)
        assert table.words(other) is words
    assert len(table._known) <= REMEMBERED


def test_nothing_large_is_kept_alive() -> None:
    s, _ = held()
    table, million = Table(s), np.zeros((2, FEW_BYTES // 8))
    table.words(s._replace(side=s.side._replace(kept=million)), remember=True)
    assert sys.getrefcount(million) == 2
    small = np.zeros((2, 45))
    table.words(s._replace(side=s.side._replace(kept=small)), remember=True)
    assert sys.getrefcount(small) > 2  # which the test above relies on


def test_no_two_arrays_share_memory_but_the_levers_by_name_and_by_position() -> None:
    s, m = new_state(5, 10), new_month(5, 10, np.zeros((3, 20)), np.zeros(2, ENTRY_DTYPE), np.zeros((2, 5)))
    both = {id(m.lever), id(m.lever_table)}
    shared = [
        {id(one), id(other)}
        for one, other in itertools.combinations([*arrays_in(s), *arrays_in(m)], 2)
        if np.shares_memory(one, other)
    ]
    assert shared == [both]


def test_no_array_shares_a_line_of_the_cache_with_another() -> None:
    s, m = held()
    written = [array for array in (*arrays_in(s), *arrays_in(m)) if array.size and array is not m.lever]
    ours = [array for array in written if array.ctypes.data % LINE == 0]
    others = [array for array in written if array.ctypes.data % LINE]
    names = [name for name in m._fields if any(getattr(m, name) is array for array in others)]
    assert set(names) <= {"between", "limits", "asks", "entry", "coverage"}  # read, hardly ever written
    lines = [range(a.ctypes.data // LINE, (a.ctypes.data + a.nbytes - 1) // LINE + 1) for a in ours]
    assert sum(len(one) for one in lines) == len(set(itertools.chain(*lines)))


def test_no_step_uses_the_levers_both_ways() -> None:
    assert len(RULES) > 80
    for file, function in RULES:
        used = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
        assert not {"lever", "lever_table"} <= used, f"{file.name}: {function.name}"


def test_rules_use_no_language_that_the_left_out_passes_look_for() -> None:
    """Closures, comprehensions, ``with``, ``raise``, optional arguments and whole-array arithmetic."""
    strange = (
        ast.Lambda, ast.With, ast.Raise, ast.Try, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
        ast.Yield, ast.Starred,
    )  # fmt: skip
    for file, function in RULES:
        where = f"{file.name}: {function.name}"
        for node in (inner for statement in function.body for inner in ast.walk(statement)):
            assert not isinstance(node, (*strange, ast.FunctionDef)), where
            assert not (isinstance(node, ast.Constant) and node.value is None), where
        assert not function.args.defaults and not function.args.kw_defaults, where


class StoppedError(BaseException):
    """Raised by a signal, as an interrupt is."""


@pytest.mark.skipif(not JIT, reason="without compiling nothing is handed over")
@pytest.mark.parametrize("what", ["a month", "a job"])
def test_no_interrupt_is_lost_on_the_way_into_compiled_code(what: str) -> None:
    ensemble = Ensemble([Scenario.load("pair").with_settings(months=2)])
    state, month = next(ensemble.months_of(0, 0))
    row, jobs, stopped, heard = np.empty(len(OUTCOMES)), [(0, 0, 0, 0)], 0, 0

    def stop(*_: Any) -> None:
        nonlocal stopped
        stopped += 1
        raise StoppedError

    before = signal.signal(signal.SIGALRM, stop)
    gc.collect()
    gc.disable()  # what is raised while Python takes garbage away is lost, whoever's it is
    try:
        for delay in np.random.default_rng(5).uniform(5e-4, 2e-3, 200).tolist():
            wanted = stopped + 1
            with contextlib.suppress(StoppedError):
                signal.setitimer(signal.ITIMER_REAL, delay)
                while stopped < wanted:
                    if what == "a month":
                        ensemble.schedule.driver.one_month(state, month, ensemble.given, row)
                    else:
                        ensemble.run(jobs, threads=1)
                heard -= 1  # it was raised, and the loop went on
            heard += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.enable()
    assert stopped == 200
    assert heard == stopped


def test_what_is_handed_over_is_let_go_of() -> None:
    ensemble = Ensemble([Scenario.load("pair").with_settings(months=2)])
    state, month = next(ensemble.months_of(0, 0))
    row, held = np.empty(len(OUTCOMES)), list(arrays_in((state, month)))
    ensemble.schedule.driver.one_month(state, month, ensemble.given, row)
    before = [sys.getrefcount(array) for array in held]
    for _ in range(100):
        ensemble.schedule.driver.one_month(state, month, ensemble.given, row)
    assert [sys.getrefcount(array) for array in held] == before
