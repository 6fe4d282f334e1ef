"""From ``--config.file`` to pipelines: what most commands begin with."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from exporter.capture.profiles import profile_of
from exporter.configuration import ConfigurationError, Problem, load
from exporter.configuration.schema import Configuration, Model
from exporter.pipeline import Pipeline
from exporter.service.progress import progress

DEFAULT = Path("driftbell.yml")
_SMALLEST = """\
models:
  fraud:
    task: binary # or multiclass, or regression
    predictions: /var/log/fraud/predictions.jsonl
    reference: training/holdout.parquet # or .csv, .jsonl
"""


def add_config_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config.file",
        dest="config_file",
        type=Path,
        default=DEFAULT,
        metavar="FILE",
        help="the configuration (default %(default)s, in the current folder)",
    )


def add_reach(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--files.root",
        dest="roots",
        type=Path,
        action="append",
        metavar="FOLDER",
        help="read logs and references in this folder only, links followed; may be repeated (default: anywhere)",
    )


def add_web_config_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--web.config.file",
        dest="web_config_file",
        type=Path,
        metavar="FILE",
        help="TLS, passwords and headers, in the format that Prometheus' exporters share; see docs/security.md",
    )


def check_config_file(file: Path) -> None:
    """Show how to begin when nobody has written a configuration yet. Raises ``ConfigurationError``."""
    if file == DEFAULT and not file.exists():
        text = (
            f"there is no {file} in the current folder: name another with --config.file, or begin with\n\n{_SMALLEST}"
        )
        raise ConfigurationError([Problem("", 0, 0, text)])


def configuration_of(file: Path, stderr: TextIO) -> Configuration:
    """Load the configuration and print what it says in vain. Raises ``ConfigurationError``."""
    check_config_file(file)
    loaded = load(file)
    for warning in loaded.warnings:
        print(warning, file=stderr)
    return loaded.configuration


def pipelines_of(
    configuration: Configuration, cache: Path | None, seed: int, stderr: TextIO, *, finish: bool
) -> Iterator[Pipeline]:
    """Yield a pipeline for each model; see ``Pipeline`` for the last arguments. Raises ``ReferenceProblem``."""
    for model in configuration.models.values():
        yield pipeline_of(model, cache, seed, stderr, finish=finish)


def pipeline_of(model: Model, cache: Path | None, seed: int, stderr: TextIO, *, finish: bool) -> Pipeline:
    """Return a model's pipeline. Raises ``ReferenceProblem``."""
    with progress(f"profiling the reference of {model.name}", stderr) as report:
        profile = profile_of(model, cache, report)
    return Pipeline(model, profile, seed, finish=finish)
