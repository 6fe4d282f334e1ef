"""What is taken out of a label record, and how it becomes rows."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np

from exporter.configuration.logs import LabelLog
from exporter.counting.layout import Layout
from exporter.decoders import leaf as leaves
from exporter.decoders.columns import CodeCache, as_class, floats, plausible, times
from exporter.decoders.identifiers import hashes
from exporter.decoders.leaf import Leaf
from exporter.decoders.prediction import output
from exporter.decoders.record_type import Columns
from exporter.decoders.typed import Column, taken
from exporter.rows.record import Floats, Ints, Labels, Refusals


class LabelGatherer:
    """Gathers labels; without a field for their time, a label's time is the moment of its reading.

    See ``PredictionGatherer`` for ``seed`` and ``skew``.
    """

    def __init__(self, layout: Layout, labels: LabelLog, seed: int, skew: int | None = None) -> None:
        self._layout = layout
        self._log = labels
        self._seed = seed
        self._skew = skew
        self._zone = ZoneInfo(labels.time_zone) if labels.time_zone else None
        self._classes = CodeCache(layout.classes)
        self._id = leaves.identifier("request_id", labels.fields.request_id, required=True)
        self._label = output("label", labels.fields.label, layout, required=True)
        self._time = (
            leaves.timestamp(labels.fields.timestamp, labels.time_format, self._zone)
            if labels.fields.timestamp
            else None
        )

    @property
    def leaves(self) -> Sequence[Leaf]:
        # Whichever lets less through comes first: a number may have the path of the id.
        return [leaf for leaf in (self._label, self._id, self._time) if leaf is not None]

    def gather(self, columns: Columns, count: int, now: int, refusals: Refusals) -> Labels:
        key, has_key = hashes(columns[self._id.path], self._seed)
        refusals.reject("missing_request_id", ~has_key)
        time, labels = self._times(columns, count, now)[has_key], columns[self._label.path]
        usable = has_key.copy()
        usable[has_key] = plausible(time, now, self._skew, refusals)
        if not usable.all():
            # Before a class of theirs takes a place among the classes.
            time, key, labels = time[usable[has_key]], key[usable], taken(labels, usable)
        return Labels(time, key, self._label_values(labels))

    def finish(self, rows: Labels, refusals: Refusals) -> Labels:
        bad_label = ~np.isfinite(rows.value)
        refusals.reject("bad_label", bad_label)
        return rows.take(~bad_label) if bad_label.any() else rows

    def _times(self, columns: Columns, count: int, now: int) -> Ints:
        if self._time is None:
            return np.full(count, now, np.int64)
        return times(columns[self._time.path], self._log.time_format, self._zone)

    def _label_values(self, values: Column) -> Floats:
        return floats(values) if self._layout.is_regression else as_class(self._classes.codes(values))
