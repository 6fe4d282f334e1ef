"""Local times to moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from exporter.rows.record import Ints

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Zones change their offsets at whole minutes since 1973.
_MINUTE = 60_000_000


def in_zone(local: Ints, zone: ZoneInfo) -> Ints:
    """Return the moments (n,) at which clocks in a zone show some times, all in microseconds; of two such moments the earlier."""
    minutes, places = np.unique(local // _MINUTE, return_inverse=True)
    offsets = np.fromiter((_offset(minute, zone) for minute in minutes.tolist()), np.int64, len(minutes))
    return local - offsets[places]


def _offset(minute: int, zone: ZoneInfo) -> int:
    clock = (_EPOCH + timedelta(minutes=minute)).replace(tzinfo=zone)
    return (clock.utcoffset() or timedelta(0)) // timedelta(microseconds=1)
