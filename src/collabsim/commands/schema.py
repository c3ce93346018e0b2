"""Print the JSON Schema of a scenario file, for editors."""

from __future__ import annotations

import argparse

from collabsim.commands.words import print_json


def declare(parser: argparse.ArgumentParser) -> None:
    """Add no option: there is one schema."""


def call(options: argparse.Namespace) -> int:
    """Print the schema."""
    from collabsim.scenario_schema import scenario_schema

    print_json(scenario_schema())
    return 0
