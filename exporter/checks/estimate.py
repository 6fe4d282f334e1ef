"""What a model will cost: series on the page, and memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from exporter.catalogue import MODEL
from exporter.checks.pane_estimate import bytes_at_most, bytes_at_pace
from exporter.configuration.schema import Configuration
from exporter.configuration.windows import Window
from exporter.counting.contributions import cells_per_group
from exporter.counting.layout import QUALITY_SUMS, Layout, NumericField
from exporter.counting.measures import ROWS_PER_CLASS
from exporter.counting.score_bins import BITS, EMPTY, ScoreTable
from exporter.counting.tally import Keys, Tally
from exporter.figures import COUNTERS, WINDOW_FIGURES, objectives, sequential
from exporter.figures.traffic import has_probabilities
from exporter.ledger.ledger import Totals
from exporter.ledger.slices import Slices
from exporter.ledger.window_view import PastCounts, WindowView
from exporter.objectives.budgets import Budgets
from exporter.objectives.events import Column, Events
from exporter.objectives.throughput import NO_VERSION
from exporter.pipeline import Pipeline
from exporter.sequential.cusum import LEARN, Cusum
from exporter.sequential.detector import EVERY, Detector, Watch
from exporter.sequential.residuals import STREAMS
from exporter.snapshot import Sample, snapshot_of

# A serving process without a model, and what pyarrow leaves behind in one that reads Parquet logs (references are
# profiled in another process); both measured on Linux with Python 3.11. What is in use lies with gaps between: the allocator takes so much more.
PROCESS_BYTES = 62 << 20
ARROW_BYTES = 120 << 20
# The part of SciPy that thresholds are computed with, which is loaded where there is a reference; measured alike.
SCIPY_BYTES = 27 << 20
WASTE = 1.1

# A moment that lies on every grid, and not at the beginning of a week, month or quarter.
_A_MIDNIGHT = 1_705_017_600_000_000  # 12 January 2024

# The text of a series on the page.
_SERIES_BYTES = 150
# A text of a dictionary, in the profile and in the tables that look it up.
_TEXT_BYTES = 300


class Memory(NamedTuple):
    """Bytes of one model: ``fixed`` ones, its panes, and the rows that it keeps for labels and windows of rows."""

    fixed: int
    panes: int
    rows: int

    @property
    def total(self) -> int:
        return round(WASTE * sum(self))


class Estimate(NamedTuple):
    """What a model will cost with one live version, its windows full, and the segments that the reference has.

    ``memory`` is that at ``pace`` rows a second, ``at_most`` under any traffic. Both are None where there is no pace.
    """

    model: str
    series: int
    limit: int
    pace: float | None
    memory: Memory | None
    at_most: Memory

    def __str__(self) -> str:
        text = f"{self.model}: about {self.series} series (limits.series: {self.limit}); "
        if self.memory is not None:
            text += f"about {_mebibytes(self.memory.total)} at {self.pace:.3g} rows a second, "
        return text + f"at most {_mebibytes(self.at_most.total)} under the heaviest traffic"


def estimate(pipeline: Pipeline, pace: float | None) -> Estimate:
    """Estimate series by asking the figures themselves what they say of a window in which everything was seen."""
    model, layout, timeline = pipeline.model, pipeline.layout, pipeline.ledger.timeline
    _remember_segments(layout)
    series = series_of(pipeline)
    fixed = _fixed_bytes(layout) + pipeline.ledger.panes.gaps.nbytes + series * _SERIES_BYTES
    newest = pipeline.ledger.count_windows.bytes_at_most if pipeline.ledger.count_windows else 0
    limit = model.limits.memory if model.labels else 0
    at_most = Memory(fixed, bytes_at_most(layout, timeline), limit + newest)
    memory = None
    if pace is not None:
        waiting = min(_join_bytes(layout, pace), limit)
        memory = Memory(fixed, min(bytes_at_pace(layout, timeline, pace), at_most.panes), waiting + newest)
    return Estimate(model.name, min(series, model.limits.series), model.limits.series, pace, memory, at_most)


def series_of(pipeline: Pipeline) -> int:
    """Return how many series the model has on the page, before any limit."""
    layout = pipeline.layout
    in_windows = sum(
        snapshot_of(sample for figures in WINDOW_FIGURES for sample in figures(_full_view(layout, window))).series
        for window in pipeline.model.windows
    )
    totals = _full_totals(layout)
    # A model whose log has no versions has counters without a row.
    others = [sample for sample in pipeline.samples(None) if not _is_of_version(sample)]
    counters = [sample for figures in COUNTERS for sample in figures(layout, "any", totals)]
    counters += objectives.counters(layout, "any", pipeline.ledger.objectives.nothing)
    budgets = objectives.budget_figures(layout, _full_budgets(layout), _A_MIDNIGHT)
    watched = sequential.figures(layout, _full_detector(layout))
    # Every window is shown for the version and for all versions together.
    return 2 * in_windows + snapshot_of([*counters, *others, *budgets, *watched]).series


def _is_of_version(sample: Sample) -> bool:
    return sample.metric.labels[:2] == MODEL and bool(sample.labels[1])


def sum_of(estimates: Sequence[Estimate], configuration: Configuration) -> str:
    """Say what the models cost together, with the process that serves them."""
    limit = configuration.limits.series
    series = min(sum(each.series for each in estimates), limit)
    text = f"all models: about {series} series (limits.series: {limit}); "
    process = PROCESS_BYTES + (ARROW_BYTES if _reads_parquet(configuration) else 0)
    if any(model.reference is not None for model in configuration.models.values()):
        process += SCIPY_BYTES
    if all(each.memory is not None for each in estimates):
        total = process + sum(each.memory.total for each in estimates if each.memory is not None)
        text += f"the process about {_mebibytes(total)}, "
    at_most = process + sum(each.at_most.total for each in estimates)
    text += f"at most {_mebibytes(at_most)}"
    return text


def _reads_parquet(configuration: Configuration) -> bool:
    models = configuration.models.values()
    logs = [log for model in models for log in (model.predictions, model.labels) if log is not None]
    return any(log.format == "parquet" for log in logs)


def _mebibytes(number: float) -> str:
    return f"{number / 2**20:.0f} MiB"


def _fixed_bytes(layout: Layout) -> int:
    """Return what a model takes before its first row, and the counters of one version."""
    fields = (*layout.features, layout.prediction, layout.label, layout.score)
    numeric = [field for field in fields if isinstance(field, NumericField)]
    columns = [field.column for field in numeric if field.column is not None]
    arrays = sum(array.nbytes for column in columns for array in (column.edges, column.counts, column.sums))
    cells = 0 if layout.is_regression else layout.classes.capacity**2
    texts = sum(len(dictionary.texts) for dictionary in layout.dictionaries.values())
    totals = 8 * (layout.size + cells)
    return arrays + sum(field.index.nbytes for field in numeric) + totals + texts * _TEXT_BYTES


def _join_bytes(layout: Layout, pace: float) -> int:
    """Return what predictions take for the horizon, and as many label lines for two; see docs/definitions.md."""
    if layout.model.labels is None:
        return 0
    prediction = 29 + 8 * layout.score_columns + 4 * len(layout.segments)
    return round(pace * layout.model.labels.horizon / 1e6 * (prediction + 2 * 24))


def _remember_segments(layout: Layout) -> None:
    for segment_by, segment in layout.profile.baselines if layout.profile else ():
        if segment_by in layout.segments:
            layout.segments[segment_by].code(segment)


def _full_budgets(layout: Layout) -> Budgets:
    """Return budgets in which each objective has an event in each window, of a version or, if it is about minutes, of none."""
    budgets = Budgets(layout.objectives, layout.model.windows)
    behind = {window.behind for shown in budgets.windows for window in shown} | {0}
    # Any code will do for the version: the layout has not given one to it yet.
    for place, objective in enumerate(layout.objectives):
        version = NO_VERSION if objective.slo.throughput else layout.versions.other
        moments = np.array([_A_MIDNIGHT - each - 1 for each in behind], np.int64)
        column = Column(np.ones(len(moments)), np.ones(len(moments)))
        budgets.add(Events(np.full(len(moments), version, np.int32), moments, {place: column}), _A_MIDNIGHT)
    return budgets


def _full_view(layout: Layout, window: Window) -> WindowView:
    cells = _known_cells(layout)
    counts = np.full(layout.size, max(layout.model.drift.min_rows, 1), np.int64)
    if layout.model.labels is None:
        counts[layout.label.span.start : layout.label.span.stop] = 0
    if not _has_scores(layout):
        counts[layout.score.span.start : layout.score.span.stop] = 0
    return WindowView(
        layout=layout,
        version="any",
        window=window.name,
        complete=True,
        counts=counts,
        sums=np.ones(layout.sums_size),
        # Of a single row some figures say nothing.
        cells=Tally(cells, np.full(len(cells), _rows_to_judge(layout))),
        quality=np.ones((layout.groups, QUALITY_SUMS)),
        scores=_known_scores(layout) if _has_scores(layout) else EMPTY,
        due=int(counts[layout.traffic.start]),
        slices=Slices(layout, []) if window in layout.model.judged_windows else None,
        pasts={
            past.name: PastCounts(counts, np.ones(layout.sums_size), counts[None])
            for past in layout.model.pasts(window)
        },
    )


def _has_scores(layout: Layout) -> bool:
    """Say whether to reckon with probabilities in the log: those of the reference tell, if there is one."""
    return has_probabilities(layout) if layout.profile else bool(layout.score_columns)


def _known_scores(layout: Layout) -> ScoreTable:
    """Return a score of each class and of the others in each group that is known beforehand."""
    rows = np.array(_known_groups(layout))[:, None] * layout.score_rows * 2 + np.arange(layout.score_rows * 2)
    return ScoreTable(Tally(rows.reshape(-1) << BITS, np.full(rows.size, _rows_to_judge(layout))))


def _rows_to_judge(layout: Layout) -> int:
    """Return so many rows that quality has bounds and thresholds if each class has them."""
    return max(layout.model.quality.min_rows, ROWS_PER_CLASS)


def _known_cells(layout: Layout) -> Keys:
    """Return the cells of the groups and classes that are known beforehand."""
    inside = np.arange(cells_per_group(layout))
    if not layout.is_regression:
        true, predicted = np.divmod(inside, layout.classes.capacity)
        inside = inside[(true < layout.classes.known) & (predicted < layout.classes.known)]
    return (np.array(_known_groups(layout))[:, None] * cells_per_group(layout) + inside).reshape(-1)


def _known_groups(layout: Layout) -> list[int]:
    groups, first = [0], 1
    for dictionary in layout.segments.values():
        groups += range(first, first + len(dictionary.texts))
        first += dictionary.capacity
    return groups


def _full_detector(layout: Layout) -> Detector:
    """Return one that has learnt what is usual, of a version and of all together."""
    detector = Detector(layout)
    for version in (EVERY, 0) if detector.limits else ():
        detector.watches[version] = Watch(rows=1, cusums=[Cusum(slices=LEARN) for _ in STREAMS])
    return detector


def _full_totals(layout: Layout) -> Totals:
    totals = Totals(layout)
    if not layout.endpoints.known:
        # One of a name that is not known yet.
        totals.counts[layout.endpoint_requests.start] = 1
    totals.counts[layout.confidence.start] = int(_has_scores(layout))
    return totals
