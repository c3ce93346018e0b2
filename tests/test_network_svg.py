"""The network as a picture: everybody is in it, every trust is as broad as it is, and names do no harm."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

import collabsim as cs
from collabsim.report.network_svg import network_picture

SVG = "{http://www.w3.org/2000/svg}"


def test_every_organisation_and_every_trust_is_drawn():
    result = cs.run("rural-lead-agency", months=3, seed=1)
    picture = ET.fromstring(network_picture(result.organisations, result.ties, "after month 3"))
    assert picture.get("aria-label") == "after month 3"
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    assert set(result.organisations["name"]) | set(result.organisations["sector"]) == set(texts)
    lines = list(picture.iter(f"{SVG}line"))
    assert [float(line.get("stroke-width")) for line in lines] == pytest.approx(
        6 * result.ties["trust"] ** 2, abs=0.006
    )
    assert [float(line.get("stroke-opacity")) for line in lines] == pytest.approx(
        list(result.ties["contact"]), abs=0.006
    )


def test_a_tie_begins_at_who_trusts_and_ends_half_way():
    result = cs.run("pair", months=1, seed=1)
    picture = ET.fromstring(network_picture(result.organisations, result.ties, ""))
    board, council = (
        (float(node.get("cx")), float(node.get("cy")))
        for node in list(picture.iter(f"{SVG}circle"))[:2]
    )
    for line, start in zip(picture.iter(f"{SVG}line"), (board, council), strict=True):
        assert (float(line.get("x1")), float(line.get("y1"))) == start
        middle = tuple((a + b) / 2 for a, b in zip(board, council, strict=True))
        assert (float(line.get("x2")), float(line.get("y2"))) == pytest.approx(middle, abs=0.06)


def test_names_that_look_like_markup_stay_names():
    result = cs.run("pair", months=1, seed=1)
    bad = "<script>alert('x')</script> & \"Co\""
    organisations = result.organisations.replace("Council", bad)
    picture = network_picture(organisations, result.ties.replace("Council", bad), bad)
    assert "<script" not in picture
    assert bad in [text.text for text in ET.fromstring(picture).iter(f"{SVG}text")]
