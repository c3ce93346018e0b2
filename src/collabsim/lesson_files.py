"""Reading lessons from their TOML files, with every fault told at once.

A lesson is one file: who is simulated (``[common]`` and ``[runs.*]``), what is measured (``[measures]``), a
question, its cases (``[[case]]``, each with the condition under which it is what happened), and the texts.
See ``docs/educators.md``.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collabsim.draws import MONTHS_LIMIT, SEED_LIMIT, WORLD_LIMIT
from collabsim.errors import Faults, InputError, nearest
from collabsim.lesson_conditions import FUNCTIONS, Formula
from collabsim.outcomes import OUTCOMES
from collabsim.parameters import whole
from collabsim.partnership import Partnership
from collabsim.practices import PRACTICES
from collabsim.scenario import Scenario

KINDS = ("choose", "draw")
"""How a class predicts: choose one of the cases, or draw the line."""

COUNTED = ("worlds", "alike")
"""What texts may name besides measures: how many worlds were run, and in how many this is what happened."""


@dataclass(frozen=True)
class Run:
    """One of the runs of a lesson.

    Attributes
    ----------
    name, label
        In the file; for the reader.
    table
        The scenario in the shape of its TOML file.
    scenario
        The same, checked.
    """

    name: str
    label: str
    table: Mapping[str, Any]
    scenario: Scenario


@dataclass(frozen=True)
class Measure:
    """The mean of an outcome over months [first, last) of one run, or a formula over earlier measures."""

    run: str = ""
    outcome: str = ""
    first: int = 0
    last: int = 0
    formula: Formula | None = None


@dataclass(frozen=True)
class Case:
    """Something that may have happened: an option to choose, its condition, and what is then said.

    Attributes
    ----------
    name, text
        Its id, and the option as the reader sees it (none where the line is drawn).
    when
        Its condition; None for the last case, which is what happened where no other is.
    reveal, explanation
        What is said when it is what happened; the explanation is the lesson's, unless the case has its own.
    """

    name: str
    text: str
    when: Formula | None
    reveal: str
    explanation: str


@dataclass(frozen=True)
class Lesson:
    """A lesson as its file gives it: nothing run yet, so no answer.

    Attributes
    ----------
    name, order, title, idea
        Its id, its place in the order, and what it is about.
    seed, world
        Where it is shown; a world of None is chosen as a typical one.
    outcome
        The monthly outcome that is shown.
    runs
        Every run, by name.
    shown
        The names of run A and run B.
    measures, cases
        What is measured, and what may have happened.
    kind, question, source, then, try_it
        The question and the other texts; ``then`` are the practices whose sliders are open afterwards.
    where
        The file it was read from.
    """

    name: str
    order: int
    title: str
    idea: str
    seed: int
    world: int | None
    outcome: str
    runs: Mapping[str, Run]
    shown: tuple[str, str]
    measures: Mapping[str, Measure]
    cases: tuple[Case, ...]
    kind: str
    question: str
    source: str
    then: tuple[str, ...]
    try_it: str
    where: str = field(default="", compare=False)


def read_lesson(file: Any, folder: Path | None) -> Lesson:
    """Read one lesson.

    Parameters
    ----------
    file
        Something with ``name`` and ``read_bytes``.
    folder
        Paths of partnerships are relative to this folder.

    Raises
    ------
    InputError
        With every fault found.
    """
    try:
        data = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError(f"{file.name}: not a text file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file.name}: not valid TOML: {error}") from None
    except OSError as error:
        raise InputError(f"{file.name}: cannot be read: {error.strerror}") from None
    return _Reader(data, file.name, folder).lesson()


def paragraphs(text: str) -> str:
    """Join the lines of a text; an empty line parts paragraphs."""
    parts = (" ".join(part.split()) for part in text.strip().split("\n\n"))
    return "\n\n".join(part for part in parts if part)


class _Reader:
    """Reads one lesson from a mapping, collecting every fault on the way."""

    KEYS = ("id", "order", "title", "idea", "seed", "world", "outcome", "show", "common", "runs",
            "measures", "kind", "question", "case", "explanation", "source", "open", "try")  # fmt: skip

    def __init__(self, data: Mapping[str, Any], where: str, folder: Path | None) -> None:
        self.data, self.where, self.folder = data, where, folder
        self.faults = Faults(where)

    def lesson(self) -> Lesson:
        """Return the lesson.

        Raises
        ------
        InputError
            With every fault found.
        """
        self._unknown(self.data, self.KEYS, "")
        runs = self._runs()
        outcome = self._one_of("outcome", OUTCOMES, "collaborative_advantage")
        measures = self._measures(runs, outcome)
        kind = self._one_of("kind", KINDS, "")
        cases = self._cases(measures, kind)
        world = self.data.get("world", "typical")
        made = Lesson(
            name=self._text("id", Path(self.where).stem),
            order=self._whole("order", self.data.get("order"), 0, 1_000_000),
            title=self._text("title"),
            idea=self._text("idea"),
            seed=self._whole("seed", self.data.get("seed", 0), 0, SEED_LIMIT),
            world=None if world == "typical" else self._whole("world", world, 0, WORLD_LIMIT),
            outcome=outcome,
            runs=runs,
            shown=self._shown(runs),
            measures=measures,
            cases=cases,
            kind=kind,
            question=self._told("question", measures),
            source=self._text("source"),
            then=self._open(),
            try_it=self._text("try"),
            where=self.where,
        )
        self.faults.settle()
        return made

    def _unknown(self, table: Mapping[str, Any], known: Collection[str], at: str) -> None:
        for key in table:
            if key not in known:
                self.faults.add(f"{at}unknown key '{key}'{nearest(key, known)}")

    def _text(self, key: str, default: str | None = None, table: Mapping[str, Any] | None = None,
              at: str = "") -> str:  # fmt: skip
        value = (self.data if table is None else table).get(key, default)
        if isinstance(value, str) and value.strip():
            return paragraphs(value)
        missing = "is missing" if value is None else f"must be text, not {value!r}"
        self.faults.add(f"{at}'{key}' {missing}")
        return ""

    def _told(self, key: str, measures: Collection[str], table: Mapping[str, Any] | None = None,
              at: str = "") -> str:  # fmt: skip
        """Read a text with measures in braces, which the runs fill in."""
        text = self._text(key, None, table, at)
        known = [*measures, *COUNTED]
        try:
            fields = [(name, how) for _, name, how, _ in string.Formatter().parse(text) if name is not None]
            for name, how in fields:
                if name not in known:
                    self.faults.add(f"{at}'{key}' speaks of {{{name}}}, but there is no measure '{name}'"
                                    f"{nearest(name, known)}")  # fmt: skip
                format(1.0, how or "")
        except ValueError as error:
            self.faults.add(f"{at}'{key}': {error}; braces hold a measure's name, such as {{{known[0]}}}")
        return text

    def _whole(self, key: str, value: Any, low: int, high: int) -> int:
        if value is None:
            self.faults.add(f"'{key}' is missing")
            return low
        try:
            return whole(value, f"'{key}'", low, high)
        except InputError as error:
            self.faults.take(error)
            return low

    def _one_of(self, key: str, known: Iterable[str], default: str) -> str:
        value = self.data.get(key, default)
        names = list(known)
        if isinstance(value, str) and value in names:
            return value
        said = f"there is no {key} '{value}'" if value else f"'{key}' is missing"
        self.faults.add(f"{said}{nearest(value, names)}")
        return names[0]

    def _tables(self, key: str) -> Mapping[str, Mapping[str, Any]]:
        value = self.data.get(key, {})
        if isinstance(value, Mapping) and all(isinstance(table, Mapping) for table in value.values()):
            return value
        self.faults.add(f"'{key}' must be tables headed [{key}.<name>]")
        return {}

    def _runs(self) -> dict[str, Run]:
        """Read the runs: what all share, and what each adds."""
        common = self.data.get("common", {})
        if not isinstance(common, Mapping):
            self.faults.add("'common' must be a table headed [common]")
            common = {}
        who, partnership = self._partnership(common.get("partnership", "scottish-partnership"))
        if not self.data.get("runs"):
            self.faults.add("there is no run; give one under [runs.<name>]")
        runs: dict[str, Run] = {}
        for name, table in self._tables("runs").items():
            label = self._text("label", None, table, f"[runs.{name}] ")
            for key in ("partnership", "months"):
                if key in table:
                    self.faults.add(f"[runs.{name}] '{key}' belongs under [common]: all runs share it")
            merged = {**common, **{key: value for key, value in table.items() if key != "label"}}
            shared, own = common.get("parameters", {}), table.get("parameters", {})
            if isinstance(shared, Mapping) and isinstance(own, Mapping):
                merged["parameters"] = {**shared, **own}
            merged |= {"name": name, "title": label, "partnership": who}
            if partnership is None:
                continue
            try:
                read = {**merged, "partnership": partnership}
                made = Scenario.from_dict(read, f"{self.where}: [runs.{name}]", self.folder)
            except InputError as error:
                self.faults.found += error.faults
                continue
            runs[name] = Run(name, label, merged, made)
        return runs

    def _partnership(self, who: Any) -> tuple[str, Partnership | None]:
        """Load the one partnership of all runs; return its name or path, and itself."""
        if not isinstance(who, str):
            self.faults.add(f"[common] 'partnership' must be a name or a path, not {who!r}")
            return "", None
        local = None if self.folder is None else self.folder / who
        who = str(local) if local is not None and local.exists() else who
        try:
            return who, Partnership.load(who)
        except InputError as error:
            self.faults.take(error)
            return who, None

    def _shown(self, runs: Mapping[str, Run]) -> tuple[str, str]:
        value = self.data.get("show", list(runs)[:2])
        names = self.data.get("runs", {})
        if not (isinstance(value, list) and len(value) == 2 and all(isinstance(name, str) for name in value)):
            self.faults.add(f"'show' must name two runs, A and B, not {value!r}")
            return ("", "")
        for name in value:
            if name not in names:
                self.faults.add(f"'show': there is no run '{name}'{nearest(name, names)}")
        return (value[0], value[1])

    def _measures(self, runs: Mapping[str, Run], outcome: str) -> dict[str, Measure]:
        found: dict[str, Measure] = {}
        tables = self.data.get("measures", {})
        if not isinstance(tables, Mapping):
            self.faults.add("'measures' must be a table headed [measures]")
            tables = {}
        for name, value in tables.items():
            at = f"[measures] {name}: "
            if not name.isidentifier() or name in (*COUNTED, *FUNCTIONS):
                self.faults.add(f"{at}a measure's name is one word of letters, digits and _, and none of "
                                f"{', '.join((*COUNTED, *FUNCTIONS))}")  # fmt: skip
            if isinstance(value, Mapping):
                found[name] = self._measure(value, at, runs, outcome)
                continue
            try:
                found[name] = Measure(formula=Formula.read(value, found, holds=False))
            except InputError as error:
                for fault in error.faults:
                    self.faults.add(f"{at}{fault}")
        return found

    def _measure(self, table: Mapping[str, Any], at: str, runs: Mapping[str, Run], outcome: str) -> Measure:
        self._unknown(table, ("run", "outcome", "months"), at)
        run, wanted, span = table.get("run"), table.get("outcome", outcome), table.get("months")
        names = list(self.data.get("runs", {}))
        if run not in names:
            self.faults.add(f"{at}there is no run '{run}'{nearest(run, names)}")
        if wanted not in OUTCOMES:
            self.faults.add(f"{at}there is no monthly outcome '{wanted}'{nearest(wanted, OUTCOMES)}")
        length = next((run.scenario.months for run in runs.values()), MONTHS_LIMIT)
        match span:
            case [int(first), int(last)] if 0 <= first < last <= length:
                return Measure(str(run), str(wanted), first, last)
        self.faults.add(f"{at}'months' must be [from, to] within the {length} of the runs, not {span!r}")
        return Measure(str(run), str(wanted), 0, 1)

    def _cases(self, measures: Mapping[str, Measure], kind: str) -> tuple[Case, ...]:
        tables = self.data.get("case", [])
        if not (isinstance(tables, list) and tables and all(isinstance(table, Mapping) for table in tables)):
            self.faults.add("there is no case; give what may have happened in tables headed [[case]]")
            return ()
        cases: list[Case] = []
        shared = ""
        if any("explanation" not in table for table in tables):
            shared = self._told("explanation", measures)
        for place, table in enumerate(tables, 1):
            at, last = f"[[case]] {place}: ", place == len(tables)
            self._unknown(table, ("id", "text", "when", "reveal", "explanation"), at)
            if last and "when" in table:
                self.faults.add(f"{at}the last case has no 'when': it is what happened where no other is")
            when = None
            if not last:
                try:
                    when = Formula.read(table.get("when"), measures, holds=True)
                except InputError as error:
                    for fault in error.faults:
                        self.faults.add(f"{at}'when': {fault}")
            name = self._text("id", None, table, at)
            if name in [case.name for case in cases]:
                self.faults.add(f"{at}there is another case '{name}'")
            text = self._text("text", None, table, at) if kind == "choose" else ""
            own = "explanation" in table
            explanation = self._told("explanation", measures, table, at) if own else shared
            cases.append(Case(name, text, when, self._told("reveal", measures, table, at), explanation))
        if kind == "choose" and len(cases) < 2:
            self.faults.add("a question to choose from has at least two cases")
        return tuple(cases)

    def _open(self) -> tuple[str, ...]:
        value = self.data.get("open", [])
        if not (isinstance(value, list) and all(isinstance(name, str) for name in value)):
            self.faults.add(f"'open' must be a list of practices, not {value!r}")
            return ()
        for name in value:
            if name not in PRACTICES:
                self.faults.add(f"'open': there is no practice '{name}'{nearest(name, PRACTICES)}")
        return tuple(value)
