"""Open the browser page."""

from __future__ import annotations

import argparse

from collabsim.commands.words import whole_number
from collabsim.errors import Faults, InputError


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("scenario", metavar="SCENARIO", nargs="?", default="full-programme",
                     help="a bundled scenario or partnership, or a TOML file")  # fmt: skip
    parser.add_argument("--lessons", metavar="FOLDER",
                     help="lessons of your own, beside the bundled ones; one with a bundled one's id takes "
                          "its place")  # fmt: skip
    parser.add_argument("--host", metavar="ADDRESS", default="127.0.0.1",
                     help="where to listen (default 127.0.0.1, this machine alone)")  # fmt: skip
    parser.add_argument("--port", metavar="N", help="the port (default: the first free one from 8765)")
    parser.add_argument("--no-open", action="store_true", help="do not open a browser")
    parser.add_argument("--allow-host", metavar="NAME", action="append", default=[],
                     help="a name under which others may reach the page; may be repeated")  # fmt: skip


def call(options: argparse.Namespace) -> int:
    """Serve the page until interrupted."""
    port = whole_number(options.port, "--port", 0, 65535)
    from collabsim.app.serve import serve
    from collabsim.player.catalogue import named_scenarios
    from collabsim.player.own_lessons import offered_lessons
    from collabsim.player.trajectory import check_size
    from collabsim.scenario import Scenario

    faults = Faults()
    try:
        lessons = offered_lessons(options.lessons)
    except InputError as error:
        faults.take(error)
    offered = named_scenarios()
    try:
        scenario = Scenario.load(options.scenario)
        check_size(scenario)
    except InputError as error:
        faults.take(error)
    else:
        if scenario.name in offered and options.scenario != scenario.name:
            faults.add(
                f"'{options.scenario}' is called '{scenario.name}', as a bundled one is; give it another name"
            )
    faults.settle()
    start = scenario.name
    offered = {start: offered.get(start, scenario), **offered}
    serve(
        offered, start, lessons, host=options.host, port=port, opens=not options.no_open,
        allowed_hosts=options.allow_host,
    )  # fmt: skip
    return 0
