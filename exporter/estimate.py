"""What a model will cost: series on the page, and memory at the most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from exporter.contributions import cells_per_group
from exporter.figures import WINDOW_FIGURES, labels, quality, traffic
from exporter.layout import QUALITY_SUMS, Layout
from exporter.ledger import Totals
from exporter.pipeline import Pipeline
from exporter.score_bins import EMPTY
from exporter.snapshot import snapshot_of
from exporter.tally import Keys, Tally
from exporter.window_view import WindowView

# A sparse entry is a key and a value of eight bytes each.
_BYTES_PER_ENTRY = 16


class Estimate(NamedTuple):
    """``series`` of a model with one live version once its windows are full, with the segments that the reference has.

    ``pane_bytes`` are what its panes take when traffic is so heavy that each of them has rows everywhere;
    ``join_bytes`` is the limit of the label join.
    """

    model: str
    series: int
    pane_bytes: int
    join_bytes: int

    def __str__(self) -> str:
        panes, join = self.pane_bytes / 2**20, self.join_bytes / 2**20
        return (
            f"{self.model}: about {self.series} series; under the heaviest traffic up to {panes:.0f} MiB for windows"
            f" and {join:.0f} MiB for predictions that wait for labels"
        )


def estimate(pipeline: Pipeline) -> Estimate:
    """Estimate by asking the figures themselves what they say of a window in which everything has been seen."""
    layout = pipeline.layout
    _remember_segments(layout)
    in_windows = sum(
        snapshot_of(sample for figures in WINDOW_FIGURES for sample in figures(_full_view(layout, window.name))).series
        for window in pipeline.model.windows
    )
    totals = _full_totals(layout)
    counters = [
        *traffic.counters(layout, "any", totals),
        *traffic.prediction_counters(layout, "any", totals),
        *quality.counters(layout, "any", totals),
        *labels.counters(layout, "any", totals),
        *pipeline.samples(None),
    ]
    return Estimate(
        pipeline.model.name,
        # Every window is shown for the version and for all versions together.
        2 * in_windows + snapshot_of(counters).series,
        pipeline.ledger.timeline.panes_at_most * (layout.size + layout.sums_size) * _BYTES_PER_ENTRY,
        pipeline.model.limits.memory if pipeline.model.labels else 0,
    )


def _remember_segments(layout: Layout) -> None:
    for segment_by, segment in layout.profile.baselines if layout.profile else ():
        if segment_by in layout.segments:
            layout.segments[segment_by].code(segment)


def _full_view(layout: Layout, window: str) -> WindowView:
    cells = _known_cells(layout)
    return WindowView(
        layout=layout,
        version="any",
        window=window,
        complete=True,
        counts=np.full(layout.size, max(layout.model.drift.min_rows, 1), np.int64),
        sums=np.ones(layout.sums_size),
        cells=Tally(cells, np.ones(len(cells), np.int64)),
        quality=np.ones((layout.groups, QUALITY_SUMS)),
        scores=EMPTY,
    )


def _known_cells(layout: Layout) -> Keys:
    """Return the cells of the groups and classes that are known beforehand."""
    inside = np.arange(cells_per_group(layout))
    if not layout.is_regression:
        true, predicted = np.divmod(inside, layout.classes.capacity)
        inside = inside[(true < layout.classes.known) & (predicted < layout.classes.known)]
    groups, first = [0], 1
    for dictionary in layout.segments.values():
        groups += range(first, first + len(dictionary.texts))
        first += dictionary.capacity
    return (np.array(groups)[:, None] * cells_per_group(layout) + inside).reshape(-1)


def _full_totals(layout: Layout) -> Totals:
    totals = Totals(layout)
    totals.counts[layout.endpoint_requests.start] = 1
    totals.counts[layout.confidence.start] = int(bool(layout.score_columns))
    return totals
