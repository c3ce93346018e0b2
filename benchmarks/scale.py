"""Time and memory from a hundred to a million organisations on sparse networks, each in its own process.

Runs of three lengths tell three things apart: what a start takes, what a month takes that is not measured,
and what one takes that is (outcomes are of the last months of a run).
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import time
from typing import Any

import numpy as np
import pandas as pd

from collabsim.outcomes import LAST_MONTHS
from record import load, peak_megabytes, write

DEGREE = 12
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
"""Organisations."""

MONTHS = 60
TIES = 200_000
"""So many ties, of one run or of several, are played for each time that is taken."""

ONCE = 1_000_000
"""Organisations from which a size is measured in the first round only."""

MESA = (10_000, 24)
"""Organisations and months of the Mesa model: with outcomes only, and with all its rows."""


def measure(engine: str, organisations: int, months: int, pipe: Any) -> None:
    """Set one network up, run it, and say what it took.

    The month is compiled (or loaded) on a small network first, so that neither time nor memory counts it.
    """
    from collabsim.ensemble import Ensemble
    from collabsim.scenario import Scenario

    Ensemble([Scenario.load("random:50:6").with_settings(months=2)]).run([(0, 0, 0, 0)], threads=1)
    if engine.startswith("mesa"):
        import collabsim.model
    floor = peak_megabytes()
    begun = time.perf_counter()
    scenario = Scenario.load(f"random:{organisations}:{DEGREE}").with_settings(months=months)
    ties = len(scenario.partnership.ties)
    if engine.startswith("mesa"):
        rows = engine == "mesa_rows"
        model = collabsim.model.CollaborationModel(scenario, seed=1, collect_organisations=rows)
        model.step()  # the levers are worked out in the first month
        set_up = time.perf_counter() - begun
        begun = time.perf_counter()
        for _ in range(months - 1):
            model.step()
        took = time.perf_counter() - begun
        pipe.send((ties, set_up, took, took / (months - 1), np.nan, np.nan, floor, peak_megabytes()))
        return
    lengths = (1, LAST_MONTHS, months)
    ensembles = [Ensemble([scenario.with_settings(months=length)]) for length in lengths]
    ensembles[0].run([(1, 0, 0, 0)], threads=1)
    set_up = time.perf_counter() - begun
    worlds = max(1, TIES // ties)
    seconds = []
    for ensemble in ensembles:
        begun = time.perf_counter()
        ensemble.run([(1, world, 0, 0) for world in range(worlds)], threads=1)
        seconds.append((time.perf_counter() - begun) / worlds)
    first, measured, whole = seconds
    month = (whole - measured) / (months - LAST_MONTHS)
    measured_month = (measured - first) / (LAST_MONTHS - 1)
    pipe.send((ties, set_up, whole, month, measured_month, first - measured_month, floor, peak_megabytes()))


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=1_000_000, help="organisations")
    given = parser.parse_args()
    before = load()
    context = mp.get_context("spawn")
    points = [("ensemble", size, MONTHS) for size in SIZES] + [("mesa", *MESA), ("mesa_rows", *MESA)]
    points = [point for point in points if point[1] <= given.most]
    found: dict[Any, list[Any]] = {point: [] for point in points}
    for turn in range(given.rounds):
        for point in points:
            if turn and point[1] >= ONCE:
                continue
            ours, theirs = context.Pipe()
            process = context.Process(target=measure, args=(*point, theirs))
            process.start()
            theirs.close()
            found[point].append(ours.recv())
            process.join()
    rows = []
    for (engine, organisations, months), takes in found.items():
        ties, set_up, took, month, measured_month, start, floor, peak = np.median(np.array(takes), axis=0)
        played = months if engine == "ensemble" else months - 1
        rows.append(
            {
                "engine": engine,
                "organisations": organisations,
                "ties": int(ties),
                "months": months,
                "set_up_seconds": set_up,
                "run_seconds": took,
                "ns_per_tie_month": took / (ties * played) * 1e9,
                "ns_per_tie_start": start / ties * 1e9,
                "ns_per_tie_month_unmeasured": month / ties * 1e9,
                "ns_per_tie_month_measured": measured_month / ties * 1e9,
                "peak_megabytes": peak,
                "bytes_per_tie": max(0.0, peak - floor) * 1e6 / ties if organisations >= 10_000 else np.nan,
            }
        )
    from collabsim.report.benchmark_drawings import scale

    write("scale", pd.DataFrame(rows), scale, rounds=given.rounds, load_before=round(before, 2),
          load_after=round(load(), 2))  # fmt: skip


if __name__ == "__main__":
    main()
