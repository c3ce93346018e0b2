"""Plans, sweeps and effects: what they promise, against definitions, hand-made models and cs.run."""

from __future__ import annotations

import itertools
import json
import math
import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import collabsim as cs
from collabsim import jobs
from collabsim.ensemble import Ensemble
from collabsim.errors import InputError
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.parameters import PARAMETERS
from collabsim.practices import PRACTICES
from collabsim.scenario import Scenario
from collabsim.study import effects, paired, provenance
from collabsim.study import sweep as sweeping
from collabsim.study.plan import Plan
from collabsim.study.progress import Progress
from collabsim.study.sweep import sweep, sweep_to
from collabsim.study.windows import paths

MONTHS = 14
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*cut off at.*:UserWarning", "ignore:.*it never runs.*:UserWarning"
)


def small(factors=None, scenario="pair", **options):
    """A plan that takes no time."""
    factors = {"building_trust": [0, 1], "cost": [0.05, 0.1, 0.2]} if factors is None else factors
    return Plan.factorial(factors, scenario, **({"worlds": 5, "months": MONTHS, "seed": 3} | options))


# ------------------------------------------------------------------------------------------------ plans


def test_points_are_in_the_documented_order():
    plan = Plan.factorial({"cost": [0.2, 0.1], "building_trust": [0, 1]})
    assert plan.points() == [
        {"cost": 0.2, "building_trust": 0.0}, {"cost": 0.2, "building_trust": 1.0},
        {"cost": 0.1, "building_trust": 0.0}, {"cost": 0.1, "building_trust": 1.0},
    ]  # fmt: skip
    assert (plan.count, plan.runs) == (4, 800)


def test_the_practices_themselves_make_the_full_factorial():
    for given_as in (cs.PRACTICES, list(cs.PRACTICES), tuple(cs.PRACTICES)):
        plan = cs.Plan.factorial(given_as, worlds=200)
        assert list(plan.factors) == list(PRACTICES) and plan.count == 64 and plan.runs == 12800
    assert plan.points()[1] == dict.fromkeys(PRACTICES, 0.0) | {"systemic_leadership": 1.0}


def test_scenarios_are_those_of_with_settings():
    plan = small(
        {
            "building_trust": [0.5],
            "building_trust.from_month": [2, 4],
            "cost": [0.2],
            "programme": ["all-six"],
        }
    )
    for scenario, month in zip(plan.scenarios(), (2, 4), strict=True):
        direct = Scenario.load("pair").with_settings(
            "all-six", MONTHS, **{"building_trust": 0.5, "building_trust.from_month": month, "cost": 0.2}
        )
        assert scenario.compile().identity == direct.compile().identity


def test_partnerships_and_scenarios_can_be_factors():
    factors = {"scenario": ["baseline", "full-programme"], "partnership": ["pair", "scottish-partnership"]}
    plan = Plan.factorial(factors, worlds=2, months=6)
    runs = sweep(plan)
    assert runs["partnership"].tolist()[::2] == ["pair", "scottish-partnership"] * 2
    assert (runs["scenario"].nunique(), len(runs), runs["error"].notna().sum()) == (2, 8, 0)


def test_a_plan_file_is_read(tmp_path):
    folder = tmp_path / "Pläne und mehr"
    folder.mkdir()
    (folder / "mine.toml").write_text('name = "mine"\npartnership = "pair"\nmonths = 9\n', encoding="utf-8")
    file = folder / "plan é.toml"
    file.write_bytes(
        b"\xef\xbb\xbf"
        + b'scenario = "mine.toml"\ndesign = "factorial"\nseed = 1\nworlds = 2\n[factors]\n'
        + b'building_trust = [0, 1]\n"building_trust.from_month" = [6, 7]\nprogramme = ["none", "all-six"]\n'
    )
    plan = Plan.load(file)
    assert (plan.count, plan.worlds, plan.seed, plan.months, plan.base.months) == (8, 2, 1, None, 9)
    again = Plan.from_dict(json.loads(json.dumps(plan.record())))
    assert again.identity == plan.identity and again.points() == plan.points()


