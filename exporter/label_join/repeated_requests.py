"""Which predictions repeat a request: the same id and version within the horizon. The first one read counts."""

from __future__ import annotations

import numpy as np

from exporter.label_join.dated_blocks import DatedBlocks
from exporter.label_join.label_pairs import Positions
from exporter.rows.kept_rows import KeptPredictions
from exporter.rows.record import Flags, Predictions


def repeated(rows: Predictions, known: DatedBlocks[KeptPredictions], horizon: int) -> Flags:
    """Say which rows (n,) repeat a request that is ``known``, or of a row before them; ``horizon`` is in microseconds."""
    duplicate = np.zeros(len(rows), dtype=bool)
    keyed = np.flatnonzero(rows.has_key)
    query, kept = known.find(rows.key[keyed])
    before = keyed[query]
    again = (kept.version == rows.version[before]) & (np.abs(kept.time - rows.time[before]) <= horizon)
    duplicate[before[again]] = True
    rest = keyed[~duplicate[keyed]]
    rest = rest[np.lexsort((rest, rows.version[rest], rows.key[rest]))]
    # Each round takes the first row of every request, and all rows that repeat it.
    while (same := _repeats(rows, rest)).any():
        head = rest[np.maximum.accumulate(np.where(same, 0, np.arange(len(rest))))]
        near = same & (np.abs(rows.time[rest] - rows.time[head]) <= horizon)
        duplicate[rest[near]] = True
        rest = rest[same & ~near]
    return duplicate


def _repeats(rows: Predictions, order: Positions) -> Flags:
    """Say which rows, sorted by request, are of the same request as the one before."""
    same = np.zeros(len(order), dtype=bool)
    here, before = order[1:], order[:-1]
    same[1:] = (rows.key[here] == rows.key[before]) & (rows.version[here] == rows.version[before])
    return same
