"""The same rules as a Mesa user would write them: an agent an organisation, ties as objects, Mesa's own luck.

Nothing here is compiled and nothing comes from the package but the values of parameters and who is in the
partnership. Mesa's own generator (``self.random``) draws, so worlds differ from the package's and are
compared in distribution.
"""

from __future__ import annotations

import math
from functools import partial
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from collabsim.outcomes import OUTCOMES
from collabsim.parameters import LEVERS, PARAMETERS
from collabsim.practices import PRACTICES
from collabsim.scenario import Scenario

PARAMETER = SimpleNamespace(**{name: parameter.default for name, parameter in PARAMETERS.items()})
BASE = {name: lever.default for name, lever in LEVERS.items()}
CONNECTED = 0.3


def clipped(x: float) -> float:
    """Return x within 0 to 1."""
    return 0.0 if x < 0.0 else min(x, 1.0)


class Tie:
    """What one organisation holds about a partner; the two ties of a pair share its :class:`Pair`."""

    __slots__ = (
        "as_if_trust", "base_trust", "broken", "kept", "opening_broken", "opening_kept", "pair", "partner",
        "trust", "understanding",
    )  # fmt: skip

    def __init__(self, partner: Organisation, pair: Pair, base_trust: float) -> None:
        self.partner, self.pair, self.base_trust = partner, pair, base_trust
        self.kept = self.broken = self.trust = self.as_if_trust = 0.0
        self.opening_kept = self.opening_broken = 0.0
        self.understanding = 1.0 - pair.distance

    def update_trust(self, as_if: float) -> None:
        """Work trust out from the evidence and the disposition."""
        prior = PARAMETER.prior_strength
        evidence = self.kept + self.broken + prior
        disposition = self.base_trust
        self.trust = (self.kept + prior * disposition) / evidence
        self.as_if_trust = (self.kept + prior * (disposition + as_if * (1.0 - disposition))) / evidence


class Pair:
    """What two organisations share."""

    __slots__ = ("contact", "distance", "opening_contact", "organisations", "tension", "ties")

    def __init__(self, a: Organisation, b: Organisation, contact: float) -> None:
        self.organisations = (a, b)
        self.contact = self.opening_contact = contact
        self.tension = 0.0
        self.distance = math.dist(a.perspective, b.perspective) / math.sqrt(2.0)
        extra = PARAMETER.own_sector if a.sector == b.sector else 0.0
        self.ties = (
            Tie(b, self, min(1.0, a.disposition + extra)),
            Tie(a, self, min(1.0, b.disposition + extra)),
        )
        a.ties[b] = self.ties[0]
        b.ties[a] = self.ties[1]


