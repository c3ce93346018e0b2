"""A run as tables and as a network, and in which world it takes place: shared by ensemble and Mesa model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from collabsim.draws import LUCK_LIMIT, SEED_LIMIT, WORLD_LIMIT
from collabsim.errors import InputError
from collabsim.scenario import Scenario, whole
from collabsim.state import Month, State, part

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


def check_world(seed: Any, world: Any, luck: Any) -> tuple[int, int, int]:
    """Check where the luck comes from.

    Raises
    ------
    InputError
        Naming every value that is not a whole number within bounds.
    """
    checked: list[int] = []
    faults: list[str] = []
    for name, value, limit in (
        ("seed", seed, SEED_LIMIT),
        ("world", world, WORLD_LIMIT),
        ("luck", luck, LUCK_LIMIT),
    ):
        try:
            checked.append(whole(value, name, 0, limit))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(*faults)
    return checked[0], checked[1], checked[2]


ORGANISATION_COLUMNS = ("purpose_view", "mandate", "expectation", "accountability", "courage",
                        "systems_view", "resting_courage", "resting_systems_view", "disposition",
                        "capacity", "perspective_x", "perspective_y")  # fmt: skip


def organisations_frame(scenario: Scenario, state: State) -> pd.DataFrame:
    """Return a row an organisation, as the state has it."""
    import pandas as pd

    partnership, rows = scenario.partnership, state.organisation
    columns: dict[str, Any] = {
        "name": list(partnership.names),
        "sector": [partnership.sectors[code].name for code in rows["sector"]],
        "size": partnership.organisations["size"],
    }
    for name in ORGANISATION_COLUMNS:
        columns["view" if name == "purpose_view" else name] = rows[name].copy()
    return pd.DataFrame(columns)


def ties_frame(scenario: Scenario, state: State, month: Month) -> pd.DataFrame:
    """Return a row a directed tie, as the state has it, with the trust last worked out."""
    import pandas as pd

    pairs = int(state.clock[0].pairs)
    pair, side = part(state.pair, slice(pairs)), part(state.side, slice(pairs))
    names = np.array(list(scenario.partnership.names), object)
    parts = []
    for a, (here, there) in enumerate((("lower", "higher"), ("higher", "lower"))):
        parts.append(
            pd.DataFrame(
                {
                    "from": names[getattr(pair, here)],
                    "to": names[getattr(pair, there)],
                    "trust": month.trust[a, :pairs],
                    "as_if_trust": month.as_if_trust[a, :pairs],
                    "kept": side.kept[a],
                    "broken": side.broken[a],
                    "understanding": side.understanding[a],
                    "contact": pair.contact,
                    "tension": pair.tension,
                    "distance": pair.distance,
                    "known_at_start": np.arange(pairs) < state.clock[0].known,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def network_of(organisations: pd.DataFrame, ties: pd.DataFrame) -> nx.DiGraph:
    """Return organisations and ties as a directed network, all columns as attributes."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from((row.pop("name"), row) for row in organisations.to_dict("records"))
    graph.add_edges_from((row.pop("from"), row.pop("to"), row) for row in ties.to_dict("records"))
    return graph
