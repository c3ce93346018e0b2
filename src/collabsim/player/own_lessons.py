"""Lessons as the page offers them: the bundled ones, and beside them those of a teacher's own folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from collabsim.errors import Faults, InputError
from collabsim.lesson_files import Lesson
from collabsim.lessons import read_lessons
from collabsim.partnership import Partnership, bundled
from collabsim.player.trajectory import check_size, scenario_table
from collabsim.scenario import Scenario

MOST_LABEL = 200
"""The longest label of a run that the page takes, in letters."""


def offered_lessons(folder: str | Path | None = None) -> tuple[Lesson, ...]:
    """Read the lessons that the page offers, without running them.

    Parameters
    ----------
    folder
        A folder of one's own lessons. They stand beside the bundled ones, each at the place that its
        ``order`` gives it; one with the id of a bundled one stands in its place, so that an edited copy
        replaces what it was copied from.

    Returns
    -------
    tuple of Lesson
        In their order.

    Raises
    ------
    InputError
        With every fault found, in all files.
    """
    told = {lesson.name: lesson for lesson in read_lessons()}
    if folder is not None:
        told |= {lesson.name: lesson for lesson in own_lessons(folder)}
    return tuple(sorted(told.values(), key=lambda lesson: (lesson.order, lesson.name)))


def own_lessons(folder: str | Path) -> tuple[Lesson, ...]:
    """Read the lessons of a folder, each no larger than the page can show, in their order.

    Their scenarios are written out, with the partnership by its name: no file is read because a visitor
    of the page names it, and no path of this machine leaves it.

    Raises
    ------
    InputError
        With every fault found, in all files.
    """
    return tuple(_written_out(lesson) for lesson in read_lessons(folder, check=_check))


def partnerships_of(lessons: Iterable[Lesson], scenarios: Iterable[Scenario] = ()) -> dict[str, Partnership]:
    """Return the partnerships of lessons by name, which is all that the page knows of them.

    Parameters
    ----------
    lessons
        Which.
    scenarios
        What else can be chosen on the page.

    Raises
    ------
    InputError
        If two partnerships that differ have one name.
    """
    known: dict[str, Partnership] = {}
    faults = Faults()

    def meet(who: Partnership, said: str) -> None:
        if who.name not in known:
            known[who.name] = Partnership.load(who.name) if who.name in bundled() else who
        if known[who.name].identity() != who.identity():
            faults.add(f"{said} is called '{who.name}', as another one is; give it a name of its own")

    for scenario in scenarios:
        meet(scenario.partnership, f"the partnership of '{scenario.name}'")
    found = {}
    for lesson in lessons:
        who = lesson.runs[lesson.shown[0]].scenario.partnership
        meet(who, f"{lesson.where}: [common] 'partnership'")
        found[who.name] = who
    faults.settle()
    return found


def _check(lesson: Lesson) -> None:
    faults = Faults(lesson.where)
    try:
        check_size(lesson.runs[lesson.shown[0]].scenario)
    except InputError as error:
        for fault in error.faults:
            faults.add(f"[common] {fault}")
    for name, run in lesson.runs.items():
        if len(run.label) > MOST_LABEL:
            faults.add(f"[runs.{name}] 'label' has {len(run.label)} letters; the page takes {MOST_LABEL}")
    faults.settle()


def _written_out(lesson: Lesson) -> Lesson:
    runs = {name: replace(run, table=scenario_table(run.scenario)) for name, run in lesson.runs.items()}
    return replace(lesson, runs=runs)
