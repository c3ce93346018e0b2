"""The server of the browser page: it computes what is asked for, and keeps nothing of its visitors."""
