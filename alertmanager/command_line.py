"""``python -m alertmanager build|…``: one action each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from alertmanager.document import CONFIGURATION, document
from alertmanager.maintenance import FILE, MaintenanceError, planned
from alertmanager.settings import DEFAULT

GENERATED = Path(__file__).parent / "generated"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m alertmanager", description="Alertmanager's configuration.")
    actions = parser.add_subparsers(dest="action", required=True)
    build = actions.add_parser("build", help="write the configuration, or with --check say whether it is out of date")
    build.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something would change")
    build.set_defaults(run=_build)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except MaintenanceError as error:
        sys.stderr.write(f"{FILE}: {error}\n")
        return 2


def _build(chosen: argparse.Namespace) -> int:
    path = GENERATED / CONFIGURATION
    wanted = document(DEFAULT, planned(FILE.read_text(encoding="utf-8")))
    if path.exists() and path.read_text(encoding="utf-8") == wanted:
        return 0
    sys.stdout.write(f"{path}: {'out of date' if chosen.check else 'written'}\n")
    if not chosen.check:
        GENERATED.mkdir(exist_ok=True)
        path.write_text(wanted, encoding="utf-8")
    return int(chosen.check)
