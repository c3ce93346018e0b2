"""A report as Markdown, with its pictures as files beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from collabsim.report.compare.blocks import (
    Block,
    Bullets,
    Code,
    Document,
    Findings,
    Heading,
    Paragraph,
    Picture,
    Table,
)

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def markdown_of(document: Document) -> str:
    """Return the report as Markdown."""
    parts = [f"# {plain(document.title)}", *(plain(line) for line in document.subtitle)]
    if document.player:
        parts.append(f"[Play it, month by month]({document.player})")
    parts += [_block(block) for block in document.blocks]
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    """Return text in which nothing is read as Markdown or HTML."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {plain(block.text)}"
        case Paragraph():
            return (f"**{plain(block.lead)}** " if block.lead else "") + plain(block.text)
        case Bullets():
            return "\n".join(f"- {plain(item)}" for item in block.items)
        case Findings():
            return "\n\n".join(
                f"**{plain(item.heading)}.** {plain(item.text)}"
                + (f"\n\n> How sure: {plain(item.sure)}" if item.sure else "")
                for item in block.items
            )
        case Picture():
            return f"![{plain(block.alt)}]({block.name}.png)\n\n*{plain(block.caption)}*"
        case Table():
            return _table(
                block.caption + (f" (also in {block.file})" if block.file else ""),
                block.header,
                block.rows,
                block.words,
            )
        case Code():
            return f"{plain(block.label)}:\n\n{_fenced(block.text)}"


def _table(caption: str, header: Sequence[str], rows: Sequence[Sequence[str]], words: int) -> str:
    marks = ["---" if place < words else "---:" for place in range(len(header))]
    lines = [[plain(cell) for cell in header], marks, *([plain(cell) for cell in row] for row in rows)]
    return f"**{plain(caption)}**\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"
