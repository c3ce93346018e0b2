"""An analysis written down: tables, figures and a summary in plain words, all of them or none."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import collabsim
from collabsim.errors import InputError
from collabsim.report import analysis_figures as figures
from collabsim.report.results import MANIFEST, Kept, write_changed
from collabsim.study.analysis import Analysis
from collabsim.study.replication import WITHIN
from collabsim.study.swept import Swept, outcome_title

SUMMARY = "summary.txt"


def write(made: Analysis, swept: Swept, out: str | Path, arrow: bool = False) -> Path:
    """Write an analysis to a folder.

    Parameters
    ----------
    made
        What was found.
    swept
        In which sweep.
    out
        Where to: a new or empty folder, or one that an analysis wrote.
    arrow
        Also write each table, and all runs, as Arrow files (``.arrow``, Feather version 2), and the runs
        as ``runs.csv``: for R and others.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds other things.
    """
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"'{folder}' is a file, not a folder for an analysis")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / SUMMARY).exists():
        raise InputError(f"the folder '{folder}' holds other files; name a new or empty one with --out")
    kept = Kept(folder, _identity(made, swept))
    for name, frame in made.tables.items():
        kept.table(name, frame)
    for name, draw, tables, options in _drawn(made):
        kept.figure(name, draw, *tables, **options)
    if arrow:
        _for_others(made, swept, folder)
    write_changed(folder / SUMMARY, ("\n".join(made.findings) + "\n").encode())
    return kept.finish()


def _identity(made: Analysis, swept: Swept) -> dict[str, Any]:
    said = {name: swept.manifest.get(name) for name in ("plan", "plan_identity", "rules_identity", "seed")}
    return {
        "analysis": made.outcome,
        "collabsim": collabsim.__version__,
        "worlds": made.worlds,
        **said,
    }


def _for_others(made: Analysis, swept: Swept, folder: Path) -> None:
    """Write tables for those who read neither Parquet nor our CSV of six digits."""
    import pyarrow as pa
    import pyarrow.feather as feather
    import pyarrow.parquet as pq
    from pyarrow import csv

    for name, frame in made.tables.items():
        feather.write_feather(pa.Table.from_pandas(frame, preserve_index=False), folder / f"{name}.arrow")
    runs = pq.read_table(swept.folder / "runs.parquet")
    feather.write_feather(runs, folder / "runs.arrow")
    csv.write_csv(runs, folder / "runs.csv")


Drawing = tuple[str, Callable[..., Any], tuple[str, ...], dict[str, Any]]


def _drawn(made: Analysis) -> list[Drawing]:
    """Choose the figures of an analysis: name, function, tables and options."""
    outcome, tables = made.outcome, made.tables
    about = f"{outcome_title(outcome)}; {made.title}, mean over {made.worlds} worlds."
    found: list[Drawing] = []
    options: dict[str, Any]
    if "comparisons" in tables:
        options = {"outcome": outcome, "factors": list(made.design.factors)}
        found.append(("comparisons", figures.comparisons, ("comparisons",), options))
    if "effects" in tables:
        measure = "shapley" if "shapley" in set(tables["effects"]["measure"]) else "main"
        found.append(("effects", figures.effects, ("effects",), {"outcome": outcome, "measure": measure}))
    for name, draw in (("levels", figures.levels), ("positions", figures.positions)):
        if name in tables:
            found.append((name, draw, (name,), {"outcome": outcome}))
    if "indices" in tables and tables["indices"]["total"].notna().all():
        left = _left(made)
        luck = "" if left is None else f"\nGrey: {left:.1%} of this variance is luck, and no factor's."
        options = {"left": left, "title": "Which factors matter", "subtitle": f"{about}{luck}"}
        found.append(("indices", figures.indices, ("indices",), options))
    if "measures" in tables:
        how = "Right: moves the outcome. Up: unevenly, by curvature or with others."
        options = {"outcome": outcome, "title": "Which factors matter at all", "subtitle": f"{about}\n{how}"}
        found.append(("measures", figures.screening, ("measures",), options))
    if "importance" in tables and tables["importance"]["rank_correlation"].notna().any():
        options = {"title": "Which factors go with the outcome",
                   "subtitle": f"{about}\nHollow: cannot be told apart from nothing."}  # fmt: skip
        found.append(("importance", figures.importance, ("importance",), options))
    if "stability" in tables and tables["stability"]["variation"].notna().any():
        found.append(("worlds", figures.worlds_enough, ("stability",), {"within": WITHIN}))
    return found


def _left(made: Analysis) -> float | None:
    """Return the share of luck in the means, where it can be told."""
    if "noise" not in made.tables:
        return None
    left = float(made.tables["noise"].set_index("source")["share"]["left"])
    return None if math.isnan(left) else round(left, 6)


def document(made: Analysis, folder: Path) -> dict[str, Any]:
    """Return what was found, for a machine to read: findings, and each table as rows, missing as None."""
    tables = {}
    for name, frame in made.tables.items():
        rows = frame.to_dict("records")
        tables[name] = [{str(key): _plain(value) for key, value in row.items()} for row in rows]
    return {
        "outcome": made.outcome,
        "design": made.design.name,
        "points": made.design.count,
        "worlds": made.worlds,
        "findings": made.findings,
        "tables": tables,
        "folder": str(folder),
        "manifest": str(folder / MANIFEST),
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
