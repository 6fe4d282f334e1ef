"""The labels of a log's rows, as far as they are known: joined by request id, corrections applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from exporter.capture.log_selection import Moments, RejectedError, Selection, column_of, name_in, number_of
from exporter.configuration.logs import LabelLog
from exporter.decoders import leaf as leaves
from exporter.decoders.leaf import Leaf, UnusableError
from exporter.reference.json_lines import Record

_Rank = tuple[int, float, str]


class LogLabels:
    """Takes label records and keeps, for each row of a selection, the one that counts.

    ``classes`` are the stated ones, if there are any: of two labels of one time the greater one counts, and classes are
    compared in their order.
    """

    def __init__(
        self, log: LabelLog, selection: Selection, classes: Sequence[str], *, is_regression: bool, latest: int
    ) -> None:
        fields = log.fields
        self._log = log
        self._times = selection.times
        self._classes = {text: float(place) for place, text in enumerate(classes)}
        self._is_regression = is_regression
        path = fields.label
        self._leaf: Leaf = leaves.number("label", path) if is_regression else leaves.category("label", path)
        self._textual = log.format == "csv"
        self._moments: Moments | None = None
        if fields.timestamp:
            self._moments = Moments(fields.timestamp, log.time_format, log.time_zone, latest, textual=self._textual)
        self._rows: dict[str, list[int]] = {}
        for row, name in enumerate(selection.ids):
            if name:
                self._rows.setdefault(name, []).append(row)
        self._best: dict[int, tuple[_Rank, Any]] = {}
        # Stands in for the time where lines have none: later ones correct earlier ones.
        self._lines = 0

    @property
    def values(self) -> list[Any]:
        """The label of each row (n,), None where none is known."""
        return [self._best[row][1] if row in self._best else None for row in range(len(self._times))]

    def take(self, records: Iterable[Record]) -> None:
        """Take note of label records; those of other requests and unusable ones are passed over."""
        for record in records:
            rows = self._rows.get(name_in(record, self._log.fields.request_id) or "")
            if rows:
                self._take(record, rows)

    def _take(self, record: Record, rows: Sequence[int]) -> None:
        value: Any = record.get(column_of(self._log.fields.label))
        is_spelt = self._textual and self._is_regression and isinstance(value, str)
        try:
            usable = None if value is None else self._leaf.coerce(number_of(value) if is_spelt else value)
            time = self._moments.of(record) if self._moments else None
        except (UnusableError, RejectedError):
            return
        if usable is None:
            return
        if time is None:
            self._lines += 1
        for row in rows:
            if time is None or abs(time - self._times[row]) <= self._log.horizon:
                rank = self._rank(self._lines if time is None else time, usable)
                self._best[row] = max(self._best.get(row, (rank, value)), (rank, value), key=_by_rank)

    def _rank(self, time: int, label: float | str) -> _Rank:
        if isinstance(label, str):
            return time, self._classes.get(label, float(len(self._classes))), label
        return time, label, ""


def _by_rank(ranked: tuple[_Rank, Any]) -> _Rank:
    return ranked[0]
