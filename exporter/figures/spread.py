"""How the values of a window are spread over bins, beside the reference's: what people look at.

It is in no series, since it would be one for every bin of every window, and is computed only when somebody looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter.counting.binning import by_bin, reference_by_bin, shown_codes
from exporter.counting.layout import Field, Layout, NumericField
from exporter.counting.packed_vectors import dense_sum
from exporter.ledger.ledger import Ledger
from exporter.ledger.window_view import bounds

Counts = NDArray[np.int64]


class Spread(NamedTuple):
    """A column's rows by bin, in the window and in the reference.

    ``kind`` and ``feature`` are as in ``ml_drift_score``. Of numbers ``cuts`` are the inner edges of the bins (a, b];
    of categories ``names`` are all but the last bin's, which holds all others.
    """

    kind: str
    feature: str
    cuts: tuple[float, ...]
    names: tuple[str, ...]
    rows: tuple[int, ...]
    reference: tuple[int, ...]


class Spreads(NamedTuple):
    """A model's columns in one of its windows, by name."""

    window: str
    columns: tuple[Spread, ...]


NOTHING = Spreads("", ())


def spreads_of(ledger: Ledger) -> Spreads:
    """Return the spreads of the longest window of time that is judged, of all versions; nothing before the first row."""
    windows = [window for window in ledger.model.judged_windows if window.length is not None]
    if not windows or ledger.now is None or ledger.model.reference is None:
        return NOTHING
    window = max(windows, key=lambda window: window.length or 0)
    start, end = bounds(window, ledger.now)
    layout = ledger.layout
    # Nothing but the counts, in one go: with the sums of each pane the worker would be kept for ten times as long.
    parts = [content.counts for _, content in ledger.panes.within(start, end)]
    counts = dense_sum(parts, layout.size, np.int64)
    return Spreads(window.name, tuple(_spread(layout, *column, counts) for column in _columns(layout)))


def _columns(layout: Layout) -> Iterator[tuple[str, str, Field]]:
    """Yield kind, name and field of the columns of which the reference has a value."""
    fields = [("data", field.name, field) for field in layout.features]
    outputs = ("prediction", layout.prediction), ("score", layout.score), ("label", layout.label)
    for kind, name, field in [*fields, *((kind, "", field) for kind, field in outputs)]:
        if field.column is not None and field.column.counts.any():
            yield kind, name, field


def _spread(layout: Layout, kind: str, name: str, field: Field, counts: Counts) -> Spread:
    slots = counts[field.span.start : field.span.start + field.slots]
    rows = tuple(by_bin(layout, field, slots).tolist()), tuple(reference_by_bin(layout, field).tolist())
    if isinstance(field, NumericField):
        return Spread(kind, name, tuple(field.cuts.tolist()), (), *rows)
    shown = tuple(field.dictionary.text(code) for code in shown_codes(layout, field).tolist())
    return Spread(kind, name, (), shown, *rows)
