"""Designs: how the levels of a plan's factors are combined to points.

===================  ===================================================================================
``factorial``        every level with every other
``fractional``       two levels a factor, a balanced part of all combinations (Box et al. 2005)
``latin-hypercube``  ``points`` points, each factor's range cut in as many equal parts (McKay et al. 1979)
``sobol``            Saltelli's sample for Sobol indices: ``points`` times two more than there are factors
``morris``           ``points`` walks of one step a factor (Morris 1991): as many times one more
``order``            practices one after the other, in all their orders or ``points`` of them
``table``            the points of a table of one's own
===================  ===================================================================================

A design is drawn from its factors, ``points`` and the seed alone, so that who analyses its runs can draw it
again. Nothing here loads a scenario.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.errors import Faults, InputError, nearest
from collabsim.parameters import whole
from collabsim.practices import TREATMENTS
from collabsim.programmes import THEN
from collabsim.study.factors import (
    FACTORS,
    NAMED,
    ORDER,
    WINDOWS,
    Factor,
    Spread,
    clashes,
    read_factor,
    read_levels,
    record,
)

if TYPE_CHECKING:
    import pandas as pd

SAMPLED = ("latin-hypercube", "sobol", "morris")
"""Designs that draw levels from ranges and distributions."""

DESIGNS = ("factorial", "fractional", *SAMPLED, ORDER, "table")
"""The designs that there are."""

MOST_POINTS = 10_000_000
MORRIS_LEVELS = 4
"""Levels of the grid on which Morris' walks step, as is usual."""

RESOLUTIONS = (3, 4, 5)
RESOLUTION = 4
"""Of a fractional design that does not say: no main effect is mixed up with another or with a pair."""


@dataclass(frozen=True)
class Design:
    """Points, laid out.

    Attributes
    ----------
    name
        One of :data:`DESIGNS`.
    factors
        How each factor varies, by name; for a table, its columns.
    points
        What a sampled design, or one of orders, starts from (see above); None for others.
    resolution
        Of a fractional design; None for others.
    seed
        What is drawn, is drawn from it.
    unit
        (count, factors) for sampled and fractional designs: where each point lies, from 0 to 1; else None.
    """

    name: str
    factors: Mapping[str, Factor]
    points: int | None = None
    resolution: int | None = None
    seed: int = 0
    unit: Any = field(default=None, repr=False, compare=False)

    @property
    def count(self) -> int:
        """How many points there are."""
        if self.unit is not None:
            return len(self.unit)
        if self.name == "table":
            return len(next(iter(self.factors.values())))  # type: ignore[arg-type]
        return _product(self.factors)

    def point(self, place: int) -> dict[str, Any]:
        """Return the levels of one point, by factor."""
        if not 0 <= place < self.count:
            raise IndexError(f"there is no point {place} of {self.count}")
        if self.unit is not None:
            row = self.unit[place]
            return {name: self._level(name, row[k]) for k, name in enumerate(self.factors)}
        if self.name == "table":
            return {name: column[place] for name, column in self.factors.items()}  # type: ignore[index]
        values: dict[str, Any] = {}
        for name in reversed(list(self.factors)):
            levels: Any = self.factors[name]
            place, rest = divmod(place, len(levels))
            values[name] = levels[rest]
        return {name: values[name] for name in self.factors}

    def points_frame(self) -> pd.DataFrame:
        """Return all points as a table, a row a point and a column a factor."""
        import pandas as pd

        return pd.DataFrame([self.point(place) for place in range(self.count)], columns=list(self.factors))

    def _level(self, name: str, share: float) -> Any:
        factor = self.factors[name]
        if not isinstance(factor, Spread):
            return factor[min(int(share * len(factor) + 1e-9), len(factor) - 1)]
        if self.name == "morris" and factor.distribution != "uniform":
            # Walks step between the middles of equal shares: the ends of a distribution may be far away.
            share = (share * (MORRIS_LEVELS - 1) + 0.5) / MORRIS_LEVELS
        return factor.at([share])[0]

    def clashing(self) -> Iterator[dict[str, Any]]:
        """Give every combination of levels that might make no scenario together, each once.

        Names and windows can clash, and with them whether a practice runs at all; numbers cannot.
        """
        names = [name for name in self.factors if name in NAMED or name in WINDOWS]
        moved = {name.partition(".")[0] for name in names}
        names = [name for name in self.factors if name in names or name in moved]
        if self.unit is None and self.name != "table":
            levels: Any = [self.factors[name] for name in names]
            yield from (dict(zip(names, each, strict=True)) for each in itertools.product(*levels))
            return
        seen = set()
        for place in range(self.count if names else 1):
            point = self.point(place)
            each = tuple(float(point[name] > 0) if name in TREATMENTS else point[name] for name in names)
            if each not in seen:
                seen.add(each)
                yield dict(zip(names, each, strict=True))

    @property
    def two_levels(self) -> bool:
        """Whether every factor has exactly two levels."""
        return all(not isinstance(levels, Spread) and len(levels) == 2 for levels in self.factors.values())

    @property
    def identity(self) -> str:
        """64 hexadecimal digits of what was drawn; empty where nothing is drawn."""
        if self.unit is None:
            return ""
        return hashlib.sha256(np.ascontiguousarray(self.unit).tobytes()).hexdigest()


