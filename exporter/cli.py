"""The command line: arguments to actions, problems to messages and exit codes.

Exit codes: 0 all is well, 1 something failed while working, 2 the configuration or the arguments are wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TextIO

import exporter
from exporter.commands import check_config, evaluate, profile, serve
from exporter.commands.outcome import FAILED, INTERRUPTED, WRONG
from exporter.configuration import ConfigurationError
from exporter.logs import LEVELS, configure
from exporter.reference.problem import ReferenceProblem

Action = Callable[[argparse.Namespace, TextIO, TextIO], int]

_DESCRIPTION = "Watch machine-learning models through their prediction logs, for Prometheus."
_COMMANDS = {"serve": serve, "evaluate": evaluate, "check-config": check_config, "profile": profile}


def main(argv: Sequence[str], stdout: TextIO, stderr: TextIO) -> int:
    """Run a command; return the exit code."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    configure(arguments.log_level, arguments.log_format, stderr)
    action: Action = arguments.action
    try:
        return action(arguments, stdout, stderr)
    except ConfigurationError as error:
        print(error, file=stderr)
        return WRONG
    except ReferenceProblem as problem:
        print(f"driftbell: {problem}", file=stderr)
        return WRONG


def script() -> None:
    """Run as a program."""
    try:
        code = main(sys.argv[1:], sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has seen enough. Python would try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="driftbell", description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"driftbell {exporter.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, module in _COMMANDS.items():
        text = (module.__doc__ or "").strip()
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        command.set_defaults(action=module.run)
        module.add_arguments(command)
        _add_log_arguments(command)
    return parser


def _add_log_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--log.level", dest="log_level", choices=LEVELS, default="info", help="default %(default)s")
    parser.add_argument(
        "--log.format", dest="log_format", choices=("logfmt", "json"), default="logfmt", help="default %(default)s"
    )
