"""A teacher's own lessons: beside the bundled ones on the page, alone in a file, refused in words."""

from __future__ import annotations

import http.client
import json
import re
from pathlib import Path
from typing import Any

import pytest

import collabsim as cs
from collabsim.app.requests import read_request
from collabsim.cli import main
from collabsim.lessons import read_lessons, tell
from collabsim.player.own_lessons import offered_lessons, own_lessons, partnerships_of
from collabsim.player.trajectory import scenario_table
from conftest import Server
from test_lessons import mine

pytestmark = pytest.mark.xdist_group("page")

BUNDLED = [lesson.name for lesson in read_lessons()]
OWN = "name = '{name}'\n" + "".join(f"[[organisation]]\nname = '{one}'\nsector = 'NHS'\n" for one in "ABC")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two lessons, one of them about a partnership of its own and with a scenario that it extends."""
    home = tmp_path / "lessons é"
    (home / "who").mkdir(parents=True)
    (home / "who" / "three.toml").write_text(OWN.format(name="three"), "utf-8")
    (home / "who" / "base.toml").write_text('name = "base"\n[costs]\nbuilding_trust = 3\n', "utf-8")
    mine(home)
    extending = ('"pair"', '"who/three.toml"\nextends = "who/base.toml"')
    return mine(home, extending, ("order = 1", "order = 2"), name="three.toml")


def document(file: Path) -> dict[str, Any]:
    """Return what an exported file holds."""
    block = r'<script type="application/json" id="data">(.*?)</script>'
    (found,) = re.findall(block, file.read_text("utf-8"), re.DOTALL)
    return dict(json.loads(found))


# ------------------------------------------------------------------------------------------ which


def test_they_stand_beside_the_bundled_ones_and_a_copy_in_the_place_of_its_original(folder: Path) -> None:
    mine(folder, ("order = 1", "order = 55"), name="inertia.toml")
    offered = offered_lessons(folder)
    names = [lesson.name for lesson in offered]
    assert sorted(names) == sorted([*BUNDLED, "mine", "three"])
    assert names[:2] == ["mine", "three"]
    (copy,) = [lesson for lesson in offered if lesson.name == "inertia"]
    assert (copy.title, copy.order) == ("Mine", 55)
    assert [lesson.order for lesson in offered] == sorted(lesson.order for lesson in offered)
    assert [lesson.name for lesson in offered_lessons()] == BUNDLED


def test_their_scenarios_are_written_out_and_name_no_file(folder: Path) -> None:
    one, three = own_lessons(folder)
    told = tell(three, 3)
    assert str(folder) not in json.dumps(told)
    assert (told["scenario"]["partnership"], told["scenario"]["costs"]) == ("three", {"building_trust": 3.0})
    assert "extends" not in told["scenario"]
    assert set(partnerships_of([one, three])) == {"pair", "three"}
    made = cs.Scenario.from_dict({**told["scenario"], "partnership": partnerships_of([three])["three"]})
    assert made.compile().identity == three.runs["with"].scenario.compile().identity
    assert made.facilitator_days == three.runs["with"].scenario.facilitator_days


# --------------------------------------------------------------------------------- the live page


def test_the_server_tells_them_and_plays_their_partnerships(folder: Path) -> None:
    running = Server("pair", "--lessons", str(folder))
    line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=120)
    try:
        line.request("GET", "/api/lessons")
        text = line.getresponse().read().decode()
        told = {lesson["id"]: lesson for lesson in json.loads(text)}
        line.request("POST", "/api/trajectory", json.dumps(asked := {
            "scenario": {**told["three"]["scenario"], "name": "three"}, "compare": told["three"]["compare"],
            "labels": told["three"]["labels"], "seed": told["three"]["seed"], "world": told["three"]["world"],
        }))  # fmt: skip
        answer = line.getresponse()
        played = json.loads(answer.read())
    finally:
        code, said = running.stop()
    assert (code, "Traceback" in said) == (0, False)
    assert list(told)[:2] == ["mine", "three"]
    assert set(told) == {*BUNDLED, "mine", "three"}
    assert str(folder) not in text
    assert answer.status == 200
    assert [one["name"] for one in played["partnership"]["organisations"]] == ["A", "B", "C"]
    lesson = own_lessons(folder)[1]
    run = cs.run(lesson.runs["with"].scenario, seed=asked["seed"], world=asked["world"])
    assert played["runs"][0]["outcomes"]["trust"] == run.monthly["trust"].tolist()
    assert played["runs"][0]["summary"]["facilitator_days"] == run.summary["facilitator_days"]


def test_a_visitor_gets_no_file_read_by_extending_it(folder: Path) -> None:
    for name in (str(folder / "who" / "base.toml"), "/etc/passwd", "full-programme"):
        body = json.dumps({"scenario": {"extends": name, "partnership": "pair"}}).encode()
        with pytest.raises(cs.InputError, match="'extends' is for files"):
            read_request(body, {})


def test_costs_of_ones_own_reach_the_page() -> None:
    scenario = cs.Scenario.from_dict({"partnership": "pair", "costs": {"day_rate": 400, "currency": "£"}})
    assert scenario_table(scenario)["costs"] == {"day_rate": 400.0, "currency": "£"}
    assert cs.Scenario.from_dict(scenario_table(scenario)).costs == scenario.costs
    assert "costs" not in scenario_table(cs.Scenario.load("pair"))


# ---------------------------------------------------------------------------------- the one file


def test_a_file_holds_all_of_the_folder_or_those_that_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "out" / "class.html"
    words = ["export", "pair", "--lessons", str(folder), "--out", str(out)]
    assert main(words) == 0
    held = document(out)
    assert [lesson["id"] for lesson in held["lessons"]] == ["mine", "three"]
    assert [one["name"] for one in held["stored"]] == ["pair", "mine", "three"]
    assert str(folder) not in out.read_text("utf-8")
    trajectory = held["stored"][2]["trajectory"]
    assert [one["name"] for one in trajectory["partnership"]["organisations"]] == ["A", "B", "C"]
    assert main([*words, "--lesson", "inertia", "--lesson", "three"]) == 0
    assert [lesson["id"] for lesson in document(out)["lessons"]] == ["inertia", "three"]
    assert main([*words, "--lesson", "thre"]) == 2
    assert "there is no lesson 'thre'; did you mean 'three'?" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------ faults


def refused(command: str, folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """Give a folder to a command that refuses it, and return what was said."""
    out = folder.parent / "no.html"
    words = {"app": ["app", "--no-open", "--port", "0"], "export": ["export", "--out", str(out)]}[command]
    assert main([*words, *(more or ("pair",)), "--lessons", str(folder)]) == 2
    assert not out.exists()
    return capsys.readouterr().err


@pytest.mark.parametrize("command", ["app", "export"])
def test_every_fault_is_told_at_once_with_its_file_and_line_or_key(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine(folder, ("order = 1", "order = = 1"), name="a.toml")
    mine(folder, ('title = "Mine"\n', ""), ('"gap > 0"', '"gab > 0"'), name="b.toml")
    mine(folder, ('"pair"', '"random:200"'), ('label = "With"', f'label = "{"w" * 201}"'), name="c.toml")
    said = refused(command, folder, capsys, "no-such-scenario")
    for words in (
        "a.toml: not valid TOML", "line 2",
        "b.toml: 'title' is missing", "b.toml: [[case]] 1: 'when': ", "'gab'",
        "c.toml: [common] 200 organisations are more than the 150",
        "c.toml: [runs.with] 'label' has 201 letters",
        "there is no scenario, partnership or file 'no-such-scenario'",
    ):  # fmt: skip
        assert words in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["app", "export"])
def test_a_partnership_that_is_called_as_another_one_is_refused(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "who" / "three.toml").write_text(OWN.format(name="city"), "utf-8")
    said = refused(command, folder, capsys)
    assert "three.toml: [common] 'partnership' is called 'city', as another one is" in said


def test_a_scenario_whose_partnership_is_called_as_a_bundled_one_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "who" / "three.toml").write_text(OWN.format(name="scottish-partnership"), "utf-8")
    assert main(["app", "--no-open", "--port", "0", str(folder / "who" / "three.toml")]) == 2
    said = capsys.readouterr().err
    assert "the partnership of 'scottish-partnership' is called 'scottish-partnership', as another" in said
    assert ".toml: [common]" not in said


def test_a_folder_that_is_none_or_empty_and_a_lesson_called_as_a_scenario_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "there is no folder of lessons" in refused("app", tmp_path / "none", capsys)
    assert "holds no lesson" in refused("export", tmp_path, capsys)
    mine(tmp_path, name="pair.toml")
    assert "a scenario and a lesson are both called 'pair'" in refused("export", tmp_path, capsys)
