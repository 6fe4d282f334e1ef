"""When the rows of a reference were recorded, if it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from exporter.reference.columns import is_text

if TYPE_CHECKING:
    import pyarrow as pa

_UNITS = {"epoch_s": 1_000_000.0, "epoch_ms": 1000.0, "epoch_us": 1.0, "epoch_ns": 0.001}


def times_of(column: pa.ChunkedArray, time_format: str) -> NDArray[np.int64] | None:
    """Return microseconds since the epoch, row by row; None where not every row has a time that can be read.

    A time without a zone is taken for UTC: only how the times lie to each other matters.
    """
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    try:
        if types.is_timestamp(kind) or types.is_date(kind):
            return _microseconds(column)
        if is_text(kind):
            return _microseconds(column.cast(pa.timestamp("us", "UTC" if _has_zones(column) else None)))
        if time_format in _UNITS and (types.is_integer(kind) or types.is_floating(kind)):
            values = np.asarray(column.cast("float64", safe=False).to_numpy()) * _UNITS[time_format]
            return values.astype(np.int64) if np.isfinite(values).all() else None
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return None


def _has_zones(column: pa.ChunkedArray) -> bool:
    import pyarrow.compute as pc

    return bool(pc.any(pc.match_substring_regex(column, r"(Z|[+-]\d{2}:?\d{2})$")).as_py())


def _microseconds(column: pa.ChunkedArray) -> NDArray[np.int64] | None:
    import pyarrow as pa

    if column.null_count:
        return None
    zone = getattr(column.type, "tz", None)
    wide = column.cast(pa.timestamp("us", zone), safe=False)
    return np.asarray(wide.cast("int64").to_numpy(), dtype=np.int64)
