"""The experiments, small, from end to end: as scripts, and as their readers change them."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from collabsim.errors import InputError
from collabsim.parameters import PARAMETERS
from collabsim.practices import PRACTICES

FOLDER = Path(__file__).parent.parent / "experiments"
NAMES = ("practices_factorial", "practices_one_by_one", "practices_in_order")
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*cut off at.*:UserWarning", "ignore:.*it never runs.*:UserWarning"
)


def script(name):
    """Load a script as a module."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(name, out, *words, months=24):
    """Run an experiment, small."""
    words = ["--worlds", "4", "--months", str(months), "--quiet", "--out", str(out), *words]
    script(name).experiment(words)


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_runs_and_again_rewrites_nothing(name, tmp_path, capsys):
    out = tmp_path / "out é"
    run(name, out)
    told = capsys.readouterr().out
    assert max(map(len, told.replace(str(out), "").splitlines())) <= 80
    assert "Results: " in told and "nan" not in told
    for practice in PRACTICES.values():
        assert practice.title.split(" to ")[0] in told
    kept = {file.name: file.stat().st_mtime_ns for file in out.iterdir() if file.name != "run.json"}
    assert {"manifest.json"} < set(kept) and any(name.endswith(".png") for name in kept)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == f"python experiments/{name}.py --worlds 4 --months 24"
    run(name, out, "--workers", "1")
    assert capsys.readouterr().out == told
    again = {file.name: file.stat().st_mtime_ns for file in out.iterdir() if file.name != "run.json"}
    assert again == kept


def test_the_factorial_adds_up(tmp_path):
    run("practices_factorial", tmp_path)
    effects = pd.read_csv(tmp_path / "effects.csv")
    whole = pd.read_csv(tmp_path / "whole.csv").set_index("what")["estimate"]
    shares = effects[effects["measure"] == "shapley"]["estimate"].sum()
    assert shares == pytest.approx(whole["all"] - whole["none"], rel=1e-4)
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    assert len(runs) == 64 * 4 and runs["error"].isna().all()
    assert len(pd.read_csv(tmp_path / "interactions.csv")) == 15
    assert len(pd.read_csv(tmp_path / "combinations.csv")) == 64


def test_a_parameter_set_otherwise_changes_the_table(tmp_path, capsys):
    run("practices_factorial", tmp_path / "a")
    plain = capsys.readouterr().out
    run("practices_factorial", tmp_path / "b", "--set", "cost=0.15")
    assert capsys.readouterr().out.replace("/b", "/a") != plain
    manifests = [json.loads((tmp_path / name / "manifest.json").read_text()) for name in "ab"]
    assert manifests[0]["scenario_identity"] != manifests[1]["scenario_identity"]
    assert manifests[1]["command"].endswith("--set cost=0.15")


def test_orders_differ_in_order_only():
    module = script("practices_in_order")
    turned = module.rotations(tuple(PRACTICES))
    assert len(set(turned)) == 6
    for place in range(6):
        assert {order[place] for order in turned} == set(PRACTICES)
    from collabsim.scenario import Scenario

    made = module.orders(Scenario.load("pair"))
    days = {made[name].facilitator_days for name in made if name.startswith(("article", "reverse"))}
    assert len(days) == 1
    assert made["article-order 0"].programme == made["article-order"].programme
    for order in ("article-order", "reverse-order"):
        last = [max(made[f"{order} {k}"].programme, key=lambda e: e.to_month).mover for k in range(6)]
        assert set(last) == set(PRACTICES)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--worlds", "0"], "--worlds must be a whole number from 1"),
        (["--worlds", "many", "--seed", "-1"], "--seed must be a whole number from 0"),
        (["--set", "cots=1"], "there is no parameter 'cots'; did you mean 'cost'?"),
        (["--set", "cost"], "--set takes name=value"),
        (["--set", "cost=dear"], "'cost' must be a number, not 'dear'"),
        (["--set", "cost=7"], "'cost' must be a number from 0 to 1"),
    ],
)
def test_wrong_options_are_told_in_words(words, told, tmp_path):
    with pytest.raises(InputError) as raised:
        script("practices_factorial").experiment([*words, "--quiet", "--out", str(tmp_path / "x")])
    assert told in str(raised.value)
    assert not (tmp_path / "x").exists()


def test_as_a_script_it_ends_in_words(tmp_path):
    command = [
        sys.executable,
        str(FOLDER / "practices_factorial.py"),
        "--set",
        "cots=1",
        "--out",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr and "did you mean 'cost'" in done.stderr
    assert done.stdout == ""


def test_the_sensitivity_to_parameters_is_screened_and_indexed(tmp_path, capsys, monkeypatch):
    module = script("sensitivity")
    monkeypatch.setattr(module, "WALKS", 2)
    monkeypatch.setattr(module, "POINTS", 8)
    spans = module.ranges()
    assert all(PARAMETERS[name].low <= span["low"] < span["high"] <= PARAMETERS[name].high
               for name, span in spans.items())  # fmt: skip
    words = ["--worlds", "2", "--months", "8", "--quiet", "--set", "cost=0.1", "--out", str(tmp_path)]
    module.experiment(words)
    told = capsys.readouterr().out
    assert max(map(len, told.replace(str(tmp_path), "").splitlines())) <= 80
    screening = pd.read_csv(tmp_path / "screening.csv")
    assert set(screening["factor"]) == set(spans) - {"cost"} and set(screening["output"]) == {*module.OUTPUTS}
    noise = pd.read_csv(tmp_path / "noise.csv")
    assert noise["share"].dropna().between(0, 1).all() and len(noise) == 16
    with pytest.raises(InputError, match="at least 2"):
        module.experiment(["--worlds", "1"])
