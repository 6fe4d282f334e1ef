"""Everything that is known of one model: its panes, its cumulative counters and its label join.

Rows come in, in any order; ``advance`` moves event time on. All of it is additive but the label join, which keeps
the rows of the horizon so that a correction can undo what it replaces.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from exporter import contributions
from exporter.configuration.schema import Model
from exporter.contributions import Labelled
from exporter.join import LabelJoin, Outcomes
from exporter.layout import DELAY_BOUNDS, ORPHAN, Layout
from exporter.panes import Content, Pane, PaneStore, Slot
from exporter.record import Flags, Hashes, Ints, Labels, Predictions
from exporter.score_bins import ScoreTable
from exporter.tally import negate
from exporter.timeline import Level, Timeline

Counts = NDArray[np.int64]
Sums = NDArray[np.float64]

# The label join looks for what has expired this many times in a horizon.
_EXPIRIES = 64

_SECOND = 1_000_000
_VERSIONS = 1 << 16


class Totals:
    """Counters of one model version since the beginning: they only grow."""

    def __init__(self, layout: Layout) -> None:
        self.counts: Counts = np.zeros(layout.size, np.int64)
        self.sums: Sums = np.zeros(layout.sums_size)
        cells = 0 if layout.is_regression else layout.classes.capacity**2
        # Confusion cells of labels that have settled.
        self.cells: Counts = np.zeros(cells, np.int64)
        self.newest = -(1 << 62)


class Ledger:
    """The state of one model. Times are event times in microseconds."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.model: Model = layout.model
        labels = self.model.labels
        self._settle_after = labels.settle if labels else 0
        self.timeline = timeline_of(self.model)
        self.panes = PaneStore(self.timeline, self._settle)
        self.join = LabelJoin(labels.horizon, layout.score_columns, len(layout.segments)) if labels else None
        self.totals: dict[int, Totals] = {}
        self.orphans = 0
        self.first_event: int | None = None
        self.now: int | None = None
        self.expired_at: int | None = None

    def duplicates(self, rows: Predictions) -> Flags:
        """Say which rows (n,) repeat a request; without labels there is nothing to tell them by."""
        return self.join.duplicates(rows) if self.join else np.zeros(len(rows), dtype=bool)

    def add_predictions(self, rows: Predictions, now: int) -> None:
        """Count prediction rows, with event time at ``now`` once they are in."""
        if not len(rows):
            return
        slots, which = self._slots(rows.version, rows.time, now)
        for slot, content in zip(
            slots, contributions.of_predictions(self.layout, rows, which, len(slots)), strict=True
        ):
            totals = self._totals(slot.version)
            totals.counts[content.counts.keys] += content.counts.values
            totals.sums[content.sums.keys] += content.sums.values
            self._add(slot, content)
        for version in np.unique(rows.version):
            totals = self._totals(int(version))
            totals.newest = max(totals.newest, int(rows.time[rows.version == version].max()))
        first = int(rows.time.min())
        self.first_event = first if self.first_event is None else min(first, self.first_event)
        if self.join:
            self._apply(self.join.add_predictions(rows, contributions.scored(rows)), now)

    def add_labels(self, rows: Labels, now: int) -> None:
        """Count label lines."""
        if self.join and len(rows):
            self._apply(self.join.add_labels(rows), now)

    def advance(self, now: int, clock: int) -> None:
        """Move event time to ``now``; labels dated before ``clock`` have all been read."""
        if self.now is None or now > self.now:
            self.panes.advance(now)
            self.now = now
        if self.join:
            self._settle_until(clock - self._settle_after)
            self._expire(clock)
        for version in [
            version for version, totals in self.totals.items() if totals.newest < now - self.model.version_ttl
        ]:
            self.panes.forget(version)
            del self.totals[version]

    def close(self, elsewhere: Hashes) -> None:
        """Take the lines that are here for all there will be: those without a prediction are orphans now.

        ``elsewhere`` are keys of requests that exist but were left out.
        """
        if self.join:
            self.orphans += self.join.close(elsewhere)

    def settle_all(self) -> None:
        """Count every label in the counters as it stands."""
        for slot, pane in list(self.panes.items()):
            if not pane.settled:
                self.panes.settle(slot)

    @property
    def versions(self) -> list[int]:
        """The versions that have a row in any pane."""
        return sorted({slot.version for slot, _ in self.panes.items()})

    def _totals(self, version: int) -> Totals:
        if version not in self.totals:
            self.totals[version] = Totals(self.layout)
        return self.totals[version]

    def _slots(self, versions: NDArray[np.int32], times: Ints, now: int) -> tuple[list[Slot], NDArray[np.intp]]:
        """Return the distinct panes of some rows, and which of them each row (n,) belongs to."""
        starts, steps = self.timeline.panes(times, now)
        # Steps are whole seconds, so a pane is told by its second and its version.
        names = starts // _SECOND * _VERSIONS + versions
        _, first, which = np.unique(names, return_index=True, return_inverse=True)
        slots = zip(versions[first].tolist(), starts[first].tolist(), steps[first].tolist(), strict=True)
        return [Slot(*slot) for slot in slots], which

    def _add(self, slot: Slot, content: Content) -> Pane | None:
        """Add to a pane; rows older than all panes count in the totals only."""
        return self.panes.add(slot, content) if slot.step >= 0 else None

    def _apply(self, outcomes: Outcomes, now: int) -> None:
        self._count_outcomes(outcomes)
        gained = Labelled(outcomes.gained, outcomes.gained_value, outcomes.first)
        self._add_labelled(gained, now, lambda content: content)
        self._add_labelled(
            Labelled(outcomes.lost, outcomes.lost_value, np.zeros(len(outcomes.lost), dtype=bool)), now, _undone
        )
        self._settle_at_once(gained, now)

    def _count_outcomes(self, outcomes: Outcomes) -> None:
        orphan = outcomes.outcome == ORPHAN
        self.orphans += int(orphan.sum())
        for version in np.unique(outcomes.version[~orphan]):
            mine = ~orphan & (outcomes.version == version)
            totals = self._totals(int(version))
            np.add.at(totals.counts, self.layout.outcomes.start + outcomes.outcome[mine], 1)
            delays = outcomes.delay[mine & (outcomes.delay >= 0)] / 1e6
            np.add.at(totals.counts, self.layout.delay.start + np.searchsorted(DELAY_BOUNDS, delays), 1)
            totals.sums[self.layout.delay_sum.start] += delays.sum()

    def _add_labelled(self, labelled: Labelled, now: int, change: Callable[[Content], Content]) -> None:
        if not len(labelled.value):
            return
        slots, which = self._slots(labelled.rows.version, labelled.rows.time, now)
        for slot, content in zip(slots, contributions.of_labels(self.layout, labelled, which, len(slots)), strict=True):
            self._add(slot, change(content))

    def _settle_at_once(self, labelled: Labelled, now: int) -> None:
        """First labels of panes that have settled already go straight to the counters."""
        if self.layout.is_regression or not labelled.first.any():
            return
        slots, which = self._slots(labelled.rows.version, labelled.rows.time, now)
        panes = dict(self.panes.items())
        settled = np.array([slot.step < 0 or panes[slot].settled for slot in slots], dtype=bool)
        chosen = labelled.first & settled[which]
        cells = contributions.overall_cells(self.layout, labelled)
        for version in np.unique(labelled.rows.version[chosen]):
            np.add.at(self._totals(int(version)).cells, cells[chosen & (labelled.rows.version == version)], 1)

    def _settle(self, slot: Slot, pane: Pane) -> None:
        if not self.layout.is_regression:
            cells = pane.content.cells.between(0, contributions.cells_per_group(self.layout))
            self._totals(slot.version).cells[cells.keys] += cells.values

    def _settle_until(self, time: int) -> None:
        due = [slot for slot, pane in self.panes.items() if not pane.settled and slot.start + slot.step <= time]
        for slot in due:
            self.panes.settle(slot)

    def _expire(self, clock: int) -> None:
        if self.join is None:
            return
        tick = clock // max(self.join.horizon // _EXPIRIES, 1) * max(self.join.horizon // _EXPIRIES, 1)
        if self.expired_at is None or tick > self.expired_at:
            self.orphans += self.join.expire(tick)
            self.expired_at = tick


def timeline_of(model: Model) -> Timeline:
    """The panes that a model's windows and label settling need."""
    levels = [Level(window.length, window.step) for window in model.windows if window.length is not None]
    endless = any(window.length is None for window in model.windows)
    return Timeline(levels, keep=model.labels.settle if model.labels else 0, endless=endless)


def _undone(content: Content) -> Content:
    return Content(
        negate(content.counts),
        negate(content.sums),
        negate(content.cells),
        negate(content.quality),
        ScoreTable(negate(content.scores.counts), content.scores.level),
    )
