"""Lessons: their answers come from the runs, hold in most worlds, and their files are checked in words."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collabsim as cs
from collabsim.cli import main
from collabsim.lesson_conditions import Formula
from collabsim.lesson_files import COUNTED, Lesson
from collabsim.lessons import Shown, lessons, play, read_lessons, tell

WORLDS = 200
KEYS = {"id", "order", "title", "idea", "scenario", "compare", "labels", "seed", "world", "outcome",
        "question", "answer", "reveal", "explanation", "source", "open", "try"}  # fmt: skip
LESSONS = {lesson.name: lesson for lesson in read_lessons()}
HOME = resources.files("collabsim") / "data" / "lessons"
every_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))


@cache
def told(name: str) -> dict[str, Any]:
    """Return a bundled lesson as the page gets it, run once for all tests."""
    return tell(LESSONS[name])


def texts_of(lesson: Lesson) -> list[str]:
    """Return every text of a lesson that is filled in."""
    return [lesson.question, *(text for case in lesson.cases for text in (case.reveal, case.explanation))]


# ------------------------------------------------------------------------------- the bundled lessons


def test_there_are_the_lessons_that_a_class_needs_and_the_sandbox_comes_last():
    assert len(LESSONS) >= 8
    assert list(LESSONS)[-1] == "sandbox"
    assert LESSONS["sandbox"].then == tuple(cs.PRACTICES)
    assert {"draw", "choose"} == {lesson.kind for lesson in LESSONS.values()}
    orders = [lesson.order for lesson in LESSONS.values()]
    assert orders == sorted(set(orders))


@every_lesson
def test_what_the_page_gets_has_the_shape_it_relies_on(lesson):
    page = told(lesson.name)
    assert set(page) == KEYS
    assert json.loads(json.dumps(page, allow_nan=False)) == page
    for key in ("title", "idea", "reveal", "explanation", "source", "try"):
        assert page[key].strip(), key
    assert page["outcome"] in cs.OUTCOMES
    assert set(page["open"]) <= set(cs.PRACTICES)
    assert len(page["labels"]) == 2
    assert all(page["labels"])
    options = [option["id"] for option in page["question"]["options"]]
    if lesson.kind == "choose":
        assert page["answer"] in options
        assert len(options) == len(set(options)) >= 2
    else:
        assert (page["answer"], options) == (None, [])
    assert "{" not in json.dumps([page["reveal"], page["explanation"], page["question"]["text"]])


@every_lesson
def test_the_two_runs_shown_are_scenarios_and_null_means_without_the_programme(lesson):
    page = told(lesson.name)
    one, other = (lesson.runs[name].scenario.compile().identity for name in lesson.shown)
    made = cs.Scenario.from_dict(page["scenario"])
    compared = made.untreated() if page["compare"] is None else cs.Scenario.from_dict(page["compare"])
    assert made.compile().identity == one
    assert compared.compile().identity == other
    assert one != other


@every_lesson
def test_the_answer_shown_is_that_of_most_worlds(lesson):
    """A lesson teaches what usually happens and not what happened once; ties are no majority."""
    every = play(lesson, range(WORLDS))
    page = told(lesson.name)
    shown = int(play(lesson, [page["world"]]).cases[0])
    count = int(np.count_nonzero(every.cases == shown))
    assert count > WORLDS / 2, f"{lesson.cases[shown].name} in {count} of {WORLDS} worlds"
    if lesson.kind == "choose":
        assert lesson.cases[shown].name == page["answer"]


@every_lesson
def test_every_number_in_its_texts_is_that_of_the_run_shown(lesson):
    """Measured anew from what cs.run gives, without the lesson's own arithmetic."""
    page = told(lesson.name)
    here = play(lesson, [page["world"]]).values
    runs = {}
    for name, measure in lesson.measures.items():
        if measure.formula is not None:
            continue
        if measure.run not in runs:
            runs[measure.run] = cs.run(
                lesson.runs[measure.run].scenario, seed=page["seed"], world=page["world"]
            ).monthly
        months = runs[measure.run][measure.outcome][measure.first : measure.last]
        assert here[name][0] == pytest.approx(months.mean(), rel=1e-12), name
    case = lesson.cases[int(play(lesson, [page["world"]]).cases[0])]
    for name in re.findall(r"\{(\w+)\}", case.reveal + case.explanation):
        if name not in COUNTED:
            said = f"{100 * here[name][0]:.1f}".replace("-", "−").replace("−0.0", "0.0")
            assert said in page["reveal"] + page["explanation"], name


