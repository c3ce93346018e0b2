"""Files of a plan: its TOML, and a CSV file of points, a row a point and a column a factor."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collabsim.errors import Faults, InputError, nearest
from collabsim.partnership_tables import decoded
from collabsim.scenario_extends import read_toml
from collabsim.study.factors import FACTORS, NAMED, WINDOWS, level

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
MOST_FAULTS = 20


def read_plan(path: Path) -> dict[str, Any]:
    """Read a plan's TOML file as it stands.

    Raises
    ------
    InputError
        If it is not there, is a folder, cannot be read, or is no TOML in UTF-8.
    """
    return read_toml(path, "plan")


def factors_given(data: Mapping[str, Any], folder: Path | None, faults: Faults) -> Any:
    """Return the factors of a plan's file: its own table of them, or the columns of the file it names."""
    design = data.get("design", "factorial")
    if "table" in data:
        if design != "table" or "factors" in data:
            faults.add("'table' names a CSV file of points, and belongs to design 'table' without [factors]")
        elif not isinstance(data["table"], str):
            faults.add(f"'table' must be the path of a CSV file, not {data['table']!r}")
        else:
            path = (folder or Path()) / data["table"]
            try:
                return read_points(path, str(path))
            except InputError as error:
                faults.take(error)
    elif "factors" in data:
        return data["factors"]
    elif design == "table":
        faults.add("'table' is missing; it is the path of a CSV file, a row a point and a column a factor")
    else:
        faults.add("the table [factors] is missing; it says what varies, such as building_trust = [0, 1]")
    return None


def read_points(path: Path, where: str) -> dict[str, list[Any]]:
    """Read a table of points.

    Parameters
    ----------
    path
        A CSV file in UTF-8, with or without a byte-order mark; commas, semicolons or tabs between cells. Its
        first line names the factors.
    where
        What to call it in messages.

    Returns
    -------
    dict
        Factor to the level of each row.

    Raises
    ------
    InputError
        With every fault found (of very many the first), each with its line.
    """
    text = decoded(path, where)
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    faults = Faults(where)
    columns: dict[str, list[Any]] = {}
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _header([cell.strip() for cell in cells], faults)
                faults.settle()
            elif len(cells) != len(columns):
                faults.add(f"line {reader.line_num} has {len(cells)} cells and the header {len(columns)}")
            else:
                for name, cell in zip(columns, cells, strict=True):
                    try:
                        columns[name].append(_level(name, cell.strip()))
                    except InputError as error:
                        for fault in error.faults:
                            faults.add(f"line {reader.line_num}: {fault}")
            if len(faults.found) >= MOST_FAULTS:
                break
    except csv.Error as error:
        faults.add(f"line {reader.line_num}: this is not valid CSV: {error}")
    if not columns:
        faults.add("this file is empty; its first line names the factors")
    elif not next(iter(columns.values())) and not faults.found:
        faults.add("this file has a header and no rows")
    faults.settle()
    return columns


def _header(names: list[str], faults: Faults) -> dict[str, list[Any]]:
    for place, name in enumerate(names, 1):
        if name not in FACTORS:
            faults.add(f"column {place}: there is no factor '{name}'{nearest(name, FACTORS)}")
        elif name in names[: place - 1]:
            faults.add(f"column '{name}' is there twice")
    return {name: [] for name in names}


def _level(name: str, cell: str) -> Any:
    """Read one cell."""
    if not cell:
        raise InputError(f"'{name}' has no level here")
    if name in NAMED:
        return level(name, cell)
    if not _NUMBER.fullmatch(cell):
        raise InputError(f"a level of '{name}' must be a number, with a decimal point, not '{cell}'")
    return level(name, int(cell) if name in WINDOWS and cell.isdigit() else float(cell))
