"""The Mesa model: batch runs, data collection, agents as live views, rules and organisations of one's own."""

from __future__ import annotations

import gc
import inspect
import operator
import os
import subprocess
import sys
import warnings
import weakref
from pathlib import Path
from typing import Any

import mesa
import networkx as nx
import numpy as np
import pandas as pd
import pytest

import collabsim as cs
from collabsim import brokering
from collabsim.calling import arrays_in
from collabsim.compiled import rule
from collabsim.ensemble import Ensemble
from collabsim.model import ORGANISATION_REPORTERS
from collabsim.rules import trust

WRITTEN = (
    "view", "mandate", "expectation", "accountability", "courage", "systems_view", "resting_courage",
    "resting_systems_view", "disposition",
)  # fmt: skip


def model_of(scenario: str = "rural-lead-agency", **settings: Any) -> cs.CollaborationModel:
    """Return a model of a small partnership."""
    return cs.CollaborationModel(**({"scenario": scenario, "seed": 1, "months": 24} | settings))


def played(model: cs.CollaborationModel, months: int | None = None) -> cs.CollaborationModel:
    """Play months, all that are left unless said."""
    for _ in range(model.months - model.month if months is None else months):
        model.step()
    return model


# Mesa's tools


def test_batch_run_takes_practices_and_keeps_outcomes_apart_from_organisations() -> None:
    parameters = {
        "scenario": "rural-lead-agency",
        "months": 12,
        "building_trust": [0, 0.5, 1],
        "seed": [0, 7],
    }
    parameters["building_trust.from_month"] = 3
    parameters["building_trust.to_month"] = 12
    rows = mesa.batch_run(
        cs.CollaborationModel,
        parameters,
        iterations=2,
        max_steps=12,
        data_collection_period=1,
        display_progress=False,
    )
    frame = pd.DataFrame(rows)
    names = cs.Scenario.load("rural-lead-agency").partnership.names
    assert len(frame) == 2 * 3 * 2 * 12 * len(names)
    assert set(frame["Step"]) == set(range(12))  # though Mesa asks for one step more than max_steps
    assert {*cs.OUTCOMES, *ORGANISATION_REPORTERS} <= set(frame.columns)
    for (strength, seed), group in frame.groupby(["building_trust", "seed"]):
        made = cs.Scenario.load("rural-lead-agency").with_settings(
            months=12,
            **{"building_trust": strength, "building_trust.from_month": 3, "building_trust.to_month": 12},
        )
        result = cs.run(made, seed=seed)
        for _, run in group.groupby("RunId"):
            monthly = run.drop_duplicates("Step")[list(cs.OUTCOMES)]
            assert monthly.to_numpy().tobytes() == result.monthly[list(cs.OUTCOMES)].to_numpy().tobytes()
            last = run[run["Step"] == 11]
            assert last["org_name"].tolist() == list(names)
            for column in ("view", "courage", "accountability"):
                assert last[f"org_{column}"].tolist() == result.organisations[column].tolist()


def test_batch_run_without_a_seed_gives_every_iteration_another_world() -> None:
    settings = {"scenario": "rural-lead-agency", "months": 12, "collect_organisations": False}
    rows = mesa.batch_run(
        cs.CollaborationModel, settings, iterations=4, max_steps=100, display_progress=False
    )
    assert [row["Step"] for row in rows] == [11] * 4
    assert len({row["trust"] for row in rows}) == 4


def test_batch_run_on_several_processes_gives_the_same() -> None:
    settings: dict[str, Any] = {"scenario": "pair", "months": 8, "seed": [0, 1, 2], "cost": [0.1, 0.2]}
    one, two = (
        mesa.batch_run(cs.CollaborationModel, settings, number_processes=count, display_progress=False)
        for count in (1, 2)
    )
    by_run = operator.itemgetter("RunId", "AgentID")
    assert pd.DataFrame(sorted(one, key=by_run)).equals(pd.DataFrame(sorted(two, key=by_run)))


def test_a_run_shorter_than_its_months_can_be_asked_for_and_mesa_plays_one_step_more() -> None:
    rows = mesa.batch_run(
        cs.CollaborationModel,
        {"scenario": "pair", "collect_organisations": False},
        max_steps=5,
        data_collection_period=1,
        display_progress=False,
    )
    assert [row["Step"] for row in rows] == [0, 1, 2, 3, 4, 5]


