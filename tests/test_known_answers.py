"""Known answers: limits in which the model can be solved, reached by settings, through its own schedule.

Every test plays months through the compiled driver of :data:`collabsim.schedule.SCHEDULE`; no step is
replaced. Spreads are out of play, since every organisation's start is given, and each docstring says which
draws are forced (by a probability of 0 or 1) and which are left to chance. Where chance is left, a
partnership of thousands of separate groups gives as many independent cases in one world, and the tolerance
is four standard errors, computed in the test from the probabilities themselves. The table is in
``docs/known-answers.md``.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from collabsim.state import COMMIT, copied, part
from limits import (
    CAREFREE,
    SIGMAS,
    STILL,
    WILLING,
    alike,
    begin,
    complete,
    couples,
    roots_of,
    share_error,
    twin_peaks,
    two_camps,
)
from little import OUTCOME, Little, all_six, everybody, organisations, ties

EXACT = 1e-12
"""Rounding alone: a few hundred operations of relative error 1e-16."""


def logistic(x: float) -> float:
    """Return 1 / (1 + e^-x), from the library and not from the model."""
    return 1.0 / (1.0 + math.exp(-x))


# Trust


@pytest.mark.parametrize(
    ("weight", "kept", "broken", "needed"),
    [(1, 10, 0, 11), (2, 10, 0, 22), (3, 10, 0, 33), (5, 10, 0, 55), (2, 4, 1, 5), (1.6, 10, 0, 18)],
)
def test_regaining_trust_after_one_failure(weight: float, kept: int, broken: int, needed: int) -> None:
    """Regaining trust takes w(r + 1)/(s + 1) kept promises, rounded up.

    r and s come from a survey worth r + s interactions. Forced: both meet and commit, what is kept is seen;
    one side starts with effort 0 and expectation 1, so it fails in month 0 and never again.
    """
    before = (kept + 1.0) / (kept + broken + 2.0)
    given = alike(2, accountability=[1.0, 0.0], expectation=1.0)
    survey = {"surveyed_evidence": kept + broken, "stake_size": 1.0, "negativity": weight}
    pair = begin(given, [(0, 1)], STILL, WILLING, survey, trust_lower=before, trust_higher=before)
    assert pair.s.side.kept[0, 0] == pytest.approx(kept, abs=EXACT)
    trust = [pair.m.trust[0, 0]]
    for _ in range(1 + needed):
        pair.month()
        trust.append(pair.m.trust[0, 0])
    assert trust[0] == pytest.approx(before, abs=EXACT)
    assert needed == math.ceil(weight * (kept + 1) / (broken + 1))
    assert trust[1] < before
    assert trust[needed] < before - 1e-6  # one kept promise short
    assert trust[1 + needed] >= before - EXACT
    if needed == weight * (kept + 1) / (broken + 1):
        assert trust[1 + needed] == pytest.approx(before, abs=EXACT)


@pytest.mark.parametrize(
    ("rho", "visibility", "weight", "doubt", "repair"),
    [(0.8, 0.6, 1.6, 0, 0), (0.8, 1, 1.6, 0, 0), (0.6, 0.6, 3, 0.5, 0.6), (0.5, 0.3, 1, 0.2, 0)],
)
def test_trust_under_constant_reliability(
    rho: float, visibility: float, weight: float, doubt: float, repair: float
) -> None:
    """Trust tends to vis·ρ/(vis·ρ + w(1 - doubt)(1 - repair)(1 - ρ)).

    Forced: meetings, commitments; φ = 1, a disposition worth .01. Left to chance: deliveries and whether
    they are seen. Trust is a ratio of two means over n months, x̄/D̄ with x the evidence kept and D all
    evidence, so its expectation is T - cov(x - TD, D)/(n·E[D]²) and its variance var(x - TD)/(n·E[D]²).
    """
    pairs, months, prior = 1000, 400, 0.01
    levers = {"visibility": visibility, "negativity": weight, "benefit_of_doubt": doubt, "repair": repair}
    given = alike(2 * pairs, accountability=rho)
    many = begin(given, couples(pairs), STILL, WILLING, levers, {"prior_strength": prior, "stake_size": 1.0})
    for _ in range(months):
        many.month()
    lapse = weight * (1.0 - doubt) * (1.0 - repair)
    chance = np.array([rho * visibility, rho * (1.0 - visibility), 1.0 - rho])
    x, everything = np.array([1.0, 0.0, 0.0]), np.array([1.0, 0.0, lapse])
    mean = chance @ everything
    limit = rho * visibility / (rho * visibility + lapse * (1.0 - rho))
    off = x - limit * everything
    expected = limit - (chance @ (off * everything)) / (months * mean**2)
    expected += prior * (0.5 - limit) / (months * mean)
    error = math.sqrt(chance @ off**2 / (months * 2 * pairs)) / mean
    assert error < 0.0015
    assert abs(expected - limit) < 0.005
    assert many.m.trust.mean() == pytest.approx(expected, abs=SIGMAS * error)


@pytest.mark.parametrize("weight", [1.0, 1.6])
def test_no_evidence_is_lost_or_made(weight: float) -> None:
    """All evidence is what was done, and is found again to the last promise.

    That is √v for a promise kept, w√v for one broken, w0√v for holding back. With w = w0 = v = 1 that is
    two for every meeting, whatever happens. Forced: what is kept is seen, nobody names tension (courage 0),
    nothing fades. Left to chance: meetings, commitments, deliveries.
    """
    given = organisations(10, resting_courage=0.0, capacity=5.0)
    known = ties(given, everybody(10))
    stake = 1.0 if weight == 1.0 else 0.64
    values = {"memory": 1.0, "visibility": 1.0, "turnover": 0.0, "stake_size": stake, "negativity": weight}
    values["holdback_weight"] = 1.0 if weight == 1.0 else 0.2
    town = Little(given, known, values)
    kept = broken = meetings = 0.0
    for _ in range(60):
        town.month()
        tally = town.m.tally[0]
        meetings += tally.meetings
        kept += math.sqrt(stake) * tally.deliveries
        broken += math.sqrt(stake) * weight * (tally.commitments - tally.deliveries)
        broken += math.sqrt(stake) * values["holdback_weight"] * (2 * tally.meetings - tally.commitments)
        assert town.s.side.kept.sum() == pytest.approx(kept, rel=EXACT)
        assert town.s.side.broken.sum() == pytest.approx(broken, rel=EXACT)
    assert min(kept, broken) > 0.0
    if weight == 1.0:
        assert town.s.side.kept.sum() + town.s.side.broken.sum() == pytest.approx(2.0 * meetings, rel=EXACT)


def test_what_nobody_renews_fades_by_its_power() -> None:
    """Without meetings evidence is φ^t, contact (1 - idle·fade)^t and tension (1 - settle)^t of what it was.

    Forced: nobody meets (meeting_rate 0). Nothing is left to chance.
    """
    values = {"meeting_rate": 0.0, "memory": 0.93, "contact_fade": 0.08, "idle_fade": 0.5, "settle": 0.04}
    town = begin(alike(6), complete(6), STILL, values, contact=0.7, trust_lower=0.8, trust_higher=0.3)
    town.s.pair.tension[...] = 0.5
    side = copied(town.s.side)
    months = 25
    town.months(months)
    np.testing.assert_allclose(town.s.side.kept, side.kept * 0.93**months, rtol=EXACT)
    np.testing.assert_allclose(town.s.side.broken, side.broken * 0.93**months, rtol=EXACT)
    np.testing.assert_allclose(town.s.pair.contact, 0.7 * (1.0 - 0.5 * 0.08) ** months, rtol=EXACT)
    np.testing.assert_allclose(town.s.pair.tension, 0.5 * (1.0 - 0.04) ** months, rtol=EXACT)


@pytest.mark.parametrize("worth", [4.0, 12.0])
def test_a_survey_gives_back_the_trust_surveyed(worth: float) -> None:
    """Surveyed trust is the trust at the start, within (2π to 2π + worth)/(worth + 2), and clipped beyond.

    Nothing is left to chance.
    """
    surveyed = np.linspace(0.0, 1.0, 21)
    disposition = 0.4
    given = alike(42, disposition=disposition)
    values = {"surveyed_evidence": worth}
    survey = {"trust_lower": surveyed, "trust_higher": surveyed[::-1]}
    town = begin(given, couples(21), STILL, values, **survey)
    low, high = 2 * disposition / (worth + 2), (2 * disposition + worth) / (worth + 2)
    assert low > 0.0
    assert high < 1.0
    np.testing.assert_allclose(town.m.trust[0], np.clip(surveyed, low, high), atol=EXACT)
    np.testing.assert_allclose(town.m.trust[1], np.clip(surveyed[::-1], low, high), atol=EXACT)
    np.testing.assert_allclose(town.s.side.kept + town.s.side.broken, worth, atol=EXACT)


@pytest.mark.parametrize("loan", [0.0, 0.5, 1.0])
def test_evidence_washes_out_as_if_trust(loan: float) -> None:
    """Evidence washes as-if trust out: after n promises kept it exceeds trust by 2·loan(1 - π)/(n + 2).

    Forced: meetings, commitments, deliveries, all seen.
    """
    pair = begin(alike(2), [(0, 1)], STILL, WILLING, {"as_if": loan, "stake_size": 1.0})
    for months in range(12):
        pair.month()
        trust, as_if = pair.m.trust[:, 0], pair.m.as_if_trust[:, 0]  # as it is measured after the month
        expected = 2.0 * loan * 0.5 / (months + 1 + 2.0)
        np.testing.assert_allclose(as_if - trust, expected, atol=EXACT)


# Accountability


def camps(rho: float, expectation: float) -> tuple[Any, Any]:
    """Make two camps half a view apart (alignment ½), 25 partners each: 100,000 promises a month."""
    size = 2000
    view = np.repeat([0.0, 0.5], size)
    given = alike(2 * size, purpose_view=view, mandate=view, disposition=1.0)
    given["accountability"], given["expectation"] = rho, expectation
    return given, two_camps(size, 25)


@pytest.mark.parametrize(("sigma", "tenth"), [(0.6, 0.10), (0.7, 0.16), (0.8, 0.24)])
def test_the_accountability_loop_without_peers(sigma: float, tenth: float) -> None:
    """Expectation shrinks by 1 - λ(1 - σ) a month, and delivery is σ times it.

    Views half apart and fixed make alignment ½, and σ0 = 2σ - 1 then makes σ what it should be. Forced:
    meetings and commitments (trust is the disposition, 1). Left to chance: deliveries, P = 100,000 a month.
    The loop is linear in expectation, so the mean over organisations follows the closed form exactly in
    expectation; its variance obeys V ← f²V + λ²a(1 - a)/P.
    """
    rate = 0.4
    given, pairs = camps(0.5 * sigma, 0.5)
    loop = {"expectation_rate": rate, "reciprocation": 2.0 * sigma - 1.0, "stake_size": 1.0}
    many = begin(given, pairs, STILL, WILLING, CAREFREE, loop)
    promises = 2.0 * len(pairs)
    shrink = 1.0 - rate * (1.0 - sigma)
    expected, variance = 0.5, 0.0
    for _ in range(9):
        many.month()
        assert many.m.tally[0].commitments == promises
        effort = sigma * expected
        variance = shrink**2 * variance + rate**2 * effort * (1.0 - effort) / promises
        expected *= shrink
        error = math.sqrt(variance)
        assert error < 0.0015
        assert many.s.organisation.expectation.mean() == pytest.approx(expected, abs=SIGMAS * error)
    assert round(expected, 2) == tenth
    many.month()
    tally, effort = many.m.tally[0], sigma * expected
    error = math.sqrt(effort * (1.0 - effort) / promises + sigma**2 * variance)
    assert tally.deliveries / tally.commitments == pytest.approx(effort, abs=SIGMAS * error)


@pytest.mark.parametrize(
    ("sigma", "peers", "slip", "stake"),
    [(0.6, 0.5, 0.1, 0.75), (0.8, 1.0, 0.25, 1.0), (0.7, 0.2, 0.0, 0.5), (0.9, 0.3, 0.04, 0.75)],
)
def test_the_accountability_loop_with_peers_and_slips(
    sigma: float, peers: float, slip: float, stake: float
) -> None:
    """Effort settles at a* = κp·pledge/(1 - σ(1 - κp)(1 - slip·v)), from above, from below and from there.

    Settings and draws as in the test above. While what is wanted stays below the pledge the loop is linear:
    effort is a* + (a(0) - a*)f^t with f = 1 - λ(1 - σ(1 - κp)(1 - slip·v)), and its variance is ((1 -
    κp)σ)² that of expectation, which is at most λ²·¼/P/(1 - f²).
    """
    rate, kappa, pledge, months = 0.4, 0.5, 0.95, 40
    keep = kappa * peers
    gain = sigma * (1.0 - keep) * (1.0 - slip * stake)
    limit = keep * pledge / (1.0 - gain)
    shrink = 1.0 - rate * (1.0 - gain)
    loop = {"expectation_rate": rate, "reciprocation": 2.0 * sigma - 1.0, "stake_size": stake, "slip": slip}
    loop |= {"peer_strength": kappa, "peer_accountability": peers, "pledge": pledge}
    for expectation in (0.1, 0.95, limit * (1.0 - slip * stake)):
        effort = keep * pledge + (1.0 - keep) * sigma * expectation
        given, pairs = camps(effort, expectation)
        many = begin(given, pairs, STILL, WILLING, CAREFREE, loop)
        many.months(months)
        expected = limit + (effort - limit) * shrink**months
        variance = rate**2 * 0.25 / (2 * len(pairs)) / (1.0 - shrink**2)
        error = sigma * (1.0 - keep) * math.sqrt(variance)
        assert error < 0.0015
        assert abs(expected - limit) < 0.015
        assert many.s.organisation.accountability.mean() == pytest.approx(expected, abs=SIGMAS * error)


def test_effort_follows_the_pledge_where_peers_are_all() -> None:
    """With κp = 1 everybody delivers what was pledged from the second month on, whatever is expected.

    Forced: meetings, commitments.
    """
    values = {"peer_strength": 1.0, "peer_accountability": 1.0, "pledge": 0.95, "expectation_rate": 0.3}
    given = alike(8, accountability=np.linspace(0.0, 0.9, 8), expectation=np.linspace(0.0, 0.9, 8))
    town = begin(given, complete(8), STILL, WILLING, CAREFREE, {"reciprocation": 0.5}, values)
    town.month()
    np.testing.assert_allclose(town.s.organisation.accountability, 0.95, atol=EXACT)


# Views of the purpose

LISTENING = {"confidence_bound": 1.0}


def averaging(count: int, pairs: Any, mu: float, own: float = 1.0) -> Any:
    """Return the matrix that takes views to those a month later, where all trust is 1 and all are heard."""
    links = np.zeros((count, count))
    for i, j in pairs:
        links[i, j] = links[j, i] = 1.0
    weight = links.sum(axis=1)
    return np.eye(count) + mu * (links - np.diag(weight)) / (own + weight)[:, None]


@pytest.mark.parametrize("count", [5, 8, 12])
def test_views_on_a_ring_converge_at_the_second_eigenvalue(count: int) -> None:
    """On a ring views follow the averaging matrix, and converge at 1 - (2μ/3)(1 - cos(2π/n)).

    Forced: meetings; trust is the disposition, 1. Nothing is left to chance that matters for views. The
    tolerance of the rate is what the third eigenvalue has left.
    """
    mu, months = 0.3, 150
    ring = [(i, (i + 1) % count) for i in range(count)]
    view = np.random.default_rng(5).random(count)
    given = alike(count, purpose_view=view, disposition=1.0)
    town = begin(given, ring, STILL, CAREFREE, LISTENING, {"convergence": mu})
    matrix = averaging(count, ring, mu)
    sizes = np.unique(np.round(np.linalg.eigvalsh(matrix), 12))[::-1]
    second = 1.0 - 2.0 * mu / 3.0 * (1.0 - math.cos(2.0 * math.pi / count))
    assert sizes[0] == pytest.approx(1.0)
    assert sizes[1] == pytest.approx(second)
    spread = [np.linalg.norm(view - view.mean())]
    for _ in range(months):
        town.month()
        view = matrix @ view
        np.testing.assert_allclose(town.s.organisation.purpose_view, view, atol=EXACT)
        now = town.s.organisation.purpose_view
        spread.append(np.linalg.norm(now - now.mean()))
    late = 60
    left = 10.0 * (sizes[2] / sizes[1]) ** (2 * late)  # of the faster modes, which may begin larger
    assert left < 1e-3
    assert spread[late + 1] / spread[late] == pytest.approx(second, abs=left + 1e-9)


@pytest.mark.parametrize("count", [2, 4, 7, 20])
@pytest.mark.parametrize("own", [1.0, 3.0])
def test_views_on_a_complete_graph_converge_at_one_rate(count: int, own: float) -> None:
    """Where everybody meets everybody, each view's deviation from the mean shrinks by 1 - μn/(n - 1 + own).

    That is 1 - μ·(share of weight on others)·n/(n - 1), for the share (n - 1)/(n - 1 + own): the mean of the
    others lies n/(n - 1) times as far off as the mean of all. With own weight 1 it is 1 - μ. Forced as above.
    """
    mu = 0.3
    view = np.random.default_rng(6).random(count)
    given = alike(count, purpose_view=view, disposition=1.0)
    values = {"convergence": mu, "self_weight": own}
    town = begin(given, complete(count), STILL, CAREFREE, LISTENING, values)
    share = (count - 1) / (count - 1 + own)
    rate = 1.0 - mu * share * count / (count - 1)
    if own == 1.0:
        assert rate == pytest.approx(1.0 - mu)
    for month in range(1, 15):
        town.month()
        expected = view.mean() + rate**month * (view - view.mean())
        np.testing.assert_allclose(town.s.organisation.purpose_view, expected, atol=EXACT)


def test_one_who_listens_to_those_who_do_not_approaches_them_at_the_weight_given() -> None:
    """A view among n unmoved ones nears their mean by 1 - μ·n/(n + 1): 1 - μ·(share of weight on others).

    The others trust nobody (disposition 0) and so stay. Forced: meetings.
    """
    mu, others = 0.3, 4
    given = alike(others + 1, purpose_view=[0.1, 0.5, 0.6, 0.8, 0.9], disposition=[1.0, 0.0, 0.0, 0.0, 0.0])
    star = [(0, j) for j in range(1, others + 1)]
    town = begin(given, star, STILL, CAREFREE, LISTENING, {"convergence": mu})
    for month in range(1, 20):
        town.month()
        expected = 0.7 - 0.6 * (1.0 - mu * others / (others + 1.0)) ** month
        assert town.s.organisation.purpose_view[0] == pytest.approx(expected, abs=EXACT)
    np.testing.assert_allclose(town.s.organisation.purpose_view[1:], [0.5, 0.6, 0.8, 0.9], atol=EXACT)


def test_the_weighted_mean_of_views_is_conserved() -> None:
    """At pull 0 and full trust Σ(1 + partners)·view never changes: on a regular graph that is the mean view.

    Forced: meetings. On a star with a chord, and on a complete graph.
    """
    view = np.random.default_rng(7).random(6)
    for pairs in ([(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (1, 2)], complete(6)):
        given = alike(6, purpose_view=view, disposition=1.0)
        town = begin(given, pairs, STILL, CAREFREE, LISTENING, {"convergence": 0.4})
        weight = 1.0 + np.bincount(np.ravel(pairs), minlength=6)
        before = weight @ view
        for _ in range(40):
            town.month()
            assert weight @ town.s.organisation.purpose_view == pytest.approx(before, abs=10 * EXACT)
        agreed = town.s.organisation.purpose_view
        np.testing.assert_allclose(agreed, before / weight.sum(), atol=1e-3)


def test_views_settle_between_mandates_as_friedkin_and_johnsen_say() -> None:
    """With a mandate's pull θ views settle at the solution of x = (1 - θ)Wx + θ·mandate.

    Forced: meetings; trust is the disposition, 1.
    """
    mu, pull = 0.5, 0.1
    mandate = np.random.default_rng(8).random(7)
    pairs = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (0, 3)]
    given = alike(7, purpose_view=0.5, mandate=mandate, disposition=1.0)
    values = {"convergence": mu, "mandate_pull": pull}
    town = begin(given, pairs, STILL, CAREFREE, LISTENING, values)
    town.months(400)
    matrix = (1.0 - pull) * averaging(7, pairs, mu)
    settled = np.linalg.solve(np.eye(7) - matrix, pull * mandate)
    np.testing.assert_allclose(town.s.organisation.purpose_view, settled, atol=EXACT)


BOUNDS = (0.20, 0.25, 0.30, 0.35, 0.40, 0.50)
CONSENSUS = {
    6: (0.10, 0.24, 0.42, 0.62, 0.77, 0.93),
    10: (0.07, 0.25, 0.50, 0.75, 0.89, 0.99),
    30: (0.06, 0.36, 0.76, 0.96, 1.00, 1.00),
}
"""Shares of 2,000 uniform starts that end in consensus, by how many there are, for each of the bounds."""


def final_views(view: Any, bound: float) -> Any:
    """Let separate groups talk, all of each at once, until nobody moves; return their views.

    Parameters
    ----------
    view
        (groups, n) at the start.
    bound
        Whom they listen to.
    """
    groups, count = view.shape
    given = alike(groups * count, purpose_view=view.ravel(), disposition=1.0)
    values = {"convergence": 1.0, "self_weight": 1.0, "mandate_pull": 0.0, "confidence_bound": bound}
    town = begin(given, complete(count, groups), STILL, CAREFREE, values)
    for _ in range(200):
        before = town.s.organisation.purpose_view.copy()
        town.month()
        if np.abs(town.s.organisation.purpose_view - before).max() < 1e-9:
            return town.s.organisation.purpose_view.reshape(groups, count).copy()
    raise AssertionError("views still move after 200 months")


@pytest.mark.parametrize("count", list(CONSENSUS))
def test_consensus_is_as_likely_as_hegselmann_and_krause_find(count: int) -> None:
    """μ = 1, T = 1, own weight 1, pull 0, everybody meeting everybody each month is bounded confidence.

    P(consensus), a final gap under .02, over 2,000 uniform starts. Forced: meetings; trust is the
    disposition, 1. Left to chance: the starting views, drawn by NumPy. The table is itself of 2,000 runs:
    the difference of two such shares has a standard error of at most √(2·¼/2000) = .0158, and .045 is 2.8
    of them.
    """
    views = np.random.default_rng(2002 + count).random((2000, count))
    size = 500 if count <= 10 else 25  # so many at a time fit the processor's cache
    for bound, expected in zip(BOUNDS, CONSENSUS[count], strict=True):
        ends = [final_views(views[first : first + size], bound) for first in range(0, 2000, size)]
        share = np.mean(np.ptp(np.concatenate(ends), axis=1) < 0.02)
        assert share == pytest.approx(expected, abs=0.045), bound


def test_views_end_where_bounded_confidence_written_plainly_ends() -> None:
    """The same limit, run by run: 100 groups of ten end where eight lines of Hegselmann and Krause end."""
    views = np.random.default_rng(2002).random((100, 10))
    for bound in (0.15, 0.3):
        found = final_views(views, bound)
        for view, end in zip(views, found, strict=True):
            plain = view
            for _ in range(60):
                heard = np.abs(plain[:, None] - plain[None, :]) <= bound
                plain = heard @ plain / heard.sum(axis=1)
            np.testing.assert_allclose(end, plain, atol=1e-9)


# Difference and tension


def test_the_value_of_difference_peaks_where_theory_says_and_moves_right() -> None:
    """With u = 1 - (1 - L)d the joint value peaks at d* = ψ/(2(ψ + f)(1 - L)), L growing with every meeting.

    101 couples stand d apart; t meetings at learning rate l make L = 1 - (1 - l)^t. Forced: meetings,
    nobody names tension. The value is a parabola in d, so three coefficients fitted to 101 couples give its
    peak.
    """
    psi, friction, rate = 1.2, 0.7, 0.06
    apart = np.linspace(0.0, 1.0, 101)
    place = np.stack([np.zeros(101), apart], axis=1).ravel()
    given = alike(202, perspective_x=place, perspective_y=place)
    values = {"synergy": psi, "friction": friction, "learning": rate}
    town = begin(given, couples(101), STILL, values)
    np.testing.assert_allclose(town.s.pair.distance, apart, atol=EXACT)
    peaks = []
    for month in range(12):
        learnt = 1.0 - (1.0 - rate) ** month
        u = 1.0 - (1.0 - learnt) * apart
        np.testing.assert_allclose(town.s.side.understanding, np.stack([u, u]), atol=EXACT)
        town.month()
        gain = town.m.meeting.gain
        square, slope, _ = np.polyfit(apart, gain, 2)
        peak = psi / (2.0 * (psi + friction) * (1.0 - learnt))
        assert -slope / (2.0 * square) == pytest.approx(peak, abs=1e-9)
        assert abs(apart[np.argmax(gain)] - min(1.0, peak)) <= 0.005 + EXACT  # half a step
        peaks.append(apart[np.argmax(gain)])
    assert peaks[0] == pytest.approx(0.32)
    assert peaks[-1] > 0.6
    assert (np.diff(peaks) >= 0.0).all()


def test_unspoken_tension_nears_one_by_a_constant_share() -> None:
    """Where nothing is delivered or named, tension is h = 1 - (1 - g)^t.

    g = ν((1 - A) + d(1 - u) + .3) + surfacing·d(1 - u). It rises every month and never passes 1. Forced:
    meetings; effort 0, so no joint delivery; courage 0.
    """
    apart, view = 0.5, 0.4
    given = alike(2, purpose_view=[0.0, view], perspective_x=[0.0, apart], perspective_y=[0.0, apart])
    given["accountability"] = given["expectation"] = 0.0
    values = {"strain": 0.08, "surfacing": 0.05, "strain_no_delivery": 0.3}
    pair = begin(given, [(0, 1)], STILL, values)
    growth = 0.08 * (view + apart * apart + 0.3) + 0.05 * apart * apart  # u = 1 - d
    before = 0.0
    for month in range(1, 200):
        pair.month()
        assert pair.s.pair.tension[0] == pytest.approx(1.0 - (1.0 - growth) ** month, abs=EXACT)
        assert before < pair.s.pair.tension[0] <= 1.0
        before = pair.s.pair.tension[0]


def test_naming_brings_what_the_model_promises_on_average() -> None:
    """A tension h is named with (1 - (1 - c)²)h, safely with mean trust: ½ kept each, or else a rupture.

    30,000 couples, one month, no other evidence (visibility 0, weights 0). Forced: meetings. Left to chance:
    naming and safety.
    """
    pairs, courage, tension, trust = 30_000, 0.4, 0.7, 0.6
    given = alike(2 * pairs, resting_courage=courage, disposition=trust)
    values = {"visibility": 0.0, "negativity": 0.0, "holdback_weight": 0.0, "rupture": 2.0}
    many = begin(given, couples(pairs), STILL, values)
    many.s.pair.tension[...] = tension
    many.month()
    named = (1.0 - (1.0 - courage) ** 2) * tension
    safe, unsafe = many.s.side.kept[0] > 0.0, many.s.side.broken[0] > 0.0
    assert safe.mean() == pytest.approx(named * trust, abs=SIGMAS * share_error(named * trust, pairs))
    wrong = named * (1.0 - trust)
    assert unsafe.mean() == pytest.approx(wrong, abs=SIGMAS * share_error(wrong, pairs))
    assert not (safe & unsafe).any()
    np.testing.assert_allclose(many.s.side.kept, 0.5 * np.stack([safe, safe]), atol=EXACT)
    np.testing.assert_allclose(many.s.side.broken, 2.0 * np.stack([unsafe, unsafe]), atol=EXACT)
    np.testing.assert_allclose(many.s.pair.tension, np.where(safe, 0.5 * tension, tension), atol=EXACT)


# Commitment


def logit_value(
    trust: float, *, gain: float = 1.0, share: float = 0.5, stake: float = 0.75, loss: float = 0.35,
    cost: float = 0.1, burden: float = 0.0,
) -> float:  # fmt: skip
    """Return what committing is worth, T·G·share - (1 - T)·v·l - k - burden."""
    return trust * gain * share - (1.0 - trust) * stake * loss - cost - burden


@pytest.mark.parametrize(
    ("trust", "systems", "tension"), [(0.3, 0.0, 0.0), (0.5, 0.0, 0.0), (0.5, 0.8, 0.0), (0.7, 0.2, 0.4)]
)
def test_commitment_at_a_given_trust_is_the_logit(trust: float, systems: float, tension: float) -> None:
    """At fixed trust the share that commits is logistic(β(T·G·(½ + ωg) - (1 - T)v·l - k - ζh)).

    Forced: meetings; trust is the disposition; tension is set by hand and, without strain or courage,
    stays; nobody moves first (courage 0). Left to chance: 200,000 commitments.
    """
    pairs, months = 10_000, 10
    given = alike(2 * pairs, disposition=trust, resting_systems_view=systems)
    values = {"systems_weight": 0.35, "tension_cost": 0.3, "intensity_of_choice": 7.5, "stake_size": 0.75}
    many = begin(given, couples(pairs), STILL, CAREFREE, values, {"loss": 0.35, "cost": 0.1})
    many.s.pair.tension[...] = tension
    worth = logit_value(trust, share=0.5 + 0.35 * systems, burden=0.3 * tension)
    expected, committed = logistic(7.5 * worth), 0.0
    for _ in range(months):
        many.month()
        committed += many.m.tally[0].commitments
    decisions = 2 * pairs * months
    error = share_error(expected, decisions)
    assert committed / decisions == pytest.approx(expected, abs=SIGMAS * error)


@pytest.mark.parametrize("courage", [0.3, 1.0])
def test_commitment_with_one_who_moves_first(courage: float) -> None:
    """Of two equals one moves first with probability c.

    It waives c of its risk, and lifts the other's trust if it commits. Share committed = c·½(p_bold +
    p_bold·p_led + (1 - p_bold)·p) + (1 - c)·p. Forced: meetings; trust is the disposition; no tension. Left
    to chance: who moves first, commitments; a pair's two are not independent, so the error is that of
    200,000 pair-months whose mean has a variance of at most ¼.
    """
    pairs, months, trust = 20_000, 10, 0.45
    given = alike(2 * pairs, disposition=trust, resting_courage=courage)
    values = {"lead": 0.5, "loss": 0.6, "cost": 0.1, "intensity_of_choice": 7.5, "stake_size": 0.75}
    many = begin(given, couples(pairs), STILL, CAREFREE, values, {"tension_cost": 0.0})
    alone = logistic(7.5 * logit_value(trust, loss=0.6))
    bold = logistic(7.5 * logit_value(trust, loss=0.6 * (1.0 - courage)))
    led = logistic(7.5 * logit_value(trust + 0.5 * (1.0 - trust), loss=0.6))
    expected = courage * 0.5 * (bold + bold * led + (1.0 - bold) * alone) + (1.0 - courage) * alone
    committed = sum(_commitments(many) for _ in range(months))
    tolerance = SIGMAS * math.sqrt(0.25 / (pairs * months))
    assert committed / (2 * pairs * months) == pytest.approx(expected, abs=tolerance)
    assert abs(expected - alone) > 5 * tolerance


def _commitments(many: Little) -> float:
    many.month()
    return float(many.m.tally[0].commitments)


def test_commitment_without_intensity_is_a_toss_up() -> None:
    """β → 0: p = ½ exactly, whatever is at stake: who draws below ½ commits, and nobody else.

    The default model in every other respect, with all six practices.
    """
    given = organisations(12)
    town = Little(given, ties(given, everybody(12)), {"intensity_of_choice": 0.0}, programme=all_six())
    for _ in range(24):
        town.month()
        met = int(town.s.clock[0].met)
        luck, committed = town.m.luck[COMMIT : COMMIT + 2, :met], town.m.act.committed[:, :met]
        assert ((luck < 0.5) == (committed == 1)).all()


def test_commitment_at_full_intensity_is_a_step() -> None:
    """β → ∞: all commit where T·½ > (1 - T)v·l + k, none where it is less: from T* = (v·l + k)/(½ + v·l).

    1,001 couples differ in disposition, which is their trust. Forced: meetings. At β = 1000 a value of .04
    is certain to the last bit: in that band round T*, of width .04/(½ + v·l), chance decides.
    """
    trust = np.linspace(0.0, 1.0, 1001)
    given = alike(2002, disposition=np.repeat(trust, 2))
    values = {"intensity_of_choice": 1000.0, "loss": 0.35, "cost": 0.1, "stake_size": 0.75}
    town = begin(given, couples(1001), STILL, CAREFREE, values)
    threshold = (0.75 * 0.35 + 0.1) / (0.5 + 0.75 * 0.35)
    band = 0.04 / (0.5 + 0.75 * 0.35)
    for _ in range(12):
        town.month()
        assert (town.m.act.committed[:, trust > threshold + band] == 1).all()
        assert (town.m.act.committed[:, trust < threshold - band] == 0).all()


@pytest.mark.parametrize(("disposition", "rho"), [(0.5, 0.7), (0.8, 0.9)])
def test_what_a_month_brings_is_worth_what_the_probabilities_say(disposition: float, rho: float) -> None:
    """Net value per meeting is p²ρ²vG - 2pkv - 2pρ(1 - pρ)lv².

    Divided by V that is collaborative advantage. Forced: meetings; trust is the disposition; nobody moves
    first, so the two sides are independent. Left to chance: commitments and deliveries. The variance is
    that of the nine cases: each side holds back, fails or delivers.
    """
    pairs, months, v, k, loss = 10_000, 5, 0.75, 0.1, 0.35
    given = alike(2 * pairs, disposition=disposition, accountability=rho)
    values = {"stake_size": v, "cost": k, "loss": loss, "intensity_of_choice": 7.5}
    many = begin(given, couples(pairs), STILL, CAREFREE, values)
    p = logistic(7.5 * logit_value(disposition, stake=v, loss=loss, cost=k))
    chance = {"held": 1.0 - p, "failed": p * (1.0 - rho), "delivered": p * rho}
    first = second = 0.0
    for mine, a in chance.items():
        for theirs, b in chance.items():
            joint = mine == theirs == "delivered"
            net = v if joint else -loss * v * v * ((mine == "delivered") + (theirs == "delivered"))
            net -= k * v * ((mine != "held") + (theirs != "held"))
            first += a * b * net
            second += a * b * net**2
    closed = p**2 * rho**2 * v - 2 * p * k * v - 2 * p * rho * (1 - p * rho) * loss * v**2
    assert first == pytest.approx(closed, abs=EXACT)
    found = many.months(months)[:, OUTCOME["collaborative_advantage"]].mean()
    error = math.sqrt((second - first**2) / (pairs * months)) / v
    assert found == pytest.approx(first / v, abs=SIGMAS * error)


# Two organisations, mean field

TWO = {"memory": 0.99, "negativity": 1.6, "holdback_weight": 0.6}
TWO |= {"stake_size": 1.0, "loss": 0.35, "cost": 0.1}
RELIABILITY = 0.9


def stationary_trust(p: float, setting: dict[str, float]) -> float:
    """Return the trust at which mean evidence stands still where partners commit with p and deliver with ρ.

    Evidence is read after a month's fading, so one unit a month stands at φ/(1 - φ).
    """
    worth = setting["memory"] / (1.0 - setting["memory"]) * math.sqrt(setting["stake_size"])
    kept = worth * p * RELIABILITY
    broken = worth * setting["negativity"] * p * (1.0 - RELIABILITY)
    broken += worth * setting["holdback_weight"] * (1.0 - p)
    return (kept + 1.0) / (kept + broken + 2.0)


def reply(p: float, setting: dict[str, float]) -> float:
    """Return the commitment with which an organisation answers partners who commit with p."""
    trust = stationary_trust(p, setting)
    worth = logit_value(trust, stake=setting["stake_size"], loss=setting["loss"], cost=setting["cost"])
    return logistic(setting["intensity_of_choice"] * worth)


def long_run(
    setting: dict[str, float], start: float, pairs: int = 2000, months: int = 1500
) -> tuple[Any, Any]:
    """Return each couple's share of commitments over the last 120 months, and its mean trust at the end.

    All start at one surveyed trust, worth what evidence at full commitment is.
    """
    given = alike(2 * pairs, accountability=RELIABILITY)
    evidence = {"surveyed_evidence": 80.0}
    survey = {"trust_lower": start, "trust_higher": start}
    many = begin(given, couples(pairs), STILL, setting, evidence, **survey)
    share = np.zeros(pairs)
    for month in range(months):
        many.month()
        if month >= months - 120:
            share += many.m.act.committed.mean(axis=0) / 120.0
    return share, many.m.trust.T.copy()


def lobe_error(root: float, share: Any, trust: Any, setting: dict[str, float]) -> float:
    """Return how far the mean of couples round a root may lie from it.

    The mean field is of first order in the fluctuations of trust; the next order is ½f''·var(T)/(1 - F'),
    for f commitment by trust and F the reply. Twice that is allowed (trust is a ratio, with a term of its
    own of the same order), and four standard errors.
    """
    slope = setting["intensity_of_choice"] * (0.5 + setting["stake_size"] * setting["loss"])
    curvature = slope**2 * root * (1.0 - root) * abs(1.0 - 2.0 * root)
    step = 1e-5
    steepness = (reply(root + step, setting) - reply(root - step, setting)) / (2.0 * step)
    second = 0.5 * curvature * trust.var() / (1.0 - steepness)
    return float(2.0 * second + SIGMAS * share.std() / math.sqrt(share.size))


def test_two_organisations_with_three_roots_end_in_either_of_two_ways() -> None:
    """Commitment solves p = logistic(β(T(p)·G·½ - (1 - T(p))·v·l - k)) with T(p) the stationary trust.

    T(p) = (m·pρ + 2π)/(m·(pρ + w·p(1 - ρ) + w0·(1 - p)) + 2), m = √v·φ/(1 - φ). Held fixed: reliability ρ =
    .9, alignment and understanding (so G = 1), stake v = 1, contact, tension 0, courage 0. Trust follows
    the evidence. The reply rises with p, so two organisations have no other rest points than p = p. At β =
    12, w0 = .6, φ = .99 it has three roots, .006, .47 and .95. 2,000 couples starting at the middle one go
    either way. Forced: meetings, visibility. Left to chance: commitments, deliveries.
    """
    setting = TWO | {"intensity_of_choice": 12.0}
    low, middle, high = roots_of(lambda p: reply(p, setting) - p)
    assert (round(low, 2), round(middle, 2), round(high, 2)) == (0.01, 0.47, 0.95)
    share, trust = long_run(setting, stationary_trust(middle, setting))
    between = (share > low + 0.25 * (high - low)) & (share < high - 0.25 * (high - low))
    assert between.mean() < 0.02  # a uniform law would have half there
    assert min((share < middle).mean(), (share > middle).mean()) > 0.25
    assert twin_peaks(share) > 0.9  # two points have 1, a uniform law 5/9
    for root, there in ((low, share < middle), (high, share > middle)):
        error = lobe_error(root, share[there], trust[there], setting)
        assert error < 0.02
        assert share[there].mean() == pytest.approx(root, abs=error)


@pytest.mark.parametrize(("beta", "held_back"), [(4.0, 0.6), (12.0, 0.05), (12.0, 1.6)])
def test_two_organisations_with_one_root_end_there(beta: float, held_back: float) -> None:
    """With a milder choice, or another price of holding back, there is one root, and runs have one peak.

    They start at the same trust as above. Settings, draws and what is held fixed as above.
    """
    setting = TWO | {"intensity_of_choice": beta, "holdback_weight": held_back}
    roots = roots_of(lambda p: reply(p, setting) - p)
    assert len(roots) == 1
    share, trust = long_run(setting, 0.517)
    assert twin_peaks(share) < 5.0 / 9.0
    assert np.abs(share - roots[0]).max() < 0.35
    error = lobe_error(roots[0], share, trust, setting)
    assert error < 0.03
    assert share.mean() == pytest.approx(roots[0], abs=error)


def test_where_there_are_three_roots_the_start_decides() -> None:
    """The same three roots, from trust well above and well below the middle: nearly all stay on their side.

    A start at the trust of an outer root stays there: a barrier keeps the two apart (at most one couple in a
    hundred crosses in 600 months).
    """
    setting = TWO | {"intensity_of_choice": 12.0}
    low, middle, high = roots_of(lambda p: reply(p, setting) - p)
    below, _ = long_run(setting, stationary_trust(low, setting), pairs=500, months=600)
    above, _ = long_run(setting, stationary_trust(high, setting), pairs=500, months=600)
    assert (below < middle).mean() >= 0.99
    assert (above > middle).mean() >= 0.99


# Accounts


def test_nothing_is_paid_that_was_not_made_and_no_promise_kept_that_was_not_given() -> None:
    """Net benefits sum to value less what was spent; 2·joint <= delivered <= committed <= 2·meetings.

    Each month, in the default model with all six practices; everything left to chance.
    """
    given = organisations(12)
    town = Little(given, ties(given, everybody(12)), {"turnover": 0.05}, programme=all_six())
    for _ in range(72):
        row = town.month()
        tally = town.m.tally[0]
        net = town.m.flow.net.sum()
        assert net == pytest.approx(tally.value - tally.spent, abs=EXACT)
        assert row[OUTCOME["collaborative_advantage"]] * tally.potential == pytest.approx(net, abs=EXACT)
        assert 2 * tally.joint_deliveries <= tally.deliveries <= tally.commitments <= 2 * tally.meetings
        act = part(town.m.act, slice(town.s.clock[0].met))
        assert tally.commitments == act.committed.sum() == town.m.flow.promised.sum()
        assert tally.deliveries == act.delivered.sum() == town.m.flow.kept.sum()
        assert town.m.flow.met.sum() == 2 * tally.meetings


@pytest.mark.parametrize("matching", [0.0, 0.5, 1.0])
def test_stakes_follow_trust_as_far_as_they_are_matched(matching: float) -> None:
    """v = V at matching 0, and V·min(1, min(T, T')/.6) at matching 1.

    Trust is the disposition, unlike on the two sides. Forced: meetings.
    """
    one, other = np.linspace(0.0, 1.0, 51), np.linspace(0.9, 0.1, 51)
    given = alike(102, disposition=np.stack([one, other], axis=1).ravel())
    town = begin(given, couples(51), STILL, CAREFREE, {"stake_matching": matching, "stake_size": 0.8})
    town.month()
    matched = np.minimum(1.0, np.minimum(one, other) / 0.6)
    expected = 0.8 * (1.0 - matching + matching * matched)
    np.testing.assert_allclose(town.m.meeting.stake, expected, atol=EXACT)


# Contact, leadership, turnover, brokerage


def test_expected_meetings_never_pass_capacity_and_reach_it() -> None:
    """Where all are called to more than they have room for, each meets `capacity` times a month on average.

    Twelve who all know each other, rate .8, contact .9, room for 3, 120 separate partnerships, 50 months;
    and with room unlike, nobody expects more than its own. Left to chance: meetings.
    """
    count, copies, months, room = 12, 120, 50, 3.0
    given = alike(count * copies, capacity=room)
    values = {"meeting_rate": 0.8}
    many = begin(given, complete(count, copies), STILL, values, contact=0.9)
    meetings = 0.0
    for _ in range(months):
        many.month()
        meetings += many.m.tally[0].meetings
    chance = room / (count - 1)
    draws = len(many.known) * months
    error = share_error(chance, draws)
    assert meetings / draws == pytest.approx(chance, abs=SIGMAS * error)
    each = 2.0 * meetings / (count * copies * months)
    assert each == pytest.approx(room, abs=SIGMAS * error * (count - 1))

    rooms, copies = np.array([0.0, 1.0, 2.0, 4.0, 6.0, 8.0, 20.0, 20.0]), 4000
    given = alike(8 * copies, capacity=np.tile(rooms, copies))
    unlike = begin(given, complete(8, copies), STILL, values, contact=0.9)
    unlike.month()
    load = 7 * 0.8 * 0.9
    admitted = np.minimum(1.0, rooms / load)
    chances = 0.8 * 0.9 * np.minimum(admitted[:, None], admitted[None, :])
    np.fill_diagonal(chances, 0.0)
    found = unlike.m.flow.met.reshape(copies, 8).mean(axis=0)
    errors = np.sqrt((chances * (1.0 - chances)).sum(axis=1) / copies)
    assert (chances.sum(axis=1) <= rooms + EXACT).all()
    assert (np.abs(found - chances.sum(axis=1)) <= SIGMAS * errors).all()


@pytest.mark.parametrize(("practice", "back"), [(0.12, 0.03), (0.0, 0.1), (0.3, 0.0)])
def test_leaders_grow_and_fall_back_along_the_closed_form(practice: float, back: float) -> None:
    """c(t) = c* + (c(0) - c*)(1 - e - δ)^t with c* = (e + δc0)/(e + δ), where practice settles; g the same.

    Nothing is left to chance.
    """
    rest = np.linspace(0.0, 0.9, 7)
    given = alike(7, resting_courage=rest, resting_systems_view=rest[::-1])
    values = {"courage_practice": practice, "systems_practice": 0.5 * practice, "leadership_return": back}
    town = begin(given, complete(7), STILL, values)
    town.s.organisation.courage = 0.5
    start = {"courage": np.full(7, 0.5), "systems_view": rest[::-1].copy()}
    for month in range(1, 61):
        town.month()
        for name, e, resting in (("courage", practice, rest), ("systems_view", 0.5 * practice, rest[::-1])):
            settled = (e + back * resting) / (e + back)
            expected = settled + (start[name] - settled) * (1.0 - e - back) ** month
            np.testing.assert_allclose(town.s.organisation[name], expected, atol=EXACT)


def test_turnover_takes_exactly_what_it_says() -> None:
    """Where both sides' leaders leave every month, a quarter of evidence and learning stays, 9/16 of contact.

    With loss ½ on either side and a quarter of contact. Forced: turnover 1, nobody meets, nothing else fades.
    """
    place = np.array([0.0, 0.6, 0.2, 0.5])
    given = alike(4, perspective_x=place, perspective_y=place)
    values = {"turnover": 1.0, "meeting_rate": 0.0}
    town = begin(given, complete(4), STILL, values, contact=0.8, trust_lower=0.9, trust_higher=0.2)
    side = copied(town.s.side)
    learned = 0.5 * (1.0 - side.understanding)
    town.s.side.understanding[...] = side.understanding + learned
    for month in range(1, 8):
        town.month()
        np.testing.assert_allclose(town.s.side.kept, side.kept * 0.25**month, atol=EXACT)
        np.testing.assert_allclose(town.s.side.broken, side.broken * 0.25**month, atol=EXACT)
        expected = side.understanding + learned * 0.25**month
        np.testing.assert_allclose(town.s.side.understanding, expected, atol=EXACT)
        np.testing.assert_allclose(town.s.pair.contact, 0.8 * 0.75 ** (2 * month), atol=EXACT)


def test_what_turnover_leaves_on_average() -> None:
    """With turnover τ mean contact without meetings is (1 - τ/4)^2t of itself: each side leaves on its own.

    Left to chance: who leaves, 20,000 couples. The second moment is (1 - τ + τ(3/4)²)^2t, whence the error.
    """
    pairs, rate, months = 20_000, 0.1, 12
    many = begin(alike(2 * pairs), couples(pairs), STILL, {"turnover": rate, "meeting_rate": 0.0})
    many.months(months)
    mean = (1.0 - rate * 0.25) ** (2 * months)
    second = (1.0 - rate + rate * 0.75**2) ** (2 * months)
    error = math.sqrt((second - mean**2) / pairs)
    assert many.s.pair.contact.mean() == pytest.approx(mean, abs=SIGMAS * error)


def test_a_broker_brings_two_partners_together_along_the_closed_form() -> None:
    """One broker with two partners introduces them every month: m ← max(m, min(.6, m + intro·T·T'·(1 - m))).

    So missing contact is (1 - intro·T·T')^t until the ceiling. Forced: brokerage and systems view 1; the
    two know of each other at contact 0, or not at all; nobody meets.
    """
    given = alike(3, disposition=[0.5, 0.4, 0.4], resting_systems_view=[1.0, 0.0, 0.0])
    values = {"brokerage": 1.0, "meeting_rate": 0.0, "intro": 0.8, "intro_ceiling": 0.6}
    for pairs in ([(0, 1), (0, 2)], [(0, 1), (0, 2), (1, 2)]):
        contact = [1.0, 1.0, 0.0][: len(pairs)]
        town = Little(given, ties(given, pairs, contact=contact), STILL | values)
        for month in range(1, 9):
            town.month()
            assert town.pairs == 3
            expected = min(0.6, 1.0 - (1.0 - 0.8 * 0.5 * 0.5) ** month)
            assert town.s.pair.contact[2] == pytest.approx(expected, abs=EXACT)
            assert town.m.tally[0].introductions == 1.0


# The page


def test_the_page_lists_every_known_answer_and_no_other() -> None:
    page = (Path(__file__).parents[1] / "docs" / "known-answers.md").read_text(encoding="utf-8")
    listed = re.findall(r"`(test_\w+)`", page)
    here = [name for name in globals() if name.startswith("test_") and not name.startswith("test_the_page")]
    assert sorted(set(listed)) == sorted(here)
