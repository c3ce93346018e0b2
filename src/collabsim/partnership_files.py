"""Partnerships from files: what a file may hold, how it is read, and what is said when it is wrong.

A partnership is one TOML file::

    name = "my-area"                # default: the file's name; what options and tables call it
    title = "My area"               # default: the name; what reports call it
    description = "..."             # optional

    ties = "all"                    # everyone knows of everyone: also the default where no ties are listed
    survey_error = 0.1              # standard deviation of surveyed trust round the truth, 0 to 0.5;
    default 0.
                                    # Each world then starts from its own draw of what was meant

    [[organisation]]
    name = "NHS board"              # unique; case and spacing do not make a difference
    sector = "NHS"                  # one of the six of `collabsim.sectors.SECTORS`, or your own
    size = 5200                     # staff, from 1; default 100
    # Each of these is drawn, or follows from size and sector, unless given:
    capacity = 15                   # room for meetings a month, 0 to 1000
    perspective = [0.2, 0.3]        # how it sees the world, 0 to 1 on two axes
    mandate = 0.25                  # what its mandate says the purpose is, 0 to 1
    view = 0.3                      # what it thinks the purpose is at the start, 0 to 1
    disposition = 0.6               # trust in strangers, 0 to 1
    accountability = 0.7            # effort at the start, and `expectation` of others': 0 to 1
    expectation = 0.7
    courage = 0.2                   # resting values of its leadership, 0 to 1
    systems_view = 0.2
    note = "Annual report 2023"     # yours; not read. Also allowed in a sector, a tie and a tie_group

    [[sector]]                      # a sector of your own, or one of the six given anew
    name = "police"
    perspective = [0.3, 0.1]        # the centre of its organisations
    mandate = 0.4                   # their mean
    statutory = true                # default false
    title = "Police"                # default: the name

Who knows of whom is ``ties = "all"``, or listed, in any of these ways and any mixture of them::

    [[tie]]                         # one pair, and what is known of it
    between = ["NHS board", "Carers' centre"]
    contact = 0.6                   # how much they see of each other, 0 to 1; drawn unless given
    trust = [0.5, 0.7]              # surveyed, 0 to 1: of the first in the second, then the reverse; or one
                                    # number for both; "?" for the side that did not answer

    [[tie_group]]                   # everyone named here knows of everyone else named here
    among = ["NHS", "council", "Third sector interface"]

    [[tie_group]]                   # everyone of the first list knows of everyone of the second
    between = [["Third sector interface"], ["third sector"]]

    ties = "ties.csv"               # a file

A group names sectors and organisations, says who knows of whom and nothing more: groups may overlap, and a
tie may give values to a pair that a group, or ``ties = "all"``, made known. A pair itself is listed once.

Long lists are better kept as CSV, in files named relative to the TOML file::

    organisations = "organisations.csv"   # name,sector,size and any of the above; perspective_x,perspective_y
    ties = "ties.csv"                     # from,to and trust (that of `from` in `to`), contact

Two rows, one each way, make one pair. An empty cell is a value not given. Commas, semicolons or tabs
separate cells; numbers have a decimal point. Files are UTF-8, with or without a byte-order mark (UTF-16
with one is read too); blank lines are skipped.
"""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.errors import InputError, nearest
from collabsim.naming import clean, key
from collabsim.partnership import MOST_ORGANISATIONS, Partnership
from collabsim.partnership_tables import (
    BOUNDS,
    DEFAULT_SIZE,
    FIELDS,
    MOST_ERROR,
    ORGANISATION_KEYS,
    TOP_KEYS,
    Entry,
    Problems,
    check_keys,
    decoded,
    number_of,
    rows,
    tables_of,
    text_of,
)
from collabsim.partnership_ties import known_ties
from collabsim.sectors import SECTORS, Sector, start_records
from collabsim.state import TIE_DTYPE


def read(path: Path, where: str | None = None) -> Partnership:
    """Read a partnership from its TOML file.

    Parameters
    ----------
    path
        The file.
    where
        What to call it in messages; its path unless given.

    Raises
    ------
    InputError
        With all the faults found in it, each with its place.
    """
    where = str(path) if where is None else where
    try:
        data = tomllib.loads(decoded(path, where))
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        reason = "its brackets are nested too deeply" if isinstance(error, RecursionError) else str(error)
        hint = (
            "; a partnership file is TOML that names its CSV files" if path.suffix.lower() == ".csv" else ""
        )
        raise InputError(f"{where}: this is not valid TOML: {reason}{hint}") from None
    return build(data, where, path.parent, default_name=path.stem)


