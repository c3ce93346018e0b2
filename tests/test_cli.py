"""The command line: what it promises, and every kind of bad input refused in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import collabsim as cs
from collabsim import calling, compiled
from collabsim.cli import main

ORGANISATIONS = """
[[organisation]]
name = "Board"
sector = "NHS"
[[organisation]]
name = "Council"
sector = "council"
"""


def said(capsys, *words):
    """Run the command and return its exit code, stdout and stderr."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


# ------------------------------------------------------------------------------------------ bad input

WORDS = [
    # what is typed, and what must be in the one message
    (["rnu"], ["'rnu'", "did you mean 'run'"]),
    ([], ["say what to do", "list, run, check, sweep"]),
    (["run", "pair", "--sed", "3"], ["'--sed'", "did you mean '--seed'"]),
    (["run", "pear"], ["'pear'", "did you mean 'pair'"]),
    (["run", "pair", "extra"], ["extra"]),
    (["run", "no-such-file.toml"], ["there is no file 'no-such-file.toml'"]),
    (["run", "."], ["'.' is a folder"]),
    (["run", "pair", "--programme", "all-sx"], ["'all-sx'", "did you mean 'all-six'"]),
    (["run", "pair", "--months", "0"], ["months must be a whole number from 1 to", "not 0"]),
    (["run", "pair", "--months", "-3"], ["months", "-3"]),
    (["run", "pair", "--months", "2.5"], ["--months must be a whole number, not '2.5'"]),
    (["run", "pair", "--months", "many"], ["--months must be a whole number, not 'many'"]),
    (["run", "pair", "--months"], ["--months", "expected one argument"]),
    (["run", "pair", "--seed", "-1"], ["seed must be a whole number from 0 to 4294967295, not -1"]),
    (["run", "pair", "--seed", "4294967296"], ["seed must be a whole number from 0 to 4294967295"]),
    (["run", "pair", "--luck", "65536"], ["luck must be a whole number from 0 to 65535"]),
    (["run", "pair", "--seed", "x", "--world", "y"], ["2 faults", "--seed", "--world"]),
    (["run", "pair", "--set", "cots=1"], ["'cots'", "did you mean 'cost'"]),
    (["run", "pair", "--set", "cost"], ["--set needs NAME=VALUE, not 'cost'"]),
    (["run", "pair", "--set", "cost=cheap"], ["--set cost: the value must be a number, not 'cheap'"]),
    (["run", "pair", "--set", "cost=nan"], ["'cost' must be a number from 0 to 1, not nan"]),
    (["run", "pair", "--set", "cost=inf"], ["'cost' must be a number from 0 to 1, not inf"]),
    (["run", "pair", "--set", "cost=1.5"], ["'cost' must be a number from 0 to 1, not 1.5"]),
    (["run", "pair", "--set", "cost=0.1", "--set", "cost=0.2"], ["'cost' twice"]),
    (["run", "pair", "--set", "building_trust=2"], ["'building_trust' must be a number from 0 to 1"]),
    (["run", "pair", "--set", "building_trust.from_month=12"], ["'building_trust.from_month'", "strength"]),
    (["run", "pair", "--set", "cost=9", "--set", "slipp=1", "--months", "0"], ["3 faults"]),
    (["run", "random:1"], ["organisations"]),
    (["run", "random:ten"], ["ten"]),
    (["list"], ["say what to list", "practices, parameters"]),
    (["list", "practises"], ["'practises'", "did you mean 'practices'"]),
    (["check", "pare"], ["'pare'", "did you mean 'pair'"]),
    (["sweep", "plan.toml"], ["--out"]),
    (["sweep", "plan.toml", "--shard", "3/2", "--every", "2"], ["3 faults", "--out", "3/2", "--monthly"]),
    (["sweep", "plan.toml", "--out", "x", "--precision", "0"], ["--precision must be a number above 0"]),
    (["sweep", "plan.toml", "--out", "x", "--outcome", "trust"], ["--outcome goes with --precision"]),
    (["verify", "."], ["holds no manifest.json"]),
    (["verify", ".", "--sample", "0"], ["--sample must be a whole number from 1"]),
    (["merge", "out", "a", "b"], ["2 faults", "'a' holds no manifest.json"]),
]


