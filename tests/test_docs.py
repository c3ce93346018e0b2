"""The documentation: tables up to date, everything named, every source in the bibliography, no dead links."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

import collabsim
from collabsim.outcomes import ALL_OUTCOMES
from collabsim.parameters import PARAMETERS
from collabsim.practices import MOVERS, PRACTICES
from collabsim.schedule import SCHEDULE

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PACKAGE = Path(collabsim.__file__).parent
PAGES = sorted(DOCS.glob("*.md"))
ALL_PAGES = [ROOT / "README.md", *PAGES]

SOURCED = [*sorted(PACKAGE.rglob("*.py")), *(page for page in PAGES if page.stem != "references")]
"""All modules, and all pages but the bibliography: any may name a source."""

CITATION = re.compile(
    r"(?P<who>[A-ZÀ-Þ][\w’-]+(?: [A-Z][\w’-]+)?(?:, [A-ZÀ-Þ][\w’-]+)*)"
    r"(?P<others> (?:&|and) [A-ZÀ-Þ][\w’-]+| et al\.|)"
    r",? \(?(?P<years>(?:19|20)\d\d(?:, (?:19|20)\d\d)*)\b"
)
"""Such as ``Slovic 1993``, ``Fehr & Gächter 2000, 2002`` or ``Nooteboom et al. 2007``."""


def script() -> types.ModuleType:
    """Load docs/generate.py, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_generate"] = module
    spec.loader.exec_module(module)
    return module


GENERATE = script()
BIBLIOGRAPHY = GENERATE.bibliography()


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def by_hand(page: Path) -> str:
    """Return a page without its generated tables."""
    return GENERATE.BLOCK.sub("", read(page))


# Generated tables


def test_the_tables_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert GENERATE.main(["--check"]) == 0, capsys.readouterr().err


def test_every_table_is_used() -> None:
    used = {found["name"] for page in ALL_PAGES for found in GENERATE.BLOCK.finditer(read(page))}
    assert used == set(GENERATE.TABLES)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "README.md").write_text("No tables.\n", encoding="utf-8")
    pages = tmp_path / "docs"
    pages.mkdir()
    monkeypatch.setattr(GENERATE, "FOLDER", pages)
    return pages


def test_a_stale_table_is_told_and_written_anew(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = folder / "page.md"
    text = "Before.\n\n<!-- generated: sectors -->\nold\n<!-- end -->\n\nAfter, with a \\bar.\n"
    page.write_text(text, encoding="utf-8")
    assert GENERATE.main(["--check"]) == 1
    assert "page.md" in capsys.readouterr().err and read(page) == text
    assert GENERATE.main([]) == 0
    assert "third sector" in read(page) and "old" not in read(page)
    assert read(page).startswith("Before.\n\n<!--") and read(page).endswith("-->\n\nAfter, with a \\bar.\n")
    assert GENERATE.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!-- generated: sector -->\n<!-- end -->\n", "there is no table 'sector'"),
        ("<!-- generated: sectors -->\n| a |\n", "not closed"),
    ],
)
def test_a_faulty_marker_is_told_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (folder / "page.md").write_text(text, encoding="utf-8")
    assert GENERATE.main([]) == 1
    assert said in capsys.readouterr().err


def test_tables_have_as_many_cells_in_every_row() -> None:
    for name, table in GENERATE.TABLES.items():
        rows = [line for line in table().splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) <= 1, name


# Everything is named in the description


@pytest.mark.parametrize("name", sorted({*PARAMETERS, *ALL_OUTCOMES, *SCHEDULE.names}))
def test_the_description_names_it_in_its_own_words(name: str) -> None:
    assert re.search(rf"\b{name}\b", by_hand(DOCS / "odd.md"))


@pytest.mark.parametrize("name", MOVERS)
def test_the_description_names_every_practice_and_shock(name: str) -> None:
    assert f"`{name}`" in read(DOCS / "odd.md")
    if name in PRACTICES:
        words = " ".join(by_hand(DOCS / "odd.md").casefold().split())
        assert MOVERS[name].title.casefold() in words


def test_the_statement_of_limits_begins_with_two_sentences_to_print() -> None:
    found = re.match(r"# .+\n\n<!-- SHORT -->\n(.+?)\n<!-- end -->\n", read(DOCS / "limits.md"), re.DOTALL)
    assert found
    short = " ".join(found[1].split())
    assert re.fullmatch(r"[A-Z][^.]+\. [A-Z][^.]+\.", short), short


# Sources


def citations(text: str) -> list[tuple[str, str, str]]:
    """Return first name, other names and year of every source that a text names."""
    plain = re.sub(r"\"\s*\n\s*\"", "", text)  # strings that go on in the next line
    plain = re.sub(r"\s+", " ", plain.replace("#", " "))
    return [
        (found["who"], found["others"].removeprefix(" and").strip(" &."), year)
        for found in CITATION.finditer(plain)
        for year in found["years"].split(", ")
    ]


def is_in_the_bibliography(who: str, others: str, year: str) -> bool:
    """Say whether a source is there under its year, its first name and its other names, if there are any."""
    for fields in BIBLIOGRAPHY.values():
        if fields["year"] != year:
            continue
        if who == fields.get("journal"):
            return True
        surnames = [person.split(",")[0].split()[-1] for person in fields.get("author", "").split(" and ")]
        named = [name.split()[-1] for name in who.split(", ")]
        if others == "et al":
            if surnames[0] == named[-1] and len(surnames) > 2:
                return True
        elif surnames == named + ([others] if others else []):
            return True
    return False


