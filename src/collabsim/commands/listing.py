"""Show what there is, by name."""

from __future__ import annotations

import argparse
import shutil
import textwrap
from collections.abc import Callable
from typing import Any

from collabsim.commands.words import finite, print_json
from collabsim.errors import InputError, nearest


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("what", metavar="WHAT", nargs="?", help=", ".join(LISTINGS))
    parser.add_argument("--json", action="store_true", help="for a machine to read")


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
        {"name": o.name, "title": o.title, "unit": o.unit, "low": finite(o.low), "high": finite(o.high),
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


def _list_lessons() -> list[dict[str, Any]]:
    from collabsim.lessons import read_lessons

    return [
        {"name": lesson.name, "order": lesson.order, "title": lesson.title, "meaning": lesson.idea,
         "question": lesson.kind, "outcome": lesson.outcome, "open": list(lesson.then)}
        for lesson in read_lessons()
    ]  # fmt: skip


LISTINGS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "practices": _list_practices,
    "parameters": _list_parameters,
    "outcomes": _list_outcomes,
    "partnerships": _list_partnerships,
    "programmes": _list_programmes,
    "scenarios": _list_scenarios,
    "lessons": _list_lessons,
}

SHORT = {"parameters": ("default", "low", "high", "unit"), "outcomes": ("unit", "better"),
         "partnerships": ("organisations", "ties"), "scenarios": ("partnership", "months"),
         "lessons": ("title", "question")}  # fmt: skip
"""The columns beside name and meaning that a person is shown."""


def call(options: argparse.Namespace) -> int:
    """Print the list asked for."""
    if options.what is None:
        raise InputError(f"say what to list: {', '.join(LISTINGS)}")
    if options.what not in LISTINGS:
        raise InputError(f"there is no list of '{options.what}'{nearest(options.what, LISTINGS)}")
    rows = LISTINGS[options.what]()
    if options.json:
        print_json(rows)
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
