"""Ablations: each switches off what it says, and the committed table says what its numbers say."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collabsim as cs
from collabsim.parameters import LEVERS, PARAMETERS, check_parameters
from collabsim.practices import PRACTICES
from collabsim.report.ablation_figures import ablation_matrix, conclusions
from collabsim.schedule import SCHEDULE
from collabsim.study.ablation import BREAKS, CARRIES_ON, MECHANISMS, STARTS, STILL_FAILS, ablate, change
from collabsim.study.patterns import PATTERNS, Laboratory
from collabsim.study.patterns.laboratory import Walk

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results" / "ablation"

pytestmark = [
    pytest.mark.xdist_group("patterns"),
    pytest.mark.filterwarnings("ignore:.*cut off at.*:UserWarning", "ignore:.*it never runs.*:UserWarning"),
]


def rows(name: str) -> list[dict[str, str]]:
    with (RESULTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def without(name: str, **settings: Any) -> Any:
    """Return the months of a run with all six practices, without a mechanism."""
    off = {**MECHANISMS[name].off, **settings}
    return cs.run("scottish-partnership", programme="all-six", months=24, **off).monthly


def walked(name: str, months: int = 12, **settings: Any) -> Walk:
    """Return an untreated partnership without a mechanism, after some months."""
    laboratory = Laboratory({**MECHANISMS[name].off, **settings}, threads=1)
    walk = Walk(laboratory.scenario(), SCHEDULE)
    walk.begin(0, 0)
    walk.play(months)
    return walk


@pytest.mark.parametrize("name", MECHANISMS)
def test_what_switches_off_is_within_bounds_and_not_what_is_anyway(name: str) -> None:
    mechanism = MECHANISMS[name]
    assert mechanism.name == name and mechanism.title and mechanism.why
    assert check_parameters(mechanism.off) == dict(mechanism.off)
    assert any(PARAMETERS[key].default != value for key, value in mechanism.off.items())
    for step in re.findall(r"\d+ [a-z ]+|start", mechanism.step):
        assert step in {parameter.step for parameter in PARAMETERS.values()} | {"4 convene", "11 contact"} | {
            part for parameter in PARAMETERS.values() for part in parameter.step.split(", ")
        }


@pytest.mark.parametrize("name", MECHANISMS)
def test_where_a_lever_is_switched_off_and_a_practice_turns_it_on_the_record_says_so(name: str) -> None:
    mechanism = MECHANISMS[name]
    for key, value in mechanism.off.items():
        lever = LEVERS.get(key)
        moved = [p for p in PRACTICES.values() if key in p.moves]
        if lever and any(lever.direction * (p.moves[key] - value) > 0 for p in moved):
            assert re.search("practice|practise", mechanism.why), key


@pytest.mark.parametrize("name", MECHANISMS)
def test_every_mechanism_is_in_the_documentation(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")


def test_without_tension_there_is_none() -> None:
    walk = walked("tension")
    assert (walk.state.pair.tension == 0.0).all()
    assert (walked("tension", strain=PARAMETERS["strain"].default).state.pair.tension > 0.0).any()


def test_without_contact_dynamics_contact_stays() -> None:
    before = walked("contact", 1, turnover=0.0).state.pair.contact.copy()
    np.testing.assert_array_equal(walked("contact", 12, turnover=0.0).state.pair.contact, before)


def test_without_a_limit_there_is_room_for_all() -> None:
    everybody = {"meeting_rate": 1.0, "contact_close": 1.0, "contact_loose": 1.0}
    assert (walked("capacity", 1, **everybody).month.flow.room == 1.0).all()
    assert walked("tension", 1, **everybody).month.flow.room.max() < 1.0


def test_without_disappointment_no_evidence_is_of_broken_promises() -> None:
    assert (walked("disappointment").state.side.broken == 0.0).all()


def test_without_held_back_evidence_only_failures_and_ruptures_are_held_against_anyone() -> None:
    walk = walked("held_back", rupture=0.0, slip=0.0, pledge=1.0, start_accountability=1.0,
                  start_accountability_spread=0.0, reciprocation=1.0)  # fmt: skip
    assert (walk.state.side.broken == 0.0).all()


def test_without_turnover_nobody_leaves_and_without_courage_nobody_leads() -> None:
    walk = walked("turnover")
    assert walk.month.tally[0].turnovers == 0
    assert (walked("courage").month.meeting.leader <= 0).all()
    assert walked("courage").month.tally[0].leads == 0


def test_without_learning_expectations_stay() -> None:
    walk = walked("expectation", 0)
    before = walk.state.organisation.expectation.copy()
    walk.play(12)
    np.testing.assert_array_equal(walk.state.organisation.expectation, before)


def test_without_convergence_and_pull_views_stay_the_mandates() -> None:
    walk = walked("convergence")
    np.testing.assert_allclose(walk.state.organisation.purpose_view, walk.state.organisation.mandate)


def test_small_wins_are_as_large_as_others_even_under_practice() -> None:
    assert without("small_wins")["stake"].to_numpy() == pytest.approx(PARAMETERS["stake_size"].default)
    assert cs.run("scottish-partnership", programme="all-six", months=24).monthly["stake"].min() < (
        PARAMETERS["stake_size"].default
    )


def test_habit_never_draws_back() -> None:
    courage = without("habit", turnover=0.0)["courage"].to_numpy()
    assert (np.diff(courage) >= -1e-12).all()


def test_changes_are_named() -> None:
    assert change(True, False) == BREAKS and change(True, True) == CARRIES_ON
    assert change(False, True) == STARTS and change(False, False) == STILL_FAILS


def test_a_table_of_ablations_is_what_the_patterns_say() -> None:
    told: list[int] = []
    some = [MECHANISMS["negativity"], MECHANISMS["forgetting"]]
    found = ablate(some, worlds=4, numbers=(1, 2), threads=1, progress=lambda: told.append(1))
    assert len(told) == len(some) + 2
    for mechanism in some:
        for n in (1, 2):
            alone = PATTERNS[n].evaluate(mechanism.off, 4)
            assert found.without[mechanism.name][n].statistics == alone.statistics
    assert not found.without["negativity"][1].holds
    for n, result in found.whole.items():
        assert (n in found.own) == result.holds
        assert (n in found.carried_by_nothing) == (result.holds and not found.broken_by(n))


def test_the_committed_table_is_whole_and_says_one_thing() -> None:
    table, patterns, mechanisms = rows("ablation.csv"), rows("patterns.csv"), rows("mechanisms.csv")
    assert [row["mechanism"] for row in mechanisms] == list(MECHANISMS)
    assert len(table) == len(MECHANISMS) * len(PATTERNS)
    verdicts = {row["pattern"]: row["verdict"] for row in patterns}
    for row in table:
        assert row["with_it"] == verdicts[row["pattern"]]
        assert row["change"] == change(row["with_it"] == "holds", row["without"] == "holds")
        assert (row["reason"] == "") == (row["without"] == "holds")
    for row in patterns:
        mine = [r["mechanism"] for r in table if r["pattern"] == row["pattern"] and r["change"] == BREAKS]
        assert row["broken_by"].split() == mine


def test_figures_are_drawn_of_any_verdicts() -> None:
    import pandas as pd

    whole = pd.read_csv(RESULTS / "ablation.csv")
    assert len(ablation_matrix(whole[whole["pattern"] <= 3]).axes) == 1
    told = pd.DataFrame(
        [{"conclusion": "a", "wording": "A", "alternative": "b", "title": "B", "verdict": "fails",
          "label": "1.0 (-1.0 to 3.0)"}]
    )  # fmt: skip
    assert len(conclusions(told).axes) == 1
    assert not math.isnan(float(whole["pattern"].sum()))
