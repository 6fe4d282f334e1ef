"""``python -m rules build|…``: one action each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rules.bundle import bundle
from rules.document import documents
from rules.settings import DEFAULT

GENERATED = Path(__file__).parent / "generated"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m rules", description="Recording and alert rules for Prometheus.")
    actions = parser.add_subparsers(dest="action", required=True)
    build = actions.add_parser("build", help="write the rule files, or with --check say which are out of date")
    build.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something would change")
    build.set_defaults(run=_build)
    chosen = parser.parse_args(arguments)
    return int(chosen.run(chosen))


def _build(chosen: argparse.Namespace) -> int:
    wanted = {GENERATED / name: text for name, text in documents(bundle(DEFAULT)).items()}
    strange = set(GENERATED.glob("*.yml")) - wanted.keys()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in sorted([*stale, *strange]):
        sys.stdout.write(f"{path}: {'out of date' if chosen.check else 'removed' if path in strange else 'written'}\n")
    if chosen.check:
        return 1 if stale or strange else 0
    for path in strange:
        path.unlink()
    GENERATED.mkdir(exist_ok=True)
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    return 0
