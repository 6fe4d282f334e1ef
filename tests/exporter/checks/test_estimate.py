"""What check-config says, against what comes out: a page counted, and panes weighed."""

from __future__ import annotations

import gc
import json
import math
import random
import tracemalloc
from pathlib import Path

import pytest

from exporter.capture.profiles import profile_of
from exporter.catalogue import DELAYED_ROWS
from exporter.checks.estimate import estimate, series_of, sum_of
from exporter.checks.pane_estimate import bytes_at_pace
from exporter.configuration import load
from exporter.ledger.ledger import Totals
from exporter.pipeline import Pipeline
from exporter.service.evaluate import Backtest
from exporter.snapshot import Sample, snapshot_of
from tests.exporter.small_models import model_of

SAID = (
    "windows: [1h, all]\nsegments: [segment]\ndrift: {min_rows: 1, sequential: {slice: 1m}}\nfields: {endpoint: null}"
)
SLOS = """slos:
  fast: {latency: 100ms, objective: 0.99}
  clean: {errors: any, objective: 0.99, calendar: month}
  busy: {throughput: 1/min, objective: 0.99, period: 1h}
  done: {ratio: {good: status, total: status}, objective: 0.5, period: 7d}
info: {trained_at: 2025-01-01T00:00:00Z}"""
NOW = 1_800_000_000_000_000


def pipeline_of(folder: Path, task: str, said: str = SAID, *, labels: bool = True) -> Pipeline:
    model = model_of(folder, task, said, labels=labels)
    return Pipeline(model, profile_of(model, None), 1, finish=True)


