"""One contestant's process: it prepares once, then works whenever a line arrives, and says what that cost.

``python -m bench.runner MODULE FOLDER ARGUMENT…`` imports MODULE and calls its ``prepare(folder, *arguments)``, which
returns the work as a function; where it has a method ``renew``, that makes fresh data before each turn, uncounted. The
answer to each line on stdin is a JSON object on stdout: ``cpu`` in seconds (user and system, all threads, and children
that have ended), and what the work returned. Needs the standard library only, since it runs in every environment.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TextIO


def main() -> None:
    answers = _private_stdout()
    module = importlib.import_module(sys.argv[1])
    work = module.prepare(Path(sys.argv[2]), *sys.argv[3:])
    # What a module calls a client lives in a child process, and costs the server nothing.
    children = not getattr(module, "CHILDREN_ARE_CLIENTS", False)
    renew = getattr(work, "renew", _nothing_to_renew)
    renew()
    work()
    for _ in _lines(answers):
        renew()
        # What was made for the turn is not the work's: it must not be looked through while that is measured.
        gc.collect()
        started = _cpu(children=children)
        value = work()
        cost = _cpu(children=children) - started
        answers.write(json.dumps({"cpu": cost, "value": value}) + "\n")
        answers.flush()


def _nothing_to_renew() -> None:
    pass


def _private_stdout() -> TextIO:
    """Keep stdout for answers: whatever else is printed goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _lines(answers: TextIO) -> TextIO:
    answers.write(json.dumps({"ready": True}) + "\n")
    answers.flush()
    return sys.stdin


def _cpu(*, children: bool) -> float:
    own = time.process_time()
    if not children:
        return own
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own + ended.ru_utime + ended.ru_stime


if __name__ == "__main__":
    main()
