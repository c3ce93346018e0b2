"""Lessons: one idea each, to be predicted, seen and explained; their truth is found by running them.

No answer and no number is written down. Each lesson's file says what is run, what is measured and under which
condition which case is what happened. Its runs are played in many worlds, and it is shown in one that is
typical of them. What is then said is chosen and filled in by what the runs show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.ensemble import Ensemble
from collabsim.errors import Faults, InputError
from collabsim.lesson_files import Case, Lesson, Run, read_lesson
from collabsim.outcomes import OUTCOMES, mean_between
from collabsim.parameters import whole

WORLDS = 50
"""Worlds in which a lesson is run, unless said: as many as the page's band shows."""


def read_lessons(
    folder: str | Path | None = None, check: Callable[[Lesson], None] | None = None
) -> tuple[Lesson, ...]:
    """Read the bundled lessons, or those of a folder, without running them.

    Parameters
    ----------
    folder
        A folder of TOML files; the bundled lessons where None.
    check
        Called with each lesson; raises what else is wrong in it, which is told with the rest.

    Returns
    -------
    tuple of Lesson
        In their order.

    Raises
    ------
    InputError
        With every fault found, in all files.
    """
    home: Any = resources.files("collabsim") / "data" / "lessons" if folder is None else Path(folder)
    if not home.is_dir():
        raise InputError(f"there is no folder of lessons '{folder}'")
    files = [file for file in home.iterdir() if file.name.endswith(".toml")]
    if not files:
        raise InputError(f"the folder '{folder}' holds no lesson, which is a file ending in .toml")
    faults, found = Faults(), []
    for file in sorted(files, key=lambda file: file.name):
        try:
            found.append(read_lesson(file, None if folder is None else home))
            if check is not None:
                check(found[-1])
        except InputError as error:
            faults.take(error)
    for name, count in Counter(lesson.name for lesson in found).items():
        if count > 1:
            names = ", ".join(lesson.where for lesson in found if lesson.name == name)
            faults.add(f"there are {count} lessons with the id '{name}': {names}")
    faults.settle()
    return tuple(sorted(found, key=lambda lesson: (lesson.order, lesson.name)))


def lessons(folder: str | Path | None = None, *, worlds: int = WORLDS) -> list[dict[str, Any]]:
    """Return the lessons, run and told, as the page shows them.

    Parameters
    ----------
    folder
        A folder of TOML files; the bundled lessons where None.
    worlds
        In how many worlds each is run to find what is typical.

    Returns
    -------
    list of dict
        In their order; see :func:`tell` for the keys.

    Raises
    ------
    InputError
        With every fault found.
    """
    return [tell(lesson, worlds) for lesson in read_lessons(folder)]


@dataclass(frozen=True)
class Played:
    """A lesson in many worlds.

    Attributes
    ----------
    values
        (worlds,) by measure.
    cases
        (worlds,) position of the case that is what happened.
    """

    values: Mapping[str, Any]
    cases: Any

    @property
    def usual(self) -> int:
        """The position of the case that is what happened in most worlds; the first of equals."""
        return int(np.argmax(np.bincount(self.cases)))

    def typical(self) -> int:
        """Return the world nearest to the middle in every measure, among those of the usual case."""
        far = np.zeros(len(self.cases))
        for each in self.values.values():
            middle = np.nanmedian(each)
            spread = np.nanmedian(np.abs(each - middle))
            far += np.nan_to_num(np.abs(each - middle), nan=np.inf) / (spread if spread > 0 else 1.0)
        far[self.cases != self.usual] = np.inf
        return int(np.argmin(far))


