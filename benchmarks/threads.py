"""How many times as many runs two threads make as one, and two processes that share nothing.

Turns of one thread, of two threads, and of two processes with half the work each follow each other, in
changing order, many times over: the machine's own speed drifts, and two cores at once are seldom twice one.
The processes say how much there is to be had.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import time
from typing import Any

import numpy as np
import pandas as pd

from record import load, write
from side_by_side import ensemble, jobs

WAYS = {"1 thread": ((0, 1, 1),), "2 threads": ((0, 1, 2),), "2 processes": ((0, 2, 1), (1, 2, 1))}
"""For each way: which processes take part, what share of the work each has, and on how many threads."""


def play(pipe: Any, runs: int) -> None:
    """Take turns as told."""
    settings = ensemble()
    work = {share: jobs(runs // share) for share in (1, 2)}
    settings.run(work[2][:64], threads=2)
    while True:
        pipe.send(None)
        share, threads = pipe.recv()
        if not share:
            return
        begun = time.process_time()
        settings.run(work[share], threads=threads)
        pipe.send(time.process_time() - begun)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9, help="sixteen times as many turns are taken")
    parser.add_argument("--runs", type=int, default=1024, help="in a turn, a multiple of four")
    given = parser.parse_args()
    before, context = load(), mp.get_context("spawn")
    pipes = []
    for _ in range(2):
        here, there = context.Pipe()
        context.Process(target=play, args=(there, given.runs), daemon=True).start()
        here.recv()
        pipes.append(here)
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for number in range(16 * given.rounds):
        for way in list(WAYS)[:: 1 if number % 2 == 0 else -1]:
            begun = time.perf_counter()
            for process, share, threads in WAYS[way]:
                pipes[process].send((share, threads))
            processor = sum(pipes[process].recv() for process, _, _ in WAYS[way])
            times[way].append((time.perf_counter() - begun, processor))
            for process, _, _ in WAYS[way]:
                pipes[process].recv()
    for pipe in pipes:
        pipe.send((0, 0))
    one = np.array(times["1 thread"])[:, 0]
    rows = []
    for way, pairs in times.items():
        took, processor = np.array(pairs).T
        ratio = one / took
        rows.append(
            {
                "way": way,
                "runs_per_second": given.runs / float(np.median(took)),
                "times_one": float(np.median(ratio)),
                "lower_quartile": float(np.percentile(ratio, 25)),
                "upper_quartile": float(np.percentile(ratio, 75)),
                "processor_times_one": float(np.median(processor / np.array(times["1 thread"])[:, 1])),
                "turns": len(took),
                "runs_a_turn": given.runs,
            }
        )
    write("threads", pd.DataFrame(rows), load_before=round(before, 2), load_after=round(load(), 2))


if __name__ == "__main__":
    main()
