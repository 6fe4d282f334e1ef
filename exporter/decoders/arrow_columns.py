"""What an Arrow array stands for. Importing this loads pyarrow.

A value that JSON has a type for becomes what a JSON log would hold in its place, and what that log would refuse is
refused: a boolean or a text where a number is wanted, a number where an RFC 3339 time is. Null is missing. Beyond JSON:

- a time stamp or a date is a time whatever ``time_format`` says; without a zone it is in the configured ``time_zone``,
  and if there is none, it is as useless as an RFC 3339 time without an offset;
- a decimal is a number; a dictionary is what it holds; bytes are UTF-8 text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute, types

from exporter.decoders.arrow_values import distinct
from exporter.decoders.columns import LAST_TIME, PER_SECOND, times
from exporter.decoders.leaf import INVALID_VALUE, Kind, Leaf, UnusableError
from exporter.decoders.typed import BAD_TIME, NO_TIME, ByClass, Column, Encoded, Numbers, values_of
from exporter.decoders.zones import in_zone
from exporter.rows.record import Flags, Floats, Ints

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def column_of(leaf: Leaf, array: pa.Array) -> Column:
    """Return the column of an array (n,) that a leaf is to be read from."""
    if types.is_dictionary(array.type):
        return _looked_up(leaf, array)
    if types.is_null(array.type):
        return nothing(leaf, len(array))
    try:
        return _READERS[leaf.kind](leaf, array)
    except UnicodeDecodeError:
        return _READERS[leaf.kind](leaf, array.cast(pa.binary()))
    except (pa.ArrowException, ValueError, OverflowError):
        # A type that Arrow itself can do nothing with, or dates that no calendar has.
        return _unusable(leaf, array)


def _looked_up(leaf: Leaf, array: pa.Array) -> Column:
    """Read each entry of a dictionary once: a long text that every row has takes little room until it is copied."""
    absent = _absent(array)
    if absent.all():
        return nothing(leaf, len(array))
    places = array.indices.fill_null(0).to_numpy(zero_copy_only=False)
    entries = column_of(leaf, array.dictionary)
    if places.min() < 0 or places.max() >= len(array.dictionary) or isinstance(entries, ByClass):
        return _unusable(leaf, array)
    if not isinstance(entries, np.ndarray):
        return Encoded([*values_of(entries), None], np.where(absent, len(entries), places))
    found: Numbers = entries[places]
    found[absent] = NO_TIME if entries.dtype == np.int64 else np.nan
    return found


def _unusable(leaf: Leaf, array: pa.Array) -> Column:
    absent = _absent(array)
    if leaf.kind == "number":
        return np.where(absent, np.nan, np.inf)
    return Encoded([None, INVALID_VALUE], np.where(absent, 0, 1))


def nothing(leaf: Leaf, rows: int) -> Column:
    """Return a column in which no value is there."""
    return np.full(rows, np.nan) if leaf.kind == "number" else Encoded([None], np.zeros(rows, np.intp))


def probabilities(arrays: Mapping[str, pa.Array], rows: int) -> ByClass:
    return ByClass({name: numbers(array) for name, array in arrays.items()}, rows)


def numbers(array: pa.Array) -> Floats:
    """Return floats (n,): NaN for null and NaN, infinity for infinities and what is no number."""
    if types.is_dictionary(array.type) and _is_number(array.type.value_type):
        array = array.cast(array.type.value_type)
    if not _is_number(array.type):
        return np.where(_absent(array), np.nan, np.inf)
    values = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.where(np.isinf(values), np.inf, values)


def _categories(leaf: Leaf, array: pa.Array) -> Column:
    """Read each distinct value once."""
    if types.is_nested(array.type):
        return _unusable(leaf, array)
    values, places = distinct(_without_nanoseconds(array))
    return Encoded([*(_coerced(leaf, _as_json(value)) for value in values), None], places)


def _identifiers(leaf: Leaf, array: pa.Array) -> Column:
    if types.is_string(array.type) or types.is_large_string(array.type):
        values: list[Any] = array.to_pylist()
        return values
    return [_coerced(leaf, _as_json(value)) for value in _without_nanoseconds(array).to_pylist()]


def _without_nanoseconds(array: pa.Array) -> pa.Array:
    """Cut off what Python's own times cannot hold."""
    if not types.is_timestamp(array.type) or array.type.unit != "ns":
        return array
    return array.cast(pa.timestamp("us", array.type.tz), safe=False)


def _scores(leaf: Leaf, array: pa.Array) -> Column:
    kind = array.type
    if types.is_struct(kind):
        fields = range(kind.num_fields)
        return probabilities({kind[i].name: compute.struct_field(array, [i]) for i in fields}, len(array))
    if types.is_map(kind):
        return [_coerced(leaf, None if pairs is None else dict(pairs)) for pairs in array.to_pylist()]
    if _is_list(kind):
        table = _table(array)
        return table if table is not None else [_coerced(leaf, value) for value in array.to_pylist()]
    return _unusable(leaf, array)


