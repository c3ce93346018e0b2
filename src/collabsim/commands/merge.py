"""Join the shards of a sweep."""

from __future__ import annotations

import argparse

from collabsim.commands.stopping import terminated_in_words
from collabsim.commands.words import print_json


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("out", metavar="OUT", help="the folder for the whole sweep")
    parser.add_argument("shards", metavar="SHARD", nargs="+", help="the folder of a shard")
    parser.add_argument("--fresh", action="store_true", help="replace what another sweep left in OUT")
    parser.add_argument("--json", action="store_true", help="for a machine to read")


def call(options: argparse.Namespace) -> int:
    """Join them, or say what is missing."""
    from collabsim.study.shards import merge

    with terminated_in_words(lambda: None):
        made = merge(options.out, options.shards, fresh=options.fresh)
    if options.json:
        print_json({name: made[name] for name in ("runs", "points", "worlds", "failed")})
    else:
        print(f"{len(options.shards)} shards are joined: {made['runs']} runs of {made['points']} points in "
              f"{made['worlds']} worlds are in {options.out}.")  # fmt: skip
    return 0
