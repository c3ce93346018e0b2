"""A state in a file, to branch from: who was there, and what they had come to know of each other.

>>> import collabsim as cs
>>> result = cs.run("pair", months=24, seed=1)
>>> result.save_state("month-24.npz")                                    # doctest: +SKIP
>>> cs.run("pair", months=48, start="month-24.npz", building_trust=1.0)  # doctest: +SKIP
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.errors import InputError
from collabsim.partnership import Partnership
from collabsim.state import (
    CLOCK_DTYPE,
    ORGANISATION_DTYPE,
    PAIR_KINDS,
    PLACE,
    REAL,
    SIDE_KINDS,
    WHOLE,
    Pairs,
    Sides,
    State,
)

PAIR_DTYPE = np.dtype(
    [(name, PLACE) for name in ("lower", "higher", "lower_id", "higher_id")]
    + [("same_sector", WHOLE)]
    + [(name, REAL) for name in ("contact", "tension", "distance")]
)
SIDE_DTYPE = np.dtype([("next_tie", WHOLE), ("kept", REAL), ("broken", REAL), ("understanding", REAL)])
DTYPES = {
    "organisation": ORGANISATION_DTYPE,
    "pair": PAIR_DTYPE,
    "side": SIDE_DTYPE,
    "clock": CLOCK_DTYPE,
}


def content(state: State, partnership: Partnership) -> bytes:
    """Return what a file of this state holds: the same state gives the same bytes."""
    file = io.BytesIO()
    arrays = _records(state)
    whose = np.array(partnership.identity())
    np.savez(file, partnership=whose, by_side=np.array(True), **arrays)
    return file.getvalue()


def write(path: str | Path, state: State, partnership: Partnership) -> None:
    """Write a state to a file, whole or not at all.

    Parameters
    ----------
    path
        Where to; ends in ``.npz``.
    state
        What to save.
    partnership
        Whose state it is; it is checked when the state is read.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise InputError(f"a saved state is a file ending in .npz, not '{path}'")
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content(state, partnership))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def read(path: str | Path, partnership: Partnership) -> State:
    """Read a state from a file.

    Parameters
    ----------
    path
        Where it is.
    partnership
        Whose state it has to be.

    Raises
    ------
    InputError
        If it is no such file, or a state of another partnership or version.
    """
    try:
        with np.load(Path(path), allow_pickle=False) as found:
            whose = str(found["partnership"])
            arrays = {name: found[name] for name in DTYPES}
            if "by_side" not in found:  # by pair and side, as states were saved before
                arrays["side"] = np.ascontiguousarray(arrays["side"].T)
    except FileNotFoundError:
        raise InputError(f"there is no saved state '{path}'") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, AttributeError):
        raise InputError(f"'{path}' is not a saved state; result.save_state(path) writes one") from None
    if any(arrays[name].dtype != kind for name, kind in DTYPES.items()):
        raise InputError(f"'{path}' is a state of another version of collabsim; save it again with this one")
    if whose != partnership.identity():
        raise InputError(
            f"'{path}' is a state of another partnership than '{partnership.name}'; a branch goes on with "
            "the same organisations and ties"
        )
    pair, side = (
        kind(
            *(
                np.ascontiguousarray(arrays[name][field], dtype)
                for field, dtype in zip(kind._fields, dtypes, strict=True)
            )
        )
        for name, kind, dtypes in (("pair", Pairs, PAIR_KINDS), ("side", Sides, SIDE_KINDS))
    )
    return State(arrays["organisation"].view(np.recarray), pair, side, arrays["clock"].view(np.recarray))


def _records(state: State) -> dict[str, Any]:
    """Return the arrays of a state as a file holds them: records, also of pairs and sides."""
    arrays = {name: np.asarray(getattr(state, name)).view(DTYPES[name]) for name in ("organisation", "clock")}
    for name in ("pair", "side"):
        fields = getattr(state, name)
        arrays[name] = np.empty(fields[0].shape, DTYPES[name])
        for field in fields._fields:
            arrays[name][field] = getattr(fields, field)
    return {name: arrays[name] for name in DTYPES}


def identity(state: State) -> str:
    """Return 64 hexadecimal digits: equal for states that go on alike."""
    digest = hashlib.sha256()
    for array in _records(state).values():
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
