"""The section of a report on how sure its findings are."""

from __future__ import annotations

from collabsim.report.compare import sure, words
from collabsim.report.compare.blocks import Block, Bullets, Heading, Paragraph, Picture, Table
from collabsim.report.compare.words import number, percent, points, worlds_words
from collabsim.study.compare.comparison import Comparison


def how_sure(comparison: Comparison) -> list[Block]:
    """Return the section that stands right after page one."""
    models = comparison.models
    blocks: list[Block] = [Heading("How sure are we?", anchor="how-sure")]
    blocks.append(
        Paragraph(
            "Worlds differ in luck and in who the organisations are. The intervals say how well the mean"
            f" over all such worlds is known from {worlds_words(comparison.runs.worlds)}. They do not say"
            " whether the model is right: for that, the same comparison is made under other versions of it."
        )
    )
    if models is None:
        return [*blocks, Paragraph("No other version of the model was tried (--models 0).")]
    blocks.append(
        Paragraph(
            "A plausible version is a set of parameters under which the model shows all patterns that it was"
            f" calibrated on. {len(models.sets)} of the {models.known} known were tried, each in"
            f" {models.worlds} worlds. A share of them is no probability: it depends on the ranges that were"
            " searched."
        )
    )
    if "models" in comparison.tables and not comparison.tables["models"].empty:
        alt = " ".join(
            f"{one} against {other}: {sure.models_sentence(comparison, one, other)}"
            for one, other in words.main_pairs(comparison)
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
                "No threshold was set. With --threshold outcome=value the report says how often each scenario"
                " is good enough."
            )
        )
    return blocks + _assumption_blocks(comparison)


def _holds_table(comparison: Comparison) -> Table:
    rows = [
        [
            f"{row['one']} against {row['other']}",
            number(row["models"], 0),
            percent(row["ahead"]),
            percent(row["clearly"]),
            percent(row["clearly_not"]),
            points(row["lowest"], signed=True),
            points(row["median"], signed=True),
            points(row["highest"], signed=True),
        ]
        for row in comparison.tables["holds"].to_dict("records")
    ]
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
    return Table(
        "Under plausible versions of the model: how often the first of a pair is ahead of the second, and "
        "the difference in points",
        head,
        rows,
        file="holds.csv",
    )


def _robust_table(comparison: Comparison) -> Table:
    with_thresholds = comparison.models is not None and bool(comparison.models.thresholds)
    head = ["Scenario", "Best in", "Mean regret", "Worst regret"]
    head += ["Good enough", "In the worst version"] if with_thresholds else []
    rows = []
    for row in comparison.tables["robustness"].to_dict("records"):
        cells = [
            row["scenario"],
            percent(row["best"]),
            points(row["mean_regret"]),
            points(row["worst_regret"]),
        ]
        if with_thresholds:
            cells += [percent(row["good_enough"]), percent(row["good_enough_worst"])]
        rows.append(cells)
    return Table(
        "Best in what share of versions, and regret: how many points it falls short of the best scenario",
        head,
        rows,
        file="robustness.csv",
    )


def _assumption_blocks(comparison: Comparison) -> list[Block]:
    table = comparison.tables["assumptions"]
    blocks: list[Block] = [Heading("What would change the answer", 3, "assumptions-that-matter")]
    blocks.append(
        Bullets(
            [
                f"{one} against {other}: {sure.assumptions_sentence(comparison, one, other)}"
                for one, other in words.main_pairs(comparison)
            ]
        )
    )
    rows = []
    for one, other in words.main_pairs(comparison):
        part = table[(table["one"] == one) & (table["other"] == other)].head(3)
        rows += [
            [
                f"{one} against {other}",
                sure.parameter_words(row["parameter"]),
                sure.parameter_meaning(str(row["parameter"])),
                f"{row['cut']:.3g}",
                points(row["below"], signed=True),
                points(row["above"], signed=True),
                _chance(row["p_value"]),
            ]
            for row in part.to_dict("records")
        ]
    if rows:
        head = ["Pair", "Assumption", "What it is", "Cut at", "Lead below", "Lead above", "Chance"]
        blocks.append(
            Table(
                "The assumptions that part the versions best: the first's mean lead in points on either "
                "side of a cut, and how often chance among so many would part them as well",
                head,
                rows,
                words=3,
                file="assumptions.csv",
            )
        )
    blocks.append(
        Paragraph(
            "How they were found: for one assumption at a time the versions were cut in two where that parts"
            " their differences best. It sees no interplay of assumptions, and a cut at chance above 5% means"
            " nothing."
        )
    )
    return blocks


def _chance(value: float) -> str:
    return "under 1%" if value < 0.01 else f"{number(100 * value, 0)}%"
