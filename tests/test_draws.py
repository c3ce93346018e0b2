"""Randomness: the published generator, to the bit; uniform and independent; a pure function of its place."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from randomgen import Philox
from scipy import stats

from alone import alone
from collabsim.compiled import rule
from collabsim.draws import (
    LUCK_LIMIT,
    MONTHS_LIMIT,
    NOBODY,
    SEED_LIMIT,
    START,
    WORLD_LIMIT,
    draw,
    draw_four,
    draw_many,
    philox,
    uniform,
)

WORD = 2**32
words = st.integers(0, WORD - 1)
six_words = st.tuples(*[words] * 6)
ids = st.integers(0, NOBODY)
months = st.one_of(st.integers(0, MONTHS_LIMIT), st.just(START))
lucks = st.integers(0, LUCK_LIMIT)
places = st.tuples(words, words, ids, ids, months, lucks, st.integers(0, 7))

RANDOM = settings(deadline=None, derandomize=True, max_examples=300)


def four_words(numbers: Iterable[int]) -> tuple[int, ...]:
    """Return Philox's words for the words of a key and of a counter, as Python's whole numbers."""
    return tuple(int(word) for word in philox(*(int(number) for number in numbers)))


# The published answers


@pytest.mark.parametrize(
    ("key", "counter", "answer"),
    [
        ("00000000 00000000", "00000000 " * 4, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff", "ffffffff " * 4, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("a4093822 299f31d0", "243f6a88 85a308d3 13198a2e 03707344", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_philox_gives_the_answers_published_with_random123(key: str, counter: str, answer: str) -> None:
    numbers = [int(word, 16) for word in f"{key} {counter}".split()]
    assert four_words(numbers) == tuple(int(word, 16) for word in answer.split())


def randomgen_words(key: tuple[int, ...], counter: tuple[int, ...]) -> tuple[int, ...]:
    """Return what another implementation gives; it counts up by one before it generates."""
    number = sum(word << 32 * place for place, word in enumerate(counter))
    other = Philox(key=key[0] | key[1] << 32, counter=(number - 1) % 2**128, number=4, width=32)
    return tuple(int(word) for word in other.random_raw(4))


@RANDOM
@given(six_words)
def test_philox_equals_another_implementation(numbers: tuple[int, ...]) -> None:
    assert four_words(numbers) == randomgen_words(numbers[:2], numbers[2:])


@RANDOM
@given(places)
def test_a_draw_is_that_word_of_philox_for_its_place(place: tuple[int, ...]) -> None:
    seed, world, lower, higher, month, luck, block = place
    expected = randomgen_words((seed, world), (lower, higher, month + 65536 * luck, block))
    four = draw_four(*place)
    assert [int(u * WORD) for u in four] == list(expected)
    for which in range(4):
        assert draw(seed, world, lower, higher, month, luck, 4 * block + which) == four[which]


# Strictly between 0 and 1


@pytest.mark.parametrize("word", [0, 1, 2, WORD // 2 - 1, WORD // 2, WORD - 2, WORD - 1])
def test_a_word_is_the_middle_of_its_cell(word: int) -> None:
    u = uniform(np.uint64(word))
    assert u == (2 * word + 1) / 2**33  # exact: 33 bits fit a double
    assert 0.0 < u < 1.0


def test_probability_nought_never_happens_and_one_always() -> None:
    for word in (0, WORD - 1):
        assert not uniform(np.uint64(word)) < 0.0
        assert uniform(np.uint64(word)) < 1.0


@RANDOM
@given(places)
def test_every_draw_lies_strictly_inside(place: tuple[int, ...]) -> None:
    assert all(0.0 < u < 1.0 for u in draw_four(*place))


# Purity, and places that are never confused


@RANDOM
@given(places, st.lists(places, max_size=3))
def test_the_same_place_gives_the_same_bits_whatever_was_drawn_before(
    place: tuple[int, ...], others: list[tuple[int, ...]]
) -> None:
    first = draw_four(*place)
    for other in others:
        draw_four(*other)
    assert draw_four(*place) == first


def test_who_they_are_is_drawn_in_no_month_that_happens() -> None:
    assert MONTHS_LIMIT < START < 65536
    assert START not in range(MONTHS_LIMIT + 1)


@RANDOM
@given(st.integers(0, START), lucks)
def test_month_and_luck_can_be_told_apart_from_their_word(month: int, luck: int) -> None:
    word = month + 65536 * luck
    assert word < WORD  # so nothing is lost on the way into the counter
    assert divmod(word, 65536) == (luck, month)


def test_limits_are_those_of_a_32_bit_word() -> None:
    assert (SEED_LIMIT, WORLD_LIMIT) == (WORD - 1, WORD - 1)
    assert START + 65536 * LUCK_LIMIT == WORD - 1


@RANDOM
@given(places, places)
def test_two_places_give_two_blocks(one: tuple[int, ...], two: tuple[int, ...]) -> None:
    # For one key Philox is a permutation of counters, so blocks of one world can never be equal; those of
    # two worlds could be, once in 2**128.
    assert (draw_four(*one) == draw_four(*two)) == (one == two)


@pytest.mark.parametrize("axis", range(7))
@pytest.mark.parametrize("bit", [0, 1, 7, 15])
def test_each_argument_matters(axis: int, bit: int) -> None:
    place = [5, 17, 123, 4567, 8, 9, 2]
    other = place.copy()
    other[axis] ^= 1 << bit
    assert set(draw_four(*place)).isdisjoint(draw_four(*other))


def test_lower_and_higher_are_not_interchangeable() -> None:
    assert draw_four(1, 2, 3, 4, 5, 6, 0) != draw_four(1, 2, 4, 3, 5, 6, 0)
    assert draw_four(1, 2, 3, 4, 5, 6, 0) != draw_four(2, 1, 3, 4, 5, 6, 0)


# Compiled and plain

FOUR, ONE, WORDS = alone(draw_four), alone(draw), alone(philox)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(places)
def test_compiled_draws_are_those_of_plain_python(place: tuple[int, ...]) -> None:
    assert FOUR(*place) == draw_four(*place)
    decision = 4 * place[6] + 3
    assert ONE(*place[:6], decision) == draw(*place[:6], decision)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(six_words)
def test_compiled_philox_is_that_of_plain_python(numbers: tuple[int, ...]) -> None:
    assert tuple(WORDS(*numbers)) == tuple(philox(*numbers))


# Uniform and independent between neighbours. All p-values of a test are compared with one threshold,
# divided by their number (Bonferroni); seeds are fixed, so a result never changes by chance.

AXES = ("seed", "world", "lower", "higher", "month", "luck", "block")
ALARM = 0.01
PAIRS = 32_768


@rule
def fill(place: np.ndarray, out: np.ndarray) -> None:
    """Draw the four numbers of every row of ``place``, shape (rows, 7), into ``out``, shape (rows, 4)."""
    for row in range(len(place)):
        four = draw_four(
            place[row, 0], place[row, 1], place[row, 2], place[row, 3], place[row, 4], place[row, 5],
            place[row, 6],
        )  # fmt: skip
        for which in range(4):
            out[row, which] = four[which]


def many(place: np.ndarray) -> np.ndarray:
    """Return the four draws of every row of places."""
    out = np.empty((len(place), 4))
    fill(np.ascontiguousarray(place, np.int64), out)
    return out


def somewhere(rows: int, seed: int) -> np.ndarray:
    """Return places such as runs have: small seeds, worlds, ids, months and lucks, and few blocks."""
    random = np.random.default_rng(seed)
    limits = [20, 2000, 500, 100_000, 120, 40, 4]
    return np.stack([random.integers(0, limit, rows) for limit in limits], axis=1)


def along(axis: int, rows: int) -> np.ndarray:
    """Return places that differ in one argument alone, counted up from 0."""
    place = np.tile([1, 7, 12, 345, 6, 0, 0], (rows, 1))
    place[:, axis] = np.arange(rows)
    return place


def p_uniform(u: np.ndarray) -> list[float]:
    """Return p-values for one sample being uniform: by cells, by the largest deviation, by the last bits."""
    last_bits = (u * WORD).astype(np.uint64) % np.uint64(256)
    return [
        stats.chisquare(np.histogram(u, 256, (0, 1))[0]).pvalue,
        stats.kstest(u, "uniform").pvalue,
        stats.chisquare(np.bincount(last_bits.astype(np.int64), minlength=256)).pvalue,
    ]


def p_independent(u: np.ndarray, v: np.ndarray) -> list[float]:
    """Return p-values for two uniform samples being independent: by correlation, and on a 16 x 16 grid."""
    correlation = 12.0 * np.mean((u - 0.5) * (v - 0.5)) * math.sqrt(len(u))  # standard normal if they are
    grid = np.histogram2d(u, v, 16, [(0, 1), (0, 1)])[0]
    return [2.0 * stats.norm.sf(abs(correlation)), stats.chisquare(grid.ravel()).pvalue]


def no_alarm(p_values: list[float]) -> None:
    """Fail if the smallest p-value is too small for so many."""
    assert len(p_values) > 0
    assert np.isfinite(p_values).all()
    assert min(p_values) > ALARM / len(p_values)


def test_the_alarm_goes_off_for_draws_that_are_not_independent() -> None:
    u = many(along(1, PAIRS))[:, 0]
    for spoiled in (u, 1.0 - u, (u + 0.05 * many(along(1, PAIRS))[:, 1]) % 1.0):
        with pytest.raises(AssertionError):
            no_alarm(p_independent(u, spoiled))
    with pytest.raises(AssertionError):
        no_alarm(p_uniform(u**1.05))
    with pytest.raises(AssertionError):
        no_alarm(p_uniform(np.floor(u * 65536.0) / 65536.0))  # 16 random bits only


def test_draws_are_uniform_along_every_argument() -> None:
    p_values = []
    for axis in range(len(AXES)):
        u = many(along(axis, 65_536 if axis != 4 else MONTHS_LIMIT))
        for which in range(4):
            p_values += p_uniform(u[:, which])
    no_alarm(p_values)


def test_draws_in_a_row_along_every_argument_are_uncorrelated() -> None:
    p_values = []
    for axis in range(len(AXES)):
        u = many(along(axis, 65_534))
        for which, lag in itertools.product(range(4), (1, 2, 3, 12)):
            z = 12.0 * np.mean((u[lag:, which] - 0.5) * (u[:-lag, which] - 0.5)) * math.sqrt(len(u) - lag)
            p_values.append(2.0 * stats.norm.sf(abs(z)))
    no_alarm(p_values)


@pytest.mark.parametrize("axis", range(7), ids=AXES)
def test_neighbours_along_an_argument_are_independent(axis: int) -> None:
    place = somewhere(PAIRS, seed=100 + axis)
    p_values = []
    for step in (1, 2, 4):
        neighbour = place.copy()
        neighbour[:, axis] += step
        u, v = many(place), many(neighbour)
        for one, other in itertools.product(range(4), range(4)):
            p_values += p_independent(u[:, one], v[:, other])
    no_alarm(p_values)


def test_the_four_draws_of_a_block_are_independent() -> None:
    u = many(np.unique(somewhere(2 * PAIRS, seed=5), axis=0))
    p_values = []
    for one, other in itertools.combinations(range(4), 2):
        p_values += p_independent(u[:, one], u[:, other])
    no_alarm(p_values)


def test_exchanged_arguments_give_independent_draws() -> None:
    place = somewhere(PAIRS, seed=11)
    place = place[(place[:, 0] != place[:, 1]) & (place[:, 2] != place[:, 3]) & (place[:, 4] != place[:, 5])]
    p_values = []
    for one, other in ((0, 1), (2, 3), (4, 5)):
        exchanged = place.copy()
        exchanged[:, [one, other]] = place[:, [other, one]]
        p_values += p_independent(many(place)[:, 0], many(exchanged)[:, 0])
    no_alarm(p_values)


def test_decisions_of_one_meeting_are_independent() -> None:
    place = somewhere(PAIRS, seed=12)
    blocks = []
    for block in range(4):
        place[:, 6] = block
        blocks.append(many(np.unique(place, axis=0)))
    u = np.concatenate(blocks, axis=1)
    p_values = []
    for one, other in itertools.combinations(range(16), 2):
        p_values += p_independent(u[:, one], u[:, other])
    no_alarm(p_values)


def test_one_flipped_bit_anywhere_flips_half_of_all_bits() -> None:
    random = np.random.default_rng(3)
    flipped = []
    for number in random.integers(0, WORD, (64, 6)):
        before = four_words(number)
        for word, bit in itertools.product(range(6), (0, 1, 13, 31)):
            other = number.copy()
            other[word] ^= 1 << bit
            flipped.append([(a ^ b).bit_count() for a, b in zip(before, four_words(other), strict=True)])
    share = np.array(flipped) / 32.0  # (1536, 4)
    assert abs(share.mean() - 0.5) < 4 * 0.5 / math.sqrt(share.size * 32)
    assert (np.abs(share.mean(axis=0) - 0.5) < 4.5 * 0.5 / math.sqrt(len(share) * 32)).all()


def test_many_at_once_are_the_same_draws() -> None:
    random = np.random.default_rng(3)
    ids = random.integers(0, 2**32, (2, 77)).astype(np.uint32)
    words = np.zeros((4, 80), np.uint64)
    draw_many(words, ids[0], ids[1], 77, 2**32 - 1, 5, 71, 9, 2)
    for k in range(77):
        expected = philox(2**32 - 1, 5, int(ids[0, k]), int(ids[1, k]), 71 + 65536 * 9, 2)
        assert words[:, k].tolist() == [int(word) for word in expected]
    assert not words[:, 77:].any()
