"""Run a sample of a finished sweep again and compare it bit for bit."""

from __future__ import annotations

import argparse
import sys

from collabsim.commands.words import print_json, whole_number


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("folder", metavar="DIR", help="the folder of the sweep")
    parser.add_argument("--sample", metavar="N", help="how many runs (default 50)")
    parser.add_argument("--seed", metavar="N", help="what the sample is drawn with (default: any)")
    parser.add_argument("--workers", metavar="N", help="threads (default: all cores)")
    parser.add_argument("--json", action="store_true", help="for a machine to read")


def call(options: argparse.Namespace) -> int:
    """Say whether the sample agrees; 1 where it does not."""
    sample = whole_number(options.sample, "--sample", 1, 10**9)
    seed = whole_number(options.seed, "--seed", 0, 2**32 - 1)
    workers = whole_number(options.workers, "--workers", 1, 1024)
    from collabsim.study.verify import SAMPLE, verify

    found = verify(options.folder, SAMPLE if sample is None else sample, seed=seed, workers=workers)
    if options.json:
        print_json({"runs": found.runs, "sample": found.sample, "seed": found.seed, "good": found.good,
                    "different": found.different, "differences": list(found.differences),
                    "lacking": list(found.lacking)})  # fmt: skip
        return 0 if found.good else 1
    for lack in found.lacking:
        print(f"notice: {lack}", file=sys.stderr)
    how = f"{found.sample} of {found.runs} runs were run again (--seed {found.seed})"
    if found.good:
        print(f"{how}: all of them agree to the bit, and the files are as they were written.")
        return 0
    print(f"{how}: {found.different} of them differ.")
    for difference in found.differences:
        print(f"  - {difference}")
    return 1
