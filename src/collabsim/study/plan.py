"""A plan: which scenarios to run, in which worlds. Read from TOML, or made in Python.

>>> import collabsim as cs
>>> plan = cs.Plan.factorial({"building_trust": [0, 1], "cost": [0.05, 0.1, 0.2]}, worlds=50)
>>> plan.count, plan.runs
(6, 300)
>>> plan.points()[1]
{'building_trust': 0.0, 'cost': 0.1}
"""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from collabsim.draws import MONTHS_LIMIT, SEED_LIMIT, WORLD_LIMIT
from collabsim.errors import Faults, InputError, nearest
from collabsim.parameters import PARAMETERS, number, whole
from collabsim.partnership import Partnership
from collabsim.practices import PRACTICES, Mover
from collabsim.programmes import PROGRAMMES
from collabsim.scenario import Scenario
from collabsim.study.provenance import digest, scenario_identity, scenario_record

DESIGNS = ("factorial",)
"""The designs that there are."""

LATER_DESIGNS = ("fractional", "latin-hypercube", "sobol", "morris", "order", "table")
"""Designs that plans may come to name, refused until then."""

WORLDS = 200
"""Worlds of a plan that does not say."""

MOST_POINTS = 10_000_000

KEYS = ("scenario", "design", "seed", "worlds", "months", "points", "factors")
WINDOWS = tuple(f"{name}.{end}" for name in PRACTICES for end in ("from_month", "to_month"))
NAMED = ("programme", "partnership", "scenario")
"""Factors whose levels are names."""

