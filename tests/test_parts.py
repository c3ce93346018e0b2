"""The parts of the month that are compiled once: by two processes, kept, and never half there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import collabsim as cs
from collabsim import compiling, linking, parts, schedule
from collabsim.compiled import JIT, RULES_TEXT_HASH

pytestmark = pytest.mark.skipif(not JIT, reason="nothing is compiled")

RUN = "import collabsim as cs; print(repr(cs.evaluate('pair', months=12)['trust']))"


WITHOUT = "cs.evaluate('pair', months=12, schedule=cs.SCHEDULE.without('learn'))"


def started(cache: Path | str, words: str = RUN) -> subprocess.Popen[str]:
    """Start a run with a cache of its own."""
    surroundings = {**os.environ, "COLLABSIM_CACHE": str(cache)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", words], env=surroundings, stdout=pipe, stderr=pipe, text=True
    )


def told(cache: Path | str, words: str = RUN) -> tuple[str, str]:
    """Return what a run says, on stdout and on stderr."""
    out, err = started(cache, words).communicate(timeout=300)
    return out, err


def expected() -> str:
    """Return what a run says here."""
    return f"{cs.evaluate('pair', months=12)['trust']!r}\n"


def test_every_step_and_outcome_is_a_part() -> None:
    steps = {f"{step.__module__}.{step.__qualname__}" for _, step in cs.SCHEDULE.steps}
    measured = {f"collabsim.outcomes.{name}" for name in cs.OUTCOMES}
    found = set(schedule._parts().functions)
    assert steps | measured <= found
    assert {"collabsim.start.begin", "collabsim.start.restore", "collabsim.stock.take_stock"} <= found


def test_two_who_share_the_work_do_each_part_once(tmp_path: Path) -> None:
    names = [f"collabsim.outcomes.{name}" for name in ("trust", "equity", "contact", "tension")]
    with compiling.quickly():
        everything = schedule._parts()
        (tmp_path / names[1]).touch()  # another has begun with it
        mine = everything.compile(names, tmp_path)
        theirs = everything.compile(names, tmp_path)
    assert sorted(mine) == sorted(set(names) - {names[1]})
    assert theirs == {}
    assert all(part.returns == "float64" and part.code[:4] != b"" for part in mine.values())
    parts.write(tmp_path / "kept", mine)
    assert parts.read(tmp_path / "kept") == mine


def test_a_damaged_file_holds_no_parts(tmp_path: Path) -> None:
    file = tmp_path / "parts"
    parts.write(file, {"one": parts.Part("none", b"code"), "two": parts.Part("int64", b"more code")})
    whole = file.read_bytes()
    assert len(parts.read(file)) == 2
    others = (whole.replace(b"more", b"most"), whole.replace(b"two", b"too"))
    for damaged in (whole[:-1], whole[:70], b"", *others):
        file.write_bytes(damaged)
        assert parts.read(file) == {}


def test_others_are_not_helped_with_another_text(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="others by now"):
        schedule.help_compile(str(tmp_path), "share", RULES_TEXT_HASH[::-1])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", ["no folder", "no help"])
def test_it_is_compiled_all_the_same(fault: str, tmp_path: Path) -> None:
    if fault == "no folder":
        (tmp_path / "file").touch()
        out, err = told(tmp_path / "file" / "cache", words=f"{RUN}; {WITHOUT}")
        assert err.count("compiled in") == 2
    else:  # a helper that finds no package to import
        faulty = f"import collabsim.parts; collabsim.parts.HELP = 'raise SystemExit(3)'; {RUN}"
        surroundings = {**os.environ, "COLLABSIM_CACHE": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", faulty], env=surroundings, capture_output=True, text=True, check=True
        )
        out, err = done.stdout, done.stderr
        again, silent = told(tmp_path)
        assert (again, silent) == (out, "")
    assert out == expected()
    assert "compiled in" in err


def test_a_month_kept_needs_no_parts_and_parts_kept_need_no_help(tmp_path: Path) -> None:
    out, err = told(tmp_path)
    assert out == expected() and "Compiling" in err
    (parts_file,) = tmp_path.glob("*/parts.o")
    (month,) = tmp_path.glob("*/month.o")
    assert sorted(file.name for file in tmp_path.rglob("*") if file.is_file()) == ["month.o", "parts.o"]
    before = parts_file.stat().st_mtime_ns
    month.unlink()
    out, err = told(tmp_path)
    assert out == expected() and "Compiling" in err and parts_file.stat().st_mtime_ns == before
    parts_file.unlink()
    assert told(tmp_path) == (expected(), "")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked up in /proc")
def test_an_interrupt_leaves_no_process_and_nothing_half_done(tmp_path: Path) -> None:
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # whatever is inherited
    run = started(tmp_path, words=f"{heard}; {RUN}")
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("*/*/collabsim.*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert helpers(tmp_path) or (os.cpu_count() or 1) == 1
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == -signal.SIGINT and err.rstrip().endswith("KeyboardInterrupt")
    assert helpers(tmp_path) == []
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
    assert told(tmp_path)[0] == expected()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked up in /proc")
def test_a_helper_whose_process_was_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    run = started(tmp_path)
    deadline = time.monotonic() + 60
    while not helpers(tmp_path) and time.monotonic() < deadline and (os.cpu_count() or 1) > 1:
        time.sleep(0.05)
    run.kill()
    run.communicate()
    while helpers(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert helpers(tmp_path) == []
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def helpers(folder: Path) -> list[str]:
    """Return the processes that were told of a folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words:
            found.append(file.parent.name)
    return found


