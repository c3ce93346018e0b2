"""Time and memory from a hundred to a million organisations on sparse networks, each in its own process."""

from __future__ import annotations

import argparse
import multiprocessing as mp
import time
from typing import Any

import numpy as np
import pandas as pd

from record import load, peak_megabytes, write

DEGREE = 12
POINTS = ((100, 600), (1_000, 600), (10_000, 240), (100_000, 60), (1_000_000, 12))
"""Organisations and months."""

MESA = (10_000, 24)


def measure(engine: str, organisations: int, months: int, pipe: Any) -> None:
    """Set one network up, run it, and say what it took.

    The month is compiled (or loaded) on a small network first, so that neither time nor memory counts it.
    """
    from collabsim.ensemble import Ensemble
    from collabsim.scenario import Scenario

    Ensemble([Scenario.load("random:50:6").with_settings(months=2)]).run([(0, 0, 0, 0)], threads=1)
    if engine == "mesa":
        import collabsim.model
    floor = peak_megabytes()
    begun = time.perf_counter()
    scenario = Scenario.load(f"random:{organisations}:{DEGREE}").with_settings(months=months)
    if engine == "mesa":
        model = collabsim.model.CollaborationModel(scenario, seed=1, collect_organisations=False)
        model.step()  # the levers are worked out in the first month
        set_up = time.perf_counter() - begun
        begun = time.perf_counter()
        for _ in range(months - 1):
            model.step()
        played, took = months - 1, time.perf_counter() - begun
    else:
        settings = Ensemble([scenario])
        generated = time.perf_counter() - begun
        one = Ensemble([scenario.with_settings(months=1)])
        begun = time.perf_counter()
        one.run([(1, 0, 0, 0)], threads=1)
        set_up = generated + time.perf_counter() - begun
        del one
        begun = time.perf_counter()
        settings.run([(1, 0, 0, 0)], threads=1)
        took, played = time.perf_counter() - begun, months
    ties = len(scenario.partnership.ties)
    pipe.send((ties, set_up, took, played, floor, peak_megabytes()))


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=1_000_000, help="organisations")
    given = parser.parse_args()
    before = load()
    context = mp.get_context("spawn")
    points = [("ensemble", *point) for point in POINTS] + [("mesa", *MESA)]
    points = [point for point in points if point[1] <= given.most]
    found: dict[Any, list[Any]] = {point: [] for point in points}
    for _ in range(given.rounds):
        for point in points:
            ours, theirs = context.Pipe()
            process = context.Process(target=measure, args=(*point, theirs))
            process.start()
            theirs.close()
            found[point].append(ours.recv())
            process.join()
    rows = []
    for (engine, organisations, months), takes in found.items():
        ties, set_up, took, played, floor, peak = np.median(np.array(takes), axis=0)
        rows.append(
            {
                "engine": engine,
                "organisations": organisations,
                "ties": int(ties),
                "months": months,
                "set_up_seconds": set_up,
                "run_seconds": took,
                "ns_per_tie_month": took / (ties * played) * 1e9,
                "peak_megabytes": peak,
                "bytes_per_tie": max(0.0, peak - floor) * 1e6 / ties if organisations >= 10_000 else np.nan,
            }
        )
    from collabsim.report.benchmark_figures import scale

    write("scale", pd.DataFrame(rows), scale, rounds=given.rounds, load_before=round(before, 2),
          load_after=round(load(), 2))  # fmt: skip


if __name__ == "__main__":
    main()