@every_lesson
def test_no_number_is_written_into_what_is_said_of_the_runs(lesson):
    for case in lesson.cases:
        for text in (case.reveal, case.explanation):
            assert set(re.findall(r"\d+", re.sub(r"\{\w+\}", "", text))) <= {"100"}


@every_lesson
def test_every_source_that_is_named_stands_in_the_references(lesson):
    references = (Path(__file__).parents[1] / "docs" / "references.md").read_text(encoding="utf-8")
    for year in re.findall(r"\((\d{4})", lesson.source):
        assert f"({year})" in references
    for name in re.findall(r"([A-ZÅÄÖÜ][\wäöü]+)(?:,| and [A-Z]\w+| and others)* \(\d{4}", lesson.source):
        assert name in references


def test_lessons_with_settings_of_their_own_say_so_to_the_reader():
    for lesson in LESSONS.values():
        settings = {name for run in lesson.runs.values() for name in run.scenario.parameters}
        if settings:
            assert "In this partnership" in lesson.question, lesson.name


# ------------------------------------------------------------------- the truth is found by running


def test_another_result_brings_another_answer_and_other_words(tmp_path):
    text = (HOME / "small-wins.toml").read_text(encoding="utf-8")
    swapped = text.replace("[runs.small]", "[runs.x]").replace("[[runs.small.", "[[runs.x.")
    swapped = swapped.replace("[runs.big]", "[runs.small]").replace("[runs.x]", "[runs.big]")
    swapped = swapped.replace("[[runs.x.", "[[runs.big.")
    (tmp_path / "small-wins.toml").write_text(swapped, encoding="utf-8")
    (page,) = lessons(tmp_path, worlds=20)
    assert (told("small-wins")["answer"], page["answer"]) == ("small", "big")
    assert page["reveal"].startswith("Big projects.")


def test_other_parameters_change_what_is_found_but_not_what_the_lesson_sets():
    lesson = LESSONS["small-wins"]
    easy = {"cost": 0.0, "loss": 0.0, "disposition": 0.99}
    usual, other = tell(lesson, 20), tell(lesson, 20, easy)
    assert other["scenario"]["parameters"]["cost"] == 0.0
    assert other["scenario"]["parameters"]["disposition"] == 0.3
    assert other["reveal"] != usual["reveal"]


def test_a_world_is_played_alike_alone_and_among_others():
    lesson = LESSONS["courage-before-trust"]
    every = play(lesson, range(8))
    for world in (0, 5):
        alone = play(lesson, [world])
        assert alone.cases[0] == every.cases[world]
        assert all(alone.values[name][0] == every.values[name][world] for name in every.values)


def test_the_typical_world_has_the_usual_answer_and_lies_in_the_middle():
    every = play(LESSONS["needed-none"], range(50))
    chosen = every.typical()
    assert every.cases[chosen] == every.usual
    ranks = [np.mean(each < each[chosen]) for each in every.values.values()]
    assert min(ranks) > 0.15
    assert max(ranks) < 0.85


def test_a_number_is_shown_in_points_unless_a_format_is_given():
    assert f"{Shown(0.1234)}" == "12.3"
    assert f"{Shown(-0.1234)}" == "−12.3"
    assert f"{Shown(-0.0001)}" == "0.0"
    assert f"{Shown(0.5):.2f}" == "0.50"
    assert f"{Shown(np.nan)}" == "nothing that can be measured"


# --------------------------------------------------------------------------------------- conditions

