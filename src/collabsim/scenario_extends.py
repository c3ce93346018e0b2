"""Scenarios that extend others: what a file leaves open is as in the file it names.

What the extending file says wins. Its ``name``, ``title`` and ``description`` are its own and are never
taken over. ``partnership``, ``months`` and ``support`` replace; ``[parameters]`` and ``[costs]`` are merged,
key by key; ``programme`` and ``shock`` replace as a whole, so that ``programme = "none"`` or ``shock = []``
takes away what the other file has.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from collabsim.errors import InputError, nearest

MERGED = ("parameters", "costs")
"""Tables that are merged key by key."""

OWN = ("name", "title", "description", "extends")
"""What a file never takes over from the one it extends."""

Check = Callable[[Mapping[str, Any], str, Path | None], object]


def bundled_scenarios() -> tuple[str, ...]:
    """Return the names of the bundled scenarios."""
    folder = resources.files("collabsim") / "data" / "scenarios"
    return tuple(sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml")))


def bundled_text(name: str) -> str:
    """Return the text of a bundled scenario."""
    file = resources.files("collabsim") / "data" / "scenarios" / f"{name}.toml"
    return file.read_text(encoding="utf-8")


def read_toml(path: Path, what: str = "scenario file") -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path
        The file.
    what
        What it should have been, for the message.

    Raises
    ------
    InputError
        In words: no such file, a folder, not UTF-8, not TOML, or not to be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"there is no file '{path}'") from None
    except IsADirectoryError:
        raise InputError(f"'{path}' is a folder, not a {what}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def extended(
    data: Mapping[str, Any], where: str, folder: Path | None, check: Check, chain: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a scenario's mapping with what it extends filled in.

    Parameters
    ----------
    data
        In the shape of the TOML file.
    where
        What to call it in messages.
    folder
        Paths in it are relative to this folder.
    check
        Called with mapping, name and folder of each scenario that is extended; raises what is wrong in it,
        so that a fault is told of the file it stands in.
    chain
        The files that led here, by full path.

    Raises
    ------
    InputError
        If ``extends`` is no text, leads nowhere, or leads back in a circle; or with what is wrong in a
        file on the way.
    """
    if "extends" not in data:
        return dict(data)
    wanted = data["extends"]
    if not isinstance(wanted, str) or not wanted.strip():
        raise InputError(f"{where}: 'extends' must be the path of a scenario file or a name, not {wanted!r}")
    chain = chain or (str(Path(where).resolve()),)
    if wanted in bundled_scenarios():
        base, called, home, key = tomllib.loads(bundled_text(wanted)), wanted, None, f"bundled {wanted}"
    else:
        path = (folder or Path()) / wanted
        if path.suffix.casefold() != ".toml" and not path.exists():
            raise InputError(
                f"{where}: 'extends': there is no scenario or file '{wanted}'"
                f"{nearest(wanted, bundled_scenarios())}"
            )
        if str(path.resolve()) in chain:
            names = [*(Path(file).name for file in chain), path.name]
            raise InputError(f"{where}: 'extends' leads in a circle: {' extends '.join(names)}")
        try:
            base = read_toml(path)
        except InputError as error:
            raise InputError(*(f"{where}: 'extends': {fault}" for fault in error.faults)) from None
        called, home, key = str(path), path.parent, str(path.resolve())
    if "organisation" in base or "organisations" in base:
        raise InputError(f"{where}: 'extends': '{wanted}' is a partnership; name it as 'partnership'")
    base = extended(base, called, home, check, (*chain, key))
    check(base, called, home)
    local = home / str(base.get("partnership")) if home is not None else None
    if local is not None and local.exists():
        base["partnership"] = str(local)
    return _merged(base, data)


def _merged(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in base.items() if key not in OWN}
    for key, value in data.items():
        if key == "extends":
            continue
        before = found.get(key)
        if key in MERGED and isinstance(value, Mapping) and isinstance(before, Mapping):
            value = {**before, **value}
        found[key] = value
    return found
