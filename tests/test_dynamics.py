"""The month: within bounds, nobody's turn first, nobody's luck shifted, and levers as the model says."""

from __future__ import annotations

import functools
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import little
from collabsim import draws, dynamics, state
from collabsim.arithmetic import normal_quantile
from collabsim.outcomes import OUTCOMES
from collabsim.parameters import LEVERS, PARAMETERS
from collabsim.practices import MOVERS, PRACTICES
from collabsim.schedule import SCHEDULE
from collabsim.state import COMMIT, DELIVER, LEAD, NAMED, NOTICE, SAFE
from little import (
    OUTCOME,
    ROW,
    SETTING,
    SPREADS,
    Little,
    all_six,
    entries,
    everybody,
    organisations,
    small_town,
    ties,
)

LEVER = {name: place for place, name in enumerate(LEVERS)}
FIXED = ("perspective_x", "perspective_y", "mandate", "disposition", "capacity", "id", "sector", "statutory")
CHANGING = (
    "purpose_view", "expectation", "accountability", "courage", "systems_view", "resting_courage",
    "resting_systems_view",
)  # fmt: skip


def town_of(values: dict[str, float] | None = None, **more: Any) -> Little:
    """Begin the small town."""
    return Little(*small_town(), values, **more)


# Bounds


def within_bounds(town: Little, row: Any) -> None:
    """Fail where a state or an outcome has left its range."""
    who, used = town.s.organisation, town.pairs
    pair, side = state.part(town.s.pair, slice(used)), state.part(town.s.side, slice(used))
    trust, as_if_trust = town.m.trust[:, :used], town.m.as_if_trust[:, :used]
    shares = [who[name] for name in CHANGING] + [
        pair.contact,
        pair.tension,
        pair.distance,
        side.understanding,
    ]
    for numbers in [*shares, trust, as_if_trust]:
        assert (numbers >= 0.0).all()
        assert (numbers <= 1.0).all()
    for numbers in (side.kept, side.broken):
        assert (numbers >= 0.0).all()
        assert np.isfinite(numbers).all()
    assert (as_if_trust >= trust - 1e-12).all()
    for name, outcome in OUTCOMES.items():
        value = row[OUTCOME[name]]
        assert math.isnan(value) or outcome.low - 1e-9 <= value <= outcome.high + 1e-9, name
    tally = town.m.tally[0]
    assert 0 <= 2 * tally.joint_deliveries <= tally.deliveries <= tally.commitments <= 2 * tally.meetings
    assert tally.meetings <= used