LAUNCHED = """
import sys
from collabsim import parts
sys.executable = {launcher!r}
whole = parts.read
def read(file):
    found = whole(file)
    if file.name != parts.FILE:
        print(len(found) > 0)
    return found
parts.read = read
import collabsim as cs
cs.SCHEDULE.ready()
"""
"""Compile by way of a launcher, and say of each helper whether it has brought something."""


@pytest.mark.skipif(sys.platform == "win32", reason="the launcher is one for a shell")
def test_what_helpers_do_counts_where_python_starts_by_a_launcher(tmp_path: Path) -> None:
    launcher = tmp_path / "python launcher"
    launcher.write_text(f'#!/bin/sh\n"{sys.executable}" "$@"\nexit $?\n')
    launcher.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHED.format(launcher=str(launcher))],
        env={**os.environ, "COLLABSIM_CACHE": str(tmp_path / "cache")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "True\n" * (min(parts.MOST, os.cpu_count() or 1) - 1)
    assert sorted(file.name for file in (tmp_path / "cache").rglob("*") if file.is_file()) == [
        "month.o",
        "parts.o",
    ]


def test_a_folder_that_is_gone_leaves_the_work_to_oneself(tmp_path: Path) -> None:
    name = "collabsim.outcomes.trust"
    with compiling.quickly():
        assert list(schedule._parts().compile([name], tmp_path / "gone")) == [name]


def test_a_file_that_cannot_take_its_place_leaves_nothing_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(KeyboardInterrupt):
        parts.write(tmp_path / "file", {"one": parts.Part("none", b"code")})
    assert list(tmp_path.iterdir()) == []


class Codegen:
    """What Numba makes machine code with, as far as it is asked."""

    _tm = "Numba's own"

    def __init__(self, features: str) -> None:
        self._tm_features = features

    def _customize_tm_options(self, options: dict[str, str]) -> None:
        options["features"] = self._tm_features
        self.asked = options


def test_vectors_are_wide_only_where_a_processor_is_known_to_lose_nothing() -> None:
    narrow, wide = Codegen("+avx2,+avx512f"), Codegen(f"+avx512f,{linking.AT_FULL_WIDTH}")
    assert linking.target_machine(narrow) == "Numba's own"
    assert linking.target_machine(wide) != "Numba's own"
    assert wide.asked["features"] == f"+avx512f,{linking.AT_FULL_WIDTH},-prefer-256-bit"
