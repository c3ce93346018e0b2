"""A finished sweep, read from its folder for analysis: its design drawn again, and an outcome lined up.

Nothing of the scenario is loaded, so a sweep can be analysed where its own files are not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.errors import Faults, InputError, nearest
from collabsim.outcomes import ALL_OUTCOMES
from collabsim.study.designs import Design, lay_out
from collabsim.study.paired import MISSING, OUTCOME, at_words

if TYPE_CHECKING:
    import pandas as pd

RUNS, MANIFEST = "runs.parquet", "manifest.json"
PLACE = ("run", "point", "seed", "world")
"""Columns that say which run a row is, before the factors."""


@dataclass(frozen=True)
class Swept:
    """A sweep as its folder has it.

    Attributes
    ----------
    folder
        Where it lies.
    manifest
        What it says of itself.
    design
        Its points.
    columns
        Of its table of runs, in order.
    """

    folder: Path
    manifest: dict[str, Any]
    design: Design
    columns: tuple[str, ...]

    @classmethod
    def open(cls, folder: str | Path) -> Swept:
        """Open a finished sweep.

        Parameters
        ----------
        folder
            That ``collabsim sweep`` wrote.

        Raises
        ------
        InputError
            If it holds no finished sweep, or one that cannot be read.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder = Path(folder)
        if not folder.is_dir():
            raise InputError(f"there is no folder '{folder}'")
        for name in (MANIFEST, RUNS):
            if not (folder / name).is_file():
                raise InputError(
                    f"'{folder}' holds no finished sweep: there is no {name}; 'collabsim sweep PLAN.toml "
                    f"--out {folder}' makes or finishes one"
                )
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            plan = manifest["plan"]
            given = (plan["design"], plan["factors"], *map(plan.get, ("points", "resolution")), plan["seed"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(f"'{folder / MANIFEST}' is not the manifest of a sweep") from None
        try:
            columns = tuple(pq.read_schema(folder / RUNS).names)
        except (OSError, pa.ArrowException):
            raise InputError(f"'{folder / RUNS}' cannot be read as a Parquet file") from None
        faults = Faults(str(folder / MANIFEST))
        design = lay_out(*given, faults=faults)
        faults.settle()
        if design is None:
            raise InputError(f"'{folder / MANIFEST}' does not say what the design was")
        for name in (*PLACE, *design.factors):
            if name not in columns:
                faults.add(f"the runs have no column '{name}', which the plan says they have")
        faults.settle()
        return cls(folder, manifest, design, columns)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What can be analysed: columns that are neither places, factors nor the error."""
        fixed = {*PLACE, *self.design.factors, "error"}
        return tuple(name for name in self.columns if name not in fixed)

    def values(self, outcome: str = OUTCOME, missing: str = "refuse") -> tuple[Any, list[tuple[int, int]]]:
        """Line an outcome up by point and world.

        Parameters
        ----------
        outcome
            One of :attr:`outcomes`.
        missing
            ``"refuse"`` a sweep in which one is missing, or ``"drop"`` the worlds in which one is.

        Returns
        -------
        values : numpy.ndarray
            (points, worlds), none missing.
        worlds : list
            Seed and number of each world.

        Raises
        ------
        InputError
            Where the outcome is not there or no number, runs are not those of the plan, or the design is
            incomplete.
        """
        self._check(outcome, missing)
        runs = self._read([*PLACE[1:], *self.design.factors, outcome])
        self._check_points(runs)
        keys = list(zip(runs["seed"].tolist(), runs["world"].tolist(), strict=True))
        worlds = sorted(set(keys))
        place = {key: k for k, key in enumerate(worlds)}
        at = np.array([place[key] for key in keys]), runs["point"].to_numpy()
        values = np.full((self.design.count, len(worlds)), np.nan)
        seen = np.zeros(values.shape, np.int64)
        np.add.at(seen, (at[1], at[0]), 1)
        if (seen > 1).any():
            point, world = (int(each[0]) for each in np.nonzero(seen > 1))
            raise InputError(f"world {worlds[world][1]} is there twice at point {point} of '{self.folder}'")
        values[at[1], at[0]] = runs[outcome].to_numpy(np.float64, na_value=np.nan)
        return self._whole(values, worlds, outcome, missing)

    def _read(self, columns: list[str]) -> pd.DataFrame:
        import pandas as pd
        import pyarrow as pa

        try:
            return pd.read_parquet(self.folder / RUNS, columns=list(dict.fromkeys(columns)))
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"'{self.folder / RUNS}' cannot be read: {error}") from None

    def _check(self, outcome: str, missing: str) -> None:
        faults = Faults()
        if missing not in MISSING:
            faults.add(f"'missing' must be {' or '.join(map(repr, MISSING))}, not {missing!r}")
        if outcome not in self.outcomes:
            faults.add(f"the runs have no outcome '{outcome}'{nearest(outcome, self.outcomes)}")
        else:
            import pyarrow as pa
            import pyarrow.parquet as pq

            kind = pq.read_schema(self.folder / RUNS).field(outcome).type
            if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
                faults.add(f"the outcome '{outcome}' is no number, but {kind}")
        faults.settle()

    def _check_points(self, runs: pd.DataFrame) -> None:
        """Refuse runs that are not those of the design drawn again."""
        places = runs["point"].to_numpy()
        if len(places) and not (places.min() >= 0 and places.max() < self.design.count):
            raise InputError(f"'{self.folder}' has runs of points that its plan has not")
        first = runs.drop_duplicates("point").sort_values("point")
        columns = [first[name].tolist() for name in self.design.factors]
        for place, *found in zip(first["point"].tolist(), *columns, strict=True):
            wanted = self.design.point(place)
            if list(wanted.values()) != found:
                raise InputError(
                    f"point {place} of '{self.folder}' was run at "
                    f"{at_words(dict(zip(wanted, found, strict=True)))}, and its plan says "
                    f"{at_words(wanted)}: the runs are not those of the plan, or another version drew them"
                )

    def _whole(
        self, values: Any, worlds: list[tuple[int, int]], outcome: str, missing: str
    ) -> tuple[Any, list[tuple[int, int]]]:
        """Refuse or drop the worlds in which a value is missing."""
        gaps = ~np.isfinite(values)
        wanted = int(self.manifest.get("worlds", len(worlds)))
        count = int(gaps.sum()) + len(values) * max(0, wanted - len(worlds))
        if count == 0:
            return values, worlds
        whole = ~gaps.any(axis=0)
        if missing == "drop" and whole.any():
            return values[:, whole], [world for world, good in zip(worlds, whole, strict=True) if good]
        lost = len(whole) - int(whole.sum()) + max(0, wanted - len(worlds))
        way_out = "; --missing drop leaves such worlds out, and then speaks of the others only"
        raise InputError(
            f"'{outcome}' is missing in {count:,} of {len(values) * max(wanted, len(worlds)):,} runs of "
            f"'{self.folder}' (not run, failed, or without a value), in {lost:,} of its worlds"
            + (way_out if whole.any() else "")
        )

    @property
    def title(self) -> str:
        """What was swept, in a few words."""
        factors = counted(len(self.design.factors), "factor")
        return f"{counted(self.design.count, 'point')} ({self.design.name} design, {factors})"


def counted(count: int, word: str) -> str:
    """Return a number with its word, in the plural where it is."""
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def outcome_title(outcome: str) -> str:
    """Return what an outcome is called in running text; its name where it is one of the user's own."""
    return ALL_OUTCOMES[outcome].title if outcome in ALL_OUTCOMES else outcome
