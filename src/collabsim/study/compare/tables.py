"""What a comparison comes to: tables of levels and of paired differences, each judged and corrected.

Every difference is one scenario less another in the same world, the later named less the earlier. Shares and
differences are in the units of their outcome; the report shows them in hundredths, called points.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from collabsim.outcomes import LAST_MONTHS, OUTCOMES
from collabsim.study.compare.runs import Runs
from collabsim.study.comparisons import judged
from collabsim.study.paired import Estimate, interval

ENDS = ("collaborative_advantage", "trust", "promises_kept", "inertia", "accountability", "alignment",
        "understanding", "tension", "equity")  # fmt: skip
"""The outcomes compared at the end, beside the one that the comparison is about. Courage and systems view
are left out: they check that a practice was carried out, and are no findings."""

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def outcomes_at_end(runs: Runs) -> tuple[str, ...]:
    """Return the outcomes compared at the end, the one the comparison is about first."""
    return (runs.outcome, *(name for name in ENDS if name != runs.outcome))


def estimate_of(values: Any) -> dict[str, float]:
    """Return the mean of the values that are there, its interval and their number."""
    kept = np.asarray(values, np.float64)
    kept = kept[np.isfinite(kept)]
    found = interval(kept) if len(kept) else Estimate(math.nan, math.nan, math.nan, 0)
    return dict(found._asdict())


def levels(runs: Runs) -> pd.DataFrame:
    """Return each scenario's outcomes at the end: ``scenario``, ``outcome``, mean, interval, quantiles."""
    rows = []
    for place, option in enumerate(runs.options):
        for outcome in outcomes_at_end(runs):
            values = runs.end(outcome)[place]
            row: dict[str, Any] = {"scenario": option.letter, "outcome": outcome}
            rows.append(row | estimate_of(values) | _quantiles(values))
    return pd.DataFrame(rows)


def _quantiles(values: Any) -> dict[str, float]:
    kept = values[np.isfinite(values)]
    found = np.quantile(kept, QUANTILES) if len(kept) else [math.nan] * len(QUANTILES)
    return {f"p{round(100 * q)}": float(value) for q, value in zip(QUANTILES, found, strict=True)}


def differences(runs: Runs) -> pd.DataFrame:
    """Return the paired differences at the end, judged together.

    Returns
    -------
    pandas.DataFrame
        A row a pair and outcome: ``one``, ``other``, ``outcome``, ``estimate``, ``low``, ``high``,
        ``boot_low``, ``boot_high``, ``worlds``, ``effect_size``, ``better`` (the share of worlds in which
        the one is better; higher, where neither direction is), ``p_value``, ``p_corrected`` and
        ``told_apart``.
    """
    paired = {
        (pair, outcome): runs.end(outcome)[pair[0]] - runs.end(outcome)[pair[1]]
        for pair in runs.options.pairs
        for outcome in outcomes_at_end(runs)
    }
    return _judged(runs, paired, "outcome")


def _judged(runs: Runs, paired: dict[tuple[tuple[int, int], str], Any], what: str) -> pd.DataFrame:
    """Judge differences together; a row without a world is missing and no comparison."""
    letters = [option.letter for option in runs.options]
    whole, rows = {}, []
    for (pair, name), values in paired.items():
        kept = values[np.isfinite(values)]
        rows.append({"one": letters[pair[0]], "other": letters[pair[1]], what: name})
        if len(kept):
            whole[f"{pair[0]} {pair[1]} {name}"] = kept
    keys = pd.DataFrame(rows)
    keys["comparison"] = [f"{pair[0]} {pair[1]} {name}" for pair, name in paired]
    # where nothing can be judged, the same columns without a value
    verdicts = judged(whole) if whole else judged({"": [0.0]}).iloc[:0]
    table = keys.merge(verdicts, on="comparison", how="left").drop(columns="comparison")
    table["worlds"] = table["worlds"].fillna(0).astype(int)
    table["told_apart"] = table["told_apart"].eq(True)
    if what == "outcome":
        turned = [OUTCOMES[name].better < 0 for name in table[what]]
        table["better"] = [1.0 - p if turn else p for p, turn in zip(table["better"], turned, strict=True)]
    return table


