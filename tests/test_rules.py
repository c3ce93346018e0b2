"""The equations: each rule's bounds, directions, fixed points, and what the model's description says of it.

``@about(rule, ...)`` says which rules a property is about; the last tests hold that no rule is without one.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import collabsim.rules
from alone import alone
from collabsim.rules import (
    accountability,
    brokerage,
    commitment,
    contact,
    difference,
    leadership,
    purpose,
    trust,
)

Rule = Callable[..., Any]
Test = TypeVar("Test", bound=Callable[..., None])

PROPERTIES: dict[str, list[str]] = {}
"""Rule, as module and name, to the names of the properties that are about it."""

TOLERANCE = 1e-12

share = st.floats(0.0, 1.0, allow_subnormal=False)
positive_share = st.floats(0.001, 1.0)
evidence = st.floats(0.0, 200.0, allow_subnormal=False)
prior = st.floats(0.01, 20.0)
stakes = st.floats(0.01, 1.0)
factor = st.floats(0.0, 5.0, allow_subnormal=False)


def key(function: Rule) -> str:
    """Return a rule's module and name."""
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def about(*rules: Rule) -> Callable[[Test], Test]:
    """Register a property of rules, and let hypothesis look for exceptions, the same ones every time."""

    def register(test: Test) -> Test:
        for function in rules:
            PROPERTIES.setdefault(key(function), []).append(test.__name__)
        if getattr(test, "is_hypothesis_test", False):
            return settings(deadline=None, derandomize=True, max_examples=150)(test)
        return test

    return register


