"""Analyses against functions whose answers are known, and the command from end to end."""

from __future__ import annotations

import json
import math
import shutil

import numpy as np
import pandas as pd
import pytest

import collabsim as cs
from collabsim.cli import main
from collabsim.errors import InputError
from collabsim.study import discovery, replication, sensitivity
from collabsim.study.analysis import analyse, cube
from collabsim.study.plan import Plan
from collabsim.study.sweep import sweep_to
from collabsim.study.swept import Swept

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*cut off at.*:UserWarning", "ignore:.*never runs.*:UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
UNIT = {"low": 0.0, "high": 1.0}


def outcomes(plan, function, worlds=4, luck=0.0):
    """(points, worlds) of a hand-made model; worlds differ, and so does luck at every point."""
    random = np.random.default_rng(8)
    shared = random.normal(0.0, 1.0, worlds)
    clean = np.array([function(**point) for point in plan.points()])
    return clean[:, None] + shared[None, :] + luck * random.normal(size=(plan.count, worlds))


# ------------------------------------------------------------------------------------------------ indices


def test_sobol_indices_of_a_product_are_those_worked_out_by_hand():
    """For y = (1 + a)(1 + b) with a, b uniform on 0 to 1: V_a = V_b = 1.5**2 / 12, V_ab = 1 / 144."""
    plan = Plan.sobol({"cost": UNIT, "as_if": UNIT, "placebo": UNIT}, 1024, seed=2)
    values = outcomes(plan, lambda cost, as_if, placebo: (1 + cost) * (1 + as_if))
    frame = sensitivity.sobol_indices(plan.laid_out, values).set_index("factor")
    main_part, pair = 1.5**2 / 12, 1 / 144
    whole = 2 * main_part + pair
    for name in ("cost", "as_if"):
        assert frame["first"][name] == pytest.approx(main_part / whole, abs=0.02)
        assert frame["total"][name] == pytest.approx((main_part + pair) / whole, abs=0.02)
    assert frame.loc["placebo"].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_morris_measures_of_a_straight_line_are_its_slopes():
    plan = Plan.morris({"cost": UNIT, "as_if": UNIT, "placebo": UNIT}, 6, seed=2)
    line = outcomes(plan, lambda cost, as_if, placebo: 3 * cost - 0.5 * as_if)
    frame = sensitivity.morris_measures(plan.laid_out, line).set_index("factor")
    assert frame["mu_star"].tolist() == pytest.approx([3, 0.5, 0], abs=1e-9)
    assert frame["mu"].tolist() == pytest.approx([3, -0.5, 0], abs=1e-9)
    assert frame["sigma"].tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    assert frame.loc["placebo", ["mu_star", "mu_star_half", "mu", "sigma"]].tolist() == [0.0] * 4
    assert frame["noise"]["cost"] == pytest.approx(0, abs=1e-12) and math.isnan(frame["noise"]["placebo"])
    noisy = outcomes(plan, lambda cost, as_if, placebo: 3 * cost, worlds=5, luck=1.0)
    frame = sensitivity.morris_measures(plan.laid_out, noisy).set_index("factor")
    assert frame["noise"]["placebo"] > 0.4 > frame["noise"]["cost"] > 0.02


def test_the_share_of_luck_is_found_again():
    random = np.random.default_rng(3)
    shape = (400, 400)
    values = 2 * random.normal(size=(400, 1)) + random.normal(size=(1, 400)) + 3 * random.normal(size=shape)
    shares = sensitivity.noise(values).set_index("source")["share"]
    assert shares[["factors", "worlds", "both"]].tolist() == pytest.approx([4 / 14, 1 / 14, 9 / 14], abs=0.05)
    assert shares["left"] == pytest.approx(9 / 400 / (4 + 9 / 400), rel=0.2)
    assert sensitivity.noise([[1.0, 2.0], [2.0, 3.0]])["share"].tolist() == [0.5, 0.5, 0.0, 0.0]


