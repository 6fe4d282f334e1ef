"""``python -m dashboards lint``: what it reads, and what it exits with."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dashboards.lint import run
from dashboards.lint.registry import CHECKS
from dashboards.lint.round_trip import ModelsError
from rules.lint import exemptions, report
from rules.lint.exemptions import ExemptionError
from rules.lint.finding import Finding

CLEAN, FOUND, UNUSABLE = range(3)
PAGE = "docs/dashboard-lint.md"


def lint(chosen: argparse.Namespace) -> int:
    """Lint what the arguments say, print what is found, and return the exit code."""
    try:
        ours = [] if chosen.no_exemptions else exemptions.read(run.EXEMPTIONS)
        linted = run.material(
            _paths(chosen.files) or None, rules=chosen.rules or run.RULES, runbooks=chosen.runbooks or run.RUNBOOKS
        )
        found = run.findings(linted, ours)
    except (OSError, UnicodeDecodeError, ExemptionError, ModelsError) as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    sys.stdout.write(_written(found, chosen.format))
    return FOUND if any(report.matters(each, strict=chosen.strict) for each in found) else CLEAN


def _paths(said: list[Path]) -> list[Path]:
    """Return the files, and those of folders."""
    return [each for path in said for each in (sorted(path.glob("*.json")) if path.is_dir() else [path])]


def _written(found: list[Finding], form: str) -> str:
    if form == "sarif":
        return report.sarif_log(found, CHECKS, name="driftbell-dashboards-lint", page=PAGE)
    return report.WRITERS[form](found)
