"""Numbers packed for the browser: whole numbers, compressed, so rounded that what is shown is right.

The browser shows numbers with two decimals. A number that is kept with more is kept such that rounding it
again to two gives what rounding the number itself gives: nothing is rounded twice.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np

SHOWN = 100
"""Steps of what is shown: hundredths."""

FINE = 10_000
"""Steps of what is drawn: ten-thousandths."""

LEVEL = 6
"""How hard to compress: half the size for a few milliseconds."""

_TYPES = (("u1", 1 << 8), ("u2", 1 << 16), ("u4", 1 << 32))


def hundredths(values: Any) -> Any:
    """Return numbers of at least 0 in hundredths, rounded."""
    return np.rint(np.asarray(values, float) * SHOWN).astype(np.int64)


def fine(values: Any) -> Any:
    """Return numbers of at least 0 in ten-thousandths, such that they round to the same hundredths.

    >>> fine([0.124996]).tolist(), hundredths([0.124996]).tolist()
    ([1249], [12])
    """
    steps = FINE // SHOWN
    found = np.rint(np.asarray(values, float) * FINE).astype(np.int64)
    low = hundredths(values) * steps - steps // 2
    return np.clip(found, np.maximum(low, 0), low + steps - 1)


def packed(values: Any) -> dict[str, Any]:
    """Pack whole numbers of at least 0, the last axis running fastest.

    Returns
    -------
    dict
        ``type`` (``u1``, ``u2`` or ``u4``, little-endian), ``shape``, and ``data``, by zlib and in base 64.

    Raises
    ------
    OverflowError
        If a number is negative or too large.
    """
    array = np.asarray(values)
    most = int(array.max(initial=0))
    if int(array.min(initial=0)) < 0 or most >= _TYPES[-1][1]:
        raise OverflowError(f"numbers from {array.min()} to {most} cannot be packed")
    kind = next(name for name, limit in _TYPES if most < limit)
    data = base64.b64encode(zlib.compress(array.astype(f"<{kind}").tobytes(), LEVEL)).decode()
    return {"type": kind, "shape": list(array.shape), "data": data}
