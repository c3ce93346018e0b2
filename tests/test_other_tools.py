"""Other people's tools drive the model and read its results: docs/other-tools.md, run and looked at."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv
import pyarrow.feather
import pytest

import collabsim as cs
from collabsim.cli import main
from collabsim.outcomes import ALL_OUTCOMES

PAGE = (Path(__file__).parents[1] / "docs" / "other-tools.md").read_text(encoding="utf-8")
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*cut off at.*:UserWarning", "ignore:.*never runs.*:UserWarning"),
    pytest.mark.filterwarnings("ignore:ipyparallel not installed.*:UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def section(title):
    """Run the Python of one section of the page and return what it leaves behind."""
    text = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)[1]
    space = {"__name__": "page"}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, f"other-tools.md: {title}", "exec"), space)
    return space


def test_salib_drives_evaluate(capsys):
    problem = section("SALib")["problem"]
    assert problem.samples.shape == (16 * 6, 2) and np.isfinite(problem.results).all()
    cost, trust = problem.samples[5]
    alone = cs.evaluate("pair", months=24, seed=7, cost=cost, building_trust=trust)
    assert problem.results[5] == alone["collaborative_advantage"]
    assert np.isfinite(problem.analysis["ST"]).all() and problem.analysis["ST"].max() > 0.1
    assert "building_trust" in capsys.readouterr().out


def test_the_ema_workbench_runs_levers_and_uncertainties_replicated():
    space = section("The EMA workbench")
    experiments, outcomes = space["experiments"], space["outcomes"]
    assert outcomes["trust"].shape == (8, 3) and len(experiments) == 8
    row = experiments.iloc[3]
    names = ("disposition", "cost", "building_trust", "systemic_leadership")
    for seed in range(3):
        alone = cs.evaluate("pair", months=24, seed=seed, **{name: float(row[name]) for name in names})
        assert outcomes["trust"][3, seed] == alone["trust"]


def test_optuna_searches_for_a_programme():
    study = section("Optuna")["study"]
    assert len(study.trials) == 8 and all(math.isfinite(trial.value) for trial in study.trials)
    assert study.best_value == max(trial.value for trial in study.trials)
    assert study.best_value == pytest.approx(section("Optuna")["study"].best_value, abs=0)


def test_mesa_runs_a_batch():
    rows = section("Mesa")["rows"]
    for row in rows:
        alone = cs.run("pair", months=12, seed=row["seed"], building_trust=row["building_trust"]).monthly
        assert row["collaborative_advantage"] == alone["collaborative_advantage"].iloc[row["Step"]]
    assert {(row["seed"], row["building_trust"]) for row in rows} == {(1, 0), (1, 1), (2, 0), (2, 1)}


def test_pandas_polars_and_duckdb_read_the_runs_alike(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space = section("pandas, Polars and DuckDB")
    expected = space["by_pandas"].tolist()
    assert space["by_polars"].to_list() == pytest.approx(expected, rel=1e-12)
    assert [value for (value,) in space["by_duckdb"]] == pytest.approx(expected, rel=1e-12)
    types = dict(zip(space["runs"].columns, space["runs"].dtypes, strict=True))
    assert all(types[name] == space["pl"].Float64 for name in ALL_OUTCOMES)
    missing = space["duckdb"].sql("select count(*) from 'sweep/runs.parquet' where error is null").fetchall()
    assert missing == [(8,)]


def test_r_gets_csv_and_arrow(tmp_path):
    plan = cs.Plan.factorial(["building_trust"], "pair", worlds=4, months=12)
    runs = cs.sweep(plan, tmp_path / "sweep é")
    out = tmp_path / "for R"
    assert main(["analyse", str(tmp_path / "sweep é"), "--format", "arrow", "--out", str(out)]) == 0
    arrow = pyarrow.feather.read_feather(out / "runs.arrow")
    pd.testing.assert_frame_equal(arrow, pd.read_parquet(tmp_path / "sweep é" / "runs.parquet"))
    table = pyarrow.csv.read_csv(out / "runs.csv").to_pandas()
    assert table["collaborative_advantage"].tolist() == runs["collaborative_advantage"].tolist()
    effects = pyarrow.feather.read_feather(out / "effects.arrow")
    assert effects["estimate"].tolist() == pytest.approx(pd.read_csv(out / "effects.csv")["estimate"], 1e-4)
