"""What was given and what becomes of the rest, and what a user should know of the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collabsim.intake.organisations import Organisations
from collabsim.intake.sectors import UNSTATED
from collabsim.intake.ties import Ties, silent_of
from collabsim.partnership import Partnership

_OTHERWISE = {
    "size": "taken as 100 staff", "mandate": "drawn round its sector's", "disposition": "drawn",
    "perspective_x": "drawn round its sector's", "capacity": "follows from size", "view": "its mandate",
    "accountability": "drawn", "expectation": "its accountability", "courage": "drawn",
    "systems_view": "drawn",
}  # fmt: skip
_ALWAYS = ("size", "mandate", "disposition")


@dataclass(frozen=True, slots=True)
class Given:
    """How much of one thing was given, and what becomes of the rest."""

    what: str
    count: int
    of: int
    otherwise: str

    def __str__(self) -> str:
        """Say it in one line."""
        if self.count == self.of:
            return f"{self.what}: given for all {self.of}"
        if self.count == 0:
            return f"{self.what}: not given; {self.otherwise}"
        return f"{self.what}: given for {self.count} of {self.of}; else {self.otherwise}"


def given_of(partnership: Partnership, known: Organisations) -> list[Given]:
    """Count what was given."""
    count = len(known.entries)
    stated = sum(entry.values["sector"] != UNSTATED for entry in known.entries)
    found = [Given("sector", stated, count, "counted as one sector of its own")]
    for what, otherwise in _OTHERWISE.items():
        has = sum(what in entry.values for entry in known.entries)
        if has or what in _ALWAYS:
            found.append(Given(what.replace("perspective_x", "perspective"), has, count, otherwise))
    ties = partnership.ties
    trusts = int(sum((~np.isnan(ties[side])).sum() for side in ("trust_lower", "trust_higher")))
    found.append(
        Given("trust (each way)", trusts, 2 * len(ties), "follows from dispositions, which are drawn")
    )
    found.append(Given("contact (each pair)", int((~np.isnan(ties["contact"])).sum()), len(ties), "drawn"))
    return found


def notes_of(partnership: Partnership, known: Organisations, found: Ties) -> list[str]:
    """Say what of the whole a user should know: who is silent, without ties, or named like a formula."""
    notes = []
    silent = silent_of(found, known)
    if silent:
        more = f" and {len(silent) - 6} more" if len(silent) > 6 else ""
        notes.append(
            f"did not answer: {', '.join(silent[:6])}{more}; whom they trust is drawn, and is not "
            "taken as none"
        )
    none = int((partnership.ties["contact"] == 0).sum())
    if none:
        notes.append(
            f"{none} pairs have contact 0: they know of each other, and meet once they are introduced"
        )
    tied = {*partnership.ties["lower"].tolist(), *partnership.ties["higher"].tolist()}
    alone = [one for row, one in enumerate(partnership.names) if row not in tied]
    if alone:
        notes.append(f"without any tie: {', '.join(alone[:6])}{' ...' if len(alone) > 6 else ''}")
    formulas = [one for one in partnership.names if one[:1] in "=+-@"]
    if formulas:
        notes.append(
            f"'{formulas[0]}' begins like a formula: in tables for spreadsheets it is written with a ' "
            "before it"
        )
    return notes
