"""Sweeps that cannot be lost: every fault, and in the end the bits of a sweep that had none."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest

from collabsim import jobs
from collabsim.errors import InputError
from collabsim.outcomes import ALL_OUTCOMES
from collabsim.study import assembly, provenance
from collabsim.study.disk import StoppedError
from collabsim.study.ledger import DROPPED, KEPT, LEDGER, LOST, Ledger
from collabsim.study.plan import Plan
from collabsim.study.store import PHASES
from collabsim.study.sweep import sweep, sweep_to
from collabsim.study.verify import verify
from durably import (
    ASSEMBLING,
    COMMAND,
    MOMENTS,
    PIECES,
    benchmark,
    bits,
    plan_file,
    process,
    recorded,
    runs_of,
    small,
    until,
    wait_for,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*cut off at.*:UserWarning", "ignore:.*it never runs.*:UserWarning"
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of the small plan, run undisturbed."""
    folder = tmp_path_factory.mktemp("whole")
    sweep_to(small(), folder / "out", chunk=50)
    return folder / "out"


def stopped_after(folder, chunks, plan=None, **options):
    """Run a sweep that is stopped when so many chunks are recorded."""

    def stop(phase, number):
        if phase == "compute" and number > chunks:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep_to(plan or small(), folder, workers=1, chunk=50, watch=stop, **options)


# ------------------------------------------------------------------------------------ stops and kills


@pytest.mark.parametrize("phase", PHASES)
def test_killed_in_each_phase_it_goes_on_to_the_same_bits(phase, whole, tmp_path):
    plan, out = plan_file(tmp_path), tmp_path / "a sweep é"
    killed = process(plan, out, stay=phase)
    until(killed, f"{phase} 2")
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    assert not (out / "runs.parquet").exists()
    seen = []
    done = sweep_to(Plan.load(plan), out, chunk=50, progress=seen.append)
    assert done["runs"] == 240
    assert bits(out) == bits(whole)
    assert recorded(out) == 240
    with Ledger(out) as ledger:
        states = {entry.number: entry.state for entry in ledger.entries()}
        first = sum(entry.runs for entry in ledger.entries(KEPT) if entry.number < 3)
    assert states[2] == (KEPT if phase == "record" else LOST)  # what is in place already is taken over
    assert sum(seen) == 240 - first


