"""The arguments of ``python -m rules lint``; what they set going is imported when it is wanted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_to(actions: Any) -> None:
    """Add the action to those of a command line."""
    lint = actions.add_parser("lint", help="look for faults in rule files, without a server (docs/lint.md)")
    lint.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="rule files, or folders of them; default: ours"
    )
    lint.add_argument(
        "--config.file", dest="config_file", type=Path, help="an exporter's configuration to lint them with"
    )
    lint.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    lint.add_argument("--strict", action="store_true", help="exit with 1 for warnings, too")
    lint.add_argument("--no-exemptions", action="store_true", help="show what rules/lint/exemptions.yml exempts, too")
    lint.add_argument("--retention", default="40d", help="how long the server keeps series (default: %(default)s)")
    lint.add_argument(
        "--false-alarms", type=float, default=1.0, help="false warnings that a week may bring (default: %(default)s)"
    )
    lint.add_argument(
        "--external-label", action="append", default=[], help="an external label of the server; repeatable"
    )
    lint.add_argument("--deployed", type=Path, help="a folder with the rules that are deployed now")
    lint.add_argument("--tests", type=Path, help="a folder of promtool's unit tests, which every alert has to be in")
    for what in ("runbooks", "dashboards", "routing"):
        lint.add_argument(f"--{what}", type=Path, help="where they are, if not in their place in the repository")
    lint.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    # Reading configurations loads a good deal, which building rules does without.
    from rules.lint.action import lint

    return lint(chosen)
