"""Scoring many sets of parameters side by side, with a record on disk from which to go on after a stop."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from collabsim.parameters import PARAMETERS
from collabsim.schedule import SCHEDULE
from collabsim.study.calibration_space import SPACE
from collabsim.study.patterns.calibration import CALIBRATED, Score, score
from collabsim.study.provenance import digest

Task = tuple[tuple[float, ...], int, int, bool]
"""A point in the order of :data:`SPACE`, worlds, seed, and whether to stop at the first failure."""


def identity() -> str:
    """Hash all that a score depends on beside its task: rules, thresholds, and the defaults not varied."""
    return digest(
        {
            "rules": SCHEDULE.identity,
            "space": list(SPACE),
            "fixed": {name: each.default for name, each in PARAMETERS.items() if name not in SPACE},
            "thresholds": {str(number): list(map(str, checks)) for number, checks in CALIBRATED.items()},
        }
    )


def settings(point: Iterable[float]) -> dict[str, float]:
    """Return a point as overrides of parameters."""
    return dict(zip(SPACE, point, strict=True))


def work(task: Task) -> Score:
    """Score one point, in whatever process."""
    point, worlds, seed, stop = task
    return score(settings(point), worlds, seed, stop=stop)


class Record:
    """Scores on disk, a line each; a line cut short by a stop is left out.

    Parameters
    ----------
    file
        Where; one made with other rules, thresholds or defaults is begun anew. None keeps nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.known: dict[Task, Score] = {}
        if file is None:
            return
        head = json.dumps({"identity": identity()})
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        if lines[:1] == [head]:
            for line in lines[1:]:
                self._take(line)
        # Written anew, so that nothing is ever added to a line cut short.
        part = file.with_suffix(".part")
        text = "".join(f"{one}\n" for one in [head, *map(_line, self.known.items())])
        part.write_text(text, encoding="utf-8")
        part.replace(file)

    def _take(self, line: str) -> None:
        try:
            point, worlds, seed, stop, statistics, holds = json.loads(line)
        except ValueError:
            return
        held = {int(number): each for number, each in holds.items()}
        self.known[(tuple(point), worlds, seed, stop)] = Score(statistics, held)

    def scores(
        self, tasks: Iterable[Task], workers: int | None = None, progress: Callable[[int], None] | None = None
    ) -> list[Score]:
        """Return the score of each task, working out those that are not known.

        Parameters
        ----------
        tasks
            What to score.
        workers
            Processes; one a core unless said. With one, all is done in this process.
        progress
            Called with the number of scores just had.
        """
        wanted = list(tasks)
        new = [task for task in dict.fromkeys(wanted) if task not in self.known]
        tell = progress or (lambda count: None)
        tell(len(wanted) - len(new))
        workers = min(workers or os.cpu_count() or 1, max(1, len(new) // 4))
        if workers == 1:
            self._keep(zip(new, map(work, new), strict=True), tell)
        else:
            _ = SCHEDULE.driver  # compiled once, for every process to load
            # Spawned, not forked: a fork of a process with threads may hang.
            with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
                self._keep(zip(new, pool.map(work, new, chunksize=4), strict=True), tell)
        return [self.known[task] for task in wanted]

    def _keep(self, scored: Iterable[tuple[Task, Score]], tell: Callable[[int], None]) -> None:
        if self.file is None:
            for task, found in scored:
                self.known[task] = found
                tell(1)
            return
        with self.file.open("a", encoding="utf-8") as out:
            for task, found in scored:
                self.known[task] = found
                out.write(_line((task, found)) + "\n")
                out.flush()
                tell(1)


def _line(scored: tuple[Task, Score]) -> str:
    (point, worlds, seed, stop), found = scored
    holds: dict[str, Any] = {str(number): bool(held) for number, held in found.holds.items()}
    return json.dumps([list(point), worlds, seed, stop, found.statistics, holds])
