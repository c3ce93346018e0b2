"""The page in a real browser: live and as a file, by mouse and by keyboard, its numbers those of the runs."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collabsim as cs
from collabsim.event_log import events
from collabsim.outcomes import OUTCOMES
from collabsim.report.compare.writing import player_of
from conftest import Server
from test_lessons import mine

pytestmark = pytest.mark.xdist_group("page")

MONTHS = 72
SEED = 3
WHOLE = cs.Scenario.load("full-programme")
SMALL = "s=rural-lead-agency"


class Looked:
    """One page of the browser, and what went wrong in it."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.context = browser.new_context(
            viewport={"width": 1280, "height": 800}, accept_downloads=True, **options
        )
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._note)
        self.context.on("request", lambda request: self.asked.append(request.url))

    def _note(self, message: Any) -> None:
        refused = "the server responded with a status of 400" in message.text  # said in words on the page
        if message.type in ("error", "warning") and not refused:
            self.wrong.append(message.text)

    def open(self, address: str) -> Any:
        self.page.goto(address)
        self.ready()
        return self.page

    def ready(self) -> None:
        self.page.wait_for_selector("#net-0 .node, .lessons, #message:not([hidden])")
        self.page.wait_for_selector("body:not(.busy)")

    def stays_here(self, own: str) -> None:
        assert self.wrong == []
        strangers = [url for url in self.asked if not url.startswith((own, "data:", "blob:"))]
        assert strangers == []


@pytest.fixture
def look(browser: Any) -> Iterator[Any]:
    made: list[Looked] = []

    def new(**options: Any) -> Looked:
        made.append(Looked(browser, **options))
        return made[-1]

    yield new
    for looked in made:
        looked.context.close()


def text(page: Any, selector: str) -> str:
    return str(page.locator(selector).inner_text())


def link(page: Any) -> str:
    """Return the address once it holds what was last done."""
    page.wait_for_timeout(220)
    return str(page.url)


TABLES = """() => [...document.querySelectorAll('dialog table')].map((table) => [table.caption.textContent,
    [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))])"""


def percent(value: float) -> str:
    return f"{100 * value:.1f}%".replace("-", "−")


# What it shows is what was run


def test_every_number_shown_is_that_of_the_run(look: Any, server: Server) -> None:
    seen = look()
    page = seen.open(f"{server.address}#t=40&seed={SEED}")
    runs = [cs.run(scenario, seed=SEED) for scenario in (WHOLE, WHOLE.untreated())]
    advantage = [run.monthly["collaborative_advantage"][39] for run in runs]
    said = text(page, "#headline")
    assert f"After 40 months, collaborative advantage is {percent(advantage[0])} with" in said
    assert percent(advantage[1]) in said
    assert f"{100 * (advantage[0] - advantage[1]):+.1f} points".replace("-", "−") in said
    page.click("#tool-tables")
    tables = page.evaluate(TABLES)
    now = dict(tables)["Every outcome after 40 months"]
    outcomes = list(OUTCOMES.values())
    for row, outcome in zip(now, outcomes, strict=True):
        values = [run.monthly[outcome.name][39] for run in runs]
        share = outcome.unit.startswith("share")
        assert row[1:] == [percent(v) if share else f"{v:.2f}".replace("-", "−") for v in values], outcome
    monthly = dict(tables)["Collaborative advantage, after each month"]
    assert [row[1] for row in monthly] == [percent(v) for v in runs[0].monthly["collaborative_advantage"]]
    whole = dict(tables)["The whole run: means of the last 12 months, and what is counted once a run"]
    days = next(row for row in whole if row[0].startswith("Facilitator-days"))
    assert float(days[1]) == runs[0].summary["facilitator_days"]
    short = cs.run(WHOLE.with_settings(months=42), seed=SEED)  # the programme is then whole, and no notice
    page.keyboard.press("Escape")
    page.goto(f"{server.address}#t=42&seed={SEED}")
    seen.ready()
    page.click("#tool-tables")
    ends = dict(page.evaluate(TABLES))
    people = ends["With the programme: the organisations after 42 months"]
    for row, (_, one) in zip(people, short.organisations.iterrows(), strict=True):
        names = ("accountability", "courage", "systems_view", "expectation", "view")
        assert [row[0], *row[2:]] == [one["name"], *(f"{one[name]:.2f}" for name in names)]
    ties = ends["With the programme: the ties after 42 months"]
    half = len(short.ties) // 2
    for row, (_, one), (_, back) in zip(
        ties, short.ties[:half].iterrows(), short.ties[half:].iterrows(), strict=True
    ):
        assert row[0] == f"{one['from']} and {one['to']}"
        assert row[1:] == [f"{v:.2f}" for v in (one["trust"], back["trust"], one["contact"], one["tension"])]
    seen.stays_here(server.address)


