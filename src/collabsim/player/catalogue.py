"""What the page knows before anything is run: practices, outcomes, programmes, scenarios, lessons, limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib import resources
from typing import Any

import collabsim
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.parameters import PARAMETERS
from collabsim.player.trajectory import MOST_MONTHS, MOST_ORGANISATIONS, scenario_table
from collabsim.practices import PRACTICES, SHOCKS
from collabsim.programmes import PROGRAMMES
from collabsim.scenario import Scenario, bundled_scenarios


def limits() -> str:
    """Return in a few sentences what the model can and cannot support (those of docs/limits.md)."""
    text = (resources.files("collabsim") / "data" / "limits.txt").read_text(encoding="utf-8")
    return " ".join(text.split())


def catalogue(scenarios: Mapping[str, Scenario]) -> dict[str, Any]:
    """Describe what the page offers.

    Parameters
    ----------
    scenarios
        The named scenarios that can be chosen, by name.
    """
    return {
        "version": collabsim.__version__,
        "practices": [_mover(practice) for practice in PRACTICES.values()],
        "shocks": [_mover(shock) for shock in SHOCKS.values()],
        "outcomes": [_outcome(name) for name in OUTCOMES],
        "run_outcomes": [_outcome(name) for name in ALL_OUTCOMES if name not in OUTCOMES],
        "programmes": [
            {"name": one.name, "title": one.title, "stages": [list(stage) for stage in one.stages]}
            for one in PROGRAMMES.values()
        ],
        "parameters": [
            {"name": one.name, "low": one.low, "high": one.high, "default": one.default,
             "meaning": one.meaning}
            for one in PARAMETERS.values()
        ],
        "scenarios": [
            {"name": name, "table": {**scenario_table(one), "name": name}} for name, one in scenarios.items()
        ],
        "limits": limits(),
        "bounds": {"organisations": MOST_ORGANISATIONS, "months": MOST_MONTHS},
    }  # fmt: skip


def named_scenarios() -> dict[str, Scenario]:
    """Return the scenarios that the page offers: the bundled ones, then partnerships with a programme."""
    found = {name: Scenario.load(name) for name in ("full-programme", *bundled_scenarios())}
    for name in ("pair", "rural-lead-agency", "city"):
        scenario = Scenario.load(name)
        found[name] = scenario.with_settings(programme="all-six")
    return found


def _mover(mover: Any) -> dict[str, Any]:
    return {"name": mover.name, "title": mover.title, "sentence": mover.sentence,
            "evidence": mover.evidence, "days": mover.days}  # fmt: skip


def _outcome(name: str) -> dict[str, Any]:
    outcome = ALL_OUTCOMES[name]
    bounds = {end: value if math.isfinite(value) else None
              for end, value in (("low", outcome.low), ("high", outcome.high))}  # fmt: skip
    return {"name": name, "title": outcome.title, "unit": outcome.unit, "better": outcome.better,
            "over": outcome.over, "meaning": outcome.meaning, **bounds}  # fmt: skip


