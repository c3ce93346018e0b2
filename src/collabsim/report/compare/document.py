"""The report of a comparison, block by block, from computed values only."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from typing import Any

from matplotlib.figure import Figure

import collabsim
from collabsim.outcomes import CONNECTED_CONTACT, LAST_MONTHS, OUTCOMES, TRACTION_SHARE
from collabsim.parameters import PARAMETERS
from collabsim.practices import MOVERS
from collabsim.report.compare import figures, sure, words
from collabsim.report.compare.blocks import (
    Block,
    Bullets,
    Code,
    Document,
    Findings,
    Heading,
    Paragraph,
    Picture,
    Table,
)  # fmt: skip
from collabsim.report.compare.scenario_text import scenario_text
from collabsim.report.compare.words import Finding, number, points
from collabsim.schedule import SCHEDULE
from collabsim.study.compare.comparison import Comparison
from collabsim.study.compare.options import printable
from collabsim.study.provenance import scenario_identity

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
    titles = [option.title for option in comparison.options]
    blocks: list[Block] = [
        *_in_short(comparison),
        *_how_sure(comparison),
        *_what_was_compared(comparison),
        *_what_happens(comparison),
        *_differences(comparison),
        *_who(comparison),
        *_costs(comparison),
        *_network(comparison),
        *_assumed(comparison),
        *_again(comparison, command),
    ]
    named = words.listed([f"{o.letter} {o.title}" for o in comparison.options])
    partnership = comparison.options.scenarios[0].partnership
    subtitle = [
        f"{printable(partnership.title or partnership.name)}: {len(partnership):,} organisations, "
        f"{comparison.options.months} months, {_worlds(comparison.runs.worlds)}.",
        f"Compared by {words.lower(comparison.runs.outcome)} at the end, the mean of the last "
        f"{min(LAST_MONTHS, comparison.options.months)} months.",
    ]
    return Report(Document(f"Compared: {named}", subtitle, blocks), _pictures(comparison, titles))


def _worlds(count: int) -> str:
    return "one simulated world" if count == 1 else f"the same {count:,} simulated worlds under each scenario"


def limits_words() -> str:
    """Return the short statement of what the model can and cannot support."""
    text = (resources.files("collabsim") / "data" / "limits.txt").read_text(encoding="utf-8")
    return " ".join(text.split())


def _pictures(comparison: Comparison, titles: list[str]) -> dict[str, Draw]:
    tables, outcome = comparison.tables, comparison.runs.outcome
    months = comparison.options.months
    programmes = []
    for option in comparison.options:
        entries = [e for e in option.scenario.programme if e.strength > 0 and e.from_month < months]
        programmes.append(
            [min(e.from_month for e in entries), option.scenario.programme_end] if entries else []
        )
    drawn: dict[str, Draw] = {
        "headline": partial(
            figures.headline, tables["monthly"], tables["levels"], outcome, titles, programmes
        ),
        "timeline": partial(figures.timeline, entry_lines(comparison), months, titles),
        "fans": partial(figures.fans, tables["monthly"], outcome, titles),
        "others": partial(figures.others, tables["monthly"], comparison.runs.followed[1:]),
        "ribbons": partial(figures.ribbons, tables["monthly_differences"], outcome),
        "sectors": partial(figures.who, tables["sectors"]),
    }
    if comparison.models is not None and not tables["models"].empty:
        drawn["models"] = partial(figures.versions, tables["models"], tables["differences"], outcome)
    if not tables["network"].empty:
        partnership = comparison.options.scenarios[0].partnership
        kinds = [partnership.sectors[code].name for code in partnership.organisations["sector"].tolist()]
        drawn["network"] = partial(figures.networks, tables["network"], kinds, CONNECTED_CONTACT, titles)
    return drawn


def entry_lines(comparison: Comparison) -> list[dict[str, Any]]:
    """Return every line of every programme and shock, with who takes part in words."""
    return [
        {"scenario": option.letter, "mover": entry.mover, "from_month": entry.from_month,
         "to_month": entry.to_month, "strength": entry.strength,
         "who": printable(", ".join(entry.who)) if entry.who else ""}
        for option in comparison.options
        for entry in (*option.scenario.programme, *option.scenario.shocks)
    ]  # fmt: skip


def findings_of(comparison: Comparison) -> list[Finding]:
    """Return what page one says: what was found, and beside it how sure that is."""
    outcome, found = comparison.runs.outcome, []
    title = OUTCOMES[outcome].title
    if len(comparison.options) > 2:
        found.append(
            Finding("The order", words.ranking_sentence(comparison), sure.regret_sentence(comparison))
        )
    for one, other in words.main_pairs(comparison):
        row = words.row_of(comparison, "differences", one=one, other=other, outcome=outcome)
        certain = [words.worlds_sentence(row, outcome), sure.models_sentence(comparison, one, other),
                   sure.assumptions_sentence(comparison, one, other)]  # fmt: skip
        found.append(
            Finding(f"{title}: {one} against {other}", words.difference_sentence(row, outcome),
                    " ".join(filter(None, certain)))
        )  # fmt: skip
    first = comparison.options.each[0].letter
    rest = [option.letter for option in comparison.options][1:]
    found.append(
        Finding("Who gains", " ".join(words.sector_sentence(comparison, letter, first) for letter in rest))
    )
    found.append(
        Finding("What it takes", " ".join(words.cost_sentence(comparison, letter) for letter in rest))
    )
    letters = [option.letter for option in comparison.options]
    lasts = " ".join(filter(None, (words.lasting_sentence(comparison, letter) for letter in letters)))
    if lasts:
        found.append(Finding("What lasts", lasts))
    return found


def _in_short(comparison: Comparison) -> list[Block]:
    outcome = comparison.runs.outcome
    title = OUTCOMES[outcome].title
    ends = words.listed([
        f"{row['scenario']} ends at {points(row['estimate'])} points"
        for row in comparison.tables["levels"].to_dict("records") if row["outcome"] == outcome
    ])  # fmt: skip
    blocks: list[Block] = [
        Heading("In short", anchor="in-short"),
        Bullets([f"{o.letter}: {o.title}" for o in comparison.options]),
        Findings(findings_of(comparison)),
        Picture(
            "headline",
            f"Line chart of {words.lower(outcome)} by month under each scenario. {ends}.",
            f"{title} in points: one point is a hundredth of: {OUTCOMES[outcome].unit}. {ends}.",
        ),  # fmt: skip
        Paragraph(limits_words(), lead="What this is, and what it is not.", style="limits"),
    ]
    said = [*comparison.options.notices, sure.precision_sentence(comparison)]
    if any(said):
        blocks.insert(2, Bullets([note for note in said if note]))
    return blocks


def _how_sure(comparison: Comparison) -> list[Block]:
    models = comparison.models
    blocks: list[Block] = [Heading("How sure are we?", anchor="how-sure")]
    blocks.append(
        Paragraph(
            "Worlds differ in luck and in who the organisations are. The intervals say how well the mean over all "
            f"such worlds is known from {_worlds(comparison.runs.worlds)}. They do not say whether the model is "
            "right: for that, the same comparison is made under other versions of it."
        )
    )
    if models is None:
        return [*blocks, Paragraph("No other version of the model was tried (--models 0).")]
    blocks.append(
        Paragraph(
            f"A plausible version is a set of parameters under which the model shows all patterns that it was "
            f"calibrated on. {len(models.sets)} of the {models.known} known were tried, each in {models.worlds} "
            "worlds. A share of them is no probability: it depends on the ranges that were searched."
        )
    )
    if "models" in comparison.tables and not comparison.tables["models"].empty:
        alt = " ".join(
            sure.models_sentence(comparison, one, other) for one, other in words.main_pairs(comparison)
        )
        blocks.append(
            Picture(
                "models",
                f"Dots: the difference under each plausible version of the model, sorted. {alt}",
                alt,
            )
        )
    blocks += [_holds_table(comparison), _robust_table(comparison)]
    blocks += [
        Paragraph(text)
        for text in (sure.regret_sentence(comparison), sure.threshold_sentence(comparison))
        if text
    ]
    if not models.thresholds:
        blocks.append(
            Paragraph(
                "No threshold was set. With --threshold outcome=value the report says how often each scenario is good enough."
            )
        )
    return blocks + _assumption_blocks(comparison)


def _holds_table(comparison: Comparison) -> Table:
    rows = [
        [f"{row['one']} against {row['other']}", number(row["models"], 0), _percent(row["ahead"]),
         _percent(row["clearly"]), _percent(row["clearly_not"]), points(row["lowest"], signed=True),
         points(row["median"], signed=True), points(row["highest"], signed=True)]
        for row in comparison.tables["holds"].to_dict("records")
    ]  # fmt: skip
    head = [
        "Pair",
        "Versions",
        "First is ahead",
        "Clearly ahead",
        "Clearly behind",
        "Lowest",
        "Median",
        "Highest",
    ]
    return Table("Under plausible versions of the model: how often the first of a pair is ahead of the second, and "
                 "the difference in points", head, rows, file="holds.csv")  # fmt: skip


def _robust_table(comparison: Comparison) -> Table:
    with_thresholds = comparison.models is not None and bool(comparison.models.thresholds)
    head = ["Scenario", "Best in", "Mean regret", "Worst regret"]
    head += ["Good enough", "In the worst version"] if with_thresholds else []
    rows = []
    for row in comparison.tables["robustness"].to_dict("records"):
        cells = [
            row["scenario"],
            _percent(row["best"]),
            points(row["mean_regret"]),
            points(row["worst_regret"]),
        ]
        if with_thresholds:
            cells += [_percent(row["good_enough"]), _percent(row["good_enough_worst"])]
        rows.append(cells)
    return Table("Best in what share of versions, and regret: how many points it falls short of the best scenario",
                 head, rows, file="robustness.csv")  # fmt: skip


def _assumption_blocks(comparison: Comparison) -> list[Block]:
    table = comparison.tables["assumptions"]
    blocks: list[Block] = [Heading("What would change the answer", 3, "assumptions-that-matter")]
    blocks.append(Bullets([
        f"{one} against {other}: {sure.assumptions_sentence(comparison, one, other)}"
        for one, other in words.main_pairs(comparison)
    ]))  # fmt: skip
    rows = []
    for one, other in words.main_pairs(comparison):
        part = table[(table["one"] == one) & (table["other"] == other)].head(3)
        rows += [
            [f"{one} against {other}", sure.parameter_words(row["parameter"]), PARAMETERS[row["parameter"]].meaning,
             f"{row['cut']:.3g}", points(row["below"], signed=True), points(row["above"], signed=True),
             _chance(row["p_value"])]
            for row in part.to_dict("records")
        ]  # fmt: skip
    if rows:
        head = ["Pair", "Assumption", "What it is", "Cut at", "Lead below", "Lead above", "Chance"]
        blocks.append(Table("The assumptions that part the versions best: the first's mean lead in points on either "
                            "side of a cut, and how often chance among so many would part them as well",
                            head, rows, words=3, file="assumptions.csv"))  # fmt: skip
    blocks.append(Paragraph(
        "How they were found: for one assumption at a time the versions were cut in two where that parts their "
        "differences best. It sees no interplay of assumptions, and a cut at chance above 5% means nothing."
    ))  # fmt: skip
    return blocks


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{number(100 * value, 0)}%"


def _chance(value: float) -> str:
    return "under 1%" if value < 0.01 else f"{number(100 * value, 0)}%"


def _what_was_compared(comparison: Comparison) -> list[Block]:
    rows = []
    for option in comparison.options:
        scenario = option.scenario
        own = (
            "; ".join(f"{name} = {value:g}" for name, value in scenario.parameters.items()) or "as by default"
        )
        rows.append([
            f"{option.letter}  {option.title}", printable(scenario.description) or "–", _entries(scenario.programme),
            _entries(scenario.shocks), own,
        ])  # fmt: skip
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
        ),  # fmt: skip
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


def _what_happens(comparison: Comparison) -> list[Block]:
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
        Picture("fans", f"Fan charts of {words.lower(outcome)} by month, a panel a scenario; the table of levels says "
                "where they end.", "How far worlds differ under the same scenario."),
        Picture("others", f"Line charts of {words.listed([words.lower(name) for name in followed])} by month under each "
                "scenario; the table of levels says where they end.", "What else happens, by month."),
        Table(f"Where each scenario ends: mean over worlds of the last {LAST_MONTHS} months, in points, and in brackets "
              "what 8 of 10 worlds lie between", ["Outcome", *letters], rows, file="levels.csv"),
    ]  # fmt: skip


def _level(row: Any) -> str:
    if int(row["worlds"]) == 0:
        return "–"
    return f"{points(row['estimate'])} ({points(row['p10'])} to {points(row['p90'])})"


def _differences(comparison: Comparison) -> list[Block]:
    table = comparison.tables["differences"]
    outcome = comparison.runs.outcome
    rows = []
    for row in table.to_dict("records"):
        verdict = "–"
        if row["worlds"]:
            verdict = _verdict(row)
        rows.append([
            OUTCOMES[row["outcome"]].title, f"{row['one']} less {row['other']}", points(row["estimate"], signed=True),
            words.span(row["low"], row["high"]), _percent(row["better"]), number(row["effect_size"], 2, signed=True),
            verdict,
        ])  # fmt: skip
    count = int((table["worlds"] > 0).sum())
    return [
        Heading("How they differ", anchor="differences"),
        Picture("ribbons", "Ribbons: the difference between two scenarios by month, in the same world. "
                + " ".join(words.difference_sentence(words.row_of(comparison, "differences", one=one, other=other,
                           outcome=outcome), outcome) for one, other in words.main_pairs(comparison)),
                "The difference by month."),
        Table("Differences at the end within the same world, in points", ["Outcome", "Difference", "Mean",
              "95% interval", "Better in", "Effect size", "Told apart?"], rows, words=2, file="differences.csv"),
        Paragraph("Better in: the share of worlds in which the first is better (higher, where neither direction is "
                  "better), ties counted half. Effect size: Cohen's d for pairs, the mean difference over the spread of "
                  "differences; it says how regular a difference is and not how much it matters. Told apart: after "
                  f"Holm's correction for the {count} comparisons of this table, at 5%."),
    ]  # fmt: skip


def _verdict(row: Any) -> str:
    better_is = OUTCOMES[row["outcome"]].better
    if not row["told_apart"]:
        return "no"
    if not better_is:
        return "yes, higher" if row["estimate"] > 0 else "yes, lower"
    return "yes, better" if row["estimate"] * better_is > 0 else "yes, worse"


def _who(comparison: Comparison) -> list[Block]:
    table = comparison.tables["sectors"]
    rows = [
        [printable(row["sector"]), number(row["organisations"], 0), f"{row['one']} less {row['other']}",
         points(row["estimate"], signed=True), words.span(row["low"], row["high"]),
         "cannot be told" if not row["told_apart"] else ("gains" if row["estimate"] > 0 else "loses")]
        for row in table.to_dict("records")
    ]  # fmt: skip
    said = [words.sector_sentence(comparison, one, other) for one, other in words.main_pairs(comparison)]
    return [
        Heading("Who gains, who loses", anchor="who"),
        Bullets(said),
        Picture("sectors", "Dots with intervals: what each sector gains. " + " ".join(said),
                "Net benefit is what meetings bring an organisation less what they cost it."),
        Table("What an organisation of each sector gains or loses at the end, in points of what was possible for one "
              f"organisation, in {comparison.runs.benefit.shape[1]:,} worlds", ["Sector", "Organisations", "Difference", "Mean",
              "95% interval", "Verdict"], rows, file="sectors.csv"),
    ]  # fmt: skip


def _costs(comparison: Comparison) -> list[Block]:
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
        told = row["scenario"] != first and words.row_of(
            comparison, "differences", one=row["scenario"], other=first, outcome=comparison.runs.outcome)["told_apart"]  # fmt: skip
        per = f"{number(each, 1)} ({number(row['days_per_point_low'], 1)} to {number(row['days_per_point_high'], 1)})"
        rows.append(
            [*cells, number(row["extra_days"], 0, signed=True), per if told and math.isfinite(each) else "–"]
        )
    letters = [option.letter for option in comparison.options]
    lasts = [text for text in (words.lasting_sentence(comparison, letter) for letter in letters) if text]
    blocks: list[Block] = [
        Heading("What it takes, and what lasts", anchor="costs"),
        Bullets([words.cost_sentence(comparison, letter) for letter in letters[1:]]),
        Table("What each scenario takes. Days are assumed, or as its [costs] say: they serve to compare programmes, not "
              "to make budgets", head, rows, file="costs.csv"),
    ]  # fmt: skip
    if lasts:
        blocks.append(Bullets(lasts))
    return blocks


def _money(row: Any) -> str:
    sign = printable(str(row["currency"]))
    space = " " if sign[-1:].isalnum() else ""
    return f"{sign}{space}{number(row['money'], 0)}"


def _network(comparison: Comparison) -> list[Block]:
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
        Picture("network", f"Drawings of one network at the start and at the end of each scenario. {said}",
                f"One world, whose results are nearest to the mean of all. {said}"),
    ]  # fmt: skip


def _assumed(comparison: Comparison) -> list[Block]:
    return [
        Heading("What is assumed", anchor="assumptions"),
        Paragraph(limits_words()),
        Bullets([
            "A practice moves levers of behaviour and nothing else: whatever rises does so because organisations "
            "behave and learn differently.",
            "All scenarios meet the same worlds with the same luck, draw by draw, so that a difference is due to what "
            "differs between them.",
            f"Traction: six months in which at least {TRACTION_SHARE:g} of meetings end in joint delivery.",
            "A programme's facilitator-days are counted; what organisations spend themselves is counted within the "
            "model as the cost of committing.",
            "Levels are not comparable between partnerships of unlike size. Differences within one are.",
        ]),
    ]  # fmt: skip


def _again(comparison: Comparison, command: str) -> list[Block]:
    identities = [
        f"{option.letter}: {scenario_identity(option.scenario)[:16]}" for option in comparison.options
    ]
    return [
        Heading("How to run it again", anchor="again"),
        Code(command, "The command"),
        Paragraph(
            f"collabsim {collabsim.__version__}; rules {SCHEDULE.identity[:16]}; scenarios {', '.join(identities)}; "
            f"seed {comparison.runs.seed}, worlds 0 to {comparison.runs.worlds - 1}. The same version, scenarios and seed "
            "give the same numbers, bit for bit."
        ),
        *(Code(scenario_text(option.scenario), f"Scenario {option.letter}, with everything that it extends filled in")
          for option in comparison.options),
    ]  # fmt: skip
