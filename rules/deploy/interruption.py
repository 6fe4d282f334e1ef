"""Ctrl-C and SIGTERM: the first one rolls back; while rolling back there is nothing to interrupt."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rules.deploy.failure import DeployError, Exit

_CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


@contextmanager
def noticed() -> Iterator[Callable[[], None]]:
    """Make either signal a DeployError where the program stands, until what is yielded is called: then it is too late."""
    late: list[bool] = []

    def stop(number: int, _: FrameType | None) -> None:
        if not late:
            raise DeployError(_CODES[signal.Signals(number)], f"interrupted by {signal.Signals(number).name}")

    with _handled(stop):
        yield lambda: late.append(True)


@contextmanager
def ignored() -> Iterator[None]:
    def go_on(number: int, _: FrameType | None) -> None:
        sys.stderr.write(f"{signal.Signals(number).name}: rolling back, please wait\n")

    with _handled(go_on):
        yield


@contextmanager
def _handled(handler: signal._HANDLER) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _CODES}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
