"""Verifying a finished sweep: a random sample of its runs is run again, from the manifest alone.

What is compared is bits: of every outcome, the factors, the identity of the run and its error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim import saved_state
from collabsim.errors import InputError
from collabsim.outcomes import ALL_OUTCOMES
from collabsim.parameters import whole
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study import own_outcomes
from collabsim.study.cells import head_of
from collabsim.study.chunks import Work, compute, measured, with_levels
from collabsim.study.durable import START, hash_of
from collabsim.study.own_outcomes import OwnOutcomes
from collabsim.study.sources import plan_again
from collabsim.study.store import MANIFEST, RUNS, unlike_heads

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE = 50
"""Runs of a sample that does not say."""

MOST_TOLD = 20
"""Differences that are told one by one."""


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Attributes
    ----------
    runs, sample
        How many runs there are, and how many were run again.
    seed
        What the sample was drawn with.
    different
        How many of the sample differ.
    differences
        In words: files that are not as they were written, then runs that differ.
    lacking
        In words: what could not be compared, and why.
    """

    runs: int
    sample: int
    seed: int
    different: int
    differences: tuple[str, ...]
    lacking: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a finished sweep.

    Raises
    ------
    InputError
        If there is none.
    """
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["head"] and found["files"][RUNS]["sha256"] and "sources" in found:
            return dict(found)
    except FileNotFoundError:
        raise InputError(
            f"'{folder}' holds no {MANIFEST}: it is no sweep, or one that is not finished; its own command "
            "goes on with it"
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise InputError(f"'{path}' is not the manifest of a sweep")


def verify(
    folder: str | Path,
    sample: int = SAMPLE,
    *,
    seed: int | None = None,
    schedule: Schedule = SCHEDULE,
    outcomes: OwnOutcomes | None = None,
    workers: int | None = None,
) -> Verdict:
    """Run a random sample of a sweep again and compare it bit for bit.

    Parameters
    ----------
    folder
        Of the sweep.
    sample
        How many runs; all of them if there are no more.
    seed
        What the sample is drawn with; any unless said.
    schedule, outcomes
        Those of the sweep, where it had rules or outcomes of its own: a manifest has their hash only.
    workers
        Threads; all cores unless said.

    Raises
    ------
    InputError
        If the sweep cannot be run again here, saying what is lacking.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    whole(sample, "the sample", 1, 10**9)
    seed = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed
    plan = plan_again(manifest)
    start = None
    if manifest["head"]["start"] is not None:
        start = saved_state.read(folder / START, plan.base.partnership)
    own = own_outcomes.checked(outcomes, plan.factors)
    work = Work(plan, schedule, own, start)
    lacking = _compare_heads(manifest, work)
    differences = [
        f"{name} is not the file that the sweep wrote: its hash is another"
        for name, facts in manifest["files"].items()
        if not (folder / name).exists() or hash_of(folder / name) != facts["sha256"]
    ]
    found = _sampled(folder / RUNS, sample, seed)
    places, worlds = (found[name].to_numpy() for name in ("point", "world"))
    if len(found) and (places.min() < 0 or places.max() >= plan.count):
        raise InputError(f"'{folder / RUNS}' has points that the plan in the manifest does not have")
    chunk = compute(work, places, worlds, threads=workers)
    again = with_levels(plan, measured(work, chunk), places)
    unlike = _differences(found, again)
    told = unlike[:MOST_TOLD]
    if len(unlike) > MOST_TOLD:
        told.append(f"and {len(unlike) - MOST_TOLD:,} more runs differ")
    return Verdict(
        manifest["runs"], len(found), seed, len(unlike), (*differences, *told), tuple(lacking)
    )


def _compare_heads(manifest: Mapping[str, Any], work: Work) -> list[str]:
    """Refuse what cannot be run again as it was; return what cannot be compared."""
    head = dict(manifest["head"])
    mine = head_of(work)
    lacking = []
    if head["outcomes"] and not work.outcomes:
        names = ", ".join(head["outcomes"])
        lacking.append(
            f"the sweep's own outcomes ({names}) are functions that the manifest does not hold; they are "
            "compared by verify(folder, outcomes=...) in Python"
        )
        mine["outcomes"] = head["outcomes"]
    unlike = unlike_heads(head, mine)
    if unlike:
        raise InputError(
            f"the sweep cannot be run again here: {'; '.join(unlike)} (it was made with collabsim "
            f"{manifest['collabsim']}; rules and outcomes of your own go to verify(folder, schedule=..., "
            "outcomes=...) in Python)"
        )
    return lacking


def _sampled(file: Path, sample: int, seed: int) -> pa.Table:
    """Read a random sample of rows, a row group at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as source:
            count = source.metadata.num_rows
            drawn = np.random.default_rng(seed).choice(count, min(sample, count), replace=False)
            rows, first, pieces = np.sort(drawn), 0, []
            for group in range(source.num_row_groups):
                last = first + source.metadata.row_group(group).num_rows
                mine = rows[(rows >= first) & (rows < last)] - first
                if len(mine):
                    pieces.append(source.read_row_group(group).take(pa.array(mine)))
                first = last
            return pa.concat_tables(pieces) if pieces else source.schema_arrow.empty_table()
    except FileNotFoundError:
        raise InputError(f"'{file}' is not there") from None
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"'{file}' cannot be read as a table: {error}") from None


def _differences(found: pa.Table, again: pa.Table) -> list[str]:
    """Say of each run that differs where, and by what."""
    names = [name for name in again.column_names if name in found.column_names]
    missing = [name for name in ("run", "error", *ALL_OUTCOMES) if name not in found.column_names]
    if missing:
        return [f"the column '{missing[0]}' is gone"]
    told: dict[int, list[str]] = {}
    for name in names:
        for row, (one, other) in enumerate(zip(_bits(found[name]), _bits(again[name]), strict=True)):
            if one != other:
                told.setdefault(row, []).append(f"{name} is {found[name][row].as_py()!r} and was "
                                                f"{again[name][row].as_py()!r}")  # fmt: skip
    points, worlds = found["point"].to_pylist(), found["world"].to_pylist()
    return [
        f"point {points[row]}, world {worlds[row]}: {'; '.join(words[:3])}"
        + (f"; and {len(words) - 3} more" if len(words) > 3 else "")
        for row, words in sorted(told.items())
    ]


def _bits(column: Any) -> list[Any]:
    """Return what a column's cells are compared by: the bits of numbers, and null as it is."""
    import pyarrow as pa

    if pa.types.is_floating(column.type):
        numbers = column.to_numpy(zero_copy_only=False).astype(np.float64)
        nulls = column.is_null().to_numpy(zero_copy_only=False)
        return [None if null else int(bits) for null, bits in zip(nulls, numbers.view(np.int64), strict=True)]
    return list(column.to_pylist())
