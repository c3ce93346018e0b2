"""The plausible parameter sets: those that met all calibrated patterns, kept with the package."""

from __future__ import annotations

import csv
import tomllib
from importlib import resources
from typing import Any

DATA = resources.files("collabsim") / "data"


def plausible() -> list[dict[str, float]]:
    """Return the parameter sets under which the model shows all patterns that it was calibrated on.

    Each is overrides of the defaults, most central first. A conclusion that holds under few of them hangs on
    values that nobody has measured.

    Examples
    --------
    >>> from collabsim.study import plausible
    >>> sorted(plausible()[0])[:2]
    ['contact_fade', 'contact_gain']
    """
    lines = (DATA / "plausible.csv").read_text(encoding="utf-8").splitlines()
    return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(lines)]


def plausible_record() -> dict[str, Any]:
    """Return how the plausible sets were found: space, points, tolerance, and the share that passed."""
    return tomllib.loads((DATA / "plausible.toml").read_text(encoding="utf-8"))
