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
