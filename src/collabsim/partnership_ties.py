"""Who knows whom in a partnership file: single ties, groups of ties, or everyone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from collabsim.errors import InputError
from collabsim.partnership import (
    MOST_TIES,
    Partnership,
)
from collabsim.partnership_tables import (
    Entry,
    Problems,
    check_keys,
    is_pair,
    number_of,
    rows,
    tables_of,
)
from collabsim.state import TIE_DTYPE

UNANSWERED = "?"
"""Stands in a pair of surveyed trusts for the side that did not answer."""


def known_ties(
    data: Mapping[str, Any], alone: Partnership, where: str, folder: Path, problems: Problems
) -> npt.NDArray[np.void]:
    """Check who knows of whom, and lay the known pairs out in order.

    Returns
    -------
    numpy.ndarray
        Shape (ties,), dtype ``TIE_DTYPE``, sorted by the rows (which are the ids) of the ends.
    """
    n = len(alone)
    everyone, entries = _tie_entries(data, where, folder, problems)
    groups = tables_of(data, "tie_group", where, problems)
    if everyone and n * (n - 1) // 2 > MOST_TIES:
        problems.add(
            where,
            f"if all {n:,} organisations knew of each other there would be {n * (n - 1) // 2:,} ties, and at "
            f"most {MOST_TIES:,} are allowed; list who knows of whom",
        )
        return np.zeros(0, TIE_DTYPE)
    pairs = pairs_of(entries, alone, problems)
    listed = np.array([low * n + high for low, high in pairs], np.int64)
    known = [listed, *(_group(entry, alone, problems) for entry in groups)]
    if everyone:
        low, high = np.triu_indices(n, 1)
        known.append(low * n + high)
    codes = np.unique(np.concatenate(known))
    if not codes.size and not problems.faults.found:
        problems.add(where, "nobody knows of anybody; leave ties out for everyone to know of everyone")
    elif codes.size > MOST_TIES:
        problems.add(where, f"there are {codes.size:,} ties; at most {MOST_TIES:,} are allowed")
    ties = np.zeros(codes.size, TIE_DTYPE)
    ties["lower"], ties["higher"] = np.divmod(codes, n)
    for name in ("contact", "trust_lower", "trust_higher"):
        ties[name] = np.nan
    at = np.searchsorted(codes, listed)
    for column, name in enumerate(("contact", "trust_lower", "trust_higher")):
        ties[name][at] = [values[column] for values in pairs.values()]
    return ties


def _tie_entries(
    data: Mapping[str, Any], where: str, folder: Path, problems: Problems
) -> tuple[bool, list[Entry]]:
    """Find the listed ties, in the file itself and in a CSV file, and whether everyone knows of everyone."""
    entries = tables_of(data, "tie", where, problems)
    said = data.get("ties")
    if said is None:
        return "tie" not in data and "tie_group" not in data, entries
    if not isinstance(said, str) or not said.strip():
        problems.add(where, f"'ties' is \"all\" or names a CSV file, not {said!r}; or use [[tie]]")
        return False, entries
    said = said.strip()
    if said == "all":
        return True, entries
    if said.casefold() in ("none", "no", "all"):
        problems.add(where, f"'ties' is \"all\", a CSV file, or left out and listed as [[tie]], not '{said}'")
        return False, entries
    columns = ("from", "to", "trust", "contact", "note")
    return False, entries + rows(folder / said, said, columns, ("from", "to"), problems)


def pairs_of(
    entries: Sequence[Entry], alone: Partnership, problems: Problems
) -> dict[tuple[int, int], tuple[float, float, float]]:
    """Check listed ties and bring both ways of a pair together.

    Returns
    -------
    dict
        Rows of the ends, the lower first, to contact, and trust of the lower and of the higher.
    """
    found: dict[tuple[int, int], tuple[float, float, float]] = {}
    ways: dict[tuple[int, int], str] = {}
    for entry in entries:
        ends = _ends(entry, alone, problems)
        contact = number_of(entry, "contact", problems)
        forth, back = _trust(entry, problems)
        if ends is None:
            continue
        first, second = ends
        # A row of a CSV file is one way of a pair; an entry of the file itself is both.
        for way in (ends,) if entry.from_csv else (ends, (second, first)):
            if way in ways:
                problems.add(entry.place, f"this tie is there already: {ways[way]}")
                break
            ways[way] = entry.place
        pair = (min(ends), max(ends))
        before = found.get(pair, (math.nan, math.nan, math.nan))
        if not math.isnan(before[0]) and not math.isnan(contact) and before[0] != contact:
            problems.add(
                entry.place,
                f"contact is {contact:g} here and {before[0]:g} the other way round ({ways[second, first]}); "
                "a pair has one contact",
            )
        lower, higher = (forth, back) if first < second else (back, forth)
        new = (contact, lower, higher)
        found[pair] = tuple(b if math.isnan(a) else a for a, b in zip(new, before, strict=True))  # type: ignore[assignment]
    return found


def _ends(entry: Entry, alone: Partnership, problems: Problems) -> tuple[int, int] | None:
    """Find the two organisations of a tie; None, and noted, where that cannot be."""
    if entry.from_csv:
        wanted = [entry.values.get("from", ""), entry.values.get("to", "")]
    else:
        check_keys(entry, ("between", "contact", "trust", "note"), problems)
        between = entry.values.get("between")
        if not is_pair(between):
            problems.add(entry.place, f'between must name two organisations, as ["A", "B"], not {between!r}')
            return None
        wanted = list(between)  # type: ignore[arg-type]
    found = []
    for name, what in zip(wanted, ("from", "to") if entry.from_csv else ("first", "second"), strict=True):
        if not isinstance(name, str) or not name.strip():
            problems.add(
                entry.place,
                f"the name of the {what} organisation is missing"
                if name == ""
                else f"an organisation is named by text, not by {name!r}",
            )
        elif problems.full:
            row = alone.find(name)
            if row is None:
                problems.add(entry.place, "unknown organisation")
            else:
                found.append(row)
        else:
            try:
                found.append(alone.row(name))
            except InputError as error:
                problems.add(entry.place, str(error))
    if len(found) < 2:
        return None
    if found[0] == found[1]:
        problems.add(entry.place, f"this ties '{alone.names[found[0]]}' to itself")
        return None
    return found[0], found[1]


def _trust(entry: Entry, problems: Problems) -> tuple[float, float]:
    """Take surveyed trust, of the first in the second and the reverse; NaN where it is not given."""
    value = entry.values.get("trust")
    if entry.from_csv:
        return number_of(entry, "trust", problems), math.nan
    if is_pair(value):
        forth, back = (
            math.nan if one == UNANSWERED else number_of(entry, "trust", problems, one)
            for one in value  # type: ignore[union-attr]
        )
        return forth, back
    if isinstance(value, Sequence) and not isinstance(value, str):
        problems.add(entry.place, f"trust must be one number or two, as [0.5, 0.7], not {value!r}")
        return math.nan, math.nan
    both = number_of(entry, "trust", problems)
    return both, both


def _group(entry: Entry, alone: Partnership, problems: Problems) -> npt.NDArray[np.int64]:
    """Find the pairs that a group makes known: lower row · organisations + higher row; shape (pairs,)."""
    check_keys(entry, ("among", "between", "note"), problems)
    nobody = np.zeros(0, np.int64)
    among, between = entry.values.get("among"), entry.values.get("between")
    if (among is None) == (between is None):
        problems.add(entry.place, "a group needs one of 'among' and 'between'")
        return nobody
    if between is not None and not is_pair(between):
        problems.add(
            entry.place, f'between must be two lists, as [["A"], ["third sector", "B"]], not {between!r}'
        )
        return nobody
    sides = [among, among] if between is None else list(between)
    found = []
    for side in sides[:1] if between is None else sides:
        if not isinstance(side, Sequence) or isinstance(side, bytes):
            problems.add(entry.place, f"a group is a list of sectors and organisations, not {side!r}")
            continue
        try:
            found.append(np.flatnonzero(alone.members(side)))
        except InputError as error:
            for fault in error.faults:
                problems.add(entry.place, fault)
    if len(found) < (1 if between is None else 2):
        return nobody
    left, right = found[0], found[-1]
    if left.size * right.size > 4 * MOST_TIES:
        problems.add(entry.place, f"this group makes more than {MOST_TIES:,} ties, the most allowed")
        return nobody
    one, other = np.repeat(left, right.size), np.tile(right, left.size)
    apart = one != other
    if not apart.any():
        problems.add(entry.place, "this group ties nobody to anybody else")
    low, high = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
    return np.unique(low * len(alone) + high).astype(np.int64)
