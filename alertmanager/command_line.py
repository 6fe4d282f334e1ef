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
    wanted = {GENERATED / CONFIGURATION: document(DEFAULT, maintenance), DOCS / LINT_PAGE: page()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        sys.stdout.write(f"{path}: {'out of date' if chosen.check else 'written'}\n")
        if not chosen.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
    return int(chosen.check and bool(stale))
