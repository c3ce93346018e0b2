"""What happened in a run: it adds up, to the evidence of every tie and to the month's own sums."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import collabsim as cs
from collabsim.cli import main
from collabsim.event_log import JUDGED, KINDS, NAMED_SAFE, NAMED_UNSAFE, events, played
from collabsim.frames import check_world
from collabsim.play import Run
from collabsim.schedule import SCHEDULE

CASES: list[tuple[str, dict[str, Any]]] = [
    ("pair", {"months": 40, "programme": "all-six", "turnover": 0.2}),
    ("rural-lead-agency", {"months": 50, "programme": "all-six", "seed": 5, "luck": 2}),
    ("rural-lead-agency", {"months": 30, "courageous_leadership": 1.0, "strain": 0.5, "disposition": 0.2}),
    ("random:40:4:3", {"months": 24, "systemic_leadership": 1.0, "turnover": 0.1, "world": 7}),
    ("leadership-churn", {"months": 50, "systemic_leadership": 1.0, "seed": 9}),
]


@pytest.fixture(scope="module", params=CASES, ids=[f"{name}-{k}" for k, (name, _) in enumerate(CASES)])
def case(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, Any]:
    name, options = request.param
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the churn is cut off at the end of a shorter run
        return events(name, **options), cs.run(name, **options)


def test_the_events_of_every_tie_add_up_to_its_change_in_evidence(case: tuple[pd.DataFrame, Any]) -> None:
    log, result = case
    told = log.groupby(["organisation", "partner"])[["kept", "broken"]].sum()
    ties = result.ties.set_index(["from", "to"])[["kept", "broken"]]
    ties.index.names = told.index.names
    evidence = log[(log["kept"] != 0) | (log["broken"] != 0)]
    assert set(map(tuple, evidence[["organisation", "partner"]].to_numpy())) <= set(ties.index)
    left = (ties - told.reindex(ties.index).fillna(0.0)).abs()
    assert left.to_numpy().max() < 1e-10
    assert evidence[["kept", "broken"]].abs().to_numpy().max() > 0.01


def test_every_kind_is_known_and_no_rule_is_left_unexplained(case: tuple[pd.DataFrame, Any]) -> None:
    log, _ = case
    assert set(log["event"]) <= set(KINDS)
    assert "other" not in set(log["event"])
    assert list(log["month"]) == sorted(log["month"])


def test_the_cases_hold_every_kind_of_event() -> None:
    logs = [events(name, **{**options, "months": min(options["months"], 42)}) for name, options in CASES[1:4]]
    assert set(pd.concat(logs)["event"]) == set(KINDS) - {"other"}


def test_what_is_told_of_a_month_is_what_the_month_itself_counted() -> None:
    scenario = cs.Scenario.load("rural-lead-agency").with_settings("all-six", 40, turnover=0.1)
    run = Run(scenario, check_world(4, 0, 0), SCHEDULE)
    seen = np.zeros(7)
    for happened in played(run):
        tally, kept = run.work.tally[0], happened.judged <= JUDGED.index("kept_unseen")
        counted = np.array([
            len(happened.met), np.all(kept, axis=1).sum(), kept.sum(),
            (happened.judged != JUDGED.index("held_back")).sum(), happened.left.sum(),
            len(happened.introductions), np.count_nonzero(happened.named == NAMED_SAFE),
        ])  # fmt: skip
        assert counted[:6].tolist() == [
            tally.meetings, tally.joint_deliveries, tally.deliveries, tally.commitments, tally.turnovers,
            tally.introductions,
        ]  # fmt: skip
        seen += counted
    assert (seen > 0).all()


def test_naming_is_told_where_tension_was_resolved_and_where_it_hurt() -> None:
    """With resolution 1 a tension named in safety is gone, and no other is: what is told must agree."""
    scenario = cs.Scenario.load("rural-lead-agency").with_settings(
        months=30, courageous_leadership=1.0, resolution=1.0, strain=0.4, rupture=3.0, disposition=0.5
    )
    run = Run(scenario, check_world(1, 0, 0), SCHEDULE)
    safe = unsafe = 0
    for happened in played(run):
        tension = run.state.pair.tension[happened.met]
        assert ((tension == 0.0) == (happened.named == NAMED_SAFE)).all()
        hurt = happened.changes["named_unsafe"][happened.met].sum(axis=(1, 2))
        assert (hurt == np.where(happened.named == NAMED_UNSAFE, 6.0, 0.0)).all()
        safe += np.count_nonzero(happened.named == NAMED_SAFE)
        unsafe += np.count_nonzero(happened.named == NAMED_UNSAFE)
    assert safe > 10
    assert unsafe > 10


def test_the_log_of_another_luck_is_another_and_of_the_same_the_same() -> None:
    one = events("pair", months=30)
    pd.testing.assert_frame_equal(one, events("pair", months=30))
    assert not one.equals(events("pair", months=30, luck=1))


def test_faults_are_told_in_words() -> None:
    with pytest.raises(cs.InputError, match="did you mean 'building_trust'"):
        events("pair", bilding_trust=1.0)


def test_run_writes_the_log_beside_its_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "pair", "--months", "20", "--seed", "3"]
    assert main([*words, "--events", "--out", str(tmp_path / "o")]) == 0
    written = pd.read_csv(tmp_path / "o" / "events.csv")
    assert len(written) == len(events("pair", months=20, seed=3)) > 5
    assert "events.csv" in capsys.readouterr().out
    assert main(["run", "pair", "--events"]) == 2
    assert "--events needs --out" in capsys.readouterr().err
