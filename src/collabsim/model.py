"""The Mesa model: organisations as agents, one month a step, for ``batch_run``, DataCollector and SolaraViz.

The month is the one compiled month that ensembles run; nothing of it is written here. A run of this model and
:func:`collabsim.run` with the same arguments give the same bits.
"""

from __future__ import annotations

import itertools
import secrets
import warnings
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from collabsim.draws import SEED_LIMIT
from collabsim.errors import InputError
from collabsim.frames import check_world, network_of, organisations_frame, ties_frame
from collabsim.organisation import Live, OrganisationAgent
from collabsim.outcomes import ALL_OUTCOMES, OUTCOMES
from collabsim.parameters import LEVERS
from collabsim.play import Run
from collabsim.scenario import Scenario
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.state import State
from collabsim.summary import ADVANTAGE, lasting_span, summarise

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

ORGANISATION_REPORTERS = {
    f"org_{name}": name
    for name in ("name", "sector", "size", "view", "mandate", "expectation", "accountability", "courage",
                 "systems_view", "resting_courage", "resting_systems_view", "disposition", "capacity",
                 "perspective_x", "perspective_y")
}  # fmt: skip
"""Columns of the agents' frame. The prefix matters: ``batch_run`` lets equal names overwrite each other."""

LIVE = {name: live.field for name, live in vars(OrganisationAgent).items() if isinstance(live, Live)}
"""Which field of the state each number of an organisation is."""