def test_citations_are_recognised() -> None:
    text = "as (Hermalin 1998; Güth et al.\n    2007) say, Fehr & Gächter (2000, 2002), Das and Teng 2001."
    assert citations(text) == [
        ("Hermalin", "", "1998"),
        ("Güth", "et al", "2007"),
        ("Fehr", "Gächter", "2000"),
        ("Fehr", "Gächter", "2002"),
        ("Das", "Teng", "2001"),
    ]
    assert citations("Salmon, Moraes, Dror & Shaw 2011, 'Easy'") == [("Salmon, Moraes, Dror", "Shaw", "2011")]
    assert not is_in_the_bibliography("Slovic", "", "1994")
    assert not is_in_the_bibliography("Das", "", "2001")
    assert not is_in_the_bibliography("Das", "et al", "2001")


@pytest.mark.parametrize("module", SOURCED, ids=lambda page: page.name)
def test_every_source_that_is_named_is_in_the_bibliography(module: Path) -> None:
    missing = [each for each in citations(read(module)) if not is_in_the_bibliography(*each)]
    assert missing == [], f"give each an entry in docs/references.bib, with a field 'used': {missing}"


def test_most_sources_are_named_by_the_code() -> None:
    """The search above finds them: parameters and practices name some twenty."""
    assert len({each for module in SOURCED for each in citations(read(module))}) > 20


def test_every_source_of_a_parameter_is_one_or_an_assumption() -> None:
    for parameter in PARAMETERS.values():
        assert parameter.source == "assumption" or citations(parameter.source), parameter.name


def test_every_citation_in_the_documentation_has_its_entry() -> None:
    cited = {key for page in ALL_PAGES for key in re.findall(r"references\.md#([\w-]+)", read(page))}
    assert cited - set(BIBLIOGRAPHY) == set()
    assert len(cited) > 30


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_link_to_a_source_says_the_right_year(page: Path) -> None:
    for words, key in re.findall(r"\[([^\]]+)\]\(references\.md#([\w-]+)\)", read(page)):
        for year in re.findall(r"\b(?:19|20)\d\d\b", words):
            assert BIBLIOGRAPHY[key]["year"] == year, (words, key)


@pytest.mark.parametrize("key", sorted(BIBLIOGRAPHY))
def test_an_entry_is_whole(key: str) -> None:
    fields = BIBLIOGRAPHY[key]
    assert {"title", "year", "used"} <= set(fields)
    assert {"author", "key"} & set(fields)
    assert {"journal", "booktitle", "publisher"} & set(fields) or key == "okabe2008"
    assert "doi" not in fields or "checked" in fields  # only what was seen
    assert f'<a id="{key}"></a>' in read(DOCS / "references.md")


def test_no_entry_is_lost_in_reading() -> None:
    assert len(BIBLIOGRAPHY) == len(re.findall(r"^@", read(DOCS / "references.bib"), re.MULTILINE))


# Links, names of tests, and places


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page: of headings as GitHub makes them, and those set by hand."""
    headings = re.findall(r"^#+ (.+)$", read(page), re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)">', read(page)))


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", read(page), flags=re.DOTALL)):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        to = (page.parent / name).resolve() if name else page
        if not to.exists() or (anchor and anchor not in anchors(to)):
            dead.append(target)
    assert dead == []


def test_tests_that_the_record_names_are_there() -> None:
    record = read(DOCS / "trace.md")
    files = set(re.findall(r"`(tests/\w+\.py)`", record))
    assert files
    assert [name for name in sorted(files) if not (ROOT / name).exists()] == []
    for line in record.splitlines():
        for test in re.findall(r"`(test_\w+)`", line):
            named = re.findall(r"`(tests/\w+\.py)`", line)
            assert any(f"def {test}(" in read(ROOT / name) for name in named), test


PLACES = re.compile(
    r"(?<![\w.])/(?:home|root|work|tmp|Users|usr|opt|var|mnt|etc)\b|\b[A-Z]:\\|\bfile://"
    r"|\bpypi\.|pythonhosted|(?:--|extra-)index-url|\bconda\.anaconda\b|\blocalhost\b|\b127\.0\.0\.1\b"
)


@pytest.mark.parametrize(
    "page", [*ALL_PAGES, DOCS / "generate.py", DOCS / "references.bib"], ids=lambda page: page.name
)
def test_no_place_of_a_machine_or_a_registry_is_named(page: Path) -> None:
    assert PLACES.findall(read(page)) == []


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    built = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(ROOT / "docs"), str(built)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = (built / "index.html").read_text(encoding="utf-8")
    assert 'href="odd.html"' in text and 'href="api.html"' in text
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=.https?:", text)  # it opens without a network
    for page in (ROOT / "docs").glob("*.md"):
        assert (built / f"{page.stem}.html").exists()


def test_the_readme_says_plainly_what_the_model_supports() -> None:
    limits = (DOCS / "limits.md").read_text(encoding="utf-8")
    said = re.search(r"<!-- SHORT -->\n(.*?)\n<!-- end -->", limits, re.DOTALL)
    assert said is not None and said[1] in (ROOT / "README.md").read_text(encoding="utf-8")
