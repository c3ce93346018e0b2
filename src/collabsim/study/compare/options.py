"""The scenarios that are compared: which they are, and whether comparing them makes sense."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from collabsim.errors import Faults, InputError
from collabsim.partnership import Partnership
from collabsim.scenario import Scenario
from collabsim.study.provenance import scenario_identity

LETTERS = "ABCDEFGH"
"""What scenarios are called in tables and figures, in the order given."""


@dataclass(frozen=True)
class Option:
    """One of the scenarios compared.

    Attributes
    ----------
    letter
        What it is called in tables and figures.
    scenario
        What is run.
    given
        The name or path it was given by.
    """

    letter: str
    scenario: Scenario
    given: str

    @property
    def title(self) -> str:
        """Its title, or else its name, in characters that print and on one line."""
        return printable(self.scenario.title or self.scenario.name) or "Unnamed"


@dataclass(frozen=True)
class Options:
    """The scenarios compared, made alike enough to be.

    Attributes
    ----------
    each
        The scenarios, in the order given; the first is what the others are held against.
    months
        How long all of them are run.
    notices
        What a reader should know about how they were made alike.
    """

    each: tuple[Option, ...]
    months: int
    notices: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Count them."""
        return len(self.each)

    def __iter__(self) -> Iterator[Option]:
        """Go through them in order."""
        return iter(self.each)

    @property
    def scenarios(self) -> list[Scenario]:
        """What is run."""
        return [option.scenario for option in self.each]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Every two of them as (one, other): differences are one less other, the later less the earlier."""
        return [(late, early) for early, late in combinations(range(len(self.each)), 2)]

    def named(self, pair: tuple[int, int]) -> str:
        """Return what a pair is called: ``"B - A"``."""
        return f"{self.each[pair[0]].letter} - {self.each[pair[1]].letter}"


def printable(text: str) -> str:
    """Return text without what does not print: control characters, marks of direction, line breaks."""
    kept = (letter if unicodedata.category(letter)[0] != "C" else " " for letter in text)
    return " ".join("".join(kept).split())


def options_of(given: Sequence[Any] | Mapping[str, Any]) -> Options:
    """Load the scenarios to compare, and make them alike enough to be compared.

    Runs are cut to the months that all of them have, for a run's months do not depend on how many follow.
    Partnerships may differ in ties and in how organisations start, for the worlds are then still the same
    luck for the same organisations.

    Parameters
    ----------
    given
        Two to eight names, paths or scenarios.

    Raises
    ------
    InputError
        With every fault found: too few or too many, scenarios that cannot be read, or partnerships of other
        organisations.
    """
    if not 2 <= len(given) <= len(LETTERS):
        raise InputError(f"a comparison needs 2 to {len(LETTERS)} scenarios, and {len(given)} are given")
    faults, made = Faults(), []
    for letter, one in zip(LETTERS, given, strict=False):
        try:
            name = one.name if isinstance(one, Scenario | Partnership) else str(one)
            made.append(Option(letter, Scenario.load(one), name))
        except InputError as error:
            faults.take(error)
    faults.settle()
    _same_organisations(made, faults)
    faults.settle()
    notices = []
    months = min(option.scenario.months for option in made)
    if any(option.scenario.months != months for option in made):
        lengths = ", ".join(f"{option.letter} {option.scenario.months}" for option in made)
        notices.append(
            f"The scenarios are of different length (months: {lengths}). All are compared over the first "
            f"{months} months, which they share."
        )
    made = [replace(option, scenario=replace(option.scenario, months=months)) for option in made]
    made = _shared_partnerships(made)
    if len({id(option.scenario.partnership) for option in made}) > 1:
        notices.append(
            "The scenarios have the same organisations, but not the same ties or starting values. Differences"
            " between them are due to that as well as to their programmes."
        )
    notices += _alike(made)
    return Options(tuple(made), months, tuple(notices))


def _same_organisations(made: Sequence[Option], faults: Faults) -> None:
    """Refuse partnerships of other organisations than the first's."""
    first = made[0].scenario.partnership
    for option in made[1:]:
        other = option.scenario.partnership
        if len(other) != len(first):
            faults.add(
                f"'{option.given}' is about {len(other)} organisations and '{made[0].given}' about "
                f"{len(first)}: results of unlike partnerships are not comparable, so compare scenarios of "
                "one partnership"
            )
        elif list(other.names) != list(first.names):
            strange = next(one for one, two in zip(other.names, first.names, strict=True) if one != two)
            faults.add(
                f"'{option.given}' is about other organisations than '{made[0].given}', or has them in "
                f"another order (the first that differs is '{strange}'): compare scenarios of one partnership"
            )


def _shared_partnerships(made: Sequence[Option]) -> list[Option]:
    """Give scenarios of equal partnerships the same one, so that they are run together."""
    known: dict[str, Any] = {}
    return [
        replace(
            option,
            scenario=replace(
                option.scenario,
                partnership=known.setdefault(
                    option.scenario.partnership.identity(), option.scenario.partnership
                ),
            ),
        )
        for option in made
    ]


def _alike(made: Sequence[Option]) -> list[str]:
    """Say which scenarios are the same under two names."""
    seen: dict[str, str] = {}
    said = []
    for option in made:
        first = seen.setdefault(scenario_identity(option.scenario), option.letter)
        if first != option.letter:
            said.append(f"{first} and {option.letter} are the same scenario.")
    return said
