"""The files that come of somebody's own data: a commented scenario, and the partnership beside it."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collabsim.errors import InputError
from collabsim.intake.cells import shown, tidy

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_FORBIDDEN = '<>:"/\\|?*'


def checked_name(name: str) -> str:
    """Check that a name can be that of files on every system.

    Raises
    ------
    InputError
        If it cannot.
    """
    tidied = tidy(name)
    bad = sorted({c for c in tidied if c in _FORBIDDEN or not c.isprintable()})
    if not tidied:
        raise InputError("NAME is empty; it names the files that are written")
    if bad:
        raise InputError(
            f"NAME cannot hold {' '.join(map(repr, bad))}: it names files; give their folder with --out"
        )
    if tidied[0] in ".-" or tidied[-1] == "." or _RESERVED.fullmatch(tidied):
        raise InputError(f"{shown(tidied)} cannot be the name of files on every system; take another")
    if len(tidied.encode()) > 120:
        raise InputError(f"NAME {shown(tidied)} is too long: it names files")
    return tidied.removesuffix(".toml")


def toml_text(value: str) -> str:
    """Write a text as TOML does."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return toml_text(value)
    if isinstance(value, int | float):
        return f"{value:.0f}" if float(value).is_integer() else f"{float(value):.6g}"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_value(one)}" for name, one in value.items()) + " }"
    return "[" + ", ".join(_value(one) for one in value) + "]"


def _comment(lines: Sequence[str]) -> str:
    return "".join(
        f"# {''.join(c if c.isprintable() else '?' for c in line)}".rstrip() + "\n" for line in lines
    )


def partnership_text(data: Mapping[str, Any], said: Sequence[str]) -> str:
    """Write a partnership file.

    Parameters
    ----------
    data
        What it holds.
    said
        What its first lines say, as comments.
    """
    parts = [_comment(said)]
    for name in ("name", "title", "description", "ties", "survey_error"):
        if name in data:
            parts.append(f"{name} = {_value(data[name])}\n")
    for name in ("sector", "organisation", "tie"):
        if name in data:
            lines = "".join(f"    {_value(one)},\n" for one in data[name])
            parts.append(f"\n{name} = [\n{lines}]\n")
    return "".join(parts)


_SCENARIO = """\
# A scenario: who, what is done, what happens, and how long. Lines that begin with # say something or
# are switched off; take the # away to use them. Then:
#   collabsim check {file}
#   collabsim run {file}

name = {name}
title = {title}
partnership = {partnership}
months = 72                            # how long a run is

# What is done: any number of entries. 'collabsim list practices' names the six practices.
# [[programme]]
# practice = "building_trust"
# from_month = 6                       # first month it runs (months count from 0)
# to_month = 42                        # first month it no longer runs
# strength = 1.0                       # 0 to 1
# with = [{with_}]    # sectors or names; leave it out for everyone

# What happens to it: 'austerity' or 'leadership_churn'.
# [[shock]]
# kind = "austerity"
# from_month = 24
# to_month = 48

# Any parameter in place of its default. 'collabsim list parameters' names them.
# [parameters]
# cost = 0.12
"""


def scenario_text(
    name: str, title: str, partnership_file: str, data: Mapping[str, Any], more: str = ""
) -> str:
    """Write a scenario file that a person can edit.

    Parameters
    ----------
    name, title
        What it is called.
    partnership_file
        The partnership beside it.
    data
        What that holds, for the examples.
    more
        Tables to be put at the end.
    """
    sectors = list(dict.fromkeys(one["sector"] for one in data["organisation"]))[:2]
    text = _SCENARIO.format(
        file=f'"{name}.toml"' if re.search(r"\s", name) else f"{name}.toml",
        name=toml_text(name), title=toml_text(title or name), partnership=toml_text(partnership_file),
        with_=", ".join(toml_text(sector) for sector in sectors),
    )  # fmt: skip
    return text + (f"\n{more}" if more else "")


def write_files(
    folder: Path, files: Mapping[str, bytes], force: bool, apart: Mapping[Path, bytes] | None = None
) -> None:
    """Write files, all of them or none.

    Parameters
    ----------
    folder
        Where; made if it is not there.
    files
        Content by name.
    force
        Whether files that are there may be replaced.
    apart
        Files that lie elsewhere, content by path; they may be replaced.

    Raises
    ------
    InputError
        If one is there and may not be replaced, or the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out: '{folder}' is a file, not a folder")
    there = [name for name in files if (folder / name).exists()]
    if there and not force:
        raise InputError(
            f"{', '.join(there)}: there already in '{folder}'; take another name, or say --force to replace"
        )
    if any((folder / name).is_dir() for name in there):
        raise InputError(
            f"'{folder}' holds a folder with the name of a file that is to be written: {', '.join(there)}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {**{folder / name: content for name, content in files.items()}, **(apart or {})}
    parts: dict[Path, Path] = {}
    try:
        for path, content in wanted.items():
            handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            parts[path] = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
        for path, part in parts.items():
            if path not in (apart or {}):  # what is apart stays as it was made: for its owner alone
                part.chmod(0o666 & ~_mask())
            part.replace(path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _mask() -> int:
    """Return what this process takes away from the rights of the files it makes."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
