"""One model: a single run, the Mesa model and a job in an ensemble give the same bits, compiled or not."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collabsim as cs
from collabsim import ensemble as ensembles
from collabsim.ensemble import Ensemble
from collabsim.outcomes import mean_between
from collabsim.state import State, part
from collabsim.summary import means_between

SUPPORT = (6, 42)
WORLD = {"seed": 11, "world": 2, "luck": 1}
BUNDLED = {
    "pair": 72,
    "rural-lead-agency": 72,
    "scottish-partnership": 72,
    "city": 48,
    "national-network": 30,
}
"""Bundled partnerships, and for how long they are run."""


def scenario(name: str, months: int, *entries: cs.Entry, **parameters: float) -> cs.Scenario:
    """Return a scenario with these lines of programme and shocks."""
    made = replace(
        cs.Scenario.load(name),
        months=months,
        programme=tuple(entry for entry in entries if entry.mover in cs.PRACTICES),
        shocks=tuple(entry for entry in entries if entry.mover in cs.SHOCKS),
        parameters=parameters,
    )
    made.check()
    return made


def all_six(first: int, last: int) -> list[cs.Entry]:
    """Return the lines of all six practices."""
    return [cs.Entry(name, first, last) for name in cs.PRACTICES]


def cases() -> Iterator[Any]:
    """Every practice, shock and bundled partnership; a generated one; some only; ties that open."""
    for name in cs.PRACTICES:
        yield pytest.param(scenario("scottish-partnership", 72, cs.Entry(name, *SUPPORT)), id=name)
    for name in cs.SHOCKS:
        lines = [cs.Entry(name, 20, 50), *all_six(3, 40)]
        yield pytest.param(scenario("scottish-partnership", 60, *lines), id=name)
    for name, months in BUNDLED.items():
        end = min(42, months - 12)
        yield pytest.param(scenario(name, months, *all_six(4, end)), id=name)
    yield pytest.param(scenario("small-world:60", 60, *all_six(*SUPPORT)), id="generated")
    some = [
        cs.Entry("building_trust", 6, 30, 0.4, ("NHS", "council")),
        cs.Entry("building_trust", 12, 48, 0.8, ("third sector",)),
        cs.Entry("systemic_leadership", 0, 20, 1.0, ("Local council", "NHS board")),
        cs.Entry("austerity", 10, 30, 0.5, ("council",)),
    ]
    yield pytest.param(scenario("scottish-partnership", 72, *some), id="some only")
    broker = cs.Entry("systemic_leadership", 1, 30)
    yield pytest.param(scenario("random:60:3", 45, broker), id="ties open")
    yield pytest.param(scenario("small-world:300:4", 42, broker), id="ties open until room grows")
    odd = {"stake_size": 0.4, "memory": 0.9, "brokerage": 0.2, "confidence_bound": 1.0}
    yield pytest.param(scenario("rural-lead-agency", 5, **odd), id="parameters, few months")


CASES = list(cases())


def state_bits(state: State) -> bytes:
    """Return organisations and ties as they lie in memory, without unused room."""
    clock = state.clock[0]
    used = int(clock.pairs)
    where = np.array([clock.seed, clock.world, clock.luck, clock.month, clock.pairs, clock.known])
    fields = (*part(state.pair, slice(used)), *part(state.side, slice(used)))
    return b"".join(array.tobytes() for array in (where, state.organisation, *fields))


def run_bits(monthly: Any, summary: Any, state: State) -> bytes:
    """Return all that a run comes to as bytes."""
    return monthly.to_numpy(np.float64).tobytes() + summary.to_numpy().tobytes() + state_bits(state)


def run(made: Any, **world: int) -> bytes:
    """Run by ``cs.run`` and return the bits."""
    result = cs.run(made, **world)
    return run_bits(result.monthly, result.summary, result.state)


def stepped(made: Any, **world: int) -> bytes:
    """Step a Mesa model by hand and return the bits."""
    model = cs.CollaborationModel(made, collect_organisations=False, **world)
    for _ in range(model.months):
        model.step()
    return run_bits(model.monthly, model.summary(), model.snapshot())


@pytest.mark.parametrize("made", CASES)
def test_the_mesa_model_gives_the_bits_of_a_single_run(made: cs.Scenario) -> None:
    result = cs.run(made, **WORLD)
    model = cs.CollaborationModel(made, collect_organisations=False, **WORLD)
    room = len(model.state.pair.lower)
    while model.running:
        model.step()
    assert model.steps == made.months
    assert model.monthly.to_numpy().tobytes() == result.monthly.to_numpy().tobytes()
    assert model.summary().to_numpy().tobytes() == result.summary.to_numpy().tobytes()
    assert state_bits(model.state) == state_bits(result.state)
    assert model.organisations.equals(result.organisations)
    assert model.ties.equals(result.ties)
    if made.partnership.name.startswith("small-world:300"):  # the test's own claim: room did run out
        assert result.state.clock[0].pairs > room
    shown = model.datacollector.get_model_vars_dataframe()
    assert shown.to_numpy().tobytes() == result.monthly[list(cs.OUTCOMES)].to_numpy().tobytes()


@pytest.mark.parametrize("made", CASES)
def test_a_job_among_others_gives_the_bits_of_a_single_run(
    made: cs.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Ensemble([made, made.untreated(), replace(made, parameters={"cost": 0.2})])
    others = [(seed, world, 0, setting) for seed in (0, 11) for world in (0, 2) for setting in range(3)]
    jobs = np.array([(*WORLD.values(), 0), (*WORLD.values(), 2), *others])
    expected: dict[tuple[int, ...], bytes] = {}
    for threads, piece, shuffle in ((1, 32, 0), (2, 1, 1), (2, 5, 2), (1, 3, 3)):
        monkeypatch.setattr(ensembles, "PIECE", piece)
        order = np.random.default_rng(shuffle).permutation(len(jobs))
        batch = runner.run(jobs[order], threads=threads, monthly=True)
        assert batch.errors == (None,) * len(jobs)
        for place, job in enumerate(jobs[order].tolist()):
            found = batch.monthly[place].tobytes() + batch.summary[place].tobytes()
            assert expected.setdefault(tuple(job), found) == found
        # without the monthly outcomes only the last months are measured, which must not matter
        assert runner.run(jobs[order], threads=threads).summary.tobytes() == batch.summary.tobytes()
    for setting, scenario_run in ((0, made), (2, replace(made, parameters={"cost": 0.2}))):
        result = cs.run(scenario_run, **WORLD)
        alone = result.monthly[list(cs.OUTCOMES)].to_numpy().tobytes() + result.summary.to_numpy().tobytes()
        assert expected[(*WORLD.values(), setting)] == alone


def test_means_of_many_runs_are_those_of_each_to_the_bit() -> None:
    random = np.random.default_rng(2)
    values = random.normal(size=(40, 30))
    values[random.random(values.shape) < 0.3] = np.nan
    values[7] = np.nan
    for first, last in ((0, 30), (5, 17), (18, 30), (4, 4)):
        each = [mean_between(row, first, last) for row in values]
        assert means_between(values, first, last).tobytes() == np.array(each).tobytes()


def test_the_lasting_gain_is_over_the_same_world_untreated() -> None:
    made = cs.Scenario.load("scottish-partnership").with_settings("all-six")
    treated, untreated = cs.run(made, seed=1), cs.run(made.untreated(), seed=1)
    gain = (treated.monthly - untreated.monthly)["collaborative_advantage"]
    expected = gain[60:72].mean() / gain[30:42].mean()  # the run's last year over the programme's
    summary = treated.summary
    assert summary["lasting_gain"] == pytest.approx(expected, rel=1e-12)
    assert np.isnan(untreated.summary["lasting_gain"])
    assert summary["facilitator_days"] > 0 == untreated.summary["facilitator_days"]
    batch = Ensemble([made.untreated(), made]).run([(1, 0, 0, 1)])
    assert batch.summary[0].tobytes() == summary.to_numpy().tobytes()


@pytest.mark.parametrize("months", [1, 5, 6, 11, 12, 13, 47, 60])
def test_a_model_on_its_way_sums_up_as_a_run_of_that_many_months(months: int) -> None:
    model = cs.CollaborationModel(
        "rural-lead-agency", programme="all-six", seed=4, collect_organisations=False
    )
    for _ in range(months):
        model.step()
    shorter = replace(model.scenario, months=months)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the programme is cut off, and says so
        assert run_bits(model.monthly, model.summary(), model.state) == run(shorter, seed=4)


# Same seed, same run


def test_seed_world_and_luck_each_make_a_different_run() -> None:
    made = scenario("rural-lead-agency", 12)
    worlds = [
        {},
        {"seed": 1},
        {"world": 1},
        {"luck": 1},
        {"seed": 2**32 - 1, "world": 2**32 - 1, "luck": 65535},
    ]
    found = [run(made, **world) for world in worlds]
    assert len(set(found)) == len(found)
    assert found == [stepped(made, **({"seed": 0} | world)) for world in worlds]


@pytest.mark.parametrize("practice", [*cs.PRACTICES])
def test_strength_nothing_is_the_baseline_to_the_bit(practice: str) -> None:
    baseline = run("scottish-partnership", seed=5)
    for name in (practice, f"{practice}.from_month"):
        settings = {practice: 0} if name == practice else {practice: 0, name: 3}
        made = cs.Scenario.load("scottish-partnership").with_settings(**settings)
        assert run(made, seed=5) == stepped(made, seed=5) == baseline
    idle = scenario("scottish-partnership", 72, cs.Entry(practice, 6, 42, 0.0))
    assert run(idle, seed=5) == baseline


@pytest.mark.parametrize("mover", [*cs.PRACTICES, *cs.SHOCKS])
def test_what_starts_in_month_12_leaves_the_months_before_untouched(mover: str) -> None:
    before = cs.run("scottish-partnership", seed=6).monthly.to_numpy()
    after = cs.run(scenario("scottish-partnership", 72, cs.Entry(mover, 12, 60)), seed=6).monthly.to_numpy()
    assert after[:12].tobytes() == before[:12].tobytes()
    assert after[12:18].tobytes() != before[12:18].tobytes()


# Another process, and no compiler


def short_cases() -> Iterator[tuple[Any, dict[str, int]]]:
    """Yield runs short enough for plain Python that take in every practice, every shock and new ties."""
    for name in (*cs.PRACTICES, *cs.SHOCKS):
        yield scenario("rural-lead-agency", 18, cs.Entry(name, 2, 14, 0.7)), {"seed": 0}
    churn = [cs.Entry("leadership_churn", 1, 6), cs.Entry("austerity", 3, 5, 0.5, ("council",))]
    yield scenario("scottish-partnership", 7, *all_six(1, 6), *churn), WORLD
    yield scenario("random:30:3", 16, *all_six(1, 14)), {"seed": 2**32 - 1}
    yield scenario("pair", 60, *all_six(6, 42)), {"seed": 3}


def print_bits() -> None:
    """Print a hash of the raw bytes of each short run, by both engines (called in other processes)."""
    for made, world in short_cases():
        parts = [run(made, **world), stepped(made, **world)]
        print(*(hashlib.sha256(part).hexdigest() for part in parts))


def bits_of_another_process(**environment: str) -> list[str]:
    here = Path(__file__).parent
    paths = [str(here), str(Path(cs.__file__).parents[1])]
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", "import test_parity; test_parity.print_bits()"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture(scope="module")
def bits_here() -> list[str]:
    return [
        hashlib.sha256(engine(made, **world)).hexdigest()
        for made, world in short_cases()
        for engine in (run, stepped)
    ]


def test_engines_agree_on_the_short_runs_and_these_differ(bits_here: list[str]) -> None:
    assert bits_here[::2] == bits_here[1::2]
    assert len(set(bits_here)) == len(bits_here) // 2


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_another_process_gives_the_same_bits(bits_here: list[str], hash_seed: str) -> None:
    assert bits_of_another_process(PYTHONHASHSEED=hash_seed) == bits_here


def test_the_compiler_changes_no_bit(bits_here: list[str]) -> None:
    assert bits_of_another_process(NUMBA_DISABLE_JIT="1") == bits_here
