"""The calibration: its space, how it fills it, its stages and its record; and the plausible sets kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from collabsim.parameters import PARAMETERS, check_parameters
from collabsim.study import plausible
from collabsim.study.calibration_runs import Record, settings
from collabsim.study.calibration_space import SPACE, WHOLE_SPACE, central, next_wave, predicted, sample
from collabsim.study.patterns import CALIBRATED, score
from collabsim.study.plausible_set import plausible_record

LOW, HIGH = np.array(list(WHOLE_SPACE.values())).T


def test_the_space_is_within_bounds_and_says_why() -> None:
    for name, each in SPACE.items():
        assert PARAMETERS[name].low <= each.low < each.high <= PARAMETERS[name].high
        assert each.why


def test_the_sample_fills_the_space_evenly_and_is_the_same_again() -> None:
    points = sample(256, 3)
    assert (points == sample(256, 3)).all() and (points[:100] == sample(100, 3)).all()
    assert not (points == sample(256, 4)).any()
    assert (points >= LOW).all() and (points <= HIGH).all()
    unit = (points - LOW) / (HIGH - LOW)
    for column in unit.T:  # one point in each of 256 slices, but for rounding at their edges
        assert len(set((column * 256).astype(int))) > 240


def test_what_is_predicted_and_what_is_ruled_out() -> None:
    points = sample(512, 0)
    unit = (points - LOW) / (HIGH - LOW) - 0.5
    values = 1 + unit[:, 0] - 2 * unit[:, 1] ** 2
    values[::7] = np.nan
    there, error = predicted(points, values, points)
    assert np.nanmax(np.abs(there - values)) < 0.1 and error < 0.05  # the ridge draws it in a little
    wave, left = next_wave(points, {"x": values}, {"x": (1.0, 1.2)}, 200, 1)
    again = (wave - LOW) / (HIGH - LOW) - 0.5
    true = 1 + again[:, 0] - 2 * again[:, 1] ** 2
    assert len(wave) == 200 and 0.05 < left < 0.4
    assert true.min() > 0.9 and true.max() < 1.3


def test_products_count_where_there_are_points_enough_for_them() -> None:
    points = sample(2048, 0)
    unit = (points - LOW) / (HIGH - LOW) - 0.5
    values = unit[:, 0] * unit[:, 1]
    assert predicted(points, values, points)[1] < 0.01
    values[1500:] = np.nan  # too few by a little: what is left is all of it
    assert predicted(points, values, points)[1] > 0.06


def test_the_central_point_is_in_the_middle() -> None:
    ways = np.linspace(0, 1, 11)[:, None]
    assert central(LOW + ways * (HIGH - LOW))[0] == 5


def test_stages_agree_with_the_whole_score() -> None:
    ruled_out = 0
    for point in sample(6, 1):
        stopped = score(settings(point), 12, stop=True)
        whole = score(settings(point), 12)
        assert set(whole.holds) == set(CALIBRATED)
        for name, value in stopped.statistics.items():
            assert value == whole.statistics[name] or np.isnan(value)
        assert all(whole.holds[number] == held for number, held in stopped.holds.items())
        assert stopped.passed == whole.passed
        ruled_out += not stopped.passed
    assert ruled_out


@pytest.mark.parametrize("place", [0, 1, 273, 2999])
def test_recorded_points_are_scored_as_they_were(place: int) -> None:
    """What the calibration found holds for the rules as they are now, to the digits that are kept."""
    recorded = pd.read_csv(Path(__file__).parents[1] / "results" / "calibration" / "points.csv")
    row = recorded[recorded["wave"] == 1].iloc[place]
    found = score(settings(sample(3000)[place]), 50, 0, stop=True)
    compared = [name for name in found.statistics if name in row]
    assert compared
    for name in compared:
        assert float(f"{found.statistics[name]:.6g}") == row[name], name
    assert {number: row[f"pattern_{number}"] == "holds" for number in found.holds} == found.holds


def test_resumed_is_undisturbed(tmp_path) -> None:
    tasks = [(tuple(map(float, point)), 12, 0, True) for point in sample(5, 2)]
    whole = Record(None).scores(tasks, workers=1)
    file = tmp_path / "scores.jsonl"
    Record(file).scores(tasks[:3], workers=1)
    file.write_text(file.read_text()[:-20])  # the last line is cut short
    record = Record(file)
    assert len(record.known) == 2
    assert list(map(repr, record.scores(tasks, workers=1))) == list(map(repr, whole))
    assert list(map(repr, Record(file).known.values())) == list(map(repr, whole))
    file.write_text('{"identity": "of other rules"}\n' + "\n".join(file.read_text().splitlines()[1:]))
    assert not Record(file).known


def test_the_plausible_sets_are_there_and_within_the_space() -> None:
    sets, record = plausible(), plausible_record()
    assert len(sets) == record["sets"] == sum(record["passed"])
    assert record["share_passed"] == pytest.approx(
        [passed / points for passed, points in zip(record["passed"], record["points"], strict=True)], rel=1e-3
    )
    for each in sets:
        assert set(each) == set(SPACE) and check_parameters(each)
        assert all(SPACE[name].low <= value <= SPACE[name].high for name, value in each.items())
    assert record["space"] == {name: [each.low, each.high] for name, each in SPACE.items()}
    assert record["tolerance"] == {
        f"pattern_{number}": [str(each) for each in checks] for number, checks in CALIBRATED.items()
    }


def test_a_plausible_set_passes_again_in_other_worlds() -> None:
    for each in plausible()[:3]:
        found = score(each, 60, seed=5).statistics
        # The thresholds, widened by about two standard errors at this size.
        assert -0.06 <= found["age_and_trust"] <= 0.36
        assert 0.12 <= found["never_traction"] <= 0.60
        assert found["reached_by_36"] <= 0.63 and found["reached_by_60"] >= 0.37
        assert found["luck_share"] >= 0.1
        assert found["kept_without"] <= 0.65 and found["kept_with"] >= 0.85
        assert 0.0 <= found["trust_and_advantage"] <= 0.8
