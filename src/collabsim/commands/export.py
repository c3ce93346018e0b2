"""Write one HTML file that plays scenarios anywhere, without a server."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from collabsim.commands.words import whole_number
from collabsim.draws import LUCK_LIMIT, SEED_LIMIT, WORLD_LIMIT
from collabsim.errors import Faults, InputError, nearest

if TYPE_CHECKING:
    from collabsim.lesson_files import Lesson

LIMITS = {"seed": SEED_LIMIT, "world": WORLD_LIMIT, "luck": LUCK_LIMIT}


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("scenario", metavar="SCENARIO",
                     help="a bundled scenario or partnership, or a TOML file")  # fmt: skip
    parser.add_argument("--with", metavar="OTHER", action="append", default=[], dest="others",
                     help="another scenario that can be chosen in the file; may be repeated")  # fmt: skip
    parser.add_argument("--lesson", metavar="NAME", action="append", default=[], dest="lessons",
                     help="a lesson to put in as well; may be repeated")  # fmt: skip
    parser.add_argument("--lessons", metavar="FOLDER", dest="folder",
                     help="lessons of your own; all are put in, unless --lesson names some")  # fmt: skip
    parser.add_argument("--seed", metavar="N", default="0", help="0 to 4294967295 (default 0)")
    parser.add_argument("--world", metavar="N", default="0", help="which world of the seed (default 0)")
    parser.add_argument("--luck", metavar="N", default="0", help="another luck in the same world (default 0)")
    parser.add_argument("--out", metavar="FILE", required=True, help="the file to write, such as lesson.html")


def _lessons(names: list[str], folder: str | None) -> list[Lesson]:
    """Read the lessons that were named, or all of the folder where none was."""
    if not names and folder is None:
        return []
    from collabsim.player.own_lessons import offered_lessons, own_lessons

    if not names:
        return list(own_lessons(str(folder)))
    known = {lesson.name: lesson for lesson in offered_lessons(folder)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(*(f"there is no lesson '{name}'{nearest(name, known)}" for name in unknown))
    return [known[name] for name in dict.fromkeys(names)]


def call(options: argparse.Namespace) -> int:
    """Compute, and write the file whole or not at all."""
    seed, world, luck = (
        whole_number(getattr(options, name), f"--{name}", 0, limit) or 0 for name, limit in LIMITS.items()
    )
    out = Path(options.out)
    if out.is_dir():
        raise InputError(f"--out: '{out}' is a folder; name a file in it")
    from collabsim.lessons import tell
    from collabsim.player.export import exported
    from collabsim.player.own_lessons import partnerships_of
    from collabsim.scenario import Scenario

    faults, scenarios = Faults(), list[Scenario]()
    for name in (options.scenario, *options.others):
        try:
            scenarios.append(Scenario.load(name))
        except InputError as error:
            faults.take(error)
    try:
        lessons = _lessons(options.lessons, options.folder)
    except InputError as error:
        faults.take(error)
    faults.settle()
    partnerships = partnerships_of(lessons)
    text = exported(
        scenarios, seed=seed, world=world, luck=luck, told=[tell(lesson) for lesson in lessons],
        partnerships=partnerships,
    )  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("wb", dir=out.parent, prefix=f".{out.name}.", delete=False) as part:
        part.write(text.encode())
    os.chmod(part.name, 0o644)
    os.replace(part.name, out)
    print(f"Written to {out} ({out.stat().st_size / 1e6:.1f} MB): open it in any browser.")
    return 0
