"""``python -m rules build|…``: one action each."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rules.bundle import bundle
from rules.deploy import arguments as deploy_arguments
from rules.document import documents
from rules.generated_files import settle, stale
from rules.lint import arguments as lint_arguments
from rules.runbook import FOLDER, pages
from rules.settings import DEFAULT
from rules.testing import command as test

GENERATED = Path(__file__).parent / "generated"
DOCS = Path(__file__).parents[1] / "docs"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m rules", description="Recording and alert rules for Prometheus.")
    actions = parser.add_subparsers(dest="action", required=True)
    build = actions.add_parser("build", help="write the rule files, or with --check say which are out of date")
    build.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something would change")
    build.set_defaults(run=_build)
    lint_arguments.add_to(actions)
    deploy_arguments.add_to(actions)
    test.add_to(actions)
    chosen = parser.parse_args(arguments)
    return int(chosen.run(chosen))


def _build(chosen: argparse.Namespace) -> int:
    rules = bundle(DEFAULT)
    # The checks read configurations, and load much that no other action needs.
    from rules.lint.page import page

    files = [
        *stale(GENERATED, "*.yml", documents(rules)),
        *stale(FOLDER, "*.md", pages(rules)),
        *stale(DOCS, "lint.md", {"lint.md": page()}),
    ]
    return settle(files, check=chosen.check)
