"""Every parameter and lever, declared once: default, bounds, unit, meaning and source.

This one declaration feeds the model, validation, sliders, the bounds of a sensitivity analysis and the
documentation. A *lever* is a parameter that a practice or a shock can move, organisation by
organisation; a plain *parameter* stays what it is throughout a run.

To add one, add one line: its name becomes a field of the record ``p`` (or ``lever[i]``) that every step
of the month receives.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from collabsim.errors import Faults, InputError, nearest


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number the model runs with.

    Attributes
    ----------
    name
        The name in Python, TOML, columns and documents.
    default
        Its value unless said otherwise.
    low, high
        Bounds, both allowed.
    unit
        ``"share"`` (0 to 1), ``"per month"``, ``"value"`` (units of joint value) and so on.
    step
        The step of the month that uses it, or ``"start"``.
    meaning
        One sentence.
    source
        A published source, or ``"assumption"``.
    """

    name: str
    default: float
    low: float
    high: float
    unit: str
    step: str
    meaning: str
    source: str = "assumption"


@dataclass(frozen=True, slots=True)
class Lever(Parameter):
    """A parameter that practices and shocks can move.

    Attributes
    ----------
    direction
        +1 where further means higher, -1 where further means lower: of several that ask to move the
        lever, the furthest in this direction wins.
    whose
        Whose value counts: ``"own"``, ``"pair"`` (mean of its two sides), ``"judge"``, ``"failer"`` or
        ``"met"`` (mean over the partners met).
    """

    direction: int = 1
    whose: str = "own"


SLOVIC = "Slovic 1993"
JOSANG = "Jøsang & Ismail 2002"
FISCHBACHER = "Fischbacher & Gächter 2010"
NOOTEBOOM = "Nooteboom et al. 2007"
VANGEN = "Vangen & Huxham 2003"
HERMALIN = "Hermalin 1998; Güth et al. 2007"
EDMONDSON = "Edmondson 1999"
BURT = "Burt 2004"
HK = "Hegselmann & Krause 2002"
FJ = "Friedkin & Johnsen 1990"

_LEVERS = (
    Lever("as_if", 0.0, 0.0, 1.0, "share", "3 trust",
          "How far the disposition is lifted towards full trust: acting as if partners could be trusted.",
          "Meyerson et al. 1996"),
    Lever("benefit_of_doubt", 0.0, 0.0, 1.0, "share", "8 learn",
          "The share of a lapse that is not held against the partner.", "assumption", whose="judge"),
    Lever("confidence_bound", 0.3, 0.0, 1.0, "view", "12 purpose",
          "The widest difference of views across which a partner is still listened to.", HK),
    Lever("peer_accountability", 0.56, 0.0, 1.0, "share", "13 accountability",
          "How firmly partners who meet hold each other to what was pledged.",
          "Fehr & Gächter 2000, 2002", whose="met"),
    Lever("mandate_pull", 0.05, 0.0, 1.0, "per month", "12 purpose",
          "How strongly an organisation's own mandate draws its view back.", FJ, direction=-1),
    Lever("learning", 0.025, 0.0, 1.0, "per month", "10 understand",
          "The share of what is not yet understood of a partner that a meeting teaches.", NOOTEBOOM),
    Lever("surfacing", 0.0, 0.0, 1.0, "per month", "9 speak up",
          "Tension that differences bring up when they are shown before they are understood.",
          "Triana et al. 2021", whose="pair"),
    Lever("stake_matching", 0.0, 0.0, 1.0, "share", "5 stakes",
          "How far stakes follow trust (small wins) and not the mandate.", VANGEN, whose="pair"),
    Lever("visibility", 0.87, 0.0, 1.0, "probability", "8 learn",
          "The probability that a kept promise is noticed; failures always are.", SLOVIC, whose="pair"),
    Lever("repair", 0.0, 0.0, 1.0, "share", "8 learn",
          "The share of a lapse that who failed makes good.", "Schweitzer et al. 2006", whose="failer"),
    Lever("courage_practice", 0.0, 0.0, 1.0, "per month", "14 leadership",
          "The share of what is missing to full courage that a month of practice adds.", "assumption"),
    Lever("systems_practice", 0.0, 0.0, 1.0, "per month", "14 leadership",
          "The share of what is missing to a full systems view that a month of practice adds.",
          "assumption"),
    Lever("brokerage", 0.0, 0.0, 1.0, "probability", "15 broker",
          "The probability, for a full systems view, of introducing two partners in a month.", BURT),
    Lever("vouching", 0.0, 0.0, 1.0, "share", "15 broker",
          "The share of a trusted partner's evidence about a third that is taken over.", BURT),
    Lever("turnover", 0.01, 0.0, 1.0, "per month", "2 turnover",
          "The probability that an organisation's leaders leave in a month.", "assumption"),
    Lever("slip", 0.04, 0.0, 1.0, "share", "7 deliver",
          "The share of promises at full stake that fail for want of means.", "assumption"),
    Lever("cost", 0.094, 0.0, 1.0, "value", "6 commit, 7 deliver",
          "What a commitment costs, per unit of stake.", "Huxham & Vangen 2005"),
    Lever("loss", 0.2, 0.0, 2.0, "value", "6 commit, 7 deliver",
          "What delivering alone loses, per squared unit of stake.", "Das & Teng 2001"),
)

