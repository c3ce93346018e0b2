"""A plan: which scenarios to run, in which worlds. Read from TOML, or made in Python.

>>> import collabsim as cs
>>> plan = cs.Plan.factorial({"building_trust": [0, 1], "cost": [0.05, 0.1, 0.2]}, worlds=50)
>>> plan.count, plan.runs
(6, 300)
>>> plan.points()[1]
{'building_trust': 0.0, 'cost': 0.1}
>>> cs.Plan.latin_hypercube({"cost": {"low": 0.05, "high": 0.2}}, points=100, worlds=10).runs
1000
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabsim.errors import Faults, InputError, nearest
from collabsim.partnership import Partnership
from collabsim.practices import PRACTICES
from collabsim.programmes import order
from collabsim.scenario import Scenario
from collabsim.study.designs import DESIGNS, Design, design_record
from collabsim.study.factors import NAMED, ORDER, WINDOWS, Factor, Spread
from collabsim.study.plan_checks import checked_fields, on_and_off
from collabsim.study.plan_files import factors_given, read_plan, read_points
from collabsim.study.provenance import digest, scenario_identity, scenario_record

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DESIGNS", "NAMED", "WINDOWS", "WORLDS", "Plan"]

WORLDS = 200
"""Worlds of a plan that does not say."""

KEYS = ("scenario", "design", "seed", "worlds", "months", "points", "resolution", "table", "factors")

SCENARIO = "scottish-partnership"


@dataclass(frozen=True, eq=False)
class Plan:
    """Which scenarios to run, in which worlds.

    World *w* of a seed is the same world under every point, so that points are compared like with like.

    Attributes
    ----------
    factors
        Name to how it varies (see :mod:`collabsim.study.factors`): a list of levels, or in sampled designs
        also a range ``{"low": 0.05, "high": 0.2}`` or a distribution ``{"distribution": "normal", "mean":
        0.1, "sd": 0.02}``.
    scenario
        What the factors change: whatever :meth:`Scenario.load` takes.
    design
        How levels are combined to points (see :mod:`collabsim.study.designs`).
    seed, worlds
        Worlds 0 to ``worlds`` - 1 of this seed; what a design draws is drawn from it too.
    months
        How long, in place of the scenario's own.
    size
        What a plan's file calls ``points``: what a sampled design starts from, or how many orders are drawn.
    resolution
        Of a fractional design: 3, 4 (unless said) or 5.
    laid_out
        The points.

    Raises
    ------
    InputError
        With every fault found.
    """

    factors: Mapping[str, Factor]
    scenario: str | Scenario = SCENARIO
    design: str = "factorial"
    seed: int = 0
    worlds: int = WORLDS
    months: int | None = None
    size: int | None = None
    resolution: int | None = None
    _folder: Path | None = field(default=None, repr=False)
    laid_out: Design = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check and normalise everything."""
        faults = Faults()
        checked = checked_fields(vars(self), faults)
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
        scenario: str | Scenario = SCENARIO,
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
        return cls(on_and_off(factors), scenario, seed=seed, worlds=worlds, months=months)

    @classmethod
    def fractional(
        cls,
        factors: Mapping[str, Any] | Iterable[str],
        resolution: int | None = None,
        scenario: str | Scenario = SCENARIO,
        **options: Any,
    ) -> Plan:
        """Combine two levels of each factor, in a balanced part of all combinations.

        Parameters
        ----------
        factors
            As for :meth:`factorial`, with two levels each.
        resolution
            3: main effects are mixed up with pairs; 4 (unless said): only with more than pairs; 5: pairs too.
        scenario, **options
            As in :class:`Plan`: ``worlds``, ``months``, ``seed``.
        """
        return cls(on_and_off(factors), scenario, "fractional", resolution=resolution, **options)

    @classmethod
    def latin_hypercube(
        cls, factors: Mapping[str, Any], points: int, scenario: str | Scenario = SCENARIO, **options: Any
    ) -> Plan:
        """Spread ``points`` points evenly over the ranges of all factors; others as :meth:`fractional`."""
        return cls(factors, scenario, "latin-hypercube", size=points, **options)

    @classmethod
    def sobol(
        cls, factors: Mapping[str, Any], points: int, scenario: str | Scenario = SCENARIO, **options: Any
    ) -> Plan:
        """Draw Saltelli's sample, from which Sobol indices are worked out.

        Parameters
        ----------
        factors
            Name to range, distribution or list of levels.
        points
            A power of 2; the plan has two more times as many points as there are factors.
        scenario, **options
            As for :meth:`fractional`.
        """
        return cls(factors, scenario, "sobol", size=points, **options)

    @classmethod
    def morris(
        cls, factors: Mapping[str, Any], walks: int, scenario: str | Scenario = SCENARIO, **options: Any
    ) -> Plan:
        """Draw Morris' walks, which change one factor at a time.

        Parameters
        ----------
        factors
            Name to range, distribution or list of 2 to 4 levels.
        walks
            How many; each has one more point than there are factors.
        scenario, **options
            As for :meth:`fractional`.
        """
        return cls(factors, scenario, "morris", size=walks, **options)

    @classmethod
    def orders(
        cls,
        practices: Iterable[str] = tuple(PRACTICES),
        points: int | None = None,
        scenario: str | Scenario = SCENARIO,
        **options: Any,
    ) -> Plan:
        """Run practices one after the other, sharing the months of support, in different orders.

        Parameters
        ----------
        practices
            Which.
        points
            How many orders are drawn; all of them unless said. The one given is always the first.
        scenario, **options
            As for :meth:`fractional`.
        """
        return cls({ORDER: tuple(practices)}, scenario, ORDER, size=points, **options)

    @classmethod
    def table(
        cls,
        rows: str | Path | pd.DataFrame | Mapping[str, Any],
        scenario: str | Scenario = SCENARIO,
        **options: Any,
    ) -> Plan:
        """Run the points of a table: a row a point, a column a factor.

        Parameters
        ----------
        rows
            The path of a CSV file, a data frame, or a mapping of columns.
        scenario, **options
            As for :meth:`fractional`.
        """
        if isinstance(rows, str | Path):
            columns: Mapping[str, Any] = read_points(Path(rows), str(rows))
        else:
            columns = {str(name): list(rows[name]) for name in list(rows)}  # type: ignore[index]
        return cls(columns, scenario, "table", **options)

    @classmethod
    def load(cls, path: str | Path) -> Plan:
        """Read a plan from a TOML file.

        Raises
        ------
        InputError
            With every fault found, each with file and key.
        """
        path = Path(path)
        return cls.from_dict(read_plan(path), where=str(path), folder=path.parent)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], where: str = "plan", folder: Path | None = None) -> Plan:
        """Make a plan from a mapping in the shape of the TOML file.

        Parameters
        ----------
        data
            Keys ``scenario`` (a name, a path or a scenario's own table), ``design``, ``seed``, ``worlds``,
            ``months``, ``points``, ``resolution`` and the table ``factors``; with design ``"table"``
            instead of it ``table``, the path of a CSV file.
        where
            What to call it in messages.
        folder
            Paths in it are relative to this folder.
        """
        faults = Faults(where)
        for key in data:
            if key not in KEYS:
                faults.add(f"unknown key '{key}'{nearest(key, KEYS)}")
        fields: dict[str, Any] = {
            "factors": factors_given(data, folder, faults),
            "scenario": data.get("scenario", SCENARIO),
            "design": data.get("design", "factorial"),
            "seed": data.get("seed", 0),
            "worlds": data.get("worlds", WORLDS),
            "months": data.get("months"),
            "size": data.get("points"),
            "resolution": data.get("resolution"),
            "_folder": folder,
        }
        if faults.found:
            checked_fields(fields, faults)  # so that the other keys are heard of too
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
        said: dict[str, Any] = {"scenario": scenario, "seed": self.seed, "worlds": self.worlds}
        if self.months is not None:
            said["months"] = self.months
        return said | design_record(self.laid_out)

    @cached_property
    def base(self) -> Scenario:
        """The scenario that the factors change."""
        return Scenario.load(self.scenario)

    @property
    def count(self) -> int:
        """How many points there are."""
        return self.laid_out.count

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return self.count * self.worlds

    def point(self, place: int) -> dict[str, Any]:
        """Return the levels of one point, by factor; see :meth:`points` for their order."""
        return self.laid_out.point(place)

    def points(self) -> list[dict[str, Any]]:
        """Return all points in order: of a grid, levels as given, the last factor changing fastest."""
        return [self.point(place) for place in range(self.count)]

    def scenario_at(self, place: int) -> Scenario:
        """Return the scenario of one point."""
        return self._made(self.point(place))

    def scenarios(self) -> Iterator[Scenario]:
        """Give the scenarios of all points, one after the other."""
        return (self.scenario_at(place) for place in range(self.count))

    def named_levels(self, name: str) -> tuple[str, ...]:
        """Return the names that a factor of names takes, each once; none where the plan does not vary it."""
        levels = self.factors.get(name, ())
        return () if isinstance(levels, Spread) else tuple(dict.fromkeys(levels))

    @cached_property
    def identity(self) -> str:
        """64 hexadecimal digits: equal for plans that run the same things in the same order."""
        named = {
            f"{name}={level}": scenario_identity(self._made({name: level}))
            for name in ("scenario", "partnership")
            for level in self.named_levels(name)
        }
        said = design_record(self.laid_out)
        return digest(
            {
                **said,
                "factors": [[name, levels] for name, levels in said["factors"].items()],
                "drawn": self.laid_out.identity,
                "scenario": scenario_identity(self.base),
                "seed": self.seed,
                "worlds": self.worlds,
                "months": self.months,
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
        programme = settings.pop("programme", None)
        if ORDER in settings:
            programme = order(settings.pop(ORDER), f"'{ORDER}'").entries(base.support)
        return base.with_settings(programme, self.months, **settings)

    def _impossible(self) -> list[str]:
        """Find the points that make no scenario, such as windows that end before they start.

        Only levels that can clash are looked at, each combination once, so that a large plan is checked
        quickly.
        """
        told: dict[str, str] = {}
        for values in self.laid_out.clashing():
            try:
                self._made(values)
            except InputError as error:
                at = ", ".join(f"{name} = {level}" for name, level in values.items())
                for fault in error.faults:
                    told.setdefault(fault, f"[factors] {fault} (at {at})" if at else fault)
        return list(told.values())