VALUES = {"a": np.array([1.0, 2.0, np.nan]), "b": np.array([2.0, 2.0, 2.0])}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a > b", [False, False, False]),
        ("a >= b", [False, True, False]),
        ("not a >= b", [True, False, True]),
        ("1 < b <= 2 and a < 3", [True, True, False]),
        ("a < 1.5 or b > 3", [True, False, False]),
        ("max(a, 1.5, b / 2) > 1.6", [False, True, False]),
        ("abs(-b) >= 2", [True, True, True]),
        ("min(a, b) - 2 * b < -2", [True, False, False]),
    ],
)
def test_conditions_are_worked_out_for_every_world_and_what_is_missing_does_not_hold(text, expected):
    assert Formula.read(text, VALUES, holds=True).work_out(VALUES).tolist() == expected


@pytest.mark.parametrize(
    ("text", "holds", "words"),
    [
        ("c > a", True, "there is no measure 'c'"),
        ("a > eraly", True, "there is no measure 'eraly'"),
        ("a +", True, "cannot be read"),
        ("a", True, "is a value, and a condition"),
        ("a > b", False, "is a condition, and a value"),
        ("a > (b > 1)", True, "'b > 1' must be a value there"),
        ("a and b", True, "'a' must be a condition there"),
        ("a == b", True, "'a == b' is not allowed"),
        ("a ** 99999999", False, "is not allowed"),
        ("a if a > b else b", False, "is not allowed"),
        ("True", True, "'True' is not allowed"),
        ("'x' > a", True, "is not allowed"),
        ("__import__('os').getcwd()", True, "is not allowed"),
        ("a.real > 1", True, "is not allowed"),
        ("max() > 1", True, "is not allowed"),
        ("abs(a, b) > 1", True, "is not allowed"),
        ("(" * 500 + "a" + ")" * 500 + " > 1", True, "cannot be read"),
        ("", True, "a condition such as"),
        (3, False, "a value such as"),
        (None, True, "not None"),
    ],
)
def test_whatever_is_no_plain_arithmetic_is_refused_in_words(text, holds, words):
    with pytest.raises(cs.InputError) as error:
        Formula.read(text, VALUES, holds)
    assert words in str(error.value)


# ----------------------------------------------------------------------------- files of an educator

MINE = '''
order = 1
title = "Mine"
idea = "An idea."
outcome = "trust"
kind = "choose"
question = "What happens in {worlds} worlds?"
explanation = "Because of {late}."
source = "None."
open = ["building_trust"]
try = "Try."

[common]
partnership = "pair"
months = 12

[runs.with]
label = "With"
programme = "all-six"
support = [0, 12]

[runs.without]
label = "Without"

[measures]
late = { run = "with", months = [6, 12] }
early = { run = "without", months = [0, 6], outcome = "inertia" }
gap = "late - early"

[[case]]
id = "up"
text = "Up"
when = "gap > 0"
reveal = "Up by {gap:.2f}."

[[case]]
id = "down"
text = "Down"
reveal = "Down, in {alike} of {worlds}."
'''


def mine(folder: Path, *changes: tuple[str, str], name: str = "mine.toml") -> Path:
    """Write a lesson of one's own, with changes."""
    text = MINE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_folder_of_ones_own_is_read_and_run(tmp_path):
    mine(tmp_path)
    mine(tmp_path, ("order = 1\n", 'id = "second"\norder = 0\nseed = 7\nworld = 3\n'), name="b.toml")
    (tmp_path / "notes.txt").write_text("not a lesson", encoding="utf-8")
    second, first = lessons(tmp_path, worlds=4)
    assert (first["id"], second["id"]) == ("mine", "second")
    assert (second["seed"], second["world"]) == (7, 3)
    assert 0 <= first["world"] < 4
    assert first["question"]["text"] == "What happens in 4 worlds?"
    assert first["compare"] is None


