"""What a finished sweep says about one outcome: tables by its design, and findings in plain words.

A design decides what can be asked of it. Designs of levels are compared point by point in the same worlds,
and, where every factor has two levels, taken apart into main effects, interactions and exact Shapley values;
sampled designs give indices. That something cannot be told apart is a finding like any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.errors import InputError
from collabsim.programmes import THEN
from collabsim.study import replication, sensitivity
from collabsim.study.comparisons import holm, judged, told_apart
from collabsim.study.designs import Design
from collabsim.study.effects import interaction_values, main_values, shapley_values
from collabsim.study.factors import ORDER, Spread
from collabsim.study.paired import CONFIDENCE, OUTCOME, interval
from collabsim.study.swept import Swept, counted, outcome_title

if TYPE_CHECKING:
    import pandas as pd

MOST_COMPARED = 200
"""Points beyond which they are not compared one by one with the first."""

MOST_PLAYERS = 12
"""Factors beyond which not all their combinations are gone through."""

NOTHING = "; cannot be told apart from nothing"

SMALLEST = 0.01
"""The smallest difference that matters, unless said: one point of collaborative advantage."""


@dataclass
class Analysis:
    """What a sweep says.

    Attributes
    ----------
    title
        What was swept.
    design
        Its points.
    outcome
        What was looked at.
    worlds
        How many worlds all of it rests on.
    tables
        Name to table.
    findings
        In plain words, the most important first.
    """

    title: str
    design: Design
    outcome: str
    worlds: int
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


def analyse(
    swept: Swept,
    outcome: str = OUTCOME,
    *,
    missing: str = "refuse",
    smallest: float = SMALLEST,
    confidence: float = CONFIDENCE,
) -> Analysis:
    """Analyse one outcome of a finished sweep.

    Parameters
    ----------
    swept
        From :meth:`Swept.open`.
    outcome
        Which.
    missing
        Whether worlds in which a run has no value are refused or dropped.
    smallest
        The smallest difference that matters, for how many worlds are enough.
    confidence
        The coverage of intervals, and one less the probability of any false finding among many.

    Raises
    ------
    InputError
        Where the design is incomplete.
    """
    values, worlds = swept.values(outcome, missing)
    made = Analysis(swept.title, swept.design, outcome, len(worlds))
    made.findings.append(
        f"{swept.title}, each in {counted(len(worlds), 'world')}; outcome: {outcome_title(outcome)}."
    )
    dropped = int(swept.manifest.get("worlds", len(worlds))) - len(worlds)
    if dropped > 0:
        made.findings.append(f"{counted(dropped, 'world')} left out, in which a run has no value.")
    made.tables["points"] = point_means(made.design, values, confidence)
    if values.shape[1] > 1 and (values == values.flat[0]).all():
        made.findings.append("The outcome is the same in every run: nothing moves it.")
    for part in BY_DESIGN[made.design.name]:
        part(made, values, confidence)
    if len(values) > 1 and len(worlds) > 1:
        made.tables["noise"] = sensitivity.noise(values)
        made.findings += _noise_words(made)
    if len(worlds) > 1:
        _replication(made, values, number_above_0(smallest))
    return made


def number_above_0(value: Any) -> float:
    """Check the smallest difference that matters."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise InputError(f"the smallest difference that matters must be a number above 0, not {value!r}")
    return float(value)


