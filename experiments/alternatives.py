"""Which conclusions about the practices survive when a rule of the model is exchanged for a published other.

Under the model and under each alternative in :mod:`collabsim.alternatives`: all 64 combinations of the six
practices in the same worlds, the two orders of trust and courage (in more worlds, for that effect is small),
and the thirteen patterns. A conclusion about a direction holds where its whole interval is on that side.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from collabsim.alternatives import ALTERNATIVES
from collabsim.errors import InputError
from collabsim.practices import PRACTICES
from collabsim.report import ablation_figures
from collabsim.report.experiment import Experiment, ask, main
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study import effects
from collabsim.study.paired import Estimate, interval, mean_of, paired_values
from collabsim.study.patterns import PATTERNS, Laboratory, PatternResult, evaluate_all
from collabsim.study.plan import Plan
from collabsim.study.sweep import sweep

MODEL, MODEL_TITLE = "model", "The model"
ORDERS = ("trust-then-courage", "courage-then-trust")
MORE = 5
"""How many times as many worlds the order of two practices is tried in."""

WORDINGS = {
    "positive_shares": "Every practice has a positive share (shown: the smallest)",
    "complements": "All six beat the sum of each alone",
    "first": "The practice that is first in the model is first (shown: less the best other)",
    "trust_first": "Courage after trust beats courage before it, over the whole run",
}


@dataclass(frozen=True)
class Seen:
    """What was seen under one rule."""

    title: str
    runs: pd.DataFrame
    order: Estimate
    patterns: dict[int, PatternResult]

    @property
    def shares(self) -> pd.DataFrame:
        """Shapley shares, the largest first."""
        return effects.shapley(self.runs).sort_values("estimate", ascending=False, ignore_index=True)


def schedules() -> dict[str, tuple[str, Schedule]]:
    """Return title and month of the model and of each alternative."""
    made = {MODEL: (MODEL_TITLE, SCHEDULE)}
    return made | {name: (each.title, each.schedule()) for name, each in ALTERNATIVES.items()}


def look(asked: Experiment, plan: Plan, title: str, schedule: Schedule, progress: Any) -> Seen:
    """Run everything under one rule."""
    runs = sweep(plan, workers=asked.workers, schedule=schedule, progress=progress)
    laboratory = Laboratory(asked.settings, asked.seed, schedule, asked.workers)
    scenarios = [laboratory.scenario(programme=name) for name in ORDERS]
    one, other = laboratory.paths(scenarios, MORE * asked.worlds, "collaborative_advantage").mean(axis=2)
    patterns = evaluate_all(asked.settings, 2 * asked.worlds, asked.seed, schedule, asked.workers)
    return Seen(title, runs, interval(one - other), patterns)


def lead_of(runs: pd.DataFrame, first: str) -> tuple[Estimate, str]:
    """Return by how much a practice's share exceeds the largest of the others, and whose that is."""
    names = list(PRACTICES)
    points = [{name: float(subset >> k & 1) for k, name in enumerate(names)} for subset in range(64)]
    shares = effects.shapley_values(paired_values(runs, points, "collaborative_advantage", "refuse"))
    means = dict(zip(names, shares.mean(axis=0), strict=True))
    best = max((name for name in names if name != first), key=lambda name: float(means[name]))
    return interval(shares[:, names.index(first)] - shares[:, names.index(best)]), best


def conclusions(seen: dict[str, Seen]) -> pd.DataFrame:
    """Return a row a conclusion and rule: whether it holds, and the statistic that says so."""
    first = str(seen[MODEL].shares["practice"][0])
    rows: list[dict[str, Any]] = []
    for name, each in seen.items():
        shares = each.shares
        least: dict[Any, Any] = shares.sort_values("low").to_dict("records")[0]
        lead, best = lead_of(each.runs, first)
        smallest = Estimate(least["estimate"], least["low"], least["high"], int(least["worlds"]))
        found = {
            "positive_shares": (smallest, PRACTICES[str(least["practice"])].title),
            "complements": (effects.complementarity(each.runs), ""),
            "first": (lead, f"{PRACTICES[first].title}, less {PRACTICES[best].title}"),
            "trust_first": (each.order, ""),
        }
        for conclusion, (estimate, about) in found.items():
            rows.append(
                {
                    "conclusion": conclusion,
                    "wording": WORDINGS[conclusion],
                    "alternative": name,
                    "title": each.title,
                    "verdict": "holds" if estimate.low > 0.0 else "fails",
                    **estimate._asdict(),
                    "about": about,
                    "label": f"{100 * estimate.estimate:.2f} ({100 * estimate.low:.2f} to "
                    f"{100 * estimate.high:.2f})",
                }
            )
    order = list(WORDINGS)
    rows.sort(key=lambda row: order.index(row["conclusion"]))
    return pd.DataFrame(rows)