def test_a_rank_correlation_and_the_first_order_index_of_a_sample():
    plan = Plan.latin_hypercube({"cost": UNIT, "as_if": UNIT, "programme": ["none", "all-six"]}, 200, seed=1)
    values = outcomes(plan, lambda cost, as_if, programme: 4 * cost + (programme == "all-six"))
    frame = sensitivity.importance(plan.laid_out, values).set_index("factor")
    assert frame["rank_correlation"]["cost"] > 0.85 and abs(frame["rank_correlation"]["as_if"]) < 0.2
    assert math.isnan(frame["rank_correlation"]["programme"]) and frame["p_value"]["programme"] < 1e-3
    assert frame["first"].tolist() == pytest.approx([16 / 19, 0, 3 / 19], abs=0.08)


@pytest.mark.parametrize("design", ["sobol", "morris", "latin-hypercube"])
def test_an_incomplete_design_is_refused_and_not_analysed(design):
    plan = Plan({"cost": UNIT, "as_if": UNIT}, design=design, size=8)
    function = {"sobol": sensitivity.sobol_indices, "morris": sensitivity.morris_measures,
                "latin-hypercube": sensitivity.importance}[design]  # fmt: skip
    values = outcomes(plan, lambda cost, as_if: cost)
    values[3, 1] = math.nan
    with pytest.raises(InputError, match=r"1 of .* outcomes are missing"):
        function(plan.laid_out, values)
    with pytest.raises(InputError, match="indices need the outcome at all"):
        function(plan.laid_out, values[:-1])
    with pytest.raises(InputError, match="design, not a factorial one"):
        function(Plan.factorial({"cost": [0.1, 0.2]}).laid_out, values)


# -------------------------------------------------------------------------------------------- replication


def test_power_is_that_of_the_books():
    """A paired test of d = 0.5: 34 for a power of 0.8 at a level of 0.05, and 54 for 0.95."""
    assert replication.worlds_needed(1.0, 0.5, 0.05, 0.80) == 34
    assert replication.worlds_needed(1.0, 0.5, 0.05, 0.95) == 54
    assert replication.paired_power(0.5, 34, 0.05) == pytest.approx(0.8078, abs=1e-4)
    assert replication.paired_power(0.0, 20, 0.05) == pytest.approx(0.05, abs=1e-6)
    found = replication.smallest_found(2.0, 54, 0.05, 0.95)
    assert replication.paired_power(found / 2.0, 54, 0.05) == pytest.approx(0.95, abs=1e-6)
    assert replication.worlds_needed(0.0, 0.5) == 2


@pytest.mark.parametrize(
    ("points", "size", "runs"),
    [(2, 0.1, 875.55), (10, 0.1, 312.57), (10, 0.2, 78.90), (50, 0.2, 28.17), (100, 0.1, 71.60)],
)
def test_power_between_points_is_near_the_table_of_seri_and_secchi(points, size, runs):
    """Their table is an approximation, good to a few runs in a hundred."""
    assert replication.anova_worlds(size, points) == pytest.approx(runs, rel=0.03, abs=1)


def test_power_is_as_often_as_it_says():
    random = np.random.default_rng(4)
    draws = random.normal(0.7, 1.0, (4000, 12))
    t = draws.mean(axis=1) / (draws.std(axis=1, ddof=1) / math.sqrt(12))
    assert (np.abs(t) > 3.1058).mean() == pytest.approx(replication.paired_power(0.7, 12, 0.01), abs=0.025)


def test_a_coefficient_of_variation_settles():
    values = np.tile([1.0, 3.0], 200)
    frame = replication.variance_stability(values)
    assert frame["variation"].iloc[0] == pytest.approx(math.sqrt(2) / 2)
    assert frame["variation"].iloc[-1] == pytest.approx(values.std(ddof=1) / 2)
    settled = replication.settled_from(frame)
    late = frame[frame["worlds"] >= settled]["variation"]
    assert 2 < settled < 200 and late.max() - late.iloc[0] < 0.01 and late.iloc[0] - late.min() < 0.01
    jump = replication.variance_stability([1.0, 3.0, 1.0, 3.0, 50.0])
    assert replication.settled_from(jump) is None
    with pytest.raises(InputError, match="at least two worlds"):
        replication.variance_stability([1.0])


