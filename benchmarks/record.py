"""Where benchmarks write to, and on what machine they ran: here that is meant to be recorded."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabsim.compiled import RULES_TEXT_HASH
from collabsim.report.results import csv_text, rounded, write_changed
from collabsim.report.style import drawn
from collabsim.study.provenance import versions

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent.parent / "results" / "benchmarks"


def peak_megabytes() -> float:
    """Return the most memory this process has held, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says there includes the process that started this one
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def load() -> float:
    """Return how many processes wanted to run, on average of the last minute."""
    return os.getloadavg()[0]


def machine() -> dict[str, Any]:
    """Describe the machine and the versions that benchmarks ran on."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), name)
    try:
        gcc = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        gcc = ""
    return {
        "processor": name,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "compiler": gcc.splitlines()[0] if gcc else None,
        "versions": versions() | {"mesa": metadata.version("mesa")},
        "rules": RULES_TEXT_HASH[:16],
    }


def write(name: str, frame: pd.DataFrame, draw: Callable[..., Any] | None = None, **facts: Any) -> None:
    """Write a table, what ran it, and its figure.

    Parameters
    ----------
    name
        Of the files.
    frame
        The table.
    draw
        A function of :mod:`collabsim.report.benchmark_drawings` that takes it.
    **facts
        What else belongs into ``machine.json`` beside this table.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    frame = rounded(frame)
    write_changed(FOLDER / f"{name}.csv", csv_text(frame).encode())
    file = FOLDER / "machine.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    known[name] = machine() | facts
    write_changed(file, (json.dumps(known, indent=2) + "\n").encode())
    if draw is not None:
        for kind, data in zip(("png", "svg"), drawn(draw, frame), strict=True):
            write_changed(FOLDER / f"{name}.{kind}", data)
    print(frame.to_string(index=False), flush=True)