_PARAMETERS = (
    # 2 turnover
    Parameter("turnover_loss", 0.5, 0.0, 1.0, "share", "2 turnover",
              "Evidence and learned understanding lost on a tie when leaders leave."),
    Parameter("turnover_contact_loss", 0.25, 0.0, 1.0, "share", "2 turnover",
              "Contact lost on a tie when leaders leave."),
    # 3 memory and trust
    Parameter("memory", 0.98, 0.0, 1.0, "per month", "3 fade",
              "The share of remembered evidence that is still there a month later.", JOSANG),
    Parameter("prior_strength", 2.2, 0.01, 20.0, "interactions", "3 trust",
              "How many interactions the disposition is worth in trust.", JOSANG),
    # 4 convene
    Parameter("meeting_rate", 0.72, 0.0, 1.0, "per month", "4 convene",
              "The probability that a pair in full contact meets in a month, where there is room."),
    Parameter("settle", 0.02, 0.0, 1.0, "per month", "4 convene",
              "The share of tension that settles in a month without a meeting."),
    Parameter("idle_fade", 0.3, 0.0, 1.0, "share", "4 convene",
              "How fast contact fades without a meeting, as a share of its fading after a fruitless one."),
    Parameter("capacity_base", 4.0, 0.0, 1000.0, "meetings", "4 convene",
              "Room for meetings a month of an organisation of one."),
    Parameter("capacity_slope", 4.0, 0.0, 1000.0, "meetings", "4 convene",
              "Room for meetings added by every tenfold of staff."),
    Parameter("capacity_low", 4.0, 0.0, 1000.0, "meetings", "4 convene",
              "The least room for meetings a month."),
    Parameter("capacity_high", 20.0, 0.0, 1000.0, "meetings", "4 convene",
              "The most room for meetings a month."),
    # 5 stakes
    Parameter("stake_size", 0.72, 0.01, 1.0, "value", "5 stakes",
              "V: what a meeting puts at stake where the stake is what was mandated."),
    Parameter("synergy", 1.6, 0.0, 5.0, "value", "5 stakes",
              "psi: what difference adds to the joint value once it is understood.", NOOTEBOOM),
    Parameter("friction", 0.6, 0.0, 5.0, "value", "5 stakes",
              "f: what difference costs until it is understood.", NOOTEBOOM),
    Parameter("trust_for_full_stake", 0.6, 0.01, 1.0, "trust", "5 stakes",
              "The mutual trust at which small wins have grown to the full stake.", VANGEN),
    # 6 commit
    Parameter("intensity_of_choice", 5.6, 0.0, 1000.0, "per value", "6 commit",
              "beta: how sharply the choice to commit follows its value (the logit's precision).",
              "McFadden 1974; McKelvey & Palfrey 1995"),
    Parameter("own_share", 0.5, 0.0, 1.0, "share", "6 commit",
              "The share of the joint value that an organisation counts as its own."),
    Parameter("systems_weight", 0.35, 0.0, 2.0, "ratio", "6 commit",
              "omega: how far a full systems view also counts what the whole gains."),
    Parameter("tension_cost", 0.31, 0.0, 5.0, "value", "6 commit",
              "zeta: how much full tension takes from the value of committing."),
    Parameter("lead", 0.5, 0.0, 1.0, "share", "6 commit",
              "How far a leader seen to commit lifts the follower's trust towards 1, in that decision.",
              HERMALIN),
    # 8 learn
    Parameter("negativity", 1.6, 0.0, 20.0, "ratio", "8 learn",
              "w: what a broken promise weighs against a kept one.", SLOVIC),
    Parameter("holdback_weight", 0.027, 0.0, 20.0, "ratio", "8 learn",
              "w0: what holding back weighs as broken evidence."),
    # 9 speak up
    Parameter("strain", 0.08, 0.0, 1.0, "per month", "9 speak up",
              "nu: how fast misalignment, misunderstanding and fruitless meetings build tension.",
              "Huxham & Vangen 2005"),
    Parameter("strain_no_delivery", 0.3, 0.0, 5.0, "ratio", "9 speak up",
              "What a meeting without joint delivery adds to the strain."),
    Parameter("resolution", 0.5, 0.0, 1.0, "share", "9 speak up",
              "The share of tension that goes when it is named in safety.", EDMONDSON),
    Parameter("named_understanding", 0.15, 0.0, 1.0, "share", "9 speak up",
              "The share of what is not understood that naming a tension in safety teaches.", EDMONDSON),
    Parameter("named_evidence", 0.5, 0.0, 20.0, "interactions", "9 speak up",
              "Evidence kept that each side gains when a tension is named in safety.", EDMONDSON),
    Parameter("rupture", 1.0, 0.0, 20.0, "interactions", "9 speak up",
              "Evidence broken that each side gains when a tension is named without safety.", EDMONDSON),
    # 11 contact
    Parameter("contact_gain", 0.13, 0.0, 1.0, "per month", "11 contact",
              "The share of missing contact that a joint delivery adds."),
    Parameter("contact_fade", 0.025, 0.0, 1.0, "per month", "11 contact",
              "The share of contact lost after a meeting without joint delivery."),
    # 12 purpose
    Parameter("convergence", 0.3, 0.0, 1.0, "per month", "12 purpose",
              "mu: how far views move towards those of trusted partners in a month.", HK),
    Parameter("self_weight", 1.0, 0.0, 100.0, "partners", "12 purpose",
              "How many fully trusted partners an organisation's own view is worth.", HK),
    # 13 accountability
    Parameter("expectation_rate", 0.41, 0.0, 1.0, "per month", "13 accountability",
              "lambda: how fast the expectation follows what partners kept.", FISCHBACHER),
    Parameter("reciprocation", 0.66, 0.0, 1.0, "share", "13 accountability",
              "sigma0: the share of what it expects of others that an organisation gives where nothing "
              "is shared.", FISCHBACHER),
    Parameter("peer_strength", 0.47, 0.0, 1.0, "share", "13 accountability",
              "kappa: how far full peer accountability closes the gap to the pledge.",
              "Fehr & Gächter 2000, 2002"),
    Parameter("pledge", 0.95, 0.0, 1.0, "share", "13 accountability",
              "The share of promises that everyone has pledged to keep."),
    # 14 leadership
    Parameter("leadership_return", 0.03, 0.0, 1.0, "per month", "14 leadership",
              "How fast courage and systems view go back to their resting values."),
    # 15 broker
    Parameter("intro", 0.9, 0.0, 1.0, "share", "15 broker",
              "Missing contact that an introduction by a fully trusting broker adds.", BURT),
    Parameter("intro_ceiling", 0.6, 0.0, 1.0, "share", "15 broker",
              "The contact that an introduction alone can bring."),
    Parameter("vouch_cap", 2.0, 0.0, 100.0, "interactions", "15 broker",
              "The most evidence that one vouching hands on."),
    # start
    Parameter("disposition", 0.36, 0.0, 1.0, "trust", "start",
              "Mean over worlds of the trust that a partnership extends to strangers."),
    Parameter("disposition_spread", 0.11, 0.0, 0.5, "trust", "start",
              "Standard deviation of that between partnerships (worlds)."),
    Parameter("disposition_within", 0.08, 0.0, 0.5, "trust", "start",
              "Standard deviation of the disposition between members of a partnership."),
    Parameter("own_sector", 0.08, 0.0, 1.0, "trust", "3 trust",
              "What is added to the disposition towards partners of the own sector."),
    Parameter("perspective_spread", 0.12, 0.0, 0.5, "perspective", "start",
              "Standard deviation of perspectives round the centre of their sector, on each axis."),
    Parameter("mandate_spread", 0.15, 0.0, 0.5, "view", "start",
              "Standard deviation of mandates round the mean of their sector."),
    Parameter("start_accountability", 0.67, 0.0, 1.0, "share", "start",
              "Mean accountability, and expectation, at the start."),
    Parameter("start_accountability_spread", 0.1, 0.0, 0.5, "share", "start",
              "Standard deviation of the accountability at the start."),
    Parameter("resting_courage", 0.31, 0.0, 1.0, "share", "start",
              "Mean resting courage of leaders."),
    Parameter("resting_systems_view", 0.31, 0.0, 1.0, "share", "start",
              "Mean resting systems view of leaders."),
    Parameter("resting_spread", 0.1, 0.0, 0.5, "share", "start",
              "Standard deviation of both resting values, at the start and for successors."),
    Parameter("contact_close", 0.6, 0.0, 1.0, "share", "start",
              "Contact at the start of a pair that works together."),
    Parameter("contact_loose", 0.1, 0.0, 1.0, "share", "start",
              "Contact at the start of a pair that only knows of each other."),
    Parameter("close_within", 0.7, 0.0, 1.0, "probability", "start",
              "The probability that a pair of one sector works together at the start."),
    Parameter("close_across", 0.3, 0.0, 1.0, "probability", "start",
              "The probability that a pair across sectors works together at the start."),
    Parameter("surveyed_evidence", 4.0, 0.0, 100.0, "interactions", "start",
              "How many interactions a surveyed trust is worth."),
)

