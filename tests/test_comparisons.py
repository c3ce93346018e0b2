"""Paired differences judged, against known answers and other implementations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from collabsim.errors import InputError
from collabsim.study import comparisons as judge


@pytest.fixture(scope="module")
def skewed():
    return np.random.default_rng(5).lognormal(-3.0, 1.0, 60) - 0.02


def test_the_bootstrap_is_scipys_bca_and_the_same_each_time(skewed):
    once, again = judge.bootstrap(skewed, seed=3), judge.bootstrap(skewed, seed=3)
    assert once == again
    found = stats.bootstrap((skewed,), np.mean, n_resamples=2000, rng=np.random.default_rng(3))
    assert once[1:3] == (found.confidence_interval.low, found.confidence_interval.high)
    assert once.high - once.estimate > 1.2 * (once.estimate - once.low)  # as skewed as the values
    assert judge.bootstrap(skewed, seed=4) != once
    assert judge.bootstrap(skewed, 0.5).high < once.high


def test_the_bootstrap_covers_the_truth_about_as_often_as_it_says():
    inside = 0
    for draw in range(200):
        values = np.random.default_rng([17, draw]).exponential(1.0, 40) - 1.0
        found = judge.bootstrap(values, resamples=500)
        inside += found.low <= 0.0 <= found.high
    assert 178 <= inside <= 199  # 0.95 of 200, give or take three standard errors and the small sample


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [([0.25], -math.inf, math.inf), ([0.25, 0.25, 0.25], 0.25, 0.25), ([0.0, 0.0], 0.0, 0.0)],
)
def test_the_bootstrap_of_what_does_not_vary(values, low, high):
    found = judge.bootstrap(values)
    assert found == (values[0], low, high, len(values))


def test_the_t_test_and_the_effect_size_are_those_of_the_books(skewed):
    other = np.random.default_rng(6).normal(0.0, 0.01, 60)
    paired = judge.differences(skewed, other)
    assert judge.p_value(paired) == pytest.approx(stats.ttest_rel(skewed, other).pvalue, rel=1e-9)
    assert judge.effect_size(paired) == pytest.approx(paired.mean() / paired.std(ddof=1), rel=1e-12)


@pytest.mark.parametrize(
    ("values", "p", "size", "share"),
    [
        ([0.0, 0.0, 0.0], 1.0, 0.0, 0.5),
        ([0.1, 0.1, 0.1], 0.0, math.inf, 1.0),
        ([-0.1, -0.1], 0.0, -math.inf, 0.0),
        ([0.3], 1.0, math.nan, 1.0),
        ([1.0, 0.0, -1.0, 0.0], 1.0, 0.0, 0.5),
    ],
)
def test_degenerate_differences(values, p, size, share):
    assert judge.p_value(values) == p
    assert judge.effect_size(values) == pytest.approx(size, nan_ok=True)
    assert judge.better(values) == share


def test_holm_on_an_example_worked_by_hand():
    corrected = judge.holm([0.01, 0.04, 0.03, 0.005])
    assert corrected.tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert judge.told_apart([0.01, 0.04, 0.03, 0.005]).tolist() == [True, False, False, True]
    assert judge.holm([]).tolist() == []
    assert judge.holm([0.9, 0.8]).tolist() == [1.0, 1.0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_lies_between_none_and_bonferroni(values):
    given_, corrected = np.array(values), judge.holm(values)
    assert (corrected >= given_).all()
    assert (corrected <= np.minimum(1.0, given_ * len(values)) + 1e-12).all()
    order = np.argsort(given_, kind="stable")
    assert (np.diff(corrected[order]) >= 0).all()


def test_holm_holds_the_rate_of_any_false_finding():
    random = np.random.default_rng(11)
    false = sum(judge.told_apart(random.random(20)).any() for _ in range(2000))
    assert 0.035 < false / 2000 < 0.065


def test_many_are_compared_with_one():
    random = np.random.default_rng(2)
    world = random.normal(0.3, 0.1, 80)
    frame = judge.compare_many(
        {"none": world, "same": world, "little": world + random.normal(0.0, 0.02, 80), "much": world + 0.1
         + random.normal(0.0, 0.02, 80)}, "none",
    )  # fmt: skip
    assert frame["comparison"].tolist() == ["same", "little", "much"]
    assert frame["reference"].unique().tolist() == ["none"]
    same, little, much = frame.to_dict("records")
    assert (same["estimate"], same["low"], same["high"], same["boot_low"], same["boot_high"]) == (0.0,) * 5
    assert (same["p_value"], same["effect_size"], same["better"]) == (1.0, 0.0, 0.5)
    assert not same["told_apart"] and not little["told_apart"] and much["told_apart"]
    assert much["estimate"] == pytest.approx(0.1, abs=0.01) and much["better"] == 1.0
    assert much["p_corrected"] == pytest.approx(3 * much["p_value"])
    assert much["worlds"] == 80


def test_what_cannot_be_compared_is_refused_in_words():
    with pytest.raises(InputError, match="nothing called 'nonee' to compare with; did you mean 'none'"):
        judge.compare_many({"none": [1.0], "some": [2.0]}, "nonee")
    with pytest.raises(InputError) as error:
        judge.compare_many({"none": [1.0, 2.0], "short": [1.0], "torn": [1.0, math.nan]}, "none")
    assert len(error.value.faults) == 2
    assert "there are 1 and 2" in error.value.faults[0] and "1 of 2 are missing" in error.value.faults[1]
    with pytest.raises(InputError, match="there is nothing to compare"):
        judge.compare_many({"none": [1.0]}, "none")
    with pytest.raises(InputError, match="one value a world"):
        judge.better([])
    with pytest.raises(InputError, match="numbers from 0 to 1"):
        judge.holm([0.5, math.nan])
