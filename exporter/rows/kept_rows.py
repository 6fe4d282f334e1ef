"""What the label join keeps of predictions and of label lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from exporter.rows.record import Codes, Flags, Floats, Hashes, Ints, Predictions, Rows


@dataclass(frozen=True, slots=True, eq=False)
class KeptPredictions(Rows):
    """What is remembered of a prediction: enough to count its label, and to take that back."""

    time: Ints
    key: Hashes
    version: Codes
    scored: Flags
    predicted: Floats
    scores: Floats
    groups: Codes


@dataclass(frozen=True, slots=True, eq=False)
class KeptLabels(Rows):
    """A label line."""

    time: Ints
    key: Hashes
    value: Floats


def kept_of(rows: Predictions, scored: Flags) -> KeptPredictions:
    """Return what is kept of the predictions with a request id."""
    keyed = rows.has_key
    return KeptPredictions(
        rows.time[keyed],
        rows.key[keyed],
        rows.version[keyed],
        scored[keyed],
        rows.predicted[keyed],
        rows.scores[keyed],
        rows.groups[keyed],
    )


def no_predictions(score_columns: int, segment_fields: int) -> KeptPredictions:
    return KeptPredictions(
        time=np.empty(0, np.int64),
        key=np.empty(0, np.uint64),
        version=np.empty(0, np.int32),
        scored=np.empty(0, np.bool_),
        predicted=np.empty(0),
        scores=np.empty((0, score_columns)),
        groups=np.empty((0, segment_fields), np.int32),
    )


NO_LABELS = KeptLabels(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0))
