"""Which parameters matter: for the level without a programme, and for what the full programme adds.

Morris' walks screen every parameter, over the ranges of the calibration where it has one, and elsewhere half
of the way from the default to the nearer of its bounds, up and down. Those that move either outcome most then
get Sobol indices over the same ranges. The programme's effect is taken within the same worlds at every point.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from collabsim.errors import InputError
from collabsim.parameters import PARAMETERS
from collabsim.practices import PRACTICES
from collabsim.report import sensitivity_figures as figures
from collabsim.report.experiment import Experiment, ask, main
from collabsim.study.calibration_space import SPACE
from collabsim.study.paired import OUTCOME
from collabsim.study.plan import Plan
from collabsim.study.sensitivity import morris_measures, noise, sobol_indices
from collabsim.study.sweep import sweep

WORLDS = 8
WALKS = 10
POINTS = 256
LEADERS = 4
"""Parameters taken from each of the two screenings to the indices."""

PUT_ON = 0.1
"""How far up levers that stand at 0 are varied, as a share of the furthest that a practice moves them."""

BASELINE, EFFECT = "baseline", "effect"
OUTPUTS = {BASELINE: "without a programme", EFFECT: "what the full programme adds"}


def ranges() -> dict[str, dict[str, float]]:
    """Return from where to where each parameter is varied."""
    found = {}
    for name, parameter in PARAMETERS.items():
        default = parameter.default
        half = 0.5 * min(default - parameter.low, parameter.high - default)
        low, high = default - half, default + half
        if name in SPACE:
            low, high = SPACE[name].low, SPACE[name].high
        elif default == 0:
            high = PUT_ON * max([practice.moves.get(name, 0.0) for practice in PRACTICES.values()])
        if low < high:
            found[name] = {"low": low, "high": high}
    return found


def outputs(asked: Experiment, plan: Plan) -> dict[str, Any]:
    """Run a plan without and with the full programme; return (points, worlds) of both outputs."""
    treated = Plan(
        plan.factors, asked.scenario.with_settings("all-six"), plan.design, plan.seed, plan.worlds,
        size=plan.size,
    )  # fmt: skip
    found = []
    with asked.progress(2 * plan.runs) as progress:
        for each in (plan, treated):
            runs = sweep(each, workers=asked.workers, progress=progress)
            found.append(runs[OUTCOME].to_numpy(np.float64).reshape(each.count, each.worlds))
    return {BASELINE: found[0], EFFECT: found[1] - found[0]}


def experiment(words: Sequence[str] | None = None) -> None:
    """Run it, write the results and print what was found."""
    asked = ask(__file__, "Morris screening of all parameters, Sobol indices of the leaders.", words, WORLDS)
    if asked.worlds < 2:
        raise InputError("--worlds must be at least 2, so that luck can be told from what parameters do")
    every = {name: span for name, span in ranges().items() if name not in asked.settings}
    screen = Plan.morris(every, WALKS, asked.scenario, worlds=asked.worlds, seed=asked.seed)
    seen = outputs(asked, screen)
    parts = [morris_measures(screen.laid_out, each).assign(output=name) for name, each in seen.items()]
    screening = pd.concat(parts, ignore_index=True)
    leaders = led_by(screening)
    indexed = Plan.sobol(
        {name: every[name] for name in leaders}, POINTS, asked.scenario, worlds=asked.worlds, seed=asked.seed
    )
    told = outputs(asked, indexed)
    parts = [sobol_indices(indexed.laid_out, each).assign(output=name) for name, each in told.items()]
    indices = pd.concat(parts, ignore_index=True)
    shares = [
        noise(each).assign(design=plan.design, output=name)
        for plan, some in ((screen, seen), (indexed, told))
        for name, each in some.items()
    ]
    results = asked.results({"screening": screen.record(), "indices": indexed.record()})
    spans = pd.DataFrame([{"factor": name, **span} for name, span in every.items()])
    screening = results.table("screening", _first(screening.merge(spans, on="factor"), "output", "factor"))
    indices = results.table("indices", _first(indices.merge(spans, on="factor"), "output", "factor"))
    luck = results.table("noise", _first(pd.concat(shares, ignore_index=True), "design", "output"))
    levels = results.table("levels", over_space(told))
    results.figure("screening", figures.screened, "screening", "noise", worlds=asked.worlds)
    results.figure("indices", figures.explained, "indices", "noise", worlds=asked.worlds)
    results.finish()
    asked.say(*report(screening, indices, luck, levels), "", f"Results: {asked.place}")


def led_by(screening: pd.DataFrame) -> list[str]:
    """Return the parameters that move either output most, in the order of the parameters."""
    leading = set()
    for name in OUTPUTS:
        mine = screening[screening["output"] == name].sort_values("mu_star", ascending=False, kind="stable")
        leading |= set(mine["factor"].head(LEADERS))
    return [name for name in PARAMETERS if name in leading]


def over_space(told: dict[str, Any]) -> pd.DataFrame:
    """Return how far each output goes over the ranges of the leaders."""
    rows = []
    for name, each in told.items():
        means = each.mean(axis=1)
        low, middle, high = np.quantile(means, (0.05, 0.5, 0.95))
        rows.append({"output": name, "points": len(means), "low_5": low, "median": middle, "high_95": high,
                     "above_0": float((means > 0).mean())})  # fmt: skip
    return pd.DataFrame(rows)


def _first(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Return a table with some columns in front."""
    return frame[[*names, *(name for name in frame.columns if name not in names)]]


def report(
    screening: pd.DataFrame, indices: pd.DataFrame, luck: pd.DataFrame, levels: pd.DataFrame
) -> list[str]:
    """Say which parameters matter for what, and how much of it is luck."""
    lines = [
        f"Of {screening['factor'].nunique()} parameters, those that move collaborative advantage most over",
        "their ranges (Morris, mu* in points), and the shares of variance that the",
        "leaders explain (Sobol, total):",
    ]
    for name, title in OUTPUTS.items():
        lines += ["", f"{title[:1].upper()}{title[1:]}:"]
        mine = screening[screening["output"] == name].sort_values("mu_star", ascending=False, kind="stable")
        totals = indices[indices["output"] == name].set_index("factor")
        for row in mine.head(8).to_dict("records"):
            total = ""
            if row["factor"] in totals.index:
                one = totals.loc[row["factor"]]
                total = f"   total {one['total']:.2f} ± {one['total_half']:.2f}"
            half = 100 * row["mu_star_half"]
            lines.append(f"  {row['factor']:24s}{100 * row['mu_star']:6.1f} ± {half:4.1f}{total}")
        left = luck[(luck["output"] == name) & (luck["source"] == "left")].set_index("design")["share"]
        span = levels.set_index("output").loc[name]
        lines += [
            f"  Luck in the points' means: screening {left['morris']:.0%}, indices {left['sobol']:.0%}.",
            f"  Over the leaders' ranges {100 * span['low_5']:.1f} to {100 * span['high_95']:.1f} points "
            "(5% to 95%),",
            f"  above 0 at {span['above_0']:.0%} of them.",
        ]
    return lines


if __name__ == "__main__":
    sys.exit(main(experiment))
