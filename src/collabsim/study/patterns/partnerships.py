"""Patterns of whole partnerships left to themselves (5, 7, 9 and 10)."""

from __future__ import annotations

from typing import Any

import numpy as np

from collabsim.scenario import Scenario
from collabsim.study.patterns.laboratory import MONTHS, OUTCOME, Laboratory
from collabsim.study.patterns.records import Check, Curve, Found, Pattern, curve, found
from collabsim.study.patterns.statistics import (
    correlation,
    jackknife,
    mean,
    median_survival,
    share_within,
    survival,
)

LUCKS = 2
LONG = 120
START = 3
"""Months that count as the start of promises."""

ADVANTAGE, TRUST = OUTCOME["collaborative_advantage"], OUTCOME["trust"]
TRACTION, KEPT = OUTCOME["months_to_traction"], OUTCOME["promises_kept"]


def inertia(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 5."""
    rows = laboratory.outcomes([laboratory.scenario()], worlds, LUCKS)[0]
    late = np.sort(rows[:, 0, ADVANTAGE])
    return found(
        {"late advantage": curve(late, (np.arange(worlds) + 0.5) / worlds)},
        never_traction=mean(np.isnan(rows[:, :, TRACTION]).mean(axis=1)),
        luck_share=share_within(rows[:, :, ADVANTAGE]),
    )


def traction(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 7."""
    times = laboratory.outcomes([laboratory.scenario(months=LONG)], worlds)[0, :, 0, TRACTION]
    months, left, _ = survival(times, LONG)
    return found(
        {"without traction": curve([0, *months, LONG], [1, *left, left[-1] if len(left) else 1])},
        median_months=median_survival(times, LONG),
        reached_by_36=mean(times <= 36),
        reached_by_60=mean(times <= 60),
    )


def kept_of_start(laboratory: Laboratory, worlds: int, **settings: Any) -> Any:
    """Return (worlds, 2) share of promises kept in the last 12 months, and in the first few."""
    late = laboratory.outcomes([laboratory.scenario(**settings)], worlds)[0, :, 0, KEPT]
    early = laboratory.outcomes([laboratory.scenario(months=START, **settings)], worlds)[0, :, 0, KEPT]
    return np.stack([late, early], axis=1)


def ratio(means: Any, worlds: int) -> Any:
    """Return the first of (..., 2) means over the second."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return means[..., 0] / means[..., 1]


def accountability(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 9."""
    with_peers = kept_of_start(laboratory, worlds)
    without = kept_of_start(laboratory, worlds, peer_accountability=0.0)
    curves: dict[str, Curve] = {}
    if laboratory.curves:
        scenarios = [laboratory.scenario(), laboratory.scenario(peer_accountability=0.0)]
        paths = laboratory.paths(scenarios, min(worlds, 100), "promises_kept")
        for name, path in zip(("with", "without"), paths, strict=True):
            monthly = np.nanmean(path, axis=0)
            curves[name] = curve(np.arange(1, MONTHS + 1), monthly / monthly[:START].mean())
    return found(
        curves,
        kept_without=jackknife(without, ratio),
        kept_with=jackknife(with_peers, ratio),
    )


SPREADS = (
    "disposition_within", "perspective_spread", "mandate_spread", "start_accountability_spread",
    "resting_spread",
)  # fmt: skip


def unlike_partnerships(laboratory: Laboratory, count: int) -> list[Scenario]:
    """Draw partnerships unlike in their stakes, in what difference is worth, in spreads and in leaders."""
    luck = np.random.Generator(np.random.Philox(key=np.array([laboratory.seed, 10], np.uint64)))
    u = luck.random((count, 4 + len(SPREADS)))
    value = laboratory.parameter
    stake, resting = value("stake_size"), ("resting_courage", "resting_systems_view")
    scenarios = []
    for row in u:
        drawn = {"stake_size": stake * 0.5 + row[0] * (min(1.0, 1.5 * stake) - 0.5 * stake)}
        drawn["synergy"] = min(5.0, 2.0 * value("synergy") * row[1])
        drawn |= {name: min(1.0, 3.0 * value(name) * r) for name, r in zip(resting, row[2:4], strict=True)}
        drawn |= {name: min(0.5, 2.0 * value(name) * r) for name, r in zip(SPREADS, row[4:], strict=True)}
        scenarios.append(laboratory.scenario(**{name: max(0.01, x) if name == "stake_size" else x
                                                for name, x in drawn.items()}))  # fmt: skip
    return scenarios


def trust_and_advantage(laboratory: Laboratory, worlds: int) -> Found:
    """Measure pattern 10."""
    rows = laboratory.unlike(unlike_partnerships(laboratory, worlds))
    curves: dict[str, Curve] = {"partnerships": curve(rows[:, TRUST], rows[:, ADVANTAGE])}
    return found(curves, trust_and_advantage=correlation(rows[:, TRUST], rows[:, ADVANTAGE]))


PARTNERSHIPS = (
    Pattern(
        5,
        "Inertia is common, and partly luck",
        "25-70% of untreated partnerships never reach traction in 72 months; redrawing luck alone gives at "
        "least a fifth of the variance of late advantage.",
        "Huxham & Vangen 2005",
        f"Scottish partnership untreated, {MONTHS} months, each world with {LUCKS} lucks. Traction and "
        "advantage (of the last 12 months) as the outcomes have them; variance components of worlds and "
        "lucks.",
        "One-way random effects: the variance within a world over its variance and that between worlds. "
        "The share without traction is the mean over both lucks.",
        (
            Check("never_traction", "share that never reach traction in 72 months", 0.25, 0.70),
            Check("luck_share", "share of the variance of late advantage that is luck", 0.2),
        ),
        inertia,
        True,
        {"disposition": 0.95, "disposition_spread": 0.0, "cost": 0.0},
        "Everyone trusts and committing is free, so there is no inertia.",
    ),
    Pattern(
        7,
        "Years, not months",
        "Median traction comes in 36-60 months, by Kaplan-Meier over 120 months, untreated.",
        "Leach et al. 2002",
        f"Scottish partnership untreated, {LONG} months; months to traction, censored at the end.",
        "Partnerships that never reach traction stay among those at risk. Fewer than half reach it: the "
        "median is infinite.",
        (Check("median_months", "median months to traction", 36.0, 60.0),),
        traction,
        True,
        {"disposition": 0.95, "disposition_spread": 0.0, "cost": 0.0},
        "Everyone trusts and committing is free, so traction comes at once.",
        "{reached_by_36:.0%} have reached traction by month 36 and {reached_by_60:.0%} by month 60; half "
        "have to in between.",
    ),
    Pattern(
        9,
        "Promises without accountability",
        "Without accountability kept promises fall below .6 of their start; with it they hold above .9.",
        "Fehr & Gächter 2000, 2002",
        f"Scottish partnership untreated, {MONTHS} months: share of promises kept in the last 12 months "
        f"over that in the first {START}. Without: the lever peer_accountability at 0. With: at its base "
        "value, as given.",
        "'With' is what every partnership has, and not the practice, which would make it easier. "
        "Partnerships without a promise in one of the two spans have no share and are left out. The "
        "thresholds are of the estimate.",
        (
            Check("kept_without", "promises kept without accountability, of their start", high=0.6),
            Check("kept_with", "promises kept with accountability, of their start", 0.9),
        ),
        accountability,
        True,
        {"peer_strength": 0.0},
        "Peers cannot hold anyone to anything.",
    ),
    Pattern(
        10,
        "Trust and advantage",
        "Across unlike partnerships trust and advantage correlate .2-.65, not .9.",
        "de Jong et al. 2016",
        f"As many partnerships as worlds, each the Scottish one untreated for {MONTHS} months with "
        "parameters of its own, uniform and independent: stake_size from half to one and a half times its "
        "value (at most 1), synergy from 0 to twice its value, resting courage and systems view from 0 to "
        f"three times, and from 0 to twice each {', '.join(SPREADS)}. Trust and advantage of the last 12 "
        "months.",
        "'Spreads' are those between members; disposition_spread, which is that between partnerships, "
        "stays as it is, for every world draws from it. Ranges go with the parameters, so that a "
        "calibrated set has unlike partnerships round itself.",
        (Check("trust_and_advantage", "correlation of trust and advantage", 0.2, 0.65),),
        trust_and_advantage,
        True,
        {"disposition_spread": 0.0},
        "Partnerships meet with the same trust, so that trust is what came of working together.",
    ),
)
