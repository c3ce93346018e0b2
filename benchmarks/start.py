"""What it takes to begin: import, a warm run, and the first run of all; each in new processes, medians."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd

from record import load, write

GOALS = {"import": 0.5, "warm_run": 1.5, "cold_run": 15.0}


def seconds(words: list[str], cache: str | None = None) -> tuple[float, float]:
    """Return how long a new Python process takes, and how much processor time: the latter hardly depends
    on what else the machine does.
    """  # noqa: D205
    environment = os.environ | ({} if cache is None else {"COLLABSIM_CACHE": cache})
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, env=environment, capture_output=True)
    took, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cold", type=int, default=3)
    given = parser.parse_args()
    before = load()
    pair = ["-m", "collabsim", "run", "pair"]
    times: dict[str, list[tuple[float, float]]] = {"python": [], "import": [], "warm_run": [], "cold_run": []}
    seconds(pair)  # warm
    for _ in range(given.rounds):
        times["python"].append(seconds(["-c", "pass"]))
        times["import"].append(seconds(["-c", "import collabsim"]))
        times["warm_run"].append(seconds(pair))
    for _ in range(given.cold):
        with tempfile.TemporaryDirectory() as folder:
            times["cold_run"].append(seconds(pair, folder))
    rows = [
        {"what": what, "seconds": float(np.median(some[:, 0])), "least": some[:, 0].min(),
         "most": some[:, 0].max(), "processor_seconds": float(np.median(some[:, 1])),
         "rounds": len(some), "goal": GOALS.get(what, float("nan"))}
        for what, some in ((what, np.array(pairs)) for what, pairs in times.items())
    ]  # fmt: skip
    write("start", pd.DataFrame(rows), load_before=round(before, 2), load_after=round(load(), 2))


if __name__ == "__main__":
    main()
