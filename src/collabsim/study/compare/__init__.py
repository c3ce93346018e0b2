"""Scenarios compared in the same worlds, and under other plausible versions of the model."""
