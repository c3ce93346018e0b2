"""The command ``collabsim``: list, run, check and sweep, from a terminal or a script.

What is asked for goes to stdout, everything else to stderr. A fault ends with exit code 2 and words, an
interrupt with 130; a traceback is shown only with ``--debug``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import collabsim
from collabsim.errors import Faults, InputError, nearest

FAULT, INTERRUPTED = 2, 130


class _Parser(argparse.ArgumentParser):
    """An argument parser that complains in one message, with the nearest right spelling."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see '{self.prog} --help'")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        known, unknown = super().parse_known_args(args, namespace)
        options = [word for word in unknown if word.startswith("-")]
        if options:
            spellings = [name for name in self._option_string_actions if name.startswith("--")]
            raise InputError(
                *(f"there is no option '{word}'{nearest(word.split('=')[0], spellings)}" for word in options)
            )
        return known, unknown


def _parser() -> _Parser:
    parser = _Parser(
        prog="collabsim",
        description="Organisations learning to collaborate: an agent-based simulation.",
    )
    parser.add_argument("--version", action="version", version=f"collabsim {collabsim.__version__}")
    common = _Parser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    listing = commands.add_parser("list", parents=[common], help="show what there is, by name")
    listing.add_argument("what", metavar="WHAT", help=", ".join(LISTINGS))
    listing.add_argument("--json", action="store_true", help="for a machine to read")

    run = commands.add_parser("run", parents=[common], help="run one scenario in one world")
    run.add_argument("scenario", metavar="SCENARIO", nargs="?", default="scottish-partnership",
                     help="a bundled scenario or partnership, or a TOML file")  # fmt: skip
    run.add_argument("--programme", metavar="NAME", help="a bundled programme, in place of the scenario's")
    run.add_argument("--months", metavar="N", help="how long")
    run.add_argument("--seed", metavar="N", default="0", help="0 to 4294967295 (default 0)")
    run.add_argument("--world", metavar="N", default="0", help="which world of the seed (default 0)")
    run.add_argument("--luck", metavar="N", default="0", help="another luck in the same world (default 0)")
    run.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], dest="settings",
                     help="a practice, parameter or lever; may be repeated")  # fmt: skip
    run.add_argument("--out", metavar="DIR", help="write tables and a manifest to this folder")
    run.add_argument("--json", action="store_true", help="for a machine to read")

    check = commands.add_parser("check", parents=[common], help="check a scenario file without running it")
    check.add_argument("scenario", metavar="SCENARIO")
    check.add_argument("--json", action="store_true", help="for a machine to read")

    sweep = commands.add_parser("sweep", parents=[common], help="run a plan: many scenarios in many worlds")
    sweep.add_argument("plan", metavar="PLAN.toml")
    sweep.add_argument("--out", metavar="DIR", required=True, help="the folder for runs.parquet")
    sweep.add_argument("--workers", metavar="N", help="threads (default: all cores)")
    sweep.add_argument("--monthly", action="store_true", help="also record every month")
    sweep.add_argument("--fresh", action="store_true", help="replace what another plan left in the folder")
    sweep.add_argument("--json", action="store_true", help="for a machine to read")
    return parser


# ------------------------------------------------------------------------------------------------ list


def _list_practices() -> list[dict[str, Any]]:
    from collabsim.practices import PRACTICES

    return [
        {"name": p.name, "title": p.title, "moves": dict(p.moves), "meaning": p.sentence,
         "evidence": p.evidence, "facilitator_days": p.days}
        for p in PRACTICES.values()
    ]  # fmt: skip


def _list_parameters() -> list[dict[str, Any]]:
    from collabsim.parameters import LEVERS, PARAMETERS

    return [
        {"name": p.name, "default": p.default, "low": p.low, "high": p.high, "unit": p.unit,
         "lever": p.name in LEVERS, "step": p.step, "meaning": p.meaning, "source": p.source}
        for p in PARAMETERS.values()
    ]  # fmt: skip


def _list_outcomes() -> list[dict[str, Any]]:
    from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES

    return [
        {"name": o.name, "title": o.title, "unit": o.unit, "low": _finite(o.low), "high": _finite(o.high),
         "better": {1: "more", -1: "less", 0: "neither"}[o.better], "over": o.over,
         "monthly": o.name in OUTCOMES, "meaning": o.meaning}
        for o in ALL_OUTCOMES.values()
    ]  # fmt: skip


