"""The scorecard of patterns: its machinery, its verdicts, and that every pattern can fail."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from collabsim.errors import InputError
from collabsim.parameters import check_parameters
from collabsim.study.patterns import CALIBRATED, PATTERNS, Check, Laboratory, evaluate_all, judge, score
from collabsim.study.patterns import statistics as st
from collabsim.study.patterns.laboratory import OUTCOME
from collabsim.study.patterns.local import fall_over_rise
from collabsim.study.patterns.records import Found
from collabsim.study.patterns.relations import opened_at_unlike_times, peak

RESULTS = Path(__file__).resolve().parents[1] / "results" / "patterns"
SMALL = 48
FEWEST = 32

pytestmark = pytest.mark.xdist_group("patterns")


def rows(name: str) -> list[dict[str, str]]:
    with (RESULTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float:
    return float(text) if text else math.nan


@pytest.fixture(scope="module")
def found() -> dict[int, Any]:
    return evaluate_all(worlds=SMALL, seed=1)


def test_there_are_thirteen_and_calibration_sees_five_of_them() -> None:
    assert list(PATTERNS) == list(range(1, 14))
    assert set(CALIBRATED) == {n for n, p in PATTERNS.items() if p.calibrated} == {4, 5, 7, 9, 10}
    for pattern in PATTERNS.values():
        assert pattern.checks and pattern.source and pattern.setting and pattern.reading
        assert check_parameters(dict(pattern.ablation))


@pytest.mark.parametrize("n", PATTERNS)
def test_a_verdict_is_what_the_statistics_say(found: dict[int, Any], n: int) -> None:
    pattern, result = PATTERNS[n], found[n]
    assert set(result.statistics) == set(result.intervals) >= {check.statistic for check in pattern.checks}
    again = judge(pattern.checks, Found(result.statistics, result.intervals))
    assert again.holds == result.holds
    assert result.reason.startswith(again.reason)
    assert result.holds == (result.reason == "")
    for name, (low, high) in result.intervals.items():
        estimate = result.statistics[name]
        assert math.isnan(estimate) or low <= estimate <= high or math.isinf(estimate), name


@pytest.mark.parametrize("n", PATTERNS)
def test_a_pattern_can_fail(n: int) -> None:
    pattern = PATTERNS[n]
    result = pattern.evaluate(pattern.ablation, FEWEST, seed=1)
    assert not result.holds
    assert result.reason


def test_the_committed_scorecard_says_what_its_statistics_say() -> None:
    card, numbers = rows("scorecard.csv"), rows("statistics.csv")
    assert [int(row["number"]) for row in card] == list(PATTERNS)
    for row in card:
        n = int(row["number"])
        mine = {line["statistic"]: line for line in numbers if int(line["number"]) == n}
        passes = []
        for check in PATTERNS[n].checks:
            line = mine[check.statistic]
            assert (line["judged"], line["by"]) == ("1", "interval" if check.clear else "estimate")
            estimate, low, high = (number(line[column]) for column in ("estimate", "low", "high"))
            passes.append(check.passes(estimate, (low, high)))
            assert line["passes"] == ("yes" if passes[-1] else "no")
        assert row["verdict"] == ("holds" if all(passes) else "fails")
        assert (row["reason"] == "") == all(passes)
        assert row["used_for"] == PATTERNS[n].used_for
        assert row["threshold"] == PATTERNS[n].threshold


@pytest.mark.parametrize("n", PATTERNS)
def test_a_small_run_does_not_contradict_the_committed_scorecard(found: dict[int, Any], n: int) -> None:
    """They estimate the same: they differ by no more than their intervals, the small one's doubled."""
    for line in rows("statistics.csv"):
        if int(line["number"]) != n or line["judged"] != "1":
            continue
        name = line["statistic"]
        committed, low, high = (number(line[column]) for column in ("estimate", "low", "high"))
        estimate, (small_low, small_high) = found[n].statistics[name], found[n].intervals[name]
        if math.isinf(committed) or math.isinf(estimate):
            assert math.isinf(small_high) and math.isinf(high), f"{name}: {estimate} against {committed}"
            continue
        room = 2 * max(estimate - small_low, small_high - estimate) + (high - low) / 2 + 1e-5 * abs(committed)
        assert abs(estimate - committed) <= room, f"{name}: {estimate} against {committed}, room {room}"


