"""Every figure that the truths define as we do is equal to them: on real logs, for each week, version and segment.

The truths were computed from the files alone with pandas, SciPy and scikit-learn; see ``examples/README.md``.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from exporter.capture.profiles import profile_of
from exporter.configuration import load
from exporter.configuration.windows import Window
from exporter.counting.timeline import BEGINNING
from exporter.figures import WINDOW_FIGURES
from exporter.intake.feed import Delivery
from exporter.ledger.window_view import views
from exporter.pipeline import Pipeline
from exporter.reference.profile import NumericColumn
from exporter.rows.record import concatenate
from exporter.service.evaluate import Backtest
from exporter.snapshot import Sample

ROOT = Path(__file__).parents[2]
NAMES = ("elec2", "elec2_fast", "bike")
NOW = 1_800_000_000_000_000
HOUR = 3_600_000_000
LENGTHS = {"W": ("7d", 168 * HOUR), "D": ("24h", 24 * HOUR), "h": ("1h", HOUR), "10min": ("10m", HOUR // 6)}

Key = tuple[str, ...]
Figures = Mapping[Key, float]


def truth_of(name: str) -> dict[str, Any]:
    with gzip.open(ROOT / "tests" / "truth" / f"{name}.json.gz") as file:
        truth: dict[str, Any] = json.load(file)
    return truth


def pipeline_of(name: str, windows: tuple[Window, ...] | None = None) -> Pipeline:
    configuration = load(ROOT / "examples" / name / "driftbell.yml").configuration
    model = next(iter(configuration.models.values()))
    if windows:
        named = model.model_copy(update={"windows": windows})
        named._name = model.name  # what the configuration does itself
        model = named
    return Pipeline(model, profile_of(model, None), seed=1, finish=True)


def microseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1e6)


def figures_of(samples: Iterator[Sample] | list[Sample]) -> dict[Key, float]:
    """Index samples by metric name and all labels but the model's name."""
    found: dict[Key, float] = {}
    for sample in samples:
        if isinstance(sample.value, int | float):
            found[(sample.metric.name, *sample.labels[1:])] = float(sample.value)
    return found


class Replay:
    """All labels first, then predictions up to one moment after the other: what --labels=all --at=… shows, in one pass."""

    def __init__(self, name: str, windows: tuple[Window, ...]) -> None:
        self.pipeline = pipeline_of(name, windows)
        deliveries = iter(lambda: self.pipeline.predictions.poll(NOW), None)
        self._rows = concatenate([delivery.rows for delivery in deliveries])
        assert self.pipeline.labels is not None
        while (labels := self.pipeline.labels.poll(NOW)) is not None:
            self.pipeline.take_labels(labels.rows, NOW)

    def until(self, at: int) -> None:
        due = self._rows.time < at
        self.pipeline.take_predictions(Delivery("all", self._rows.take(due)), NOW)
        self._rows = self._rows.take(~due)
        self.pipeline.advance(at, BEGINNING)

    def figures(self, window: Window, at: int) -> dict[Key, float]:
        found = views(self.pipeline.ledger, window, at)
        return figures_of([sample for view in found for figures in WINDOW_FIGURES for sample in figures(view)])


@pytest.fixture(scope="module", params=NAMES)
def whole(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Figures, Pipeline]:
    pipeline = pipeline_of(request.param)
    return truth_of(request.param), figures_of(Backtest(pipeline, None, "all").run(NOW)), pipeline


def same(found: float, true: float, tolerance: float = 1e-9) -> bool:
    return math.isclose(found, true, rel_tol=tolerance, abs_tol=tolerance)


