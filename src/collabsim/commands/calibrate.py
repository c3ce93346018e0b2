"""Find the parameters that best explain the change between two waves of a survey."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabsim.commands.new import declare_reading, wanted_of
from collabsim.commands.words import print_json, whole_number
from collabsim.errors import Faults, InputError

if TYPE_CHECKING:
    from collabsim.scenario import Scenario
    from collabsim.study.two_waves import Explanation

MOST_MONTHS, LEAST_POINTS, MOST_POINTS, SETS = 240, 500, 100_000, 200


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help="a TOML file whose partnership holds the first wave")
    add(
        "--second-wave",
        metavar="FILE",
        required=True,
        help="the same survey later: CSV or Excel, list or matrix",
    )
    add("--months-between", metavar="N", required=True, help="how many months lie between the waves")
    declare_reading(parser)
    add("--seek", metavar="NAME=LOW:HIGH", action="append", default=[],
        help="a parameter to find, between two values; may be repeated (default: five of them)")  # fmt: skip
    add("--points", metavar="N", default=None, help="how many runs (default 3000)")
    add("--seed", metavar="N", default="0", help="0 to 4294967295 (default 0)")
    add("--out", metavar="DIR", help="write calibrated.toml, sets.csv and calibration.json to this folder")
    add("--force", action="store_true", help="replace files that are there")
    add("--json", action="store_true", help="for a machine to read")


def call(options: argparse.Namespace) -> int:
    """Read the second wave, explain the change, and say how well that is known."""
    from collabsim.draws import SEED_LIMIT
    from collabsim.intake.bring import read_second_wave
    from collabsim.scenario import Scenario
    from collabsim.study.change import Survey, check_survey, first_wave
    from collabsim.study.two_waves import POINTS, box_of, explain_change

    faults = Faults()
    wanted = wanted_of(options, faults)
    numbers: dict[str, int | None] = {}
    for name, low, high in (("months_between", 1, MOST_MONTHS), ("points", LEAST_POINTS, MOST_POINTS),
                            ("seed", 0, SEED_LIMIT)):  # fmt: skip
        try:
            numbers[name] = whole_number(getattr(options, name), f"--{name.replace('_', '-')}", low, high)
        except InputError as error:
            faults.take(error)
    box = None
    try:
        box = box_of(_sought(options.seek))
    except InputError as error:
        faults.take(error)
    faults.settle()
    scenario = Scenario.load(options.scenario)
    wanted.survey = options.second_wave
    second, notes, scale = read_second_wave(wanted, scenario.partnership)
    survey = Survey(
        first_wave(scenario.partnership), second, int(numbers["months_between"] or 1), scale.steps
    )
    check_survey(survey)
    for note in notes:
        print(f"notice: {note}", file=sys.stderr)
    made = explain_change(
        scenario, survey, box=box, points=numbers["points"] or POINTS, seed=numbers["seed"] or 0
    )
    document = _document(made, survey, scenario)
    if options.out is not None:
        _write(options, made, document)
    if options.json:
        print_json(document)
    else:
        _print(made, survey, scenario, options.out)
    return 0


def _sought(words: list[str]) -> dict[str, tuple[float, float]] | None:
    faults, found = Faults(), {}
    for word in words:
        name, _, span = word.partition("=")
        low, _, high = span.partition(":")
        try:
            found[name.strip()] = (float(low), float(high))
        except ValueError:
            faults.add(f"--seek needs NAME=LOW:HIGH, not '{word}'")
    faults.settle()
    return found or None


def _document(made: Explanation, survey: Any, scenario: Scenario) -> dict[str, Any]:
    from collabsim.study.change import HEADLINES

    rows = {}
    for row, (name, (low, middle, high)) in enumerate(zip(made.names, made.interval(), strict=True)):
        rows[name] = {
            "low": round(float(low), 4), "median": round(float(middle), 4), "high": round(float(high), 4),
            "from": float(made.low[row]), "to": float(made.high[row]),
            "narrowed": round(float(made.learnt[row]), 3),
            "now": _now(scenario, name),
        }  # fmt: skip
    return {
        "scenario": scenario.name, "months_between": survey.months, "answers_in_both": int(survey.both.sum()),
        "parameters": rows, "surprises": list(made.surprises),
        "change": {name: round(float(value), 4) for name,
        value in zip(HEADLINES, made.observed, strict=True)},
    }  # fmt: skip


def _now(scenario: Scenario, name: str) -> float:
    from collabsim.parameters import PARAMETERS

    return float(scenario.parameters.get(name, PARAMETERS[name].default))


def _known(narrowed: float) -> str:
    return "well known" if narrowed >= 0.5 else "partly known" if narrowed >= 0.15 else "hardly known"


def _print(made: Explanation, survey: Any, scenario: Scenario, out: str | None) -> None:
    print(f"{int(survey.both.sum())} answers in both waves, {survey.months} months apart: trust changed by "
          f"{made.observed[0]:+.3f} on average.")  # fmt: skip
    print("\nWhat explains the change best (median, and 90% interval), and what was thought possible before:")
    width = max(map(len, made.names))
    for name, (low, middle, high), least, most, narrowed in zip(
        made.names, made.interval(), made.low, made.high, made.learnt, strict=True
    ):
        print(f"  {name.ljust(width)}  {middle:6.3f}  ({low:.3f} to {high:.3f})   from {least:g} to "
              f"{most:g}; "
              f"now {_now(scenario, name):g}; {_known(narrowed)}")  # fmt: skip
    for name in made.surprises:
        print(f"\nThe {name} is one that hardly any run of the model shows: it does not explain this "
              "change, and "
              "the values above are the best of a bad lot.")  # fmt: skip
    print("\nThe intervals hold for this model: if it is wrong about what moves trust, they are too narrow.")
    if out is not None:
        print(f"Written to {out}: calibrated.toml, sets.csv, calibration.json")


def _write(options: argparse.Namespace, made: Explanation, document: dict[str, Any]) -> None:
    """Write what was found: parameters and counts, and no answer of anybody's."""
    from collabsim.intake.writing import toml_text, write_files

    folder = Path(options.out)
    base = os.path.relpath(options.scenario, folder) if os.path.exists(options.scenario) else options.scenario
    lines = [
        "# The scenario it extends, with the parameters that best explain the change between two waves of "
        "its",
        "# survey; behind each its 90% interval.",
        f"extends = {toml_text(Path(base).as_posix())}",
        "",
        "[parameters]",
        *(
            f"{name} = {row['median']:g}    # {row['low']:g} to {row['high']:g}, {_known(row['narrowed'])}"
            for name, row in document["parameters"].items()
        ),
    ]
    sets = made.sets(SETS).round(6).to_csv(index=False, lineterminator="\n")
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    files = {"calibrated.toml": "\n".join(lines) + "\n", "sets.csv": sets, "calibration.json": text + "\n"}
    write_files(folder, {name: content.encode() for name, content in files.items()}, options.force)
