"""Labels find their predictions: in any order, early or late, doubled or corrected.

Both sides are kept for the horizon, and everything follows from pairs of a prediction and a label line of the
same request, so the order of arrival does not matter:

- a line belongs to a prediction when it is dated at most the horizon after it (a later one is an orphan);
- of a prediction's lines, the one with the latest time stamp counts (ties: the greatest value);
- the first line of a prediction is ``joined``; a line that brings a value the prediction did not have is
  ``corrected``; one that repeats a value is ``duplicate``; all lines of a failed request, or of one without a
  prediction, are ``unscored``; a line that finds no prediction until the horizon is an ``orphan``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter.blocks import BlockStore
from exporter.layout import CORRECTED, DUPLICATE, JOINED, ORPHAN, UNSCORED
from exporter.record import Codes, Flags, Floats, Hashes, Ints, Labels, Predictions, Rows, concatenate

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class KeptPredictions(Rows):
    """What is remembered of a prediction: enough to count its label, and to take that back."""

    time: Ints
    key: Hashes
    version: Codes
    scored: Flags
    predicted: Floats
    scores: Floats
    groups: Codes


@dataclass(frozen=True, slots=True, eq=False)
class KeptLabels(Rows):
    """A label line; ``matched`` once it has found a prediction or has been counted as an orphan."""

    time: Ints
    key: Hashes
    value: Floats
    matched: Flags


class Outcomes(NamedTuple):
    """What a batch of pairs means. ``outcome`` and ``delay`` (microseconds, -1 for none) are by line, with its version.

    ``gained`` predictions get the label ``gained_value``; ``lost`` ones give up ``lost_value``. ``first`` says which
    gains are a prediction's first label.
    """

    version: Codes
    outcome: Codes
    delay: Ints
    gained: KeptPredictions
    gained_value: Floats
    first: Flags
    lost: KeptPredictions
    lost_value: Floats


class LabelJoin:
    """The predictions and label lines within the horizon (microseconds)."""

    def __init__(self, horizon: int, score_columns: int, segment_fields: int) -> None:
        self.horizon = horizon
        self.predictions = BlockStore(_no_predictions(score_columns, segment_fields))
        self.labels = BlockStore(_NO_LABELS)

    def duplicates(self, rows: Predictions) -> Flags:
        """Say which rows (n,) repeat a request of the same version, in the batch or before it."""
        positions = np.flatnonzero(rows.has_key)
        order = positions[np.lexsort((positions, rows.version[positions], rows.key[positions]))]
        duplicate = np.zeros(len(rows), dtype=bool)
        same = (rows.key[order][1:] == rows.key[order][:-1]) & (rows.version[order][1:] == rows.version[order][:-1])
        duplicate[order[1:][same]] = True
        query, kept = self.predictions.find(rows.key[positions])
        duplicate[positions[query[kept.version == rows.version[positions[query]]]]] = True
        return duplicate

    def add_predictions(self, rows: Predictions, scored: Flags) -> Outcomes:
        """Remember predictions, and pair them with label lines that came before them."""
        keyed = rows.has_key
        kept = KeptPredictions(
            rows.time[keyed],
            rows.key[keyed],
            rows.version[keyed],
            scored[keyed],
            rows.predicted[keyed],
            rows.scores[keyed],
            rows.groups[keyed],
        )
        self.predictions.add(kept)
        query, lines = self.labels.find(kept.key)
        self._mark_matched(kept.key[query])
        return self._outcomes(kept, query, lines, np.ones(len(lines), dtype=bool))

    def add_labels(self, rows: Labels) -> Outcomes:
        """Remember label lines, and pair them with their predictions."""
        keys, which = np.unique(rows.key, return_inverse=True)
        found, predictions = self.predictions.find(keys)
        matched = np.zeros(len(keys), dtype=bool)
        matched[found] = True
        new = KeptLabels(rows.time, rows.key, rows.value, matched[which])
        old_query, old_lines = self.labels.find(predictions.key)
        new_prediction, new_line = _pairs(found, which, len(keys))
        self.labels.add(new)
        return self._outcomes(
            predictions,
            np.concatenate((old_query, new_prediction)),
            concatenate([old_lines, new.take(new_line)]),
            np.repeat([False, True], [len(old_query), len(new_line)]),
        )

    def expire(self, clock: int) -> int:
        """Forget what is older than the horizon at ``clock``; return the number of label lines found to be orphans."""
        limit = clock - self.horizon
        orphans = self._settle_unmatched(lambda rows: rows.time < limit)
        self.predictions.drop_before(limit)
        self.labels.drop_before(limit)
        return orphans

    def close(self, elsewhere: Hashes) -> int:
        """Count every line without a prediction as an orphan now, but those of the requests ``elsewhere``."""
        return self._settle_unmatched(lambda rows: ~np.isin(rows.key, elsewhere))

    def _settle_unmatched(self, which: Callable[[KeptLabels], Flags]) -> int:
        count = 0
        for block in list(self.labels):
            orphans = ~block.rows.matched & which(block.rows)
            if orphans.any():
                count += int(orphans.sum())
                self.labels.rewrite(block, replace(block.rows, matched=block.rows.matched | orphans))
        return count

    def _mark_matched(self, keys: Hashes) -> None:
        if not len(keys):
            return
        for block in list(self.labels):
            found = np.isin(block.keys, keys) & ~block.rows.matched
            if found.any():
                self.labels.rewrite(block, replace(block.rows, matched=block.rows.matched | found))

    def _outcomes(self, predictions: KeptPredictions, which: Positions, lines: KeptLabels, new: Flags) -> Outcomes:
        """Reckon what the ``new`` among some lines, each of prediction ``which``, change."""
        delay = lines.time - predictions.time[which]
        in_time = delay <= self.horizon
        scored = predictions.scored[which]
        outcome = np.where(in_time, np.where(scored, DUPLICATE, UNSCORED), ORPHAN).astype(np.int32)
        counted = np.flatnonzero(in_time & scored)
        pairs = _Pairs(which[counted], lines.take(counted), new[counted])
        outcome[counted[pairs.new_values()]] = CORRECTED
        outcome[counted[pairs.first_lines()]] = JOINED
        lost, gained, first = pairs.changes()
        return Outcomes(
            version=predictions.version[which][new],
            outcome=outcome[new],
            delay=np.where(in_time & scored, np.maximum(delay, 0), -1)[new],
            gained=predictions.take(pairs.prediction[gained]),
            gained_value=pairs.lines.value[gained],
            first=first,
            lost=predictions.take(pairs.prediction[lost]),
            lost_value=pairs.lines.value[lost],
        )


class _Pairs:
    """Label lines, each with the position of its ``prediction``, some of them ``new``."""

    def __init__(self, prediction: Positions, lines: KeptLabels, new: Flags) -> None:
        self.prediction = prediction
        self.lines = lines
        self.new = new
        had_old = np.zeros(int(prediction.max(initial=-1)) + 1, dtype=bool)
        had_old[prediction[~new]] = True
        self._had_old = had_old[prediction]

    def new_values(self) -> Positions:
        """Return the lines that bring a value which their prediction did not have."""
        order = np.lexsort((self.new, self.lines.value, self.prediction))
        prediction, value = self.prediction[order], self.lines.value[order]
        first = order[_starts((prediction[1:] != prediction[:-1]) | (value[1:] != value[:-1]), len(order))]
        return first[self.new[first]]

    def first_lines(self) -> Positions:
        """Return one line, of the least value, for each prediction that had none."""
        order = np.lexsort((self.lines.value, self.prediction))
        prediction = self.prediction[order]
        first = order[_starts(prediction[1:] != prediction[:-1], len(order))]
        return first[~self._had_old[first]]

    def changes(self) -> tuple[Positions, Positions, Flags]:
        """Return the lines that stop and that begin to count, and which of the latter take no other's place."""
        after = self._winners(np.arange(len(self.new)))
        before = self._winners(np.flatnonzero(~self.new))
        previous = np.full(int(self.prediction.max(initial=-1)) + 1, -1, np.intp)
        previous[self.prediction[before]] = before
        old = previous[self.prediction[after]]
        changed = (old < 0) | (self.lines.value[old] != self.lines.value[after])
        gained, lost = after[changed], old[changed]
        return lost[lost >= 0], gained, lost < 0

    def _winners(self, among: Positions) -> Positions:
        """Return the line that counts for each prediction: the latest, of equals the greatest value."""
        order = among[np.lexsort((self.lines.value[among], self.lines.time[among], self.prediction[among]))]
        prediction = self.prediction[order]
        return order[_starts(prediction[:-1] != prediction[1:], len(order), last=True)]


def _starts(changes: Flags, size: int, *, last: bool = False) -> Flags:
    """Mark the first (or ``last``) element of each run, given where neighbours differ."""
    edge = np.ones(min(size, 1), dtype=bool)
    return np.concatenate((changes, edge) if last else (edge, changes))


def _pairs(found: Positions, which: Positions, queries: int) -> tuple[Positions, Positions]:
    """Pair match i, of query ``found[i]``, with every line of that query (line j belongs to query ``which[j]``)."""
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(queries + 1))
    widths = bounds[found + 1] - bounds[found]
    match = np.repeat(np.arange(len(found)), widths)
    offsets = np.arange(len(match)) - np.repeat(np.cumsum(widths) - widths, widths)
    return match, order[bounds[found][match] + offsets]


def _no_predictions(score_columns: int, segment_fields: int) -> KeptPredictions:
    return KeptPredictions(
        time=np.empty(0, np.int64),
        key=np.empty(0, np.uint64),
        version=np.empty(0, np.int32),
        scored=np.empty(0, np.bool_),
        predicted=np.empty(0),
        scores=np.empty((0, score_columns)),
        groups=np.empty((0, segment_fields), np.int32),
    )


_NO_LABELS = KeptLabels(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0), np.empty(0, np.bool_))
