"""What commands share: numbers given as words, and documents printed for a machine to read."""

from __future__ import annotations

import json
import math
from typing import Any

from collabsim.errors import InputError
from collabsim.parameters import whole


def whole_number(text: str | None, option: str, low: int, high: int) -> int | None:
    """Read a whole number within bounds from an option; None where it was not given.

    Raises
    ------
    InputError
        Naming the option, what was found and what is allowed.
    """
    if text is None:
        return None
    try:
        number = int(text)
    except ValueError:
        raise InputError(f"{option} must be a whole number, not '{text}'") from None
    return whole(number, option, low, high)


def finite(value: float) -> float | None:
    """Return a number as JSON can hold it: None where it is missing or infinite."""
    return float(value) if math.isfinite(value) else None


def print_json(document: Any) -> None:
    """Print a document as JSON."""
    print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
