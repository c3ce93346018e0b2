"""What a sweep in a folder can do: grow, be cut in shards, run on a cluster, be verified, be added to."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

import collabsim as cs
from collabsim.cli import main
from collabsim.costs import usual_days
from collabsim.ensemble import Ensemble
from collabsim.errors import InputError
from collabsim.outcomes import ALL_OUTCOMES
from collabsim.study import assembly, store
from collabsim.study.cells import Cells, Shard
from collabsim.study.forecast import forecast, in_words
from collabsim.study.own_outcomes import identities
from collabsim.study.paired import paired_difference
from collabsim.study.plan import Plan
from collabsim.study.precision import half_widths, sweep_to_precision
from collabsim.study.progress import Progress, spell
from collabsim.study.shards import merge
from collabsim.study.sources import partnership_record
from collabsim.study.sweep import sweep, sweep_to, work_of
from collabsim.study.verify import verify
from durably import bits, plan_file, process, recorded, runs_of, small, until, wait_for

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*cut off at.*:UserWarning", "ignore:.*it never runs.*:UserWarning"
)

DAYS = list(ALL_OUTCOMES).index("facilitator_days")


def computed(folder):
    """Return how many runs the last call computed, by the manifest."""
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["computed"]


# ------------------------------------------------------------------------------------------- growing


def test_only_new_worlds_and_points_are_computed(tmp_path):
    out = tmp_path / "out"
    sweep_to(small(worlds=10), out)
    assert computed(out) == 60
    sweep_to(small(worlds=25), out)
    assert computed(out) == 90
    more = small({"building_trust": [0, 0.5, 1], "cost": [0.05, 0.15, 0.2]}, worlds=25)
    sweep_to(more, out)  # 4 of its 9 points are there
    assert computed(out) == 125
    pd.testing.assert_frame_equal(runs_of(out), sweep(more), check_exact=True)
    sweep_to(small(worlds=10), out)  # all of it was there at first
    assert computed(out) == 0
    sweep_to(small(worlds=10), tmp_path / "alone")
    assert bits(out) == bits(tmp_path / "alone")
    assert recorded(out) == 60 + 90 + 125


def test_a_point_that_is_there_twice_is_computed_once(monkeypatch, tmp_path):
    plan = small()
    monkeypatch.setattr(Plan, "point", lambda self, place: {"building_trust": float(place % 2), "cost": 0.1})
    cells = Cells(work_of(plan))
    assert len(cells) == 2 and cells.of_place.tolist() == [0, 1] * 3 and cells.places.tolist() == [0, 1]
    sweep_to(plan, tmp_path / "out")
    assert computed(tmp_path / "out") == 80 == recorded(tmp_path / "out")
    pd.testing.assert_frame_equal(runs_of(tmp_path / "out"), sweep(plan), check_exact=True)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"seed": 4}, "its seed is 3, and this plan's 4"),
        ({"months": 15}, "its months is 14, and this plan's 15"),
        ({"scenario": cs.Scenario.load("pair").with_settings(slip=0.1)}, "its scenario is another"),
    ],
)
def test_another_sweep_is_never_mixed_in(other, told, tmp_path):
    sweep_to(small(worlds=2), tmp_path / "out")
    before = bits(tmp_path / "out")
    with pytest.raises(InputError, match=told):
        sweep_to(small(worlds=2, **other), tmp_path / "out")
    with pytest.raises(InputError, match="its factors are building_trust, cost, and this plan's cost"):
        sweep_to(small({"cost": [0.1]}, worlds=2), tmp_path / "out")
    assert bits(tmp_path / "out") == before
    sweep_to(small(worlds=2, **other), tmp_path / "out", fresh=True)


def test_a_named_scenario_that_was_edited_is_noticed(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('partnership = "pair"\nmonths = 8\n[parameters]\ncost = 0.1\n', encoding="utf-8")
    sweep_to(Plan.factorial({"scenario": [str(file), "pair"]}, "pair", worlds=2, months=8), tmp_path / "out")
    file.write_text('partnership = "pair"\nmonths = 8\n[parameters]\ncost = 0.2\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"what 'scenario=.*mine.toml' names has changed since"):
        sweep_to(Plan.factorial({"scenario": [str(file)]}, "pair", worlds=2, months=8), tmp_path / "out")


# --------------------------------------------------------------------------- scenarios that differ in costs


def costing(days, programme="building_trust", **costs):
    """A scenario whose facilitation takes so many days a month; the usual number for None."""
    costs |= {} if days is None else {"building_trust": days}
    made = cs.Scenario.from_dict({"partnership": "pair", "costs": costs})
    return made.with_settings(programme)


def test_a_runs_identity_holds_the_costs_that_its_outcomes_depend_on():
    usual, dear, dearer = costing(None), costing(7), costing(8)
    made = Ensemble([usual, dear, dearer])
    ids = [made.run_identity(3, 5, 0, place) for place in range(3)]
    assert len(set(ids)) == 3
    assert made.settings[0].identity == made.settings[1].identity  # they run alike
    text = f"{cs.SCHEDULE.identity} {usual.compile().identity} 3 5 0"
    assert ids[0] == hashlib.sha256(text.encode()).hexdigest()[:16]  # as before costs were looked at
    days = made.run([(3, 5, 0, place) for place in range(3)]).summary[:, DAYS]
    assert len(set(days.tolist())) == 3
    alone = Ensemble([dear])
    assert alone.run_identity(3, 5, 0, 0) == ids[1]


@pytest.mark.parametrize("made", [
    costing(usual_days()["building_trust"]), costing(None, day_rate=400, currency="£"),
    costing(None, exploring_diversity=9), costing(7, programme=[]),
], ids=["as usual", "a price", "of a practice that does not run", "nothing runs"])  # fmt: skip
def test_costs_that_no_outcome_depends_on_leave_a_runs_identity_alone(made):
    plain = costing(None, programme=made.programme)
    assert Ensemble([made]).run_identity(3, 5, 0, 0) == Ensemble([plain]).run_identity(3, 5, 0, 0)


def test_runs_of_scenarios_that_differ_in_costs_are_told_apart_and_never_mixed(tmp_path, monkeypatch):
    folder, out = tmp_path / "mine", tmp_path / "out"
    folder.mkdir()

    def plan(days):
        rows = 'partnership = "pair"\nprogramme = "building_trust"\n[costs]\nbuilding_trust = {}\n'
        for name, each in (("changed", days), ("same", 2)):
            (folder / f"{name}.toml").write_text(rows.format(each), encoding="utf-8")
        levels = [str(folder / f"{name}.toml") for name in ("changed", "same")]
        return Plan.factorial({"scenario": levels}, "pair", worlds=4, months=20)

    sweep_to(plan(3), out)
    runs = runs_of(out)
    assert runs["run"].nunique() == len(runs) == 8
    changed, same = (half["facilitator_days"].to_numpy() for _, half in runs.groupby("point"))
    assert (changed == 1.5 * same).all() and same.min() > 0
    with pytest.raises(InputError, match=r"what 'scenario=.*changed\.toml' names has changed since"):
        sweep_to(plan(5), out)
    # And were that overlooked, the runs themselves say that they are of another scenario.
    (out / "manifest.json").unlink()
    monkeypatch.setattr(store, "unlike_heads", lambda found, wanted: [])
    with pytest.raises(InputError, match="holds runs of scenarios that have changed since"):
        sweep_to(plan(5), out)
    sweep_to(plan(5), out, fresh=True)
    assert runs_of(out)["facilitator_days"].iloc[0] == 2.5 * same[0]


def test_a_sweep_of_a_scenario_whose_costs_have_changed_is_refused(tmp_path):
    plan = Plan.factorial({"cost": [0.1, 0.2]}, costing(7), worlds=3, months=20)
    sweep_to(plan, tmp_path / "out")
    changed = Plan.factorial({"cost": [0.1, 0.2]}, costing(8), worlds=3, months=20)
    assert changed.identity != plan.identity
    with pytest.raises(InputError, match="its scenario is another"):
        sweep_to(changed, tmp_path / "out")
    assert verify(tmp_path / "out").good
    assert set(sweep(plan)["run"]) & set(sweep(changed)["run"]) == set()


def test_batches_and_months_are_put_together_in_order(monkeypatch, tmp_path):
    monkeypatch.setattr(assembly, "ROWS", 16 * 5)  # so that a few points are put together at a time
    sweep_to(small(worlds=5), tmp_path / "out", chunk=56, monthly=5)
    months = pd.read_parquet(tmp_path / "out" / "monthly.parquet")
    assert months["month"].tolist() == [4, 9, 13] * 30
    assert months["world"].tolist() == np.tile(np.repeat(np.arange(5), 3), 6).tolist()
    pd.testing.assert_frame_equal(runs_of(tmp_path / "out"), sweep(small(worlds=5)), check_exact=True)
    one = cs.run("pair", months=14, seed=3, world=2, building_trust=1.0, cost=0.1).monthly
    mine = months[(months["point"] == 4) & (months["world"] == 2)]
    assert mine["trust"].to_numpy().tobytes() == one["trust"].to_numpy()[[4, 9, 13]].tobytes()


# -------------------------------------------------------------------------------- shards and clusters


def test_shards_part_the_runs_and_join_to_the_same_bits(tmp_path):
    for of, worlds in ((3, 40), (7, 5), (4, 4)):
        every = sum(Shard(i, of).holds(6, worlds).astype(int) for i in range(1, of + 1))
        assert (every == 1).all()
    plan = plan_file(tmp_path)
    killed = process(plan, tmp_path / "2", stay="write", options="{'shard': '2/3'}")
    until(killed, "write 2")
    killed.kill()
    killed.wait()
    parts = [tmp_path / str(number) for number in (3, 1, 2)]
    for part in parts[:2]:
        sweep_to(small(), part, shard=f"{part.name}/3")
    with pytest.raises(InputError, match=r"'.*2' holds no manifest.json.*not finished"):
        merge(tmp_path / "all", parts)
    with pytest.raises(InputError, match="missing: shard 2/3"):
        merge(tmp_path / "all", parts[:2])
    assert not (tmp_path / "all").exists()
    sweep_to(small(), parts[2], shard="2/3")
    assert recorded(parts[2]) == 13 * 6 == len(runs_of(parts[2]))
    merge(tmp_path / "all", parts)
    sweep_to(small(), tmp_path / "one")
    assert bits(tmp_path / "all") == bits(tmp_path / "one")
    assert recorded(tmp_path / "all") == 240
    sweep_to(small(seed=4), tmp_path / "other", shard="2/3")
    sweep_to(small(), tmp_path / "four", shard="1/4")
    for wrong, told in (
        ([*parts[:2], tmp_path / "other"], "are not of one sweep: its seed is 4"),
        ([*parts, parts[0]], "are both shard 3/3"),
        ([parts[0], tmp_path / "one"], "is no shard but a whole sweep"),
        ([*parts, tmp_path / "four"], "cut in different numbers"),
    ):
        with pytest.raises(InputError, match=told):
            merge(tmp_path / "more", wrong)


def test_on_a_cluster_with_a_worker_killed_midway_the_bits_are_the_same(tmp_path):
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--scheduler-file", str(file), "--port",
            "0", "--no-dashboard", "--no-jupyter"]  # fmt: skip
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file),
              "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory",
              str(tmp_path)]  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [subprocess.Popen(dask, **quiet)]
    try:
        wait_for(file.exists)
        started += [subprocess.Popen(worker, **quiet) for _ in range(2)]
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        killed = []

        def kill(phase, number):
            if phase == "record" and not killed:
                killed.append(number)
                started[1].kill()

        sweep_to(small(), tmp_path / "out", chunk=20, cluster=address, watch=kill)
        assert killed and started[1].wait() == -9
    finally:
        for one in started:
            one.kill()
            one.wait()
    sweep_to(small(), tmp_path / "one")
    assert bits(tmp_path / "out") == bits(tmp_path / "one")
    assert recorded(tmp_path / "out") == 240


# ------------------------------------------------------------------------------------------ verifying


def test_verify_needs_no_file_but_the_folder_and_finds_an_edited_number(tmp_path, capsys):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "area.toml").write_text(
        'name = "area"\n'
        '[[sector]]\nname = "police"\nperspective = [0.3, 0.1]\nmandate = 0.4\nstatutory = true\n'
        '[[organisation]]\nname = "Board"\nsector = "NHS"\nsize = 900\n'
        '[[organisation]]\nname = "Force"\nsector = "police"\nperspective = [0.1, 0.7]\ncourage = 0.3\n'
        '[[organisation]]\nname = "Trust"\nsector = "housing"\nview = 0.25\n'
        '[[tie]]\nbetween = ["Trust", "Board"]\ntrust = [0.4, 0.8]\n'
        '[[tie]]\nbetween = ["Force", "Board"]\ncontact = 0.7\n', encoding="utf-8")  # fmt: skip
    (mine / "other.toml").write_text('partnership = "area.toml"\n[parameters]\ncost = 0.2\n')
    (mine / "plan.toml").write_text(
        'scenario = "area.toml"\nworlds = 8\nmonths = 12\n[factors]\nscenario = ["area.toml", "other.toml"]\n'
        'partnership = ["area.toml", "pair"]\n', encoding="utf-8")  # fmt: skip
    out = tmp_path / "out"
    sweep_to(Plan.load(mine / "plan.toml"), out)
    shutil.rmtree(mine)
    found = verify(out, 100)
    assert found.good and found.sample == 32 and not found.lacking
    assert main(["verify", str(out)]) == 0
    assert "all of them agree to the bit" in capsys.readouterr().out
    table = pq.read_table(out / "runs.parquet")
    trust = table["trust"].to_numpy().copy()
    trust[11] = np.nextafter(trust[11], 2)  # one bit
    pq.write_table(table.set_column(table.column_names.index("trust"), "trust", pa.array(trust)),
                   out / "runs.parquet")  # fmt: skip
    assert main(["verify", str(out), "--sample", "100"]) == 1
    said = capsys.readouterr().out
    assert "runs.parquet is not the file that the sweep wrote" in said
    assert re.search(r"point 1, world 3: trust is \S+ and was \S+", said) and "1 of them differ" in said


def test_a_partnership_in_a_manifest_is_the_same_partnership():
    for name in ("pair", "rural-lead-agency", "scottish-partnership"):
        made = cs.Partnership.load(name)
        again = cs.Partnership.from_dict(json.loads(json.dumps(partnership_record(made))))
        assert again.identity() == made.identity()


def test_verify_says_what_is_lacking(tmp_path):
    def worst(monthly):
        return monthly["trust"].min()

    def other(monthly):
        return monthly["trust"].max()

    out = tmp_path / "out"
    sweep_to(small(worlds=3), out, outcomes={"worst": worst})
    found = verify(out)
    assert found.good and "own outcomes (worst)" in found.lacking[0]
    assert not verify(out, outcomes={"worst": worst}).lacking
    with pytest.raises(InputError, match="its own outcomes are others"):
        verify(out, outcomes={"worst": other})
    sweep_to(small(worlds=3), out, outcomes={"worst": worst}, fresh=True)
    with pytest.raises(InputError, match="its rules are others"):
        verify(out, schedule=cs.SCHEDULE.without("broker"))
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    manifest["sources"]["partnership"] |= {"name": "nowhere"}
    manifest["plan"]["scenario"] = {"name": "x", "partnership": "nowhere"}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match="the partnership 'nowhere' is lacking"):
        verify(out)
    (out / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="is not the manifest of a sweep"):
        verify(out)


# ----------------------------------------------------------------------- own outcomes and saved states

SCALE = 2.0


def doubled(monthly):
    return SCALE * monthly["trust"].iloc[-1]


def fickle(monthly):
    if monthly["trust"].iloc[-1] > 0.6:
        raise ValueError("too trusting")
    return None if monthly["trust"].iloc[-1] > 0.5 else monthly["month"].max()


def test_own_outcomes_are_columns_and_their_text_is_part_of_the_sweep(tmp_path, monkeypatch):
    runs = sweep(small(), tmp_path / "out", outcomes={"doubled": doubled, "fickle": fickle})
    pd.testing.assert_frame_equal(sweep(small(), outcomes={"doubled": doubled, "fickle": fickle}), runs)
    assert list(runs.columns[-3:]) == ["doubled", "fickle", "error"]
    row = runs.iloc[50]
    months = cs.run("pair", months=14, seed=3, world=int(row["world"]), building_trust=row["building_trust"],
                    cost=row["cost"]).monthly  # fmt: skip
    assert row["doubled"] == doubled(months) or row["error"] == "outcome 'fickle': ValueError: too trusting"
    bad = runs["error"].notna()
    assert 0 < bad.sum() < 240
    assert set(runs.loc[bad, "error"]) == {"outcome 'fickle': ValueError: too trusting"}
    assert set(runs.loc[~bad, "fickle"].dropna()) <= {13.0} and runs.loc[~bad, "doubled"].notna().all()
    before = identities({"doubled": doubled})
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    assert identities({"doubled": doubled}) != before
    with pytest.raises(InputError, match="its own outcomes are others"):
        sweep_to(small(), tmp_path / "out", outcomes={"doubled": doubled, "fickle": fickle})
    for wrong, told in (
        ({"trust": doubled}, "there is a column 'trust' already"), ({"cost": doubled}, "'cost' already"),
        ({"my outcome": doubled}, "named by a word"), ({"mine": 3}, "must be a function"),
        ({"mine": max}, "the text of 'mine' cannot be read"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=told):
            sweep_to(small(), tmp_path / "x", outcomes=wrong)


def test_a_saved_state_is_the_state_and_a_sweep_branches_from_it(tmp_path):
    result = cs.run("pair", months=6, seed=1)
    file = tmp_path / "month 6.npz"
    result.save_state(file)
    content = file.read_bytes()
    result.save_state(file)
    assert file.read_bytes() == content
    straight = cs.run("pair", months=14, seed=1).monthly
    branch = cs.run("pair", months=14, start=file).monthly
    pd.testing.assert_frame_equal(branch, straight.iloc[6:].reset_index(drop=True), check_exact=True)
    plan = small(worlds=4)
    runs = sweep(plan, tmp_path / "out", start=file)
    pd.testing.assert_frame_equal(runs, sweep(plan, start=result.state), check_exact=True)
    again = cs.run("pair", months=14, start=file, seed=3, world=2, **plan.point(4)).summary
    ours = runs[(runs["point"] == 4) & (runs["world"] == 2)].iloc[0]
    for name in ALL_OUTCOMES:
        assert ours[name] == again[name] or np.isnan(again[name]), name
    file.unlink()
    assert verify(tmp_path / "out").good  # the state is kept with the sweep
    with pytest.raises(InputError, match="it starts from another state"):
        sweep_to(plan, tmp_path / "out")
    result.save_state(file)
    with pytest.raises(InputError, match="a state of another partnership"):
        cs.run("rural-lead-agency", months=14, start=file)
    with pytest.raises(InputError, match="the scenario ends at 5"):
        sweep(small(months=5), start=file)
    (tmp_path / "no.npz").write_text("no")
    for name, told in (("no.npz", "is not a saved state"), ("none.npz", "there is no saved state")):
        with pytest.raises(InputError, match=told):
            cs.run("pair", start=tmp_path / name)
    with pytest.raises(InputError, match=r"a file ending in \.npz"):
        result.save_state(tmp_path / "state")


def test_a_state_saved_before_sides_came_first_goes_on_alike(tmp_path):
    result = cs.run("rural-lead-agency", months=6, seed=1)
    result.save_state(tmp_path / "now.npz")
    with np.load(tmp_path / "now.npz") as found:
        arrays = {name: found[name] for name in found.files if name != "by_side"}
    arrays["side"] = np.ascontiguousarray(arrays["side"].T)
    np.savez(tmp_path / "before.npz", **arrays)
    now, before = (
        cs.run("rural-lead-agency", months=9, start=tmp_path / name) for name in ("now.npz", "before.npz")
    )
    pd.testing.assert_frame_equal(before.monthly, now.monthly, check_exact=True)


# -------------------------------------------------------------- how many worlds, and what it would take


def test_worlds_are_added_until_differences_are_known_as_precisely_as_is_wanted(tmp_path, capsys):
    plan, out = small(worlds=20), tmp_path / "out"
    sweep_to(plan, out)
    first = half_widths(out / "runs.parquet", plan, "trust")
    runs = runs_of(out)
    for place in (1, 5):
        expected = paired_difference(runs, plan.point(place), plan.point(0), "trust")
        assert first[place] == pytest.approx((expected.high - expected.low) / 2, rel=1e-9)
    wanted = float(first.max()) / 2
    done = sweep_to_precision(plan, out, wanted, outcome="trust")
    found = done["precision"]
    assert found["reached"] and found["half_width"] < wanted and done["worlds"] > 40
    looks = [look["worlds"] for look in found["looks"]]
    assert looks == sorted(looks) and looks[0] == 20 and found["looks"][-2]["half_width"] >= wanted
    assert recorded(out) == 6 * done["worlds"]
    sweep_to(small(worlds=done["worlds"]), tmp_path / "one")
    assert bits(out) == bits(tmp_path / "one")
    assert sweep_to_precision(plan, out, wanted, outcome="trust")["precision"] == found  # the same again
    file = plan_file(tmp_path, worlds=20)
    words = ["sweep", str(file), "--out", str(out), "--precision", f"{wanted / 100:g}", "--outcome", "trust"]
    assert main([*words, "--most-worlds", "60"]) == 0
    assert "no more worlds are allowed" in capsys.readouterr().out
    with pytest.raises(InputError, match="no outcome 'trst'; did you mean 'trust'"):
        sweep_to_precision(plan, out, 0.1, outcome="trst")
    with pytest.raises(InputError, match="one point only"):
        sweep_to_precision(small({"cost": [0.1]}), out, 0.1)


def test_a_dry_run_says_what_it_would_take_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("collabsim.study.forecast.SECONDS", 0.1)
    found = forecast(small(), tmp_path / "out")
    assert (found["runs"], found["points"], found["worlds"], found["already"]) == (240, 6, 40, 0)
    assert 0 < found["seconds"] < 600 and found["disk"] > 10_000 and 200e6 < found["memory"] < 400e6
    assert list(tmp_path.iterdir()) == []
    sweep_to(small(worlds=10), tmp_path / "out")
    assert forecast(small(), tmp_path / "out")["already"] == 60
    assert forecast(small(), tmp_path / "out", shard="1/4")["runs"] == 60
    with pytest.raises(InputError, match="its seed is 3"):
        forecast(small(seed=4), tmp_path / "out")
    assert "240 runs: 6 points in 40 worlds, 60 of them there already" in in_words(found | {"already": 60})


# ------------------------------------------------------------------------------------------- progress


def test_progress_is_lines_in_a_log_fewer_as_it_takes_longer(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("collabsim.study.progress.time.monotonic", lambda: now[0])
    with Progress("runs", 9) as progress:
        progress.begin(10_000, 2_000)
        progress(0)
        for _ in range(4000):
            now[0] += 1
            progress(2)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "2,000 of 10,000 runs are there already"
    assert lines[1] == "2,020 of 10,000 runs done, 2/s, 66 min left"
    assert 20 < len(lines) < 60


@pytest.mark.parametrize(("columns", "bar"), [(200, True), (80, True), (62, True), (50, False), (46, False)])
def test_the_line_of_progress_fits_a_terminal_and_leaves_room_for_an_interrupt(columns, bar):
    shown = io.StringIO()
    console = Console(file=shown, width=columns, force_terminal=True, color_system=None)
    made = Progress("runs", 10**6)._make_bar(console)
    made.add_task("runs", total=10**6, completed=123_456, rate="92,989/s", left="7.5 min")
    console.print(made.get_renderable())
    line = shown.getvalue().rstrip("\n")
    assert "\n" not in line and "…" not in line
    words = line.split()
    assert words[0] == "runs" and words[-5:] == ["123,456/1,000,000", "92,989/s", "7.5", "min", "left"]
    assert (len(words) > 6) == bar
    assert len(line.rstrip()) <= columns - 2  # else the bar would be left standing above what is said then


def test_progress_on_a_terminal_tells_rate_and_time_left(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with Progress("runs", 100) as progress:
        progress.begin(100, 20)
        progress(0)
        progress(40)
        progress._bar.refresh()
        assert progress._bar.tasks[0].completed == 60
        assert re.fullmatch(r"[\d,]+/s", progress._bar.tasks[0].fields["rate"])
        assert progress._bar.tasks[0].fields["left"].endswith(" s")


def test_time_is_told_as_exactly_as_it_is_wanted():
    told = {3.2: "3 s", 99: "99 s", 150: "2.5 min", 5400: "90 min", 7200: "2.0 h", 40 * 3600.0: "40 h",
            3 * 86400.0: "3.0 days", 1e7: "116 days"}  # fmt: skip
    for seconds, words in told.items():
        assert spell(seconds) == words