@pytest.mark.parametrize(("words", "expected"), WORDS, ids=[" ".join(w) or "nothing" for w, _ in WORDS])
def test_bad_words_end_with_2_and_one_message_in_words(capsys, tmp_path, monkeypatch, words, expected):
    monkeypatch.chdir(tmp_path)
    code, out, err = said(capsys, *words)
    assert code == 2
    assert out == ""
    assert err.startswith("collabsim: ")
    assert "Traceback" not in err
    for part in expected:
        assert part in err
    assert list(tmp_path.iterdir()) == []  # and nothing is left behind


SCENARIOS = {
    "not TOML": ("months = = 3", ["not valid TOML", "line 1"]),
    "unknown key": ("mouths = 3", ["unknown key 'mouths'", "did you mean 'months'"]),
    "months of 0": ("months = 0", ["'months' must be a whole number from 1"]),
    "months as text": ('months = "72"', ["'months' must be a whole number", "'72'"]),
    "months true": ("months = true", ["'months'", "True"]),
    "NaN": ("[parameters]\ncost = nan", ["[parameters]", "'cost'", "nan"]),
    "infinity": ("[parameters]\ncost = inf", ["'cost'", "inf"]),
    "number as text": ('[parameters]\ncost = "0.1"', ["'cost'", "'0.1'", "str"]),
    "unknown parameter": ("[parameters]\ncosts = 0.1", ["'costs'", "did you mean 'cost'"]),
    "parameters not a table": ("parameters = 3", ["'parameters' must be a table"]),
    "unknown partnership": ('partnership = "scotish-partnership"', ["did you mean 'scottish-partnership'"]),
    "partnership a number": ("partnership = 3", ["'partnership'"]),
    "unknown programme": ('programme = "all six"', ["'all six'", "did you mean 'all-six'"]),
    "programme not tables": ("programme = [3]", ["'programme' must be tables"]),
    "no practice named": ("[[programme]]\nstrength = 1", ["'practice' is missing"]),
    "unknown practice": ('[[programme]]\npractice = "bulding_trust"', ["did you mean 'building_trust'"]),
    "unknown key in a line": (
        '[[programme]]\npractice = "building_trust"\nstrenght = 1',
        ["[[programme]] 1", "'strenght'", "did you mean 'strength'"],
    ),
    "strength out of bounds": (
        '[[programme]]\npractice = "building_trust"\nstrength = 1.2',
        ["[[programme]] 1", "'strength'", "1.2"],
    ),
    "ends before it starts": (
        '[[programme]]\npractice = "building_trust"\nfrom_month = 30\nto_month = 6',
        ["'building_trust' ends before it starts", "30", "6"],
    ),
    "nobody of that name": (
        '[[programme]]\npractice = "building_trust"\nwith = ["thrid sector"]',
        ["thrid sector", "third sector"],
    ),
    "with not a list": ('[[programme]]\npractice = "building_trust"\nwith = 3', ["'with' must be a list"]),
    "unknown shock": ('[[shock]]\nkind = "austeritty"', ["did you mean 'austerity'"]),
    "support reversed": ("support = [42, 6]", ["'support' ends before it starts"]),
    "support not two": ("support = 6", ["'support' must be two months"]),
    "several": ("months = 0\nfoo = 1\n[parameters]\ncost = 7", ["3 faults", "months", "foo", "cost"]),
    "empty partnership": ("organisation = []", ["organisation"]),
    "one organisation": ('[[organisation]]\nname = "Alone"\nsector = "NHS"', ["at least 2"]),
    "duplicate names": (
        ORGANISATIONS + '[[organisation]]\nname = "board "\nsector = "NHS"',
        ["board", "Board"],
    ),
    "self-tie": (ORGANISATIONS + '[[tie]]\nbetween = ["Board", "Board"]', ["Board", "itself"]),
    "tie to nobody": (ORGANISATIONS + '[[tie]]\nbetween = ["Board", "Councl"]', ["Councl", "Council"]),
    "NaN in a tie": (
        ORGANISATIONS + '[[tie]]\nbetween = ["Board", "Council"]\ntrust = nan',
        ["trust", "nan"],
    ),
}


