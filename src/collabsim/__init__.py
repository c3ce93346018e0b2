"""collabsim: organisations learning to collaborate, as an agent-based simulation.

>>> import collabsim as cs
>>> result = cs.run("pair", building_trust=1.0, months=24, seed=1)
>>> len(result.monthly)
24

Names are loaded when they are first used, so that importing the package is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collabsim.errors import CollabsimError, InputError
    from collabsim.event_log import events
    from collabsim.model import CollaborationModel
    from collabsim.organisation import OrganisationAgent
    from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES, RUN_OUTCOMES, Outcome
    from collabsim.parameters import LEVERS, PARAMETERS, Lever, Parameter
    from collabsim.partnership import Partnership
    from collabsim.practices import PRACTICES, SHOCKS, Practice, Shock
    from collabsim.report.compare.comparing import Compared, compare
    from collabsim.scenario import PROGRAMMES, Entry, Programme, Scenario
    from collabsim.schedule import SCHEDULE, Schedule
    from collabsim.single_run import Result, evaluate, run
    from collabsim.study.plan import Plan
    from collabsim.study.sweep import sweep

__version__ = "0.1.0"

_HOMES = {
    "errors": ("CollabsimError", "InputError"),
    "parameters": ("LEVERS", "PARAMETERS", "Lever", "Parameter"),
    "practices": ("PRACTICES", "SHOCKS", "Practice", "Shock"),
    "partnership": ("Partnership",),
    "scenario": ("PROGRAMMES", "Entry", "Programme", "Scenario"),
    "schedule": ("SCHEDULE", "Schedule"),
    "outcomes": ("ALL_OUTCOMES", "OUTCOMES", "RUN_OUTCOMES", "Outcome"),
    "single_run": ("Result", "evaluate", "run"),
    "event_log": ("events",),
    "model": ("CollaborationModel",),
    "organisation": ("OrganisationAgent",),
    "study.plan": ("Plan",),
    "study.sweep": ("sweep",),
    "report.compare.comparing": ("Compared", "compare"),
}

__all__ = [
    "ALL_OUTCOMES",
    "LEVERS",
    "OUTCOMES",
    "PARAMETERS",
    "PRACTICES",
    "PROGRAMMES",
    "RUN_OUTCOMES",
    "SCHEDULE",
    "SHOCKS",
    "CollaborationModel",
    "CollabsimError",
    "Compared",
    "Entry",
    "InputError",
    "Lever",
    "OrganisationAgent",
    "Outcome",
    "Parameter",
    "Partnership",
    "Plan",
    "Practice",
    "Programme",
    "Result",
    "Scenario",
    "Schedule",
    "Shock",
    "compare",
    "evaluate",
    "events",
    "run",
    "sweep",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load a public name from its home when it is first used."""
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(importlib.import_module(f"collabsim.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'collabsim' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*globals(), *__all__])
