"""How many bytes the panes of a model will take at a steady pace of rows.

A pane of n rows has an entry wherever one of them fell: in a slot of probability p with probability 1 - (1 - p)^n. The
probabilities are those of the reference; what comes of the entries is known from ``exporter.counting.packed``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from exporter.counting import layout as positions
from exporter.counting.contributions import cells_per_group
from exporter.counting.layout import QUALITY_SUMS, Field, Layout, NumericField, reference_counts
from exporter.counting.packed import BLOCK, FITTING, KEY_BYTES, smallest_integer
from exporter.counting.score_bins import LIMIT
from exporter.counting.timeline import Timeline

Floats = NDArray[np.float64]

# What Python and the allocator take for the two dozen arrays of a pane, beside their bytes; measured.
PANE_OVERHEAD = 5000
# Latencies of a service spread over about so many buckets of 1 %.
_LATENCY_BUCKETS = 60
_PLACE_BYTES = 4
_EVERYTHING = 10**9
_SECOND = 1_000_000


def bytes_at_pace(layout: Layout, timeline: Timeline, pace: float, *, overhead: int = PANE_OVERHEAD) -> int:
    """Return what the panes of one version take on average with ``pace`` rows a second."""
    counts, sums = _probabilities(layout)
    total = 0.0
    for panes, step in _panes(timeline):
        rows = pace * step / _SECOND if step else _EVERYTHING
        total += panes * (_pane_bytes(layout, counts, sums, rows) + overhead)
    return round(total)


def bytes_at_most(layout: Layout, timeline: Timeline) -> int:
    """Return what they take when every pane has every entry, with counts of up to two thousand million."""
    pane = 4 * layout.size + 8 * layout.sums_size + _label_bytes(layout, _EVERYTHING)
    return round(timeline.panes_at_most * (pane + PANE_OVERHEAD))


def _panes(timeline: Timeline) -> Iterator[tuple[float, int]]:
    """Yield the mean number of panes of each step (microseconds; 0 has no limits), all of which have rows."""
    shorter, levels = 0, timeline.levels
    for level, coarser in zip(levels, [*levels[1:], *levels[-1:]], strict=True):
        # Panes stay until a pane of the next step is whole: on average for half of it.
        waiting = (coarser.step // level.step - 1) / 2
        yield level.length // level.step - shorter // level.step + waiting + (not shorter), level.step
        shorter = level.length
    if timeline.endless:
        yield 1, 0


def _pane_bytes(layout: Layout, counts: Floats, sums: Floats, rows: float) -> float:
    # What stays a sum, and is no place in a gap, is not worth reckoning with.
    places = _packed_bytes(sums, rows, _PLACE_BYTES, np.ones(len(sums), bool), _PLACE_BYTES)
    # Requests are the largest of the counts.
    largest = smallest_integer(0, int(rows)).itemsize
    return places + _counts_bytes(counts, rows, largest) + _label_bytes(layout, rows)


def _counts_bytes(probabilities: Floats, rows: float, largest: int) -> float:
    """Return the bytes of counts, whose table is of the smallest type that holds nearly all of them."""
    expected, hit = rows * probabilities, _hit(probabilities, rows)
    for kind in (np.int8, np.int16, np.int32):
        fits = expected + 2 * np.sqrt(expected) <= np.iinfo(kind).max
        if hit[fits].sum() * FITTING >= hit.sum() * (FITTING - 1):
            return _packed_bytes(probabilities, rows, np.dtype(kind).itemsize, fits, largest)
    return _packed_bytes(probabilities, rows, largest, np.ones(len(hit), bool), largest)


def _packed_bytes(probabilities: Floats, rows: float, width: int, fits: NDArray[np.bool_], largest: int) -> float:
    """Return the bytes of tables of ``width``, and of entries of ``largest`` with the steps to their keys."""
    hit, sparse = _hit(probabilities, rows), largest + KEY_BYTES
    fitting = _by_block(hit * fits)
    is_full = fitting * (width + KEY_BYTES) > BLOCK * width
    apart = np.where(is_full, _by_block(hit * ~fits), _by_block(hit))
    return float(is_full.sum() * BLOCK * width + apart.sum() * sparse)


def _hit(probabilities: Floats, rows: float) -> Floats:
    """Return how probable an entry is in each place."""
    with np.errstate(divide="ignore"):
        hit: Floats = -np.expm1(rows * np.log1p(-np.minimum(probabilities, 1.0)))
    return hit


def _by_block(entries: Floats) -> Floats:
    """Return how many entries there are in each block: of even keys, and of odd ones."""
    padded = np.append(entries, np.zeros(-len(entries) % (2 * BLOCK)))
    of_blocks: Floats = padded.reshape(-1, BLOCK, 2).sum(axis=1).reshape(-1)
    return of_blocks


def _label_bytes(layout: Layout, rows: float) -> float:
    """Return the bytes of confusion cells, error sums and scores: of everything, and of a segment of each field."""
    if layout.model.labels is None:
        return 0.0
    fields = 1 + len(layout.segments)
    known = cells_per_group(layout) if layout.is_regression else layout.classes.known**2
    groups = 1 + sum(min(dictionary.capacity, rows) for dictionary in layout.segments.values())
    cells = min(rows * fields, known * groups) * 8 + groups * (QUALITY_SUMS if layout.is_regression else 4) * 10
    scores = min(rows * fields * (layout.score_columns and layout.score_rows), LIMIT) * 9
    return cells + scores


def _probabilities(layout: Layout) -> tuple[Floats, Floats]:
    """Return for each count and each sum how probable it is that a row adds to it."""
    counts, sums = np.zeros(layout.size), np.zeros(layout.sums_size)
    counts[layout.traffic.start : layout.traffic.stop] = 1.0
    counts[layout.endpoint_requests.start] = 1.0
    if layout.model.fields.latency is not None:
        counts[layout.latency.start : layout.latency.start + _LATENCY_BUCKETS] = 1 / _LATENCY_BUCKETS
        counts[layout.latency_histogram.start : layout.latency_histogram.stop] = 1 / layout.latency_histogram.width
        sums[layout.latency_sum.start] = 1.0
    if layout.score_columns:
        counts[layout.confidence.start : layout.confidence.stop] = 1 / len(positions.CONFIDENCE_BOUNDS)
        sums[layout.confidence_sum.start] = 1.0
    for field in (*layout.features, layout.prediction, layout.label, layout.score):
        _put(field, counts, sums)
    if layout.concept.width and layout.profile and layout.profile.concept:
        cells = layout.profile.concept.counts
        counts[layout.concept.start : layout.concept.stop] = (cells / max(cells.sum(), 1)).reshape(-1)
    return counts, sums


def _put(field: Field, counts: Floats, sums: Floats) -> None:
    if field.column is None or not field.column.counts.any():
        return
    if isinstance(field, NumericField):
        shares = _smoothed(field.column.counts)
        sums[field.sums.start : field.sums.stop] = shares[0::2]
    else:
        found = reference_counts(field)
        shares = found / found.sum()
    counts[field.span.start : field.span.start + len(shares)] = shares


def _smoothed(slots: NDArray[np.int64]) -> Floats:
    """Return the shares of slots, with room in the gaps for values that the reference does not have.

    I. J. Good, "The population frequencies of species and the estimation of population parameters", Biometrika 40
    (1953): the values that are there once make up the share of those that are not there at all.
    """
    rows, gaps = slots.sum(), (len(slots) + 1) // 2
    unseen = np.count_nonzero(slots[1::2] == 1) / rows
    shares: Floats = slots / rows * (1 - unseen)
    shares[0::2] += unseen / gaps
    return shares