def _table(lists: pa.Array) -> Floats | None:
    """Return lists of equal lengths as a table (n, length), NaN where there is no list; None for other lists."""
    present = compute.list_value_length(lists).drop_null().unique()
    if len(present) != 1 or not _is_number(lists.type.value_type):
        return None
    values = numbers(lists.flatten())
    if np.isnan(values).any():
        return None
    absent = _absent(lists)
    table = np.full((len(lists), present[0].as_py()), np.nan)
    table[~absent] = values.reshape(int((~absent).sum()), -1)
    return table


def _times(leaf: Leaf, array: pa.Array) -> Column:
    kind = array.type
    if types.is_timestamp(kind) or types.is_date(kind):
        return _moments(leaf, array)
    if leaf.time_format != "rfc3339" and _is_number(kind) and not types.is_decimal(kind):
        return _since_epoch(array, PER_SECOND[leaf.time_format])
    values = [_coerced(leaf, _as_json(value)) for value in array.to_pylist()]
    known = [value if value is not None and value is not INVALID_VALUE else _EPOCH for value in values]
    if leaf.time_format != "rfc3339":
        known = [0 if value is _EPOCH else value for value in known]
    moments = times(known, leaf.time_format, leaf.zone)
    moments[[value is INVALID_VALUE for value in values]] = BAD_TIME
    return _with_gaps(moments, array)


def _moments(leaf: Leaf, array: pa.Array) -> Ints:
    """Return typed times in microseconds."""
    if types.is_date(array.type):
        array = array.cast(pa.timestamp("s" if types.is_date32(array.type) else "ms"))
    unit, is_aware = array.type.unit, array.type.tz is not None
    whole = array.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    if not is_aware and leaf.zone is None:
        return _with_gaps(np.full(len(array), BAD_TIME), array)
    moments = _scaled(whole, _UNITS[unit]) if unit != "ns" else whole // 1000
    if not is_aware and leaf.zone is not None:
        usable = moments != BAD_TIME
        moments[usable] = in_zone(moments[usable], leaf.zone)
    return _with_gaps(moments, array)


def _since_epoch(array: pa.Array, factor: float) -> Ints:
    """Return numbers since the epoch in microseconds; whole numbers are converted as such."""
    if types.is_floating(array.type):
        with np.errstate(over="ignore"):
            values = array.cast(pa.float64()).to_numpy(zero_copy_only=False) * factor
        usable = np.abs(values) < LAST_TIME  # false for NaN
        return _with_gaps(np.where(usable, np.rint(np.where(usable, values, 0)).astype(np.int64), BAD_TIME), array)
    large = (
        compute.greater(array, pa.scalar(np.iinfo(np.int64).max, pa.uint64())) if types.is_uint64(array.type) else None
    )
    whole = array.cast(pa.int64(), safe=False).fill_null(0).to_numpy(zero_copy_only=False)
    moments = whole // 1000 if factor < 1 else _scaled(whole, int(factor))
    moments = np.where(np.abs(moments) < LAST_TIME, moments, BAD_TIME)
    if large is not None:
        moments[large.fill_null(False).to_numpy(zero_copy_only=False)] = BAD_TIME
    return _with_gaps(moments, array)


def _scaled(whole: Ints, factor: int) -> Ints:
    """Multiply without running over: what is out of all reason becomes BAD_TIME."""
    limit = LAST_TIME // factor
    usable = (whole < limit) & (whole > -limit)
    return np.where(usable, np.where(usable, whole, 0) * factor, BAD_TIME)


def _with_gaps(moments: Ints, array: pa.Array) -> Ints:
    return np.where(_absent(array), NO_TIME, moments) if array.null_count else moments


def _absent(array: pa.Array) -> Flags:
    absent: Flags = array.is_null().to_numpy(zero_copy_only=False)
    return absent


def _is_number(kind: pa.DataType) -> bool:
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _is_list(kind: pa.DataType) -> bool:
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _as_json(value: Any) -> Any:
    """Return a value as JSON would have it; dates and times are spelled as a reference spells them."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value if value is None or isinstance(value, str | bool | int | float | dict | list) else str(value)


def _coerced(leaf: Leaf, value: Any) -> Any:
    try:
        return None if value is None else leaf.coerce(value)
    except UnusableError:
        return INVALID_VALUE


_READERS: Mapping[Kind, Callable[[Leaf, pa.Array], Column]] = {
    "number": lambda _, array: numbers(array),
    "category": _categories,
    "identifier": _identifiers,
    "status": _categories,
    "scores": _scores,
    "timestamp": _times,
}
