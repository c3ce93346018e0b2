"""A small page for people who live in Mesa: ``solara run collabsim.solara_page``.

It is put together from the parts of Mesa's own SolaraViz, with what that leaves open closed: every visitor
has a model of their own, made inside the page; a wrong seed is told in words and changes nothing; and no
month is played faster than a browser draws. It needs releases that the rest of the package is not held to,
and so an environment of its own: see ``requirements-solara.txt``. For teaching there is ``collabsim app``.
"""

from __future__ import annotations

import math
from typing import Any

import solara
from mesa.visualization.components.matplotlib_components import PlotMatplotlib
from mesa.visualization.solara_viz import ModelController
from mesa.visualization.utils import update_counter

from collabsim.draws import SEED_LIMIT
from collabsim.errors import InputError
from collabsim.model import CollaborationModel
from collabsim.outcomes import OUTCOMES
from collabsim.parameters import whole
from collabsim.practices import PRACTICES
from collabsim.report.network_svg import network_picture
from collabsim.report.style import BLUE, GREEN, PURPLE, VERMILION

SCENARIO = "rural-lead-agency"
"""The partnership shown: small enough to be drawn each month."""

START: dict[str, Any] = {"scenario": SCENARIO, "seed": 1, **dict.fromkeys(PRACTICES, 0.0)}
"""What a visitor begins with: no programme."""

SHORTEST, LONGEST, USUAL = 50, 1000, 200
"""Milliseconds between months: the least, the most, and what a visitor begins with."""

LINES = {"collaborative_advantage": BLUE, "trust": VERMILION, "inertia": GREEN, "commitment": PURPLE}
"""The outcomes drawn, in colours that the colour-blind tell apart."""



def seed_from(text: str) -> int:
    """Read a seed that a visitor typed.

    Raises
    ------
    InputError
        In words.
    """
    try:
        number = int(text.strip())
    except ValueError:
        raise InputError(f"the seed must be a whole number from 0 to {SEED_LIMIT}, not '{text}'") from None
    return whole(number, "the seed", 0, SEED_LIMIT)


def _latest(model: CollaborationModel, outcome: str) -> str:
    """Return an outcome of the last month in words."""
    value = float("nan") if model.month == 0 else float(model.monthly[outcome].iloc[-1])
    return "not yet measured" if math.isnan(value) else f"{value:.2f}"


@solara.component
def Picture(model: CollaborationModel) -> None:
    """Show the network, drawn anew after each step."""
    update_counter.get()
    said = f"The partnership after month {model.month}: trust {_latest(model, 'trust')}"
    picture = network_picture(model.organisations, model.ties, said)  # in which names are escaped
    solara.HTML(tag="div", unsafe_innerHTML=picture)


@solara.component
def Lines(model: CollaborationModel) -> None:
    """Show the outcomes month by month."""
    update_counter.get()

    def finish(axes: Any) -> None:
        axes.set_xlim(0, model.months)
        axes.set_ylim(-0.1, 1.0)
        axes.legend([OUTCOMES[name].title for name in LINES], loc="upper left", frameon=False)

    PlotMatplotlib(model, LINES, post_process=finish)


@solara.component
def Words(model: CollaborationModel) -> None:
    """Say where the run is."""
    update_counter.get()
    now = ", ".join(f"{OUTCOMES[name].title.lower()} {_latest(model, name)}" for name in LINES)
    solara.Text(f"Month {model.month} of {model.months}, seed {model.seed}. Now: {now}.")


@solara.component
def Settings(settings: solara.Reactive[dict[str, Any]]) -> None:
    """Six sliders and a seed; what cannot be used is told in words and not taken."""
    typed, set_typed = solara.use_state(str(settings.value["seed"]))
    fault, set_fault = solara.use_state("")

    def take_seed(text: str) -> None:
        set_typed(text)
        try:
            settings.value = {**settings.value, "seed": seed_from(text)}
            set_fault("")
        except InputError as error:
            set_fault(f"{error}. The seed is still {settings.value['seed']}.")

    for practice in PRACTICES.values():

        def take(value: float, name: str = practice.name) -> None:
            settings.value = {**settings.value, name: value}

        solara.SliderFloat(
            practice.title, value=settings.value[practice.name], min=0.0, max=1.0, step=0.1, on_value=take
        )
    solara.InputText("Seed", value=typed, on_value=take_seed, continuous_update=True)
    if fault:
        solara.Error(fault)


@solara.component
def Page() -> None:
    """Show one visitor's page."""
    settings = solara.use_reactive(dict(START))
    model = solara.use_reactive(solara.use_memo(lambda: CollaborationModel(**START), []))
    interval = solara.use_reactive(USUAL)
    every, threads = solara.use_reactive(1), solara.use_reactive(False)  # Mesa's controls read both
    solara.Title("collabsim: organisations learning to collaborate")
    with solara.Sidebar(), solara.Column():
        ModelController(
            model, model_parameters=settings, play_interval=interval, render_interval=every,
            use_threads=threads,
        )  # fmt: skip
        solara.Text("Settings take effect with Reset. Practices run in the months of support.")
        Settings(settings)
        solara.SliderInt("Milliseconds a month", value=interval, min=SHORTEST, max=LONGEST, step=50)
    with solara.Column():
        Words(model.value)
        with solara.Columns([1, 1]):
            Picture(model.value)
            Lines(model.value)