def test_a_partnership_of_ones_own_lies_beside_the_lessons(tmp_path):
    (tmp_path / "who").mkdir()
    (tmp_path / "who" / "three.toml").write_text(
        "organisation = [" + ", ".join(f'{{ name = "{n}", sector = "NHS" }}' for n in "ABC") + "]", "utf-8"
    )
    mine(tmp_path, ('partnership = "pair"', 'partnership = "who/three.toml"'))
    (page,) = lessons(tmp_path, worlds=2)
    assert len(cs.Scenario.from_dict(page["scenario"]).partnership) == 3


FAULTS = {
    "not TOML": ([("order = 1", "order = = 1")], ["mine.toml: not valid TOML", "line 2"]),
    "unknown key": (
        [("order = 1", "order = 1\ntilte = 'x'")],
        ["unknown key 'tilte'", "did you mean 'title'"],
    ),
    "title missing": ([('title = "Mine"\n', "")], ["'title' is missing"]),
    "order missing": ([("order = 1\n", "")], ["'order' is missing"]),
    "order as text": ([("order = 1", "order = 'first'")], ["'order' must be a whole number", "'first'"]),
    "seed negative": ([("order = 1", "order = 1\nseed = -1")], ["'seed' must be a whole number from 0"]),
    "world as text": (
        [("order = 1", "order = 1\nworld = 'any'")],
        ["'world' must be a whole number", "'any'"],
    ),
    "unknown outcome": ([('outcome = "trust"', 'outcome = "turst"')], ["no outcome 'turst'", "'trust'"]),
    "a run's outcome": ([('outcome = "trust"', 'outcome = "facilitator_days"')], ["'facilitator_days'"]),
    "unknown kind": ([('kind = "choose"', 'kind = "chose"')], ["no kind 'chose'", "did you mean 'choose'"]),
    "unknown practice": (
        [('"building_trust"]', '"bulding_trust"]')],
        ["'open'", "did you mean 'building_trust'"],
    ),
    "unknown partnership": ([('"pair"', '"pear"')], ["'pear'", "did you mean 'pair'"]),
    "months of 0": ([("months = 12", "months = 0")], ["'months' must be a whole number from 1"]),
    "fault in a run": ([('programme = "all-six"', 'programme = "all-sx"')], ["[runs.with]", "'all-six'"]),
    "no label": ([('label = "Without"', "")], ["[runs.without] 'label' is missing"]),
    "months of one run": ([('label = "Without"', 'label = "W"\nmonths = 3')], ["belongs under [common]"]),
    "unknown run shown": ([("order = 1", "order = 1\nshow = ['with', 'none']")], ["no run 'none'"]),
    "one run shown": ([("order = 1", "order = 1\nshow = ['with']")], ["'show' must name two runs"]),
    "unknown run measured": ([('run = "with"', 'run = "wiht"')], ["late: there is no run 'wiht'", "'with'"]),
    "unknown outcome measured": (
        [('"inertia"', '"inertie"')],
        ["early: there is no monthly outcome", "inertia"],
    ),
    "window too late": (
        [("[6, 12]", "[6, 13]")],
        ["late: 'months' must be [from, to] within the 12", "[6, 13]"],
    ),
    "window reversed": ([("[6, 12]", "[12, 6]")], ["'months' must be", "[12, 6]"]),
    "formula of nothing": ([('"late - early"', '"late - eraly"')], ["gap:", "did you mean 'early'"]),
    "measure a number": ([('"late - early"', "3")], ["gap:", "not 3"]),
    "measure's name": ([("gap = ", '"my gap" = ')], ["my gap: a measure's name is one word"]),
    "condition wrong": ([('when = "gap > 0"', 'when = "gap"')], ["[[case]] 1: 'when':", "a condition"]),
    "no condition": ([('when = "gap > 0"\n', "")], ["[[case]] 1: 'when':", "not None"]),
    "condition on the last": (
        [('text = "Down"', 'text = "Down"\nwhen = "gap > 1"')],
        ["[[case]] 2", "the last case has no 'when'"],
    ),
    "two cases alike": ([('id = "down"', 'id = "up"')], ["[[case]] 2: there is another case 'up'"]),
    "option without text": ([('text = "Up"\n', "")], ["[[case]] 1: 'text' is missing"]),
    "unknown measure in a text": (
        [("{gap:.2f}", "{gab}")],
        ["'reveal' speaks of {gab}", "did you mean 'gap'"],
    ),
    "broken braces": ([("{gap:.2f}", "{gap")], ["'reveal'", "braces hold a measure's name"]),
    "broken format": ([("{gap:.2f}", "{gap:.2q}")], ["'reveal'"]),
    "attribute in a text": ([("{gap:.2f}", "{gap.real}")], ["speaks of {gap.real}"]),
    "several": (
        [('title = "Mine"\n', ""), ('"pair"', '"pear"'), ('"gap > 0"', '"gab > 0"')],
        ["'title' is missing", "'pear'", "'gab'"],
    ),
}


