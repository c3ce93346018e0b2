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

import numpy as np

from collabsim.errors import InputError
from collabsim.partnership import Partnership
from collabsim.state import CLOCK_DTYPE, ORGANISATION_DTYPE, PAIR_DTYPE, SIDE_DTYPE, State

DTYPES = {
    "organisation": ORGANISATION_DTYPE,
    "pair": PAIR_DTYPE,
    "side": SIDE_DTYPE,
    "clock": CLOCK_DTYPE,
}


def content(state: State, partnership: Partnership) -> bytes:
    """Return what a file of this state holds: the same state gives the same bytes."""
    file = io.BytesIO()
    arrays = {name: np.asarray(getattr(state, name)).view(kind) for name, kind in DTYPES.items()}
    whose = np.array(partnership.identity())
    np.savez(file, partnership=whose, by_side=np.array(True), **arrays)  # type: ignore[arg-type]
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
    return State(**{name: array.view(np.recarray) for name, array in arrays.items()})


def identity(state: State) -> str:
    """Return 64 hexadecimal digits: equal for states that go on alike."""
    digest = hashlib.sha256()
    for name, kind in DTYPES.items():
        digest.update(np.ascontiguousarray(np.asarray(getattr(state, name)).view(kind)).tobytes())
    return digest.hexdigest()