def test_the_width_of_twenty_ties_is_the_trust_of_the_model(look: Any, server: Server) -> None:
    page = look().open(f"{server.address}#t=20&seed={SEED}")
    model = cs.CollaborationModel(WHOLE, seed=SEED)
    for _ in range(20):
        model.step()
    drawn = page.evaluate(
        """() => [...document.querySelectorAll('#net-0 .tie')].map((tie) => [
        +tie.dataset.from, +tie.dataset.to, +tie.querySelector('path').getAttribute('stroke-width') /
        +document.querySelector('#net-0 svg').dataset.widest])"""
    )
    names = list(WHOLE.partnership.names)
    assert len(drawn) == 24 * 23
    for i, j, width in random.Random(1).sample(drawn, 20):
        assert width == pytest.approx(model.organisation(names[i]).trust_in(names[j]), abs=2e-4)


def test_what_happened_to_a_tie_adds_up_on_the_page_and_is_what_the_log_says(
    look: Any, server: Server
) -> None:
    page = look().open(f"{server.address}#t={MONTHS}&seed={SEED}&sel=0-7")
    lines = page.evaluate(
        "() => [...document.querySelectorAll('#why .months li li')].map((one) => "
        "[one.className, +one.dataset.kept, +one.dataset.broken, "
        "+one.closest('[data-month]').dataset.month - 1])"
    )
    total = page.evaluate("() => ({...document.getElementById('tie-evidence').dataset})")
    assert sum(line[1] for line in lines) == int(total["kept"])
    assert sum(line[2] for line in lines) == int(total["broken"])
    log = events(WHOLE, seed=SEED)
    names = list(WHOLE.partnership.names)
    mine = log[(log["organisation"] == names[0]) & (log["partner"] == names[7])]
    kinds = ("kept_seen", "kept_unseen", "failed", "held_back", "named_safe", "named_unsafe", "vouched")
    told = sorted((month, kind) for kind, _, _, month in lines if kind in kinds)
    assert told == sorted((m, k) for m, k in zip(mine["month"], mine["event"], strict=True) if k in kinds)
    assert int(total["kept"]) == round(100 * mine["kept"].sum())
    run = cs.run(WHOLE, seed=SEED)
    tie = run.ties.set_index(["from", "to"]).loc[(names[0], names[7])]
    assert text(page, "#tie-trust") == f"{tie['trust']:.2f}"
    page.keyboard.press("Escape")
    assert page.locator("#why").is_hidden()


def test_the_file_shows_the_same_and_asks_nobody(look: Any, exported: Path, server: Server) -> None:
    files = look()
    page = files.open(f"{exported.as_uri()}#t=40")
    live = look().open(f"{server.address}#t=40&seed={SEED}")
    for selector in ("#headline", "#net-0", "#difference"):
        assert text(page, selector) == text(live, selector)
    assert page.locator("#practices input").first.is_disabled()
    page.select_option("#scenario", "austerity")
    files.ready()
    page.keyboard.press("End")
    run = cs.run("austerity", seed=SEED)
    assert percent(run.monthly["collaborative_advantage"].iloc[-1]) in text(page, "#headline")
    page.click("#mode-lessons")
    page.click("#lesson-inertia")
    page.wait_for_selector("[data-point='0']")
    page.focus("[data-point='2']")
    page.keyboard.press("ArrowUp")
    page.click("#next")
    page.click("#next")
    assert page.locator("#chart .run").count() == 2
    files.stays_here("file:///")


