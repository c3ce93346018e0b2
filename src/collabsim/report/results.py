"""Results that are kept: the same result is the same files, and writing it again touches none of them.

Tables are CSV with six significant digits, and Parquet with the same values. Figures are drawn from the
tables as written, and drawn again only if these, or the code that draws, have changed. The manifest holds
what identifies the result and nothing that varies: no time, host, absolute path or version of anything
else; those are in ``run.json``, which is not for keeping.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import collabsim
from collabsim.practices import PRACTICES
from collabsim.scenario import Scenario
from collabsim.schedule import Schedule
from collabsim.study.provenance import circumstances, digest, now, scenario_identity

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6
MANIFEST, VARIES = "manifest.json", "run.json"


class Kept:
    """A folder of tables and figures, written so that what has not changed is not touched.

    Parameters
    ----------
    folder
        Where to.
    manifest
        What identifies them: nothing that varies between two runs of the same.
    """

    def __init__(self, folder: str | Path, manifest: Mapping[str, Any]) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.manifest: dict[str, Any] = {**manifest, "tables": {}, "figures": {}}
        self._before = self._read_manifest()
        self._frames: dict[str, pd.DataFrame] = {}
        self._begun = time.monotonic()

    def _read_manifest(self) -> Mapping[str, Any]:
        try:
            found = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def table(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Write a table as ``name.csv`` and ``name.parquet`` and return it as written, rounded."""
        frame = rounded(frame)
        text = csv_text(frame)
        write_changed(self.folder / f"{name}.csv", text.encode())
        self.frame(name, frame)
        self.manifest["tables"][f"{name}.csv"] = hashlib.sha256(text.encode()).hexdigest()
        self._frames[name] = frame
        return frame

    def frame(self, name: str, frame: pd.DataFrame) -> None:
        """Write ``name.parquet`` unless one of the same values is there; not entered in the manifest."""
        import pandas as pd

        path = self.folder / f"{name}.parquet"
        try:
            if path.exists() and pd.read_parquet(path).equals(frame):
                return
        except (OSError, ValueError):
            pass  # what cannot be read is replaced
        file = io.BytesIO()
        frame.to_parquet(file, index=False)
        write_changed(path, file.getvalue())

    def figure(self, name: str, draw: Callable[..., Any], *tables: str, **options: Any) -> None:
        """Draw ``name.png`` and ``name.svg`` from tables already written, unless nothing has changed.

        Parameters
        ----------
        name
            Of the files.
        draw
            A function of :mod:`collabsim.report.figures`.
        *tables
            Names of the tables it takes, in order.
        **options
            What else it takes; JSON values.
        """
        parts = {
            "tables": [self.manifest["tables"][f"{table}.csv"] for table in tables],
            "function": f"{draw.__module__}.{draw.__qualname__}",
            "options": options,
            "code": _drawing_code(),
            "titles": {practice: record.title for practice, record in PRACTICES.items()},
        }
        key = digest(parts)
        self.manifest["figures"][name] = key
        files = [self.folder / f"{name}.{kind}" for kind in ("png", "svg")]
        if self._before.get("figures", {}).get(name) == key and all(file.exists() for file in files):
            return
        from collabsim.report.style import drawn

        for file, data in zip(
            files, drawn(draw, *(self._frames[table] for table in tables), **options), strict=True
        ):
            write_changed(file, data)

    def finish(self) -> Path:
        """Write the manifest, remove what an earlier version of the result had and this has not.

        Returns
        -------
        pathlib.Path
            The folder.
        """
        for name in self._before.get("tables", {}):
            if name not in self.manifest["tables"]:
                (self.folder / name).unlink(missing_ok=True)
                (self.folder / name).with_suffix(".parquet").unlink(missing_ok=True)
        for name in self._before.get("figures", {}):
            if name not in self.manifest["figures"]:
                for kind in ("png", "svg"):
                    (self.folder / f"{name}.{kind}").unlink(missing_ok=True)
        write_changed(self.folder / MANIFEST, _json(self.manifest))
        varies = circumstances() | {"seconds": round(time.monotonic() - self._begun, 1), "finished": now()}
        write_changed(self.folder / VARIES, _json(varies))
        return self.folder


class Results(Kept):
    """The results of an experiment.

    Parameters
    ----------
    name
        The experiment.
    folder
        Where to.
    plan
        What was run, as a record.
    scenario
        What it started from.
    schedule
        Its rules.
    seed
        Whose worlds.
    command
        What runs it again.
    """

    def __init__(
        self,
        name: str,
        folder: str | Path,
        *,
        plan: Any,
        scenario: Scenario,
        schedule: Schedule,
        seed: int,
        command: str,
    ) -> None:
        super().__init__(
            folder,
            {
                "experiment": name,
                "collabsim": collabsim.__version__,
                "command": command,
                "seed": seed,
                "scenario_identity": scenario_identity(scenario),
                "rules_identity": schedule.identity,
                "plan": plan,
            },
        )


def _json(document: Any) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _drawing_code() -> str:
    """Hash the text of what draws figures."""
    here = Path(__file__).parent
    text = b"".join(file.read_bytes().replace(b"\r\n", b"\n") for file in sorted(here.glob("*figures.py")))
    text += (here / "style.py").read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(text).hexdigest()


def write_changed(path: Path, data: bytes) -> bool:
    """Write a file, whole or not at all, unless it says the same already.

    Returns
    -------
    bool
        Whether it was written.
    """
    if path.exists() and path.read_bytes() == data:
        return False
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return True


def shown(value: Any) -> str:
    """Return a value as it stands in a CSV: six significant digits, missing as nothing."""
    if value is None or (isinstance(value, float | np.floating) and math.isnan(value)):
        return ""
    if isinstance(value, float | np.floating):
        return f"{float(value) + 0.0:.{DIGITS}g}"
    return str(value)


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its real numbers rounded to six significant digits."""
    import pandas as pd

    columns = {}
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_float_dtype(column):
            values = [float(shown(value) or "nan") + 0.0 for value in column.tolist()]
            columns[name] = pd.Series(values, dtype="float64")
        else:
            columns[name] = column.reset_index(drop=True)
    return pd.DataFrame(columns)


def csv_text(frame: pd.DataFrame) -> str:
    """Return a table as CSV, lines ending in LF."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(frame.columns)
    for row in zip(*(frame[name].tolist() for name in frame.columns), strict=True):
        writer.writerow([shown(value) for value in row])
    return file.getvalue()
