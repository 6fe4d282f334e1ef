"""A million predictions are remembered, then a million labels find them: 10,000 rows at a time, shuffled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.join_data import BATCH, ROWS, identifiers, order
from exporter.decoders.columns import hashes
from exporter.join import LabelJoin
from exporter.record import Labels, Predictions

_DAY = 86_400_000_000


def prepare(folder: Path) -> Callable[[], int]:
    del folder
    ids = identifiers()
    labelled = [ids[i] for i in order()]

    def work() -> int:
        join = LabelJoin(30 * _DAY, 0, 0, settle=None)
        for start in range(0, ROWS, BATCH):
            rows = _predictions(ids[start : start + BATCH], start)
            join.add_predictions(rows, np.ones(BATCH, np.bool_))
        for start in range(0, ROWS, BATCH):
            key, _ = hashes(labelled[start : start + BATCH], 7)
            times = np.full(BATCH, ROWS + start, np.int64)
            outcomes = join.add_labels(Labels(times, key, np.ones(BATCH)))
            assert len(outcomes.gained_value) == BATCH
        return join.predictions.row_bytes

    return work


def _predictions(ids: list[str], start: int) -> Predictions:
    key, has_key = hashes(ids, 7)
    codes, numbers = np.zeros(BATCH, np.int32), np.zeros(BATCH)
    return Predictions(
        time=np.arange(start, start + BATCH),
        key=key,
        has_key=has_key,
        version=codes,
        endpoint=codes,
        status=codes,
        latency=numbers,
        numeric=np.empty((BATCH, 0)),
        categorical=np.empty((BATCH, 0), np.int32),
        predicted=numbers,
        scores=np.empty((BATCH, 0)),
        groups=np.empty((BATCH, 0), np.int32),
        amounts=np.empty((BATCH, 0)),
    )