def test_the_datacollector_has_a_row_a_month_and_none_before_the_first() -> None:
    model = model_of(months=7)
    assert model.datacollector.get_model_vars_dataframe().empty
    assert model.datacollector.get_agent_vars_dataframe().empty
    played(model)
    outcomes = model.datacollector.get_model_vars_dataframe()
    assert outcomes.columns.tolist() == list(cs.OUTCOMES)
    assert outcomes.index.tolist() == list(range(7))
    agents = model.datacollector.get_agent_vars_dataframe()
    assert agents.columns.tolist() == list(ORGANISATION_REPORTERS)
    assert all(name.startswith("org_") for name in agents.columns)
    assert agents.index.get_level_values("Step").unique().tolist() == list(range(7))
    mean = agents["org_courage"].groupby("Step").mean()
    np.testing.assert_allclose(mean, outcomes["courage"], rtol=1e-12)
    assert agents.loc[6, "org_view"].tolist() == model.organisations["view"].tolist()


def test_organisations_need_not_be_collected() -> None:
    model = played(model_of(collect_organisations=False, months=3))
    assert len(model.datacollector.get_model_vars_dataframe()) == 3
    assert not model.datacollector.agent_reporters


def test_agents_can_be_selected_grouped_read_and_set() -> None:
    model = model_of("scottish-partnership")
    assert len(model.agents) == 24 and model.agents.get("unique_id") == list(range(1, 25))
    nhs = model.agents.select(lambda agent: agent.sector == "NHS")
    assert len(nhs) == 7 and {agent.sector for agent in nhs} == {"NHS"}
    groups = model.agents.groupby("sector")
    assert sum(groups.count().values()) == 24 and groups.count()["NHS"] == 7
    assert model.agents.get("courage") == model.state.organisation["courage"].tolist()
    nhs.set("courage", 0.75)
    assert [agent.courage == 0.75 for agent in model.agents] == [a.sector == "NHS" for a in model.agents]
    assert model.agents.agg("courage", max) >= 0.75


def test_solaraviz_accepts_practices_as_model_parameters() -> None:
    # It asks for a parameter literally called kwargs, and refuses any other that has no default.
    parameters = inspect.signature(cs.CollaborationModel.__init__).parameters
    assert parameters["kwargs"].kind is inspect.Parameter.VAR_KEYWORD
    without = [name for name, one in parameters.items() if one.default is inspect.Parameter.empty]
    assert without == ["self", "kwargs"]


def test_a_model_that_is_no_longer_used_is_let_go() -> None:
    model = played(model_of(months=2))
    mesa.Agent(model)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


# Seed and length


def test_seed_nothing_is_a_seed_and_none_is_taken_from_entropy_and_told() -> None:
    assert model_of(seed=0).seed == 0
    told = model_of(seed=None)
    again = model_of(seed=told.seed)
    assert 0 <= told.seed < 2**32 and told.seed != model_of(seed=None).seed
    assert played(told).monthly.equals(played(again).monthly)


def test_rng_is_another_name_for_the_seed() -> None:
    assert model_of(seed=None, rng=7).seed == 7
    drawn = model_of(seed=None, rng=np.random.default_rng(3)).seed
    assert drawn == model_of(seed=None, rng=np.random.default_rng(3)).seed
    with pytest.raises(cs.InputError, match="seed or rng, not both"):
        model_of(seed=1, rng=1)


def test_the_model_stops_after_its_months_and_says_so_when_stepped_on() -> None:
    model = model_of(months=3)
    model.run_model()
    assert (model.month, model.steps, model.running) == (3, 3, False)
    before = model.snapshot()
    with pytest.warns(UserWarning, match="run of 3 months is over") as said:
        model.step()
    assert said[0].filename == __file__
    assert (model.month, model.steps, model.running) == (3, 3, False)
    arrays = zip(arrays_in(before), arrays_in(model.snapshot()), strict=True)
    assert all(a.tobytes() == b.tobytes() for a, b in arrays)
    assert len(model.datacollector.get_model_vars_dataframe()) == 3


def test_a_window_that_is_cut_off_is_told() -> None:
    with pytest.warns(UserWarning, match="cut off at 12") as said:
        model_of(months=12, building_trust=1.0)
    assert said[0].filename == __file__


def test_the_summary_of_nothing_is_refused() -> None:
    with pytest.raises(cs.InputError, match="no month has been played"):
        model_of().summary()