def _list_partnerships() -> list[dict[str, Any]]:
    from collabsim.partnership import GENERATED, Partnership, bundled

    rows = []
    for name, title in bundled().items():
        made = Partnership.load(name)
        rows.append({"name": name, "organisations": len(made), "ties": len(made.ties), "meaning": title})
    for name in GENERATED:
        rows.append(
            {"name": f"{name}:N[:DEGREE[:SEED]]", "organisations": None, "ties": None,
             "meaning": f"A generated {name} network of N organisations."}
        )  # fmt: skip
    return rows


def _list_programmes() -> list[dict[str, Any]]:
    from collabsim.scenario import PROGRAMMES

    return [
        {"name": p.name, "stages": [list(stage) for stage in p.stages], "meaning": p.title}
        for p in PROGRAMMES.values()
    ]


def _list_scenarios() -> list[dict[str, Any]]:
    from collabsim.scenario import Scenario, bundled_scenarios

    rows = []
    for name in bundled_scenarios():
        made = Scenario.load(name)
        rows.append(
            {"name": name, "partnership": made.partnership.name, "months": made.months,
             "meaning": made.description}
        )  # fmt: skip
    return rows


LISTINGS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "practices": _list_practices,
    "parameters": _list_parameters,
    "outcomes": _list_outcomes,
    "partnerships": _list_partnerships,
    "programmes": _list_programmes,
    "scenarios": _list_scenarios,
}

SHORT = {"parameters": ("default", "low", "high", "unit"), "outcomes": ("unit", "better"),
         "partnerships": ("organisations", "ties"), "scenarios": ("partnership", "months")}  # fmt: skip
"""The columns beside name and meaning that a person is shown."""