@pytest.mark.parametrize("case", FAULTS, ids=list(FAULTS))
def test_a_fault_in_a_file_is_told_in_words_with_the_file(tmp_path, case):
    changes, words = FAULTS[case]
    mine(tmp_path, *changes)
    with pytest.raises(cs.InputError) as error:
        lessons(tmp_path)
    assert len(error.value.faults) >= (3 if case == "several" else 1)
    assert all(fault.startswith("mine.toml: ") for fault in error.value.faults)
    for word in words:
        assert word in str(error.value)


def test_faults_of_all_files_are_told_at_once(tmp_path):
    mine(tmp_path, ('title = "Mine"\n', ""), name="a.toml")
    mine(tmp_path, ("order = 1\n", ""), name="b.toml")
    with pytest.raises(cs.InputError) as error:
        read_lessons(tmp_path)
    assert [fault.partition(":")[0] for fault in error.value.faults] == ["a.toml", "b.toml"]


def test_two_lessons_of_one_id_an_empty_folder_and_none_are_refused(tmp_path):
    with pytest.raises(cs.InputError, match="holds no lesson"):
        read_lessons(tmp_path)
    with pytest.raises(cs.InputError, match="there is no folder of lessons"):
        read_lessons(tmp_path / "none")
    mine(tmp_path, ("order = 1", "id = 'x'\norder = 1"))
    mine(tmp_path, ("order = 1", "id = 'x'\norder = 1"), name="b.toml")
    with pytest.raises(cs.InputError, match=r"2 lessons with the id 'x': b\.toml, mine\.toml"):
        read_lessons(tmp_path)
    mine(tmp_path, name="c.toml")
    (tmp_path / "b.toml").write_bytes("title = 'é'".encode("cp1252"))
    with pytest.raises(cs.InputError, match=r"b\.toml: not a text file in UTF-8"):
        read_lessons(tmp_path)


# -------------------------------------------------------------------------------- the educators' guide

GUIDE = (Path(__file__).parents[1] / "docs" / "educators.md").read_text(encoding="utf-8")


def test_the_lesson_in_the_guide_is_read_and_run(tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    (page,) = lessons(tmp_path, worlds=5)
    assert page["answer"] in ("less", "about", "more")
    assert "of 5 worlds" in page["reveal"]


def test_the_guide_has_questions_for_every_lesson_and_no_result_written_down():
    for lesson in LESSONS.values():
        assert f"**{lesson.title}.** *" in GUIDE, lesson.title
    prose = GUIDE[GUIDE.index("## The lessons, and what to ask") : GUIDE.index("## Your own lessons")]
    assert re.findall(r"\d", prose) == []


# --------------------------------------------------------------------------------- the command line


def test_the_command_lists_them_without_running_anything(capsys, monkeypatch):
    monkeypatch.setattr("collabsim.lessons.play", None)
    assert main(["list", "lessons", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(LESSONS)
    assert all(row["title"] and row["meaning"] for row in rows)
    assert main(["list", "lessons"]) == 0
    out = capsys.readouterr().out
    assert all(lesson.title in out for lesson in LESSONS.values())
