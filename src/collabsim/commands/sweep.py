"""Run a plan: many scenarios in many worlds."""

from __future__ import annotations

import argparse

from collabsim.commands.words import print_json, whole_number


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("plan", metavar="PLAN.toml")
    parser.add_argument("--out", metavar="DIR", required=True, help="the folder for runs.parquet")
    parser.add_argument("--workers", metavar="N", help="threads (default: all cores)")
    parser.add_argument("--monthly", action="store_true", help="also record every month")
    parser.add_argument("--fresh", action="store_true", help="replace what another plan left in the folder")
    parser.add_argument("--json", action="store_true", help="for a machine to read")


def call(options: argparse.Namespace) -> int:
    """Run the plan into the folder."""
    workers = whole_number(options.workers, "--workers", 1, 1024)
    from collabsim.study.plan import Plan
    from collabsim.study.progress import Progress
    from collabsim.study.sweep import sweep_to

    plan = Plan.load(options.plan)
    with Progress("runs", plan.runs) as progress:
        done = sweep_to(
            plan, options.out, workers=workers, monthly=options.monthly, fresh=options.fresh,
            progress=progress,
        )  # fmt: skip
    if options.json:
        print_json(done)
    else:
        print(f"{done['runs']} runs of {done['points']} points in {plan.worlds} worlds are in {done['file']}"
              + (f"; {done['failed']} of them failed" if done["failed"] else "."))  # fmt: skip
    return 0
