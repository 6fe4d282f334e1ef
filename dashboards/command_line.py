"""``python -m dashboards build|lint|deploy``: one action each."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from dashboards import provision
from dashboards.bundle import boards
from dashboards.deploy import arguments as deploy_arguments
from dashboards.document import documents
from dashboards.lint import arguments as lint_arguments
from rules.generated_files import settle, stale

_FOLDER = Path(__file__).parent
GENERATED = _FOLDER / "generated"
PROVISIONING = _FOLDER / "provisioning"
DOCS = _FOLDER.parent / "docs"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboards", description="Dashboards for Grafana.")
    actions = parser.add_subparsers(dest="action", required=True)
    build = actions.add_parser("build", help="write the dashboards, or with --check say which are out of date")
    build.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something would change")
    build.set_defaults(run=_build)
    lint_arguments.add_to(actions)
    deploy_arguments.add_to(actions)
    chosen = parser.parse_args(arguments)
    return int(chosen.run(chosen))


def _build(chosen: argparse.Namespace) -> int:
    # The checks load schemas and an SDK, which no other action needs.
    from dashboards.lint.page import page

    files = [
        *stale(GENERATED, "*.json", documents(boards())),
        *stale(PROVISIONING, "*.yml", provision.documents()),
        *stale(DOCS, "dashboard-lint.md", {"dashboard-lint.md": page()}),
    ]
    return settle(files, check=chosen.check)
