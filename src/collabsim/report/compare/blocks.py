"""What a report is made of, before it is written as HTML, Markdown or Word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from collabsim.report.compare.words import Finding


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 or 3, and the anchor that leads to it."""

    text: str
    level: int = 2
    anchor: str = ""
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``lead`` is set off before it."""

    text: str
    lead: str = ""
    style: str = ""
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: Sequence[str]
    style: str = ""
    kind: str = field(default="bullets", init=False)


@dataclass(frozen=True)
class Findings:
    """What was found, and beside each finding how sure it is."""

    items: Sequence[Finding]
    kind: str = field(default="findings", init=False)


@dataclass(frozen=True)
class Picture:
    """A figure by name, with what it shows in words for those who cannot see it."""

    name: str
    alt: str
    caption: str
    kind: str = field(default="picture", init=False)


@dataclass(frozen=True)
class Table:
    """A table of words and numbers; the first cell of a row is its heading.

    Attributes
    ----------
    caption
        What it shows.
    header, rows
        Cells as they are to be read; columns after ``words`` hold numbers.
    words
        How many columns at the left hold words.
    file
        The CSV with the same and more, or nothing.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1
    file: str = ""
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Code:
    """Text to be typed or kept as it stands."""

    text: str
    label: str
    kind: str = field(default="code", init=False)


Block = Heading | Paragraph | Bullets | Findings | Picture | Table | Code


@dataclass(frozen=True)
class Document:
    """A report: its title, what stands below it, its blocks in order, and the file that plays it, if any."""

    title: str
    subtitle: Sequence[str]
    blocks: Sequence[Block]
    player: str = ""
