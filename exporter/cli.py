"""The command line: arguments to actions, problems to messages and exit codes.

Exit codes: 0 all is well, 1 something failed while working, 2 the configuration or the arguments are wrong, 128 and
the number of a signal when that signal ended the process.
"""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn, TextIO

from exporter.command_line import parse
from exporter.commands.outcome import FAILED, INTERRUPTED, WRONG
from exporter.configuration import ConfigurationError
from exporter.logs import configure
from exporter.redaction import redacted
from exporter.reference.problem import ReferenceProblem
from exporter.sources import reach

Action = Callable[[argparse.Namespace, TextIO, TextIO], int]

_STDOUT, _STDERR = 1, 2


def main(argv: Sequence[str], stdout: TextIO, stderr: TextIO) -> int:
    """Run a command; return the exit code."""
    try:
        arguments = parse(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    configure(arguments.log_level, arguments.log_format, stderr)
    action: Action = arguments.action
    try:
        reach.confine(getattr(arguments, "roots", None) or ())
    except NotADirectoryError as error:
        print(f"driftbell: --files.root: {error.filename}: {error.strerror}", file=stderr)
        return WRONG
    try:
        return action(arguments, stdout, stderr)
    except ConfigurationError as error:
        print(redacted(str(error)), file=stderr)
        return WRONG
    except ReferenceProblem as problem:
        print(redacted(f"driftbell: {problem}"), file=stderr)
        return WRONG


def script() -> NoReturn:
    """Run as a program."""
    stdout, stderr = _streams()
    # Explicitly: the first process of a container is not ended by a signal's default.
    signal.signal(signal.SIGTERM, _end)
    try:
        code = main(sys.argv[1:], stdout, stderr)
        stdout.flush()
    except BrokenPipeError:
        # The reader of our output has seen enough.
        _abandon(stdout)
        code = FAILED
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(f"driftbell: the output cannot be written: {error.strerror}", file=stderr)
        _abandon(stdout)
        code = FAILED
    except KeyboardInterrupt:
        code = INTERRUPTED
    try:
        stderr.flush()
    except OSError:
        # Messages that nobody can read any more are no failure.
        _abandon(stderr)
    if any(thread.daemon for thread in threading.enumerate()):
        # A thread inside a library's C code can bring Python down in disorder; everything has been written by now.
        os._exit(code)
    sys.exit(code)


def _abandon(stream: TextIO) -> None:
    """Send what is left in a stream nowhere: Python would try to write it when it ends, and fail with a code of its own."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _streams() -> tuple[TextIO, TextIO]:
    """Return stdout and stderr; where the process was started without one, what is written goes nowhere.

    Otherwise the next file to be opened, the state say, would get its number, and a library's message would land there.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(descriptor)
    # Python has none for what was closed.
    return sys.stdout or os.fdopen(_STDOUT, "w"), sys.stderr or os.fdopen(_STDERR, "w")


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
