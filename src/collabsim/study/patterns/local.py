"""Patterns of a single tie (1 and 2): the schedule's own steps, on one pair whose events are set by hand."""

from __future__ import annotations

import math
from typing import Any

from collabsim.compiled import plain
from collabsim.practices import PRACTICES
from collabsim.scenario import Scenario
from collabsim.state import NOTICE
from collabsim.study.patterns.laboratory import Laboratory, Walk
from collabsim.study.patterns.records import Check, Found, Pattern, curve, exact, found

PRIORS = (0.2, 0.35, 0.5, 0.65, 0.8)
EVIDENCE = 10.0
"""Interactions remembered on a tie that is called well known."""

WARM_UP, WATCHED, LAPSES = 12, 24, 4


class Tie:
    """Two organisations, one of which judges and the other keeps or breaks its promises, as we say.

    The month's own steps ``levers``, ``fade``, ``trusts`` and ``learn`` are called, as plain Python:
    nothing is computed here. The stake is the mandated one, and what happens is seen.

    Parameters
    ----------
    laboratory
        Parameters and schedule.
    disposition
        Of the judge.
    kept, broken
        What the judge remembers.
    """

    def __init__(
        self, laboratory: Laboratory, disposition: float, kept: float = 0.0, broken: float = 0.0
    ) -> None:
        self.walk = Walk(laboratory.scenario(Scenario.load("pair")), laboratory.schedule)
        self.walk.begin(laboratory.seed, 0)
        self.steps = {name: plain(step) for name, step in laboratory.schedule.steps}
        self.stake = laboratory.parameter("stake_size")
        state = self.walk.state
        state.organisation.disposition[:] = disposition
        state.side.kept[:], state.side.broken[:] = kept, broken
        self._step("levers")
        self._step("trusts")

    def _step(self, name: str) -> None:
        if name in self.steps:
            self.steps[name](self.walk.state, self.walk.month, self.walk.parameters[0])

    @property
    def trust(self) -> float:
        """What the judge trusts the other."""
        return float(self.walk.month.trust[0, 0])

    def event(self, keeps: bool, repair: float | None = None) -> float:
        """Let the other keep or break a promise, and return the judge's trust after it.

        Parameters
        ----------
        keeps
            Whether the promise is kept.
        repair
            The share of a lapse that is made good; the lever's base unless said.
        """
        state, month = self.walk.state, self.walk.month
        if repair is not None:
            month.lever.repair[:] = repair
        state.clock[0].met = 1
        month.met[0] = 0
        month.meeting.stake[0], month.meeting.joint[0] = self.stake, int(keeps)
        month.act.committed[:, 0] = 1.0
        month.act.delivered[:, 0] = 1.0, float(keeps)  # the judge keeps its own
        month.luck[NOTICE : NOTICE + 2, 0] = 0.0
        self._step("learn")
        self._step("trusts")
        return self.trust

    def month(self, keeps: bool, repair: float | None = None) -> float:
        """Let memory fade for a month, in which one promise is kept or broken."""
        self._step("fade")
        return self.event(keeps, repair)


def fall_over_rise(laboratory: Laboratory, prior: float, evidence: float) -> float:
    """Return how far one broken promise lowers a trust, over how far one kept promise raises the same."""
    moved = []
    for keeps in (True, False):
        tie = Tie(laboratory, prior, prior * evidence, (1.0 - prior) * evidence)
        if abs(tie.trust - prior) > 1e-6:
            return math.nan  # under another rule of trust, a prior may not be had in this way
        moved.append(abs(tie.event(keeps) - prior))
    return moved[1] / moved[0] if moved[0] > 0 else math.inf


