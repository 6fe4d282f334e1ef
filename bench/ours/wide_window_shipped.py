"""The same window through panes to the methods that are on by default, as `evaluate` does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.ours.model import NOW, SEED
from exporter.capture.profiles import profile_of
from exporter.configuration.loading import parse
from exporter.decoders.prediction import PredictionGatherer
from exporter.decoders.record_batches import RecordBatches
from exporter.intake.feed import Delivery
from exporter.pipeline import Pipeline
from exporter.rows.record import Predictions

_TEXT = """\
models:
  wide:
    task: regression
    predictions: wide.parquet
    reference: wide-reference.parquet
    windows: [all]
    time_format: epoch_us
    fields: {features: "", request_id: null, prediction: null, version: null, status: null, latency: null}
"""


def prepare(folder: Path) -> Callable[[], float]:
    for name in ("reference", "window"):
        with np.load(folder / f"wide-{name}.npz") as columns:
            table = pa.table({column: columns[column] for column in columns.files})
        pq.write_table(table, folder / f"wide-{name}.parquet")
    model = parse(_TEXT, file="driftbell.yml", folder=folder).configuration.models["wide"]
    profile = profile_of(model, folder / "profiles")
    times = pa.array(np.arange(len(table)) * 1000, pa.int64())
    batches = table.append_column("timestamp", times).to_batches(max_chunksize=10_000)

    def work() -> float:
        pipeline = Pipeline(model, profile, SEED)
        pipeline.begin_at(0)
        decoder = RecordBatches[Predictions](PredictionGatherer(pipeline.layout, SEED))
        for batch in batches:
            pipeline.take_predictions(Delivery("window", decoder.decode(batch, NOW).rows), NOW)
        end = len(table) * 1000
        pipeline.advance(end, end)
        return float(sum(1 for _ in pipeline.samples(end)))

    return work
