"""Where the month's time goes: each step alone, beside the floor of draws, exponentials and memory."""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from collabsim import compiling, run
from collabsim.arithmetic import logistic
from collabsim.calling import Entry, Table, arrays_in
from collabsim.compiled import rule, step
from collabsim.draws import draw_many
from collabsim.dynamics import trusts
from collabsim.ensemble import Ensemble
from collabsim.outcomes import OUTCOMES
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE
from collabsim.state import copied, copy_into
from collabsim.stock import count_organisations, count_pairs, differences, largest_component
from record import load, write


class Work(NamedTuple):
    """What a loop is handed."""

    times: Any
    s: Any
    m: Any
    params: Any


def compiled_loop(function: Callable[..., None], example: Work) -> Callable[[Work], int]:
    """Compile a loop as the month is compiled."""

    @rule
    def whole(work: Any) -> int:
        function(work.times[0], work.s, work.m, work.params)
        return 0

    entry, table = Entry(compiling.machine_code(whole, example)), Table(example)
    return lambda work: entry(table.words(work, remember=True))


def looped(function: Any) -> Callable[..., None]:
    """Return a loop that calls a step many times: one call from Python would take longer than the step."""

    @rule
    def loop(times: int, s: Any, m: Any, params: Any) -> None:
        for _ in range(times):
            function(s, m, params[0])

    return loop


@step
def put_in_order(times: int, s: Any, m: Any, params: Any) -> None:
    """Put organisations' net benefits in order, for equity; they are out of it each time."""
    for _ in range(times):
        for i in range(len(m.flow)):
            m.column[0, i] = m.flow[i].net
        m.tally[0].net_differences = differences(m.column[0], m.words)


@step
def find_components(times: int, s: Any, m: Any, params: Any) -> None:
    """Count the organisations of the largest component, for fragmentation."""
    for _ in range(times):
        m.tally[0].largest_component = largest_component(s, m, params[0])
        s.pair.contact[0] *= 0.9999


@step
def only_draws(times: int, s: Any, m: Any, params: Any) -> None:
    """Make the draws of a month: one block for every pair, two for those that met."""
    clock, one, other = s.clock[0], s.pair.lower_id, s.pair.higher_id
    for _ in range(times):
        draw_many(m.words, one, other, clock.opened, clock.seed, clock.world, clock.month, clock.luck, 0)
        draw_many(m.words, one, other, clock.met, clock.seed, clock.world, clock.month, clock.luck, 1)
        draw_many(m.words, one, other, clock.met, clock.seed, clock.world, clock.month, clock.luck, 2)


@step
def only_logistic(times: int, s: Any, m: Any, params: Any) -> None:
    """Work out two probabilities for every meeting."""
    for _ in range(times):
        for who in range(2):
            values = m.worth[who]
            for meets in range(s.clock[0].met):
                values[meets] = logistic(values[meets])


@step
def only_memory(times: int, s: Any, m: Any, params: Any) -> None:
    """Read and write once all that is kept of pairs."""
    one = params[0].memory / params[0].memory  # the compiler cannot know
    for _ in range(times):
        for k in range(s.clock[0].pairs):
            s.pair.contact[k] = s.pair.contact[k] * one
            s.pair.tension[k] = s.pair.tension[k] * one
        for a in range(2):
            kept, broken, understanding = s.side.kept[a], s.side.broken[a], s.side.understanding[a]
            for k in range(s.clock[0].pairs):
                kept[k] = kept[k] * one
                broken[k] = broken[k] * one
                understanding[k] = understanding[k] * one


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
    copy_into(s, reached)
    clock = s.clock[0]
    clock.first_entry, clock.last_entry, clock.stale = 0, len(m.entry), 1
    m.base[:] = settings.given.table[0, -len(m.base) :]
    m.tally[0].possible = m.tally[0].potential = 200.0
    row = np.zeros(len(OUTCOMES))
    SCHEDULE.driver.one_month(s, m, settings.given, row)
    held = copied(s), copied(m)
    loops = [("month", name, looped(step)) for name, step in SCHEDULE.steps]
    loops += [
        ("measure", "trusts again", looped(trusts)),
        ("measure", "count_pairs", looped(count_pairs)),
        ("measure", "count_organisations", looped(count_organisations)),
        ("measure", "differences", put_in_order),
        ("measure", "largest_component", find_components),
    ]
    loops += [("floor", "draws", only_draws), ("floor", "logistic", only_logistic),
              ("floor", "memory", only_memory)]  # fmt: skip
    work = Work(np.array([given.times]), s, m, settings.given.params)
    calls = [(kind, name, compiled_loop(loop, work)) for kind, name, loop in loops]
    times: dict[str, list[float]] = {f"{kind}:{name}": [] for kind, name, _ in loops}
    for turn in range(given.rounds + 1):
        for kind, name, call in calls:
            for array, kept in zip(arrays_in((s, m)), arrays_in(held), strict=True):
                array[...] = kept
            begun = time.perf_counter()
            call(work)
            if turn:  # the first warms the caches
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
