"""The exporter with faults that a test can set off: run as a program, with a folder of faults before its arguments.

A file in that folder is a fault that is there: `hang` keeps the model `wild` from ever answering, `step` and `figure` raise
in it, `page` raises in the worker itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

from exporter import figures
from exporter.cli import script
from exporter.configuration.windows import Window
from exporter.exposition.press import Press
from exporter.figures import traffic
from exporter.intake import feed
from exporter.ledger import window_state
from exporter.ledger.ledger import Ledger
from exporter.ledger.window_view import WindowView
from exporter.pipeline import Pipeline
from exporter.snapshot import Sample
from exporter.sources.file import FileSource

# Who only imports it has no faults to set off.
FAULTS = Path(sys.argv[1] if len(sys.argv) > 1 else ".")


def is_there(fault: str) -> bool:
    return (FAULTS / fault).exists()


def hanging(poll: Callable[..., Any]) -> Callable[..., Any]:
    def polled(source: FileSource[Any], cursor: Any) -> Any:
        while source.name.startswith("wild") and is_there("hang"):
            time.sleep(0.01)
        return poll(source, cursor)

    return polled


def failing(step: Callable[..., Any], fault: str) -> Callable[..., Any]:
    """Do the work, and fail when it is done."""

    def stepped(self: Any, *arguments: Any) -> Any:
        found = step(self, *arguments)
        if is_there(fault) and (not isinstance(self, Pipeline) or self.model.name == "wild"):
            raise ZeroDivisionError(f"the fault {fault}")
        return found

    return stepped


def window_figures(view: WindowView) -> Iterator[Sample]:
    yield from traffic.window_figures(view)
    if is_there("figure") and view.labels[0] == "wild":
        raise ZeroDivisionError("the fault figure")


def state_of(ledger: Ledger, window: Window, now: int) -> Hashable:
    """Tell windows with the fault from windows without: figures of what has not changed are not computed again."""
    return STATE_OF(ledger, window, now), is_there("figure")


STATE_OF = window_state.state_of

if __name__ == "__main__":
    del sys.argv[1]
    FileSource.poll = hanging(FileSource.poll)  # type: ignore[method-assign]
    Pipeline.step = failing(Pipeline.step, "step")  # type: ignore[method-assign]
    Press.page = failing(Press.page, "page")  # type: ignore[method-assign]
    figures.WINDOW_FIGURES = (window_figures, *figures.WINDOW_FIGURES[1:])
    window_state.state_of = state_of
    feed._HANGS_AFTER = 1_000_000
    script()
