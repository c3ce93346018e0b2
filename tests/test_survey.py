"""Surveys: error of answers, two waves, and the parameters that explain the change between them."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collabsim as cs
from collabsim.cli import main
from collabsim.draws import START, draw_four
from collabsim.dynamics import normal_within
from collabsim.ensemble import Ensemble
from collabsim.errors import InputError
from collabsim.partnership import Partnership
from collabsim.scenario import Scenario
from collabsim.study.calibration_space import sample
from collabsim.study.change import SUMMARIES, Survey, check_survey, first_wave, summaries
from collabsim.study.two_waves import PRIOR, Explainer, box_of, reference_table, second_waves, trust_in

MONTHS, STEPS = 12, 4


def surveyed(error: float = 0.0, seed: int = 1) -> Partnership:
    """Make a partnership of ten whose trust was surveyed on a scale of five steps."""
    base = Partnership.load("rural-lead-agency")
    ties = base.ties.copy()
    source = np.random.default_rng(seed)
    for side in ("trust_lower", "trust_higher"):
        ties[side] = np.clip(np.round(source.normal(0.5, 0.2, len(ties)) * STEPS) / STEPS, 0, 1)
    return dataclasses.replace(base, ties=ties, survey_error=error)


# ------------------------------------------------------------------------------------------- error of answers


# Disposition as it is in a world, and memory that is all survey: the evidence then says what was meant.
OPEN = {"surveyed_evidence": 50.0, "prior_strength": 0.1, "disposition_spread": 0, "disposition_within": 0}


def meant(partnership: Partnership, seed: int, worlds: range) -> Any:
    """Return (worlds, ties, 2) the trust that each world starts from: the lower's and the higher's."""
    scenario = Scenario.load(partnership).with_settings(months=1, **OPEN)
    ensemble, parameters = Ensemble([scenario]), scenario.compile().parameters[0]
    found = []
    for world in worlds:
        state, _ = next(ensemble.months_of(seed, world))
        found.append(trust_in(state, parameters, len(partnership.ties)))
    return np.array(found)


def test_a_survey_is_taken_at_its_word_unless_an_error_is_given():
    exact = surveyed()
    worlds = meant(exact, 1, range(3))
    expected = np.column_stack([exact.ties["trust_lower"], exact.ties["trust_higher"]])
    assert np.allclose(worlds, expected, atol=0.002)  # the disposition pulls a little where trust is 0 or 1
    assert np.ptp(worlds, axis=0).max() < 1e-12


def test_each_world_draws_what_was_meant_round_the_answers():
    made = surveyed(0.1)
    worlds, given = meant(made, 3, range(300)), meant(surveyed(), 3, range(1))[0]
    inside = (given > 0.3) & (given < 0.7)  # clipped neither way
    assert worlds.min() >= 0 and worlds.max() <= 1
    assert worlds[:, inside].std(axis=0).mean() == pytest.approx(0.1, rel=0.1)
    assert worlds[:, inside].mean(axis=0) == pytest.approx(given[inside], abs=4.5 * 0.1 / np.sqrt(300))
    assert np.array_equal(worlds[7], meant(made, 3, range(7, 8))[0])
    assert not np.array_equal(worlds[0], worlds[1])


def test_what_was_meant_belongs_to_world_and_pair_not_to_luck():
    """The draws are those of block 1 of the pair, whatever else differs."""
    made = surveyed(0.1)
    lower, higher = made.ties["lower"][0], made.ties["higher"][0]
    ids = made.organisations["id"]
    draws = draw_four(3, 5, int(ids[lower]), int(ids[higher]), START, 0, 1)
    answers = (float(made.ties[side][0]) for side in ("trust_lower", "trust_higher"))
    expected = [normal_within(draw, answer, 0.1) for draw, answer in zip(draws[:2], answers, strict=True)]
    assert meant(made, 3, range(5, 6))[0][0] == pytest.approx(expected, abs=0.002)


def test_what_was_not_answered_stays_open_and_what_is_not_trust_stays_as_it_is():
    made = surveyed(0.1)
    ties = made.ties.copy()
    ties["trust_lower"][0], ties["contact"][1] = np.nan, 0.4
    state, _ = next(Ensemble([Scenario.load(dataclasses.replace(made, ties=ties))]).months_of(0, 0))
    assert state.side.kept[0, 0] == state.side.broken[0, 0] == 0.0
    assert state.pair.contact[1] == 0.4
    told = state.side.kept[:, :45] + state.side.broken[:, :45]
    assert (told > 0.0).sum() == 89


def test_renaming_permutes_the_draws():
    made = surveyed(0.1)
    order = np.random.default_rng(5).permutation(len(made))
    one, other = meant(made, 1, range(1, 2)), meant(made.renamed(order), 1, range(1, 2))
    assert one.tobytes() == other.tobytes()


def test_ensemble_run_and_mesa_model_start_a_world_alike():
    scenario = Scenario.load(surveyed(0.15))
    batch = Ensemble([dataclasses.replace(scenario, months=6)]).run([(4, w, 0, 0) for w in range(5)],
        threads=1)
    for world in (0, 3):
        result = cs.run(scenario, months=6, seed=4, world=world)
        model = cs.CollaborationModel(scenario, months=6, seed=4, world=world)
        for _ in range(6):
            model.step()
        assert result.summary.to_numpy().tobytes() == batch.summary[world].tobytes()
        trust = model.datacollector.get_model_vars_dataframe()["trust"]
        assert trust.iloc[-1] == result.monthly["trust"].iloc[-1]
    assert scenario.partnership.identity() != surveyed().identity() != surveyed(0.1).identity()


def test_survey_error_widens_what_is_known():
    """With nothing else uncertain, worlds differ at the start by the error alone."""
    sure = dict.fromkeys(("disposition_spread", "disposition_within"), 0.0)

    def spread(error: float) -> float:
        scenario = Scenario.load(surveyed(error)).with_settings(months=1, memory=1.0, **sure)
        jobs = [(1, world, 0, 0) for world in range(60)]
        trusts = np.full((60, 45, 2), np.nan)
        ensemble = Ensemble([scenario])
        parameters = scenario.compile().parameters[0]
        ensemble.ends(jobs, lambda job, state: trusts.__setitem__(job, trust_in(state, parameters, 45)))
        return float(trusts.std(axis=0).mean())

    assert spread(0.15) > 1.5 * spread(0.0)


def test_error_out_of_bounds_is_refused(tmp_path):
    for value in ("0.6", "-1", "nan", '"x"'):
        file = tmp_path / "p.toml"
        file.write_text(
            f'survey_error = {value}\norganisation = [{{ name = "A", sector = "NHS" }}, '
            '{ name = "B", sector = "NHS" }]\n'
        )
        with pytest.raises(InputError, match=r"survey_error must be a number from 0 to 0\.5"):
            Partnership.load(file)


# -------------------------------------------------------------------------------------------------- two waves


def test_trust_is_what_the_run_says_it_is():
    scenario = Scenario.load(surveyed())
    result = cs.run(scenario, months=7, seed=3)
    found = trust_in(result.state, result.scenario.compile().parameters[0], 45)
    half = len(result.ties) // 2
    assert np.array_equal(result.ties["trust"].to_numpy()[:45], found[:, 0])
    assert np.array_equal(result.ties["trust"].to_numpy()[half : half + 45], found[:, 1])


def test_summaries_of_known_changes():
    made = surveyed()
    first = first_wave(made)
    survey = Survey(first, first, MONTHS)
    same = dict(zip(SUMMARIES, summaries(survey, first, made), strict=True))
    assert same["mean change"] == same["spread of change"] == same["share risen"] == 0
    assert same["slope"] == pytest.approx(1)
    half = dict(zip(SUMMARIES, summaries(survey, 0.5 * first + 0.2, made), strict=True))
    assert half["slope"] == pytest.approx(0.5) and half["spread round the slope"] == pytest.approx(0,
        abs=1e-9)
    assert half["change where trust was low"] > half["change where trust was high"]


@pytest.fixture(scope="module")
def learnt() -> tuple[Any, ...]:
    """One table of runs, from which every synthetic survey is explained."""
    scenario = Scenario.load(surveyed())
    first = first_wave(scenario.partnership)
    answered = np.random.default_rng(8).random(first.shape) < 0.85  # some did not answer twice
    survey = Survey(first, np.where(answered, first, np.nan), MONTHS, STEPS)
    return scenario, survey, Explainer(reference_table(scenario, survey, points=2000, seed=0))


def test_synthetic_surveys_give_back_the_parameters_that_made_them(learnt):
    """The 90% interval holds the true value in at least 80 of 100 surveys, for every parameter."""
    scenario, survey, explainer = learnt
    spans = box_of(None)
    truth = sample(100, 4242, spans)
    second = second_waves(scenario, survey, tuple(spans), truth, seed=99)
    found = [explainer.explain(summaries(survey, one, scenario.partnership)) for one in second]
    intervals = np.array([one.interval() for one in found])
    held = ((intervals[:, :, 0] <= truth) & (truth <= intervals[:, :, 2])).sum(axis=0)
    assert dict(zip(spans, held.tolist(), strict=True)) == {
        name: count for name, count in zip(spans, held.tolist(), strict=True) if count >= 80
    }
    # And it is not for width alone that they hold: what a change can show is learnt from it.
    learnt_of = dict(zip(spans, np.mean([one.learnt for one in found], axis=0), strict=True))
    likeness = {name: np.corrcoef(intervals[:, k, 1], truth[:, k])[0, 1] for k, name in enumerate(spans)}
    for name in ("disposition", "negativity", "memory"):
        assert learnt_of[name] > 0.1 and likeness[name] > 0.45
    assert np.mean([len(one.surprises) > 0 for one in found]) < 0.2


def test_a_change_that_the_model_cannot_make_is_a_surprise(learnt):
    scenario, survey, explainer = learnt
    turned = np.where(np.isnan(survey.second), np.nan, 1 - survey.first)
    assert explainer.explain(summaries(survey, turned, scenario.partnership)).surprises


def test_intervals_stay_within_what_was_thought_possible_and_widen_with_the_share(learnt):
    scenario, survey, explainer = learnt
    second = second_waves(scenario, survey, tuple(PRIOR), sample(1, 5, box_of(None)), seed=7)[0]
    found = explainer.explain(summaries(survey, second, scenario.partnership))
    narrow, wide = found.interval(0.5), found.interval(0.95)
    assert (wide[:, 0] >= found.low).all() and (wide[:, 2] <= found.high).all()
    assert (wide[:, 0] <= narrow[:, 0]).all() and (narrow[:, 2] <= wide[:, 2]).all()
    assert found.weights.sum() == pytest.approx(1)
    sets = found.sets(40)
    assert list(sets.columns) == list(PRIOR) and len(sets) == 40


def test_a_survey_that_says_nothing_is_refused():
    made = surveyed()
    first = first_wave(made)
    with pytest.raises(InputError, match="no surveyed trust"):
        check_survey(Survey(first * np.nan, first, MONTHS))
    with pytest.raises(InputError, match="0 answers are there in both waves"):
        check_survey(Survey(first, first * np.nan, MONTHS))
    with pytest.raises(InputError, match="'memry'; did you mean 'memory'"):
        box_of({"memry": (0, 1), "visibility": (0.9, 0.1)})


# -------------------------------------------------------------------------------------- from the command line


@pytest.fixture
def waves(tmp_path, monkeypatch) -> Path:
    """Two waves of a synthetic survey as CSV, the second made by a run at low memory."""
    monkeypatch.chdir(tmp_path)
    made = surveyed()
    with open("organisations.csv", "w", newline="") as file:
        rows = [(name, made.sectors[code].name, int(size)) for name, code, size in zip(
            made.names, made.organisations["sector"], made.organisations["size"], strict=True)]  # fmt: skip
        csv.writer(file).writerows([("name", "sector", "size"), *rows])
    result = cs.run(made, months=MONTHS, seed=5, memory=0.91)
    after = {(row["from"], row["to"]): row["trust"] for row in result.ties.to_dict("records")}
    first, second = [("from", "to", "trust")], [("from", "to", "trust")]
    for tie in made.ties:
        for one, other, side in ((tie["lower"], tie["higher"], "lower"),
            (tie["higher"], tie["lower"], "higher")):
            pair = (made.names[one], made.names[other])
            first.append((*pair, 1 + round(float(tie[f"trust_{side}"]) * STEPS)))
            second.append((*pair, 1 + round(after[pair] * STEPS)))
    for name, lines in (("wave1.csv", first), ("wave2.csv", second)):
        with open(name, "w", newline="") as file:
            csv.writer(file).writerows(lines)
    return tmp_path


def said(capsys: Any, *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    out, err = capsys.readouterr()
    return code, out, err


CALIBRATE = ("calibrate", "mine.toml", "--months-between", "12", "--points", "800")


def test_two_waves_from_files_to_parameters(capsys, waves):
    assert said(capsys, "new", "mine", "--organisations", "organisations.csv", "--ties", "wave1.csv",
                "--no-picture")[0] == 0  # fmt: skip
    code, out, err = said(capsys, *CALIBRATE, "--second-wave", "wave2.csv", "--out", "found")
    assert code == 0, err
    assert "90 answers in both waves, 12 months apart" in out and "scale 1-5" in err
    assert "memory" in out and "known" in out
    document = json.loads((waves / "found" / "calibration.json").read_text())
    memory = document["parameters"]["memory"]
    assert memory["low"] <= 0.91 <= memory["high"] and memory["narrowed"] > 0.2
    sets = (waves / "found" / "sets.csv").read_text().splitlines()
    assert sets[0].split(",") == list(PRIOR) and len(sets) == 201
    code, _, err = said(capsys, *CALIBRATE, "--second-wave", "wave2.csv", "--out", "found")
    assert code == 2 and "--force" in err
    code, out, _ = said(capsys, *CALIBRATE, "--second-wave", "wave2.csv", "--json", "--seek",
        "memory=0.9:0.99")
    assert code == 0 and list(json.loads(out)["parameters"]) == ["memory"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--second-wave", "wave3.csv"), ["wave3.csv: there is no such file"]),
        (("--second-wave", "wave2.csv", "--seek", "memory"), ["--seek needs NAME=LOW:HIGH"]),
        (("--second-wave", "wave2.csv", "--seek", "memory=0:2", "--scale", "x"),
            ["2 faults", "'memory'", "'x'"]),
        (("--second-wave", "bad.csv"), ["row 2", "'Nobody'", "row 3"]),
        (("--second-wave", "few.csv"), ["1 answers are there in both waves"]),
    ],
)
def test_bad_second_waves_are_refused_in_words(capsys, waves, words, expected):
    said(capsys, "new", "mine", "--organisations", "organisations.csv", "--ties", "wave1.csv", "--no-picture")
    (waves / "bad.csv").write_text("from,to,trust\nNobody,Local council,3\nLocal council,Local council,2\n")
    (waves / "few.csv").write_text("from,to,trust\nNHS board,Local council,3\n")
    code, out, err = said(capsys, *CALIBRATE, *words)
    assert (code, out) == (2, "")
    for word in expected:
        assert word in err


def test_a_partnership_without_a_first_wave_is_refused(capsys, waves):
    code, _, err = said(capsys, "calibrate", "rural-lead-agency", "--months-between", "0", "--second-wave",
        "wave2.csv")
    assert code == 2 and "--months-between must be a whole number from 1 to 240, not 0" in err
    code, _, err = said(capsys, "calibrate", "rural-lead-agency", "--months-between", "6", "--second-wave",
        "wave2.csv")
    assert code == 2 and "no surveyed trust" in err
