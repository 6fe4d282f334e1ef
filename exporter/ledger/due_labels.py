"""How many requests of a window are so old that their labels should be there."""

from __future__ import annotations

from collections import Counter

from exporter.configuration.schema import Model
from exporter.configuration.windows import Window
from exporter.counting import layout as positions
from exporter.counting.packed import value_at
from exporter.ledger.ledger import Ledger


def due_requests(ledger: Ledger, window: Window, start: int, end: int, now: int) -> Counter[int]:
    """Return the successful requests by version of the panes in [start, end) that are due; none of a window that is not judged."""
    due: Counter[int] = Counter()
    until = due_until(ledger, window, end, now)
    if until is None:
        return due
    key = ledger.layout.traffic.start + positions.SUCCESSFUL
    for slot, content in ledger.panes.within(start, until):
        due[slot.version] += int(value_at(content.counts, key))
    return due


def due_until(ledger: Ledger, window: Window, end: int, now: int) -> int | None:
    """Return the end of what is due of a window that ends at ``end``; None of a window that is not judged."""
    if ledger.model.labels is None or window not in ledger.model.judged_windows:
        return None
    return min(end, now - _delay(ledger.model))


def _delay(model: Model) -> int:
    assert model.labels is not None  # the caller has seen to it
    return model.labels.settle if model.quality.due_after is None else model.quality.due_after
