"""Computing the chunks of a sweep on the workers of a Dask scheduler (``pip install collabsim[cluster]``).

Workers compute and send a chunk's files back; this process alone writes the folder. So a worker that dies
takes nothing finished with it: the scheduler gives its chunks to others, and the tables are the same bits
as from one machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from collabsim.compiled import plain, step
from collabsim.errors import InputError
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study.chunks import Work
from collabsim.study.disk import StoppedError
from collabsim.study.durable import DurableSweep, chunk_files

if TYPE_CHECKING:
    from distributed import Client

NO_SCHEDULE = Schedule(())
"""What is sent in place of a schedule, which each worker makes itself."""

AHEAD = 2
"""Chunks handed out for each thread of the cluster, so that none waits for the next."""

TRIES = 5
"""How often a chunk is handed out anew after the workers that had it died."""

WAIT = 60.0
"""Seconds to wait for a scheduler, or for a first worker."""


def on_cluster(address: str, wait: float = WAIT) -> Callable[[DurableSweep], None]:
    """Return what computes a sweep on a cluster.

    Parameters
    ----------
    address
        Of its scheduler, such as ``tcp://10.0.0.1:8786``.
    wait
        Seconds to wait for it, or for its first worker.

    Raises
    ------
    InputError
        If Dask is not installed or no scheduler answers.
    """
    try:
        import distributed
    except ImportError:
        raise InputError(
            "a cluster needs Dask, which is not installed: pip install 'collabsim[cluster]'"
        ) from None
    try:
        client = distributed.Client(address, timeout=wait, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(f"no Dask scheduler answers at '{address}': {error}") from None

    def compute(sweep: DurableSweep) -> None:
        with client:
            try:
                client.wait_for_workers(1, timeout=wait)
            except TimeoutError:
                raise StoppedError(
                    f"the scheduler at '{address}' has no workers; start some, and the same command goes on"
                ) from None
            with client.as_current():
                _hand_out(sweep, client)

    return compute


def _hand_out(sweep: DurableSweep, client: Client) -> None:
    """Keep every worker busy, and keep what comes back."""
    from distributed import as_completed

    if sweep.work.schedule is not SCHEDULE or sweep.work.outcomes:
        _check_known(sweep.work)
    rules = own_rules(sweep.work.schedule)
    sent = replace(sweep.work, schedule=NO_SCHEDULE)
    blocks = sweep.blocks()
    back = as_completed()
    under_way: dict[Any, tuple[int, int]] = {}

    def hand_out() -> bool:
        block = next(blocks, None)
        if block is None:
            return False
        number, cells, worlds = block
        for place in dict.fromkeys(sweep.cells.places[cells].tolist()):
            sweep.notice(sweep.work.plan.scenario_at(place))
        task = client.submit(
            compute_there, sent, rules, sweep.head, sweep.cells.places[cells], sweep.cells.keys[cells],
            worlds, pure=False, retries=TRIES,
        )  # fmt: skip
        under_way[task] = number, len(cells)
        back.add(task)
        return True

    threads = sum(client.nthreads().values())
    for _ in range(max(1, AHEAD * threads)):
        if not hand_out():
            break
    for task in back:
        number, runs = under_way.pop(task)
        try:
            files, seconds = task.result()
        except InputError:
            raise
        except Exception as error:
            raise StoppedError(
                f"the cluster could not compute chunk {number}: {type(error).__name__}: {error}. What was "
                "finished is kept, and the same command goes on from there"
            ) from error
        task.release()
        sweep.took(runs, seconds)
        sweep.keep(number, files)
        if sweep.progress is not None:
            sweep.progress(runs)
        hand_out()


def _check_known(work: Work) -> None:
    """Refuse functions that a worker could not have, such as those of a notebook, before anything is sent."""
    functions = [plain(function) for _, function in work.schedule.steps] + list(work.outcomes.values())
    local = [one.__name__ for one in functions if getattr(one, "__module__", "") == "__main__"]
    if local:
        raise InputError(
            *(f"'{name}' is defined where only this process knows it; put it into a module that the workers "
              "of the cluster can import" for name in local)
        )  # fmt: skip


def own_rules(schedule: Schedule) -> list[tuple[str, Any]]:
    """Return the steps of a schedule by name, each with its function where it is not the model's own.

    A worker takes the model's own from its own installation: compiled code does not travel, and what would
    travel with it is the sender's idea of which rules these are.
    """
    usual = dict(SCHEDULE.steps)
    return [(name, None if usual.get(name) is step else plain(step)) for name, step in schedule.steps]


def schedule_there(rules: list[tuple[str, Any]]) -> Schedule:
    """Make a schedule of what :func:`own_rules` returned, with the rules of this installation."""
    usual = dict(SCHEDULE.steps)
    if [(name, None) for name in usual] == rules:
        return SCHEDULE
    return Schedule(tuple((name, usual[name] if own is None else step(own)) for name, own in rules))


def compute_there(
    work: Work, rules: list[tuple[str, Any]], head: dict[str, Any], places: Any, keys: Any, worlds: Any
) -> tuple[dict[str, bytes], float]:
    """Compute a chunk, on a worker, and return its files and how long it took.

    Raises
    ------
    InputError
        If this worker has other rules than the process that keeps the sweep.
    """
    work = replace(work, schedule=schedule_there(rules))
    if work.schedule.identity != head["rules"]:
        raise InputError(
            "a worker of the cluster has other rules than this process: install the same version of "
            "collabsim on all machines"
        )
    work.schedule.ready()  # compiling is no measure of how long a chunk takes
    begun = time.monotonic()
    return chunk_files(work, head, places, keys, worlds, threads=1), time.monotonic() - begun
