"""A newcomer's path, docs/your-own-partnership.md, followed word by word from two tables to a report."""

from __future__ import annotations

import html.parser
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from collabsim.cli import main
from collabsim.scenario import Scenario

PAGE = (Path(__file__).parent.parent / "docs" / "your-own-partnership.md").read_text(encoding="utf-8")
PATH = PAGE.partition("\n---\n")[0]


def steps() -> list[tuple[str, str, str]]:
    """Return what the page asks for, in order: what a block is, the file it is saved as, and its text."""
    found = []
    for match in re.finditer(r"(?:as `([\w.-]+)`:\n\n)?^```(\w*)\n(.*?)^```", PATH, re.DOTALL | re.MULTILINE):
        saved = match[1] or ""
        found.append((Path(saved).suffix[1:] or match[2] or "command", saved, match[3]))
    return found


class Page(html.parser.HTMLParser):
    """Counts what a page asks of other places, and collects its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elsewhere: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("src", "href") and re.match(r"https?:|//", value or ""):
                self.elsewhere.append(f"{tag} {value}")

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_path_leads_from_two_tables_to_a_report(capsys: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    kinds = [kind for kind, _, _ in steps()]
    assert kinds == ["csv", "csv", "command", "text", "command", "toml", "toml", "command"]
    printed = ""
    for kind, name, text in steps():
        if kind in ("csv", "toml"):
            assert name, "a table or a scenario is saved under a name"
            (tmp_path / name).write_text(text, encoding="utf-8")
        elif kind == "text":
            assert printed == text  # what the page shows is what is printed
        else:
            for line in text.splitlines():
                words = shlex.split(line)
                assert words.pop(0) == "collabsim"
                assert main(words) == 0, line
                printed, err = capsys.readouterr()
                if words[0] == "new":
                    assert "did not answer: Homecare Partners" in err and "scale 1-5" in err
    assert (tmp_path / "riverside-network.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "riverside-network.svg").stat().st_size > 10_000
    report = Page((tmp_path / "report" / "report.html").read_text(encoding="utf-8"))
    for words in ("Riverside partnership", "Trust first", "Leaders first", "100 worlds"):
        assert words in report.words
    assert report.elsewhere == []
    assert "@media print" in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert list((tmp_path / "report").glob("*.csv"))


def test_the_page_names_options_that_there_are() -> None:
    from collabsim.cli import _parser

    (choices,) = [action.choices for action in _parser()._actions if action.dest == "command"]
    options = {
        option for name in ("new", "calibrate", "compare") for option in choices[name]._option_string_actions
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)) <= options


@pytest.mark.parametrize("practice", ["trust-first", "leaders-first"])
def test_the_options_extend_the_partnership(tmp_path: Path, practice: str) -> None:
    made = {name: text for kind, name, text in steps() if kind == "toml"}
    text = made[f"{practice}.toml"].replace('extends = "riverside.toml"\n', "")
    (tmp_path / "one.toml").write_text(text, encoding="utf-8")
    assert Scenario.load(tmp_path / "one.toml").programme
