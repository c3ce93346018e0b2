"""Sentences of a comparison, each chosen by the numbers that it carries.

No sentence says more than its numbers: what cannot be told apart is said to be so, and a difference that
points the other way turns the words round. Values are shown in points, hundredths of the outcome's unit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.study.compare.comparison import Comparison

POINT = 0.01


@dataclass(frozen=True)
class Finding:
    """One thing found, and beside it how sure it is.

    Attributes
    ----------
    heading
        What it is about.
    text
        What was found.
    sure
        How sure that is.
    """

    heading: str
    text: str
    sure: str = ""


def number(value: float, digits: int = 1, *, signed: bool = False) -> str:
    """Write a number as people do: grouped, with a true minus sign, and never minus nothing."""
    if not math.isfinite(value):
        return "unknown" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    text = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0.0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def points(value: float, *, signed: bool = False) -> str:
    """Write a value in points; to two decimals where one would show nothing."""
    each = value / POINT
    digits = 2 if math.isfinite(each) and 0 < abs(each) < 0.1 else 1
    return number(each, digits, signed=signed)


def counted(value: float) -> str:
    """Write a number of points with its word."""
    text = points(value)
    return f"{text} point" if text == "1.0" else f"{text} points"


def span(low: float, high: float) -> str:
    """Write an interval in points, such as ``"1.2 to 3.4"``."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "unknown from a single world"
    return f"{points(low)} to {points(high)}"


def in_worlds(share: float, worlds: int) -> str:
    """Say in how many worlds something is so, in hundredths unless that would round the truth away."""
    if worlds == 1:
        return "in the one world" if share == 1 else "not in the one world"
    if share in (0.0, 1.0):
        return f"in {'all' if share else 'none'} of {worlds:,} worlds"
    if worlds < 100:
        return (
            f"in {number(share * worlds, 0 if float(share * worlds).is_integer() else 1)} of {worlds} worlds"
        )
    hundred = round(100 * share)
    if hundred in (0, 100):
        return f"in {'more than 99' if hundred else 'fewer than 1'} of 100 worlds"
    return f"in {hundred} of 100 worlds"


def percent(value: float) -> str:
    """Write a share as a percentage; a dash where it is missing."""
    return "–" if math.isnan(value) else f"{number(100 * value, 0)}%"


def point_words(outcome: str) -> str:
    """Say what one point is."""
    unit = OUTCOMES[outcome].unit
    of = unit.removeprefix("share of ") if unit.startswith("share of ") else f"the scale ({unit})"
    return f"One point is a hundredth of {of}."


def worlds_words(count: int) -> str:
    """Say how many worlds a comparison rests on."""
    return "one simulated world" if count == 1 else f"the same {count:,} simulated worlds under each scenario"


def listed(names: Sequence[str]) -> str:
    """Join names as a sentence does."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def lower(outcome: str) -> str:
    """Return an outcome's title within a sentence."""
    title = ALL_OUTCOMES[outcome].title
    return title[:1].lower() + title[1:]


def row_of(comparison: Comparison, table: str, **where: Any) -> Any:
    """Return the one row of a table that is meant."""
    frame = comparison.tables[table]
    for name, value in where.items():
        frame = frame[frame[name] == value]
    return frame.iloc[0]


def sign_of(outcome: str) -> int:
    """+1 where more is better or neither is, -1 where less is."""
    return OUTCOMES[outcome].better or 1


