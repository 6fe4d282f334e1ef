"""``python -m alertmanager lint``: what it reads, and what it exits with."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from alertmanager.document import CONFIGURATION, TEMPLATES
from alertmanager.emitted import RULES, emitted
from alertmanager.lint import fields, run
from alertmanager.lint.material import Material
from alertmanager.lint.registry import CHECKS
from alertmanager.lint.source import read
from alertmanager.simulation import cases
from alertmanager.simulation.action import week
from alertmanager.simulation.amtool import amtool
from alertmanager.simulation.hours import IntervalError
from rules.lint import exemptions, report
from rules.lint.exemptions import ExemptionError
from rules.lint.finding import Finding
from rules.lint.rule_file import duration

CLEAN, FOUND, UNUSABLE = range(3)
OURS = Path(__file__).parents[1] / "generated" / CONFIGURATION
PAGE = "docs/routing-lint.md"


class UsageError(ValueError):
    """An argument that cannot be read."""


def lint(chosen: argparse.Namespace) -> int:
    """Lint what the arguments say, print what is found, and return the exit code."""
    try:
        ours = [] if chosen.no_exemptions else exemptions.read(run.EXEMPTIONS)
        found = run.findings(_material(chosen), ours)
    except (OSError, UnicodeDecodeError, UsageError, ExemptionError, cases.CaseError, IntervalError) as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    sys.stdout.write(_written(found, chosen.format))
    return FOUND if any(report.matters(each, strict=chosen.strict) for each in found) else CLEAN


def _written(found: list[Finding], form: str) -> str:
    if form == "sarif":
        return report.sarif_log(found, CHECKS, name="driftbell-routing-lint", page=PAGE)
    return report.WRITERS[form](found)


def _material(chosen: argparse.Namespace) -> Material:
    source = read(chosen.file or OURS)
    receivers = source.document.get("receivers")
    names = (
        [str(each.get("name")) for each in receivers if isinstance(each, dict)] if isinstance(receivers, list) else []
    )
    return Material(
        source,
        emitted(chosen.rules or RULES),
        {
            path.name: path.read_text(encoding="utf-8")
            for path in sorted((chosen.templates or TEMPLATES).glob("*.tmpl"))
        },
        datetime.now(UTC),
        week(),
        cases=cases.for_receivers(names, chosen.cases),
        target=_version(chosen.target),
        retention=_seconds(chosen.retention),
        heartbeat_timeout=_seconds(chosen.heartbeat_timeout),
        amtool=amtool(),
    )


def _seconds(text: str) -> float:
    found = duration(text)
    if found is None:
        raise UsageError(f"{text} is no duration such as 5m")
    return found


def _version(text: str) -> fields.Version:
    try:
        return fields.version(text)
    except ValueError:
        raise UsageError(f"--target: {text} is no version such as 0.25") from None
