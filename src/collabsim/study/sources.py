"""What a manifest keeps of scenarios and partnerships that are files of the user's own.

With it a plan is made again from the manifest alone, on a machine that has none of these files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from collabsim.errors import InputError
from collabsim.partnership import Partnership
from collabsim.partnership_tables import FIELDS
from collabsim.scenario import Scenario
from collabsim.sectors import SECTORS
from collabsim.state import GIVEN
from collabsim.study.plan import Plan
from collabsim.study.provenance import scenario_identity, scenario_record

MOST = 5000
"""The most organisations, and hundredfold the most ties, of a partnership that a manifest holds in full."""


def sources_of(plan: Plan) -> dict[str, Any]:
    """Return what is needed, besides the plan's own record, to make the plan again.

    Returns
    -------
    dict
        ``partnership``: that of the base scenario, in the shape of its file; ``levels``: for each level that
        names a scenario or a partnership, what it named. Null where the name alone leads there.
    """
    levels: dict[str, Any] = {}
    for name in plan.named_levels("scenario"):
        made = plan._load("scenario", name)
        levels[f"scenario={name}"] = {
            "record": scenario_record(made), "partnership": _partnership_source(made.partnership),
        }  # fmt: skip
    for name in plan.named_levels("partnership"):
        levels[f"partnership={name}"] = {"partnership": _partnership_source(plan._load("partnership", name))}
    return {"partnership": _partnership_source(plan.base.partnership), "levels": levels}


def _partnership_source(partnership: Partnership) -> dict[str, Any]:
    """Return the name, the identity, and unless the name leads to the partnership what it consists of."""
    source: dict[str, Any] = {"name": partnership.name, "identity": partnership.identity(), "content": None}
    try:
        source["named"] = Partnership.load(partnership.name).identity() == partnership.identity()
    except InputError:
        source["named"] = False
    if source["named"] or len(partnership) > MOST or len(partnership.ties) > 100 * MOST:
        return source
    content = partnership_record(partnership)
    try:
        if Partnership.from_dict(content).identity() == partnership.identity():
            source["content"] = content
    except InputError:
        pass  # one made by hand in a way that no file can say; verify says so
    return source


def partnership_record(partnership: Partnership) -> dict[str, Any]:
    """Return a partnership in the shape that :meth:`Partnership.from_dict` reads."""
    record: dict[str, Any] = {"name": partnership.name, "title": partnership.title}
    if partnership.description:
        record["description"] = partnership.description
    own = [sector for sector in partnership.sectors if SECTORS.get(sector.name) != sector]
    if own:
        record["sector"] = [
            {"name": one.name, "title": one.title, "perspective": list(one.perspective),
             "mandate": one.mandate, "statutory": one.statutory} for one in own
        ]  # fmt: skip
    record["organisation"] = [
        _organisation(partnership, row) for row in range(len(partnership))
    ]
    if len(partnership.ties):
        record["tie"] = [_tie(partnership, tie) for tie in partnership.ties]
    return record


def _organisation(partnership: Partnership, row: int) -> dict[str, Any]:
    one = partnership.organisations[row]
    found: dict[str, Any] = {
        "name": partnership.names[row], "sector": partnership.sectors[one["sector"]].name,
        "size": float(one["size"]),
    }  # fmt: skip
    words = {field: name for name, field in FIELDS.items()}
    for field in GIVEN:
        if np.isfinite(one[field]) and not field.startswith("perspective"):
            found[words.get(field, field)] = float(one[field])
    if np.isfinite(one["perspective_x"]):
        found["perspective"] = [float(one["perspective_x"]), float(one["perspective_y"])]
    return found


def _tie(partnership: Partnership, tie: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"between": [partnership.names[int(tie[end])] for end in ("lower", "higher")]}
    if np.isfinite(tie["contact"]):
        found["contact"] = float(tie["contact"])
    if np.isfinite(tie["trust_lower"]):
        found["trust"] = [float(tie["trust_lower"]), float(tie["trust_higher"])]
    return found


def plan_again(manifest: Mapping[str, Any]) -> Plan:
    """Make the plan of a sweep from its manifest alone.

    Parameters
    ----------
    manifest
        As a finished sweep has it.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If something is lacking, saying what.
    """
    sources, record = manifest["sources"], dict(manifest["plan"])
    known: dict[tuple[str, str], Any] = {}
    for level, source in sources["levels"].items():
        kind, _, name = level.partition("=")
        partnership = _partnership_again(source["partnership"])
        known[kind, name] = (
            partnership if kind == "partnership" else _scenario_again(source["record"], partnership)
        )

    class Again(Plan):
        """A plan whose levels name what they named then, wherever the files may be now."""

        def _load(self, kind: str, name: str) -> Any:
            return known[kind, name] if (kind, name) in known else super()._load(kind, name)

    base = _partnership_again(sources["partnership"])
    if isinstance(record["scenario"], Mapping):
        record["scenario"] = _scenario_again(record["scenario"], base)
    plan = Again.from_dict(record, where="the plan in the manifest")
    if scenario_identity(plan.base) != manifest["scenario_identity"]:
        raise InputError(
            f"the scenario '{plan.base.name}' is not what it was when the sweep was made: a default, a "
            "practice or a bundled partnership has changed since; use the version of collabsim that the "
            "manifest names"
        )
    return plan


def _partnership_again(source: Mapping[str, Any]) -> Partnership:
    name = source["name"]
    if source["content"] is not None:
        return Partnership.from_dict(source["content"], where=f"the partnership '{name}' in the manifest")
    try:
        found = Partnership.load(name)
    except InputError:
        raise InputError(
            f"the partnership '{name}' is lacking: the manifest does not hold it, and nothing here has "
            "this name"
        ) from None
    if found.identity() != source["identity"]:
        raise InputError(f"the partnership '{name}' here is not the one that the sweep was made with")
    return found


def _scenario_again(record: Mapping[str, Any], partnership: Partnership) -> Scenario:
    return Scenario.from_dict({**record, "partnership": partnership}, where="the scenario in the manifest")


__all__ = ["partnership_record", "plan_again", "sources_of"]
