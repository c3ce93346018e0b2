"""The picture of a partnership: everyone legible, nobody on another, the same file each time."""

from __future__ import annotations

import dataclasses
import io
import math
import re

import matplotlib.image
import numpy as np
import pytest

from collabsim.partnership import Partnership
from collabsim.report.network_picture import (
    MOST,
    angles_of,
    letters_of,
    looks_of,
    network_picture,
    radius_of,
    short_name,
)


def made(count: int, *names: str) -> Partnership:
    """Make a partnership of so many in four sectors, everyone with a long name unless given one."""
    sectors = ("NHS", "council", "third sector", "housing")
    long = (f"Voluntary organisation for the people of the north {i}" for i in range(count))
    every = [*names, *long][:count]
    organisations = [
        {"name": name, "sector": sectors[row % 4], "size": 1 + row} for row, name in enumerate(every)
    ]
    ties = [
        {"between": [every[row], every[(row + step) % count]], "trust": [0.2, "?"]}
        for row in range(count)
        for step in ((1, 3) if count > 6 else (1,))
        if count > 2 or row == 0
    ]
    return Partnership.from_dict({"title": "A <b>title</b> $x^2$", "organisation": organisations,
        "tie": ties})


@pytest.mark.parametrize("count", [2, 3, 8, 24, 54, 100, MOST])
def test_names_have_room_for_two_lines_round_the_circle(count):
    angles = np.sort(angles_of(made(count)) % (2 * math.pi))
    gaps = np.diff(np.append(angles, angles[0] + 2 * math.pi))
    inches = 1.065 * radius_of(count) * gaps.min()
    assert len(np.unique(angles.round(9))) == count
    assert inches * 72 >= 2 * 1.1 * letters_of(count) or count == 2
    assert letters_of(count) >= 5.5


def test_sectors_stand_together_and_look_unlike():
    partnership = made(24)
    order = np.argsort(-angles_of(partnership), kind="stable")
    codes = partnership.organisations["sector"][order]
    changes = int((codes != np.roll(codes, 1)).sum())
    assert changes == 4
    looks = looks_of(partnership)
    assert len({colour for colour, _ in looks.values()}) == len({mark for _, mark in looks.values()}) == 4


def test_the_same_partnership_is_the_same_files_and_hostile_names_are_only_drawn():
    partnership = made(5, "<script>alert(1)</script>", "$\\frac{1}{0$", "Ünïcödé", "日本 & Co")
    first, again = network_picture(partnership), network_picture(partnership)
    assert first is not None and first == again
    png, svg = first
    text = svg.decode()
    assert "<script" not in text.casefold() and "alert" not in text
    assert not re.search(r"\bon\w+=|href=\"(?!#)", text)
    image = matplotlib.image.imread(io.BytesIO(png))
    assert image.shape[0] > 800 and (image[:, 0, :3] == 1).all() and (image[:, -1,
        :3] == 1).all()  # nothing cut off


def test_more_trust_is_more_ink():
    def ink(trust: float) -> float:
        partnership = made(4)
        ties = partnership.ties.copy()
        ties["trust_lower"] = ties["trust_higher"] = trust
        picture = network_picture(dataclasses.replace(partnership, ties=ties))
        assert picture is not None
        return float((1 - matplotlib.image.imread(io.BytesIO(picture[0]))[:, :, :3]).sum())

    assert ink(0.1) < ink(1.0)


def test_too_many_to_name_are_not_drawn():
    assert network_picture(made(MOST + 1)) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Hospice", "Hospice"),
        ("Community mental health service", "Community mental health\nservice"),
        ("x" * 90, "x" * 28 + "\n" + "x" * 26 + " …"),
    ],
)
def test_long_names_take_two_lines(name, shown):
    assert short_name(name) == shown
