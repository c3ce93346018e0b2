"""Compare scenarios in the same worlds and write a report of it."""

from __future__ import annotations

import argparse
import math
import shlex
from pathlib import Path
from typing import Any

from collabsim.commands.words import finite, print_json, whole_number
from collabsim.draws import SEED_LIMIT, WORLD_LIMIT
from collabsim.errors import Faults, InputError, nearest

FORMATS = ("html", "md", "docx")


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "scenarios",
        metavar="SCENARIO",
        nargs="+",
        help=(
            "two to eight scenarios: TOML files, or names of bundled ones; the first is what the "
            "others are held against"
        ),
    )
    parser.add_argument("--out", metavar="DIR", help="write the report and its tables to this folder")
    parser.add_argument("--format", metavar="FORM", default="html", help="html (default), md or docx")
    parser.add_argument(
        "--worlds", metavar="N", help="worlds (default 500); with --precision the most there may be"
    )
    parser.add_argument(
        "--precision",
        metavar="X",
        help="add worlds until every difference is known to plus or minus this much",
    )
    parser.add_argument(
        "--outcome",
        metavar="NAME",
        default="collaborative_advantage",
        help="what they are compared by (default collaborative_advantage)",
    )
    parser.add_argument(
        "--threshold",
        metavar="OUTCOME=VALUE",
        action="append",
        default=[],
        dest="thresholds",
        help="what is good enough; may be repeated",
    )
    parser.add_argument("--models", metavar="N", help="plausible versions of the model to try (default 50)")
    parser.add_argument("--model-worlds", metavar="N", help="worlds for each of them (default 40)")
    parser.add_argument("--seed", metavar="N", default="0", help="whose worlds (default 0)")
    parser.add_argument(
        "--play",
        action="store_true",
        help="also write play.html, in which the scenarios play month by month; it shows every "
        "organisation's name and trust",
    )
    parser.add_argument("--json", action="store_true", help="for a machine to read")


def call(options: argparse.Namespace) -> int:
    """Run the comparison, say what was found, and write the report where asked to."""
    asked = _checked(options)
    from collabsim.report.compare.terminal import finding_lines
    from collabsim.report.compare.writing import check_folder, check_playable, files_of, write_files
    from collabsim.study.compare.comparison import compared, planned
    from collabsim.study.compare.models import models_of
    from collabsim.study.compare.options import options_of
    from collabsim.study.compare.runs import FIRST_WORLDS, WORLDS, check_outcome, runs_of
    from collabsim.study.progress import Progress

    out = None if options.out is None else Path(options.out)
    faults = Faults()
    try:
        check_outcome(options.outcome)
    except InputError as error:
        faults.take(error)
    try:
        if out is not None:
            check_folder(out)
    except InputError as error:
        faults.take(error)
    try:
        made = options_of(options.scenarios)
        if options.play:
            check_playable(made)
    except InputError as error:
        faults.take(error)
    faults.settle()
    worlds = asked["worlds"] or (FIRST_WORLDS if asked["precision"] is not None else WORLDS)
    total = planned(made, worlds, asked["models"], asked["model_worlds"])
    with Progress("runs", total, quiet=options.json) as progress:
        runs = runs_of(
            made,
            asked["worlds"],
            outcome=options.outcome,
            precision=asked["precision"],
            seed=asked["seed"],
            progress=progress,
        )
        models = models_of(
            made,
            options.outcome,
            models=asked["models"],
            worlds=asked["model_worlds"],
            seed=asked["seed"],
            thresholds=asked["thresholds"],
            progress=progress,
        )
    comparison = compared(runs, models)
    if out is not None:
        files = files_of(comparison, _command(options, out), options.format, play=options.play)
        write_files(out, files)
    if options.json:
        print_json(_document(comparison))
        return 0
    print("\n".join(finding_lines(comparison)))
    if out is not None:
        player = ", play.html" if options.play else ""
        print(f"\nWritten to {out}: report.{options.format}{player}, and its tables as CSV.")
    return 0


def _checked(options: argparse.Namespace) -> dict[str, Any]:
    """Check what does not need the model, noting every fault."""
    from collabsim.study.compare.models import MODEL_WORLDS, MODELS, MOST_MODELS, thresholds_of

    faults = Faults()
    found: dict[str, Any] = {}
    usual = {"worlds": None, "models": MODELS, "model_worlds": MODEL_WORLDS, "seed": 0}
    limits = {
        "worlds": (1, WORLD_LIMIT),
        "models": (0, MOST_MODELS),
        "model_worlds": (2, WORLD_LIMIT),
        "seed": (0, SEED_LIMIT),
    }
    for name, (low, high) in limits.items():
        try:
            given = whole_number(getattr(options, name), f"--{name.replace('_', '-')}", low, high)
            found[name] = usual[name] if given is None else given
        except InputError as error:
            faults.take(error)
    found["precision"] = None
    if options.precision is not None:
        try:
            found["precision"] = float(options.precision)
        except ValueError:
            found["precision"] = math.nan
        if not (math.isfinite(found["precision"]) and found["precision"] > 0):
            faults.add(
                f"--precision must be a number above 0, in units of the outcome, not '{options.precision}'"
            )
    if options.format not in FORMATS:
        faults.add(f"--format: there is no format '{options.format}'{nearest(options.format, FORMATS)}")
    elif options.format != "html" and options.out is None:
        faults.add("--format says how a report is written; name the folder with --out")
    if options.play and options.out is None:
        faults.add("--play writes a file beside the report; name the folder with --out")
    try:
        found["thresholds"] = thresholds_of(options.thresholds)
    except InputError as error:
        faults.take(error)
    faults.settle()
    return found


def _command(options: argparse.Namespace, out: Path) -> str:
    """Return what runs the same again, with paths as short as they can be said."""
    from collabsim.report.compare.writing import short_path

    words = ["collabsim", "compare", *(short_path(name) for name in options.scenarios)]
    for name, usual in (
        ("worlds", None),
        ("precision", None),
        ("outcome", "collaborative_advantage"),
        ("models", None),
        ("model_worlds", None),
        ("seed", "0"),
        ("format", "html"),
    ):
        value = getattr(options, name)
        if value != usual:
            words += [f"--{name.replace('_', '-')}", value]
    for threshold in options.thresholds:
        words += ["--threshold", threshold]
    words += ["--play"] if options.play else []
    return " ".join(shlex.quote(word) for word in [*words, "--out", short_path(str(out))])


def _document(comparison: Any) -> dict[str, Any]:
    from collabsim.report.compare.document import findings_of

    return {
        "scenarios": {option.letter: option.title for option in comparison.options},
        "notices": list(comparison.options.notices),
        "seed": comparison.runs.seed,
        "worlds": comparison.runs.worlds,
        "findings": [vars(finding) for finding in findings_of(comparison)],
        "tables": {
            name: [
                {key: finite(value) if isinstance(value, float) else value for key, value in row.items()}
                for row in table.to_dict("records")
            ]
            for name, table in comparison.tables.items()
            if not name.startswith(("monthly", "network"))
        },
    }
