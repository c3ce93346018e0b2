"""A comparison from end to end: the scenarios run, under other versions too, and everything that is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd

from collabsim.study.compare import models as modelling
from collabsim.study.compare import tables as tabling
from collabsim.study.compare.assumptions import assumptions
from collabsim.study.compare.models import Models
from collabsim.study.compare.network import network
from collabsim.study.compare.options import Options
from collabsim.study.compare.runs import Runs
from collabsim.study.plausible_set import plausible

WORKED_OUT: dict[str, Callable[[Runs], pd.DataFrame]] = {
    "levels": tabling.levels,
    "differences": tabling.differences,
    "monthly": tabling.monthly,
    "monthly_differences": tabling.monthly_differences,
    "sectors": tabling.sectors,
    "traction": tabling.traction,
    "lasting": tabling.lasting,
    "costs": tabling.costs,
    "network": network,
}
"""The tables of a comparison by name, and what works each out from the runs."""

BY_MODELS: dict[str, Callable[[Models], pd.DataFrame]] = {
    "models": modelling.model_differences,
    "holds": modelling.holds,
    "robustness": modelling.robustness,
    "assumptions": assumptions,
}
"""Those that need other versions of the model."""


class Tables(Mapping[str, "pd.DataFrame"]):
    """The tables of a comparison, each worked out when it is first read."""

    def __init__(self, runs: Runs, models: Models | None) -> None:
        self._waiting: dict[str, Callable[[], pd.DataFrame]] = {
            name: partial(work, runs) for name, work in WORKED_OUT.items()
        }
        if models is not None:
            self._waiting |= {name: partial(work, models) for name, work in BY_MODELS.items()}
        self._done: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return one table."""
        if name not in self._done:
            self._done[name] = self._waiting[name]()
        return self._done[name]

    def __iter__(self) -> Iterator[str]:
        """Name them in order."""
        return iter(self._waiting)

    def __len__(self) -> int:
        """Count them."""
        return len(self._waiting)


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
        By name, as :data:`WORKED_OUT` and :data:`BY_MODELS` describe them.
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
    return Comparison(runs, models, Tables(runs, models))


def planned(options: Options, worlds: int, models: int, model_worlds: int) -> int:
    """Return how many runs a comparison takes.

    Parameters
    ----------
    options
        The scenarios.
    worlds
        In which each is run, and each without its programme where that is another scenario.
    models, model_worlds
        Plausible versions asked for, and the worlds of each.
    """
    distinct = {scenario.untreated().compile().identity for scenario in options.scenarios}
    distinct -= {scenario.compile().identity for scenario in options.scenarios}
    tried = min(models, len(plausible()))
    return (len(options) + len(distinct)) * worlds + tried * model_worlds * len(options)
