"""Our verdict on one feature: is any method's score above its warning threshold, all as shipped?

``false_warnings`` is set so that 5 % of windows may warn: the window is an hour, of which 30 days have 720.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from exporter.capture.profiles import profile_of
from exporter.configuration.loading import parse
from exporter.decoders.prediction import PredictionGatherer
from exporter.decoders.record_batches import RecordBatches
from exporter.intake.feed import Delivery
from exporter.pipeline import Pipeline
from exporter.rows.record import Predictions

_RATE = 0.05
_HOUR = 3_600_000_000
_WINDOWS = 720
_TEXT = f"""\
models:
  m:
    task: regression
    predictions: window.parquet
    reference: reference.parquet
    windows: [1h]
    time_format: epoch_us
    thresholds: {{false_warnings: {_RATE * _WINDOWS:g}}}
    fields: {{features: "", request_id: null, prediction: null, version: null, status: null, latency: null}}
"""


def verdict(reference: NDArray[Any], window: NDArray[Any]) -> bool:
    """Say whether the feature's score is above its threshold by any method."""
    scores, thresholds = _figures(reference, window)
    return any(score > thresholds[method] for method, score in scores.items() if method in thresholds)


def _figures(reference: NDArray[Any], window: NDArray[Any]) -> tuple[dict[str, float], dict[str, float]]:
    with tempfile.TemporaryDirectory() as made:
        pq.write_table(pa.table({"x": reference}), Path(made) / "reference.parquet")
        model = parse(_TEXT, file="driftbell.yml", folder=Path(made)).configuration.models["m"]
        pipeline = Pipeline(model, profile_of(model, None), 1)
    times = np.linspace(0, _HOUR - 1, len(window)).astype(np.int64)
    batch = pa.record_batch({"x": window, "timestamp": times})
    pipeline.begin_at(0)
    rows = RecordBatches[Predictions](PredictionGatherer(pipeline.layout, 1)).decode(batch, _HOUR).rows
    pipeline.take_predictions(Delivery("window", rows), 2 * _HOUR)
    pipeline.advance(_HOUR, _HOUR)
    scores: dict[str, float] = {}
    thresholds: dict[str, float] = {}
    for sample in pipeline.samples(_HOUR):
        labels = dict(zip(sample.metric.labels, sample.labels, strict=True))
        if labels.get("kind") != "data" or labels.get("model_version") or not isinstance(sample.value, float):
            continue
        if sample.metric.name == "ml_drift_score":
            scores[labels["method"]] = sample.value
        elif sample.metric.name == "ml_drift_threshold" and labels["severity"] == "warning":
            thresholds[labels["method"]] = sample.value
    return scores, thresholds
