"""What windows are compared with: which data, how many rows, how old."""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.counting.layout import Layout
from exporter.ledger.window_view import bounds
from exporter.snapshot import Sample


def information(layout: Layout, now: int | None) -> Iterator[Sample]:
    """Yield what is known of the references as of event time ``now`` (None before the first row)."""
    model, profile = layout.model, layout.profile
    if profile is None or model.reference is None:
        return
    labels = (model.name, model.reference.name)
    yield Sample(catalogue.REFERENCE_INFO, (*labels, profile.hash[:12]), 1)
    yield Sample(catalogue.REFERENCE_ROWS, labels, profile.rows)
    recorded = model.info.trained_at if model.reference.as_of is None else model.reference.as_of
    if recorded is not None:
        yield Sample(catalogue.REFERENCE_TIMESTAMP, labels, recorded / 1e6)
    if now is not None:
        yield from _of_comparisons(layout, now)


def _of_comparisons(layout: Layout, now: int) -> Iterator[Sample]:
    """Yield where the newest past windows end, of the longest judged window."""
    model = layout.model
    for past in model.pasts(model.judged_windows[-1]) if model.judged_windows else ():
        _, end = bounds(past.windows[0], now)
        assert end is not None  # only windows of time are judged
        yield Sample(catalogue.REFERENCE_TIMESTAMP, (model.name, past.name), end / 1e6)
