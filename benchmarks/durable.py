"""What it costs that a sweep cannot be lost: the same plan in memory and in a folder, by turns, medians.

In memory nothing is kept until all is done. In a folder every chunk is written, synced, renamed and recorded,
and in the end all are put together to one table, which is read again. Both give the same table, which is
checked.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from collabsim.practices import PRACTICES
from collabsim.study.ledger import KEPT, Ledger
from collabsim.study.plan import Plan
from collabsim.study.sweep import sweep
from record import load, write

PLANS = (
    ("scottish-partnership", 72, 64, 125),
    ("pair", 14, 64, 2_500),
)
"""Scenario, months, points and worlds: runs such as a study has, and some that take hardly any time."""

WAYS = ("in memory", "durable")


def plan_of(scenario: str, months: int, worlds: int) -> Plan:
    """Return a plan of all combinations of the six practices."""
    return Plan.factorial(PRACTICES, scenario, worlds=worlds, months=months, seed=1)


def measure(plan: Plan, way: str, folder: Path) -> tuple[Any, float, float]:
    """Sweep once, into a new folder where that is asked for.

    Returns
    -------
    table, seconds, processor_seconds
        What came out, how long it took, and how long processors worked on it.
    """
    begun, worked = time.perf_counter(), time.process_time()
    table = sweep(plan, out=None if way == WAYS[0] else folder)
    return table, time.perf_counter() - begun, time.process_time() - worked


def session(plan: Plan, rounds: int) -> tuple[dict[str, Any], int, float]:
    """Sweep both ways by turns, each first in every other round.

    Returns
    -------
    times, chunks, megabytes
        (rounds, 2) seconds and processor seconds by way, and in how many chunks the folder was written, and
        how large it was in the end.
    """
    times: dict[str, Any] = {way: [] for way in WAYS}
    chunks, megabytes = 0, 0.0
    for number in range(rounds):
        tables = {}
        for way in WAYS if number % 2 == 0 else reversed(WAYS):
            with tempfile.TemporaryDirectory() as home:
                folder = Path(home) / "out"
                tables[way], *took = measure(plan, way, folder)
                times[way].append(took)
                if folder.exists():
                    with Ledger(folder) as ledger:
                        chunks = len(list(ledger.entries(KEPT)))
                    megabytes = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
        pd.testing.assert_frame_equal(tables[WAYS[0]], tables[WAYS[1]], check_exact=True)
    return {way: np.array(some) for way, some in times.items()}, chunks, megabytes


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--share", type=float, default=1.0, help="of the worlds, for a quick look")
    given = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # windows that the end of a run cuts off
    before = load()
    rows = []
    for scenario, months, points, worlds in PLANS:
        worlds = max(1, round(worlds * given.share))
        sweep(plan_of(scenario, months, 1))  # compiled, and everything loaded
        times, chunks, megabytes = session(plan_of(scenario, months, worlds), given.rounds)
        ratios = np.median(times["durable"] / times["in memory"], axis=0)
        for way, some in times.items():
            durable = way == "durable"
            seconds, worked = np.median(some, axis=0)
            rows.append(
                {
                    "scenario": scenario,
                    "months": months,
                    "runs": points * worlds,
                    "way": way,
                    "seconds": seconds,
                    "least": some[:, 0].min(),
                    "most": some[:, 0].max(),
                    "processor_seconds": worked,
                    "times_seconds": ratios[0] if durable else 1.0,
                    "times_processor": ratios[1] if durable else 1.0,
                    "chunks": chunks if durable else 0,
                    "megabytes": megabytes if durable else 0.0,
                }
            )
    write("durable", pd.DataFrame(rows), rounds=given.rounds, load_before=round(before, 2),
          load_after=round(load(), 2))  # fmt: skip


if __name__ == "__main__":
    main()
