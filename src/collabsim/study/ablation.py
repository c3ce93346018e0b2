"""Each mechanism switched off in turn, by its parameters, against the patterns: what carries what.

A mechanism is switched off for everybody and from the start, by the values of parameters that make its rule
do nothing; no rule is replaced. A value may be that of a lever's base: then what a practice moves the lever
to remains, and the mechanism is off only where no practice turns it on. Each record says so where it is so.

A pattern's own setting goes before these values, as it does before all parameters: where the setting needs
the very parameter, the pattern sees the mechanism all the same.

>>> from collabsim.study.ablation import MECHANISMS, ablate
>>> table = ablate([MECHANISMS["negativity"]], worlds=48)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from collabsim.schedule import SCHEDULE, Schedule
from collabsim.study.patterns import PATTERNS, PatternResult, evaluate_all

WORLDS = 150
"""How many worlds an ablation runs: verdicts with everything on are taken anew in as many."""


@dataclass(frozen=True)
class Mechanism:
    """A mechanism, and what switches it off.

    Attributes
    ----------
    name, title
        In code; in running text, as what is missing.
    step
        The step of the month in which it acts.
    off
        Values of parameters that switch it off.
    why
        Why they do, and what remains.
    """

    name: str
    title: str
    step: str
    off: Mapping[str, float]
    why: str


MECHANISMS: dict[str, Mechanism] = {
    mechanism.name: mechanism
    for mechanism in (
        Mechanism(
            "turnover", "Leaders leave", "2 turnover",
            {"turnover": 0.0, "turnover_loss": 0.0, "turnover_contact_loss": 0.0},
            "Nobody leaves; where a shock lets leaders leave, nothing is lost on their ties. Successors, and "
            "what they are like, remain in that shock.",
        ),
        Mechanism(
            "forgetting", "Memory fades", "3 fade", {"memory": 1.0},
            "What is remembered stays whole from month to month.",
        ),
        Mechanism(
            "prior", "Disposition has weight", "3 trust", {"prior_strength": 0.01},
            "Trust in a stranger, and acting as if partners could be trusted, weigh a hundredth of an "
            "interaction: the first evidence decides. (0 is no value it can take.)",
        ),
        Mechanism(
            "own_sector", "Own sector is trusted more", "3 trust", {"own_sector": 0.0},
            "Strangers of the own sector are trusted as others are.",
        ),
        Mechanism(
            "capacity", "Room for meetings is limited", "4 convene",
            {"capacity_low": 1000.0, "capacity_high": 1000.0},
            "Everybody has room for a thousand meetings a month, unless the partnership file gives the room.",
        ),
        Mechanism(
            "synergy", "Difference is worth something", "5 stakes", {"synergy": 0.0},
            "Understood or not, difference adds nothing to the joint value.",
        ),
        Mechanism(
            "friction", "Difference costs something", "5 stakes", {"friction": 0.0},
            "Not understood, difference takes nothing from the joint value.",
        ),
        Mechanism(
            "small_wins", "Stakes follow trust", "5 stakes", {"trust_for_full_stake": 0.01},
            "The full stake is reached at a hundredth of trust, so that small wins are as large as others.",
        ),
        Mechanism(
            "risk", "Delivering alone loses", "6 commit, 7 deliver", {"loss": 0.0},
            "Base value of a lever: who delivers alone loses nothing. The shock austerity brings loss back.",
        ),
        Mechanism(
            "cost", "Committing costs", "6 commit, 7 deliver", {"cost": 0.0},
            "Base value of a lever: committing is free. The shock austerity brings a cost back.",
        ),
        Mechanism(
            "choice_error", "Choices are uncertain", "6 commit", {"intensity_of_choice": 1000.0},
            "The logit is all but a threshold at 0.",
        ),
        Mechanism(
            "systems_weight", "Leaders count the whole", "6 commit", {"systems_weight": 0.0},
            "Nobody counts more of the joint value than its own share. Brokerage remains.",
        ),
        Mechanism(
            "tension_cost", "Tension weighs on choices", "6 commit", {"tension_cost": 0.0},
            "Tension builds and is named, and takes nothing from the value of committing.",
        ),
        Mechanism(
            "lead", "A leader is followed", "6 commit", {"lead": 0.0},
            "Whoever moves first still waives its risk, and nobody takes it as a sign.",
        ),
        Mechanism(
            "courage", "Leaders have courage", "6 commit, 9 speak up",
            {"resting_courage": 0.0, "resting_spread": 0.0},
            "Nobody moves first, waives risk or speaks up, but under the practice courageous leadership, "
            "which still raises courage. The spread of systems views goes too: one parameter gives both.",
        ),
        Mechanism(
            "slip", "Means may fail", "7 deliver", {"slip": 0.0},
            "Base value of a lever: promises fail for want of effort only. The shock austerity restores it.",
        ),
        Mechanism(
            "negativity", "Bad weighs more than good", "8 learn", {"negativity": 1.0},
            "A broken promise weighs what a kept one does.",
        ),
        Mechanism(
            "oversight", "Kept promises are overlooked", "8 learn", {"visibility": 1.0},
            "Base value of a lever: every kept promise is seen.",
        ),
        Mechanism(
            "held_back", "Holding back is held against one", "8 learn", {"holdback_weight": 0.0},
            "Who does not commit leaves no evidence.",
        ),
        Mechanism(
            "disappointment", "Disappointment leaves evidence", "8 learn, 9 speak up",
            {"negativity": 0.0, "holdback_weight": 0.0, "rupture": 0.0},
            "Broken promises, holding back and ruptures are not remembered: there is good evidence or none.",
        ),
        Mechanism(
            "tension", "Meetings build tension", "9 speak up", {"strain": 0.0},
            "No tension builds, but under the practice exploring diversity, whose lever surfacing remains.",
        ),
        Mechanism(
            "speaking_up", "Speaking up changes something", "9 speak up",
            {"resolution": 0.0, "named_understanding": 0.0, "named_evidence": 0.0, "rupture": 0.0},
            "What is named is neither resolved nor understood, nor does it leave evidence, safe or not.",
        ),
        Mechanism(
            "learning", "Meetings teach understanding", "10 understand", {"learning": 0.0},
            "Base value of a lever: meetings teach nothing, but under the practice exploring diversity. "
            "Naming a tension in safety still teaches.",
        ),
        Mechanism(
            "contact", "Contact comes and goes", "4 convene, 11 contact",
            {"contact_gain": 0.0, "contact_fade": 0.0},
            "Neither delivery, fruitless meetings nor months apart change contact. Introductions and "
            "turnover still do.",
        ),
        Mechanism(
            "convergence", "Views converge", "12 purpose", {"convergence": 0.0},
            "Nobody's view of the purpose moves towards another's.",
        ),
        Mechanism(
            "bound", "Distant views are not heard", "12 purpose", {"confidence_bound": 1.0},
            "Base value of a lever: every partner is listened to, however far apart the views.",
        ),
        Mechanism(
            "mandate", "Mandates pull back", "12 purpose", {"mandate_pull": 0.0},
            "Base value of a lever, which practices only lower: no view is drawn back to its mandate.",
        ),
        Mechanism(
            "expectation", "Expectations learn", "13 accountability", {"expectation_rate": 0.0},
            "What is expected of partners stays what it was at the start.",
        ),
        Mechanism(
            "imperfect", "Reciprocity is imperfect", "13 accountability", {"reciprocation": 1.0},
            "Everybody gives all that it expects, shared purpose or not.",
        ),
        Mechanism(
            "peers", "Peers hold to account", "13 accountability", {"peer_strength": 0.0},
            "However firmly peers answer to each other, it lifts nobody.",
        ),
        Mechanism(
            "habit", "Leaders fall back into habit", "14 leadership", {"leadership_return": 0.0},
            "Courage and systems view keep what practice has added, until leaders leave.",
        ),
        Mechanism(
            "introductions", "Brokers introduce", "15 broker", {"intro": 0.0},
            "An introduction adds no contact and opens no tie.",
        ),
        Mechanism(
            "vouching", "Brokers vouch", "15 broker", {"vouch_cap": 0.0},
            "No evidence is handed on.",
        ),
        Mechanism(
            "world_disposition", "Partnerships differ in disposition", "start", {"disposition_spread": 0.0},
            "The mean disposition is the same in every world.",
        ),
        Mechanism(
            "member_disposition", "Members differ in disposition", "start", {"disposition_within": 0.0},
            "All members of a partnership are equally disposed to trust.",
        ),
    )
}  # fmt: skip
"""Every mechanism that parameters can switch off, by name, in the order of the month."""

BREAKS, CARRIES_ON, STARTS, STILL_FAILS = "breaks", "holds without", "starts to hold", "fails without"


def change(with_it: bool, without: bool) -> str:
    """Return what becomes of a pattern when a mechanism goes."""
    if with_it:
        return CARRIES_ON if without else BREAKS
    return STARTS if without else STILL_FAILS


@dataclass(frozen=True)
class Ablated:
    """The verdicts on the patterns with everything on, and without each mechanism.

    Attributes
    ----------
    whole
        Results with every mechanism on, by pattern.
    without
        Results by mechanism and pattern.
    own
        Of each pattern that holds, the result under the ablation that its own record names.
    """

    whole: dict[int, PatternResult]
    without: dict[str, dict[int, PatternResult]]
    own: dict[int, PatternResult]

    def broken_by(self, number: int) -> list[str]:
        """Return the mechanisms without which a pattern that holds fails."""
        return [
            name
            for name, results in self.without.items()
            if self.whole[number].holds and not results[number].holds
        ]

    @property
    def carried_by_nothing(self) -> list[int]:
        """Patterns that hold, and go on holding whichever mechanism is switched off."""
        return [n for n, result in self.whole.items() if result.holds and not self.broken_by(n)]


def ablate(
    mechanisms: Iterable[Mechanism] = tuple(MECHANISMS.values()),
    parameters: Mapping[str, float] | None = None,
    worlds: int = WORLDS,
    seed: int = 0,
    schedule: Schedule = SCHEDULE,
    threads: int | None = None,
    *,
    numbers: Iterable[int] = tuple(PATTERNS),
    progress: Callable[[], None] | None = None,
) -> Ablated:
    """Test patterns with everything on, and without each mechanism, in the same worlds.

    Parameters
    ----------
    mechanisms
        Which.
    parameters
        Overrides of the defaults; what switches a mechanism off goes before them.
    worlds, seed, schedule, threads, numbers
        As for :func:`~collabsim.study.patterns.evaluate_all`.
    progress
        Called after each evaluation; there is one for the whole, one for each mechanism, and one for all
        the patterns' own ablations.
    """
    base, numbers = dict(parameters or {}), tuple(numbers)

    def test(off: Mapping[str, float], which: Iterable[int] = numbers) -> dict[int, PatternResult]:
        return evaluate_all(base | dict(off), worlds, seed, schedule, threads, numbers=which)

    def done() -> None:
        if progress is not None:
            progress()

    whole = test({})
    done()
    without = {}
    for mechanism in mechanisms:
        without[mechanism.name] = test(mechanism.off)
        done()
    own = {n: test(PATTERNS[n].ablation, (n,))[n] for n in numbers if whole[n].holds}
    done()
    return Ablated(whole, without, own)
