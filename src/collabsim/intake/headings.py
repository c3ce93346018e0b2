"""Headings to fields: as they stand, by synonym, by nearest spelling, by a word in a question."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from collabsim.errors import nearest
from collabsim.intake.cells import Cell, shown
from collabsim.partnership_tables import BOUNDS

ORGANISATION_FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("organisation", "organization", "organisation name", "organization name", "name of organisation",
             "agency", "agency name", "body", "partner", "partner name", "member", "label", "provider"),
    "sector": ("type", "kind", "category", "group", "organisation type", "organization type", "sector type",
               "type of organisation", "kind of organisation", "agency type"),
    "size": ("staff", "employees", "headcount", "fte", "wte", "workforce", "number of staff", "no of staff",
             "staff numbers", "number of employees", "staff fte", "size staff"),
    "capacity": ("meetings a month", "meetings per month", "meeting capacity"),
    "perspective_x": ("perspective 1", "px"),
    "perspective_y": ("perspective 2", "py"),
    "mandate": ("remit",),
    "view": ("purpose view", "view of purpose"),
    "disposition": ("trust in strangers", "general trust", "propensity to trust", "trusting disposition",
                    "disposition to trust"),
    "accountability": ("effort",),
    "expectation": ("expected of others",),
    "courage": ("courageous leadership",),
    "systems_view": ("systems leadership", "systemic leadership"),
    "note": ("notes", "comment", "comments", "remarks"),
}  # fmt: skip
"""What may be known of an organisation, and what else its column may be called."""

TIE_FIELDS: dict[str, tuple[str, ...]] = {
    "from": ("source", "respondent", "rater", "ego", "who", "trustor", "truster", "answered by", "sender",
             "a", "from organisation", "from organization", "organisation", "organization", "organisation 1",
             "organisation a", "your organisation", "node 1"),
    "to": ("target", "partner", "alter", "ratee", "whom", "trustee", "rated", "about", "to organisation",
           "to organization", "other organisation", "organisation 2", "organisation b", "b", "receiver",
           "partner organisation", "node 2"),
    "trust": ("trust score", "trust level", "trust rating", "rating of trust", "how much do you trust them"),
    "contact": ("strength", "weight", "collaboration", "collaboration strength", "strength of collaboration",
                "strength of tie", "tie strength", "strength of contact", "frequency", "frequency of contact",
                "closeness", "intensity", "value"),
    "note": ("notes", "comment", "comments", "remarks"),
}  # fmt: skip
"""What may be known of a tie, and what else its column may be called."""

_WORDS = {
    "trust": ("trust", "confidence"),
    "contact": ("contact", "collaborat", "strength", "meet", "frequen"),
    "size": ("staff", "employees"),
    "sector": ("sector",),
    "name": ("name of",),
}
"""Words that, in the heading of a question, say what it asks."""

CLOSE = 0.84
"""How like a known heading a misspelt one must be, from 0 to 1."""


@dataclass(slots=True)
class Matching:
    """Which column holds which field.

    Attributes
    ----------
    columns
        Field to column, from 0.
    said
        Heading and field of every match that is not plain, as text.
    unused
        Headings of columns that are not used.
    faults
        What cannot be decided.
    """

    columns: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def folded(heading: object) -> str:
    """Reduce a heading to its words: case, punctuation and underscores do not count."""
    return re.sub(r"[\W_]+", " ", str(heading).casefold()).strip()


def _likeness(heading: str, known: str, synonyms: Sequence[str]) -> float:
    """Say how surely a heading means a field: 4 itself, 3 a synonym, 1 to 2 by spelling or a word, 0 not."""
    if heading == folded(known):
        return 4.0
    if heading in synonyms:
        return 3.0
    ratio = max(_likeness_of(heading, other) for other in (folded(known), *synonyms))
    if len(heading) > 3 and any(_swapped(heading, other) for other in (folded(known), *synonyms)):
        ratio = max(ratio, CLOSE)
    if ratio >= CLOSE and len(heading) > 3:
        return 1.0 + ratio / 2
    return 1.0 if any(word in heading for word in _WORDS.get(known, ())) else 0.0


def _likeness_of(one: str, other: str) -> float:
    """Say how alike two texts are, 0 to 1; 0 at once where their lengths rule it out."""
    if 2 * min(len(one), len(other)) < CLOSE * (len(one) + len(other)):
        return 0.0
    return difflib.SequenceMatcher(None, one, other).ratio()


def _swapped(one: str, other: str) -> bool:
    """Whether two words differ in two neighbouring letters having changed places."""
    apart = [place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]]
    neighbours = len(apart) == 2 and apart[1] == apart[0] + 1
    return neighbours and sorted(one) == sorted(other)


def match(
    header: Sequence[Cell], fields: Mapping[str, Sequence[str]], declared: Mapping[str, str] | None = None
) -> Matching:
    """Match headings to fields.

    Parameters
    ----------
    header
        The cells of the heading row.
    fields
        Each field with what else it may be called.
    declared
        Heading to field, as the user said; the field ``"-"`` means none.

    Returns
    -------
    Matching
    """
    made = Matching()
    names = ["" if cell is None else folded(shown(cell).strip("'")) for cell in header]
    wanted = {folded(heading): name for heading, name in (declared or {}).items()}
    free = [place for place, name in enumerate(names) if name and wanted.get(name, "") != "-"]
    for place in list(free):
        name = wanted.get(names[place], "")
        if name in fields:
            made.columns[name] = place
            made.said.append(f"{shown(header[place])} is {name}")
            free.remove(place)
    scores = {
        (place, name): _likeness(names[place], name, synonyms)
        for place in free
        for name, synonyms in fields.items()
        if name not in made.columns
    }
    while scores:
        best = max(scores.values())
        if best == 0:
            break
        (place, name), *others = [pair for pair, score in scores.items() if score == best]
        rivals = [other for other, also in others if also == name and other != place]
        if rivals and best < 4:
            both = " and ".join(shown(header[one]) for one in (place, *rivals))
            made.faults.append(
                f"the columns {both} could each be '{name}'; say which with --column 'HEADING={name}'"
            )
        elif rivals:
            made.faults.append(f"the column '{name}' is there {len(rivals) + 1} times")
        made.columns[name] = place
        if best < 4:
            made.said.append(f"{shown(header[place])} is {name}")
        scores = {pair: score for pair, score in scores.items()
                  if place not in pair and name not in pair and pair[0] not in rivals}  # fmt: skip
        free = [one for one in free if one != place and one not in rivals]
    used = set(made.columns.values())
    made.unused = [shown(header[place]) for place, name in enumerate(names) if name and place not in used]
    return made


def check_declared(declared: Sequence[str]) -> dict[str, str]:
    """Read ``HEADING=FIELD`` words.

    Raises
    ------
    InputError
        Naming each that is not of this form, or names no field.
    """
    from collabsim.errors import Faults

    faults, found = Faults(), {}
    known = [*ORGANISATION_FIELDS, *TIE_FIELDS, "-"]
    for word in declared:
        heading, equals, name = word.rpartition("=")
        if not equals or not heading.strip():
            faults.add(f"--column needs HEADING=FIELD, not '{word}'")
        elif name.strip() not in known:
            faults.add(
                f"--column: there is no field '{name.strip()}'{nearest(name.strip(), dict.fromkeys(known))}"
            )
        else:
            found[heading.strip()] = name.strip()
    faults.settle()
    return found


SHARES = tuple(name for name in BOUNDS if name not in ("size", "capacity"))
"""Fields of an organisation that are numbers from 0 to 1."""
