"""The arguments of ``python -m alertmanager lint``; what they set going is imported when it is wanted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_to(actions: Any) -> None:
    """Add the action to those of a command line."""
    lint = actions.add_parser("lint", help="look for faults in the configuration, without a server (docs/routing.md)")
    lint.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a configuration; default: ours")
    lint.add_argument("--rules", type=Path, help="the folder of the rules whose alerts are routed; default: ours")
    lint.add_argument("--templates", type=Path, help="the folder of the messages' templates (*.tmpl); default: ours")
    lint.add_argument("--cases", type=Path, help="the cases of who hears of what; default: ours, if the receivers are")
    lint.add_argument(
        "--target", default="0.25", help="the oldest Alertmanager that has to read it (default: %(default)s)"
    )
    lint.add_argument(
        "--retention", default="120h", help="how long Alertmanager remembers notifications (default: %(default)s)"
    )
    lint.add_argument(
        "--heartbeat-timeout", default="5m", help="how long the heartbeat's watcher waits (default: %(default)s)"
    )
    lint.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    lint.add_argument("--strict", action="store_true", help="exit with 1 for warnings, too")
    lint.add_argument(
        "--no-exemptions", action="store_true", help="show what alertmanager/lint/exemptions.yml exempts, too"
    )
    lint.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    from alertmanager.lint.action import lint

    return lint(chosen)
