"""What the tests of durable sweeps share: a plan that takes no time, and sweeps in processes of their own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from collabsim.study.ledger import KEPT, Ledger
from collabsim.study.plan import Plan

COMMAND = [sys.executable, "-m", "collabsim"]
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"

PLAN = """
scenario = "pair"
seed = 3
worlds = {worlds}
months = 14
[factors]
building_trust = [0, 1]
cost = [0.05, 0.1, 0.2]
"""

PROCESS = """
import os, sys, time, warnings
warnings.simplefilter("ignore")
from collabsim.study.plan import Plan
from collabsim.study.sweep import sweep_to
def watch(phase, number):
    os.write(1, f"{phase} {number}\\n".encode())
    if phase == sys.argv[3] and number >= 2:
        time.sleep(60)
options = eval(sys.argv[4]) if len(sys.argv) > 4 else {}
sweep_to(Plan.load(sys.argv[1]), sys.argv[2], workers=1, chunk=50, watch=watch, **options)
"""
"""A sweep that says its phases, and stays in one of them, with chunk 2 or later, until it is killed."""

PIECES = 16 * 80
"""Rows put together at a time, so few that the tables of the small plan are written in three pieces."""

ASSEMBLING = """
import os, sys, time, warnings
warnings.simplefilter("ignore")
from collabsim.study import assembly, disk
from collabsim.study.plan import Plan
from collabsim.study.sweep import sweep_to
home, name, wanted = {
    "begun": (assembly._Table, "write", 1),
    "half written": (assembly._Table, "write", 4),
    "written": (assembly, "put_in_place", 1),
    "one table in place": (assembly, "put_in_place", 2),
    "both tables in place": (disk, "put_in_place", 1),
}[sys.argv[3]]
whole, calls = getattr(home, name), []
def watched(*words):
    if assembling:
        calls.append(words)
        if len(calls) == wanted:
            os.write(1, f"{sys.argv[3]}\\n".encode())
            time.sleep(60)
    return whole(*words)
setattr(home, name, watched)
assembly.ROWS, assembling = int(sys.argv[4]), []
sweep_to(Plan.load(sys.argv[1]), sys.argv[2], workers=1, chunk=400, monthly=True,
         watch=lambda phase, number: assembling.append(number) if phase == "assemble" else None)
"""
"""A sweep that stays, until it is killed, in a moment of putting its tables together, and says so."""

MOMENTS = ("begun", "half written", "written", "one table in place", "both tables in place")


def small(factors=None, scenario="pair", **options):
    """A plan that takes no time."""
    factors = {"building_trust": [0, 1], "cost": [0.05, 0.1, 0.2]} if factors is None else factors
    return Plan.factorial(factors, scenario, **({"worlds": 40, "months": 14, "seed": 3} | options))


def plan_file(folder, worlds=40):
    """Write the plan of :func:`small` to a file."""
    file = folder / "plan.toml"
    file.write_text(PLAN.format(worlds=worlds), encoding="utf-8")
    return file


def bits(folder):
    """Return the table of a finished sweep as it lies on the disk."""
    assert (folder / "manifest.json").exists()
    return (folder / "runs.parquet").read_bytes()


def runs_of(folder):
    """Return the table of a finished sweep."""
    return pd.read_parquet(folder / "runs.parquet")


def recorded(folder):
    """Return how many runs a ledger has recorded, having seen that none was computed twice."""
    with Ledger(folder) as ledger:
        assert ledger.computed_twice() == 0
        return sum(entry.runs for entry in ledger.entries(KEPT))


def process(plan, out, stay="", options="{}"):
    """Start a sweep in a process of its own, which stays in a phase until it is killed."""
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(plan), str(out), stay, options], stdout=subprocess.PIPE, text=True
    )  # fmt: skip


def until(started, word):
    """Read what a process says until it says a word."""
    for line in started.stdout:
        if line.startswith(word):
            return
    raise AssertionError(f"it ended before it said '{word}'")


def wait_for(true, seconds=60.0):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def benchmark(name):
    """Load a script of benchmarks/."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(BENCHMARKS))
