"""Parameters, levers, practices and shocks: declared once, wholly, and refused in words when misused."""

from __future__ import annotations

import ast
import math
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import collabsim.parameters
from collabsim.errors import InputError
from collabsim.outcomes import ALL_OUTCOMES
from collabsim.parameters import (
    LEVER_DTYPE,
    LEVERS,
    PARAMETER_DTYPE,
    PARAMETERS,
    Lever,
    check_parameters,
    number,
    parameter_record,
)
from collabsim.practices import MOVERS, PLACEBO, PRACTICES, SHOCKS, TREATMENTS, Mover, Practice, Shock

FOLDER = Path(collabsim.parameters.__file__).parent
every_parameter = pytest.mark.parametrize("name", PARAMETERS)
every_lever = pytest.mark.parametrize("name", LEVERS)
every_mover = pytest.mark.parametrize("name", MOVERS)


def faults_of(values: dict[str, Any]) -> tuple[str, ...]:
    """Return what is said of overrides that cannot be used."""
    with pytest.raises(InputError) as caught:
        check_parameters(values)
    return caught.value.faults


# The declarations


@every_parameter
def test_a_default_lies_within_finite_bounds(name: str) -> None:
    parameter = PARAMETERS[name]
    assert all(math.isfinite(x) for x in (parameter.low, parameter.default, parameter.high))
    assert parameter.low <= parameter.default <= parameter.high
    assert parameter.low < parameter.high


@every_parameter
def test_a_parameter_says_what_it_means_and_where_it_is_from(name: str) -> None:
    parameter = PARAMETERS[name]
    assert parameter.name == name
    for text in (parameter.unit, parameter.step, parameter.meaning, parameter.source):
        assert text.strip() == text != ""
    assert parameter.meaning.endswith(".")
    assert parameter.source == "assumption" or re.search(r"\b(19|20)\d\d\b", parameter.source)


@every_parameter
def test_a_parameter_names_the_steps_that_use_it(name: str) -> None:
    for step in PARAMETERS[name].step.split(", "):
        found = re.fullmatch(r"(\d+) [a-z ]+|start", step)
        assert found is not None
        assert found[1] is None or 1 <= int(found[1]) <= 16


@every_parameter
def test_a_share_or_probability_is_bounded_by_nought_and_one(name: str) -> None:
    parameter = PARAMETERS[name]
    assert parameter.low >= 0.0
    if parameter.unit in ("share", "probability", "per month", "trust"):
        assert parameter.high <= 1.0


def test_parameters_are_declared_once_each() -> None:
    names = re.findall(r'^    (?:Parameter|Lever)\("(\w+)"', (FOLDER / "parameters.py").read_text(), re.M)
    assert len(names) == len(set(names))
    assert set(names) == set(PARAMETERS)


def test_names_are_columns_so_none_stands_for_two_things() -> None:
    columns = [*PARAMETERS, *PRACTICES, *SHOCKS, *ALL_OUTCOMES]
    doubles = {name for name in columns if columns.count(name) > 1}
    assert doubles == set()
    assert {"seed", "world", "luck", "month", "months", "scenario", "partnership"}.isdisjoint(columns)


@pytest.mark.parametrize("name", [*PARAMETERS, *MOVERS, *ALL_OUTCOMES])
def test_names_are_plain_words_joined_by_underscores(name: str) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)


def used(variable: str) -> set[str]:
    """Return the fields that the month and the start read of a record of that name."""
    found = set()
    for file in ("dynamics.py", "meetings.py", "brokering.py", "start.py", "stock.py", "outcomes.py"):
        for node in ast.walk(ast.parse((FOLDER / file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value).split("[")[0] == variable:
                found.add(node.attr)
    return found


def test_every_parameter_is_used_and_every_used_one_is_declared() -> None:
    assert used("p") == set(PARAMETERS) - set(LEVERS)


def test_every_lever_is_used_and_every_used_one_is_declared() -> None:
    assert used("m.lever") | used("lever") == set(LEVERS)


# Overrides, checked


def test_defaults_pass_and_come_back_as_numbers_in_the_declared_order() -> None:
    checked = check_parameters({name: PARAMETERS[name].default for name in reversed(PARAMETERS)})
    assert list(checked) == list(PARAMETERS)
    assert checked == {name: parameter.default for name, parameter in PARAMETERS.items()}
    assert all(type(value) is float for value in checked.values())
    assert check_parameters({}) == {}


@every_parameter
def test_both_bounds_are_allowed_and_nothing_beyond_them(name: str) -> None:
    low, high = PARAMETERS[name].low, PARAMETERS[name].high
    assert check_parameters({name: low}) == {name: low}
    assert check_parameters({name: high}) == {name: high}
    for outside in (math.nextafter(low, -math.inf), math.nextafter(high, math.inf)):
        (fault,) = faults_of({name: outside})
        assert f"'{name}'" in fault
        assert f"from {low:g} to {high:g}" in fault


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("memmory", "memory"), ("as-if", "as_if"), ("Stake size", "stake_size"), ("Learnin", "learning")],
)
def test_an_unknown_name_is_answered_with_the_nearest(wrong: str, right: str) -> None:
    (fault,) = faults_of({wrong: 0.5})
    assert f"no parameter '{wrong}'" in fault
    assert f"did you mean '{right}'?" in fault