def test_scenarios_compared_play_each_beside_the_first(look: Any, tmp_path: Path) -> None:
    hostile = WHOLE.with_settings("article-order")
    hostile = replace(hostile, title="<script>alert(1)</script>", name=WHOLE.name)
    comparison = cs.compare(WHOLE.untreated(), WHOLE, hostile, worlds=2, models=0, seed=SEED)
    file = tmp_path / "play.html"
    file.write_text(player_of(comparison), encoding="utf-8")
    seen = look()
    page = seen.open(f"{file.as_uri()}#t={MONTHS}")
    first, *others = (cs.run(option.scenario, seed=SEED) for option in comparison.options)
    for place, run in enumerate(others):
        page.locator("#scenario").select_option(index=place)
        seen.ready()
        page.keyboard.press("End")
        said = text(page, "#headline")
        for shown in (run, first):
            assert percent(shown.monthly["collaborative_advantage"].iloc[-1]) in said
    assert "C: <script>alert(1)</script>" in text(page, "#net-0 figcaption")
    seen.stays_here("file:///")


# Playing


def test_it_plays_to_the_last_month_at_a_pace_that_is_counted(
    look: Any, server: Server, record_property: Any
) -> None:
    seen = look()
    page = seen.open(f"{server.address}#s=city&band=0")
    assert page.locator("#net-0 .node").count() == 60
    page.select_option("#speed", "16")
    page.click("#play")
    page.wait_for_selector(f"#scrub[aria-valuetext='month {MONTHS} of {MONTHS}']", timeout=60_000)
    rate = float(page.evaluate("document.documentElement.dataset.framesPerSecond"))
    record_property("frames_per_second", rate)
    print(f"60 organisations, two runs side by side: {rate:.0f} frames a second")
    assert rate > 0.2  # reported, and not held to more: it is a matter of the machine
    assert f"After {MONTHS} months" in text(page, "#headline")
    seen.stays_here(server.address)


def test_it_can_be_played_paused_stepped_and_sped_up_by_keyboard(look: Any, server: Server) -> None:
    page = look().open(f"{server.address}#{SMALL}")
    clock = page.locator("#clock")
    page.focus("#main")
    for key, month in (("ArrowRight", 1), ("PageDown", 0), ("PageUp", 12), ("ArrowLeft", 11), ("End", MONTHS),
                       ("Home", 0)):  # fmt: skip
        page.keyboard.press(key)
        assert clock.inner_text() == ("Start" if month == 0 else f"Month {month} of {MONTHS}")
    before = page.input_value("#speed")
    page.keyboard.press("+")
    assert int(page.input_value("#speed")) == 2 * int(before)
    page.keyboard.press("Space")
    page.wait_for_selector("#play[aria-label^=Pause]")
    page.wait_for_selector("#scrub:not([aria-valuetext='month 0 of 72'])")
    page.keyboard.press("Space")
    page.wait_for_selector("#play[aria-label^=Play]")
    stood = clock.inner_text()
    page.wait_for_timeout(300)
    assert clock.inner_text() == stood
    assert page.get_attribute("#headline", "aria-live") == "polite"


def test_with_reduced_motion_it_still_plays_month_by_month(look: Any, server: Server) -> None:
    page = look(reduced_motion="reduce").open(f"{server.address}#{SMALL}&t=60")
    page.select_option("#speed", "16")
    page.click("#play")
    page.wait_for_selector(f"#scrub[aria-valuetext='month {MONTHS} of {MONTHS}']")


# Changing


def test_a_slider_released_shows_a_new_whole_trajectory(look: Any, server: Server) -> None:
    seen = look()
    page = seen.open(f"{server.address}#t=40&seed={SEED}")
    begun = time.monotonic()
    with page.expect_response("**/api/trajectory"):
        page.focus("#strength-building_trust")
        page.keyboard.press("Home")
    page.wait_for_selector(".practice.off[data-practice=building_trust]")
    print(f"slider to new trajectory: {1000 * (time.monotonic() - begun):.0f} ms")
    seen.ready()
    run = cs.run(WHOLE.with_settings(building_trust=0), seed=SEED)
    assert percent(run.monthly["collaborative_advantage"][39]) in text(page, "#headline")
    with page.expect_response("**/api/trajectory"):  # the end of a practice, by keyboard
        page.focus("[data-control=to_month-systemic_leadership-0]")
        page.keyboard.press("PageDown")
    seen.ready()
    changed = WHOLE.with_settings(building_trust=0, **{"systemic_leadership.to_month": 36})
    value = cs.run(changed, seed=SEED).monthly["collaborative_advantage"][39]
    assert percent(value) in text(page, "#headline")
    bar = page.locator("[data-practice=exploring_diversity] .bar").bounding_box()
    with page.expect_response("**/api/trajectory") as answered:  # the whole of another, by mouse
        page.mouse.move(bar["x"] + bar["width"] / 2, bar["y"] + 8)
        page.mouse.down()
        page.mouse.move(bar["x"] + bar["width"] / 2 + 60, bar["y"] + 8, steps=4)
        page.mouse.up()
    entries = answered.value.json()["runs"][0]["scenario"]["programme"]
    moved = next(entry for entry in entries if entry["practice"] == "exploring_diversity")
    assert moved["from_month"] > 6
    assert moved["to_month"] - moved["from_month"] == 36
    seen.stays_here(server.address)


