"""Where the month's time goes: each step alone, beside the floor of draws, exponentials and memory."""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
import pandas as pd

from collabsim import run
from collabsim.arithmetic import logistic
from collabsim.draws import draw_many
from collabsim.ensemble import Ensemble
from collabsim.outcomes import OUTCOMES
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE
from record import load, write

F = TypeVar("F", bound=Callable[..., Any])


def compiled_loop(function: F) -> F:
    """Compile as the month is compiled."""
    compiled: F = numba.njit(error_model="numpy")(function)
    return compiled


def looped(function: Any) -> Callable[..., None]:
    """Compile a loop that calls a step many times: steps cannot be called from Python one by one."""

    @compiled_loop
    def loop(times: int, s: Any, m: Any, params: Any) -> None:
        for _ in range(times):
            function(s, m, params[0])

    return loop


def looped_outcome(function: Any) -> Callable[..., None]:
    """Compile the same for an outcome, kept so that the compiler cannot leave it out."""

    @compiled_loop
    def loop(times: int, s: Any, m: Any, params: Any) -> None:
        for k in range(times):
            m.worth[k % 2, 0] = function(s, m, params[0])
            m.flow[0].net += 1e-9
            s.pair[0].contact *= 0.9999

    return loop


@compiled_loop
def only_draws(times: int, s: Any, m: Any, params: Any) -> None:
    """Make the draws of a month: one block for every pair, two for those that met."""
    clock = s.clock[0]
    for _ in range(times):
        draw_many(m.words, clock.opened, clock.seed, clock.world, clock.month, clock.luck, 0)
        draw_many(m.words, clock.met, clock.seed, clock.world, clock.month, clock.luck, 1)
        draw_many(m.words, clock.met, clock.seed, clock.world, clock.month, clock.luck, 2)


@compiled_loop
def only_logistic(times: int, s: Any, m: Any, params: Any) -> None:
    """Work out two probabilities for every meeting."""
    for _ in range(times):
        for who in range(2):
            values = m.worth[who]
            for meets in range(s.clock[0].met):
                values[meets] = logistic(values[meets])


@compiled_loop
def only_memory(times: int, s: Any, m: Any, params: Any) -> None:
    """Read and write once all that is kept of pairs."""
    one = params[0].memory / params[0].memory  # the compiler cannot know
    for _ in range(times):
        for k in range(s.clock[0].pairs):
            s.pair[k].contact = s.pair[k].contact * one
            s.pair[k].tension = s.pair[k].tension * one
            for a in range(2):
                s.side[a, k].kept = s.side[a, k].kept * one
                s.side[a, k].broken = s.side[a, k].broken * one
                s.side[a, k].understanding = s.side[a, k].understanding * one


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--times", type=int, default=300, help="calls in a round")
    given = parser.parse_args()
    before = load()
    scenario = Scenario.load("scottish-partnership").with_settings("all-six", 36)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the programme is cut off, as is meant
        reached = run(scenario, seed=1).state  # the 36th month: every practice at work, most ties alive
    settings = Ensemble([scenario])
    s, m = settings.arrays()
    for array, known in zip(s, reached, strict=True):
        array[..., : known.shape[-1]] = known
    clock = s.clock[0]
    clock.first_entry, clock.last_entry, clock.stale = 0, len(m.entry), 1
    m.base[:] = settings._table[0, -len(m.base) :]
    m.tally[0].possible = m.tally[0].potential = 200.0
    row = np.zeros(len(OUTCOMES))
    SCHEDULE.driver.one_month(s, m, settings._params, row)
    held = tuple(array.copy() for array in (*s, *m))
    loops = [("month", name, looped(step)) for name, step in SCHEDULE.steps]
    loops += [("measure", name, looped_outcome(outcome.function)) for name, outcome in OUTCOMES.items()]
    loops += [("floor", "draws", only_draws), ("floor", "logistic", only_logistic),
              ("floor", "memory", only_memory)]  # fmt: skip
    times: dict[str, list[float]] = {f"{kind}:{name}": [] for kind, name, _ in loops}
    for turn in range(given.rounds + 1):
        for kind, name, loop in loops:
            for array, kept in zip((*s, *m), held, strict=True):
                array[...] = kept
            begun = time.perf_counter()
            loop(given.times if turn else 1, s, m, settings._params)  # compiles in the first
            if turn:
                times[f"{kind}:{name}"].append((time.perf_counter() - begun) / given.times)
    rows = []
    for kind, name, _ in loops:
        median = float(np.median(times[f"{kind}:{name}"]))
        rows.append({"kind": kind, "phase": name, "microseconds": 1e6 * median})
    table = pd.DataFrame(rows)
    month = float(table.loc[table["kind"] == "month", "microseconds"].sum())
    table["share_of_month"] = table["microseconds"] / month
    write("phases", table, met=int(clock.met), pairs=int(clock.pairs), month_microseconds=round(month, 2),
          rounds=given.rounds, load_before=round(before, 2), load_after=round(load(), 2))  # fmt: skip


if __name__ == "__main__":
    main()
