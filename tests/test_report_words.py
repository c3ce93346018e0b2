"""The words of a comparison turn with its numbers: reversed, null and extreme results, and hostile names."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import made_up
from collabsim.report.compare import sure, words
from collabsim.report.compare.document import findings_of, report_of
from collabsim.report.compare.limits import limits_words
from collabsim.report.compare.markdown import markdown_of
from collabsim.report.compare.word import word_of
from collabsim.report.compare.writing import files_of
from collabsim.study.compare.assumptions import cuts
from collabsim.study.compare.comparison import compared


def main_row(made, one="B", other="A"):
    """Return the row of the main difference."""
    return words.row_of(made, "differences", one=one, other=other, outcome=made.runs.outcome)


def said(made):
    """Return everything that page one says."""
    return " ".join(f"{finding.text} {finding.sure}" for finding in findings_of(made))


# ----------------------------------------------------------------------------------- the main finding


def test_more_less_and_no_difference_are_said_as_what_they_are():
    more = made_up.comparison((0.1, 0.2))
    text = words.difference_sentence(main_row(more), more.runs.outcome)
    assert text.startswith(
        "B ends with more collaborative advantage than A, which is better: 10.0 points more (95% interval 9."
    )
    less = made_up.comparison((0.2, 0.1))
    text = words.difference_sentence(main_row(less), less.runs.outcome)
    assert text.startswith(
        "B ends with less collaborative advantage than A, which is worse: 10.0 points less (95% interval 9."
    )
    null = made_up.comparison((0.2, 0.2001), noise=0.05)
    text = words.difference_sentence(main_row(null), null.runs.outcome)
    assert text.startswith(
        "B and A cannot be told apart in collaborative advantage: B less A is +0.01 points"
    )
    assert "holds zero. Any difference is likely smaller than" in text
    assert "better" not in text and "more" not in text and "worse" not in text


def test_of_an_outcome_where_less_is_better_the_verdict_turns_and_the_amount_does_not():
    made = made_up.comparison((0.4, 0.3), outcome="inertia")
    row = main_row(made)
    assert words.difference_sentence(row, "inertia").startswith(
        "B ends with less inertia than A, which is better: 10.0 points less"
    )
    assert row["better"] > 0.9 and row["estimate"] < 0  # better counts what is better
    assert "B is better than A in" in words.worlds_sentence(row, "inertia")
    neither = made_up.comparison((0.4, 0.3), outcome="stake")
    text = words.difference_sentence(main_row(neither), "stake")
    assert "better" not in text and "worse" not in text
    assert "higher" in words.worlds_sentence(main_row(neither), "stake")


SIGNED = {"more": "less", "less": "more", "better": "worse", "worse": "better"}


@pytest.mark.parametrize("gap", [0.1, -0.1, 0.001])
def test_swapping_the_scenarios_flips_every_signed_sentence(gap):
    one, other = made_up.comparison((0.1, 0.1 + gap)), None
    found = one.runs
    swapped = made_up.options(2)
    turned = compared(
        type(found)(
            **{
                **vars(found),
                "options": swapped,
                **{
                    name: getattr(found, name)[::-1]
                    for name in ("ends", "traction", "monthly", "untreated", "benefit")
                },
            }
        )
    )
    other = turned
    first, second = (words.difference_sentence(main_row(c), c.runs.outcome) for c in (one, other))
    if main_row(one)["told_apart"]:
        assert second == re.sub(r"\b(more|less|better|worse)\b", lambda hit: SIGNED[hit[0]], first)
    else:  # not told apart, whichever way round, and the signs of the numbers turn
        assert "B less A is +" in first and "B less A is −" in second
        assert first.split("holds zero")[1] == second.split("holds zero")[1]
    for table in ("differences", "monthly_differences", "sectors"):
        a, b = one.tables[table], other.tables[table]
        np.testing.assert_allclose(a["estimate"], -b["estimate"], atol=1e-15)
        np.testing.assert_allclose(a["low"], -b["high"], atol=1e-12)
    np.testing.assert_allclose(one.tables["differences"]["better"], 1 - other.tables["differences"]["better"])
    ahead = words.worlds_sentence(main_row(one), one.runs.outcome)
    behind = words.worlds_sentence(main_row(other), other.runs.outcome)
    assert behind == ahead.replace("A", "#").replace("B", "A").replace("#", "B")
    gains = words.sector_sentence(one, "B", "A")
    loses = words.sector_sentence(other, "B", "A")
    if abs(gap) == 0.1:
        assert ("every sector gains" in gains) == (gap > 0) and ("every sector loses" in loses) == (gap > 0)


def test_the_same_twice_is_said_to_be_the_same():
    found = made_up.runs((0.2, 0.2))
    found.ends[1], found.monthly[1], found.benefit[1] = found.ends[0], found.monthly[0], found.benefit[0]
    made = compared(found)
    assert (
        words.difference_sentence(main_row(made), found.outcome)
        == "B and A come to the same collaborative advantage in every world."
    )
    assert words.worlds_sentence(main_row(made), found.outcome) == ""
    assert (
        words.sector_sentence(made, "B", "A")
        == "Under B rather than A, no sector can be told to gain or to lose."
    )


def test_a_difference_that_many_comparisons_explain_is_not_called_one():
    row = {"one": "B", "other": "A", "estimate": 0.01, "low": 0.001, "high": 0.019, "worlds": 60,
           "effect_size": 0.3, "told_apart": False, "better": 0.6}  # fmt: skip
    text = words.difference_sentence(row, "trust")
    assert "cannot be told apart" in text and "does not stand once" in text and "holds zero" not in text


def test_a_single_world_and_missing_values_say_nothing():
    one = made_up.comparison((0.1, 0.2), worlds=1, noise=0.0)
    text = words.difference_sentence(main_row(one), one.runs.outcome)
    assert text == "B and A cannot be told apart in collaborative advantage: a single world shows nothing."
    found = made_up.runs((0.1, 0.2))
    found.ends[:, :, 0] = np.nan
    found.monthly[:, :, :, 0] = np.nan
    made = compared(found)
    assert (
        words.difference_sentence(main_row(made), found.outcome)
        == "B and A cannot be compared in collaborative advantage: it has no value in any world."
    )
    assert "nan" not in said(made).lower() and "unknown" not in said(made)
    assert "report.html" in files_of(made, "again")  # and it can be drawn and written all the same


def test_extreme_results_are_written_as_numbers_people_read():
    made = made_up.comparison((-12345.6, 98765.4), noise=0.5)
    text = words.difference_sentence(main_row(made), made.runs.outcome)
    assert "11,111,100.0 points more" in text
    assert words.number(-0.04) == "0.0" and words.number(-1.25, 1) == "−1.2"
    assert words.points(0.0005) == "0.05" and words.points(-0.5, signed=True) == "−50.0"
    assert words.number(math.inf) == "∞" and words.number(math.nan) == "unknown"


@pytest.mark.parametrize(
    ("share", "worlds", "text"),
    [
        (1.0, 500, "in all of 500 worlds"),
        (0.0, 500, "in none of 500 worlds"),
        (0.83, 500, "in 83 of 100 worlds"),
        (0.998, 500, "in more than 99 of 100 worlds"),
        (0.002, 500, "in fewer than 1 of 100 worlds"),
        (0.5, 7, "in 3.5 of 7 worlds"),
        (1.0, 1, "in the one world"),
        (0.0, 1, "not in the one world"),
    ],
)
def test_shares_of_worlds_are_never_rounded_to_certainty(share, worlds, text):
    assert words.in_worlds(share, worlds) == text


# --------------------------------------------------------------------- cost, what lasts, who, the order


def test_what_it_takes_turns_with_gain_and_days():
    gains = made_up.comparison((0.1, 0.2))
    days = gains.options.scenarios[1].facilitator_days
    assert words.cost_sentence(gains, "B").startswith(
        f"B takes {days:,.0f} facilitator-days more than A: {days / 10:,.0f} for each point gained (95%"
        " interval"
    )
    assert words.cost_sentence(made_up.comparison((0.2, 0.1)), "B").endswith("more than A and ends worse.")
    null = made_up.comparison((0.2, 0.2001), noise=0.05)
    assert words.cost_sentence(null, "B").endswith("more than A and cannot be told apart from it at the end.")
    made = made_up.options(3)
    three = made_up.comparison((0.1, 0.2, 0.15), made=type(made)(made.each[::-1], made.months))
    assert "facilitator-days fewer than" not in words.cost_sentence(three, "B")


def test_what_lasts_turns_with_what_is_left():
    def lasts(during, end, noise=0.002):
        made = made_up.comparison((0.0, end), noise, during=(0.0, during))
        return words.lasting_sentence(made, "B")

    assert lasts(0.2, 0.1).endswith(
        "ends in month 42 with a gain of 20.0 points over the same worlds without it; by the end 10.0 points "
        "are left, 50% of it."
    )
    assert lasts(0.1, 0.2).endswith("by the end it has grown to 20.0 points.")
    assert lasts(0.1, 0.0).endswith("by the end nothing is left that can be told.")
    assert lasts(0.1, -0.1).endswith("by the end it is worse by 10.0 points.")
    assert "its last year was worse than without it by 10.0 points; by the end it has gained" in lasts(
        -0.1, 0.1
    )
    assert lasts(-0.1, 0.0).endswith("by the end no difference can be told.")
    assert lasts(0.0, 0.0).endswith("had gained nothing that can be told; nor has it by the end.")
    assert words.lasting_sentence(made_up.comparison((0.1, 0.2)), "A") == ""  # no programme, no sentence


def test_a_programme_that_runs_to_the_end_cannot_be_said_to_last():
    made = made_up.comparison((0.1, 0.2), made=made_up.options(2, support=[6, 72]))
    assert "cannot be said" in words.lasting_sentence(made, "B")


def test_who_gains_names_gainers_losers_and_those_it_cannot_tell():
    found = made_up.runs((0.1, 0.1), noise=0.001)
    codes = found.options.scenarios[0].partnership.organisations["sector"]
    found.benefit[1] = found.benefit[0] + 0.001 * made_up.spread(60, 9)[:, None]
    found.benefit[1][:, codes == 0] += 0.1
    found.benefit[1][:, codes == 1] -= 0.05
    text = words.sector_sentence(compared(found), "B", "A")
    assert "NHS (+10.0) gain; council (−5.0) lose; of " in text and "No sector" not in text
    found.benefit[1][:, codes == 1] += 0.05
    text = words.sector_sentence(compared(found), "B", "A")
    assert "lose;" not in text and text.endswith("No sector can be told to lose.")


def test_the_order_of_three_says_which_neighbours_cannot_be_told_apart():
    clear = words.ranking_sentence(made_up.comparison((0.1, 0.3, 0.2)))
    assert clear == "In collaborative advantage at the end, best first: B (30.0), C (20.0), A (10.0) points."
    near = words.ranking_sentence(made_up.comparison((0.1, 0.3, 0.3001), noise=0.05))
    assert near.endswith("C (30.0), B (30.0), A (10.0) points. Not to be told apart: B and C.")
    least = words.ranking_sentence(made_up.comparison((0.1, 0.3, 0.2), outcome="inertia"))
    assert "best first, which is least: A (10.0), C (20.0), B (30.0)" in least


# ------------------------------------------------------------------------------------------ how sure


def test_how_far_the_ranking_holds_is_said_by_the_share_of_versions():
    def held(*leads):
        others = [[0.1] * len(leads), [0.1 + lead for lead in leads]]
        return sure.models_sentence(made_up.comparison((0.1, 0.2), others=others), "B", "A")

    assert (
        held(*[0.1] * 20)
        == "B is ahead in all 20 other plausible versions of the model tried, and clearly so."
    )
    assert (
        held(*[0.1] * 19, 0.001)
        == "B is ahead in all 20 other plausible versions of the model tried, clearly so in 19."
    )
    assert held(*[0.1] * 19, -0.1).startswith("B is ahead in 19 of 20 other plausible versions")
    assert held(*[0.1] * 13, *[-0.1] * 7).startswith("Only partly: B is ahead in 13 of 20")
    assert held(*[0.1] * 10, *[-0.1] * 10).startswith("Not at all: B is ahead in 10 of 20")
    assert held(*[0.1] * 4, *[-0.1] * 16).startswith(
        "Beware, for most versions say the opposite: B is ahead in 4"
    )


def test_the_leader_of_the_sentence_is_the_one_that_leads():
    others = [[0.2] * 20, [0.1] * 20]
    made = made_up.comparison((0.2, 0.1), others=others)
    assert sure.models_sentence(made, "B", "A").startswith("A is ahead in all 20")
    null = made_up.comparison((0.2, 0.2001), noise=0.05, others=[[0.1] * 20, [0.2] * 5 + [0.0] * 15])
    assert (
        sure.models_sentence(null, "B", "A")
        == "Of 20 other plausible versions of the model A is ahead in 15 and B in 5, on average."
    )
    inertia = made_up.runs((0.3, 0.2), outcome="inertia")
    turned = compared(inertia, made_up.models(inertia, [[0.3] * 20, [0.2] * 20]))
    assert sure.models_sentence(turned, "B", "A").startswith("B is ahead in all 20")
    assert "B is never behind" in sure.regret_sentence(turned)


def test_an_assumption_that_turns_the_answer_is_named_and_chance_is_not():
    found = made_up.runs((0.1, 0.2))
    costs = np.linspace(0.03, 0.14, 40)
    lead = np.where(costs > 0.1, -0.1, 0.1)
    sets = tuple(
        {"cost": cost, "loss": loss} for cost, loss in zip(costs, made_up.spread(40, 3), strict=True)
    )
    made = compared(found, made_up.models(found, [[0.1] * 40, 0.1 + lead], sets=sets))
    text = sure.assumptions_sentence(made, "B", "A")
    assert text.startswith("What would turn the answer round: cost. With cost below 0.0991, ")
    assert "B leads A by 10.0 points on average (ahead in 100%); above, A leads B by 10.0 points" in text
    steady = compared(found, made_up.models(found, [[0.1] * 40, 0.2 + lead / 2], sets=sets))
    assert sure.assumptions_sentence(steady, "B", "A").startswith(
        "No single assumption tried turns the answer round; it depends most on cost."
    )
    noise = compared(
        found, made_up.models(found, [[0.1] * 40, 0.2 + 0.01 * made_up.spread(40, 4)], sets=sets)
    )
    assert sure.assumptions_sentence(noise, "B", "A").startswith("No single assumption stands out")
    few = compared(found, made_up.models(found, [[0.1] * 4, [0.2] * 4]))
    assert sure.assumptions_sentence(few, "B", "A").startswith("Too few versions")


def test_a_search_among_noise_finds_something_beyond_chance_as_rarely_as_it_says():
    rng = np.random.default_rng(5)
    table = rng.uniform(size=(30, 12))
    names = [f"p{k}" for k in range(12)]
    best = [cuts(table, rng.normal(size=30), names, shuffles=99)[0]["p_value"] for _ in range(100)]
    assert 1 <= sum(p <= 0.1 for p in best) <= 20  # 10 are expected


def test_regret_and_thresholds_are_counted_over_versions():
    found = made_up.runs((0.1, 0.2))
    meets = np.zeros((2, 10, 20), bool)
    meets[1, :9] = True
    made = compared(
        found,
        made_up.models(
            found,
            [[0.1] * 10, [0.2] * 9 + [0.05]],
            noise=0.0,
            meets=meets,
            thresholds={"trust": 0.5, "inertia": 0.3},
        ),
    )
    table = made.tables["robustness"].set_index("scenario")
    assert table.loc["A", "worst_regret"] == pytest.approx(0.1) and table.loc["B", "best"] == 0.9
    assert table.loc["B", "worst_regret"] == pytest.approx(0.05)
    assert (
        sure.regret_sentence(made)
        == "Over the versions tried, B falls short of the best by 5.0 points at worst; A by 10.0 points at"
        " worst."
    )
    assert (
        sure.threshold_sentence(made)
        == "Good enough (trust at least 0.5 and inertia at most 0.3, at the end): A in 0% of all runs (0% in"
        " the worst version); B in 90% of all runs (0% in the worst version)."
    )


# ------------------------------------------------------------------------------------ hostile names

HOSTILE = (
    (
        "<script>alert(1)</script><img src=x onerror=alert(2)> \u202eevil\x07 $x^2$ | **b**"
        " ](javascript:alert(3))"
    ),
    '=HYPERLINK("http://evil","x")" onload="alert(4)',
)


class Reader(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.headings, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def hostile():
    """The files of a comparison whose scenarios and sectors have hostile names."""
    found = made_up.runs((0.1, 0.2), made=made_up.options(2, titles=HOSTILE, description=HOSTILE[0]))
    made = compared(found, made_up.models(found, [[0.1] * 12, [0.2] * 12]))
    made.tables["sectors"].loc[0, "sector"] = "=1+1"
    made.tables["sectors"].loc[1, "sector"] = "@SUM(A1)"
    return made, files_of(made, f"collabsim compare '{HOSTILE[0]}'")


def test_a_hostile_name_runs_no_script_in_the_report(hostile):
    _, files = hostile
    page = files["report.html"].decode()
    seen = Reader()
    seen.feed(page)
    assert "script" not in seen.tags and "<script>alert(1)</script>" in "".join(seen.text)
    assert not [name for _, name, _ in seen.attributes if name.startswith("on")]
    assert all(value.startswith(("data:image/svg+xml;base64,", "#")) for _, name, value in seen.attributes
               if name in ("src", "href"))  # fmt: skip
    assert "default-src 'none'" in page
    titles = page[page.index("<main>") : page.index('id="again"')]
    assert "\u202e" not in titles and "\x07" not in titles  # what hides or turns text round is left out


def test_a_hostile_name_is_no_formula_in_a_table(hostile):
    _, files = hostile
    rows = list(csv.reader(io.StringIO(files["sectors.csv"].decode())))
    assert rows[1][2] == "'=1+1" and rows[2][2] == "'@SUM(A1)"
    for name, data in files.items():
        if name.endswith(".csv"):
            for row in csv.reader(io.StringIO(data.decode())):
                for cell in row:
                    assert not cell.startswith(("=", "+", "@", "\t")) and not re.match(r"-[^\d]", cell)


def test_a_hostile_name_stays_text_in_markdown_and_word(hostile):
    made, _ = hostile
    text = markdown_of(report_of(made, "again").document)
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for mark in ("<script", "](javascript", "**b"):  # each stands escaped
        assert mark not in outside.replace("\\<script", "").replace("\\](javascript", "")
    from docx import Document

    report = report_of(made, "again")
    written = word_of(report.document, dict.fromkeys(report.figures, made_up.PIXEL))
    made_docx = Document(io.BytesIO(written))
    assert any(HOSTILE[0][:25] in paragraph.text for paragraph in made_docx.paragraphs)


# ----------------------------------------------------------------------------- form and repeatability


def test_the_page_is_accessible_in_form(hostile):
    _, files = hostile
    seen = Reader()
    seen.feed(files["report.html"].decode())
    attributes = seen.attributes
    assert ("html", "lang", "en-GB") in attributes
    assert seen.headings[0] == 1 and seen.headings.count(1) == 1
    assert all(later - before <= 1 for before, later in zip(seen.headings, seen.headings[1:], strict=False))
    images = seen.tags.count("img")
    alts = [value for tag, name, value in attributes if (tag, name) == ("img", "alt")]
    assert images == len(alts) >= 7 and all(len(alt) > 40 for alt in alts)
    assert seen.tags.count("caption") == seen.tags.count("table") >= 6
    scopes = [value for tag, name, value in attributes if (tag, name) == ("th", "scope")]
    assert len(scopes) == seen.tags.count("th") and set(scopes) == {"col", "row"}
    targets = {value for _, name, value in attributes if name == "id"}
    links = {value[1:] for tag, name, value in attributes if (tag, name) == ("a", "href")}
    assert links <= targets and len(targets) == len([1 for _, name, _ in attributes if name == "id"])


def test_the_same_comparison_is_the_same_bytes_in_every_form(hostile):
    made, files = hostile
    assert files_of(made, f"collabsim compare '{HOSTILE[0]}'") == files
    document = report_of(made, "again").document
    pixel = dict.fromkeys(report_of(made, "again").figures, made_up.PIXEL)
    assert word_of(document, pixel) == word_of(document, pixel)
    manifest = json.loads(files_of(made, "again")["manifest.json"])
    assert manifest["kind"] == "collabsim comparison" and "time" not in str(manifest)


def test_the_report_carries_the_words_of_the_limits_page():
    page = (Path(__file__).parents[1] / "docs" / "limits.md").read_text(encoding="utf-8")
    short = page.split("<!-- SHORT -->")[1].split("<!-- end -->")[0]
    assert limits_words() == " ".join(short.split())
