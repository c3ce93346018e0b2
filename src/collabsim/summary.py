"""What a whole run comes to: reductions that the ensemble and the Mesa model share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from collabsim.compiled import plain
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


def lasting_gain(treated: Any, untreated: Any, span: tuple[int, int]) -> float:
    """Return the gain in a run's last 12 months over that in the programme's last 12.

    Parameters
    ----------
    treated, untreated
        (months,) collaborative advantage with the programme, and in the same world without it.
    span
        From :func:`lasting_span`.

    Returns
    -------
    float
        Missing (NaN) where the programme had gained nothing.
    """
    then = mean_between(treated, *span) - mean_between(untreated, *span)
    late = (len(treated) - LAST_MONTHS, len(treated))
    lasting = mean_between(treated, *late) - mean_between(untreated, *late)
    return lasting / then if then > 0 else math.nan


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
    # As plain Python: the same bits, without compiling anything for a single run.
    mean, traction = plain(mean_between), plain(months_to_traction)
    values = {name: mean(monthly[:, o], first, months) for o, name in enumerate(OUTCOMES)}
    values["months_to_traction"] = traction(joint, held)
    values["months_to_traction_possible"] = traction(joint, np.full(months, possible))
    span = lasting_span(scenario)
    values["lasting_gain"] = math.nan
    if span is not None and untreated is not None:
        treated = np.ascontiguousarray(monthly[:, ADVANTAGE])
        values["lasting_gain"] = lasting_gain(treated, untreated, span)
    values["facilitator_days"] = scenario.facilitator_days
    return np.array([values[name] for name in ALL_OUTCOMES], np.float64)
