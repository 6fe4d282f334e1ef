"""A backtest reads logs in any order as of a moment, and says what was known then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporter.service.evaluate import Backtest, KnownLabels
from tests.exporter.synthetic import NOW, SECOND, START, World, figures, world


def prediction(time: float, name: str, **more: Any) -> dict[str, Any]:
    return {"timestamp": round((START + time) * SECOND), "request_id": name, "version": "v1", "score": 0.9, **more}


def label(time: float, name: str, value: int = 1) -> dict[str, Any]:
    return {"timestamp": round((START + time) * SECOND), "request_id": name, "label": value}


def at(time: float) -> int:
    return round((START + time) * SECOND)


@pytest.fixture
def made(tmp_path: Path) -> World:
    made = world(tmp_path, windows="1h, all", memory="64KiB")
    # Newest first, and nothing is late; more predictions than limits.memory holds.
    made.write("predictions.jsonl", [prediction(i, f"id{i}") for i in reversed(range(3000))])
    made.write("labels.jsonl", [label(i + 60, f"id{i}") for i in range(3000)])
    made.write("labels.jsonl", [label(5, "nobody"), label(9000, "id0", 0), label(3000, "id1", 0)])
    return made


def run(made: World, moment: int | None, labels: KnownLabels) -> dict[tuple[str, ...], float]:
    pipeline = made.pipeline(10_000, finish=True)
    backtest = Backtest(pipeline, moment, labels)
    found = {key: values[0] for key, values in figures(backtest.run(NOW)).items()}
    assert backtest.is_complete
    pipeline.close()
    return found


def test_everything(made: World) -> None:
    found = run(made, None, "all")
    assert found["ml_requests_total", "m", "v1", ""] == 3000
    assert found["ml_exporter_evicted_predictions_total", "m"] == 0
    assert found["ml_labels_total", "m", "v1", "joined"] == 3000
    # The correction of id0 comes 2.5 hours later, beyond the horizon of 2: it belongs to nobody.
    assert found["ml_labels_total", "m", "v1", "corrected"] == 1
    assert found["ml_labels_total", "m", "", "orphan"] == 2
    assert found["ml_confusion_window_rows", "m", "", "1", "1", "all"] == 2999
    # The correction of id1 comes 50 minutes later, after it has settled.
    assert found["ml_confusion_rows_total", "m", "v1", "1", "1"] == 3000


def test_as_of_a_moment(made: World) -> None:
    found = run(made, at(1000), "known")
    assert found["ml_window_requests", "m", "", "all"] == 1000
    assert found["ml_exporter_rows_total", "m", "predictions"] == 1000
    # A label of that very moment is known.
    assert found["ml_labels_total", "m", "v1", "joined"] == 941
    assert found["ml_labels_total", "m", "", "orphan"] == 0


def test_all_labels_as_of_a_moment(made: World) -> None:
    """Labels of requests that come after the moment are no orphans; one that nobody asked for is."""
    found = run(made, at(1000), "all")
    assert found["ml_labels_total", "m", "v1", "joined"] == 1000
    assert found["ml_labels_total", "m", "", "orphan"] == 2


def test_orphans_that_were_known_by_then(made: World) -> None:
    assert run(made, at(20_000), "known")["ml_labels_total", "m", "", "orphan"] == 2
    assert run(made, at(10_000), "known")["ml_labels_total", "m", "", "orphan"] == 1


def test_an_empty_log(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.write("predictions.jsonl", [])
    made.write("labels.jsonl", [label(5, "nobody")])
    found = run(made, None, "known")
    assert found["ml_labels_total", "m", "", "orphan"] == 0
    assert run(made, None, "all")["ml_labels_total", "m", "", "orphan"] == 1


def test_a_version_is_not_forgotten_while_its_log_is_read(tmp_path: Path) -> None:
    """Files take turns: one of them may be read to its end while another has hardly begun."""
    made = world(tmp_path, windows="10m, all")
    made.model = made.model.model_copy(update={"version_ttl": 3600 * SECOND})
    made.model._name = "m"
    made.write("predictions-1.jsonl", [prediction(120 * i, f"a{i}") for i in range(200)])
    made.write("predictions-2.jsonl", [prediction(120 * 200, "b", version="v2")])
    found = run(made, None, "all")
    assert found["ml_requests_total", "m", "v1", ""] == 200
    assert found["ml_window_requests", "m", "v1", "all"] == 200


def test_a_version_without_rows_for_long_has_no_figures(tmp_path: Path) -> None:
    made = world(tmp_path, windows="10m, all")
    made.model = made.model.model_copy(update={"version_ttl": 3600 * SECOND})
    made.model._name = "m"
    made.write("predictions.jsonl", [prediction(0, "a"), prediction(7200, "b", version="v2")])
    made.write("labels.jsonl", [label(60, "a")])
    found = run(made, None, "all")
    assert not any("v1" in key for key in found)
    assert found["ml_labels_total", "m", "", "orphan"] == 0
