"""Studies: plans of many runs, the sweep that runs them, and what paired worlds say about effects."""

from collabsim.study.plausible_set import plausible

__all__ = ["plausible"]
