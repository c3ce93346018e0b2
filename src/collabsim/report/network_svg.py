"""A partnership as a picture of its network, in SVG, for a page that draws it anew every month."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from collabsim.report.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION

if TYPE_CHECKING:
    import pandas as pd

COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
SIZE, MIDDLE, RING, MARGIN = 560, 280, 170, 120


def network_picture(organisations: pd.DataFrame, ties: pd.DataFrame, said: str) -> str:
    """Draw a partnership.

    Organisations stand in a ring, by sector, each as large as its accountability, with a rim as broad as its
    courage. Each half of a tie is as broad as the trust of the organisation at that end, squared so that
    differences show, and fades with contact.

    Parameters
    ----------
    organisations, ties
        Rows as in :class:`collabsim.Result`.
    said
        What is read out in place of the picture.

    Returns
    -------
    str
        An ``<svg>`` element, in which names are escaped.
    """
    rows: list[dict[str, Any]] = organisations.to_dict("records")  # type: ignore[assignment]
    kinds = list(dict.fromkeys(row["sector"] for row in rows))
    rows.sort(key=lambda row: kinds.index(row["sector"]))
    places = {}
    for place, row in enumerate(rows):
        angle = 2 * math.pi * place / len(rows) - math.pi / 2
        places[row["name"]] = (math.cos(angle), math.sin(angle))
    parts = [_half(tie, places) for tie in ties.to_dict("records")]
    for row in rows:
        colour = COLOURS[kinds.index(row["sector"]) % len(COLOURS)]
        parts += _organisation(row, places[row["name"]], colour)
    for place, kind in enumerate(kinds):
        colour = COLOURS[place % len(COLOURS)]
        parts.append(
            f'<circle cx="{12 - MARGIN}" cy="{14 + 17 * place}" r="5" fill="{colour}"/>'
            f'<text x="{22 - MARGIN}" y="{18 + 17 * place}">{escape(kind)}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-MARGIN} 0 {SIZE + 2 * MARGIN} {SIZE}" '
        f'width="100%" role="img" aria-label="{escape(said)}" font-family="sans-serif" font-size="11">'
        f"{''.join(parts)}</svg>"
    )


def _half(tie: dict[Any, Any], places: dict[str, tuple[float, float]]) -> str:
    """Draw the half of a tie on the side of who trusts."""
    (x, y), (to_x, to_y) = places[tie["from"]], places[tie["to"]]
    return (
        f'<line x1="{MIDDLE + RING * x:.1f}" y1="{MIDDLE + RING * y:.1f}" '
        f'x2="{MIDDLE + RING * (x + to_x) / 2:.1f}" y2="{MIDDLE + RING * (y + to_y) / 2:.1f}" '
        f'stroke="{GREY}" stroke-width="{6 * tie["trust"] ** 2:.2f}" '
        f'stroke-opacity="{tie["contact"]:.2f}"/>'
    )


def _organisation(row: dict[str, Any], place: tuple[float, float], colour: str) -> list[str]:
    """Draw an organisation and its name."""
    x, y = place
    at_x, at_y = MIDDLE + RING * x, MIDDLE + RING * y
    side = "start" if x > 0.2 else "end" if x < -0.2 else "middle"
    return [
        f'<circle cx="{at_x:.1f}" cy="{at_y:.1f}" r="{5 + 9 * row["accountability"]:.1f}" '
        f'fill="{colour}" stroke="{BLACK}" stroke-width="{0.5 + 5 * row["courage"]:.1f}">'
        f"<title>{escape(row['name'])} ({escape(row['sector'])}): accountability "
        f"{row['accountability']:.2f}, courage {row['courage']:.2f}</title></circle>",
        f'<text x="{at_x + 20 * x:.1f}" y="{at_y + 26 * y + 4:.1f}" text-anchor="{side}">'
        f"{escape(row['name'])}</text>",
    ]
