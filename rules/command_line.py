"""``python -m rules build|…``: one action each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rules.bundle import bundle
from rules.deploy import arguments as deploy_arguments
from rules.document import documents
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

    stale = [
        *_stale(GENERATED, "*.yml", documents(rules)),
        *_stale(FOLDER, "*.md", pages(rules)),
        *_stale(DOCS, "lint.md", {"lint.md": page()}),
    ]
    for path, text in stale:
        done = "out of date" if chosen.check else "removed" if text is None else "written"
        sys.stdout.write(f"{path}: {done}\n")
        if not chosen.check:
            _replace(path, text)
    return 1 if chosen.check and stale else 0


def _stale(folder: Path, pattern: str, wanted: Mapping[str, str]) -> list[tuple[Path, str | None]]:
    """Return the files that are not as they should be, with what they should hold; None: nothing, they should go."""
    strange: list[tuple[Path, str | None]] = [
        (path, None) for path in sorted(folder.glob(pattern)) if path.name not in wanted
    ]
    paths = ((folder / name, text) for name, text in wanted.items())
    return [*strange, *((path, text) for path, text in paths if not path.exists() or path.read_text("utf-8") != text)]


def _replace(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
