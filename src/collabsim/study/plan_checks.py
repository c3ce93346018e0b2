"""What a plan is given, checked as a whole and brought into one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from collabsim.draws import MONTHS_LIMIT, SEED_LIMIT, WORLD_LIMIT
from collabsim.errors import Faults, InputError
from collabsim.parameters import PARAMETERS, whole
from collabsim.partnership import Partnership
from collabsim.practices import Mover
from collabsim.scenario import Scenario
from collabsim.study.designs import lay_out


def on_and_off(factors: Mapping[str, Any] | Iterable[str]) -> dict[str, Any]:
    """Give practices that are only named the levels 0 and 1."""
    if isinstance(factors, str):
        factors = [factors]
    if isinstance(factors, Mapping):
        return {name: (0, 1) if isinstance(levels, Mover) else levels for name, levels in factors.items()}
    faults, given = Faults(), dict[str, Any]()
    for name in factors:
        if isinstance(name, str) and name in PARAMETERS:
            faults.add(f"'{name}' has no levels of its own; give them: {{'{name}': [low, high]}}")
        given[name] = (0, 1)
    faults.settle()
    return given


def checked_fields(given: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    """Check the fields of a plan, noting every fault, and return them in one form."""
    checked: dict[str, Any] = {}
    limits = {"seed": (0, SEED_LIMIT), "worlds": (1, WORLD_LIMIT), "months": (1, MONTHS_LIMIT)}
    for name, (low, high) in limits.items():
        if name == "months" and given[name] is None:
            continue
        try:
            checked[name] = whole(given[name], f"'{name}'", low, high)
        except InputError as error:
            faults.take(error)
    try:
        checked["scenario"] = _scenario(given["scenario"], given.get("_folder"))
    except InputError as error:
        for fault in error.faults:
            faults.add(f"'scenario': {fault}")
    factors = {"building_trust": [0, 1]} if given["factors"] is None and faults.found else given["factors"]
    design = lay_out(
        given["design"], factors, given["size"], given["resolution"], checked.get("seed", 0), faults=faults
    )
    if design is not None:
        checked |= {
            "laid_out": design, "design": design.name, "factors": design.factors, "size": design.points,
            "resolution": design.resolution,
        }  # fmt: skip
    return checked


def _scenario(given: Any, folder: Path | None) -> str | Scenario:
    """Load what a plan names as its scenario; what is bundled stays a name, for the record."""
    if isinstance(given, Mapping):
        return Scenario.from_dict(given, where="table", folder=folder)
    if isinstance(given, Scenario | Partnership):
        return Scenario.load(given)
    local = folder / str(given) if folder is not None and isinstance(given, str | Path) else None
    found = Scenario.load(local if local is not None and local.exists() else given)
    if isinstance(given, str) and found.name == given:
        return given
    return found
