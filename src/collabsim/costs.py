"""What a programme takes: facilitator-days by practice, and money where a day has a price.

Days are assumed, for comparing programmes and not for budgets. A scenario may give its own, from its own
experience, under ``[costs]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from collabsim.errors import Faults, InputError, nearest
from collabsim.parameters import number
from collabsim.practices import PRACTICES

MOST_DAYS = 31.0
"""Facilitator-days that one organisation can take in a month, at most."""

MOST_RATE = 1e9

DAY_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "suspending_disbelief": (
            "Agreed ways of starting, kept alive at meetings that take place anyway: half "
            "a day to prepare them and to look back."
        ),
        "shared_accountability": (
            "Shared measures and a review of promises every month: half a day of review, "
            "and a quarter to keep the measures."
        ),
        "exploring_diversity": (
            "A half-day session in which partners show each other how they see the world, "
            "and a quarter to prepare it, for it needs a safe hand."
        ),
        "building_trust": "Small joint pieces of work chosen and their results shown: half a day.",
        "courageous_leadership": "Coaching and peer groups of leaders, one to one for the most part: a day.",
        "systemic_leadership": "Coaching of leaders, and introductions that are made and followed up: a day.",
    }
)
"""Why each practice is assumed to take the days that :data:`~collabsim.practices.PRACTICES` says."""


def usual_days() -> dict[str, float]:
    """Return facilitator-days per organisation and month at full strength, by practice, as assumed."""
    return {name: practice.days for name, practice in PRACTICES.items()}


@dataclass(frozen=True)
class Costs:
    """What facilitation takes.

    Attributes
    ----------
    days
        Facilitator-days per organisation that takes part and month, at full strength, by practice.
    day_rate
        What a facilitator-day costs; None where no price was given.
    currency
        What it is counted in, such as ``"£"``; as it is to be shown before a number.
    """

    days: Mapping[str, float] = field(default_factory=usual_days)
    day_rate: float | None = None
    currency: str = ""

    @property
    def own_days(self) -> dict[str, float]:
        """The days that are not as assumed, by practice."""
        usual = usual_days()
        return {name: days for name, days in self.days.items() if days != usual[name]}

    def table(self) -> dict[str, Any]:
        """Return what :func:`read_costs` makes the same of: what is not as assumed, nothing where all is."""
        priced = {} if self.day_rate is None else {"day_rate": self.day_rate}
        return self.own_days | priced | ({"currency": self.currency} if priced and self.currency else {})


def read_costs(table: Any) -> Costs:
    """Read ``[costs]``: days by practice, ``day_rate`` and ``currency``.

    Raises
    ------
    InputError
        With every fault found.
    """
    if not isinstance(table, Mapping):
        raise InputError(f"'costs' must be a table, not {table!r}")
    faults = Faults("[costs]")
    days, rate, currency = usual_days(), None, ""
    for key, value in table.items():
        try:
            if key in PRACTICES:
                days[key] = number(value, f"the days of '{key}'", 0, MOST_DAYS)
            elif key == "day_rate":
                rate = number(value, "'day_rate'", 0, MOST_RATE)
            elif key == "currency":
                if not isinstance(value, str) or not value.strip() or len(value.strip()) > 8:
                    raise InputError(
                        f"'currency' must be a sign or a short name, such as \"£\", not {value!r}"
                    )
                currency = value.strip()
            else:
                known = [*PRACTICES, "day_rate", "currency"]
                faults.add(f"unknown key '{key}'{nearest(str(key), known)}")
        except InputError as error:
            faults.take(error)
    if currency and rate is None and "day_rate" not in table:
        faults.add("'currency' says nothing without a 'day_rate'")
    faults.settle()
    return Costs(days, rate, currency)
