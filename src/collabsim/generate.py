"""Generated partnerships: networks of any size on sparse ties.

Four kinds, all of them simple graphs (nobody is tied to itself, no pair twice) with exactly
``round(organisations · degree / 2)`` ties:

- ``random``: every pair is as likely as every other (Erdős & Rényi 1959).
- ``small-world``: a ring of neighbours of whose ties a tenth lead elsewhere (Watts & Strogatz 1998).
- ``sectors``: four ties in five are within a sector, whose members have alike many (Holland et al. 1983).
- ``scale-free``: newcomers tie themselves to those with many ties already (Barabási & Albert 1999, grown
  as by Batagelj & Brandes 2005).

Which organisation is of which sector, and of what size, is an assumption: the shares in :data:`SHARES` to
the nearest organisation, dealt out at random; sizes between the bounds given there, on a logarithmic scale.
Contact, trust and everything else is left open.

Luck comes from a counter-based generator as plain uniform numbers, from which everything is made by
arithmetic that gives the same on every machine (sizes are rounded to whole staff).
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from collabsim.errors import Faults, nearest
from collabsim.naming import NumberedNames
from collabsim.partnership import GENERATED, MOST_ORGANISATIONS, MOST_TIES, Partnership
from collabsim.sectors import SECTORS, start_records
from collabsim.state import TIE_DTYPE

Codes = npt.NDArray[np.int64]
"""Pairs as lower id · organisations + higher id, or positions in a list of pairs; shape (pairs,)."""

SHARES: dict[str, tuple[float, int, int]] = {
    "NHS": (0.15, 20, 6_000),
    "council": (0.06, 500, 15_000),
    "integration body": (0.03, 10, 200),
    "third sector": (0.45, 2, 200),
    "independent": (0.22, 10, 500),
    "housing": (0.09, 15, 600),
}
"""By sector: share of the organisations, and least and most staff. Assumptions."""

REWIRED = 0.1
"""Share of a small world's ties that lead elsewhere. An assumption, in the range Watts & Strogatz show."""

WITHIN = 0.8
"""Share of the ties of ``sectors`` that are within a sector. An assumption."""

_TITLES = {
    "random": "Random network",
    "small-world": "Small world",
    "sectors": "Network of sectors",
    "scale-free": "Scale-free network",
}


def parse(text: str) -> dict[str, Any]:
    """Read a generated form, ``kind:organisations[:degree[:seed]]``.

    Returns
    -------
    dict
        The arguments of :func:`generate`.

    Raises
    ------
    InputError
        If it is not of that form.
    """
    kind, *numbers = (part.strip() for part in text.split(":"))
    faults = Faults(f"partnership '{text}'")
    if kind not in GENERATED:
        faults.add(f"there is no kind of network '{kind}'{nearest(kind, GENERATED)}")
    found: dict[str, Any] = {"kind": kind}
    forms: tuple[tuple[str, type[int] | type[float], str], ...] = (
        ("organisations", int, "[0-9]{1,15}"),
        ("degree", float, r"[0-9]{1,9}(\.[0-9]{1,9})?"),
        ("seed", int, "[0-9]{1,15}"),
    )
    for (name, convert, form), number in zip(forms, numbers, strict=False):
        if re.fullmatch(form, number):
            found[name] = convert(number)
        else:
            faults.add(f"{name} must be a {'whole ' if convert is int else ''}number, not '{number}'")
    if not 1 <= len(numbers) <= 3:
        shown = kind if kind in GENERATED else GENERATED[0]
        faults.add(f"write kind:organisations[:degree[:seed]], as {shown}:1000 or {shown}:1000:12:0")
    faults.settle()
    return found