@pytest.mark.parametrize("case", SCENARIOS, ids=list(SCENARIOS))
@pytest.mark.parametrize("command", ["check", "run"])
def test_bad_files_are_refused_naming_the_file(capsys, tmp_path, command, case):
    text, expected = SCENARIOS[case]
    file = tmp_path / "mon scénario é.toml"
    file.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    words = [command, file] + (["--out", out] if command == "run" else [])
    code, printed, err = said(capsys, *words)
    assert code == 2
    assert printed == ""
    assert "mon scénario é.toml" in err
    for part in expected:
        assert part in err
    assert not out.exists()


def test_csv_files_are_read_as_meant_or_refused_in_words(capsys, tmp_path):
    file = tmp_path / "area.toml"
    file.write_text('organisations = "my organisations.csv"\n', encoding="utf-8")
    table = tmp_path / "my organisations.csv"
    table.write_bytes("\ufeffname;sector;size\nÉcole;council;10\nBoard;NHS;200\n".encode())
    assert said(capsys, "check", file)[0] == 0  # a byte-order mark and semicolons, as spreadsheets write
    table.write_bytes("name,sector\nÉcole,council\nBoard,NHS\n".encode("cp1252"))
    code, _, err = said(capsys, "check", file)
    assert code == 2
    assert "UTF-8" in err
    table.write_text("name,sector,size\nA,NHS,ten\nB,council,1\n", encoding="utf-8")
    code, _, err = said(capsys, "check", file)
    assert code == 2
    assert "ten" in err
    assert "my organisations.csv" in err
    assert "2" in err  # the line


# ------------------------------------------------------------------------------------------------ run


def test_run_writes_its_tables_and_prints_plain_words(capsys, tmp_path):
    out = tmp_path / "my résults"
    code, printed, err = said(capsys, "run", "pair", "--months", 24, "--seed", 0, "--out", out)
    assert (code, err) == (0, "")
    assert "Collaborative advantage" in printed
    result = cs.run("pair", months=24, seed=0)
    monthly = pd.read_csv(out / "monthly.csv")
    assert list(monthly.columns) == ["month", *cs.OUTCOMES]
    pd.testing.assert_frame_equal(monthly, result.monthly, check_dtype=False, rtol=0, atol=0)
    assert len(pd.read_csv(out / "ties.csv")) == 2
    assert list(pd.read_csv(out / "organisations.csv")["name"]) == ["NHS board", "Council"]
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["summary"]["trust"] == result.summary["trust"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["my résults"]  # nothing half-written


def test_json_is_strict_json_with_null_for_missing(capsys):
    code, printed, _ = said(capsys, "run", "pair", "--months", 24, "--json")
    document = json.loads(printed, parse_constant=pytest.fail)
    assert code == 0
    assert document["summary"]["voice_gap"] is None
    assert set(document["summary"]) == set(cs.ALL_OUTCOMES)


def test_a_folder_with_other_files_is_not_written_into(capsys, tmp_path):
    (tmp_path / "letter.txt").write_text("dear ...")
    code, _, err = said(capsys, "run", "pair", "--out", tmp_path)
    assert code == 2
    assert "holds other files" in err
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]


def test_a_window_that_is_cut_off_is_said(capsys):
    code, _, err = said(capsys, "run", "pair", "--months", 24, "--set", "building_trust=1")
    assert code == 0
    assert "notice:" in err
    assert "cut off at 24" in err


