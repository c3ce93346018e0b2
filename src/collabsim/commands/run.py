"""Run one scenario in one world."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from collabsim.commands.words import finite, print_json
from collabsim.errors import Faults, InputError


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("scenario", metavar="SCENARIO", nargs="?", default="scottish-partnership",
                     help="a bundled scenario or partnership, or a TOML file")  # fmt: skip
    parser.add_argument("--programme", metavar="NAME", help="a bundled programme, in place of the scenario's")
    parser.add_argument("--months", metavar="N", help="how long")
    parser.add_argument("--seed", metavar="N", default="0", help="0 to 4294967295 (default 0)")
    parser.add_argument("--world", metavar="N", default="0", help="which world of the seed (default 0)")
    parser.add_argument("--luck", metavar="N", default="0", help="another luck in the same world (default 0)")
    parser.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], dest="settings",
                     help="a practice, parameter or lever; may be repeated")  # fmt: skip
    parser.add_argument("--out", metavar="DIR", help="write tables and a manifest to this folder")
    parser.add_argument("--events", action="store_true",
                     help="write what happened, month by month, to events.csv too (with --out)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="for a machine to read")


def call(options: argparse.Namespace) -> int:
    """Run, print the outcomes, and write tables where asked to."""
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
    if options.events and options.out is None:
        faults.add("--events needs --out DIR, the folder to write events.csv to")
    faults.settle()
    from collabsim.scenario import Scenario
    from collabsim.single_run import run
    from collabsim.spreadsheets import safe_frame

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
        "summary": {name: finite(value) for name, value in result.outcomes.items()},
    }
    if out is not None:
        with out as folder:
            tables = {name: getattr(result, name) for name in ("monthly", "organisations", "ties")}
            if options.events:
                from collabsim.event_log import events

                tables["events"] = events(scenario, programme=options.programme, **wanted, **settings)
            for name, table in tables.items():
                safe_frame(table).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
            text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
            (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    if options.json:
        print_json(document)
    else:
        _print_run(result, document)
        if out is not None:
            files = ", ".join([*(f"{name}.csv" for name in tables), "summary.json"])
            print(f"\nWritten to {out.path}: {files}")
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
    if None in document["summary"].values():
        print("\nMissing: nothing to measure it by (no meetings, no programme), or it did not come about.")


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
