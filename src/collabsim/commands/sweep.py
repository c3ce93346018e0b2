"""Run a plan: many scenarios in many worlds, so that nothing finished can be lost."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from collabsim.commands.stopping import terminated_in_words
from collabsim.commands.words import print_json, whole_number
from collabsim.errors import Faults, InputError

if TYPE_CHECKING:
    from collabsim.study.plan import Plan


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("plan", metavar="PLAN.toml")
    parser.add_argument("--out", metavar="DIR", help="the folder to keep it in")
    parser.add_argument("--workers", metavar="N", help="threads (default: all cores)")
    parser.add_argument("--monthly", action="store_true", help="also record every month")
    parser.add_argument("--every", metavar="N", help="with --monthly: every so manieth month only")
    parser.add_argument("--fresh", action="store_true", help="replace what another plan left in the folder")
    parser.add_argument("--start", metavar="FILE", help="a saved state that every run goes on from")
    parser.add_argument("--shard", metavar="I/N", help="run a part only, such as 2/8 for the second of eight")
    parser.add_argument("--cluster", metavar="ADDRESS", help="compute on the workers of this Dask scheduler")
    parser.add_argument("--precision", metavar="X",
                        help="add worlds until every 95%% interval of the difference from the first point is "
                        "narrower than +-X")  # fmt: skip
    parser.add_argument("--outcome", metavar="NAME", help="of which outcome (with --precision)")
    parser.add_argument("--most-worlds", metavar="N", help="and no more worlds than these (default 10000)")
    parser.add_argument("--dry-run", action="store_true",
                        help="say what it would take: runs, time, disk and memory")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="for a machine to read")


def call(options: argparse.Namespace) -> int:
    """Run the plan into the folder."""
    numbers = _checked(options)
    from collabsim.study.plan import Plan
    from collabsim.study.progress import Progress

    plan = Plan.load(options.plan)
    settings = {
        "workers": numbers["--workers"], "monthly": numbers["--every"] or options.monthly,
        "start": options.start, "fresh": options.fresh, "shard": options.shard,
    }  # fmt: skip
    if options.dry_run:
        return _forecast(plan, options, settings)
    settings["cluster"] = options.cluster
    with Progress("runs", plan.runs) as progress, terminated_in_words(_kept):
        settings["progress"] = progress
        if options.precision is None:
            from collabsim.study.sweep import sweep_to

            done = sweep_to(plan, options.out, **settings)
        else:
            from collabsim.study.precision import sweep_to_precision

            chosen = {"outcome": options.outcome, "most": numbers["--most-worlds"]}
            done = sweep_to_precision(plan, options.out, float(options.precision), **settings,
                                      **{name: value for name, value in chosen.items() if value})  # fmt: skip
    if options.json:
        print_json(done)
    else:
        _say(done, options.shard)
    return 0


def _checked(options: argparse.Namespace) -> dict[str, int | None]:
    """Check what does not need the plan, all of it at once, and return the whole numbers."""
    faults = Faults()
    numbers: dict[str, int | None] = {}
    for option, high in (("--workers", 1024), ("--every", 10_000), ("--most-worlds", 2**32 - 1)):
        try:
            given = getattr(options, option[2:].replace("-", "_"))
            numbers[option] = whole_number(given, option, 1, high)
        except InputError as error:
            faults.take(error)
            numbers[option] = None
    if options.out is None and not options.dry_run:
        faults.add("--out is missing: the folder to keep the sweep in")
    if options.every is not None and not options.monthly:
        faults.add("--every thins the months that --monthly records; give --monthly too")
    if options.shard is not None:
        from collabsim.study.cells import Shard

        try:
            Shard.read(options.shard)
        except InputError as error:
            faults.add(f"--shard: {error}")
    if options.precision is not None:
        try:
            good = 0 < float(options.precision) < float("inf")
        except ValueError:
            good = False
        if not good:
            faults.add(f"--precision must be a number above 0, such as 0.01, not '{options.precision}'")
        if options.shard is not None:
            faults.add("--precision needs all runs, and --shard computes a part of them; use one of the two")
    else:
        faults.found += [
            f"{name} goes with --precision"
            for name, given in (("--outcome", options.outcome), ("--most-worlds", options.most_worlds))
            if given is not None
        ]
    faults.settle()
    return numbers


def _kept() -> None:
    print("collabsim: stopped; what is finished is kept, and the same command goes on from there",
          file=sys.stderr)  # fmt: skip


def _say(done: dict[str, Any], shard: str | None) -> None:
    failed = f"; {done['failed']} of them failed" if done["failed"] else ""
    part = "" if shard is None else f" (shard {shard})"
    print(f"{done['runs']} runs of {done['points']} points in {done['worlds']} worlds{part} are in "
          f"{done['file']}{failed}.")  # fmt: skip
    found = done.get("precision")
    if found is not None:
        reached = "is" if found["reached"] else "is still"
        print(f"The widest 95% interval of {found['outcome']}, of point {found['point']} less point 0, "
              f"{reached} ±{found['half_width']:.3g} in {done['worlds']} worlds"
              + ("." if found["reached"] else f": not below {found['wanted']:g}, and no more worlds are "
                                              "allowed (--most-worlds)."))  # fmt: skip


def _forecast(plan: Plan, options: argparse.Namespace, settings: dict[str, Any]) -> int:
    from collabsim.study.forecast import forecast, in_words

    found = forecast(plan, options.out, **settings)
    if options.json:
        print_json(found)
    else:
        print(in_words(found))
    return 0
