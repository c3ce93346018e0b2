"""What a whole run comes to: reductions that the ensemble and the Mesa model share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from collabsim.outcomes import ALL_OUTCOMES, LAST_MONTHS, OUTCOMES, mean_between, months_to_traction
from collabsim.scenario import Scenario

ADVANTAGE = list(OUTCOMES).index("collaborative_advantage")
"""The column of the monthly outcomes in which gains are counted."""


def lasting_span(scenario: Scenario) -> tuple[int, int] | None:
    """Return the programme's last months [from, to), against which a lasting gain is held.

    Returns
    -------
    tuple of int or None
        None where there is no programme, or fewer than 12 months are left after it: nothing can last.
    """
    end = scenario.programme_end
    if end is None or end + LAST_MONTHS > scenario.months:
        return None
    return max(0, end - LAST_MONTHS), end


def means_between(values: Any, first: int, last: int) -> Any:
    """Return what :func:`~collabsim.outcomes.mean_between` gives for each of (runs, months), to the bit."""
    total, count = np.zeros(len(values)), np.zeros(len(values))
    for t in range(first, last):  # month after month, as for a single run
        there = values[:, t] == values[:, t]
        total += np.where(there, values[:, t], 0.0)
        count += there
    return np.divide(total, count, out=np.full(len(values), math.nan), where=count > 0)


def lasting_gains(treated: Any, untreated: Any, span: tuple[int, int]) -> Any:
    """Return the gain in runs' last 12 months over that in the programme's last 12.

    Parameters
    ----------
    treated, untreated
        (runs, months) collaborative advantage with the programme, and in the same worlds without it.
    span
        From :func:`lasting_span`.

    Returns
    -------
    numpy.ndarray
        (runs,), missing (NaN) where the programme had gained nothing.
    """
    then = means_between(treated, *span) - means_between(untreated, *span)
    late = (treated.shape[1] - LAST_MONTHS, treated.shape[1])
    lasting = means_between(treated, *late) - means_between(untreated, *late)
    return np.divide(lasting, then, out=np.full(len(treated), math.nan), where=then > 0)


def summarise(
    scenario: Scenario, monthly: Any, joint: Any, held: Any, possible: float, untreated: Any
) -> Any:
    """Reduce one run to its outcomes, as the compiled ensemble does.

    Parameters
    ----------
    scenario
        What was run, with the months that were run.
    monthly
        (months, monthly outcomes) every month's outcomes.
    joint, held
        (months,) joint deliveries, and meetings, of each month.
    possible
        Meetings that are possible in a month.
    untreated
        (months,) collaborative advantage of the same world without the programme, or None where
        :func:`lasting_span` is None.

    Returns
    -------
    numpy.ndarray
        (outcomes,) as :data:`~collabsim.outcomes.ALL_OUTCOMES`, missing is NaN.
    """
    months = len(monthly)
    first = max(0, months - LAST_MONTHS)
    values = {name: mean_between(monthly[:, o], first, months) for o, name in enumerate(OUTCOMES)}
    values["months_to_traction"] = months_to_traction(joint, held)
    values["months_to_traction_possible"] = months_to_traction(joint, np.full(months, possible))
    span = lasting_span(scenario)
    values["lasting_gain"] = math.nan
    if span is not None and untreated is not None:
        values["lasting_gain"] = lasting_gains(monthly[None, :, ADVANTAGE], untreated[None], span)[0]
    values["facilitator_days"] = scenario.facilitator_days
    return np.array([values[name] for name in ALL_OUTCOMES], np.float64)
