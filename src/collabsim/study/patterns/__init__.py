"""The thirteen patterns that a credible model shows, as operational tests in one place.

Each is a :class:`~collabsim.study.patterns.records.Pattern`: what is known, who found it, in which setting
it is looked for, which statistics it takes and which thresholds they have to keep to. Thresholds were fixed
before the calibration, and the calibration looks at 4, 5, 7, 9 and 10 only; the others are held out.

>>> from collabsim.study.patterns import PATTERNS
>>> result = PATTERNS[1].evaluate({"negativity": 1.0})
>>> result.holds, result.reason
(False, 'fall over rise at T = .5 on a new tie is 1, not at least 1.1; ...')
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study.patterns.calibration import CALIBRATED, Score, score
from collabsim.study.patterns.laboratory import Laboratory
from collabsim.study.patterns.local import LOCAL
from collabsim.study.patterns.partnerships import PARTNERSHIPS
from collabsim.study.patterns.programmes import PROGRAMMES
from collabsim.study.patterns.records import WORLDS, Check, Pattern, PatternResult, judge, shown
from collabsim.study.patterns.relations import RELATIONS

__all__ = [
    "CALIBRATED",
    "PATTERNS",
    "WORLDS",
    "Check",
    "Laboratory",
    "Pattern",
    "PatternResult",
    "Score",
    "evaluate_all",
    "judge",
    "score",
    "shown",
]

PATTERNS: dict[int, Pattern] = {
    pattern.number: pattern
    for pattern in sorted(
        (*LOCAL, *RELATIONS, *PARTNERSHIPS, *PROGRAMMES), key=lambda pattern: pattern.number
    )
}
"""The patterns, by number."""


def evaluate_all(
    parameters: Mapping[str, float] | None = None,
    worlds: int = WORLDS,
    seed: int = 0,
    schedule: Schedule = SCHEDULE,
    threads: int | None = None,
    *,
    numbers: Iterable[int] = tuple(PATTERNS),
    curves: bool = False,
    progress: Callable[[Pattern], None] | None = None,
) -> dict[int, PatternResult]:
    """Test patterns at one set of parameters, sharing runs between them.

    Parameters
    ----------
    parameters, worlds, seed, schedule, threads
        As for :meth:`Pattern.evaluate`.
    numbers
        Which patterns.
    curves
        Whether to run what only figures need, too.
    progress
        Called with each pattern before it is tested.

    Returns
    -------
    dict
        Results by number.
    """
    laboratory = Laboratory(parameters or {}, seed, schedule, threads, curves)
    results = {}
    for number in numbers:
        if progress is not None:
            progress(PATTERNS[number])
        results[number] = PATTERNS[number].test(laboratory, worlds)
    return results
