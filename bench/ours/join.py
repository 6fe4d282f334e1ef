"""A million predictions are remembered, then a million labels find them: 10,000 rows at a time, shuffled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.join_data import BATCH, Requests, batches
from exporter.decoders.identifiers import hashes
from exporter.label_join.join import LabelJoin
from exporter.rows.record import Labels, Predictions

_DAY = 86_400_000_000


class Work(Requests):
    """Keeps the labels as well: a duplicate is told from a correction."""

    def __call__(self) -> int:
        join = LabelJoin(30 * _DAY, 0, 0, settle=None)
        for number, ids in enumerate(batches(self.predicted)):
            join.add_predictions(predictions(ids, number * BATCH), np.ones(BATCH, np.bool_))
        right = 0
        for ids in batches(self.labelled):
            key, _ = hashes(ids, 7)
            outcomes = join.add_labels(Labels(np.full(BATCH, 1_000_000), key, np.ones(BATCH)))
            right += int((outcomes.gained.predicted == outcomes.gained_value).sum())
        return right


def prepare(folder: Path) -> Work:
    del folder
    return Work()


def predictions(ids: Sequence[str], start: int) -> Predictions:
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
        predicted=np.ones(BATCH),
        scores=np.empty((BATCH, 0)),
        groups=np.empty((BATCH, 0), np.int32),
        amounts=np.empty((BATCH, 0)),
    )
