"""What each row adds to the vectors of a layout.

Rows become pairs of a row and a key (and a value, for sums), column by column; one sort then gathers the pairs
of all columns into a sparse content for each pane. Only the numbers of predictions are not counted yet: most of them
would be entries of their own; see ``exporter.counting.slotted_rows``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exporter.counting import layout as positions
from exporter.counting import quality_sums
from exporter.counting.concept_cells import concept_cells
from exporter.counting.content import Content, add_contents
from exporter.counting.key_lists import CountList, Indices, Keys, Some, SumList
from exporter.counting.layout import CONFIDENCE_BOUNDS, CategoricalField, Field, Layout, NumericField
from exporter.counting.quality_sums import QualitySums
from exporter.counting.score_bins import BITS, ScoreTable, bin_of
from exporter.counting.slotted_rows import Fields, SlottedRows, slotted
from exporter.rows.kept_rows import KeptPredictions
from exporter.rows.outcomes import Settled
from exporter.rows.record import INVALID, MISSING, Flags, Floats, Predictions
from exporter.statistics import log_buckets, regression
from exporter.statistics.ladder import Ladder

# Milliseconds times 0.001 are not always the float that is nearest to the seconds.
_ROUNDING = 1e-12

_CONFIDENCE = Ladder(np.array(CONFIDENCE_BOUNDS))


class Added(NamedTuple):
    """What some rows add to each of several panes: ``contents`` but for the ``numbers`` (n,), which are not counted yet.

    ``pane`` (n,) says where these belong.
    """

    contents: list[Content]
    numbers: SlottedRows
    pane: Indices

    def by_pane(self) -> Iterator[tuple[Content, SlottedRows]]:
        """Yield what belongs to each pane."""
        yield from zip(self.contents, self.numbers.apart(self.pane, len(self.contents)), strict=True)

    @property
    def counted(self) -> list[Content]:
        """All of it, counted."""
        return [add_contents([content, numbers.content()]) for content, numbers in self.by_pane()]


def of_predictions(layout: Layout, rows: Predictions, pane: Indices, panes: int) -> Added:
    """Return what prediction rows (n,) add to each of ``panes``, given the pane (n,) of each row."""
    counts, sums = CountList(), SumList()
    succeeded = rows.status < 400
    everything = None if succeeded.all() else np.flatnonzero(succeeded)
    _count_traffic(layout, rows, everything, counts, sums)
    good = rows if everything is None else rows.take(everything)
    for i, feature in enumerate(layout.categorical):
        _count_codes(feature, good.categorical[:, i], everything, counts)
    if isinstance(layout.prediction, CategoricalField):
        _count_classes(layout.prediction, good.predicted, everything, counts)
    if good.scores.shape[1]:
        _count_confidence(layout, good, everything, counts, sums)
    contents = [
        Content(counts=counted, sums=summed)
        for counted, summed in zip(
            counts.by_pane(pane, panes, layout.size),
            sums.by_pane(pane, panes, layout.sums_size),
            strict=True,
        )
    ]
    return Added(contents, slotted(*_columns(layout, good)), pane if everything is None else pane[everything])


def _columns(layout: Layout, rows: Predictions) -> tuple[Fields, Floats]:
    """Return the numeric columns of rows: features, and the predicted value or the score; and a copy of what stands there (f, n)."""
    fields, columns = layout.numeric, [rows.numeric.T]
    if isinstance(layout.prediction, NumericField):
        fields, columns = (*fields, layout.prediction), [*columns, rows.predicted[np.newaxis]]
    if layout.model.task == "binary" and rows.scores.shape[1]:
        fields, columns = (*fields, layout.score), [*columns, rows.scores[:, :1].T]
    return fields, np.concatenate(columns)


def scored(rows: Predictions) -> Flags:
    """Say which rows can be compared with a label: those that succeeded with a prediction."""
    return (rows.status < 400) & np.isfinite(rows.predicted)


def _count_traffic(layout: Layout, rows: Predictions, succeeded: Some, counts: CountList, sums: SumList) -> None:
    start = layout.traffic.start
    counts.add(None, start + positions.REQUESTS)
    counts.add(succeeded, start + positions.SUCCESSFUL)
    counts.add(_where(scored(rows)), start + positions.SCORED)
    if succeeded is not None:
        counts.add(np.flatnonzero((rows.status >= 400) & (rows.status < 500)), start + positions.CLIENT_ERRORS)
        counts.add(np.flatnonzero(rows.status >= 500), start + positions.SERVER_ERRORS)
    counts.add(None, layout.endpoint_requests.start + rows.endpoint)
    timed = _where(~np.isnan(rows.latency))
    seconds = rows.latency if timed is None else rows.latency[timed]
    counts.add(timed, layout.latency.start + log_buckets.bucket_of(seconds))
    counts.add(timed, layout.latency_histogram.start + latency_bucket(layout, seconds))
    sums.add(timed, layout.latency_sum.start, seconds)


def _where(flags: Flags) -> Some:
    """Return which rows have a flag; None stands for all of them."""
    return None if flags.all() else np.flatnonzero(flags)


def latency_bucket(layout: Layout, seconds: Floats) -> Indices:
    """Return the bucket (n,) of the latency histogram that each duration falls into."""
    return _ladder(layout.latency_bounds).below(seconds)


@lru_cache
def _ladder(latency_bounds: tuple[float, ...]) -> Ladder:
    return Ladder(inclusive(latency_bounds))


def inclusive(limits: ArrayLike) -> Floats:
    """Return limits of latency that hold what equals them, also when it was reckoned from another unit."""
    inclusive: Floats = np.asarray(limits, np.float64) * (1 + _ROUNDING)
    return inclusive


def _count_numbers(field: NumericField, values: Floats, rows: Indices, counts: CountList, sums: SumList) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        counts.add(rows[np.isnan(values)], field.missing)
        counts.add(rows[np.isinf(values)], field.invalid)
        values, rows = values[finite], rows[finite]
    slots = field.index.slots(values)
    counts.add(rows, field.span.start + slots)
    between = slots % 2 == 0
    sums.add(rows[between], field.sums.start + slots[between] // 2, values[between])


def _count_codes(field: CategoricalField, codes: NDArray[np.integer[Any]], rows: Some, counts: CountList) -> None:
    keys = field.span.start + codes
    if (codes < 0).any():
        keys[codes == MISSING] = field.missing
        keys[codes == INVALID] = field.invalid
    counts.add(rows, keys)


def _count_output(field: Field, values: Floats, rows: Indices, counts: CountList, sums: SumList) -> None:
    """Count labels: numbers, or classes carried as floats."""
    if isinstance(field, NumericField):
        _count_numbers(field, values, rows, counts, sums)
    else:
        _count_classes(field, values, rows, counts)


def _count_classes(field: CategoricalField, values: Floats, rows: Some, counts: CountList) -> None:
    codes = np.full(len(values), MISSING, np.int64)
    finite = np.isfinite(values)
    codes[finite] = values[finite].astype(np.int64)
    codes[np.isinf(values)] = INVALID
    _count_codes(field, codes, rows, counts)


def confidence(layout: Layout, predicted: Floats, scores: Floats) -> Floats:
    """Return the probability (n,) that was given to the predicted class; NaN where that cannot be said."""
    values = np.full(len(predicted), np.nan)
    if layout.model.task == "binary":
        known = np.isfinite(predicted)
        values[known] = np.where(predicted[known] == layout.positive, scores[known, 0], 1.0 - scores[known, 0])
        return values
    known = np.isfinite(predicted) & (np.nan_to_num(predicted, posinf=0.0) < scores.shape[1])
    values[known] = scores[known, predicted[known].astype(np.intp)]
    return values


def _count_confidence(layout: Layout, rows: Predictions, everything: Some, counts: CountList, sums: SumList) -> None:
    values = confidence(layout, rows.predicted, rows.scores)
    there = _where(~np.isnan(values))
    if there is not None:
        values, everything = values[there], there if everything is None else everything[there]
    counts.add(everything, layout.confidence.start + _CONFIDENCE.below(values))
    sums.add(everything, layout.confidence_sum.start, values)
    low = np.flatnonzero(values < layout.model.low_confidence)
    counts.add(low if everything is None else everything[low], layout.traffic.start + positions.LOW_CONFIDENCE)


class Labelled(NamedTuple):
    """Predictions with a label ``value`` each; ``first`` says which have none counted yet."""

    rows: KeptPredictions
    value: Floats
    first: Flags


def of_labels(layout: Layout, labelled: Labelled, pane: Indices, panes: int) -> list[Content]:
    """Return what labelled predictions (n,) add to each of ``panes``."""
    counts, sums, cells, scores = CountList(), SumList(), CountList(), CountList()
    everything = np.arange(len(labelled.value))
    counts.add(np.flatnonzero(labelled.first), layout.traffic.start + positions.LABELLED)
    _count_output(layout.label, labelled.value, everything, counts, sums)
    counts.add(*concept_cells(layout, labelled.rows, labelled.value))
    terms, known = quality_sums.terms(layout, labelled.rows.predicted, labelled.value, labelled.rows.scores)
    quality = QualitySums(layout.groups, terms)
    for groups in _groups(labelled.rows):
        kept = np.flatnonzero(groups >= 0)
        group = groups[kept].astype(np.int64)
        _count_cells(layout, labelled, kept, group, cells)
        _count_scores(layout, labelled, kept, group, scores)
        quality.add(kept[known[kept]], group[known[kept]])
    sizes = (
        layout.size,
        layout.sums_size,
        cell_count(layout),
        score_groups(layout) << BITS,
    )
    return [
        Content(counted, summed, in_cells, errors, ScoreTable(in_bins))
        for counted, summed, in_cells, errors, in_bins in zip(
            counts.by_pane(pane, panes, sizes[0]),
            sums.by_pane(pane, panes, sizes[1]),
            cells.by_pane(pane, panes, sizes[2]),
            quality.by_pane(pane, panes),
            scores.by_pane(pane, panes, sizes[3]),
            strict=True,
        )
    ]


def cells_per_group(layout: Layout) -> int:
    """How many cells a group has: a confusion matrix, or for regression the rows and the rows with a label other than 0."""
    return 2 if layout.is_regression else layout.classes.capacity**2


def cell_count(layout: Layout) -> int:
    return layout.groups * cells_per_group(layout)


def score_groups(layout: Layout) -> int:
    """How many rows a score table has: for each group and kind of score, those of a miss and of a hit.

    A hit is a row of the class whose score it is; the last kind of several is the predicted class's.
    """
    return layout.groups * layout.score_rows * 2


def overall_cells(layout: Layout, labelled: Labelled | Settled) -> Keys:
    """Return the confusion cell (n,) of each row in the overall group."""
    return labelled.value.astype(np.int64) * layout.classes.capacity + labelled.rows.predicted.astype(np.int64)


def _groups(rows: KeptPredictions) -> Iterator[NDArray[np.int32]]:
    yield np.zeros(len(rows), np.int32)
    for column in range(rows.groups.shape[1]):
        yield rows.groups[:, column]


def _count_cells(layout: Layout, labelled: Labelled, kept: Indices, group: Keys, cells: CountList) -> None:
    if layout.is_regression:
        relative = regression.has_relative(labelled.rows.predicted[kept], labelled.value[kept])
        cells.add(kept, group * 2)
        cells.add(kept[relative], group[relative] * 2 + 1)
        return
    cells.add(kept, group * cells_per_group(layout) + overall_cells(layout, labelled)[kept])


def _count_scores(layout: Layout, labelled: Labelled, kept: Indices, group: Keys, scores: CountList) -> None:
    table = labelled.rows.scores
    if not table.shape[1]:
        return
    there = kept[~np.isnan(table[kept, 0])]
    group = group[~np.isnan(table[kept, 0])]
    for column in range(table.shape[1]):
        is_class = labelled.value[there] == (layout.positive if layout.model.task == "binary" else column)
        row = (group * layout.score_rows + column) * 2 + is_class
        scores.add(there, (row << BITS) | bin_of(table[there, column]))
    if layout.score_rows > table.shape[1]:
        _count_predicted_scores(layout, labelled, there, group, scores)


def _count_predicted_scores(layout: Layout, labelled: Labelled, there: Indices, group: Keys, scores: CountList) -> None:
    """Count the scores of the predicted classes, and whether these were right: what calibration is about."""
    predicted = labelled.rows.predicted[there]
    given = confidence(layout, predicted, labelled.rows.scores[there])
    said = ~np.isnan(given)
    row = (group * layout.score_rows + layout.score_classes) * 2 + (predicted == labelled.value[there])
    scores.add(there[said], (row[said] << BITS) | bin_of(given[said]))