# An organisation, by name


def test_an_organisation_is_found_by_name_however_it_is_written() -> None:
    model = model_of("pair")
    council = model.organisation("Council")
    assert (council.name, council.sector, council.size) == ("Council", "council", 4200.0)
    assert model.organisation(" council ") is council
    with pytest.raises(cs.InputError, match=r"no organisation 'Counsil'; did you mean 'Council'\?"):
        model.organisation("Counsil")
    assert "Council" in repr(council)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_state_is_read_and_written_within_its_bounds(name: str) -> None:
    model = model_of("scottish-partnership")
    organisation = model.organisation("Local council")
    others = [agent for agent in model.agents if agent is not organisation]
    before = [getattr(agent, name) for agent in others]
    for value in (0, 1, 0.3125, np.float64(0.5)):
        setattr(organisation, name, value)
        assert getattr(organisation, name) == value and type(getattr(organisation, name)) is float
        assert model.organisations.set_index("name").loc["Local council", name] == value
    assert [getattr(agent, name) for agent in others] == before
    for value in (-0.01, 1.01, float("nan"), "0.5", True, None):
        with pytest.raises(cs.InputError, match=f"{name} of 'Local council' must be a number from 0 to 1"):
            setattr(organisation, name, value)
    assert getattr(organisation, name) == 0.5


def test_room_for_meetings_has_its_own_bounds_and_who_it_is_stays() -> None:
    council = model_of("pair").organisation("Council")
    council.capacity = 55
    assert council.capacity == 55.0
    with pytest.raises(cs.InputError, match="capacity of 'Council' must be a number from 0 to 1000"):
        council.capacity = -1
    with pytest.raises(cs.InputError, match="perspective_x of 'Council' cannot be changed: the distance"):
        council.perspective_x = 0.5
    for name in ("name", "sector", "size"):
        with pytest.raises(AttributeError):
            setattr(council, name, "other")


def test_less_room_means_fewer_meetings() -> None:
    ample, none = model_of("scottish-partnership"), model_of("scottish-partnership")
    ample.agents.set("capacity", 1000)
    none.agents.set("capacity", 0)
    played(ample, 1)
    played(none, 1)
    assert ample.state.clock[0].met > 50 and none.state.clock[0].met == 0
    assert np.isnan(none.monthly["inertia"][0])


# Trust, partners and the network


def test_trust_contact_and_partners_are_those_of_the_ties() -> None:
    model = played(model_of("city", programme="systemic_leadership", months=60), 20)
    found = 0
    for tie in model.ties.itertuples():
        here, there = model.organisation(tie[1]), model.organisation(tie[2])
        assert here.trust_in(there) == here.trust_in(there.name) == tie.trust
        assert here.contact_with(there) == there.contact_with(here) == tie.contact
        assert (there in here.partners()) == (here in there.partners()) == (tie.contact > 0)
        found += tie.contact > 0
    assert found == sum(len(agent.partners()) for agent in model.agents)
    assert not model.ties["known_at_start"].all()  # ties that were opened on the way are among them


def test_the_network_is_directed_and_its_trust_is_trust_in() -> None:
    model = played(model_of("city"), 5)
    graph = model.network()
    assert isinstance(graph, nx.DiGraph) and list(graph) == [agent.name for agent in model.agents]
    for here, there, trusted in graph.edges(data="trust"):
        assert model.organisation(here).trust_in(there) == trusted
    assert graph.nodes["City council"]["sector"] == "council"
    assert graph.nodes["City council"]["courage"] == model.organisation("City council").courage


def test_a_stranger_is_met_with_the_disposition() -> None:
    model = model_of("city")
    known = set(zip(model.ties["from"], model.ties["to"], strict=True))
    strangers = [
        (a, b) for a in model.agents for b in model.agents if a is not b and (a.name, b.name) not in known
    ]
    assert strangers
    for a, b in strangers:
        more = model.parameter("own_sector") if a.sector == b.sector else 0.0
        assert a.trust_in(b) == min(1.0, a.disposition + more)
        assert a.contact_with(b) == 0.0 and b not in a.partners()


