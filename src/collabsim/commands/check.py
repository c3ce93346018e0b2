"""Check a scenario file without running it."""

from __future__ import annotations

import argparse
import sys

from collabsim.commands.words import print_json


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("scenario", metavar="SCENARIO")
    parser.add_argument("--json", action="store_true", help="for a machine to read")


def call(options: argparse.Namespace) -> int:
    """Say what the scenario holds, or what is wrong with it."""
    from collabsim.scenario import Scenario

    made = Scenario.load(options.scenario)
    sectors: dict[str, int] = {}
    for code in made.partnership.organisations["sector"].tolist():
        sector = made.partnership.sectors[code].name
        sectors[sector] = sectors.get(sector, 0) + 1
    if options.json:
        lines = [
            {"mover": e.mover, "from_month": e.from_month, "to_month": e.to_month,
             "strength": e.strength, "with": e.who}
            for e in (*made.programme, *made.shocks)
        ]  # fmt: skip
        print_json(
            {"name": made.name, "partnership": made.partnership.name, "organisations": len(made.partnership),
             "ties": len(made.partnership.ties), "sectors": sectors, "months": made.months,
             "parameters": dict(made.parameters), "entries": lines, "notices": made.notices,
             "facilitator_days": made.facilitator_days}
        )  # fmt: skip
        return 0
    for notice in made.notices:
        print(f"notice: {notice}", file=sys.stderr)
    count = ", ".join(f"{number} {name}" for name, number in sectors.items())
    print(f"{options.scenario} is in order.")
    print(f"  partnership  {made.partnership.name}: {len(made.partnership)} organisations ({count}), "
          f"{len(made.partnership.ties)} known pairs")  # fmt: skip
    print(f"  months       {made.months}")
    for entry in (*made.programme, *made.shocks):
        who = ", ".join(entry.who) if entry.who else "everyone"
        print(f"  {entry.mover}: months {entry.from_month} to {entry.to_month}, strength "
              f"{entry.strength:g}, with {who}")  # fmt: skip
    for name, value in made.parameters.items():
        print(f"  {name} = {value:g}")
    print(f"  facilitator-days  {made.facilitator_days:g}")
    return 0
