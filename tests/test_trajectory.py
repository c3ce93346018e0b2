"""What the page is given: in the shape of its schema, and the numbers those of the runs themselves."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import collabsim as cs
from collabsim.cli import main
from collabsim.outcomes import OUTCOMES
from collabsim.player.catalogue import catalogue, limits, named_scenarios
from collabsim.player.export import exported as export
from collabsim.player.layout import ring
from collabsim.player.packing import FINE, SHOWN, fine, hundredths, packed
from collabsim.player.page import MODULES, STATIC, as_json, single_file, text_of
from collabsim.player.trajectory import ORGANISATION_STATES, scenario_table, trajectory
from collabsim.player.worlds import LEVELS, WORLDS, worlds

ROOT = Path(__file__).parents[1]
SCENARIO = replace(cs.Scenario.load("rural-lead-agency"), support=(3, 12)).with_settings(
    "all-six", 30, turnover=0.05
)
DOCUMENT = trajectory([SCENARIO, SCENARIO.untreated()], ["With", "Without"], seed=11, world=2)
RUN = cs.run(SCENARIO, seed=11, world=2)


def unpacked(part: dict[str, Any]) -> Any:
    data = zlib.decompress(base64.b64decode(part["data"]))
    return np.frombuffer(data, f"<{part['type']}").reshape(part["shape"])


def schema() -> Any:
    text = (resources.files("collabsim") / "player" / "trajectory.schema.json").read_text(encoding="utf-8")
    return json.loads(text)


def test_the_document_has_the_shape_of_its_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(json.dumps(DOCUMENT, allow_nan=False)), schema())


@pytest.mark.parametrize("change", [{"version": 2}, {"months": 0}, {"runs": []}, {"more": 1}])
def test_the_schema_refuses_another_document(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**DOCUMENT, **change}, schema())


def test_outcomes_and_summary_are_those_of_the_run() -> None:
    for place, run in enumerate((RUN, cs.run(SCENARIO.untreated(), seed=11, world=2))):
        told = DOCUMENT["runs"][place]
        for name in OUTCOMES:
            values = np.array(told["outcomes"][name], float)
            np.testing.assert_array_equal(values, run.monthly[name].to_numpy())
        summary = np.array(list(told["summary"].values()), float)
        np.testing.assert_array_equal(summary, run.summary.to_numpy())
        assert list(told["summary"]) == list(run.summary.index)


def test_every_tie_and_organisation_ends_as_the_run_ends() -> None:
    told, n = DOCUMENT["runs"][0], len(SCENARIO.partnership)
    names = [one["name"] for one in DOCUMENT["partnership"]["organisations"]]
    ties = RUN.ties.set_index(["from", "to"])
    ends = [(i, j) for i, j in told["pairs"]]
    assert len(ties) == 2 * len(ends)
    for side, rows in enumerate((ends, [(j, i) for i, j in ends])):
        theirs = ties.loc[[(names[i], names[j]) for i, j in rows]]
        trust = unpacked(told["ties"]["trust"])[-1, :, side]
        np.testing.assert_allclose(trust / FINE, theirs["trust"], atol=1 / FINE)
        assert (np.floor(trust / (FINE / SHOWN) + 0.5) == hundredths(theirs["trust"])).all()
        for name in ("kept", "broken"):
            assert (unpacked(told["ties"][name])[-1, :, side] == hundredths(theirs[name])).all()
        for name in ("contact", "tension"):
            assert (unpacked(told["ties"][name])[-1] == hundredths(theirs[name])).all()
    for name in ORGANISATION_STATES:
        values = unpacked(told["organisations"][name])
        assert values.shape == (31, n)
        assert (values[-1] == hundredths(RUN.organisations[name])).all()


def test_a_frame_in_the_middle_is_the_run_ended_there() -> None:
    short = cs.run(SCENARIO.with_settings(months=17), seed=11, world=2)
    told = DOCUMENT["runs"][0]
    pairs = len(short.ties) // 2
    trust = unpacked(told["ties"]["trust"])[17, :pairs, 0]
    np.testing.assert_allclose(trust / FINE, short.ties["trust"][:pairs], atol=1 / FINE)


def test_pairs_that_are_introduced_are_known_from_then_on() -> None:
    scenario = cs.Scenario.load("random:30:3").with_settings(systemic_leadership=1.0, months=42)
    told = trajectory([scenario])["runs"][0]
    opened = np.array(told["opened"])
    assert (opened == 0).sum() == len(scenario.partnership.ties) < len(opened)
    later = np.flatnonzero(opened > 0)
    trust = unpacked(told["ties"]["trust"])
    assert all((trust[: opened[k], k] == 0).all() and (trust[opened[k] :, k] > 0).all() for k in later)
    months = {month for month, *_ in told["introductions"]}
    assert {int(frame) - 1 for frame in opened[later]} <= months


def test_the_table_of_a_scenario_makes_the_same_scenario() -> None:
    for scenario in named_scenarios().values():
        made = cs.Scenario.from_dict(json.loads(json.dumps(scenario_table(scenario))))
        assert made.compile().identity == scenario.compile().identity


def test_unlike_scenarios_and_large_ones_are_refused_in_words() -> None:
    with pytest.raises(cs.InputError, match="differ in partnership or months"):
        trajectory([SCENARIO, cs.Scenario.load("pair")])
    with pytest.raises(cs.InputError, match="200 organisations are more than the 150 that the page shows"):
        trajectory([cs.Scenario.load("random:200:3")])
    with pytest.raises(cs.InputError, match="999 months"):
        trajectory([cs.Scenario.load("pair").with_settings(months=999)])


# Numbers


@given(st.lists(st.floats(0, 500), min_size=1))
def test_what_is_rounded_twice_is_what_is_rounded_once(values: list[float]) -> None:
    steps = FINE // SHOWN
    close = fine(values)
    assert ((close + steps // 2) // steps == hundredths(values)).all()
    assert np.abs(close / FINE - values).max() <= 1.0 / FINE + 1e-9


@given(st.lists(st.integers(0, 2**32 - 1)))
def test_packed_numbers_come_back(values: list[int]) -> None:
    assert unpacked(packed(np.array(values, np.int64))).tolist() == values


def test_numbers_that_cannot_be_packed_are_refused() -> None:
    for value in (-1, 2**32):
        with pytest.raises(OverflowError):
            packed([value])


# Where they stand


@given(st.lists(st.integers(0, 7), min_size=1, max_size=80))
def test_on_the_ring_everybody_and_every_sector_has_a_line_of_its_own(sectors: list[int]) -> None:
    places, headings = ring(sectors)
    assert ring(sectors) == (places, headings)
    for side in (1, -1):
        lines = sorted(y for x, y in [*places, *((x, y) for _, x, y in headings)] if x * side > 0)
        gaps = np.diff(lines)
        assert len(gaps) == 0 or (gaps.min() > 0.01 and np.ptp(gaps) < 1e-3)
    assert {sector for sector, _, _ in headings} == set(sectors)
    assert all(-1 <= value <= 1 for place in places for value in place)
    lengths = [sum(1 for x, _ in places if x * side > 0) for side in (1, -1)]
    assert abs(lengths[0] - lengths[1]) <= 2 + len(set(sectors))


# Fifty worlds


def test_the_band_is_the_quantiles_of_fifty_worlds_and_the_run_has_its_rank() -> None:
    scenario = SCENARIO.with_settings(months=12)
    found = worlds([scenario, scenario.untreated()], seed=11, world=2)
    runs = [cs.run(scenario, seed=11, world=w).monthly for w in range(WORLDS)]
    untreated = [cs.run(scenario.untreated(), seed=11, world=w).monthly for w in range(WORLDS)]
    assert found["worlds"] == WORLDS
    for name in ("trust", "collaborative_advantage"):
        values = np.array([run[name] for run in runs])
        band = np.array(found["runs"][0][name]["band"], float)
        np.testing.assert_allclose(band, np.quantile(values, LEVELS, axis=0), atol=5.1e-5)
        others = np.delete(values, 2, axis=0)
        assert found["runs"][0][name]["below"] == (others < values[2]).sum(axis=0).tolist()
        without = np.array([run[name] for run in untreated])
        assert found["runs"][1][name]["first_higher"] == (values > without).sum(axis=0).tolist()


def test_a_world_beyond_the_fifty_is_held_against_them_and_not_counted() -> None:
    scenario = cs.Scenario.load("pair").with_settings(months=8)
    inside, outside = worlds([scenario], world=0), worlds([scenario], world=1000)
    assert inside["worlds"] == outside["worlds"] == WORLDS
    assert inside["runs"][0]["trust"]["band"] == outside["runs"][0]["trust"]["band"]
    assert inside["runs"][0]["trust"]["below"] != outside["runs"][0]["trust"]["below"]
    assert json.dumps(inside, allow_nan=False)


# The page's own files


def test_the_player_is_plain_modules_that_ask_nothing_of_any_network() -> None:
    assert set(MODULES) == {file.name for file in Path(str(STATIC)).glob("*.js")}
    for place, name in enumerate(MODULES):
        text = text_of(name)
        for imported in re.findall(r' from "\./([\w.]+)"', text):
            assert imported in MODULES[:place], f"{name} imports {imported}, which does not stand before it"
        assert not re.findall(r"https?://(?!www\.w3\.org/)", text), name


def test_the_single_file_holds_everything_and_no_address() -> None:
    text = single_file({"kind": "file", "catalogue": {}, "stored": [], "start": ""})
    assert "<!-- HEAD -->" not in text and "<!-- SCRIPTS -->" not in text
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    assert text.count("<script") == text.count("</script>") == 3
    assert text_of("d3.min.js")[:200] in text


def test_data_cannot_end_the_script_it_stands_in() -> None:
    nasty = {"name": "</script><script>alert(1)</script>", "line": "\u2028"}
    assert "<" not in as_json(nasty)
    assert json.loads(as_json(nasty)) == nasty


def test_the_limits_are_those_of_the_documentation() -> None:
    page = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- SHORT -->\n(.+?)\n<!-- end -->", page, re.DOTALL)
    assert found is not None
    assert limits() == " ".join(found[1].split())


def test_the_catalogue_is_json_and_names_everything() -> None:
    data = json.loads(json.dumps(catalogue(named_scenarios()), allow_nan=False))
    assert [one["name"] for one in data["practices"]] == list(cs.PRACTICES)
    assert [one["name"] for one in data["outcomes"]] == list(OUTCOMES)
    assert all(one["evidence"] and one["sentence"] for one in data["practices"])


# collabsim export


def test_export_of_the_default_partnership_stays_small(exported: Path) -> None:
    alone = export([cs.Scenario.load("full-programme")])
    assert len(alone.encode()) < 1_500_000
    assert exported.stat().st_size < 2_500_000


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["no-such", "--out", "x.html"], "there is no scenario"),
        (["pair"], "--out"),
        (["pair", "--out", "."], "is a folder"),
        (["pair", "--seed", "x", "--out", "x.html"], "--seed must be a whole number, not 'x'"),
        (["pair", "--with", "pair", "--out", "x.html"], "several scenarios called 'pair'"),
        (["random:5000", "--out", "x.html"], "5,000 organisations are more than the 150"),
        (["pair", "--lesson", "inertya", "--out", "x.html"], "did you mean 'inertia'?"),
    ],
)
def test_export_refuses_in_words_and_writes_nothing(
    words: list[str], fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["export", *words]) == 2
    assert fault in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