def test_results_do_not_depend_on_threads_or_on_company() -> None:
    together = evaluate_all(worlds=12, seed=3, threads=1, numbers=(4, 5, 10))
    for n in (4, 5, 10):
        alone = PATTERNS[n].evaluate(worlds=12, seed=3, threads=3)
        assert alone.statistics == pytest.approx(together[n].statistics, nan_ok=True, rel=0, abs=0)


def test_the_score_has_no_memory_and_agrees_with_the_scorecard() -> None:
    first = score(worlds=24, seed=5)
    score({"cost": 0.3}, worlds=24, seed=5)
    assert score(worlds=24, seed=5) == first
    assert set(first.holds) == set(CALIBRATED)
    for n in (5, 10):
        whole = PATTERNS[n].evaluate(worlds=24, seed=5)
        for check in PATTERNS[n].checks:
            assert first.statistics[check.statistic] == pytest.approx(whole.statistics[check.statistic])
        assert first.holds[n] == whole.holds
    fewer = PATTERNS[4].evaluate(worlds=12, seed=5)
    assert first.statistics["age_and_trust"] == fewer.statistics["age_and_trust"]


def test_seventy_two_months_are_enough_for_the_median() -> None:
    """The curve up to month 72 is the same however long the others are watched."""
    laboratory = Laboratory({}, 2)
    long = laboratory.outcomes([laboratory.scenario(months=120)], 40)[0, :, 0, OUTCOME["months_to_traction"]]
    short = laboratory.outcomes([laboratory.scenario()], 40)[0, :, 0, OUTCOME["months_to_traction"]]
    cut = np.where(long <= 72, long, np.nan)
    np.testing.assert_array_equal(cut, short)
    months, left, _ = st.survival(long, 120)
    within = months <= 72
    short_months, short_left, _ = st.survival(short, 72)
    np.testing.assert_array_equal(months[within], short_months)
    np.testing.assert_allclose(left[within], short_left)


def test_the_score_stops_at_the_first_failure() -> None:
    trusting = {"disposition": 0.95, "disposition_spread": 0.0, "cost": 0.0}
    whole = score(trusting, worlds=12)
    stopped = score(trusting, worlds=12, stop=True)
    assert list(stopped.holds.values()).count(False) == 1  # nobody fails to come to traction there
    assert len(stopped.holds) < len(whole.holds) == 5
    assert stopped.holds.items() <= whole.holds.items()
    assert stopped.statistics.items() <= whole.statistics.items()
    assert not stopped.passed


def test_parameters_are_checked() -> None:
    with pytest.raises(InputError, match="negativity"):
        PATTERNS[1].evaluate({"negativty": 1.0})


def test_missing_statistics_never_pass() -> None:
    nothing = (math.nan, math.nan)
    for check in (Check("a", "", 0.0), Check("a", "", 0.0, clear=True), Check("a", "", high=0.0, clear=True)):
        assert not check.passes(math.nan, nothing)
        assert not judge((check,), Found({}, {})).holds
    assert not Check("a", "", 36, 60).passes(math.inf, (50.0, math.inf))


def test_a_claim_of_direction_needs_the_whole_interval() -> None:
    check = Check("a", "", 0.0, clear=True)
    assert check.passes(0.2, (0.1, 0.3))
    assert not check.passes(0.2, (-0.1, 0.5))
    assert not check.passes(0.0, (0.0, 0.0))