LEVERS: dict[str, Lever] = {lever.name: lever for lever in _LEVERS}
"""The levers, by name, in the order of their records."""

PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter for parameter in _PARAMETERS
} | dict(LEVERS)
"""Every parameter by name, levers (as base values) among them."""

LEVER_DTYPE = np.dtype([(name, np.float64) for name in LEVERS])
"""One organisation's levers in one month."""

PARAMETER_DTYPE = np.dtype(
    [(parameter.name, np.float64) for parameter in _PARAMETERS]
    + [(f"base_{name}", np.float64) for name in LEVERS]
)
"""All parameters of one run; a lever's base value is called ``base_`` and its name."""


def number(value: Any, name: str, low: float, high: float) -> float:
    """Take a value given by a user as a finite number within bounds.

    Parameters
    ----------
    value
        What was given. Whole and real numbers are taken; text and truth values are not.
    name
        What it is called, for the message.
    low, high
        Bounds, both allowed.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If it is not a number, not finite, or out of bounds.
    """
    faults = Faults()
    span = f"a number from {low:g} to {high:g}" if high < 1e9 else f"a number of at least {low:g}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        faults.add(f"{name} must be {span}, not {value!r} ({type(value).__name__})")
    elif not low <= value <= high or value in (math.inf, -math.inf):  # NaN is within no bounds
        faults.add(f"{name} must be {span}, not {value}")
    faults.settle()
    return float(value)


