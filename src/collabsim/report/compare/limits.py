"""What the model can and cannot support, in the short words that every report carries."""

from __future__ import annotations

from importlib import resources


def limits_words() -> str:
    """Return the short statement, that of docs/limits.md."""
    text = (resources.files("collabsim") / "data" / "limits.txt").read_text(encoding="utf-8")
    return " ".join(text.split())
