"""A sweep that is killed again and again, at random moments, and must end as if it never had been.

    python benchmarks/soak.py [--runs N] [--kills N] [--large N] [--out DIR]

A sweep is run to its end once, undisturbed. Then the same sweep is run in another folder, in one process
after the other, each killed (SIGKILL) at a random moment: of each four kills one is aimed at the computing
of a chunk, one at its writing, one at its renaming, one at its recording, so that each phase gets its share
although computing takes longest. What each was in is told by the process itself, which says when a phase
begins. In the end the tables must be the same bytes, and by the ledger no recorded run computed twice.

With ``--large N`` a sweep of N runs is made too, and the most memory that it held is measured.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from collabsim.report.results import write_changed
from collabsim.schedule import SCHEDULE
from collabsim.study.ledger import KEPT, Ledger
from collabsim.study.plan import Plan
from collabsim.study.store import MANIFEST, PHASES, RUNS
from record import peak_megabytes

FOLDER = Path(__file__).parent.parent / "results" / "soak"
POINTS, MONTHS, CHUNK = 10, 8, 160
LIMIT = 1024
"""Megabytes (of 1,048,576 bytes) that a large sweep may hold."""

START, ASSEMBLE = "start", "assemble"
"""Where a process is before its first chunk, and after its last."""


def plan_of(runs: int) -> Plan:
    """Return a plan of so many runs that takes no time: two organisations, half a year."""
    costs = [0.05 * (place + 1) for place in range(POINTS // 2)]
    return Plan.factorial(
        {"building_trust": [0, 1], "cost": costs}, "pair", worlds=-(-runs // POINTS), months=MONTHS, seed=5
    )


class Nursery:
    """A process in which everything is loaded, that makes processes which sweep (by fork, to save time).

    Parameters
    ----------
    runs, chunk
        How many runs, and the most in a chunk.
    """

    def __init__(self, runs: int, chunk: int) -> None:
        words = [sys.executable, __file__, "--nursery", str(runs), "--chunk", str(chunk)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _order(self, out: Path) -> int:
        """Make a process that sweeps into a folder, and return its id."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{out}\n".encode())
        return int(self._line())

    def _line(self) -> str:
        """Read a line: of a process that sweeps a phase, and at its end how it ended."""
        assert self._process.stdout is not None
        found = bytearray()
        while not found.endswith(b"\n"):
            byte = self._process.stdout.read(1)
            if not byte:
                raise RuntimeError("the nursery has ended")
            found += byte
        return found.decode().strip()

    def live(self, out: Path, aim: str | None, skip: int, delay: float) -> tuple[str, int]:
        """Let a process sweep, and kill it.

        Parameters
        ----------
        out
            The folder.
        aim
            The phase to kill it in, None to kill it at any moment.
        skip
            How many times that phase is let pass.
        delay
            Seconds from the beginning of the phase, or of the process, to the kill.

        Returns
        -------
        phase, code
            The last phase that began, and how the process ended: 0 by itself, -9 killed.
        """
        process, phase = self._order(out), START
        if aim is None:
            time.sleep(delay)
            with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
                os.kill(process, signal.SIGKILL)
        while True:
            word = self._line().split()
            if word[0] == "ended":
                return phase, int(word[1])
            phase = word[0]
            if phase == aim:
                skip -= 1
                if skip < 0:
                    if delay > 0:
                        time.sleep(delay)
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                    aim = None


