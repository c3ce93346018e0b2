"""Comparing from Python: what ``collabsim compare`` does, with the same words and the same report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabsim.draws import SEED_LIMIT, WORLD_LIMIT
from collabsim.errors import Faults, InputError, nearest
from collabsim.parameters import number, whole
from collabsim.partnership import Partnership
from collabsim.scenario import Scenario
from collabsim.study.compare.comparison import Comparison, compared
from collabsim.study.compare.models import MODEL_WORLDS, MODELS, MOST_MODELS, check_thresholds, models_of
from collabsim.study.compare.options import options_of
from collabsim.study.compare.runs import check_outcome, runs_of
from collabsim.study.paired import OUTCOME

if TYPE_CHECKING:
    from collabsim.report.compare.words import Finding

LEAST_PRECISION, WIDEST_PRECISION = 1e-12, 1e12
"""Within which the precision asked for lies: above 0."""


@dataclass(frozen=True, eq=False, repr=False)
class Compared(Comparison):
    """A comparison that says in words what was found; printed, it says what the command says.

    Attributes
    ----------
    runs, models, tables
        As in :class:`~collabsim.study.compare.comparison.Comparison`; ``tables`` are pandas tables by name.
    call
        What compares the same again, from Python.
    """

    call: str

    @property
    def findings(self) -> list[Finding]:
        """What was found (``heading`` and ``text``), and beside it how ``sure`` that is."""
        from collabsim.report.compare.document import findings_of

        return findings_of(self)

    def write(self, out: str | Path, format: str = "html", *, play: bool = False) -> Path:
        """Write the report, its tables beside it.

        Parameters
        ----------
        out
            A folder, new, empty or of an earlier comparison.
        format
            ``"html"``, ``"md"`` or ``"docx"``.
        play
            Also write ``play.html``, in which the scenarios play month by month; it shows every
            organisation's name and trust.

        Returns
        -------
        pathlib.Path
            The report.

        Raises
        ------
        InputError
            With every fault found; nothing is written then.
        """
        from collabsim.report.compare.writing import check_playable, files_of, write_files

        faults = _check_report(out, format)
        if play:
            _note(faults, lambda: check_playable(self.options))
        faults.settle()
        write_files(Path(out), files_of(self, self.call, format, play=play))
        return Path(out) / f"report.{format}"

    def __str__(self) -> str:
        """Say what the command says."""
        from collabsim.report.compare.terminal import finding_lines

        return "\n".join(finding_lines(self))

    def __repr__(self) -> str:
        """Say what it is, and not all that is in it."""
        titles = ", ".join(f"{option.letter} {option.title}" for option in self.options)
        return f"<comparison in {self.runs.worlds} worlds of {titles}>"


def compare(
    *scenarios: Any,
    worlds: int | None = None,
    precision: float | None = None,
    outcome: str = OUTCOME,
    thresholds: Mapping[str, float] | None = None,
    models: int = MODELS,
    model_worlds: int = MODEL_WORLDS,
    seed: int = 0,
    out: str | Path | None = None,
    format: str = "html",
    play: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Compared:
    """Compare scenarios in the same worlds, and under plausible versions of the model.

    Parameters
    ----------
    *scenarios
        Two to eight names, paths or scenarios; the first is what the others are held against.
    worlds
        How many (500); with ``precision``, the most there may be.
    precision
        Half the width of a 95% interval, in units of the outcome: worlds are added until every difference
        is known this well.
    outcome
        The monthly outcome that they are compared by.
    thresholds
        Outcome to what is good enough.
    models, model_worlds
        How many plausible versions of the model to try (0 for none), and in how many worlds each.
    seed
        Whose worlds.
    out, format, play
        Write the report to this folder, as :meth:`Compared.write` does.
    progress
        Called with the number of runs just done.

    Returns
    -------
    Compared
        ``print`` it for what was found; ``.tables["differences"]`` and others are pandas tables;
        ``.write(folder)`` writes the report.

    Raises
    ------
    InputError
        With every fault found; nothing is run or written then.

    Examples
    --------
    >>> import collabsim as cs
    >>> found = cs.compare("baseline", "full-programme", worlds=20, models=0)
    >>> sorted(found.tables["differences"]["other"].unique())
    ['A']
    """
    asked: dict[str, Any] = {
        "worlds": worlds, "precision": precision, "outcome": outcome, "thresholds": thresholds or {},
        "models": models, "model_worlds": model_worlds, "seed": seed,
    }  # fmt: skip
    faults = _check(asked)
    if out is not None:
        faults.found += _check_report(out, format).found
    elif play:
        faults.add("play=True writes a file beside the report; name the folder with out=...")
    try:
        options = options_of(scenarios)
        if play:
            from collabsim.report.compare.writing import check_playable

            check_playable(options)
    except InputError as error:
        faults.take(error)
    faults.settle()
    runs = runs_of(options, worlds, outcome=outcome, precision=precision, seed=seed, progress=progress)
    tried = models_of(
        options, outcome, models=models, worlds=model_worlds, seed=seed, thresholds=asked["thresholds"],
        progress=progress,
    )  # fmt: skip
    found = Compared(**vars(compared(runs, tried)), call=_call(scenarios, asked))
    if out is not None:
        found.write(out, format, play=play)
    return found


def _check(asked: dict[str, Any]) -> Faults:
    """Check what does not need the scenarios, noting every fault."""
    faults = Faults()
    checks: list[Callable[[], Any]] = [
        lambda: asked["worlds"] is None or whole(asked["worlds"], "worlds", 1, WORLD_LIMIT),
        lambda: whole(asked["models"], "models", 0, MOST_MODELS),
        lambda: whole(asked["model_worlds"], "model_worlds", 2, WORLD_LIMIT),
        lambda: whole(asked["seed"], "seed", 0, SEED_LIMIT),
        lambda: asked["precision"] is None
        or number(asked["precision"], "precision", LEAST_PRECISION, WIDEST_PRECISION),
        lambda: check_outcome(asked["outcome"]),
        lambda: asked.update(thresholds=check_thresholds(asked["thresholds"], "thresholds")),
    ]
    for check in checks:
        _note(faults, check)
    return faults


def _note(faults: Faults, check: Callable[[], Any]) -> None:
    """Check something, and note what is wrong."""
    try:
        check()
    except InputError as error:
        faults.take(error)


def _check_report(out: str | Path, form: str) -> Faults:
    """Check whether a report can be written there, in that form."""
    from collabsim.report.compare.writing import FORMATS, check_folder

    faults = Faults()
    _note(faults, lambda: check_folder(Path(out), "out"))
    if form not in FORMATS:
        faults.add(f"format: there is no format '{form}'{nearest(form, FORMATS)}")
    return faults


USUAL: Mapping[str, Any] = {
    "worlds": None, "precision": None, "outcome": OUTCOME, "thresholds": {}, "models": MODELS,
    "model_worlds": MODEL_WORLDS, "seed": 0,
}  # fmt: skip


def _call(scenarios: tuple[Any, ...], asked: Mapping[str, Any]) -> str:
    """Return what compares the same again; a scenario made in Python stands by its name in brackets."""
    from collabsim.report.compare.writing import short_path

    words = [
        f"<{one.name}>" if isinstance(one, Scenario | Partnership) else repr(short_path(str(one)))
        for one in scenarios
    ]
    words += [f"{name}={value!r}" for name, value in asked.items() if value != USUAL[name]]
    return f"cs.compare({', '.join(words)})"