some_values = st.fixed_dictionaries(
    {}, optional={name: st.floats(each.low, each.high) for name, each in PARAMETERS.items()}
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(some_values, st.integers(0, 1000), st.booleans(), st.lists(st.sampled_from(list(MOVERS)), max_size=8))
def test_every_state_stays_within_its_range(
    values: dict[str, float], world: int, sparse: bool, active: list[str]
) -> None:
    programme = entries(*((ROW[name], 6, 42, 0, 1.0) for name in active))
    given = organisations(8)
    known = ties(given, everybody(8)[:: 2 if sparse else 1])
    town = Little(given, known, values, programme=programme, world=world)
    before = town.s.organisation.copy()
    for _ in range(60):
        within_bounds(town, town.month())
    for name in FIXED:
        assert (town.s.organisation[name] == before[name]).all()


@pytest.mark.parametrize("seed", range(60))
def test_every_state_stays_within_its_range_at_the_corners(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = {
        name: [each.low, each.default, each.high][random.integers(3)] for name, each in PARAMETERS.items()
    }
    town = town_of(values | {"meeting_rate": 1.0}, programme=all_six(4, 12), world=seed)
    for _ in range(24):
        within_bounds(town, town.month())


def test_the_month_closes_with_everything_in_its_range() -> None:
    town = town_of()
    who, used = town.s.organisation, slice(town.pairs)
    pair, side = state.part(town.s.pair, used), state.part(town.s.side, used)
    free = ("purpose_view", "expectation", "accountability", "courage", "systems_view")
    for over, bound in ((1.5, 1.0), (-0.5, 0.0), (0.25, 0.25)):
        for name in free:
            who[name] = over
        pair.contact[:] = pair.tension[:] = side.understanding[:] = over
        side.kept[:] = side.broken[:] = over
        step(town, "close")
        for numbers in (*(who[name] for name in free), pair.contact, pair.tension, side.understanding):
            assert (numbers == bound).all()
        for numbers in (side.kept, side.broken):  # evidence has no upper end
            assert (numbers == max(0.0, over)).all()
    assert town.s.clock[0].month == 3


def test_a_ratio_without_a_denominator_is_missing() -> None:
    row = town_of({"meeting_rate": 0.0}).month()
    for name in ("collaborative_advantage", "joint_value", "inertia", "commitment", "promises_kept", "stake",
                 "equity", "voice_gap", "leader_pay"):  # fmt: skip
        assert math.isnan(row[OUTCOME[name]]), name
    for name in ("trust", "accountability", "alignment", "tension", "contact", "fragmentation"):
        assert math.isfinite(row[OUTCOME[name]]), name


# The same bits, compiled or not

PLAIN = """
import inspect, json, numpy, little
from collabsim import brokering, dynamics, draws, meetings, start
four, one, many = dynamics.draw_four, start.draw, dynamics.draw_many
used = set()
def kind(lower, higher):
    return "all" if lower == draws.NOBODY else "one" if higher == draws.NOBODY else "pair"
def note(lower, higher, month, what, caller=None):
    when = "start" if month == draws.START else "month"
    caller = caller or inspect.currentframe().f_back.f_back.f_code.co_name
    used.add((when, kind(lower, higher), what, caller))
def draw_four(seed, world, lower, higher, month, luck, block):
    for place in range(4):
        note(lower, higher, month, 4 * block + place)
    return four(seed, world, lower, higher, month, luck, block)
def draw(seed, world, lower, higher, month, luck, decision):
    note(lower, higher, month, int(decision))
    return one(seed, world, lower, higher, month, luck, decision)
def draw_many(words, ids, others, count, seed, world, month, luck, block):
    reads, frame = range(4), inspect.currentframe().f_back
    if frame.f_code.co_name == "draw_alone":  # of an organisation's draws a step reads one
        frame = frame.f_back
        reads = [{"turnover": dynamics.TURNOVER, "broker": brokering.INTRODUCE}[frame.f_code.co_name]]
    for pair in range(count):
        for place in reads:
            note(ids[pair], others[pair], month, int(4 * block + place), frame.f_code.co_name)
    many(words, ids, others, count, seed, world, month, luck, block)
for module in (dynamics, meetings, brokering, start):
    module.draw_many = draw_many
dynamics.draw_four = start.draw_four = draw_four
start.draw = draw
numpy.seterr(all="raise", under="ignore")
print(json.dumps([little.story(), sorted(used)]))
"""


@functools.cache
def played_plainly() -> tuple[str, list[list[Any]]]:
    """Play the story in plain Python, noting who draws what."""
    folders = [str(Path(draws.__file__).parents[1]), str(Path(__file__).parent)]
    surroundings = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run(
        [sys.executable, "-c", PLAIN], env=surroundings, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    story, used = json.loads(done.stdout)
    return story, used


def test_compiled_and_plain_python_give_the_same_bits() -> None:
    assert little.story() == played_plainly()[0]


def test_a_world_played_twice_gives_the_same_bits() -> None:
    assert little.story() == little.story()


def test_no_draw_is_used_for_two_decisions() -> None:
    by_place: dict[tuple[Any, ...], set[str]] = {}
    for when, kind, decision, caller in played_plainly()[1]:
        by_place.setdefault((when, kind, decision), set()).add(caller)
    assert {place: callers for place, callers in by_place.items() if len(callers) > 1} == {}
    assert by_place["month", "one", 0] == {"turnover"}
    assert by_place["month", "one", 1] == {"broker"}
    assert {decision for when, kind, decision in by_place if (when, kind) == ("month", "pair")} == set(
        range(16)
    )
    assert by_place["start", "all", 0] == {"begin_organisations"}


@pytest.mark.parametrize("other", [{"seed": 2}, {"world": 1}, {"luck": 1}], ids=str)
def test_another_seed_world_or_luck_is_another_story(other: dict[str, int]) -> None:
    town, elsewhere = town_of(), town_of(**other)
    assert (town.bits() == elsewhere.bits()) == ("luck" in other)  # luck never changes who they are
    town.months(6)
    elsewhere.months(6)
    assert town.bits() != elsewhere.bits()


# Nobody's turn comes first


def reordered(given: Any, known: Any, seed: int) -> tuple[Any, Any]:
    """Put the organisations, and the list of ties, into another order."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(given))
    place = np.argsort(order)
    others = known.copy()
    others["lower"], others["higher"] = place[known["lower"]], place[known["higher"]]
    return given[order], others[random.permutation(len(others))]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("noise", [True, False], ids=["noise", "alike"])
def test_another_order_of_rows_changes_nothing_but_the_order(noise: bool, seed: int) -> None:
    values = {"turnover": 0.03, "capacity_base": 1.0} | ({} if noise else dict.fromkeys(SPREADS, 0.0))
    given, known = small_town(11)
    known.trust_lower[::2], known.trust_higher[::3] = 0.7, 0.2
    given.capacity[::2] = 1.5
    programme = all_six(6, 48)
    one = Little(given, known, values, programme=programme, world=seed)
    two = Little(*reordered(given, known, seed), values, programme=programme, world=seed)
    for _ in range(60):
        np.testing.assert_allclose(one.month(), two.month(), rtol=1e-12, atol=1e-12)
    assert one.pairs > len(known)
    for found, expected in ((two.by_id(), one.by_id()), (two.by_ids(), one.by_ids())):
        assert found.keys() == expected.keys()
        for name, numbers in expected.items():
            np.testing.assert_allclose(found[name], numbers, rtol=1e-12, atol=1e-12)


def test_room_for_more_pairs_changes_nothing() -> None:
    towns = [town_of({"meeting_rate": 1.0}, programme=all_six(), room=room) for room in (36, 100)]
    for town in towns:
        town.months(36)
    assert towns[0].bits() == towns[1].bits()


# One more turnover changes only what it causes

ALL_LEAVE = len(MOVERS)  # a shock of our own, in the row after those that there are


def two_halves(leaves: int | None, month: int, values: dict[str, float] | None = None) -> Little:
    """Begin ten organisations in two halves that never heard of each other; one may lose its leaders."""
    given = organisations(10, capacity=1000.0)
    pairs = [*everybody(5), *((i + 5, j + 5) for i, j in everybody(5))]
    coverage = np.zeros((2, 10), np.int64)
    coverage[0] = 1
    if leaves is not None:
        coverage[1, leaves] = 1
    programme = np.concatenate([all_six(0), entries((ALL_LEAVE, month, month + 1, 1, 1.0))])
    return Little(
        given, ties(given, pairs, contact=0.9), {"turnover": 0.0, **(values or {})}, world=8,
        programme=programme, coverage=coverage, asks=little.table_of_asks({"turnover": 1.0}),
    )  # fmt: skip


def test_one_more_turnover_changes_only_what_it_causes() -> None:
    month, leaver = 12, 2
    calm, shaken = two_halves(None, month), two_halves(leaver, month)
    name = int(calm.given.id[leaver])
    elsewhere = {int(i) for i in calm.given.id[5:]}
    calm.months(month)
    shaken.months(month)
    assert calm.bits() == shaken.bits()

    calm.month()
    shaken.month()
    assert calm.m.tally[0].turnovers == 0
    assert shaken.m.tally[0].turnovers == 1
    assert shaken.m.flow.left.tolist() == [int(i == leaver) for i in range(10)]
    for ids, numbers in calm.by_ids().items():
        changed = not np.array_equal(numbers, shaken.by_ids()[ids])
        assert changed == (name in ids)  # that month, no other pair feels it
    for who, numbers in calm.by_id().items():
        if who in elsewhere:
            assert np.array_equal(numbers, shaken.by_id()[who])
    assert not np.array_equal(calm.by_id()[name], shaken.by_id()[name])

    shared = 0
    for _ in range(24):  # from then on it spreads, but to those who know each other, and shifts no draw
        calm.month()
        shaken.month()
        assert shaken.m.tally[0].turnovers == 0
        both = calm.luck().keys() & shaken.luck().keys()
        shared += len(both)
        assert all(calm.luck()[ids] == shaken.luck()[ids] for ids in both)
        assert all(
            np.array_equal(numbers, shaken.by_ids()[ids])
            for ids, numbers in calm.by_ids().items()
            if elsewhere.issuperset(ids)
        )
        assert all(np.array_equal(calm.by_id()[who], shaken.by_id()[who]) for who in elsewhere)
    assert shared > 150
    assert sum(not np.array_equal(calm.by_id()[who], shaken.by_id()[who]) for who in calm.by_id()) == 5


def test_turnover_takes_what_the_model_says_from_both_sides_and_twice_where_both_leave() -> None:
    town = two_halves(None, 99)
    town.months(5)
    used = town.pairs
    town.m.lever.turnover[[2, 4]] = 1.0
    pair, side = state.copied(town.s.pair), state.copied(town.s.side)
    dynamics.turnover(town.s, town.m, town.p)
    both = 0
    for k in range(used):
        times = int(pair.lower[k] in (2, 4)) + int(pair.higher[k] in (2, 4))
        both += times == 2
        left = 0.5**times
        assert town.s.pair.contact[k] == pytest.approx(pair.contact[k] * 0.75**times, rel=1e-12)
        assert town.s.pair.tension[k] == pair.tension[k]
        for a in range(2):
            found = town.s.side
            assert found.kept[a, k] == pytest.approx(left * side.kept[a, k], rel=1e-12)
            assert found.broken[a, k] == pytest.approx(left * side.broken[a, k], rel=1e-12)
            untaught = 1 - pair.distance[k]
            expected = untaught + left * (side.understanding[a, k] - untaught)
            assert found.understanding[a, k] == pytest.approx(expected, rel=1e-12)
    assert both == 1


def test_successors_start_at_rest_with_values_of_their_own() -> None:
    town = two_halves(None, 99)
    town.months(5)
    before = town.s.organisation.copy()
    town.m.lever.turnover[:] = 1.0
    dynamics.turnover(town.s, town.m, town.p)
    for i, who in enumerate(town.s.organisation):
        a, b, _, _ = draws.draw_four(1, 8, int(who.id), draws.NOBODY, 5, 0, 1)
        expected = [min(1.0, max(0.0, 0.2 + 0.1 * normal_quantile(u))) for u in (a, b)]
        assert [who.resting_courage, who.resting_systems_view] == pytest.approx(expected, rel=1e-12)
        assert (who.courage, who.systems_view) == (who.resting_courage, who.resting_systems_view)
        assert who.courage != before[i].courage
        assert (who.accountability, who.purpose_view) == (before[i].accountability, before[i].purpose_view)


# Probabilities 0 and 1 still have their draws


def test_what_is_certain_or_impossible_shifts_nobody_elses_luck() -> None:
    """Whoever meets or not, the same leaders leave, and the same successors come."""
    towns = [town_of({"turnover": 0.1, "meeting_rate": rate}) for rate in (0.0, 1.0, 0.8)]
    left = 0
    for _ in range(36):
        for town in towns:
            town.month()
        left += int(towns[0].m.tally[0].turnovers)
        for town in towns[1:]:
            assert (town.m.flow.left == towns[0].m.flow.left).all()
            assert (town.s.organisation.resting_courage == towns[0].s.organisation.resting_courage).all()
    assert 15 < left < 55  # 9 organisations, 36 months, one in ten
    assert len(towns[0].met()) == 0


@pytest.mark.parametrize(
    "name",
    [
        "turnover",
        "visibility",
        "resting_courage",
        "resting_systems_view",
        "brokerage",
        "slip",
        "lead",
        "learning",
    ],
)
def test_the_luck_of_a_meeting_does_not_hang_on_a_probability_elsewhere(name: str) -> None:
    same = {"resting_spread": 0.0, "turnover_contact_loss": 0.0}
    never, ever = (town_of({name: value, **same}) for value in (0.0, 1.0))
    shared = 0
    for _ in range(24):
        never.month()
        ever.month()
        both = never.luck().keys() & ever.luck().keys()
        shared += len(both)
        assert all(never.luck()[ids] == ever.luck()[ids] for ids in both)
    assert shared > 50


def test_the_luck_of_a_meeting_is_drawn_at_its_declared_place() -> None:
    town = town_of(seed=5, world=6, luck=7)
    town.months(3)
    for (lower, higher), found in town.luck().items():
        blocks = [draws.draw_four(5, 6, lower, higher, 2, 7, block) for block in range(3)]
        (_, named, safe, tie), (lead, commit_0, commit_1, _), (deliver_0, deliver_1, notice_0, notice_1) = (
            blocks
        )
        assert found == (
            named, safe, tie, lead, commit_0, commit_1, deliver_0, deliver_1, notice_0, notice_1
        )  # fmt: skip
    assert len(town.luck()) > 1


def test_who_must_meet_meets_and_who_cannot_does_not() -> None:
    given = organisations(8, capacity=1000.0)
    pairs = everybody(8)
    contact = np.where(np.arange(len(pairs)) % 2 == 0, 1.0, 0.0)
    town = Little(given, ties(given, pairs, contact=contact), {"meeting_rate": 1.0, "turnover": 0.0})
    town.month()
    assert town.met() == [k for k in range(len(pairs)) if contact[k] == 1.0]


def test_everybody_leaves_every_month_at_probability_one_and_nobody_at_nought() -> None:
    for chance, leaving in ((0.0, 0), (1.0, 9)):
        town = town_of({"turnover": chance})
        for _ in range(12):
            town.month()
            assert town.m.tally[0].turnovers == leaving


def test_every_promise_is_kept_at_full_effort_without_slips_and_none_without_effort() -> None:
    for effort, kept in ((1.0, 1.0), (0.0, 0.0)):
        given, known = small_town()
        given.accountability = effort
        row = Little(given, known, {"slip": 0.0}).month()
        assert row[OUTCOME["promises_kept"]] == kept


# Levers


def reference(town: Little, month: int) -> Any:
    """Work out every organisation's levers from the words of the model, (n, levers)."""
    strength = np.zeros((len(town.given), len(town.m.asks)))
    for entry in town.m.entry:
        if entry.from_month <= month < entry.to_month:
            strength[:, entry.mover] += entry.strength * town.m.coverage[entry.coverage]
    table = np.empty((len(town.given), len(LEVERS)))
    for column, lever in enumerate(LEVERS.values()):
        base = float(town.m.base[column])
        full = np.where(np.isnan(town.m.asks[:, column]), base, town.m.asks[:, column])
        asked = base + np.minimum(1.0, strength) * (full - base)  # (n, movers)
        furthest = asked.max(axis=1) if lever.direction > 0 else asked.min(axis=1)
        stays = np.maximum(base, furthest) if lever.direction > 0 else np.minimum(base, furthest)
        table[:, column] = np.clip(stays, lever.low, lever.high)
    return table


lines = st.tuples(
    st.integers(0, len(MOVERS)),  # our own among them
    st.integers(0, 8),
    st.integers(0, 10),
    st.integers(0, 2),
    st.floats(0.0, 1.0),
)
bases = st.fixed_dictionaries(
    {}, optional={name: st.floats(each.low, each.high) for name, each in LEVERS.items()}
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(lines, max_size=10), bases, st.integers(0, 2**12 - 1))
def test_levers_are_moved_as_the_model_says(
    programme: list[tuple[int, int, int, int, float]], values: dict[str, float], who: int
) -> None:
    coverage = np.array([[1] * 4, [who >> i & 1 for i in range(4)], [who >> i & 1 for i in range(4, 8)]])
    beyond = {name: each.high + 1 if each.direction > 0 else each.low - 1 for name, each in LEVERS.items()}
    given = organisations(4)
    town = Little(
        given, ties(given, everybody(4)), values, programme=entries(*programme), coverage=coverage,
        asks=little.table_of_asks(beyond),
    )  # fmt: skip
    for month in range(12):
        town.s.clock[0].month = month
        dynamics.levers(town.s, town.m, town.p)
        np.testing.assert_allclose(town.m.lever_table, reference(town, month), rtol=0, atol=1e-15)


def base(lever: str) -> float:
    """Return a lever's base value in a little partnership."""
    return SETTING.get(lever, LEVERS[lever].default)


def levers_of(*programme: tuple[str, float], month: int = 0, values: dict[str, float] | None = None) -> Any:
    """Return everybody's levers under practices and strengths that are active from the start."""
    town = town_of(values, programme=entries(*((ROW[name], 0, 5, 0, much) for name, much in programme)))
    town.s.clock[0].month = month
    dynamics.levers(town.s, town.m, town.p)
    return town.m.lever


@pytest.mark.parametrize("name", MOVERS)
def test_a_practice_or_shock_at_full_strength_brings_its_levers_to_where_it_says(name: str) -> None:
    found = levers_of((name, 1.0))
    for lever in LEVERS:
        assert found[lever] == pytest.approx(MOVERS[name].moves.get(lever, base(lever)), abs=1e-15)


@pytest.mark.parametrize("name", MOVERS)
def test_a_practice_or_shock_at_half_strength_goes_half_the_way(name: str) -> None:
    found = levers_of((name, 0.5))
    for lever, full in MOVERS[name].moves.items():
        assert found[lever] == pytest.approx((base(lever) + full) / 2, abs=1e-15)


def test_of_two_practices_the_furthest_wins_whichever_comes_first() -> None:
    far, near = ("exploring_diversity", 0.9), ("suspending_disbelief", 0.4)
    for programme in ((far, near), (near, far)):
        assert levers_of(*programme).confidence_bound == pytest.approx(0.3 + 0.9 * 0.3, abs=1e-15)


def test_strengths_of_one_practice_add_up_to_one_at_most() -> None:
    twice = levers_of(("building_trust", 0.3), ("building_trust", 0.4))
    assert twice.visibility == pytest.approx(0.6 + 0.7 * 0.4, abs=1e-15)
    thrice = levers_of(*[("building_trust", 0.7)] * 3)
    assert thrice.visibility == pytest.approx(1.0, abs=1e-15)
    assert thrice.repair == pytest.approx(0.6, abs=1e-15)


def test_a_base_already_beyond_stays() -> None:
    beyond = levers_of(
        ("shared_accountability", 1.0), values={"mandate_pull": 0.0, "peer_accountability": 0.7}
    )
    assert (beyond.mandate_pull == 0.0).all()
    assert (beyond.peer_accountability == 1.0).all()
    beyond = levers_of(("suspending_disbelief", 1.0), values={"confidence_bound": 0.9})
    assert (beyond.confidence_bound == 0.9).all()


def test_a_lever_that_is_asked_too_far_stops_at_its_bound() -> None:
    given = organisations(4)
    asks = little.table_of_asks({"visibility": 7.0, "mandate_pull": -3.0, "loss": 9.0})
    town = Little(given, ties(given, everybody(4)), asks=asks, programme=entries((ALL_LEAVE, 0, 9, 0, 1.0)))
    dynamics.levers(town.s, town.m, town.p)
    assert (town.m.lever.visibility == 1.0).all()
    assert (town.m.lever.mandate_pull == 0.0).all()
    assert (town.m.lever.loss == 2.0).all()


def test_a_practice_reaches_only_those_who_take_part_and_only_while_it_lasts() -> None:
    given = organisations(4)
    programme = entries((ROW["building_trust"], 3, 6, 1, 1.0))
    coverage = [[1, 1, 1, 1], [0, 1, 0, 1]]
    town = Little(given, ties(given, everybody(4)), programme=programme, coverage=coverage)
    for month in range(9):
        town.month()
        active = 3 <= month < 6
        assert town.m.lever.visibility == pytest.approx([0.6, 1.0, 0.6, 1.0] if active else [0.6] * 4)


# Programmes


@pytest.mark.parametrize("name", PRACTICES)
def test_a_practice_at_strength_nought_is_the_baseline_to_the_bit(name: str) -> None:
    without, idle = town_of(), town_of(programme=entries((ROW[name], 3, 30, 0, 0.0)))
    assert without.months(36).tobytes() == idle.months(36).tobytes()
    assert without.bits() == idle.bits()


@pytest.mark.parametrize("name", PRACTICES)
def test_a_practice_that_nobody_takes_part_in_is_the_baseline_to_the_bit(name: str) -> None:
    programme = entries((ROW[name], 3, 30, 0, 1.0))
    without, idle = town_of(), town_of(programme=programme, coverage=np.zeros((1, 9), np.int64))
    assert without.months(36).tobytes() == idle.months(36).tobytes()
    assert without.bits() == idle.bits()


@pytest.mark.parametrize("name", MOVERS)
def test_a_practice_from_month_twelve_leaves_the_months_before_untouched(name: str) -> None:
    without, treated = town_of(), town_of(programme=entries((ROW[name], 12, 60, 0, 1.0)))
    assert without.months(12).tobytes() == treated.months(12).tobytes()
    assert without.bits() == treated.bits()
    without.months(24)
    treated.months(24)
    assert (without.bits() != treated.bits()) == bool(MOVERS[name].moves)  # a placebo moves nothing, ever


def test_the_order_of_a_programmes_lines_does_not_matter() -> None:
    programme = np.concatenate([all_six(2, 20, 0.6), entries((ROW["austerity"], 5, 9, 0, 1.0))])
    one, two = town_of(programme=programme), town_of(programme=programme[::-1].copy())
    assert one.months(30).tobytes() == two.months(30).tobytes()


# A single meeting, step by step, against the words of the model


def a_meeting(**stakes: float) -> Little:
    """Bring two unlike organisations to where their meeting has been called, and its luck drawn."""
    given = organisations(2, id=[4, 9], sector=[0, 1], capacity=10.0)
    given.purpose_view, given.mandate = [0.3, 0.5], [0.2, 0.6]
    given.perspective_x, given.perspective_y = [0.2, 0.8], [0.4, 0.4]
    given.disposition, given.accountability, given.expectation = [0.6, 0.4], [0.8, 0.7], [0.7, 0.9]
    given.resting_courage, given.resting_systems_view = [0.5, 0.2], [0.1, 0.4]
    values = {"meeting_rate": 1.0, "turnover": 0.0, **stakes}
    town = Little(given, ties(given, [(0, 1)], contact=1.0), values)
    for name in ("levers", "turnover", "fade", "trusts", "opening", "convene", "luck", "stakes"):
        step(town, name)
    assert town.met() == [0]
    return town


def step(town: Little, name: str) -> None:
    """Play one step of the month."""
    dict(SCHEDULE.steps)[name](town.s, town.m, town.p)


def decided(town: Little, committed: tuple[int, int], delivered: tuple[int, int], leader: int = -1) -> None:
    """Set what the two decided and did."""
    town.m.meeting.leader[0] = leader
    town.m.act.committed[:, 0] = committed
    town.m.luck[DELIVER : DELIVER + 2, 0] = np.where(np.array(delivered) == 1, 0.0, 1.0)
    step(town, "deliver")
    assert town.m.act.delivered[:, 0].tolist() == list(delivered)


def test_gain_and_stake_are_those_of_the_pair() -> None:
    town = a_meeting(stake_matching=1.0)
    meeting, d = state.part(town.m.meeting, 0), 0.6 / math.sqrt(2)
    assert town.s.pair.distance[0] == pytest.approx(d)
    assert meeting.alignment == pytest.approx(0.8)
    assert meeting.gain == pytest.approx(0.8 * (1 + 1.2 * d * (1 - d) - 0.7 * d * d))
    assert meeting.stake == pytest.approx(0.75 * 0.4 / 0.6)


def test_understanding_and_stake_matching_are_the_mean_of_both_sides_and_stakes_follow_as_if_trust() -> None:
    town = a_meeting(stake_size=1.0)
    town.s.side.understanding[:, 0] = (0.9, 0.3)
    town.m.lever.stake_matching[:] = (1.0, 0.4)
    town.m.trust[:, 0], town.m.as_if_trust[:, 0] = (0.1, 0.1), (0.5, 0.3)
    step(town, "stakes")
    d = 0.6 / math.sqrt(2)
    assert town.m.meeting.gain[0] == pytest.approx(0.8 * (1 + 1.2 * d * 0.6 - 0.7 * d * 0.4))
    assert town.m.meeting.stake[0] == pytest.approx(1 - 0.7 + 0.7 * 0.3 / 0.6)


def test_evidence_of_both_kinds_fades_on_both_sides() -> None:
    town = a_meeting(memory=0.9)
    town.s.side.kept[:, 0], town.s.side.broken[:, 0] = (1.0, 2.0), (3.0, 4.0)
    step(town, "fade")
    assert town.s.side.kept[:, 0] == pytest.approx([0.9, 1.8])
    assert town.s.side.broken[:, 0] == pytest.approx([2.7, 3.6])


def test_trust_is_each_sides_own_and_more_within_a_sector() -> None:
    for sectors, more in (([0, 1], 0.0), ([2, 2], 0.08)):
        given = organisations(2, id=[4, 9], sector=sectors, disposition=[0.6, 0.4])
        town = Little(given, ties(given, [(0, 1)]))
        town.s.side.kept[:, 0], town.s.side.broken[:, 0] = (1.0, 2.0), (3.0, 0.0)
        dynamics.levers(town.s, town.m, town.p)
        town.m.lever.as_if[:] = (0.5, 0.0)
        step(town, "trusts")
        one, two = 0.6 + more, 0.4 + more
        assert town.m.trust[:, 0] == pytest.approx([(1 + 2 * one) / 6, (2 + 2 * two) / 4])
        lent = one + 0.5 * (1 - one)
        assert town.m.as_if_trust[:, 0] == pytest.approx([(1 + 2 * lent) / 6, (2 + 2 * two) / 4])


def test_what_committing_costs_risks_and_slips_is_each_ones_own() -> None:
    town = a_meeting(stake_size=1.0, systems_weight=0.0)
    town.m.lever.cost[:], town.m.lever.loss[:] = (0.1, 0.2), (1.0, 0.3)
    town.s.pair.tension[0] = 0.5
    town.m.luck[LEAD, 0] = 0.9  # nobody leads
    gain = float(town.m.meeting.gain[0])
    chances = [
        1 / (1 + math.exp(-7.5 * (believed * gain * 0.5 - (1 - believed) * loss - cost - 0.3 * 0.5)))
        for believed, loss, cost in ((0.6, 1.0, 0.1), (0.4, 0.3, 0.2))
    ]
    for over, expected in ((-1e-9, [1, 1]), (1e-9, [0, 0])):
        town.m.luck[COMMIT : COMMIT + 2, 0] = np.array(chances) + over
        step(town, "commit")
        assert town.m.act.committed[:, 0].tolist() == expected

    town.m.lever.slip[:] = (0.5, 0.1)
    for over, expected in ((-1e-9, [1, 1]), (1e-9, [0, 0])):
        town.m.act.committed[:, 0] = (1, 1)
        town.m.luck[DELIVER : DELIVER + 2, 0] = np.array([0.8 * 0.5, 0.7 * 0.9]) + over
        step(town, "deliver")
        assert town.m.act.delivered[:, 0].tolist() == expected
    assert town.m.act.net[:, 0] == pytest.approx([-0.1, -0.2])
    town.m.act.committed[:, 0], town.m.luck[DELIVER : DELIVER + 2, 0] = (1, 1), (1.0, 0.0)
    step(town, "deliver")
    assert town.m.act.net[:, 0] == pytest.approx([-0.1, -0.2 - 0.3])


def test_a_leader_waives_risk_and_a_follower_believes_more() -> None:
    values = {"stake_size": 1.0, "loss": 1.0}
    leading, alone = a_meeting(**values), a_meeting(**values)
    beta, omega, k, own = 7.5, 0.35, 0.1, 0.5
    gain, v = leading.m.meeting.gain[0], leading.m.meeting.stake[0]

    def chance(believed: float, view: float, bold: float) -> float:
        worth = believed * gain * (own + omega * view) - (1 - believed) * v * 1.0 * (1 - bold) - k
        return 1 / (1 + math.exp(-beta * worth))

    # the first, with more courage, leads; each commits just below its probability and not just above
    for lucks, committed, expected in [
        ((chance(0.6, 0.1, 0.5) - 1e-9, chance(0.4 + 0.5 * 0.6, 0.4, 0.0) - 1e-9), (1, 1), 0),
        ((chance(0.6, 0.1, 0.5) - 1e-9, chance(0.4 + 0.5 * 0.6, 0.4, 0.0) + 1e-9), (1, 0), 0),
        ((chance(0.6, 0.1, 0.5) + 1e-9, chance(0.4, 0.4, 0.0) - 1e-9), (0, 1), 0),
        ((chance(0.6, 0.1, 0.5) + 1e-9, chance(0.4, 0.4, 0.0) + 1e-9), (0, 0), 0),
    ]:
        leading.m.luck[LEAD, 0] = 0.4999
        leading.m.luck[COMMIT : COMMIT + 2, 0] = lucks
        step(leading, "commit")
        assert leading.m.meeting.leader[0] == expected
        assert tuple(leading.m.act.committed[:, 0]) == committed
    for lucks, committed in [
        ((chance(0.6, 0.1, 0.0) - 1e-9, chance(0.4, 0.4, 0.0) + 1e-9), (1, 0)),
        ((chance(0.6, 0.1, 0.0) + 1e-9, chance(0.4, 0.4, 0.0) - 1e-9), (0, 1)),
    ]:
        alone.m.luck[LEAD, 0] = 0.5001
        alone.m.luck[COMMIT : COMMIT + 2, 0] = lucks
        step(alone, "commit")
        assert alone.m.meeting.leader[0] == -1
        assert tuple(alone.m.act.committed[:, 0]) == committed


def test_the_higher_id_leads_where_it_has_more_courage() -> None:
    town = a_meeting(stake_size=1.0, loss=1.0, systems_weight=0.0, lead=1.0)
    town.m.opening.courage[:] = (0.2, 0.7)
    town.m.luck[LEAD, 0] = 0.69
    gain = float(town.m.meeting.gain[0])
    leader = 1 / (1 + math.exp(-7.5 * (0.4 * gain * 0.5 - 0.6 * 0.3 - 0.1)))
    follower = 1 / (1 + math.exp(-7.5 * (gain * 0.5 - 0.1)))  # seeing it, the first is sure of the second
    unled = 1 / (1 + math.exp(-7.5 * (0.6 * gain * 0.5 - 0.4 - 0.1)))
    for lucks, committed in [
        ((follower - 1e-9, leader - 1e-9), (1, 1)),
        ((follower + 1e-9, leader - 1e-9), (0, 1)),
        ((unled - 1e-9, leader + 1e-9), (1, 0)),
        ((unled + 1e-9, leader + 1e-9), (0, 0)),
    ]:
        town.m.luck[COMMIT : COMMIT + 2, 0] = lucks
        step(town, "commit")
        assert town.m.meeting.leader[0] == 1
        assert tuple(town.m.act.committed[:, 0]) == committed


def test_delivery_hangs_on_effort_and_what_slips() -> None:
    for over, expected in ((-1e-9, 1), (1e-9, 0)):
        town = a_meeting(slip=0.4)
        town.m.act.committed[:, 0] = (1, 1)
        town.m.luck[DELIVER : DELIVER + 2, 0] = (0.8 * (1 - 0.4 * 0.75) + over, 0.7 * (1 - 0.4 * 0.75) + over)
        step(town, "deliver")
        assert town.m.act.delivered[:, 0].tolist() == [expected, expected]


@pytest.mark.parametrize(
    ("committed", "delivered", "shares", "costs", "losses"),
    [
        ((1, 1), (1, 1), 0.5, (1, 1), (0, 0)),
        ((1, 1), (1, 0), 0.0, (1, 1), (1, 0)),
        ((1, 1), (0, 0), 0.0, (1, 1), (0, 0)),
        ((0, 1), (0, 1), 0.0, (0, 1), (0, 1)),
        ((0, 0), (0, 0), 0.0, (0, 0), (0, 0)),
    ],
)
def test_who_commits_pays_and_who_delivers_alone_loses(
    committed: tuple[int, int], delivered: tuple[int, int], shares: float, costs: Any, losses: Any
) -> None:
    town = a_meeting()
    decided(town, committed, delivered, leader=1)
    v, gain = town.m.meeting.stake[0], town.m.meeting.gain[0]
    nets = [
        shares * v * gain - 0.1 * v * c - 0.35 * v**2 * lost for c, lost in zip(costs, losses, strict=True)
    ]
    assert town.m.act.net[:, 0] == pytest.approx(nets)
    assert town.m.flow.net == pytest.approx(nets)
    tally = town.m.tally[0]
    assert tally.value - tally.spent == pytest.approx(sum(nets))
    assert (tally.commitments, tally.deliveries) == (sum(committed), sum(delivered))
    assert tally.joint_deliveries == (delivered == (1, 1))
    assert tally.leads == committed[1]
    assert tally.leader_pay == pytest.approx((nets[1] - nets[0]) * committed[1])


def test_each_learns_about_the_other_from_what_the_other_did() -> None:
    root = math.sqrt(0.75)
    town = a_meeting(visibility=0.6)
    decided(town, (1, 1), (1, 0))  # the first kept its promise, the second broke it
    town.m.luck[NOTICE : NOTICE + 2, 0] = (0.99, 0.59)
    step(town, "learn")
    assert town.s.side.kept[:, 0] == pytest.approx([0.0, root])
    assert town.s.side.broken[:, 0] == pytest.approx([1.6 * root, 0.0])

    unseen = a_meeting(visibility=0.6)
    decided(unseen, (1, 0), (1, 0))  # the second held back, and did not see what the first kept
    unseen.m.luck[NOTICE : NOTICE + 2, 0] = (0.0, 0.61)
    step(unseen, "learn")
    assert unseen.s.side.kept[:, 0] == pytest.approx([0.0, 0.0])
    assert unseen.s.side.broken[:, 0] == pytest.approx([0.2 * root, 0.0])


def test_what_is_seen_is_the_mean_visibility_of_the_two() -> None:
    town = a_meeting()
    decided(town, (1, 1), (1, 1))
    town.m.lever.visibility[:] = (1.0, 0.2)
    town.m.luck[NOTICE : NOTICE + 2, 0] = (0.59, 0.61)
    step(town, "learn")
    assert town.s.side.kept[:, 0] == pytest.approx([math.sqrt(0.75), 0.0])


def test_leaders_practise_what_they_practise() -> None:
    town = a_meeting()
    town.s.organisation.courage[:], town.s.organisation.systems_view[:] = 0.6, 0.4
    town.m.lever.courage_practice[:], town.m.lever.systems_practice[:] = (0.1, 0.0), (0.0, 0.2)
    step(town, "leadership")
    who = town.s.organisation
    assert who.courage == pytest.approx([0.6 + 0.1 * 0.4 - 0.03 * 0.1, 0.6 - 0.03 * 0.4])
    assert who.systems_view == pytest.approx([0.4 - 0.03 * 0.3, 0.4 + 0.2 * 0.6])


def test_doubt_is_the_judges_and_repair_is_his_who_failed() -> None:
    town = a_meeting()
    decided(town, (1, 1), (0, 0))
    town.m.lever.benefit_of_doubt[:] = (0.5, 0.0)
    town.m.lever.repair[:] = (0.2, 0.4)
    step(town, "learn")
    root = math.sqrt(0.75)
    assert town.s.side.broken[:, 0] == pytest.approx([1.6 * root * 0.5 * 0.6, 1.6 * root * 0.8])


@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize("joint", [True, False])
def test_a_tension_grows_and_is_named_in_safety_or_without(joint: bool, safe: bool) -> None:
    town = a_meeting(strain=0.5)
    decided(town, (1, 1), (1, 1) if joint else (0, 1))
    town.m.lever.surfacing[:] = (0.2, 0.0)
    d = float(town.s.pair.distance[0])
    grown = 0.5 * (0.2 + d * d + (0.0 if joint else 0.3)) + 0.1 * d * d
    courage = 1 - 0.5 * 0.8
    town.m.luck[NAMED, 0] = courage * grown + 1e-9
    step(town, "speak_up")
    assert town.s.pair.tension[0] == pytest.approx(grown)
    assert (town.s.side.kept[:, 0] == 0.0).all()

    town.s.pair.tension[0] = 0.0
    town.m.luck[NAMED, 0] = courage * grown - 1e-9
    town.m.luck[SAFE, 0] = 0.5 + (-1e-9 if safe else 1e-9)  # mean trust is a half
    step(town, "speak_up")
    assert town.s.pair.tension[0] == pytest.approx(grown * (0.5 if safe else 1.0))
    assert town.s.side.kept[:, 0] == pytest.approx([0.5 * safe] * 2)
    assert town.s.side.broken[:, 0] == pytest.approx([1.0 * (not safe)] * 2)
    assert town.s.side.understanding[:, 0] == pytest.approx([1 - d + 0.15 * d * safe] * 2)


def test_contact_understanding_views_and_effort_after_a_month() -> None:
    town = a_meeting(contact_gain=0.5)
    town.s.pair.contact[0] = 0.6
    decided(town, (1, 1), (1, 1))
    town.m.lever.learning[:] = (0.1, 0.3)
    town.m.lever.confidence_bound[:] = (0.3, 0.1)  # only the first listens
    town.m.lever.mandate_pull[:] = (0.1, 0.5)
    town.m.lever.peer_accountability[:] = (0.0, 0.8)
    d = float(town.s.pair.distance[0])
    for name in ("understand", "contact", "purpose", "accountability"):
        step(town, name)
    assert town.s.side.understanding[:, 0] == pytest.approx([1 - d + 0.1 * d, 1 - d + 0.3 * d])
    assert town.s.pair.contact[0] == pytest.approx(0.8)
    listened = 0.3 + 0.3 * 0.6 * 0.2 / 1.6
    assert town.s.organisation.purpose_view == pytest.approx(
        [listened + 0.1 * (0.2 - listened), 0.5 + 0.5 * (0.6 - 0.5)]
    )
    assert town.s.organisation.expectation == pytest.approx([0.7 + 0.3 * 0.3, 0.9 + 0.3 * 0.1])
    sigma = 0.7 + 0.3 * 0.8
    want = [sigma * 0.79, sigma * 0.93]
    lifted = [want[0] + 0.5 * 0.8 * (0.95 - want[0]), want[1]]  # each is held to the pledge by the other
    assert town.s.organisation.accountability == pytest.approx(lifted)


def test_nobody_promised_and_expectation_stays_nobody_met_and_effort_stays() -> None:
    town = a_meeting()
    decided(town, (0, 1), (0, 0))
    step(town, "accountability")
    assert town.s.organisation.expectation == pytest.approx([0.7 - 0.3 * 0.7, 0.9])
    alone = a_meeting()
    alone.s.clock[0].met = 0
    step(alone, "accountability")
    assert alone.s.organisation.accountability.tolist() == [0.8, 0.7]


def test_who_does_not_meet_loses_touch_slowly_and_tension_settles() -> None:
    given = organisations(3, capacity=1000.0)
    town = Little(given, ties(given, everybody(3), contact=0.5), {"meeting_rate": 0.0, "turnover": 0.0})
    town.s.pair.tension[:] = 0.4
    town.month()
    assert town.s.pair.contact == pytest.approx([0.5 * (1 - 0.3 * 0.035)] * 3)
    assert town.s.pair.tension == pytest.approx([0.4 * 0.98] * 3)


def test_meetings_are_rationed_by_the_one_with_less_room() -> None:
    given = organisations(4, capacity=[1000.0, 0.5, 1000.0, 1000.0], id=[1, 2, 3, 4])
    known = ties(given, everybody(4), contact=1.0)
    worlds, held = 400, 0
    for world in range(worlds):
        town = Little(given, known, {"meeting_rate": 1.0, "turnover": 0.0}, world=world)
        town.month()
        assert town.m.flow.room == pytest.approx([1.0, 0.5 / 3.0, 1.0, 1.0])
        with_it = {k for k in town.met() if 1 in (town.s.pair.lower[k], town.s.pair.higher[k])}
        assert set(town.met()) - with_it == {1, 2, 5}
        held += len(with_it)
    assert abs(held / worlds - 0.5) < 3 * math.sqrt(0.5 * (1 - 0.5 / 3) / worlds)  # three standard errors


# Brokers


def a_star(**values: float) -> Little:
    """Bring a broker in the middle, with three partners strange to each other, to the month's last steps."""
    given = organisations(4, id=[10, 11, 12, 13], sector=[0, 1, 2, 3], disposition=0.5, capacity=1000.0)
    given.resting_systems_view = [1.0, 0.0, 0.0, 0.0]
    known = ties(given, [(0, 1), (0, 2), (0, 3)], contact=0.5)
    start = {"brokerage": 1.0, "vouching": 0.5, "turnover": 0.0, "meeting_rate": 0.0, **values}
    town = Little(given, known, start)
    for name in ("levers", "turnover", "fade", "trusts", "opening", "convene", "luck"):
        step(town, name)
    return town


def test_a_broker_introduces_the_two_partners_with_the_smallest_draws() -> None:
    seen = set()
    for month in range(30):
        town = a_star()
        town.s.clock[0].month = month
        step(town, "broker")
        picks = {j: draws.draw_four(1, 0, 10, 10 + j, month, 0, 3)[0] for j in (1, 2, 3)}
        chosen = sorted(sorted(picks, key=picks.__getitem__)[:2])
        assert town.pairs == 4
        pair = state.part(town.s.pair, 3)
        assert [pair.lower, pair.higher] == chosen
        assert pair.contact == pytest.approx(0.9 * 0.5 * 0.5)
        assert town.m.tally[0].introductions == 1
        seen.add(tuple(chosen))
    assert seen == {(1, 2), (1, 3), (2, 3)}


def test_a_broker_counts_on_its_own_trust_and_on_partners_it_is_in_contact_with() -> None:
    for month in range(12):
        town = a_star()
        town.s.clock[0].month = month
        town.m.opening_contact[1] = 0.0  # it has lost touch with the second
        town.m.trust[:, :3] = [[0.9, 0.8, 0.6], [0.1, 0.2, 0.3]]  # whatever they trust in it
        step(town, "broker")
        pair = state.part(town.s.pair, 3)
        assert [pair.lower, pair.higher] == [1, 3]
        assert pair.contact == pytest.approx(0.9 * 0.9 * 0.6)


def test_a_broker_with_one_partner_introduces_nobody() -> None:
    town = a_star()
    town.m.opening_contact[1:3] = 0.0
    step(town, "broker")
    assert town.pairs == 3
    assert town.m.tally[0].introductions == 0


@pytest.mark.parametrize("value", ["brokerage", "intro"])
def test_without_brokerage_or_introductions_nobody_new_is_known(value: str) -> None:
    town = a_star(**{value: 0.0})
    step(town, "broker")
    assert town.pairs == 3


def test_a_broker_hears_from_the_first_about_the_second_what_was_known_at_the_opening() -> None:
    given = organisations(3, id=[10, 11, 12], sector=[0, 1, 2], disposition=0.5, capacity=1000.0)
    given.resting_systems_view = [1.0, 0.0, 0.0]
    known = ties(given, everybody(3), contact=0.3)
    values = {"brokerage": 1.0, "vouching": 0.5, "turnover": 0.0, "meeting_rate": 0.0, "memory": 1.0}
    town = Little(given, known, values)
    town.s.side.kept[:, 2], town.s.side.broken[:, 2] = [3.0, 50.0], [2.0, 1.0]  # of 1 about 2, of 2 about 1
    for name in ("levers", "turnover", "fade", "trusts", "opening", "convene"):
        step(town, name)
    town.s.side.kept[:, 2] = 99.0  # what is learned this month is not yet told
    step(town, "broker")
    one, two = (draws.draw_four(1, 0, 10, other, 0, 0, 3)[0] for other in (11, 12))
    trusted = 0.5
    if one < two:  # 1 is asked about 2
        assert town.s.side.kept[0, 1] == pytest.approx(0.5 * trusted * 3.0)
        assert town.s.side.broken[0, 1] == pytest.approx(0.5 * trusted * 2.0)
        assert town.s.side.kept[0, 0] == 0.0
    else:
        assert town.s.side.kept[0, 0] == pytest.approx(2.0)  # capped
        assert town.s.side.broken[0, 0] == pytest.approx(0.5 * trusted * 1.0)
        assert town.s.side.kept[0, 1] == 0.0
    contact = town.s.pair.contact
    faded = 0.3 * (1 - 0.3 * 0.035)
    assert contact[:2] == pytest.approx([faded, faded])
    assert contact[2] == pytest.approx(faded + 0.9 * 0.25 * 0.7)


def test_two_brokers_of_one_month_both_count_from_the_opening() -> None:
    given = organisations(4, id=[10, 11, 12, 13], sector=[0, 1, 2, 3], disposition=0.5, capacity=1000.0)
    given.resting_systems_view = [1.0, 1.0, 0.0, 0.0]
    known = ties(given, [(0, 2), (0, 3), (1, 2), (1, 3)], contact=0.5)
    town = Little(given, known, {"brokerage": 1.0, "turnover": 0.0, "meeting_rate": 0.0})
    town.month()
    assert town.m.tally[0].introductions == 2
    assert town.by_ids()[12, 13][0] == pytest.approx(2 * 0.9 * 0.25)


# The start


def test_a_world_begins_as_the_model_says() -> None:
    town = town_of()
    who, used = town.s.organisation, town.pairs
    assert (town.s.side.kept[:, :used] == 0.0).all()
    assert (town.s.side.broken[:, :used] == 0.0).all()
    assert (town.s.pair.tension[:used] == 0.0).all()
    for a in range(2):
        assert town.s.side.understanding[a, :used] == pytest.approx(1 - town.s.pair.distance[:used])
    assert (who.purpose_view == who.mandate).all()
    assert (who.expectation == who.accountability).all()
    assert (who.courage == who.resting_courage).all()
    assert (who.systems_view == who.resting_systems_view).all()
    assert set(np.round(town.s.pair.contact[:used], 12)) <= {0.6, 0.1}
    assert (town.s.pair.lower_id[:used] < town.s.pair.higher_id[:used]).all()


def test_what_is_given_is_taken_and_shifts_nobody_elses_draws() -> None:
    given, known = small_town()
    drawn = Little(given, known).s.organisation.copy()
    partly = given.copy()
    partly.mandate[3], partly.resting_courage[5], partly.perspective_x[0] = 0.125, 0.875, 0.25
    found = Little(partly, known).s.organisation
    assert (found.mandate[3], found.purpose_view[3]) == (0.125, 0.125)
    assert (found.courage[5], found.resting_courage[5]) == (0.875, 0.875)
    assert found.perspective_x[0] == 0.25
    for name in ("perspective_y", "disposition", "accountability", "resting_systems_view"):
        assert (found[name] == drawn[name]).all()
    untouched = [i for i in range(9) if i not in (0, 3, 5)]
    assert found[untouched].tobytes() == drawn[untouched].tobytes()


def test_a_surveyed_trust_is_what_that_side_trusts_at_the_start() -> None:
    given = organisations(3, disposition=0.5)
    known = ties(given, everybody(3), trust_lower=0.7, trust_higher=0.35)
    town = Little(given, known)
    assert town.m.trust[:, :3] == pytest.approx(np.array([[0.7] * 3, [0.35] * 3]))
    assert (town.s.side.kept + town.s.side.broken) == pytest.approx(np.full((2, 3), 4.0))


def test_spreads_of_nought_make_organisations_of_a_sector_alike() -> None:
    town = town_of(dict.fromkeys(SPREADS, 0.0))
    who = town.s.organisation
    for name in ("perspective_x", "perspective_y", "mandate", "disposition", "accountability", "courage"):
        for sector in range(4):
            assert len(set(who[name][who.sector == sector])) == 1
    assert who.disposition == pytest.approx([SETTING["disposition"]] * 9)