class Organisation(mesa.Agent):  # type: ignore[misc]
    """One organisation."""

    def __init__(self, model: IdiomaticModel, record: Any, disposition: float) -> None:
        super().__init__(model)
        p, draw = PARAMETER, model.draw
        self.sector, self.statutory = int(record.sector), bool(record.statutory)
        self.capacity = min(
            p.capacity_high, max(p.capacity_low, p.capacity_base + p.capacity_slope * float(record.log_size))
        )
        self.perspective = (
            draw(float(record.centre_x), p.perspective_spread),
            draw(float(record.centre_y), p.perspective_spread),
        )
        self.mandate = self.view = draw(float(record.mandate_mean), p.mandate_spread)
        self.disposition = draw(disposition, p.disposition_within)
        self.accountability = draw(p.start_accountability, p.start_accountability_spread)
        self.expectation = self.accountability
        self.ties: dict[Organisation, Tie] = {}
        self.new_leaders()
        self.begin_month()

    def new_leaders(self) -> None:
        """Draw the leaders' resting values anew."""
        p, draw = PARAMETER, self.model.draw
        self.courage = self.resting_courage = draw(p.resting_courage, p.resting_spread)
        self.systems_view = self.resting_systems_view = draw(p.resting_systems_view, p.resting_spread)

    def begin_month(self) -> None:
        """Keep what others read of it this month, and empty its sums."""
        self.opening_view, self.opening_courage = self.view, self.courage
        self.opening_systems_view = self.systems_view
        self.opening_accountability = self.accountability
        self.load = self.net = self.pull = self.weight = self.alignment = self.peers = 0.0
        self.met = self.promised = self.kept = 0

    def turnover(self) -> None:
        """Let the leaders leave, perhaps, and part of what was learned with them."""
        if self.random.random() >= self.model.levers.turnover:
            return
        p = PARAMETER
        self.new_leaders()
        for mine in self.ties.values():
            pair = mine.pair
            pair.contact *= 1.0 - p.turnover_contact_loss
            for tie in pair.ties:
                tie.kept *= 1.0 - p.turnover_loss
                tie.broken *= 1.0 - p.turnover_loss
                untaught = 1.0 - pair.distance
                tie.understanding = untaught + (1.0 - p.turnover_loss) * (tie.understanding - untaught)

    def room(self) -> float:
        """Return the share of the meetings called for that there is room for."""
        return 1.0 if self.load <= self.capacity else self.capacity / self.load

    def value(self, tie: Tie, gain: float, stake: float, trust: float, loss: float) -> float:
        """Return what committing is worth to it."""
        p = PARAMETER
        share = p.own_share + p.systems_weight * self.opening_systems_view
        worth: float = trust * gain * share - (1.0 - trust) * stake * loss
        worth -= self.model.levers.cost + p.tension_cost * tie.pair.tension
        return worth

    def commits(self, value: float) -> bool:
        """Decide by a logit choice."""
        chance = 1.0 / (1.0 + math.exp(-PARAMETER.intensity_of_choice * value))
        return bool(self.random.random() < chance)

    def settle(self) -> None:
        """Update view, expectation, accountability and leadership from the month's meetings."""
        p, lever = PARAMETER, self.model.levers
        self.view += p.convergence * self.pull / (p.self_weight + self.weight)
        self.view = clipped(self.view + lever.mandate_pull * (self.mandate - self.view))
        if self.promised:
            self.expectation += p.expectation_rate * (self.kept / self.promised - self.expectation)
        if self.met:
            share = p.reciprocation + (1.0 - p.reciprocation) * self.alignment / self.met
            want = share * self.expectation
            peers = self.peers / self.met
            self.accountability = clipped(want + p.peer_strength * peers * max(0.0, p.pledge - want))
        self.courage += lever.courage_practice * (1.0 - self.courage) - p.leadership_return * (
            self.courage - self.resting_courage
        )
        self.systems_view += lever.systems_practice * (1.0 - self.systems_view) - p.leadership_return * (
            self.systems_view - self.resting_systems_view
        )

    def broker(self) -> None:
        """Introduce two partners to each other, perhaps, and hear from one about the other."""
        p, lever = PARAMETER, self.model.levers
        if lever.brokerage == 0.0 or self.random.random() >= lever.brokerage * self.opening_systems_view:
            return
        known = [tie for tie in self.ties.values() if tie.pair.opening_contact > 0.0]
        if len(known) < 2:
            return
        one, two = self.random.sample(known, 2)
        between = one.partner.ties[two.partner]
        then = between.pair.opening_contact
        introduced = then + p.intro * one.trust * two.trust * (1.0 - then)
        between.pair.contact += max(then, min(p.intro_ceiling, introduced)) - then
        two.kept += min(p.vouch_cap, lever.vouching * one.trust * between.opening_kept)
        two.broken += min(p.vouch_cap, lever.vouching * one.trust * between.opening_broken)


