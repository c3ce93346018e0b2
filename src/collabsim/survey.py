"""Surveyed trust is not true trust: each world starts from its own draw of what was meant.

Where a partnership says how far answers lie from the truth (``survey_error``, a standard deviation), the
trust that a world starts from is drawn round each answer, clipped to 0 to 1. The draw belongs to the world
and to the pair, as everything at the start does: block 1 of the pair's draws there (the lower's answer, the
higher's). So ensemble and Mesa model begin a world alike, and two scenarios are compared from the same start.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from collabsim.arithmetic import normal_quantile
from collabsim.compiled import plain
from collabsim.draws import START, philox, uniform
from collabsim.partnership import Partnership

_BLOCK = 1


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
    drawn = ties.copy()
    ids = partnership.organisations["id"]
    words = plain(philox)(seed, world, ids[ties["lower"]], ids[ties["higher"]], START, _BLOCK)
    for name, word in (("trust_lower", words[0]), ("trust_higher", words[1])):
        for tie in np.flatnonzero(~np.isnan(ties[name])):
            away = normal_quantile(float(uniform(word[tie])))
            drawn[name][tie] = min(1.0, max(0.0, ties[name][tie] + partnership.survey_error * away))
    drawn.setflags(write=False)  # as the partnership's own, so that the compiled month takes either
    return drawn.view(np.recarray)