def main_pairs(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the pairs that page one speaks of: each with the first, and with three scenarios all of them."""
    letters = [option.letter for option in comparison.options]
    if len(letters) <= 3:
        pairs = comparison.options.pairs
        return [(letters[one], letters[other]) for one, other in pairs]
    return [(letter, letters[0]) for letter in letters[1:]]


def difference_sentence(row: Any, outcome: str) -> str:
    """Say how two scenarios differ at the end in an outcome, or that they cannot be told apart."""
    one, other, gap, title = row["one"], row["other"], float(row["estimate"]), lower(outcome)
    if int(row["worlds"]) == 0:
        return f"{one} and {other} cannot be compared in {title}: it has no value in any world."
    if gap == 0 and float(row["effect_size"]) == 0:
        return f"{one} and {other} come to the same {title} in every world."
    if not row["told_apart"]:
        return _not_told(row, title)
    more = gap > 0
    verdict = ""
    if OUTCOMES[outcome].better:
        verdict = ", which is better" if more == (OUTCOMES[outcome].better > 0) else ", which is worse"
    low, high = sorted((abs(float(row["low"])), abs(float(row["high"]))))
    word = "more" if more else "less"
    return (
        f"{one} ends with {word} {title} than {other}{verdict}: {counted(abs(gap))} {word} "
        f"(95% interval {span(low, high)})."
    )


def _not_told(row: Any, title: str) -> str:
    """Say that two scenarios cannot be told apart, and what is known all the same."""
    one, other = row["one"], row["other"]
    begun = f"{one} and {other} cannot be told apart in {title}"
    low, high = float(row["low"]), float(row["high"])
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{begun}: a single world shows nothing."
    known = f"{one} less {other} is {points(float(row['estimate']), signed=True)} points"
    if low > 0 or high < 0:
        return (
            f"{begun}: {known} (95% interval {span(low, high)}), which does not stand once it is allowed for "
            "that many comparisons are made."
        )
    return (
        f"{begun}: {known}, and the 95% interval, {span(low, high)}, holds zero. Any difference is likely "
        f"smaller than {counted(max(abs(low), abs(high)))}."
    )


def worlds_sentence(row: Any, outcome: str, *, brief: bool = False) -> str:
    """Say in how many worlds the one is ahead of the other and, unless brief, the effect size."""
    if int(row["worlds"]) == 0:
        return ""
    one, other, share, worlds = row["one"], row["other"], float(row["better"]), int(row["worlds"])
    size = float(row["effect_size"])
    if size == 0 and float(row["estimate"]) == 0 and share == 0.5:
        return ""
    word = "better" if OUTCOMES[outcome].better else "higher"
    ahead, behind, part = (one, other, share) if share >= 0.5 else (other, one, 1 - share)
    said = f"{ahead} is {word} than {behind} {in_worlds(part, worlds)}"
    if math.isfinite(size) and not brief:
        said += f"; effect size {number(abs(size), 2)} (Cohen's d for pairs)"
    return f"{said}."


def traction_sentence(comparison: Comparison) -> str:
    """Say how often and how soon each scenario gains traction."""
    said = []
    months = comparison.options.months
    for row in comparison.tables["traction"].to_dict("records"):
        often = in_worlds(float(row["share"]), int(row["worlds"]))
        if row["share"] == 0:
            said.append(f"{row['scenario']} {often}")
        elif math.isnan(row["median"]):
            said.append(f"{row['scenario']} {often}, so that no month can be named by which half have it")
        else:
            said.append(f"{row['scenario']} {often}, half of all worlds by month {number(row['median'], 0)}")
    return f"Collaboration gains traction within {months} months: " + "; ".join(said) + "."


def cost_sentence(comparison: Comparison, letter: str) -> str:
    """Say what a scenario takes beyond the first, and what it brings for that."""
    first = comparison.options.each[0].letter
    outcome = comparison.runs.outcome
    cost = row_of(comparison, "costs", scenario=letter)
    row = row_of(comparison, "differences", one=letter, other=first, outcome=outcome)
    extra, told = float(cost["extra_days"]), bool(row["told_apart"])
    gain = float(row["estimate"]) * sign_of(outcome) if told else 0.0
    days = number(abs(extra), 0)
    ends = (
        "ends better" if gain > 0 else "ends worse" if gain < 0 else "cannot be told apart from it at the end"
    )
    if extra == 0:
        return f"{letter} takes as many facilitator-days as {first} and {ends}."
    if extra < 0:
        return f"{letter} takes {days} facilitator-days fewer than {first} and {ends}."
    said = f"{letter} takes {days} facilitator-days more than {first}"
    if gain <= 0 or not math.isfinite(float(cost["days_per_point"])):
        return f"{said} and {ends}."
    each, low, high = (float(cost[f"days_per_point{end}"]) for end in ("", "_low", "_high"))
    digits = 0 if each >= 10 else 1
    return (
        f"{said}: {number(each, digits)} for each point gained (95% interval {number(low, digits)} to "
        f"{number(high, digits)})."
    )


def lasting_sentence(comparison: Comparison, letter: str) -> str:
    """Say what is left of a programme's gain; nothing where there is no programme."""
    option = next(option for option in comparison.options if option.letter == letter)
    if option.scenario.programme_end is None:
        return ""
    table = comparison.tables["lasting"]
    table = table[table["scenario"] == letter]
    if table.empty:
        return (
            f"What lasts of {letter} cannot be said, for its programme runs to the last year of the months "
            "compared."
        )
    row, sign = table.iloc[0], sign_of(comparison.runs.outcome)
    low, high = sorted((sign * float(row["gain_low"]), sign * float(row["gain_high"])))
    left_low, left_high = sorted((sign * float(row["left_low"]), sign * float(row["left_high"])))
    gain, left = sign * float(row["gain"]), sign * float(row["left"])
    begun = f"{letter}'s programme ends in month {int(row['ended'])}"
    if not low > 0:
        return f"{_no_gain(begun, gain, high, left, left_low, left_high)}."
    then = f"{begun} with a gain of {counted(gain)} over the same worlds without it"
    if left_high < 0:
        return f"{then}; by the end it is worse by {counted(-left)}."
    if not left_low > 0:
        return f"{then}; by the end nothing is left that can be told."
    if left > gain:
        return f"{then}; by the end it has grown to {counted(left)}."
    return f"{then}; by the end {counted(left)} are left, {number(100 * left / gain, 0)}% of it."


def _no_gain(begun: str, gain: float, high: float, left: float, left_low: float, left_high: float) -> str:
    """Say how a programme stood that had gained nothing by its last year, and what came of it by the end."""
    then = (
        f"{begun}, and its last year was worse than without it by {counted(-gain)}"
        if high < 0
        else f"{begun}, and in its last year had gained nothing that can be told"
    )
    if left_low > 0:
        return f"{then}; by the end it has gained {counted(left)}"
    if left_high < 0:
        return f"{then}; by the end it is worse by {counted(-left)}"
    return (
        f"{then}; nor has it by the end" if not high < 0 else f"{then}; by the end no difference can be told"
    )


def sector_sentence(comparison: Comparison, one: str, other: str) -> str:
    """Say which sectors gain and which lose under the one against the other."""
    table = comparison.tables["sectors"]
    table = table[(table["one"] == one) & (table["other"] == other)]
    gain = table[table["told_apart"] & (table["estimate"] > 0)].sort_values("estimate", ascending=False)
    lose = table[table["told_apart"] & (table["estimate"] < 0)].sort_values("estimate")
    rest = [str(name) for name in table[~table["told_apart"]]["sector"]]
    begun = f"Under {one} rather than {other}"
    if len(rest) == len(table):
        return f"{begun}, no sector can be told to gain or to lose."
    if len(gain) == len(table) > 1:
        most, least = gain.iloc[0], gain.iloc[-1]
        return (
            f"{begun}, every sector gains: most {most['sector']} ({counted(float(most['estimate']))} an "
            f"organisation), least {least['sector']} ({points(float(least['estimate']))})."
        )
    if len(lose) == len(table) > 1:
        most, least = lose.iloc[0], lose.iloc[-1]
        return (
            f"{begun}, every sector loses: most {most['sector']} ({counted(-float(most['estimate']))} an "
            f"organisation), least {least['sector']} ({points(-float(least['estimate']))})."
        )
    parts = [f"{_each(part)} {word}" for part, word in ((gain, "gain"), (lose, "lose")) if len(part)]
    if rest:
        parts.append(f"of {listed(rest)} neither can be told")
    ending = "" if len(lose) else " No sector can be told to lose." if len(gain) else ""
    return f"{begun}, {'; '.join(parts)}.{ending}"


def _each(part: Any) -> str:
    return listed([f"{row['sector']} ({points(float(row['estimate']), signed=True)})"
                   for row in part.to_dict("records")])  # fmt: skip


def ranking_sentence(comparison: Comparison) -> str:
    """Say the order of three or more scenarios, and whether neighbours in it can be told apart."""
    outcome = comparison.runs.outcome
    levels = comparison.tables["levels"]
    levels = levels[levels["outcome"] == outcome].dropna(subset=["estimate"])
    if levels.empty:
        return ""
    order = levels.sort_values("estimate", ascending=sign_of(outcome) < 0, kind="stable")
    names = [f"{row['scenario']} ({points(float(row['estimate']))})" for row in order.to_dict("records")]
    letters = order["scenario"].tolist()
    table = comparison.tables["differences"]
    same = []
    for one, other in pairwise(letters):
        late, early = max(one, other), min(one, other)
        part = table[(table["one"] == late) & (table["other"] == early) & (table["outcome"] == outcome)]
        if not part.iloc[0]["told_apart"]:
            same.append(f"{early} and {late}")
    best = {1: "best first", -1: "best first, which is least"}[sign_of(outcome)]
    best = best if OUTCOMES[outcome].better else "highest first"
    said = f"In {lower(outcome)} at the end, {best}: {', '.join(names)} points."
    return said + (f" Not to be told apart: {listed(same)}." if same else "")
