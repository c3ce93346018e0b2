"""Patterns of many ties (3, 4 and 11): told tie by tie, from worlds played month by month."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from collabsim.partnership import Partnership
from collabsim.practices import PRACTICES
from collabsim.programmes import Entry
from collabsim.scenario import Scenario
from collabsim.study.patterns.laboratory import MONTHS, OUTCOME, Laboratory, Walk
from collabsim.study.patterns.records import Check, Curve, Found, Pattern, curve, found
from collabsim.study.patterns.statistics import correlation_of, jackknife, mean, moments

SWIFT_MONTHS = 12
UNSAFE = 0.4
"""A low disposition to trust, here and for small wins."""

LINE = 24
BINS = 10
LATE = 12


def swift(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 3."""
    scenario = laboratory.scenario(
        months=SWIFT_MONTHS,
        programme=(Entry("suspending_disbelief", 0, SWIFT_MONTHS),),
        pledge=0.0,
        start_accountability=0.0,
        start_accountability_spread=0.0,
    )

    def tell(walk: Walk, world: int) -> Any:
        rows = np.empty((SWIFT_MONTHS, 2))
        for month in range(SWIFT_MONTHS):
            walk.play()
            as_if = np.ascontiguousarray(walk.month.as_if_trust[:, : walk.known].T)
            rows[month] = as_if.mean(), as_if.std()
        return rows

    told = np.array(laboratory.walk(scenario, worlds, tell))
    months = np.arange(1, SWIFT_MONTHS + 1)
    return found(
        {"mean": curve(months, told[:, :, 0].mean(0)), "spread": curve(months, told[:, :, 1].mean(0))},
        decay=mean(told[:, 0, 0] - told[:, -1, 0]),
        spread_growth=mean(told[:, -1, 1] - told[:, 0, 1]),
    )


def opened_at_unlike_times(walk: Walk, seed: int, world: int) -> tuple[Any, Any, Any]:
    """Play a world whose ties open one by one, and return age, trust and who still meets, by directed tie."""
    luck = np.random.Generator(np.random.Philox(key=np.array([seed, world], np.uint64)))
    known = walk.known
    opens = luck.integers(0, MONTHS, known)
    contact = walk.state.pair.contact[:known].copy()
    walk.state.pair.contact[:known] = 0.0  # nobody meets without contact, and nothing else happens to the tie
    last_met = np.full(known, -1)
    for month in range(MONTHS):
        open_now = np.flatnonzero(opens == month)
        walk.state.pair.contact[open_now] = contact[open_now]
        walk.play()
        last_met[walk.met[walk.met < known]] = month
    age = np.repeat(MONTHS - opens, 2).astype(np.float64)
    return age, walk.month.trust[:, :known].T.ravel(), np.repeat(last_met >= MONTHS - LATE, 2)


