"""A record with numbers that no model means costs at most the figures that it is in, never the page."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from exporter.capture.profiles import profile_of
from exporter.exposition.text import Renderer
from exporter.pipeline import Pipeline
from exporter.service.evaluate import Backtest
from exporter.snapshot import Histogram, Sample, snapshot_of
from tests.exporter.small_models import model_of

SAID = """time_format: epoch_s
windows: [1h, 2h]
thresholds: {windows: [2h]}
drift: {numeric: [ks, psi, js, wasserstein, wasserstein_normed, tail], min_rows: 10, sequential: {slice: 10m}}
fields: {version: null}
slos: {done: {ratio: {good: good, total: total}, objective: 0.5, period: 7d}}"""
ROWS = 180
NOW = 1_800_000_000_000_000


def page_of(folder: Path, absurd: float, where: str) -> dict[tuple[str, ...], float]:
    """Return the values on the page of a log that has an absurd number in two of its records."""
    predictions, labels = [], []
    for row in range(ROWS):
        time, there = 1_735_689_600 + 60 * row, row in (ROWS - 10, ROWS - 9)
        record = {"timestamp": time, "request_id": str(row), "prediction": 12 + row % 5, "good": 1, "total": 2}
        record |= {"features": {"x": absurd if there and where == "feature" else row % 10, "colour": "red"}}
        record |= {"prediction": absurd} if there and where == "prediction" else {}
        record |= {"good": abs(absurd), "total": abs(absurd)} if there and where == "ratio" else {}
        predictions.append(json.dumps(record))
        label = -absurd if there and where == "label" else 12 + row % 5 + row % 3
        labels.append(json.dumps({"request_id": str(row), "label": label, "timestamp": time}))
    model = model_of(folder, "regression", SAID)
    (folder / "none.jsonl").write_text("\n".join(predictions))
    (folder / "no-labels.jsonl").write_text("\n".join(labels))
    samples = snapshot_of(Backtest(Pipeline(model, profile_of(model, None), 1, finish=True), None, "all").run(NOW))
    # It refuses what is no number.
    Renderer().page(samples)
    return {(sample.metric.name, *sample.labels): _number(sample) for sample in samples}


def _number(sample: Sample) -> float:
    return sample.value.total if isinstance(sample.value, Histogram) else sample.value


# What overflows when features are added up is said by NumPy on standard error, once.
@pytest.mark.filterwarnings("ignore:overflow encountered")
@pytest.mark.parametrize("where", ["prediction", "label", "feature", "ratio"])
@pytest.mark.parametrize("absurd", [1e77, 1e100, -1e155, 1e200, 1e308])
def test_absurd_numbers_cost_no_page(tmp_path: Path, absurd: float, where: str) -> None:
    page = page_of(tmp_path, absurd, where)
    assert not any(math.isnan(value) for value in page.values())
    assert ("ml_drift_score", "small", "", "data", "x", "ks", "training", "2h") in page
    assert ("ml_quality", "small", "", "mae", "", "", "2h") in page
    if where == "feature":
        assert page["ml_drift_score", "small", "", "data", "x", "tail", "training", "2h"] > 0
    elif where != "ratio":
        assert page["ml_quality", "small", "", "mae", "", "", "2h"] > 1e70