FACTORS = (*PRACTICES, *WINDOWS, *NAMED, *PARAMETERS)
"""Everything that can be a factor."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Which scenarios to run, in which worlds.

    World *w* of a seed is the same world under every point, so that points are compared like with like.

    Attributes
    ----------
    factors
        Name to levels. A factor is a practice (0 to 1), a parameter or lever, ``"<practice>.from_month"`` or
        ``".to_month"``, ``programme``, ``partnership`` or ``scenario`` (names).
    scenario
        What the factors change: whatever :meth:`Scenario.load` takes.
    design
        How levels are combined: ``"factorial"``, every level with every other.
    seed, worlds
        Worlds 0 to ``worlds`` - 1 of this seed.
    months
        How long, in place of the scenario's own.

    Raises
    ------
    InputError
        With every fault found.
    """

    factors: Mapping[str, Sequence[Any]]
    scenario: str | Scenario = "scottish-partnership"
    design: str = "factorial"
    seed: int = 0
    worlds: int = WORLDS
    months: int | None = None
    _folder: Path | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check and normalise everything."""
        faults = Faults()
        checked = _checked(vars(self), faults)
        faults.settle()
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        for fault in self._impossible():
            faults.add(fault)
        faults.settle()

    @classmethod
    def factorial(
        cls,
        factors: Mapping[str, Any] | Iterable[str],
        scenario: str | Scenario = "scottish-partnership",
        *,
        worlds: int = WORLDS,
        months: int | None = None,
        seed: int = 0,
    ) -> Plan:
        """Combine every level of every factor with every other.

        Parameters
        ----------
        factors
            Name to list of levels; or names of practices only (``cs.PRACTICES`` itself, for one), each then
            off and on: levels 0 and 1.
        scenario, worlds, months, seed
            As in :class:`Plan`.
        """
        if isinstance(factors, str):
            factors = [factors]
        given: dict[str, Any]
        if isinstance(factors, Mapping):
            given = {
                name: (0, 1) if isinstance(levels, Mover) else levels for name, levels in factors.items()
            }
        else:
            faults, given = Faults(), {}
            for name in factors:
                if isinstance(name, str) and name in PARAMETERS:
                    faults.add(f"'{name}' has no levels of its own; give them: {{'{name}': [low, high]}}")
                given[name] = (0, 1)
            faults.settle()
        return cls(given, scenario, seed=seed, worlds=worlds, months=months)

    @classmethod
    def load(cls, path: str | Path) -> Plan:
        """Read a plan from a TOML file.

        Raises
        ------
        InputError
            With every fault found, each with file and key.
        """
        path = Path(path)
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            raise InputError(f"there is no file '{path}'") from None
        except IsADirectoryError:
            raise InputError(f"'{path}' is a folder, not a plan") from None
        except UnicodeDecodeError:
            raise InputError(f"{path}: not a text file in UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{path}: not valid TOML: {error}") from None
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from None
        return cls.from_dict(data, where=str(path), folder=path.parent)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], where: str = "plan", folder: Path | None = None) -> Plan:
        """Make a plan from a mapping in the shape of the TOML file.

        Parameters
        ----------
        data
            Keys ``scenario`` (a name, a path or a scenario's own table), ``design``, ``seed``, ``worlds``,
            ``months`` and the table ``factors``.
        where
            What to call it in messages.
        folder
            Paths in it are relative to this folder.
        """
        faults = Faults(where)
        for key in data:
            if key not in KEYS:
                faults.add(f"unknown key '{key}'{nearest(key, KEYS)}")
        if "points" in data and data.get("design", "factorial") == "factorial":
            faults.add(
                "'points' belongs to sampled designs; a factorial design has as many as its levels make"
            )
        if "factors" not in data:
            faults.add("the table [factors] is missing; it says what varies, such as building_trust = [0, 1]")
        given = {key: data[key] for key in KEYS if key in data and key != "points"}
        fields: dict[str, Any] = {
            "factors": {},
            "scenario": "scottish-partnership",
            "design": "factorial",
            "seed": 0,
        }
        fields |= {"worlds": WORLDS, "months": None, "_folder": folder} | given
        if faults.found:
            if "factors" not in data:
                fields["factors"] = {"building_trust": [0, 1]}  # so that the other keys are heard of too
            _checked(fields, faults)
        faults.settle()
        try:
            return cls(**fields)
        except InputError as error:
            faults.take(error)
            faults.settle()
            raise

    def record(self) -> dict[str, Any]:
        """Return the plan in the shape that :meth:`from_dict` reads."""
        scenario = self.scenario if isinstance(self.scenario, str) else scenario_record(self.scenario)
        record: dict[str, Any] = {"scenario": scenario, "design": self.design, "seed": self.seed}
        record["worlds"] = self.worlds
        if self.months is not None:
            record["months"] = self.months
        return record | {"factors": {name: list(levels) for name, levels in self.factors.items()}}

    @cached_property
    def base(self) -> Scenario:
        """The scenario that the factors change."""
        return Scenario.load(self.scenario)

    @cached_property
    def count(self) -> int:
        """How many points there are."""
        return math.prod(len(levels) for levels in self.factors.values())

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return self.count * self.worlds

    def point(self, place: int) -> dict[str, Any]:
        """Return the levels of one point, by factor; see :meth:`points` for their order."""
        values: dict[str, Any] = {}
        for name in reversed(list(self.factors)):
            levels = self.factors[name]
            place, rest = divmod(place, len(levels))
            values[name] = levels[rest]
        return {name: values[name] for name in self.factors}

    def points(self) -> list[dict[str, Any]]:
        """Return all points in order: levels as given, the last factor changing fastest."""
        return [self.point(place) for place in range(self.count)]

    def scenario_at(self, place: int) -> Scenario:
        """Return the scenario of one point."""
        return self._made(self.point(place))

    def scenarios(self) -> Iterator[Scenario]:
        """Give the scenarios of all points, one after the other."""
        return (self.scenario_at(place) for place in range(self.count))

    @cached_property
    def identity(self) -> str:
        """64 hexadecimal digits: equal for plans that run the same things in the same order."""
        named = {
            f"{name}={level}": scenario_identity(self._made({name: level}))
            for name in ("scenario", "partnership")
            for level in self.factors.get(name, ())
        }
        return digest(
            {
                "scenario": scenario_identity(self.base),
                "design": self.design,
                "seed": self.seed,
                "worlds": self.worlds,
                "months": self.months,
                "factors": [[name, list(levels)] for name, levels in self.factors.items()],
                "named": named,
            }
        )

    @cached_property
    def _loaded(self) -> dict[tuple[str, str], Any]:
        return {}

    def _load(self, kind: str, name: str) -> Any:
        """Load a scenario or partnership that a level names, once, so that its points share it."""
        if (kind, name) not in self._loaded:
            home: Any = Scenario if kind == "scenario" else Partnership
            local = None if self._folder is None else self._folder / name
            found = home.load(str(local) if local is not None and local.exists() else name)
            self._loaded[kind, name] = found
        return self._loaded[kind, name]

    def _made(self, values: Mapping[str, Any]) -> Scenario:
        settings = dict(values)
        base = self._load("scenario", settings.pop("scenario")) if "scenario" in settings else self.base
        if "partnership" in settings:
            base = replace(base, partnership=self._load("partnership", settings.pop("partnership")))
        return base.with_settings(settings.pop("programme", None), self.months, **settings)

    def _impossible(self) -> list[str]:
        """Find the combinations that make no scenario, such as windows that end before they start.

        Only levels that can clash are combined, so that a large plan is checked at once.
        """
        clashing = [name for name in self.factors if name in NAMED or name in WINDOWS]
        clashing += [
            name for name in self.factors if name in {window.partition(".")[0] for window in clashing}
        ]
        told: dict[str, str] = {}
        for levels in itertools.product(*(self.factors[name] for name in clashing)):
            values = dict(zip(clashing, levels, strict=True))
            try:
                self._made(values)
            except InputError as error:
                at = ", ".join(f"{name} = {level}" for name, level in values.items())
                for fault in error.faults:
                    told.setdefault(fault, f"[factors] {fault} (at {at})" if at else fault)
        return list(told.values())


def _checked(given: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    """Check the fields of a plan, noting every fault, and return them in one form."""
    checked: dict[str, Any] = {}
    design = given["design"]
    if design in LATER_DESIGNS:
        faults.add(f"design '{design}' is not available in this version; available: {', '.join(DESIGNS)}")
    elif not isinstance(design, str) or design not in DESIGNS:
        near = nearest(str(design), (*DESIGNS, *LATER_DESIGNS))
        faults.add(f"there is no design '{design}'{near}")
    limits = {"seed": (0, SEED_LIMIT), "worlds": (1, WORLD_LIMIT), "months": (1, MONTHS_LIMIT)}
    for name, (low, high) in limits.items():
        if name == "months" and given[name] is None:
            continue
        try:
            checked[name] = whole(given[name], f"'{name}'", low, high)
        except InputError as error:
            faults.take(error)
    try:
        checked["scenario"] = _scenario(given["scenario"], given.get("_folder"))
    except InputError as error:
        for fault in error.faults:
            faults.add(f"'scenario': {fault}")
    factors = given["factors"]
    if not isinstance(factors, Mapping):
        faults.add(f"'factors' must be a table of names and lists of levels, not {factors!r}")
    else:
        checked["factors"] = {name: _levels(name, levels, faults) for name, levels in factors.items()}
        count = math.prod(len(levels) for levels in checked["factors"].values())
        if not factors:
            faults.add("[factors] is empty; it says what varies, such as building_trust = [0, 1]")
        elif count > MOST_POINTS:
            faults.add(f"[factors] the levels make {count:,} points, more than {MOST_POINTS:,}")
    return checked


def _scenario(given: Any, folder: Path | None) -> str | Scenario:
    """Load what a plan names as its scenario; what is bundled stays a name, for the record."""
    if isinstance(given, Mapping):
        return Scenario.from_dict(given, where="table", folder=folder)
    if isinstance(given, Scenario | Partnership):
        return Scenario.load(given)
    local = folder / str(given) if folder is not None and isinstance(given, str | Path) else None
    found = Scenario.load(local if local is not None and local.exists() else given)
    if isinstance(given, str) and found.name == given:
        return given
    return found


def _levels(name: Any, given: Any, faults: Faults) -> tuple[Any, ...]:
    """Check the levels of one factor."""
    if not isinstance(name, str) or name not in FACTORS:
        faults.add(f"[factors] there is no factor '{name}'{nearest(str(name), FACTORS)}")
        return ()
    if isinstance(given, Mapping):
        faults.add(
            f"[factors] '{name}' is a range, and ranges belong to sampled designs; with design 'factorial' "
            f"list its levels, such as [{given.get('low', 0)}, {given.get('high', 1)}]"
        )
        return ()
    if isinstance(given, str) or not isinstance(given, Iterable):
        faults.add(f"[factors] '{name}' must be a list of levels, such as [{given!r}], not {given!r}")
        return ()
    levels: list[Any] = []
    for value in given:
        try:
            level = _level(name, value)
        except InputError as error:
            for fault in error.faults:
                faults.add(f"[factors] {fault}")
            continue
        if level in levels:
            faults.add(f"[factors] '{name}' has the level {level} twice")
        levels.append(level)
    if not levels and not faults.found:
        faults.add(f"[factors] '{name}' has no levels")
    return tuple(levels)


def _level(name: str, value: Any) -> Any:
    """Check one level, and return it in the one form that it has in tables."""
    if name in NAMED:
        if not isinstance(value, str | Path):
            raise InputError(f"a level of '{name}' must be a name, not {value!r} ({type(value).__name__})")
        if name == "programme" and value not in PROGRAMMES:
            raise InputError(f"there is no programme '{value}'{nearest(str(value), PROGRAMMES)}")
        return str(value)
    if name in WINDOWS:
        return whole(value, f"a level of '{name}'", 0, MONTHS_LIMIT)
    low, high = (0.0, 1.0) if name in PRACTICES else (PARAMETERS[name].low, PARAMETERS[name].high)
    if isinstance(value, np.generic):
        value = value.item()
    return number(value, f"a level of '{name}'", low, high) + 0.0  # + 0.0: no level is called -0.0
