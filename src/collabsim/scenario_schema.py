"""The JSON Schema of a scenario file, made from the same declarations as the reader, for editors.

An editor that knows the schema completes names and marks what is wrong while a file is written. The first
line ``#:schema scenario.schema.json`` tells it where the schema is; ``collabsim schema`` prints it. What only
the partnership can tell (who is in it), and how two months lie to each other, the reader checks alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from collabsim.costs import DAY_REASONS, MOST_DAYS, MOST_RATE
from collabsim.draws import MONTHS_LIMIT
from collabsim.parameters import PARAMETERS
from collabsim.practices import PRACTICES, SHOCKS, TREATMENTS, Mover
from collabsim.programmes import PROGRAMMES, SUPPORT
from collabsim.scenario_files import MONTHS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE = "scenario.schema.json"
"""What the schema is called beside a scenario."""

TEXT = {"type": "string"}


def scenario_schema() -> dict[str, Any]:
    """Return the schema of a scenario file."""
    return {
        "$schema": DIALECT,
        "title": "A collabsim scenario",
        "description": "A partnership, a programme, shocks, a number of months and overrides of parameters.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": TEXT | {"description": "What it is called; the name of the file unless said."},
            "title": TEXT | {"description": "Its title in reports."},
            "description": TEXT | {"description": "What it is, in a sentence."},
            "extends": (
                TEXT
                | {
                    "pattern": r"\S",
                    "description": (
                        "Another scenario file, or the name of a bundled one: what is left open here "
                        "is as it is there."
                    ),
                }
            ),
            "partnership": (
                TEXT
                | {
                    "description": (
                        "A bundled partnership, a generated one such as small-world:1000, or the path "
                        "of a partnership file."
                    ),
                    "default": "scottish-partnership",
                }
            ),
            "months": _month(1) | {"default": MONTHS, "description": "How long a run is."},
            "support": {
                "type": "array",
                "items": _month(0),
                "minItems": 2,
                "maxItems": 2,
                "default": list(SUPPORT),
                "description": "The months [from, to) in which practices run that do not say when.",
            },
            "parameters": _parameters(),
            "programme": _programme(),
            "shock": {"type": "array", "items": _line({"kind": _named(SHOCKS)}, ["kind"])},
            "costs": _costs(),
        },
    }


def _month(low: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": MONTHS_LIMIT}


def _parameters() -> dict[str, Any]:
    properties = {
        each.name: {
            "type": "number",
            "minimum": each.low,
            "maximum": each.high,
            "default": each.default,
            "description": f"{each.meaning} ({each.unit})",
        }
        for each in PARAMETERS.values()
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _named(known: Mapping[str, Mover]) -> dict[str, Any]:
    """Return the choice between movers, each with what it is."""
    return {
        "oneOf": [
            {"const": each.name, "title": each.title, "description": each.sentence} for each in known.values()
        ]
    }


def _line(first: Mapping[str, Any], required: Iterable[str]) -> dict[str, Any]:
    """Return one table of a programme or of shocks."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {
            **first,
            "from_month": _month(0) | {"description": "The first month in which it runs."},
            "to_month": _month(0) | {"description": "The first month in which it no longer runs."},
            "strength": {"type": "number", "minimum": 0, "maximum": 1, "default": 1},
            "with": {
                "description": "Sectors or names of those who take part; everyone unless said.",
                "oneOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}],
            },
        },
    }


def _programme() -> dict[str, Any]:
    whole = {"oneOf": [{"const": each.name, "description": each.title} for each in PROGRAMMES.values()]}
    return {
        "description": "The name of a bundled programme, several names, or tables [[programme]].",
        "anyOf": [
            whole,
            {"type": "array", "items": whole},
            {
                "type": "array",
                "items": {
                    "oneOf": [
                        _line({"practice": _named(TREATMENTS)}, ["practice"]),
                        _line({"programme": whole}, ["programme"]),
                    ]
                },
            },
        ],
    }


def _costs() -> dict[str, Any]:
    days = {
        name: {
            "type": "number",
            "minimum": 0,
            "maximum": MOST_DAYS,
            "default": practice.days,
            "description": f"Facilitator-days per organisation and month. {DAY_REASONS[name]}",
        }
        for name, practice in PRACTICES.items()
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "dependentRequired": {"currency": ["day_rate"]},
        "properties": {
            **days,
            "day_rate": {
                "type": "number",
                "minimum": 0,
                "maximum": MOST_RATE,
                "description": "What a facilitator-day costs.",
            },
            "currency": (
                TEXT
                | {
                    "pattern": r"^\s*\S(.{0,6}\S)?\s*$",
                    "description": "A sign or a short name, such as £.",
                }
            ),
        },
    }