def test_a_link_restores_everything_after_reload_and_in_another_browser(look: Any, server: Server) -> None:
    seen = look()
    page = seen.open(f"{server.address}#{SMALL}&t=30&o=trust")
    page.fill("#seed", "7")
    with page.expect_response("**/api/worlds"):
        page.press("#seed", "Enter")
    with page.expect_response("**/api/worlds"):
        page.select_option("#programme", "article-order")
    with page.expect_response("**/api/worlds"):
        page.select_option("#compare", "all-six")
    page.click("#tool-names")
    page.fill("[data-row='0']", "Our board & <b>friends</b>")
    page.press("[data-row='0']", "Enter")
    page.keyboard.press("Escape")
    page.locator("#net-0 .node").nth(4).click()
    seen.ready()

    def state(one: Any) -> list[Any]:
        selectors = ("#headline", "#net-0", "#net-1", "#why", "#difference", "#clock", "#practices")
        inputs = ("scenario", "seed", "programme", "compare", "outcome")
        chosen = [one.input_value(f"#{name}") for name in inputs]
        return [text(one, selector) for selector in selectors] + chosen

    address, before = link(page), state(page)
    assert "Our board" in before[1] and "seed=7" in address
    page.reload()
    seen.ready()
    assert state(page) == before
    other = look()
    assert state(other.open(address)) == before
    seen.stays_here(server.address)
    other.stays_here(server.address)


def test_two_visitors_do_not_see_each_other(look: Any, server: Server) -> None:
    one, two = look(), look()
    first, second = one.open(f"{server.address}#{SMALL}&t=20"), two.open(f"{server.address}#{SMALL}&t=20")
    before = [text(second, selector) for selector in ("#headline", "#practices", "#net-0")]
    with first.expect_response("**/api/worlds"):
        first.select_option("#programme", "none")
    one.ready()
    second.reload()
    two.ready()
    assert [text(second, selector) for selector in ("#headline", "#practices", "#net-0")] == before
    assert text(first, "#headline") != before[0]


LINKS = {
    "seed=abc": "'abc' is not a whole number from 0 to 4294967295",
    "seed=-1&t=5": "'-1' is not a whole number",
    "s=nowhere": "there is no scenario 'nowhere' here",
    "p=nonsense": "the line 'nonsense' of the programme cannot be read",
    "o=happiness&set=cost=x": "there is no outcome 'happiness'",
    "lesson=none-such": "there is no lesson 'none-such'",
    "%%%&&&===<script>": "in a link",
    "set=cost=99": "cost",
    "s=pair&sel=99": "an organisation that is not in this partnership",
}


def test_a_link_that_cannot_be_read_gets_words(look: Any, server: Server) -> None:
    seen = look()
    page = seen.open(f"{server.address}#s=pair")
    for hash, words in LINKS.items():
        page.evaluate("document.getElementById('message').textContent = ''")
        page.evaluate("(hash) => { location.hash = hash; }", hash if "s=" in hash else f"s=pair&{hash}")
        page.wait_for_selector(f"#message:has-text({json.dumps(words)})")
    assert "Traceback" not in page.content()
    assert seen.wrong == []


