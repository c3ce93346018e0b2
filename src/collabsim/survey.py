"""Surveyed trust is not true trust: each world starts from its own draw of what was meant.

Where a partnership says how far answers lie from the truth (``survey_error``, a standard deviation), the
trust that a world starts from is drawn round each answer, clipped to 0 to 1. The draw belongs to the world
and to the pair, as everything at the start does: block 1 of the pair's draws there (the lower's answer, the
higher's). So ensemble and Mesa model begin a world alike, and two scenarios are compared from the same start.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from collabsim.compiled import rule
from collabsim.draws import START, draw_four
from collabsim.dynamics import normal_within
from collabsim.partnership import Partnership

_BLOCK = 1


@rule
def meant(answers: Any, lower: Any, higher: Any, error: float, seed: int, world: int) -> None:
    """Draw what was meant by each answer, in its place.

    Parameters
    ----------
    answers
        (ties, 2) trust of the lower and of the higher end; NaN stays NaN.
    lower, higher
        (ties,) ids of the ends.
    error
        Standard deviation of answers round the truth.
    seed, world
        Which world.
    """
    for tie in range(len(answers)):
        a, b, _, _ = draw_four(seed, world, lower[tie], higher[tie], START, 0, _BLOCK)
        if answers[tie, 0] == answers[tie, 0]:
            answers[tie, 0] = normal_within(a, answers[tie, 0], error)
        if answers[tie, 1] == answers[tie, 1]:
            answers[tie, 1] = normal_within(b, answers[tie, 1], error)


def ties_in_world(partnership: Partnership, seed: int, world: int) -> Any:
    """Return the known pairs as a world starts from them.

    Parameters
    ----------
    partnership
        Whose.
    seed, world
        Which world, 0 to 2**32 - 1 each.

    Returns
    -------
    numpy.recarray
        (ties,) ``TIE_DTYPE``; the partnership's own where its survey is taken at its word.
    """
    ties = partnership.ties
    if partnership.survey_error <= 0 or not len(ties):
        return ties.view(np.recarray)
    ids = partnership.organisations["id"]
    answers = np.column_stack([ties["trust_lower"], ties["trust_higher"]])
    meant(answers, ids[ties["lower"]], ids[ties["higher"]], partnership.survey_error, seed, world)
    drawn = ties.copy()
    drawn["trust_lower"], drawn["trust_higher"] = answers.T
    drawn.setflags(write=False)  # as the partnership's own, so that the compiled month takes either
    return drawn.view(np.recarray)