@pytest.mark.parametrize("prior", [0.2, 0.5, 0.8])
def test_the_ratio_of_fall_to_rise_is_what_the_equation_says(prior: float) -> None:
    """With n interactions' worth of evidence and prior: T·w·(n + e) / ((1 - T)·(n + w·e)), e = √v."""
    w, e = 1.6, math.sqrt(0.75)
    for evidence in (0.0, 10.0):
        n = 2.0 + evidence
        expected = prior * w * (n + e) / ((1 - prior) * (n + w * e))
        laboratory = Laboratory({"negativity": w, "stake_size": 0.75, "prior_strength": 2.0})
        assert fall_over_rise(laboratory, prior, evidence) == pytest.approx(expected)


def test_ties_open_when_they_should() -> None:
    laboratory = Laboratory({}, 4, threads=1)

    def tell(walk: Any, world: int) -> Any:
        age, trust, _ = opened_at_unlike_times(walk, 4, world)
        evidence = walk.state.side.kept[:, : walk.known] + walk.state.side.broken[:, : walk.known]
        return age, trust, evidence.T.ravel()

    age, trust, evidence = laboratory.walk(laboratory.scenario(memory=1.0, turnover=0.0), 1, tell)[0]
    assert age.min() >= 1 and age.max() <= 72 and len(np.unique(age)) > 40
    assert np.corrcoef(age, evidence)[0, 1] > 0.3  # who opened early has seen more
    assert (evidence[age == 1] <= 2.0).all()  # a month brings at most one meeting
    assert ((trust > 0) & (trust < 1)).all()


def test_kaplan_meier_by_hand() -> None:
    """Freedman's way: 6 at risk, events at 10, 20, 20, 30, two censored at 40."""
    times = np.array([10.0, 20.0, 20.0, 30.0, np.nan, np.nan])
    months, left, greenwood = st.survival(times, 40)
    np.testing.assert_array_equal(months, [10, 20, 30])
    np.testing.assert_allclose(left, [5 / 6, 3 / 6, 2 / 6])
    np.testing.assert_allclose(greenwood, np.cumsum([1 / 30, 2 / 15, 1 / 6]))
    assert st.median_survival(times, 40)[0] == 20
    assert st.median_survival(np.full(9, np.nan), 40)[0] == math.inf


def test_variance_components_find_the_share_of_luck() -> None:
    luck = np.random.default_rng(1)
    for share in (0.2, 0.8):
        world = luck.normal(0, math.sqrt(1 - share), (4000, 1))
        estimate, (low, high) = st.share_within(world + luck.normal(0, math.sqrt(share), (4000, 2)))
        assert low < share < high
        assert estimate == pytest.approx(share, abs=0.05)
    assert st.share_within(np.repeat(world, 2, axis=1))[0] == 0.0


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(2).normal(3, 1, (200, 1))
    estimate, (low, high) = st.jackknife(values, lambda means, n: means[..., 0])
    error = values.std(ddof=1) / math.sqrt(200)
    assert estimate == pytest.approx(values.mean())
    assert (high - low) / 2 == pytest.approx(st.NORMAL * error)


def test_correlations() -> None:
    luck = np.random.default_rng(3)
    x = luck.normal(size=900)
    y = 0.5 * x + math.sqrt(0.75) * luck.normal(size=900)
    estimate, (low, high) = st.correlation(x, y)
    assert estimate == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert low < 0.5 < high
    assert math.isnan(st.correlation(x, np.ones(900))[0])


def test_a_peak_is_found_where_it_is() -> None:
    middle = (np.arange(10) + 0.5) / 10
    assert peak(1 - (middle - 0.3) ** 2, 1) == pytest.approx(0.3)
    assert peak(-middle, 1) == 0.0
    several = np.stack([-((middle - at) ** 2) for at in (0.2501, 0.7)])
    assert peak(several, 1) == pytest.approx([0.2501, 0.7])
