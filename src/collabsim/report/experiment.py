"""What the scripts of experiments share: their options, and an end in words when something is wrong."""

from __future__ import annotations

import argparse
import shlex
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from collabsim.draws import MONTHS_LIMIT, SEED_LIMIT, WORLD_LIMIT
from collabsim.errors import Faults, InputError, nearest
from collabsim.parameters import PARAMETERS, whole
from collabsim.report.results import Results
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE
from collabsim.study.progress import Progress

SCENARIO = "scottish-partnership"


@dataclass(frozen=True)
class Experiment:
    """One experiment as it was asked for.

    Attributes
    ----------
    script
        Its file.
    worlds, months, seed
        How many worlds, how long, and whose.
    settings
        Parameters set otherwise.
    out
        Where results go.
    workers
        Threads; None for all cores.
    quiet
        Whether to leave out the progress.
    command
        What runs the same again.
    """

    script: Path
    worlds: int
    months: int
    seed: int
    settings: dict[str, float]
    out: Path
    workers: int | None
    quiet: bool
    command: str

    @property
    def name(self) -> str:
        """What it is called."""
        return self.script.stem

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario it starts from, without a programme."""
        return Scenario.load(SCENARIO).with_settings(None, self.months, **self.settings)

    def results(self, plan: Any) -> Results:
        """Open the folder of results for what this plan, as a record, runs."""
        return Results(
            self.name, self.out, plan=plan, scenario=self.scenario, schedule=SCHEDULE, seed=self.seed,
            command=self.command,
        )  # fmt: skip

    def progress(self, runs: int) -> Progress:
        """Show the progress of so many runs."""
        return Progress("runs", runs, self.quiet)

    def say(self, *lines: str) -> None:
        """Print what was found."""
        print("\n".join(lines))

    @property
    def place(self) -> str:
        """Where results go, as short as it can be said."""
        try:
            return self.out.resolve().relative_to(Path.cwd()).as_posix() + "/"
        except ValueError:
            return str(self.out)


def ask(script: str, description: str, words: Sequence[str] | None = None, worlds: int = 200) -> Experiment:
    """Read the options of an experiment.

    Parameters
    ----------
    script
        Its ``__file__``.
    description
        What it does, in a sentence.
    words
        The options; those of the process unless given.
    worlds
        How many unless said.

    Raises
    ------
    InputError
        With every fault found.
    """
    file = Path(script).resolve()
    parser = argparse.ArgumentParser(description=description, allow_abbrev=False)
    parser.add_argument("--worlds", default=worlds, metavar="N", help=f"worlds (default {worlds})")
    parser.add_argument("--months", default=72, metavar="N", help="months of a run (default 72)")
    parser.add_argument("--seed", default=0, metavar="N", help="whose worlds (default 0)")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="NAME=VALUE",
                        help="a parameter or lever; may be repeated")  # fmt: skip
    parser.add_argument("--out", metavar="DIR", help=f"folder of results (default results/{file.stem})")
    parser.add_argument("--workers", metavar="N", help="threads (default: all cores)")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    given = parser.parse_args(words)
    faults = Faults()

    def number(name: str, low: int, high: int) -> Any:
        value = getattr(given, name)
        try:
            return None if value is None else whole(_integer(value), f"--{name}", low, high)
        except InputError as error:
            faults.take(error)
            return low

    numbers = {
        name: number(name, low, high)
        for name, low, high in (("worlds", 1, WORLD_LIMIT), ("months", 1, MONTHS_LIMIT),
                                ("seed", 0, SEED_LIMIT), ("workers", 1, 4096))
    }  # fmt: skip
    settings = _settings(given.settings, faults)
    faults.settle()
    again = [f"python experiments/{file.name}"]
    defaults = {"worlds": worlds, "months": 72, "seed": 0}
    again += [f"--{name} {numbers[name]}" for name, default in defaults.items() if numbers[name] != default]
    again += [f"--set {shlex.quote(f'{name}={value:g}')}" for name, value in settings.items()]
    out = Path(given.out) if given.out else file.parent.parent / "results" / file.stem
    return Experiment(
        script=file, settings=settings, out=out, quiet=given.quiet, command=" ".join(again), **numbers
    )


def _integer(value: Any) -> Any:
    try:
        return int(value)
    except ValueError:
        return value


def _settings(lines: Sequence[str], faults: Faults) -> dict[str, float]:
    """Read ``name=value`` settings of parameters."""
    settings: dict[str, float] = {}
    for line in lines:
        name, sign, text = line.partition("=")
        if not sign:
            faults.add(f"--set takes name=value, such as cost=0.15, not '{line}'")
        elif name not in PARAMETERS:
            faults.add(f"--set: there is no parameter '{name}'{nearest(name, PARAMETERS)}")
        else:
            try:
                settings[name] = float(text)
            except ValueError:
                faults.add(f"--set: '{name}' must be a number, not '{text}'")
    return settings


def main(experiment: Callable[[Sequence[str] | None], None]) -> int:
    """Run an experiment and end in words: 0, 2 for a fault in what was given, 130 for an interrupt."""
    told: set[str] = set()

    def tell(message: Warning | str, *_: Any, **__: Any) -> None:
        if str(message) not in told:  # every scenario of an experiment would say the same
            told.add(str(message))
            print(f"notice: {message}", file=sys.stderr)

    warnings.showwarning = tell
    try:
        experiment(None)
    except InputError as error:
        for fault in error.faults:
            print(f"{Path(sys.argv[0]).name}: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0