def play(lesson: Lesson, worlds: Sequence[int], parameters: Mapping[str, float] | None = None) -> Played:
    """Run a lesson in many worlds, and find in each what happened.

    Parameters
    ----------
    lesson
        Which.
    worlds
        Their numbers; the seed is the lesson's.
    parameters
        Defaults other than the model's, for parameters that the lesson leaves alone.
    """
    scenarios = []
    for run in lesson.runs.values():
        given = {**(parameters or {}), **run.scenario.parameters}
        scenarios.append(replace(run.scenario, parameters=given))
    jobs = [(lesson.seed, world, 0, place) for place in range(len(scenarios)) for world in worlds]
    batch = Ensemble(scenarios).run(np.array(jobs, np.int64), monthly=True)
    for job, error in zip(jobs, batch.errors, strict=True):
        if error is not None:
            raise RuntimeError(f"lesson '{lesson.name}' failed in world {job[1]}: {error}")
    monthly = batch.monthly.reshape(len(scenarios), len(worlds), *batch.monthly.shape[1:])
    values: dict[str, Any] = {}
    for name, measure in lesson.measures.items():
        if measure.formula is not None:
            values[name] = measure.formula.work_out(values)
            continue
        months = monthly[list(lesson.runs).index(measure.run), :, :, list(OUTCOMES).index(measure.outcome)]
        values[name] = np.array([mean_between(row, measure.first, measure.last) for row in months])
    cases = np.full(len(worlds), len(lesson.cases) - 1)
    for place in reversed(range(len(lesson.cases) - 1)):
        when = lesson.cases[place].when
        assert when is not None  # only the last case has none
        cases[when.work_out(values)] = place
    return Played(values, cases)


def tell(
    lesson: Lesson, worlds: int = WORLDS, parameters: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Run a lesson and tell it: as the page shows it, with the answer and the numbers that the runs gave.

    Parameters
    ----------
    lesson
        Which.
    worlds
        In how many worlds it is run to find what is typical.
    parameters
        Defaults other than the model's, for parameters that the lesson leaves alone.

    Returns
    -------
    dict
        ``id``, ``order``, ``title``, ``idea``; ``scenario`` and ``compare``, tables in the shape of a
        scenario's TOML (``compare`` is None where it is ``scenario`` untreated); their ``labels``;
        ``seed``, ``world``, ``outcome``; ``question`` with ``kind``, ``text``, ``options``; ``answer``, an
        option's id or None; ``reveal``, ``explanation``, ``source``, ``open``, ``try``.
    """
    every = play(lesson, range(whole(worlds, "worlds", 1, 1_000_000)), parameters)
    world = every.typical() if lesson.world is None else lesson.world
    here = play(lesson, [world], parameters)
    case: Case = lesson.cases[int(here.cases[0])]
    words: dict[str, Any] = {name: Shown(value[0]) for name, value in here.values.items()}
    words |= {"worlds": worlds, "alike": int(np.count_nonzero(every.cases == here.cases[0]))}
    one, other = (lesson.runs[name] for name in lesson.shown)
    untreated = one.scenario.untreated().compile().identity == other.scenario.compile().identity
    choose = lesson.kind == "choose"
    return {
        "id": lesson.name,
        "order": lesson.order,
        "title": lesson.title,
        "idea": lesson.idea,
        "scenario": _table(one, parameters),
        "compare": None if untreated else _table(other, parameters),
        "labels": [one.label, other.label],
        "seed": lesson.seed,
        "world": world,
        "outcome": lesson.outcome,
        "question": {
            "kind": lesson.kind,
            "text": lesson.question.format_map(words),
            "options": [{"id": c.name, "text": c.text} for c in lesson.cases] if choose else [],
        },
        "answer": case.name if choose else None,
        "reveal": case.reveal.format_map(words),
        "explanation": case.explanation.format_map(words),
        "source": lesson.source,
        "open": list(lesson.then),
        "try": lesson.try_it,
    }


def _table(run: Run, parameters: Mapping[str, float] | None) -> dict[str, Any]:
    """Return a run's scenario in the shape of its TOML file."""
    if not parameters:
        return dict(run.table)
    return {**run.table, "parameters": {**parameters, **run.scenario.parameters}}


class Shown(float):
    """A measure in a text: in points (hundredths) with one decimal, unless a format says otherwise."""

    def __format__(self, how: str) -> str:
        """Write it."""
        if self != self:
            return "nothing that can be measured"
        text = format(float(self), how) if how else f"{100 * self:.1f}"
        return "0.0" if text == "-0.0" else text.replace("-", "−")