def test_the_effect_size_of_points_leaves_luck_out():
    random = np.random.default_rng(6)
    assert replication.effect_f(random.normal(size=(50, 200))) < 0.05
    values = np.repeat([[0.0], [1.0]], 3000, axis=1) + random.normal(size=(2, 3000))
    assert replication.effect_f(values) == pytest.approx(0.5, abs=0.03)


# ---------------------------------------------------------------------------------------------- discovery


def test_a_box_is_found_and_luck_is_not():
    factors = {"cost": UNIT, "placebo": UNIT, "programme": ["none", "all-six"]}
    plan = Plan.latin_hypercube(factors, 120, seed=3)
    points = plan.laid_out.points_frame()
    inside = (points["cost"] < 0.4) & (points["programme"] == "all-six")
    frame = discovery.boxes(points, inside.to_numpy(float), "> 0.5")
    for _, box in frame.groupby(["method", "box"]):
        rows = box.set_index("factor")
        assert set(rows.index) == {"cost", "programme"}
        assert rows["levels"]["programme"] == "all-six" and 0.3 < rows["high"]["cost"] < 0.45
        assert rows["density"].iloc[0] > 0.9 and rows["coverage"].iloc[0] > 0.7
    assert set(frame["method"]) == {"PRIM", "CART"}


@pytest.mark.parametrize(
    ("condition", "words"),
    [("high", "is no condition"), ("> much", "is no condition"), ("> 9", "met by no point"),
     ("> -9", "met by every point"), ("highest 0%", "is no condition")],
)  # fmt: skip
def test_a_condition_that_says_nothing_is_refused(condition, words):
    with pytest.raises(InputError, match=words):
        discovery.of_interest(np.linspace(0.0, 1.0, 50), condition)
    assert discovery.of_interest(np.linspace(0.0, 1.0, 50), "highest 10%").sum() == 5


# ------------------------------------------------------------------------------------------- from a folder

PLANS = {
    "factorial": Plan.factorial(
        ["building_trust", "systemic_leadership", "placebo"], "pair", worlds=6, months=50),
    "levels": Plan.factorial({"building_trust": [0, 0.5, 1], "placebo": [0, 1]}, "pair", worlds=6, months=50),
    "fractional": Plan.fractional([*cs.PRACTICES][:5], None, "pair", worlds=4, months=40),
    "latin-hypercube": Plan.latin_hypercube(
        {"cost": {"low": 0.05, "high": 0.2}, "building_trust": [0, 1], "placebo": UNIT}, 40, "pair", worlds=3,
        months=40),
    "sobol": Plan.sobol(
        {"cost": {"low": 0.05, "high": 0.2}, "building_trust": UNIT, "placebo": UNIT}, 8, "pair", worlds=3,
        months=40),
    "morris": Plan.morris(
        {"cost": {"low": 0.05, "high": 0.2}, "building_trust": UNIT, "placebo": [0, 1]}, 4, "pair", worlds=3,
        months=40),
    "order": Plan.orders(("building_trust", "systemic_leadership"), None, "pair", worlds=6),
    "table": Plan.table({"building_trust": [0, 1, 0], "placebo": [0, 0, 1]}, "pair", worlds=6, months=50),
}  # fmt: skip
TABLES = {
    "factorial": {"effects", "interactions", "comparisons", "power", "power_unpaired"},
    "levels": {"levels", "comparisons", "power", "power_unpaired"},
    "fractional": {"effects", "comparisons", "power", "power_unpaired"},
    "latin-hypercube": {"importance"}, "sobol": {"indices"}, "morris": {"measures"},
    "order": {"positions", "comparisons", "power", "power_unpaired"},
    "table": {"comparisons", "power", "power_unpaired"},
}  # fmt: skip


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory):
    """A finished sweep of every design."""
    folder = tmp_path_factory.mktemp("sweeps é")
    for name, plan in PLANS.items():
        sweep_to(plan, folder / name)
    return folder