def asymmetry(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 1."""
    new = [fall_over_rise(laboratory, prior, 0.0) for prior in PRIORS]
    old = [fall_over_rise(laboratory, prior, EVIDENCE) for prior in PRIORS]
    half = PRIORS.index(0.5)
    return found(
        {"a new tie": curve(PRIORS, new), f"after {EVIDENCE:g} interactions": curve(PRIORS, old)},
        ratio_new=exact(new[half]),
        ratio_old=exact(old[half]),
        ratio_over_priors=exact(max(new) / min(new) if min(new) > 0 else math.nan),
    )


def after_lapses(laboratory: Laboratory, lapses: int, repair: float | None) -> tuple[float, list[float]]:
    """Return the trust before some lapses, and month by month from the first of them on."""
    tie = Tie(laboratory, laboratory.parameter("disposition"))
    before = tie.trust
    for _ in range(WARM_UP):
        before = tie.month(True)
    path = [tie.month(False, repair) for _ in range(lapses)]
    return before, path + [tie.month(True) for _ in range(WATCHED)]


def repair(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 2."""
    best = PRACTICES["building_trust"].moves["repair"]
    before, repaired = after_lapses(laboratory, 1, best)
    _, unrepaired = after_lapses(laboratory, LAPSES, None)
    back = [n for n, trust in enumerate(repaired[1:], 1) if trust >= before]
    return found(
        {
            "one lapse, repaired": _since(before, repaired, 1),
            "four, unrepaired": _since(before, unrepaired, LAPSES),
        },
        interactions_back=exact(back[0] if back else math.inf),
        shortfall=exact(before - unrepaired[-1]),
        fall=exact(before - repaired[0]),
    )


def _since(before: float, path: list[float], lapses: int) -> Any:
    return curve(range(-lapses, len(path) - lapses + 1), [0.0, *(trust - before for trust in path)])


LOCAL = (
    Pattern(
        1,
        "Trust falls faster than it rises",
        "At T = .5 trust falls more than it rises for equal events, and the ratio depends on the prior.",
        "Slovic 1993; Poortinga & Pidgeon 2004",
        "One tie, no world needed: the steps levers, trusts and learn on a pair whose events are set. From "
        "one and the same trust, one promise kept and seen against one broken, at the mandated stake; on a "
        f"new tie and on one that remembers {EVIDENCE:g} interactions.",
        "A ratio of fall to rise of at least 1.1 at T = .5, new or old: less would pass for rounding in a "
        "survey. 'The prior' is the trust before the event: the ratios at T = .2 to .8 have to differ by a "
        "quarter at least. The list does not say which way; here the more is trusted, the more a lapse "
        "costs, while Poortinga and Pidgeon's respondents read news to fit what they believed (not asked "
        "for, and not shown).",
        (
            Check("ratio_new", "fall over rise at T = .5 on a new tie", 1.1),
            Check("ratio_old", "fall over rise at T = .5 on a well-known tie", 1.1),
            Check("ratio_over_priors", "largest over smallest ratio, priors .2 to .8", 1.25),
        ),
        asymmetry,
        False,
        {"negativity": 1.0},
        "Bad weighs no more than good.",
    ),
    Pattern(
        2,
        "Repair",
        "After one repaired lapse trust comes back within 24 interactions; after four unrepaired ones it is "
        "still lower then.",
        "Schweitzer et al. 2006",
        f"One tie, no world needed: {WARM_UP} months with a promise kept each, then the lapses, a month "
        f"each, then {WATCHED} months with a promise kept each; memory fades each month. Repaired: the "
        "repair lever at the value that building trust brings it to; unrepaired: its base value.",
        "'Back' is at or above the trust just before the first lapse. 'Still lower' is lower by .01 at "
        "least. An interaction is a month here, and every kept promise is seen: with less visibility both "
        "take longer. The fall that one repaired lapse makes has to be there (at least .001), else nothing "
        "would come back.",
        (
            Check("interactions_back", "interactions until trust is back after one repaired lapse", 1, 24),
            Check("shortfall", "what is missing of trust 24 interactions after four unrepaired lapses", 0.01),
            Check("fall", "fall of trust after one repaired lapse", 0.001),
        ),
        repair,
        False,
        {"memory": 0.7},
        "Lapses are forgotten in a few months, repaired or not.",
    ),
)
