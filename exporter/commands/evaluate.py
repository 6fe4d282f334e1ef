"""Read all logs that are there once and print the figures."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from exporter.commands.models import add_config_file, add_reach, configuration_of, pipelines_of
from exporter.commands.outcome import FAILED, OK
from exporter.durations import parse_timestamp

if TYPE_CHECKING:
    from exporter.intake.source_health import SourceHealth
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
        _report(pipeline, backtest.left_out, arguments.at, stderr)
        pipeline.close()
    stdout.write(Renderer().render(snapshot_of(samples), Format[arguments.format.upper()]).decode())
    return OK if complete else FAILED


def _report(pipeline: Pipeline, left_out: Mapping[str, int], at: int | None, stderr: TextIO) -> None:
    """Say on stderr what a page of figures does not show at a glance: that little or nothing could be used."""
    for feed in pipeline.feeds:
        if said := _unused(feed.health, left_out.get(feed.health.source, 0), at):
            print(f"driftbell: {feed.health.model} {feed.health.source}: {said}", file=stderr)


def _unused(health: SourceHealth, left: int, at: int | None) -> str:
    """Say what became of a source's records when most were of no use; "" otherwise."""
    read, rejected = health.rows + left, health.rejected.total()
    if not read:
        return "no record was read; run check-config"
    why = "dated after the newest prediction; --labels=all counts them"
    if at is not None:
        # Most of a log may lie beyond the moment that was asked for: that is worth a word when all of it does.
        left, why = left * (left + rejected == read), "dated after --at"
    if left + rejected <= read / 2:
        return ""
    parts = [f"{left} of {read} records left out: {why}"] if left else []
    if rejected:
        parts.append(f"{rejected} of {read} records rejected, most often: {health.rejected.most_common(1)[0][0]}")
    return ". ".join(parts)


def _rows(pipeline: Pipeline) -> int:
    return sum(feed.health.rows for feed in pipeline.feeds)


def _moment(text: str) -> int:
    try:
        return parse_timestamp(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
