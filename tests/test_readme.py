"""What the README shows works as printed; only how much of it is run is cut down."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from collabsim.cli import COMMANDS
from collabsim.scenario import Scenario
from collabsim.study.plan import Plan

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """Return the blocks of code of a kind."""
    return re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)


def test_the_python_blocks_run_as_printed_one_after_another(tmp_path: Path) -> None:
    code = "\n".join(blocks("python"))
    code = code.replace("worlds=200", "worlds=2").replace("iterations=5", "iterations=1")
    assert code.count("cs.") > 8
    file = tmp_path / "readme.py"  # in a file, as rules are read from one
    file.write_text(code, encoding="utf-8")
    import linecache

    linecache.checkcache(str(file))
    names: dict[str, object] = {"__name__": "readme"}
    exec(compile(code, str(file), "exec"), names)
    assert len(names["runs"]) == 128  # type: ignore[arg-type]
    assert names["model"].organisation("Local council").courage == pytest.approx(0.8)  # type: ignore[attr-defined]


def test_the_scenario_and_the_plan_are_in_order() -> None:
    scenario, plan = (tomllib.loads(block) for block in blocks("toml"))
    assert Scenario.from_dict(scenario).months == 72
    assert Plan.from_dict(plan).runs == 1200


def test_the_commands_shown_exist() -> None:
    shown = set(re.findall(r"^collabsim (\w+)", "\n".join(blocks("")), re.MULTILINE))
    assert shown == set(COMMANDS)
