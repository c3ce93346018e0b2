"""What a visitor asks for, checked: sizes bounded before anything is made, every fault in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collabsim.errors import Faults, InputError, nearest
from collabsim.frames import check_world
from collabsim.generate import parse
from collabsim.partnership import GENERATED, Partnership, bundled
from collabsim.player.own_lessons import MOST_LABEL
from collabsim.player.trajectory import MOST_MONTHS, MOST_ORGANISATIONS, check_size
from collabsim.scenario import Scenario

MOST_BYTES = 64 * 1024
"""The longest request that is read."""

KEYS = ("scenario", "compare", "labels", "seed", "world", "luck")


@dataclass(frozen=True)
class Request:
    """What to run: scenarios side by side, what to call them, and in which world."""

    scenarios: tuple[Scenario, ...]
    labels: tuple[str, ...]
    seed: int
    world: int
    luck: int


def read_request(
    body: bytes, offered: Mapping[str, Scenario], partnerships: Mapping[str, Partnership] | None = None
) -> Request:
    """Read a request.

    Parameters
    ----------
    body
        JSON: ``scenario`` and ``compare`` (null for the scenario without its programme; absent for none) in
        the shape of a scenario file, ``labels``, ``seed``, ``world``, ``luck``.
    offered
        The scenarios offered by name; their partnerships may be asked for, and bundled and generated ones.
        No file is ever read because a visitor names it.
    partnerships
        Others that may be asked for, by name: those of lessons.

    Raises
    ------
    InputError
        With every fault found.
    """
    data = _parsed(body)
    known = {**{one.partnership.name: one.partnership for one in offered.values()}, **(partnerships or {})}
    faults = Faults()
    for key in data:
        if key not in KEYS:
            faults.add(f"unknown key '{key}'{nearest(key, KEYS)}")
    if "scenario" not in data:
        faults.add("'scenario' is missing")
    scenarios: list[Scenario] = []
    for key in ("scenario", "compare"):
        if data.get(key) is not None:
            try:
                scenarios.append(_scenario(data[key], key, known))
            except InputError as error:
                faults.take(error)
    where = (0, 0, 0)
    try:
        where = check_world(*(data.get(name, 0) for name in ("seed", "world", "luck")))
    except InputError as error:
        faults.take(error)
    labels = data.get("labels", [])
    if not (isinstance(labels, list) and all(isinstance(x, str) and len(x) <= MOST_LABEL for x in labels)):
        faults.add(f"'labels' must be a list of texts of at most {MOST_LABEL} letters")
    faults.settle()
    if "compare" in data and data["compare"] is None:
        scenarios.append(scenarios[0].untreated())
    return Request(tuple(scenarios), tuple(labels[: len(scenarios)]), *where)


def _parsed(body: bytes) -> dict[str, Any]:
    if len(body) > MOST_BYTES:
        raise InputError(f"a request has at most {MOST_BYTES:,} bytes")
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_refused)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"the request is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise InputError("the request must be a JSON object")
    return data


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number that can be used")


def _scenario(table: Any, key: str, known: Mapping[str, Partnership]) -> Scenario:
    if not isinstance(table, dict):
        raise InputError(f"'{key}' must be an object in the shape of a scenario file")
    if "extends" in table:
        raise InputError(f"'{key}': the page has its scenarios written out; 'extends' is for files")
    months = table.get("months")
    if isinstance(months, int) and months > MOST_MONTHS:
        raise InputError(f"{months:,} months are more than the {MOST_MONTHS:,} that the page shows")
    partnership = _partnership(table.get("partnership", "scottish-partnership"), known)
    scenario = Scenario.from_dict({**table, "partnership": partnership}, where=str(key))
    check_size(scenario)
    return scenario


def _partnership(name: Any, known: Mapping[str, Partnership]) -> Partnership:
    """Return a partnership by name, having made sure that it is neither a file's nor too large."""
    if not isinstance(name, str):
        raise InputError(f"'partnership' must be a name, not {name!r}")
    if name in known:
        return known[name]
    if name.split(":")[0] in GENERATED:
        wanted = parse(name)["organisations"]
        if wanted > MOST_ORGANISATIONS:
            raise InputError(
                f"{wanted:,} organisations are more than the {MOST_ORGANISATIONS:,} that the page shows"
            )
        return Partnership.load(name)
    if name in bundled():
        return Partnership.load(name)
    names = [*known, *bundled(), *GENERATED]
    raise InputError(f"there is no partnership '{name}' here{nearest(name, dict.fromkeys(names))}")
