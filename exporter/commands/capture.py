"""The part of ``profile`` that reads a model's own log."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, TextIO

from exporter.durations import format_timestamp, parse_duration, parse_timestamp

if TYPE_CHECKING:
    from exporter.capture.from_log import Capture
    from exporter.configuration.schema import Model
    from exporter.reference.profile import Profile

OF_LOG = ("start", "until", "length", "version")
_WEEK = "7d"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("for a model without training data: from its own log")
    group.add_argument("--from-log", action="store_true", help="profile the model's prediction log and its labels")
    group.add_argument(
        "--from",
        dest="start",
        type=_moment,
        metavar="TIME",
        help="event time, e.g. 2026-02-01T00:00:00Z (default: the log's first record)",
    )
    group.add_argument("--until", type=_moment, metavar="TIME", help="event time before which the rows lie")
    group.add_argument(
        "--for", dest="length", type=_length, metavar="DURATION", help=f"how long, if not --until (default {_WEEK})"
    )
    group.add_argument("--version", metavar="VERSION", help="only this version of the model (default: all)")


def unfit(arguments: argparse.Namespace) -> str | None:
    """Say what is wrong with the arguments of ``--from-log``, if anything is."""
    if arguments.until is not None and arguments.length is not None:
        return "--until and --for say the same in two ways: keep one"
    if arguments.length == 0 or (arguments.until is not None and (arguments.start or 0) >= arguments.until):
        return "the span is empty: --until must lie after --from"
    return None


def profile_of_log(model: Model, arguments: argparse.Namespace, stderr: TextIO) -> Profile:
    """Capture the profile, and say on stderr what it rests on. Raises ``ReferenceProblem``."""
    from exporter.capture.from_log import LogReader
    from exporter.capture.log_selection import Span
    from exporter.service.progress import counter

    length = parse_duration(_WEEK) if arguments.length is None else arguments.length
    span = Span(arguments.start, arguments.until, length)
    reader = LogReader(model, span, arguments.version, time.time_ns() // 1000)
    with counter(f"reading the logs of {model.name}", "records", lambda: reader.read, stderr):
        capture = reader.capture()
    _report(model, capture, stderr)
    return capture.profile


def _report(model: Model, capture: Capture, stderr: TextIO) -> None:
    place = f"driftbell: {model.name}"
    for warning in capture.warnings:
        print(f"{place}: warning: {warning}", file=stderr)
    if len(capture.versions) > 1:
        text = (
            f"the rows are of {len(capture.versions)} versions; a reference should be of one: choose it with --version"
        )
        print(f"{place}: warning: {text}", file=stderr)
    start, end = format_timestamp(capture.start), format_timestamp(capture.end)
    rows = capture.versions.total()
    print(f"{place}: {rows} successful requests from {start} until {end}", file=stderr)
    for version, count in capture.versions.most_common():
        print(f"{place}: version {version}: {count} rows", file=stderr)
    if capture.labelled is not None:
        print(f"{place}: {capture.labelled} of {rows} rows have a label ({capture.labelled / rows:.1%})", file=stderr)
    for reason, count in capture.rejected.most_common():
        print(f"{place}: {count} records rejected: {reason}", file=stderr)


def _moment(text: str) -> int:
    try:
        return parse_timestamp(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _length(text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
