"""Say everything that is wrong with a configuration, or what it will cost."""

from __future__ import annotations

import argparse
import time
from typing import TextIO

from exporter.commands.models import add_config_file, add_reach, add_web_config_file, configuration_of, pipeline_of
from exporter.commands.outcome import OK, WRONG
from exporter.reference.problem import ReferenceProblem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_file(parser)
    add_reach(parser)
    add_web_config_file(parser)
    parser.add_argument(
        "--pace",
        type=float,
        metavar="ROWS",
        help="rows a second of each model to reckon its memory with (default: those of the newest log that is there)",
    )


def run(arguments: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    """Print an estimate for each model, and what is odd about its logs; that fails nothing."""
    from exporter.checks.estimate import estimate, sum_of
    from exporter.checks.log_check import check_logs
    from exporter.checks.pace import pace_of
    from exporter.configuration.objective_check import sentences
    from exporter.web.web_configuration import WebConfiguration

    WebConfiguration(arguments.web_config_file)
    configuration = configuration_of(arguments.config_file, stderr)
    outcome, now, estimates = OK, time.time_ns() // 1000, []
    for model in configuration.models.values():
        place = f"{arguments.config_file}: %smodels.{model.name}."
        try:
            pipeline = pipeline_of(model, None, 0, stderr, finish=False)
        except ReferenceProblem as problem:
            # The other models' problems are of interest, too.
            print(f"{place % ''}reference: {problem}", file=stderr)
            outcome = WRONG
            continue
        for warning in check_logs(pipeline.layout, now):
            print(f"{place % 'warning: '}{warning}", file=stderr)
        pace = pace_of(pipeline.layout, now) if arguments.pace is None else arguments.pace
        estimates.append(estimate(pipeline, pace))
        print(estimates[-1], file=stdout)
        for name, slo in model.slos.items():
            for sentence in sentences(name, slo, pace):
                print(f"{model.name}: {sentence}", file=stdout)
    if outcome == OK:
        print(sum_of(estimates, configuration), file=stdout)
    return outcome
