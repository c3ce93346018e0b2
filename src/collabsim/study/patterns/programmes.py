"""Patterns of what is done about it (6, 8, 12 and 13)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from collabsim.practices import PRACTICES
from collabsim.programmes import SUPPORT, Entry
from collabsim.study.patterns.laboratory import MONTHS, OUTCOME, Laboratory
from collabsim.study.patterns.records import Check, Curve, Found, Pattern, curve, found
from collabsim.study.patterns.statistics import mean

ADVANTAGE = OUTCOME["collaborative_advantage"]
LOW, HIGH = 0.4, 0.75
"""Low and high dispositions to trust: about one standard deviation between partnerships below and above."""

END = SUPPORT[1]


def small_wins(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 6."""
    levels = (LOW, 0.5 * (LOW + HIGH), HIGH)
    rows = laboratory.outcomes(
        [
            laboratory.scenario(disposition=level, disposition_spread=0.0, stake_matching=matching)
            for level in levels
            for matching in (0.0, PRACTICES["building_trust"].moves["stake_matching"])
        ],
        worlds,
    )[:, :, 0, ADVANTAGE]
    gains = rows[1::2] - rows[0::2]
    return found(
        {"gain from small wins": curve(levels, gains.mean(axis=1))},
        gain_low=mean(gains[0]),
        gain_high=mean(gains[-1]),
        less_where_high=mean(gains[0] - gains[-1]),
    )


