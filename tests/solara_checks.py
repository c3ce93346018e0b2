"""The checks that test_solara_page.py runs in the environment of requirements-solara.txt, without pytest."""

from __future__ import annotations

import sys
import time
from typing import Any

import ipyvuetify as vw
import pandas as pd
import solara

import collabsim as cs
from collabsim import solara_page
from collabsim.solara_page import Page


def visit() -> Any:
    """Open the page as one visitor does; an error while it is drawn is raised here."""
    _, rc = solara.render(solara.AppLayout(children=[Page()]), handle_error=False)
    return rc


def press(rc: Any, label: str) -> None:
    rc.find(vw.Btn, children=[label]).widget.click()


def words(rc: Any) -> str:
    """Return the line that says where the run is."""
    spans = rc.find(vw.Html, tag="span").widgets
    texts = [text for span in spans for text in span.children if isinstance(text, str)]
    (line,) = [text for text in texts if text.startswith("Month ")]
    return line


def slider(rc: Any, label: str) -> Any:
    return rc.find(vw.Slider, label=label).widget


def check_a_step_is_the_month_that_the_library_plays() -> None:
    rc = visit()
    assert words(rc).startswith("Month 0 of 72, seed 1. "), words(rc)
    for _ in range(3):
        press(rc, "Step")
    result = cs.run(solara_page.SCENARIO, months=3, seed=1).monthly
    assert words(rc).startswith("Month 3 of 72"), words(rc)
    assert f"trust {result['trust'].iloc[-1]:.2f}" in words(rc), words(rc)
    rc.close()


def check_visitors_do_not_see_each_other() -> None:
    one, other = visit(), visit()
    press(one, "Step")
    assert words(one).startswith("Month 1 "), words(one)
    assert words(other).startswith("Month 0 "), words(other)
    one.close()
    other.close()


def check_sliders_and_seed_take_effect_with_reset() -> None:
    rc = visit()
    assert {widget.label for widget in rc.find(vw.Slider).widgets} >= {p.title for p in cs.PRACTICES.values()}
    slider(rc, cs.PRACTICES["building_trust"].title).v_model = 1.0
    rc.find(vw.TextField, label="Seed").widget.v_model = "7"
    press(rc, "Step")
    assert "seed 1." in words(rc), words(rc)
    press(rc, "Reset")
    for _ in range(9):
        press(rc, "Step")
    result = cs.run(solara_page.SCENARIO, months=9, seed=7, building_trust=1.0).monthly
    assert "seed 7." in words(rc), words(rc)
    assert f"trust {result['trust'].iloc[-1]:.2f}" in words(rc), words(rc)
    rc.close()


def check_a_wrong_seed_is_told_in_words_and_changes_nothing() -> None:
    rc = visit()
    field = rc.find(vw.TextField, label="Seed").widget
    for text in ("seven", "-1", "4294967296", "", "1.5"):
        field.v_model = text
        (alert,) = rc.find(vw.Alert).widgets
        said = " ".join(str(child) for child in alert.children)
        assert "seed must be a whole number from 0 to 4294967295" in said, said
        assert "still 1" in said, said
        press(rc, "Reset")
        press(rc, "Step")
        assert words(rc).startswith("Month 1 of 72, seed 1."), words(rc)
    field.v_model = "0"
    assert rc.find(vw.Alert).widgets == []
    rc.close()


def check_no_month_is_played_faster_than_a_browser_draws() -> None:
    rc = visit()
    assert slider(rc, "Milliseconds a month").min >= 50
    assert slider(rc, "Milliseconds a month").v_model >= 50
    rc.close()


def check_it_plays_until_it_is_paused() -> None:
    rc = visit()
    slider(rc, "Milliseconds a month").v_model = 50
    press(rc, "▶")
    until = time.monotonic() + 60
    while int(words(rc).split()[1]) < 3:
        assert time.monotonic() < until, words(rc)
        time.sleep(0.05)
    press(rc, "❚❚")
    time.sleep(0.5)
    at = words(rc)
    time.sleep(0.5)
    assert words(rc) == at
    rc.close()


def check_the_picture_is_drawn_anew() -> None:
    rc = visit()
    before = rc.find(solara.widgets.HTML).widget.unsafe_innerHTML
    press(rc, "Step")
    after = rc.find(solara.widgets.HTML).widget.unsafe_innerHTML
    assert before.startswith("<svg"), before
    assert "after month 1" in after, after
    assert before != after
    rc.close()


def main() -> None:
    """Run every check, and say so."""
    assert int(pd.__version__.split(".")[0]) < 3
    checks = [value for name, value in globals().items() if name.startswith("check_")]
    for check in checks:
        check()
        print(f"passed: {check.__name__}")
    print(f"{len(checks)} checks passed")


if __name__ == "__main__":
    sys.exit(main())
