"""Joining shards: parts of one sweep, each run into a folder of its own, on whatever machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from collabsim import saved_state
from collabsim.errors import Faults, InputError
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study.cells import Shard, head_of
from collabsim.study.chunks import Work
from collabsim.study.durable import START, DurableSweep
from collabsim.study.ledger import KEPT, Ledger
from collabsim.study.own_outcomes import OwnOutcomes
from collabsim.study.sources import plan_again
from collabsim.study.store import MEASURED, MONTHS, Store, TornChunkError, unlike_heads
from collabsim.study.verify import read_manifest


def merge(
    out: str | Path,
    shards: Sequence[str | Path],
    *,
    schedule: Schedule = SCHEDULE,
    outcomes: OwnOutcomes | None = None,
    progress: Callable[[int], None] | None = None,
    fresh: bool = False,
) -> dict[str, Any]:
    """Join finished shards of one sweep into a folder, with the same tables as if it had been run there.

    Nothing is computed: the shards' chunks are copied, and put together.

    Parameters
    ----------
    out
        The folder for the whole sweep.
    shards
        Folders of all shards, in any order.
    schedule, outcomes
        Those of the sweep, where it had rules or outcomes of its own.
    progress
        Told of runs copied.
    fresh
        Replace what another sweep left in ``out``.

    Returns
    -------
    dict
        The manifest of the whole.

    Raises
    ------
    InputError
        If they are not shards of one sweep, or some are missing, saying which; nothing is written then.
    """
    folders = [Path(one) for one in shards]
    faults = Faults()
    manifests = []
    for folder in folders:
        try:
            manifests.append(read_manifest(folder))
        except InputError as error:
            faults.take(error)
    faults.settle()
    _check(folders, manifests, Path(out))
    first = manifests[0]
    plan = plan_again(first)
    start = None
    if first["head"]["start"] is not None:
        start = saved_state.read(folders[0] / START, plan.base.partnership)
    work = Work(plan, schedule, dict(outcomes or {}), start, first["every"])
    unlike = unlike_heads(first["head"], head_of(work))
    if unlike:
        raise InputError(
            f"the shards cannot be joined here: {'; '.join(unlike)}; rules and outcomes of your own go to "
            "merge(..., schedule=..., outcomes=...) in Python"
        )
    joined = DurableSweep(work, Path(out), progress=progress, fresh=fresh)
    return joined.run(_copying(folders))


def _check(folders: Sequence[Path], manifests: Sequence[Mapping[str, Any]], out: Path) -> None:
    """Refuse what are not all the shards of one sweep."""
    if not folders:
        raise InputError("there are no shards to join; name their folders")
    faults = Faults()
    if out.resolve() in {folder.resolve() for folder in folders}:
        faults.add(f"'{out}' is one of the shards; the whole goes into a folder of its own")
    first = manifests[0]
    seen: dict[str, Path] = {}
    for folder, manifest in zip(folders, manifests, strict=True):
        shard = manifest["shard"]
        if shard is None:
            faults.add(f"'{folder}' is no shard but a whole sweep")
            continue
        if shard in seen:
            faults.add(f"'{folder}' and '{seen[shard]}' are both shard {shard}")
        seen.setdefault(shard, folder)
        unlike = unlike_heads(manifest["head"], first["head"])
        if not unlike and manifest["plan_identity"] != first["plan_identity"]:
            unlike = ["its points or worlds are others"]
        if not unlike and manifest["every"] != first["every"]:
            unlike = ["it keeps other months"]
        if unlike:
            faults.add(f"'{folder}' and '{folders[0]}' are not of one sweep: {'; '.join(unlike)}")
    counts = {Shard.read(shard).of for shard in seen}
    if len(counts) > 1:
        faults.add(f"the shards are of sweeps cut in different numbers: {', '.join(sorted(seen))}")
    elif counts:
        of = counts.pop()
        missing = [f"{number}/{of}" for number in range(1, of + 1) if f"{number}/{of}" not in seen]
        if missing:
            more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
            faults.add(f"missing: shard {', '.join(missing[:10])}{more}")
    faults.settle()


def _copying(folders: Sequence[Path]) -> Callable[[DurableSweep], None]:
    """Return what copies the chunks of shards, in place of computing them."""

    def copy(sweep: DurableSweep) -> None:
        for folder in folders:
            with Ledger(folder) as ledger:
                source = Store(folder, sweep.head)
                for entry in ledger.entries(KEPT):
                    keys, worlds = ledger.members(entry.number)
                    if not sweep.takes(keys, worlds, entry.every):
                        continue
                    try:
                        kinds = (MEASURED, MONTHS) if entry.every else (MEASURED,)
                        files = {kind: source.content(entry, kind) for kind in kinds}
                    except TornChunkError as torn:
                        raise InputError(
                            f"chunk {torn.number} of '{folder}' is damaged or has been changed; remove "
                            "manifest.json there and run the shard's command again"
                        ) from None
                    number = sweep.enter(keys, worlds, entry.every)
                    sweep.keep(number, files)
                    if sweep.progress is not None:
                        sweep.progress(len(worlds))
        if sweep.pending.any():
            raise InputError(f"{int(np.sum(sweep.pending)):,} runs are in none of the shards")

    return copy
