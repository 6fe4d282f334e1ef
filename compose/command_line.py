"""``python -m compose build|stack``: one action each."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence

from alertmanager.maintenance import FILE, MaintenanceError
from compose import generated
from compose.stack import run
from rules.generated_files import settle


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m compose", description="The whole stack.")
    actions = parser.add_subparsers(dest="action", required=True)
    build = actions.add_parser("build", help="write the generated files, or with --check say which are out of date")
    build.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something would change")
    build.set_defaults(run=_build)
    stack = actions.add_parser(
        "stack",
        help="run exporter, replayed logs, Prometheus, Alertmanager and a sink on loopback (STACK_SECONDS, STACK_PORTS)",
    )
    stack.set_defaults(run=_stack)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except MaintenanceError as error:
        sys.stderr.write(f"{FILE}: {error}\n")
        return 2


def _build(chosen: argparse.Namespace) -> int:
    return settle(generated.found(), check=chosen.check)


def _stack(_: argparse.Namespace) -> int:
    stop = threading.Event()
    # A flag and no exception: whatever was just being started is ended as well.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    return run.main(os.environ, stop)
