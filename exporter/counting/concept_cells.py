"""Which cell of the concept table each labelled row falls into."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporter.counting.layout import Layout
from exporter.reference.concept import bin_of, residual_outcome
from exporter.rows.kept_rows import KeptPredictions
from exporter.rows.record import Floats

Counts = NDArray[np.int64]


def concept_cells(layout: Layout, rows: KeptPredictions, label: Floats) -> tuple[NDArray[np.intp], Counts]:
    """Return those of the labelled ``rows`` (n,) that have a cell of their own in the layout, and its position there."""
    table = layout.profile.concept if layout.profile else None
    if not layout.concept.width or table is None:
        return np.empty(0, np.intp), np.empty(0, np.int64)
    if table.by == "residual":
        with np.errstate(over="ignore"):
            residuals = label - rows.predicted
        there = np.flatnonzero(np.isfinite(residuals))
        bins = bin_of(table.cuts, rows.predicted[there])
        outcomes = residual_outcome(table.limits, bins, residuals[there])
    else:
        there = np.flatnonzero(~np.isnan(rows.scores[:, 0])) if rows.scores.shape[1] else np.empty(0, np.intp)
        bins = bin_of(table.cuts, rows.scores[there, 0]) if len(there) else np.empty(0, np.int64)
        outcomes = (label[there] == layout.positive).astype(np.int64)
    return there, layout.concept.start + bins * table.counts.shape[1] + outcomes
