"""The report of a comparison, from computed values only: page one, the other sections, the pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.figure import Figure

from collabsim.outcomes import CONNECTED_CONTACT, LAST_MONTHS, OUTCOMES
from collabsim.report.compare import certainty, figures, figures_more, sections, sure, words
from collabsim.report.compare.blocks import Block, Bullets, Document, Findings, Heading, Paragraph, Picture
from collabsim.report.compare.limits import limits_words
from collabsim.report.compare.words import Finding, points
from collabsim.study.compare.comparison import Comparison
from collabsim.study.compare.options import printable

Draw = Callable[[], Figure]


@dataclass(frozen=True)
class Report:
    """A report ready to be written.

    Attributes
    ----------
    document
        Its text and tables.
    figures
        By name, how each picture is drawn.
    """

    document: Document
    figures: dict[str, Draw]


def report_of(comparison: Comparison, command: str) -> Report:
    """Write the report of a comparison.

    Parameters
    ----------
    comparison
        Everything worked out.
    command
        What runs it again.
    """
    blocks: list[Block] = [
        *_in_short(comparison),
        *certainty.how_sure(comparison),
        *sections.what_was_compared(comparison),
        *sections.what_happens(comparison),
        *sections.differences(comparison),
        *sections.who(comparison),
        *sections.costs(comparison),
        *sections.network(comparison),
        *sections.assumed(),
        *sections.again(comparison, command),
    ]
    partnership = comparison.options.scenarios[0].partnership
    place = printable(partnership.title or partnership.name)
    last = min(LAST_MONTHS, comparison.options.months)
    subtitle = [
        f"{len(partnership):,} organisations, {comparison.options.months} months,"
        f" {words.worlds_words(comparison.runs.worlds)}. Compared by {words.lower(comparison.runs.outcome)}"
        f" at the end: the mean of the last {last} months."
    ]
    return Report(Document(f"Scenarios compared: {place}", subtitle, blocks), _pictures(comparison))


def findings_of(comparison: Comparison) -> list[Finding]:
    """Return what page one says: what was found, and beside it how sure that is."""
    outcome, found = comparison.runs.outcome, []
    title = OUTCOMES[outcome].title
    letters = [option.letter for option in comparison.options]
    if len(letters) > 2:
        order = words.ranking_sentence(comparison)
        found.append(Finding("The order", order, sure.regret_sentence(comparison)))
    for one, other in words.main_pairs(comparison):
        row = words.row_of(comparison, "differences", one=one, other=other, outcome=outcome)
        certain = [
            words.worlds_sentence(row, outcome, brief=True),
            sure.models_sentence(comparison, one, other),
            sure.assumptions_sentence(comparison, one, other, brief=True),
        ]
        text = words.difference_sentence(row, outcome)
        found.append(Finding(f"{title}: {one} against {other}", text, " ".join(filter(None, certain))))
    for heading, said in (
        ("Who gains", [words.sector_sentence(comparison, letter, letters[0]) for letter in letters[1:]]),
        ("What it takes", [words.cost_sentence(comparison, letter) for letter in letters[1:]]),
        ("What lasts", [words.lasting_sentence(comparison, letter) for letter in letters]),
        ("Good enough", [sure.threshold_sentence(comparison)]),
    ):
        if any(said):
            found.append(Finding(heading, " ".join(filter(None, said))))
    return found


def _in_short(comparison: Comparison) -> list[Block]:
    """Return page one."""
    outcome = comparison.runs.outcome
    ends = words.listed(
        [
            f"{row['scenario']} ends at {points(row['estimate'])} points"
            for row in comparison.tables["levels"].to_dict("records")
            if row["outcome"] == outcome
        ]
    )
    said = [*comparison.options.notices, sure.precision_sentence(comparison)]
    return [
        Heading("In short", anchor="in-short"),
        Bullets([f"{option.letter}: {option.title}" for option in comparison.options], style="scenarios"),
        *(Paragraph(note) for note in said if note),
        Picture(
            "headline",
            f"Line chart of {words.lower(outcome)} by month under each scenario. {ends}.",
            f"{ends}. {words.point_words(outcome)}",
        ),
        Findings(findings_of(comparison)),
        Paragraph(limits_words(), lead="What this is, and what it is not.", style="limits"),
    ]


def _pictures(comparison: Comparison) -> dict[str, Draw]:
    """Return how each picture is drawn."""
    tables, outcome = comparison.tables, comparison.runs.outcome
    months, titles = comparison.options.months, [option.title for option in comparison.options]
    others = comparison.runs.followed[1:]
    drawn: dict[str, Draw] = {
        "headline": partial(figures.headline, tables["monthly"], outcome, titles, _programmes(comparison)),
        "timeline": partial(figures_more.timeline, sections.entry_lines(comparison), months, titles),
        "fans": partial(figures.fans, tables["monthly"], outcome, titles),
        "others": partial(figures.others, tables["monthly"], others),
        "ribbons": partial(figures.ribbons, tables["monthly_differences"], outcome),
        "sectors": partial(figures_more.who, tables["sectors"]),
    }
    if comparison.models is not None and not tables["models"].empty:
        drawn["models"] = partial(figures.versions, tables["models"], tables["differences"], outcome)
    if not tables["network"].empty:
        partnership = comparison.options.scenarios[0].partnership
        kinds = [partnership.sectors[code].name for code in partnership.organisations["sector"].tolist()]
        drawn["network"] = partial(figures_more.networks, tables["network"], kinds, CONNECTED_CONTACT, titles)
    return drawn


def _programmes(comparison: Comparison) -> list[list[Any]]:
    """Return for each scenario the first month of its programme and the first after it; empty without one."""
    windows: list[list[Any]] = []
    for option in comparison.options:
        starts = [
            entry.from_month
            for entry in option.scenario.programme
            if entry.strength > 0 and entry.from_month < comparison.options.months
        ]
        windows.append([min(starts), option.scenario.programme_end] if starts else [])
    return windows