class MonthCollector(mesa.DataCollector):  # type: ignore[misc]
    """Mesa's DataCollector with a row a month, the first month's being row 0 for model and agents alike.

    Mesa keeps agents' rows by the number of steps taken and the model's by position, and ``batch_run``
    joins them by that number: without a row from before the first month they would be a month apart.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._usual = dict(self.agent_reporters)  # before a user can exchange one

    def collect(self, model: CollaborationModel) -> None:
        """Collect the month that has just been played."""
        super().collect(model)
        if model.steps in self._agent_records:
            rows = self._agent_records.pop(model.steps)
            self._agent_records[model.month - 1] = [(model.month - 1, *row[1:]) for row in rows]
        if model.steps in self._agenttype_records:
            kinds = self._agenttype_records.pop(model.steps)
            self._agenttype_records[model.month - 1] = {
                kind: [(model.month - 1, *row[1:]) for row in rows] for kind, rows in kinds.items()
            }

    def _record_agents(self, model: CollaborationModel) -> Iterator[tuple[Any, ...]]:
        """Return a row an agent: column by column, which is much sooner than Mesa's way, value by value.

        What a subclass reads in its own way, and reporters of a user's, are asked agent by agent.
        """
        agents = list(model.agents)
        kinds = {type(agent) for agent in agents}
        if not all(issubclass(kind, OrganisationAgent) for kind in kinds):
            rows: Iterator[tuple[Any, ...]] = super()._record_agents(model)
            return rows
        at = [agent.row for agent in agents]
        columns = []
        for column, reporter in self.agent_reporters.items():
            name = ORGANISATION_REPORTERS.get(column)
            if reporter is self._usual.get(column) and all(_as_usual(kind, name) for kind in kinds):
                values = model.column(str(name))
                columns.append([values[row] for row in at])
            else:
                columns.append([reporter(agent) for agent in agents])
        return zip(itertools.repeat(model.steps), [agent.unique_id for agent in agents], *columns)

    def get_agent_vars_dataframe(self) -> pd.DataFrame:
        """Return a row an organisation and month; index ``Step`` (0 is the first month), ``AgentID``."""
        import pandas as pd

        if self.agent_reporters and not self._agent_records:
            # Mesa would hand pandas an iterator without rows, of which it makes two rows of nothing.
            index = pd.MultiIndex.from_arrays([[], []], names=["Step", "AgentID"])
            return pd.DataFrame(columns=list(self.agent_reporters), index=index)
        frame: pd.DataFrame = super().get_agent_vars_dataframe()
        return frame


class CollaborationModel(mesa.Model):  # type: ignore[misc]
    """A partnership learning to collaborate, as a Mesa model; ``step()`` is one month.

    Parameters
    ----------
    scenario
        Bundled name, path, partnership or :class:`~collabsim.scenario.Scenario`.
    programme
        A bundled programme's name, in place of the scenario's own.
    months
        How long, in place of the scenario's own.
    seed
        Which worlds, 0 to 2**32 - 1 (0 is a seed like any other). None takes one from the machine's
        entropy, so that the iterations of ``batch_run`` differ; the attribute ``seed`` says which.
    world, luck
        Which world of that seed (0 to 2**32 - 1), and another luck in it (0 to 65535).
    schedule
        The month, with rules of your own if you like.
    agent_class
        :class:`~collabsim.organisation.OrganisationAgent` or a subclass, made as ``agent_class(model, row)``.
    collect_organisations
        Whether the DataCollector keeps every organisation's row of every month.
    rng
        Mesa's newer name for ``seed``: a whole number is taken as the seed, a generator gives one.
    **kwargs
        Practices, parameters and levers by name, as for :func:`collabsim.run`. (SolaraViz takes them only
        under this name.)

    Attributes
    ----------
    scenario, schedule, months, seed, world, luck
        What is run, how long, and in which world.
    datacollector
        A row a month after the month, row 0 being the first month: every monthly outcome under its own
        name, and the organisations' columns, which begin with ``org_``. No row comes before the first month.
    running
        False once all months have been played.

    Raises
    ------
    InputError
        In words, with every fault found.
    """

    def __init__(
        self,
        scenario: Any = "scottish-partnership",
        *,
        programme: Any = None,
        months: int | None = None,
        seed: int | None = None,
        world: int = 0,
        luck: int = 0,
        schedule: Schedule = SCHEDULE,
        agent_class: type[OrganisationAgent] = OrganisationAgent,
        collect_organisations: bool = True,
        rng: Any = None,
        **kwargs: Any,
    ) -> None:
        made = Scenario.load(scenario).with_settings(programme, months, **kwargs)
        where = check_world(_seed_from(seed, rng), world, luck)
        if not (isinstance(agent_class, type) and issubclass(agent_class, OrganisationAgent)):
            raise InputError(
                f"agent_class must be OrganisationAgent or a subclass of it, not {agent_class!r}"
            )
        if not isinstance(schedule, Schedule):
            raise InputError(f"a schedule is collabsim.SCHEDULE or one made from it, not {schedule!r}")
        if made.notices:
            warnings.warn("; ".join(made.notices), stacklevel=2)
        self._numbers = itertools.count(1)
        # Mesa's own generator serves agents with a step of their own. It too differs by world and luck.
        mesa_seed = where[0] if where[1:] == (0, 0) else _mixed(where)
        super().__init__(seed=mesa_seed)
        self.scenario, self.schedule, self.months = made, schedule, made.months
        self.seed, self.world, self.luck = where
        self._run = Run(made, where, schedule)
        self._twin: Run | None = None
        self._trust_is_stale = False
        self._organisations = [agent_class(self, row) for row in range(len(made.partnership))]
        self._measured: list[float] = [float("nan")] * len(OUTCOMES)  # Mesa tries its reporters out
        self.datacollector = MonthCollector(
            model_reporters={name: partial(_last_measured, outcome=o) for o, name in enumerate(OUTCOMES)},
            agent_reporters=ORGANISATION_REPORTERS if collect_organisations else None,
        )

    def register_agent(self, agent: mesa.Agent) -> None:
        """Register an agent with Mesa, and number it: organisations are 1 to n in the order of their rows."""
        super().register_agent(agent)
        # Mesa counts in a table of the class that would keep every model, with all its data, alive for ever:
        # in a batch of a thousand runs that is gigabytes.
        agent.unique_id = next(self._numbers)
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def step(self) -> None:
        """Play one month: agents with a step of their own, then the month, then the DataCollector.

        After the last month there is nothing left to play: a further call says so in a warning and does
        nothing (Mesa's own tools may step once too often).
        """
        month = self.month
        if month >= self.months:
            self.steps = month
            self.running = False
            warnings.warn(
                f"the run of {self.months} months is over, so step() did nothing; for a longer run say "
                "CollaborationModel(..., months=...)",
                stacklevel=3,  # Mesa wraps step()
            )
            return
        self.activate()
        self._run.play()
        self._measured = self._run.monthly[month].tolist()
        self._trust_is_stale = False  # it was worked out anew for measuring
        self.steps = month + 1  # and stays right where an agent's step had raised an error
        self.running = month + 1 < self.months
        self.datacollector.collect(self)

    def activate(self) -> None:
        """Let agents with a ``step()`` of their own take it, in random order, before the month.

        Override it for another of Mesa's activations.
        """
        if any(kind.step is not mesa.Agent.step for kind in self.agent_types):
            self.agents.shuffle_do("step")

    @property
    def month(self) -> int:
        """How many months have been played: the month that the next ``step()`` plays, counting from 0."""
        return self._run.month

    @property
    def state(self) -> State:
        """The live state. It is replaced when room for ties runs out, so read it anew each month."""
        return self._run.state

    def parameter(self, name: str) -> float:
        """Return a parameter's value in this run, of a lever its base value."""
        return float(self._run.parameters[f"base_{name}" if name in LEVERS else name][0])

    def organisation(self, name: str) -> OrganisationAgent:
        """Find an organisation by name; case and spacing are forgiven.

        Raises
        ------
        InputError
            If there is no such organisation, with the nearest spelling.
        """
        return self._organisations[self.scenario.partnership.row(name)]

    def organisation_at(self, row: int) -> OrganisationAgent:
        """Return the organisation of a row of the state, counting from 0."""
        return self._organisations[row]

    def trust_is_stale(self) -> None:
        """Have trust worked out anew before it is read next: what it follows from was written."""
        self._trust_is_stale = True

    def fresh_trust(self) -> Any:
        """Return (2, pairs) trust of each side of each pair, as it stands now."""
        if self._trust_is_stale:
            self._run.refresh_trust()
            self._trust_is_stale = False
        return self._run.work.trust

    def column(self, name: str) -> list[Any]:
        """Return an attribute that organisations have, of all of them, by row: sooner than one by one."""
        if name in LIVE:
            values: list[Any] = self.state.organisation[LIVE[name]].tolist()
            return values
        return self._fixed[name]

    @cached_property
    def _fixed(self) -> dict[str, list[Any]]:
        """What organisations are called and how large they are, by row."""
        partnership = self.scenario.partnership
        sectors = [str(sector.name) for sector in partnership.sectors]
        return {
            "name": [str(name) for name in partnership.names],
            "sector": [sectors[code] for code in partnership.organisations["sector"].tolist()],
            "size": [float(size) for size in partnership.organisations["size"].tolist()],
        }

    @property
    def monthly(self) -> pd.DataFrame:
        """A row for each month played: ``month`` (0 is the first), then every monthly outcome."""
        import pandas as pd

        frame = pd.DataFrame(self._run.monthly[: self.month], columns=list(OUTCOMES))
        frame.insert(0, "month", np.arange(self.month))
        return frame

    @property
    def organisations(self) -> pd.DataFrame:
        """A row an organisation, as it is now."""
        return organisations_frame(self.scenario, self.state)

    @property
    def ties(self) -> pd.DataFrame:
        """A row a directed tie, as it is now."""
        self.fresh_trust()
        return ties_frame(self.scenario, self.state, self._run.work)

    def network(self) -> nx.DiGraph:
        """Return the ties as a network: an edge leads from who trusts to whom is trusted."""
        return network_of(self.organisations, self.ties)

    def snapshot(self) -> State:
        """Return a copy of the state, to go on from with ``collabsim.run(..., start=snapshot)``.

        Give that run the same ``seed``, ``world`` and ``luck``, and it goes on as this model does.
        """
        return self._run.snapshot()

    def summary(self) -> pd.Series[float]:
        """Return every outcome of the run so far: what a run of as many months as were played comes to.

        The lasting gain is over the same world untreated and left to itself, without what was written to
        organisations or what agents with a step of their own did.

        Returns
        -------
        pandas.Series
            Every outcome by name; missing is NaN.

        Raises
        ------
        InputError
            If no month has been played.
        """
        import pandas as pd

        months = self.month
        if months == 0:
            raise InputError("no month has been played yet, so there is nothing to sum up; call step() first")
        scenario = replace(self.scenario, months=months)
        here = self._run
        untreated = None if lasting_span(scenario) is None else self._untreated(months)
        values = summarise(
            scenario,
            here.monthly[:months],
            here.joint[:months],
            here.held[:months],
            here.work.tally[0].possible,
            untreated,
        )
        return pd.Series(values, index=list(ALL_OUTCOMES), name="summary")

    def _untreated(self, months: int) -> Any:
        """Play the same world without the programme, and return its collaborative advantage, (months,)."""
        if self._twin is None:
            where = (self.seed, self.world, self.luck)
            self._twin = Run(self.scenario.untreated(), where, self.schedule)
        while self._twin.month < months:
            self._twin.play()
        return np.ascontiguousarray(self._twin.monthly[:months, ADVANTAGE])

    def __repr__(self) -> str:
        """Say what is run and how far it is."""
        name, played = self.scenario.name, f"{self.month} of {self.months} months"
        return f"<{type(self).__name__} {name}, seed {self.seed}: {played}>"


def _as_usual(kind: type[OrganisationAgent], name: str | None) -> bool:
    """Say whether a kind of organisation has an attribute as they all do, and not in its own way."""
    return name is not None and getattr(kind, name, None) is getattr(OrganisationAgent, name)


def _last_measured(model: CollaborationModel, outcome: int) -> float:
    """Return an outcome of the month just played, NaN before the first: quickly, for there are many."""
    return model._measured[outcome]


def _seed_from(seed: Any, rng: Any) -> Any:
    """Return the seed that was given, or one drawn from the generator given, or from entropy."""
    if rng is None:
        return secrets.randbits(32) if seed is None else seed
    if seed is not None:
        raise InputError("give seed or rng, not both")
    if isinstance(rng, np.random.Generator | np.random.BitGenerator | np.random.SeedSequence):
        return int(np.random.default_rng(rng).integers(SEED_LIMIT, endpoint=True))
    return rng


def _mixed(where: tuple[int, int, int]) -> int:
    return int(np.random.SeedSequence(where).generate_state(1)[0])
