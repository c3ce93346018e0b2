"""Who is in it: bundled partnerships, files good and bad, generated networks."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collabsim.errors import InputError
from collabsim.partnership import BUNDLED, GENERATED, Partnership, bundled
from collabsim.sectors import SECTORS
from collabsim.state import START_DTYPE, TIE_DTYPE

COUNTS = {  # organisations, ties, statutory organisations
    "pair": (2, 1, 2),
    "rural-lead-agency": (10, 45, 6),
    "scottish-partnership": (24, 276, 12),
    "city": (60, None, 26),
    "national-network": (77, None, 77),
}

TWO = """
[[organisation]]
name = "NHS board"
sector = "NHS"
size = 5200
[[organisation]]
name = "Council"
sector = "council"
"""
THREE = (
    TWO
    + """
[[organisation]]
name = "Carers' centre"
sector = "third sector"
"""
)


def write(folder: Path, text: str, name: str = "mine.toml", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def load(folder: Path, text: str, **files: str) -> Partnership:
    for name, content in files.items():
        write(folder, content, f"{name}.csv")
    return Partnership.load(write(folder, text))


def check_simple(p: Partnership) -> None:
    """The graph is simple, sorted by ids, the lower id first."""
    ids = p.organisations["id"]
    low, high = ids[p.ties["lower"]], ids[p.ties["higher"]]
    assert np.array_equal(np.sort(ids), np.arange(len(p)))
    assert (low < high).all()
    assert (np.diff(low * len(p) + high) > 0).all()


def degrees(p: Partnership) -> np.ndarray:
    return np.bincount(np.concatenate((p.ties["lower"], p.ties["higher"])), minlength=len(p))


# ------------------------------------------------------------------------------------------------ bundled


def test_bundled_in_order() -> None:
    assert list(bundled()) == list(COUNTS)
    assert sorted(path.stem for path in BUNDLED.glob("*.toml")) == sorted(COUNTS)
    assert all(bundled().values())


@pytest.mark.parametrize("name", COUNTS)
def test_bundled(name: str) -> None:
    p = Partnership.load(name)
    organisations, ties, statutory = COUNTS[name]
    assert (p.name, p.title, len(p)) == (name, bundled()[name], organisations)
    assert ties is None or len(p.ties) == ties
    assert p.organisations["statutory"].sum() == statutory
    assert p.organisations.dtype == START_DTYPE and p.ties.dtype == TIE_DTYPE
    assert not p.organisations.flags.writeable and not p.ties.flags.writeable
    assert p.description and len(set(p.names)) == len(p) == len(p.names)
    assert degrees(p).min() >= 1
    assert np.allclose(10 ** p.organisations["log_size"], p.organisations["size"])
    check_simple(p)


def test_sectors_are_those_of_the_model() -> None:
    table = {
        "NHS": (0.20, 0.30, 0.25, True),
        "council": (0.75, 0.20, 0.50, True),
        "integration body": (0.50, 0.35, 0.50, True),
        "third sector": (0.50, 0.85, 0.75, False),
        "independent": (0.85, 0.60, 0.60, False),
        "housing": (0.70, 0.55, 0.55, False),
    }
    assert {n: (*s.perspective, s.mandate, s.statutory) for n, s in SECTORS.items()} == table
    for row in Partnership.load("scottish-partnership").organisations:
        x, y, mandate, statutory = list(table.values())[row["sector"]]
        assert (row["centre_x"], row["centre_y"], row["mandate_mean"], row["statutory"]) == (
            x, y, mandate, statutory,
        )  # fmt: skip


def test_national_network_is_scotland() -> None:
    p = Partnership.load("national-network")
    assert [p.members([s]).sum() for s in ("NHS", "council", "integration body")] == [14, 32, 31]
    edges = set(zip(p.ties["lower"].tolist(), p.ties["higher"].tolist(), strict=True))

    def tied(one: str, other: str) -> bool:
        a, b = sorted((p.row(one), p.row(other)))
        return (a, b) in edges

    both = "Clackmannanshire and Stirling Integration Joint Board"
    assert tied(both, "Clackmannanshire Council") and tied(both, "Stirling Council")
    assert tied("Highland Joint Monitoring Committee", "NHS Highland")
    assert tied("Angus Integration Joint Board", "Dundee Integration Joint Board")
    assert not tied("NHS Orkney", "Glasgow City Council")
    # Each council has one board, and one authority.
    for kind, count in (("NHS", 32), ("integration body", 32)):
        side, council = p.members([kind]), p.members(["council"])
        between = (side[p.ties["lower"]] & council[p.ties["higher"]]) | (
            council[p.ties["lower"]] & side[p.ties["higher"]]
        )
        assert between.sum() == count
    seen, front = {0}, [0]
    while front:
        here = front.pop()
        new = {b if a == here else a for a, b in edges if here in (a, b)} - seen
        seen |= new
        front += new
    assert len(seen) == 77


def test_importing_costs_little() -> None:
    code = (
        "import sys; from collabsim.partnership import Partnership; Partnership.load('pair'); "
        "print([m for m in ('numba', 'pandas', 'mesa', 'networkx', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -------------------------------------------------------------------------------------------- who is meant


def test_rows_and_members() -> None:
    p = Partnership.load("scottish-partnership")
    assert p.names[p.row("Carers' centre")] == "Carers' centre"
    assert p.row("  carers'  CENTRE ") == p.row("Carers' centre")
    meant = p.members(["Third Sector", "GP cluster, north"])
    assert meant.dtype == bool and meant.sum() == 8 and meant[p.row("GP cluster, north")]
    with pytest.raises(InputError, match="'Carer centre'; did you mean 'Carers' centre'"):
        p.row("Carer centre")
    with pytest.raises(InputError) as caught:
        p.members(["thrid sector", "NHS", "Hospise"])
    first, second = caught.value.faults
    assert "'thrid sector'; did you mean 'third sector'" in first and "did you mean 'Hospice'" in second
    with pytest.raises(InputError, match="nobody here is of the sector 'housing'"):
        Partnership.load("pair").members(["housing"])
    with pytest.raises(InputError, match="empty"):
        p.members([])


def test_an_organisation_named_like_a_sector() -> None:
    third = {"name": "Parish council", "sector": "council"}
    two = [{"name": "NHS", "sector": "NHS"}, {"name": "Council", "sector": "council"}]
    assert Partnership.from_dict({"organisation": two}).members(["council"]).tolist() == [False, True]
    p = Partnership.from_dict({"organisation": [*two, third]})
    with pytest.raises(InputError, match="'council' is the name of a sector and of an organisation"):
        p.members(["council"])
    assert p.row("council") == 1


@pytest.mark.parametrize("name", ["scottish-partnership", "city", "random:50:4"])
def test_renamed_only_permutes(name: str) -> None:
    p = Partnership.load(name)
    order = np.random.default_rng(3).permutation(len(p))
    q = p.renamed(order)
    assert list(q.names) == [p.names[row] for row in order]
    assert q.organisations.tobytes() == p.organisations[order].tobytes()
    check_simple(q)
    for end in ("lower", "higher"):
        assert np.array_equal(q.organisations["id"][q.ties[end]], p.organisations["id"][p.ties[end]])
    assert [q.row(name) for name in q.names] == list(range(len(p)))
    assert q.renamed(np.argsort(order)).identity() == p.identity() != q.identity()
    with pytest.raises(InputError, match="each of 0 to"):
        p.renamed([0] * len(p))


def test_identity_knows_what_matters() -> None:
    tie = {"between": ["NHS board", "Council"], "contact": 0.5, "trust": [0.4, 0.6]}
    organisations: list[dict[str, object]] = [
        {"name": "NHS board", "sector": "NHS", "size": 10},
        {"name": "Council", "sector": "council"},
        {"name": "Hospice", "sector": "third sector"},
    ]
    base: dict[str, object] = {"organisation": organisations, "tie": [tie]}
    changed: list[dict[str, object]] = [
        {**base, "organisation": [{**organisations[0], **change}, *organisations[1:]]}
        for change in ({"size": 11}, {"name": "Board"}, {"sector": "council"}, {"view": 0.5}, {"capacity": 9},
                       {"courage": 0.3}, {"perspective": [0.1, 0.1]})
    ]  # fmt: skip
    changed[1]["tie"] = [{**tie, "between": ["Board", "Council"]}]
    changed += [{**base, "tie": [{**tie, **change}]} for change in ({"contact": 0.6}, {"trust": [0.6, 0.4]})]
    changed += [{**base, "ties": "all"}, {**base, "organisation": organisations[::-1]}]
    changed += [{**base, "sector": [{"name": "NHS", "perspective": [0.2, 0.3], "mandate": 0.3}]}]
    every = [Partnership.from_dict(data).identity() for data in (base, *changed)]
    assert len(set(every)) == len(every) and all(len(i) == 64 for i in every)
    assert Partnership.from_dict({**base, "title": "Another", "name": "other"}).identity() == every[0]


def test_survives_the_trip_between_processes() -> None:
    for name in ("city", "random:50:4"):
        p = Partnership.load(name)
        q = pickle.loads(pickle.dumps(p))
        assert q.identity() == p.identity() and not q.ties.flags.writeable and list(q.names) == list(p.names)


# ---------------------------------------------------------------------------------------------- good files


def test_everything_a_file_can_say(tmp_path: Path) -> None:
    p = load(tmp_path, """
