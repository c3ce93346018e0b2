"""The same comparison under other plausible versions of the model: whether it holds, and regret.

A plausible version is one of the parameter sets that met all calibrated patterns (see
:func:`collabsim.study.plausible`). A scenario's own parameters stay what they are. Shares of versions are
shares of a set that was found by a search, and no probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from collabsim.ensemble import Ensemble
from collabsim.errors import Faults, InputError
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.study.compare.options import Options
from collabsim.study.compare.runs import check_outcome
from collabsim.study.comparisons import better, p_value, told_apart
from collabsim.study.paired import interval
from collabsim.study.plausible_set import plausible

MODELS = 50
"""Plausible versions tried, unless said otherwise or there are fewer."""

MODEL_WORLDS = 40
"""Worlds in which each version is run."""

MOST_MODELS = 100_000
"""Plausible versions that may be asked for."""

RUNS_AT_ONCE = 4096


@dataclass(frozen=True)
class Models:
    """The scenarios under plausible versions of the model.

    Attributes
    ----------
    options
        The scenarios.
    outcome
        What the comparison is about.
    sets
        The parameter sets tried, most central first.
    known
        How many plausible sets there are.
    worlds
        In how many worlds each was run.
    ends
        (scenarios, sets, worlds) of ``outcome`` at the end.
    meets
        (scenarios, sets, worlds) of bool, whether all thresholds are met; None without thresholds.
    thresholds
        Outcome to the least (or, where less is better, the most) that is good enough.
    """

    options: Options
    outcome: str
    sets: tuple[Mapping[str, float], ...]
    known: int
    worlds: int
    ends: Any
    meets: Any
    thresholds: Mapping[str, float]

    @property
    def sign(self) -> int:
        """+1 where more of the outcome is better, -1 where less is."""
        return OUTCOMES[self.outcome].better or 1

    def means(self) -> Any:
        """Return (scenarios, sets) means over worlds."""
        count = np.isfinite(self.ends).sum(axis=2)
        total = np.where(np.isfinite(self.ends), self.ends, 0.0).sum(axis=2)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def thresholds_of(words: Sequence[str]) -> dict[str, float]:
    """Read thresholds such as ``"trust=0.5"``.

    Raises
    ------
    InputError
        With every fault found: no such outcome, one without a better end, no number, or one given twice.
    """
    faults, given = Faults(), dict[str, str]()
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip()
        if not equals:
            faults.add(f"--threshold takes outcome=value, such as trust=0.5, not '{word}'")
            continue
        if name in given:
            faults.add(f"--threshold gives '{name}' twice")
        given[name] = text
    found: dict[str, float] = {}
    try:
        found = check_thresholds(given, "--threshold")
    except InputError as error:
        faults.take(error)
    faults.settle()
    return found


def check_thresholds(given: Mapping[str, Any], said: str) -> dict[str, float]:
    """Take outcomes and what of each is good enough.

    Parameters
    ----------
    given
        Outcome to a number, or to text that is one.
    said
        What they are called, for the message.

    Raises
    ------
    InputError
        With every fault found: no such outcome, one without a better end, or no number.
    """
    if not isinstance(given, Mapping):
        raise InputError(f"{said} must be a mapping of outcomes to numbers, not {given!r}")
    faults, found = Faults(), {}
    for name, value in given.items():
        try:
            check_outcome(name)
        except InputError as error:
            faults.take(error)
            continue
        if OUTCOMES[name].better == 0:
            faults.add(f"{said}: of '{name}' neither more nor less is better, so nothing is good enough")
        try:
            found[name] = float(value)
        except (TypeError, ValueError):
            found[name] = math.nan
        if not math.isfinite(found[name]):
            faults.add(f"{said}: the value of '{name}' must be a number, not '{value}'")
    faults.settle()
    return found


def models_of(
    options: Options,
    outcome: str,
    *,
    models: int = MODELS,
    worlds: int = MODEL_WORLDS,
    seed: int = 0,
    thresholds: Mapping[str, float] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Models | None:
    """Run the scenarios under plausible versions of the model, in the same worlds under each.

    Parameters
    ----------
    options
        The scenarios.
    outcome
        What the comparison is about.
    models
        How many versions to try: evenly spread over the plausible sets. None are tried for 0.
    worlds, seed
        Worlds 0 to ``worlds`` - 1 of this seed.
    thresholds
        Outcome to what is good enough.
    progress
        Called with the number of runs just done.

    Returns
    -------
    Models or None
        None where no version is tried.
    """
    every = plausible()
    count = min(models, len(every))
    if count == 0:
        return None
    chosen = sorted({round(place) for place in np.linspace(0, len(every) - 1, count).tolist()})
    sets = [every[place] for place in chosen]
    ends = np.full((len(options), len(sets), worlds, len(ALL_OUTCOMES)), np.nan)
    step = max(1, RUNS_AT_ONCE // (worlds * len(options)))
    for first in range(0, len(sets), step):
        here = sets[first : first + step]
        for places in _groups(options):
            made = [
                replace(scenario, parameters={**one, **scenario.parameters})
                for scenario in (options.scenarios[place] for place in places)
                for one in here
            ]
            jobs = np.array([(seed, w, 0, k) for k in range(len(made)) for w in range(worlds)], np.int64)
            batch = Ensemble(made).run(jobs, progress=progress)
            for job, error in zip(jobs.tolist(), batch.errors, strict=True):
                if error is not None:
                    raise RuntimeError(f"world {job[1]} of plausible version {job[3]} failed: {error}")
            shaped = batch.summary.reshape(len(places), len(here), worlds, -1)
            ends[places, first : first + len(here)] = shaped
    names = list(ALL_OUTCOMES)
    return Models(
        options, outcome, tuple(sets), len(every), worlds, ends[..., names.index(outcome)],
        _meets(ends, thresholds or {}), dict(thresholds or {}),
    )  # fmt: skip


def _groups(options: Options) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for place, scenario in enumerate(options.scenarios):
        groups.setdefault(id(scenario.partnership), []).append(place)
    return list(groups.values())


def _meets(ends: Any, thresholds: Mapping[str, float]) -> Any:
    """Return where all thresholds are met; a missing value meets none."""
    if not thresholds:
        return None
    met = np.ones(ends.shape[:-1], np.bool_)
    for name, value in thresholds.items():
        found = ends[..., list(ALL_OUTCOMES).index(name)]
        met &= found >= value if OUTCOMES[name].better > 0 else found <= value
    return met


def model_differences(models: Models) -> pd.DataFrame:
    """Return the paired difference under each version: ``one``, ``other``, ``model``, estimate, interval."""
    letters = [option.letter for option in models.options]
    rows = []
    for one, other in models.options.pairs:
        for place in range(len(models.sets)):
            gap = models.ends[one, place] - models.ends[other, place]
            kept = gap[np.isfinite(gap)]
            row: dict[str, Any] = {"one": letters[one], "other": letters[other], "model": place + 1}
            if len(kept):
                rows.append(row | interval(kept)._asdict())
    return pd.DataFrame(rows, columns=["one", "other", "model", "estimate", "low", "high", "worlds"])


def holds(models: Models) -> pd.DataFrame:
    """Return in what share of versions each scenario leads each other.

    Returns
    -------
    pandas.DataFrame
        A row a pair: ``one``, ``other``, ``models``, ``ahead`` (share in which the one is better on
        average), ``clearly`` and ``clearly_not`` (shares in which the two are told apart, after Holm's
        correction for the number of versions, to the one's good and to its harm) and ``median``, ``lowest``
        and ``highest`` difference.
    """
    letters = [option.letter for option in models.options]
    rows = []
    for one, other in models.options.pairs:
        gaps = models.sign * (models.ends[one] - models.ends[other])
        whole = [gap[np.isfinite(gap)] for gap in gaps if np.isfinite(gap).any()]
        row: dict[str, Any] = {"one": letters[one], "other": letters[other], "models": len(whole)}
        if whole:
            means = np.array([interval(gap).estimate for gap in whole])
            told = told_apart([p_value(gap) for gap in whole])
            signed = models.sign * means
            row |= {"ahead": better(means), "clearly": float(((means > 0) & told).mean()),
                    "clearly_not": float(((means < 0) & told).mean()), "median": float(np.median(signed)),
                    "lowest": float(signed.min()), "highest": float(signed.max())}  # fmt: skip
        rows.append(row)
    columns = ["one", "other", "models", "ahead", "clearly", "clearly_not", "median", "lowest", "highest"]
    return pd.DataFrame(rows, columns=columns)


def robustness(models: Models) -> pd.DataFrame:
    """Return how each scenario fares over all versions.

    Returns
    -------
    pandas.DataFrame
        A row a scenario: ``scenario``, ``best`` (share of versions in which it is best on average),
        ``mean_regret`` and ``worst_regret`` (how far it falls short of the best scenario, on average over
        versions and in the worst of them), and with thresholds ``good_enough`` (share of runs over all
        versions that meet all of them) and ``good_enough_worst`` (the same in the worst version).
    """
    means = models.sign * models.means()
    whole = np.isfinite(means).all(axis=0)
    means = means[:, whole]
    top = means.max(axis=0) if means.size else means
    rows = []
    for place, option in enumerate(models.options):
        regret = top - means[place]
        ties = (means == top).sum(axis=0)
        first = np.where(means[place] == top, 1.0 / np.maximum(ties, 1), 0.0)
        row: dict[str, Any] = {
            "scenario": option.letter,
            "best": float(first.mean()) if first.size else math.nan,
            "mean_regret": float(regret.mean()) if regret.size else math.nan,
            "worst_regret": float(regret.max()) if regret.size else math.nan,
        }
        if models.meets is not None:
            shares = models.meets[place].mean(axis=1)
            row |= {"good_enough": float(shares.mean()), "good_enough_worst": float(shares.min())}
        rows.append(row)
    return pd.DataFrame(rows)
