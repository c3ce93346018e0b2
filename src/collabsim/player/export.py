"""A file that plays by itself: the page, the trajectories of some scenarios, and nothing else needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from collabsim.errors import InputError
from collabsim.partnership import Partnership
from collabsim.player.catalogue import catalogue
from collabsim.player.page import single_file
from collabsim.player.trajectory import trajectory
from collabsim.player.worlds import worlds
from collabsim.scenario import Scenario

LABELS = ("With the programme", "Without it")


def exported(
    scenarios: Sequence[Scenario],
    *,
    compare: Scenario | None = None,
    labels: Sequence[str] = LABELS,
    seed: int = 0,
    world: int = 0,
    luck: int = 0,
    told: Sequence[Mapping[str, Any]] = (),
    partnerships: Mapping[str, Partnership] | None = None,
) -> str:
    """Return one HTML file in which scenarios can be chosen and played.

    Parameters
    ----------
    scenarios
        What can be chosen, the first being shown first; each beside itself without its programme.
    compare
        What the first stands beside, in place of that.
    labels
        What the two of them are called.
    seed, world, luck
        In which world.
    told
        Lessons to put in as well, as :func:`collabsim.lessons.tell` gives them; each in its own world.
    partnerships
        Those of the lessons that are not bundled, by the name under which a lesson speaks of them.

    Raises
    ------
    InputError
        If two scenarios, or a scenario and a lesson, have one name, or there is more than a page can show.
    """
    offered = {scenario.name: scenario for scenario in scenarios}
    if len(offered) < len(scenarios):
        names = [scenario.name for scenario in scenarios]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InputError(*(f"there are several scenarios called '{name}'; name them apart" for name in twice))
    both = [lesson["id"] for lesson in told if lesson["id"] in offered]
    if both:
        said = "a scenario and a lesson are both called '{}'; name them apart"
        raise InputError(*(said.format(name) for name in both))
    where = {"seed": seed, "world": world, "luck": luck}
    stored: list[dict[str, Any]] = []
    for name, scenario in offered.items():
        first = not stored
        beside = compare if compare is not None and first else scenario.untreated()
        stored.append(_stored(name, (scenario, beside), labels if first else LABELS, where))
    stored += [_lesson(lesson, partnerships or {}) for lesson in told]
    return _file(offered, stored, told)


def exported_comparison(
    held_against: Scenario, others: Sequence[Scenario], labels: Sequence[str], *, seed: int = 0
) -> str:
    """Return one HTML file in which each of several scenarios plays beside the one they are held against.

    Parameters
    ----------
    held_against
        What stands beside each.
    others
        What can be chosen, the first being shown first; their names may be alike.
    labels
        What they are called, the one held against first.
    seed
        Whose world 0 is shown.

    Raises
    ------
    InputError
        If their partnerships or months differ, or there is more than a page can show.
    """
    where = {"seed": seed, "world": 0, "luck": 0}
    offered, stored = {}, []
    for place, (scenario, label) in enumerate(zip(others, labels[1:], strict=True), 1):
        name = f"{place}-{scenario.name}"
        offered[name] = replace(scenario, name=name, title=label)
        stored.append(_stored(name, (offered[name], held_against), (label, labels[0]), where))
    return _file(offered, stored)


def _stored(
    name: str, sides: Sequence[Scenario], labels: Sequence[str], where: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "name": name,
        "trajectory": trajectory(sides, labels, **where),
        "worlds": worlds(sides, **where),
    }


def _file(
    offered: Mapping[str, Scenario], stored: Sequence[Any], told: Sequence[Mapping[str, Any]] = ()
) -> str:
    return single_file(
        {
            "kind": "file",
            "start": next(iter(offered)),
            "catalogue": catalogue(offered),
            "stored": list(stored),
            "lessons": list(told),
        }
    )


def _lesson(lesson: Mapping[str, Any], partnerships: Mapping[str, Partnership]) -> dict[str, Any]:
    def made(table: Mapping[str, Any]) -> Scenario:
        who = table.get("partnership", "scottish-partnership")
        return Scenario.from_dict({**table, "partnership": partnerships.get(who, who)}, where=lesson["id"])

    one, other = made(lesson["scenario"]), lesson["compare"]
    sides = (one, one.untreated() if other is None else made(other))
    where = {"seed": lesson["seed"], "world": lesson["world"]}
    return _stored(lesson["id"], sides, lesson["labels"], where)
