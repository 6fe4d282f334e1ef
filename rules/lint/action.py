"""``python -m rules lint``: its arguments, and what it exits with."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from exporter.configuration.loading import load
from exporter.configuration.problem import ConfigurationError
from exporter.configuration.schema import Configuration
from rules.lint import exemptions, portability, report, run
from rules.lint.exemptions import ExemptionError
from rules.lint.material import Beside, Material
from rules.lint.rule_file import duration, read

CLEAN, FOUND, UNUSABLE = range(3)


def lint(chosen: argparse.Namespace) -> int:
    """Lint what the arguments say, print what is found, and return the exit code."""
    try:
        findings = run.findings(_material(chosen), [] if chosen.no_exemptions else exemptions.read())
    except (OSError, UnicodeDecodeError, ConfigurationError, ExemptionError, argparse.ArgumentTypeError) as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    sys.stdout.write(report.WRITERS[chosen.format](findings))
    return FOUND if any(report.matters(each, strict=chosen.strict) for each in findings) else CLEAN


def _material(chosen: argparse.Namespace) -> Material:
    paths = _paths(chosen.files) or sorted(run.GENERATED.glob("*.yml"))
    usual = run.beside()
    around = Beside(
        runbooks=chosen.runbooks or usual.runbooks,
        dashboards=chosen.dashboards or usual.dashboards,
        routing=chosen.routing or usual.routing,
        tests=chosen.tests,
        deployed=chosen.deployed,
    )
    files = [read(path) for path in paths]
    return Material(
        files,
        run.context(files),
        beside=around,
        configuration=_configuration(chosen.config_file),
        configuration_file=str(chosen.config_file or ""),
        retention=_seconds(chosen.retention),
        false_alarms=chosen.false_alarms,
        external_labels=frozenset(chosen.external_label),
        promtool=portability.promtool(),
    )


def _paths(said: list[Path]) -> list[Path]:
    """Return the files, and those of folders."""
    return [each for path in said for each in (sorted(path.glob("*.y*ml")) if path.is_dir() else [path])]


def _configuration(path: Path | None) -> Configuration | None:
    return None if path is None else load(path).configuration


def _seconds(text: str) -> float:
    found = duration(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"--retention: {text} is no duration such as 40d")
    return found