def test_identity_is_of_what_runs():
    plan = small()
    assert plan.identity == small().identity
    others = [
        small(seed=4), small(worlds=6), small(months=15), small(scenario="scottish-partnership"),
        small({"building_trust": [0, 1], "cost": [0.05, 0.1]}),
        small({"cost": [0.05, 0.1, 0.2], "building_trust": [0, 1]}),
        small(scenario=Scenario.load("pair").with_settings(slip=0.2)),
    ]  # fmt: skip
    assert len({plan.identity, *(other.identity for other in others)}) == len(others) + 1
    renamed = Scenario("other", Scenario.load("pair").partnership, title="another title")
    assert small(scenario=renamed).identity == plan.identity


def test_names_of_columns_never_clash():
    fixed = ["run", "point", "seed", "world", "month", "error"]
    names = [*fixed, *PRACTICES, *PARAMETERS, *ALL_OUTCOMES, "programme", "partnership", "scenario"]
    assert len(names) == len(set(names))


FAULTS = {
    "no points": ({"design": "sobol"}, "'points' is missing; design 'sobol' needs it"),
    "an unknown design": ({"design": "factoral"}, "there is no design 'factoral'; did you mean 'factorial'?"),
    "an unknown key": ({"world": 3}, "unknown key 'world'; did you mean 'worlds'?"),
    "no worlds": ({"worlds": 0}, "'worlds' must be a whole number from 1 to"),
    "worlds as text": ({"worlds": "many"}, "'worlds' must be a whole number"),
    "a seed too large": ({"seed": 2**32}, "'seed' must be a whole number from 0 to 4294967295"),
    "no months": ({"months": 0}, "'months' must be a whole number from 1"),
    "points": ({"points": 64}, "'points' belongs to sampled designs"),
    "an unknown scenario": ({"scenario": "scotish-partnership"}, "'scenario': there is no scenario"),
    "no factors": ({"factors": {}}, "[factors] is empty"),
    "factors as a list": ({"factors": ["building_trust"]}, "'factors' must be a table"),
    "an unknown factor": ({"factors": {"bilding_trust": [0, 1]}}, "no factor 'bilding_trust'; did you mean"),
    "a range": ({"factors": {"cost": {"low": 0.1, "high": 0.2}}}, "ranges belong to sampled designs"),
    "a bare number": ({"factors": {"cost": 0.1}}, "'cost' must be a list of levels, such as [0.1]"),
    "text for a list": ({"factors": {"programme": "none"}}, "'programme' must be a list of levels"),
    "no levels": ({"factors": {"cost": []}}, "'cost' has no levels"),
    "a level twice": ({"factors": {"cost": [0.1, 0.1]}}, "'cost' has the level 0.1 twice"),
    "too strong": ({"factors": {"building_trust": [0, 2]}}, "'building_trust' must be a number from 0 to 1"),
    "not a number": ({"factors": {"cost": [math.nan]}}, "'cost' must be a number from 0 to 1, not nan"),
    "number as text": ({"factors": {"cost": ["0.1"]}}, "'cost' must be a number"),
    "true": ({"factors": {"building_trust": [True]}}, "must be a number from 0 to 1, not True"),
    "half a month": ({"factors": {"building_trust": [1], "building_trust.to_month": [7.5]}}, "a whole"),
    "an unknown programme": ({"factors": {"programme": ["all-sx"]}}, "'all-sx'; did you mean 'all-six'?"),
    "no such partnership": ({"factors": {"partnership": ["per"]}}, "there is no partnership 'per'"),
    "ends before it starts": (
        {"factors": {"building_trust": [0, 1], "building_trust.from_month": [6, 50]}},
        "'building_trust' ends before it starts",
    ),
    "no window": ({"factors": {"building_trust.from_month": [6]}}, "'building_trust' a strength too"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_in_words(name):
    change, words = FAULTS[name]
    with pytest.raises(InputError) as told:
        Plan.from_dict(
            {"scenario": "pair", "factors": {"building_trust": [0, 1]}} | change, where="my plan.toml"
        )
    assert words in str(told.value)
    assert all(fault.startswith("my plan.toml: ") for fault in told.value.faults)


def test_all_faults_are_told_at_once():
    with pytest.raises(InputError) as told:
        Plan.from_dict({"desing": "sobol", "worlds": -1, "seed": "x", "factors": {"cost": [7], "trust": [1]}})
    assert len(told.value.faults) == 5
    with pytest.raises(InputError) as told:
        Plan.from_dict({"worlds": 0, "seed": -1})
    assert len(told.value.faults) == 3


@pytest.mark.parametrize("text", [b"worlds = ", b"\xff\xfe\x00", None])
def test_a_file_that_is_no_plan_is_refused_in_words(tmp_path, text):
    file = tmp_path / "plan.toml"
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(InputError, match=r"plan\.toml"):
        Plan.load(file)
    with pytest.raises(InputError, match="folder"):
        Plan.load(tmp_path)


def test_names_without_levels_are_refused():
    with pytest.raises(InputError, match="'cost' has no levels of its own"):
        Plan.factorial(["building_trust", "cost"])


# ----------------------------------------------------------------------------------------------- sweeps


def test_columns_and_order():
    runs = sweep(small())
    assert list(runs.columns) == [
        "run",
        "point",
        "seed",
        "world",
        "building_trust",
        "cost",
        *ALL_OUTCOMES,
        "error",
    ]
    assert runs["point"].tolist() == [point for point in range(6) for _ in range(5)]
    assert runs["world"].tolist() == list(range(5)) * 6
    assert runs["run"].is_unique and runs["run"].str.fullmatch("[0-9a-f]{16}").all()
    assert runs["error"].isna().all() and (runs["seed"] == 3).all()


def test_a_row_is_cs_run_of_the_same_point_and_world():
    plan = small(scenario="scottish-partnership", worlds=2, months=20)
    runs = sweep(plan)
    for row in (0, 3, 7, 11):
        values = plan.point(int(runs["point"][row]))
        alone = cs.run("scottish-partnership", months=20, seed=3, world=int(runs["world"][row]), **values)
        ours = runs.loc[row, list(ALL_OUTCOMES)].to_numpy(float)
        assert ours.tobytes() == alone.summary.to_numpy(float).tobytes() or np.array_equal(
            ours, alone.summary.to_numpy(float), equal_nan=True
        )


@pytest.mark.parametrize(("workers", "chunk"), [(1, 8192), (2, 8192), (2, 1), (1, 3), (2, 7), (1, 10)])
def test_the_same_bits_on_any_workers_and_chunks(workers, chunk, tmp_path):
    plan = small(months=30)  # long enough that what lasts needs untreated twins
    plain = sweep(plan, workers=2)
    other = sweep(plan, tmp_path / "out", workers=workers, chunk=chunk, monthly=True)
    pd.testing.assert_frame_equal(plain, other, check_exact=True)
    months = pd.read_parquet(tmp_path / "out" / "monthly.parquet")
    assert list(months.columns) == ["run", "point", "seed", "world", "month", *OUTCOMES]
    assert months["month"].tolist() == list(range(30)) * 30
    last = months[months["month"] >= 18].groupby(["point", "world"])["trust"].mean()
    assert np.allclose(last.to_numpy(), other["trust"])
    assert not list((tmp_path / "out").glob(".*"))


def test_no_more_than_a_chunk_is_held(monkeypatch, tmp_path):
    sizes = []
    original = Ensemble.run

    def watched(self, jobs, **options):
        sizes.append(len(jobs))
        return original(self, jobs, **options)

    monkeypatch.setattr(Ensemble, "run", watched)
    sweep_to(small(), tmp_path / "a", chunk=12)
    assert sizes == [12, 12, 6]
    sizes.clear()
    sweep(small(), chunk=2)
    assert sizes == [2] * 15
    sizes.clear()
    sweep_to(small(), tmp_path / "c", chunk=16, monthly=True)
    assert max(sizes) == 2


def test_a_failed_run_is_recorded_and_the_rest_go_on(monkeypatch, tmp_path):
    original = jobs.Worker.call

    def failing(self, first, last):
        if any(job[1] == 2 and job[3] == 1 for job in self.jobs[first:last].tolist()):
            raise ZeroDivisionError("on purpose")
        return original(self, first, last)

    good = sweep(small())
    monkeypatch.setattr(jobs.Worker, "call", failing)
    done = sweep_to(small(), tmp_path / "out", workers=1)
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet")
    bad = runs["error"].notna()
    assert done["failed"] == 1 and runs.loc[bad, ["point", "world"]].to_numpy().tolist() == [[1, 2]]
    assert runs.loc[bad, "error"].item() == "ZeroDivisionError: on purpose"
    assert runs.loc[bad, "cost"].item() == 0.1 and runs.loc[bad, list(ALL_OUTCOMES)].isna().all(axis=None)
    pd.testing.assert_frame_equal(runs[~bad], good[~bad], check_exact=True)
    with pytest.raises(InputError, match="missing in 1 of 5 worlds"):
        paired.mean_of(runs, {"building_trust": 0, "cost": 0.1})


def test_what_is_there_is_kept_or_refused(tmp_path):
    out = tmp_path / "a sweep é"
    first = sweep_to(small(), out)
    before = {file.name: file.stat().st_mtime_ns for file in out.iterdir()}
    there = ["chunks", "ledger.sqlite", "lock", "manifest.json", "runs.parquet"]
    assert sorted(before) == there and not first["already"]
    seen = []
    assert sweep_to(small(), out, progress=seen.append) == first | {"already": True}
    assert seen == [30] and before == {file.name: file.stat().st_mtime_ns for file in out.iterdir()}
    with pytest.raises(InputError, match=r"another plan .* seed is 3, and this plan's 4.* another folder"):
        sweep_to(small(seed=4), out)
    manifest = json.loads((out / "manifest.json").read_text())
    assert Plan.from_dict(manifest["plan"]).identity == manifest["plan_identity"] == small().identity
    for key in (
        "versions",
        "git",
        "machine",
        "command",
        "time",
        "rules_identity",
        "scenario_identity",
        "seed",
    ):
        assert key in manifest
    other = cs.SCHEDULE.without("broker")
    with pytest.raises(InputError, match="its rules are others"):
        sweep_to(small(), out, schedule=other)
    assert not sweep_to(small(seed=4), out, fresh=True)["already"]
    sweep_to(small(seed=4), out, monthly=True)
    assert (out / "monthly.parquet").exists()
    for name in ("manifest.json", "ledger.sqlite"):
        (out / name).unlink()
    shutil.rmtree(out / "chunks")
    with pytest.raises(InputError, match="without ledger"):
        sweep_to(small(), out)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        sweep_to(small(), tmp_path / "file")


def test_an_interrupt_leaves_no_half_table(tmp_path):
    def stop(count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep_to(small(), tmp_path / "out", workers=1, progress=stop)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["chunks", "ledger.sqlite", "lock"]
    assert list((tmp_path / "out" / "chunks").iterdir()) == []


def test_wrong_arguments_are_refused(tmp_path):
    for wrong in ({"workers": 0}, {"workers": 1.5}, {"chunk": 0}, {"monthly": True}):
        with pytest.raises(InputError):
            sweep(small(), **wrong)
    with pytest.raises(InputError, match="takes a Plan"):
        sweep("pair")


def test_progress_counts_every_run(capsys):
    plan = small()
    with Progress("runs", plan.runs) as progress:
        sweep(plan, workers=2, chunk=7, progress=progress)
        assert progress.done == plan.runs
    assert capsys.readouterr().out == ""


def test_notices_are_told_once():
    with pytest.warns(UserWarning, match="cut off") as told:
        sweep(small(), chunk=1)
    assert len({str(one.message) for one in told}) == len(told) == 1


def test_a_record_leads_back_to_its_scenario():
    made = Scenario.from_dict(
        {"name": "x", "partnership": "scottish-partnership", "months": 30, "parameters": {"cost": 0.2},
         "support": [2, 20],
         "programme": [{"practice": "building_trust", "strength": 0.5, "with": ["NHS"]}],
         "shock": [{"kind": "austerity", "from_month": 3, "to_month": 9}]}
    )  # fmt: skip
    again = Scenario.from_dict(json.loads(json.dumps(provenance.scenario_record(made))))
    assert again.compile().identity == made.compile().identity
    assert provenance.scenario_identity(again) == provenance.scenario_identity(made)


# ---------------------------------------------------------------------------------------------- effects


def table(
    function, worlds=30, names=("building_trust", "exploring_diversity", "systemic_leadership"), noise=0.0
):
    """Runs of a hand-made model: function(levels) plus what worlds share plus noise of each run."""
    rng = np.random.default_rng(5)
    shared = rng.normal(0, 3, worlds)
    rows = [
        {"point": point, "seed": 0, "world": world, **dict(zip(names, levels, strict=True)),
         "collaborative_advantage": function(*levels) + shared[world] + noise * rng.normal()}
        for point, levels in enumerate(itertools.product((0.0, 1.0), repeat=len(names)))
        for world in range(worlds)
    ]  # fmt: skip
    return pd.DataFrame(rows)


NAMES = ("building_trust", "exploring_diversity", "systemic_leadership")
games = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.floats(-100, 100, width=32), min_size=2**n, max_size=2**n)
)


@given(games)
@settings(max_examples=60, deadline=None)
def test_shapley_is_the_average_over_all_orders_and_adds_up(game):
    players = len(game).bit_length() - 1
    expected = np.zeros(players)
    for order in itertools.permutations(range(players)):
        inside = 0
        for player in order:
            expected[player] += game[inside | 1 << player] - game[inside]
            inside |= 1 << player
    expected /= math.factorial(players)
    found = effects.shapley_values(np.array([game]))[0]
    assert np.allclose(found, expected, atol=1e-9)
    assert found.sum() == pytest.approx(game[-1] - game[0], abs=1e-9)


def test_effects_of_a_model_with_one_interaction_are_exact():
    runs = table(lambda a, b, c: 2 * a + 5 * b + 3 * a * b - c)
    assert effects.alone(runs, NAMES)["estimate"].tolist() == pytest.approx([2, 5, -1])
    assert effects.within_whole(runs, NAMES)["estimate"].tolist() == pytest.approx([5, 8, -1])
    assert effects.shapley(runs, NAMES)["estimate"].tolist() == pytest.approx([3.5, 6.5, -1])
    assert effects.main_effects(runs, NAMES)["estimate"].tolist() == pytest.approx([3.5, 6.5, -1])
    pairs = effects.pairwise_interactions(runs, NAMES)
    assert list(zip(pairs["practice"], pairs["other"], strict=True)) == list(itertools.combinations(NAMES, 2))
    assert pairs["estimate"].tolist() == pytest.approx([3, 0, 0], abs=1e-12)
    assert effects.complementarity(runs, NAMES).estimate == pytest.approx(3)
    means = effects.combination_means(runs, NAMES)
    assert means["count"].tolist() == [0, 1, 1, 1, 2, 2, 2, 3]
    assert means["estimate"].iloc[-1] - means["estimate"].iloc[0] == pytest.approx(9)


def test_shapley_shares_of_runs_add_up_in_every_world():
    runs = table(lambda a, b, c: a * b * c + b, noise=1.0)
    shares = effects.shapley(runs, NAMES)
    whole = paired.paired_difference(runs, dict.fromkeys(NAMES, 1), dict.fromkeys(NAMES, 0))
    assert shares["estimate"].sum() == pytest.approx(whole.estimate, abs=1e-12)


def test_pairing_narrows_the_interval():
    runs = table(lambda a, b, c: a, noise=0.1)
    here = paired.paired_difference(runs, dict.fromkeys(NAMES, 1), dict.fromkeys(NAMES, 0))
    one = paired.mean_of(runs, dict.fromkeys(NAMES, 1))
    other = paired.mean_of(runs, dict.fromkeys(NAMES, 0))
    unpaired = math.hypot(one.high - one.low, other.high - other.low)
    assert here.high - here.low < 0.1 * unpaired
    assert here.low < 1 < here.high


def test_the_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(11)
    inside = sum(
        low <= 1.5 <= high
        for _, low, high, _ in (paired.interval(rng.normal(1.5, 4, 12)) for _ in range(2000))
    )
    assert abs(inside / 2000 - 0.95) < 0.015  # three standard errors


def test_the_interval_is_the_textbook_one():
    found = paired.interval([1.0, 2.0, 3.0, 4.0])
    half = 3.182446305284263 * math.sqrt(5 / 3 / 4)
    assert found == pytest.approx((2.5, 2.5 - half, 2.5 + half, 4))
    assert paired.interval([2.0]) == (2.0, -math.inf, math.inf, 1)
    for wrong in ([], [1.0, math.nan]):
        with pytest.raises(InputError):
            paired.interval(wrong)


def test_the_order_of_rows_does_not_matter():
    runs = table(lambda a, b, c: a + 0.1 * b, noise=1.0)
    mixed = runs.sample(frac=1, random_state=2)
    for effect in (effects.alone, effects.shapley, effects.pairwise_interactions):
        pd.testing.assert_frame_equal(effect(runs, NAMES), effect(mixed, NAMES), check_exact=True)


def test_incomplete_designs_are_refused_in_words():
    runs = table(lambda a, b, c: a)
    with pytest.raises(InputError, match="no run at building_trust = 1, exploring_diversity = 1, systemic"):
        effects.shapley(runs[runs["point"] != 7], NAMES)
    effects.alone(runs[runs["point"].isin([0, 1, 2, 4])], NAMES)  # needs no more than these
    with pytest.raises(
        InputError, match=r"1 of 30 worlds are not there at .* the first is world 4 of seed 0"
    ):
        effects.main_effects(runs.drop(index=34), NAMES)
    with pytest.raises(InputError, match="world 3 of seed 0 is there twice"):
        effects.alone(pd.concat([runs, runs.iloc[[3]]]), NAMES)
    with pytest.raises(InputError, match="also differ in 'systemic_leadership'"):
        effects.shapley(runs, NAMES[:2])
    effects.shapley(runs[runs["systemic_leadership"] == 1], NAMES[:2])
    with pytest.raises(InputError, match="no column 'courageous_leadership'"):
        effects.alone(runs)
    with pytest.raises(InputError, match="no column 'trust'"):
        effects.alone(runs, NAMES, "trust")


def test_missing_outcomes_are_refused_or_dropped_as_asked():
    runs = table(lambda a, b, c: a + b)
    runs.loc[[3, 40], "collaborative_advantage"] = math.nan  # worlds 3 and 10
    with pytest.raises(InputError, match="missing in 2 of 30 worlds"):
        effects.shapley(runs, NAMES)
    dropped = effects.shapley(runs, NAMES, missing="drop")
    assert dropped["worlds"].tolist() == [28] * 3
    assert dropped["estimate"].tolist() == pytest.approx([1, 1, 0], abs=1e-12)
    with pytest.raises(InputError, match="'missing' must be"):
        effects.alone(runs, NAMES, missing="ignore")


def test_paths_are_the_months_of_cs_run():
    base = Scenario.load("pair").with_settings(None, 10)
    seen = paths({"none": base, "trust": base.with_settings(building_trust=1)}, 3, seed=2)
    alone = cs.run("pair", months=10, seed=2, world=1, building_trust=1.0).monthly["collaborative_advantage"]
    assert seen.values["trust"][1].tobytes() == alone.to_numpy().tobytes()
    assert seen.window("trust", 8, 99)[1] == pytest.approx(alone[8:].mean())
    assert seen.difference("trust", "none", 0, 6).estimate == 0  # nothing runs before month 6
    gap = seen.difference_of_means(["trust", "none"], ["none"], 0, 10).estimate
    assert gap == pytest.approx(seen.difference("trust", "none", 0, 10).estimate / 2)
    for wrong in (("x", 0, 3), ("trust", 10, 12), ("trust", 4, 4)):
        with pytest.raises(InputError):
            seen.window(*wrong)
    with pytest.raises(InputError, match="not a monthly outcome"):
        paths({"none": base}, 1, outcome="lasting_gain")


def test_nothing_heavy_is_imported_by_the_package():
    import subprocess
    import sys

    code = ("import sys, collabsim, collabsim.study.plan, collabsim.study.sweep, collabsim.study.effects; "
            "heavy = ('pandas', 'pyarrow', 'matplotlib', 'scipy.stats', 'rich', 'mesa'); "
            "print([n for n in heavy if n in sys.modules])")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert sweeping.CHUNK > 0
