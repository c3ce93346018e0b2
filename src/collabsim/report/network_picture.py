"""A picture of a partnership: who is in it, by sector, and who trusts whom.

Organisations stand on a circle, so that every name is legible and none lies on another; sector is colour
and shape. A tie is a band that is wide where it begins and runs out where it ends, since tapered bands are
read more surely than arrows (Holten & Wijk 2009); its width is trust. Ties without a surveyed trust are
thin grey lines.
"""

from __future__ import annotations

import math
import re
import textwrap
import warnings
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from collabsim.partnership import Partnership
from collabsim.report.style import BLACK, FAINT, GREY, PALE, SERIES, drawn

MOST = 150
"""More organisations than this have no room for names."""

_FIELD = 3.1
"""Half the circle's diameter, in inches; names stand outside it."""

_STEPS = 24
_WIDEST = 0.055
"""Width of full trust where it begins, as a share of the circle's radius."""

_LEAST = 0.06
"""No trust is drawn as if it were so much, for an answer is there to be seen."""



def network_picture(partnership: Partnership) -> tuple[bytes, bytes] | None:
    """Draw a partnership.

    Parameters
    ----------
    partnership
        Whom.

    Returns
    -------
    tuple of bytes or None
        PNG and SVG; None where there are too many organisations to name.
    """
    if len(partnership) > MOST:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that the font does not have
        png, svg = drawn(_figure, partnership)
    return png, re.sub(rb"<!--.*?-->\n?", b"", svg, flags=re.DOTALL)  # which repeat every name as text


def _figure(partnership: Partnership) -> Figure:
    radius = radius_of(len(partnership))
    longest = max(len(line) for name in partnership.names for line in short_name(name).splitlines())
    margin = 0.35 + longest * 0.53 * letters_of(len(partnership)) / 72
    width = 2 * (radius + margin)
    height = width + 1.0
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0.0, 0.0, 1.0, width / height))
    reach = 1 + margin / radius
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)
    axes.set_axis_off()
    angles = angles_of(partnership)
    places = np.column_stack([np.cos(angles), np.sin(angles)])
    looks = looks_of(partnership)
    _ties(axes, partnership, places, looks)
    _organisations(axes, partnership, angles, places, looks)
    _words(figure, axes, partnership, looks, height)
    return figure


def looks_of(partnership: Partnership) -> dict[int, tuple[str, str]]:
    """Return colour and mark of every sector that somebody is of."""
    codes = list(dict.fromkeys(sorted(partnership.organisations["sector"].tolist())))
    return {code: SERIES[place % len(SERIES)] for place, code in enumerate(codes)}


def angles_of(partnership: Partnership) -> Any:
    """Place organisations round the circle: sector by sector, near those they are tied to.

    Returns
    -------
    numpy.ndarray
        (organisations,) angles, from the top clockwise, all different.
    """
    n = len(partnership)
    codes = partnership.organisations["sector"]
    here = list(dict.fromkeys(sorted(codes.tolist())))
    gap = 0.6 if len(here) > 1 else 0.0
    step = 2 * math.pi / (n + gap * len(here))
    order = [row for code in here for row in np.flatnonzero(codes == code).tolist()]
    angles = np.zeros(n)
    for _ in range(8):  # each sector in the order of its members' ties to others
        spot = 0.0
        previous = None
        for row in order:
            spot += gap if previous is not None and codes[row] != previous else 0.0
            previous = codes[row]
            angles[row] = math.pi / 2 - step * (spot + 0.5)
            spot += 1
        pull = np.zeros((n, 2))
        across = codes[partnership.ties["lower"]] != codes[partnership.ties["higher"]]
        for one, other in (("lower", "higher"), ("higher", "lower")):
            rows, others = partnership.ties[one][across], partnership.ties[other][across]
            np.add.at(pull, rows, np.column_stack([np.cos(angles[others]), np.sin(angles[others])]))
        sought = []
        for code in here:
            members = [row for row in order if codes[row] == code]
            middle = angles[members].mean()
            wanted = {
                row: math.remainder(math.atan2(pull[row, 1], pull[row, 0]) - middle, 2 * math.pi)
                for row in members
            }
            sought += sorted(members, key=lambda row, wanted=wanted: -round(wanted[row], 9))  # type: ignore[misc]
        if sought == order:
            break
        order = sought
    return angles


def _curve(start: Any, end: Any, side: float) -> Any:
    """Return (steps, 2) points of a curve between two places on the circle, bent towards its middle."""
    t = np.linspace(0, 1, _STEPS)[:, None]
    across = np.array([end[1] - start[1], start[0] - end[0]])
    middle = (start + end) * 0.22 + across * 0.05 * side
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end


