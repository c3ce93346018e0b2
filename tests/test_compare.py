"""Scenarios compared, from the command line up: what is run and written, and what is refused in words."""

from __future__ import annotations

import html
import importlib.util
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import collabsim as cs
import made_up
from collabsim.cli import main
from collabsim.ensemble import Ensemble
from collabsim.errors import InputError
from collabsim.outcomes import OUTCOMES
from collabsim.practices import PRACTICES
from collabsim.report.compare import writing
from collabsim.scenario import Scenario
from collabsim.study.compare import models as modelling
from collabsim.study.compare import runs as running
from collabsim.study.compare import tables
from collabsim.study.compare.comparison import planned
from collabsim.study.compare.models import models_of, thresholds_of
from collabsim.study.compare.options import options_of
from collabsim.study.compare.runs import benefit_of, runs_of
from collabsim.study.paired import interval

FEW = ("--worlds", "12", "--models", "3", "--model-worlds", "4")
EXPERIMENTS = Path(__file__).parents[1] / "experiments"

NONE = 'title = "Nothing"\npartnership = "rural-lead-agency"\nmonths = 60\n'
SOME = 'extends = "none.toml"\ntitle = "Trust"\n[[programme]]\npractice = "building_trust"\nto_month = 30\n'
MOST = (
    'extends = "none.toml"\ntitle = "All six"\nprogramme = "all-six"\n[costs]\nday_rate = 400\ncurrency ='
    ' "£"\n'
)


