"""The command line's parser: one that says what was probably meant."""

from __future__ import annotations

import argparse
import difflib
import platform
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Never

import exporter
from exporter.commands import check_config, evaluate, profile, serve
from exporter.commands.manual import PAGES, PROGRAM, Page, epilogue
from exporter.logs import LEVELS

_COMMANDS: Mapping[str, ModuleType] = {
    "serve": serve,
    "evaluate": evaluate,
    "check-config": check_config,
    "profile": profile,
}


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return the arguments and the command's ``action``. Prints help or what is wrong and raises SystemExit."""
    program, commands = _parsers()
    if argv and argv[0] == "help":
        argv = [*argv[1:2], "--help"]
    if not argv:
        program.error(f"name a command: {', '.join(commands)}")
    if argv[0] not in {*commands, *_flags(program)}:
        program.error(_not_a_command(argv, _flags(program), _flags(commands["serve"])))
    arguments, unknown = program.parse_known_args(argv)
    if unknown:
        _refuse(commands.get(argv[0], program), unknown)
    return arguments


def version_text() -> str:
    """Return what Prometheus' own programs say in this place.

    >>> version_text().splitlines()[0].partition(",")[0]
    'driftbell'
    """
    return (
        f"driftbell, version {exporter.__version__}\n"
        f"  python version:   {platform.python_version()}\n"
        f"  platform:         {platform.system().lower()}/{platform.machine()}"
    )


def _parsers() -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    program = _parser("driftbell", PROGRAM)
    program.add_argument("--version", action="version", version=version_text(), help="print the version and exit")
    commands = program.add_subparsers(title="commands", required=True, metavar="COMMAND")
    parsers = {}
    for name, module in _COMMANDS.items():
        summary = (module.__doc__ or "").strip()
        page = PAGES[name]
        parser = commands.add_parser(
            name,
            help=summary,
            description=page.text,
            epilog=epilogue(page),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        parser.set_defaults(action=module.run)
        module.add_arguments(parser)
        _add_log_arguments(parser)
        parsers[name] = parser
    return program, parsers


def _parser(name: str, page: Page) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=name,
        description=page.text,
        epilog=f"{epilogue(page)}\n`driftbell help COMMAND` says more of each.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _add_log_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--log.level",
        dest="log_level",
        choices=LEVELS,
        default="info",
        help="least that is logged (default %(default)s)",
    )
    parser.add_argument(
        "--log.format",
        dest="log_format",
        choices=("logfmt", "json"),
        default="logfmt",
        help="how it is written (default %(default)s)",
    )


def _not_a_command(argv: Sequence[str], flags: Sequence[str], of_serve: Sequence[str]) -> str:
    """Say what is wrong with the first argument, which should have been a command, or a flag of the program's own."""
    first = argv[0]
    if first.partition("=")[0] in of_serve:
        # As with Prometheus' own programs, which have no commands.
        return f"a command is missing; did you mean: driftbell serve {' '.join(argv)}"
    hint = _nearest(first, [*_COMMANDS, *flags])
    kind = "unrecognized arguments" if first.startswith("-") else "no such command"
    return f"{kind}: {first}; {hint or 'commands: ' + ', '.join(_COMMANDS)}"


def _refuse(parser: argparse.ArgumentParser, unknown: Sequence[str]) -> Never:
    flags = _flags(parser)
    told = [f"{each}; {hint}" if (hint := _nearest(each.partition("=")[0], flags)) else each for each in unknown]
    parser.error(f"unrecognized arguments: {', '.join(told)}")


def _nearest(text: str, known: Sequence[str]) -> str:
    found = difflib.get_close_matches(text, known, n=1)
    return f"did you mean {found[0]}?" if found else ""


def _flags(parser: argparse.ArgumentParser) -> list[str]:
    return [flag for action in parser._actions for flag in action.option_strings]  # noqa: SLF001 - there is no other way
