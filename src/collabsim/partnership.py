"""Who is in it: bundled partnerships, generated ones, and your own from files.

A partnership is the organisations, the pairs of them that know of each other, and whatever is known of
how they start. What is not known is left open (NaN) and drawn, or follows from a default, at the start of
each world. A partnership itself is the same in every world.

It comes from a bundled name (``"scottish-partnership"``), from a path to a TOML file (its shape is
described in :mod:`collabsim.partnership_files`), or is generated: ``"small-world:1000"`` is a small world of
1,000 organisations, ``"random:100000:12:7"`` has 100,000 organisations, 12 ties each on average and seed 7.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from collabsim.errors import Faults, InputError, nearest
from collabsim.naming import NumberedNames, key
from collabsim.sectors import Records, Sector
from collabsim.state import START_DTYPE, TIE_DTYPE

BUNDLED = Path(__file__).parent / "data" / "partnerships"
"""Where the bundled partnerships are: one file each, and nothing else to touch to add one."""

GENERATED = ("random", "small-world", "sectors", "scale-free")
"""The kinds of network that can be generated."""

MOST_ORGANISATIONS = 2_000_000
MOST_TIES = 20_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Partnership:
    """Who is in it, who knows of whom, and what is known of how they start.

    Attributes
    ----------
    name, title, description
        What it is called, in options and in running text, and what it is.
    organisations
        Shape (organisations,), dtype :data:`START_DTYPE`, read-only.
    ties
        The known pairs, sorted by the ids of their ends; shape (ties,), dtype :data:`TIE_DTYPE`, read-only.
    sectors
        The sectors; an organisation's code is a position here.
    names
        The organisations' names, by row.
    survey_error
        Standard deviation of surveyed trust round the truth, 0 to 0.5. Above 0, each world starts from its
        own draw of what was meant (:func:`collabsim.start.begin_ties`).
    """

    name: str
    title: str
    description: str
    organisations: Records
    ties: Records
    sectors: tuple[Sector, ...]
    names: Sequence[str]
    survey_error: float = 0.0

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        self.organisations.setflags(write=False)
        self.ties.setflags(write=False)

    def __len__(self) -> int:
        """Count the organisations."""
        return len(self.organisations)

    def __repr__(self) -> str:
        """Say which it is, and how large."""
        return f"<Partnership {self.name}: {len(self):,} organisations, {len(self.ties):,} ties>"

    def __reduce__(self) -> tuple[object, ...]:
        """Stay read-only on the way between processes."""
        return (type(self), tuple(getattr(self, field.name) for field in dataclasses.fields(self)))

    @cached_property
    def _rows(self) -> dict[str, int]:
        """Row by name as it is written, which is quick to find, and by its key."""
        rows = {key(name): row for row, name in enumerate(self.names)}
        return rows | {name: row for row, name in enumerate(self.names)}

    def find(self, name: str) -> int | None:
        """Find the row of a name; None where there is none."""
        if isinstance(self.names, NumberedNames):
            return self.names.row(name)
        row = self._rows.get(name)
        return self._rows.get(key(name)) if row is None else row

    def _nearest(self, name: str, also: Sequence[str] = ()) -> str:
        """Say what a name was probably meant to be, without comparing it to a million others."""
        if isinstance(self.names, NumberedNames):
            like = f"; organisations here are called '{self.names[0]}' to '{self.names[-1]}'"
            return (nearest(name, also) if also else "") + like
        names = [*also, *self.names]
        if len(names) > 2_000:
            alike = [known for known in names if key(known)[:2] == key(name)[:2]][:2_000]
            return nearest(name, alike)
        return nearest(name, names)

    def row(self, name: str) -> int:
        """Find an organisation by name; case and spacing are forgiven.

        Returns
        -------
        int
            Its row.

        Raises
        ------
        InputError
            If there is no such organisation, with the nearest spelling.
        """
        found = self.find(name) if isinstance(name, str) else None
        if found is None:
            raise InputError(f"there is no organisation '{name}'{self._nearest(str(name))}")
        return found

    def members(self, who: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Find the organisations meant by a list of sectors and names.

        Parameters
        ----------
        who
            Names of sectors or organisations; case and spacing are forgiven.

        Returns
        -------
        numpy.ndarray
            True where an organisation is meant; shape (organisations,).

        Raises
        ------
        InputError
            Naming each that is unknown, with the nearest spelling, each sector that nobody here is of, and
            each name that an organisation shares with a sector of others; or if the list is empty.
        """
        faults = Faults()
        asked = [who] if isinstance(who, str) else list(who)
        codes = {key(sector.name): code for code, sector in enumerate(self.sectors)}
        meant = np.zeros(len(self), np.bool_)
        here = [self.sectors[code].name for code in np.unique(self.organisations["sector"])]
        for name in asked:
            if not isinstance(name, str):
                faults.add(f"a sector or an organisation is named by text, not by {name!r}")
            elif key(name) in codes:
                found = self.organisations["sector"] == codes[key(name)]
                namesake = self.find(name)
                if namesake is not None and not (found[namesake] and found.sum() == 1):
                    faults.add(
                        f"'{name}' is the name of a sector and of an organisation, and could mean either; "
                        "give the organisation another name"
                    )
                elif not found.any():
                    faults.add(f"nobody here is of the sector '{name}'; sectors here are {', '.join(here)}")
                meant |= found
            elif (row := self.find(name)) is not None:
                meant[row] = True
            else:
                hint = self._nearest(name, [sector.name for sector in self.sectors])
                faults.add(f"there is no sector or organisation '{name}'{hint}")
        if not asked:
            faults.add("the list of sectors and organisations is empty; leave it out to mean everyone")
        faults.settle()
        return meant

    def identity(self) -> str:
        """Digest everything that matters to a run: organisations, ties, sectors and names.

        Returns
        -------
        str
            64 hexadecimal digits.
        """
        return self._identity

    @cached_property
    def _identity(self) -> str:
        """Worked out once: the arrays are read-only, and a sweep asks for every one of its points."""
        digest = hashlib.sha256()
        # Numbered names follow from the records, so their rule stands for them.
        names = ["numbered"] if isinstance(self.names, NumberedNames) else list(self.names)
        sectors = [dataclasses.astuple(sector) for sector in self.sectors]
        digest.update(repr((names, sectors, START_DTYPE.descr, TIE_DTYPE.descr)).encode())
        if self.survey_error > 0:
            digest.update(f"survey error {self.survey_error!r}".encode())
        for array in (self.organisations, self.ties):
            digest.update(str(len(array)).encode() + b":")
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def renamed(self, order: Sequence[int] | npt.NDArray[np.integer[Any]]) -> Partnership:
        """Put the organisations into another order, their ids travelling with them.

        Parameters
        ----------
        order
            A permutation of the rows: row `r` of the result is row ``order[r]`` of this one.

        Returns
        -------
        Partnership

        Raises
        ------
        InputError
            If `order` is not a permutation of the rows.
        """
        rows = np.asarray(order)
        if rows.shape != (len(self),) or not np.array_equal(np.sort(rows), np.arange(len(self))):
            raise InputError(f"an order of {len(self)} organisations holds each of 0 to {len(self) - 1} once")
        organisations = self.organisations[rows]
        place = np.empty(len(self), np.int64)
        place[rows] = np.arange(len(self))
        ties = self.ties.copy()
        ties["lower"], ties["higher"] = place[ties["lower"]], place[ties["higher"]]
        names: Sequence[str] = (
            NumberedNames(organisations, self.sectors)
            if isinstance(self.names, NumberedNames)
            else tuple(self.names[row] for row in rows.tolist())
        )
        return dataclasses.replace(self, organisations=organisations, ties=ties, names=names)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Partnership:
        """Load a partnership by a bundled name, a path, or a generated form.

        Parameters
        ----------
        name_or_path
            ``"pair"``, ``"my area.toml"`` or ``"small-world:1000[:degree[:seed]]"``.

        Raises
        ------
        InputError
            If there is none such, or its file has faults: all of them, each with its place.
        """
        if not isinstance(name_or_path, str | Path):
            raise InputError(f"a partnership is named by text or a path, not by {name_or_path!r}")
        text = str(name_or_path)
        is_path = isinstance(name_or_path, Path) or "/" in text or "\\" in text
        if not is_path and re.fullmatch(r"[\w-]+", text) and (BUNDLED / f"{text}.toml").is_file():
            return _bundled(text)
        if not is_path and not text.lower().endswith(".toml"):
            if ":" in text or text in GENERATED:
                from collabsim.generate import parse

                return cls.generate(**parse(text))
            raise InputError(
                f"there is no partnership '{text}'{nearest(text, [*bundled(), *GENERATED])} "
                "(a bundled name, the path of a .toml file, or a generated form such as small-world:1000)"
            )
        from collabsim.partnership_files import read

        return read(Path(name_or_path))

    @classmethod
    def from_dict(
        cls, data: Mapping[str, Any], where: str = "partnership", folder: str | Path | None = None
    ) -> Partnership:
        """Make a partnership of a dictionary in the shape of the TOML file.

        Parameters
        ----------
        data
            What the file would hold; see :mod:`collabsim.partnership_files`.
        where
            What to call it in messages.
        folder
            Where the CSV files that it names lie; the current folder unless given.

        Raises
        ------
        InputError
            With all its faults, each with its place.
        """
        from collabsim.partnership_files import build

        return build(data, where, Path() if folder is None else Path(folder))

    @classmethod
    def generate(cls, kind: str, organisations: int, *, degree: float = 12, seed: int = 0) -> Partnership:
        """Generate a partnership; it depends on these arguments only and is the same in every world.

        Parameters
        ----------
        kind
            One of :data:`GENERATED`.
        organisations
            How many, from 2 to 2,000,000.
        degree
            Mean number of ties of an organisation, at least 1 and less than `organisations`.
        seed
            Which one of its kind, 0 to 2^32 - 1.

        Raises
        ------
        InputError
            If an argument is not as above, or there would be more than 20,000,000 ties.
        """
        from collabsim.generate import generate

        return generate(kind, organisations, degree, seed)


@cache
def _bundled(name: str) -> Partnership:
    """Read one of the bundled partnerships, once."""
    from collabsim.partnership_files import read

    return read(BUNDLED / f"{name}.toml", where=name)


@cache
def _titles() -> tuple[tuple[str, str], ...]:
    """Name and title of each of the bundled partnerships, the smaller first."""
    every = [_bundled(path.stem) for path in BUNDLED.glob("*.toml")]
    every.sort(key=lambda one: (len(one), one.name))
    return tuple((one.name, one.title) for one in every)


def bundled() -> dict[str, str]:
    """List the bundled partnerships.

    Returns
    -------
    dict
        Name to title, the smaller first.
    """
    return dict(_titles())