def _ties(axes: Any, partnership: Partnership, places: Any, looks: dict[int, tuple[str, str]]) -> None:
    codes = partnership.organisations["sector"]
    bands, colours, lines = [], [], []
    crowd = min(1.0, 60 / max(1, len(partnership.ties)))  # the more bands, the thinner and fainter each
    thick = _WIDEST * (0.35 + 0.65 * crowd)
    for tie in partnership.ties:
        ends = (int(tie["lower"]), int(tie["higher"]))
        trusts = (float(tie["trust_lower"]), float(tie["trust_higher"]))
        for one, other, trust in ((*ends, trusts[0]), (*ends[::-1], trusts[1])):
            if math.isnan(trust):
                continue
            path = _curve(0.955 * places[one], 0.955 * places[other], 1.0)
            along = np.gradient(path, axis=0)
            normal = np.column_stack([-along[:, 1], along[:, 0]])
            normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
            half = 0.5 * thick * max(trust, _LEAST) * np.linspace(1.0, 0.08, _STEPS)[:, None]
            bands.append(np.vstack([path + normal * half, (path - normal * half)[::-1]]))
            colours.append(to_rgba(looks[int(codes[one])][0], 0.30 + 0.40 * crowd))
        if all(map(math.isnan, trusts)):
            lines.append(_curve(0.955 * places[ends[0]], 0.955 * places[ends[1]], 0.0))
    contact = [float(tie["contact"]) for tie in partnership.ties
               if math.isnan(tie["trust_lower"]) and math.isnan(tie["trust_higher"])]  # fmt: skip
    widths = [0.7 if math.isnan(m) else 0.4 + 2.4 * m for m in contact]
    shades = [to_rgba(GREY, 0.25 if math.isnan(m) else 0.10 + 0.45 * m) for m in contact]
    axes.add_collection(LineCollection(lines, linewidths=widths, colors=shades, zorder=1))
    axes.add_collection(PolyCollection(bands, facecolors=colours, edgecolors="none", zorder=2))


def _organisations(
    axes: Any, partnership: Partnership, angles: Any, places: Any, looks: dict[int, tuple[str, str]]
) -> None:
    n = len(partnership)
    sizes = partnership.organisations["log_size"]
    letters = letters_of(n)
    for row in range(n):
        colour, mark = looks[int(partnership.organisations["sector"][row])]
        x, y = places[row]
        axes.plot([x], [y], mark, color=colour, markersize=6.5 + 1.7 * float(sizes[row]) * min(1.0, 30 / n),
                  markeredgecolor="white", markeredgewidth=0.9, zorder=4)  # fmt: skip
        turn = math.degrees(angles[row]) % 360
        left = 90 < turn < 270
        axes.text(1.065 * x, 1.065 * y, short_name(partnership.names[row]),
            rotation=turn - 180 if left else turn,
                  ha="right" if left else "left", va="center", rotation_mode="anchor", fontsize=letters,
                  color=BLACK,
                  parse_math=False, linespacing=0.95, zorder=5)  # fmt: skip


def radius_of(count: int) -> float:
    """Return the radius of the circle for so many organisations, in inches."""
    return _FIELD * max(1.0, count / 60)


def letters_of(count: int) -> float:
    """Return the size of letters, in points, at which so many names round the circle do not touch."""
    room = 72 * radius_of(count) * 2 * math.pi / max(count, 12)
    return min(10.5, max(5.5, 0.40 * room))  # room for two lines, and for the gaps between sectors


def short_name(name: str) -> str:
    """Return a name in at most two lines that fit beside the circle."""
    if len(name) <= 30:
        return name
    lines = textwrap.wrap(name, 28)
    return "\n".join(lines[:2]) if len(lines) <= 2 else f"{lines[0]}\n{lines[1][:26].rstrip()} …"


def _words(
    figure: Figure, axes: Any, partnership: Partnership, looks: dict[int, tuple[str, str]], height: float
) -> None:
    width = figure.get_size_inches()[0]
    figure.text(0.16 / width, 1 - 0.14 / height, "\n".join(textwrap.wrap(partnership.title, 70)[:2]),
        ha="left", va="top",
                fontsize=15, fontweight="bold", color=BLACK, parse_math=False)  # fmt: skip
    ties = partnership.ties
    surveyed = int((~np.isnan(ties["trust_lower"])).sum() + (~np.isnan(ties["trust_higher"])).sum())
    said = f"{len(partnership)} organisations, {len(ties):,} pairs that know of each other"
    said += f", {surveyed:,} of {2 * len(ties):,} answers on trust" if surveyed else ", trust not surveyed"
    figure.text(0.16 / width, 1 - 0.50 / height, said, ha="left", va="top", fontsize=11, color=GREY)
    marks = [
        Line2D([], [], marker=mark, color="none", markerfacecolor=colour, markeredgecolor="white",
            markersize=10,
               label=textwrap.shorten(partnership.sectors[code].title, 34))
        for code, (colour, mark) in looks.items()
    ]  # fmt: skip
    figure.legend(handles=marks, loc="upper left", bbox_to_anchor=(0.10 / width, 1 - 0.72 / height),
        frameon=False,
                  fontsize=10.5, handletextpad=0.3, labelspacing=0.45, ncols=1)  # fmt: skip
    if surveyed:
        reach = axes.get_xlim()[1]
        x, y = reach - 1.1, reach - 0.12
        axes.add_patch(Polygon([(x, y + _WIDEST / 2), (x + 0.42, y), (x, y - _WIDEST / 2)], color=PALE, lw=0))
        axes.text(
            x + 0.47,
            y,
            "trusts: wide at who trusts,\nthe wider the more",
            fontsize=9.5,
            color=GREY,
            va="center",
        )
    else:
        axes.plot([], [], color=FAINT)
