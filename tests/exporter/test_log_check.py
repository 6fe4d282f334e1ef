from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from exporter.configuration import load
from exporter.layout import Layout
from exporter.log_check import FIRST_LINES, check_logs
from exporter.profiles import profile_of
from tests.end_to_end.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "w")
    world.predict(20)
    world.label(0, 5)
    return world


def warnings(world: World) -> list[str]:
    (model,) = load(world.config).configuration.models.values()
    folder = f"{world.folder}/"
    return [warning.replace(folder, "") for warning in check_logs(Layout(model, profile_of(model, None)))]


def rewrite(world: World, old: str, new: str) -> None:
    log = world.folder / "predictions.jsonl"
    log.write_text(log.read_text().replace(old, new))


def test_logs_as_they_should_be_are_not_worth_a_word(world: World) -> None:
    assert warnings(world) == []
    log = world.folder / "predictions.jsonl"
    log.write_bytes(gzip.compress(log.read_bytes()))
    assert warnings(world) == []


def test_logs_that_are_not_there_yet(world: World) -> None:
    (world.folder / "predictions.jsonl").unlink()
    world.config.write_text(world.config.read_text().replace("labels.jsonl", "labels-*.jsonl"))
    assert warnings(world) == [
        "predictions: predictions.jsonl: no such file yet; it is waited for",
        "labels: no file matches labels-*.jsonl yet; files are waited for",
    ]


def test_an_empty_log_says_nothing_yet(world: World) -> None:
    (world.folder / "predictions.jsonl").write_text("\n\n")
    assert warnings(world) == []


def test_features_of_the_reference_that_the_log_does_not_have(world: World) -> None:
    rewrite(world, '"plan"', '"tariff"')
    (warning,) = warnings(world)
    assert warning == (
        "predictions: predictions.jsonl: none of the first 20 lines has the feature 'plan'; the first one has "
        "request_id, timestamp, version, latency_ms, features.tenure, features.tariff, score, prediction, status"
    )


def test_features_in_another_place_and_no_prediction(world: World) -> None:
    rewrite(world, '"features"', '"inputs"')
    rewrite(world, '"prediction"', '"class"')
    rewrite(world, '"score"', '"p"')
    (warning,) = warnings(world)
    assert "has the feature 'plan', the feature 'tenure', a prediction, a score; " in warning
    assert "inputs.tenure" in warning


def test_a_feature_that_one_line_has_is_there(world: World) -> None:
    log = world.folder / "predictions.jsonl"
    first, *others = log.read_text().splitlines(keepends=True)
    log.write_text(first + "".join(others).replace('"plan"', '"tariff"'))
    assert warnings(world) == []


def test_lines_that_are_all_refused(world: World) -> None:
    rewrite(world, '"timestamp"', '"time"')
    log = world.folder / "predictions.jsonl"
    log.write_text("\n" + log.read_text())
    (warning,) = warnings(world)
    assert warning.startswith(
        "predictions: predictions.jsonl: all of the first 20 lines are not used; most often: missing_timestamp, "
        "as line 2; the first one has request_id, time, "
    )


def test_lines_that_are_refused_among_others(world: World) -> None:
    log = world.folder / "predictions.jsonl"
    lines = log.read_text().splitlines()
    lines[3] = "{"
    lines[7] = lines[9] = json.dumps({**json.loads(lines[7]), "timestamp": "soon"})
    log.write_text("\n".join(lines))
    assert warnings(world) == [
        "predictions: predictions.jsonl: 3 of the first 20 lines are not used; most often: bad_timestamp, as line 8"
    ]


def test_lines_of_other_models_matter_only_where_there_are_no_others(world: World) -> None:
    world.config.write_text(world.config.read_text() + "    fields: {model: name}\n")
    rewrite(world, '"version": "1"', '"version": "1", "name": "spam"')
    (warning,) = warnings(world)
    assert "all of the first 20 lines are not used; most often: of another model, as line 1" in warning
    log = world.folder / "predictions.jsonl"
    log.write_text(log.read_text().replace("spam", "churn", 1))
    assert warnings(world) == []


def test_labels_are_looked_at_too(world: World) -> None:
    log = world.folder / "labels.jsonl"
    log.write_text(log.read_text().replace('"label"', '"truth"'))
    (warning,) = warnings(world)
    assert warning.startswith("labels: labels.jsonl: all of the first 5 lines are not used; most often: missing_label")


def test_only_the_first_lines_are_read(world: World) -> None:
    world.predict(FIRST_LINES - 20)
    with (world.folder / "predictions.jsonl").open("a") as log:
        log.write("{\n")
    assert warnings(world) == []


def test_a_damaged_log_is_named(world: World) -> None:
    log = world.folder / "predictions.jsonl"
    log.write_bytes(gzip.compress(log.read_bytes())[:-10])
    (warning,) = warnings(world)
    assert warning.startswith("predictions: predictions.jsonl: cannot be read: ")
