"""Where a result comes from: the scenario as a record, and the machine, versions and code that ran it.

What identifies a result (scenario, rules, plan) is kept apart from what varies between machines
(:func:`circumstances`): only the former may be compared or committed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import collabsim
from collabsim.parameters import PARAMETERS
from collabsim.practices import PRACTICES
from collabsim.programmes import Entry
from collabsim.scenario import Scenario

PACKAGES = ("numpy", "numba", "llvmlite", "pandas", "pyarrow", "scipy", "matplotlib")
"""Whose versions are noted."""


def canonical(document: Any) -> str:
    """Write a document as JSON in one way only, for hashing."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(document: Any) -> str:
    """Return 64 hexadecimal digits of a document's canonical form."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def scenario_record(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario in the shape that :meth:`Scenario.from_dict` reads.

    The partnership stands in it by name; one of the user's own files is found again only where that name
    leads to it.
    """
    record: dict[str, Any] = {"name": scenario.name}
    if scenario.title:
        record["title"] = scenario.title
    if scenario.description:
        record["description"] = scenario.description
    record |= {
        "partnership": scenario.partnership.name,
        "months": scenario.months,
        "support": list(scenario.support),
    }
    if scenario.parameters:
        record["parameters"] = dict(scenario.parameters)
    if scenario.programme:
        record["programme"] = _lines("practice", scenario.programme)
    if scenario.shocks:
        record["shock"] = _lines("kind", scenario.shocks)
    if costs := scenario.costs.table():
        record["costs"] = costs
    return record


def _lines(kind: str, entries: Iterable[Entry]) -> list[dict[str, Any]]:
    lines = []
    for entry in entries:
        line: dict[str, Any] = {kind: entry.mover, "from_month": entry.from_month, "to_month": entry.to_month}
        line["strength"] = entry.strength
        if entry.who is not None:
            line["with"] = list(entry.who)
        lines.append(line)
    return lines


def scenario_identity(scenario: Scenario) -> str:
    """Hash all of a scenario that matters to its runs: 64 hexadecimal digits.

    Parameters count by value, defaults among them, so that an edited default is another scenario. What it
    is called does not count.
    """
    record = scenario_record(scenario)
    for word in ("name", "title", "description"):
        record.pop(word, None)
    costs = {name: days for name, days in record.pop("costs", {}).items() if name in PRACTICES}
    if costs:
        record["costs"] = costs
    record["partnership"] = scenario.partnership.identity()
    record["parameters"] = {
        name: float(scenario.parameters.get(name, parameter.default))
        for name, parameter in PARAMETERS.items()
    }
    return digest(record)


def circumstances() -> dict[str, Any]:
    """Return what varies between machines and days: versions, git state, machine, command line and time."""
    return {
        "collabsim": collabsim.__version__,
        "python": platform.python_version(),
        "versions": versions(),
        "git": git_state(),
        "machine": {
            "system": platform.system(),
            "release": platform.release(),
            "architecture": platform.machine(),
            "cores": os.cpu_count(),
        },
        "command": sys.argv,
        "time": now(),
    }


def now() -> str:
    """Return the time, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """Return the versions of the packages that take part, as far as they are installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def git_state() -> dict[str, Any] | None:
    """Return the commit that the package's own files are at and whether they are changed.

    Returns
    -------
    dict or None
        ``commit`` (None before the first) and ``changed``; None where the package is not in a repository.
    """
    folder = Path(collabsim.__file__).parent

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=20, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    if git("ls-files", "--error-unmatch", "__init__.py") is None and git("rev-parse", "--git-dir") is None:
        return None
    status = git("status", "--porcelain", "--", ".")
    return {"commit": git("rev-parse", "HEAD"), "changed": bool(status)}