def test_a_name_like_no_other_is_answered_with_known_ones() -> None:
    (fault,) = faults_of({"xyzzy": 0.5})
    assert "no parameter 'xyzzy'" in fault
    assert "did you mean" not in fault
    assert next(iter(PARAMETERS)) in fault


def test_all_faults_are_told_at_once() -> None:
    faults = faults_of({"memmory": 1, "lead": 2, "memory": 0.5, "pledge": "much", "slip": math.nan})
    assert len(faults) == 4
    for part in ("memmory", "'lead'", "'pledge'", "'slip'"):
        assert sum(part in fault for fault in faults) == 1


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, True, False, "0.5", "", None, [0.5], (0.5,), {}, 0.5j, np.nan, np.inf,
     np.bool_(True), np.array([0.5]), b"0.5", np.complex128(0.5), 10**400],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_what_is_no_finite_number_is_refused_in_words(value: Any) -> None:
    (fault,) = faults_of({"memory": value})
    assert fault.startswith("parameter 'memory' must be a number from 0 to 1, not ")


@pytest.mark.parametrize(
    "value", [1, 0, np.float32(0.5), np.float64(0.25), np.int64(1), np.uint8(0)], ids=repr
)
def test_whole_numbers_and_those_of_numpy_are_taken(value: Any) -> None:
    checked = check_parameters({"memory": value})
    assert checked == {"memory": float(value)}
    assert type(checked["memory"]) is float


def test_a_number_without_an_upper_bound_is_described_so() -> None:
    assert number(1e12, "size", 1, math.inf) == 1e12
    with pytest.raises(InputError, match=r"^size must be a number of at least 1, not 0$"):
        number(0, "size", 1, math.inf)
    for value in (math.inf, math.nan):
        with pytest.raises(InputError, match="size must be a number of at least 1"):
            number(value, "size", 1, math.inf)


# The record that the month reads


def test_a_record_without_overrides_holds_the_defaults() -> None:
    record = parameter_record({})
    assert record.shape == (1,)
    assert record.dtype.fields == PARAMETER_DTYPE.fields
    for name, parameter in PARAMETERS.items():
        assert record[f"base_{name}" if name in LEVERS else name][0] == parameter.default


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.data())
def test_a_record_holds_every_override_in_its_place_and_nothing_else(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(list(PARAMETERS)), unique=True))
    values = {name: data.draw(st.floats(PARAMETERS[name].low, PARAMETERS[name].high)) for name in names}
    record, untouched = parameter_record(values), parameter_record({})
    for name in PARAMETERS:
        field = f"base_{name}" if name in LEVERS else name
        assert record[field][0] == values.get(name, untouched[field][0])


def test_levers_are_the_last_fields_in_their_order() -> None:
    assert LEVER_DTYPE.names == tuple(LEVERS)
    assert PARAMETER_DTYPE.names is not None
    assert PARAMETER_DTYPE.names[-len(LEVERS) :] == tuple(f"base_{name}" for name in LEVERS)
    assert len(PARAMETER_DTYPE.names) == len(PARAMETERS)
    values = np.arange(len(PARAMETERS), dtype=float)
    record = values.view(PARAMETER_DTYPE)
    for position, name in enumerate(LEVERS):
        assert record[f"base_{name}"][0] == len(PARAMETERS) - len(LEVERS) + position


# Levers


