"""Each mechanism switched off in turn, against the thirteen patterns: which mechanism carries which pattern.

The verdicts with everything on are taken in the same worlds as those without. A pattern that holds and that
no mechanism's absence breaks is listed: then its test is too weak, or nothing in particular carries it.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence

import pandas as pd

from collabsim.errors import InputError
from collabsim.report import ablation_figures
from collabsim.report.experiment import ask, main
from collabsim.study.ablation import BREAKS, MECHANISMS, STARTS, WORLDS, Ablated, ablate, change
from collabsim.study.patterns import PATTERNS, PatternResult, shown


def verdict(holds: bool) -> str:
    """Return a verdict in a word."""
    return "holds" if holds else "fails"


def checks(number: int, result: PatternResult) -> str:
    """Return the judged statistics of a pattern in a line."""
    return "; ".join(
        f"{check.statistic} = {shown(result.statistics[check.statistic], result.intervals[check.statistic])}"
        for check in PATTERNS[number].checks
    )


def table(found: Ablated) -> pd.DataFrame:
    """Return a row a mechanism and pattern."""
    return pd.DataFrame(
        [
            {
                "mechanism": name,
                "title": MECHANISMS[name].title,
                "pattern": number,
                "pattern_name": PATTERNS[number].name,
                "with_it": verdict(found.whole[number].holds),
                "without": verdict(result.holds),
                "change": change(found.whole[number].holds, result.holds),
                "statistics_with": checks(number, found.whole[number]),
                "statistics_without": checks(number, result),
                "reason": result.reason,
            }
            for name, results in found.without.items()
            for number, result in results.items()
        ]
    )


def mechanisms(found: Ablated) -> pd.DataFrame:
    """Return a row a mechanism: what switches it off, and what that does."""
    rows = []
    for name, results in found.without.items():
        mechanism = MECHANISMS[name]
        changes = {n: change(found.whole[n].holds, result.holds) for n, result in results.items()}
        rows.append(
            {
                "mechanism": name,
                "title": mechanism.title,
                "step": mechanism.step,
                "off": "; ".join(f"{key} = {value:g}" for key, value in mechanism.off.items()),
                "why": mechanism.why,
                "breaks": " ".join(str(n) for n, what in changes.items() if what == BREAKS),
                "starts": " ".join(str(n) for n, what in changes.items() if what == STARTS),
            }
        )
    return pd.DataFrame(rows)


def patterns(found: Ablated) -> pd.DataFrame:
    """Return a row a pattern: its verdict, what breaks it, and whether its own ablation does."""
    return pd.DataFrame(
        [
            {
                "pattern": number,
                "pattern_name": PATTERNS[number].name,
                "verdict": verdict(result.holds),
                "statistics": checks(number, result),
                "broken_by": " ".join(found.broken_by(number)),
                "own_ablation": "; ".join(f"{k} = {v:g}" for k, v in PATTERNS[number].ablation.items()),
                "under_own_ablation": verdict(found.own[number].holds) if number in found.own else "",
            }
            for number, result in found.whole.items()
        ]
    )


def report(found: Ablated) -> list[str]:
    """Say what carries each pattern that holds, and which are carried by nothing."""
    lines = ["Patterns that hold, and the mechanisms without which they fail:", ""]
    for number, result in found.whole.items():
        if result.holds:
            by = ", ".join(MECHANISMS[name].title.lower() for name in found.broken_by(number))
            text = f"{number:3d}  {PATTERNS[number].name}: {by or 'NONE'}"
            lines += textwrap.wrap(text, 78, subsequent_indent="     ")
    lines.append("")
    for number in found.carried_by_nothing:
        own = found.own[number]
        also = (
            "Its own, harsher ablation does not break it either: the test is too weak."
            if own.holds
            else f"Its own, harsher ablation breaks it: {PATTERNS[number].ablation_why}"
        )
        text = (
            f"{number:3d}  {PATTERNS[number].name} holds whichever single mechanism is off: the test is too "
            f"weak, or nothing in particular carries it. {also}"
        )
        lines += textwrap.wrap(text, 78, subsequent_indent="     ")
    if not found.carried_by_nothing:
        lines += ["Every pattern that holds has a mechanism without which it fails."]
    lines += ["", "Patterns that fail, and the mechanisms without which they would hold:", ""]
    for number, result in found.whole.items():
        if not result.holds:
            by = ", ".join(
                MECHANISMS[name].title.lower()
                for name, results in found.without.items()
                if results[number].holds
            )
            text = f"{number:3d}  {PATTERNS[number].name}: {by or 'none'}"
            lines += textwrap.wrap(text, 78, subsequent_indent="     ")
    idle = [
        MECHANISMS[name].title.lower()
        for name, results in found.without.items()
        if all(results[n].holds == found.whole[n].holds for n in results)
    ]
    text = f"No verdict changes without: {', '.join(idle) or 'none of them'}."
    lines += ["", *textwrap.wrap(text, 78)]
    return lines


def experiment(words: Sequence[str] | None = None) -> None:
    """Switch each mechanism off, write the results and print what carries what."""
    asked = ask(__file__, "Which mechanism carries which pattern.", words, worlds=WORLDS)
    if asked.months != 72:
        raise InputError("each pattern says how many months it takes; leave --months out")
    plan = {
        "seed": asked.seed,
        "worlds": asked.worlds,
        "parameters": asked.settings,
        "mechanisms": {name: dict(mechanism.off) for name, mechanism in MECHANISMS.items()},
    }
    results = asked.results(plan)
    with asked.progress(len(MECHANISMS) + 2) as progress:
        found = ablate(
            parameters=asked.settings, worlds=asked.worlds, seed=asked.seed, threads=asked.workers,
            progress=lambda: progress(1),
        )  # fmt: skip
    results.table("ablation", table(found))
    results.table("mechanisms", mechanisms(found))
    results.table("patterns", patterns(found))
    results.figure("ablation", ablation_figures.ablation_matrix, "ablation")
    results.finish()
    asked.say(*report(found), "", f"Results: {asked.place}")


if __name__ == "__main__":
    sys.exit(main(experiment))
