"""One cell of a spreadsheet: a number however it is written, a missing answer, what cannot be meant."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

MISSING = frozenset(
    ["-", "–", "—", ".", "?", "n/a", "na", "nan", "nil", "null", "none", "missing", "#n/a", "n.a.", "dk",
        "don't", "know", "dont", "know", "no", "answer", "no", "response", "refused"]
) | {"don't know", "dont know", "no answer", "no response", "not answered", "prefer not to say"}  # fmt: skip
"""Words that stand for an answer that is not there, where a number is wanted."""

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_GROUPED = re.compile(
    r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?|[+-]?\d{1,3}( \d{3})+([.,]\d+)?|[+-]?\d{1,3}(\.\d{3}){2,}(,\d+)?"
)
_POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+")
_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)")
_LONG = 60
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that holds something which cannot be taken for a text or a number.

    Attributes
    ----------
    reason
        What it holds, and what to do; said only if the cell is needed.
    """

    reason: str


Cell = str | float | Unreadable | None
"""Text with its outer spaces removed, a number, something unreadable, or nothing."""


def shown(cell: object) -> str:
    """Show what a cell holds, short enough for a message and with nothing that could upset a terminal."""
    if isinstance(cell, Unreadable):
        return cell.reason
    text = f"{cell:g}" if isinstance(cell, float) else str(cell)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return f"'{text}'" if len(text) <= _LONG else f"'{text[:_LONG]}...' ({len(text):,} characters)"


def tidy(text: str) -> str:
    """Remove what people do not see: outer and doubled spaces, non-breaking ones, marks of direction."""
    return " ".join((text if text.isascii() else text.translate(_UNSEEN)).split())


def is_missing(cell: Cell) -> bool:
    """Whether a cell that should hold a number or a word of a scale holds none."""
    return cell is None or (isinstance(cell, str) and (not cell or cell.casefold() in MISSING))


@dataclass(frozen=True, slots=True)
class Number:
    """A number read from a cell.

    Attributes
    ----------
    value
        The number; of a percentage, the share.
    how
        How it was written, where that was not plainly: ``"percent"``, ``"decimal comma"``, ``"thousands"``.
    """

    value: float
    how: str = ""


def number_in(cell: Cell, *, counts: bool = False) -> Number | None:
    """Read a number however it is written.

    Parameters
    ----------
    cell
        What the cell holds.
    counts
        Whether whole numbers are wanted: then ``5.200`` and ``5,200`` are five thousand two hundred.

    Returns
    -------
    Number or None
        None if it is no number; infinity and NaN are none.
    """
    if isinstance(cell, float):
        return Number(cell) if math.isfinite(cell) else None
    if not isinstance(cell, str):
        return None
    text = cell.replace("\u2212", "-").replace("\u2019", "'").replace("'", " ").strip()
    if text.endswith("%"):
        inner = number_in(text[:-1].strip())
        return None if inner is None else Number(inner.value / 100.0, "percent")
    if counts and re.fullmatch(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+", text):
        return Number(float(re.sub(r"[.,]", "", text)), "thousands")
    if _PLAIN.fullmatch(text):
        value = float(text)
        return Number(value) if math.isfinite(value) else None
    if _POINTS.fullmatch(text):
        return Number(float(text.replace(".", "").replace(",", ".")), "decimal comma")
    if _COMMA.fullmatch(text):
        return Number(float(text.replace(",", ".")), "decimal comma")
    if _GROUPED.fullmatch(text):
        if text.count(".") > 1:
            return Number(float(text.replace(".", "").replace(",", ".")), "thousands")
        if " " in text:
            return Number(float(text.replace(" ", "").replace(",", ".")), "thousands")
        return Number(float(text.replace(",", "")), "thousands")
    return None
