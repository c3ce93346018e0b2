"""Writing a report: one HTML file, Markdown or Word, and its tables as CSV beside it."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabsim.errors import InputError
from collabsim.report.compare.document import Report, report_of
from collabsim.report.compare.markdown import markdown_of
from collabsim.report.results import MANIFEST, csv_text, rounded, write_changed
from collabsim.report.style import drawn_as
from collabsim.schedule import SCHEDULE
from collabsim.study.compare.comparison import Comparison
from collabsim.study.compare.options import Options
from collabsim.study.provenance import scenario_identity, scenario_record

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("html", "md", "docx")

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell must not begin with, or a spreadsheet takes it for a formula."""

PLAYER = "play.html"
"""The file in which the scenarios can be played month by month."""

KIND = "collabsim comparison"
"""What the manifest of such a folder says it is."""


def files_of(
    comparison: Comparison, command: str, form: str = "html", *, play: bool = False
) -> dict[str, bytes]:
    """Return the files of a report by name; the same comparison gives the same bytes.

    Parameters
    ----------
    comparison
        Everything worked out.
    command
        What runs it again.
    form
        One of :data:`FORMATS`.
    play
        Whether :data:`PLAYER` is among them. It shows every organisation's name and trust.

    Raises
    ------
    InputError
        If the scenarios cannot be played side by side, or a package is missing for the form.
    """
    report = report_of(comparison, command)
    document = replace(report.document, player=PLAYER) if play else report.document
    report = replace(report, document=document)
    pictures = pictures_of(report, "svg" if form == "html" else "png")
    files = {
        f"{name}.csv": csv_text(plain_cells(rounded(table))).encode()
        for name, table in comparison.tables.items()
    }
    if play:
        files[PLAYER] = player_of(comparison).encode()
    if form == "html":
        from collabsim.report.compare.html import html_of

        files["report.html"] = html_of(report.document, pictures).encode()
    elif form == "md":
        files |= {f"{name}.png": picture for name, picture in pictures.items()}
        files["report.md"] = markdown_of(report.document).encode()
    else:
        files["report.docx"] = _docx(report, pictures)
    files[MANIFEST] = manifest_of(comparison, command, files)
    return files


def player_of(comparison: Comparison) -> str:
    """Return the page in which each scenario plays beside the first, in the first of their worlds.

    Raises
    ------
    InputError
        If they start from other ties, or there is more than a page can show.
    """
    from collabsim.player.export import exported_comparison

    first, *others = comparison.options.scenarios
    labels = [f"{option.letter}: {option.title}" for option in comparison.options]
    return exported_comparison(first, others, labels, seed=comparison.runs.seed)


def check_playable(options: Options) -> None:
    """Refuse scenarios that no page can show side by side, before anything is run.

    Raises
    ------
    InputError
        If they start from other ties, or there is more than a page can show.
    """
    from collabsim.player.trajectory import check_alike, check_size

    check_size(options.scenarios[0])
    check_alike(options.scenarios)


def pictures_of(report: Report, kind: str) -> dict[str, bytes]:
    """Draw the pictures, as ``"svg"`` or ``"png"``."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        return {name: drawn_as(kind, draw) for name, draw in report.figures.items()}


def _docx(report: Report, pictures: Mapping[str, bytes]) -> bytes:
    try:
        from collabsim.report.compare.word import word_of
    except ModuleNotFoundError:
        raise InputError(
            "--format docx needs the package python-docx: pip install 'collabsim[docx]'; html and md need"
            " nothing more"
        ) from None
    return word_of(report.document, pictures)


def plain_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose text no spreadsheet takes for a formula: such a cell begins with an apostrophe."""
    return table.map(lambda cell: f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell)


def manifest_of(comparison: Comparison, command: str, files: Mapping[str, bytes]) -> bytes:
    """Return what identifies the comparison, and nothing that varies between machines and days."""
    import collabsim

    runs, models = comparison.runs, comparison.models
    document: dict[str, Any] = {
        "kind": KIND,
        "collabsim": collabsim.__version__,
        "command": command,
        "seed": runs.seed,
        "worlds": runs.worlds,
        "outcome": runs.outcome,
        "models": 0 if models is None else len(models.sets),
        "model_worlds": 0 if models is None else models.worlds,
        "rules_identity": SCHEDULE.identity,
        "scenarios": {
            option.letter: {"identity": scenario_identity(option.scenario)} | scenario_record(option.scenario)
            for option in comparison.options
        },
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def short_path(name: str) -> str:
    """Return a path as it is seen from here, or its last part where it lies elsewhere."""
    if not os.path.isabs(name):
        return name
    near = os.path.relpath(name)
    return Path(name).name if near.startswith("..") else near


def check_folder(path: Path, said: str = "--out") -> None:
    """Refuse a folder that holds anything but an earlier comparison; ``said`` is what it was given by.

    Raises
    ------
    InputError
        If it is a file, or holds other files.
    """
    if path.exists() and not path.is_dir():
        raise InputError(f"{said}: '{path}' is a file, not a folder")
    if path.exists() and any(path.iterdir()) and _before(path) is None:
        raise InputError(f"{said}: the folder '{path}' holds other files; name a new or empty one")


def _before(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("kind") == KIND else None


def write_files(path: Path, files: Mapping[str, bytes]) -> None:
    """Write the files, each whole or not at all; what has not changed is not touched.

    The manifest comes last, and files of an earlier comparison that this one has not are removed.
    """
    check_folder(path)
    before = (_before(path) or {}).get("files", {})
    path.mkdir(parents=True, exist_ok=True)
    for name in sorted(files, key=lambda name: (name == MANIFEST, name)):
        write_changed(path / name, files[name])
    for name in before:
        if name not in files and Path(name).name == name:
            (path / name).unlink(missing_ok=True)
