"""Runs of the scenarios compared, in the same worlds: what is kept of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import Any

import numpy as np

from collabsim.ensemble import Ensemble
from collabsim.errors import InputError, nearest
from collabsim.outcomes import ALL_OUTCOMES, LAST_MONTHS, OUTCOMES, RUN_OUTCOMES
from collabsim.scenario import Scenario
from collabsim.study.compare.options import Options
from collabsim.study.paired import OUTCOME, interval

WORLDS = 500
"""Worlds of a comparison that does not say."""

FIRST_WORLDS = 100
"""Worlds that a comparison to a given precision starts with."""

MOST_WORLDS = 20_000
"""Worlds beyond which a comparison gives up on its precision, and says so."""

SECTOR_WORLDS = 200
"""Worlds, at most, in which every organisation is followed."""

PICTURED = ("trust", "promises_kept", "inertia")
"""Outcomes followed month by month beside the one that the comparison is about."""

PIECE = 1024
"""Runs whose months are held in memory at a time, all their outcomes with them."""

TRACTION = list(ALL_OUTCOMES).index("months_to_traction")


@dataclass(frozen=True)
class Runs:
    """What is kept of the runs; world w is the same world under every scenario.

    Attributes
    ----------
    options
        The scenarios.
    outcome
        The monthly outcome that the comparison is about.
    seed
        Whose worlds: 0, 1, 2 and on.
    ends
        (scenarios, worlds, monthly outcomes) means of the last 12 months, missing is NaN.
    traction
        (scenarios, worlds) months to traction, NaN where it never came.
    followed
        The outcomes followed month by month, ``outcome`` first.
    monthly
        (scenarios, worlds, months, followed).
    untreated
        (scenarios, worlds, months) ``outcome`` in the same world without the scenario's programme.
    benefit
        (scenarios, fewer worlds, organisations) net benefit of each in the last 12 months, as a share of
        what was possible per organisation: its mean over organisations is collaborative advantage.
    precision
        What was asked for as half the width of the widest interval, None where worlds were.
    """

    options: Options
    outcome: str
    seed: int
    ends: Any
    traction: Any
    followed: tuple[str, ...]
    monthly: Any
    untreated: Any
    benefit: Any
    precision: float | None = None

    @property
    def worlds(self) -> int:
        """How many worlds."""
        return int(self.ends.shape[1])

    def end(self, outcome: str) -> Any:
        """Return (scenarios, worlds) means of the last 12 months."""
        return self.ends[:, :, list(OUTCOMES).index(outcome)]

    def reached(self) -> float:
        """Return half the width of the widest interval of a difference in ``outcome``."""
        values = self.end(self.outcome)
        widths = [0.0]
        for one, other in self.options.pairs:
            gap = values[one] - values[other]
            gap = gap[np.isfinite(gap)]
            if len(gap):
                found = interval(gap)
                widths.append((found.high - found.low) / 2.0)
        return max(widths)


def check_outcome(name: str) -> str:
    """Return the name of a monthly outcome.

    Raises
    ------
    InputError
        With the nearest right spelling.
    """
    if name in RUN_OUTCOMES:
        raise InputError(
            f"'{name}' is one number a run, and a comparison follows an outcome month by month; it is in the "
            f"report all the same, so choose one of {', '.join(OUTCOMES)}"
        )
    if name not in OUTCOMES:
        raise InputError(f"there is no outcome '{name}'{nearest(name, OUTCOMES)}")
    return name


def runs_of(
    options: Options,
    worlds: int | None = None,
    *,
    outcome: str = OUTCOME,
    precision: float | None = None,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Runs:
    """Run the scenarios in the same worlds.

    Parameters
    ----------
    options
        The scenarios.
    worlds
        How many; with ``precision``, the most there may be.
    outcome
        What the comparison is about: a monthly outcome.
    precision
        Half the width of a 95% interval, in units of the outcome: worlds are added until every difference
        is known this well.
    seed
        Whose worlds.
    progress
        Called with the number of runs just done.

    Raises
    ------
    RuntimeError
        If a run fails.
    """
    followed = (check_outcome(outcome), *(name for name in PICTURED if name != outcome))
    players = _Players(options, followed)
    if precision is None:
        parts = [players.play(seed, 0, worlds or WORLDS, progress)]
        found = _whole(options, outcome, seed, followed, parts, None)
    else:
        most = worlds or MOST_WORLDS
        parts = [players.play(seed, 0, min(FIRST_WORLDS, most), progress)]
        while True:
            found = _whole(options, outcome, seed, followed, parts, precision)
            reached, count = found.reached(), found.worlds
            if reached <= precision or count >= most:
                break
            wanted = most
            if math.isfinite(reached):
                wanted = min(most, max(count + 1, math.ceil(1.1 * count * (reached / precision) ** 2)))
            parts.append(players.play(seed, count, wanted, progress))
    benefit = players.benefits(seed, min(SECTOR_WORLDS, found.worlds))
    return Runs(**(vars(found) | {"benefit": benefit}))


@dataclass(frozen=True)
class _Part:
    """Some worlds under every scenario, as :class:`Runs` has them."""

    ends: Any
    traction: Any
    monthly: Any
    untreated: Any


def _whole(
    options: Options, outcome: str, seed: int, followed: tuple[str, ...], parts: Sequence[_Part],
    precision: float | None,
) -> Runs:  # fmt: skip
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts], axis=1)
        for name in ("ends", "traction", "monthly", "untreated")
    }
    return Runs(options, outcome, seed, followed=followed, benefit=None, precision=precision, **joined)


class _Players:
    """The scenarios, and beside each the same without its programme, ready to run."""

    def __init__(self, options: Options, followed: tuple[str, ...]) -> None:
        self.options = options
        self.columns = [list(OUTCOMES).index(name) for name in followed]
        self.ensembles: list[tuple[Ensemble, list[int], list[int]]] = []
        groups: dict[int, list[int]] = {}
        for place, scenario in enumerate(options.scenarios):
            groups.setdefault(id(scenario.partnership), []).append(place)
        for places in groups.values():
            played: list[Scenario] = [options.scenarios[place] for place in places]
            known = [scenario.compile().identity for scenario in played]
            twins = []
            for scenario in list(played):
                twin = scenario.untreated().compile().identity
                if twin not in known:
                    known.append(twin)
                    played.append(scenario.untreated())
                twins.append(known.index(twin))
            self.ensembles.append((Ensemble(played), places, twins))

    def play(self, seed: int, first: int, last: int, progress: Any) -> _Part:
        """Run worlds [first, last) under every scenario."""
        count, months, worlds = len(self.options), self.options.months, last - first
        part = _Part(
            np.full((count, worlds, len(OUTCOMES)), np.nan),
            np.full((count, worlds), np.nan),
            np.full((count, worlds, months, len(self.columns)), np.nan),
            np.full((count, worlds, months), np.nan),
        )
        step = max(1, PIECE // max(ensemble.count for ensemble, _, _ in self.ensembles))
        for begin in range(first, last, step):
            here = slice(begin - first, min(begin + step, last) - first)
            for ensemble, places, twins in self.ensembles:
                self._piece(part, ensemble, places, twins, seed, first, here, progress)
        return part

    def _piece(
        self, part: _Part, ensemble: Ensemble, places: list[int], twins: list[int], seed: int, first: int,
        here: slice, progress: Any,
    ) -> None:  # fmt: skip
        worlds = range(first + here.start, first + here.stop)
        jobs = np.array([(seed, w, 0, k) for k in range(ensemble.count) for w in worlds], np.int64)
        batch = ensemble.run(jobs, monthly=True, progress=progress)
        for job, error in zip(jobs.tolist(), batch.errors, strict=True):
            if error is not None:
                raise RuntimeError(f"world {job[1]} of scenario {job[3]} failed: {error}")
        shape = (ensemble.count, len(worlds))
        summary = batch.summary.reshape(*shape, -1)
        monthly = batch.monthly.reshape(*shape, ensemble.months, -1)
        for k, place in enumerate(places):
            part.ends[place, here] = summary[k, :, : len(OUTCOMES)]
            part.traction[place, here] = summary[k, :, TRACTION]
            part.monthly[place, here] = monthly[k][:, :, self.columns]
            part.untreated[place, here] = monthly[twins[k]][:, :, self.columns[0]]

    def benefits(self, seed: int, worlds: int) -> Any:
        """Follow every organisation in worlds [0, worlds)."""
        n = len(self.options.scenarios[0].partnership)
        found = np.full((len(self.options), worlds, n), np.nan)

        def follow(ensemble: Ensemble, setting: int, place: int, world: int) -> None:
            found[place, world] = benefit_of(ensemble, seed, world, setting)

        with ThreadPoolExecutor(cpu_count() or 1) as pool:
            waiting = [
                pool.submit(follow, ensemble, setting, place, world)
                for ensemble, places, _ in self.ensembles
                for setting, place in enumerate(places)
                for world in range(worlds)
            ]
            for done in waiting:
                done.result()
        return found


def benefit_of(ensemble: Ensemble, seed: int, world: int, setting: int = 0) -> Any:
    """Return each organisation's mean net benefit of the last 12 months.

    Returns
    -------
    numpy.ndarray
        (organisations,) as a share of what was possible per organisation, NaN where nothing was.
    """
    n = len(ensemble.partnership)
    total, months = np.zeros(n), 0
    for played, (_, month) in enumerate(ensemble.months_of(seed, world, 0, setting)):
        potential = float(month.tally[0].potential)
        if played > ensemble.months - LAST_MONTHS and potential > 0:
            total += month.flow["net"] * (n / potential)
            months += 1
    return total / months if months else np.full(n, np.nan)