HALF_AN_ANSWER = """() => {
    const ask = window.fetch;
    window.fetch = async (path, options) => {
        const answer = await ask(path, options);
        if (!String(path).includes("trajectory") || window.whole) return answer;
        document.documentElement.dataset.halfway = "yes";
        const given_up = () => new DOMException("given up", "AbortError");
        answer.json = () => new Promise((_, refuse) =>
            options.signal.addEventListener("abort", () => refuse(given_up())));
        return answer;
    };
}"""


def test_an_answer_given_up_halfway_says_nothing(look: Any, server: Server) -> None:
    """Who asks anew while an answer is still coming reads what the new question brings, not the old."""
    seen = look()
    page = seen.open(f"{server.address}#s=pair")
    page.evaluate(HALF_AN_ANSWER)
    page.evaluate("location.hash = 's=pair&t=7'")
    page.wait_for_selector("html[data-halfway]")
    page.evaluate("window.whole = true; location.hash = 's=pair&t=9&o=happiness'")
    page.wait_for_selector("#clock:has-text('Month 9 of')")
    seen.ready()
    assert "there is no outcome 'happiness'" in text(page, "#message")
    assert seen.wrong == []


def test_a_number_that_is_none_gets_words_and_changes_nothing(look: Any, server: Server) -> None:
    page = look().open(f"{server.address}#{SMALL}&t=20")
    before = text(page, "#headline")
    page.fill("#seed", "-3")
    page.press("#seed", "Enter")
    assert "'-3' is no seed" in text(page, "#message")
    assert text(page, "#headline") == before


# Lessons


def test_a_lesson_is_walked_through_by_keyboard_from_prediction_to_trying(look: Any, server: Server) -> None:
    seen = look()
    page = seen.open(f"{server.address}#lessons=1")
    page.wait_for_selector(".lessons button")
    assert page.locator(".lessons button").count() >= 7
    page.focus("#lesson-inertia")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-point='0']")
    assert page.locator("#headline").inner_text() == ""  # nothing is given away
    assert page.locator("#chart .run").count() == 0
    assert page.locator("#next").is_disabled()
    for point in range(7):
        page.focus(f"[data-point='{point}']")
        page.keyboard.press("PageUp")
    page.focus("#next")
    page.keyboard.press("Enter")
    page.wait_for_selector("#play[aria-label^=Pause]")
    page.focus("#next")
    page.keyboard.press("Enter")
    assert page.locator("#chart .guess").count() == 1
    assert page.locator("#chart .run").count() == 2
    assert "meetings" in text(page, ".reveal")
    page.keyboard.press("Enter")
    assert text(page, ".source")
    page.keyboard.press("Enter")
    page.wait_for_selector("#sandbox")
    page.keyboard.press("Tab")
    seen.stays_here(server.address)


def test_a_lesson_of_ones_own_is_played_with_its_partnership_and_costs(look: Any, tmp_path: Path) -> None:
    rows = "".join(f"[[organisation]]\nname = '{name}'\nsector = 'NHS'\n" for name in "ABC")
    (tmp_path / "who").mkdir()
    (tmp_path / "who" / "three.toml").write_text(rows, "utf-8")
    mine(tmp_path, ('"pair"', '"who/three.toml"\ncosts = { building_trust = 3 }'))
    running = Server("pair", "--lessons", str(tmp_path))
    try:
        seen = look()
        page = seen.open(f"{running.address}#lesson=mine&step=see&t=12")
        assert text(page, "#lesson h1") == "Mine"
        assert page.locator("#net-0 .node").count() == 3
        page.click("#tool-save")
        with page.expect_download() as waiting:
            page.click("#save-toml")
        saved = tomllib.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
        assert (saved["partnership"], saved["costs"]) == ("three", {"building_trust": 3})
        seen.stays_here(running.address)
    finally:
        running.stop()