def test_trust_follows_a_disposition_that_is_written_at_once() -> None:
    model = played(model_of("scottish-partnership"), 6)
    council, board = model.organisation("Local council"), model.organisation("NHS board")
    back = board.trust_in(council)
    for disposition in (0.0, 0.9):
        council.disposition = disposition
        tie = model.ties.set_index(["from", "to"]).loc[("Local council", "NHS board")]
        prior = model.parameter("prior_strength")
        expected = trust.trust(tie["kept"], tie["broken"], disposition, prior)
        assert council.trust_in(board) == expected == tie["trust"]
        assert model.network().edges["Local council", "NHS board"]["trust"] == expected
    assert board.trust_in(council) == back


def test_who_cannot_be_trusted_is_told_in_words() -> None:
    model, other = model_of("pair"), model_of("pair")
    council = model.organisation("Council")
    with pytest.raises(cs.InputError, match="'Council' has no tie with itself"):
        council.trust_in("council")
    with pytest.raises(cs.InputError, match="organisation of another model"):
        council.trust_in(other.organisation("NHS board"))
    with pytest.raises(cs.InputError, match="did you mean 'NHS board'"):
        council.trust_in("NHS bord")


# Writing on the way


def test_courage_that_is_written_changes_later_months_only_and_the_ensemble_goes_on_alike() -> None:
    settings: dict[str, Any] = {"programme": "all-six", "months": 72, "seed": 3, "world": 4, "luck": 5}
    untouched = played(model_of("scottish-partnership", **settings)).monthly.to_numpy()
    model = played(model_of("scottish-partnership", **settings), 20)
    model.organisation("Local council").courage = 0.8
    snapshot = model.snapshot()
    played(model)
    monthly = model.monthly.to_numpy()
    assert monthly[:20].tobytes() == untouched[:20].tobytes()
    assert monthly[20:].tobytes() != untouched[20:].tobytes()

    result = cs.run("scottish-partnership", **settings, start=snapshot)
    assert result.monthly.to_numpy().tobytes() == monthly[20:].tobytes()
    assert result.organisations.equals(model.organisations) and result.ties.equals(model.ties)
    late = list(cs.OUTCOMES)
    assert result.summary[late].to_numpy().tobytes() == model.summary()[late].to_numpy().tobytes()
    jobs = [(3, 4, 5, 0)] * 3
    batch = Ensemble([model.scenario]).run(jobs, monthly=True, origin=snapshot)
    for run in batch.monthly:
        assert run[20:].tobytes() == monthly[20:, 1:].tobytes()


@pytest.mark.parametrize("name", [*WRITTEN, "capacity"])
def test_whatever_is_written_the_ensemble_goes_on_alike(name: str) -> None:
    model = played(model_of("city", programme="systemic_leadership", months=45, seed=8), 5)
    model.agents.shuffle().select(at_most=9).set(name, 0.0625)
    snapshot = model.snapshot()
    result = cs.run(model.scenario, seed=8, start=snapshot)
    played(model)
    assert result.monthly.to_numpy().tobytes() == model.monthly[5:].to_numpy().tobytes()
    assert result.ties.equals(model.ties)


def test_a_snapshot_before_the_first_month_is_the_start_and_stays_as_it_was() -> None:
    model = model_of()
    snapshot = model.snapshot()
    before = [array.tobytes() for array in arrays_in(snapshot)]
    played(model)
    assert [array.tobytes() for array in arrays_in(snapshot)] == before
    assert cs.run(model.scenario, seed=1, start=snapshot).monthly.equals(model.monthly)
    with pytest.raises(cs.InputError, match="is at month 24, and the scenario ends at 24"):
        cs.run(model.scenario, seed=1, start=model.snapshot())


# Organisations with a mind of their own


class Bold(cs.OrganisationAgent):
    """Takes heart from partners it trusts."""

    def __init__(self, model: cs.CollaborationModel, row: int) -> None:
        super().__init__(model, row)
        self.months: list[int] = []

    def step(self) -> None:
        """Be bold among friends, and only they."""
        self.months.append(self.model.month)
        if self.partners() and max(self.trust_in(other) for other in self.partners()) > 0.6:
            self.courage = min(1.0, self.courage + 0.1 * self.random.random())


def test_agents_with_a_step_of_their_own_take_it_before_each_month() -> None:
    model = played(model_of("scottish-partnership", agent_class=Bold))
    assert {type(agent) for agent in model.agents} == {Bold}
    assert all(agent.months == list(range(24)) for agent in model.agents)
    plain = played(model_of("scottish-partnership"))
    assert model.monthly["courage"].iloc[-1] > plain.monthly["courage"].iloc[-1] + 0.05
    again = played(model_of("scottish-partnership", agent_class=Bold))
    assert again.monthly.equals(model.monthly)  # the order of activation follows the seed
    lucky = played(model_of("scottish-partnership", agent_class=Bold, luck=1))
    assert [agent.random.random() for agent in model.agents] != [a.random.random() for a in lucky.agents]


