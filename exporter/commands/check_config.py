"""Say everything that is wrong with a configuration, or what it will cost."""

from __future__ import annotations

import argparse
from typing import TextIO

from exporter.commands.models import add_config_file, configuration_of, pipelines_of
from exporter.commands.outcome import OK


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_file(parser)


def run(arguments: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    """Print an estimate for each model, and what is odd about its logs; that fails nothing."""
    from exporter.estimate import estimate
    from exporter.log_check import check_logs

    configuration = configuration_of(arguments.config_file, stderr)
    for pipeline in pipelines_of(configuration, None, 0, stderr, finish=False):
        for warning in check_logs(pipeline.layout):
            print(f"{arguments.config_file}: warning: models.{pipeline.model.name}.{warning}", file=stderr)
        print(estimate(pipeline), file=stdout)
    return OK
