"""The arguments of ``python -m alertmanager test``; what they set going is imported when it is wanted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_to(actions: Any) -> None:
    """Add the action to those of a command line."""
    test = actions.add_parser("test", help="route every alert at every hour of a week, and compare with amtool")
    test.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a configuration; default: ours")
    test.add_argument("--rules", type=Path, help="the folder of the rules whose alerts are routed; default: ours")
    test.add_argument("--cases", type=Path, help="the cases of who hears of what; default: ours, if the receivers are")
    test.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    from alertmanager.simulation.action import test

    return test(chosen)
