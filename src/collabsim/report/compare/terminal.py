"""What a comparison says on a terminal: the words of page one, in lines of at most 80 columns."""

from __future__ import annotations

import textwrap

from collabsim.report.compare.document import findings_of
from collabsim.study.compare.comparison import Comparison

WIDTH = 80


def finding_lines(comparison: Comparison) -> list[str]:
    """Return the scenarios, what a reader should know about them, and what was found."""
    lines = []
    for option in comparison.options:
        lines += textwrap.wrap(f"{option.letter}  {option.title}", WIDTH, subsequent_indent="   ")
    for notice in comparison.options.notices:
        lines += textwrap.wrap(f"notice: {notice}", WIDTH)
    for finding in findings_of(comparison):
        lines += ["", finding.heading, *_inset(finding.text)]
        if finding.sure:
            lines += _inset(f"How sure: {finding.sure}")
    return lines


def _inset(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