def test_what_an_agents_step_writes_the_month_starts_from() -> None:
    class Silent(cs.OrganisationAgent):
        def step(self) -> None:
            self.courage = 0.0

    model = model_of(agent_class=Silent, leadership_return=0.0, turnover=0.0)
    by_hand = model_of(leadership_return=0.0, turnover=0.0)
    for _ in range(5):
        by_hand.agents.set("courage", 0.0)
        by_hand.step()
        model.step()
    assert model.monthly.equals(by_hand.monthly)
    assert (model.monthly["courage"] == 0.0).all()


def test_the_activation_can_be_another() -> None:
    order: list[int] = []

    class Noted(cs.OrganisationAgent):
        def step(self) -> None:
            order.append(self.row)

    class InOrder(cs.CollaborationModel):
        def activate(self) -> None:
            self.agents.do("step")

    played(InOrder("pair", seed=1, agent_class=Noted), 2)
    assert order == [0, 1, 0, 1]
    order.clear()
    played(model_of(agent_class=Noted), 1)
    assert sorted(order) == list(range(len(order))) and order != sorted(order)


def test_an_error_in_an_agents_step_leaves_the_month_unplayed() -> None:
    class Fails(cs.OrganisationAgent):
        def step(self) -> None:
            if self.model.month == 2 and not mended:
                raise RuntimeError("no quorum")

    mended: list[bool] = []
    model = played(model_of("pair", agent_class=Fails, months=4), 2)
    with pytest.raises(RuntimeError, match="no quorum"):
        model.step()
    mended.append(True)
    played(model)
    assert (model.month, model.steps) == (4, 4)
    assert model.monthly.equals(played(model_of("pair", months=4)).monthly)
    agents = model.datacollector.get_agent_vars_dataframe()
    assert agents.index.get_level_values("Step").unique().tolist() == [0, 1, 2, 3]


# Rules of one's own


@rule
def everybody_commits(s: Any, m: Any, p: Any) -> None:
    """6. Commit, come what may."""
    for n in range(s.clock[0].met):
        m.meeting.leader[n] = -1
        m.act.committed[0, n] = 1
        m.act.committed[1, n] = 1


@rule
def half_trusts(s: Any, m: Any, p: Any) -> None:
    """3. Trust, half of what the evidence says."""
    for k in range(s.clock[0].pairs):
        for a in range(2):
            kept, broken = s.side.kept[a, k], s.side.broken[a, k]
            believed = 0.5 * trust.trust(kept, broken, 0.5, p.prior_strength)
            m.trust[a, k] = believed
            m.as_if_trust[a, k] = believed


def all_get_to_know_each_other(s: Any, m: Any, p: Any) -> None:
    """Open every tie there is in month 2, as plain Python: far more than the model's own rules ever do."""
    if s.clock[0].month == 2:
        for i in range(len(s.organisation)):
            for j in range(i):
                if brokering.find_pair(s, i, j) < 0:
                    k = brokering.join(s, i, j)
                    if k < 0:
                        return
                    s.pair.contact[k] = 0.5


OWN = (
    cs.SCHEDULE.replace("commit", everybody_commits)
    .replace("trusts", half_trusts)
    .insert(all_get_to_know_each_other, after="broker")
)


@pytest.mark.parametrize("name", ["rural-lead-agency", "random:60:3", "random:300:3"])
def test_replaced_and_inserted_rules_act_in_mesa_and_ensemble_alike(name: str) -> None:
    settings: dict[str, Any] = {"months": 12, "seed": 5, "systemic_leadership": 1}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model = played(cs.CollaborationModel(name, schedule=OWN, collect_organisations=False, **settings))
        result = cs.run(name, schedule=OWN, **settings)
    assert model.monthly.to_numpy().tobytes() == result.monthly.to_numpy().tobytes()
    assert model.summary().to_numpy().tobytes() == result.summary.to_numpy().tobytes()
    assert model.ties.equals(result.ties)
    batch = Ensemble([model.scenario], OWN).run([(5, 0, 0, 0)] * 2, monthly=True)
    for run in batch.monthly:
        assert run.tobytes() == model.monthly[list(cs.OUTCOMES)].to_numpy().tobytes()
    n = len(model.scenario.partnership)
    assert (model.monthly["commitment"] == 1.0).all()
    assert model.monthly["trust"].max() < 0.5
    assert len(model.ties) == n * (n - 1)
    assert model.monthly["fragmentation"].iloc[-1] == 0.0


