from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from exporter.configuration import load
from exporter.durations import parse_timestamp
from exporter.layout import Layout
from exporter.log_check import check_logs
from exporter.log_opening import FIRST_RECORDS
from exporter.profiles import profile_of
from tests.end_to_end.world import World

# A wall clock after everything that the logs of these tests hold.
NOW = parse_timestamp("2100-01-01T00:00:00Z")


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "w")
    world.predict(20)
    world.label(0, 5)
    return world


def warnings(world: World) -> list[str]:
    (model,) = load(world.config).configuration.models.values()
    folder = f"{world.folder}/"
    return [warning.replace(folder, "") for warning in check_logs(Layout(model, profile_of(model, None)), NOW)]


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
    warning, other = warnings(world)
    assert other.endswith("the reference has no 'tariff': what only the log has is not watched")
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
    world.predict(FIRST_RECORDS - 20)
    with (world.folder / "predictions.jsonl").open("a") as log:
        log.write("{\n")
    assert warnings(world) == []


def test_a_damaged_log_is_named(world: World) -> None:
    log = world.folder / "predictions.jsonl"
    log.write_bytes(gzip.compress(log.read_bytes())[:-10])
    (warning,) = warnings(world)
    assert warning.startswith("predictions: predictions.jsonl: cannot be read: ")


def test_times_in_the_wrong_unit(world: World) -> None:
    log = world.folder / "predictions.jsonl"
    records = [json.loads(line) for line in log.read_text().splitlines()]
    log.write_text("".join(json.dumps({**record, "timestamp": 1_780_000_000_000}) + "\n" for record in records))
    world.config.write_text(world.config.read_text().replace("    task:", "    time_format: epoch_us\n    task:", 1))
    assert any(
        "are dated 1970-01-21T" in warning and "is the time_format right?" in warning for warning in warnings(world)
    )


def test_classes_that_are_spelt_in_another_way(world: World) -> None:
    rewrite(world, '"prediction": 1', '"prediction": "yes"')
    rewrite(world, '"prediction": 0', '"prediction": "no"')
    (warning,) = warnings(world)
    assert "none of the first 20 predictions are of the classes 0, 1: there is " in warning


def test_labels_of_other_classes(world: World) -> None:
    log = world.folder / "labels.jsonl"
    records = [json.loads(line) for line in log.read_text().splitlines()]
    log.write_text("".join(json.dumps({**record, "label": "spam"}) + "\n" for record in records))
    (warning,) = warnings(world)
    assert warning.startswith(
        "labels: labels.jsonl: none of the first 5 labels are of the classes 0, 1: there is 'spam'"
    )


def test_scores_that_are_no_probabilities(world: World) -> None:
    log = world.folder / "predictions.jsonl"
    records = [json.loads(line) for line in log.read_text().splitlines()]
    log.write_text("".join(json.dumps({**record, "score": 91.5}) + "\n" for record in records))
    found = warnings(world)
    assert any("20 of the first 20 lines have no usable score, as line 1" in warning for warning in found)


def test_features_that_the_reference_lacks(world: World) -> None:
    rewrite(world, '"features": {', '"features": {"postcode": 7, ')
    (warning,) = warnings(world)
    assert warning.endswith("the reference has no 'postcode': what only the log has is not watched")


def test_fields_that_are_not_where_the_configuration_says(world: World) -> None:
    text = world.config.read_text().replace("    task:", "    fields: {request_id: id, version: v}\n    task:", 1)
    world.config.write_text(text)
    found = warnings(world)
    assert any("has the request_id (id), the version (v); the first one has " in warning for warning in found)