def check_performance(found: Figures, true: Mapping[str, Any], version: str, by: str, segment: str, window: str) -> int:
    where = (by, segment, window)
    checked = 0
    for metric in ("accuracy", "precision", "recall", "f1", "brier", "log_loss", "mae", "rmse", "bias", "r2"):
        if true.get(metric) is not None:
            assert same(found["ml_quality", version, metric, *where], true[metric]), (metric, where)
            assert found["ml_quality_rows", version, metric, *where] == true["n"]
            checked += 1
    if true.get("auc") is not None:
        assert abs(found["ml_quality", version, "roc_auc", *where] - true["auc"]) < 1e-4, where
    elif "auc" in true:
        assert ("ml_quality", version, "roc_auc", *where) not in found
    if not by and "tp" in true:
        cells = {"tp": ("1", "1"), "fp": ("1", "0"), "fn": ("0", "1"), "tn": ("0", "0")}
        for cell, names in cells.items():
            assert found["ml_confusion_window_rows", version, *names, window] == true[cell]
    if not by:
        assert same(found["ml_label_coverage_ratio", version, window], true["label_coverage"])
    return checked


def check_drift(found: Figures, true: Mapping[str, Any], window: str, pipeline: Pipeline) -> int:
    checked = 0
    layout = pipeline.layout
    columns = {field.name: field.column for field in layout.features}
    columns |= {"@prediction": layout.prediction.column, "@score": layout.score.column}
    for name, figures in true.items():
        kind, feature = ("data", name) if not name.startswith("@") else (name[1:], "")
        reference = (kind, feature)
        assert found["ml_drift_rows", "", *reference, "training", window] == figures["n"], (name, window)
        if figures["n"] < pipeline.model.drift.min_rows:
            continue
        for method, key in (("ks", "ks"), ("psi", "psi_q10"), ("psi", "psi"), ("js", "js"), ("linf", "linf")):
            if key in figures:
                score = found["ml_drift_score", "", *reference, method, "training", window]
                assert same(score, figures[key]), (name, method, window, score, figures[key])
                checked += 1
        column = columns[name]
        if "wasserstein" in figures:
            assert isinstance(column, NumericColumn)
            score = found["ml_drift_score", "", *reference, "wasserstein", "training", window]
            assert abs(score - figures["wasserstein"]) <= 1e-4 * column.std + 1e-9, (name, window)
        else:
            rows = figures["n"] + column.counts.sum()  # type: ignore[union-attr]
            score = found["ml_drift_score", "", *reference, "chi2", "training", window]
            assert same(score, math.sqrt(figures["chi2"] / rows)), (name, window)
            if kind == "data":
                unseen = found["ml_data_quality_ratio", "", "unseen_category", feature, window]
                assert same(unseen, figures["unseen_share"])
    return checked


def test_whole_log(whole: tuple[dict[str, Any], Figures, Pipeline]) -> None:
    truth, found, pipeline = whole
    true = truth["overall"]
    service = true["service"]
    assert found["ml_window_requests", "", "all"] == service["rows"]
    assert same(found["ml_error_ratio", "", "all"], service["error_ratio"])
    for q, key in (("0.5", "p50"), ("0.9", "p90"), ("0.95", "p95"), ("0.99", "p99"), ("max", "max")):
        assert found["ml_latency_seconds", "", q, "all"] == pytest.approx(service[f"latency_{key}"] / 1e3, rel=0.01)
    for feature, rate in true["null_rate"].items():
        assert same(found["ml_data_quality_ratio", "", "missing", feature, "all"], rate)
    assert check_performance(found, true["performance"], "", "", "", "all") >= 4
    assert check_drift(found, true["drift"], "all", pipeline) > 10


def test_each_version_and_segment(whole: tuple[dict[str, Any], Figures, Pipeline]) -> None:
    truth, found, _ = whole
    for version, true in truth["by_version"].items():
        assert check_performance(found, true, version, "", "", "all")
    for segment, true in truth["by_segment"].items():
        assert check_performance(found, true, "", "segment", segment, "all")


