"""The page that is served and the one that `evaluate` prints, of the same logs as of the same moment."""

from __future__ import annotations

import io
import json
import math
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporter.cli import main
from tests.end_to_end.world import DEADLINE, Page, World, eventually, page_of, sidecar

START = 1_767_225_600
# A while of requests with labels, then some minutes of requests without: by then all that is to settle has settled.
LABELLED, END = 3600, 9060
CLASSES = {"binary": ("no", "yes"), "multiclass": ("bus", "car", "tram")}

CONFIGURATION = """\
evaluation_interval: 1s
models:
"""
MODEL = """\
  {task}:
    task: {task}
    predictions: {task}.jsonl
    reference: {task}-reference.csv
    labels: {{path: {task}-labels.jsonl, horizon: 1h, settle: 2m}}
    time_format: epoch_s
    windows: [10m, {{length: 1h, previous: true}}, 2h, all, 100rows]
    allowed_lateness: 0s
    idle_timeout: 365d
    segments: [region]
    drift: {{numeric: [ks, psi, js, wasserstein], categorical: [psi, js, chi2, linf]}}
    slos: {{fast: {{objective: 0.9, latency: 100ms}}, up: {{objective: 0.99, availability: true}}}}
    info: {{owner: them, trained_at: "2026-01-01T00:00:00Z"}}
"""
# Of the exporter itself, what follows from the logs alone.
BOOKS = {"ml_exporter_rows_total", "ml_exporter_rejected_rows_total", "ml_exporter_invalid_fields_total"}
FAMILIES = {
    *("ml_requests_total", "ml_failed_requests_total", "ml_errors_total", "ml_request_duration_seconds"),
    *("ml_window_requests", "ml_error_ratio", "ml_latency_seconds", "ml_predictions_total"),
    *("ml_low_confidence_predictions_total", "ml_prediction_confidence", "ml_confusion_rows_total"),
    *("ml_confusion_window_rows", "ml_feature_bin_rows_total", "ml_feature_bin_reference_ratio", "ml_drift_score"),
    *("ml_drift_rows", "ml_data_quality_ratio", "ml_data_quality_rows", "ml_quality", "ml_quality_rows"),
    *("ml_quality_baseline", "ml_labels_total", "ml_label_delay_seconds", "ml_label_coverage_ratio"),
    *("ml_slo_objective_ratio", "ml_slo_latency_limit_seconds", "ml_slo_events_total", "ml_slo_good_events_total"),
    *("ml_model_info", "ml_model_trained_timestamp_seconds", "ml_reference_info", "ml_reference_rows"),
}


def record(random_: random.Random, task: str) -> dict[str, Any]:
    """What a request and a row of the reference have in common."""
    x = round(random_.gauss(0, 1), 3)
    outputs: dict[str, Any] = {"x": x, "plan": random_.choice("abc"), "region": random_.choice("ns")}
    if task == "regression":
        return outputs | {"prediction": round(3 * x + random_.random(), 3), "label": round(3 * x, 3)}
    weights = [random_.random() + 0.1 for _ in CLASSES[task]]
    scores = [round(weight / sum(weights), 4) for weight in weights]
    outputs["prediction"] = CLASSES[task][scores.index(max(scores))]
    outputs["label"] = random_.choices(CLASSES[task], weights)[0]
    return outputs | ({"score": scores[1]} if task == "binary" else dict(zip(CLASSES[task], scores, strict=True)))


def write(folder: Path, task: str) -> None:
    random_ = random.Random(task)
    rows = [record(random_, task) for _ in range(300)]
    text = "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows), ""])
    (folder / f"{task}-reference.csv").write_text(text)
    times = [*(LABELLED * i / 600 for i in range(600)), *range(END - 60, END + 1)]
    random_.shuffle(times)
    requests, labels = [], []
    for number, time in enumerate(times):
        request, label = requested(random_, task, number, time)
        requests.append(request)
        labels += label if time < LABELLED else []
    (folder / f"{task}.jsonl").write_text("\n".join([*map(json.dumps, requests), "{broken", ""]))
    (folder / f"{task}-labels.jsonl").write_text("\n".join([*map(json.dumps, labels), ""]))


def requested(
    random_: random.Random, task: str, number: int, time: float
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A request, and the lines of labels that come for it: none, one, a corrected one, or somebody else's."""
    row = record(random_, task)
    scores = {name: row.pop(name) for name in CLASSES.get(task, ()) if name in row}
    truth, name = row.pop("label"), f"r{number}"
    features = {"x": row.pop("x"), "plan": row.pop("plan")}
    if random_.random() < 0.1:
        features.pop(random_.choice(["x", "plan"]))
    request = {"request_id": name, "timestamp": START + time, "features": features, **row}
    request |= {"version": str(int(time > 1800)), "endpoint": random_.choice(("/a", "/b"))}
    request |= {"status": random_.choice((200,) * 8 + (404, 503)), "latency_ms": round(random_.expovariate(1 / 50), 3)}
    request |= {"scores": scores} if scores else {}
    line = {"request_id": name, "label": truth, "timestamp": START + time + random_.uniform(1, 600)}
    other = record(random_, task)["label"]
    later = line | {"label": other, "timestamp": START + time + 700}
    return request, random_.choice(([], [line], [line], [later, line], [line | {"request_id": f"nobody{number}"}]))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("same") / "w")
    tasks = (*CLASSES, "regression")
    positive = {"binary": "    positive_class: yes\n"}
    world.config.write_text(CONFIGURATION + "".join(MODEL.format(task=task) + positive.get(task, "") for task in tasks))
    for task in tasks:
        write(world.folder, task)
    return world


def evaluated(world: World, *more: str) -> Page:
    stdout, stderr = io.StringIO(), io.StringIO()
    assert main(["evaluate", f"--config.file={world.config}", *more], stdout, stderr) == 0, stderr.getvalue()
    names = {sample.name for family in text_string_to_metric_families(stdout.getvalue()) for sample in family.samples}
    assert {name for name in FAMILIES if not any(each.startswith(name) for each in names)} == set()
    return of_models(page_of(stdout.getvalue()))


def of_models(page: Page) -> Page:
    return {
        key: value
        for key, value in page.items()
        if (key[0].startswith("ml_") and not key[0].startswith("ml_exporter_")) or key[0] in BOOKS
    }


def differences(one: Mapping[Any, float], other: Mapping[Any, float]) -> Iterator[str]:
    """Counts are equal; sums of floats may have been added up in another order."""
    for key in sorted(one.keys() | other.keys()):
        left, right = one.get(key, math.nan), other.get(key, math.nan)
        if not math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12):
            yield f"{key}: {left} and {right}"


def test_serve_shows_what_evaluate_prints(world: World) -> None:
    expected = evaluated(world)
    assert len(expected) > 1500
    last: list[str] = []

    def is_same(page: Page) -> bool:
        last[:] = differences(of_models(page), expected)
        return not last

    with sidecar(world) as running:
        try:
            eventually(lambda: is_same(running.page()), "the same figures")
        except AssertionError:
            pytest.fail(f"{len(last)} figures differ after {DEADLINE:.0f} s, such as\n" + "\n".join(last[:20]))


def test_an_earlier_moment_is_another_page(world: World) -> None:
    """Lest the comparison above compare nothing."""
    assert list(differences(evaluated(world), evaluated(world, "--at=2026-01-01T01:00:00Z")))