def lay_out(
    name: Any, given: Any, points: Any = None, resolution: Any = None, seed: int = 0, *, faults: Faults
) -> Design | None:
    """Check a design and its factors, noting every fault, and lay its points out.

    Parameters
    ----------
    name, given, points, resolution, seed
        As in :class:`Design`, as they were given.
    faults
        Where faults are noted.

    Returns
    -------
    Design or None
        None where there is a fault.
    """
    before = len(faults.found)
    known = isinstance(name, str) and name in DESIGNS
    if not known:
        faults.add(f"there is no design '{name}'{nearest(str(name), DESIGNS)}")
    points = _points(name, points, faults) if known else None
    resolution = _resolution(name, resolution, faults) if known else None
    if not isinstance(given, Mapping):
        faults.add(f"'factors' must be a table of names and lists of levels, not {given!r}")
        return None
    factors = _factors(name, given, faults)
    if not given:
        faults.add("[factors] is empty; it says what varies, such as building_trust = [0, 1]")
    if len(faults.found) > before:
        return None
    if name == ORDER:
        orders = _orders(factors[ORDER], points, seed, faults)
        factors = {key: orders if key == ORDER else levels for key, levels in factors.items()}
    count = _count(name, factors, points)
    if count > MOST_POINTS:
        faults.add(f"[factors] the levels make {count:,} points, more than {MOST_POINTS:,}")
    if len(faults.found) > before:
        return None
    unit = _unit(name, len(factors), points, resolution, seed)
    return Design(name, factors, points, resolution, seed, unit)


def _points(name: str, points: Any, faults: Faults) -> int | None:
    """Check ``points``, which some designs need, one may have, and the others must not."""
    if name not in (*SAMPLED, ORDER):
        if points is not None:
            faults.add(
                f"'points' belongs to sampled designs; a {name} design has as many as its levels make"
                if name != "table"
                else "'points' belongs to sampled designs; a table has as many as its rows"
            )
        return None
    if points is None:
        if name != ORDER:
            faults.add(f"'points' is missing; design '{name}' needs it, such as points = 1024")
        return None
    try:
        count = whole(points, "'points'", 2 if name in SAMPLED else 1, MOST_POINTS)
    except InputError as error:
        faults.take(error)
        return None
    if name == "sobol" and count & (count - 1):
        power = 2 ** round(math.log2(count))
        faults.add(f"'points' must be a power of 2 in a sobol design, such as {power}, not {count}")
    return count


def _resolution(name: str, resolution: Any, faults: Faults) -> int | None:
    if name != "fractional":
        if resolution is not None:
            faults.add("'resolution' belongs to design 'fractional'")
        return None
    try:
        return whole(RESOLUTION if resolution is None else resolution, "'resolution'", *RESOLUTIONS[::2])
    except InputError as error:
        faults.take(error)
        return None


def _factors(name: Any, given: Mapping[Any, Any], faults: Faults) -> dict[str, Factor]:
    """Check all factors of a design."""
    factors: dict[str, Factor] = {}
    for key, levels in given.items():
        if name == ORDER and key == ORDER:
            factors[key] = _practices(levels, faults)
        elif name == "table" and isinstance(levels, Iterable) and not isinstance(levels, str | Mapping):
            factors[key] = _column(key, levels, faults)
        else:
            factors[key] = read_factor(key, levels, str(name), name in SAMPLED, faults)
    for fault in clashes([key for key in factors if isinstance(key, str)]):
        faults.add(fault)
    if name == ORDER and ORDER not in factors:
        faults.add("[factors] 'order' is missing; it lists the practices whose orders are run")
    for key, factor in factors.items():
        if isinstance(factor, Spread) or not factor:
            continue
        if name == "fractional" and len(factor) != 2:
            faults.add(f"[factors] '{key}' must have two levels in a fractional design, not {len(factor)}")
        if name == "morris" and not 2 <= len(factor) <= MORRIS_LEVELS:
            allowed = f"2 to {MORRIS_LEVELS} levels in a morris design"
            faults.add(f"[factors] '{key}' must have {allowed}, not {len(factor)}")
    lengths = {len(column) for column in factors.values() if not isinstance(column, Spread)}
    if name == "table" and len(lengths) > 1:
        told = ", ".join(f"{key} {len(column)}" for key, column in factors.items())  # type: ignore[arg-type]
        faults.add(f"[factors] the columns of a table are equally long, not {told}")
    return factors


