"""Which parameters make the model show patterns 4, 5, 7, 9 and 10 at once.

A first wave fills the declared space evenly; each of two more fills the part of it that what is known by then
does not rule out.
Points are scored in 50 worlds, and given up at the first pattern that fails; those that pass are scored
again in 200 other worlds. The most central of what passes is where the defaults belong.

    python experiments/calibration.py [--points N] [--checks [--members N]] [--install]

and the options of all experiments:

``--points``   how many points in all (default 10,000): 3,000, 2,000 and 5,000 by wave, or in proportion
``--checks``   also the held-out patterns and the practices' Shapley shares, for a sample of what passes
``--members``  how many of what passes are checked (default 40)
``--install``  also write what passes into the package, as its plausible parameter sets
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import collabsim
from collabsim.errors import InputError
from collabsim.parameters import PARAMETERS, whole
from collabsim.practices import PRACTICES
from collabsim.report import calibration_figures
from collabsim.report.experiment import Experiment, ask, main
from collabsim.report.results import csv_text, write_changed
from collabsim.study import effects
from collabsim.study.calibration_runs import Record, Task, settings
from collabsim.study.calibration_space import SLACK, SPACE, central, next_wave, sample
from collabsim.study.patterns import CALIBRATED, PATTERNS, Score, evaluate_all
from collabsim.study.patterns.laboratory import partnership_as_it_is
from collabsim.study.plan import Plan
from collabsim.study.sweep import sweep

POINTS = 10_000
WORLDS, WORLDS_AGAIN, WORLDS_CENTRE = 50, 200, 400
WAVES = (0.3, 0.2, 0.5)
"""Which share of the points each wave has: half of them where most is left to be found."""

WHOLLY = 20
"""One in so many points of the first wave is scored on all five patterns, whether it fails one or not."""

CENTRE_SEEDS = (101, 102, 103)
"""Beside the seed asked for: whose worlds the central point has to pass in."""

MEMBERS = 40
"""Of what passes: how many are checked on what the calibration never looked at."""

LIMITS = {
    "kept_without": (-math.inf, 0.6),
    "age_and_trust": (0.0, 0.3),
    "reached_by_36": (-math.inf, 0.5),
    "reached_by_60": (0.5, math.inf),
    "never_traction": (0.25, 0.70),
    "luck_share": (0.2, math.inf),
    "kept_with": (0.9, math.inf),
    "trust_and_advantage": (0.2, 0.65),
}
"""The thresholds by which later waves are chosen; a median of 36-60 months, as shares reached by then."""

STATISTICS = (
    "kept_without", "age_and_trust", "never_traction", "luck_share", "median_months", "reached_by_36",
    "reached_by_60", "kept_with", "trust_and_advantage",
)  # fmt: skip


def tasks(points: Any, worlds: int, seed: int, *, stop: bool = True) -> list[Task]:
    """Return what to score."""
    return [(tuple(map(float, point)), worlds, seed, stop) for point in points]


def scored(wave: int, scores: Sequence[Score]) -> pd.DataFrame:
    """Return a row a point: its statistics, and what became of it."""
    columns = ["wave", "point", *STATISTICS, *(f"pattern_{number}" for number in CALIBRATED), "passes"]
    return pd.DataFrame(
        [
            {"wave": wave, "point": place}
            | {name: found.statistics.get(name, math.nan) for name in STATISTICS}
            | {f"pattern_{number}": _word(found.holds.get(number)) for number in CALIBRATED}
            | {"passes": "yes" if found.passed else "no"}
            for place, found in enumerate(scores)
        ],
        columns=columns,  # also where there is none
    )


def _word(held: bool | None) -> str:
    return "" if held is None else "holds" if held else "fails"


def shares(points: pd.DataFrame, again: pd.DataFrame, wholly: pd.DataFrame) -> pd.DataFrame:
    """Return how many points hold each pattern, of those tested for it, and all."""
    rows: list[dict[str, Any]] = []

    def row(wave: int, what: str, tested: int, held: int) -> None:
        rows.append({"wave": wave, "what": what, "tested": tested, "hold": held,
                     "share": held / tested if tested else math.nan})  # fmt: skip

    for number in CALIBRATED:
        held = wholly[f"pattern_{number}"] == "holds"
        row(1, f"pattern {number}, of points scored on all", len(wholly), int(held.sum()))
    for wave in range(1, len(WAVES) + 1):
        mine = points[points["wave"] == wave]
        for number in CALIBRATED:
            column = mine[f"pattern_{number}"]
            row(wave, f"pattern {number}, of points that came so far", int((column != "").sum()),
                int((column == "holds").sum()))  # fmt: skip
        passed = mine["passes"] == "yes"
        row(wave, f"all five, {WORLDS} worlds", len(mine), int(passed.sum()))
        survivors = again[again["wave"] == wave]
        row(wave, f"all five, {WORLDS_AGAIN} other worlds, of those", len(survivors),
            int((survivors["passes"] == "yes").sum()))  # fmt: skip
        row(wave, "all five, both times", len(mine), int((survivors["passes"] == "yes").sum()))
    return pd.DataFrame(rows)


def pairs(wholly: pd.DataFrame) -> pd.DataFrame:
    """Return how often two patterns hold at once, and how often they would by chance."""
    rows = []
    for one, other in combinations(CALIBRATED, 2):
        a, b = (wholly[f"pattern_{number}"] == "holds" for number in (one, other))
        rows.append({"one": one, "other": other, "one_holds": a.mean(), "other_holds": b.mean(),
                     "both": (a & b).mean(), "if_independent": a.mean() * b.mean(),
                     "points": len(a)})  # fmt: skip
    return pd.DataFrame(rows)


def readable(point: Any) -> tuple[float, ...]:
    """Return a point with two significant digits; shares near 1 with as many of what they lack."""
    values = (1 - float(f"{1 - x:.1g}") if 0.9 < x < 1 else float(f"{x:.2g}") for x in map(float, point))
    return tuple(float(f"{x:.6g}") for x in values)


def centre(record: Record, passing: Any, asked: Experiment) -> tuple[tuple[float, ...], pd.DataFrame]:
    """Return the most central point that, made readable, passes in all the worlds it is tried in."""
    tried: list[dict[str, Any]] = []
    for rank, place in enumerate(central(passing)):
        point = readable(passing[place])
        seeds = (asked.seed, *CENTRE_SEEDS)
        found = record.scores([(point, WORLDS_CENTRE, seed, False) for seed in seeds], asked.workers)
        tried += [
            {"rank": rank, "seed": seed}
            | {name: score.statistics[name] for name in STATISTICS}
            | {f"pattern_{number}": _word(score.holds[number]) for number in CALIBRATED}
            for seed, score in zip(seeds, found, strict=True)
        ]
        if all(score.passed for score in found):
            return point, pd.DataFrame(tried)
    raise InputError("no point passes in more worlds: ask for more --points")


def member_checks(job: tuple[int, tuple[float, ...], int, int]) -> dict[str, Any]:
    """Return what the calibration never looked at, for one set of parameters."""
    place, point, worlds, seed = job
    row: dict[str, Any] = {"member": place}
    held_out = [number for number, pattern in PATTERNS.items() if not pattern.calibrated]
    for number, result in evaluate_all(settings(point), worlds, seed, threads=1, numbers=held_out).items():
        row[f"pattern_{number}"] = _word(result.holds)
        for check in PATTERNS[number].checks:
            name = f"{number}_{check.statistic}"
            row[name] = result.statistics[check.statistic]
            row[f"{name}_low"], row[f"{name}_high"] = result.intervals[check.statistic]
    base = partnership_as_it_is().with_settings(None, 72, **settings(point))
    runs = sweep(Plan.factorial(PRACTICES, base, worlds=worlds, seed=seed), workers=1)
    found = effects.shapley(runs).set_index("practice")
    for practice in PRACTICES:
        for name in ("estimate", "low", "high"):
            row[f"{practice}_{name}"] = float(found[name][practice])
    row["practices_clear_of_0"] = int((found["low"] > 0).sum())
    row["every_practice_clear_of_0"] = "yes" if (found["low"] > 0).all() else "no"
    return row


def checks(asked: Experiment, passing: Any, members: int) -> pd.DataFrame:
    """Check a sample of what passes, spread over its order, side by side."""
    places = np.unique(np.linspace(0, len(passing) - 1, min(members, len(passing))).round().astype(int))
    jobs = [(int(k), tuple(map(float, passing[k])), WORLDS, asked.seed + len(WAVES) + 1) for k in places]
    workers = min(asked.workers or os.cpu_count() or 1, len(jobs))

    def done() -> Iterator[dict[str, Any]]:
        if workers == 1:
            yield from map(member_checks, jobs)
            return
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            yield from pool.map(member_checks, jobs)

    rows = []
    with replace_what(asked, "members", len(jobs)) as progress:
        for row in done():
            rows.append(row)
            progress(1)
    return pd.DataFrame(rows)


def replace_what(asked: Experiment, what: str, total: int) -> Any:
    """Show the progress of something else than runs."""
    progress = asked.progress(total)
    progress.what = what
    return progress


def check_shares(checked: pd.DataFrame) -> pd.DataFrame:
    """Return in what share of members each held-out pattern holds, and each practice is clear of 0."""
    rows = [
        {"what": f"{name.replace('_', ' ')} holds (held out)", "members": len(checked),
         "share": float((checked[name] == "holds").mean())}
        for name in checked.columns if name.startswith("pattern_")
    ]  # fmt: skip
    for check in PATTERNS[13].checks:  # a hypothesis: which way each half of it goes, and how often
        name = f"13_{check.statistic}"
        above, below = checked[f"{name}_low"] > 0, checked[f"{name}_high"] < 0
        rows += [
            {"what": f"pattern 13: {check.meaning}: interval {word} 0", "members": len(checked),
             "share": float(there.mean())}
            for word, there in (("above", above), ("below", below))
        ]  # fmt: skip
    rows += [
        {"what": f"{practice}: Shapley interval above 0", "members": len(checked),
         "share": float((checked[f"{practice}_low"] > 0).mean())}
        for practice in PRACTICES
    ]  # fmt: skip
    rows.append({"what": "every practice: Shapley interval above 0", "members": len(checked),
                 "share": float((checked["every_practice_clear_of_0"] == "yes").mean())})  # fmt: skip
    return pd.DataFrame(rows)


def install(ordered: Any, facts: Mapping[str, Any]) -> None:
    """Write what passes, most central first, into the package."""
    folder = Path(collabsim.__file__).parent / "data"
    write_changed(folder / "plausible.csv", csv_text(pd.DataFrame(ordered, columns=list(SPACE))).encode())
    lines = ["# How the sets of plausible.csv were found: experiments/calibration.py", ""]
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in facts.items()]
    lines += ["", "[tolerance]", "# the thresholds that each set keeps to"]
    lines += [f"pattern_{n} = {json.dumps([str(each) for each in kept])}" for n, kept in CALIBRATED.items()]
    lines += ["", "[space]", "# the ranges searched"]
    lines += [f"{name} = [{each.low:g}, {each.high:g}]" for name, each in SPACE.items()]
    write_changed(folder / "plausible.toml", ("\n".join(lines) + "\n").encode())


def experiment(words: Sequence[str] | None = None) -> None:
    """Calibrate, write the results and print what passes."""
    own = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    own.add_argument("--points", default=str(POINTS))
    own.add_argument("--checks", action="store_true")
    own.add_argument("--members", default=str(MEMBERS))
    own.add_argument("--install", action="store_true")
    mine, others = own.parse_known_args(words)
    asked = ask(__file__, __doc__ or "", others, worlds=WORLDS)
    count, members = (
        whole(int(given) if given.isdigit() else given, name, least, 2**18)
        for given, name, least in ((mine.points, "--points", 30), (mine.members, "--members", 1))
    )
    if asked.months != 72 or asked.worlds != WORLDS or asked.settings:
        raise InputError("the calibration says itself which worlds, months and parameters; leave these out")
    command = asked.command
    command += f" --points {count}" if count != POINTS else ""
    command += " --checks" if mine.checks else ""
    command += f" --members {members}" if mine.checks and members != MEMBERS else ""
    asked = replace(asked, command=command)
    sizes = [round(count * share) for share in WAVES]
    space = {name: [each.low, each.high] for name, each in SPACE.items()}
    plan = {"points": sizes, "worlds": [WORLDS, WORLDS_AGAIN, WORLDS_CENTRE],
            "space": space, "slack": SLACK}  # fmt: skip
    results = asked.results(plan)
    record = Record(asked.out / "scores.jsonl")

    def run(points: Any, worlds: int, seed: int, *, stop: bool = True) -> list[Score]:
        with replace_what(asked, "points", len(points)) as progress:
            return record.scores(tasks(points, worlds, seed, stop=stop), asked.workers, progress)

    places = sample(sizes[0], asked.seed)
    wholly = scored(1, run(places[: max(10, sizes[0] // WHOLLY)], WORLDS, asked.seed, stop=False))
    points = scored(1, run(places, WORLDS, asked.seed))
    left = [1.0]
    for wave, size in enumerate(sizes[1:], 2):
        known = {name: points[name].to_numpy() for name in LIMITS}
        more, share = next_wave(places, known, LIMITS, size, asked.seed + wave - 1)
        left.append(share)
        found = scored(wave, run(more, WORLDS, asked.seed))
        points, places = pd.concat([points, found], ignore_index=True), np.concatenate([places, more])
    survive = np.flatnonzero(points["passes"] == "yes")
    again = scored(0, run(places[survive], WORLDS_AGAIN, asked.seed + len(WAVES)))
    again[["wave", "point"]] = points.loc[survive, ["wave", "point"]].to_numpy()
    passed = np.flatnonzero(again["passes"] == "yes")
    results.table("points", points)
    results.table("wholly", wholly)
    summed = results.table("shares", shares(points, again, wholly))
    results.table("pairs", pairs(wholly))
    results.figure("tensions", calibration_figures.tensions, "wholly", "points", "pairs")
    lines = [f"Of the space, wave {wave} fills {share:.1%}." for wave, share in enumerate(left, 1)]
    lines += [f"  wave {row.wave}: {row.what}: {row.hold} of {row.tested}" for row in summed.itertuples()]
    if len(passed):
        order = central(places[survive][passed])
        chosen = places[survive][passed][order]
        table = pd.DataFrame(chosen, columns=list(SPACE))
        kept = again.iloc[passed].iloc[order].reset_index(drop=True)
        results.table("passing", pd.concat([kept[["wave", "point"]], table, kept[list(STATISTICS)]], axis=1))
        lines += centre_lines(record, chosen, asked, results)
        both = summed[summed["what"] == "all five, both times"].set_index("wave")
        facts = {
            "command": asked.command, "seed": asked.seed, "worlds": [WORLDS, WORLDS_AGAIN],
            "sets": len(chosen), "points": both["tested"].astype(int).tolist(),
            "passed": both["hold"].astype(int).tolist(),
            "share_passed": [float(f"{share:.4g}") for share in both["share"]],
            "share_not_ruled_out": [float(f"{share:.4g}") for share in left],
        }  # fmt: skip
        if mine.checks:
            checked = results.table("plausible_checks", checks(asked, chosen, members))
            held = results.table("check_shares", check_shares(checked))
            lines += [f"  {row.what}: {row.share:.0%} of {row.members}" for row in held.itertuples()]
        if mine.install:
            install(chosen, facts)
    results.finish()
    asked.say(*lines, "", f"Results: {asked.place}")


def centre_lines(record: Record, passing: Any, asked: Experiment, results: Any) -> list[str]:
    """Find the central point, write it, draw what passes round it, and say it."""
    point, tried = centre(record, passing, asked)
    low, middle, high = np.quantile(passing, [0.1, 0.5, 0.9], axis=0)
    results.table("centre_tried", tried)
    results.table(
        "centre",
        pd.DataFrame(
            {
                "parameter": list(SPACE),
                "value": point,
                "low": [each.low for each in SPACE.values()],
                "high": [each.high for each in SPACE.values()],
                "passing_10": low,
                "passing_median": middle,
                "passing_90": high,
                "unit": [PARAMETERS[name].unit for name in SPACE],
                "why_this_range": [each.why for each in SPACE.values()],
            }
        ),
    )
    results.figure("passing_set", calibration_figures.passing_set, "passing", "centre")
    said = ", ".join(f"{name} {value:g}" for name, value in zip(SPACE, point, strict=True))
    seeds = 1 + len(CENTRE_SEEDS)
    return [f"The most central that passes in {WORLDS_CENTRE} worlds of {seeds} seeds: {said}"]


if __name__ == "__main__":
    sys.exit(main(experiment))
