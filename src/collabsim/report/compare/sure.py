"""Sentences on how sure a finding is: other versions of the model, regret, thresholds, assumptions."""

from __future__ import annotations

import math
from typing import Any

from collabsim.outcomes import OUTCOMES
from collabsim.parameters import PARAMETERS
from collabsim.report.compare.words import counted, listed, lower, number, points, row_of, sign_of
from collabsim.study.compare.assumptions import telling
from collabsim.study.compare.comparison import Comparison


def models_sentence(comparison: Comparison, one: str, other: str) -> str:
    """Say in how many plausible versions of the model the finding holds."""
    if comparison.models is None:
        return "No other version of the model was tried."
    held = row_of(comparison, "holds", one=one, other=other)
    count = int(held["models"])
    if count == 0:
        return "Under other plausible versions of the model the outcome has no value."
    outcome = comparison.runs.outcome
    row = row_of(comparison, "differences", one=one, other=other, outcome=outcome)
    ahead = float(held["ahead"])
    word = "ahead" if OUTCOMES[outcome].better else "higher"
    if not row["told_apart"]:
        first, second = (one, other) if ahead >= 0.5 else (other, one)
        return (
            f"Of {count} other plausible versions of the model {first} is {word} in"
            f" {_of(max(ahead, 1 - ahead), count)} and {second} in {_of(min(ahead, 1 - ahead), count)}, on"
            " average."
        )
    leads = float(row["estimate"]) * sign_of(outcome) > 0
    leader, share = (one, ahead) if leads else (other, 1 - ahead)
    clear = float(held["clearly" if leads else "clearly_not"])
    against = float(held["clearly_not" if leads else "clearly"])
    return _ranking_holds(leader, share, clear, against, count, word)


def _ranking_holds(leader: str, share: float, clear: float, against: float, count: int, word: str) -> str:
    """Say how far a ranking holds; the words depend on the share of versions."""
    if share == 1 and clear == 1:
        return (
            f"{leader} is {word} in all {count} other plausible versions of the model tried, and clearly so."
        )
    if share == 1:
        return (
            f"{leader} is {word} in all {count} other plausible versions of the model tried, clearly so in "
            f"{_of(clear, count)}."
        )
    found = f"{leader} is {word} in {_of(share, count)} of {count} other plausible versions of the model"
    clearly = f"clearly so in {_of(clear, count)}, clearly not in {_of(against, count)}"
    if share > 0.9:
        return f"{found} ({clearly})."
    if share > 0.5:
        return f"Only partly: {found} ({clearly})."
    if share == 0.5:
        return f"Not at all: {found} ({clearly}), which is no more than half."
    return f"Beware, for most versions say the opposite: {found} ({clearly})."


def _of(share: float, count: int) -> str:
    whole = share * count
    return number(whole, 0 if abs(whole - round(whole)) < 1e-9 else 1)


def parameter_meaning(name: str) -> str:
    """Return what a parameter is, without the sign it has in equations."""
    meaning = PARAMETERS[name].meaning
    sign, colon, rest = meaning.partition(": ")
    return f"{rest[:1].upper()}{rest[1:]}" if colon and len(sign) <= 2 else meaning


def parameter_words(name: str) -> str:
    """Return a parameter's name as people read it."""
    return name.replace("_", " ")


def assumptions_sentence(comparison: Comparison, one: str, other: str, *, brief: bool = False) -> str:
    """Say which assumptions would change the answer about two scenarios, or that none stands out.

    Parameters
    ----------
    comparison
        Everything worked out.
    one, other
        The scenarios.
    brief
        Leave out what the difference is on either side.
    """
    if comparison.models is None:
        return ""
    table = comparison.tables["assumptions"]
    if table[(table["one"] == one) & (table["other"] == other)].empty:
        return "Too few versions of the model were tried to say which assumption would change the answer."
    found = telling(table, one, other).to_dict("records")
    if not found and brief:
        return "No single assumption tried stands out as one that would change this."
    if not found:
        return (
            f"No single assumption stands out: none parts the difference between {one} and {other} more "
            "than chance would among so many."
        )
    turning = [row for row in found if row["turns"]]
    if not turning:
        names = listed([parameter_words(str(row["parameter"])) for row in found])
        return f"No single assumption tried turns the answer round; it depends most on {names}." + (
            "" if brief else f" {_cut(found[0], one, other)}."
        )
    names = listed([parameter_words(str(row["parameter"])) for row in turning])
    return f"What would turn the answer round: {names}. {_cut(turning[0], one, other)}."


def _cut(row: Any, one: str, other: str) -> str:
    """Say what the difference is on either side of a cut."""
    name = parameter_words(str(row["parameter"]))

    def side(value: float, ahead: float) -> str:
        leader, behind = (one, other) if value >= 0 else (other, one)
        share = ahead if value >= 0 else 1 - ahead
        return (
            f"{leader} leads {behind} by {counted(abs(value))} on average (ahead in"
            f" {number(100 * share, 0)}%)"
        )

    return (
        f"With {name} below {row['cut']:.3g}, {side(float(row['below']), float(row['ahead_below']))}; above, "
        f"{side(float(row['above']), float(row['ahead_above']))}"
    )


def regret_sentence(comparison: Comparison) -> str:
    """Say which scenario one would regret least in the worst of the versions tried."""
    if comparison.models is None:
        return ""
    table = comparison.tables["robustness"].dropna(subset=["worst_regret"])
    if table.empty or not OUTCOMES[comparison.runs.outcome].better:
        return ""
    order = table.sort_values("worst_regret", kind="stable")
    least = float(order.iloc[0]["worst_regret"])
    first = [str(letter) for letter in order[order["worst_regret"] == least]["scenario"]]
    if len(first) == len(table):
        return f"In the worst of the versions tried, all fall short of the best by as much: {counted(least)}."
    rest = order[order["worst_regret"] > least].to_dict("records")
    others = listed([f"{row['scenario']} by {points(float(row['worst_regret']))}" for row in rest])
    verb = "falls" if len(first) == 1 else "fall"
    short = (
        "is never behind"
        if least == 0 and len(first) == 1
        else ("are never behind" if least == 0 else f"{verb} short of the best by {counted(least)} at worst")
    )
    return f"Over the versions tried, {listed(first)} {short}; {others} points at worst."


def threshold_sentence(comparison: Comparison) -> str:
    """Say how often each scenario is good enough by the thresholds that were set."""
    models = comparison.models
    if models is None or not models.thresholds:
        return ""
    asked = listed(
        [
            f"{lower(name)} at {'least' if sign_of(name) > 0 else 'most'} {value:g}"
            for name, value in models.thresholds.items()
        ]
    )
    parts = [
        f"{row['scenario']} in {number(100 * float(row['good_enough']), 0)}% of all runs "
        f"({number(100 * float(row['good_enough_worst']), 0)}% in the worst version)"
        for row in comparison.tables["robustness"].to_dict("records")
    ]
    return f"Good enough ({asked}, at the end): {'; '.join(parts)}."


def precision_sentence(comparison: Comparison) -> str:
    """Say whether the precision that was asked for was reached."""
    wanted = comparison.runs.precision
    if wanted is None:
        return ""
    reached = comparison.runs.reached()
    known = (
        f"Differences are known to ± {counted(reached)}"
        if math.isfinite(reached)
        else "One world shows nothing"
    )
    if reached <= wanted:
        return f"{known}, as asked (± {points(wanted)})."
    return (
        f"{known}, and not to the ± {points(wanted)} asked for: {comparison.runs.worlds:,} worlds were the"
        " most allowed."
    )