def after_support(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 8."""
    whole = laboratory.scenario(programme="all-six")
    churn = replace(whole, shocks=(Entry("leadership_churn", END, MONTHS),))
    supported = laboratory.outcomes([laboratory.scenario(months=END, programme="all-six")], worlds)
    later = laboratory.outcomes([whole, churn, laboratory.scenario()], worlds)[:, :, 0, ADVANTAGE]
    then = supported[0, :, 0, ADVANTAGE]
    curves: dict[str, Curve] = {}
    if laboratory.curves:
        paths = laboratory.paths([whole, churn], min(worlds, 100), "collaborative_advantage")
        for name, path in zip(("as it is", "leaders leave"), paths.mean(axis=1), strict=True):
            curves[name] = curve(np.arange(1, MONTHS + 1), path)
    return found(
        curves,
        decline=mean(then - later[0]),
        decline_with_turnover=mean(then - later[1]),
        more_with_turnover=mean(later[0] - later[1]),
    )


def leading(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 12."""
    practised = PRACTICES["courageous_leadership"].moves["courage_practice"]
    rows = laboratory.outcomes(
        [
            laboratory.scenario(courage_practice=practised),
            laboratory.scenario(courage_practice=practised, lead=0.0),
        ],
        worlds,
    )[:, :, 0]
    return found(
        helps=mean(rows[0, :, ADVANTAGE] - rows[1, :, ADVANTAGE]),
        leader_pay=mean(rows[0, :, OUTCOME["leader_pay"]]),
    )


def complements(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 13."""
    scenarios = [laboratory.scenario(), laboratory.scenario(programme="all-six")]
    scenarios += [laboratory.scenario(programme=practice) for practice in PRACTICES]
    rows = laboratory.outcomes(scenarios, worlds)[:, :, 0, ADVANTAGE]
    alone = rows[2:] - rows[0]
    together = rows[1] - rows[0]
    orders = [laboratory.scenario(programme=name) for name in ("trust-then-courage", "courage-then-trust")]
    trust_first, courage_first = laboratory.paths(orders, worlds, "collaborative_advantage").mean(axis=2)
    return found(
        together=mean(together),
        sum_of_each_alone=mean(alone.sum(axis=0)),
        surplus=mean(together - alone.sum(axis=0)),
        trust_first=mean(trust_first - courage_first),
    )


PROGRAMMES = (
    Pattern(
        6,
        "Small wins",
        "Small wins beat the big bang where disposition is low, and gain less where it is high.",
        "Ansell & Gash 2008; Vangen & Huxham 2003",
        f"Scottish partnership, {MONTHS} months, no programme: the lever stake_matching at 1 (small wins) "
        f"against 0 (big bang) throughout, mean disposition {LOW:g} or {HIGH:g} in every world "
        "(disposition_spread 0). Advantage of the last 12 months, paired by world.",
        "Only how stakes are set differs, and not the other levers of building trust. Both claims are of "
        "direction: intervals clear of 0.",
        (
            Check("gain_low", f"gain from small wins where disposition is {LOW:g}", 0.0, clear=True),
            Check("less_where_high", f"that gain less the gain where it is {HIGH:g}", 0.0, clear=True),
        ),
        small_wins,
        False,
        {"loss": 0.0},
        "Delivering alone loses nothing, so large stakes frighten nobody.",
    ),
    Pattern(
        8,
        "After support ends",
        "After support ends collaboration declines, and more so with turnover.",
        "Ulibarri et al. 2020",
        f"Scottish partnership, all six practices in months {SUPPORT[0]} to {END}: advantage in the last 12 "
        f"months of support less that in months {MONTHS - 12} to {MONTHS}; and the latter less the same "
        "with the shock leadership churn from the end of support on. Paired by world.",
        "Decline is of advantage itself, and not of the gain over no programme. Intervals clear of 0.",
        (
            Check("decline", "decline of advantage after support", 0.0, clear=True),
            Check("more_with_turnover", "what turnover adds to it", 0.0, clear=True),
        ),
        after_support,
        False,
        {
            "turnover_loss": 0.0,
            "turnover_contact_loss": 0.0,
            "resting_courage": 1.0,
            "resting_systems_view": 1.0,
            "resting_spread": 0.0,
        },
        "Leaders who leave take nothing with them, and their successors are as able.",
    ),
    Pattern(
        12,
        "Leading by example",
        "Leading by example helps when it is seen; given that it committed, the leader ends behind its "
        "follower.",
        "Güth et al. 2007; Hermalin 1998",
        f"Scottish partnership, {MONTHS} months, the lever courage_practice at its full value throughout so "
        "that there are leaders: late advantage with lead as given (seen) less that with lead 0 (unseen), "
        "paired by world; and the leader's pay less its follower's in the last 12 months, over meetings "
        "where the leader committed.",
        "'Seen' is the parameter lead: with 0, who moves first still waives its risk, and nobody takes it "
        "as a sign. Intervals clear of 0.",
        (
            Check("helps", "what being seen to lead adds to advantage", 0.0, clear=True),
            Check("leader_pay", "leader's pay less its follower's", high=0.0, clear=True),
        ),
        leading,
        False,
        {"lead": 0.0},
        "Nobody sees who leads.",
    ),
    Pattern(
        13,
        "Practices are complements",
        "All six beat the sum of each alone, with an interval clear of 0; courage after trust beats "
        "courage before it, over the whole period.",
        "the article's argument (Adm. Sci. 2019, 9(3), 68), a hypothesis of the model and not a published "
        "finding",
        f"Scottish partnership, {MONTHS} months, practices in months {SUPPORT[0]} to {END}: gain in "
        "advantage of the last 12 months from all six less the sum of gains from each alone; and building "
        "trust then courageous leadership (half of the support each) less the reverse, mean advantage of "
        f"months 0 to {MONTHS}. Paired by world.",
        "'The whole period' is the whole run, the months before the programme (where both are the same) "
        "and after it included.",
        (
            Check("surplus", "all six less the sum of each alone", 0.0, clear=True),
            Check("trust_first", "trust then courage less courage then trust, whole run", 0.0, clear=True),
        ),
        complements,
        False,
        {"disposition": 0.95, "disposition_spread": 0.0, "cost": 0.0},
        "Everyone trusts and committing is free, so that each practice alone leaves nothing to add.",
    ),
)
