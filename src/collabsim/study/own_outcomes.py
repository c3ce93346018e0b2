"""Outcomes of your own: functions over the months of a run, measured in every run of a sweep.

>>> def worst_month(monthly):
...     return monthly["trust"].min()
>>> import collabsim as cs
>>> runs = cs.sweep(cs.Plan.factorial(["building_trust"], "pair", worlds=2, months=6),
...                 outcomes={"worst_month": worst_month})
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from collabsim.errors import Faults, InputError
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.telling import function_text

OwnOutcomes = Mapping[str, Callable[[Any], Any]]
"""Name to function: it takes the months of a run, as ``cs.run(...).monthly`` has them, and gives a number."""

TAKEN = ("run", "point", "seed", "world", "month", "key", "error")
"""Names of other columns."""


def checked(outcomes: OwnOutcomes | None, factors: Any) -> dict[str, Callable[[Any], Any]]:
    """Check a sweep's own outcomes.

    Parameters
    ----------
    outcomes
        What was given.
    factors
        Names of the sweep's factors, which are columns too.

    Raises
    ------
    InputError
        With every fault found.
    """
    faults = Faults("outcomes")
    given = dict(outcomes or {})
    for name, function in given.items():
        if not isinstance(name, str) or not name.isidentifier():
            faults.add(f"an outcome is named by a word, as a variable is, not {name!r}")
        elif name in ALL_OUTCOMES or name in TAKEN or name in factors:
            faults.add(f"there is a column '{name}' already; give your outcome another name")
        elif not callable(function):
            faults.add(f"'{name}' must be a function of the months of a run, not {function!r}")
    faults.settle()
    return given


def identities(outcomes: OwnOutcomes) -> dict[str, str]:
    """Hash the text of each function and of all that it refers to: an edited one is another outcome.

    Raises
    ------
    InputError
        If the text of one cannot be read.
    """
    found = {}
    for name, function in outcomes.items():
        try:
            found[name] = hashlib.sha256(function_text(function).encode()).hexdigest()
        except (InputError, AttributeError):
            raise InputError(
                f"outcomes: the text of '{name}' cannot be read, so its values could not be told from those "
                "of another; define it as a function, in a file or a notebook cell"
            ) from None
    return found


def measure(outcomes: OwnOutcomes, monthly: Any, errors: list[str | None]) -> Any:
    """Measure runs.

    Parameters
    ----------
    outcomes
        What to measure.
    monthly
        (runs, months, outcomes) as :data:`~collabsim.outcomes.OUTCOMES`.
    errors
        For each run the error that ended it; where a function fails, its error is noted here.

    Returns
    -------
    numpy.ndarray
        (runs, own outcomes); NaN where missing.
    """
    import pandas as pd

    found = np.full((len(monthly), len(outcomes)), np.nan)
    months = np.arange(monthly.shape[1])
    for run, values in enumerate(monthly):
        if errors[run] is not None:
            continue
        frame = pd.DataFrame(values, columns=list(OUTCOMES))
        frame.insert(0, "month", months)
        for place, (name, function) in enumerate(outcomes.items()):
            try:
                value = function(frame)
                found[run, place] = np.nan if value is None or value is pd.NA else float(value)
            except Exception as error:
                errors[run] = f"outcome '{name}': {type(error).__name__}: {error}"
                found[run] = np.nan
                break
    return found
