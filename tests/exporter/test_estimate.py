from __future__ import annotations

import json
from pathlib import Path

import pytest

from exporter.estimate import estimate
from exporter.evaluate import Backtest
from exporter.pipeline import Pipeline
from exporter.profiles import profile_of
from exporter.snapshot import snapshot_of
from tests.exporter.small_models import model_of

SAID = "windows: [1h, all]\nsegments: [segment]\ndrift: {min_rows: 1}\nfields: {endpoint: null}"


def pipeline_of(folder: Path, task: str, said: str = SAID) -> Pipeline:
    model = model_of(folder, task, said)
    return Pipeline(model, profile_of(model, None), 1, finish=True)


def write_log(folder: Path, outputs: list[object]) -> None:
    """Write two hours of labelled predictions, of one version."""
    predictions, labels = [], []
    for i in range(120):
        time, output = f"2025-01-01T{i // 60:02}:{i % 60:02}:00Z", outputs[i % len(outputs)]
        record = {"timestamp": time, "request_id": str(i), "version": "1", "status": 200, "latency_ms": 5}
        features = {"x": i % 10, "colour": ("red", "blue")[i % 2]}
        predictions.append(json.dumps(record | {"features": features, "prediction": output, "score": 0.3 + i / 1000}))
        labels.append(json.dumps({"request_id": str(i), "label": outputs[i // 3 % len(outputs)], "timestamp": time}))
    (folder / "none.jsonl").write_text("\n".join(predictions))
    (folder / "no-labels.jsonl").write_text("\n".join(labels))


@pytest.mark.parametrize(("task", "outputs"), [("binary", [0, 1]), ("regression", [10.5, 12.0, 11.0])])
def test_the_estimate_is_about_what_comes_out(tmp_path: Path, task: str, outputs: list[object]) -> None:
    write_log(tmp_path, outputs)
    pipeline = pipeline_of(tmp_path, task)
    found = estimate(pipeline_of(tmp_path, task)).series
    samples = Backtest(pipeline, None, "all").run(1_800_000_000_000_000)
    real = snapshot_of([sample for sample in samples if not sample.metric.name.startswith("ml_exporter_")]).series
    assert found == pytest.approx(real, rel=0.1)


def test_more_windows_cost_more(tmp_path: Path) -> None:
    few, many = (estimate(pipeline_of(tmp_path, "binary", f"windows: {w}")) for w in ("[24h]", "[24h, 7d, 30d]"))
    assert many.series > 2 * few.series
    assert many.pane_bytes > few.pane_bytes


def test_memory_of_the_join_is_its_limit(tmp_path: Path) -> None:
    assert estimate(pipeline_of(tmp_path, "binary", "limits: {memory: 8MiB}")).join_bytes == 8 * 2**20


def test_the_sentence(tmp_path: Path) -> None:
    text = str(estimate(pipeline_of(tmp_path, "binary")))
    assert text.startswith("small: about ")
    assert "256 MiB for predictions that wait for labels" in text
