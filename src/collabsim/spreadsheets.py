"""Text that a spreadsheet would run as a formula, written so that it does not.

A name such as ``=HYPERLINK(...)`` in a CSV file is run by the program that opens it. With an apostrophe
before it, it is shown as the text it is.
"""

from __future__ import annotations

from typing import Any

STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """Return a text as it may stand in a CSV file."""
    return (
        f"'{text}" if text.startswith(STARTS) or (text[:1] == "'" and text[1:].startswith(STARTS)) else text
    )


def plain_cell(text: str) -> str:
    """Return the text that :func:`safe_cell` was given."""
    return text[1:] if text[:1] == "'" and text[1:].lstrip("'").startswith(STARTS) else text


def safe_frame(frame: Any) -> Any:
    """Return a table whose texts may stand in a CSV file; the table given stays as it is."""
    import pandas as pd

    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    safe = {
        name: frame[name].map(lambda cell: safe_cell(cell) if isinstance(cell, str) else cell)
        for name in texts
    }
    return frame.assign(**safe)
