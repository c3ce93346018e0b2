"""How a world begins: who the organisations are, and how much they see of each other.

Evidence 0 on all sides, tension 0, understanding 1 - distance, view = mandate, expectation =
accountability, leadership at rest. What a partnership file gives is taken; the rest is drawn, from draws
that belong to the world and not to luck.
"""

from __future__ import annotations

from typing import Any

from collabsim.brokering import join, note_pair
from collabsim.compiled import rule
from collabsim.draws import NOBODY, START, draw, draw_four, draw_many, uniform
from collabsim.dynamics import normal_within
from collabsim.rules import contact, trust

MEANT = 1
"""The block of a pair's draws at the start that says what was meant by a survey's answers."""


@rule
def given_or(given: float, drawn: float) -> float:
    """Return what was given, or what was drawn where it is NaN."""
    return given if given == given else drawn


@rule
def begin_organisations(s: Any, p: Any, given: Any) -> None:
    """Say who each organisation is.

    Parameters
    ----------
    s
        State; its clock says which world.
    p
        Parameters.
    given
        (n,) what the partnership file gives, NaN where the world decides.
    """
    clock = s.clock[0]
    mean_disposition = normal_within(
        draw(clock.seed, clock.world, NOBODY, NOBODY, START, 0, 0), p.disposition, p.disposition_spread
    )
    for i in range(len(s.organisation)):
        who, known = s.organisation[i], given[i]
        a, b, c, d = draw_four(clock.seed, clock.world, known.id, NOBODY, START, 0, 0)
        e, f, g, _ = draw_four(clock.seed, clock.world, known.id, NOBODY, START, 0, 1)
        who.id = known.id
        who.sector = known.sector
        who.statutory = known.statutory
        who.first_tie = -1
        who.capacity = given_or(
            known.capacity,
            contact.capacity(
                known.log_size, p.capacity_base, p.capacity_slope, p.capacity_low, p.capacity_high
            ),
        )
        who.perspective_x = given_or(
            known.perspective_x, normal_within(a, known.centre_x, p.perspective_spread)
        )
        who.perspective_y = given_or(
            known.perspective_y, normal_within(b, known.centre_y, p.perspective_spread)
        )
        who.mandate = given_or(known.mandate, normal_within(c, known.mandate_mean, p.mandate_spread))
        who.disposition = given_or(
            known.disposition, normal_within(d, mean_disposition, p.disposition_within)
        )
        who.accountability = given_or(
            known.accountability,
            normal_within(e, p.start_accountability, p.start_accountability_spread),
        )
        who.resting_courage = given_or(
            known.resting_courage, normal_within(f, p.resting_courage, p.resting_spread)
        )
        who.resting_systems_view = given_or(
            known.resting_systems_view, normal_within(g, p.resting_systems_view, p.resting_spread)
        )
        who.purpose_view = given_or(known.purpose_view, who.mandate)
        who.expectation = given_or(known.expectation, who.accountability)
        who.courage = who.resting_courage
        who.systems_view = who.resting_systems_view


@rule
def begin_ties(s: Any, m: Any, p: Any, ties: Any, survey_error: float) -> None:
    """Say who knows whom, how closely, and what a survey says they trust.

    Surveyed trust is not true trust: where answers are said to lie some way from the truth, each world starts
    from its own draw of what was meant, round the answer and clipped to 0 to 1. The draw belongs to the world
    and to the pair, so two scenarios are compared from the same start.

    Parameters
    ----------
    s
        State, its organisations already begun.
    m
        Working arrays, for scratch.
    p
        Parameters.
    ties
        (known,) what the partnership file gives, NaN where the world decides.
    survey_error
        Standard deviation of answers round the truth, at least 0.
    """
    clock = s.clock[0]
    clock.pairs = 0
    for t in range(len(ties)):
        join(s, ties[t].lower, ties[t].higher)
    pair, count = s.pair, len(ties)
    draw_many(m.words, pair.lower_id, pair.higher_id, count, clock.seed, clock.world, START, 0, 0)
    for k in range(count):
        tie = ties[k]
        close = p.close_within if pair.same_sector[k] == 1.0 else p.close_across
        luck = uniform(m.words[0, k])
        pair.contact[k] = given_or(tie.contact, p.contact_close if luck < close else p.contact_loose)
    if survey_error > 0.0:
        draw_many(m.words, pair.lower_id, pair.higher_id, count, clock.seed, clock.world, START, 0, MEANT)
    for k in range(count):
        tie = ties[k]
        for a in range(2):
            surveyed = tie.trust_lower if a == 0 else tie.trust_higher
            if surveyed == surveyed:
                if survey_error > 0.0:
                    surveyed = normal_within(uniform(m.words[a, k]), surveyed, survey_error)
                i = pair.lower[k] if a == 0 else pair.higher[k]
                towards = trust.disposition_towards(
                    s.organisation[i].disposition, pair.same_sector[k], p.own_sector
                )
                kept = trust.evidence_of_survey(surveyed, towards, p.surveyed_evidence, p.prior_strength)
                s.side.kept[a, k] = kept
                s.side.broken[a, k] = p.surveyed_evidence - kept
    clock.known = clock.pairs


@rule
def prepare(s: Any, m: Any, p: Any) -> None:
    """Work out what a run needs beside its state: what was possible, and levers to be set anew."""
    s.clock[0].met = 0
    s.clock[0].stale = 1
    s.clock[0].full = 0
    m.tally[0].possible = p.meeting_rate * s.clock[0].known
    m.tally[0].potential = p.meeting_rate * s.clock[0].known * p.stake_size
    m.tally[0].introductions = 0.0
    m.tally[0].turnovers = 0.0
    for i in range(len(m.between)):
        for j in range(len(m.between)):
            m.between[i, j] = -1
    for k in range(s.clock[0].pairs):
        note_pair(s, m, k)


@rule
def begin(s: Any, m: Any, p: Any, given: Any, ties: Any, survey_error: float) -> None:
    """Begin a world: the clock's seed, world and luck are set; everything else is set here."""
    s.clock[0].month = 0
    begin_organisations(s, p, given)
    begin_ties(s, m, p, ties, survey_error)
    prepare(s, m, p)


@rule
def restore(s: Any, origin: Any) -> None:
    """Copy a saved state, which may hold fewer pairs, into another."""
    s.clock[0] = origin.clock[0]
    for i in range(len(origin.organisation)):
        s.organisation[i] = origin.organisation[i]
    for k in range(origin.clock[0].pairs):
        s.pair.lower[k], s.pair.higher[k] = origin.pair.lower[k], origin.pair.higher[k]
        s.pair.lower_id[k], s.pair.higher_id[k] = origin.pair.lower_id[k], origin.pair.higher_id[k]
        s.pair.same_sector[k] = origin.pair.same_sector[k]
        s.pair.contact[k] = origin.pair.contact[k]
        s.pair.tension[k] = origin.pair.tension[k]
        s.pair.distance[k] = origin.pair.distance[k]
    for a in range(2):
        for k in range(origin.clock[0].pairs):
            s.side.next_tie[a, k] = origin.side.next_tie[a, k]
            s.side.kept[a, k] = origin.side.kept[a, k]
            s.side.broken[a, k] = origin.side.broken[a, k]
            s.side.understanding[a, k] = origin.side.understanding[a, k]