@pytest.fixture
def area(tmp_path, monkeypatch):
    """A folder with three scenarios, and nothing else."""
    for name, text in (("none", NONE), ("some", SOME), ("most", MOST)):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys, *words):
    """Run the command and return its exit code, stdout and stderr."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


# -------------------------------------------------------------------------------- from the command line


def test_a_report_is_written_with_its_tables(area, capsys):
    words = ["compare", "none.toml", "some.toml", "most.toml", *FEW, "--threshold", "trust=0.5"]
    code, printed, _ = said(capsys, *words, "--out", "my résults")
    assert code == 0
    assert max(map(len, printed.splitlines())) <= 80 and "nan" not in printed
    for part in ("B  Trust", "The order", "How sure: ", "Good enough", "What lasts"):
        assert part in printed
    out = area / "my résults"
    page = (out / "report.html").read_text(encoding="utf-8")
    for part in ("How sure are we?", "£", "Who gains, who loses", "--threshold trust=0.5", limits()):
        assert part in page
    assert str(area) not in page  # no path of this machine
    levels = pd.read_csv(out / "levels.csv")
    runs = cs.sweep(cs.Plan.factorial({"programme": ["none"]}, "none.toml", worlds=12))
    row = levels[(levels["scenario"] == "A") & (levels["outcome"] == "trust")].iloc[0]
    assert row["estimate"] == pytest.approx(interval(runs["trust"]).estimate, rel=1e-5)


def limits():
    """Return the first words of the statement that every report carries."""
    return "These results say what follows from the model&#39;s assumptions"


def test_names_of_bundled_scenarios_do_and_without_out_nothing_is_written(area, capsys):
    few = ("--worlds", "3", "--models", "0")
    code, printed, _ = said(
        capsys, "compare", "baseline", "full-programme", *few, "--outcome", "inertia", "--json"
    )
    document = json.loads(printed, parse_constant=pytest.fail)
    assert code == 0 and document["worlds"] == 3
    assert document["scenarios"] == {"A": "No programme", "B": "All six practices for three years"}
    assert {row["outcome"] for row in document["tables"]["differences"]} >= {"inertia", "trust"}
    assert sorted(file.name for file in area.iterdir()) == ["most.toml", "none.toml", "some.toml"]


@pytest.fixture
def undrawn(monkeypatch):
    """Have no picture drawn, for what is on it does not matter."""
    monkeypatch.setattr(writing, "drawn_as", lambda kind, draw: made_up.PIXEL)


def test_the_same_again_rewrites_nothing_and_another_form_takes_its_place(area, capsys, undrawn):
    words = ["compare", "none.toml", "most.toml", "--worlds", "3", "--models", "0", "--out", "r"]
    assert said(capsys, *words, "--format", "md")[0] == 0
    out = area / "r"
    text = (out / "report.md").read_text(encoding="utf-8")
    for picture in ("headline", "network"):
        assert f"]({picture}.png)" in text and (out / f"{picture}.png").exists()
    before = {file.name: file.stat().st_mtime_ns for file in out.iterdir()}
    assert said(capsys, *words, "--format", "md")[0] == 0
    assert {file.name: file.stat().st_mtime_ns for file in out.iterdir()} == before
    assert said(capsys, *words, "--format", "docx")[0] == 0
    assert (out / "report.docx").stat().st_size > 3000
    assert not list(out.glob("*.png")) and not (out / "report.md").exists()  # what was there, and is not now


def test_scenarios_can_be_played_from_a_file_beside_the_report(area, capsys, undrawn):
    words = ["compare", "none.toml", "some.toml", "most.toml", "--worlds", "3", "--models", "0", "--out", "r"]
    out = area / "r"
    assert said(capsys, *words)[0] == 0
    assert "play.html" not in (out / "report.html").read_text(encoding="utf-8")
    code, told, _ = said(capsys, *words, "--play", "--seed", "5")
    assert code == 0 and "report.html, play.html" in told
    report = (out / "report.html").read_text(encoding="utf-8")
    assert '<a href="play.html">' in report and "--play" in report and "<script" not in report
    page = (out / "play.html").read_text(encoding="utf-8")
    held = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert [[run["label"] for run in one["trajectory"]["runs"]] for one in held["stored"]] == [
        ["B: Trust", "A: Nothing"], ["C: All six", "A: Nothing"],
    ]  # fmt: skip
    for one, file in zip(held["stored"], ("some.toml", "most.toml"), strict=True):
        summary = cs.run(file, seed=5, months=60).summary
        assert one["trajectory"]["runs"][0]["summary"]["trust"] == pytest.approx(summary["trust"], abs=1e-12)
    assert said(capsys, *words)[0] == 0
    assert not (out / "play.html").exists()


def test_what_no_page_can_show_side_by_side_is_refused_before_it_is_run(area, capsys):
    (area / "large.toml").write_text('partnership = "small-world:2000"\nmonths = 60\n', encoding="utf-8")
    code, out, err = said(capsys, "compare", "large.toml", "large.toml", "--play", "--out", "r")
    assert (code, out) == (2, "") and "2,000" in err and not (area / "r").exists()


WRONG = [
    (["none.toml"], ["a comparison needs 2 to 8 scenarios, and 1 are given"]),
    (["none.toml", "nun.toml"], ["there is no file 'nun.toml'"]),
    (["baselin", "full-program"], ["2 faults", "did you mean 'baseline'", "did you mean 'full-programme'"]),
    (["none.toml", "baseline"], ["about 24 organisations and 'none.toml' about 10", "not comparable"]),
    (["none.toml", "most.toml", "--worlds", "0"], ["--worlds must be a whole number from 1"]),
    (["none.toml", "most.toml", "--worlds", "x", "--seed", "-1"], ["2 faults", "--worlds", "--seed"]),
    (["none.toml", "most.toml", "--precision", "0"], ["--precision must be a number above 0"]),
    (["none.toml", "most.toml", "--precision", "nan"], ["--precision"]),
    (["none.toml", "most.toml", "--outcome", "trst"], ["there is no outcome 'trst'; did you mean 'trust'?"]),
    (["none.toml", "most.toml", "--outcome", "lasting_gain"], ["one number a run", "month by month"]),
    (["none.toml", "most.toml", "--threshold", "trust"], ["--threshold takes outcome=value"]),
    (["none.toml", "most.toml", "--threshold", "trust=high"], ["'trust' must be a number, not 'high'"]),
    (["none.toml", "most.toml", "--threshold", "stake=1"], ["of 'stake' neither more nor less is better"]),
    (["none.toml", "most.toml", "--format", "pdf", "--out", "r"], ["there is no format 'pdf'"]),
    (["none.toml", "most.toml", "--format", "md"], ["name the folder with --out"]),
    (["none.toml", "most.toml", "--play"], ["--play writes a file beside the report; name the folder"]),
    (["none.toml", "most.toml", "--out", "none.toml"], ["'none.toml' is a file, not a folder"]),
    (["none.toml", "most.toml", "--out", "."], ["the folder '.' holds other files"]),
    (["none.toml", "most.toml", "--outcome", "trst", "--out", "."], ["2 faults", "'trst'", "other files"]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "told"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_cannot_be_compared_is_refused_in_words_and_nothing_is_left_behind(area, capsys, words, told):
    code, out, err = said(capsys, "compare", *words)
    assert (code, out) == (2, "") and "Traceback" not in err
    for part in told:
        assert part in err
    assert sorted(file.name for file in area.iterdir()) == ["most.toml", "none.toml", "some.toml"]


# ------------------------------------------------------------------------- which scenarios, made alike


def test_unlike_lengths_are_compared_over_the_months_they_share_bit_for_bit(area):
    made = options_of(["none.toml", Scenario.load("most.toml").with_settings(months=48)])
    assert made.months == 48
    assert "60" in made.notices[0] and "first 48 months" in made.notices[0]
    found = runs_of(made, 2)
    longer = cs.run("none.toml", seed=0, world=1).monthly["collaborative_advantage"]
    np.testing.assert_array_equal(found.monthly[0, 1, :, 0], longer[:48])


def test_the_same_organisations_with_other_ties_are_compared_and_it_is_said(tmp_path):
    organisations = (
        '[[organisation]]\nname = "A"\nsector = "NHS"\n[[organisation]]\nname = "B"\nsector = "council"\n'
    )
    for name, contact in (("one", 0.2), ("two", 0.8)):
        tie = f'[[tie]]\nbetween = ["A", "B"]\ncontact = {contact}\n'
        (tmp_path / f"{name}.toml").write_text(organisations + tie, encoding="utf-8")
    made = options_of([tmp_path / "one.toml", tmp_path / "two.toml"])
    assert "the same organisations, but not the same ties" in made.notices[0]
    found = runs_of(made, 4)
    contact = list(OUTCOMES).index("contact")
    assert (found.ends[0, :, contact] != found.ends[1, :, contact]).any()
    other = organisations.replace('"B"', '"C"') + '[[tie]]\nbetween = ["A", "C"]\n'
    (tmp_path / "three.toml").write_text(other, encoding="utf-8")
    with pytest.raises(InputError, match="about other organisations"):
        options_of([tmp_path / "one.toml", tmp_path / "three.toml"])


def test_the_same_scenario_twice_is_said_and_differs_in_nothing(area):
    found = cs.compare("none.toml", Scenario.load("none.toml"), worlds=3, models=0)
    assert found.options.notices == ("A and B are the same scenario.",)
    assert (found.tables["differences"]["estimate"].dropna() == 0).all()
    assert not found.tables["differences"]["told_apart"].any()


# ------------------------------------------------------------------------------------------ from Python


def test_from_python_the_same_is_said_and_written_as_from_the_command_line(area, capsys):
    words = ["compare", "none.toml", "some.toml", *FEW, "--threshold", "trust=0.5"]
    code, printed, _ = said(capsys, *words, "--out", "command")
    counted = []
    found = cs.compare(
        "none.toml", area / "some.toml", worlds=12, models=3, model_worlds=4, thresholds={"trust": 0.5},
        progress=counted.append,
    )  # fmt: skip
    assert code == 0 and printed.startswith(str(found))
    assert sum(counted) == planned(found.options, 12, 3, 4)
    assert found.findings[0].text in " ".join(printed.split())
    page = found.write("python")
    assert page == Path("python") / "report.html"
    for name in found.tables:
        one, other = (area / home / f"{name}.csv" for home in ("python", "command"))
        assert one.read_bytes() == other.read_bytes()
    again = "worlds=12, thresholds={'trust': 0.5}, models=3, model_worlds=4"
    assert found.call == f"cs.compare('none.toml', 'some.toml', {again})"
    assert found.call in html.unescape(page.read_text(encoding="utf-8"))
    assert str(area) not in page.read_text(encoding="utf-8")
    assert repr(found) == "<comparison in 12 worlds of A Nothing, B Trust>"


def test_from_python_scenarios_may_be_made_there_and_out_writes_the_report(area, undrawn):
    one = Scenario.load("none.toml")
    into = {"out": "report", "format": "md", "play": True}
    found = cs.compare(one, one.with_settings("all-six"), worlds=4, models=0, **into)
    assert found.models is None
    assert found.call == f"cs.compare(<{one.name}>, <{one.name}>, worlds=4, models=0)"
    assert (area / "report" / "report.md").exists() and (area / "report" / "play.html").exists()
    assert eval(cs.compare("none.toml", "some.toml", worlds=3, models=0).call).runs.worlds == 3


def test_from_python_everything_wrong_is_told_at_once_and_nothing_run_or_written(area, monkeypatch):
    monkeypatch.setattr("collabsim.report.compare.comparing.runs_of", None)
    (area / "mine").mkdir()
    (area / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as error:
        cs.compare(
            "none.toml", "sum.toml", worlds=0, precision=-1, outcome="trist", models="many", model_worlds=1,
            seed=-1, thresholds={"trust": "high", "contact": 0.5, "trst": 1}, out="mine", format="pdf",
        )  # fmt: skip
    told = str(error.value)
    for words in (
        "worlds must be", "precision must be", "'trist'", "models must be", "model_worlds must be",
        "seed must be", "thresholds: the value of 'trust' must be a number, not 'high'",
        "there is no outcome 'trst'; did you mean 'trust'?",
        "out: the folder 'mine' holds other files", "format: there is no format 'pdf'", "'sum.toml'",
    ):  # fmt: skip
        assert words in told, words
    with pytest.raises(InputError, match="2 to 8 scenarios, and 1 are given"):
        cs.compare("none.toml")
    with pytest.raises(InputError, match="play=True writes a file beside the report"):
        cs.compare("none.toml", "some.toml", play=True)
    with pytest.raises(InputError, match="thresholds must be a mapping"):
        cs.compare("none.toml", "some.toml", thresholds=["trust=0.5"])
    assert sorted(file.name for file in area.iterdir()) == ["mine", "most.toml", "none.toml", "some.toml"]


# ------------------------------------------------------------------------------------------- the runs


def test_runs_are_those_of_a_single_run_and_the_twin_is_the_same_world_without_the_programme(area):
    found = runs_of(options_of(["none.toml", "some.toml"]), 3)
    single = cs.run("some.toml", seed=0, world=2)
    np.testing.assert_array_equal(found.monthly[1, 2, :, 0], single.monthly["collaborative_advantage"])
    np.testing.assert_array_equal(found.ends[1, 2], single.summary[list(OUTCOMES)])
    np.testing.assert_array_equal(found.untreated[1], found.monthly[0, :, :, 0])
    np.testing.assert_array_equal(found.untreated[0], found.monthly[0, :, :, 0])


def test_net_benefits_add_up_to_collaborative_advantage(area):
    found = runs_of(options_of(["none.toml", "most.toml"]), 3)
    np.testing.assert_allclose(found.benefit.mean(axis=2), found.end("collaborative_advantage"), atol=1e-12)
    sizes = tables.sectors(found)
    whole = (sizes["estimate"] * sizes["organisations"]).sum() / sizes["organisations"].sum()
    gap = found.end("collaborative_advantage")[1] - found.end("collaborative_advantage")[0]
    assert whole == pytest.approx(gap.mean(), abs=1e-12)


@pytest.mark.filterwarnings("ignore:.*cut off at.*:UserWarning")
def test_months_are_played_one_by_one_bit_for_bit_whatever_room_there_is_for_ties():
    made = Scenario.load("small-world:300:4").with_settings(months=14, systemic_leadership=1)
    ensemble = Ensemble([made])
    run = cs.run(made, seed=3, world=1)
    states = [int(state.clock[0].month) for state, _ in ensemble.months_of(3, 1)]
    assert states == list(range(15))
    benefit = benefit_of(ensemble, 3, 1)
    assert benefit.mean() == pytest.approx(run.summary["collaborative_advantage"], abs=1e-12)


def test_a_world_begins_with_the_parameters_of_its_own_setting():
    made = Scenario.load("scottish-partnership").with_settings(months=1)
    other = made.with_settings(own_sector=0.3, prior_strength=20.0)
    _, month = next(Ensemble([made, other]).months_of(2, 1, setting=1))
    _, alone = next(Ensemble([other]).months_of(2, 1))
    _, first = next(Ensemble([made]).months_of(2, 1))
    assert month.trust.tobytes() == alone.trust.tobytes() != first.trust.tobytes()


def test_worlds_are_added_until_the_precision_is_reached_and_no_further_than_allowed(area, monkeypatch):
    monkeypatch.setattr(running, "FIRST_WORLDS", 6)
    made = options_of(["none.toml", "most.toml"])
    once = runs_of(made, 6)
    found = runs_of(made, precision=once.reached() / 2)
    assert found.worlds > 12 and found.reached() <= once.reached() / 2
    np.testing.assert_array_equal(found.ends[:, :6], once.ends)  # the first worlds are the same
    stopped = runs_of(made, 8, precision=1e-9)
    assert stopped.worlds == 8 and stopped.reached() > 1e-9


def test_the_number_of_runs_is_known_beforehand(area):
    done: list[int] = []
    made = options_of(["none.toml", "most.toml", "some.toml"])
    runs_of(made, 5, progress=done.append)
    models_of(made, "trust", models=2, worlds=3, progress=done.append)
    assert sum(done) == planned(made, 5, 2, 3) == 3 * 5 + 2 * 3 * 3


# ---------------------------------------------------------------------------------- tables by hand


def test_traction_counts_worlds_that_never_have_it():
    found = made_up.runs((0.1, 0.2), worlds=5)
    found.traction[0] = [10, math.nan, 30, math.nan, math.nan]
    found.traction[1] = [10, 20, 30, math.nan, math.nan]
    table = tables.traction(found).set_index("scenario")
    assert table.loc["A", "share"] == pytest.approx(0.4) and math.isnan(table.loc["A", "median"])
    assert table.loc["B", "share"] == pytest.approx(0.6) and table.loc["B", "median"] == 30


def test_costs_are_days_and_money_where_every_programme_has_a_price():
    free, priced = {}, {"costs": {"day_rate": 100, "currency": "£"}}
    days = made_up.options(2).scenarios[1].facilitator_days
    assert days == 10 * 36 * sum(practice.days for practice in PRACTICES.values())
    table = tables.costs(made_up.runs((0.1, 0.2), made=made_up.options(2, **free)))
    assert table["money"].isna().all() and list(table["days"]) == [0, days]
    table = tables.costs(made_up.runs((0.1, 0.2), made=made_up.options(2, **priced)))
    assert list(table["money"]) == [0, 100 * days] and set(table["currency"]) == {"£"}
    assert table["days_per_point"].iloc[1] == pytest.approx(days / 10)


def test_medians_and_quantiles_are_those_of_worlds():
    found = made_up.runs((0.1, 0.2))
    row = tables.levels(found).iloc[0]
    assert row["p50"] == pytest.approx(np.median(found.end(found.outcome)[0]))
    assert row["estimate"] == pytest.approx(0.1)


# ------------------------------------------------------------------------- other versions of the model


def test_versions_are_plausible_sets_and_a_scenario_keeps_its_own_parameters(area, monkeypatch):
    sets = [{"cost": 0.05}, {"cost": 0.1}, {"cost": 0.2}]
    monkeypatch.setattr(modelling, "plausible", lambda: sets)
    own = Scenario.load("most.toml").with_settings(cost=0.3)
    made = options_of(["most.toml", own])
    found = models_of(made, "collaborative_advantage", models=2, worlds=3)
    assert found.known == 3 and found.sets == (sets[0], sets[2])  # evenly spread
    for place, one in enumerate(found.sets):
        single = cs.run("most.toml", seed=0, world=1, **one).summary["collaborative_advantage"]
        assert found.ends[0, place, 1] == single
    np.testing.assert_array_equal(found.ends[1, 0], found.ends[1, 1])


def test_no_version_is_tried_where_none_is_asked_for(area):
    assert models_of(options_of(["none.toml", "most.toml"]), "trust", models=0) is None


def test_thresholds_are_met_at_least_or_at_most_as_is_better():
    ends = np.full((1, 1, 3, len(cs.ALL_OUTCOMES)), np.nan)
    names = list(cs.ALL_OUTCOMES)
    ends[0, 0, :, names.index("trust")] = [0.4, 0.5, 0.9]
    ends[0, 0, :, names.index("inertia")] = [0.1, 0.3, 0.9]
    asked = thresholds_of(["trust=0.5", "inertia=0.3"])
    np.testing.assert_array_equal(modelling._meets(ends, asked)[0, 0], [False, True, False])
    ends[0, 0, 1, names.index("trust")] = np.nan
    assert not modelling._meets(ends, asked).any()


# ---------------------------------------------------------------------------------- worked examples


@pytest.mark.parametrize("name", ["austerity_compared", "leadership_or_trust_first", "statutory_or_everyone"])
def test_a_worked_example_runs_and_prints_what_it_found(name, tmp_path, capsys, undrawn):
    spec = importlib.util.spec_from_file_location(name, EXPERIMENTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    out = tmp_path / "out"
    module.experiment(["--worlds", "3", "--models", "0", "--quiet", "--out", str(out)])
    told = capsys.readouterr().out
    assert max(map(len, told.replace(str(out), "").splitlines())) <= 80 and "Results: " in told
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == f"python experiments/{name}.py --worlds 3 --models 0"
    assert [record["name"] for record in manifest["scenarios"].values()] == list(module.SCENARIOS)
    with pytest.raises(InputError, match="--worlds must be a whole number from 1"):
        module.experiment(["--worlds", "many"])


def test_leadership_and_trust_first_take_the_same_days_and_share_their_last_year():
    first, other = (
        Scenario.load(EXPERIMENTS / "scenarios" / f"{name}.toml")
        for name in ("leadership-first", "trust-first")
    )
    assert first.facilitator_days == other.facilitator_days
    late = [{entry for entry in made.programme if entry.to_month > 30} for made in (first, other)]
    assert late[0] == late[1] and len(late[0]) == 2
