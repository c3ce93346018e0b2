"""The month in NumPy: arrays over all pairs, and over any number of runs side by side.

With :class:`OurDraws` it makes the package's own draws, and gives its outcomes but for rounding; with
NumPy's generator, as a user would write it, it is faster. It knows partnerships in which everyone knows
everyone, whose pairs are the same in every run.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from scipy.special import expit, ndtri

from collabsim.ensemble import Ensemble
from collabsim.outcomes import OUTCOMES
from collabsim.parameters import LEVERS, PARAMETERS
from collabsim.scenario import asks_table
from collabsim.state import FIRST_BASE, lever_limits

NOBODY, START = 0xFFFFFFFF, 0xFFFF


class Draws(Protocol):
    """Where luck comes from."""

    def block(self, lower: Any, higher: Any, month: int, block: int) -> Any:
        """Return (4, runs, as many as ``lower``) numbers between 0 and 1."""


class NumpyDraws:
    """NumPy's generator, as a user would take it."""

    def __init__(self, jobs: Any) -> None:
        self.rng, self.runs = np.random.default_rng(jobs[0].tolist()), len(jobs)

    def block(self, lower: Any, higher: Any, month: int, block: int) -> Any:
        """Return (4, runs, as many as ``lower``) numbers between 0 and 1."""
        return self.rng.random((4, self.runs, len(lower)))


class OurDraws:
    """The package's draws, for a comparison to the last digits."""

    def __init__(self, jobs: Any) -> None:
        self.jobs = np.asarray(jobs, np.uint64)

    def block(self, lower: Any, higher: Any, month: int, block: int) -> Any:
        """Return (4, runs, as many as ``lower``) numbers between 0 and 1."""
        low, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
        luck = self.jobs[:, 2:3] * np.uint64(0 if month == START else 1)
        k0, k1 = self.jobs[:, 0:1], self.jobs[:, 1:2]
        shape = (len(self.jobs), len(lower))
        c0 = np.broadcast_to(np.asarray(lower, np.uint64), shape)
        c1 = np.broadcast_to(np.asarray(higher, np.uint64), shape)
        c2 = np.broadcast_to(np.uint64(month) + np.uint64(65536) * luck, shape)
        c3 = np.full(shape, block, np.uint64)
        for _ in range(10):
            a, b = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
            c0, c1, c2, c3 = (b >> shift) ^ c1 ^ k0, b & low, (a >> shift) ^ c3 ^ k1, a & low
            k0, k1 = (k0 + np.uint64(0x9E3779B9)) & low, (k1 + np.uint64(0xBB67AE85)) & low
        return (np.stack([c0, c1, c2, c3]).astype(np.float64) + 0.5) * 2.0**-32


def clipped(x: Any) -> Any:
    """Return x within 0 to 1."""
    return np.clip(x, 0.0, 1.0)


