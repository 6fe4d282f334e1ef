"""Values of records to columns of arrays: the conversions that prediction and label rows share."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from exporter.decoders.leaf import INVALID_VALUE
from exporter.decoders.typed import BAD_TIME, Column, Encoded, mapped, values_of
from exporter.rows.category import text_of
from exporter.rows.dictionary import Dictionary
from exporter.rows.record import INVALID, MISSING, Codes, Flags, Floats, Ints, Refusals

# Times outside the years that can be reckoned with become BAD_TIME; their rows are rejected later.
LAST_TIME = 253_402_300_800_000_000  # the year 10000

PER_SECOND = {"epoch_s": 1_000_000.0, "epoch_ms": 1_000.0, "epoch_us": 1.0, "epoch_ns": 0.001}

# Longer texts are not worth their memory: no category that people chose is one.
_LONGEST_CACHED = 256


class CodeCache(dict[Any, int]):
    """From values as they are parsed straight to the codes of a dictionary; bounded like the dictionary is.

    ``empty_is_missing`` is for names, where an empty text says as little as none.
    """

    def __init__(self, dictionary: Dictionary, *, empty_is_missing: bool = False) -> None:
        super().__init__()
        self._fixed = {None: MISSING, INVALID_VALUE: INVALID} | ({"": MISSING} if empty_is_missing else {})
        self._dictionary = dictionary
        self._releases = -1
        self._room = 4 * dictionary.capacity + 1000
        self._met_truths = self._looks_at_types = False

    def __missing__(self, value: Any) -> int:
        text = text_of(value)
        code = self._dictionary.code(text)
        if not self._looks_at_types and not isinstance(value, str) and value in (0, 1):
            self._met_truths = True
        elif len(self) < self._room and len(text) <= _LONGEST_CACHED:
            self[value] = code
        return code

    def codes(self, column: Column) -> Codes:
        """Return the codes (n,) of values of any kind.

        Python holds True and 1 for the same key, so where there are booleans the texts are looked up. To look for
        them takes time: nobody does before the first value that is one of the two, and that one is not kept.
        """
        self._looks_at_types = self._met_truths
        if self._releases != self._dictionary.releases:
            self._releases = self._dictionary.releases
            self.clear()
            self.update(self._fixed)
        return mapped(column, self._codes)

    def _codes(self, values: Sequence[Any]) -> Codes:
        if self._looks_at_types and bool in set(map(type, values)):
            values = [text_of(value) if type(value) is bool else value for value in values]
        codes = np.empty(len(values), np.int32)
        # A third faster than np.fromiter.
        struct.pack_into(f"{len(values)}i", codes.data, 0, *map(self.__getitem__, values))
        return codes


def as_class(codes: Codes) -> Floats:
    """Return class codes as floats, the way a row carries a class: NaN is missing, infinity is not usable."""
    values = codes.astype(np.float64)
    values[codes == MISSING] = np.nan
    values[codes == INVALID] = np.inf
    return values


def floats(column: Column) -> Floats:
    """Return numbers (n,); None becomes NaN, and what is not usable infinity."""
    if isinstance(column, Encoded):
        return mapped(column, floats)
    if not isinstance(column, tuple):
        return np.array(column, dtype=np.float64)
    found = np.empty(len(column))
    _fill(found, column)
    return found


def table(columns: Sequence[Column], rows: int) -> Floats:
    """Return columns of numbers as a table (rows, columns)."""
    found = np.empty((len(columns), rows))
    for row, column in zip(found, columns, strict=True):
        _fill(row, floats(column) if isinstance(column, Encoded) else column)
    return found.T


def _fill(row: Floats, column: Column) -> None:
    """Write numbers into a row; as plain floats, which most are, four times faster than NumPy would."""
    if isinstance(column, tuple):
        try:
            struct.pack_into(f"{len(row)}d", row.data, 0, *column)
        except struct.error:
            pass  # one of them is None, or no number at all
        else:
            return
    row[:] = np.asarray(column, dtype=np.float64)


def times(values: Column, time_format: str, zone: ZoneInfo | None) -> Ints:
    """Return microseconds since the epoch (n,), BAD_TIME where a time stamp is out of all reason.

    RFC 3339 times are exact until the year 2106, where a float of seconds has no room for microseconds any more.
    """
    if isinstance(values, np.ndarray):
        return values
    values = values_of(values)
    if time_format == "rfc3339":
        moments = values if zone is None else [_in_zone(value, zone) for value in values]
        seconds = np.fromiter(map(datetime.timestamp, moments), np.float64, len(values))
        return np.rint(seconds * 1e6).astype(np.int64)
    return np.fromiter(map(_microseconds(time_format), values), np.int64, len(values))


def plausible(moments: Ints, now: int, skew: int | None, refusals: Refusals) -> Flags:
    """Return which times (n,) can be, and count the others; ``skew`` says how far after ``now`` (None: for ever)."""
    bad: Flags = moments == BAD_TIME
    refusals.reject("bad_timestamp", bad)
    if skew is None:
        return ~bad
    future: Flags = moments > now + skew
    refusals.reject("future", future)
    return ~(bad | future)


def _in_zone(value: datetime, zone: ZoneInfo) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


def _microseconds(time_format: str) -> Callable[[float], int]:
    """Whole numbers are converted as such: nanoseconds since the epoch have more digits than a float."""
    factor = PER_SECOND[time_format]

    def convert(value: float) -> int:
        if isinstance(value, int):
            result = value // 1000 if factor < 1 else value * int(factor)
        else:
            product = value * factor
            result = round(product) if math.isfinite(product) else BAD_TIME
        return result if abs(result) < LAST_TIME else BAD_TIME

    return convert
