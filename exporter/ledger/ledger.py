"""Everything that is known of one model: its panes, its cumulative counters and its label join.

Rows come in, in any order; ``advance`` moves event time on. All of it is additive but the label join, which keeps
the rows of the horizon so that a correction can undo what it replaces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from exporter.configuration.schema import Model
from exporter.counting import contributions
from exporter.counting.content import Content, negated
from exporter.counting.contributions import Added, Labelled
from exporter.counting.drift_family import watched_residuals
from exporter.counting.gap_places import gaps_of
from exporter.counting.layout import DELAY_BOUNDS, REQUESTS, Layout
from exporter.counting.panes import PaneStore, Slot, slots_of
from exporter.counting.slotted_rows import SlottedRows
from exporter.counting.timeline import Level, Timeline
from exporter.label_join.join import LabelJoin
from exporter.ledger.count_windows import CountWindows
from exporter.ledger.exemplars import Exemplars
from exporter.ledger.history import History
from exporter.ledger.waiting_rows import WaitingRows
from exporter.objectives.objectives import Objectives
from exporter.rows.outcomes import Outcomes, Settled
from exporter.rows.record import Flags, Hashes, IdentifiedPredictions, Labels, Predictions
from exporter.sequential.detector import Detector

Counts = NDArray[np.int64]
Sums = NDArray[np.float64]


class Totals:
    """Counters of one model version since the beginning: they only grow."""

    def __init__(self, layout: Layout) -> None:
        self.counts: Counts = np.zeros(layout.size, np.int64)
        # Of values of features there are no counters: their sums come after these.
        self.sums: Sums = np.zeros(layout.delay_sum.stop)
        cells = 0 if layout.is_regression else layout.classes.capacity**2
        # Confusion cells of predictions that have settled.
        self.cells: Counts = np.zeros(cells, np.int64)
        self.newest = -(1 << 62)

    def add(self, content: Content) -> None:
        """Count what predictions add, but for their numbers."""
        self.counts[content.counts.keys] += content.counts.values
        # All of these sums have counters: those of features are not counted yet.
        self.sums[content.sums.keys] += content.sums.values


class Ledger:
    """The state of one model. Times are event times in microseconds."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.model: Model = layout.model
        self.timeline = timeline_of(self.model)
        self._panes = PaneStore(self.timeline, gaps_of(layout))
        self.join = _join_of(layout)
        self.count_windows = _count_windows_of(layout, self.join)
        self.objectives = Objectives(layout, self.join)
        self.detector = Detector(layout)
        self._totals: dict[int, Totals] = {}
        self._waiting = WaitingRows()
        self.exemplars = Exemplars(layout)
        self.history = History(self.model.version_ttl)
        # Rows under __other__ of versions that have been forgotten: what was counted stays counted.
        self.past_overflows: Counter[str] = Counter()
        self.now: int | None = None

    @property
    def panes(self) -> PaneStore:
        """What was counted in each slice of event time."""
        self.count_waiting()
        return self._panes

    @property
    def totals(self) -> dict[int, Totals]:
        """What was counted of each version."""
        self.count_waiting()
        return self._totals

    def duplicates(self, rows: Predictions) -> Flags:
        """Say which rows (n,) repeat a request; without labels there is nothing to tell them by."""
        return self.join.duplicates(rows) if self.join else np.zeros(len(rows), dtype=bool)

    def add_predictions(self, rows: Predictions, now: int) -> None:
        """Count prediction rows, with event time at ``now`` once they are in."""
        if not len(rows):
            return
        if isinstance(rows, IdentifiedPredictions):
            self.exemplars.observe(rows)
            rows = rows.anonymous()
        if self.count_windows:
            self.count_windows.rows.add(rows)
        for version in np.unique(rows.version).tolist():
            if version not in self._totals:
                self._totals[version] = Totals(self.layout)
            totals = self._totals[version]
            totals.newest = max(totals.newest, int(rows.time[rows.version == version].max()))
        self._waiting.add(rows, now)
        if self._waiting.are_enough:
            self.count_waiting()
        self.history.add(rows.time)
        scored = contributions.scored(rows)
        self.objectives.add_predictions(rows, scored, now)
        if self.join:
            self._apply(self.join.add_predictions(rows, scored), now)

    def add_labels(self, rows: Labels, now: int) -> None:
        """Count label lines."""
        if self.join and len(rows):
            self._apply(self.join.add_labels(rows), now)

    def count_waiting(self) -> None:
        """Count the rows that wait, in the panes in which they lie by now."""
        if not self._waiting:
            return
        now = self._waiting.now if self.now is None else max(self._waiting.now, self.now)
        rows = self._waiting.rows
        slots, which = slots_of(self.timeline, rows.version, rows.time, now)
        added = contributions.of_predictions(self.layout, rows, which, len(slots))
        # Not before: what an error leaves uncounted must still wait.
        self._waiting.clear()
        self._count_numbers(slots, added)
        for slot, (content, numbers) in zip(slots, added.by_pane(), strict=True):
            self._totals[slot.version].add(content)
            self._add(slot, content, numbers)

    def advance(self, now: int, clock: int) -> None:
        """Move event time to ``now``; predictions and labels dated before ``clock`` have all been read."""
        if self.now is None or now > self.now:
            self._panes.advance(now)
            self.now = now
        self.objectives.advance(self.now, clock, self.join.tick_of(clock) if self.join else None)
        if self.join:
            self._settle(self.join.advance(clock), self.now)
            self.detector.advance(self.join.settled_to)
        # Not by event time alone: of logs that are read in turn, one may be far ahead of the others.
        self.forget(min(now, clock))

    def forget(self, now: int) -> None:
        """Forget versions without a row for ``version_ttl`` before ``now``.

        Their predictions go as well: should the version come back, a label must not change panes that are gone.
        """
        for version in [code for code, totals in self._totals.items() if totals.newest < now - self.model.version_ttl]:
            self.panes.forget(version)
            self.objectives.forget(version)
            self.detector.forget(version)
            if self.join:
                self.join.forget(version)
            if self.count_windows:
                self.count_windows.rows.forget(version)
            self.exemplars.forget(self.layout.versions.text(version))
            self.past_overflows += self._overflows(version)
            del self._totals[version]
            self.layout.versions.release(version)

    def overflows(self) -> Counter[str]:
        """Return how many rows were counted under ``__other__``, by dimension: those with a limit, none left out."""
        rows = Counter(dict.fromkeys(self._overflow_places(), 0))
        rows.update(self.past_overflows)
        for version in self.totals:
            rows.update(self._overflows(version))
        return rows

    def _overflows(self, version: int) -> Counter[str]:
        counts, places = self.totals[version].counts, self._overflow_places()
        if version != self.layout.versions.other:
            places.pop("model_version", None)
        return Counter({name: int(counts[place]) for name, place in places.items() if counts[place]})

    def _overflow_places(self) -> dict[str, int]:
        """Return where rows of ``__other__`` are counted, by dimension; those of the version ``__other__`` all are."""
        layout, fields = self.layout, self.model.fields
        places = {f"feature {field.name}": field.span.start + field.dictionary.other for field in layout.categorical}
        if fields.endpoint is not None:
            places["endpoint"] = layout.endpoint_requests.start + layout.endpoints.other
        if not layout.is_regression:
            places["class"] = layout.prediction.span.start + layout.classes.other
        if fields.version is not None:
            places["model_version"] = layout.traffic.start + REQUESTS
        return places

    def close(self, elsewhere: Hashes) -> None:
        """Take the lines that are here for all there will be: those without a prediction are orphans now.

        ``elsewhere`` are keys of requests that exist but were left out.
        """
        if self.join:
            self.join.close(elsewhere)
        if self.now is not None:
            self.objectives.close(self.now)

    def settle_all(self) -> None:
        """Count every label in the counters as it stands: the last thing to do with a ledger."""
        if self.now is None:
            return  # before the first row
        if self.join:
            self._settle(self.join.settle_all(), self.now)
            self.detector.advance(self.join.settled_at(self.now))
        self.objectives.settle_all(self.now)

    @property
    def versions(self) -> list[int]:
        """The versions that are not forgotten."""
        return sorted(self._totals)

    def _count_numbers(self, slots: list[Slot], added: Added) -> None:
        """Count numbers in the counters, version by version: in the panes they wait to be counted."""
        versions = sorted({slot.version for slot in slots})
        which = np.searchsorted(versions, [slot.version for slot in slots])
        for version, numbers in zip(versions, added.numbers.apart(which[added.pane], len(versions)), strict=True):
            numbers.add_to(self._totals[version].counts)

    def _add(self, slot: Slot, content: Content, numbers: SlottedRows | None = None) -> None:
        """Add to a pane; rows older than all panes, or of a forgotten version, count in no window."""
        if slot.step >= 0 and slot.version in self._totals:
            self._panes.add(slot, content, numbers)

    def _apply(self, outcomes: Outcomes, now: int) -> None:
        self._count_outcomes(outcomes)
        self._add_labelled(
            Labelled(outcomes.gained, outcomes.gained_value, outcomes.first), now, lambda content: content
        )
        again = np.zeros(len(outcomes.lost), dtype=bool)
        self._add_labelled(Labelled(outcomes.lost, outcomes.lost_value, again), now, negated)
        self._settle(outcomes.settled, now)
        assert self.join is not None  # there are outcomes
        self._settle(self.join.evict(), now)

    def _count_outcomes(self, outcomes: Outcomes) -> None:
        for version in set(outcomes.version.tolist()) & self._totals.keys():
            mine = outcomes.version == version
            totals = self._totals[version]
            outcome = self.layout.outcomes
            totals.counts[outcome.start : outcome.stop] += np.bincount(outcomes.outcome[mine], minlength=outcome.width)
            delays = outcomes.delay[mine & (outcomes.delay >= 0)] / 1e6
            buckets = np.searchsorted(DELAY_BOUNDS, delays)
            delay = self.layout.delay
            totals.counts[delay.start : delay.stop] += np.bincount(buckets, minlength=delay.width)
            totals.sums[self.layout.delay_sum.start] += delays.sum()

    def _add_labelled(self, labelled: Labelled, now: int, change: Callable[[Content], Content]) -> None:
        if not len(labelled.value):
            return
        slots, which = slots_of(self.timeline, labelled.rows.version, labelled.rows.time, now)
        for slot, content in zip(slots, contributions.of_labels(self.layout, labelled, which, len(slots)), strict=True):
            self._add(slot, change(content))

    def _settle(self, settled: Settled, now: int) -> None:
        """Count labels of predictions for good."""
        if not len(settled.value):
            return
        self.objectives.add_settled(settled, now)
        self.detector.add(settled)
        if self.layout.is_regression:
            return  # Errors are in no counter.
        cells = contributions.overall_cells(self.layout, settled)
        for version in set(settled.rows.version.tolist()) & self._totals.keys():
            np.add.at(self._totals[version].cells, cells[settled.rows.version == version], 1)


def timeline_of(model: Model) -> Timeline:
    """The panes that a model's windows need."""
    past = [each for window in model.judged_windows for past in model.pasts(window) for each in past.windows]
    levels = [Level(window.reach, window.step) for window in (*model.windows, *past) if window.reach is not None]
    return Timeline(levels, endless=any(window.length is None and window.rows is None for window in model.windows))


def _join_of(layout: Layout) -> LabelJoin | None:
    model = layout.model
    if model.labels is None:
        return None
    return LabelJoin(
        model.labels.horizon,
        layout.score_columns,
        len(layout.segments),
        settle=model.labels.settle if _has_to_settle(layout) else None,
        limit=model.limits.memory,
        shared=model.labels.shared,
    )


def _has_to_settle(layout: Layout) -> bool:
    """Confusion cells have to settle, what an objective is about, and residuals that are watched."""
    is_judged = any(objective.slo.quality for objective in layout.objectives)
    return not layout.is_regression or is_judged or bool(watched_residuals(layout))


def _count_windows_of(layout: Layout, join: LabelJoin | None) -> CountWindows | None:
    most = max((window.rows for window in layout.model.windows if window.rows is not None), default=0)
    return CountWindows(layout, join, most) if most else None
