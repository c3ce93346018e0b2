"""A comparison from end to end: the scenarios run, under other versions too, and everything that is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collabsim.study.compare import assumptions as assuming
from collabsim.study.compare import models as modelling
from collabsim.study.compare import tables as tabling
from collabsim.study.compare.models import MODEL_WORLDS, MODELS, Models, models_of
from collabsim.study.compare.network import network
from collabsim.study.compare.options import Options, options_of
from collabsim.study.compare.runs import Runs, runs_of
from collabsim.study.paired import OUTCOME

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """Everything that a report says, worked out.

    Attributes
    ----------
    runs
        What was run.
    models
        The same under plausible versions of the model, None where none were tried.
    tables
        By name, as :mod:`collabsim.study.compare.tables`, ``models`` and ``assumptions`` describe them.
    """

    runs: Runs
    models: Models | None
    tables: Mapping[str, pd.DataFrame]

    @property
    def options(self) -> Options:
        """The scenarios."""
        return self.runs.options


def compared(runs: Runs, models: Models | None = None) -> Comparison:
    """Work out what runs come to."""
    tables = {
        name: getattr(tabling, name)(runs)
        for name in ("levels", "differences", "monthly", "monthly_differences", "sectors", "traction",
                     "lasting", "costs")
    }  # fmt: skip
    tables["network"] = network(runs)
    if models is not None:
        tables |= {
            "models": modelling.model_differences(models),
            "holds": modelling.holds(models),
            "robustness": modelling.robustness(models),
            "assumptions": assuming.assumptions(models),
        }
    return Comparison(runs, models, tables)


def compare(
    *scenarios: Any,
    worlds: int | None = None,
    precision: float | None = None,
    outcome: str = OUTCOME,
    thresholds: Mapping[str, float] | None = None,
    models: int = MODELS,
    model_worlds: int = MODEL_WORLDS,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Comparison:
    """Compare scenarios in the same worlds, and under plausible versions of the model.

    Parameters
    ----------
    *scenarios
        Two to eight names, paths or scenarios; the first is what the others are held against.
    worlds, precision, outcome, seed, progress
        As for :func:`collabsim.study.compare.runs.runs_of`.
    thresholds, models, model_worlds
        As for :func:`collabsim.study.compare.models.models_of`.

    Raises
    ------
    InputError
        With every fault found.
    """
    options = options_of(scenarios)
    runs = runs_of(options, worlds, outcome=outcome, precision=precision, seed=seed, progress=progress)
    tried = models_of(
        options, outcome, models=models, worlds=model_worlds, seed=seed, thresholds=thresholds,
        progress=progress,
    )  # fmt: skip
    return compared(runs, tried)