@every_lever
def test_a_lever_says_which_way_is_further_and_whose_counts(name: str) -> None:
    lever = LEVERS[name]
    assert isinstance(lever, Lever)
    assert lever.direction in (-1, 1)
    assert lever.whose in ("own", "pair", "judge", "failer", "met")


def test_whose_lever_counts_is_as_the_model_says() -> None:
    expected = {
        "stake_matching": "pair", "visibility": "pair", "surfacing": "pair", "repair": "failer",
        "benefit_of_doubt": "judge", "peer_accountability": "met",
    }  # fmt: skip
    assert {name: lever.whose for name, lever in LEVERS.items() if lever.whose != "own"} == expected


@every_lever
def test_a_lever_is_moved_by_some_practice_or_shock(name: str) -> None:
    assert any(name in mover.moves for mover in MOVERS.values())


# Practices and shocks


def test_the_practices_stand_in_the_order_of_the_article() -> None:
    assert list(PRACTICES) == [
        "suspending_disbelief",
        "shared_accountability",
        "exploring_diversity",
        "building_trust",
        "courageous_leadership",
        "systemic_leadership",
    ]
    assert list(MOVERS) == [*PRACTICES, *SHOCKS, "placebo"]
    assert list(TREATMENTS) == [*PRACTICES, "placebo"]


@every_mover
def test_a_practice_or_shock_is_described_and_moves_something(name: str) -> None:
    mover = MOVERS[name]
    assert mover.name == name
    for text in (mover.title, mover.sentence, mover.evidence):
        assert text.strip() == text != ""
    assert mover.sentence.endswith(".")
    assert (len(mover.moves) == 0) is (mover is PLACEBO)
    assert type(mover) is (Practice if name in TREATMENTS else Shock)


@every_mover
def test_a_practice_or_shock_moves_each_lever_away_from_its_base(name: str) -> None:
    for lever_name, full in MOVERS[name].moves.items():
        lever = LEVERS[lever_name]
        assert lever.low <= full <= lever.high
        assert (full - lever.default) * lever.direction > 0.0


def test_practices_take_facilitator_days_and_shocks_none() -> None:
    assert all(practice.days > 0.0 for practice in PRACTICES.values())
    assert all(shock.days == 0.0 for shock in SHOCKS.values())


def a_practice(moves: dict[str, float]) -> Mover:
    """Make a practice of no account that moves levers so."""
    return Practice("singing", "Singing", moves, "Partners sing.", "None.")


@pytest.mark.parametrize(
    "outcome", ["trust", "accountability", "collaborative_advantage", "synergy", "memory"]
)
def test_a_practice_cannot_move_what_is_no_lever(outcome: str) -> None:
    with pytest.raises(InputError, match=f"singing moves '{outcome}', which is not a lever"):
        a_practice({outcome: 0.5})


def test_a_practice_that_misspells_a_lever_is_told_the_nearest() -> None:
    with pytest.raises(InputError, match=r"did you mean 'visibility'\?"):
        a_practice({"visibilty": 0.9})


@pytest.mark.parametrize("full", [1.5, -0.1, math.nan, math.inf])
def test_a_practice_cannot_move_a_lever_out_of_its_bounds(full: float) -> None:
    with pytest.raises(InputError, match=r"singing moves 'visibility' to .*, out of 0 to 1"):
        a_practice({"visibility": full})


@pytest.mark.parametrize(("lever", "full"), [("visibility", 0.2), ("mandate_pull", 0.2), ("cost", 0.05)])
def test_a_practice_cannot_move_a_lever_against_its_direction(lever: str, full: float) -> None:
    with pytest.raises(InputError, match=f"singing moves '{lever}' to {full}, against the lever's direction"):
        a_practice({lever: full})


def test_a_practice_cannot_be_changed_once_made() -> None:
    moves = {"visibility": 0.9}
    practice = a_practice(moves)
    moves["trust"] = 1.0
    assert dict(practice.moves) == {"visibility": 0.9}
    with pytest.raises(TypeError):
        practice.moves["repair"] = 1.0  # type: ignore[index]
    with pytest.raises(AttributeError):
        practice.moves = {}  # type: ignore[misc]


@every_mover
def test_a_practice_or_shock_survives_pickling(name: str) -> None:
    again = pickle.loads(pickle.dumps(MOVERS[name]))
    assert type(again) is type(MOVERS[name])
    assert (again.name, again.moves, again.days) == (name, MOVERS[name].moves, MOVERS[name].days)
