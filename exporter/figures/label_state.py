"""Whether enough labels have come for quality to be judged, are still waited for, or should have come."""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.catalogue import KNOWN, OVERDUE, QUALITY_STATES, WAITING
from exporter.counting import layout as positions
from exporter.ledger.window_view import WindowView
from exporter.snapshot import Sample


def state(view: WindowView) -> str | None:
    """Return the state of a window that is judged; None of others, and without successful requests."""
    model = view.layout.model
    successful = view.count(positions.SUCCESSFUL)
    if model.labels is None or not successful or view.judged is None:
        return None
    return state_of(view.count(positions.LABELLED), successful, view.due, model.quality.min_coverage)


def state_of(labelled: int, successful: int, due: int, coverage: float) -> str:
    """Return the state of a window with so many requests, of which ``due`` are older than labels take.

    >>> [state_of(labelled, 100, 40, 0.5) for labelled in (60, 30, 10)]
    ['known', 'waiting', 'overdue']
    """
    if labelled >= coverage * successful:
        return KNOWN
    # Even if all that has come were of those that are due, it would be too little of them.
    return OVERDUE if labelled < coverage * due else WAITING


def samples(view: WindowView, current: str) -> Iterator[Sample]:
    for name in QUALITY_STATES:
        yield Sample(catalogue.QUALITY_STATE, (*view.labels, name, view.window), int(name == current))
