"""Austerity with a programme and without, and the programme without austerity.

A partnership can see the cuts coming. Is it worth while to work on how partners collaborate before and
while they come, and how much of what that brings do the cuts take?

The scenarios are in ``experiments/scenarios/``. From the command line the same is ``collabsim compare``
with these files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from collabsim.report.compare.experiment import run
from collabsim.report.experiment import main

DESCRIPTION = "Austerity with a programme and without, and the programme without austerity."
SCENARIOS = ("austerity-alone", "austerity-with-programme", "no-austerity-with-programme")


def experiment(words: Sequence[str] | None = None) -> None:
    """Run it, write the report and its tables, and print what was found."""
    run(__file__, DESCRIPTION, SCENARIOS, words)


if __name__ == "__main__":
    sys.exit(main(experiment))
