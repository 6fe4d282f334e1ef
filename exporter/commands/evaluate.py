"""Read all logs that are there once and print the figures."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, TextIO

from exporter.commands.models import add_config_file, add_reach, configuration_of, pipelines_of
from exporter.commands.outcome import FAILED, OK
from exporter.durations import parse_timestamp

if TYPE_CHECKING:
    from exporter.pipeline import Pipeline


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_file(parser)
    add_reach(parser)
    parser.add_argument(
        "--at",
        type=_moment,
        metavar="TIME",
        help="as of this moment of event time, e.g. 2026-02-01T00:00:00Z (default: the newest event)",
    )
    parser.add_argument(
        "--labels",
        choices=("known", "all"),
        default="known",
        help="labels known by then, or all of the log (default %(default)s)",
    )
    parser.add_argument(
        "--format",
        choices=("text", "openmetrics"),
        default="text",
        help="how to print them: as Prometheus' text format, or as OpenMetrics (default %(default)s)",
    )


def run(arguments: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    """Print the exposition; fail when a log could not be read, with what could be read counted."""
    from exporter.exposition.page import Format
    from exporter.exposition.text import Renderer
    from exporter.service.app import build_info
    from exporter.service.evaluate import Backtest
    from exporter.service.progress import counter
    from exporter.snapshot import snapshot_of

    configuration = configuration_of(arguments.config_file, stderr)
    samples, complete = build_info(), True
    for pipeline in pipelines_of(configuration, None, 0, stderr, finish=True):
        backtest = Backtest(pipeline, arguments.at, arguments.labels)
        with counter(f"reading the logs of {pipeline.model.name}", "rows", lambda: _rows(pipeline), stderr):  # noqa: B023 - called inside the block only
            samples += backtest.run(time.time_ns() // 1000)
        complete &= backtest.is_complete
        _report(pipeline, stderr)
        pipeline.close()
    stdout.write(Renderer().render(snapshot_of(samples), Format[arguments.format.upper()]).decode())
    return OK if complete else FAILED


def _report(pipeline: Pipeline, stderr: TextIO) -> None:
    """Say on stderr what a page of figures does not show at a glance: that little or nothing could be used."""
    for feed in pipeline.feeds:
        health = feed.health
        place = f"driftbell: {health.model} {health.source}"
        if not health.rows:
            print(f"{place}: no record was read; run check-config", file=stderr)
        elif (rejected := health.rejected.total()) > health.rows / 2:
            reason, _ = health.rejected.most_common(1)[0]
            print(f"{place}: {rejected} of {health.rows} records rejected, most often: {reason}", file=stderr)


def _rows(pipeline: Pipeline) -> int:
    return sum(feed.health.rows for feed in pipeline.feeds)


def _moment(text: str) -> int:
    try:
        return parse_timestamp(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
