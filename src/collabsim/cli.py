"""The command ``collabsim``, from a terminal or a script; each of its commands is a module of its own.

What is asked for goes to stdout, everything else to stderr. A fault ends with exit code 2 and words, an
interrupt with 130; a traceback is shown only with ``--debug``.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import collabsim
from collabsim.commands import COMMANDS
from collabsim.errors import CollabsimError, InputError, nearest

FAULT, INTERRUPTED = 2, 130


class _Parser(argparse.ArgumentParser):
    """An argument parser that complains in one message, with the nearest right spelling."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see '{self.prog} --help'")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        known, unknown = super().parse_known_args(args, namespace)
        options = [word for word in unknown if word.startswith("-")]
        if options:
            spellings = [name for name in self._option_string_actions if name.startswith("--")]
            raise InputError(
                *(f"there is no option '{word}'{nearest(word.split('=')[0], spellings)}" for word in options)
            )
        return known, unknown


def _parser() -> _Parser:
    parser = _Parser(
        prog="collabsim",
        description="Organisations learning to collaborate: an agent-based simulation.",
    )
    parser.add_argument("--version", action="version", version=f"collabsim {collabsim.__version__}")
    common = _Parser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name in COMMANDS:
        module = _module(name)
        said = (module.__doc__ or "").splitlines()[0].rstrip(".")
        module.declare(
            commands.add_parser(
                name, parents=[common], help=said[:1].lower() + said[1:], description=f"{said}."
            )
        )
    return parser


def _module(name: str) -> Any:
    return importlib.import_module(f"collabsim.commands.{COMMANDS[name]}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        The words after ``collabsim``; those of the process unless given.

    Returns
    -------
    int
        The exit code: 0, 2 for a fault in what was given, 1 for any other failure, 130 for an interrupt (and
        143 where the system asked it to end).
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    options = argparse.Namespace()
    try:
        if words and not words[0].startswith("-") and words[0] not in COMMANDS:
            raise InputError(f"there is no command '{words[0]}'{nearest(words[0], COMMANDS)}")
        options = _parser().parse_args(words)
        if options.command is None:
            raise InputError(f"say what to do: {', '.join(COMMANDS)}; see 'collabsim --help'")
        _say_warnings_in_words()
        return int(_module(options.command).call(options))
    except InputError as error:
        if debug:
            raise
        if len(error.faults) == 1:
            print(f"collabsim: {error.faults[0]}", file=sys.stderr)
        else:
            print(f"collabsim: {len(error.faults)} faults:", file=sys.stderr)
            for fault in error.faults:
                print(f"  - {fault}", file=sys.stderr)
        return FAULT
    except CollabsimError as error:
        if debug:
            raise
        print(f"collabsim: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("collabsim: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone; nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if debug:
            raise
        place = error.filename or getattr(options, "out", None)
        file = f" '{place}'" if place else ""
        print(f"collabsim: cannot read or write{file}: {error.strerror or error}", file=sys.stderr)
        return 1
    except Exception as error:
        if debug:
            raise
        print(
            f"collabsim: an error of its own, not yours: {type(error).__name__}: {error}; run it again with "
            "--debug for the details",
            file=sys.stderr,
        )
        return 1


def _say_warnings_in_words() -> None:
    import warnings

    def say(message: Warning | str, category: type[Warning], *_: Any) -> None:
        if issubclass(category, UserWarning):
            print(f"notice: {message}", file=sys.stderr)

    warnings.showwarning = say  # type: ignore[assignment]
    warnings.simplefilter("always", UserWarning)


if __name__ == "__main__":
    sys.exit(main())