def _list(options: argparse.Namespace) -> int:
    if options.what not in LISTINGS:
        raise InputError(f"there is no list of '{options.what}'{nearest(options.what, LISTINGS)}")
    rows = LISTINGS[options.what]()
    if options.json:
        _print_json(rows)
        return 0
    columns = ("name", *SHORT.get(options.what, ()))
    cells = [[_cell(row[column]) for column in columns] for row in rows]
    widths = [max(len(head), *(len(line[c]) for line in cells)) for c, head in enumerate(columns)]
    width = max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))
    print("  ".join(head.ljust(w) for head, w in zip(columns, widths, strict=True)).rstrip())
    for row, line in zip(rows, cells, strict=True):
        print("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())
        print(textwrap.fill(row["meaning"], width, initial_indent="    ", subsequent_indent="    "))
    return 0


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


# ------------------------------------------------------------------------------------------------- run


def _run(options: argparse.Namespace) -> int:
    faults = Faults()
    wanted: dict[str, Any] = {}
    for name in ("months", "seed", "world", "luck"):
        text = getattr(options, name)
        if text is not None:
            try:
                wanted[name] = int(text)
            except ValueError:
                faults.add(f"--{name} must be a whole number, not '{text}'")
    settings = _settings(options.settings, faults)
    faults.settle()
    from collabsim.ensemble import run
    from collabsim.scenario import Scenario

    scenario = Scenario.load(options.scenario)
    out = None if options.out is None else _Folder(Path(options.out))
    result = run(scenario, programme=options.programme, **wanted, **settings)
    document = {
        "scenario": scenario.name,
        "partnership": scenario.partnership.name,
        "programme": options.programme,
        "settings": settings,
        "months": result.scenario.months,
        "seed": result.seed,
        "world": result.world,
        "luck": result.luck,
        "summary": {name: _finite(value) for name, value in result.summary.items()},
    }
    if out is not None:
        with out as folder:
            for name in ("monthly", "organisations", "ties"):
                getattr(result, name).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
            text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
            (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    if options.json:
        _print_json(document)
    else:
        _print_run(result, document)
        if out is not None:
            print(f"\nWritten to {out.path}: monthly.csv, organisations.csv, ties.csv, summary.json")
    return 0


def _settings(words: Sequence[str], faults: Faults) -> dict[str, Any]:
    """Read NAME=VALUE words; a name given twice is a fault."""
    settings: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip()
        if not equals or not name:
            faults.add(f"--set needs NAME=VALUE, not '{word}'")
            continue
        if name in settings:
            faults.add(f"--set gives '{name}' twice")
        try:
            value = float(text)
            settings[name] = int(value) if "." in name and value.is_integer() else value
        except ValueError:
            faults.add(f"--set {name}: the value must be a number, not '{text}'")
    return settings


def _print_run(result: Any, document: dict[str, Any]) -> None:
    from collabsim.outcomes import ALL_OUTCOMES, LAST_MONTHS

    who = result.scenario.partnership
    print(f"{who.title or who.name}: {len(who)} organisations, {document['months']} months, "
          f"seed {result.seed}, world {result.world}")  # fmt: skip
    lines = [
        f"{entry.mover} at {entry.strength:g} in months {entry.from_month} to {entry.to_month}"
        + (f" with {', '.join(entry.who)}" if entry.who else "")
        for entry in (*result.scenario.programme, *result.scenario.shocks)
    ]
    print("Programme and shocks: " + ("; ".join(lines) if lines else "none"))
    print(f"\nMean of the last {min(LAST_MONTHS, document['months'])} months, or of the run:")
    width = max(len(outcome.title) for outcome in ALL_OUTCOMES.values())
    for name, outcome in ALL_OUTCOMES.items():
        value = document["summary"][name]
        shown = "missing" if value is None else f"{value:.3f}"
        print(f"  {outcome.title.ljust(width)}  {shown:>9}  {outcome.unit}")


class _Folder:
    """A result folder that appears whole or not at all."""

    MARK = "summary.json"

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise InputError(f"--out: '{path}' is a file, not a folder")
        if path.exists() and any(path.iterdir()) and not (path / self.MARK).exists():
            raise InputError(f"--out: the folder '{path}' holds other files; name a new or empty one")

    def __enter__(self) -> Path:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.part = Path(tempfile.mkdtemp(prefix=f".{self.path.name}.", dir=self.path.parent))
        return self.part

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self.path.mkdir(exist_ok=True)
            for file in sorted(self.part.iterdir()):
                os.replace(file, self.path / file.name)
        shutil.rmtree(self.part, ignore_errors=True)


# ----------------------------------------------------------------------------------------- check, sweep


def _check(options: argparse.Namespace) -> int:
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
        _print_json(
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


def _sweep(options: argparse.Namespace) -> int:
    from collabsim.study.plan import Plan
    from collabsim.study.progress import Progress
    from collabsim.study.sweep import sweep_to

    workers = None
    if options.workers is not None:
        from collabsim.scenario import whole

        try:
            workers = whole(int(options.workers), "--workers", 1, 1024)
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"--workers must be a whole number, not '{options.workers}'") from None
    plan = Plan.load(options.plan)
    with Progress("runs", plan.runs) as progress:
        done = sweep_to(
            plan, options.out, workers=workers, monthly=options.monthly, fresh=options.fresh,
            progress=progress,
        )  # fmt: skip
    if options.json:
        _print_json(done)
    else:
        print(f"{done['runs']} runs of {done['points']} points in {plan.worlds} worlds are in {done['file']}"
              + (f"; {done['failed']} of them failed" if done["failed"] else "."))  # fmt: skip
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "list": _list,
    "run": _run,
    "check": _check,
    "sweep": _sweep,
}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        The words after ``collabsim``; those of the process unless given.

    Returns
    -------
    int
        The exit code: 0, 2 for a fault in what was given, 1 for any other failure, 130 for an interrupt.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    options = argparse.Namespace()
    try:
        if words and not words[0].startswith("-") and words[0] not in COMMANDS:
            raise InputError(f"there is no command '{words[0]}'{nearest(words[0], COMMANDS)}")
        options = _parser().parse_args(words)
        if options.command is None:
            raise InputError(f"say what to do: {', '.join(COMMANDS)}; see 'collabsim --help'")
        _say_warnings_in_words()
        return COMMANDS[options.command](options)
    except InputError as error:
        if debug:
            raise
        if len(error.faults) == 1:
            print(f"collabsim: {error.faults[0]}", file=sys.stderr)
        else:
            print(f"collabsim: {len(error.faults)} faults:", file=sys.stderr)
            for fault in error.faults:
                print(f"  - {fault}", file=sys.stderr)
        return FAULT
    except KeyboardInterrupt:
        print("collabsim: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone; nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if debug:
            raise
        place = error.filename or getattr(options, "out", None)
        file = f" '{place}'" if place else ""
        print(f"collabsim: cannot read or write{file}: {error.strerror or error}", file=sys.stderr)
        return 1
    except Exception as error:
        if debug:
            raise
        print(
            f"collabsim: an error of its own, not yours: {type(error).__name__}: {error}; run it again with "
            "--debug for the details",
            file=sys.stderr,
        )
        return 1


def _say_warnings_in_words() -> None:
    import warnings

    def say(message: Warning | str, category: type[Warning], *_: Any) -> None:
        if issubclass(category, UserWarning):
            print(f"notice: {message}", file=sys.stderr)

    warnings.showwarning = say  # type: ignore[assignment]
    warnings.simplefilter("always", UserWarning)


if __name__ == "__main__":
    sys.exit(main())