def monthly(runs: Runs) -> pd.DataFrame:
    """Return each followed outcome by month: mean, interval of the mean, and quantiles over worlds."""
    rows = []
    for place, option in enumerate(runs.options):
        for column, outcome in enumerate(runs.followed):
            for month in range(runs.options.months):
                values = runs.monthly[place, :, month, column]
                row: dict[str, Any] = {"scenario": option.letter, "outcome": outcome, "month": month}
                rows.append(row | estimate_of(values) | _quantiles(values))
    return pd.DataFrame(rows)


def monthly_differences(runs: Runs) -> pd.DataFrame:
    """Return the paired difference by month, with its interval and the quantiles of single worlds."""
    rows = []
    letters = [option.letter for option in runs.options]
    for one, other in runs.options.pairs:
        for month in range(runs.options.months):
            gap = runs.monthly[one, :, month, 0] - runs.monthly[other, :, month, 0]
            row: dict[str, Any] = {"one": letters[one], "other": letters[other], "month": month}
            rows.append(row | estimate_of(gap) | _quantiles(gap))
    return pd.DataFrame(rows)


def sectors(runs: Runs) -> pd.DataFrame:
    """Return who gains and who loses: the paired difference in net benefit of each sector, judged together.

    Net benefit is what an organisation's meetings bring it less what they cost it, in the last 12 months, as
    a share of what was possible per organisation. Weighted by their organisations, sectors add up to
    collaborative advantage.
    """
    codes = runs.options.scenarios[0].partnership.organisations["sector"]
    kinds = runs.options.scenarios[0].partnership.sectors
    present = [code for code in range(len(kinds)) if (codes == code).any()]
    paired = {
        (pair, kinds[code].name): (
            runs.benefit[pair[0]][:, codes == code].mean(axis=1)
            - runs.benefit[pair[1]][:, codes == code].mean(axis=1)
        )
        for pair in runs.options.pairs
        for code in present
    }
    table = _judged(runs, paired, "sector")
    counts = {kinds[code].name: int((codes == code).sum()) for code in present}
    table.insert(3, "organisations", [counts[name] for name in table["sector"]])
    return table


