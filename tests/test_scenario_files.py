"""Scenario files in full: what extends what, several programmes, costs, and the schema that editors read."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from collabsim.cli import main
from collabsim.costs import DAY_REASONS, Costs, usual_days
from collabsim.errors import InputError
from collabsim.practices import PRACTICES
from collabsim.report.compare.scenario_text import scenario_text
from collabsim.scenario import Entry, Scenario, bundled_scenarios
from collabsim.scenario_schema import scenario_schema
from collabsim.study.provenance import scenario_identity, scenario_record
from test_cli import SCENARIOS

ROOT = Path(__file__).resolve().parents[1]


def write(folder, **files):
    """Write scenario files; return the folder."""
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def faults(path):
    """Return what is wrong with a scenario file."""
    with pytest.raises(InputError) as raised:
        Scenario.load(path)
    return str(raised.value)


# ------------------------------------------------------------------------------------------- extends


def test_what_a_file_says_wins_and_what_it_leaves_open_is_as_in_the_other(tmp_path):
    write(
        tmp_path,
        base="""
            name = "base"
            title = "The base"
            description = "To build on"
            partnership = "rural-lead-agency"
            months = 48
            support = [3, 30]
            [parameters]
            cost = 0.12
            slip = 0.06
            [costs]
            building_trust = 0.4
            day_rate = 400
            currency = "£"
            [[programme]]
            practice = "building_trust"
            [[shock]]
            kind = "austerity"
        """,
        mine="""
            extends = "base.toml"
            [parameters]
            cost = 0.2
            [costs]
            day_rate = 500
            [[programme]]
            practice = "courageous_leadership"
        """,
    )
    base, mine = Scenario.load(tmp_path / "base.toml"), Scenario.load(tmp_path / "mine.toml")
    assert (mine.name, mine.title, mine.description) == ("mine", "", "")  # its own, never taken over
    assert mine.partnership is base.partnership
    assert (mine.months, mine.support) == (48, (3, 30))
    assert mine.parameters == {"cost": 0.2, "slip": 0.06}  # merged, key by key
    assert mine.costs.days["building_trust"] == 0.4
    assert (mine.costs.day_rate, mine.costs.currency) == (500, "£")
    assert mine.programme == (Entry("courageous_leadership", 3, 30),)  # replaced as a whole
    assert mine.shocks == base.shocks


def test_lists_are_taken_away_by_empty_ones_and_chains_are_followed(tmp_path):
    write(
        tmp_path,
        a='partnership = "pair"\nprogramme = "all-six"\n[[shock]]\nkind = "austerity"',
        b='extends = "a.toml"\nshock = []\nmonths = 30',
        c='extends = "b.toml"\nprogramme = "none"\nmonths = 24',
    )
    b, c = Scenario.load(tmp_path / "b.toml"), Scenario.load(tmp_path / "c.toml")
    assert len(b.programme) == 6 and not b.shocks and b.months == 30
    assert not c.programme and not c.shocks and c.months == 24
    assert len(c.partnership) == 2


def test_a_bundled_scenario_can_be_extended_and_paths_belong_to_the_file_they_stand_in(tmp_path):
    (tmp_path / "data").mkdir()
    write(
        tmp_path / "data",
        area='[[organisation]]\nname = "A"\nsector = "NHS"\n[[organisation]]\nname = "B"\nsector = "council"',
        base='partnership = "area.toml"\nmonths = 24',
    )
    write(tmp_path, mine='extends = "data/base.toml"', cut='extends = "austerity"\nmonths = 60')
    assert list(Scenario.load(tmp_path / "mine.toml").partnership.names) == ["A", "B"]
    cut = Scenario.load(tmp_path / "cut.toml")
    assert cut.months == 60 and cut.shocks == Scenario.load("austerity").shocks


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a": 'extends = "a.toml"'}, ["'extends' leads in a circle", "a.toml extends a.toml"]),
        (
            {"a": 'extends = "b.toml"', "b": 'extends = "c.toml"', "c": 'extends = "b.toml"'},
            ["circle", "a.toml extends b.toml extends c.toml extends b.toml"],
        ),
        ({"a": 'extends = "no.toml"'}, ["a.toml: 'extends': there is no file", "no.toml"]),
        ({"a": 'extends = "austeritty"'}, ["'austeritty'", "did you mean 'austerity'"]),
        ({"a": "extends = 3"}, ["'extends' must be the path of a scenario file or a name, not 3"]),
        ({"a": 'extends = " "'}, ["'extends' must be"]),
        ({"a": 'extends = "b.toml"', "b": "months = = 3"}, ["a.toml", "b.toml: not valid TOML"]),
        (
            {"a": 'extends = "b.toml"\nmonths = 24', "b": "months = 0\ncots = 1"},
            ["b.toml", "months", "'cots'"],
        ),
        ({"a": 'extends = "b.toml"\nmonths = 0', "b": "months = 24"}, ["a.toml: 'months'"]),
        (
            {"a": 'extends = "b.toml"', "b": '[[organisation]]\nname = "A"\nsector = "NHS"'},
            ["'b.toml' is a partnership; name it as 'partnership'"],
        ),
    ],
)
def test_what_leads_nowhere_is_told_of_the_file_it_stands_in(tmp_path, files, told):
    said = faults(write(tmp_path, **files) / "a.toml")
    for words in told:
        assert words in said
    if "b.toml" in told[0]:
        assert "a.toml: 'months'" not in said


# -------------------------------------------------------------------------------- several programmes


def test_several_programmes_by_name_and_with_their_own_window_strength_and_members():
    both = Scenario.from_dict(
        {"partnership": "rural-lead-agency", "programme": ["building_trust", "courageous_leadership"]}
    )
    assert [entry.mover for entry in both.programme] == ["building_trust", "courageous_leadership"]
    laid = Scenario.from_dict(
        {
            "partnership": "rural-lead-agency",
            "programme": [
                {"programme": "trust-then-courage", "from_month": 0, "to_month": 24, "strength": 0.5},
                {"practice": "systemic_leadership", "with": ["NHS", "Local council"]},
            ],
        }
    )
    assert laid.programme == (
        Entry("building_trust", 0, 12, 0.5),
        Entry("courageous_leadership", 12, 24, 0.5),
        Entry("systemic_leadership", 6, 42, 1.0, ("NHS", "Local council")),
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"programme": "all-sx"}, "there is no programme 'all-sx'; did you mean 'all-six'?"),
        (
            {"programme": "all-six", "practice": "building_trust"},
            "either 'practice' or 'programme', not both",
        ),
        (
            {"programme": "article-order", "from_month": 0, "to_month": 3},
            "has 6 stages, more than the 3 months",
        ),
    ],
)
def test_a_line_that_names_a_programme_is_checked_like_one_that_names_a_practice(line, told):
    with pytest.raises(InputError) as raised:
        Scenario.from_dict({"partnership": "pair", "programme": [line]})
    assert "[[programme]] 1" in str(raised.value) and told in str(raised.value)


# -------------------------------------------------------------------------------------------- costs


def test_days_are_as_assumed_unless_said_and_every_practice_has_its_reason():
    assert set(DAY_REASONS) == set(PRACTICES)
    assert Costs().days == usual_days()
    line = {"practice": "building_trust", "from_month": 0, "to_month": 10}
    table = {"partnership": "pair", "programme": [line]}
    usual = Scenario.from_dict(table)
    own = Scenario.from_dict(table | {"costs": {"building_trust": 2, "day_rate": 450, "currency": "£"}})
    assert usual.facilitator_days == 2 * 10 * PRACTICES["building_trust"].days
    assert own.facilitator_days == 2 * 10 * 2
    assert scenario_identity(own) != scenario_identity(usual)  # facilitator-days are an outcome
    priced = Scenario.from_dict(table | {"costs": {"day_rate": 450}})
    assert scenario_identity(priced) == scenario_identity(usual)  # a price is none


@pytest.mark.parametrize(
    ("costs", "told"),
    [
        (3, "'costs' must be a table"),
        ({"bulding_trust": 1}, "[costs]: unknown key 'bulding_trust'; did you mean 'building_trust'?"),
        ({"building_trust": -1}, "the days of 'building_trust' must be a number from 0 to 31"),
        ({"day_rate": "450"}, "'day_rate' must be a number"),
        ({"day_rate": 450, "currency": 3}, "'currency' must be a sign or a short name"),
        ({"day_rate": 450, "currency": "pounds sterling"}, "'currency' must be a sign or a short name"),
        ({"currency": "£"}, "'currency' says nothing without a 'day_rate'"),
    ],
)
def test_costs_that_cannot_be_are_told(costs, told):
    with pytest.raises(InputError) as raised:
        Scenario.from_dict({"partnership": "pair", "costs": costs})
    assert told in str(raised.value)


# ------------------------------------------------------------------------------------- text and schema


@pytest.mark.parametrize("name", bundled_scenarios())
def test_a_scenario_written_as_text_reads_back_as_the_same(name):
    made = Scenario.load(name)
    again = Scenario.from_dict(tomllib.loads(scenario_text(made)))
    assert scenario_record(again) == scenario_record(made)


def test_odd_names_survive_being_written_as_text():
    table = {
        "name": 'a "b" \\ c\n\t\x7f é',
        "partnership": "rural-lead-agency",
        "costs": {"day_rate": 1.5, "currency": "€"},
        "programme": [{"practice": "building_trust", "with": ["NHS", "Local council"]}],
        "parameters": {"cost": 0.125},
    }
    made = Scenario.from_dict(table)
    assert scenario_record(Scenario.from_dict(tomllib.loads(scenario_text(made)))) == scenario_record(made)


VALIDATOR = jsonschema.Draft202012Validator(scenario_schema())


def test_the_schema_is_one_and_is_published_as_it_is(capsys):
    jsonschema.Draft202012Validator.check_schema(scenario_schema())
    assert main(["schema"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed) == scenario_schema()
    assert (ROOT / "docs" / "scenario.schema.json").read_text(encoding="utf-8") == printed


def examples():
    """Return every scenario file of the project, as text."""
    folders = [ROOT / "src" / "collabsim" / "data" / "scenarios", ROOT / "experiments" / "scenarios"]
    return [file for folder in folders for file in sorted(folder.glob("*.toml"))]


@pytest.mark.parametrize("file", examples(), ids=lambda file: file.name)
def test_schema_and_reader_accept_every_example(file):
    VALIDATOR.validate(tomllib.loads(file.read_text(encoding="utf-8")))
    Scenario.load(file)


GOOD = [
    {},
    {"programme": "all-six"},
    {"programme": []},
    {"programme": ["building_trust", "systemic_leadership"]},
    {"programme": [{"practice": "building_trust", "with": "NHS"}]},
    {"programme": [{"programme": "all-six", "strength": 0.5, "from_month": 0, "to_month": 12}]},
    {"shock": [{"kind": "austerity", "from_month": 3}]},
    {"costs": {"day_rate": 0, "currency": "GBP"}},
    {"extends": "baseline"},
]


@pytest.mark.parametrize("table", GOOD, ids=json.dumps)
def test_schema_and_reader_accept_what_is_meant(table):
    VALIDATOR.validate(table)
    Scenario.from_dict({"partnership": "rural-lead-agency"} | table)


BEYOND = {
    "not TOML",
    "NaN",
    "unknown partnership",
    "ends before it starts",
    "nobody of that name",
    "support reversed",
}
"""Faults that no schema can see: what is not there, and how two values lie to each other."""

BAD = {
    case: tomllib.loads(text)
    for case, (text, _) in SCENARIOS.items()
    if case not in BEYOND and "organisation" not in text
} | {
    "costs": {"costs": {"building_trust": -1}},
    "currency alone": {"costs": {"currency": "£"}},
    "long currency": {"costs": {"day_rate": 1, "currency": "pounds sterling"}},
    "both": {"programme": [{"programme": "all-six", "practice": "building_trust"}]},
    "names and tables": {"programme": ["all-six", {"practice": "building_trust"}]},
    "extends nothing": {"extends": ""},
    "with nobody": {"programme": [{"practice": "building_trust", "with": []}]},
}


@pytest.mark.parametrize("case", BAD)
def test_schema_and_reader_refuse_the_same(case):
    assert not VALIDATOR.is_valid(BAD[case])
    with pytest.raises(InputError):
        Scenario.from_dict(BAD[case])
