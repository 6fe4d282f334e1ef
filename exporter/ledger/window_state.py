"""Whether a window is as it was: what all of its figures follow from, told without adding anything up.

Windows move by whole steps and rows come in order, mostly: from one evaluation to the next hardly any window changes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from exporter.configuration.windows import Window
from exporter.counting.panes import Slot
from exporter.ledger.due_labels import due_until
from exporter.ledger.ledger import Ledger
from exporter.ledger.window_view import bounds, reaches_back


def state_of(ledger: Ledger, window: Window, now: int) -> Hashable:
    """Return what is equal only where all views of the window are, of one ledger; ``now`` is as in ``views``."""
    return tuple(_parts(ledger, window, now))


def _parts(ledger: Ledger, window: Window, now: int) -> Iterator[Hashable]:
    if window.rows is not None:
        assert ledger.count_windows is not None  # the model has such a window
        yield ledger.count_windows.state
        return
    for each in (window, *(past for pasts in ledger.model.pasts(window) for past in pasts.windows)):
        start, end = bounds(each, now)
        yield start, end, ledger.panes.changes(start, end)
        yield start is None or reaches_back(ledger, each, start)
    yield _due(ledger, window, now)


def _due(ledger: Ledger, window: Window, now: int) -> tuple[Slot, ...]:
    """Return the panes whose labels are due: they become it one after the other."""
    start, end = bounds(window, now)
    until = None if end is None else due_until(ledger, window, end, now)
    return () if until is None else tuple(slot for slot, _ in ledger.panes.changes(start, until))
