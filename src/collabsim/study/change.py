"""A change in surveyed trust: two waves of answers, and the summaries that are taken of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from collabsim.errors import InputError
from collabsim.partnership import Partnership

LEAST = 12
"""So many ties must have been answered in both waves."""

SUMMARIES = (
    "mean change", "spread of change", "slope", "spread round the slope", "low tenth", "median", "high tenth",
    "share risen", "share fallen", "change where trust was low", "change where trust was high",
    "change within sectors", "change across sectors", "spread between givers", "spread between receivers",
    "likeness of the two sides",
)  # fmt: skip
"""What is taken of a change in trust."""

HEADLINES = SUMMARIES[:3]


@dataclass(frozen=True, slots=True)
class Survey:
    """Two waves of answers.

    Attributes
    ----------
    first, second
        (ties, 2) trust of the lower and of the higher end, 0 to 1, NaN where unanswered.
    months
        How many lie between them.
    steps
        Into how many steps the scale of answers is cut; 0 if into none.
    """

    first: Any
    second: Any
    months: int
    steps: int = 0

    @property
    def both(self) -> Any:
        """Where both waves were answered, (ties, 2)."""
        return ~np.isnan(self.first) & ~np.isnan(self.second)


def first_wave(partnership: Partnership) -> Any:
    """Return (ties, 2) the trust that a partnership's file gives, of the lower and of the higher end."""
    return np.column_stack([partnership.ties["trust_lower"], partnership.ties["trust_higher"]])


def check_survey(survey: Survey) -> None:
    """Refuse a survey that says nothing of a change.

    Raises
    ------
    InputError
        In words.
    """
    both = int(survey.both.sum())
    if not (~np.isnan(survey.first)).any():
        raise InputError("the partnership has no surveyed trust; a change needs a first wave")
    if both < LEAST:
        raise InputError(
            f"{both} answers are there in both waves; a change can be read from {LEAST} at least"
        )


def summaries(survey: Survey, second: Any, partnership: Partnership) -> Any:
    """Take the summaries of a change in trust.

    Parameters
    ----------
    survey
        Whose first wave, and whose answered ties.
    second
        (ties, 2) the second wave.
    partnership
        Who answered about whom.

    Returns
    -------
    numpy.ndarray
        (summaries,), as :data:`SUMMARIES`.
    """
    both = survey.both
    before, after = survey.first[both], second[both]
    change = after - before
    ties, codes = partnership.ties, partnership.organisations["sector"]
    ends = np.stack(
        [np.column_stack([ties["lower"], ties["higher"]]), np.column_stack([ties["higher"], ties["lower"]])]
    )
    giver, receiver = ends[0][both], ends[1][both]
    same = codes[giver] == codes[receiver]
    middle = np.median(before)
    spread = float(before.var())
    slope = float(np.cov(before, after, bias=True)[0, 1] / spread) if spread > 1e-12 else 0.0
    rest = after - after.mean() - slope * (before - before.mean())
    mutual = both.all(axis=1)
    return np.array([
        change.mean(), change.std(), slope, rest.std(), *np.quantile(after, (0.1, 0.5, 0.9)),
        (change > 0.1).mean(), (change < -0.1).mean(), _mean(change[before <= middle]),
        _mean(change[before >= middle]),
        _mean(change[same]), _mean(change[~same]), _between(rest, giver), _between(rest, receiver),
        _likeness(second[mutual]),
    ])  # fmt: skip


def _mean(values: Any) -> float:
    return float(values.mean()) if len(values) else 0.0


def _between(values: Any, groups: Any) -> float:
    """Return the standard deviation of the groups' means."""
    count = np.bincount(groups)
    means = np.bincount(groups, values)[count > 0] / count[count > 0]
    return float(means.std())


def _likeness(pairs: Any) -> float:
    """Return 1 less the mean difference of the two sides; 1 where no pair has both."""
    return float(1 - np.abs(pairs[:, 0] - pairs[:, 1]).mean()) if len(pairs) else 1.0
