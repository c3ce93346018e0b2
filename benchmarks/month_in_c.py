"""The month in plain C, compiled here and now and called through ctypes: the yardstick."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.ensemble import Ensemble
from collabsim.outcomes import OUTCOMES
from collabsim.parameters import LEVER_DTYPE, LEVERS, PARAMETER_DTYPE
from collabsim.practices import MOVERS
from collabsim.scenario import asks_table
from collabsim.state import ENTRY_DTYPE, FIRST_BASE, START_DTYPE, TIE_DTYPE, lever_limits

SOURCE = Path(__file__).with_name("month.c")
FLAGS = ("-march=native", "-ffp-contract=off", "-fno-math-errno", "-shared", "-fPIC", "-std=gnu11")
LEVELS = ("-O2", "-O3")
MOST_ORGANISATIONS = 64
"""As in month.c."""


def compiler() -> str | None:
    """Return the C compiler, or None where there is none."""
    return shutil.which("gcc")


def _layout() -> str:
    """Write the package's records as C, so that the two cannot drift apart."""
    records = {
        "parameters": PARAMETER_DTYPE,
        "levers": LEVER_DTYPE,
        "given": START_DTYPE,
        "tie": TIE_DTYPE,
        "entry": ENTRY_DTYPE,
    }
    lines = []
    for name, record in records.items():
        fields: Any = record.fields
        members = (
            f"{'double' if fields[field][0].kind == 'f' else 'int64_t'} {field};"
            for field in record.names or ()
        )
        lines.append(f"struct {name} {{ {' '.join(members)} }};")
    counts = {"LEVERS": len(LEVERS), "MOVERS": len(MOVERS), "OUTCOMES": len(OUTCOMES)}
    counts["FIRST_BASE"] = FIRST_BASE
    lines.append(f"enum {{ {', '.join(f'{name} = {value}' for name, value in counts.items())} }};")
    return "\n".join(lines) + "\n"


class MonthInC:
    """The C month for the settings of an ensemble.

    Parameters
    ----------
    ensemble
        Whose settings; everyone must know everyone.
    level
        How hard the compiler tries, ``-O2`` or ``-O3``.
    folder
        Where the library is put.
    """

    def __init__(self, ensemble: Ensemble, level: str, folder: Path) -> None:
        n = len(ensemble.partnership)
        assert n <= MOST_ORGANISATIONS
        assert len(ensemble.partnership.ties) == n * (n - 1) // 2
        command = compiler()
        assert command is not None
        (folder / "layout.h").write_text(_layout(), encoding="utf-8")
        library = folder / f"month{level}.so"
        words = [command, level, *FLAGS, f"-I{folder}", str(SOURCE), "-o", str(library), "-lm"]
        subprocess.run(words, check=True)
        self._run = ctypes.CDLL(str(library)).run_jobs
        self._run.restype = None
        self.ensemble = ensemble
        self._tables = (
            np.ascontiguousarray(ensemble.given.params),
            np.ascontiguousarray(ensemble.given.spans),
            np.ascontiguousarray(ensemble._entries),
            np.ascontiguousarray(ensemble._coverage),
            np.ascontiguousarray(asks_table()),
            np.ascontiguousarray(lever_limits()),
            np.ascontiguousarray(ensemble.given.organisations),
            np.ascontiguousarray(ensemble.given.ties),
        )

    def run(self, jobs: Any, *, monthly: bool = False) -> tuple[Any, Any]:
        """Run jobs as the ensemble does.

        Returns
        -------
        tuple of numpy.ndarray
            (jobs, outcomes) means of the last months; (jobs, months, outcomes) or None.
        """
        jobs = np.ascontiguousarray(jobs, np.int64)
        months = self.ensemble.months
        summary = np.empty((len(jobs), len(OUTCOMES)))
        rows = np.empty((len(jobs), months, len(OUTCOMES))) if monthly else None
        params, spans, entries, coverage, asks, limits, given, ties = (
            array.ctypes.data_as(ctypes.c_void_p) for array in self._tables
        )
        size = ctypes.c_int64
        self._run(
            jobs.ctypes.data_as(ctypes.c_void_p), size(len(jobs)), params, spans, entries, coverage, asks,
            limits, given, size(len(self._tables[6])), ties, size(len(self._tables[7])), size(months),
            summary.ctypes.data_as(ctypes.c_void_p),
            None if rows is None else rows.ctypes.data_as(ctypes.c_void_p),
        )  # fmt: skip
        return summary, rows
