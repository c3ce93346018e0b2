"""The commands of ``collabsim``, a module each.

A module has a docstring whose first line is the command's help, ``declare(parser)``, which adds its options,
and ``call(options)``, which does the work and returns the exit code. What is asked for goes to stdout,
everything else to stderr. To add a command, add a module and its line here. What is slow to import is
imported where it is used, so that ``--help`` comes at once.
"""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "list": "listing",
    "run": "run",
    "check": "check",
    "sweep": "sweep",
    "new": "new",
    "calibrate": "calibrate",
    "app": "app",
    "export": "export",
    "analyse": "analyse",
    "compare": "compare",
    "schema": "schema",
    "verify": "verify",
    "merge": "merge",
}
"""Command to module, in the order of the help."""
