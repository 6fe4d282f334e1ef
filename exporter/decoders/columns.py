"""Values of records to columns of arrays: the conversions that prediction and label rows share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import xxhash
from numpy.typing import NDArray

from exporter.category import text_of
from exporter.decoders.leaf import INVALID_VALUE
from exporter.dictionary import Dictionary
from exporter.record import INVALID, MISSING, Codes, Floats, Hashes, Ints

# What a time stamp becomes when it lies outside the years that can be reckoned with; the row is rejected later.
BAD_TIME = np.iinfo(np.int64).min
_LAST_TIME = 253_402_300_800_000_000  # the year 10000

_PER_SECOND = {"epoch_s": 1_000_000.0, "epoch_ms": 1_000.0, "epoch_us": 1.0, "epoch_ns": 0.001}


_SPECIAL = (None, INVALID_VALUE)


class CodeCache(dict[Any, int]):
    """From values as they are parsed straight to the codes of a dictionary; bounded like the dictionary is."""

    def __init__(self, dictionary: Dictionary) -> None:
        super().__init__({None: MISSING, INVALID_VALUE: INVALID})
        self._dictionary = dictionary
        self._room = 4 * dictionary.capacity + 1000

    def __missing__(self, value: Any) -> int:
        code = self._dictionary.code(text_of(value))
        if len(self) < self._room:
            self[value] = code
        return code

    def codes(self, values: Sequence[Any]) -> Codes:
        """Return the codes (n,) of values among which True and 1, if both can occur, are the same category."""
        return np.fromiter(map(self.__getitem__, values), np.int32, len(values))

    def codes_of_mixed(self, values: Sequence[Any]) -> Codes:
        """Return the codes (n,) of values of any kind."""
        return self.codes([value if type(value) is str or value in _SPECIAL else text_of(value) for value in values])


def as_class(codes: Codes) -> Floats:
    """Return class codes as floats, the way a row carries a class: NaN is missing, infinity is not usable."""
    values = codes.astype(np.float64)
    values[codes == MISSING] = np.nan
    values[codes == INVALID] = np.inf
    return values


def floats(values: Sequence[Any], width: int | None = None) -> Floats:
    """Return numbers (n,), or with a ``width`` tuples of numbers (n, width); None becomes NaN."""
    if width is None:
        return np.array(values, dtype=np.float64)
    return np.array(values, dtype=np.float64).reshape(len(values), width)


def times(values: Sequence[Any], time_format: str, zone: ZoneInfo | None) -> Ints:
    """Return microseconds since the epoch (n,), BAD_TIME where a time stamp is out of all reason."""
    if time_format == "rfc3339":
        moments = values if zone is None else [_in_zone(value, zone) for value in values]
        seconds = np.fromiter(map(datetime.timestamp, moments), np.float64, len(values))
        return np.rint(seconds * 1e6).astype(np.int64)
    return np.fromiter(map(_microseconds(time_format), values), np.int64, len(values))


def hashes(values: Sequence[Any], seed: int) -> tuple[Hashes, NDArray[np.bool_]]:
    """Return keyed 64-bit hashes of identifiers (n,), and which rows have one (n,)."""
    digest = xxhash.xxh3_64_intdigest
    texts = [value if type(value) is str else _identifier(value) for value in values]
    keys = np.fromiter((digest(text.encode("utf-8", "surrogatepass"), seed) for text in texts), np.uint64, len(texts))
    present = np.fromiter(map(bool, texts), np.bool_, len(texts))
    return np.where(present, keys, np.uint64(0)), present


def _identifier(value: Any) -> str:
    return "" if value is None or value is INVALID_VALUE else text_of(value)


def _in_zone(value: datetime, zone: ZoneInfo) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


def _microseconds(time_format: str) -> Callable[[float], int]:
    """Whole numbers are converted as such: nanoseconds since the epoch have more digits than a float."""
    factor = _PER_SECOND[time_format]

    def convert(value: float) -> int:
        if isinstance(value, int):
            result = value // 1000 if factor < 1 else value * int(factor)
        else:
            result = round(value * factor) if math.isfinite(value) else BAD_TIME
        return result if abs(result) < _LAST_TIME else BAD_TIME

    return convert
