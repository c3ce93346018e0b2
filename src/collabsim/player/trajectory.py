"""The trajectory document: what happened in one world, with a programme and without, ready to be played.

Its shape is that of ``trajectory.schema.json``, version :data:`VERSION`. A frame is a moment between months:
frame 0 is the start, frame t the end of the t-th month (row ``t - 1`` of ``Result.monthly``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from collabsim.ensemble import Ensemble
from collabsim.errors import InputError
from collabsim.event_log import Happened, played
from collabsim.frames import check_world
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.play import Run
from collabsim.player.layout import ring
from collabsim.player.packing import FINE, SHOWN, fine, hundredths, packed
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE
from collabsim.state import part

SCHEMA = "collabsim-trajectory"
VERSION = 1

MOST_ORGANISATIONS = 150
MOST_PAIRS = 4_000
MOST_MONTHS = 240
"""What a page can show, and a class can look at."""

ORGANISATION_STATES = ("accountability", "courage", "systems_view", "expectation", "view")


def trajectory(
    scenarios: Sequence[Scenario],
    labels: Sequence[str] = (),
    *,
    seed: int = 0,
    world: int = 0,
    luck: int = 0,
) -> dict[str, Any]:
    """Run scenarios of one partnership in one world, and lay out what happened in each.

    Parameters
    ----------
    scenarios
        At least one; all of the same partnership and number of months.
    labels
        What to call each; its title unless given.
    seed, world, luck
        In which world.

    Returns
    -------
    dict
        The document, as JSON takes it.

    Raises
    ------
    InputError
        If partnerships or months differ, or there is more than a page can show.
    """
    where = check_world(seed, world, luck)
    first = scenarios[0]
    check_alike(scenarios)
    check_size(first)
    names = [*labels, *(scenario.title or scenario.name for scenario in scenarios[len(labels) :])]
    summaries = _summaries(scenarios, where)
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "seed": where[0],
        "world": where[1],
        "luck": where[2],
        "months": first.months,
        "partnership": _partnership(first),
        "runs": [
            {"label": label, "summary": summary, **_run(scenario, where)}
            for scenario, label, summary in zip(scenarios, names, summaries, strict=True)
        ],
    }


def check_alike(scenarios: Sequence[Scenario]) -> None:
    """Refuse scenarios that cannot stand side by side.

    Raises
    ------
    InputError
        If partnerships or months differ.
    """
    first = scenarios[0]
    for other in scenarios[1:]:
        if other.partnership.identity() != first.partnership.identity() or other.months != first.months:
            raise InputError(
                f"'{other.name}' cannot stand beside '{first.name}': they differ in partnership or months"
            )


def check_size(scenario: Scenario) -> None:
    """Refuse more than a page can show.

    Raises
    ------
    InputError
        With every bound that is passed.
    """
    partnership = scenario.partnership
    faults = [
        f"{count:,} {what} are more than the {most:,} that the page shows"
        for count, most, what in (
            (len(partnership), MOST_ORGANISATIONS, "organisations"),
            (len(partnership.ties), MOST_PAIRS, "ties"),
            (scenario.months, MOST_MONTHS, "months"),
        )
        if count > most
    ]
    if faults:
        raise InputError(*faults)


def _summaries(scenarios: Sequence[Scenario], where: tuple[int, int, int]) -> list[dict[str, Any]]:
    jobs = [(*where, place) for place in range(len(scenarios))]
    batch = Ensemble([_sharing(scenario, scenarios[0]) for scenario in scenarios]).run(jobs, threads=1)
    return [
        {name: finite(value) for name, value in zip(ALL_OUTCOMES, row, strict=True)}
        for row in batch.summary.tolist()
    ]


def _sharing(scenario: Scenario, first: Scenario) -> Scenario:
    """Return a scenario with the very partnership of another, which is the same but may be read twice."""
    from dataclasses import replace

    return replace(scenario, partnership=first.partnership)


def finite(value: float) -> float | None:
    """Return a number, or None (null in JSON) where it is missing."""
    return value if math.isfinite(value) else None


def scenario_table(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario in the shape of its TOML file, every entry written out.

    ``Scenario.from_dict`` makes the same scenario of it, where its partnership goes by a bundled or
    generated name.
    """
    table: dict[str, Any] = {
        "name": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "partnership": scenario.partnership.name,
        "months": scenario.months,
        "support": list(scenario.support),
        "parameters": dict(scenario.parameters),
        "programme": [_line(entry, "practice") for entry in scenario.programme],
        "shock": [_line(entry, "kind") for entry in scenario.shocks],
    }
    if costs := scenario.costs.table():
        table["costs"] = costs
    return table


def _line(entry: Any, kind: str) -> dict[str, Any]:
    line = {kind: entry.mover, "from_month": entry.from_month, "to_month": entry.to_month,
            "strength": entry.strength}  # fmt: skip
    return line if entry.who is None else {**line, "with": list(entry.who)}


