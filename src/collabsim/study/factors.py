"""What can vary in a plan, and how: lists of levels, ranges, and distributions.

A factor is named as it is everywhere else: a practice (its strength), ``"<practice>.from_month"``,
``".to_month"``, ``".months"`` (how long) and ``".with"`` (who takes part), a parameter or lever, or
``programme``, ``order``, ``partnership`` or ``scenario`` (names). Designs of levels take lists. Sampled
designs also take ranges and distributions: a :class:`Spread` turns a share of its probability, from 0 to 1,
into a level.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.draws import MONTHS_LIMIT
from collabsim.errors import Faults, InputError, nearest
from collabsim.parameters import PARAMETERS, number, whole
from collabsim.practices import TREATMENTS
from collabsim.programmes import AND, COVERAGE, EVERYONE, PROGRAMMES, TIMES, coverage, order

WINDOWS = tuple(f"{name}.{what}" for name in TREATMENTS for what in TIMES)
"""Factors whose levels are whole months."""

WITH = tuple(f"{name}.{COVERAGE}" for name in TREATMENTS)
"""Factors whose levels say who takes part in a practice."""

ORDER = "order"
NAMED = ("programme", ORDER, "partnership", "scenario", *WITH)
"""Factors whose levels are texts."""

FACTORS = (*TREATMENTS, *WINDOWS, *NAMED, *PARAMETERS)
"""Everything that can be a factor."""

DIGITS = 12
"""Significant digits of a level that is drawn, so that the last bit of a library's function is no matter."""

DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "normal": ("mean", "sd"),
    "lognormal": ("mean", "sd"),
    "triangular": ("low", "mode", "high"),
    "beta": ("a", "b"),
}
"""The distributions, and what each must be told. All may also have ``low`` and ``high``, where they are cut
off; without them they are cut off at the factor's own bounds."""

LEAST_MASS = 1e-3
"""The least share of a distribution that must lie within where it is cut off."""


@dataclass(frozen=True)
class Spread:
    """A range or a distribution of one factor, between two ends.

    Attributes
    ----------
    name
        The factor.
    distribution
        One of :data:`DISTRIBUTIONS`.
    low, high
        Its ends, both allowed. A beta distribution is stretched between them; the others are cut off there.
    numbers
        What else the distribution is told, by name: the mean and standard deviation (``mean``, ``sd``) of the
        values themselves before they are cut off, ``mode``, or the shapes ``a`` and ``b``.
    """

    name: str
    distribution: str
    low: float
    high: float
    numbers: tuple[tuple[str, float], ...] = ()

    def at(self, shares: Any) -> list[float | int]:
        """Return the levels at shares of the probability.

        Parameters
        ----------
        shares
            (points,) from 0, the low end, to 1, the high end.

        Returns
        -------
        list
            Real numbers to :data:`DIGITS` digits; for months, whole numbers, each month of a range as likely.
        """
        shares = np.asarray(shares, np.float64)
        if self.distribution == "uniform":
            if self.name in WINDOWS:
                months = self.low + np.floor(shares * (self.high - self.low + 1.0))
                return [int(month) for month in np.minimum(months, self.high)]
            values = self.low + shares * (self.high - self.low)
        else:
            below, above = self._law.cdf(self.low), self._law.cdf(self.high)
            values = np.clip(self._law.ppf(below + shares * (above - below)), self.low, self.high)
        if self.name in WINDOWS:
            return [round(value) for value in values.tolist()]
        return [float(f"{value:.{DIGITS}g}") + 0.0 for value in values.tolist()]

    @cached_property
    def _law(self) -> Any:
        """The distribution before it is cut off."""
        from scipy import stats

        given = dict(self.numbers)
        if self.distribution == "normal":
            return stats.norm(given["mean"], given["sd"])
        if self.distribution == "lognormal":
            spread = math.log1p((given["sd"] / given["mean"]) ** 2)
            return stats.lognorm(math.sqrt(spread), scale=given["mean"] / math.exp(spread / 2))
        width = self.high - self.low
        if self.distribution == "triangular":
            return stats.triang((given["mode"] - self.low) / width, self.low, width)
        return stats.beta(given["a"], given["b"], self.low, width)

    @property
    def mass(self) -> float:
        """The share of the distribution that lies between the ends."""
        return float(self._law.cdf(self.high) - self._law.cdf(self.low))

    def record(self) -> dict[str, Any]:
        """Return it in the shape that :func:`read_factor` reads."""
        ends = {"low": self.low, "high": self.high}
        if self.distribution == "uniform":
            return ends
        return {"distribution": self.distribution, **dict(self.numbers), **ends}


