"""Write one HTML file that plays scenarios anywhere, without a server."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

from collabsim.commands.words import whole_number
from collabsim.draws import LUCK_LIMIT, SEED_LIMIT, WORLD_LIMIT
from collabsim.errors import InputError, nearest

LIMITS = {"seed": SEED_LIMIT, "world": WORLD_LIMIT, "luck": LUCK_LIMIT}


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("scenario", metavar="SCENARIO",
                     help="a bundled scenario or partnership, or a TOML file")  # fmt: skip
    parser.add_argument("--with", metavar="OTHER", action="append", default=[], dest="others",
                     help="another scenario that can be chosen in the file; may be repeated")  # fmt: skip
    parser.add_argument("--lesson", metavar="NAME", action="append", default=[], dest="lessons",
                     help="a lesson to put in as well; may be repeated")  # fmt: skip
    parser.add_argument("--seed", metavar="N", default="0", help="0 to 4294967295 (default 0)")
    parser.add_argument("--world", metavar="N", default="0", help="which world of the seed (default 0)")
    parser.add_argument("--luck", metavar="N", default="0", help="another luck in the same world (default 0)")
    parser.add_argument("--out", metavar="FILE", required=True, help="the file to write, such as lesson.html")


def _told(names: list[str]) -> list[dict[str, Any]]:
    """Run the lessons that were named."""
    if not names:
        return []
    from collabsim.lessons import read_lessons, tell

    known = {lesson.name: lesson for lesson in read_lessons()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(*(f"there is no lesson '{name}'{nearest(name, known)}" for name in unknown))
    return [tell(known[name]) for name in dict.fromkeys(names)]


def call(options: argparse.Namespace) -> int:
    """Compute, and write the file whole or not at all."""
    seed, world, luck = (
        whole_number(getattr(options, name), f"--{name}", 0, limit) or 0 for name, limit in LIMITS.items()
    )
    out = Path(options.out)
    if out.is_dir():
        raise InputError(f"--out: '{out}' is a folder; name a file in it")
    from collabsim.player.export import exported
    from collabsim.scenario import Scenario

    scenarios = [Scenario.load(name) for name in (options.scenario, *options.others)]
    text = exported(scenarios, seed=seed, world=world, luck=luck, told=_told(options.lessons))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("wb", dir=out.parent, prefix=f".{out.name}.", delete=False) as part:
        part.write(text.encode())
    os.chmod(part.name, 0o644)
    os.replace(part.name, out)
    print(f"Written to {out} ({out.stat().st_size / 1e6:.1f} MB): open it in any browser.")
    return 0