def _column(key: Any, values: Any, faults: Faults) -> tuple[Any, ...]:
    """Check one column of a table, in which levels may be there many times."""
    if key not in FACTORS:
        faults.add(f"[factors] there is no factor '{key}'{nearest(str(key), FACTORS)}")
        return ()
    column = read_levels(key, values, faults)
    if not column:
        faults.add(f"[factors] the column '{key}' has no rows")
    return column


def _practices(given: Any, faults: Faults) -> tuple[str, ...]:
    """Check the practices whose orders are run; orders themselves are taken too, as plans keep them."""
    names = [given] if isinstance(given, str) else list(given) if isinstance(given, Sequence) else []
    if names and all(isinstance(name, str) and THEN in name for name in names):
        return read_levels(ORDER, names, faults)
    for name in names:
        if name not in TREATMENTS:
            faults.add(f"[factors] 'order': there is no practice '{name}'{nearest(str(name), TREATMENTS)}")
    if len(names) < 2 or len(set(map(str, names))) < len(names):
        faults.add(f"[factors] 'order' must list at least two practices, each once, not {given!r}")
    return tuple(map(str, names))


def _orders(practices: Any, points: int | None, seed: int, faults: Faults) -> tuple[str, ...]:
    """Return all orders of practices, or as many of them, drawn at random; the one given is always first."""
    if THEN in practices[0]:
        return tuple(practices)
    every = math.factorial(len(practices))
    if points is not None and points > every:
        faults.add(f"'points' = {points} is more than the {every:,} orders of {len(practices)} practices")
        return ()
    orders = [THEN.join(names) for names in itertools.permutations(practices)]
    if points is None or points == every:
        return tuple(orders)
    drawn = np.random.default_rng(seed).choice(np.arange(1, every), points - 1, replace=False)
    return tuple(orders[place] for place in [0, *sorted(drawn.tolist())])


def design_record(design: Design) -> dict[str, Any]:
    """Return a design in the shape that a plan's file has, without the seed."""
    factors = record(design.factors)
    if design.name == ORDER:
        factors[ORDER] = factors[ORDER][0].split(THEN)
    said: dict[str, Any] = {"design": design.name}
    if design.points is not None:
        said["points"] = design.points
    if design.resolution is not None:
        said["resolution"] = design.resolution
    return said | {"factors": factors}


def _count(name: str, factors: Mapping[str, Factor], points: int | None) -> int:
    """Return how many points a design has, before it is drawn."""
    if name in SAMPLED:
        each = {"sobol": len(factors) + 2, "morris": len(factors) + 1}.get(name, 1)
        return int(points or 0) * each
    if name in ("table", "fractional"):
        return 0
    return _product(factors)


def _product(factors: Mapping[str, Factor]) -> int:
    """Return how many combinations there are of levels in lists."""
    return math.prod([len(levels) for levels in factors.values() if not isinstance(levels, Spread)])


def problem(names: Sequence[str]) -> dict[str, Any]:
    """Describe factors to SALib, by their shares of probability."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _unit(name: str, width: int, points: int | None, resolution: int | None, seed: int) -> Any:
    """Draw where the points of a design lie, from 0 to 1 in each factor; None where nothing is drawn."""
    if name == "fractional":
        from pydoe import fracfact_by_res

        if width == 1:
            return np.array([[0.0], [1.0]])
        return (np.asarray(fracfact_by_res(width, resolution), np.float64) + 1.0) / 2.0
    if name == "latin-hypercube":
        from scipy.stats import qmc

        return qmc.LatinHypercube(width, rng=np.random.default_rng(seed)).random(points)
    described = problem([str(k) for k in range(width)])
    if name == "sobol":
        from SALib.sample import sobol

        return sobol.sample(described, points, calc_second_order=False, seed=np.random.default_rng(seed))
    if name == "morris":
        from SALib.sample import morris

        return morris.sample(described, points, MORRIS_LEVELS, seed=np.random.default_rng(seed))
    return None