def ages(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 4."""

    def tell(walk: Walk, world: int) -> Any:
        age, trust, meets = opened_at_unlike_times(walk, laboratory.seed, world)
        own = float(correlation_of(moments(age, trust), 1))
        edges = np.arange(0, MONTHS + 1, 6)
        count, _ = np.histogram(age, edges + 0.5)
        total, _ = np.histogram(age, edges + 0.5, weights=trust)
        still = moments(age[meets], trust[meets]) if meets.any() else np.full(5, np.nan)
        active = float(meets.mean())
        return np.concatenate([moments(age, trust), [own], still * active, [active], count, total])

    told = np.array(laboratory.walk(laboratory.scenario(), worlds, tell))
    by_age = told[:, 12:].sum(0).reshape(2, -1)
    middle = np.arange(0, MONTHS, 6) + 3.5
    return found(
        {"mean trust": curve(middle, by_age[1] / np.maximum(by_age[0], 1))},
        age_and_trust=jackknife(told[:, :5], correlation_of),
        age_and_trust_within=mean(told[:, 5]),
        age_and_trust_of_those_who_meet=jackknife(
            told[:, 6:12], lambda means, n: correlation_of(means[..., :5] / means[..., 5:], n)
        ),
    )


@cache
def along_a_line() -> Scenario:
    """Return a partnership (a constant) whose organisations differ in perspective and in nothing else.

    They stand along a line from one corner of the space of perspectives to the other, each in a sector of
    its own, so that distances run from 0 to 1 and no tie is favoured.
    """
    names = [f"organisation {k + 1}" for k in range(LINE)]
    places = [[k / (LINE - 1)] * 2 for k in range(LINE)]
    return Scenario.load(
        Partnership.from_dict(
            {
                "name": "along-a-line",
                "sector": [
                    {"name": f"sector {k + 1}", "perspective": places[k], "mandate": 0.5} for k in range(LINE)
                ],
                "organisation": [
                    {"name": name, "sector": f"sector {k + 1}", "perspective": places[k], "mandate": 0.5}
                    for k, name in enumerate(names)
                ],
                "ties": "all",
            }
        )
    )


def value_by_distance(laboratory: Laboratory, worlds: int, **settings: Any) -> Any:
    """Return (worlds, bins) late advantage of a tie, by how far its ends see things apart."""
    scenario = laboratory.scenario(along_a_line(), **settings)
    possible = laboratory.parameter("stake_size") * laboratory.parameter("meeting_rate") * LATE

    def tell(walk: Walk, world: int) -> Any:
        walk.play(MONTHS - LATE)
        value = np.zeros(walk.known)
        for _ in range(LATE):
            walk.play()
            known = walk.met < walk.known
            value[walk.met[known]] += walk.month.act.net[:, : len(known)].sum(axis=0)[known]
        distance = walk.state.pair.distance[: walk.known]
        place = np.minimum((distance * BINS).astype(np.int64), BINS - 1)
        return np.bincount(place, value, BINS) / np.bincount(place, minlength=BINS) / max(possible, 1e-12)

    return np.array(laboratory.walk(scenario, worlds, tell))


MIDDLES = (np.arange(BINS) + 0.5) / BINS
GRID = np.linspace(0.0, 1.0, 401)
SMOOTH = np.vander(GRID, 4) @ np.linalg.pinv(np.vander(MIDDLES, 4))
"""(grid, bins): the cubic through the means of the bins, by least squares."""


def peak(means: Any, worlds: int) -> Any:
    """Return the distance at which the smoothed means, (..., bins), are highest.

    The parabola through the best point of the grid and its neighbours finds it between points: a jackknife
    moves it by less than the grid is wide.
    """
    smooth = means @ SMOOTH.T
    best = np.argmax(smooth, axis=-1)
    inside = (best > 0) & (best < len(GRID) - 1)
    at = np.clip(best, 1, len(GRID) - 2)[..., None]
    before, here, after = (np.take_along_axis(smooth, at + step, -1)[..., 0] for step in (-1, 0, 1))
    bend = before - 2.0 * here + after
    step = np.where(inside & (bend < 0.0), 0.5 * (before - after) / np.where(bend < 0.0, bend, -1.0), 0.0)
    return GRID[best] + step * (GRID[1] - GRID[0])


def difference(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 11."""
    untreated = value_by_distance(laboratory, worlds)
    full = PRACTICES["exploring_diversity"].moves
    understood = value_by_distance(laboratory, worlds, learning=full["learning"])
    best = int(np.argmax(untreated.mean(0)))
    both = np.concatenate([untreated, understood], axis=1)
    unsafe: dict[str, Any] = {"disposition": UNSAFE, "disposition_spread": 0.0}
    hidden, surfaced, as_given, as_given_surfaced = laboratory.outcomes(
        [
            laboratory.scenario(**settings, surfacing=surfacing)
            for settings in (unsafe, {})
            for surfacing in (0.0, full["surfacing"])
        ],
        worlds,
    )[:, :, 0, OUTCOME["collaborative_advantage"]]
    curves: dict[str, Curve] = {
        "untreated": curve(MIDDLES, untreated.mean(0)),
        "with understanding": curve(MIDDLES, understood.mean(0)),
    }
    return found(
        curves,
        rise=mean(untreated[:, best] - untreated[:, 0]),
        fall=mean(untreated[:, best] - untreated[:, -1]),
        peak=jackknife(untreated, peak),
        peak_shift=jackknife(both, lambda means, n: peak(means[..., BINS:], n) - peak(means[..., :BINS], n)),
        surfaced_unsafe=mean(surfaced - hidden),
        surfaced_as_given=mean(as_given_surfaced - as_given),
        unsafe_advantage=mean(hidden),
    )


RELATIONS = (
    Pattern(
        3,
        "Swift trust is fragile",
        "As-if trust without delivery decays, and its spread grows.",
        "Jarvenpaa & Leidner 1999",
        f"Scottish partnership, {SWIFT_MONTHS} months, suspending disbelief at full strength throughout; "
        "promises are made and never kept (pledge, accountability and expectation 0). Mean and standard "
        f"deviation over directed ties after the first month and after {SWIFT_MONTHS}.",
        "Swift trust is of groups that last for months, hence a year. The spread is that between the ties "
        "of one partnership. Both have to change by more than chance; the list gives no sizes.",
        (
            Check("decay", "fall of mean as-if trust in a year", 0.0, clear=True),
            Check("spread_growth", "growth of its spread over ties", 0.0, clear=True),
        ),
        swift,
        False,
        {"negativity": 0.0, "holdback_weight": 0.0, "rupture": 0.0, "turnover": 0.0},
        "Broken promises and ruptures leave no evidence.",
    ),
    Pattern(
        4,
        "Length of relation predicts trust weakly",
        "Length of relation predicts trust weakly: r between 0 and .3 over ties of unlike age.",
        "Vanneste et al. 2014",
        f"Scottish partnership untreated, {MONTHS} months; each tie opens in a month of its own, drawn "
        "uniformly from the run (it has no contact until then), and age and trust of all directed ties are "
        "correlated at the end, pooled over worlds.",
        "Ties are of unlike age for no reason of their own, so that age is not confounded with who chose "
        "whom. All opened ties count, dormant ones too; what comes of counting only those that met in the "
        "last year is reported beside it and not judged, and so is the mean correlation within "
        "partnerships.",
        (Check("age_and_trust", "correlation of age and trust over ties", 0.0, 0.3),),
        ages,
        True,
        {"cost": 0.9},
        "Nobody commits, so time brings only disappointment.",
        "Within partnerships it is {age_and_trust_within:.2f}, and over ties that met in the last year "
        "{age_and_trust_of_those_who_meet:.2f}.",
    ),
    Pattern(
        11,
        "Difference",
        "Difference: an inverted U untreated, whose peak moves right with understanding; and surfaced "
        "without safety it hurts.",
        "Nooteboom et al. 2007; Triana et al. 2021",
        f"{LINE} organisations along a line of perspectives, alike in all else, {MONTHS} months: late "
        f"advantage by tie, in {BINS} bins of distance, untreated and with the lever learning at its full "
        f"value. Surfacing: Scottish partnership, mean disposition {UNSAFE:g} in every world, the lever "
        "surfacing at its full value against 0, nothing else.",
        "An inverted U: the best bin beats both the nearest and the farthest, by more than chance (the "
        "two-lines test's question). The peak is that of a cubic through the bins, its interval a "
        "jackknife. Advantage is that of the last 12 months. 'Without safety' is low trust: what is named "
        "is safe with the probability of trust. What surfacing does at the given dispositions, and the "
        "advantage that low trust leaves to lose, are reported beside it and not judged.",
        (
            Check("rise", "best bin of distance less the nearest", 0.0, clear=True),
            Check("fall", "best bin of distance less the farthest", 0.0, clear=True),
            Check("peak_shift", "shift of the peak with understanding", 0.0, clear=True),
            Check("surfaced_unsafe", "what surfacing does where trust is low", high=0.0, clear=True),
        ),
        difference,
        False,
        {"synergy": 0.0},
        "Difference is worth nothing, understood or not.",
        "Where trust is low there is an advantage of {unsafe_advantage:.2g} to lose; at the dispositions as "
        "given surfacing changes advantage by {surfaced_as_given:.2g}.",
    ),
)
