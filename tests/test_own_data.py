"""Your own data from the command line up: bad spreadsheets are handled as meant, or refused in words."""

from __future__ import annotations

import datetime
import io
import json
import random
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collabsim.cli import main
from collabsim.intake.bring import Wanted, bring
from collabsim.intake.cells import number_in
from collabsim.intake.writing import partnership_text
from collabsim.partnership import Partnership
from collabsim.scenario import Scenario

ORGANISATIONS = "name,sector,size\nNHS board,NHS,5200\nCouncil,council,4200\nCarers' centre,third sector,20\n"
TIES = "from,to,trust\nNHS board,Council,0.75\nCouncil,NHS board,0.25\nCarers' centre,Council,0.5\n"
ROWS = [["name", "sector", "size"], ["NHS board", "NHS", 5200], ["Council", "council", 4200],
        ["Carers' centre", "third sector", 20]]  # fmt: skip


def new(capsys: Any, *words: object) -> tuple[int, str, str]:
    """Run ``collabsim new mine ... --no-picture`` and return its exit code, stdout and stderr."""
    code = main(["new", "mine", "--no-picture", *map(str, words)])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def book(*sheets: tuple[str, list[list[Any]]], change: Callable[[Any], None] | None = None) -> bytes:
    """Make a workbook of sheets, each a name and rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
    if change is not None:
        change(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def changed(where: str, value: Any) -> bytes:
    """Make the workbook of three organisations with one cell changed."""
    return book(("Sheet1", ROWS), change=lambda made: made["Sheet1"].__setitem__(where, value))


def merged(made: Any) -> None:
    page = made["Sheet1"]
    page["B3"] = None
    page["B2"] = "council"
    page.merge_cells("B2:B3")


def hidden(made: Any) -> None:
    made["Sheet1"].row_dimensions[3].hidden = True


def archive(**files: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return file.getvalue()


def junk() -> bytes:
    source = random.Random(4)
    return "\n".join("".join(source.choices("abc def,;:!?", k=997)) for _ in range(10_240)).encode()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
HEAD = "name,sector,size\n"
REFUSED: dict[str, tuple[Any, Any, list[str]]] = {
    # organisations, ties, words of the refusal
    "empty file": (b"", None, ["organisations", "this file is empty"]),
    "only blanks": (b"\xef\xbb\xbf \r\n\r\n", None, ["this file is empty"]),
    "headings only": (HEAD, None, ["headings and no rows"]),
    "no column of names": ("sector,size\nNHS,1\ncouncil,2\n", None,
        ["no column for 'name'", "'sector', 'size'"]),
    "no headings": ("NHS board,NHS,5200\nCouncil,council,4200\n", None, ["no column for 'name'", "--column"]),
    "names twice": (ORGANISATIONS + "nhs  BOARD,NHS,3\n", None,
        ["row 5 ('nhs BOARD')", "there already", "row 2"]),
    "names nearly twice": (
        ORGANISATIONS + "Carers’ Centre.,NHS,3\n", None,
        ["row 5", "only in punctuation", "'Carers' centre'"]),
    "a row without a name": (HEAD + "A,NHS,1\n,council,2\nB,NHS,3\n", None, ["row 3", "no name"]),
    "a name without end": (HEAD + f"{'x' * 5000},NHS,1\nB,NHS,3\n", None,
        ["row 2", "too long", "5,000 characters"]),
    "text in a number": (ORGANISATIONS.replace("4200", "about 4200"), None,
                         ["row 3", "column 'size'", "'about 4200' is not a number"]),
    "negative size": (ORGANISATIONS.replace("4200", "-4200"), None, ["row 3 ('Council')", "size", "-4200"]),
    "size 0": (ORGANISATIONS.replace("4200", "0"), None,
        ["row 3 ('Council')", "from 1 to 10,000,000, not 0"]),
    "infinity": (ORGANISATIONS.replace("4200", "inf"), None, ["row 3", "'inf' is not a number"]),
    "beyond all bounds": (ORGANISATIONS.replace("4200", "1e999"), None, ["row 3", "'1e999' is not a number"]),
    "mandate out of bounds": (
        "name,sector,mandate\nA,NHS,0.2\nB,NHS,1.2\n", None,
        ["row 3 ('B')", "mandate", "from 0 to 1, not 1.2"]),
    "only one": (HEAD + "A,NHS,4\n", None, ["row 2 ('A')", "at least 2"]),
    "an open quote": (HEAD + '"A,NHS,4\nB,NHS,5\n', None, ["not valid CSV"]),
    "another separator below": (HEAD + "A;NHS;4\n", None,
        ["row 2", "separated by semicolons", "headings by commas"]),
    "another separator above": (HEAD + "A;NHS;4\nB;NHS;5\n", None,
        ["no column for 'name'", "'name,sector,size'"]),
    "too many cells": (HEAD + "A, north,NHS,4\nB,NHS,5,\n", None, ["row 2", "4 cells", "3 headings"]),
    "binary": (bytes(range(256)) * 40, None, ["binary file"]),
    "control characters": (("\x01\x02\x03" * 400).encode(), None, ["binary file"]),
    "10 MB of junk": (junk(), None, ["no column for 'name'"]),
    "10 MB in one line": (b"x" * 10_000_000, None, ["not valid CSV", "field larger"]),
    "a web page": ("<html><table><tr><td>name</td></tr></table></html>", None, ["a web page"]),
    "old Excel": (OLE, None, ["old kind (.xls)", "save it as .xlsx or CSV"]),
    "password": (OLE + "EncryptedPackage".encode("utf-16-le"), None, ["locked with a password"]),
    "OpenDocument": (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), None,
        ["OpenDocument"]),
    "an archive": (archive(**{"a.txt": "x"}), None, ["an archive and not a workbook"]),
    "a damaged workbook": (changed("A2", "A")[:900], None, ["damaged"]),
    "a formula never saved": (changed("C3", "=C2*2"), None, ["cell C3", "formula whose result was never "
                                                                        "saved"]),
    "an error value": (changed("C3", "#REF!"), None, ["cell C3 holds the error #REF!"]),
    "a date in a number": (changed("C3", datetime.datetime(2026, 5, 1)), None,
        ["cell C3 holds a date", "1-5"]),
    "ties to nobody": (ORGANISATIONS, TIES + "Counsil,NHS board,1\n",
        ["row 5", "'Counsil'", "did you mean 'Council'"]),
    "a tie to itself": (ORGANISATIONS, TIES + "Council,council,1\n", ["row 5", "'Council' to itself"]),
    "a tie from nobody": (ORGANISATIONS, TIES + ",Council,1\n", ["row 5", "missing: 'from'"]),
    "a tie to nowhere": (ORGANISATIONS, TIES + "Council,,1\n", ["row 5", "missing: 'to'"]),
    "ties that disagree": (ORGANISATIONS, TIES + "Council,NHS board,0.5\n",
                           ["row 5", "another in", "row 3", "--mean-of-several"]),
    "trust off the scale": (ORGANISATIONS, TIES.replace("0.5", "900"),
        ["column 'trust'", "no usual scale", "--scale"]),
    "negative trust": (ORGANISATIONS, TIES.replace("0.5", "-1"), ["no usual scale", "--scale"]),
    "trust in strange words": (ORGANISATIONS, "from,to,trust\nNHS board,Council,wibble\nCouncil,NHS "
                                              "board,wobble\n",
                               ["'wibble'", "no known scale", "--scale"]),
    "a word among numbers": (ORGANISATIONS, TIES.replace("0.5", "lots"),
        ["row 4", "column 'trust'", "'lots'"]),
    "infinite trust": (ORGANISATIONS, TIES.replace("0.5", "inf"), ["row 4", "'inf' is no answer"]),
    "all ones": (ORGANISATIONS, "from,to,trust\nNHS board,Council,1\nCouncil,NHS board,1\n",
        ["every answer is 1"]),
    "two columns of trust": (ORGANISATIONS, "from,to,trust score,trust level\nNHS board,Council,1,2\n",
                             ["'trust score' and 'trust level'", "--column"]),
    "ties without ends": (ORGANISATIONS, "trust\n0.5\n", ["no column for 'from' and 'to'"]),
    "no ties": (ORGANISATIONS, "from,to,trust\n", ["headings and no rows"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_meant_is_refused_in_words(capsys, tmp_path, monkeypatch, case):
    organisations, ties, words = REFUSED[case]
    monkeypatch.chdir(tmp_path)
    before = written(tmp_path, organisations, ties)
    code, out, err = new(capsys, *before)
    assert (code, out) == (2, "")
    assert err.startswith("collabsim: ") and len(err) < 4_000
    for word in words:
        assert word in err
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(before[1::2])  # and nothing is written


def written(folder: Path, organisations: Any, ties: Any) -> list[str]:
    """Write the files of a case and return the options that name them."""
    words = []
    for option, content in (("organisations", organisations), ("ties", ties)):
        if content is not None:
            name = f"{option}.{'xlsx' if isinstance(content, bytes) and content[:2] == b'PK' else 'csv'}"
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            words += [f"--{option}", name]
    return words


def value(made: Partnership, name: str, field: str) -> float:
    return float(made.organisations[field][made.row(name)])


def trust(made: Partnership, one: str, other: str) -> float:
    """Return what one organisation is said to trust another; NaN where it did not say."""
    a, b = made.row(one), made.row(other)
    (tie,) = made.ties[(made.ties["lower"] == min(a, b)) & (made.ties["higher"] == max(a, b))]
    return float(tie["trust_lower" if a < b else "trust_higher"])


def contact(made: Partnership, one: str, other: str) -> float:
    a, b = sorted((made.row(one), made.row(other)))
    (tie,) = made.ties[(made.ties["lower"] == a) & (made.ties["higher"] == b)]
    return float(tie["contact"])


def sized(size: float) -> Callable[[Partnership], bool]:
    return lambda made: value(made, "Council", "size") == size


def trusting(expected: float, one: str = "NHS board", other: str = "Council") -> Callable[[Partnership],
    bool]:
    return lambda made: trust(made, one, other) == pytest.approx(expected, nan_ok=True)


MATRIX = "trust,NHS board,Council,Carers' centre\nNHS board,,4,2\nCouncil,5,,\nCarers' centre,,,\n"
MEANT: dict[str, tuple[Any, Any, list[str], Callable[[Partnership], bool]]] = {
    # organisations, ties, words that are said, what must be so
    "plainly": (ORGANISATIONS, TIES, ["trust (each way): given for 3 of 4"], trusting(0.75)),
    "byte-order mark": ("\ufeff" + ORGANISATIONS, TIES, [], sized(4200)),
    "UTF-16": (ORGANISATIONS.encode("utf-16"), TIES, [], sized(4200)),
    "UTF-16 without a mark": (ORGANISATIONS.encode("utf-16-le"), TIES, ["utf-16-le"], sized(4200)),
    "Windows": (ORGANISATIONS.replace("NHS board", "Café").encode("cp1252"), None, ["read as cp1252"],
                lambda made: made.row("Café") == 0),
    "semicolons and decimal commas": (
        "name;sector;mandate\nA;NHS;0,25\nCouncil;council;0,5\n", None, ["decimal comma"],
        lambda made: value(made, "A", "mandate") == 0.25),
    "tabs": (ORGANISATIONS.replace(",", "\t"), TIES, [], sized(4200)),
    "sep=": ("sep=;\r\n" + ORGANISATIONS.replace(",", ";"), TIES, [], sized(4200)),
    "percent signs": ("name,sector,mandate\nA,NHS,50%\nCouncil,council,25 %\n", None, ["percent sign"],
                      lambda made: value(made, "A", "mandate") == 0.5),
    "thousands": (ORGANISATIONS.replace("4200", '"4,200"'), None, ["thousands"], sized(4200)),
    "thousands with points": (ORGANISATIONS.replace("4200", "4.200"), None, ["thousands"], sized(4200)),
    "thousands with spaces": (ORGANISATIONS.replace("4200", "4\u202f200"), None, ["thousands"], sized(4200)),
    "blank rows and columns": (
        "\n,,,\n" + ORGANISATIONS.replace("\n", ",,\n\n"), TIES, [], lambda made: len(made) == 3),
    "a title above": ("Our partnership,,\nas of May,,\n" + ORGANISATIONS, TIES, [], sized(4200)),
    "unseen spaces": (ORGANISATIONS.replace("Council,", "\u00a0Council\u200b ,"), TIES, [], trusting(0.75)),
    "missing numbers": (ORGANISATIONS.replace("4200", "n/a").replace("20\n", "NaN\n"), TIES,
                        ["size: given for 1 of 3"], sized(100)),
    "other headings": (
        "Organisation Name,Type of organisation,Staff (FTE),Postcode\nA,Charity,3\nCouncil,Local "
        "authority,4200\n",
        None, ["'Organisation Name' is name", "'Staff (FTE)' is size", "'Postcode' is not used",
               "'Charity' is third sector"], sized(4200)),
    "misspelt headings": ("nmae,sectr,size\nA,NHS,3\nCouncil,council,4200\n", None, ["'nmae' is name"],
        sized(4200)),
    "headings of questions": (
        ORGANISATIONS, "Respondent,Partner,How far do you trust them?\nNHS board,Council,0.5\n",
        ["'Respondent' is from", "is trust"], trusting(0.5)),
    "a sector of one's own": (ORGANISATIONS.replace("NHS,", "police,"), TIES, ["sectors of your own: police"],
                              lambda made: made.sectors[int(value(made, "NHS board",
                                  "sector"))].name == "police"),
    "no sectors": ("name\nA\nCouncil\n", None, ["no sector is given for 2 of 2", "sector: not given"],
                   lambda made: len(made) == 2),
    "names spelt nearly alike": (HEAD + "Nothern hospice,NHS,1\nNorthern hospice,NHS,2\n", None,
                                 ["spelt nearly alike"], lambda made: len(made) == 2),
    "HTML in a name": (ORGANISATIONS + "<script>alert(1)</script>,NHS,4\n", TIES, [],
                       lambda made: made.row("<script>alert(1)</script>") == 3),
    "a formula for a name": (ORGANISATIONS + "=HYPERLINK(1),NHS,4\n", TIES, ["begins like a formula"],
                             lambda made: made.row("=HYPERLINK(1)") == 3),
    "names that are numbers": (book(("S", [["name"], [1], [2.0], [3]])), "from,to\n1,2\n2,3\n", [],
                               lambda made: made.names == ("1", "2", "3") and len(made.ties) == 2),
    "a workbook": (book(("Sheet1", ROWS)), TIES, [], sized(4200)),
    "a workbook called CSV": (b"PK", TIES, [], sized(4200)),
    "merged cells": (book(("Sheet1", ROWS), change=merged), TIES, ["merged cells (B2:B3)"],
                     lambda made: value(made, "Council", "sector") == value(made, "NHS board", "sector")),
    "hidden rows": (book(("Sheet1", ROWS), change=hidden), TIES, ["row 3 is hidden"], sized(4200)),
    "several sheets": (book(("Read me", [["Hello"]]), ("Organisations", ROWS)), TIES, [], sized(4200)),
    "formulas with results": (b"formula", TIES, [], sized(10400)),
    "scale 1-5": (ORGANISATIONS, TIES.replace("0.75", "4").replace("0.25", "2").replace("0.5", "5"),
                  ["scale 1-5, as the answers show"], trusting(0.75)),
    "scale 1-7": (ORGANISATIONS, TIES.replace("0.75", "4").replace("0.25", "2").replace("0.5", "7"),
        ["scale 1-7"],
                  trusting(0.5)),
    "percentages": (ORGANISATIONS, TIES.replace("0.75", "75").replace("0.25", "25").replace("0.5", "50"),
                    ["scale 0-100"], trusting(0.75)),
    "words": (ORGANISATIONS, TIES.replace("0.75", "Very high").replace("0.25", "low").replace("0.5",
        "Medium"),
              ["scale words"], trusting(1.0)),
    "no answers": (ORGANISATIONS, TIES.replace("0.75", "").replace("0.5", "don't know"),
                   ["did not answer: NHS board, Carers' centre"], trusting(np.nan)),
    "an empty answer sheet": (ORGANISATIONS, TIES + "NHS board,,\n", [], trusting(0.75)),
    "ties told twice alike": (ORGANISATIONS, TIES + "Council,NHS board,0.25\n", ["more than once"],
        trusting(0.75)),
    "names with other punctuation": (ORGANISATIONS, TIES.replace("Carers' centre", "The Carers’ Centre"),
                                     ["other punctuation"], trusting(0.5, "Carers' centre")),
    "a matrix": (ORGANISATIONS, MATRIX, ["read as a matrix of trust", "did not answer: Carers' centre"],
                 trusting(0.75)),
    "a matrix of contact": (
        ORGANISATIONS, MATRIX.replace("trust", "contact").replace("5,,", "4,,0"), ["matrix of contact"],
        lambda made: contact(made, "NHS board", "Council") == 1.0 and len(made.ties) == 2),
    "only ties": (None, TIES, ["those named in ties.csv"], lambda made: len(made) == 3),
    "contact told by both": (
        ORGANISATIONS, "from,to,contact\nNHS board,Council,0.5\nCouncil,NHS board,0.7\n",
        ["their mean was taken"],
        lambda made: contact(made, "NHS board", "Council") == 0.6),
}  # fmt: skip


@pytest.mark.parametrize("case", MEANT)
def test_what_is_meant_is_understood_and_said(capsys, tmp_path, monkeypatch, case):
    organisations, ties, words, holds = MEANT[case]
    if organisations == b"PK":
        (tmp_path / "organisations.csv").write_bytes(book(("Sheet1", ROWS)))
        options = ["--organisations", "organisations.csv", *written(tmp_path, None, ties)]
    else:
        options = written(tmp_path, with_results() if organisations == b"formula" else organisations, ties)
    monkeypatch.chdir(tmp_path)
    code, out, err = new(capsys, *options)
    assert code == 0, err
    for word in words:
        assert word in out + err
    assert holds(Scenario.load(tmp_path / "mine.toml").partnership)
    assert main(["check", "mine.toml"]) == 0


def with_results() -> bytes:
    """Make a workbook whose formula has a result, as Excel saves one."""
    content = changed("C3", "=C2*2")
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as made:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b"<f>C2*2</f>" in text and b"10400" not in text
                for empty in (b"<v />", b"<v></v>", b"<v/>"):
                    text = text.replace(b"<f>C2*2</f>" + empty, b"<f>C2*2</f><v>10400</v>")
            made.writestr(name, text)
    return file.getvalue()


def test_thirty_kinds_at_least():
    assert len(REFUSED) + len(MEANT) >= 60


# --------------------------------------------------------------------------------------- options and files


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, ORGANISATIONS, TIES)
    return tmp_path


BOTH = ("--organisations", "organisations.csv", "--ties", "ties.csv")


def test_faults_of_all_files_and_options_are_told_at_once(capsys, folder):
    (folder / "organisations.csv").write_text(ORGANISATIONS.replace("4200", "many") + "council,NHS,1\n")
    (folder / "ties.csv").write_text(TIES + "Council,Counsil,1\nCouncil,Council,1\n")
    code, _, err = new(capsys, *BOTH)
    assert code == 2 and "4 faults" in err
    code, _, err = new(capsys, "--scale", "1-1", "--survey-error", "2", "--day-rate", "x", "--column", "y")
    assert code == 2
    for word in ("5 faults", "--scale", "--survey-error", "--day-rate", "HEADING=FIELD", "say who is in it"):
        assert word in err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--organisations", "organisation.csv"), "did you mean 'organisations.csv'"),
        (("--organisations", "."), "this is a folder"),
        (("--organisations", "organisations.csv#Sheet1"), "not a workbook, and so it has no sheet 'Sheet1'"),
        (("--organisations", "book.xlsx#Organisatoins"), "no sheet 'Organisatoins'; did you mean "
                                                         "'Organisations'"),
        (("--network", "ties.csv"), "neither GraphML nor GML"),
        ((*BOTH, "--scale", "1-5"), "row 2, column 'trust': '0.75' is not on the scale 1-5"),
        ((*BOTH, "--scale", "bad"), "there is no scale 'bad'"),
        ((*BOTH, "--encoding", "klingon"), "there is no encoding 'klingon'"),
        ((*BOTH, "--encoding", "utf-32"), "not text in the encoding 'utf-32'"),
        ((*BOTH, "--column", "trust=trst"), "no field 'trst'; did you mean 'trust'"),
        ((*BOTH, "--pseudonyms", "key.csv"), "keep 'key.csv' apart"),
        ((*BOTH, "--pseudonyms", "nowhere/key.csv"), "not a file in a folder that is there"),
        ((*BOTH, "--out", "ties.csv"), "'ties.csv' is a file, not a folder"),
    ],
)
def test_bad_options_are_refused_in_words(capsys, folder, words, expected):
    (folder / "book.xlsx").write_bytes(book(("Organisations", ROWS), ("Ties", [["from", "to"]])))
    code, out, err = new(capsys, *words)
    assert (code, out) == (2, "")
    assert expected in err
    assert not (folder / "mine.toml").exists()


@pytest.mark.parametrize("name", ["a/b", "..", "", "con", "-x.", "x" * 200, "a:b"])
def test_names_that_cannot_be_files_are_refused(capsys, folder, name):
    code = main(["new", *BOTH, "--", name])
    assert code == 2
    assert "NAME" in (err := capsys.readouterr().err) or "cannot be the name of files" in err
    assert sorted(file.name for file in folder.iterdir()) == ["organisations.csv", "ties.csv"]


def test_nothing_is_replaced_unless_asked_and_never_by_halves(capsys, folder):
    assert new(capsys, *BOTH)[0] == 0
    first = (folder / "mine.toml").read_bytes()
    (folder / "mine.toml").write_text("mine now")
    code, _, err = new(capsys, *BOTH)
    assert code == 2 and "--force" in err and "mine.toml, mine-partnership.toml" in err
    assert (folder / "mine.toml").read_text() == "mine now"
    assert new(capsys, *BOTH, "--force")[0] == 0
    assert (folder / "mine.toml").read_bytes() == first
    assert not [file for file in folder.iterdir() if file.name.endswith(".part")]
    (folder / "mine.toml").unlink()
    (folder / "mine.toml").mkdir()
    assert new(capsys, *BOTH, "--force")[0] == 2


def test_a_full_disk_leaves_what_was_there(capsys, folder, monkeypatch):
    assert new(capsys, *BOTH)[0] == 0
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("collabsim.intake.writing.os.fdopen", full)
    assert main(["new", "mine", *BOTH, "--force", "--no-picture", "--title", "Other"]) == 1
    assert "No space left" in capsys.readouterr().err
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_what_is_written_is_what_was_read_and_can_be_edited(capsys, folder):
    code, out, _ = new(capsys, *BOTH, "--title", 'A "fine" title\\', "--survey-error", "0.1")
    assert code == 0 and "mine.toml" in out
    made = Scenario.load(folder / "mine.toml")
    assert made.title == 'A "fine" title\\' and made.partnership.survey_error == 0.1
    direct = bring(Wanted("organisations.csv", "ties.csv", survey_error=0.1), "mine").partnership
    assert made.partnership.identity() == direct.identity()
    text = (folder / "mine.toml").read_text()
    for switched_on in ("[[programme]]", "[[shock]]", "[parameters]"):
        assert f"# {switched_on}" in text
    edited = "\n".join(line.removeprefix("# ") if "=" in line or line.startswith("# [") else line
                       for line in text.splitlines())  # fmt: skip
    (folder / "mine.toml").write_text(edited)
    changed = Scenario.load(folder / "mine.toml")
    assert [entry.mover for entry in (*changed.programme, *changed.shocks)] == ["building_trust", "austerity"]
    assert changed.parameters["cost"] == 0.12 and changed.programme[0].who == ("NHS", "council")


def test_a_machine_reads_the_same(capsys, folder):
    code, out, err = new(capsys, *BOTH, "--json")
    document = json.loads(out)
    assert code == 0 and err == ""
    assert document["given"][-2] == {"what": "trust (each way)", "given": 3, "of": 4,
                                     "otherwise": "follows from dispositions, which are drawn"}  # fmt: skip
    assert document["files"] == ["mine.toml", "mine-partnership.toml"]


def test_scales_and_columns_as_declared(capsys, folder):
    (folder / "ties.csv").write_text("Who,Whom,Q1,Q2\nNHS board,Council,often,3\nCouncil,NHS board,never,9\n")
    words = (*BOTH, "--scale", "0-12", "--contact-scale", "never,now and then,often", "--column", "Q2=trust")
    code, out, _ = new(capsys, *words, "--column", "Q1=contact")
    made = Scenario.load(folder / "mine.toml").partnership
    assert code == 0 and "'Q2' is trust" in out
    assert (trust(made, "NHS board", "Council"), trust(made, "Council", "NHS board")) == (0.25, 0.75)
    assert contact(made, "NHS board", "Council") == 0.5
    code, out, _ = new(capsys, *words, "--column", "Q1=-", "--force")
    assert "contact (each pair): not given" in out


def test_undirected_everyone_and_several(capsys, folder):
    (folder / "ties.csv").write_text("from,to,trust\nNHS board,Council,0.4\nNHS board,Council,0.6\n")
    assert new(capsys, *BOTH)[0] == 2
    assert new(capsys, *BOTH, "--mean-of-several", "--undirected", "--everyone")[0] == 0
    made = Scenario.load(folder / "mine.toml").partnership
    assert len(made.ties) == 3
    assert trust(made, "NHS board", "Council") == trust(made, "Council", "NHS board") == 0.5


def test_one_workbook_with_both_sheets_and_a_survey_beside_contacts(capsys, folder):
    ties = [["from", "to", "strength"], ["NHS board", "Council", 3], ["Council", "Carers' centre", 1]]
    survey = [["", "NHS board", "Council", "Carers' centre"], ["NHS board", None, 5, 3],
        ["Council", 1, None, 2]]
    (folder / "book.xlsx").write_bytes(book(("Organisations", ROWS), ("Ties", ties), ("Trust", survey)))
    code, _, err = new(
        capsys, "--organisations", "book.xlsx", "--ties", "book.xlsx", "--survey", "book.xlsx#trust",
        "--contact-scale", "0-4",
    )  # fmt: skip
    made = Scenario.load(folder / "mine.toml").partnership
    assert code == 0 and "as declared" in err
    assert contact(made, "NHS board", "Council") == 0.75 and trust(made, "NHS board", "Council") == 1.0
    assert trust(made, "Council", "Carers' centre") == 0.25


def test_day_rate_is_kept_in_the_scenario(capsys, folder):
    assert new(capsys, *BOTH, "--day-rate", "450")[0] == 0
    assert tomllib.loads((folder / "mine.toml").read_text())["costs"] == {"day_rate": 450}


# ------------------------------------------------------------------------------------------------ networks


def agencies(folder: Path, seed: int = 7) -> set[tuple[int, int]]:
    """Write a network such as public data sets hold: 54 health agencies, 447 ties of strength 0 to 4."""
    source = random.Random(seed)
    pairs = source.sample([(i, j) for i in range(54) for j in range(i)], 447)
    lines = ['Creator "a data set"', "graph [", "  directed 0"]
    for i in range(54):
        lines += ["  node [", f"    id {i}", f'    label "Agency {i}"', f'    type '
                                                                        f'"{source.choice("ABC")}"', "  ]"]
    for i, j in pairs:
        lines += ["  edge [", f"    source {i}", f"    target {j}", f"    collaboration "
                                                                    f"{source.randint(0, 4)}", "  ]"]
    (folder / "agencies.gml").write_text("\n".join([*lines, "]"]))
    return {(j, i) for i, j in pairs}


def test_a_network_of_health_agencies_works_as_it_comes(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pairs = agencies(tmp_path)
    code, out, err = new(capsys, "--network", "agencies.gml")
    assert code == 0
    assert "54 organisations, 447 pairs" in out and "'collaboration' is contact" in out
    assert "contact is read on the scale 0-4" in err and "have contact 0" in err
    made = Scenario.load(tmp_path / "mine.toml").partnership
    assert {(int(tie["lower"]), int(tie["higher"])) for tie in made.ties} == pairs
    assert sorted(set(made.ties["contact"].tolist())) == [0, 0.25, 0.5, 0.75, 1]
    assert np.isnan(made.ties["trust_lower"]).all()
    assert main(["run", "mine.toml", "--months", "2"]) == 0


GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="node" attr.name="sector" attr.type="string"/>
<key id="d1" for="edge" attr.name="trust" attr.type="double"/>
<graph edgedefault="directed">
<node id="Board"><data key="d0">NHS</data></node><node id="Café"><data key="d0">council</data></node>
<edge source="Board" target="Café"><data key="d1">0.3</data></edge>
</graph></graphml>
"""


