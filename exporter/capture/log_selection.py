"""Which records of a prediction log become rows of a reference: those that would count, in a span of event time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from exporter.configuration.schema import Model
from exporter.decoders import leaf as leaves
from exporter.decoders.columns import times
from exporter.decoders.leaf import UnusableError
from exporter.decoders.prediction import UNKNOWN_VERSION
from exporter.decoders.typed import BAD_TIME
from exporter.reference.json_lines import Record
from exporter.rows.category import text_of

Path = tuple[str, ...]
_FAILED = 400


class RejectedError(Exception):
    """A record is of no use; its argument is the reason."""


@dataclass(frozen=True, slots=True)
class Span:
    """Event time [start, end) in microseconds; ``start`` None is the first record, ``end`` None ``length`` later."""

    start: int | None
    end: int | None
    length: int

    def bounds(self, first: int) -> tuple[int, int]:
        """Return the span's start and end in a log whose ``first`` record is of that time."""
        start = first if self.start is None else self.start
        return start, start + self.length if self.end is None else self.end


class Moments:
    """Reads the time stamps of a log; those after ``latest`` (microseconds) are not plausible.

    ``textual`` says that the log, as CSV, can hold texts only, so that a number is spelt as one.
    """

    def __init__(self, path: Path, time_format: str, zone: str | None, latest: int, *, textual: bool) -> None:
        self.name = column_of(path)
        self._format = time_format
        self._zone = ZoneInfo(zone) if zone else None
        self._leaf = leaves.timestamp(path, time_format, self._zone)
        self._typed = leaves.timestamp(path, "rfc3339", self._zone)
        self._latest = latest
        self._textual = textual

    def of(self, record: Record) -> int:
        """Return microseconds since the epoch. Raises ``RejectedError``."""
        value = record.get(self.name)
        if value is None:
            raise RejectedError("missing_timestamp")
        # A typed column says by itself what it means.
        is_typed = isinstance(value, datetime)
        leaf, time_format = (self._typed, "rfc3339") if is_typed else (self._leaf, self._format)
        if self._textual and isinstance(value, str) and time_format != "rfc3339":
            value = number_of(value)
        try:
            moment = int(times([leaf.coerce(value)], time_format, self._zone)[0])
        except UnusableError:
            raise RejectedError("bad_timestamp") from None
        if moment == BAD_TIME:
            raise RejectedError("bad_timestamp")
        if moment > self._latest:
            raise RejectedError("future")
        return moment


class Selection:
    """Decides record by record, and keeps the books.

    While the log is read, its first record may still be to come; so more is taken than the span holds, and
    ``inside`` says in the end what of it to keep. ``times``, ``ids`` and ``versions`` are of the records taken.
    """

    def __init__(self, model: Model, span: Span, version: str | None, now: int) -> None:
        fields = model.fields
        self._model = model
        self._span = span
        self._version = version
        self._textual = model.predictions.format == "csv"
        latest = now + model.max_future_skew
        self._moments = Moments(fields.timestamp, model.time_format, model.time_zone, latest, textual=self._textual)
        self._status = leaves.status(fields.status) if fields.status else None
        self._seen: dict[tuple[str, str], int] = {}
        self.rejected: Counter[str] = Counter()
        self.read = 0
        # Of the version that is wanted, and of the model.
        self.first: int | None = None
        self.oldest: int | None = None
        self.newest: int | None = None
        self.times: list[int] = []
        self.ids: list[str | None] = []
        self.versions: list[str] = []

    @property
    def columns(self) -> set[str]:
        """The columns that are looked at."""
        fields = self._model.fields
        paths = (fields.timestamp, fields.status, fields.model, fields.version, fields.request_id)
        return {column_of(path) for path in paths if path}

    @property
    def bounds(self) -> tuple[int, int]:
        """The span, given what has been read. There must have been a record."""
        assert self.first is not None
        return self._span.bounds(self.first)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which of the records taken (n,) lie in the span."""
        start, end = self.bounds if self.first is not None else (0, 0)
        return np.array([start <= time < end for time in self.times], dtype=bool)

    def takes(self, record: Record) -> bool:
        """Say whether a record is wanted."""
        self.read += 1
        try:
            return self._takes(record)
        except RejectedError as error:
            self.rejected[str(error)] += 1
            return False

    def reject(self, reason: str) -> None:
        """Count what is no record."""
        self.read += 1
        self.rejected[reason] += 1

    def _takes(self, record: Record) -> bool:
        fields = self._model.fields
        if fields.model and name_in(record, fields.model) != self._model.model_id:
            return False
        time = self._moments.of(record)
        succeeded = self._succeeded(record)
        version = (name_in(record, fields.version) if fields.version else None) or UNKNOWN_VERSION
        self.oldest = time if self.oldest is None else min(time, self.oldest)
        self.newest = time if self.newest is None else max(time, self.newest)
        if self._version is not None and version != self._version:
            return False
        self.first = time if self.first is None else min(time, self.first)
        start, end = self.bounds
        if not start <= time < end:
            return False
        name = name_in(record, fields.request_id) if fields.request_id else None
        self._refuse_repetition(name, version, time)
        if succeeded:
            self.times.append(time)
            self.ids.append(name)
            self.versions.append(version)
        return succeeded

    def _succeeded(self, record: Record) -> bool:
        value: Any = record.get(column_of(self._status.path)) if self._status else None
        if value is None or self._status is None:
            return True
        if self._textual and isinstance(value, str):
            value = number_of(value)
        try:
            status = self._status.coerce(value)
        except UnusableError:
            raise RejectedError("bad_status") from None
        return status is None or status < _FAILED

    def _refuse_repetition(self, name: str | None, version: str, time: int) -> None:
        """Of requests with labels only the first record counts, as in the exporter."""
        labels = self._model.labels
        if labels is None or not name:
            return
        before = self._seen.get((name, version))
        if before is not None and abs(before - time) <= labels.horizon:
            raise RejectedError("duplicate_id")
        self._seen[name, version] = time


def column_of(path: Path) -> str:
    """Return the name that a value has in a flattened record."""
    return ".".join(path)


def name_in(record: Record, path: Path) -> str | None:
    """Return the text of a name in a record, None without one."""
    value: Any = record.get(column_of(path))
    if value is None or not isinstance(value, str | bool | int | float) or value in (float("inf"), float("-inf")):
        return None
    return None if value != value else text_of(value)  # noqa: PLR0124 - NaN is not equal to itself


def number_of(text: str) -> float | str:
    """Return the number that a cell of text spells, whole ones exactly; the text where it spells none."""
    kinds: tuple[Callable[[str], float], ...] = () if "_" in text else (int, float)
    for kind in kinds:
        try:
            return kind(text)
        except ValueError:
            continue
    return text
