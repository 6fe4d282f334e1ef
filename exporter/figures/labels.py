"""Which predictions have a label, and how long labels take."""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.counting import layout as positions
from exporter.counting.layout import DELAY_BOUNDS, ORPHAN, OUTCOMES, Layout
from exporter.figures.traffic import histogram
from exporter.ledger.ledger import Totals
from exporter.ledger.window_view import WindowView
from exporter.snapshot import Sample


def window_figures(view: WindowView) -> Iterator[Sample]:
    successful = view.count(positions.SUCCESSFUL)
    if successful and view.layout.model.labels is not None:
        coverage = view.count(positions.LABELLED) / successful
        yield Sample(catalogue.LABEL_COVERAGE, (*view.labels, view.window), coverage)


def counters(layout: Layout, version: str, totals: Totals) -> Iterator[Sample]:
    if layout.model.labels is None:
        return
    model = (layout.model.name, version)
    outcomes = totals.counts[layout.outcomes.start : layout.outcomes.stop].tolist()
    for code, outcome in enumerate(OUTCOMES):
        if code != ORPHAN:
            yield Sample(catalogue.LABELS, (*model, outcome), outcomes[code])
    delays = totals.counts[layout.delay.start : layout.delay.stop]
    yield Sample(catalogue.LABEL_DELAY, model, histogram(DELAY_BOUNDS, delays, totals.sums[layout.delay_sum.start]))


def orphan_counter(layout: Layout, orphans: int) -> Iterator[Sample]:
    """Orphans belong to no prediction, so to no version."""
    if layout.model.labels is not None:
        yield Sample(catalogue.LABELS, (layout.model.name, "", OUTCOMES[ORPHAN]), orphans)