@pytest.mark.parametrize("name", PLANS)
def test_every_design_is_analysed_from_end_to_end(name, sweeps, tmp_path, capsys):
    out = tmp_path / "out é"
    assert main(["analyse", str(sweeps / name), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "nan" not in told and str(out) in told
    wanted = {"points", "noise", "stability"} | TABLES[name]
    assert {file.stem for file in out.glob("*.csv")} == wanted
    assert (out / "summary.txt").read_text(encoding="utf-8") in told
    assert list(out.glob("*.png")) and all(file.stat().st_size > 5000 for file in out.glob("*.png"))
    kept = {file.name: file.stat().st_mtime_ns for file in out.iterdir() if file.name != "run.json"}
    assert main(["analyse", str(sweeps / name), "--out", str(out), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert kept == {file.name: file.stat().st_mtime_ns for file in out.iterdir() if file.name != "run.json"}
    assert set(document["tables"]) == wanted and document["worlds"] == PLANS[name].worlds


@pytest.mark.parametrize("name", ["factorial", "levels", "latin-hypercube", "sobol", "morris", "table"])
def test_every_analysis_shows_the_placebo_as_nothing(name, sweeps):
    made = analyse(Swept.open(sweeps / name))
    told = [line for line in made.findings if "placebo" in line and "cannot be told apart" in line]
    assert told or name == "table"
    exact = {"effects": ["estimate", "low", "high", "boot_low", "boot_high", "effect_size"],
             "levels": ["estimate", "low", "high", "boot_low", "boot_high", "effect_size"],
             "indices": ["first", "first_half", "total", "total_half"],
             "measures": ["mu_star", "mu_star_half", "mu", "sigma"]}  # fmt: skip
    for table, columns in exact.items():
        if table in made.tables:
            mine = made.tables[table][made.tables[table]["factor"] == "placebo"]
            assert len(mine) > 0 and (mine[columns] == 0).all(axis=None)
            assert not mine.get("told_apart", pd.Series([False])).any()
    if "interactions" in made.tables:
        pairs = made.tables["interactions"]
        assert (pairs.loc[pairs["other"] == "placebo", ["estimate", "low", "high"]] == 0).all(axis=None)
    if "comparisons" in made.tables:
        place = {"factorial": 1, "levels": 1, "table": 2}[name]
        alone = made.tables["comparisons"].set_index("point").loc[place]
        assert (alone[["estimate", "low", "high", "effect_size"]] == 0).all() and alone["p_value"] == 1
    if "importance" in made.tables:
        assert not made.tables["importance"].set_index("factor")["told_apart"]["placebo"]


def test_effects_of_a_folder_are_those_of_the_functions(sweeps):
    from collabsim.study import effects

    made = analyse(Swept.open(sweeps / "factorial"), "trust")
    runs = pd.read_parquet(sweeps / "factorial" / "runs.parquet")
    names = list(PLANS["factorial"].factors)
    for measure, function in (("alone", effects.alone), ("within_whole", effects.within_whole),
                              ("shapley", effects.shapley), ("main", effects.main_effects)):  # fmt: skip
        mine = made.tables["effects"][made.tables["effects"]["measure"] == measure]
        assert mine["estimate"].tolist() == function(runs, names, "trust")["estimate"].tolist()
    pairs = effects.pairwise_interactions(runs, names, "trust")
    assert made.tables["interactions"]["estimate"].tolist() == pairs["estimate"].tolist()
    values, _ = Swept.open(sweeps / "factorial").values("trust")
    game = cube(PLANS["factorial"].laid_out, values)
    assert np.array_equal(game[:, 1], values[4]) and np.array_equal(game[:, 6], values[3])


def test_a_fraction_of_a_sum_has_its_main_effects(sweeps, tmp_path):
    folder = shutil.copytree(sweeps / "fractional", tmp_path / "copy")
    runs = pd.read_parquet(folder / "runs.parquet")
    names = [*cs.PRACTICES][:5]
    runs["trust"] = runs[names] @ np.arange(1.0, 6.0) + runs["world"]
    runs.to_parquet(folder / "runs.parquet")
    frame = analyse(Swept.open(folder), "trust").tables["effects"]
    assert frame["estimate"].tolist() == pytest.approx([1, 2, 3, 4, 5]) and frame["mixed_with"].eq("").all()


def test_holes_are_refused_or_dropped_as_asked(sweeps, tmp_path, capsys):
    folder = shutil.copytree(sweeps / "sobol", tmp_path / "copy")
    runs = pd.read_parquet(folder / "runs.parquet")
    runs.loc[7, "trust"] = math.nan
    runs.to_parquet(folder / "runs.parquet")
    assert main(["analyse", str(folder), "--outcome", "trust"]) == 2
    assert "'trust' is missing in 1 of 120 runs" in capsys.readouterr().err
    assert not (folder / "analysis").exists()
    assert main(["analyse", str(folder), "--outcome", "trust", "--missing", "drop"]) == 0
    assert "1 world left out" in capsys.readouterr().out
    runs.drop(index=11).to_parquet(folder / "runs.parquet")
    with pytest.raises(InputError, match="missing in 1 of 120 runs"):
        analyse(Swept.open(folder), "accountability")
    runs[runs["world"] < 2].to_parquet(folder / "runs.parquet")
    with pytest.raises(InputError, match=r"missing in 40 of 120 .* in 1 of its worlds"):
        analyse(Swept.open(folder), "accountability")
    pd.concat([runs, runs.iloc[[3]]]).to_parquet(folder / "runs.parquet")
    with pytest.raises(InputError, match="is there twice"):
        analyse(Swept.open(folder), "accountability")
    runs.assign(cost=0.1).to_parquet(folder / "runs.parquet")
    with pytest.raises(InputError, match="are not those of the plan"):
        analyse(Swept.open(folder), "accountability")


def test_what_is_no_sweep_is_refused_in_words(sweeps, tmp_path, capsys):
    def told(*words):
        assert main(["analyse", *map(str, words)]) == 2
        return capsys.readouterr().err

    assert "there is no folder" in told(tmp_path / "nowhere")
    assert "no finished sweep: there is no manifest.json" in told(tmp_path)
    assert "did you mean 'trust'" in told(sweeps / "table", "--outcome", "trsut")
    assert "--format must be csv or arrow" in told(sweeps / "table", "--format", "xlsx")
    assert "--smallest must be" in told(sweeps / "table", "--smallest", "little")
    assert "above 0" in told(sweeps / "table", "--smallest", "0")
    assert "'missing' must be" in told(sweeps / "table", "--missing", "ignore")
    assert "holds other files" in told(sweeps / "table", "--out", sweeps)
    assert "at least 20 points" in told(sweeps / "table", "--discover", "highest 50%")
    folder = shutil.copytree(sweeps / "table", tmp_path / "copy")
    (folder / "manifest.json").write_text("{}")
    assert "is not the manifest of a sweep" in told(folder)
    shutil.copy(sweeps / "table" / "manifest.json", folder)
    (folder / "runs.parquet").write_bytes(b"PAR1")
    assert "cannot be read as a Parquet file" in told(folder)


def test_the_command_discovers(sweeps, tmp_path, capsys):
    words = ["--discover", "highest 25%", "--out", str(tmp_path / "d")]
    assert main(["analyse", str(sweeps / "latin-hypercube"), *words]) == 0
    assert "Where Collaborative advantage is highest 25%:" in capsys.readouterr().out
    boxes = pd.read_csv(tmp_path / "d" / "boxes.csv")
    assert list(boxes.columns[:3]) == ["method", "box", "factor"] and "placebo" not in set(boxes["factor"])
