"""The sections of a report after page one and the one on certainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import collabsim
from collabsim.outcomes import CONNECTED_CONTACT, LAST_MONTHS, OUTCOMES, TRACTION_SHARE
from collabsim.practices import MOVERS
from collabsim.report.compare import words
from collabsim.report.compare.blocks import Block, Bullets, Code, Heading, Paragraph, Picture, Table
from collabsim.report.compare.limits import limits_words
from collabsim.report.compare.scenario_text import scenario_text
from collabsim.report.compare.words import number, percent, points
from collabsim.schedule import SCHEDULE
from collabsim.study.compare.comparison import Comparison
from collabsim.study.compare.options import printable
from collabsim.study.provenance import scenario_identity


def what_was_compared(comparison: Comparison) -> list[Block]:
    """Return the section on the scenarios and when what runs."""
    rows = []
    for option in comparison.options:
        scenario = option.scenario
        own = (
            "; ".join(f"{name} = {value:g}" for name, value in scenario.parameters.items()) or "as by default"
        )
        rows.append(
            [
                f"{option.letter}  {option.title}",
                printable(scenario.description) or "–",
                _entries(scenario.programme),
                _entries(scenario.shocks),
                own,
            ]
        )
    return [
        Heading("What was compared", anchor="what-was-compared"),
        Table(
            "The scenarios",
            ["Scenario", "In its own words", "Programme", "Shocks", "Parameters"],
            rows,
            words=5,
        ),
        Picture(
            "timeline",
            "Timeline of the programmes and shocks of each scenario; the table above says the same.",
            "When each practice and each shock runs.",
        ),
    ]


def entry_lines(comparison: Comparison) -> list[dict[str, Any]]:
    """Return every line of every programme and shock, with who takes part in words."""
    return [
        {
            "scenario": option.letter,
            "mover": entry.mover,
            "from_month": entry.from_month,
            "to_month": entry.to_month,
            "strength": entry.strength,
            "who": printable(", ".join(entry.who)) if entry.who else "",
        }
        for option in comparison.options
        for entry in (*option.scenario.programme, *option.scenario.shocks)
    ]


def _entries(entries: Sequence[Any]) -> str:
    """Say what runs when; entries of one window and coverage together."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for entry in entries:
        key = (entry.from_month, entry.to_month, entry.strength, entry.who)
        groups.setdefault(key, []).append(MOVERS[entry.mover].title)
    said = []
    for (first, last, strength, who), names in groups.items():
        text = f"{words.listed(names)}, months {first} to {last}"
        text += "" if strength == 1 else f", strength {strength:g}"
        said.append(text + (f", with {printable(', '.join(who))}" if who else ""))
    return "; ".join(said) or "none"


def what_happens(comparison: Comparison) -> list[Block]:
    """Return the section on levels."""
    outcome = comparison.runs.outcome
    table = comparison.tables["levels"]
    letters = [option.letter for option in comparison.options]
    rows = []
    for name in dict.fromkeys(table["outcome"]):
        part = table[table["outcome"] == name].set_index("scenario")
        rows.append([OUTCOMES[name].title, *(_level(part.loc[letter]) for letter in letters)])
    followed = comparison.runs.followed[1:]
    return [
        Heading("What happens under each", anchor="what-happens"),
        Paragraph(words.traction_sentence(comparison)),
        Picture(
            "fans",
            f"Fan charts of {words.lower(outcome)} by month, a panel a scenario; the table of levels says "
            "where they end.",
            "How far worlds differ under the same scenario.",
        ),
        Picture(
            "others",
            f"Line charts of {words.listed([words.lower(name) for name in followed])} by month under each "
            "scenario; the table of levels says where they end.",
            "What else happens, by month.",
        ),
        Table(
            f"Where each scenario ends: mean over worlds of the last {LAST_MONTHS} months, in points, and in"
            " brackets what 8 of 10 worlds lie between",
            ["Outcome", *letters],
            rows,
            file="levels.csv",
        ),
    ]