@pytest.fixture(scope="module")
def in_pieces(tmp_path_factory):
    """The folder of the small plan with its months, put together in pieces, undisturbed."""
    folder = tmp_path_factory.mktemp("in_pieces")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "ROWS", PIECES)
        sweep_to(small(), folder / "out", chunk=400, monthly=True)
    return folder / "out"


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_the_tables_are_put_together_it_ends_in_the_same_bits(
    moment, in_pieces, tmp_path, monkeypatch
):
    monkeypatch.setattr(assembly, "ROWS", PIECES)
    plan, out = plan_file(tmp_path), tmp_path / "out"
    killed = subprocess.Popen([sys.executable, "-c", ASSEMBLING, plan, out, moment, str(PIECES)],
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
    until(killed, moment)
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    assert not (out / "manifest.json").exists()
    named = {"one table in place": ["runs"], "both tables in place": ["monthly", "runs"]}.get(moment, [])
    assert sorted(file.stem for file in out.glob("*.parquet")) == named
    assert recorded(out) == 240  # every chunk was there
    for name in named:
        assert (out / f"{name}.parquet").read_bytes() == (in_pieces / f"{name}.parquet").read_bytes()
    seen = []
    sweep_to(Plan.load(plan), out, chunk=400, monthly=True, progress=seen.append)
    assert sum(seen) == 0 and recorded(out) == 240
    assert bits(out) == bits(in_pieces)
    assert (out / "monthly.parquet").read_bytes() == (in_pieces / "monthly.parquet").read_bytes()
    assert list(out.glob(".*")) == [] and verify(out).good


def test_killed_at_random_moments_again_and_again(tmp_path):
    counts, faults = benchmark("soak").soak(3000, 20, 50, tmp_path, seed=int.from_bytes(os.urandom(4)))
    assert faults == []
    assert sum(counts.values()) == 20
    assert len([phase for phase in PHASES if counts[phase]]) >= 3


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_asked_to_end_it_keeps_what_is_finished(sent, code, tmp_path):
    plan, out = plan_file(tmp_path, worlds=400_000), tmp_path / "out"
    def heard():
        """Take interrupts, which a shell keeps from what it runs in the background."""
        signal.signal(signal.SIGINT, signal.default_int_handler)

    asked = subprocess.Popen(
        [*COMMAND, "sweep", plan, "--out", out, "--workers", "1"], stderr=subprocess.PIPE, text=True,
        preexec_fn=heard,
    )  # fmt: skip
    wait_for(lambda: len(list(out.glob("chunks/0*.parquet"))) > 1 or asked.poll() is not None)
    asked.send_signal(sent)
    _, err = asked.communicate(timeout=60)
    assert asked.returncode == code, err
    assert "what is finished is kept" in err and "Traceback" not in err
    assert not (out / "runs.parquet").exists() and not list((out / "chunks").glob(".*"))
    kept = recorded(out)
    assert kept > 0
    plan_file(tmp_path)  # a few of these worlds, so that the rest of it takes no time
    assert sweep_to(Plan.load(plan), out)["runs"] == 240
    pd.testing.assert_frame_equal(runs_of(out), sweep(small()), check_exact=True)


def test_a_sweep_cut_short_is_balanced(tmp_path):
    plan = small(worlds=160)
    stopped_after(tmp_path / "out", 9, plan)
    with Ledger(tmp_path / "out") as ledger:
        keys = np.concatenate([ledger.members(entry.number)[0] for entry in ledger.entries(KEPT)])
    counts = np.unique(keys, return_counts=True)[1]
    assert len(counts) == 6 and counts.max() - counts.min() <= 20  # of 160


# ---------------------------------------------------------------------------------------- full disks


@contextlib.contextmanager
def little_room(folder, kilobytes=120):
    """Give a folder with room for little, and a function that makes room."""
    folder.mkdir()
    mounted = os.name == "posix" and os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)],
        check=False, capture_output=True,
    ).returncode == 0  # fmt: skip
    if mounted:
        try:
            yield lambda: subprocess.run(
                ["mount", "-o", "remount,size=64m", str(folder)], check=True, capture_output=True
            )
        finally:
            subprocess.run(["umount", str(folder)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (24_000, before[1]))  # room in each file, then
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_in_words_and_loses_nothing(whole, tmp_path):
    with little_room(tmp_path / "little") as make_room:
        out = tmp_path / "little" / "out"
        for _ in range(2):  # again, with as little room
            with pytest.raises(StoppedError, match=r"no room left on the disk.*What was finished is kept"):
                sweep_to(small(), out, chunk=50)
            assert not (out / "manifest.json").exists()
        make_room()
        kept = recorded(out)
        seen = []
        sweep_to(small(), out, chunk=50, progress=seen.append)
        assert sum(seen) == 240 - kept
        assert bits(out) == bits(whole) and recorded(out) == 240


def test_a_full_disk_ends_the_command_with_1(tmp_path):
    plan = plan_file(tmp_path)
    with little_room(tmp_path / "little", 40):
        done = subprocess.run([*COMMAND, "sweep", plan, "--out", tmp_path / "little" / "out"],
                              capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "no room left on the disk" in done.stderr and "Traceback" not in done.stderr


# ----------------------------------------------------------------------------- damaged files and ledgers


def torn(file):
    file.write_bytes(file.read_bytes()[:-100])


def flipped(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def edited(file):
    """Change one number in a chunk, as a table program would."""
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    trust = table["trust"].to_numpy().copy()
    trust[0] += 0.1
    table = table.set_column(table.column_names.index("trust"), "trust", [trust])
    pq.write_table(table, file)


def gone(file):
    file.unlink()


@pytest.mark.parametrize("damage", [torn, flipped, edited, gone])
def test_a_damaged_chunk_is_noticed_and_computed_again(damage, whole, tmp_path):
    out = tmp_path / "out"
    stopped_after(out, 3)
    damage(out / "chunks" / "000002.parquet")
    if damage is gone:
        sweep_to(small(), out, chunk=50)
    else:
        with pytest.warns(UserWarning, match="chunk 2 .* is damaged or has been changed; it is comp"):
            sweep_to(small(), out, chunk=50)
    assert bits(out) == bits(whole) and recorded(out) == 240
    with Ledger(out) as ledger:
        assert [entry.number for entry in ledger.entries(DROPPED)] == [2]


def emptied(file):
    file.write_bytes(b"")


def scrambled(file):
    content = bytearray(file.read_bytes())
    content[4096:8192] = os.urandom(4096)
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [torn, gone, emptied, scrambled])
@pytest.mark.filterwarnings("ignore:the ledger of:UserWarning")
def test_a_damaged_ledger_is_made_anew_from_the_chunks(damage, whole, tmp_path):
    out = tmp_path / "out"
    stopped_after(out, 3)
    kept = recorded(out)
    damage(out / LEDGER)
    seen = []
    sweep_to(small(), out, chunk=50, progress=seen.append)
    assert bits(out) == bits(whole) and recorded(out) == 240
    assert sum(seen) == 240 - kept  # what had been finished was not computed again


@pytest.mark.filterwarnings("ignore:the ledger of:UserWarning")
def test_a_ledger_copied_while_it_is_written_does_no_harm(whole, tmp_path):
    out, copies, running = tmp_path / "out", [], threading.Event()

    def copy():
        while not running.is_set():
            if (out / LEDGER).exists():
                copies.append((out / LEDGER).read_bytes())

    copier = threading.Thread(target=copy)
    copier.start()
    sweep_to(small(), out, workers=1, chunk=20)
    running.set()
    copier.join()
    assert len(copies) > 20
    for place in np.linspace(0, len(copies) - 1, 8).astype(int):
        again = tmp_path / f"copy {place}"
        shutil.copytree(out, again)
        for name in ("manifest.json", "runs.parquet"):
            (again / name).unlink()
        (again / LEDGER).write_bytes(copies[place])
        sweep_to(small(), again, chunk=50)
        assert bits(again) == bits(whole) and recorded(again) == 240


def test_an_old_ledger_takes_over_the_chunks_it_does_not_know(whole, tmp_path):
    out = tmp_path / "out"
    stopped_after(out, 1)
    old = (out / LEDGER).read_bytes()
    stopped_after(out, 3)
    kept = recorded(out)
    (out / LEDGER).write_bytes(old)
    seen = []
    sweep_to(small(), out, chunk=50, progress=seen.append)
    assert bits(out) == bits(whole) and recorded(out) == 240
    assert kept > 60 and sum(seen) == 240 - kept


# ------------------------------------------------------------------------ two processes, and the clock


def test_a_second_process_is_refused_and_a_killed_ones_lock_does_no_harm(whole, tmp_path):
    plan, out = plan_file(tmp_path), tmp_path / "out"
    first = process(plan, out, stay="compute")
    until(first, "compute 2")
    second = subprocess.run([*COMMAND, "sweep", plan, "--out", out], capture_output=True, text=True,
                            check=False)  # fmt: skip
    assert second.returncode == 2
    assert f"another process (process {first.pid}) is at work in '{out}'" in second.stderr
    with pytest.raises(InputError, match="another process"):
        sweep_to(small(), out, fresh=True)
    first.kill()
    first.wait()
    sweep_to(small(), out, chunk=50)
    assert bits(out) == bits(whole) and recorded(out) == 240


def test_a_clock_that_goes_backwards_does_no_harm(whole, tmp_path, monkeypatch):
    moments = iter(range(2_000_000_000, 0, -1000))
    monkeypatch.setattr(time, "time", lambda: float(next(moments)))
    monkeypatch.setattr(provenance, "now", lambda: f"clock {next(moments)}")
    out = tmp_path / "out"
    stopped_after(out, 2)
    for place, file in enumerate(sorted((out / "chunks").iterdir())):
        os.utime(file, (10**9 - place, 10**9 - place))
    stopped_after(out, 4)
    sweep_to(small(), out, chunk=50)
    assert bits(out) == bits(whole) and recorded(out) == 240


# --------------------------------------------------------------------------------- runs that go wrong


def test_a_run_that_fails_or_is_not_a_number_leaves_the_others_alone(monkeypatch, whole, tmp_path):
    original = jobs.Worker.call

    def failing(self, first, last):
        for job, (_, world, _, _) in enumerate(self.jobs[first:last].tolist(), first):
            if world == 7:
                raise ZeroDivisionError("on purpose")
            original(self, job, job + 1)
            if world == 8:
                self.results.summary[job] = np.nan

    monkeypatch.setattr(jobs.Worker, "call", failing)
    out = tmp_path / "out"
    done = sweep_to(small(), out, workers=1, chunk=50)
    monkeypatch.undo()
    found, good = runs_of(out), runs_of(whole)
    bad, void = found["world"] == 7, found["world"] == 8
    assert done["failed"] == 6 == bad.sum()
    assert set(found.loc[bad, "error"]) == {"ZeroDivisionError: on purpose"}
    assert found.loc[bad, ["building_trust", "cost"]].equals(good.loc[bad, ["building_trust", "cost"]])
    assert found.loc[bad, list(ALL_OUTCOMES)].isna().all(axis=None)
    assert found.loc[void, "trust"].isna().all() and found.loc[void, "error"].isna().all()
    pd.testing.assert_frame_equal(found[~bad & ~void], good[~bad & ~void], check_exact=True)


# ------------------------------------------------------------------------------------------- memory


def test_memory_does_not_grow_with_the_sweep(tmp_path):
    code = (
        "import sys, warnings; warnings.simplefilter('ignore'); sys.path.insert(0, sys.argv[1])\n"
        "from record import peak_megabytes\nfrom soak import plan_of\n"
        "from collabsim.study.sweep import sweep_to\n"
        "sweep_to(plan_of(int(sys.argv[2])), sys.argv[3], chunk=1024)\nprint(peak_megabytes())"
    )

    def peak(runs):
        benchmarks = str(benchmark("record").FOLDER.parents[1] / "benchmarks")
        done = subprocess.run([sys.executable, "-c", code, benchmarks, str(runs), str(tmp_path / str(runs))],
                              capture_output=True, text=True, check=True)  # fmt: skip
        return float(done.stdout)

    few, many = peak(2_000), peak(32_000)
    assert many - few < 60  # megabytes; the table itself would be many times that of the small one


def test_the_log_of_a_sweep_is_quiet_and_line_wise(tmp_path):
    done = subprocess.run([*COMMAND, "sweep", plan_file(tmp_path), "--out", tmp_path / "out"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0
    assert done.stdout == f"240 runs of 6 points in 40 worlds are in {tmp_path / 'out' / 'runs.parquet'}.\n"
    assert "\r" not in done.stderr and "\x1b" not in done.stderr and len(done.stderr.splitlines()) <= 3
