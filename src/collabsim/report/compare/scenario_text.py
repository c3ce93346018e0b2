"""A scenario as TOML text, for people to keep and to run again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from collabsim.scenario import Scenario
from collabsim.study.provenance import scenario_record

TABLES = ("parameters", "costs")
LISTS = ("programme", "shock")


def scenario_text(scenario: Scenario) -> str:
    """Return a scenario as a TOML file that reads back as the same.

    The partnership stands in it by name; one of the user's own is found again only where that leads to it.
    """
    record = scenario_record(scenario)
    lines = [f"{key} = {_value(value)}" for key, value in record.items() if key not in (*TABLES, *LISTS)]
    for key in TABLES:
        if key in record:
            lines += ["", f"[{key}]", *_pairs(record[key])]
    for key in LISTS:
        for table in record.get(key, ()):
            lines += ["", f"[[{key}]]", *_pairs(table)]
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value: Any) -> str:
    """Write a value; a JSON string is a TOML string, but for the characters that TOML wants escaped."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