Factor = tuple[Any, ...] | Spread
"""How one factor varies: a list of levels, or a range or distribution."""


def bounds(name: str) -> tuple[float, float]:
    """Return the least and the largest value that a factor of numbers can have."""
    if name in TREATMENTS:
        return 0.0, 1.0
    if name in WINDOWS:
        return float(name.endswith(".months")), float(MONTHS_LIMIT)
    return PARAMETERS[name].low, PARAMETERS[name].high


def level(name: str, value: Any) -> Any:
    """Check one level, and return it in the one form that it has in tables.

    Raises
    ------
    InputError
        Naming the factor, what was found and what is allowed.
    """
    where = f"a level of '{name}'"
    if name in WITH:
        return AND.join(coverage(value, where) or (EVERYONE,))
    if name == ORDER:
        return order(value, where).name
    if name in NAMED:
        if not isinstance(value, str | Path):
            raise InputError(f"{where} must be a name, not {value!r} ({type(value).__name__})")
        if name == "programme" and value not in PROGRAMMES:
            raise InputError(f"there is no programme '{value}'{nearest(str(value), PROGRAMMES)}")
        return str(value)
    low, high = bounds(name)
    if name in WINDOWS:
        return whole(value, where, int(low), int(high))
    if isinstance(value, np.generic):
        value = value.item()
    return number(value, where, low, high) + 0.0  # + 0.0: no level is called -0.0


def read_factor(name: Any, given: Any, design: str, spreads: bool, faults: Faults) -> Factor:
    """Check how one factor varies, noting every fault.

    Parameters
    ----------
    name
        Of the factor.
    given
        A list of levels, or a table that describes a range or distribution.
    design
        What the design is called, for messages.
    spreads
        Whether the design takes ranges and distributions.
    faults
        Where faults are noted.
    """
    if not isinstance(name, str) or name not in FACTORS:
        faults.add(f"[factors] there is no factor '{name}'{nearest(str(name), FACTORS)}")
        return ()
    if isinstance(given, Spread):
        given = given.record()
    if isinstance(given, Mapping):
        return _spread(name, given, design, spreads, faults)
    if isinstance(given, str) or not isinstance(given, Iterable):
        faults.add(f"[factors] '{name}' must be a list of levels, such as [{given!r}], not {given!r}")
        return ()
    before = len(faults.found)
    levels = read_levels(name, given, faults)
    for place, one in enumerate(levels):
        if one in levels[:place]:
            faults.add(f"[factors] '{name}' has the level {one} twice")
    if not levels and len(faults.found) == before:
        faults.add(f"[factors] '{name}' has no levels")
    return levels


def read_levels(name: str, given: Iterable[Any], faults: Faults) -> tuple[Any, ...]:
    """Check levels, which may be there more than once, noting every fault."""
    levels = []
    for value in given:
        try:
            levels.append(level(name, value))
        except InputError as error:
            for fault in error.faults:
                faults.add(f"[factors] {fault}")
    return tuple(levels)