def point_means(design: Design, values: Any, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Return the mean of every point over its worlds: ``point``, the factors, and the estimate."""
    import pandas as pd

    rows = []
    for place in range(design.count):
        row = {"point": place, **design.point(place)}
        rows.append(row | interval(values[place], confidence)._asdict())
    return pd.DataFrame(rows)


def cube(design: Design, values: Any) -> Any:
    """Return (worlds, 2**n) outcomes of a two-level factorial by subset.

    Digit k of a subset says that factor k is at its second level.
    """
    n = len(design.factors)
    order = [sum((place >> k & 1) << (n - 1 - k) for k in range(n)) for place in range(2**n)]
    return np.asarray(values)[order].T


def _compared(made: Analysis, values: Any, confidence: float) -> None:
    """Compare every point with the first, in the same worlds."""
    count = len(values)
    if not 2 <= count <= MOST_COMPARED:
        if count > MOST_COMPARED:
            made.findings.append(f"Of more than {MOST_COMPARED} points, none is compared one by one.")
        return
    frame = judged({place: values[place] - values[0] for place in range(1, count)}, confidence)
    for place, name in enumerate(made.design.factors, 1):
        frame.insert(place, name, [made.design.point(point)[name] for point in frame["comparison"]])
    made.tables["comparisons"] = frame.rename(columns={"comparison": "point"})
    apart = int(frame["told_apart"].sum())
    first = _words(made.design, 0)
    made.findings.append(
        f"Compared with the first point ({first}), {apart} of {count - 1} others can be told apart from it; "
        f"{count - 1 - apart} cannot, after correction for {counted(count - 1, 'comparison')}."
    )
    best, worst = (getattr(np, which)(values.mean(axis=1)) for which in ("argmax", "argmin"))
    made.findings.append(
        f"Highest at {_words(made.design, int(best))}: {values[best].mean():.4g}; lowest at "
        f"{_words(made.design, int(worst))}: {values[worst].mean():.4g}."
    )


def _words(design: Design, place: int) -> str:
    """Say which point is meant; of switched practices only what is on."""
    point = design.point(place)
    if all(value in (0.0, 1.0) for value in point.values()):
        on = [name for name, value in point.items() if value == 1.0]
        return " + ".join(on) if on else "nothing on"
    return ", ".join(
        f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}"
        for name, value in point.items()
    )


def _taken_apart(made: Analysis, values: Any, confidence: float) -> None:
    """Take a factorial apart: what each factor adds, and what pairs add beyond the sum of each."""
    names = list(made.design.factors)
    if not made.design.two_levels or len(names) > MOST_PLAYERS:
        _levels(made, values, confidence)
        return
    game = cube(made.design, values)
    full = 2 ** len(names) - 1
    shares = shapley_values(game)
    measures: dict[str, Callable[[int], Any]] = {
        "alone": lambda k: game[:, 1 << k] - game[:, 0],
        "within_whole": lambda k: game[:, full] - game[:, full ^ 1 << k],
        "shapley": lambda k: shares[:, k],
        "main": lambda k: main_values(game, k),
    }
    import pandas as pd

    frames = []
    for measure, effect in measures.items():
        frame = judged({name: effect(k) for k, name in enumerate(names)}, confidence)
        frame.insert(1, "measure", measure)
        frames.append(frame.rename(columns={"comparison": "factor"}))
    made.tables["effects"] = pd.concat(frames, ignore_index=True)
    made.findings += _effect_words(frames[2], "Shapley share of the whole")
    if len(names) > 1:
        pairs = list(combinations(range(len(names)), 2))
        frame = judged({pair: interaction_values(game, *pair) for pair in pairs}, confidence)
        frame.insert(0, "other", [names[k] for _, k in pairs])
        frame.insert(0, "factor", [names[j] for j, _ in pairs])
        made.tables["interactions"] = frame.drop(columns="comparison")
        made.findings += _pair_words(made.tables["interactions"])


def _levels(made: Analysis, values: Any, confidence: float) -> None:
    """Say what each level of a factor adds to its first, on average over all levels of the others."""
    import pandas as pd

    shape = [len(levels) for levels in made.design.factors.values() if not isinstance(levels, Spread)]
    grid = np.asarray(values).reshape(*shape, -1)
    paired: dict[Any, Any] = {}
    rows: list[dict[str, Any]] = []
    for axis, (name, levels) in enumerate(made.design.factors.items()):
        others = tuple(k for k in range(len(shape)) if k != axis)
        means = grid.mean(axis=others)
        for place, level in enumerate(levels[1:], 1):  # type: ignore[index]
            paired[len(rows)] = means[place] - means[0]
            rows.append({"factor": name, "level": str(level), "against": str(levels[0])})  # type: ignore[index]
    if not paired:
        return
    frame = judged(paired, confidence).drop(columns="comparison")
    made.tables["levels"] = pd.concat([pd.DataFrame(rows), frame], axis=1)
    named = made.tables["levels"].assign(
        factor=[f"{row['factor']} = {row['level']} (against {row['against']})" for row in rows]
    )
    made.findings += _effect_words(named, "Mean effect over all levels of the others")


def _contrasts(made: Analysis, values: Any, confidence: float) -> None:
    """Say what each factor adds, from a balanced part of all combinations, and what it is mixed up with."""
    unit, names = made.design.unit, list(made.design.factors)
    signs = 2.0 * unit - 1.0
    half = len(unit) / 2.0
    frame = judged({name: signs[:, k] @ values / half for k, name in enumerate(names)}, confidence)
    mixed = []
    for k in range(len(names)):
        pairs = [pair for pair in combinations(range(len(names)), 2) if k not in pair]
        same = [p for p in pairs if abs(signs[:, k] @ (signs[:, p[0]] * signs[:, p[1]])) == len(unit)]
        mixed.append("; ".join(f"{names[i]} × {names[j]}" for i, j in same))
    frame = frame.rename(columns={"comparison": "factor"})
    frame.insert(1, "measure", "main")
    frame["mixed_with"] = mixed
    made.tables["effects"] = frame
    made.findings += _effect_words(frame, "Mean effect over the combinations run")
    if any(mixed):
        made.findings.append("Some effects are mixed up with those of pairs: see mixed_with in effects.csv.")


def _positions(made: Analysis, values: Any, confidence: float) -> None:
    """Say what it makes to a programme that a practice has one place in its order rather than any."""
    if set(made.design.factors) != {ORDER}:
        return
    orders = [made.design.point(place)[ORDER].split(THEN) for place in range(made.design.count)]
    paired: dict[Any, Any] = {}
    rows: list[dict[str, Any]] = []
    for name in orders[0]:
        for place in range(len(orders[0])):
            here = [k for k, names in enumerate(orders) if names[place] == name]
            if here and len(here) < len(orders):
                paired[len(rows)] = values[here].mean(axis=0) - values.mean(axis=0)
                rows.append({"factor": name, "place": place + 1, "orders": len(here)})
    if not paired:
        return
    import pandas as pd

    frame = judged(paired, confidence).drop(columns="comparison")
    made.tables["positions"] = pd.concat([pd.DataFrame(rows), frame], axis=1)
    named = made.tables["positions"].assign(
        factor=[f"{row['factor']} in place {row['place']}" for row in rows]
    )
    made.findings += _effect_words(named, "Against the mean of all orders", most=6)


def _indices(made: Analysis, values: Any, confidence: float) -> None:
    frame = sensitivity.sobol_indices(made.design, values, confidence)
    made.tables["indices"] = frame
    made.findings.append("Sobol indices, total (and first), of the mean over worlds:")
    ordered = frame.sort_values("total", ascending=False, kind="stable")
    for row in ordered.to_dict("records"):
        clear = row["total"] - row["total_half"] > 0
        made.findings.append(
            f"  {row['factor']}: {row['total']:.3f} ± {row['total_half']:.3f} (first {row['first']:.3f} ± "
            f"{row['first_half']:.3f})" + ("" if clear else NOTHING)
        )


def _screened(made: Analysis, values: Any, confidence: float) -> None:
    frame = sensitivity.morris_measures(made.design, values, confidence)
    made.tables["measures"] = frame
    made.findings.append("Morris: mean size of elementary effects over the whole range (mu*):")
    for row in frame.sort_values("mu_star", ascending=False, kind="stable").to_dict("records"):
        clear = row["mu_star"] - row["mu_star_half"] > 0
        luck = "" if math.isnan(row["noise"]) else f", {row['noise']:.0%} of it luck"
        made.findings.append(
            f"  {row['factor']}: {row['mu_star']:.4g} ± {row['mu_star_half']:.2g}{luck}"
            + ("" if clear else NOTHING)
        )


def _ranked(made: Analysis, values: Any, confidence: float) -> None:
    frame = sensitivity.importance(made.design, values, confidence)
    frame["p_corrected"] = holm(frame["p_value"].to_numpy())
    frame["told_apart"] = told_apart(frame["p_value"].to_numpy(), confidence)
    made.tables["importance"] = frame
    made.findings.append("Rank correlation of each factor with the outcome:")
    ordered = frame.sort_values("rank_correlation", ascending=False, key=abs, kind="stable")
    for row in ordered.to_dict("records"):
        shown = "names" if math.isnan(row["rank_correlation"]) else f"{row['rank_correlation']:+.3f}"
        made.findings.append(
            f"  {row['factor']}: {shown}" + ("" if row["told_apart"] else NOTHING)
        )


def _effect_words(frame: pd.DataFrame, what: str, most: int = 12) -> list[str]:
    """Say what each factor adds, largest first, and what cannot be told from nothing."""
    ordered = frame.sort_values("estimate", ascending=False, key=abs, kind="stable")
    lines = [f"{what}:"]
    for row in ordered.head(most).to_dict("records"):
        said = f"  {row['factor']}: {row['estimate']:+.4g} [{row['low']:.4g}, {row['high']:.4g}]"
        lines.append(said + ("" if row["told_apart"] else NOTHING))
    if len(ordered) > most:
        lines.append(f"  ... and {len(ordered) - most} more")
    return lines


def _pair_words(frame: pd.DataFrame) -> list[str]:
    apart = frame[frame["told_apart"]]
    together = int((apart["estimate"] > 0).sum())
    return [
        f"Of {counted(len(frame), 'pair')}, {together} add more together than apart, {len(apart) - together} "
        f"less, and {len(frame) - len(apart)} cannot be told apart from the sum of each."
    ]


def _noise_words(made: Analysis) -> list[str]:
    share = made.tables["noise"].set_index("source")["share"]
    if share.isna().any():
        return []
    return [
        f"Of the variance of single runs, {share['factors']:.0%} is the factors', {share['worlds']:.0%} the "
        f"worlds' (which comparisons leave out) and {share['both']:.0%} luck that differs by point; of the "
        f"points' means over {counted(made.worlds, 'world')}, {share['left']:.1%} is such luck."
    ]


def _replication(made: Analysis, values: Any, smallest: float) -> None:
    """Say how many worlds are enough."""
    import pandas as pd

    last = len(values) - 1
    looked_at = {"first point": values[0]}
    if last > 0:
        looked_at |= {"last point": values[last], "last less first": values[last] - values[0]}
    parts, told = [], []
    for name, each in looked_at.items():
        frame = replication.variance_stability(each)
        frame.insert(0, "what", name)
        parts.append(frame)
        settled = replication.settled_from(frame)
        told.append(f"{name} " + (f"from {counted(settled, 'world')} on" if settled else "not yet"))
    made.findings.append(
        f"Coefficient of variation settled (within {replication.WITHIN:g} of all that follow, of "
        f"{counted(made.worlds, 'world')}): {'; '.join(told)}."
    )
    made.tables["stability"] = pd.concat(parts, ignore_index=True)
    if "comparisons" not in made.tables:
        return
    made.tables["power"] = replication.power_of_points(values[: MOST_COMPARED + 1], smallest)
    made.tables["power_unpaired"] = replication.power_unpaired(values)
    needed = int(made.tables["power"]["worlds_needed"].max())
    made.findings.append(
        f"To miss a difference of {smallest:g} from the first point only once in 20 times (level "
        f"{replication.LEVEL:g}), a paired test needs {counted(needed, 'world')} where it needs most; there "
        f"{'is' if made.worlds == 1 else 'are'} {made.worlds}."
    )


BY_DESIGN: dict[str, tuple[Callable[[Analysis, Any, float], None], ...]] = {
    "factorial": (_taken_apart, _compared),
    "fractional": (_contrasts, _compared),
    "order": (_positions, _compared),
    "table": (_compared,),
    "latin-hypercube": (_ranked,),
    "sobol": (_indices,),
    "morris": (_screened,),
}
"""What is done with each design, in order."""
