"""Randomness: every draw is a pure function of world, month, who and which decision.

Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"), a
counter-based generator: its key is (seed, world), its counter (lower id, higher id or :data:`NOBODY`,
month and luck, block of four decisions). There is no state to advance, so nothing that one
organisation does can shift the luck of another, and two scenarios are compared in the same world
draw by draw (common random numbers in the strict sense).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from collabsim.compiled import rule, step

LOW_32 = np.uint64(0xFFFFFFFF)
SHIFT_32 = np.uint64(32)
ROUND_A = np.uint64(0xD2511F53)
ROUND_B = np.uint64(0xCD9E8D57)
KEY_STEP_A = np.uint64(0x9E3779B9)
KEY_STEP_B = np.uint64(0xBB67AE85)

TWO_52 = 2.0**52
TWO_52_BITS = np.uint64(0x4330000000000000)  # how 2**52 lies in memory: a word put into it is added to it

NOBODY = 0xFFFFFFFF
"""Stands for "no second organisation" (and, twice, for the partnership as a whole)."""

START = 0xFFFF
"""The month of the draws that say who they are; they never depend on luck."""

MONTHS_LIMIT = 0xFFFF - 1
LUCK_LIMIT = 0xFFFF
SEED_LIMIT = 0xFFFFFFFF
WORLD_LIMIT = 0xFFFFFFFF

# The decisions, as (block, place in the block). A pair's:
#   block 0  meet         named        safe         who leads among equals
#   block 1  lead         commit (lower, higher)    -
#   block 2  deliver (lower, higher)   notice (lower, higher)
#   block 3  picked as partner to introduce, by (lower, higher)
# An organisation's:
#   block 0  turnover     introduce
#   block 1  successors' resting courage, resting systems view
# At the start, an organisation's:
#   block 0  perspective (two axes)    mandate      disposition
#   block 1  accountability            resting courage           resting systems view
# and a pair's block 0: contact, and block 1: what a survey's answers meant (lower, higher); the partnership's
# block 0: its mean disposition.


@rule
def philox_round(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any]:
    """Return the counter's four words after one round of Philox, with this round's key.

    Words are masked so that the compiler knows them to be below 2**32: it then multiplies by the short
    instruction, four pairs at a time.
    """
    a = ROUND_A * (c0 & LOW_32)  # both factors are below 2**32: no overflow
    b = ROUND_B * (c2 & LOW_32)
    return (b >> SHIFT_32) ^ c1 ^ k0, b & LOW_32, (a >> SHIFT_32) ^ c3 ^ k1, a & LOW_32


@rule
def philox(
    key_0: int, key_1: int, counter_0: int, counter_1: int, counter_2: int, counter_3: int
) -> tuple[Any, Any, Any, Any]:
    """Return the four 32-bit words of Philox4x32-10 for a key and a counter.

    Parameters
    ----------
    key_0, key_1
        The key's 32-bit words.
    counter_0, counter_1, counter_2, counter_3
        The counter's 32-bit words.

    Returns
    -------
    tuple of numpy.uint64
        Four words, each below 2**32.
    """
    k0, k1 = np.uint64(key_0), np.uint64(key_1)
    c0, c1 = np.uint64(counter_0), np.uint64(counter_1)
    c2, c3 = np.uint64(counter_2), np.uint64(counter_3)
    for _ in range(10):
        c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
        k0 = (k0 + KEY_STEP_A) & LOW_32
        k1 = (k1 + KEY_STEP_B) & LOW_32
    return c0, c1, c2, c3


@rule
def uniform(word: int) -> float:
    """Return a 32-bit word as a number strictly between 0 and 1.

    So an event of probability 0 never happens and one of probability 1 always does, and both still
    have their draw.
    """
    whole = np.uint64(np.uint64(word) | TWO_52_BITS).view(np.float64) - TWO_52  # the word, as vector code can
    return (whole + 0.5) * 2.3283064365386963e-10  # 2**-32


@rule
def draw_four(
    seed: int, world: int, lower: int, higher: int, month: int, luck: int, block: int
) -> tuple[float, float, float, float]:
    """Return one block of four draws.

    Parameters
    ----------
    seed, world
        Whose world, 0 to 2**32 - 1 each.
    lower, higher
        Ids of the two organisations, the lower first; :data:`NOBODY` where there is no other.
    month
        The month, 0 to :data:`MONTHS_LIMIT`, or :data:`START`.
    luck
        0 to :data:`LUCK_LIMIT`: redraws what happens, not who they are.
    block
        Which four decisions.

    Returns
    -------
    tuple of float
        Four numbers strictly between 0 and 1.
    """
    a, b, c, d = philox(seed, world, lower, higher, month + 65536 * luck, block)
    return uniform(a), uniform(b), uniform(c), uniform(d)


@step
def draw_many(
    words: Any, ids: Any, others: Any, count: int,
    seed: int, world: int, month: int, luck: int, block: int,
) -> None:  # fmt: skip
    """Draw one block of four for many pairs: the same as :func:`philox`, as a loop that becomes vector code.

    Parameters
    ----------
    words
        (4, room) unsigned: filled with the four words of each pair, for :func:`uniform`.
    ids, others
        (room,) lower and higher ids.
    count
        How many pairs.
    seed, world, month, luck, block
        As for :func:`draw_four`.
    """
    first, second, third, fourth = words[0], words[1], words[2], words[3]
    when, which = np.uint64(month + 65536 * luck), np.uint64(block)
    for k in range(count):
        c0, c1, c2, c3 = np.uint64(ids[k]), np.uint64(others[k]), when, which
        k0, k1 = np.uint64(seed), np.uint64(world)
        for _ in range(10):
            c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
            k0 = (k0 + KEY_STEP_A) & LOW_32
            k1 = (k1 + KEY_STEP_B) & LOW_32
        first[k] = c0
        second[k] = c1
        third[k] = c2
        fourth[k] = c3


@rule
def draw(
    seed: int, world: int, lower: int, higher: int, month: int, luck: int, decision: int
) -> float:
    """Return one draw: the decision is ``4 * block + place in the block``."""
    a, b, c, d = draw_four(seed, world, lower, higher, month, luck, decision // 4)
    place = decision % 4
    if place == 0:
        return a
    if place == 1:
        return b
    if place == 2:
        return c
    return d
