"""Make a scenario of your own organisations, ties or survey."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabsim.commands.words import print_json
from collabsim.errors import Faults, InputError

if TYPE_CHECKING:
    from collabsim.intake.bring import Brought, Wanted

SOURCES = ("organisations", "ties", "survey", "network")


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add = parser.add_argument
    add("name", metavar="NAME", help="of the files that are written: NAME.toml and others beside it")
    add(
        "--organisations",
        metavar="FILE",
        help="CSV or Excel; only names are needed (FILE.xlsx#Sheet names a sheet)",
    )
    add("--ties", metavar="FILE", help="CSV, Excel, GraphML or GML: from, to, and trust or contact if known")
    add("--survey", metavar="FILE", help="a survey of trust: from, to, trust; or a matrix")
    add("--network", metavar="FILE", help="GraphML or GML: organisations and ties in one file")
    declare_reading(parser)
    add("--undirected", action="store_true", help="a tie listed once holds for both sides")
    add("--everyone", action="store_true", help="everyone knows of everyone, beyond the ties listed")
    add("--survey-error", metavar="SD", help="standard deviation of surveyed trust round the truth, 0 to 0.5")
    add(
        "--pseudonyms",
        metavar="KEY.csv",
        help="write other names; who is who goes into this file, kept apart",
    )
    add("--title", metavar="TEXT", default="", help="what reports call it")
    add("--day-rate", metavar="MONEY", help="what a facilitator-day costs")
    add("--no-picture", action="store_true", help="draw no picture of the network")
    add("--out", metavar="DIR", default=".", help="where the files go (default: here)")
    add("--force", action="store_true", help="replace files that are there")
    add("--json", action="store_true", help="for a machine to read")


def declare_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how a table is to be read."""
    add = parser.add_argument
    add("--scale", metavar="SCALE", help="of trust: 0-1, 1-5, 1-7, percent, words, or 'low,middle,high'")
    add("--contact-scale", metavar="SCALE", help="of contact or strength of collaboration")
    add("--column", metavar="HEADING=FIELD", action="append", default=[], dest="columns",
        help="what a column holds; may be repeated; the field - means nothing")  # fmt: skip
    add("--mean-of-several", action="store_true", help="several answers on one tie are averaged")
    add("--encoding", metavar="NAME", help="of CSV files, where it is not found out")


def wanted_of(options: argparse.Namespace, faults: Faults) -> Wanted:
    """Put the options that say what to read, and how, into one record."""
    from collabsim.intake.bring import Wanted
    from collabsim.intake.headings import check_declared
    from collabsim.intake.scales import declared_scale

    wanted = Wanted(several=options.mean_of_several, encoding=options.encoding)
    for name in ("scale", "contact_scale"):
        text = getattr(options, name)
        try:
            if text is not None:
                setattr(wanted, name, declared_scale(text))
        except InputError as error:
            faults.add(f"--{name.replace('_', '-')}: {error}")
    try:
        wanted.declared = check_declared(options.columns)
    except InputError as error:
        faults.take(error)
    return wanted


def number_option(text: str | None, option: str, low: float, high: float) -> float:
    """Read a number within bounds from an option; 0 where it was not given.

    Raises
    ------
    InputError
        Naming the option, what was found and what is allowed.
    """
    try:
        number = 0.0 if text is None else float(text)
    except ValueError:
        raise InputError(f"{option} must be a number from {low:g} to {high:g}, not '{text}'") from None
    if not low <= number <= high:
        raise InputError(f"{option} must be a number from {low:g} to {high:g}, not {number:g}")
    return number