def _spread(name: str, given: Mapping[str, Any], design: str, spreads: bool, faults: Faults) -> Factor:
    """Check a range or distribution."""
    where = f"[factors] '{name}'"
    if not spreads:
        faults.add(
            f"{where} is a range, and ranges belong to sampled designs; with design '{design}' list its "
            f"levels, such as [{given.get('low', 0)}, {given.get('high', 1)}]"
        )
        return ()
    if name in NAMED:
        faults.add(f"{where} has names for levels, which have no range; list them")
        return ()
    kind = given.get("distribution", "uniform")
    if not isinstance(kind, str) or kind not in DISTRIBUTIONS:
        faults.add(f"{where}: there is no distribution '{kind}'{nearest(str(kind), DISTRIBUTIONS)}")
        return ()
    needed = DISTRIBUTIONS[kind]
    allowed = dict.fromkeys(("distribution", *needed, "low", "high"))
    before = len(faults.found)
    for key in given:
        if key not in allowed:
            faults.add(f"{where}: unknown key '{key}'{nearest(str(key), allowed)}")
    for key in needed:
        if key not in given:
            faults.add(f"{where}: '{key}' is missing; a {kind} distribution needs {' and '.join(needed)}")
    numbers: dict[str, float] = dict(zip(("low", "high"), bounds(name), strict=True))
    for key in allowed:
        if key in given and key != "distribution":
            try:
                numbers[key] = _number(name, key, given[key], f"{where}: '{key}'")
            except InputError as error:
                faults.take(error)
    if len(faults.found) > before:
        return ()
    ends = numbers.pop("low"), numbers.pop("high")
    made = Spread(name, kind, *ends, tuple(numbers.items()))
    for fault in _impossible(made):
        faults.add(f"{where}: {fault}")
    return made if len(faults.found) == before else ()


def _number(name: str, key: str, value: Any, where: str) -> float:
    """Check one number of a range or distribution."""
    low, high = bounds(name)
    if key in ("low", "high", "mode"):
        if name in WINDOWS and key != "mode":
            return float(whole(value, where, int(low), int(high)))
        return number(value, where, low, high)
    if key in ("sd", "a", "b"):
        return number(value, where, 1e-9, 1e9)
    return number(value, where, -1e9, 1e9)


def _impossible(spread: Spread) -> list[str]:
    """Say what is wrong with the numbers of a spread taken together."""
    given = dict(spread.numbers)
    if spread.low >= spread.high:
        return [f"low = {spread.low:g} must be less than high = {spread.high:g}"]
    if "mode" in given and not spread.low <= given["mode"] <= spread.high:
        return [f"mode = {given['mode']:g} must lie from low = {spread.low:g} to high = {spread.high:g}"]
    if spread.distribution == "lognormal" and given["mean"] <= 0:
        return [f"mean = {given['mean']:g} must be above 0 in a lognormal distribution"]
    if spread.distribution != "uniform" and spread.mass < LEAST_MASS:
        return [f"only {spread.mass:.2g} of the distribution lies from {spread.low:g} to {spread.high:g}"]
    return []


def ends(factor: Factor) -> tuple[Any, Any]:
    """Return the two levels between which a factor varies most: of a list, its first and last."""
    if isinstance(factor, Spread):
        low, high = factor.at([0.0, 1.0])
        return low, high
    return factor[0], factor[-1]


def record(factors: Mapping[str, Factor]) -> dict[str, Any]:
    """Return factors in the shape that :func:`read_factor` reads."""
    return {
        name: factor.record() if isinstance(factor, Spread) else list(factor)
        for name, factor in factors.items()
    }


def clashes(names: Sequence[str]) -> list[str]:
    """Say which factors cannot be in one plan, because they decide the same thing."""
    found = []
    if "programme" in names and ORDER in names:
        found.append("[factors] 'programme' and 'order' both say what the programme is; choose one")
    for name in TREATMENTS:
        if f"{name}.to_month" in names and f"{name}.months" in names:
            found.append(f"[factors] '{name}.to_month' and '{name}.months' both say when it ends; choose one")
    return found
