"""Alternatives: each rule does what its source says, and acts alike wherever the month is played."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import collabsim as cs
from collabsim import alternatives as alt
from collabsim.alternatives import ALTERNATIVES
from collabsim.calling import arrays_in
from collabsim.practices import PRACTICES
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study.patterns import PATTERNS, Laboratory
from collabsim.study.patterns.laboratory import Walk
from collabsim.study.patterns.local import Tie
from collabsim.telling import function_text

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results" / "alternatives"
MADE: dict[str, Schedule] = {name: each.schedule() for name, each in ALTERNATIVES.items()}

pytestmark = [
    pytest.mark.xdist_group("patterns"),
    pytest.mark.filterwarnings("ignore:.*cut off at.*:UserWarning", "ignore:.*it never runs.*:UserWarning"),
]

share = st.floats(0.0, 1.0)
evidence = st.floats(0.0, 40.0)


def rows(name: str) -> list[dict[str, str]]:
    with (RESULTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def walked(schedule: Schedule, months: int, scenario: str = "scottish-partnership", **settings: Any) -> Walk:
    laboratory = Laboratory(settings, threads=1)
    made = laboratory.scenario(Scenario.load(scenario).untreated())
    walk = Walk(made, schedule)
    walk.begin(0, 0)
    walk.play(months)
    return walk


@pytest.mark.parametrize("name", ALTERNATIVES)
def test_an_alternative_says_what_it_is_and_has_an_identity_of_its_own(name: str) -> None:
    each = ALTERNATIVES[name]
    assert each.name == name and each.title and each.instead and each.what and each.source
    identities = {SCHEDULE.identity, *(made.identity for made in MADE.values())}
    assert len(identities) == 1 + len(MADE)
    assert f"`{name}`" in (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")


def test_the_identity_of_an_alternative_holds_its_text() -> None:
    """It is not among the rules whose text is in every identity, so its own must be."""
    for function in (alt.loyalty_learn, alt.one_after_another):
        text = function_text(function)
        assert "def " in text
    assert "def interrupted" in function_text(alt.loyalty_learn)
    assert "def take_in" in function_text(alt.one_after_another)
    assert "0.25" in function_text(alt.loyalty_trusts)


@pytest.mark.parametrize("name", ALTERNATIVES)
def test_a_run_and_the_mesa_model_agree_to_the_bit(name: str) -> None:
    settings = {"programme": "all-six", "months": 18, "seed": 3, "world": 1}
    one = cs.run("scottish-partnership", schedule=MADE[name], **settings)
    model = cs.CollaborationModel("scottish-partnership", schedule=MADE[name], **settings)
    for _ in range(18):
        model.step()
    state = model._run.state
    for array, other in zip(arrays_in(state), arrays_in(one.state), strict=True):
        assert array.tobytes() == other.tobytes()
    trust = one.monthly["trust"].to_numpy()
    assert ((trust >= 0) & (trust <= 1)).all()


# Loyalty


@given(evidence, evidence, share)
def test_loyalty_trust_stays_within_its_range_and_starts_at_the_disposition(
    run: float, broken: float, disposition: float
) -> None:
    rule = alt.loyal_trust
    assert 0.0 <= rule(run, broken, disposition, 0.5, 0.25) <= 1.0
    assert rule(0.0, 0.0, disposition, 0.5, 0.25) == disposition
    assert rule(run + 1.0, broken, disposition, 0.5, 0.25) >= rule(run, broken, disposition, 0.5, 0.25)
    assert rule(run, broken + 1.0, disposition, 0.5, 0.25) <= rule(run, broken, disposition, 0.5, 0.25)


def test_loyalty_trust_rises_by_ever_less_and_drops_at_a_breach() -> None:
    tie = Tie(Laboratory({}, schedule=MADE["loyalty"]), 0.5)
    path = [tie.trust] + [tie.month(True) for _ in range(12)]
    steps = np.diff(path)
    assert (steps > 0).all() and (np.diff(steps) < 0).all()
    fallen = tie.month(False)
    assert fallen < path[0] < path[-1], "one breach costs the whole run, and more"
    assert fallen < tie.month(True)


def test_a_longer_loyalty_has_more_to_lose_while_the_models_trust_is_robust() -> None:
    falls = {}
    for name, schedule in (("model", SCHEDULE), ("loyalty", MADE["loyalty"])):
        for months in (2, 24):
            tie = Tie(Laboratory({"memory": 1.0}, schedule=schedule), 0.5)
            before = [tie.month(True) for _ in range(months)][-1]
            falls[name, months] = before - tie.month(False)
    assert falls["loyalty", 24] > falls["loyalty", 2]
    assert falls["model", 24] < falls["model", 2]


# Exponential


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 3.0)), max_size=30), share)
def test_exponential_trust_is_the_linear_operator(
    events: list[tuple[bool, float]], disposition: float
) -> None:
    """T moves the share rate · evidence of the way to 1 or to 0, whatever came before."""
    rate, kept, broken, trust = 0.15, 0.0, 0.0, disposition
    move, value = alt.towards_good, alt.exponential_trust
    for good, weight in events:
        if good:
            kept, broken = move(kept, broken, weight, rate)
        else:
            broken, kept = move(broken, kept, weight, rate)
        trust += min(1.0, rate * weight) * ((1.0 if good else 0.0) - trust)
        assert rate * (kept + broken) <= 1.0 + 1e-9
        assert value(kept, broken, disposition, rate) == pytest.approx(trust, abs=1e-9)


@given(evidence, evidence)
def test_evidence_from_elsewhere_is_scaled_back(kept: float, broken: float) -> None:
    scale = alt.scaled_back(kept, broken, 0.15)
    assert 0.15 * scale * (kept + broken) <= 1.0 + 1e-12
    before = alt.exponential_trust(kept, broken, 0.3, 0.15)
    assert alt.exponential_trust(kept * scale, broken * scale, 0.3, 0.15) == pytest.approx(before)


def test_exponential_trust_falls_by_another_rate_than_it_rises() -> None:
    laboratory = Laboratory({"negativity": 1.6}, schedule=MADE["exponential"])
    up, down = (Tie(laboratory, 0.5).event(keeps) - 0.5 for keeps in (True, False))
    assert -down / up == pytest.approx(1.6)


# Best response


@pytest.mark.parametrize(("value", "chance"), [(1e-12, 1.0), (-1e-12, 0.0), (0.0, 0.5)])
def test_best_response_is_a_threshold(value: float, chance: float) -> None:
    assert alt.best_response(value) == chance


def test_best_response_is_the_limit_of_the_logit() -> None:
    """As the intensity of choice goes to its bound, the first month's choices become best responses."""
    limit = walked(MADE["best_response"], 1)
    met = limit.met.copy()
    alike = {}
    for intensity in (0.0, 7.5, 1000.0):
        logit = walked(SCHEDULE, 1, intensity_of_choice=intensity)
        np.testing.assert_array_equal(logit.met, met)
        same = logit.month.act.committed[:, : len(met)] == limit.month.act.committed[:, : len(met)]
        alike[intensity] = float(same.mean())
    assert alike[0.0] < alike[7.5] < alike[1000.0]
    assert alike[1000.0] >= 0.97


