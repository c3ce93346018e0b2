"""What the compiled month is handed, and what can be asked of it.

Whatever is asked for is one call of one function: :mod:`collabsim.schedule` generates it, and says where its
machine code comes from.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from collabsim.calling import Entry, Table
from collabsim.outcomes import OUTCOMES
from collabsim.parameters import PARAMETERS, parameter_record
from collabsim.state import ENTRY_DTYPE, START_DTYPE, TIE_DTYPE, Month, State, new_month, new_state

JOBS, BEGUN, MONTH, TRUSTS = range(4)
"""What the one compiled entry point can be asked for. There is one, because most of what it takes to
compile is the month, which all of them hold."""


class Given(NamedTuple):
    """What runs are told, by setting and of the partnership."""

    params: Any
    """(settings,) the parameters of each"""
    table: Any
    """(settings, parameters) the same memory, by position"""
    spans: Any
    """(settings, 2) each one's entries of programmes and shocks: the first, and where they end"""
    organisations: Any
    """(n,) :data:`~collabsim.state.START_DTYPE`"""
    ties: Any
    """(ties,) :data:`~collabsim.state.TIE_DTYPE`"""
    survey_error: Any
    """(1,) standard deviation of surveyed trust round the truth"""


class Found(NamedTuple):
    """Where the compiled month puts what it finds."""

    joint: Any
    """(months,) joint deliveries of the run that was played last"""
    held: Any
    """(months,) its meetings; once jobs have run, those that were possible in a month"""
    summary: Any
    """(jobs, outcomes + 2): means of the last months; months to traction, of meetings and of possible ones"""
    advantage: Any
    """(jobs, months) collaborative advantage"""
    monthly: Any
    """(jobs, months, outcomes), or of no jobs where that is not wanted"""


class Work(NamedTuple):
    """What is to be done."""

    jobs: Any
    """(jobs, 4): seed, world, luck, setting"""
    ask: Any
    """(5,): what is asked for; the first job; months; whether to branch, and to keep every month"""


class Asked(NamedTuple):
    """All that the compiled month is handed."""

    state: Any
    month: Any
    origin: Any
    """The state to go on from, or any other"""
    given: Any
    rows: Any
    """(months, outcomes) of the run that was played last"""
    found: Any
    work: Any


def example() -> Asked:
    """Make arrays of the kinds that the compiled month takes."""
    state = new_state(1, 1)
    month = new_month(1, 1, np.zeros((0, 0)), np.zeros(0, ENTRY_DTYPE), np.zeros((0, 0)))
    return Asked(state, month, state, given_of(parameter_record({})), _ROWS, _FOUND, _TRUSTS)


def _work(what: int, first: int, months: int, branch: bool, keep: bool, jobs: Any) -> Work:
    return Work(jobs, np.array([what, first, months, branch, keep], np.int64))


_BEGUN, _MONTH, _TRUSTS = (
    _work(what, 0, 0, False, False, np.zeros((0, 4), np.int64)) for what in (BEGUN, MONTH, TRUSTS)
)
_ROWS, _NO_ROWS = np.zeros((1, len(OUTCOMES))), np.zeros((0, len(OUTCOMES)))
_FOUND = Found(
    joint=np.zeros(1),
    held=np.zeros(1),
    summary=np.zeros((1, len(OUTCOMES) + 2)),
    advantage=np.zeros((1, 1)),
    monthly=np.zeros((0, 0, 0)),
)


class Driver:
    """What can be asked of the compiled month of one schedule.

    Parameters
    ----------
    drive
        The month's entry point, as :meth:`Schedule.driver` generates it.
    entry
        Makes machine code of it, or finds it; asked when the month is first played. None for plain Python.
    """

    def __init__(self, drive: Callable[[Asked], int], entry: Callable[[], Entry] | None) -> None:
        self._drive, self._load = drive, entry
        self._entry: Entry | None = None
        self._lock = threading.Lock()
        usual = example()
        self._states, self._months, _, self._given, self._rows, self._found, self._work = (
            Table(part if isinstance(part, tuple) else (part,)) for part in usual
        )
        for work in (_BEGUN, _MONTH, _TRUSTS):
            self._work.words(work, remember=True)
        self._found.words(_FOUND, remember=True)

    def ready(self) -> None:
        """Compile the month now, or load it, so that what follows is not held up half-way."""
        if self._entry is None and self._load is not None:
            with self._lock:
                if self._entry is None:
                    self._entry = self._load()

    def run_jobs(
        self, state: State, month: Month, origin: State | None, given: Given, rows: Any, found: Found,
        jobs: Any, first: int, keep: bool,
    ) -> int:  # fmt: skip
        """Run jobs, as :class:`collabsim.ensemble.Ensemble` lays them out; return how many are done."""
        work = _work(JOBS, first, len(rows), origin is not None, keep, jobs)
        return self._call(Asked(state, month, origin or state, given, rows, found, work))

    def begin_world(self, state: State, month: Month, given: Given, where: Any) -> None:
        """Begin the world ``where``: seed, world, luck and setting."""
        jobs, summary = np.array([where], np.int64), np.zeros_like(_FOUND.summary)
        self.run_jobs(state, month, None, given, _NO_ROWS, _FOUND._replace(summary=summary), jobs, 0, False)
        own = given._replace(params=given.params[where[3] :][:1])
        self._call(Asked(state, month, state, own, _NO_ROWS, _FOUND, _BEGUN))

    def one_month(self, state: State, month: Month, given: Given, row: Any) -> bool:
        """Go on by a month and measure it in ``row``; False where room for pairs ran out on the way."""
        return self._call(Asked(state, month, state, given, row.reshape(1, -1), _FOUND, _MONTH)) == 1

    def refresh(self, state: State, month: Month, given: Given) -> None:
        """Work trust out anew from the evidence as it stands."""
        self._call(Asked(state, month, state, given, _NO_ROWS, _FOUND, _TRUSTS))

    def _call(self, asked: Asked) -> int:
        if self._load is None:
            return int(self._drive(asked))
        if self._entry is None:
            self.ready()
        assert self._entry is not None
        return self._entry(
            self._states.words(asked.state, remember=True)
            + self._months.words(asked.month, remember=True)
            + self._states.words(asked.origin, remember=True)
            + self._given.words(asked.given, remember=True)
            + self._rows.words((asked.rows,))
            + self._found.words(asked.found)
            + self._work.words(asked.work)
        )


def given_of(
    params: Any, spans: Any = None, organisations: Any = None, ties: Any = None, survey_error: float = 0.0
) -> Given:
    """Make what runs are told of its parts; without a partnership for asking about one that has begun."""
    params = params.view(np.recarray)
    return Given(
        params,
        np.asarray(params.view(np.float64).reshape(len(params), len(PARAMETERS))),
        np.zeros((len(params), 2), np.int64) if spans is None else spans,
        (np.zeros(0, START_DTYPE) if organisations is None else organisations).view(np.recarray),
        (np.zeros(0, TIE_DTYPE) if ties is None else ties).view(np.recarray),
        np.array([survey_error]),
    )
