from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from exporter import catalogue
from exporter.capture.profiles import profile_of
from exporter.figures import objectives
from exporter.pipeline import Pipeline
from exporter.snapshot import Histogram
from tests.exporter.small_models import check_catalogue, figures_of, layout_of, model_of

SAID = """fields: {version: null, latency: %s}
latency_unit: %s
time_format: epoch_s
slos: {fast: {latency: 70ms, objective: 0.99}, up: {availability: true, objective: 0.999}}"""


def test_what_is_wanted(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", SAID % ("took", "ms"))
    found = {(sample.metric.name, *sample.labels): sample.value for sample in objectives.information(layout)}
    assert found == {
        ("ml_slo_period_seconds", "small", "fast"): 30 * 86_400,
        ("ml_slo_period_seconds", "small", "up"): 30 * 86_400,
        ("ml_slo_objective_ratio", "small", "fast"): 0.99,
        ("ml_slo_objective_ratio", "small", "up"): 0.999,
        ("ml_slo_latency_limit_seconds", "small", "fast"): 0.07,
    }


def test_events_stand_at_0_from_the_start(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", SAID % ("took", "ms"))
    nothing = np.zeros((len(layout.objectives), 2))
    found = figures_of(objectives.counters(layout, "v1", nothing))
    assert found == {(f"ml_slo_{kind}_total", slo): 0 for kind in ("events", "good_events") for slo in ("fast", "up")}
    check_catalogue(lambda: objectives.counters(layout, "v1", nothing))


def test_without_objectives_there_is_nothing_to_say(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary")
    assert not list(objectives.counters(layout, "v1", np.empty((0, 2))))


@pytest.mark.parametrize(("unit", "factor"), [("s", 1e-3), ("ms", 1.0), ("us", 1e3), ("ns", 1e6)])
def test_which_requests_are_good(tmp_path: Path, unit: str, factor: float) -> None:
    """70 ms is the limit, and 70 * 0.001 is not the float 0.07."""
    # Milliseconds (None: not said) and status, then whether it is an event and a good one of "fast".
    requests = [
        (70, 200, 1, 1),
        (69.9, 200, 1, 1),
        (70.001, 200, 1, 0),
        (10, 404, 1, 1),
        (10, 500, 1, 0),
        (None, 503, 1, 0),
        (None, 200, 0, 0),
    ]
    model = model_of(tmp_path, "binary", SAID % ("took", unit))
    records = [
        {"timestamp": i, "status": status, "took": None if took is None else took * factor}
        for i, (took, status, _, _) in enumerate(requests)
    ]
    (tmp_path / "none.jsonl").write_text("\n".join(map(json.dumps, records)))
    pipeline = Pipeline(model, profile_of(model, None), 1, finish=True)
    while pipeline.step(1_000_000_000):
        pass
    found = {(sample.metric, *sample.labels[2:]): sample.value for sample in pipeline.samples(None)}
    pipeline.close()
    assert found[catalogue.SLO_EVENTS, "fast"] == sum(event for *_, event, _ in requests)
    assert found[catalogue.SLO_GOOD_EVENTS, "fast"] == sum(good for *_, good in requests)
    assert found[catalogue.SLO_EVENTS, "up"] == len(requests)
    assert found[catalogue.SLO_GOOD_EVENTS, "up"] == len(requests) - 2
    # The limit is an edge of the histogram, and what equals it lies below.
    histogram = found[catalogue.REQUEST_DURATION,]
    assert isinstance(histogram, Histogram)
    assert histogram.cumulative[histogram.bounds.index(0.07)] == 4