@pytest.mark.parametrize(
    "what", ["practices", "parameters", "outcomes", "partnerships", "programmes", "scenarios"]
)
def test_lists_name_everything_to_people_and_to_machines(capsys, what):
    code, printed, _ = said(capsys, "list", what)
    rows = json.loads(said(capsys, "list", what, "--json")[1])
    assert code == 0
    assert rows
    for row in rows:
        assert row["name"] in printed
        assert row["meaning"]


def test_lists_come_from_the_registries(capsys):
    def names(what):
        return [row["name"] for row in json.loads(said(capsys, "list", what, "--json")[1])]

    assert names("practices") == list(cs.PRACTICES)
    assert names("parameters") == list(cs.PARAMETERS)
    assert names("outcomes") == list(cs.ALL_OUTCOMES)
    assert names("programmes") == list(cs.PROGRAMMES)
    assert names("partnerships")[:5] == [
        "pair", "rural-lead-agency", "scottish-partnership", "city", "national-network",
    ]  # fmt: skip
    assert {"baseline", "full-programme", "austerity", "leadership-churn"} <= set(names("scenarios"))


# ----------------------------------------------------------------------------------- real processes

COMMAND = [sys.executable, "-m", "collabsim"]


def test_debug_shows_the_traceback():
    done = subprocess.run([*COMMAND, "run", "pear", "--debug"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Traceback" in done.stderr


def test_a_reader_that_goes_away_is_no_error():
    done = subprocess.run(
        f'"{sys.executable}" -m collabsim list parameters | head -1', shell=True, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("name")
    assert "Traceback" not in done.stderr


def test_an_edited_rule_is_never_served_from_the_cache(tmp_path):
    """A copy of the package, run, edited and run again with the same cache folder."""
    import shutil

    package = tmp_path / "src" / "collabsim"
    shutil.copytree(Path(cs.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    code = "import collabsim as cs; print(repr(cs.evaluate('pair', months=12)['trust']))"
    env = {**os.environ, "PYTHONPATH": str(package.parent), "COLLABSIM_CACHE": str(tmp_path / "cache")}

    def trust():
        return subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )  # fmt: skip

    first, again = trust(), trust()
    assert "Compiling" in first.stderr
    assert again.stderr == ""
    assert again.stdout == first.stdout
    rule = package / "rules" / "trust.py"
    before = rule.read_text(encoding="utf-8")
    stat = rule.stat()
    edit = before.replace("return memory * evidence", "return 0.5 * memory * evidence")
    assert edit != before
    rule.write_text(edit, encoding="utf-8")
    os.utime(rule, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as a checkout or an archive may leave it
    edited = trust()
    assert "Compiling" in edited.stderr
    assert edited.stdout != first.stdout


def test_a_damaged_cache_is_compiled_anew(tmp_path):
    """A file cut short, or with a byte changed, is not run: the processor would take it as it is."""
    code = "import collabsim as cs; print(repr(cs.evaluate('pair', months=12)['trust']))"
    env = {**os.environ, "COLLABSIM_CACHE": str(tmp_path)}
    cs.SCHEDULE.ready()
    (there,) = (folder for folder in [compiled.cache_folder(cs.SCHEDULE.identity)] if folder is not None)
    whole = (there / "month.o").read_bytes()
    file = tmp_path / there.name / "month.o"
    file.parent.mkdir()
    for damaged in (whole[: len(whole) // 2], whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], b"", b"[]\n"):
        file.write_bytes(damaged)
        assert calling.MachineCode.kept(file) is None
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert "Compiling" in done.stderr
    assert done.stdout.strip() == repr(cs.evaluate("pair", months=12)["trust"])
    assert calling.MachineCode.kept(file) is not None
    assert [other.name for other in file.parent.iterdir()] == ["month.o"]
