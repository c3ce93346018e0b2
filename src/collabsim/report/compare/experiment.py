"""What the worked examples share: scenarios of a folder compared, and the report in the folder of results."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from collabsim.draws import SEED_LIMIT, WORLD_LIMIT
from collabsim.errors import Faults, InputError
from collabsim.parameters import whole
from collabsim.report.compare.terminal import finding_lines
from collabsim.report.compare.writing import files_of, write_files
from collabsim.study.compare.comparison import compared, planned
from collabsim.study.compare.models import models_of
from collabsim.study.compare.options import options_of
from collabsim.study.compare.runs import runs_of
from collabsim.study.paired import OUTCOME
from collabsim.study.progress import Progress

USUAL = {"worlds": 300, "models": 40, "model_worlds": 30, "seed": 0}
"""How much is run unless said otherwise: below two minutes on two cores."""


def run(script: str, description: str, names: Sequence[str], words: Sequence[str] | None = None) -> None:
    """Compare scenarios and write the report.

    Parameters
    ----------
    script
        The ``__file__`` of the experiment.
    description
        What it does, in a sentence.
    names
        Files beside the script, in ``scenarios/``, without their ending.
    words
        The options; those of the process unless given.

    Raises
    ------
    InputError
        With every fault found.
    """
    file = Path(script).resolve()
    parser = argparse.ArgumentParser(description=description, allow_abbrev=False)
    for name, usual in USUAL.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default=usual, metavar="N", dest=name)
    parser.add_argument("--out", metavar="DIR", help=f"folder of results (default results/{file.stem})")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    given = parser.parse_args(words)
    asked = _numbers(given)
    out = Path(given.out) if given.out else file.parent.parent / "results" / file.stem
    made = options_of([file.parent / "scenarios" / f"{name}.toml" for name in names])
    with Progress(
        "runs", planned(made, asked["worlds"], asked["models"], asked["model_worlds"]), given.quiet
    ) as progress:
        runs = runs_of(made, asked["worlds"], seed=asked["seed"], progress=progress)
        models = models_of(
            made,
            OUTCOME,
            models=asked["models"],
            worlds=asked["model_worlds"],
            seed=asked["seed"],
            progress=progress,
        )
    comparison = compared(runs, models)
    again = [f"python experiments/{file.name}"]
    again += [
        f"--{name.replace('_', '-')} {asked[name]}" for name, usual in USUAL.items() if asked[name] != usual
    ]
    write_files(out, files_of(comparison, " ".join(again)))
    print("\n".join(finding_lines(comparison)))
    print(f"\nResults: {_place(out)}")


def _numbers(given: argparse.Namespace) -> dict[str, int]:
    """Check the numbers asked for."""
    faults, found = Faults(), dict(USUAL)
    bounds = {"worlds": (1, WORLD_LIMIT), "models": (0, 100_000), "model_worlds": (2, WORLD_LIMIT)}
    for name in USUAL:
        low, high = bounds.get(name, (0, SEED_LIMIT))
        value = getattr(given, name)
        try:
            with suppress(ValueError):  # told below, in words
                value = int(value)
            found[name] = whole(value, f"--{name.replace('_', '-')}", low, high)
        except InputError as error:
            faults.take(error)
    faults.settle()
    return found


def _place(out: Path) -> str:
    """Return where results are, as short as it can be said."""
    try:
        return out.resolve().relative_to(Path.cwd()).as_posix() + "/"
    except ValueError:
        return str(out)