def test_trust_in_keeps_to_a_replaced_rule() -> None:
    model = played(model_of("pair", schedule=OWN, collect_organisations=False), 3)
    council, board = model.organisation("Council"), model.organisation("NHS board")
    for _ in range(2):
        tie = model.ties.set_index("from").loc["Council"]
        expected = 0.5 * trust.trust(tie["kept"], tie["broken"], 0.5, model.parameter("prior_strength"))
        assert council.trust_in(board) == tie["trust"] == expected
        council.disposition = 1.0  # which this rule does not look at


def test_faults_are_told_in_words_and_several_at_once() -> None:
    with pytest.raises(cs.InputError, match=r"did you mean 'building_trust'\?"):
        cs.CollaborationModel(bulding_trust=1)
    with pytest.raises(cs.InputError, match=r"did you mean 'scottish-partnership'\?"):
        cs.CollaborationModel("scotish-partnership")
    with pytest.raises(cs.InputError) as told:
        cs.CollaborationModel("pair", months=0, cost=7, programme="all-seven")
    assert len(told.value.faults) == 3
    with pytest.raises(cs.InputError) as told:
        cs.CollaborationModel("pair", seed=-1, world=0.5, luck="x")
    assert len(told.value.faults) == 3
    with pytest.raises(cs.InputError, match=r"a schedule is collabsim\.SCHEDULE or one made from it"):
        cs.CollaborationModel("pair", schedule="commit")  # type: ignore[arg-type]
    with pytest.raises(cs.InputError, match="OrganisationAgent or a subclass"):
        cs.CollaborationModel("pair", agent_class=mesa.Agent)  # type: ignore[arg-type]


BEYOND = """
import collabsim as cs

def beyond(s, m, p):
    for n in range(s.clock[0].met):
        m.act.committed[1, n + len(m.met)] = 1

cs.run("pair", months=60, schedule=cs.SCHEDULE.replace("commit", beyond))
"""


def test_an_index_out_of_bounds_is_found_where_bounds_are_checked(tmp_path: Path) -> None:
    script = tmp_path / "beyond.py"
    script.write_text(BEYOND, encoding="utf-8")
    checked = os.environ | {"NUMBA_BOUNDSCHECK": "1", "COLLABSIM_CACHE": str(tmp_path)}
    done = subprocess.run([sys.executable, script], env=checked, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert "IndexError: index is out of bounds" in done.stderr


class Daring(cs.OrganisationAgent):
    """An organisation that shows more courage than it has."""

    @property
    def courage(self) -> float:  # type: ignore[override]
        return 7.0


@pytest.mark.parametrize("kind", [cs.OrganisationAgent, Daring])
def test_rows_by_column_are_those_that_mesa_makes_one_by_one(kind: type[cs.OrganisationAgent]) -> None:
    model = cs.CollaborationModel("rural-lead-agency", months=3, seed=2, agent_class=kind)
    collector = model.datacollector
    model.step()
    collector.agent_reporters["org_view"] = lambda agent: -1.0  # a user's in place of ours
    collector.agent_reporters["row"] = lambda agent: agent.row
    model.organisation_at(3).remove()
    by_column = list(collector._record_agents(model))
    assert by_column == list(mesa.DataCollector._record_agents(collector, model))
    assert len(by_column) == len(model.scenario.partnership) - 1
    columns = ["Step", "AgentID", *collector.agent_reporters]
    row = dict(zip(columns, by_column[0], strict=True))
    assert row["org_view"] == -1.0 and row["row"] == 0 and type(row["org_size"]) is float
    assert (row["org_courage"] == 7.0) == (kind is Daring)
    assert row["org_disposition"] == model.organisation_at(0).disposition


def test_agents_of_another_kind_are_collected_as_mesa_does() -> None:
    model = cs.CollaborationModel("pair", months=2, seed=2)
    mesa.Agent(model)
    model.step()
    agents = model.datacollector.get_agent_vars_dataframe()
    assert len(agents) == 3 and agents["org_name"].isna().sum() == 1
