"""Tables of the documentation from recorded benchmarks: what was found, and which goals it meets."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Rows = list[list[str]]

ENGINES = {"ensemble": "ensemble", "mesa": "Mesa model, outcomes only", "mesa_rows": "Mesa model"}

LEVEL = 1.5
"""Within how many times its least a number of each tie counts as the same at every size."""

LINEAR, NEARLY = 1.05, 1.2
"""The power of ties with which time may grow, over all sizes, and count as linear, or nearly."""

RUNS, MINUTES = 1_000_000, 10.0
"""The sweep that shall be done within ten minutes on two threads."""


def _read(folder: Path, name: str) -> Any:
    import pandas as pd

    return pd.read_csv(folder / f"{name}.csv")


def _figures(value: float) -> str:
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.2g}" if value < 10.0 else f"{value:.0f}"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if 0.1 <= value < 10.0 else _figures(value)


def _or_dash(value: float) -> str:
    return "–" if value != value else _figures(value)


def _met(met: bool) -> str:
    return "met" if met else "missed"


def _level(values: Any) -> bool:
    """Say whether a number of each tie is the same at every size."""
    return bool(values.max() <= LEVEL * values.min())


def _took(row: Any) -> str:
    """Say how long a start took, and of that how long a processor worked on it."""
    return f"{row['seconds']:.2f} s ({row['processor_seconds']:.2f} s of processor time)"


def side_by_side(folder: Path) -> tuple[Sequence[str], Rows]:
    """Return the same work in different hands: header and rows.

    Parameters
    ----------
    folder
        Where the benchmarks are recorded.
    """
    rows = [
        [
            row["title"],
            _figures(row["runs_per_second"]),
            _figures(row["ns_per_pair_month"]),
            _figures(row["peak_megabytes"]),
            _ratio(row["times_idiomatic_mesa"]),
            _ratio(row["times_ensemble_1"]),
            row["agreement"],
        ]
        for row in _read(folder, "benchmarks").to_dict("records")
    ]
    header = ["contender", "runs a second", "ns a pair-month", "MB", "times idiomatic Mesa",
              "times one thread", "agreement with the ensemble"]  # fmt: skip
    return header, rows


def goals(folder: Path) -> tuple[Sequence[str], Rows]:
    """Return what was aimed at, what was found, and whether that meets it: header and rows.

    Parameters
    ----------
    folder
        Where the benchmarks are recorded.
    """
    work = _read(folder, "benchmarks").set_index("contender")
    start = _read(folder, "start").set_index("what")
    plain = work.loc[[name.startswith("c_") for name in work.index], "times_ensemble_1"]
    mesa = work["times_idiomatic_mesa"]
    ways = _read(folder, "threads").set_index("way")
    two, apart = ways.loc["2 threads"], ways.loc["2 processes", "times_one"]
    minutes = RUNS / work.loc["ensemble_2", "runs_per_second"] / 60.0
    aims: list[tuple[str, str, str]] = [
        ("one thread at least 150 times idiomatic Mesa, reaching for 300",
         f"{mesa['ensemble_1']:.0f} times (half of all turns "
         f"{work.loc['ensemble_1', 'times_mesa_lower_quartile']:.0f} to "
         f"{work.loc['ensemble_1', 'times_mesa_upper_quartile']:.0f})", _met(mesa["ensemble_1"] >= 150.0)),
        ("two threads 1.9 times one",
         f"{two['times_one']:.2f} times (half of all turns {two['lower_quartile']:.2f} to "
         f"{two['upper_quartile']:.2f}); two processes that share nothing: {apart:.2f} times; side by "
         f"side with all others: {work.loc['ensemble_2', 'times_ensemble_1']:.2f} times",
         _met(two["times_one"] >= 1.9)),
        ("a million runs within 10 minutes on two threads", f"{minutes:.0f} minutes",
         _met(minutes <= MINUTES)),
        *_growth_goals(folder),
        *((said, _took(start.loc[what]), _met(start.loc[what, "seconds"] < limit)) for said, what, limit in (
            ("`import collabsim` under 0.5 s", "import", 0.5),
            ("warm `collabsim run pair` under 1.5 s", "warm_run", 1.5),
            ("cold `collabsim run pair`, compiling, under 15 s", "cold_run", 15.0),
        )),
    ]  # fmt: skip
    if len(plain):
        ratio = float(plain.max())
        found = f"plain C is {ratio:.2f} times as fast"
        aims.insert(1, ("one thread within 1.3 times plain C", found, _met(ratio <= 1.3)))
    return ["goal", "found", ""], [list(aim) for aim in aims]


def _growth_goals(folder: Path) -> list[tuple[str, str, str]]:
    """Return the goals of size, as :func:`goals` does."""
    sizes_of = _read(folder, "scale").set_index("engine").loc["ensemble"].set_index("organisations")
    scale = sizes_of.loc[100_000]
    held, tie = sizes_of["bytes_per_tie"].dropna(), sizes_of["ns_per_tie_month"]
    times, many = sizes_of["run_seconds"], sizes_of["ties"]
    power = math.log(times.iloc[-1] / times.iloc[0]) / math.log(many.iloc[-1] / many.iloc[0])
    return [
        ("100,000 organisations, 600,000 ties, 60 months in one process",
         f"{scale['run_seconds']:.0f} s and {scale['peak_megabytes']:.0f} MB, set up in "
         f"{scale['set_up_seconds']:.1f} s", "met"),  # that it was done is the goal
        ("memory linear in ties", f"{held.min():,.0f} to {held.max():,.0f} bytes a tie", _met(_level(held))),
        ("time linear in ties", f"{', '.join(f'{ns:.0f}' for ns in tie)} ns a tie-month at "
         f"{', '.join(f'{size:,}' for size in tie.index)} organisations: as ties to the power {power:.2f}",
         "met" if power <= LINEAR else "nearly" if power <= NEARLY else "missed"),
    ]  # fmt: skip


def phases(folder: Path) -> tuple[Sequence[str], Rows]:
    """Return where a month's time goes, the dearest first: header and rows.

    Parameters
    ----------
    folder
        Where the benchmarks are recorded.
    """
    frame = _read(folder, "phases").sort_values(["kind", "microseconds"], ascending=[True, False])
    kinds = {"month": "step", "measure": "taking stock, in measured months", "floor": "floor"}
    rows = [
        [f"`{row['phase']}`", kinds[kind], f"{row['microseconds']:.2f}", f"{100 * row['share_of_month']:.1f}"]
        for kind in kinds
        for row in frame[frame["kind"] == kind].to_dict("records")
        if row["share_of_month"] >= 0.01 or kind == "floor"
    ]
    return ["what", "kind", "µs a month", "% of the month"], rows


def growth(folder: Path) -> tuple[Sequence[str], Rows]:
    """Return time and memory by size: header and rows.

    Parameters
    ----------
    folder
        Where the benchmarks are recorded.
    """
    kinds = ("month", "start", "month_unmeasured", "month_measured")
    rows = [
        [
            ENGINES[row["engine"]],
            f"{row['organisations']:,}",
            f"{row['ties']:,}",
            str(row["months"]),
            _figures(row["set_up_seconds"]),
            _figures(row["run_seconds"]),
            *(_or_dash(row[f"ns_per_tie_{what}"]) for what in kinds),
            _figures(row["peak_megabytes"]),
            _or_dash(row["bytes_per_tie"]),
        ]
        for row in _read(folder, "scale").to_dict("records")
    ]
    header = ["engine", "organisations", "ties", "months", "set up, s", "run, s", "ns a tie-month",
              "ns a tie: start", "a month", "a measured month", "MB", "bytes a tie"]  # fmt: skip
    return header, rows


def durability(folder: Path) -> tuple[Sequence[str], Rows]:
    """Return what it costs that a sweep cannot be lost: header and rows.

    Parameters
    ----------
    folder
        Where the benchmarks are recorded.
    """
    rows = []
    for (scenario, months, runs), ways in _read(folder, "durable").groupby(
        ["scenario", "months", "runs"], sort=False
    ):
        plain, durable = (ways.set_index("way").loc[way] for way in ("in memory", "durable"))
        rows.append(
            [
                f"`{scenario}`, {months} months, {runs:,} runs",
                f"{plain['seconds']:.1f}",
                f"{durable['seconds']:.1f}",
                f"{durable['times_seconds']:.2f}",
                f"{plain['processor_seconds']:.1f}",
                f"{durable['processor_seconds']:.1f}",
                f"{durable['times_processor']:.2f}",
                str(durable["chunks"]),
                _figures(durable["megabytes"]),
            ]
        )
    header = ["sweep", "in memory, s", "durable, s", "times", "processor time in memory, s", "durable, s",
              "times", "chunks", "MB on the disk"]  # fmt: skip
    return header, rows


def machine(folder: Path) -> tuple[Sequence[str], Rows]:
    """Return on what, and how busy, each benchmark ran: header and rows.

    Parameters
    ----------
    folder
        Where the benchmarks are recorded.
    """
    known = json.loads((folder / "machine.json").read_text(encoding="utf-8"))
    rows = [
        [
            name,
            f"{facts['processor']}, {facts['cores']} cores",
            f"{facts['load_before']:g} before, {facts['load_after']:g} after",
        ]
        for name, facts in known.items()
    ]
    return ["benchmark", "processor", "processes that wanted to run"], rows


TABLES: dict[str, Callable[[Path], tuple[Sequence[str], Rows]]] = {
    "side by side": side_by_side,
    "goals": goals,
    "phases": phases,
    "growth": growth,
    "durability": durability,
    "benchmark machine": machine,
}
"""What docs/generate.py may set into a page, by name."""