def _level(row: Any) -> str:
    if int(row["worlds"]) == 0:
        return "–"
    return f"{points(row['estimate'])} ({points(row['p10'])} to {points(row['p90'])})"


def differences(comparison: Comparison) -> list[Block]:
    """Return the section on differences."""
    table = comparison.tables["differences"]
    outcome = comparison.runs.outcome
    rows = []
    for row in table.to_dict("records"):
        verdict = "–"
        if row["worlds"]:
            verdict = _verdict(row)
        rows.append(
            [
                OUTCOMES[row["outcome"]].title,
                f"{row['one']} less {row['other']}",
                points(row["estimate"], signed=True),
                words.span(row["low"], row["high"]),
                percent(row["better"]),
                number(row["effect_size"], 2, signed=True),
                verdict,
            ]
        )
    count = int((table["worlds"] > 0).sum())
    return [
        Heading("How they differ", anchor="differences"),
        Picture(
            "ribbons",
            "Ribbons: the difference between two scenarios by month, in the same world. "
            + " ".join(
                words.difference_sentence(
                    words.row_of(comparison, "differences", one=one, other=other, outcome=outcome), outcome
                )
                for one, other in words.main_pairs(comparison)
            ),
            "The difference by month.",
        ),
        Table(
            "Differences at the end within the same world, in points",
            ["Outcome", "Difference", "Mean", "95% interval", "Better in", "Effect size", "Told apart?"],
            rows,
            words=2,
            file="differences.csv",
        ),
        Paragraph(
            "Better in: the share of worlds in which the first is better (higher, where neither direction is"
            " better), ties counted half. Effect size: Cohen's d for pairs, the mean difference over the"
            " spread of differences; it says how regular a difference is and not how much it matters. Told"
            f" apart: after Holm's correction for the {count} comparisons of this table, at 5%."
        ),
    ]


def _verdict(row: Any) -> str:
    better_is = OUTCOMES[row["outcome"]].better
    if not row["told_apart"]:
        return "no"
    if not better_is:
        return "yes, higher" if row["estimate"] > 0 else "yes, lower"
    return "yes, better" if row["estimate"] * better_is > 0 else "yes, worse"


def who(comparison: Comparison) -> list[Block]:
    """Return the section on sectors."""
    table = comparison.tables["sectors"]
    rows = [
        [
            printable(row["sector"]),
            number(row["organisations"], 0),
            f"{row['one']} less {row['other']}",
            points(row["estimate"], signed=True),
            words.span(row["low"], row["high"]),
            "cannot be told" if not row["told_apart"] else ("gains" if row["estimate"] > 0 else "loses"),
        ]
        for row in table.to_dict("records")
    ]
    said = [words.sector_sentence(comparison, one, other) for one, other in words.main_pairs(comparison)]
    return [
        Heading("Who gains, who loses", anchor="who"),
        Bullets(said),
        Picture(
            "sectors",
            "Dots with intervals: what each sector gains. " + " ".join(said),
            "Net benefit is what meetings bring an organisation less what they cost it.",
        ),
        Table(
            "What an organisation of each sector gains or loses at the end, in points of what was possible"
            f" for one organisation, in {comparison.runs.benefit.shape[1]:,} worlds",
            ["Sector", "Organisations", "Difference", "Mean", "95% interval", "Verdict"],
            rows,
            file="sectors.csv",
        ),
    ]


