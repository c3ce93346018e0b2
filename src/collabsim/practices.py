"""The six practices, and the shocks: what each moves, why, and on what evidence.

A practice moves levers and nothing else: all that a :class:`Practice` can say is to which value it brings
which lever at full strength. It cannot add to trust, to accountability or to an outcome; what rises
must rise because organisations behave and learn differently. A shock is of the same kind.

The practices are inspired by the headings of a study of health and social care integration in
Scotland (Administrative Sciences 2019, 9(3), 68). Which levers each moves, and how far, are our
assumptions, taken from the published theory named with each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from collabsim.errors import InputError, nearest
from collabsim.parameters import LEVERS


@dataclass(frozen=True, slots=True)
class Mover:
    """Something that moves levers while it is active.

    Attributes
    ----------
    name
        The name in Python, TOML, columns and documents.
    title
        The name in running text.
    moves
        Lever name to its value at full strength.
    sentence
        What it is, in one plain sentence.
    evidence
        Why it moves what it moves.
    days
        Facilitator-days that one organisation's part in it takes in a month at full strength; an
        assumption, for comparing programmes and not for budgets.
    """

    name: str
    title: str
    moves: Mapping[str, float]
    sentence: str
    evidence: str
    days: float = field(default=0.0)

    def __post_init__(self) -> None:
        """Refuse anything but levers moved in their declared direction.

        Raises
        ------
        InputError
            If a name is not a lever, or a value lies out of its bounds or against its direction.
        """
        for name, full in self.moves.items():
            if name not in LEVERS:
                raise InputError(
                    f"{self.name} moves '{name}', which is not a lever{nearest(name, LEVERS)}"
                )
            lever = LEVERS[name]
            if not lever.low <= full <= lever.high:
                raise InputError(
                    f"{self.name} moves '{name}' to {full}, out of {lever.low:g} to {lever.high:g}"
                )
            if (full - lever.default) * lever.direction < 0:
                raise InputError(
                    f"{self.name} moves '{name}' to {full}, against the lever's direction"
                )
        object.__setattr__(self, "moves", MappingProxyType(dict(self.moves)))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the mapping as a plain one."""
        fields = (self.name, self.title, dict(self.moves), self.sentence, self.evidence, self.days)
        return (type(self), fields)


class Practice(Mover):
    """One of the practices that a programme can put to work."""

    __slots__ = ()


class Shock(Mover):
    """Something that happens to a partnership from outside."""

    __slots__ = ()


PRACTICES: dict[str, Practice] = {
    practice.name: practice
    for practice in (
        Practice(
            "suspending_disbelief",
            "Suspending disbelief",
            {"as_if": 0.5, "benefit_of_doubt": 0.5, "confidence_bound": 0.6},
            "Partners act as if the others could be trusted, hold lapses less against them and listen to "
            "views far from their own.",
            "Swift trust: a loan that evidence repays or washes out (Meyerson et al. 1996).",
            days=0.5,
        ),
        Practice(
            "shared_accountability",
            "Accountability to a shared purpose",
            {"peer_accountability": 1.0, "mandate_pull": 0.01},
            "Partners hold each other to what all have pledged, and their own mandates pull less.",
            "Peers who answer to each other sustain cooperation (Fehr & Gächter 2000, 2002); the "
            "pull of fixed interests keeps views apart (Friedkin & Johnsen 1990).",
            days=0.75,
        ),
        Practice(
            "exploring_diversity",
            "Exploring diversity",
            {"learning": 0.09, "confidence_bound": 0.6, "surfacing": 0.05},
            "Partners learn how the others see the world, at the price that differences show before "
            "they are understood.",
            "Difference is worth something once it is understood (Nooteboom et al. 2007); brought up "
            "without safety it hurts (Triana et al. 2021).",
            days=0.75,
        ),
        Practice(
            "building_trust",
            "Building trust",
            {"stake_matching": 1.0, "visibility": 1.0, "repair": 0.6},
            "Stakes follow trust in small wins, kept promises are seen, and lapses are made good.",
            "The trust-building loop (Vangen & Huxham 2003); repair after a lapse (Schweitzer et al. "
            "2006).",
            days=0.5,
        ),
        Practice(
            "courageous_leadership",
            "Courageous leadership",
            {"courage_practice": 0.12},
            "Leaders learn to commit first, at their own risk, and to name what stays unspoken.",
            "Leading by example (Hermalin 1998; Güth et al. 2007); speaking up (Edmondson 1999).",
            days=1.0,
        ),
        Practice(
            "systemic_leadership",
            "Systemic leadership",
            {"systems_practice": 0.12, "brokerage": 1.0, "vouching": 0.3},
            "Leaders learn to count what the whole gains, introduce partners to each other and vouch "
            "for them.",
            "Brokerage and closure (Burt 2004).",
            days=1.0,
        ),
    )
}
"""The six practices, in the order of the article."""

SHOCKS: dict[str, Shock] = {
    shock.name: shock
    for shock in (
        Shock(
            "austerity",
            "Austerity",
            {"slip": 0.25, "cost": 0.20, "loss": 0.6},
            "Means are short: promises fail more often, and committing costs and risks more.",
            "An assumption.",
        ),
        Shock(
            "leadership_churn",
            "Leadership churn",
            {"turnover": 0.06},
            "Leaders leave far more often, and take part of what was learned with them.",
            "Ulibarri et al. 2020.",
        ),
    )
}
"""The shocks, by name."""

PLACEBO = Practice(
    "placebo",
    "Placebo",
    {},
    "Nothing: it runs like a practice, from month to month and with whom it is given, and moves no lever.",
    "What an analysis says about it is the analysis and not the model; it has to be nothing.",
)
"""A practice that moves nothing, to hold an analysis against. It is not one of the six."""

TREATMENTS: dict[str, Practice] = {**PRACTICES, PLACEBO.name: PLACEBO}
"""Whatever a programme can hold: the six practices, and the placebo."""

MOVERS: dict[str, Mover] = {**PRACTICES, **SHOCKS, PLACEBO.name: PLACEBO}
"""Everything that a programme or a shock can run, in the order of the rows of the month's table of asks."""
