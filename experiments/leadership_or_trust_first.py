"""Leadership first against trust first, with the same work and the same last year.

Two schools of thought: leaders who dare go first and trust follows, or trust comes first and daring
follows. Both programmes take the same days and share their last year, so that what ran last does not
decide.

The scenarios are in ``experiments/scenarios/``. From the command line the same is ``collabsim compare``
with these files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from collabsim.report.compare.experiment import run
from collabsim.report.experiment import main

DESCRIPTION = "Leadership first against trust first, with the same work and the same last year."
SCENARIOS = ("no-programme", "leadership-first", "trust-first")


def experiment(words: Sequence[str] | None = None) -> None:
    """Run it, write the report and its tables, and print what was found."""
    run(__file__, DESCRIPTION, SCENARIOS, words)


if __name__ == "__main__":
    sys.exit(main(experiment))