def build(data: Mapping[str, Any], where: str, folder: Path, default_name: str = "own") -> Partnership:
    """Check what a partnership file holds and make the partnership.

    Parameters
    ----------
    data
        The content of the file, as in the module's description.
    where
        What to call it in messages.
    folder
        Where the CSV files that it names lie.
    default_name
        Its name unless given.

    Raises
    ------
    InputError
        With all the faults found, each with its place.
    """
    problems = Problems()
    if not isinstance(data, Mapping):
        raise InputError(f"{where}: a partnership is a table of names and values, not {type(data).__name__}")
    for name in data:
        if name not in TOP_KEYS:
            scenario = name in ("partnership", "programme", "shock", "months", "parameters")
            hint = "; that belongs into a scenario" if scenario else nearest(str(name), TOP_KEYS)
            problems.add(where, f"there is no key '{name}'{hint}")
    words = {
        name: text_of(data.get(name), f"'{name}'", where, problems) if name in data else ""
        for name in ("name", "title", "description")
    }
    error = number_of(Entry(where, dict(data)), "survey_error", problems, bounds=(0.0, MOST_ERROR))
    sectors = _sectors(tables_of(data, "sector", where, problems), problems)
    entries = _organisation_entries(data, where, folder, problems)
    names, codes, given = organisations_of(entries, sectors, problems)
    _check_count(entries, where, problems)
    problems.settle()

    organisations = start_records(codes, [values.pop("size", DEFAULT_SIZE) for values in given], sectors)
    for row, values in enumerate(given):
        for name, value in values.items():
            organisations[FIELDS.get(name, name)][row] = value
    name = words["name"] or default_name
    alone = Partnership(
        name,
        words["title"] or name,
        words["description"],
        organisations,
        np.zeros(0, TIE_DTYPE),
        sectors,
        tuple(names),
        0.0 if math.isnan(error) else error,
    )
    ties = known_ties(data, alone, where, folder, problems)
    problems.settle()
    return dataclasses.replace(alone, ties=ties)


def _check_count(entries: Sequence[Entry], where: str, problems: Problems) -> None:
    """Note it if there are too few organisations, or too many."""
    if not entries and not problems.faults.found:
        problems.add(where, "there are no organisations; a partnership has at least 2")
    elif len(entries) == 1 and not problems.faults.found:
        problems.add(entries[0].place, "this is the only organisation; a partnership has at least 2")
    elif len(entries) > MOST_ORGANISATIONS:
        problems.add(
            where, f"there are {len(entries):,} organisations; at most {MOST_ORGANISATIONS:,} are allowed"
        )


def _sectors(entries: Sequence[Entry], problems: Problems) -> tuple[Sector, ...]:
    """Check the file's own sectors and put them behind, or in the place of, the six."""
    sectors = {key(name): sector for name, sector in SECTORS.items()}
    seen: dict[str, str] = {}
    for entry in entries:
        values = entry.values
        check_keys(
            entry,
            ("name", "title", "perspective_x", "perspective_y", "mandate", "statutory", "note"),
            problems,
        )
        name = text_of(values.get("name", ""), "the sector's name", entry.place, problems)
        title = text_of(values.get("title", name or "-"), "title", entry.place, problems)
        if values.get("perspective_x") is None or values.get("perspective_y") is None:
            problems.add(entry.place, "perspective is missing; a sector needs one, as [0.5, 0.5]")
        if values.get("mandate") is None:
            problems.add(entry.place, "mandate is missing; a sector needs one, from 0 to 1")
        statutory = values.get("statutory", False)
        if not isinstance(statutory, bool):
            problems.add(entry.place, f"statutory must be true or false, not {statutory!r}")
        x, y, mandate = (number_of(entry, k, problems) for k in ("perspective_x", "perspective_y", "mandate"))
        if key(name) in seen:
            problems.add(entry.place, f"this sector is there already: {seen[key(name)]}")
        seen[key(name)] = entry.place
        sectors[key(name)] = Sector(name, title, (x, y), mandate, bool(statutory))
    return tuple(sectors.values())


def _organisation_entries(
    data: Mapping[str, Any], where: str, folder: Path, problems: Problems
) -> list[Entry]:
    """Find the organisations, be they in the file itself or in a CSV file."""
    if "organisations" not in data:
        return tables_of(data, "organisation", where, problems)
    if "organisation" in data:
        problems.add(
            where, "the organisations are listed twice: as 'organisations' and as [[organisation]]; use one"
        )
        return []
    name = data["organisations"]
    if not isinstance(name, str) or not name.strip():
        problems.add(
            where, f"'organisations' names a CSV file, in quotes, not {name!r}; or use [[organisation]]"
        )
        return []
    path = folder / name.strip()
    return rows(path, name.strip(), ORGANISATION_KEYS, ("name", "sector"), problems)


def organisations_of(
    entries: Sequence[Entry], sectors: Sequence[Sector], problems: Problems
) -> tuple[list[str], list[int], list[dict[str, float]]]:
    """Check organisations: their names, the codes of their sectors, and the values given."""
    codes_of = {key(sector.name): code for code, sector in enumerate(sectors)}
    titles = [sector.name for sector in sectors]
    names, codes, given = [], [], []
    seen: dict[str, Entry] = {}
    for entry in entries:
        values = entry.values
        check_keys(entry, ORGANISATION_KEYS, problems)
        if "name" in values:
            name = text_of(values["name"], "the name", entry.place, problems)
        else:
            problems.add(entry.place, "this organisation has no name")
            name = ""
        if name and key(name) in seen:
            other = seen[key(name)]
            spelt = f" as '{clean(other.values['name'])}'" if clean(other.values["name"]) != name else ""
            problems.add(entry.place, f"the name '{name}' is there already{spelt}: {other.place}")
        seen.setdefault(key(name), entry)
        code = -1
        if "sector" not in values:
            problems.add(entry.place, f"this organisation has no sector; sectors are {', '.join(titles)}")
        elif sector := text_of(values["sector"], "the sector", entry.place, problems):
            code = codes_of.get(key(sector), -1)
            if code < 0:
                problems.add(entry.place, f"there is no sector '{sector}'{nearest(sector, titles)}")
        if ("perspective_x" in values) != ("perspective_y" in values):
            problems.add(entry.place, "perspective takes two numbers, and only one is given")
        numbers = {
            name: number_of(entry, name, problems, bounds=span)
            for name, span in BOUNDS.items()
            if name in values
        }
        names.append(name)
        codes.append(code)
        given.append(numbers)
    return names, codes, given