def costs(comparison: Comparison) -> list[Block]:
    """Return the section on facilitator-days, money and what lasts."""
    priced = any(row["currency"] for row in comparison.tables["costs"].to_dict("records"))
    first = comparison.options.each[0].letter
    head = [
        "Scenario",
        "Facilitator-days",
        *(["Money"] if priced else []),
        f"More than {first}",
        "Days per point gained",
    ]
    rows = []
    for row in comparison.tables["costs"].to_dict("records"):
        cells = [row["scenario"], number(row["days"], 0)]
        if priced:
            cells.append(_money(row))
        each = row["days_per_point"]
        told = (
            row["scenario"] != first
            and words.row_of(
                comparison, "differences", one=row["scenario"], other=first, outcome=comparison.runs.outcome
            )["told_apart"]
        )
        per = (
            f"{number(each, 1)} ({number(row['days_per_point_low'], 1)} to"
            f" {number(row['days_per_point_high'], 1)})"
        )
        rows.append(
            [*cells, number(row["extra_days"], 0, signed=True), per if told and math.isfinite(each) else "–"]
        )
    letters = [option.letter for option in comparison.options]
    lasts = [text for text in (words.lasting_sentence(comparison, letter) for letter in letters) if text]
    blocks: list[Block] = [
        Heading("What it takes, and what lasts", anchor="costs"),
        Bullets([words.cost_sentence(comparison, letter) for letter in letters[1:]]),
        Table(
            "What each scenario takes. Days are assumed, or as its [costs] say: they serve to compare"
            " programmes, not to make budgets",
            head,
            rows,
            file="costs.csv",
        ),
    ]
    if lasts:
        blocks.append(Bullets(lasts))
    return blocks


def _money(row: Any) -> str:
    sign = printable(str(row["currency"]))
    space = " " if sign[-1:].isalnum() else ""
    return f"{sign}{space}{number(row['money'], 0)}"


def network(comparison: Comparison) -> list[Block]:
    """Return the section on the network; nothing for large partnerships."""
    table = comparison.tables["network"]
    if table.empty:
        return []
    counts = []
    for scenario in dict.fromkeys(table["scenario"]):
        part = table[table["scenario"] == scenario]
        ties = int((part["contact"] >= CONNECTED_CONTACT).sum())
        name = "at the start" if scenario == "start" else f"at the end under {scenario}"
        counts.append(f"{ties:,} {name}")
    said = f"Pairs of organisations in regular contact: {words.listed(counts)}."
    return [
        Heading("The network, before and after", anchor="network"),
        Picture(
            "network",
            f"Drawings of one network at the start and at the end of each scenario. {said}",
            f"One world, whose results are nearest to the mean of all. {said}",
        ),
    ]


def assumed() -> list[Block]:
    """Return the section on assumptions."""
    return [
        Heading("What is assumed", anchor="assumptions"),
        Paragraph(limits_words()),
        Bullets(
            [
                (
                    "A practice moves levers of behaviour and nothing else: whatever rises does so because"
                    " organisations behave and learn differently."
                ),
                (
                    "All scenarios meet the same worlds with the same luck, draw by draw, so that a"
                    " difference is due to what differs between them."
                ),
                (
                    f"Traction: six months in which at least {TRACTION_SHARE:g} of meetings end in joint"
                    " delivery."
                ),
                (
                    "A programme's facilitator-days are counted; what organisations spend themselves is"
                    " counted within the model as the cost of committing."
                ),
                "Levels are not comparable between partnerships of unlike size. Differences within one are.",
            ]
        ),
    ]


def again(comparison: Comparison, command: str) -> list[Block]:
    """Return the section on how to run the comparison again."""
    identities = [
        f"{option.letter}: {scenario_identity(option.scenario)[:16]}" for option in comparison.options
    ]
    return [
        Heading("How to run it again", anchor="again"),
        Code(command, "The command"),
        Paragraph(
            f"collabsim {collabsim.__version__}; rules {SCHEDULE.identity[:16]}; scenarios"
            f" {', '.join(identities)}; seed {comparison.runs.seed}, worlds 0 to"
            f" {comparison.runs.worlds - 1}. The same version, scenarios and seed give the same numbers, bit"
            " for bit."
        ),
        *(
            Code(
                scenario_text(option.scenario),
                f"Scenario {option.letter}, with everything that it extends filled in",
            )
            for option in comparison.options
        ),
    ]