# One after another


def test_with_one_pair_nothing_differs_from_the_model() -> None:
    one, other = walked(SCHEDULE, 48, "pair"), walked(MADE["sequential"], 48, "pair")
    assert one.state.side.kept.max() > 0.0
    for array, another in zip(arrays_in(one.state), arrays_in(other.state), strict=True):
        assert array.tobytes() == another.tobytes()


def test_with_many_pairs_it_does_and_the_accounts_still_add_up() -> None:
    one, other = walked(SCHEDULE, 1), walked(MADE["sequential"], 1)
    np.testing.assert_array_equal(np.sort(one.met), np.sort(other.met))
    tally = other.month.tally[0]
    assert tally.meetings == len(other.met)
    met = other.met
    assert tally.commitments == other.month.act.committed[:, : len(met)].sum()
    assert tally.joint_deliveries == other.month.meeting.joint[: len(met)].sum()
    assert tally.value - tally.spent == pytest.approx(other.month.flow.net.sum())
    alignment = other.month.meeting.alignment[: len(met)]
    assert not np.array_equal(one.month.meeting.alignment[: len(met)], alignment)


# What was found


def test_the_committed_conclusions_say_what_their_numbers_say() -> None:
    table = rows("conclusions.csv")
    names = {"model", *ALTERNATIVES}
    conclusions = {row["conclusion"] for row in table}
    assert {(row["conclusion"], row["alternative"]) for row in table} == {
        (conclusion, name) for conclusion in conclusions for name in names
    }
    for row in table:
        assert float(row["low"]) <= float(row["estimate"]) <= float(row["high"])
        assert row["verdict"] == ("holds" if float(row["low"]) > 0 else "fails")
    practices = [row for row in rows("practices.csv") if row["measure"] == "shapley"]
    gain = {
        (row["alternative"], row["what"]): float(row["estimate"]) for row in rows("levels.csv")
    }
    for name in names:
        mine = [row for row in practices if row["alternative"] == name]
        assert {row["practice"] for row in mine} == set(PRACTICES)
        assert sorted(int(row["rank"]) for row in mine) == [1, 2, 3, 4, 5, 6]
        total = sum(float(row["estimate"]) for row in mine)
        assert total == pytest.approx(gain[name, "all"] - gain[name, "none"], rel=1e-3)
    assert [int(row["pattern"]) for row in rows("patterns.csv")] == list(PATTERNS)
