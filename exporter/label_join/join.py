"""Labels find their predictions: in any order, early or late, doubled or corrected.

Everything follows from pairs of a prediction and a label line of the same request, so the order of arrival does
not matter:

- a line belongs to a prediction when their times lie at most the horizon apart;
- of a prediction's lines, the one with the latest time stamp counts (ties: the greatest value);
- one line of a prediction is ``joined``; one that brings a value the prediction did not have is ``corrected``;
  one that repeats a value is ``duplicate``; all lines of a failed request, or of one without a prediction, are
  ``unscored``; a line that belongs to no prediction is an ``orphan``, counted when none can come any more;
- a request in two versions (a shadow) is two predictions, and a line may belong to both;
- of a shared log, and for predictions left out by `start_at`, such a line is a stray: somebody else's, and ignored;
- a prediction settles once, with the label that counted at its settle time, or else with its first label.

Orphans and settling follow a clock: everything dated before it has been read. The clock ticks on a grid, so that
neither depends on how the logs were cut into batches. Rows come behind the clock only where a log is out of order
beyond the allowed lateness; they are made up for as well as can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from exporter.counting.layout import UNSCORED
from exporter.label_join.blocks import order_of
from exporter.label_join.dated_blocks import DatedBlocks, time_to_free
from exporter.label_join.label_pairs import Pairs, Positions, distinct, pair_up, places_of
from exporter.label_join.repeated_requests import repeated
from exporter.rows.kept_rows import NO_LABELS, KeptLabels, KeptPredictions, kept_of, no_predictions
from exporter.rows.outcomes import Outcomes, Settled
from exporter.rows.record import Flags, Hashes, Labels, Predictions, concatenate

# The clock ticks so many times in a horizon.
_TICKS = 512
_SECOND = 1_000_000
# After an eviction so much of the limit is in use: it must not be due again with the next batch.
_ROOM = 0.75

_LONG_AGO, _FAR_AHEAD = -(1 << 61), 1 << 61


class LabelJoin:
    """The predictions and label lines that may still find each other.

    ``horizon`` and ``settle`` are in microseconds (``settle`` None: nothing has to settle); ``limit`` is in bytes
    (None: there is none). A ``shared`` log holds lines of predictions that others read.
    """

    def __init__(
        self,
        horizon: int,
        score_columns: int,
        segment_fields: int,
        *,
        settle: int | None,
        limit: int | None = None,
        shared: bool = False,
    ) -> None:
        self.horizon = horizon
        # Predictions of lines dated before it may have been left to others, or out: such lines are no orphans.
        self._orphans_from = _FAR_AHEAD if shared else _LONG_AGO
        self.limit = limit
        self._settle = settle
        self._tick = max(horizon // _TICKS, _SECOND)
        self._nothing = Settled(no_predictions(score_columns, segment_fields), np.empty(0), np.empty(0, np.int64))
        self.predictions = DatedBlocks(self._nothing.rows)
        self.labels = DatedBlocks(NO_LABELS)
        # Lines that had found no prediction when the clock passed them; early labels still may.
        self.waiting = DatedBlocks(NO_LABELS)
        self.orphans = 0
        # Lines without a prediction that are no orphans, until somebody counts them.
        self.strays = 0
        self.evicted = 0
        # Lines dated before `clock` were looked at, predictions before `settled_to` have settled if they had a
        # label, waiting lines before `expired_to` were orphans. Kept apart: settle and horizon can be reconfigured.
        self.clock = self.settled_to = self.expired_to = _LONG_AGO

    @property
    def nbytes(self) -> int:
        """What the kept rows take, in bytes."""
        return sum(len(store) * store.row_bytes for store in self.stores.values())

    @property
    def stores(self) -> Mapping[str, DatedBlocks[Any]]:
        """Everything that is kept, by what it is."""
        return {"predictions": self.predictions, "labels": self.labels, "waiting": self.waiting}

    def begin_at(self, start: int) -> None:
        """Take note that predictions dated before ``start`` are left out."""
        self._orphans_from = max(start + self.horizon, self._orphans_from)

    def take_strays(self) -> int:
        """Return how many lines turned out to belong to nobody here since the last time."""
        strays, self.strays = self.strays, 0
        return strays

    def duplicates(self, rows: Predictions) -> Flags:
        """Say which rows (n,) repeat a request of the same version within the horizon, in the batch or before it."""
        return repeated(rows, self.predictions, self.horizon)

    def add_predictions(self, rows: Predictions, scored: Flags) -> Outcomes:
        """Remember predictions, and pair them with label lines that came before them."""
        kept = kept_of(rows, scored)
        query, lines = self.labels.find(kept.key)
        has_lines = np.zeros(len(kept), dtype=bool)
        has_lines[query] = True
        self.predictions.add(kept, met=has_lines)
        return self._outcomes(kept, query, lines, np.ones(len(lines), dtype=bool))

    def add_labels(self, rows: Labels) -> Outcomes:
        """Remember label lines, and pair them with their predictions."""
        # In order from the start, since they are looked for, looked up and kept in this order.
        lines = KeptLabels(rows.time, rows.key, rows.value).take(order_of(rows.key))
        keys, bounds = distinct(lines.key)
        (found, predictions), met = self.predictions.meet(keys)
        prediction, line = pair_up(found, bounds)
        # Most predictions have no line yet, and need not be looked up: they were not met, by one that came before or after.
        again = np.flatnonzero(met)
        old_query, old_lines = self.labels.find(predictions.key[again])
        self.labels.add(lines)
        passed = lines.time < self.clock
        if passed.any():
            self._wait(lines.take(passed))
        return self._outcomes(
            predictions,
            np.concatenate((again[old_query], prediction)),
            concatenate([old_lines, lines.take(line)]),
            np.repeat([False, True], [len(old_query), len(line)]),
        )

    def advance(self, clock: int) -> Settled:
        """Forget what is too old at ``clock``, count orphans, and return what settles."""
        tick = self.tick_of(clock)
        if tick <= self.clock:
            return self._nothing
        passed = self.labels.between(self.clock, tick)
        settled = self._settle_until(tick, passed)
        self._wait(passed)
        self.clock = tick
        self._expire(tick - self.horizon)
        return settled

    def tick_of(self, clock: int) -> int:
        """Return where the clock stands once it is asked to advance: on its grid."""
        return clock // self._tick * self._tick

    def settled_at(self, clock: int) -> int:
        """Return the time up to which predictions have settled once the clock is asked to advance."""
        return self.tick_of(clock) - (self._settle or 0)

    def settle_all(self) -> Settled:
        """Return everything that has a label and has not settled yet, as it stands."""
        return self._settle_until(_FAR_AHEAD, self.labels.between(self.clock, _FAR_AHEAD))

    def forget(self, version: int) -> None:
        """Forget the predictions of a version; labels that come for them are orphans."""
        self.predictions.keep(lambda rows: rows.version != version)

    def close(self, elsewhere: Hashes) -> None:
        """Count every line that belongs to no prediction as an orphan now, but those of the requests ``elsewhere``."""
        for lines in (
            self.labels.between(self.clock, _FAR_AHEAD),
            self.waiting.between(self.expired_to, _FAR_AHEAD),
        ):
            self._give_up(lines.take(~np.isin(lines.key, elsewhere)))

    def evict(self) -> Settled:
        """Give up the oldest rows when all of them take more than the limit; return what has to settle therefore."""
        if self.limit is None or self.nbytes <= self.limit:
            return self._nothing
        time = time_to_free(list(self.stores.values()), self.nbytes - int(_ROOM * self.limit))
        going = self.predictions.between(_LONG_AGO, time + 1)
        settled = self._settled(going, _FAR_AHEAD)
        for lines in (
            self.labels.between(self.clock, time + 1),
            self.waiting.between(self.expired_to, time + 1),
        ):
            self._give_up(lines)
        self.evicted += len(going)
        self._forget_until(time)
        return settled

    def _forget_until(self, time: int) -> None:
        """Forget rows dated up to ``time``, and lines that thereby lose their prediction: counted, they are no orphans."""
        counted = iter([~self._without_partner(block.rows) for block in self.labels])
        self.predictions.keep(lambda rows: rows.time > time)

        def stays(lines: KeptLabels) -> Flags:
            # A line of a prediction that stays must stay as well: a correction has to find it.
            waits: Flags = (lines.time > time) & ~next(counted)
            return waits | ~self._without_partner(lines)

        self.labels.keep(stays)
        self.waiting.keep(lambda rows: rows.time > time)

    def _without_partner(self, lines: KeptLabels) -> Flags:
        """Say which lines (n,) belong to no prediction."""
        order = order_of(lines.key)
        keys, bounds = distinct(lines.key[order])
        found, predictions = self.predictions.find(keys)
        prediction, position = pair_up(found, bounds)
        line = order[position]
        near = np.abs(lines.time[line] - predictions.time[prediction]) <= self.horizon
        alone = np.ones(len(lines), dtype=bool)
        alone[line[near]] = False
        return alone

    def _wait(self, lines: KeptLabels) -> None:
        """Let lines without a prediction wait for one, or call them orphans where it is too late for that."""
        expired = lines.time < self.expired_to
        self._give_up(lines.take(expired))
        waiting = lines.take(~expired)
        self.waiting.add(waiting.take(self._without_partner(waiting)))

    def _give_up(self, lines: KeptLabels) -> None:
        """Count those lines that have no prediction: none comes any more."""
        times = lines.time[self._without_partner(lines)]
        orphans = int((times >= self._orphans_from).sum())
        self.orphans += orphans
        self.strays += len(times) - orphans

    def _expire(self, limit: int) -> None:
        self._give_up(self.waiting.between(self.expired_to, limit))
        self.expired_to = max(limit, self.expired_to)
        self.predictions.drop_before(limit)
        self.waiting.drop_before(limit)
        # A line may be a horizon older than its prediction, and is needed for as long as that can be corrected.
        self.labels.drop_before(limit - self.horizon)

    def _settle_until(self, tick: int, passed: KeptLabels) -> Settled:
        """Settle predictions whose time has come, and those that had no label then and that ``passed`` lines belong to."""
        if self._settle is None:
            return self._nothing
        limit = max(tick - self._settle, self.settled_to)
        late = self.predictions.find(np.unique(passed.key)).rows
        due = [self.predictions.between(self.settled_to, limit), late.take(late.time < self.settled_to)]
        settled = self._settled(concatenate(due), tick)
        self.settled_to = limit
        return settled

    def _settled(self, rows: KeptPredictions, until: int) -> Settled:
        """Settle those of some predictions that have lines dated before ``until`` and have not settled yet."""
        which, lines = self.labels.find(rows.key)
        near = np.flatnonzero(np.abs(lines.time - rows.time[which]) <= self.horizon)
        which, lines = which[near], lines.take(near)
        counted = (lines.time < self.clock) & (rows.time[which] < self.settled_to)
        return self._settle_pairs(rows, which, lines, counted, until)

    def _settle_pairs(
        self, rows: KeptPredictions, which: Positions, lines: KeptLabels, counted: Flags, until: int
    ) -> Settled:
        """Settle predictions with their lines dated before ``until``, but those of which a line was ``counted``."""
        if self._settle is None:
            return self._nothing
        done = ~rows.scored
        done[which[counted]] = True
        fresh = np.flatnonzero(~done[which] & (lines.time < until))
        which, lines = which[fresh], lines.take(fresh)
        pairs = Pairs(which, lines.time, lines.value, np.ones(len(which), dtype=bool))
        moments = rows.time[which] + self._settle
        chosen = pairs.settled(moments)
        return Settled(rows.take(which[chosen]), lines.value[chosen], np.maximum(moments, lines.time)[chosen])

    def _outcomes(self, predictions: KeptPredictions, which: Positions, lines: KeptLabels, new: Flags) -> Outcomes:
        """Reckon what the ``new`` among some lines, each of prediction ``which``, change."""
        near = places_of(np.abs(lines.time - predictions.time[which]) <= self.horizon)
        which, lines, new = which[near], lines.take(near), new[near]
        scored = predictions.scored[which]
        counted = places_of(scored)
        pairs = Pairs(which[counted], lines.time[counted], lines.value[counted], new[counted])
        outcome = np.full(len(which), UNSCORED, np.int32)
        outcome[counted] = pairs.outcomes()
        delay = np.where(scored, np.maximum(lines.time - predictions.time[which], 0), -1)
        lost, gained, first = pairs.changes()
        told = places_of(new)
        return Outcomes(
            version=predictions.version[which[told]],
            outcome=outcome[told],
            delay=delay[told],
            gained=predictions.take(pairs.prediction[gained]),
            gained_value=pairs.value[gained],
            first=first,
            lost=predictions.take(pairs.prediction[lost]),
            lost_value=pairs.value[lost],
            settled=self._settle_stragglers(predictions, which, lines, new),
        )

    def _settle_stragglers(
        self, predictions: KeptPredictions, which: Positions, lines: KeptLabels, new: Flags
    ) -> Settled:
        """Settle what would have settled at an earlier tick, had its new lines or itself been there."""
        missed = np.flatnonzero((predictions.time[which] < self.settled_to) & (lines.time < self.clock))
        which, lines, new = which[missed], lines.take(missed), new[missed]
        return self._settle_pairs(predictions, which, lines, ~new, self.clock)