def test_directed_graphml(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.graphml").write_text(GRAPHML, encoding="utf-8")
    assert new(capsys, "--network", "n.graphml")[0] == 0
    made = Scenario.load(tmp_path / "mine.toml").partnership
    assert trust(made, "Board", "Café") == 0.3 and np.isnan(trust(made, "Café", "Board"))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("n.graphml", GRAPHML.replace("</graph>", ""), ["cannot be read"]),
        ("n.graphml", GRAPHML.replace("<graphml", '<!DOCTYPE x [<!ENTITY y "z">]><graphml'),
            ["document type"]),
        ("n.gml", "graph [ node [ id 1 ] node [ id 1 ] ]", ["cannot be read", "duplicate"]),
        ("n.gml", "graph [", ["cannot be read"]),
        ("n.gml", "graph [ ]", ["no nodes"]),
        ("n.gml", "", ["empty"]),
        ("n.gml", "graph [ node [ id 1 ] node [ id 2 ] ]", ["no ties"]),
        ("n.gml", "graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 1 ] ]",
            ["edge 1", "to itself"]),
        ("n.gml", 'graph [ node [ id 1 label "A" ] node [ id 2 label "a" ] edge [ source 1 target 2 ] ]',
         ["node 2 ('a')", "there already"]),
    ],
)  # fmt: skip
def test_bad_networks_are_refused_in_words(capsys, tmp_path, monkeypatch, name, text, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")
    code, _, err = new(capsys, "--network", name)
    assert code == 2
    for word in words:
        assert word in err


# ---------------------------------------------------------------------- what is published, and what not


def test_pseudonyms_hide_who_is_who_and_the_key_tells(capsys, folder):
    (folder / "apart").mkdir()
    words = (*BOTH, "--pseudonyms", "apart/key.csv", "--out", "public", "--title", "Ours")
    assert new(capsys, *words)[0] == 0
    everything = b"".join(file.read_bytes() for file in (folder / "public").iterdir())
    for name in (b"NHS board", b"Carers", b"5200"):
        assert name not in everything
    made = Scenario.load(folder / "public" / "mine.toml").partnership
    rows = [line.split(",") for line in (folder / "apart" / "key.csv").read_text().splitlines()[1:]]
    named = {name: pseudonym for pseudonym, name in rows}
    assert trust(made, named["NHS board"], named["Council"]) == 0.75
    assert value(made, named["NHS board"], "size") == 5000
    assert (folder / "apart" / "key.csv").stat().st_mode & 0o077 == 0
    key = (folder / "apart" / "key.csv").read_bytes()
    assert new(capsys, *words, "--force")[0] == 0  # a key that is there is kept to
    assert (folder / "apart" / "key.csv").read_bytes() == key


def test_a_file_that_is_no_key_is_not_replaced(capsys, folder):
    (folder / "apart").mkdir()
    (folder / "apart" / "letter.txt").write_text("Dear ...")
    code, _, err = new(capsys, *BOTH, "--pseudonyms", "apart/letter.txt", "--out", "public")
    assert code == 2 and "not a key of pseudonyms" in err
    assert (folder / "apart" / "letter.txt").read_text() == "Dear ..." and not (folder / "public").exists()


def test_hostile_names_do_no_harm_in_tables(capsys, folder):
    (folder / "organisations.csv").write_text(ORGANISATIONS + "\"=cmd|' /C calc'!A0\",NHS,4\n")
    assert new(capsys, "--organisations", "organisations.csv")[0] == 0
    assert main(["run", "mine.toml", "--months", "2", "--out", "out"]) == 0
    for table in ("organisations.csv", "ties.csv"):
        text = (folder / "out" / table).read_text()
        assert "'=cmd|" in text
        assert not [line for line in text.splitlines() if line.startswith(("=", "+", "-", "@"))]


def test_answers_stay_out_of_results_and_off_the_network(capsys, folder, monkeypatch):
    (folder / "ties.csv").write_text(TIES.replace("0.75", "0.7313"))

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.create_connection", refuse)
    assert new(capsys, *BOTH)[0] == 0
    assert main(["run", "mine.toml", "--months", "3", "--out", "out"]) == 0
    assert "0.7313" in (folder / "mine-partnership.toml").read_text()
    assert "0.7313" not in "".join(file.read_text() for file in (folder / "out").iterdir())


# ------------------------------------------------------------------------------------------------ properties

names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1,
    max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(names, min_size=2, max_size=6), st.data())