def whole(value: Any, name: str, low: int, high: int) -> int:
    """Take a value given by a user as a whole number within bounds.

    Raises
    ------
    InputError
        In words.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        if isinstance(value, float | np.floating) and float(value).is_integer():
            value = int(value)
        else:
            raise InputError(
                f"{name} must be a whole number from {low} to {high}, not {value!r} ({type(value).__name__})"
            )
    if not low <= value <= high:
        raise InputError(f"{name} must be a whole number from {low} to {high}, not {value}")
    return int(value)


def check_parameters(values: Mapping[str, Any]) -> dict[str, float]:
    """Check overrides of parameters, all of them before complaining.

    Parameters
    ----------
    values
        Parameter or lever names and the values wanted.

    Returns
    -------
    dict
        The same names in the order of :data:`PARAMETERS`, values as floats.

    Raises
    ------
    InputError
        Naming every unknown name and every value out of bounds.
    """
    faults = Faults()
    checked: dict[str, float] = {}
    for name, value in values.items():
        if name not in PARAMETERS:
            faults.add(f"there is no parameter '{name}'{nearest(name, PARAMETERS)}")
            continue
        parameter = PARAMETERS[name]
        try:
            checked[name] = number(value, f"parameter '{name}'", parameter.low, parameter.high)
        except ValueError as error:
            faults.add(str(error))
    faults.settle()
    return {name: checked[name] for name in PARAMETERS if name in checked}


def parameter_record(values: Mapping[str, float]) -> np.recarray[Any, Any]:
    """Lay the parameters of one run out as the record that the month reads.

    Parameters
    ----------
    values
        Overrides, already checked.

    Returns
    -------
    numpy.recarray
        Shape (1,), dtype :data:`PARAMETER_DTYPE`.
    """
    record = np.zeros(1, PARAMETER_DTYPE).view(np.recarray)
    for name, parameter in PARAMETERS.items():
        field = f"base_{name}" if name in LEVERS else name
        record[field] = values.get(name, parameter.default)
    return record
