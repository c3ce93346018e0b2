"""One function is told from another by all that it refers to, wherever that is."""

from __future__ import annotations

import functools
import importlib
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import pandas as pd
import pytest

import collabsim as cs
from collabsim import meetings
from collabsim.compiled import JIT, in_package
from collabsim.errors import InputError
from collabsim.telling import function_text

RATE = 0.1
TABLE = {"deep": [1, (2.0, {"three"})]}


class Given(NamedTuple):
    """A class that Python writes parts of."""

    rate: float


class Marked:
    """A class with a repr of its own, which leaves out what counts."""

    low = 0.25

    def __init__(self, held: Any) -> None:
        self.held = held

    def worst(self, monthly: Any) -> float:
        return float(monthly["trust"].min()) * self.low + self.half

    @property
    def half(self) -> float:
        return 0.5

    def __repr__(self) -> str:
        return "Marked()"


GIVEN, MARKED = Given(0.5), Marked(np.arange(3))
FRAME = pd.DataFrame({"a": range(200)})


def _scaled(x: float, by: float) -> float:
    return x * by


BY = functools.partial(_scaled, by=2.0)


def refers(x: float, least: Any = MARKED) -> Any:
    """Refer to something of every kind."""
    return BY(x) * RATE, GIVEN.rate, TABLE, FRAME, least.worst, math.exp, np.sqrt, meetings.commit, Given


@pytest.mark.parametrize(
    ("name", "value"),
    [("RATE", 0.2), ("TABLE", {"deep": [1, (2.0, {"four"})]}), ("GIVEN", Given(0.75)),
     ("FRAME", FRAME.assign(a=[*range(100), -1, *range(101, 200)])),
     ("BY", functools.partial(_scaled, by=3.0))],
)  # fmt: skip
def test_another_value_is_another_text(monkeypatch: pytest.MonkeyPatch, name: str, value: Any) -> None:
    before = function_text(refers)
    assert function_text(refers) == before
    monkeypatch.setitem(globals(), name, value)
    assert function_text(refers) != before


def test_what_an_object_holds_and_what_its_class_does_count(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [function_text(refers)]
    monkeypatch.setattr(MARKED, "held", np.array([0, 1, 3]))
    texts.append(function_text(refers))
    monkeypatch.setattr(Marked, "low", 0.3)
    texts.append(function_text(refers))
    monkeypatch.setattr(Marked, "worst", lambda self, monthly: 0.0)
    texts.append(function_text(refers))
    monkeypatch.setattr(Marked, "half", property(lambda self: 0.75))
    texts.append(function_text(refers))
    assert len(set(texts)) == len(texts)
    assert all(in_package(meetings.commit) and "collabsim.meetings.commit" in text for text in texts)


MODULES = {
    "constants": "RATE = 0.1\nUNUSED = 1\n\ndef helper(x):\n    return x + RATE\n",
    "package/__init__": "",
    "package/inner": "from constants import helper\nLEVEL = 3\n",
    "package/relative": "def by_relative(x):\n    from . import inner\n    return inner.helper(x)\n",
    "uses": """
import constants, package.inner
from package.relative import by_relative

def by_inner(x):
    def inside(y):
        import constants
        return constants.RATE * y
    return inside(x)

def by_constant(x):
    return constants.RATE * x

def by_helper(x):
    return constants.helper(x)

def by_package(x):
    return package.inner.LEVEL * x + package.inner.helper(x)

def by_import(x):
    from constants import helper
    return helper(x)
""",
}


@pytest.mark.parametrize(
    "name", ["by_constant", "by_helper", "by_package", "by_import", "by_relative", "by_inner"]
)
def test_what_modules_of_ones_own_hold_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "package").mkdir()
    for module, text in MODULES.items():
        (tmp_path / f"{module}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("constants", "package", "package.inner", "package.relative", "uses"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    function = getattr(importlib.import_module("uses"), name)
    constants: Any = importlib.import_module("constants")
    before = function_text(function)
    monkeypatch.setattr(constants, "UNUSED", 2)
    assert function_text(function) == before
    monkeypatch.setattr(constants, "RATE", 0.9)
    assert function_text(function) != before
    for module in ("constants", "package", "package.inner", "package.relative", "uses"):
        monkeypatch.delitem(sys.modules, module)


def test_the_text_is_the_same_in_every_process() -> None:
    words = (
        "import hashlib, sys; sys.path[:0] = ['tests']; import test_telling as t; "
        "print(hashlib.sha256(t.function_text(t.refers).encode()).hexdigest())"
    )
    root = Path(__file__).parents[1]
    told = {
        subprocess.run(
            [sys.executable, "-c", words], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=root,
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(told) == 1


@numba.njit
def _read_rate() -> float:
    return RATE


def set_to_rate(s: Any, m: Any, p: Any) -> None:
    """Set courage to a value of this module's."""
    for i in range(len(s.organisation)):
        s.organisation[i].courage = RATE


def set_by_numba(s: Any, m: Any, p: Any) -> None:
    """Set it to the same by a function that the user has compiled."""
    for i in range(len(s.organisation)):
        s.organisation[i].courage = _read_rate()


@pytest.mark.parametrize("rule", [set_to_rate, set_by_numba])
def test_a_schedule_made_anew_has_the_values_of_now(monkeypatch: pytest.MonkeyPatch, rule: Any) -> None:
    found, identities = [], set()
    for rate in (0.1, 0.9):
        monkeypatch.setitem(globals(), "RATE", rate)
        schedule = cs.SCHEDULE.insert(rule, after="close" if "close" in cs.SCHEDULE.names else "deliver")
        result = cs.run("pair", months=2, schedule=schedule)
        found.append(float(result.state.organisation[0].courage))
        identities.add(schedule.identity)
    assert found[1] - found[0] > 0.5 and len(identities) == 2


@pytest.mark.skipif(not JIT, reason="plain Python has the value of the moment")
def test_a_schedule_whose_rules_have_changed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = cs.SCHEDULE.insert(set_to_rate, after="deliver")
    assert schedule.identity
    monkeypatch.setitem(globals(), "RATE", 0.35)
    with pytest.raises(InputError, match="changed since it was made"):
        cs.run("pair", months=2, schedule=schedule)
    again = cs.SCHEDULE.insert(set_to_rate, after="deliver")
    assert cs.run("pair", months=2, schedule=again).state.organisation[0].courage > 0.3
