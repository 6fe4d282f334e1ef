"""The arguments of ``python -m dashboards lint``; what they set going is imported when it is wanted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_to(actions: Any) -> None:
    """Add the action to those of a command line."""
    lint = actions.add_parser("lint", help="look for faults in dashboards, without a server (docs/dashboard-lint.md)")
    lint.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="dashboards, or folders of them; default: ours"
    )
    lint.add_argument("--rules", type=Path, help="the folder of the rules that dashboards agree with; default: ours")
    lint.add_argument("--runbooks", type=Path, help="the folder of the runbooks that they link to; default: ours")
    lint.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    lint.add_argument("--strict", action="store_true", help="exit with 1 for warnings, too")
    lint.add_argument(
        "--no-exemptions", action="store_true", help="show what dashboards/lint/exemptions.yml exempts, too"
    )
    lint.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    from dashboards.lint.action import lint

    return lint(chosen)
