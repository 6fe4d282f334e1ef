"""``python -m alertmanager build|…``: one action each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from alertmanager.deploy import arguments as deploy_arguments
from alertmanager.document import CONFIGURATION, document
from alertmanager.lint import arguments as lint_arguments
from alertmanager.maintenance import FILE, MaintenanceError, planned, refuse_over
from alertmanager.settings import DEFAULT
from alertmanager.simulation import arguments as simulation_arguments
from rules.generated_files import settle, stale

GENERATED = Path(__file__).parent / "generated"
DOCS = Path(__file__).parents[1] / "docs"
LINT_PAGE = "routing-lint.md"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m alertmanager", description="Alertmanager's configuration.")
    actions = parser.add_subparsers(dest="action", required=True)
    build = actions.add_parser("build", help="write the configuration, or with --check say whether it is out of date")
    build.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something would change")
    build.set_defaults(run=_build)
    lint_arguments.add_to(actions)
    simulation_arguments.add_to(actions)
    deploy_arguments.add_to(actions)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except MaintenanceError as error:
        sys.stderr.write(f"{FILE}: {error}\n")
        return 2


def _build(chosen: argparse.Namespace) -> int:
    # The checks read rules, and load much that no other action needs.
    from alertmanager.lint.page import page

    maintenance = planned(FILE.read_text(encoding="utf-8"))
    refuse_over(maintenance, datetime.now(ZoneInfo(DEFAULT.zone)).replace(tzinfo=None))
    files = [
        *stale(GENERATED, "*.yml", {CONFIGURATION: document(DEFAULT, maintenance)}),
        *stale(DOCS, LINT_PAGE, {LINT_PAGE: page()}),
    ]
    return settle(files, check=chosen.check)
