"""Other names, for what is published: nothing in them says who is meant, and the key is kept apart."""

from __future__ import annotations

import csv
import io
import math
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collabsim.errors import InputError
from collabsim.intake.tables import content_of
from collabsim.intake.text_tables import decode
from collabsim.naming import key
from collabsim.spreadsheets import plain_cell, safe_cell

HEADER = ("pseudonym", "name")


def pseudonymous(
    data: Mapping[str, Any], known: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Give every organisation of a partnership another name.

    A pseudonym is its sector and a number; numbers are drawn, and the organisations are put into the order of
    their new names, so that neither says anything of the old. Sizes are rounded to one digit, for an exact
    one would give an organisation away; the model needs their order of magnitude.

    Parameters
    ----------
    data
        What the partnership file holds.
    known
        Pseudonym by name, of a key that is there already: those keep theirs.

    Returns
    -------
    tuple
        What the file holds then, and pseudonym by name.
    """
    organisations = list(data["organisation"])
    given = {key(name): pseudonym for name, pseudonym in (known or {}).items()}
    taken = set(given.values())
    order = list(organisations)
    secrets.SystemRandom().shuffle(order)
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for one in order:
        name, sector = one["name"], one["sector"]
        if key(name) in given:
            names[name] = given[key(name)]
            continue
        while True:
            counts[sector] = counts.get(sector, 0) + 1
            pseudonym = f"{sector[:1].upper()}{sector[1:]} {counts[sector]}"
            if pseudonym not in taken:
                break
        taken.add(pseudonym)
        names[name] = pseudonym
    made = dict(data)
    made["organisation"] = sorted(
        ({**one, "name": names[one["name"]], **_rounded(one)} for one in organisations),
        key=lambda one: _in_order(one["name"]),
    )
    if "tie" in data:
        place = {one["name"]: row for row, one in enumerate(made["organisation"])}
        ties = [{**tie, "between": [names[end] for end in tie["between"]]} for tie in data["tie"]]
        made["tie"] = sorted(ties, key=lambda tie: sorted(place[end] for end in tie["between"]))
    return made, names


def _rounded(one: Mapping[str, Any]) -> dict[str, float]:
    if "size" not in one:
        return {}
    size = float(one["size"])
    return {"size": max(1.0, float(round(size, -math.floor(math.log10(size)))))}


def _in_order(name: str) -> tuple[str, int]:
    words, _, number = name.rpartition(" ")
    return words, int(number) if number.isdigit() else 0


def key_text(names: Mapping[str, str]) -> str:
    """Write the key: a row an organisation, in the order of the pseudonyms."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    for name, pseudonym in sorted(names.items(), key=lambda pair: _in_order(pair[1])):
        writer.writerow([pseudonym, safe_cell(name)])
    return file.getvalue()


def read_key(path: Path) -> dict[str, str]:
    """Read a key written before, pseudonym by name.

    Raises
    ------
    InputError
        If the file is something else.
    """
    text, _ = decode(content_of(path, path.name), path.name)
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    if not rows or tuple(rows[0]) != HEADER or any(len(row) != len(HEADER) for row in rows):
        raise InputError(f"{path.name}: this is not a key of pseudonyms; name a new file")
    return {plain_cell(name): pseudonym for pseudonym, name in rows[1:]}