def ratio(part: Any, whole: Any) -> Any:
    """Return part / whole, missing where there is no whole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


class NumpyRuns:
    """Some runs of one setting, side by side; shapes are (runs, organisations) and (runs, pairs).

    Parameters
    ----------
    ensemble
        Whose settings; everyone knows everyone.
    setting
        Which of them.
    draws
        Where luck comes from.
    runs
        How many.
    """

    def __init__(self, ensemble: Ensemble, setting: int, draws: Draws, runs: int) -> None:
        self.setting = ensemble.settings[setting]
        record = self.setting.parameters[0]
        self.p = {name: float(record[name]) for name in record.dtype.names}
        self.base = np.array([self.p[f"base_{name}"] for name in LEVERS])
        assert len(PARAMETERS) - FIRST_BASE == len(LEVERS)
        given, ties = ensemble.partnership.organisations, ensemble.partnership.ties
        n = len(given)
        self.n, self.runs, self.draws = n, runs, draws
        self.ids = given["id"].astype(np.uint64)
        self.nobody = np.full(n, NOBODY, np.uint64)
        self.lo, self.hi = ties["lower"], ties["higher"]
        self.ends = (self.lo, self.hi)
        self.statutory = given["statutory"] == 1
        same = given["sector"][self.lo] == given["sector"][self.hi]
        self.place = np.full((n, n), -1)
        self.place[self.lo, self.hi] = self.place[self.hi, self.lo] = np.arange(len(ties))
        self.ends_of = np.zeros((2, len(ties), n))  # sums over each organisation's pairs, as a product
        self.ends_of[0, np.arange(len(ties)), self.lo] = 1.0
        self.ends_of[1, np.arange(len(ties)), self.hi] = 1.0
        self.potential = self.p["meeting_rate"] * len(ties) * self.p["stake_size"]
        self._begin(given, same)

    def _begin(self, given: Any, same: Any) -> None:
        p, d = self.p, self.draws
        one = np.array([NOBODY], np.uint64)
        mean = self._normal(d.block(one, one, START, 0)[0], p["disposition"], p["disposition_spread"])
        a = d.block(self.ids, self.nobody, START, 0)
        b = d.block(self.ids, self.nobody, START, 1)
        x = self._normal(a[0], given["centre_x"], p["perspective_spread"])
        y = self._normal(a[1], given["centre_y"], p["perspective_spread"])
        self.mandate = self._normal(a[2], given["mandate_mean"], p["mandate_spread"])
        disposition = self._normal(a[3], mean, p["disposition_within"])
        self.accountability = self._normal(b[0], p["start_accountability"], p["start_accountability_spread"])
        self.rest_c = self._normal(b[1], p["resting_courage"], p["resting_spread"])
        self.rest_g = self._normal(b[2], p["resting_systems_view"], p["resting_spread"])
        self.capacity = np.clip(
            p["capacity_base"] + p["capacity_slope"] * given["log_size"],
            p["capacity_low"],
            p["capacity_high"],
        )
        self.view, self.expectation = self.mandate.copy(), self.accountability.copy()
        self.courage, self.systems = self.rest_c.copy(), self.rest_g.copy()
        self.d = np.hypot(x[:, self.lo] - x[:, self.hi], y[:, self.lo] - y[:, self.hi]) / np.sqrt(2.0)
        luck = d.block(self.ids[self.lo], self.ids[self.hi], START, 0)[0]
        close = np.where(same, p["close_within"], p["close_across"])
        self.contact = np.where(luck < close, p["contact_close"], p["contact_loose"])
        self.tension = np.zeros_like(self.d)
        self.kept, self.broken = np.zeros((2, *self.d.shape)), np.zeros((2, *self.d.shape))
        self.u = np.stack([1.0 - self.d, 1.0 - self.d])
        towards = [disposition[:, ends] + p["own_sector"] * same for ends in self.ends]
        self.towards = np.minimum(1.0, np.stack(towards))
        self.lever: dict[str, Any] = {}

    @staticmethod
    def _normal(u: Any, mean: Any, spread: float) -> Any:
        return clipped(mean + spread * ndtri(u))

    def _levers(self, month: int) -> None:
        """All practices are for everyone in these settings, so levers are one number each."""
        entries = self.setting.entries
        if self.lever and not (np.isin(month, entries["from_month"]) or np.isin(month, entries["to_month"])):
            return
        values, asks, limits = self.base.copy(), asks_table(), lever_limits()
        for mover in range(len(asks)):
            active = entries[(entries["mover"] == mover) & (entries["from_month"] <= month)]
            strength = min(1.0, float(active[active["to_month"] > month]["strength"].sum()))
            asked = self.base + strength * (asks[mover] - self.base)
            values = np.where(limits[0] * (asked - values) > 0, asked, values)  # NaN asks nothing
        values = np.clip(values, limits[1], limits[2])
        self.lever = dict(zip(LEVERS, values.tolist(), strict=True))

    def _turnover(self, month: int) -> None:
        p = self.p
        self.organisation_luck = self.draws.block(self.ids, self.nobody, month, 0)
        left = self.organisation_luck[0] < self.lever["turnover"]
        if not left.any():
            return
        luck = self.draws.block(self.ids, self.nobody, month, 1)
        rest = self._normal(luck[0], p["resting_courage"], p["resting_spread"])
        self.rest_c = np.where(left, rest, self.rest_c)
        rest = self._normal(luck[1], p["resting_systems_view"], p["resting_spread"])
        self.rest_g = np.where(left, rest, self.rest_g)
        self.courage = np.where(left, self.rest_c, self.courage)
        self.systems = np.where(left, self.rest_g, self.systems)
        times = left[:, self.lo].astype(np.int64) + left[:, self.hi]
        self.contact = self.contact * (1.0 - p["turnover_contact_loss"]) ** times
        loss = (1.0 - p["turnover_loss"]) ** times
        self.kept *= loss
        self.broken *= loss
        self.u = (1.0 - self.d) + loss * (self.u - (1.0 - self.d))

    def _trusts(self) -> None:
        prior = self.p["prior_strength"]
        evidence = self.kept + self.broken + prior
        self.trust = (self.kept + prior * self.towards) / evidence
        acted = self.towards + self.lever["as_if"] * (1.0 - self.towards)
        self.as_if = (self.kept + prior * acted) / evidence

    def _sum(self, lower: Any, higher: Any) -> Any:
        """Sum over each organisation's pairs."""
        return lower @ self.ends_of[0] + higher @ self.ends_of[1]

    def month(self, t: int) -> None:
        """Play a month."""
        p, lo, hi = self.p, self.lo, self.hi
        self._levers(t)
        lever = self.lever
        self._turnover(t)
        self.kept *= p["memory"]
        self.broken *= p["memory"]
        self._trusts()
        kept0, broken0, contact0 = self.kept.copy(), self.broken.copy(), self.contact
        view, courage, systems, effort = self.view, self.courage, self.systems, self.accountability

        load = p["meeting_rate"] * self._sum(self.contact, self.contact)
        room = np.minimum(1.0, self.capacity / np.maximum(load, 1e-300))
        low, high = self.ids[lo], self.ids[hi]
        meet_luck = self.draws.block(low, high, t, 0)
        lead_luck = self.draws.block(low, high, t, 1)
        act_luck = self.draws.block(low, high, t, 2)
        met = meet_luck[0] < p["meeting_rate"] * self.contact * np.minimum(room[:, lo], room[:, hi])

        align = 1.0 - np.abs(view[:, lo] - view[:, hi])
        u = 0.5 * (self.u[0] + self.u[1])
        strange = self.d * (1.0 - u)
        gain = align * (1.0 + p["synergy"] * self.d * u - p["friction"] * strange)
        mutual = np.minimum(1.0, np.minimum(*self.as_if) / p["trust_for_full_stake"])
        match = lever["stake_matching"]
        v = p["stake_size"] * (1.0 - match + match * mutual)

        c = np.stack([courage[:, lo], courage[:, hi]])
        boldest = np.maximum(c[0], c[1])
        leads = lead_luck[0] < boldest
        second_leads = leads & ((c[1] > c[0]) | ((c[1] == c[0]) & (meet_luck[3] >= 0.5)))
        first_leads = leads & ~second_leads
        share = p["own_share"] + p["systems_weight"] * np.stack([systems[:, lo], systems[:, hi]])
        bold = np.stack([first_leads * boldest, second_leads * boldest])
        fixed = lever["cost"] + p["tension_cost"] * self.tension
        led = self.as_if + p["lead"] * (1.0 - self.as_if)

        def chance(trust: Any) -> Any:
            value = trust * gain * share - (1.0 - trust) * v * lever["loss"] * (1.0 - bold) - fixed
            return expit(p["intensity_of_choice"] * value)

        commit = lead_luck[1:3] < chance(self.as_if)
        commit_led = lead_luck[1:3] < chance(led)
        committed = np.stack(
            [
                np.where(second_leads & commit[1], commit_led[0], commit[0]),
                np.where(first_leads & commit[0], commit_led[1], commit[1]),
            ]
        )
        committed &= met
        efforts = np.stack([effort[:, lo], effort[:, hi]])
        delivered = committed & (act_luck[:2] < efforts * (1.0 - lever["slip"] * v))
        joint = delivered[0] & delivered[1]
        value = v * gain * joint
        spent = lever["cost"] * v * committed + lever["loss"] * v * v * (delivered & ~joint)
        nets = 0.5 * value - spent
        self.net = self._sum(nets[0], nets[1])
        pay = (nets[0] - nets[1]) * (first_leads & committed[0])
        pay = pay + (nets[1] - nets[0]) * (second_leads & committed[1])
        leads_held = (first_leads & committed[0]) | (second_leads & committed[1])
        self.tally = {
            "meetings": met.sum(1), "joint": joint.sum(1), "commitments": committed.sum((0, 2)),
            "deliveries": delivered.sum((0, 2)), "value": value.sum(1), "spent": spent.sum((0, 2)),
            "stake": (v * met).sum(1), "leads": leads_held.sum(1), "leader_pay": pay.sum(1),
        }  # fmt: skip

        other_kept, other_promised = delivered[::-1], committed[::-1]
        root, blame = np.sqrt(v), 1.0 - lever["benefit_of_doubt"]
        self.kept += root * (other_kept & (act_luck[2:4] < lever["visibility"]))
        failed = other_promised & ~other_kept
        self.broken += p["negativity"] * root * blame * (1.0 - lever["repair"]) * failed
        self.broken += p["holdback_weight"] * root * blame * (met & ~other_promised)

        growth = p["strain"] * (1.0 - align + strange + p["strain_no_delivery"] * ~joint)
        growth += lever["surfacing"] * strange
        tension = self.tension + growth * (1.0 - self.tension)
        named = met & (meet_luck[1] < (1.0 - (1.0 - c[0]) * (1.0 - c[1])) * tension)
        safe = named & (meet_luck[2] < 0.5 * (self.as_if[0] + self.as_if[1]))
        tension = np.where(safe, tension * (1.0 - p["resolution"]), tension)
        self.u += p["named_understanding"] * (1.0 - self.u) * safe
        self.kept += p["named_evidence"] * safe
        self.broken += p["rupture"] * (named & ~safe)
        self.tension = np.where(met, tension, self.tension * (1.0 - p["settle"]))
        self.u += lever["learning"] * (1.0 - self.u) * met
        idle = np.where(met, p["contact_fade"], p["idle_fade"] * p["contact_fade"])
        closer = self.contact + p["contact_gain"] * (1.0 - self.contact)
        self.contact = np.where(joint, closer, self.contact * (1.0 - idle))

        gap = view[:, hi] - view[:, lo]
        near = met & (np.abs(gap) <= lever["confidence_bound"])
        weight = self.trust * near
        pull, weights = self._sum(weight[0] * gap, -weight[1] * gap), self._sum(weight[0], weight[1])
        self.view = view + p["convergence"] * pull / (p["self_weight"] + weights)
        self.view = self.view + lever["mandate_pull"] * (self.mandate - self.view)
        meetings = self._sum(met, met)
        promised, kept = self._sum(committed[1], committed[0]), self._sum(delivered[1], delivered[0])
        q = kept / np.maximum(promised, 1.0)
        moved = self.expectation + p["expectation_rate"] * (q - self.expectation)
        self.expectation = np.where(promised > 0, moved, self.expectation)
        shared = self._sum(align * met, align * met) / np.maximum(meetings, 1.0)
        want = (p["reciprocation"] + (1.0 - p["reciprocation"]) * shared) * self.expectation
        peers = p["peer_strength"] * lever["peer_accountability"]
        lifted = want + peers * np.maximum(0.0, p["pledge"] - want)
        self.accountability = np.where(meetings > 0, lifted, effort)
        back = p["leadership_return"]
        self.courage = courage + lever["courage_practice"] * (1.0 - courage) - back * (courage - self.rest_c)
        self.systems = systems + lever["systems_practice"] * (1.0 - systems) - back * (systems - self.rest_g)
        self._broker(t, systems, contact0, kept0, broken0)

        self.view, self.expectation = clipped(self.view), clipped(self.expectation)
        self.accountability = clipped(self.accountability)
        self.contact, self.tension = clipped(self.contact), clipped(self.tension)

    def _broker(self, t: int, systems: Any, contact0: Any, kept0: Any, broken0: Any) -> None:
        p, lever = self.p, self.lever
        if lever["brokerage"] == 0.0:
            return
        run, i = np.nonzero(self.organisation_luck[1] < lever["brokerage"] * systems)
        if len(run) == 0:
            return
        luck = self.draws.block(self.ids[self.lo], self.ids[self.hi], t, 3)
        ties = self.place[i]  # (brokers, n), -1 for itself
        lower = self.lo[ties] == i[:, None]
        pick = np.where(lower, luck[0][run[:, None], ties], luck[1][run[:, None], ties])
        pick = np.where((ties >= 0) & (contact0[run[:, None], ties] > 0.0), pick, 2.0)
        two = np.argpartition(pick, 1, axis=1)[:, :2]
        j, k = two.T
        swapped = np.take_along_axis(pick, two, 1)
        j, k = np.where(swapped[:, 0] <= swapped[:, 1], j, k), np.where(swapped[:, 0] <= swapped[:, 1], k, j)
        to_j, to_k, between = self.place[i, j], self.place[i, k], self.place[j, k]
        side_j, side_k = (self.lo[to_j] != i).astype(int), (self.lo[to_k] != i).astype(int)
        trust_j, trust_k = self.trust[side_j, run, to_j], self.trust[side_k, run, to_k]
        then = contact0[run, between]
        now = np.minimum(p["intro_ceiling"], then + p["intro"] * trust_j * trust_k * (1.0 - then))
        np.add.at(self.contact, (run, between), np.maximum(then, now) - then)
        teller = (self.lo[between] != j).astype(int)
        for mine, theirs in ((self.kept, kept0), (self.broken, broken0)):
            heard = np.minimum(p["vouch_cap"], lever["vouching"] * trust_j * theirs[teller, run, between])
            np.add.at(mine, (side_k, run, to_k), heard)

    def measure(self) -> Any:
        """Return (runs, outcomes) of the month just played."""
        self._trusts()
        t, n = self.tally, self.n
        nets = np.sort(self.net, axis=1)
        apart = nets @ (2.0 * np.arange(n) - n + 1.0) * 2.0 / (n * (n - 1.0))
        gap = self.net[:, self.statutory].mean(1) - self.net[:, ~self.statutory].mean(1)
        columns = (
            (t["value"] - t["spent"]) / self.potential, t["value"] / self.potential,
            ratio(t["meetings"] - t["joint"], t["meetings"]), ratio(t["commitments"], 2 * t["meetings"]),
            ratio(t["deliveries"], t["commitments"]), self.trust.mean((0, 2)), self.as_if.mean((0, 2)),
            1.0 - np.abs(self.trust[0] - self.trust[1]).mean(1), self.accountability.mean(1),
            1.0 - np.abs(self.view[:, self.lo] - self.view[:, self.hi]).mean(1), self.tension.mean(1),
            self.u.mean((0, 2)), self.contact.mean(1), self.courage.mean(1), self.systems.mean(1),
            ratio(t["stake"], t["meetings"]), 1.0 - apart / (2.0 * self.potential / n),
            gap * n / self.potential, ratio(t["leader_pay"], t["leads"]), 1.0 - self._largest() / n,
        )  # fmt: skip
        assert len(columns) == len(OUTCOMES)
        return np.stack(columns, axis=1)

    def _largest(self) -> Any:
        """Count the organisations in the largest component: labels spread until none changes."""
        near = np.broadcast_to(np.eye(self.n, dtype=bool), (self.runs, self.n, self.n)).copy()
        near[:, self.lo, self.hi] = near[:, self.hi, self.lo] = self.contact >= 0.3
        label = np.broadcast_to(np.arange(self.n), (self.runs, self.n))
        while True:
            spread = np.where(near, label[:, None, :], self.n).min(2)
            if np.array_equal(spread, label):
                break
            label = spread
        return (label[:, :, None] == np.arange(self.n)).sum(1).max(1)


def run(ensemble: Ensemble, jobs: Any, *, together: int, ours: bool = False, monthly: bool = False) -> Any:
    """Run jobs.

    Parameters
    ----------
    ensemble
        Whose settings.
    jobs
        (jobs, 4) as for the ensemble.
    together
        How many runs of one setting side by side.
    ours
        Whether to make the package's draws.
    monthly
        Whether every month is measured, and not only the last twelve.

    Returns
    -------
    numpy.ndarray
        (jobs, months measured, outcomes).
    """
    jobs = np.asarray(jobs)
    measured = ensemble.months if monthly else 12
    rows = np.empty((len(jobs), measured, len(OUTCOMES)))
    for setting in np.unique(jobs[:, 3]):
        mine = np.nonzero(jobs[:, 3] == setting)[0]
        for first in range(0, len(mine), together):
            some = mine[first : first + together]
            draws: Draws = OurDraws(jobs[some]) if ours else NumpyDraws(jobs[some])
            runs = NumpyRuns(ensemble, int(setting), draws, len(some))
            for t in range(ensemble.months):
                runs.month(t)
                if t >= ensemble.months - measured:
                    rows[some, t - (ensemble.months - measured)] = runs.measure()
    return rows