def write_log(folder: Path, outputs: list[object], *, scores: bool) -> None:
    """Write two hours of labelled predictions, of one version, and of minutes long before, which have settled."""
    predictions, labels = [], []
    for i in range(-30, 120):
        time = f"2025-01-01T{i // 60:02}:{i % 60:02}:00Z" if i >= 0 else f"2024-12-29T00:{-i:02}:00Z"
        output = outputs[i % len(outputs)]
        record = {"timestamp": time, "request_id": str(i), "version": "1", "status": 200, "latency_ms": 5}
        features = {"x": i % 10, "colour": ("red", "blue")[i % 2]}
        record |= {"features": features, "prediction": output} | ({"score": 0.3 + abs(i) / 1000} if scores else {})
        predictions.append(json.dumps(record))
        labels.append(json.dumps({"request_id": str(i), "label": outputs[i // 3 % len(outputs)], "timestamp": time}))
    (folder / "none.jsonl").write_text("\n".join(predictions))
    (folder / "no-labels.jsonl").write_text("\n".join(labels))


@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize(
    ("task", "outputs", "said"),
    [
        ("binary", [0, 1], SAID),
        ("binary", [0, 1], f"{SAID}\n{SLOS}"),
        ("multiclass", ["a", "b", "c"], SAID),
        ("regression", [10.5, 12.0, 11.0], SAID),
    ],
)
def test_the_series_are_those_that_come_out(
    tmp_path: Path, task: str, outputs: list[object], said: str, *, labels: bool
) -> None:
    write_log(tmp_path, outputs, scores=task == "binary")
    found = series_of(pipeline_of(tmp_path, task, said, labels=labels))
    samples = Backtest(pipeline_of(tmp_path, task, said, labels=labels), None, "all").run(NOW)
    real = snapshot_of(samples)
    assert found == sum(
        1 if not isinstance(sample.value, tuple) else len(sample.value.bounds) + 2
        for sample in real
        if not _is_of_sources(sample)
    )


def _is_of_sources(sample: Sample) -> bool:
    """Say whether the exporter publishes it apart from the model; see ``Pipeline.source_samples``."""
    own = ("ml_exporter_pending", "ml_exporter_evicted")
    is_delayed = sample.metric is DELAYED_ROWS
    return sample.metric.name.startswith(own) or (sample.metric.labels[1:2] == ("source",) and not is_delayed)


def wide_model(folder: Path, hours: float, pace: float) -> Pipeline:
    """Write a reference and a log of ten numbers and two texts, with windows of an hour and four."""
    random_ = random.Random(7)
    names = [f"n{i}" for i in range(10)]

    def features() -> dict[str, object]:
        numbers = {
            name: round(random_.gauss(0, 1) if i % 2 else random_.expovariate(1), 5) for i, name in enumerate(names)
        }
        return numbers | {"c0": random_.choice("abcdefgh"), "c1": random_.choice(["x", "y"])}

    with (folder / "reference.jsonl").open("w") as file:
        file.writelines(json.dumps(features()) + "\n" for _ in range(3000))
    with (folder / "p.jsonl").open("w") as file:
        for i in range(int(hours * 3600 * pace)):
            file.write(json.dumps({"timestamp": i / pace, "latency_ms": i % 90, "features": features()}) + "\n")
    text = "models:\n  wide:\n    task: regression\n    predictions: p.jsonl\n    reference: reference.jsonl\n"
    text += "    time_format: epoch_s\n    windows: [1h, 4h]\n    limits: {edges: 300}\n"
    (folder / "driftbell.yml").write_text(text)
    model = load(folder / "driftbell.yml").configuration.models["wide"]
    return Pipeline(model, profile_of(model, None), 1, finish=True)


@pytest.mark.parametrize("pace", [0.05, 1.0])
def test_the_bytes_of_panes_at_a_pace(tmp_path: Path, pace: float) -> None:
    pipeline = wide_model(tmp_path, 4.6, pace)
    while pipeline.step(NOW):
        pass
    panes = pipeline.ledger.panes
    # Apart from what the allocator takes for each array: that only a process can tell.
    found = bytes_at_pace(pipeline.layout, pipeline.ledger.timeline, pace, overhead=0)
    assert found == pytest.approx(panes.nbytes, rel=0.1)


def test_what_edges_cost_before_the_first_row(tmp_path: Path) -> None:
    wide_model(tmp_path, 0.01, 1.0)
    said, real = [], []
    for edges in (300, 3000):
        text = (tmp_path / "driftbell.yml").read_text().replace("edges: 300", f"edges: {edges}")
        (tmp_path / "d.yml").write_text(text)
        model = load(tmp_path / "d.yml").configuration.models["wide"]
        tracemalloc.start()
        pipeline = Pipeline(model, profile_of(model, None), 1, finish=True)
        totals = Totals(pipeline.layout)
        gc.collect()
        real.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert totals.counts.size == pipeline.layout.size
        said.append(estimate(pipeline, None).at_most.fixed)
    assert said[1] - said[0] == pytest.approx(real[1] - real[0], rel=0.05)


def test_more_windows_cost_more(tmp_path: Path) -> None:
    few, many = (
        estimate(pipeline_of(tmp_path, "binary", f"windows: {windows}"), 10.0)
        for windows in ("[24h]", "[24h, 7d, 30d]")
    )
    # Thresholds, limits and what does not depend on windows stay as many.
    assert many.series > 1.5 * few.series
    assert few.memory is not None
    assert many.memory is not None
    assert many.memory.panes > few.memory.panes
    assert many.at_most.panes > few.at_most.panes


@pytest.mark.parametrize("pace", [0.01, 1.0, 1e9])
def test_no_pace_needs_more_than_the_most(tmp_path: Path, pace: float) -> None:
    found = estimate(pipeline_of(tmp_path, "binary"), pace)
    assert found.memory is not None
    assert found.memory.panes <= found.at_most.panes
    assert found.memory.rows <= found.at_most.rows


def test_the_join_takes_what_the_horizon_holds_up_to_its_limit(tmp_path: Path) -> None:
    said = "labels: {path: l.jsonl, horizon: 1h}\nlimits: {memory: 8MiB}"
    found = estimate(pipeline_of(tmp_path, "binary", said, labels=False), 10.0)
    assert found.memory is not None
    # A prediction with one probability is 37 bytes; two label lines of 24 bytes are kept for each.
    assert found.memory.rows == 36_000 * (37 + 48)
    assert found.at_most.rows == 8 * 2**20


def test_series_beyond_the_limit_are_not_reckoned_with(tmp_path: Path) -> None:
    assert estimate(pipeline_of(tmp_path, "binary", "limits: {series: 50}"), None).series == 50


def test_the_sentence(tmp_path: Path) -> None:
    with_pace = str(estimate(pipeline_of(tmp_path, "binary"), 12.5))
    assert with_pace.startswith("small: about ")
    assert "at 12.5 rows a second" in with_pace
    without = str(estimate(pipeline_of(tmp_path, "binary"), None))
    assert "rows a second" not in without
    assert "under the heaviest traffic" in without


def test_the_sentence_about_all(tmp_path: Path) -> None:
    found = [estimate(pipeline_of(tmp_path, "binary"), pace) for pace in (1.0, 1.0)]
    configuration = load(tmp_path / "driftbell.yml").configuration
    text = sum_of(found, configuration)
    assert text.startswith(
        f"all models: about {2 * found[0].series} series (limits.series: 100000); the process about "
    )
    assert "the process about" not in sum_of([found[0]._replace(memory=None)], configuration)
    assert math.isfinite(found[0].at_most.total)