name = "mine"
title = "Mine"
[[sector]]
name = "police"
perspective = [0.3, 0.1]
mandate = 0.4
statutory = true
[[organisation]]
name = "  NHS   board "
sector = "nhs"
size = 1000
capacity = 15
perspective = [0.2, 0.3]
mandate = 0.25
view = 0.3
disposition = 0.6
accountability = 0.7
expectation = 0.65
courage = 0.2
systems_view = 1
note = "from the annual report"
[[organisation]]
name = "Division"
sector = "police"
[[organisation]]
name = "Hospice"
sector = "third sector"
[[tie]]
between = ["Division", "nhs board"]
contact = 0.6
trust = [0.5, 0.7]
[[tie]]
between = ["Hospice", "Division"]
trust = 0.4
""")  # fmt: skip
    board, division, _ = p.organisations
    assert p.names == ("NHS board", "Division", "Hospice") and p.title == "Mine"
    assert [board[f] for f in ("log_size", "capacity", "perspective_x", "perspective_y", "purpose_view")] == [
        3, 15, 0.2, 0.3, 0.3,
    ]  # fmt: skip
    assert (board["resting_courage"], board["resting_systems_view"], board["expectation"]) == (0.2, 1, 0.65)
    assert division["size"] == 100 and division["statutory"] == 1 and division["mandate_mean"] == 0.4
    assert all(math.isnan(division[f]) for f in ("capacity", "mandate", "purpose_view", "resting_courage"))
    first, second = p.ties
    assert tuple(first) == (0, 1, 0.6, 0.7, 0.5)  # the division trusts the board 0.5
    assert (second["lower"], second["higher"], second["trust_lower"], second["trust_higher"]) == (
        1,
        2,
        0.4,
        0.4,
    )
    assert math.isnan(second["contact"])


def test_all_is_the_default_and_ties_may_add_values(tmp_path: Path) -> None:
    assert len(load(tmp_path, THREE).ties) == 3
    tie = '[[tie]]\nbetween = ["Council", "NHS board"]\ncontact = 0.9\n'
    assert len(load(tmp_path, THREE + tie).ties) == 1
    p = load(tmp_path, 'ties = "all"' + THREE + tie)
    assert len(p.ties) == 3 and p.ties["contact"][0] == 0.9 and np.isnan(p.ties["contact"][1:]).all()


def test_groups(tmp_path: Path) -> None:
    among = '[[tie_group]]\namong = ["NHS", "council"]\n'
    between = '[[tie_group]]\nbetween = [["Council"], ["third sector", "NHS"]]\n'
    assert len(load(tmp_path, THREE + among).ties) == 1
    p = load(tmp_path, THREE + among + between + '[[tie]]\nbetween = ["Council", "NHS board"]\ntrust = 0.5\n')
    assert [(t["lower"], t["higher"]) for t in p.ties] == [(0, 1), (1, 2)]
    assert p.ties["trust_lower"][0] == p.ties["trust_higher"][0] == 0.5


ORGANISATIONS = "name,sector,size,Systems view\nNHS board,NHS,5200,0.5\n\n ,,\nZürich Café,council,,\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ORGANISATIONS, "utf-8"),
        (ORGANISATIONS, "utf-8-sig"),
        (ORGANISATIONS, "utf-16"),
        (ORGANISATIONS.replace("\n", "\r\n"), "utf-8"),
        (ORGANISATIONS.replace("\n", "\r"), "utf-8"),
        (ORGANISATIONS.replace(",", ";"), "utf-8-sig"),
        ("sep=;\r\n" + ORGANISATIONS.replace(",", ";"), "utf-8"),
        (ORGANISATIONS.replace(",", "\t"), "utf-8"),
    ],
)
def test_csv_as_spreadsheets_write_it(tmp_path: Path, text: str, encoding: str) -> None:
    folder = tmp_path / "résultats du Café"
    folder.mkdir()
    write(folder, text, "mes organisations é.csv", encoding)
    ties = "from,to,trust,contact\nNHS board,Zürich Café,0.4,0.5\nzürich cafe\u0301,NHS board,.6,\n"
    write(folder, ties, "ties.csv")
    p = Partnership.load(
        write(
            folder, 'organisations = "mes organisations é.csv"\nties = "ties.csv"', "là bas.toml", "utf-8-sig"
        )
    )
    assert p.names == ("NHS board", "Zürich Café") and p.name == "là bas"
    assert p.organisations["size"].tolist() == [5200, 100]
    assert p.organisations["resting_systems_view"][0] == 0.5
    assert p.ties.tolist() == [(0, 1, 0.5, 0.4, 0.6)]


def test_from_dict_finds_its_files(tmp_path: Path) -> None:
    write(tmp_path, ORGANISATIONS, "o.csv")
    assert len(Partnership.from_dict({"organisations": "o.csv"}, "here", tmp_path)) == 2
    with pytest.raises(InputError, match=r"p\.csv: there is no such file; did you mean 'o.csv'"):
        Partnership.from_dict({"organisations": "p.csv"}, "here", tmp_path)


# ----------------------------------------------------------------------------------------------- bad files


def tie(rest: str) -> str:
    return THREE + "[[tie]]\n" + rest


BAD = {
    "empty": ("", ["there are no organisations", "at least 2"]),
    "one": ('[[organisation]]\nname = "A"\nsector = "NHS"', ["organisation 1 ('A')", "only organisation"]),
    "not TOML": ("name = mine\n", ["mine.toml", "not valid TOML", "line 1, column 8"]),
    "too deep": ("a = " + "[" * 3000, ["mine.toml", "not valid TOML"]),
    "long number": (TWO + "size = " + "9" * 5000, ["not valid TOML"]),
    "unknown key": ("titel = 'x'" + TWO, ["no key 'titel'", "did you mean 'title'"]),
    "a scenario": ("months = 72" + TWO, ["no key 'months'", "belongs into a scenario"]),
    "unknown key of one": (TWO + "siez = 4", ["organisation 2 ('Council')", "'siez'", "did you mean 'size'"]),
    "no sector": ('[[organisation]]\nname = "A"\n' + TWO, ["organisation 1 ('A')", "no sector", "housing"]),
    "no name": ('[[organisation]]\nsector = "NHS"\n' + TWO, ["organisation 1", "no name"]),
    "empty name": ('[[organisation]]\nname = " "\nsector = "NHS"\n' + TWO, ["organisation 1", "empty"]),
    "name a number": ('[[organisation]]\nname = 7\nsector = "NHS"\n' + TWO, ["must be text, not 7 (int)"]),
    "name a bell": ('[[organisation]]\nname = "A\\u0007"\nsector = "NHS"\n' + TWO, ["cannot be printed"]),
    "unknown sector": (TWO.replace('"NHS"', '"NSH"'), ["no sector 'NSH'", "did you mean 'NHS'"]),
    "same name": (TWO + TWO, ["organisation 3 (", "there already", "organisation 1 ('NHS board')"]),
    "same name, other case": (
        TWO + '[[organisation]]\nname = " nhs  BOARD"\nsector = "NHS"', ["'nhs BOARD'", "as 'NHS board'"]),
    "size text": (TWO + 'size = "0.5"', ["size must be a number", "the text '0.5'", "without quotes"]),
    "size nan": (TWO + "size = nan", ["size must be a number from 1 to 10,000,000, not nan"]),
    "size inf": (TWO + "size = inf", ["not inf"]),
    "size 0": (TWO + "size = 0", ["organisation 2 ('Council')", "not 0"]),
    "size true": (TWO + "size = true", ["not True (bool)"]),
    "size huge": (TWO + "size = 1" + "0" * 400, ["far beyond"]),
    "view beyond": (TWO + "view = 1.5", ["view must be a number from 0 to 1, not 1.5"]),
    "capacity negative": (TWO + "capacity = -1", ["capacity", "not -1"]),
    "perspective alone": (TWO + "perspective = 0.5", ["perspective must be two numbers", "not 0.5"]),
    "perspective x only": (TWO + "perspective_x = 0.5", ["takes two numbers"]),
    "perspective of text": (TWO + 'perspective = ["a", 2]', ["perspective_x", "'a'", "not 2"]),
    "organisations a list": ("organisations = [1]", ["'organisations' names a CSV file", "[1]"]),
    "organisation a text": ('organisation = "x"', ["list of tables", "[[organisation]]"]),
    "organisation of texts": ('organisation = ["x"]', ["organisation 1", "not 'x'"]),
    "both lists": ('organisations = "o.csv"' + TWO, ["listed twice"]),
    "title a number": ("title = 4" + TWO, ["'title' must be text, not 4"]),
    "ties none": ('ties = "none"' + TWO, ["'ties' is \"all\"", "not 'none'"]),
    "ties a number": ("ties = 3" + TWO, ["'ties' is \"all\"", "not 3"]),
    "ties missing file": ('ties = "tise.csv"' + TWO, ["tise.csv: there is no such file"]),
    "ties a folder": ('ties = "."' + TWO, [".: this is a folder"]),
    "empty tie list": ("tie = []" + TWO, ["'tie' is an empty list"]),
    "tie unknown": (tie('between = ["NHS bord", "Council"]'), ["tie 1", "'NHS bord'", "mean 'NHS board'"]),
    "tie to itself": (tie('between = ["Council", "council"]'), ["tie 1", "'Council' to itself"]),
    "tie of three": (tie('between = ["A", "B", "C"]'), ["between must name two organisations"]),
    "tie of none": (tie("contact = 0.5"), ["tie 1", "between must name two", "not None"]),
    "tie of numbers": (tie("between = [1, 2]"), ["named by text, not by 1", "not by 2"]),
    "tie twice": (
        tie('between = ["Council", "NHS board"]\n[[tie]]\nbetween = ["NHS board", "Council"]'),
        ["tie 2", "there already", "tie 1"]),
    "tie contact": (tie('between = ["Council", "NHS board"]\ncontact = "0,5"'), ["the text '0,5'"]),
    "tie trust": (tie('between = ["Council", "NHS board"]\ntrust = [0.5, 7]'), ["trust", "not 7"]),
    "tie trusts": (tie('between = ["Council", "NHS board"]\ntrust = [1, 1, 1]'), ["one number or two"]),
    "tie trust text": (tie('between = ["Council", "NHS board"]\ntrust = "high"'), ["the text 'high'"]),
    "tie unknown key": (tie('between = ["Council", "NHS board"]\ncontacts = 1'), ["did you mean 'contact'"]),
    "group empty": (THREE + "[[tie_group]]\namong = []", ["tie group 1", "empty"]),
    "group of nobody": (THREE + '[[tie_group]]\namong = ["Council"]', ["nobody to anybody else"]),
    "group of neither": (THREE + '[[tie_group]]\nnote = "x"', ["one of 'among' and 'between'"]),
    "group unknown": (THREE + '[[tie_group]]\namong = ["hosing", "NHS"]', ["'hosing'", "mean 'housing'"]),
    "group one-sided": (THREE + '[[tie_group]]\nbetween = ["NHS"]', ["between must be two lists"]),
    "perspective misspelt": (TWO + "perspectiv = [0, 0]", ["did you mean 'perspective'"]),
    "sector twice": (
        TWO + '[[sector]]\nname = "x"\nperspective = [0, 0]\nmandate = 0\n' * 2, ["sector 2", "already"]),
    "sector bare": (TWO + '[[sector]]\nname = "x"', ["sector 1 (", "perspective is missing", "mandate is"]),
    "sector statutory": (
        TWO + '[[sector]]\nname = "x"\nperspective = [0, 0]\nmandate = 0\nstatutory = 1', ["true or false"]),
}  # fmt: skip


@pytest.mark.parametrize("fault", BAD)
def test_bad_toml_is_refused_in_words(tmp_path: Path, fault: str) -> None:
    text, words = BAD[fault]
    with pytest.raises(InputError) as caught:
        load(tmp_path, text)
    for word in words:
        assert word in str(caught.value)


HEAD = "name,sector,size\n"
GOOD = HEAD + "A,NHS,10\nB,council,20\nC,housing,30\n"
BAD_CSV = {  # organisations, ties, words expected
    "decimal comma": (
        'name,sector,view\nA,NHS,"0,5"\nB,council,1\n',
        "",
        ["line 2 ('A')", "'0,5'", "decimal point"],
    ),
    "decimal comma, semicolons": ("name;sector;view\nA;NHS;0,5\nB;council;1\n", "", ["line 2", "'0,5'"]),
    "word": (HEAD + "A,NHS,10\n\nB,council,abc\n", "", ["organisations.csv, line 4 ('B')", "size", "'abc'"]),
    "percent": ("name,sector,view\nA,NHS,50%\nB,council,1\n", "", ["'50%'"]),
    "underscore": (HEAD + "A,NHS,1_000\nB,council,1\n", "", ["'1_000'"]),
    "nan": (HEAD + "A,NHS,NaN\nB,council,1\n", "", ["'NaN'"]),
    "overflow": (HEAD + "A,NHS,1e999\nB,council,1\n", "", ["not inf"]),
    "unknown column": (
        "name,sektor\nA,NHS\n",
        "",
        ["line 1", "'sektor'", "mean 'sector'", "'sector' is missing"],
    ),
    "column twice": ("name,sector,Name\nA,NHS,B\n", "", ["column 'name' is there twice"]),
    "column unnamed": ("name,,sector\nA,x,NHS\n", "", ["column 2 has no name"]),
    "cells too many": (HEAD + "A, north,NHS,10\nB,council,1\n", "", ["line 2", "4 cells", "quotes"]),
    "no rows": (HEAD, "", ["a header and no rows"]),
    "no header": ("\n\n", "", ["this file is empty"]),
    "one row": (HEAD + "A,NHS,3", "", ["line 2 ('A')", "only organisation"]),
    "no sector": (HEAD + "A,,3\nB,NHS,4", "", ["line 2 ('A')", "no sector"]),
    "same name": (HEAD + "A,NHS,3\nB,NHS,4\na ,NHS,5", "", ["line 4 ('a')", "as 'A'", "line 2 ('A')"]),
    "open quote": (HEAD + '"A,NHS,3\nB,NHS,4', "", ["not valid CSV"]),
    "no ties": (GOOD, "from,to\n", ["ties.csv", "a header and no rows"]),
    "self-tie": (GOOD, "from,to\nA,B\nB, b\n", ["ties.csv, line 3", "'B' to itself"]),
    "unknown end": (GOOD, "from,to\nA,BB\n", ["ties.csv, line 2", "'BB'", "mean 'B'"]),
    "missing end": (GOOD, "from,to\nA,\n", ["line 2", "the to organisation is missing"]),
    "tie twice": (GOOD, "from,to\nA,B\nB,A\nA,B\n", ["line 4", "already", "line 2"]),
    "contact differs": (GOOD, "from,to,contact\nA,B,0.3\nB,A,0.4\n", ["line 3", "0.4", "0.3", "line 2"]),
    "trust beyond": (GOOD, "from,to,trust\nA,B,7\n", ["line 2", "trust", "from 0 to 1, not 7"]),
}


@pytest.mark.parametrize("fault", BAD_CSV)
def test_bad_csv_is_refused_in_words(tmp_path: Path, fault: str) -> None:
    organisations, ties, words = BAD_CSV[fault]
    text = 'organisations = "organisations.csv"\n' + ('ties = "ties.csv"' if ties else "")
    with pytest.raises(InputError) as caught:
        load(tmp_path, text, organisations=organisations, ties=ties)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le"])
def test_other_encodings_are_refused_in_words(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, "name,sector\nA,NHS\nCafé,council\n", "o.csv", encoding)
    with pytest.raises(InputError, match=r"o\.csv.* not UTF-8.* save the file again as UTF-8"):
        load(tmp_path, 'organisations = "o.csv"')
    with pytest.raises(InputError, match=r"mine\.toml, line 1: this is not UTF-8"):
        Partnership.load(write(tmp_path, "title = 'Café'", encoding="latin-1"))


def test_faults_are_told_together_but_not_without_end(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, "titel = 1" + TWO.replace('"NHS"', '"NSH"') + "size = nan\nview = 2")
    assert len(caught.value.faults) == 4
    rows = "".join(f"organisation {i},NHSS,x\n" for i in range(3000))
    with pytest.raises(InputError) as caught:
        load(tmp_path, 'organisations = "o.csv"', o=HEAD + rows)
    assert len(caught.value.faults) == 21 and caught.value.faults[-1] == "and 5,980 more faults"


def test_who_is_not_there(tmp_path: Path) -> None:
    for name, words in {
        "scotish-partnership": "did you mean 'scottish-partnership'",
        "small-wrld:100": "did you mean 'small-world'",
        "random": "write kind:organisations",
        "random:ten": "organisations must be a whole number, not 'ten'",
        "random:1e5": "not '1e5'",
        "random:100:12:0:1": "write kind:organisations",
        "random:100:12:-1": "seed must be a whole number, not '-1'",
        "random:10": "degree, the mean number of ties of an organisation, must be from 1 to 9",
        "random:1": "organisations must be a whole number from 2 to 2,000,000, not 1",
        "random:2000001": "from 2 to 2,000,000",
        "random:2000000:100": "100,000,000 ties",
        "../pair": "this file cannot be read|there is no such file",
        "": "there is no partnership ''",
        str(tmp_path): "this is a folder",
        str(tmp_path / "x.toml"): "there is no such file",
        "x" * 5000 + ".toml": "cannot be read|no such file",
        "a\0b.toml": "cannot be read|no such file",
    }.items():
        with pytest.raises(InputError, match=words):
            Partnership.load(name)
    write(tmp_path, TWO, "my area.toml")
    with pytest.raises(InputError, match=r"did you mean 'my area\.toml'"):
        Partnership.load(tmp_path / "my aera.toml")
    with pytest.raises(InputError, match="at most 20,000,000"):
        Partnership.from_dict({"organisation": [{"name": f"n{i}", "sector": "NHS"} for i in range(6_400)]})


# ---------------------------------------------------------------------------------------------- generated


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(GENERATED), st.integers(2, 90), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_generated_networks_are_simple_and_as_wanted(kind: str, n: int, part: float, seed: int) -> None:
    degree = round(1 + part * (n - 2), 3)
    p = Partnership.generate(kind, n, degree=degree, seed=seed)
    check_simple(p)
    assert len(p) == len(p.names) == n
    assert len(p.ties) == math.floor(n * degree / 2 + 0.5)
    assert (
        (p.organisations["size"] >= 1) & (p.organisations["size"] == p.organisations["size"].round())
    ).all()
    assert np.isnan(p.ties["contact"]).all()
    again = Partnership.load(p.name)
    assert again.identity() == p.identity() and again.name == p.name
    assert [p.row(name) for name in p.names] == list(range(n))


@pytest.mark.parametrize("kind", GENERATED)
def test_seeds_differ(kind: str) -> None:
    ties = [Partnership.generate(kind, 60, degree=4, seed=seed).ties for seed in (0, 1, 2)]
    assert not np.array_equal(ties[0], ties[1]) and not np.array_equal(ties[1], ties[2])
    assert Partnership.load(f"{kind}:60:4").identity() == Partnership.load(f"{kind}:60:4:0").identity()


@pytest.mark.parametrize("kind", GENERATED)
def test_generated_networks_are_what_they_are_called(kind: str) -> None:
    p = Partnership.generate(kind, 3_000, degree=10, seed=5)
    degree, lower, higher = degrees(p), p.ties["lower"], p.ties["higher"]
    sector = p.organisations["sector"]
    within = (sector[lower] == sector[higher]).mean()
    gap = np.minimum(higher - lower, 3_000 - (higher - lower))
    shares = np.bincount(sector, minlength=6) / 3_000
    assert np.allclose(shares, [0.15, 0.06, 0.03, 0.45, 0.22, 0.09], atol=1e-3)
    if kind == "random":  # a Poisson degree, whose variance is its mean
        assert 9 < degree.var() < 11 and within == pytest.approx((shares**2).sum(), abs=0.02)
    elif kind == "small-world":
        assert (gap <= 5).mean() == pytest.approx(0.9, abs=0.02) and degree.var() < 3
    elif kind == "sectors":
        assert within == pytest.approx(0.8, abs=0.01)
        by_sector = [degree[sector == code].mean() for code in range(6)]
        assert min(by_sector) > 7
    else:  # everyone brings its ties, and a few have very many
        assert degree.min() == 5 and degree.max() > 100
        tail = [(degree >= k).mean() for k in (10, 20, 40)]  # a share of about k^-2 has k ties or more
        assert 2.5 < tail[0] / tail[1] < 5.5 and 2.5 < tail[1] / tail[2] < 5.5


def test_every_random_network_is_as_likely() -> None:
    """Over many seeds each of the 15 sets of two ties among four organisations comes up alike often."""
    seen: dict[bytes, int] = {}
    for seed in range(1_500):
        ties = Partnership.generate("random", 4, degree=1, seed=seed).ties
        code = (ties["lower"] * 4 + ties["higher"]).tobytes()
        seen[code] = seen.get(code, 0) + 1
    assert len(seen) == 15
    assert sum((count - 100) ** 2 / 100 for count in seen.values()) < 36.1  # chi-squared, 14 df, p = 0.001


def test_names_of_many_are_not_built_unless_read() -> None:
    p = Partnership.load("random:100000")
    assert len(p) == 100_000 and len(p.ties) == 600_000
    name = p.names[54_321]
    assert name.endswith(" 54322") and p.row(name.upper()) == 54_321
    assert p.members(["third sector", name]).sum() in (45_000, 45_001)
    assert p.names[:2] == (p.names[0], p.names[1])
    with pytest.raises(InputError, match="organisations here are called"):
        p.row("nobody 3")
    with pytest.raises(InputError, match="did you mean 'housing'"):
        p.members(["housin"])


@pytest.mark.parametrize(
    "bad", [{"degree": True}, {"degree": "4"}, {"degree": math.nan}, {"seed": 1.5}, {"seed": -1}]
)
def test_generate_refuses_in_words(bad: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(bad))):
        Partnership.generate("random", 50, **bad)  # type: ignore[arg-type]