def nursery(runs: int, chunk: int) -> None:
    """Be the process that makes the others: for each folder named on stdin, one that sweeps into it."""
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401  (loaded here, and not in every process)

    from collabsim.study.sweep import sweep_to

    plan = plan_of(runs)
    SCHEDULE.ready()

    def tell(phase: str, _: int) -> None:
        os.write(1, f"{phase}\n".encode())

    for line in sys.stdin:
        ours = os.fork()
        if ours == 0:
            try:
                sweep_to(plan, line.strip(), workers=1, chunk=chunk, watch=tell)
            except BaseException as error:
                print(error, file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        os.write(1, f"{ours}\n".encode())
        _, status = os.waitpid(ours, 0)
        os.write(1, f"ended {os.waitstatus_to_exitcode(status)}\n".encode())


def soak(runs: int, kills: int, chunk: int, folder: Path, seed: int = 0) -> tuple[Counter[str], list[str]]:
    """Kill a sweep so many times, and let it finish.

    Parameters
    ----------
    runs, kills, chunk
        How many runs, kills, and runs in a chunk.
    folder
        For the sweeps.
    seed
        Of the moments.

    Returns
    -------
    counts, faults
        Kills by phase; in words what is not as it should be.
    """
    moments = random.Random(seed)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    house = Nursery(runs, chunk)
    try:
        begun = time.monotonic()
        if house.live(folder / "undisturbed", "never", 0, 0)[1] != 0:
            return counts, ["the undisturbed sweep did not end"]
        # a kill at any moment leaves a small part of the sweep done, however fast the machine
        longest = min(0.4, 2.0 * (time.monotonic() - begun) / kills)
        out, number = folder / "killed", 0
        while sum(counts.values()) < kills:
            aim = None if number % 5 == 4 else PHASES[number % 5]
            soon = moments.choice((0, moments.uniform(0, 0.004)))
            delay = moments.uniform(0, longest) if aim is None else soon
            phase, code = house.live(out, aim, moments.randrange(3), delay)
            number += 1
            if code == -signal.SIGKILL:
                counts[phase] += 1
            elif code != 0:
                faults.append(f"a process ended by itself with {code}")
                break
            else:
                faults.append(f"the sweep was done after {sum(counts.values())} kills")
                break
        if house.live(out, "never", 0, 0)[1] != 0:
            faults.append("the killed sweep did not end")
    finally:
        house.close()
    return counts, faults + compared(folder / "undisturbed", out, runs)


def compared(undisturbed: Path, killed: Path, runs: int) -> list[str]:
    """Say in words in what a sweep that was killed differs from one that was not."""
    faults = []
    if not (killed / MANIFEST).exists():
        return ["there is no manifest"]
    if (undisturbed / RUNS).read_bytes() != (killed / RUNS).read_bytes():
        faults.append(f"{RUNS} is not the same")
    with Ledger(killed) as ledger:
        again = ledger.computed_twice()
        recorded = sum(entry.runs for entry in ledger.entries(KEPT))
    if again:
        faults.append(f"{again} recorded runs were computed again")
    if recorded != runs:
        faults.append(f"{recorded} runs are recorded, not {runs}")
    return faults


def large(runs: int, folder: Path) -> float:
    """Make a large sweep in a process of its own, and return the most memory it held, in MiB."""
    words = [sys.executable, __file__, "--large-here", str(runs), "--out", str(folder / "large")]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.split()[-1])


def report(counts: Counter[str], faults: Sequence[str], runs: int, peak: tuple[int, float] | None) -> str:
    """Say in words what was found."""
    where = {START: "before its first chunk", ASSEMBLE: "while putting tables together"}
    lines = [f"A sweep of {runs:,} runs, killed {sum(counts.values())} times at random moments:"]
    for phase in (START, *PHASES, ASSEMBLE):
        lines.append(f"  {counts[phase]:4d} {where.get(phase, f'in the phase {phase}')}")
    short = [phase for phase in PHASES if counts[phase] < 5]
    lines.append(f"At least five in each phase of a chunk: {'no: ' + ', '.join(short) if short else 'yes'}.")
    if faults:
        lines.append("Faults: " + "; ".join(faults) + ".")
    else:
        lines.append("It ended in the same bytes as one that was never killed, each run recorded once,")
        lines.append("and no recorded run computed twice.")
    if peak is not None:
        most = 10 * round(peak[1] / 10)
        verdict = "within" if peak[1] <= LIMIT else "NOT within"
        lines.append(f"A sweep of {peak[0]:,} runs held at most {most} MiB of memory: {verdict} 1 GiB.")
    return "\n".join(lines) + "\n"


def main(words: Sequence[str] | None = None) -> int:
    """Soak, and say what was found; 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(description="Kill a sweep again and again.", allow_abbrev=False)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--chunk", type=int, default=CHUNK)
    parser.add_argument("--large", type=int, default=0, help="also a sweep of so many runs, for its memory")
    parser.add_argument("--out", type=Path, default=FOLDER, help="for summary.txt")
    parser.add_argument("--nursery", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--large-here", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    warnings.simplefilter("ignore", UserWarning)  # a programme that is cut off by the end of so short a run
    if asked.nursery is not None:
        nursery(asked.nursery, asked.chunk)
        return 0
    if asked.large_here is not None:
        from collabsim.study.sweep import sweep_to

        sweep_to(plan_of(asked.large_here), asked.out)
        print(peak_megabytes() * 1e6 / 2**20)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        runs = plan_of(asked.runs).runs
        counts, faults = soak(runs, asked.kills, asked.chunk, folder)
        peak = (plan_of(asked.large).runs, large(asked.large, folder)) if asked.large else None
        text = report(counts, faults, runs, peak)
    finally:
        shutil.rmtree(folder)
    asked.out.mkdir(parents=True, exist_ok=True)
    write_changed(asked.out / "summary.txt", text.encode())
    print(text, end="")
    good = not faults and all(counts[phase] >= 5 for phase in PHASES)
    return 0 if good and (peak is None or peak[1] <= LIMIT) else 1


if __name__ == "__main__":
    sys.exit(main())