def test_any_names_survive_the_way_through_files(tmp_path_factory, every, data):
    folder = tmp_path_factory.mktemp("names")
    organisations = [{"name": name, "sector": "NHS",
        "size": data.draw(st.integers(1, 10_000_000))} for name in every]
    try:
        direct = Partnership.from_dict({"organisation": organisations})
    except ValueError:
        return  # blank or equal names, which are refused
    (folder / "p.toml").write_text(partnership_text({"organisation": organisations}, ["as they are"]),
        encoding="utf-8")
    assert Partnership.load(folder / "p.toml").identity() == direct.identity()


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)))
def test_numbers_are_read_however_they_are_written(number):
    for text in (f"{number:.3f}", f" {number:.3f} ", f"{number:.3f}".replace(".", ","),
        f"{number:.3f}".replace("-", "−")):
        if not (text.lstrip("-−").count(",") and abs(number) >= 1000):
            found = number_in(text.strip())
            assert found is not None and found.value == pytest.approx(number, abs=1e-9)
    found = number_in(f"{number:.3f}%")
    assert found is not None and found.value == pytest.approx(number / 100, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_at_all_end_in_a_traceback(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("bytes") / "organisations.csv"
    file.write_bytes(content)
    try:
        bring(Wanted(file), "mine")
    except ValueError as error:
        assert str(error)
