"""Answers to numbers from 0 to 1: on a scale that was declared, or on one that the answers show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collabsim.errors import InputError, nearest
from collabsim.intake.cells import Cell, is_missing, number_in, shown, tidy

_LADDERS: tuple[tuple[str, ...], ...] = (
    ("not at all", "a little", "somewhat", "quite a lot", "completely"),
    ("none", "a little", "some", "quite a lot", "a great deal"),
    ("very low", "low", "medium", "high", "very high"),
    ("very weak", "weak", "moderate", "strong", "very strong"),
    ("strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("very unlikely", "unlikely", "neutral", "likely", "very likely"),
    ("yearly", "quarterly", "monthly", "weekly", "daily"),
)
_ALIKE = {
    "no trust": "not at all", "not much": "a little", "slightly": "a little", "moderately": "somewhat",
    "partly": "somewhat", "quite": "quite a lot", "mostly": "quite a lot", "a lot": "quite a lot",
    "very much": "completely", "fully": "completely", "full trust": "completely", "totally": "completely",
    "neutral": "neither agree nor disagree", "neither": "neither agree nor disagree", "average": "medium",
    "middling": "medium", "no": "not at all", "yes": "completely", "seldom": "rarely",
    "occasionally": "sometimes",
    "frequently": "often", "fair": "medium", "good": "high", "poor": "low", "very good": "very high",
    "very poor": "very low", "excellent": "very high", "annually": "yearly",
}  # fmt: skip

GUESSES = ((1.0, 5.0), (1.0, 7.0), (0.0, 4.0), (0.0, 10.0), (0.0, 100.0))
"""Scales of whole numbers that are tried in this order where none was declared."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How answers are to be read.

    Attributes
    ----------
    low, high
        What counts as 0 and as 1.
    words
        Words, folded, to their numbers from 0 to 1.
    name
        What it is called.
    declared
        Whether the user said so.
    """

    low: float = 0.0
    high: float = 1.0
    words: Mapping[str, float] | None = None
    name: str = "0-1"
    declared: bool = False

    def read(self, cell: Cell) -> float:
        """Read one answer.

        Raises
        ------
        InputError
            If it is not an answer on this scale.
        """
        word = _folded(cell) if isinstance(cell, str) else ""
        if self.words is not None and word in self.words:
            return self.words[word]
        found = number_in(cell)
        if found is None:
            known = f"; its words are {', '.join(self.words)}" if self.words else ""
            close = nearest(word, self.words) if self.words and len(word) > 2 else known
            raise InputError(f"{shown(cell)} is no answer on the scale {self.name}{close}")
        low, high = (0.0, 1.0) if found.how == "percent" else (self.low, self.high)
        if self.words is not None and not found.how:
            raise InputError(
                f"{shown(cell)} is no answer on the scale {self.name}; its words are {', '.join(self.words)}"
            )
        if not low <= found.value <= high:
            raise InputError(f"{shown(cell)} is not on the scale {self.name}")
        return (found.value - low) / (high - low)

    @property
    def steps(self) -> int:
        """How many steps lie between the ends of a scale of whole numbers or words; 0 if it has none."""
        if self.words is not None:
            return len(set(self.words.values())) - 1
        return int(self.high - self.low) if 2 <= self.high - self.low <= 10 else 0


def _folded(cell: str) -> str:
    return re.sub(r"[^\w ]+", " ", tidy(cell).casefold()).strip()


def declared_scale(text: str) -> Scale:
    """Read what a user says of a scale: ``0-1``, ``1-7``, ``percent``, ``words``, or words from low to high.

    Raises
    ------
    InputError
        If it is none of these.
    """
    said = tidy(text).casefold()
    numbers = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*(?:-|–|to|\.\.)\s*(-?\d+(?:\.\d+)?)", said)
    if numbers:
        low, high = float(numbers[1]), float(numbers[2])
        if low < high:
            return Scale(low, high, name=f"{low:g}-{high:g}", declared=True)
    elif said in ("percent", "%"):
        return Scale(0.0, 100.0, name="percent", declared=True)
    elif said == "words":
        return Scale(words={}, name="words", declared=True)
    elif "," in said:
        words = [_folded(word) for word in said.split(",")]
        if len(words) > 1 and all(words) and len(set(words)) == len(words):
            return Scale(words=_ladder(words), name=said, declared=True)
    raise InputError(
        f"there is no scale '{text}'; a scale is 0-1, 1-5, 1-7 or the like, percent, words, or your own "
        "words "
        "from lowest to highest with commas between them"
    )


def _ladder(words: Sequence[str]) -> dict[str, float]:
    return {word: step / (len(words) - 1) for step, word in enumerate(words)}


def scale_of(cells: Sequence[Cell], declared: Scale | None, option: str) -> Scale:
    """Find the scale that answers were given on.

    Parameters
    ----------
    cells
        Every answer; missing ones are passed over.
    declared
        What the user said, if anything.
    option
        The option with which it is said.

    Raises
    ------
    InputError
        If the answers do not show it.
    """
    answers = [cell for cell in cells if not is_missing(cell)]
    if declared is not None and declared.words != {}:
        return declared
    words = [_folded(cell) for cell in answers if isinstance(cell, str) and number_in(cell) is None]
    if declared is not None or len(words) > len(answers) / 2:
        return _scale_of_words(words, option)
    values = [
        found.value for cell in answers if (found := number_in(cell)) is not None and found.how != "percent"
    ]
    if not values or (min(values) >= 0 and max(values) <= 1 and max(values) > 0):
        if values and all(value == 1 for value in values) and len(values) > 1:
            raise InputError(
                "every answer is 1, which could be the top of 0-1 or the bottom of 1-5; say which with "
                f"{option}"
            )
        return Scale()
    whole = all(value == int(value) for value in values)
    for low, high in GUESSES:
        if min(values) >= low and max(values) <= high and (whole or high > 10 or max(values) > 1):
            return Scale(low, high, name=f"{low:g}-{high:g}")
    if min(values) == max(values) == 0:
        return Scale()
    worst = [value for value in values if not 0 <= value <= 100]
    raise InputError(
        f"answers run from {min(values):g} to {max(values):g}, which is no usual scale"
        f"{' (' + format(worst[0], 'g') + ' is odd)' if worst else ''}; say which with {option}"
    )


def _scale_of_words(words: Sequence[str], option: str) -> Scale:
    best: tuple[int, dict[str, float]] = (0, {})
    for ladder in _LADDERS:
        numbers = _ladder([_folded(word) for word in ladder])
        numbers |= {other: numbers[word] for other, word in _ALIKE.items() if word in numbers}
        known = sum(word in numbers for word in words)
        if known > best[0]:
            best = (known, numbers)
    if best[0] < max(1, len(words) // 2):
        some = ", ".join(f"'{word[:30]}'" for word in list(dict.fromkeys(words))[:5])
        raise InputError(
            f"answers such as {some} are words of no known scale; give them from lowest to highest, as "
            f"{option} 'never,rarely,sometimes,often'"
        )
    used = {word: number for word, number in best[1].items() if word in set(words)}
    rest = {word: number for word, number in best[1].items() if word not in used}
    return Scale(words=used | rest, name="words")