class IdiomaticModel(mesa.Model):  # type: ignore[misc]
    """The partnership as an ordinary Mesa model.

    Parameters
    ----------
    programme
        ``"none"`` or ``"all-six"`` (in the scenario's months of support).
    months
        How long.
    seed
        Mesa's.
    """

    def __init__(self, programme: str = "none", months: int = 72, seed: int | None = None) -> None:
        super().__init__(seed=seed)
        scenario = Scenario.load("scottish-partnership")
        self.months, self.support = months, scenario.support
        self.treated = programme == "all-six"
        self.levers = SimpleNamespace(**BASE)
        p = PARAMETER
        disposition = self.draw(p.disposition, p.disposition_spread)
        records = scenario.partnership.organisations.view(np.recarray)
        self.organisations = [Organisation(self, record, disposition) for record in records]
        self.pairs = []
        for i, a in enumerate(self.organisations):
            for b in self.organisations[i + 1 :]:
                close = p.close_within if a.sector == b.sector else p.close_across
                contact = p.contact_close if self.random.random() < close else p.contact_loose
                self.pairs.append(Pair(a, b, contact))
        self.potential = p.meeting_rate * len(self.pairs) * p.stake_size
        self.tally = SimpleNamespace()
        self.datacollector = mesa.DataCollector(
            model_reporters={name: partial(reported, name=name) for name in OUTCOMES}
        )

    def draw(self, mean: float, spread: float) -> float:
        """Return a normal deviate within 0 to 1."""
        return clipped(self.random.gauss(mean, spread))

    def step(self) -> None:
        """Play a month."""
        month = self.steps - 1  # Mesa counts before it steps
        if self.treated and month in self.support:
            moved = PRACTICES.values() if month == self.support[0] else ()
            self.levers = SimpleNamespace(
                **(BASE | {name: full for practice in moved for name, full in practice.moves.items()})
            )
        self.agents.do("turnover")
        p, as_if = PARAMETER, self.levers.as_if
        for pair in self.pairs:
            pair.opening_contact = pair.contact
            for tie in pair.ties:
                tie.kept *= p.memory
                tie.broken *= p.memory
                tie.opening_kept, tie.opening_broken = tie.kept, tie.broken
                tie.update_trust(as_if)
        self.agents.do("begin_month")
        self.convene()
        self.agents.do("settle")
        self.agents.do("broker")
        for pair in self.pairs:
            pair.contact = clipped(pair.contact)
            pair.tension = clipped(pair.tension)
        self.measure()
        self.datacollector.collect(self)
        self.running = self.steps < self.months

    def convene(self) -> None:
        """Let pairs meet for whom there is room; the others lose touch slowly."""
        p, random = PARAMETER, self.random.random
        for pair in self.pairs:
            load = p.meeting_rate * pair.contact
            for organisation in pair.organisations:
                organisation.load += load
        room = {organisation: organisation.room() for organisation in self.organisations}
        self.tally = SimpleNamespace(
            meetings=0, joint=0, commitments=0, deliveries=0, value=0.0, spent=0.0, stake=0.0, leads=0,
            leader_pay=0.0,
        )  # fmt: skip
        for pair in self.pairs:
            a, b = pair.organisations
            if random() < p.meeting_rate * pair.contact * min(room[a], room[b]):
                self.meet(pair)
            else:
                pair.contact *= 1.0 - p.idle_fade * p.contact_fade
                pair.tension *= 1.0 - p.settle

    def meet(self, pair: Pair) -> None:
        """Let two organisations meet, decide, deliver and learn."""
        p, lever, tally = PARAMETER, self.levers, self.tally
        a, b = pair.organisations
        understanding = 0.5 * (pair.ties[0].understanding + pair.ties[1].understanding)
        strange = pair.distance * (1.0 - understanding)
        alignment = 1.0 - abs(a.opening_view - b.opening_view)
        gain = alignment * (1.0 + p.synergy * pair.distance * understanding - p.friction * strange)
        mutual = min(1.0, min(tie.as_if_trust for tie in pair.ties) / p.trust_for_full_stake)
        stake = p.stake_size * (1.0 - lever.stake_matching * (1.0 - mutual))
        leader, committed = self.decide(pair, gain, stake)

        delivered = []
        for organisation, promised in zip(pair.organisations, committed, strict=True):
            chance = organisation.opening_accountability * (1.0 - lever.slip * stake)
            delivered.append(promised and self.random.random() < chance)
        joint = all(delivered)
        value = stake * gain if joint else 0.0
        nets = []
        for organisation, promised, kept in zip(pair.organisations, committed, delivered, strict=True):
            spent = lever.cost * stake if promised else 0.0
            if kept and not joint:
                spent += lever.loss * stake * stake
            nets.append(0.5 * value - spent)
            organisation.net += nets[-1]
            tally.spent += spent
        tally.meetings += 1
        tally.joint += joint
        tally.commitments += sum(committed)
        tally.deliveries += sum(delivered)
        tally.value += value
        tally.stake += stake
        if leader is not None and committed[leader]:
            tally.leads += 1
            tally.leader_pay += nets[leader] - nets[1 - leader]

        self.learn(pair, stake, committed, delivered)
        self.speak_up(pair, alignment, strange, joint)
        for tie in pair.ties:
            tie.understanding += lever.learning * (1.0 - tie.understanding)
        if joint:
            pair.contact += p.contact_gain * (1.0 - pair.contact)
        else:
            pair.contact *= 1.0 - p.contact_fade
        for side, organisation in enumerate(pair.organisations):
            gap = pair.organisations[1 - side].opening_view - organisation.opening_view
            if abs(gap) <= lever.confidence_bound:
                organisation.pull += pair.ties[side].trust * gap
                organisation.weight += pair.ties[side].trust
            organisation.met += 1
            organisation.promised += committed[1 - side]
            organisation.kept += delivered[1 - side]
            organisation.alignment += alignment
            organisation.peers += lever.peer_accountability

    def decide(self, pair: Pair, gain: float, stake: float) -> tuple[int | None, list[bool]]:
        """Let both commit or hold back; return who led, if anyone, and who committed."""
        p, loss, random = PARAMETER, self.levers.loss, self.random.random
        a, b = pair.organisations
        leader: int | None = 1 if b.opening_courage > a.opening_courage else 0
        if a.opening_courage == b.opening_courage and random() >= 0.5:
            leader = 1
        boldest = max(a.opening_courage, b.opening_courage)
        if random() >= boldest:
            leader = None
        first = leader or 0
        committed = [False, False]
        tie = pair.ties[first]
        risk = loss if leader is None else loss * (1.0 - boldest)
        mover = pair.organisations[first]
        committed[first] = mover.commits(mover.value(tie, gain, stake, tie.as_if_trust, risk))
        tie, follower = pair.ties[1 - first], pair.organisations[1 - first]
        trust = tie.as_if_trust
        if leader is not None and committed[first]:
            trust += p.lead * (1.0 - trust)
        committed[1 - first] = follower.commits(follower.value(tie, gain, stake, trust, loss))
        return leader, committed

    def learn(self, pair: Pair, stake: float, committed: list[bool], delivered: list[bool]) -> None:
        """Let kept promises count where they are seen, and broken ones always."""
        p, lever, evidence = PARAMETER, self.levers, math.sqrt(stake)
        for side, tie in enumerate(pair.ties):
            if delivered[1 - side]:
                if self.random.random() < lever.visibility:
                    tie.kept += evidence
            elif committed[1 - side]:
                tie.broken += p.negativity * evidence * (1.0 - lever.benefit_of_doubt) * (1.0 - lever.repair)
            else:
                tie.broken += p.holdback_weight * evidence * (1.0 - lever.benefit_of_doubt)

    def speak_up(self, pair: Pair, alignment: float, strange: float, joint: bool) -> None:
        """Let tension grow, and be named perhaps."""
        p, (a, b) = PARAMETER, pair.organisations
        growth = p.strain * (1.0 - alignment + strange + (0.0 if joint else p.strain_no_delivery))
        pair.tension += (growth + self.levers.surfacing * strange) * (1.0 - pair.tension)
        chance = (1.0 - (1.0 - a.opening_courage) * (1.0 - b.opening_courage)) * pair.tension
        if self.random.random() >= chance:
            return
        safe = 0.5 * (pair.ties[0].as_if_trust + pair.ties[1].as_if_trust)
        if self.random.random() < safe:
            pair.tension *= 1.0 - p.resolution
            for tie in pair.ties:
                tie.understanding += p.named_understanding * (1.0 - tie.understanding)
                tie.kept += p.named_evidence
        else:
            for tie in pair.ties:
                tie.broken += p.rupture

    def measure(self) -> None:
        """Work out the month's outcomes."""
        tally, pairs, organisations = self.tally, self.pairs, self.organisations
        as_if = self.levers.as_if
        ties = [tie for pair in pairs for tie in pair.ties]
        for tie in ties:
            tie.update_trust(as_if)
        n = len(organisations)
        nets = sorted(organisation.net for organisation in organisations)
        apart = sum((2 * i - n + 1) * net for i, net in enumerate(nets)) * 2 / (n * (n - 1))
        statutory = [organisation.net for organisation in organisations if organisation.statutory]
        others = [organisation.net for organisation in organisations if not organisation.statutory]
        gap = sum(statutory) / len(statutory) - sum(others) / len(others)
        self.outcomes = {
            "collaborative_advantage": (tally.value - tally.spent) / self.potential,
            "joint_value": tally.value / self.potential,
            "inertia": ratio(tally.meetings - tally.joint, tally.meetings),
            "commitment": ratio(tally.commitments, 2 * tally.meetings),
            "promises_kept": ratio(tally.deliveries, tally.commitments),
            "trust": sum(tie.trust for tie in ties) / len(ties),
            "as_if_trust": sum(tie.as_if_trust for tie in ties) / len(ties),
            "reciprocity": 1 - sum(abs(p.ties[0].trust - p.ties[1].trust) for p in pairs) / len(pairs),
            "accountability": sum(organisation.accountability for organisation in organisations) / n,
            "alignment": 1
            - sum(abs(p.organisations[0].view - p.organisations[1].view) for p in pairs) / len(pairs),
            "tension": sum(pair.tension for pair in pairs) / len(pairs),
            "understanding": sum(tie.understanding for tie in ties) / len(ties),
            "contact": sum(pair.contact for pair in pairs) / len(pairs),
            "courage": sum(organisation.courage for organisation in organisations) / n,
            "systems_view": sum(organisation.systems_view for organisation in organisations) / n,
            "stake": ratio(tally.stake, tally.meetings),
            "equity": 1 - apart / (2 * self.potential / n),
            "voice_gap": gap * n / self.potential,
            "leader_pay": ratio(tally.leader_pay, tally.leads),
            "fragmentation": 1 - self.largest_component() / n,
        }

    def largest_component(self) -> int:
        """Count the organisations in the largest component of contact."""
        unseen, largest = set(self.organisations), 0
        while unseen:
            waiting, size = [unseen.pop()], 0
            while waiting:
                size += 1
                for partner, tie in waiting.pop().ties.items():
                    if partner in unseen and tie.pair.contact >= CONNECTED:
                        unseen.discard(partner)
                        waiting.append(partner)
            largest = max(largest, size)
        return largest


def ratio(part: float, whole: float) -> float:
    """Return part / whole, missing where there is no whole."""
    return part / whole if whole else math.nan


def reported(model: IdiomaticModel, name: str) -> float:
    """Return an outcome of the month just played."""
    return float(model.outcomes[name])
