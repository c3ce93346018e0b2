"""Designs, ranges and distributions: what they promise, and every fault in words."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import collabsim as cs
from collabsim.errors import Faults, InputError
from collabsim.programmes import Entry
from collabsim.scenario import Scenario
from collabsim.study.factors import DISTRIBUTIONS, read_factor
from collabsim.study.plan import Plan

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*cut off at.*:UserWarning", "ignore:.*never runs.*:UserWarning"
)

SPREADS = {
    "cost": {"low": 0.05, "high": 0.2},
    "disposition": {"distribution": "normal", "mean": 0.55, "sd": 0.2},
    "synergy": {"distribution": "triangular", "low": 0.8, "mode": 1.2, "high": 2.0},
    "loss": {"distribution": "lognormal", "mean": 0.35, "sd": 0.1, "high": 1.0},
    "visibility": {"distribution": "beta", "a": 4, "b": 2, "low": 0.4, "high": 0.9},
    "building_trust.from_month": {"low": 0, "high": 18},
    "building_trust": [0, 1],
    "building_trust.with": ["everyone", ["third sector", "council"]],
    "placebo": [0, 1],
}
SAMPLED = {
    "latin-hypercube": (40, 40),
    "sobol": (8, 8 * (len(SPREADS) + 2)),
    "morris": (5, 5 * (len(SPREADS) + 1)),
}


def spread(name, given):
    faults = Faults()
    made = read_factor(name, given, "sobol", True, faults)
    faults.settle()
    return made


# ------------------------------------------------------------------------------------------------ spreads


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("cost", stats.uniform(0.05, 0.15)),
        ("disposition", stats.truncnorm(-0.55 / 0.2, 0.45 / 0.2, 0.55, 0.2)),
        ("synergy", stats.triang(1 / 3, 0.8, 1.2)),
        ("visibility", stats.beta(4, 2, 0.4, 0.5)),
    ],
)
def test_a_spread_is_its_distribution_cut_off(name, law):
    shares = np.linspace(0.001, 0.999, 97)
    assert spread(name, SPREADS[name]).at(shares) == pytest.approx(law.ppf(shares), rel=1e-9)


def test_a_lognormal_has_the_mean_and_spread_that_it_is_told():
    made = spread("capacity_base", {"distribution": "lognormal", "mean": 4.0, "sd": 1.5})
    values = np.array(made.at((np.arange(200_000) + 0.5) / 200_000))
    assert (values.mean(), values.std()) == pytest.approx((4.0, 1.5), rel=2e-3)


def test_months_of_a_range_are_whole_and_equally_likely():
    months = spread("building_trust.from_month", {"low": 3, "high": 6}).at((np.arange(4000) + 0.5) / 4000)
    assert Counter(months) == {3: 1000, 4: 1000, 5: 1000, 6: 1000}
    assert all(type(month) is int for month in months)
    assert spread("building_trust.from_month", {"low": 3, "high": 6}).at([0.0, 1.0]) == [3, 6]


@pytest.mark.parametrize("name", [name for name in SPREADS if isinstance(SPREADS[name], dict)])
def test_a_spread_stays_within_and_leads_back_to_itself(name):
    made = spread(name, SPREADS[name])
    ends = made.at([0.0, 1.0])
    assert made.low <= ends[0] < ends[1] <= made.high
    assert spread(name, json.loads(json.dumps(made.record()))) == made
    assert set(DISTRIBUTIONS) >= {made.distribution}


# ------------------------------------------------------------------------------------------------ designs


@pytest.mark.parametrize("design", SAMPLED)
def test_a_sampled_design_is_the_same_from_the_same_seed(design):
    points, count = SAMPLED[design]
    plan = Plan(SPREADS, "scottish-partnership", design, seed=3, worlds=2, size=points)
    again = Plan.from_dict(json.loads(json.dumps(plan.record())))
    assert (plan.count, plan.runs) == (count, 2 * count)
    assert again.points() == plan.points() and again.identity == plan.identity
    other = replace(plan, seed=4)
    assert other.points() != plan.points() and other.identity != plan.identity
    assert replace(plan, worlds=5).points() == plan.points()
    for point in plan.points():
        assert list(point) == list(SPREADS)
        assert 0.05 <= point["cost"] <= 0.2 and point["building_trust"] in (0.0, 1.0)
        assert point["building_trust.with"] in ("everyone", "third sector + council")
    assert len(list(itertools.islice(plan.scenarios(), 5))) == 5


def test_a_latin_hypercube_has_one_point_in_every_slice():
    plan = Plan.latin_hypercube({"cost": {"low": 0.0, "high": 1.0}, "loss": {"low": 0.0, "high": 1.0}}, 50)
    for name in ("cost", "loss"):
        assert sorted(int(point[name] * 50) for point in plan.points()) == list(range(50))


def test_sobol_points_are_kept_when_more_are_drawn():
    few, more = (Plan.sobol({"cost": SPREADS["cost"], "placebo": [0, 1]}, n).points() for n in (8, 16))
    assert more[: len(few)] == few


def test_morris_walks_change_one_factor_at_a_time():
    plan = Plan.morris(SPREADS, 6)
    width = len(SPREADS)
    for walk in range(6):
        points = plan.points()[walk * (width + 1) : (walk + 1) * (width + 1)]
        moved = [[n for n in SPREADS if a[n] != b[n]] for a, b in itertools.pairwise(points)]
        assert all(len(names) == 1 for names in moved)
        assert sorted(names[0] for names in moved) == sorted(SPREADS)


def test_a_fraction_is_balanced_and_keeps_main_effects_apart():
    plan = Plan.fractional(cs.PRACTICES)
    levels = np.array([list(point.values()) for point in plan.points()]) * 2 - 1
    assert levels.shape == (16, 6) and plan.resolution == 4
    assert (levels.sum(axis=0) == 0).all() and (levels.T @ levels == 16 * np.eye(6)).all()
    for a, b in itertools.combinations(range(6), 2):  # no main effect is mixed up with a pair
        assert (levels.T @ (levels[:, a] * levels[:, b]) == 0).all()
    assert Plan.fractional(cs.PRACTICES, 3).count == 8 and Plan.fractional(cs.PRACTICES, 5).count == 32


def test_orders_run_one_after_the_other_within_support():
    plan = Plan.orders(("building_trust", "systemic_leadership", "placebo"), None, "pair", worlds=2)
    orders = [point["order"] for point in plan.points()]
    assert len(set(orders)) == plan.count == 6
    assert orders[0] == "building_trust > systemic_leadership > placebo"
    entries = plan.scenario_at(1).programme
    assert set(entries) == {
        Entry("building_trust", 6, 18), Entry("placebo", 18, 30), Entry("systemic_leadership", 30, 42),
    }  # fmt: skip
    some = Plan.orders(points=20, seed=5)
    assert some.count == len({point["order"] for point in some.points()}) == 20
    assert some.points()[0]["order"] == " > ".join(cs.PRACTICES)
    for same in (Plan.from_dict(some.record()), replace(some)):
        assert same.points() == some.points() and same.identity == some.identity
    assert Plan.orders().count == 720


def test_a_table_is_run_row_by_row(tmp_path):
    file = tmp_path / "punkte é.csv"
    file.write_bytes(
        b"\xef\xbb\xbfbuilding_trust;building_trust.months;building_trust.with\r\n"
        b"0;12;everyone\r\n1;12;everyone\r\n\r\n1;24;NHS + council\r\n"
    )
    (tmp_path / "plan.toml").write_text(f'design = "table"\ntable = "{file.name}"\n', encoding="utf-8")
    plan = Plan.load(tmp_path / "plan.toml")
    assert plan.count == 3
    assert plan.point(2) == {
        "building_trust": 1.0, "building_trust.months": 24, "building_trust.with": "NHS + council",
    }  # fmt: skip
    assert plan.scenario_at(2).programme == (Entry("building_trust", 6, 30, 1.0, ("NHS", "council")),)
    frame = pd.DataFrame(plan.points())
    for same in (Plan.table(frame), Plan.from_dict(json.loads(json.dumps(plan.record()))), Plan.table(file)):
        assert same.points() == plan.points() and same.identity == plan.identity


def test_every_kind_of_factor_reaches_the_runs():
    plan = Plan.factorial(
        {"building_trust": [1], "building_trust.from_month": [2], "building_trust.months": [3, 9],
         "building_trust.with": ["everyone", ["third sector"]]},
        "rural-lead-agency", worlds=2, months=14,
    )  # fmt: skip
    runs = cs.sweep(plan)
    assert runs["error"].isna().all() and runs["facilitator_days"].nunique() == 4
    assert runs["building_trust.with"].tolist()[::2] == ["everyone", "third sector"] * 2
    assert runs["building_trust.months"].dtype == "int64"
    alone = cs.run("rural-lead-agency", months=14, world=1, building_trust=1.0,
                   **{"building_trust.with": ["third sector"], "building_trust.from_month": 2,
                      "building_trust.months": 9})  # fmt: skip
    assert runs["trust"].iloc[-1] == alone.summary["trust"]


# ------------------------------------------------------------------------------------------------- faults

RANGE = {"cost": {"low": 0.1, "high": 0.2}}
FAULTS = {
    "points not a power of two": ("sobol", RANGE, {"points": 100}, "power of 2 in a sobol design, such"),
    "one point": ("latin-hypercube", RANGE, {"points": 1}, "'points' must be a whole number from 2"),
    "no points": ("morris", RANGE, {}, "'points' is missing; design 'morris' needs it"),
    "upside down": ("sobol", {"cost": {"low": 0.2, "high": 0.1}}, {"points": 8}, "low = 0.2 must be less"),
    "beyond bounds": ("sobol", {"cost": {"low": 0.2, "high": 7}}, {"points": 8}, "'high' must be a number"),
    "an unknown distribution": (
        "sobol", {"cost": {"distribution": "norml", "mean": 0.1}}, {"points": 8}, "did you mean 'normal'",
    ),
    "half a distribution": (
        "sobol", {"cost": {"distribution": "normal", "mean": 0.1}}, {"points": 8}, "'sd' is missing",
    ),
    "an unknown key": ("sobol", {"cost": {"low": 0.1, "hihg": 0.2}}, {"points": 8}, "key 'hihg'; did you"),
    "far away": (
        "sobol", {"cost": {"distribution": "normal", "mean": 9, "sd": 0.1}}, {"points": 8}, "of the distr",
    ),
    "no spread": (
        "sobol", {"cost": {"distribution": "normal", "mean": 0.1, "sd": 0}}, {"points": 8}, "'sd' must be",
    ),
    "a range of names": ("sobol", {"programme": {"low": 0, "high": 1}}, {"points": 8}, "list them"),
    "three levels": ("fractional", {"cost": [0.1, 0.2, 0.3]}, {}, "two levels in a fractional design, not 3"),
    "resolution": ("fractional", {"cost": [0.1, 0.2]}, {"resolution": 9}, "'resolution' must be a whole"),
    "resolution elsewhere": ("factorial", {"cost": [0.1]}, {"resolution": 4}, "belongs to design 'frac"),
    "many levels": ("morris", {"cost": [0, 0.1, 0.2, 0.3, 0.4]}, {"points": 4}, "2 to 4 levels"),
    "two ends": (
        "factorial", {"building_trust": [1], "building_trust.to_month": [9], "building_trust.months": [9]},
        {}, "both say when it ends",
    ),
    "two programmes": (
        "factorial", {"programme": ["none"], "order": [["building_trust", "placebo"]]}, {}, "choose one",
    ),
    "nobody": ("factorial", {"building_trust": [1], "building_trust.with": [[]]}, {}, '"everyone" or a list'),
    "a stranger": (
        "factorial", {"building_trust": [1], "building_trust.with": [["third secter"]]}, {}, "third sect",
    ),
    "an order of one": ("order", {"order": ["building_trust"]}, {}, "at least two practices"),
    "an order of whom": ("order", {"order": ["building_trst", "placebo"]}, {}, "'building_trst'; did you"),
    "no order": ("order", {"cost": [0.1]}, {}, "'order' is missing"),
    "more orders": ("order", {"order": ["building_trust", "placebo"]}, {"points": 3}, "2 orders"),
    "columns of two lengths": ("table", {"cost": [0.1], "loss": [0.1, 0.2]}, {}, "not cost 1, loss 2"),
    "ends before it starts": (
        "latin-hypercube", {"building_trust": [1], "building_trust.from_month": {"low": 30, "high": 60}},
        {"points": 20}, "ends before it starts",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_in_words(name):
    design, factors, more, words = FAULTS[name]
    with pytest.raises(InputError) as told:
        Plan.from_dict({"design": design, "factors": factors} | more, where="my plan.toml")
    assert words in str(told.value)
    assert all(fault.startswith("my plan.toml: ") for fault in told.value.faults)


def test_faults_of_a_table_name_their_lines(tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("cost,building_trust\n0.1,2\nx,1\n0.1\n,1\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        Plan.table(file)
    lines = [fault.removeprefix(f"{file}: ") for fault in told.value.faults]
    assert [line[:6] for line in lines] == ["line 2", "line 3", "line 4", "line 5"]
    for text, words in (("cots\n1\n", "did you mean 'cost'"), ("", "is empty"), ("cost\n", "no rows"),
                        ("cost,cost\n1,1\n", "twice")):  # fmt: skip
        file.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=words):
            Plan.table(file)
    with pytest.raises(InputError, match="no such file"):
        Plan.table(tmp_path / "other.csv")
    with pytest.raises(InputError, match="'table' is missing"):
        Plan.from_dict({"design": "table"})
    with pytest.raises(InputError, match="belongs to design 'table'"):
        Plan.from_dict({"table": "points.csv", "factors": {"cost": [0.1]}})


def test_all_faults_are_told_at_once():
    with pytest.raises(InputError) as told:
        Plan.from_dict(
            {"design": "sobol", "points": 7, "worlds": 0, "resolution": 4,
             "factors": {"cost": {"low": 2, "high": 1}, "trust": [1], "loss": {"mean": 1}}}
        )  # fmt: skip
    assert len(told.value.faults) >= 6


# ------------------------------------------------------------------------------------------------ placebo


def test_the_placebo_runs_like_a_practice_and_moves_nothing():
    assert "placebo" not in cs.PRACTICES
    base = Scenario.load("pair")
    treated = base.with_settings(placebo=1.0, building_trust=1.0)
    assert {entry.mover for entry in treated.programme} == {"placebo", "building_trust"}
    assert treated.compile().identity != base.with_settings(building_trust=1.0).compile().identity
    late = {"placebo": 1.0, "placebo.to_month": 70}
    for settings in ({}, {"building_trust": 1.0}, {"building_trust": 0.5, "courageous_leadership": 1.0}):
        plain = cs.run("pair", seed=4, **settings)
        beside = cs.run("pair", seed=4, **settings, **late)
        pd.testing.assert_series_equal(plain.summary, beside.summary, check_exact=True)
        pd.testing.assert_frame_equal(plain.monthly, beside.monthly, check_exact=True)
    read = Scenario.from_dict({"partnership": "pair", "programme": [{"practice": "placebo"}]})
    assert read.facilitator_days == 0 and read.programme_end is None
    model = cs.CollaborationModel("pair", seed=4, placebo=1.0)
    other = cs.CollaborationModel("pair", seed=4)
    for _ in range(9):
        model.step()
        other.step()
    pd.testing.assert_frame_equal(
        model.datacollector.get_model_vars_dataframe(), other.datacollector.get_model_vars_dataframe()
    )