def practices(seen: dict[str, Seen]) -> pd.DataFrame:
    """Return what each practice does under each rule, and its rank by Shapley share."""
    parts = []
    for name, each in seen.items():
        ranks = {practice: place for place, practice in enumerate(each.shares["practice"], 1)}
        for measure, of in (
            ("alone", effects.alone), ("within_whole", effects.within_whole), ("shapley", effects.shapley),
        ):  # fmt: skip
            part = of(each.runs)
            part.insert(0, "alternative", name)
            part.insert(1, "title", each.title)
            part.insert(3, "practice_title", [PRACTICES[key].title for key in part["practice"]])
            part.insert(4, "measure", measure)
            part["rank"] = [ranks[key] for key in part["practice"]]
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def levels(seen: dict[str, Seen]) -> pd.DataFrame:
    """Return advantage without and with all six under each rule."""
    rows = []
    for name, each in seen.items():
        for what, strength in (("none", 0.0), ("all", 1.0)):
            found = mean_of(each.runs, dict.fromkeys(PRACTICES, strength))
            rows.append({"alternative": name, "title": each.title, "what": what, **found._asdict()})
    return pd.DataFrame(rows)


def verdict(result: PatternResult, number: int) -> str:
    """Return a pattern's verdict; where a statistic is missing, it cannot be told under that rule."""
    missing = any(
        result.statistics[check.statistic] != result.statistics[check.statistic]
        for check in PATTERNS[number].checks
    )
    return "cannot be told" if missing else "holds" if result.holds else "fails"


def patterns(seen: dict[str, Seen]) -> pd.DataFrame:
    """Return a row a pattern, and its verdict under each rule."""
    return pd.DataFrame(
        [
            {
                "pattern": number,
                "pattern_name": PATTERNS[number].name,
                **{name: verdict(each.patterns[number], number) for name, each in seen.items()},
            }
            for number in PATTERNS
        ]
    )


def experiment(words: Sequence[str] | None = None) -> None:
    """Exchange the rules, write the results and print which conclusions survive."""
    asked = ask(__file__, "Which conclusions survive other rules.", words, worlds=60)
    if asked.months != 72:
        raise InputError("patterns say how many months they take; leave --months out")
    plan = Plan.factorial(PRACTICES, asked.scenario, worlds=asked.worlds, seed=asked.seed)
    months = schedules()
    record = {
        "factorial": plan.record(),
        "order_worlds": MORE * asked.worlds,
        "pattern_worlds": 2 * asked.worlds,
        "rules": {name: schedule.identity for name, (_, schedule) in months.items()},
    }
    results = asked.results(record)
    with asked.progress(plan.runs * len(months)) as progress:
        seen = {
            name: look(asked, plan, title, schedule, progress) for name, (title, schedule) in months.items()
        }
    found = results.table("conclusions", conclusions(seen))
    each = results.table("practices", practices(seen))
    results.table("levels", levels(seen))
    kept = results.table("patterns", patterns(seen))
    results.figure("conclusions", ablation_figures.conclusions, "conclusions")
    results.figure("shares", ablation_figures.shares, "practices")
    results.finish()
    asked.say(*report(found, each, kept), "", f"Results: {asked.place}")


def report(found: pd.DataFrame, each: pd.DataFrame, kept: pd.DataFrame) -> list[str]:
    """Say what survives, what does not, and how practices rank."""
    lines = ["Conclusions, in points of collaborative advantage (1 point = 0.01):", ""]
    for name, wording in WORDINGS.items():
        part = found[found["conclusion"] == name]
        failing = part[part["verdict"] == "fails"]
        fate = "SURVIVES every rule tried" if failing.empty else (
            "does NOT survive: " + ", ".join(failing["title"].str.lower())
        )  # fmt: skip
        lines += textwrap.wrap(f"{wording}: {fate}.", 78)
        for row in part.to_dict("records"):
            line = f"  {row['title']:20s}{row['verdict']:6s} {row['label']}  {row['about']}"
            lines.append(line[:78].rstrip())
        lines.append("")
    lines.append("Practices by Shapley share, the largest first:")
    shares = each[each["measure"] == "shapley"].sort_values("rank")
    for title, part in shares.groupby("title", sort=False):
        short = ", ".join(f"{row['practice']} {100 * row['estimate']:.1f}" for row in part.to_dict("records"))
        lines += textwrap.wrap(f"{title}: {short}", 78, initial_indent="  ", subsequent_indent="    ")
    lines += ["", "Patterns whose verdict is another than under the model:"]
    for name, alternative in ALTERNATIVES.items():
        other = [
            f"{row['pattern']} ({row[MODEL]}, then {row[name]})"
            for row in kept.to_dict("records")
            if row[name] != row[MODEL]
        ]
        text = f"{alternative.title}: {', '.join(other) or 'none'}"
        lines += textwrap.wrap(text, 78, initial_indent="  ", subsequent_indent="    ")
    return lines


if __name__ == "__main__":
    sys.exit(main(experiment))