def test_a_choice_is_confronted_with_what_happened_and_with_the_class(look: Any, server: Server) -> None:
    seen = look()
    page = seen.open(f"{server.address}#lesson=which-order")
    page.wait_for_selector("#option-article")
    page.check("#option-article")
    page.click(".hands summary")
    page.fill("#hands-article", "12")
    page.press("#hands-article", "Enter")
    page.click("#next")
    page.click("#next")
    said = text(page, "#lesson")
    assert "You said" in said
    assert "What 12 in the class said" in said
    told = page.evaluate("fetch('api/lessons').then((answer) => answer.json())")
    lesson = next(one for one in told if one["id"] == "which-order")
    options = {option["id"]: option["text"] for option in lesson["question"]["options"]}
    assert options[lesson["answer"]] in said and lesson["reveal"] in said
    address = link(page)
    other = look().open(address)
    other.wait_for_selector(".reveal")
    assert text(other, "#lesson") == said
    for step in ("explain", "try"):
        page.click("#next")
        assert f"step={step}" in link(page)
    with page.expect_response("**/api/trajectory"):
        page.focus(f"#strength-{lesson['open'][0]}")
        page.keyboard.press("ArrowLeft")
    seen.ready()
    assert text(page, "#net-0 figcaption") == "As you set it"
    page.click("#sandbox")
    page.wait_for_selector("#scenario")
    seen.stays_here(server.address)


# For everybody


def serious(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])})"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


STATES = (
    (f"{SMALL}&t=30&sel=2", ""), (f"{SMALL}&t=30&sel=0-4", "#tool-tables"), (SMALL, "#tool-about"),
    (SMALL, "#tool-names"), ("lessons=1", ""), ("lesson=which-order", ""),
    ("lesson=inertia&step=confront&line=9.9.9.9.9.9.9&t=72", ""),
    ("lesson=which-order&step=try&t=72", ""),
)  # fmt: skip


def test_axe_finds_no_serious_fault(look: Any, server: Server) -> None:
    seen = look(bypass_csp=True)  # axe is put into the page, which the page's own policy rightly forbids
    found = {}
    for hash, then in STATES:
        seen.page.goto("about:blank")
        page = seen.open(f"{server.address}#{hash}")
        if then:
            page.click(then)
        found[f"{hash} {then}"] = serious(page)
    assert {state: faults for state, faults in found.items() if faults} == {}


PRESSED = """() => [...document.querySelectorAll(
    'button, input, select, [role=slider], [role=button][tabindex="0"]')]
    .filter((one) => one.checkVisibility() && !one.disabled).map((one, k) => (one.dataset.seen = k))"""


def test_everything_that_can_be_pressed_is_reached_by_tab_has_a_name_and_shows_its_focus(
    look: Any, server: Server
) -> None:
    page = look().open(f"{server.address}#{SMALL}&t=30")
    wanted = page.evaluate(PRESSED)
    reached: set[str] = set()
    unseen = []
    page.focus(".skip")
    for _ in range(len(wanted) + 25):
        found = page.evaluate(
            """() => { const one = document.activeElement; const style = getComputedStyle(one);
            const reach = one.querySelector('.reach');
            return [one.dataset.seen ?? null, one.id || one.className.baseVal || one.className,
            style.outlineStyle !== 'none' || (reach && getComputedStyle(reach).stroke !== 'none'),
            Boolean(one.ariaLabel || one.textContent.trim() || one.labels?.length)]; }"""
        )
        if found[0] is not None:
            reached.add(found[0])
            if not (found[2] and found[3]):
                unseen.append(found[1])
        page.keyboard.press("Tab")
    assert unseen == []
    assert reached == {str(k) for k in wanted}


def test_an_organisation_is_found_by_arrows_and_asked_why_by_keyboard(look: Any, server: Server) -> None:
    page = look().open(f"{server.address}#{SMALL}&t=30")
    page.focus("#net-0 .node[tabindex='0']")
    page.keyboard.press("ArrowRight")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert re.search(r"accountability \d\.\d\d, courage \d\.\d\d, systems view \d\.\d\d", name)
    page.keyboard.press("Enter")
    heading = text(page, "#why h2")
    assert name.startswith(heading)
    page.locator("#why summary").focus()
    if not page.locator("#why details").get_attribute("open") is not None:
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "→" in text(page, "#why h2") and heading in text(page, "#why h2")
    page.keyboard.press("Escape")
    assert page.locator("#why").is_hidden()


CUT = """(width) => [...document.querySelectorAll('main *, header *')].filter((one) => {
    if (!one.checkVisibility() || one.closest('.hidden, .skip, .ties, .met, clipPath, option')) return false;
    const box = one.getBoundingClientRect();
    return box.width > 0 && (box.left < -1 || box.right > width + 1);
}).map((one) => `${one.tagName}.${one.getAttribute('class')}: ${one.textContent.slice(0, 30)}`)"""


