"""The same work done in eight ways, side by side in one session: runs per second, memory, ratios.

The work is ``scottish-partnership`` over 72 months, half the runs without a programme and half with all six
practices. Every contender lives in a process of its own, so that its memory can be told; they take turns, one
at a time, round after round, and medians are reported, so that what else the machine does meets all alike.
First each is checked against the ensemble: to the bit, to 1e-9 or in distribution; a failed check ends it.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing as mp
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import month_in_c
import numpy_month
from collabsim.ensemble import Ensemble
from collabsim.outcomes import OUTCOMES
from collabsim.scenario import Scenario
from record import load, peak_megabytes, write

PROGRAMMES = ("none", "all-six")
MONTHS = 72
SIGMAS = 4.5
"""The furthest that a mean may lie from ours: among 40 comparisons chance goes so far once in 4,000."""

TITLES = {
    "idiomatic_mesa": "Idiomatic Mesa, batch_run",
    "numpy_one": "NumPy, a run at a time",
    "numpy_batched": "NumPy, 32 runs side by side",
    "our_mesa_rows": "CollaborationModel, batch_run",
    "our_mesa": "CollaborationModel, outcomes only",
    "ensemble_1": "Ensemble, 1 thread",
    "ensemble_2": "Ensemble, 2 threads",
    "c_O2": "Plain C, -O2",
    "c_O3": "Plain C, -O3",
}

QUEUE = (
    "numpy_one", "numpy_batched", "our_mesa_rows", "our_mesa", "idiomatic_mesa", "ensemble_1", "ensemble_2",
    "c_O2", "c_O3",
)  # fmt: skip
"""In which order they take turns: a core's speed may change by half from one second to the next, with what
other guests of the machine do, so those that are compared most come right after each other."""

Work = Callable[[int], None]


def ensemble() -> Ensemble:
    """Return the settings that all run."""
    base = Scenario.load("scottish-partnership")
    return Ensemble([base.with_settings(programme=name, months=MONTHS) for name in PROGRAMMES])


def jobs(runs: int, seed: int = 1) -> Any:
    """Return that many jobs, an even number: each world without and with all six."""
    return np.array([(seed, world, 0, q) for world in range(runs // 2) for q in (0, 1)], np.int64)


def by_mesa(model: Any, runs: int, **more: Any) -> list[dict[str, Any]]:
    """Run a Mesa model by ``batch_run``, keeping every month."""
    import mesa

    parameters = {"programme": list(PROGRAMMES), "seed": list(range(runs // 2)), **more}
    rows: list[dict[str, Any]] = mesa.batch_run(
        model, parameters, number_processes=1, data_collection_period=1, display_progress=False
    )
    return rows


def prepare(name: str, folder: Path) -> Work:
    """Set a contender up; nothing that it does not need is loaded."""
    if name == "idiomatic_mesa":
        from idiomatic_mesa import IdiomaticModel

        return lambda runs: void(by_mesa(IdiomaticModel, runs))
    if name.startswith("our_mesa"):
        from collabsim.model import CollaborationModel

        more = {} if name == "our_mesa_rows" else {"collect_organisations": False}
        return lambda runs: void(by_mesa(CollaborationModel, runs, **more))
    settings = ensemble()
    if name.startswith("numpy"):
        together = 1 if name == "numpy_one" else 32
        return lambda runs: void(numpy_month.run(settings, jobs(runs), together=together))
    if name.startswith("ensemble"):
        threads = int(name[-1])
        return lambda runs: void(settings.run(jobs(runs), threads=threads))
    library = month_in_c.MonthInC(settings, name[1:].replace("_", "-"), folder)
    return lambda runs: void(library.run(jobs(runs)))


def void(_: Any) -> None:
    """Drop a result."""


def contender(name: str, folder: Path, pipe: Any) -> None:
    """Live as a contender: answer each number of runs with the seconds they took and the peak of memory."""
    work = prepare(name, folder)
    work(2)
    pipe.send((0.0, peak_megabytes()))
    while (runs := pipe.recv()) is not None:
        begun = time.perf_counter()
        work(runs)
        pipe.send((time.perf_counter() - begun, peak_megabytes()))


def check(names: list[str], worlds: int, folder: Path) -> dict[str, str]:
    """Hold every contender against the ensemble; return in words how well each agrees."""
    settings = ensemble()
    few = jobs(24)
    ours = settings.run(few, threads=1, monthly=True).monthly
    said = {"ensemble_1": "reference"}
    said["ensemble_2"] = _same(ours, settings.run(few, threads=2, monthly=True).monthly, 0.0)
    for name in names:
        if name.startswith("c_"):
            library = month_in_c.MonthInC(settings, name[1:].replace("_", "-"), folder)
            said[name] = _same(ours, library.run(few, monthly=True)[1], 1e-12)
    found = numpy_month.run(settings, few, together=5, ours=True, monthly=True)
    said["numpy_one"] = said["numpy_batched"] = _same(ours, found, 1e-9)

    from collabsim.model import CollaborationModel

    rows = by_mesa(CollaborationModel, 4, collect_organisations=False)
    four = settings.run(
        [(seed, 0, 0, q) for q in (0, 1) for seed in (0, 1)], threads=1, monthly=True
    ).monthly
    mesa_rows = np.array([[row[name] for name in OUTCOMES] for row in rows]).reshape(four.shape)
    said["our_mesa"] = _same(four, mesa_rows, 0.0)
    rows = by_mesa(CollaborationModel, 4)[:: len(settings.partnership)]  # of the first organisation
    mesa_rows = np.array([[row[name] for name in OUTCOMES] for row in rows]).reshape(four.shape)
    said["our_mesa_rows"] = _same(four, mesa_rows, 0.0)

    from idiomatic_mesa import IdiomaticModel

    many = jobs(2_000, seed=9)
    summary = settings.run(many).summary[:, : len(OUTCOMES)]
    rows = by_mesa(IdiomaticModel, 2 * worlds)
    theirs = np.array([[row[name] for name in OUTCOMES] for row in rows])
    theirs = np.nanmean(theirs.reshape(2, worlds, MONTHS, -1)[:, :, -12:], axis=2)
    furthest = 0.0
    for q, programme in enumerate(PROGRAMMES):
        mine = summary[many[:, 3] == q]
        gap = theirs[q].mean(0) - np.nanmean(mine, 0)
        error = np.sqrt(theirs[q].var(0, ddof=1) / worlds + np.nanvar(mine, 0, ddof=1) / len(mine))
        print(f"{programme}: outcome, idiomatic Mesa, ours, difference in standard errors")
        for o, name in enumerate(OUTCOMES):
            # where all worlds are alike, as the stake without small wins, there is only rounding
            z = gap[o] / error[o] if error[o] > 1e-12 else (0.0 if abs(gap[o]) < 1e-9 else math.inf)
            furthest = max(furthest, abs(z))
            print(f"  {name:24s}{theirs[q][:, o].mean():9.4f}{np.nanmean(mine[:, o]):9.4f}{z:7.1f}")
    if not furthest <= SIGMAS:
        raise SystemExit(f"idiomatic Mesa does not agree with ours: {furthest:.1f} standard errors apart")
    said["idiomatic_mesa"] = f"in distribution: {worlds} worlds, at most {furthest:.1f} standard errors apart"
    return said


def _same(ours: Any, theirs: Any, within: float) -> str:
    if np.array_equal(ours, theirs, equal_nan=True):
        return "same bits"
    gap = float(np.nanmax(np.abs(ours - theirs)))
    if not gap <= within or not np.array_equal(np.isnan(ours), np.isnan(theirs)):
        raise SystemExit(f"a contender does not agree with the ensemble: {gap:g} apart")
    return f"within {within:g}"


def turns(names: list[str], folder: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """Let the contenders take turns; return for each the seconds per run of each round, and its memory."""
    context = mp.get_context("spawn")
    pipes, processes, runs = {}, {}, {}
    times: dict[str, list[float]] = {name: [] for name in names}
    memory: dict[str, float] = {}
    for name in names:
        pipes[name], theirs = context.Pipe()
        processes[name] = context.Process(target=contender, args=(name, folder, theirs), daemon=True)
        processes[name].start()
        pipes[name].recv()
        few = 4 if name == "idiomatic_mesa" else 16 if name == "our_mesa_rows" else 64
        pipes[name].send(few)
        took, _ = pipes[name].recv()
        # whole pieces of 32 worlds for those that take runs by the piece, and at least one
        runs[name] = few * max(1, round(seconds / took))
    queue = [name for name in QUEUE if name in names]
    for turn in range(rounds):
        for name in queue[turn % len(queue) :] + queue[: turn % len(queue)]:
            pipes[name].send(runs[name])
            took, memory[name] = pipes[name].recv()
            times[name].append(took / runs[name])
        if turn % 4 == 3:
            print(f"turn {turn + 1} of {rounds}", file=sys.stderr, flush=True)
    for name in names:
        pipes[name].send(None)
        processes[name].join()
    return {name: (times[name], runs[name], memory[name]) for name in names}


def main() -> None:
    """Check, take turns, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9, help="four times as many turns are taken")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each turn")
    parser.add_argument("--worlds", type=int, default=200, help="in the check of distributions")
    given = parser.parse_args()
    names = list(TITLES)
    if month_in_c.compiler() is None:
        print("There is no gcc here, so the month in plain C is left out.")
        names = [name for name in names if not name.startswith("c_")]
    before = load()
    with tempfile.TemporaryDirectory() as folder:
        agreement = check(names, given.worlds, Path(folder))
        found = turns(names, Path(folder), 4 * given.rounds, given.seconds)
    pairs = len(ensemble().partnership.ties)
    reference = found["idiomatic_mesa"][0]
    one = found["ensemble_1"][0]
    rows = []
    for name in names:
        times, runs, memory = found[name]
        per_second = partial(np.percentile, 1.0 / np.array(times))
        mesa = np.array(reference) / np.array(times)  # turn by turn: what else the machine does meets both
        rows.append(
            {
                "contender": name,
                "title": TITLES[name],
                "runs_per_second": per_second(50),
                "lower_quartile": per_second(25),
                "upper_quartile": per_second(75),
                "ns_per_pair_month": float(np.median(times)) / (MONTHS * pairs) * 1e9,
                "peak_megabytes": memory,
                "times_idiomatic_mesa": float(np.median(mesa)),
                "times_mesa_lower_quartile": float(np.percentile(mesa, 25)),
                "times_mesa_upper_quartile": float(np.percentile(mesa, 75)),
                "times_ensemble_1": float(np.median(np.array(one) / np.array(times))),
                "runs_a_turn": runs,
                "agreement": agreement[name],
            }
        )
    import pandas as pd

    from collabsim.report.benchmark_drawings import side_by_side

    write("benchmarks", pd.DataFrame(rows), side_by_side, rounds=given.rounds, seconds=given.seconds,
          load_before=round(before, 2), load_after=round(load(), 2))  # fmt: skip
    two = 1e6 / rows[names.index("ensemble_2")]["runs_per_second"]
    print(f"\nA million runs on 2 threads would take {two / 60:.1f} minutes.")


if __name__ == "__main__":
    main()