def _partnership(scenario: Scenario) -> dict[str, Any]:
    partnership = scenario.partnership
    rows = partnership.organisations
    places, headings = ring(rows["sector"].tolist())
    return {
        "name": partnership.name,
        "title": partnership.title or partnership.name,
        "description": partnership.description.strip(),
        "sectors": [{"name": sector.name, "title": sector.title} for sector in partnership.sectors],
        "headings": [{"sector": sector, "x": x, "y": y} for sector, x, y in headings],
        "organisations": [
            {"name": name, "sector": int(row["sector"]), "size": float(row["size"]),
             "statutory": bool(row["statutory"]), "x": x, "y": y}
            for name, row, (x, y) in zip(partnership.names, rows, places, strict=True)
        ],
    }  # fmt: skip


class _Recorder:
    """Keeps what the page draws of every frame of one run."""

    TIES = ("trust", "kept", "broken")

    def __init__(self, run: Run) -> None:
        self.run = run
        self.frames: list[dict[str, Any]] = []
        self.met: list[Any] = [np.zeros((0, 4), np.int64)]
        self.meetings: list[int] = []
        self.turnover: list[tuple[int, int]] = []
        self.introductions: list[tuple[int, int, int, int]] = []
        self.vouched: list[tuple[int, int, int, int, int, int]] = []

    def keep(self) -> None:
        """Keep the state as it is."""
        s, pairs = self.run.state, int(self.run.state.clock[0].pairs)
        self.frames.append(
            {
                "trust": self.run.work.trust[:, :pairs].T.copy(),
                "kept": s.side.kept[:, :pairs].T.copy(),
                "broken": s.side.broken[:, :pairs].T.copy(),
                "contact": s.pair.contact[:pairs].copy(),
                "tension": s.pair.tension[:pairs].copy(),
                "organisations": np.array(
                    [s.organisation[_FIELD.get(name, name)] for name in ORGANISATION_STATES]
                ),
            }
        )

    def tell(self, happened: Happened) -> None:
        """Keep what happened in a month."""
        t, changes = happened.month, happened.changes
        self.turnover += [(t, i) for i in np.flatnonzero(happened.left).tolist()]
        self.meetings.append(len(happened.met))
        code = happened.judged[:, 0] | happened.judged[:, 1] << 2
        code = code | (happened.leader + 1) << 4 | happened.named << 6
        self.met.append(np.column_stack([happened.met, code, hundredths(happened.amounts)]))
        for i, j, k in happened.introductions:
            self.introductions.append((t, i, j, k))
            change = changes["vouched"][happened.place[i, k]]
            if change.any():
                self.vouched.append((t, *happened.place[i, k], j, *hundredths(change).tolist()))

    def stacked(self, name: str) -> Any:
        """Return (frames, pairs, ...) of one quantity; 0 where a pair was not yet known."""
        last = self.frames[-1][name]
        found = np.zeros((len(self.frames), *last.shape))
        for t, frame in enumerate(self.frames):
            found[t, : len(frame[name])] = frame[name]
        return found


_FIELD = {"view": "purpose_view"}


def _run(scenario: Scenario, where: tuple[int, int, int]) -> dict[str, Any]:
    """Play one scenario and lay it out."""
    run = Run(scenario, where, SCHEDULE)
    kept = _Recorder(run)
    kept.keep()
    for happened in played(run):
        kept.tell(happened)
        kept.keep()
    pair = part(run.state.pair, slice(run.state.clock[0].pairs))
    opened = [
        next(t for t, f in enumerate(kept.frames) if len(f["contact"]) > k) for k in range(len(pair.lower))
    ]
    states = kept.stacked("organisations")
    p = run.parameters[0]
    return {
        "scenario": scenario_table(scenario),
        "pairs": np.stack([pair.lower, pair.higher], axis=-1).tolist(),
        "opened": opened,
        "steps": {"shown": SHOWN, "fine": FINE},
        "ties": {
            "trust": packed(fine(kept.stacked("trust"))),
            **{name: packed(hundredths(kept.stacked(name)))
               for name in ("kept", "broken", "contact", "tension")},
        },
        "organisations": {
            name: packed(hundredths(states[:, place])) for place, name in enumerate(ORGANISATION_STATES)
        },
        "outcomes": {
            name: [finite(value) for value in run.monthly[:, place].tolist()]
            for place, name in enumerate(OUTCOMES)
        },
        "meetings": {
            "count": kept.meetings,
            "rows": packed(np.concatenate(kept.met)),
            "named_kept": float(hundredths(p.named_evidence)),
            "named_broken": float(hundredths(p.rupture)),
        },
        "turnover": kept.turnover,
        "introductions": kept.introductions,
        "vouched": kept.vouched,
    }  # fmt: skip


def check(document: Mapping[str, Any]) -> None:
    """Refuse a document of another schema or version.

    Raises
    ------
    InputError
        Saying what was found.
    """
    found = (document.get("schema"), document.get("version"))
    if found != (SCHEMA, VERSION):
        raise InputError(f"this is {found[0]} version {found[1]}, not {SCHEMA} version {VERSION}")
