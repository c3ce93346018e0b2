"""Exponential, logarithm and normal quantile: near the truth, well behaved, and the same bits everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from alone import alone
from collabsim.arithmetic import EXP_LIMIT, LN2_HIGH, LN2_LOW, exp, log, logistic, normal_quantile
from collabsim.draws import uniform

MANY = settings(deadline=None, derandomize=True, max_examples=500)
DIGITS = Context(prec=50)  # Decimal's exp and ln are correctly rounded to as many digits as one likes
SMALLEST_DRAW = uniform(np.uint64(0))

within_limit = st.floats(-EXP_LIMIT, EXP_LIMIT)
below_one = st.floats(1e-300, 1.0)
inside = st.floats(SMALLEST_DRAW, 1.0 - SMALLEST_DRAW)


def ulps_off(found: float, truth: Decimal) -> float:
    """Return how far a number is from the truth, in units in the last place."""
    return float(abs(DIGITS.subtract(Decimal(found), truth)) / Decimal(math.ulp(float(truth))))


def neighbours(x: float, count: int) -> list[float]:
    """Return the doubles round x, in order, ``count`` on each side."""
    below, above = [x], [x]
    for _ in range(count):
        below.append(math.nextafter(below[-1], -math.inf))
        above.append(math.nextafter(above[-1], math.inf))
    return below[:0:-1] + above


# exp


@MANY
@given(within_limit)
def test_exp_is_within_two_units_in_the_last_place(x: float) -> None:
    assert ulps_off(exp(x), DIGITS.exp(Decimal(x))) <= 2.0


def test_exp_is_within_two_units_all_over_its_range() -> None:
    random = np.random.default_rng(1)
    numbers = [*random.uniform(-EXP_LIMIT, EXP_LIMIT, 5000), *random.uniform(-1, 1, 2000)]
    assert max(ulps_off(exp(x), DIGITS.exp(Decimal(float(x)))) for x in numbers) <= 2.0


def test_exp_of_nought_is_one() -> None:
    assert exp(0.0) == 1.0
    assert exp(-0.0) == 1.0


@MANY
@given(within_limit, within_limit)
def test_exp_never_falls(x: float, y: float) -> None:
    low, high = sorted((x, y))
    assert exp(low) <= exp(high)


@pytest.mark.parametrize("k", range(-57, 58, 6))
def test_exp_does_not_fall_where_the_power_of_two_changes(k: int) -> None:
    values = [exp(x) for x in neighbours((k + 0.5) * math.log(2.0), 50)]
    assert values == sorted(values)


@MANY
@given(st.floats(EXP_LIMIT, 1e300))
def test_exp_is_clipped_outside_its_range(x: float) -> None:
    assert exp(x) == exp(EXP_LIMIT)
    assert exp(-x) == exp(-EXP_LIMIT)


def test_exp_takes_infinity_for_its_limit() -> None:
    assert exp(math.inf) == exp(EXP_LIMIT)
    assert exp(-math.inf) == exp(-EXP_LIMIT)


# logistic


@MANY
@given(st.floats(-1e3, 1e3))
def test_logistic_is_symmetric_and_lies_between_nought_and_one(x: float) -> None:
    assert abs(logistic(x) + logistic(-x) - 1.0) <= 1e-15
    assert 0.0 < logistic(x) <= 1.0


@MANY
@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_logistic_never_falls(x: float, y: float) -> None:
    low, high = sorted((x, y))
    assert logistic(low) <= logistic(high)


@MANY
@given(within_limit)
def test_logistic_is_what_it_is_called(x: float) -> None:
    truth = 1 / DIGITS.add(Decimal(1), DIGITS.exp(-Decimal(x)))
    assert ulps_off(logistic(x), truth) <= 4.0


def test_logistic_is_half_at_nought_and_certain_at_its_limits() -> None:
    assert logistic(0.0) == 0.5
    assert logistic(1e9) == 1.0  # so that it happens whatever the draw
    assert logistic(-1e9) < SMALLEST_DRAW  # so that it never happens


# log


@MANY
@given(below_one)
def test_log_is_relatively_within_four_parts_in_ten_to_the_sixteen(x: float) -> None:
    truth = DIGITS.ln(Decimal(x))
    assert abs(Decimal(log(x)) - truth) <= abs(truth) * Decimal("4e-16")


def test_log_is_as_near_all_the_way_down_and_close_to_one() -> None:
    random = np.random.default_rng(2)
    far = 10.0 ** random.uniform(-12, 0, 3000)  # evenly over the powers of ten
    near = 1.0 - 10.0 ** random.uniform(-16, 0, 3000)
    for x in [*far, *near[(near > 0.0) & (near < 1.0)], *neighbours(0.5, 20), *neighbours(0.25, 20)]:
        truth = DIGITS.ln(Decimal(float(x)))
        assert abs(Decimal(log(x)) - truth) <= abs(truth) * Decimal("4e-16")
        assert math.isclose(log(x), math.log(x), rel_tol=5e-16)  # which has an error of its own


def test_log_of_one_is_nought_and_of_powers_of_two_whole_multiples() -> None:
    assert log(1.0) == 0.0
    for k in range(1, 900):
        assert math.isclose(log(2.0**-k), -k * math.log(2.0), rel_tol=4e-16)


@MANY
@given(below_one, below_one)
def test_log_rises(x: float, y: float) -> None:
    low, high = sorted((x, y))
    assert log(low) <= log(high) <= 0.0
    if high > low * (1.0 + 1e-15):
        assert log(low) < log(high)


def test_the_two_parts_of_ln_2_add_up_to_it() -> None:
    truth = DIGITS.ln(Decimal(2))
    total = DIGITS.add(Decimal(LN2_HIGH), Decimal(LN2_LOW))
    assert abs(DIGITS.subtract(total, truth)) < Decimal("1e-25")
    for k in (1, 58, 64, 997, 1023):  # the first part times a whole number is exact
        assert Fraction(k * LN2_HIGH) == k * Fraction(LN2_HIGH)


@MANY
@given(st.floats(-27.0, 0.0))
def test_log_undoes_exp(x: float) -> None:
    assert math.isclose(log(exp(x)), x, rel_tol=1e-15, abs_tol=4e-16)


# the normal quantile


@MANY
@given(inside)
def test_the_normal_quantile_is_that_of_scipy(u: float) -> None:
    truth = float(stats.norm.ppf(u))
    assert abs(normal_quantile(u) - truth) <= 1e-14 * abs(truth)


def test_the_normal_quantile_is_that_of_scipy_in_the_tails_and_at_its_seams() -> None:
    random = np.random.default_rng(4)
    tail = 10.0 ** random.uniform(math.log10(SMALLEST_DRAW), -1, 3000)
    middle = 0.5 + random.choice([-1, 1], 3000) * 10.0 ** random.uniform(-15, -0.31, 3000)
    seams = neighbours(0.075, 20) + neighbours(0.925, 20) + neighbours(math.exp(-25.0), 20)
    u = np.array([*tail, *(1.0 - tail), *middle, *seams, 1.2e-10, SMALLEST_DRAW, 1.0 - SMALLEST_DRAW])
    truth = stats.norm.ppf(u)
    found = np.array([normal_quantile(x) for x in u])
    assert (np.abs(found - truth) <= 1e-14 * np.abs(truth)).all()


@MANY
@given(st.integers(0, 2**32 - 1))
def test_the_normal_quantile_is_odd_round_a_half(word: int) -> None:
    u = uniform(np.uint64(word))  # 33 bits, so 1 - u is exact
    assert normal_quantile(1.0 - u) == -normal_quantile(u)


@MANY
@given(inside, inside)
def test_the_normal_quantile_rises(u: float, v: float) -> None:
    low, high = sorted((u, v))
    if high > low * (1.0 + 1e-12) and 1.0 - low > (1.0 - high) * (1.0 + 1e-12):
        assert normal_quantile(low) < normal_quantile(high)


def test_the_normal_quantile_of_a_half_is_nought_and_of_the_smallest_draw_finite() -> None:
    assert normal_quantile(0.5) == 0.0
    assert -6.5 < normal_quantile(SMALLEST_DRAW) < -6.3
    assert round(normal_quantile(0.975), 12) == 1.959963984540


# Compiled and plain


@pytest.mark.parametrize(
    ("function", "low", "high"),
    [
        (exp, -50.0, 50.0),
        (logistic, -50.0, 50.0),
        (log, 1e-12, 1.0),
        (normal_quantile, SMALLEST_DRAW, 1.0 - SMALLEST_DRAW),
    ],
    ids=["exp", "logistic", "log", "normal_quantile"],
)
def test_compiled_gives_the_bits_of_plain_python(
    function: Callable[[float], float], low: float, high: float
) -> None:
    fast = alone(function)
    numbers = np.random.default_rng(5).uniform(low, high, 2000)
    tails = np.geomspace(1e-10, 0.5, 500) if low > 0.0 else np.linspace(-1e-3, 1e-3, 500)
    for x in [*numbers, *tails, low, high]:
        assert fast(float(x)).hex() == float(function(float(x))).hex()