@pytest.mark.parametrize("hash", ["t=30", "lesson=which-order&step=confront&choice=same&t=72"])
def test_nothing_is_cut_off(look: Any, server: Server, hash: str) -> None:
    seen = look()
    page = seen.open(f"{server.address}#{hash}")
    for width, height in ((1024, 768), (390, 844), (320, 640), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(250)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT, width) == [], (width, height)


def test_print_is_whole_and_leaves_the_controls_out(look: Any, server: Server) -> None:
    page = look().open(f"{server.address}#{SMALL}&t=40")
    page.emulate_media(media="print")
    assert page.locator(".tools").is_hidden() and page.locator(".buttons").is_hidden()
    assert page.locator("#net-0").is_visible() and page.locator("#chart").is_visible()
    assert page.locator("#headline").is_visible()
    made = page.pdf(format="A4", landscape=True, print_background=True)
    assert made.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) <= 3


# To take along


def test_pictures_numbers_and_the_scenario_can_be_saved(look: Any, server: Server, tmp_path: Path) -> None:
    seen = look()
    page = seen.open(f"{server.address}#{SMALL}&t=30&seed=5&p=building_trust~3-20~0.5~third sector|council")
    page.click("#tool-save")

    def saved(button: str) -> bytes:
        with page.expect_download() as waiting:
            page.click(f"#save-{button}")
        return Path(waiting.value.path()).read_bytes()

    assert saved("png").startswith(b"\x89PNG\r\n\x1a\n")
    drawing = saved("svg").decode()
    assert drawing.startswith("<svg") and "Local council" in drawing and "currentcolor" not in drawing.lower()
    file = tmp_path / "mine.toml"
    file.write_bytes(saved("toml"))
    entry = tomllib.loads(file.read_text(encoding="utf-8"))["programme"][0]
    assert entry["with"] == ["third sector", "council"]
    run = cs.run(cs.Scenario.load(file), seed=5)
    rows = list(csv.DictReader(io.StringIO(saved("csv").decode())))
    mine = [row for row in rows if row["run"] == "With the programme"]
    assert [float(row["trust"]) for row in mine] == run.monthly["trust"].tolist()
    whole = tmp_path / "saved.html"
    whole.write_bytes(saved("html"))
    other = look()
    again = other.open(f"{whole.as_uri()}#t=30")
    assert text(again, "#headline") == text(page, "#headline")
    other.stays_here("file:///")
    seen.stays_here(server.address)


def test_about_says_assumptions_sources_and_limits(look: Any, server: Server) -> None:
    page = look().open(f"{server.address}#{SMALL}")
    page.click("#tool-about")
    said = text(page, "#dialog")
    assert "are not forecasts for any real partnership" in said
    for practice in cs.PRACTICES.values():
        assert practice.evidence in said


def test_a_damaged_or_newer_file_is_refused_in_words(look: Any, exported: Path, tmp_path: Path) -> None:
    whole = exported.read_text(encoding="utf-8")
    for name, old, new, words in (
        ("newer", '"collabsim-trajectory","version":1', '"collabsim-trajectory","version":2', "version 2"),
        ("damaged", '"shape":[73,', '"shape":[74,', "damaged"),
    ):
        assert old in whole
        file = tmp_path / f"{name}.html"
        file.write_text(whole.replace(old, new), encoding="utf-8")
        assert words in text(look().open(file.as_uri()), "#message")


def test_the_schema_is_checked_at_the_browsers_end_too(look: Any, server: Server) -> None:
    """What the server sends is read whole: every month, organisation and pair that the schema promises."""
    page = look().open(f"{server.address}#{SMALL}")
    found = page.evaluate(
        """() => collabsim.trajectory.runs.map((run) => [run.meetings.length, run.pairs.length,
        run.ties.trust.length, run.states.view.length, run.outcomes.trust.length])"""
    )
    n = len(cs.Partnership.load("rural-lead-agency"))
    for months, pairs, trusts, states, outcomes in found:
        assert (months, trusts, states, outcomes) == (
            MONTHS, (MONTHS + 1) * pairs * 2, (MONTHS + 1) * n, MONTHS,
        )  # fmt: skip
    assert np.all(np.array(found)[:, 1] == n * (n - 1) // 2)
    assert json.dumps(found)