def near(found: float, expected: float) -> bool:
    """Say whether two numbers agree but for rounding."""
    return math.isclose(found, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def between(low: float, x: float, high: float) -> bool:
    """Say whether x lies between two numbers, but for rounding."""
    return low - TOLERANCE <= x <= high + TOLERANCE


# Trust


@about(trust.trust)
@given(evidence, evidence, share, prior)
def test_trust_lies_between_nought_and_one(
    kept: float, broken: float, disposition: float, worth: float
) -> None:
    assert 0.0 <= trust.trust(kept, broken, disposition, worth) <= 1.0


@about(trust.trust)
@given(evidence, evidence, share, prior, st.floats(0.0, 50.0))
def test_trust_rises_with_promises_kept_and_falls_with_broken_ones(
    kept: float, broken: float, disposition: float, worth: float, more: float
) -> None:
    before = trust.trust(kept, broken, disposition, worth)
    after_kept = trust.trust(kept + more, broken, disposition, worth)
    after_broken = trust.trust(kept, broken + more, disposition, worth)
    assert after_broken - TOLERANCE <= before <= after_kept + TOLERANCE
    if more > 0.1:
        assert after_kept > before or before > 1.0 - TOLERANCE
        assert after_broken < before or before < TOLERANCE


@about(trust.trust)
@given(share, prior)
def test_trust_without_evidence_is_the_disposition(disposition: float, worth: float) -> None:
    assert near(trust.trust(0.0, 0.0, disposition, worth), disposition)


@about(trust.trust)
@given(evidence, evidence, share)
def test_trust_is_the_mean_that_the_model_states(kept: float, broken: float, disposition: float) -> None:
    assert near(trust.trust(kept, broken, disposition, 2.0), (kept + 2 * disposition) / (kept + broken + 2))


@about(trust.trust)
@given(evidence, evidence, share, prior)
def test_trust_lies_between_the_disposition_and_what_the_evidence_alone_says(
    kept: float, broken: float, disposition: float, worth: float
) -> None:
    assume(kept + broken > 1e-3)
    alone = kept / (kept + broken)
    low, high = sorted((disposition, alone))
    assert between(low, trust.trust(kept, broken, disposition, worth), high)


@about(trust.trust)
@given(share, st.floats(1.0, 50.0), st.floats(0.1, 5.0))
def test_early_trust_is_fragile_and_long_trust_robust(good: float, long: float, blow: float) -> None:
    def fall(evidence_so_far: float) -> float:
        kept, broken = good * evidence_so_far, (1.0 - good) * evidence_so_far
        return float(trust.trust(kept, broken, good, 2.0) - trust.trust(kept, broken + blow, good, 2.0))

    assert fall(long) <= fall(0.0) + TOLERANCE


@about(trust.trust, trust.evidence_kept, trust.evidence_failed)
@given(st.sampled_from([1.0, 2.0, 3.0, 5.0]), st.floats(0.0, 30.0), st.floats(0.0, 10.0))
def test_regaining_trust_after_one_failure_takes_as_many_successes_as_the_model_says(
    negativity: float, kept: float, broken: float
) -> None:
    before = trust.trust(kept, broken, 0.5, 2.0)
    worse = broken + trust.evidence_failed(1.0, negativity, 0.0, 0.0)
    needed = negativity * (kept + 1.0) / (broken + 1.0)
    again = kept + needed * trust.evidence_kept(1.0)
    assert math.isclose(trust.trust(again, worse, 0.5, 2.0), before, rel_tol=1e-9)


@about(trust.disposition_towards)
@given(share, share)
def test_own_sector_is_trusted_a_little_more_and_nobody_beyond_one(disposition: float, more: float) -> None:
    assert trust.disposition_towards(disposition, 0, more) == disposition
    own = trust.disposition_towards(disposition, 1, more)
    assert disposition <= own <= 1.0
    assert own == min(1.0, disposition + more)


@about(trust.as_if)
@given(share, share, share)
def test_acting_as_if_lifts_the_disposition_towards_one(disposition: float, loan: float, more: float) -> None:
    lifted = trust.as_if(disposition, loan)
    assert between(disposition, lifted, 1.0)
    assert near(lifted, disposition + loan * (1 - disposition))
    assert trust.as_if(disposition, 0.0) == disposition
    assert near(trust.as_if(disposition, 1.0), 1.0)
    low, high = sorted((loan, more))
    assert trust.as_if(disposition, low) <= trust.as_if(disposition, high) + TOLERANCE


@about(trust.as_if, trust.trust)
@given(evidence, evidence, share, share)
def test_evidence_washes_out_as_if_trust(kept: float, broken: float, disposition: float, loan: float) -> None:
    def lent(good: float, bad: float) -> float:
        lifted = trust.as_if(disposition, loan)
        return float(trust.trust(good, bad, lifted, 2.0) - trust.trust(good, bad, disposition, 2.0))

    assert -TOLERANCE <= lent(kept, broken) <= lent(0.0, 0.0) + TOLERANCE
    assert near(lent(kept, broken), 2 * loan * (1 - disposition) / (kept + broken + 2))


@about(trust.faded)
@given(evidence, share, st.integers(1, 20))
def test_memory_fades_by_the_same_share_each_month(amount: float, memory: float, months: int) -> None:
    left = amount
    for _ in range(months):
        assert 0.0 <= trust.faded(left, memory) <= left
        left = trust.faded(left, memory)
    assert near(left, memory**months * amount)
    assert trust.faded(amount, 1.0) == amount


@about(trust.evidence_kept, trust.evidence_failed, trust.evidence_held_back)
@given(stakes, factor, share, share)
def test_evidence_grows_with_the_root_of_the_stake(
    v: float, weight: float, doubt: float, repair: float
) -> None:
    assert near(trust.evidence_kept(v) ** 2, v)
    failed = trust.evidence_failed(v, weight, doubt, repair)
    assert near(failed, weight * math.sqrt(v) * (1 - doubt) * (1 - repair))
    assert near(trust.evidence_held_back(v, weight, doubt), weight * math.sqrt(v) * (1 - doubt))
    assert 0.0 <= failed <= trust.evidence_held_back(v, weight, doubt) + TOLERANCE


@about(trust.evidence_failed, trust.evidence_held_back)
@given(stakes, factor, share, share)
def test_full_doubt_or_full_repair_leaves_no_evidence_against(
    v: float, weight: float, doubt: float, repair: float
) -> None:
    assert trust.evidence_failed(v, weight, 1.0, repair) == 0.0
    assert trust.evidence_failed(v, weight, doubt, 1.0) == 0.0
    assert trust.evidence_held_back(v, weight, 1.0) == 0.0


@about(trust.evidence_failed, trust.evidence_kept)
@given(stakes, st.floats(1.0, 20.0))
def test_bad_weighs_at_least_as_much_as_good(v: float, negativity: float) -> None:
    assert trust.evidence_failed(v, negativity, 0.0, 0.0) >= trust.evidence_kept(v)


@about(trust.evidence_of_survey, trust.trust)
@given(share, share, st.floats(0.01, 100.0), prior)
def test_evidence_of_a_survey_gives_back_the_trust_surveyed(
    surveyed: float, disposition: float, worth: float, prior_strength: float
) -> None:
    kept = trust.evidence_of_survey(surveyed, disposition, worth, prior_strength)
    assert 0.0 <= kept <= worth
    found = trust.trust(kept, worth - kept, disposition, prior_strength)
    if 0.0 < kept < worth:
        assert math.isclose(found, surveyed, rel_tol=1e-9, abs_tol=1e-9)
    elif kept == worth:  # more than so little evidence can say
        assert found <= surveyed + TOLERANCE
    else:
        assert found >= surveyed - TOLERANCE


@about(trust.evidence_of_survey)
@given(share, share, share)
def test_more_trust_surveyed_is_more_evidence_kept(low: float, high: float, disposition: float) -> None:
    low, high = sorted((low, high))
    less = trust.evidence_of_survey(low, disposition, 4.0, 2.0)
    assert less <= trust.evidence_of_survey(high, disposition, 4.0, 2.0)


# Contact


@about(contact.capacity)
@given(st.floats(0.0, 6.0), st.floats(0.0, 6.0))
def test_capacity_grows_with_staff_between_its_limits(small: float, large: float) -> None:
    small, large = sorted((small, large))
    found = contact.capacity(small, 4.0, 4.0, 4.0, 20.0)
    assert 4.0 <= found <= contact.capacity(large, 4.0, 4.0, 4.0, 20.0) <= 20.0
    assert near(found, min(20.0, 4.0 + 4.0 * small))


@about(contact.capacity)
def test_capacity_is_clipped_at_both_limits() -> None:
    assert contact.capacity(0.0, 1.0, 4.0, 4.0, 20.0) == 4.0
    assert contact.capacity(2.0, 4.0, 4.0, 4.0, 20.0) == 12.0
    assert contact.capacity(9.0, 4.0, 4.0, 4.0, 20.0) == 20.0


@about(contact.room)
@given(st.floats(0.0, 100.0), st.floats(0.0, 1000.0))
def test_there_is_never_room_for_more_than_capacity(capacity: float, load: float) -> None:
    room = contact.room(capacity, load)
    assert 0.0 <= room <= 1.0
    assert room * load <= capacity * (1 + TOLERANCE)
    assert (room == 1.0) == (load <= capacity) or near(load, capacity)
    if load > capacity:
        assert near(room * load, capacity)


@about(contact.room)
def test_who_is_called_to_nothing_has_room_even_without_capacity() -> None:
    assert contact.room(0.0, 0.0) == 1.0


@about(contact.meeting_probability)
@given(share, share, share, share)
def test_a_pair_meets_as_often_as_the_one_with_less_room_allows(
    rate: float, m: float, lower: float, higher: float
) -> None:
    chance = contact.meeting_probability(rate, m, lower, higher)
    assert 0.0 <= chance <= rate * m
    assert chance == contact.meeting_probability(rate, m, higher, lower)
    assert near(chance, rate * m * min(lower, higher))


@about(contact.settled)
@given(share, share)
def test_tension_settles_by_a_share(tension: float, settle: float) -> None:
    assert near(contact.settled(tension, settle), tension * (1 - settle))
    assert 0.0 <= contact.settled(tension, settle) <= tension
    assert contact.settled(tension, 0.0) == tension
    assert contact.settled(tension, 1.0) == 0.0


@about(contact.closer, contact.looser)
@given(share, share)
def test_contact_comes_and_goes_within_its_range(m: float, rate: float) -> None:
    assert between(m, contact.closer(m, rate), 1.0)
    assert 0.0 <= contact.looser(m, rate) <= m
    assert near(contact.closer(m, rate), m + rate * (1 - m))
    assert near(contact.looser(m, rate), m * (1 - rate))


@about(contact.closer, contact.looser)
@given(share, share)
def test_full_contact_and_none_are_where_contact_stays(m: float, rate: float) -> None:
    assert contact.closer(1.0, rate) == 1.0
    assert contact.looser(0.0, rate) == 0.0
    assert contact.closer(m, 0.0) == m == contact.looser(m, 0.0)


# Difference


@about(difference.distance)
@given(share, share, share, share)
def test_distance_is_a_metric_from_nought_to_one(x_a: float, y_a: float, x_b: float, y_b: float) -> None:
    d = difference.distance(x_a, y_a, x_b, y_b)
    assert 0.0 <= d <= 1.0
    assert d == difference.distance(x_b, y_b, x_a, y_a)
    assert difference.distance(x_a, y_a, x_a, y_a) == 0.0
    assert near(d, math.hypot(x_a - x_b, y_a - y_b) / math.sqrt(2.0))


@about(difference.distance)
def test_opposite_corners_are_one_apart() -> None:
    assert near(difference.distance(0.0, 0.0, 1.0, 1.0), 1.0)
    assert near(difference.distance(0.0, 1.0, 1.0, 1.0), math.sqrt(0.5))


@about(difference.alignment)
@given(share, share)
def test_alignment_is_full_for_equal_views_and_falls_with_their_difference(a: float, b: float) -> None:
    found = difference.alignment(a, b)
    assert 0.0 <= found <= 1.0
    assert found == difference.alignment(b, a)
    assert near(found, 1 - abs(a - b))
    assert difference.alignment(a, a) == 1.0


@about(difference.gain)
@given(share, share, share, factor, factor)
def test_gain_is_the_joint_value_that_the_model_states(
    a: float, d: float, u: float, synergy: float, friction: float
) -> None:
    found = difference.gain(a, d, u, synergy, friction)
    assert near(found, a * (1 + synergy * d * u - friction * d * (1 - u)))
    assert between(a * (1 - friction), found, a * (1 + synergy))
    assert difference.gain(a, 0.0, u, synergy, friction) == a
    assert difference.gain(0.0, d, u, synergy, friction) == 0.0


@about(difference.gain)
@given(share, share, share, share, factor, factor)
def test_gain_rises_with_understanding(
    a: float, d: float, u: float, v: float, synergy: float, friction: float
) -> None:
    u, v = sorted((u, v))
    less = difference.gain(a, d, u, synergy, friction)
    assert less <= difference.gain(a, d, v, synergy, friction) + TOLERANCE


@about(difference.gain)
@given(share, st.floats(0.1, 5.0), st.floats(0.1, 5.0), st.floats(0.0, 0.9))
def test_the_best_distance_is_where_the_model_says_and_moves_right_with_learning(
    d: float, synergy: float, friction: float, learned: float
) -> None:
    best = synergy / (2.0 * (synergy + friction) * (1.0 - learned))
    assume(best <= 1.0)

    def value(distance: float) -> float:
        understanding = 1.0 - (1.0 - learned) * distance
        return float(difference.gain(1.0, distance, understanding, synergy, friction))

    assert value(d) <= value(best) + TOLERANCE
    assert value(best) > 1.0
    if abs(d - best) > 1e-3:
        assert value(d) < value(best)


@about(difference.strained)
@given(share, share, share, share, share, share)
def test_tension_grows_towards_one_as_the_model_states(
    h: float, nu: float, misfit: float, strange: float, none: float, surfacing: float
) -> None:
    after = difference.strained(h, nu, misfit, strange, none, surfacing)
    assert near(after, h + (nu * (misfit + strange + none) + surfacing * strange) * (1 - h))
    assert after >= h
    if nu * 3.0 + surfacing <= 1.0:
        assert after <= 1.0 + TOLERANCE
    assert difference.strained(1.0, nu, misfit, strange, none, surfacing) == 1.0
    assert difference.strained(h, nu, 0.0, 0.0, 0.0, surfacing) == h


@about(difference.strained)
@given(share, share, share, share, share, share, share)
def test_surfacing_strains_only_where_something_is_not_understood(
    h: float, nu: float, misfit: float, strange: float, none: float, surfacing: float, more: float
) -> None:
    surfacing, more = sorted((surfacing, more))
    less = difference.strained(h, nu, misfit, strange, none, surfacing)
    assert less <= difference.strained(h, nu, misfit, strange, none, more) + TOLERANCE
    understood = difference.strained(h, nu, misfit, 0.0, none, surfacing)
    assert understood == difference.strained(h, nu, misfit, 0.0, none, more)


@about(difference.resolved)
@given(share, share)
def test_a_named_tension_goes_by_a_share(h: float, resolution: float) -> None:
    assert near(difference.resolved(h, resolution), h * (1 - resolution))
    assert 0.0 <= difference.resolved(h, resolution) <= h
    assert difference.resolved(h, 1.0) == 0.0


@about(difference.understood)
@given(share, share)
def test_understanding_grows_by_a_share_of_what_is_missing(u: float, learning: float) -> None:
    assert near(difference.understood(u, learning), u + learning * (1 - u))
    assert between(u, difference.understood(u, learning), 1.0)
    assert difference.understood(u, 0.0) == u
    assert difference.understood(1.0, learning) == 1.0


@about(difference.unlearned)
@given(share, share, share)
def test_what_leaders_take_is_understanding_beyond_the_untaught(u: float, d: float, kept: float) -> None:
    after = difference.unlearned(u, d, kept)
    low, high = sorted((u, 1 - d))
    assert between(low, after, high)
    assert near(after, kept * u + (1 - kept) * (1 - d))
    assert near(difference.unlearned(u, d, 1.0), u)
    assert near(difference.unlearned(u, d, 0.0), 1 - d)
    assert near(difference.unlearned(1 - d, d, kept), 1 - d)


# Commitment


@about(commitment.stake)
@given(stakes, share, share, share, positive_share)
def test_a_stake_lies_between_nothing_and_what_was_mandated(
    size: float, matching: float, a: float, b: float, full_at: float
) -> None:
    v = commitment.stake(size, matching, a, b, full_at)
    assert between(0.0, v, size)
    assert v == commitment.stake(size, matching, b, a, full_at)
    assert near(v, size * (1 - matching + matching * min(1.0, min(a, b) / full_at)))
    assert commitment.stake(size, 0.0, a, b, full_at) == size
    if min(a, b) >= full_at:
        assert near(v, size)


@about(commitment.stake)
@given(stakes, share, share, share, share, positive_share)
def test_a_stake_follows_the_lesser_trust(
    size: float, matching: float, a: float, b: float, more: float, full_at: float
) -> None:
    v = commitment.stake(size, matching, a, b, full_at)
    assert v <= commitment.stake(size, matching, max(a, more), max(b, more), full_at) + TOLERANCE
    assert near(v, commitment.stake(size, matching, min(a, b), max(a, b, more), full_at))


@about(commitment.counted_share)
@given(share, st.floats(0.0, 2.0, allow_subnormal=False), share)
def test_a_systemic_leader_counts_more_of_the_whole(own: float, weight: float, view: float) -> None:
    assert commitment.counted_share(own, weight, 0.0) == own
    assert near(commitment.counted_share(own, weight, view), own + weight * view)
    assert own <= commitment.counted_share(own, weight, view) <= own + weight + TOLERANCE


@about(commitment.value_of_committing)
@given(share, factor, share, stakes, factor, share, share)
def test_the_value_of_committing_is_the_one_in_the_model(
    believed: float, gain: float, counted: float, v: float, loss: float, cost: float, burden: float
) -> None:
    found = commitment.value_of_committing(believed, gain, counted, v, loss, cost, burden)
    assert near(found, believed * gain * counted - (1 - believed) * v * loss - cost - burden)


@about(commitment.value_of_committing)
@given(share, share, factor, share, stakes, factor, share, share)
def test_trust_makes_committing_worth_more_and_risk_cost_and_tension_less(
    low: float, high: float, gain: float, counted: float, v: float, loss: float, cost: float, more: float
) -> None:
    low, high = sorted((low, high))
    value = commitment.value_of_committing
    here = value(low, gain, counted, v, loss, cost, 0.1)
    assert here <= value(high, gain, counted, v, loss, cost, 0.1) + TOLERANCE
    assert here <= value(low, gain + more, counted, v, loss, cost, 0.1) + TOLERANCE
    assert here >= value(low, gain, counted, v, loss + more, cost, 0.1) - TOLERANCE
    assert here >= value(low, gain, counted, v, loss, cost + more, 0.1) - TOLERANCE
    assert here >= value(low, gain, counted, v, loss, cost, 0.1 + more) - TOLERANCE
    assert here >= value(low, gain, counted, min(1.0, v + more), loss, cost, 0.1) - TOLERANCE


@about(commitment.commit_probability)
@given(st.floats(-10.0, 10.0), st.floats(-10.0, 10.0), st.floats(0.0, 1000.0))
def test_the_choice_follows_its_value_without_ever_leaving_probability(
    low: float, high: float, beta: float
) -> None:
    low, high = sorted((low, high))
    chance = commitment.commit_probability
    assert 0.0 <= chance(low, beta) <= chance(high, beta) <= 1.0
    assert abs(chance(low, beta) + chance(-low, beta) - 1.0) <= 1e-15
    if abs(beta * low) < 30.0:
        assert near(chance(low, beta), 1.0 / (1.0 + math.exp(-beta * low)))


@about(commitment.commit_probability)
@given(st.floats(0.05, 10.0))
def test_the_choice_is_a_toss_up_at_nought_and_certain_at_the_limits(value: float) -> None:
    chance = commitment.commit_probability
    assert chance(value, 0.0) == chance(-value, 0.0) == chance(0.0, 7.5) == 0.5
    assert chance(value, 1000.0) == 1.0
    assert chance(-value, 1000.0) < 2.0**-33  # below the smallest draw there is


@about(commitment.follower_trust)
@given(share, share)
def test_a_leader_seen_to_commit_lifts_trust_and_never_lowers_it(believed: float, lead: float) -> None:
    after = commitment.follower_trust(believed, lead)
    assert believed <= after <= 1.0 + TOLERANCE
    assert near(after, believed + lead * (1 - believed))
    assert commitment.follower_trust(believed, 0.0) == believed
    assert near(commitment.follower_trust(believed, 1.0), 1.0)


@about(commitment.delivery_probability)
@given(share, share, stakes, share)
def test_delivery_is_the_effort_less_what_slips_at_that_stake(
    a: float, slip: float, v: float, more: float
) -> None:
    chance = commitment.delivery_probability(a, slip, v)
    assert 0.0 <= chance <= a
    assert near(chance, a * (1 - slip * v))
    assert chance >= commitment.delivery_probability(a, max(slip, more), v)
    assert chance >= commitment.delivery_probability(a, slip, max(v, more))
    assert commitment.delivery_probability(a, 0.0, v) == a
    assert commitment.delivery_probability(0.0, slip, v) == 0.0


# Purpose


@about(purpose.listens)
@given(share, share, share)
def test_a_view_is_listened_to_within_the_bound_and_not_beyond(
    view: float, other: float, bound: float
) -> None:
    heard = purpose.listens(view, other, bound)
    assert heard in (0.0, 1.0)
    assert heard == (1.0 if abs(view - other) <= bound else 0.0)
    assert heard == purpose.listens(other, view, bound)
    assert purpose.listens(view, view, 0.0) == 1.0
    assert purpose.listens(view, other, 1.0) == 1.0


views_and_trusts = st.lists(st.tuples(share, share), max_size=8)


@about(purpose.moved_view)
@given(share, views_and_trusts, share, st.floats(0.01, 100.0))
def test_a_view_stays_within_the_views_it_hears(
    view: float, heard: list[tuple[float, float]], mu: float, own: float
) -> None:
    pull = sum(t * (other - view) for other, t in heard)
    weight = sum(t for _, t in heard)
    after = purpose.moved_view(view, pull, weight, mu, own)
    hull = [view, *(other for other, t in heard if t > 0.0)]
    assert between(min(hull), after, max(hull))
    assert near(after, view + mu * pull / (own + weight))


@about(purpose.moved_view)
@given(share, st.lists(share, min_size=1, max_size=8))
def test_full_convergence_with_full_trust_is_the_mean_of_hegselmann_and_krause(
    view: float, heard: list[float]
) -> None:
    pull = sum(other - view for other in heard)
    after = purpose.moved_view(view, pull, float(len(heard)), 1.0, 1.0)
    assert near(after, float(np.mean([view, *heard])))


@about(purpose.moved_view)
@given(share, share, share, st.floats(0.01, 100.0))
def test_a_view_stays_where_nothing_pulls(view: float, weight: float, mu: float, own: float) -> None:
    assert purpose.moved_view(view, 0.0, weight, mu, own) == view
    assert purpose.moved_view(view, 0.5, weight, 0.0, own) == view


@about(purpose.pulled_back)
@given(share, share, share)
def test_a_view_is_pulled_back_towards_the_mandate_and_not_past_it(
    view: float, mandate: float, pull: float
) -> None:
    after = purpose.pulled_back(view, mandate, pull)
    low, high = sorted((view, mandate))
    assert between(low, after, high)
    assert near(after, (1 - pull) * view + pull * mandate)
    assert purpose.pulled_back(view, mandate, 0.0) == view
    assert near(purpose.pulled_back(view, mandate, 1.0), mandate)
    assert purpose.pulled_back(mandate, mandate, pull) == mandate


# Accountability


@about(accountability.expected)
@given(share, share, share)
def test_expectation_moves_towards_what_was_kept(b: float, q: float, rate: float) -> None:
    after = accountability.expected(b, q, rate)
    low, high = sorted((b, q))
    assert between(low, after, high)
    assert near(after, b + rate * (q - b))
    assert accountability.expected(b, q, 0.0) == b
    assert near(accountability.expected(b, q, 1.0), q)
    assert accountability.expected(b, b, rate) == b


@about(accountability.reciprocity)
@given(share, share, share)
def test_a_shared_purpose_makes_conditional_cooperators_less_imperfect(
    least: float, aligned: float, more: float
) -> None:
    aligned, more = sorted((aligned, more))
    found = accountability.reciprocity(least, aligned)
    assert between(least, found, 1.0)
    assert found <= accountability.reciprocity(least, more) + TOLERANCE
    assert near(found, least + (1 - least) * aligned)
    assert accountability.reciprocity(least, 0.0) == least
    assert near(accountability.reciprocity(least, 1.0), 1.0)


@about(accountability.effort)
@given(share, share, share, share)
def test_peers_lift_effort_towards_the_pledge_and_never_beyond_or_down(
    want: float, kappa: float, peers: float, pledge: float
) -> None:
    effort = accountability.effort(want, kappa, peers, pledge)
    assert between(want, effort, max(want, pledge))
    assert near(effort, want + kappa * peers * max(0.0, pledge - want))
    assert accountability.effort(want, kappa, 0.0, pledge) == want
    assert near(accountability.effort(want, 1.0, 1.0, pledge), max(want, pledge))
    if want >= pledge:
        assert effort == want


@about(accountability.effort)
@given(share, share, share, share, share)
def test_effort_rises_with_what_is_wanted_and_with_peers(
    want: float, other: float, kappa: float, peers: float, more: float
) -> None:
    want, other = sorted((want, other))
    effort = accountability.effort(want, kappa, peers, 0.95)
    assert effort <= accountability.effort(other, kappa, peers, 0.95) + TOLERANCE
    assert effort <= accountability.effort(want, kappa, max(peers, more), 0.95) + TOLERANCE


@about(accountability.expected, accountability.reciprocity, accountability.effort)
@given(st.floats(0.1, 0.95), st.floats(0.0, 0.9), st.floats(0.0, 0.95), st.floats(0.0, 0.5), share)
def test_the_accountability_loop_settles_where_the_model_says(
    sigma: float, kappa: float, pledge: float, slipping: float, start: float
) -> None:
    expectation = start
    delivered = start
    fixed = kappa * pledge / (1.0 - sigma * (1.0 - kappa) * (1.0 - slipping))
    assume(sigma * fixed * (1.0 - slipping) < pledge)  # peers have something to lift
    for _ in range(3000):
        want = accountability.reciprocity(sigma, 0.0) * expectation
        delivered = accountability.effort(want, kappa, 1.0, pledge)
        expectation = accountability.expected(expectation, delivered * (1.0 - slipping), 0.4)
    assert math.isclose(delivered, fixed, rel_tol=1e-6, abs_tol=1e-6)


# Leadership


@about(leadership.first_mover)
@given(share, share, st.floats(1e-9, 1 - 1e-9), st.floats(1e-9, 1 - 1e-9))
def test_the_more_courageous_moves_first_if_anyone_does(
    lower: float, higher: float, luck_lead: float, luck_tie: float
) -> None:
    side = leadership.first_mover(lower, higher, luck_lead, luck_tie)
    if luck_lead >= max(lower, higher):
        assert side == -1
    elif lower == higher:
        assert side == (0 if luck_tie < 0.5 else 1)
    else:
        assert side == (0 if lower > higher else 1)


@about(leadership.first_mover)
@given(st.floats(1e-9, 1 - 1e-9), st.floats(1e-9, 1 - 1e-9))
def test_nobody_moves_first_without_courage_and_somebody_does_with_all_of_it(lead: float, tie: float) -> None:
    assert leadership.first_mover(0.0, 0.0, lead, tie) == -1
    assert leadership.first_mover(1.0, 0.0, lead, tie) == 0
    assert leadership.first_mover(0.0, 1.0, lead, tie) == 1
    assert leadership.first_mover(1.0, 1.0, lead, tie) in (0, 1)


@about(leadership.first_mover)
@given(positive_share)
def test_a_draw_decides_between_equals(courage: float) -> None:
    assert leadership.first_mover(courage, courage, 0.0, 0.49) == 0
    assert leadership.first_mover(courage, courage, 0.0, 0.51) == 1


@about(leadership.naming_probability)
@given(share, share, share, share)
def test_a_tension_is_named_by_either_of_the_two(a: float, b: float, h: float, more: float) -> None:
    chance = leadership.naming_probability(a, b, h)
    assert 0.0 <= chance <= h + TOLERANCE
    assert near(chance, (1 - (1 - a) * (1 - b)) * h)
    assert near(chance, leadership.naming_probability(b, a, h))
    assert chance >= max(a, b) * h - TOLERANCE
    assert chance <= leadership.naming_probability(max(a, more), b, h) + TOLERANCE
    assert leadership.naming_probability(a, b, 0.0) == leadership.naming_probability(0.0, 0.0, h) == 0.0
    assert near(leadership.naming_probability(1.0, b, h), h)


@about(leadership.practised)
@given(share, share, share, st.floats(0.01, 0.5))
def test_practice_settles_between_rest_and_one(
    start: float, rest: float, practice: float, back: float
) -> None:
    assume(practice + back < 1.0)
    fixed = (practice + back * rest) / (practice + back)
    assert near(leadership.practised(fixed, rest, practice, back), fixed)
    assert between(rest, fixed, 1.0)
    after = leadership.practised(start, rest, practice, back)
    assert between(min(start, fixed), after, max(start, fixed))
    assert near(after - fixed, (1 - practice - back) * (start - fixed))


@about(leadership.practised)
@given(share, share, share)
def test_leaders_at_rest_stay_there_without_practice(value: float, rest: float, back: float) -> None:
    assert leadership.practised(rest, rest, 0.0, back) == rest
    assert leadership.practised(value, rest, 0.0, 0.0) == value
    low, high = sorted((value, rest))
    assert between(low, leadership.practised(value, rest, 0.0, back), high)


# Brokerage


@about(brokerage.introduced)
@given(share, share, share, share, share)
def test_an_introduction_never_brings_more_contact_than_the_ceiling_unless_there_was(
    m: float, intro: float, a: float, b: float, ceiling: float
) -> None:
    after = brokerage.introduced(m, intro, a, b, ceiling)
    assert m <= after <= max(m, ceiling)
    assert after == brokerage.introduced(m, intro, b, a, ceiling) or near(
        after, brokerage.introduced(m, intro, b, a, ceiling)
    )
    assert near(after, max(m, min(ceiling, m + intro * a * b * (1 - m))))
    if m >= ceiling:
        assert after == m


@about(brokerage.introduced)
@given(share, share, share, share, share)
def test_an_introduction_needs_trust_in_both(m: float, intro: float, a: float, b: float, more: float) -> None:
    after = brokerage.introduced(m, intro, a, b, 0.6)
    assert after <= brokerage.introduced(m, intro, max(a, more), b, 0.6) + TOLERANCE
    assert brokerage.introduced(m, intro, 0.0, b, 0.6) == brokerage.introduced(m, intro, a, 0.0, 0.6) == m


@about(brokerage.heard)
@given(evidence, share, share, evidence)
def test_what_is_heard_is_a_share_of_what_the_teller_knows_and_capped(
    known: float, vouching: float, believed: float, cap: float
) -> None:
    heard = brokerage.heard(known, vouching, believed, cap)
    assert 0.0 <= heard <= min(cap, known)
    assert near(heard, min(cap, vouching * believed * known))
    assert brokerage.heard(known, 0.0, believed, cap) == brokerage.heard(known, vouching, 0.0, cap) == 0.0


# Every rule


def every_rule() -> dict[str, Rule]:
    """Return every rule there is, by module and name."""
    found: dict[str, Rule] = {}
    for place in pkgutil.iter_modules(collabsim.rules.__path__):
        module = importlib.import_module(f"collabsim.rules.{place.name}")
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                found[f"{place.name}.{name}"] = value
    return found


RULES = every_rule()


def test_every_rule_has_a_property() -> None:
    assert len(RULES) >= 30
    assert set(RULES) - set(PROPERTIES) == set(), "these rules have no property in tests/test_rules.py"


def test_every_property_is_about_a_rule_that_is_there() -> None:
    assert set(PROPERTIES) - set(RULES) == set()
    for names in PROPERTIES.values():
        assert all(callable(globals()[name]) for name in names)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_what_it_returns_and_is_compiled_as_written(name: str) -> None:
    written = RULES[name]
    assert (written.__doc__ or "").startswith("Return ")
    fast = alone(written)
    kinds = [parameter.annotation for parameter in inspect.signature(written).parameters.values()]
    random = np.random.default_rng(7)
    for _ in range(50):
        arguments = [
            int(random.integers(2)) if kind == "int" else float(random.uniform(0.01, 1)) for kind in kinds
        ]
        assert float(fast(*arguments)).hex() == float(written(*arguments)).hex()
