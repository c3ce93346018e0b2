"""All six practices with the statutory bodies only, or with everyone.

A programme for those whom the law puts into the partnership costs half as much as one for all. What do the
others gain or lose by being left out, and what does the whole?

The scenarios are in ``experiments/scenarios/``. From the command line the same is ``collabsim compare``
with these files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from collabsim.report.compare.experiment import run
from collabsim.report.experiment import main

DESCRIPTION = "All six practices with the statutory bodies only, or with everyone."
SCENARIOS = ("no-programme", "statutory-only", "everyone")


def experiment(words: Sequence[str] | None = None) -> None:
    """Run it, write the report and its tables, and print what was found."""
    run(__file__, DESCRIPTION, SCENARIOS, words)


if __name__ == "__main__":
    sys.exit(main(experiment))
