"""The equations: one small pure function each, with its source."""