def call(options: argparse.Namespace) -> int:
    """Read, check, write, and say what was understood and what is drawn."""
    from collabsim.intake.bring import bring
    from collabsim.intake.writing import checked_name, write_files
    from collabsim.partnership_tables import MOST_ERROR

    faults = Faults()
    wanted = wanted_of(options, faults)
    name, rate = "", 0.0
    try:
        name = checked_name(options.name)
    except InputError as error:
        faults.take(error)
    try:
        wanted.survey_error = number_option(options.survey_error, "--survey-error", 0, MOST_ERROR)
    except InputError as error:
        faults.take(error)
    try:
        rate = number_option(options.day_rate, "--day-rate", 0, 1e6)
    except InputError as error:
        faults.take(error)
    for source in SOURCES:
        setattr(wanted, source, getattr(options, source))
    wanted.directed = False if options.undirected else None
    wanted.everyone = options.everyone
    if not any(getattr(options, source) for source in SOURCES):
        faults.add("say who is in it: --organisations FILE, --network FILE, or --ties FILE")
    folder = Path(options.out)
    key = _key_file(options.pseudonyms, folder, faults)
    faults.settle()
    brought = bring(wanted, name, options.title)
    files, apart, brought = _files(brought, name, options.title, key, rate, not options.no_picture)
    write_files(folder, files, options.force, apart)
    _say(options, brought, folder, list(files), key)
    return 0


def _key_file(text: str | None, folder: Path, faults: Faults) -> Path | None:
    """Check where the key of the pseudonyms goes: not among what may be published."""
    if text is None:
        return None
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        faults.add(f"--pseudonyms: '{text}' is not a file in a folder that is there")
    elif path.resolve().parent == folder.resolve() or folder.resolve() in path.resolve().parents:
        faults.add(
            f"--pseudonyms: keep '{path.name}' apart: in another folder than the files it is the key to"
        )
    return path


def _files(
    brought: Brought, name: str, title: str, key: Path | None, rate: float, draw: bool
) -> tuple[dict[str, bytes], dict[Path, bytes], Brought]:
    """Make the files, under other names if a key is wanted."""
    from collabsim.intake.bring import with_data
    from collabsim.intake.pseudonyms import key_text, pseudonymous, read_key
    from collabsim.intake.writing import partnership_text, scenario_text

    apart: dict[Path, bytes] = {}
    said = ["Who is in it, who knows of whom, and what a survey said.", "", *map(str, brought.given)]
    if key is not None:
        data, names = pseudonymous(brought.data, read_key(key) if key.exists() else None)
        apart[key] = key_text(names).encode()
        brought = with_data(brought, data)
        said += ["Names are pseudonyms, and sizes are rounded to one digit."]
    else:
        said += ["", *brought.notes] if brought.notes else []
    costs = (
        f"# What it costs.\n[costs]\nday_rate = {rate:g}                       # money a facilitator-day\n"
        if rate
        else ""
    )
    file = f"{name}-partnership.toml"
    files = {
        f"{name}.toml": scenario_text(name, title, file, brought.data, costs).encode(),
        file: partnership_text(brought.data, said).encode(),
    }
    if draw:
        from collabsim.report.network_picture import network_picture

        picture = network_picture(brought.partnership)
        if picture is None:
            print("notice: too many organisations to draw with their names: no picture", file=sys.stderr)
        else:
            files[f"{name}-network.png"], files[f"{name}-network.svg"] = picture
    return files, apart, brought


def _say(
    options: argparse.Namespace, brought: Brought, folder: Path, files: list[str], key: Path | None
) -> None:
    """Say what was understood."""
    made: Any = brought.partnership
    if options.json:
        print_json(
            {"name": made.name, "organisations": len(made), "ties": len(made.ties), "files": files,
             "given": [{"what": g.what, "given": g.count, "of": g.of, "otherwise": g.otherwise}
                       for g in brought.given],
             "matched": brought.matched, "unused": brought.unused, "notes": brought.notes}
        )  # fmt: skip
        return
    for note in (*brought.notes, *brought.unused):
        print(f"notice: {note}", file=sys.stderr)
    print(f"{made.title}: {len(made)} organisations, {len(made.ties):,} pairs that know of each other")
    for title, lines in (
        ("Columns matched", brought.matched),
        ("What was given", list(map(str, brought.given))),
    ):
        if lines:
            print(f"\n{title}:")
            for line in lines:
                print(f"  {line}")
    print(f"\nWritten to {folder}: {', '.join(files)}")
    if key is not None:
        print(f"Who is who: {key} (keep it to yourself)")
    print(f'Next: collabsim check "{folder / files[0]}"')