def test_counts_of_labels(whole: tuple[dict[str, Any], Figures, Pipeline]) -> None:
    truth, found, pipeline = whole
    counts = truth["counts"]
    labels = {
        outcome: sum(value for key, value in found.items() if key[0] == "ml_labels_total" and key[2] == outcome)
        for outcome in ("joined", "duplicate", "corrected", "unscored", "orphan")
    }
    assert labels["joined"] == counts["ok_rows_labelled"]
    assert labels["orphan"] == counts["label_lines_of_unknown_requests"]
    assert sum(labels.values()) == counts["label_lines"]
    assert found["ml_exporter_rows_total", "predictions"] == counts["prediction_rows"]
    assert found["ml_exporter_rows_total", "labels"] == counts["label_lines"]
    for version, rows in counts["by_version"].items():
        assert found["ml_requests_total", version, ""] == rows
    assert pipeline.predictions.health.accepted == counts["prediction_rows"]


def test_reference_baselines(whole: tuple[dict[str, Any], Figures, Pipeline]) -> None:
    truth, found, _ = whole
    for metric, value in truth["reference"]["performance"].items():
        key = ("ml_quality_baseline", "", "roc_auc" if metric == "auc" else metric, "", "", "all")
        if key in found:
            assert same(found[key], value), metric
    assert (
        "ml_quality_baseline",
        "",
        "f1" if "f1" in truth["reference"]["performance"] else "mae",
        "",
        "",
        "all",
    ) in found


@pytest.mark.parametrize("name", NAMES)
def test_each_window(name: str) -> None:
    truth = truth_of(name)
    drift, performance = truth["drift_by_window"], truth["performance_by_window"]
    frequencies = [
        frequency
        for frequency in ("10min", "h", "D", "W")
        if frequency in drift or frequency in performance or frequency in truth["service_by_window"]
    ]
    windows = {frequency: Window(*LENGTHS[frequency], step=LENGTHS[frequency][1]) for frequency in frequencies}
    # Each frequency is evaluated on its own grid (weeks begin on Monday); the finest step serves them all.
    step = min(window.step for window in windows.values())
    by_length = sorted(windows.values(), key=lambda window: window.step)
    replay = Replay(name, tuple(Window(window.name, window.length, step) for window in by_length))
    moments = sorted(
        (microseconds(start) + (windows[frequency].length or 0), frequency, start)
        for frequency in frequencies
        for start in {
            **truth["service_by_window"].get(frequency, {}),
            **performance.get(frequency, {}),
            **drift.get(frequency, {}),
        }
    )
    checked = 0
    for at, frequency, start in moments:
        replay.until(at)
        window = next(w for w in replay.pipeline.model.windows if w.name == windows[frequency].name)
        found = replay.figures(window, at)
        is_complete = any(key[0] == "ml_drift_score" for key in found)
        if frequency in performance and start in performance[frequency]:
            check_performance(found, performance[frequency][start], "", "", "", window.name)
        if is_complete and start in drift.get(frequency, {}):
            checked += check_drift(found, drift[frequency][start], window.name, replay.pipeline)
        for feature, rate in truth["null_rate_by_window"].get(frequency, {}).get(start, {}).items():
            assert same(found["ml_data_quality_ratio", "", "missing", feature, window.name], rate)
        if start in truth["service_by_window"].get(frequency, {}):
            check_service(found, truth["service_by_window"][frequency][start], window.name)
    assert checked > 400


def check_service(found: Figures, true: Mapping[str, Any], window: str) -> None:
    assert found["ml_window_requests", "", window] == true["rows"]
    assert same(found["ml_error_ratio", "", window], true["error_ratio"])
    for q, key in (("0.5", "p50"), ("0.9", "p90"), ("0.95", "p95"), ("0.99", "p99"), ("max", "max")):
        assert found["ml_latency_seconds", "", q, window] == pytest.approx(true[f"latency_{key}"] / 1e3, rel=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_known_then(name: str) -> None:
    for at, true in truth_of(name)["as_of"]["at"].items():
        found = figures_of(Backtest(pipeline_of(name), microseconds(at), "known").run(NOW))
        assert check_performance(found, true, "", "", "", "all")