def traction(runs: Runs) -> pd.DataFrame:
    """Return how often and how soon each scenario gains traction.

    Returns
    -------
    pandas.DataFrame
        A row a scenario: ``scenario``, ``share`` of worlds in which it does, ``low``, ``high``, ``worlds``
        and ``median``, the month by which half of all worlds have (missing where fewer ever do; what comes
        after the end of the run is not known).
    """
    rows = []
    for place, option in enumerate(runs.options):
        months = runs.traction[place]
        found = estimate_of(np.isfinite(months).astype(float))
        by = np.sort(np.where(np.isfinite(months), months, np.inf))
        median = float(by[(len(by) - 1) // 2])
        rows.append(
            {"scenario": option.letter, "share": found["estimate"], "low": max(0.0, found["low"]),
             "high": min(1.0, found["high"]), "worlds": found["worlds"],
             "median": median if math.isfinite(median) else math.nan}
        )  # fmt: skip
    return pd.DataFrame(rows)


def lasting(runs: Runs) -> pd.DataFrame:
    """Return what is left of each programme's gain at the end of the run.

    Returns
    -------
    pandas.DataFrame
        A row a scenario whose programme ends at least 12 months before the run does: ``scenario``,
        ``ended`` (the first month without it), the ``gain`` over the same worlds without the programme in its
        last 12 months (with ``gain_low``, ``gain_high``), that in the run's last 12 months (``left``,
        ``left_low``, ``left_high``), and ``kept``, the one over the other, missing where nothing was gained.
    """
    columns = ["scenario", "ended", "gain", "gain_low", "gain_high", "left", "left_low", "left_high", "kept"]
    rows = []
    better_is = OUTCOMES[runs.outcome].better or 1
    for place, option in enumerate(runs.options):
        end = option.scenario.programme_end
        if end is None or end + LAST_MONTHS > runs.options.months:
            continue
        gains = runs.monthly[place, :, :, 0] - runs.untreated[place]
        then = estimate_of(_mean(gains[:, max(0, end - LAST_MONTHS) : end]))
        late = estimate_of(_mean(gains[:, -LAST_MONTHS:]))
        gained = then["low"] > 0 if better_is > 0 else then["high"] < 0
        rows.append(
            [option.letter, end, then["estimate"], then["low"], then["high"], late["estimate"], late["low"],
             late["high"], late["estimate"] / then["estimate"] if gained else math.nan]
        )  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _mean(values: Any) -> Any:
    """Return the mean over months of those that are not missing; missing where none is."""
    there = np.isfinite(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def costs(runs: Runs) -> pd.DataFrame:
    """Return what each scenario costs and what it gains over the first for it.

    Returns
    -------
    pandas.DataFrame
        A row a scenario: ``scenario``, ``days`` (facilitator-days), ``money`` and ``currency`` (missing
        where not every programme has a day rate in one currency), and against the first scenario
        ``extra_days``, ``gain`` (positive is better) with ``gain_low`` and ``gain_high``, and
        ``days_per_point`` with ``days_per_point_low`` and ``days_per_point_high``, missing unless more is
        spent and more is gained.
    """
    scenarios = runs.options.scenarios
    paying = [scenario for scenario in scenarios if scenario.facilitator_days > 0]
    currencies = {(scenario.costs.currency, scenario.costs.day_rate is None) for scenario in paying}
    currency = next(iter(currencies))[0] if len(currencies) == 1 else ""
    priced = len(currencies) == 1 and not next(iter(currencies))[1]
    sign = OUTCOMES[runs.outcome].better or 1
    values, rows = runs.end(runs.outcome), []
    for place, option in enumerate(runs.options):
        days = option.scenario.facilitator_days
        row: dict[str, Any] = {"scenario": option.letter, "days": days, "money": math.nan, "currency": ""}
        if priced:
            row |= {"money": days * (option.scenario.costs.day_rate or 0.0), "currency": currency}
        extra = days - scenarios[0].facilitator_days
        found = estimate_of(sign * (values[place] - values[0]))
        row |= {"extra_days": extra, "gain": found["estimate"], "gain_low": found["low"],
                "gain_high": found["high"]}  # fmt: skip
        sure = extra > 0 and found["low"] > 0
        for name, gain in (("", "estimate"), ("_low", "high"), ("_high", "low")):
            row[f"days_per_point{name}"] = extra / (100.0 * found[gain]) if sure else math.nan
        rows.append(row)
    return pd.DataFrame(rows)


def ranking(runs: Runs) -> list[int]:
    """Return the scenarios from best to worst by their mean at the end."""
    sign = OUTCOMES[runs.outcome].better or 1
    means = [estimate_of(sign * values)["estimate"] for values in runs.end(runs.outcome)]
    return sorted(range(len(means)), key=lambda place: -means[place])


def typical_world(runs: Runs) -> int:
    """Return the world whose outcomes at the end are nearest to the mean under every scenario."""
    values = runs.end(runs.outcome)[:, : runs.benefit.shape[1]]
    away = np.zeros(values.shape[1])
    for row in values:
        there = row[np.isfinite(row)]
        if len(there) > 1 and there.std() > 0:
            found = np.abs(row - there.mean()) / there.std()
            away = np.maximum(away, np.where(np.isfinite(found), found, np.inf))
    return int(np.argmin(away))
