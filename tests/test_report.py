"""What is printed, drawn and kept: the same result is the same files."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from collabsim.practices import PRACTICES
from collabsim.report import figures, results, style, tables
from collabsim.report.results import Results
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE
from collabsim.study.paired import Estimate


def effects_table():
    """Made-up effects of every practice."""
    rng = np.random.default_rng(1)
    rows = []
    for practice, measure in itertools.product(
        PRACTICES, ("alone", "within_whole", "shapley", "main_effect")
    ):
        middle = float(rng.uniform(-0.01, 0.12))
        rows.append({"practice": practice, "measure": measure, "estimate": middle, "low": middle - 0.004,
                     "high": middle + 0.004, "worlds": 20})  # fmt: skip
    return pd.DataFrame(rows)


def opened(folder, plan=None):
    """Open results as an experiment does."""
    return Results("mine", folder, plan=plan or {"worlds": 3}, scenario=Scenario.load("pair"),
                   schedule=SCHEDULE, seed=1, command="python experiments/mine.py")  # fmt: skip


def write(folder, frame):
    """Write a table and a figure of it, counting the drawings."""
    kept = opened(folder)
    kept.table("effects", frame)
    draw = figures.practice_effects
    kept.figure("effects", draw, "effects")
    kept.finish()


def stamps(folder):
    """Say when each file that is kept was written."""
    return {file.name: file.stat().st_mtime_ns for file in folder.iterdir() if file.name != "run.json"}


def test_an_unchanged_result_rewrites_no_file(tmp_path):
    folder = tmp_path / "résults"
    write(folder, effects_table())
    before = stamps(folder)
    assert sorted(before) == ["effects.csv", "effects.parquet", "effects.png", "effects.svg", "manifest.json"]
    write(folder, effects_table())
    assert stamps(folder) == before
    nearly = effects_table()
    nearly["estimate"] *= 1 + 1e-9  # below what is kept
    write(folder, nearly)
    assert stamps(folder) == before


def test_a_figure_is_drawn_again_when_its_table_changes_or_it_is_gone(tmp_path):
    write(tmp_path, effects_table())
    before = stamps(tmp_path)
    (tmp_path / "effects.png").unlink()
    write(tmp_path, effects_table())
    after = stamps(tmp_path)
    assert after["effects.svg"] == before["effects.svg"] and "effects.png" in after
    changed = effects_table()
    changed.loc[0, ["estimate", "low", "high"]] += 0.01
    write(tmp_path, changed)
    last = stamps(tmp_path)
    assert all(last[name] != after[name] for name in last)


def test_a_figure_is_drawn_again_when_its_code_changes(tmp_path, monkeypatch):
    write(tmp_path, effects_table())
    drawn = []
    monkeypatch.setattr(style, "drawn", lambda *a, **k: drawn.append(1) or (b"png", b"svg"))
    write(tmp_path, effects_table())
    assert drawn == []
    monkeypatch.setattr(results, "_drawing_code", lambda: "another text")
    write(tmp_path, effects_table())
    assert drawn == [1] and (tmp_path / "effects.png").read_bytes() == b"png"


def test_tables_are_written_alike_as_csv_and_parquet(tmp_path):
    frame = pd.DataFrame(
        {
            "name": ["a,b", 'q"x'],
            "x": [1 / 3, -0.0],
            "big": [123456789.0, math.nan],
            "n": [1, 2],
            "w": ["é", "ü"],
        }
    )
    kept = opened(tmp_path)
    written = kept.table("t", frame)
    kept.finish()
    assert (tmp_path / "t.csv").read_bytes().decode() == (
        'name,x,big,n,w\n"a,b",0.333333,1.23457e+08,1,é\n"q""x",0,,2,ü\n'
    )
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), written, check_exact=True)
    assert written["x"].tolist() == [0.333333, 0.0] and written["big"][0] == 123457000.0
    lines = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [float(line.split(",")[-4]) for line in lines] == written["x"].tolist()


def test_the_manifest_holds_nothing_that_varies(tmp_path):
    write(tmp_path / "a", effects_table())
    write(tmp_path / "b", effects_table())
    text = (tmp_path / "a" / "manifest.json").read_text()
    assert text == (tmp_path / "b" / "manifest.json").read_text()
    found = json.loads(text)
    assert set(found) == {"experiment", "collabsim", "command", "seed", "plan", "scenario_identity",
                          "rules_identity",
                          "tables", "figures"}  # fmt: skip
    assert str(tmp_path) not in text and "20" + "26-" not in text
    assert (tmp_path / "a" / "effects.svg").read_bytes() == (tmp_path / "b" / "effects.svg").read_bytes()
    assert (tmp_path / "a" / "effects.png").read_bytes() == (tmp_path / "b" / "effects.png").read_bytes()
    assert {"time", "machine", "versions"} <= set(json.loads((tmp_path / "a" / "run.json").read_text()))


def test_svg_has_no_date_nor_version(tmp_path):
    write(tmp_path, effects_table())
    text = (tmp_path / "effects.svg").read_text()
    assert "<dc:date>" not in text and "matplotlib.org" not in text.replace("http://www.w3.org", "").lower()


def test_what_is_no_longer_made_is_removed(tmp_path):
    kept = opened(tmp_path)
    kept.table("old", effects_table())
    kept.figure("old", figures.practice_effects, "old")
    kept.finish()
    (tmp_path / "mine.txt").write_text("not ours")
    write(tmp_path, effects_table())
    assert not list(tmp_path.glob("old*")) and (tmp_path / "mine.txt").exists()


def test_no_half_written_file_is_left(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results.os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        results.write_changed(tmp_path / "x.csv", b"a")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------------- figures


def interactions_table():
    rows = [
        {"practice": a, "other": b, "estimate": 0.01 * k - 0.05, "low": 0.01 * k - 0.06,
         "high": 0.01 * k - 0.04,
         "worlds": 9}
        for k, (a, b) in enumerate(itertools.combinations(PRACTICES, 2))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def combinations_table():
    rows = []
    for levels in itertools.product((0, 1), repeat=6):
        middle = 0.03 * sum(levels) + 0.01 * levels[5]
        rows.append(dict(zip(PRACTICES, levels, strict=True)) | {"count": sum(levels), "estimate": middle,
                    "low": middle - 0.01, "high": middle + 0.01, "worlds": 9})  # fmt: skip
    return pd.DataFrame(rows)


def lines_table(along, values):
    rows = [
        {"practice": practice, "context": context, along: value, "estimate": 0.01 * value,
         "low": 0.01 * value - 0.005,
         "high": 0.01 * value + 0.005, "worlds": 9}
        for practice in PRACTICES for context in figures.CONTEXTS for value in values
    ]  # fmt: skip
    return pd.DataFrame(rows)


def orders_tables():
    monthly = pd.DataFrame(
        [
            {"contrast": "a less b", "programme": name, "title": name, "month": month,
             "estimate": 0.01 * month,
             "low": 0.01 * month - 0.01, "high": 0.01 * month + 0.01, "worlds": 9}
            for name in ("a", "b") for month in range(24)
        ]
    )  # fmt: skip
    windows = pd.DataFrame(
        [{"contrast": "a less b", "window": w, "estimate": 0.01, "low": -0.01, "high": 0.03, "worlds": 9}
         for w in ("Whole run", "Whole run,\napart from what ran last")]
    )  # fmt: skip
    return monthly, windows


FIGURES = {
    "effects": lambda: figures.practice_effects(effects_table()),
    "interactions": lambda: figures.interaction_map(interactions_table()),
    "combinations": lambda: figures.combinations(combinations_table()),
    "doses": lambda: figures.dose_response(lines_table("strength", [0, 0.25, 0.5, 0.75, 1])),
    "starts": lambda: figures.start_months(lines_table("from_month", [0, 6]), 12, 36, (6, 42)),
    "orders": lambda: figures.orders(*orders_tables(), (6, 42)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_text_of_a_figure_lies_within_it(name):
    import matplotlib as mpl

    with mpl.rc_context(style.STYLE):
        figure = FIGURES[name]()
        assert isinstance(figure, Figure)
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


def test_drawing_leaves_the_users_settings_alone():
    import matplotlib as mpl

    mpl.rcParams["font.size"] = 31
    png, svg = style.drawn(figures.practice_effects, effects_table())
    assert mpl.rcParams["font.size"] == 31
    mpl.rcdefaults()
    assert (png, svg) == style.drawn(figures.practice_effects, effects_table())
    assert png.startswith(b"\x89PNG") and b"<svg" in svg


def test_labels_are_spread_without_leaving_their_room():
    placed = style.spread_out([1.0, 1.1, 5.0, 1.05], 1.0, 0.0, 6.0)
    assert min(np.diff(sorted(placed))) >= 1 - 1e-9 and min(placed) >= 0 and max(placed) <= 6
    assert sorted(range(4), key=placed.__getitem__) == [0, 3, 1, 2]
    assert style.spread_out([0.0, 3.0], 1.0, 0.0, 6.0) == [0.0, 3.0]


# ----------------------------------------------------------------------------------------------- tables


def test_the_table_is_plain_and_fits_a_terminal():
    text = tables.practice_table(
        effects_table(), Estimate(0.03, 0.02, 0.04, 200), Estimate(0.26, 0.25, 0.27, 200),
        Estimate(0.06, 0.05, 0.07, 200), "results/practices_factorial/",
    )  # fmt: skip
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80 and "\x1b" not in text and all(line == line.rstrip() for line in lines)
    for practice in PRACTICES.values():
        assert any(line.startswith(practice.title) for line in lines)
    assert "3.0 ± 1.0 points" in text and "26.0 ± 1.0 points" in text and "complements" in text
    assert "200 worlds" in text and "results/practices_factorial/" in text


def test_points_are_hundredths():
    assert tables.points(0.0312, 0.0272, 0.0352) == "+3.1 ± 0.4"
    assert tables.points(-0.001, -math.inf, math.inf) == "-0.1 ± ?"