def generate(kind: str, organisations: int, degree: float = 12, seed: int = 0) -> Partnership:
    """Generate a partnership; see :meth:`collabsim.partnership.Partnership.generate`."""
    n, mean, start = _check(kind, organisations, degree, seed)
    rng = np.random.Generator(np.random.Philox(start))
    sectors = tuple(SECTORS.values())
    codes = _sector_codes(rng, n)
    low = np.array([SHARES[sector.name][1] for sector in sectors], np.float64)[codes]
    high = np.array([SHARES[sector.name][2] for sector in sectors], np.float64)[codes]
    sizes = np.rint(np.exp(np.log(low) + rng.random(n) * np.log(high / low)))
    records = start_records(codes, sizes, sectors)
    wanted = math.floor(n * mean / 2 + 0.5)
    if kind == "random":
        pairs = _triangle(_distinct(rng, wanted, n * (n - 1) // 2), n)
    elif kind == "small-world":
        pairs = _small_world(rng, n, wanted)
    elif kind == "sectors":
        pairs = _blocks(rng, codes, wanted)
    else:
        pairs = _scale_free(rng, n, wanted)
    pairs.sort()
    ties = np.zeros(pairs.size, TIE_DTYPE)
    ties["lower"], ties["higher"] = np.divmod(pairs, n)
    for name in ("contact", "trust_lower", "trust_higher"):
        ties[name] = np.nan
    shown = str(int(mean)) if mean.is_integer() else repr(mean)
    return Partnership(
        name=f"{kind}:{n}:{shown}:{start}",
        title=f"{_TITLES[kind]} of {n:,}",
        description=f"Generated: {n:,} organisations with {shown} ties each on average, seed {start}.",
        organisations=records,
        ties=ties,
        sectors=sectors,
        names=NumberedNames(records, sectors),
    )


def _check(kind: str, organisations: int, degree: float, seed: int) -> tuple[int, float, int]:
    """Refuse, all at once, what cannot be generated."""
    faults = Faults(f"generated partnership '{kind}'")
    if kind not in GENERATED:
        faults.add(f"there is no kind of network '{kind}'{nearest(str(kind), GENERATED)}")
    whole = {"organisations": (organisations, 2, MOST_ORGANISATIONS), "seed": (seed, 0, 2**32 - 1)}
    for name, (value, least, most) in whole.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
            faults.add(f"{name} must be a whole number from {least} to {most:,}, not {value!r}")
    if isinstance(degree, bool) or not isinstance(degree, int | float | np.integer | np.floating):
        faults.add(f"degree must be a number, not {degree!r}")
    if faults.found:
        faults.settle()
    n = int(organisations)
    if not 1 <= degree <= n - 1:
        faults.add(
            f"degree, the mean number of ties of an organisation, must be from 1 to {n - 1} where there are "
            f"{n:,} organisations, not {degree}"
        )
    elif n * degree / 2 > MOST_TIES:
        faults.add(f"there would be {n * degree / 2:,.0f} ties, and at most {MOST_TIES:,} are allowed")
    faults.settle()
    return n, float(degree), int(seed)


def _sector_codes(rng: np.random.Generator, n: int) -> npt.NDArray[np.int64]:
    """Deal sectors out by their shares, to the nearest organisation (largest remainders)."""
    exact = np.array([SHARES[name][0] for name in SECTORS]) * n
    counts = np.floor(exact).astype(np.int64)
    by_remainder = np.argsort(counts - exact, kind="stable")
    counts[by_remainder[: n - counts.sum()]] += 1
    dealt = np.repeat(np.arange(len(SECTORS)), counts)
    return dealt[np.argsort(rng.random(n), kind="stable")]


def _distinct(rng: np.random.Generator, wanted: int, total: int) -> Codes:
    """Choose `wanted` of 0 ... `total` - 1 without repetition, each set as likely as any other; sorted."""
    if wanted > total // 2:
        kept = np.ones(total, np.bool_)
        kept[_distinct(rng, total - wanted, total)] = False
        return np.flatnonzero(kept)
    found = np.zeros(0, np.int64)
    while found.size < wanted:
        more = (rng.random(wanted - found.size) * total).astype(np.int64)
        found = np.sort(np.concatenate((found, more)))  # faster than numpy.unique for millions
        found = found[np.diff(found, prepend=-1) > 0]
    return found


def _root(position: Codes) -> tuple[Codes, Codes]:
    """Count pairs (0,1), (0,2), (1,2), (0,3) ...: the lower and higher end of the pairs at some positions."""
    higher = ((1 + np.sqrt(1 + 8 * position.astype(np.float64))) / 2).astype(np.int64)
    higher -= higher * (higher - 1) // 2 > position
    higher += higher * (higher + 1) // 2 <= position
    return position - higher * (higher - 1) // 2, higher


def _triangle(position: Codes, n: int) -> Codes:
    lower, higher = _root(position)
    return lower * n + higher


def _code(one: Codes, other: Codes, n: int) -> Codes:
    return np.minimum(one, other) * n + np.maximum(one, other)


def _small_world(rng: np.random.Generator, n: int, wanted: int) -> Codes:
    """Tie everyone to its next neighbours on a ring, then lead one end of some ties elsewhere."""
    distance, place = np.divmod(np.arange(wanted), n)
    last = distance == (wanted - 1) // n
    distance += 1
    # The last, unfilled distance is spread round the ring (half of it where it leads straight across).
    ring = n // 2 if 2 * int(distance[-1]) == n else n
    place[last] = np.arange(last.sum()) * ring // last.sum()
    pairs = _code(place, (place + distance) % n, n)
    pending = np.flatnonzero(rng.random(wanted) < REWIRED)
    taken = np.sort(pairs)
    for _ in range(100):  # whoever knows nearly everyone may find nobody new, and keeps its tie
        if not pending.size:
            break
        new = (rng.random(pending.size) * n).astype(np.int64)
        drawn = _code(place[pending], new, n)
        first = np.zeros(pending.size, np.bool_)
        first[np.unique(drawn, return_index=True)[1]] = True
        at = np.minimum(np.searchsorted(taken, drawn), taken.size - 1)
        good = first & (taken[at] != drawn) & (new != place[pending])
        pairs[pending[good]] = drawn[good]
        taken = np.sort(np.concatenate((taken, drawn[good])), kind="stable")
        pending = pending[~good]
    return pairs


def _blocks(rng: np.random.Generator, codes: npt.NDArray[np.int64], wanted: int) -> Codes:
    """Tie organisations mostly within their sector, each sector's members alike often."""
    n = codes.size
    members = [np.flatnonzero(codes == code) for code in range(len(SECTORS))]
    sizes = [group.size for group in members]
    across = [(a, b) for a in range(len(sizes)) for b in range(a)]
    across_room = np.cumsum([sizes[a] * sizes[b] for a, b in across])
    room = [size * (size - 1) // 2 for size in sizes]
    within = [min(most, int(wanted * WITHIN * size / n)) for most, size in zip(room, sizes, strict=True)]
    outside = min(wanted - sum(within), int(across_room[-1]))
    rest = wanted - sum(within) - outside
    for sector, most in enumerate(room):  # where there is no more room across
        more = min(rest, most - within[sector])
        within[sector] += more
        rest -= more
    pairs = []
    for group, count, most in zip(members, within, room, strict=True):
        lower, higher = _root(_distinct(rng, count, most))
        pairs.append(_code(group[lower], group[higher], n))
    position = _distinct(rng, outside, int(across_room[-1]))
    block = np.searchsorted(across_room, position, side="right")
    for number, (a, b) in enumerate(across):
        local = position[block == number] - (int(across_room[number - 1]) if number else 0)
        if local.size:
            first, second = np.divmod(local, sizes[b])
            pairs.append(_code(members[a][first], members[b][second], n))
    return np.concatenate(pairs)


def _scale_free(rng: np.random.Generator, n: int, wanted: int) -> Codes:
    """Start with a few who all know each other; each newcomer ties itself to ends of ties drawn by lot.

    The urn holds every founder once and both ends of every tie, in the order of arrival; newcomer `t`
    draws from what was there before it. A place that holds the far end of a tie points to an earlier
    place, and all pointers are followed at once instead of one newcomer after another.
    """
    founders = next(s for s in range(1, n) if s * n - s * (s + 1) // 2 >= wanted)
    rest = wanted - founders * (founders - 1) // 2
    newcomers = n - founders
    ties_before = np.arange(newcomers + 1) * rest // newcomers  # each brings `founders` ties or one less
    newcomer = np.repeat(np.arange(newcomers), np.diff(ties_before))
    lower, higher = _root(np.arange(founders * (founders - 1) // 2))
    old = np.concatenate((np.arange(founders), lower, higher))
    before = old.size + 2 * ties_before[newcomer]

    drawn = (rng.random(rest) * before).astype(np.int64)

    def holder(place: Codes) -> Codes:
        """Follow places in the urn to the organisations they hold."""
        place, held, open_ = place.copy(), np.empty(place.size, np.int64), np.arange(place.size)
        while open_.size:
            at = place[open_]
            by_founder, tie = at < old.size, (at - old.size) // 2
            far = ~by_founder & ((at - old.size) % 2 == 1)
            near = ~by_founder & ~far
            held[open_[by_founder]] = old[at[by_founder]]
            held[open_[near]] = founders + newcomer[tie[near]]
            open_ = open_[far]
            place[open_] = drawn[tie[far]]
        return held

    source, target = founders + newcomer, holder(drawn)
    active = pending = np.arange(rest)
    for _ in range(50):
        code = source[active] * n + target[active]
        order = np.argsort(code, kind="stable")
        pending = active[order[1:][np.diff(code[order]) == 0]]
        if not pending.size:
            break
        target[pending] = holder((rng.random(pending.size) * before[pending]).astype(np.int64))
        again = np.zeros(newcomers, np.bool_)
        again[newcomer[pending]] = True
        active = active[again[newcomer[active]]]
    for tie in pending.tolist():  # early newcomers who know nearly everyone: any of those left
        own = target[ties_before[newcomer[tie]] : ties_before[newcomer[tie] + 1]]
        left = np.setdiff1d(np.arange(source[tie]), own)
        target[tie] = left[int(rng.random() * left.size)]
    return np.concatenate((_code(lower, higher, n), _code(source, target, n)))
