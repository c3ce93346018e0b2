"""Contact: who has room to meet whom, and how contact comes and goes."""

from __future__ import annotations

from collabsim.compiled import rule


@rule
def capacity(log_size: float, base: float, slope: float, low: float, high: float) -> float:
    """Return the meetings an organisation has room for in a month, from its staff (assumption)."""
    return min(high, max(low, base + slope * log_size))


@rule
def room(capacity: float, load: float) -> float:
    """Return the share of the meetings called for that an organisation has room for."""
    return 1.0 if load <= capacity else capacity / load


@rule
def meeting_probability(rate: float, contact: float, room_lower: float, room_higher: float) -> float:
    """Return the probability that a pair meets: the one with less room decides."""
    return rate * contact * min(room_lower, room_higher)


@rule
def settled(tension: float, settle: float) -> float:
    """Return the tension of a pair after a month without a meeting."""
    return tension * (1.0 - settle)


@rule
def closer(contact: float, gain: float) -> float:
    """Return the contact after a joint delivery."""
    return contact + gain * (1.0 - contact)


@rule
def looser(contact: float, fade: float) -> float:
    """Return the contact after a month that brought nothing."""
    return contact * (1.0 - fade)
