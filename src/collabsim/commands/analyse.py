"""Say what a finished sweep shows: effects with intervals, indices, figures."""

from __future__ import annotations

import argparse
from pathlib import Path

from collabsim.commands.words import print_json
from collabsim.errors import InputError


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("sweep", metavar="DIR", help="the folder that 'collabsim sweep' wrote")
    parser.add_argument("--outcome", metavar="NAME", default="collaborative_advantage",
                        help="which outcome (default collaborative_advantage)")  # fmt: skip
    parser.add_argument("--out", metavar="DIR", help="where to write (default DIR/analysis/NAME)")
    parser.add_argument("--missing", metavar="WHAT", default="refuse",
                        help="refuse (the default) missing values, or drop their worlds")  # fmt: skip
    parser.add_argument("--smallest", metavar="X", default="0.01",
                        help="the smallest difference that matters (default 0.01)")  # fmt: skip
    parser.add_argument("--discover", metavar="CONDITION",
                        help="where the outcome is so, such as '> 0.2' or 'highest 10%%'")  # fmt: skip
    parser.add_argument("--format", metavar="NAME", default="csv",
                        help="csv (with parquet), or arrow: for R, also all runs")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="for a machine to read")


def call(options: argparse.Namespace) -> int:
    """Analyse the sweep and write tables, figures and a summary."""
    if options.format not in ("csv", "arrow"):
        raise InputError(f"--format must be csv or arrow, not '{options.format}'")
    try:
        smallest = float(options.smallest)
    except ValueError:
        raise InputError(f"--smallest must be a number above 0, not '{options.smallest}'") from None
    from collabsim.report import analysis as report
    from collabsim.study.analysis import analyse
    from collabsim.study.swept import Swept

    swept = Swept.open(options.sweep)
    made = analyse(swept, options.outcome, missing=options.missing, smallest=smallest)
    if options.discover is not None:
        from collabsim.study.discovery import discover

        discover(made, swept, options.discover, missing=options.missing)
    out = Path(options.out) if options.out else Path(options.sweep) / "analysis" / options.outcome
    folder = report.write(made, swept, out, options.format == "arrow")
    if options.json:
        print_json(report.document(made, folder))
    else:
        print("\n".join(made.findings))
        print(f"\nTables, figures and summary.txt are in {folder}")
    return 0
