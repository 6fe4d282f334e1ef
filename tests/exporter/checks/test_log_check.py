from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from exporter.capture.profiles import profile_of
from exporter.checks.log_check import check_logs
from exporter.checks.log_opening import FIRST_RECORDS
from exporter.configuration import load
from exporter.counting.layout import Layout
from exporter.durations import parse_timestamp
from tests.end_to_end.world import World
from tests.exporter.decoders.tables import csv_line, csv_records

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


def test_features_that_are_somewhere_else_together(world: World) -> None:
    rewrite(world, '"features"', '"inputs"')
    (warning,) = warnings(world)
    assert warning.endswith("; try fields.features: inputs")


def test_features_that_are_deep_inside_the_records_in_several_places(world: World) -> None:
    log = world.folder / "predictions.jsonl"
    records = [json.loads(line) for line in log.read_text().splitlines()]
    for record in records:
        features = record.pop("features")
        record["request"] = {"user": {"tenure": features["tenure"]}, "cart": {"plan": features["plan"]}}
    log.write_text("".join(json.dumps(record) + "\n" for record in records))
    world.config.write_text(world.config.read_text() + "    fields: {features: request}\n")
    absent, unwatched = warnings(world)
    hint = "features: {plan: {path: request.cart.plan}, tenure: {path: request.user.tenure}}"
    assert absent.endswith(f"; try {hint}")
    assert unwatched.endswith("no 'user.tenure', 'cart.plan': what only the log has is not watched")

    world.config.write_text(world.config.read_text() + f"    {hint}\n")
    assert warnings(world) == []


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
        "predictions: predictions.jsonl: 3 of the first 20 lines are not used; most often: bad_timestamp, as line 8 (time_format is rfc3339)"
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
        "are dated 1970-01-21T" in warning and warning.endswith("; try time_format: epoch_ms")
        for warning in warnings(world)
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


def convert(world: World, kind: str) -> None:
    """Write the logs in another format, and say so."""
    for name in ("predictions", "labels"):
        log = world.folder / f"{name}.jsonl"
        records = [json.loads(line) for line in log.read_text().splitlines()]
        if kind == "csv":
            payload = csv_records(records)
            header = csv_line(payload.names)
            log.with_suffix(".csv").write_bytes(b"\r\n".join([header, *payload.records, b""]))
        else:
            parquet.write_table(pa.Table.from_pylist(records), log.with_suffix(".parquet"))
    world.config.write_text(world.config.read_text().replace(".jsonl", f".{kind}"))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_other_formats_as_they_should_be(world: World, kind: str) -> None:
    convert(world, kind)
    assert warnings(world) == []


@pytest.mark.parametrize(("kind", "unit", "number"), [("csv", "line", 9), ("parquet", "row", 8)])
def test_a_finding_names_the_line_or_row(world: World, kind: str, unit: str, number: int) -> None:
    log = world.folder / "predictions.jsonl"
    lines = log.read_text().splitlines()
    lines[7] = json.dumps({**json.loads(lines[7]), "timestamp": "soon"})
    log.write_text("\n".join(lines))
    convert(world, kind)
    (warning,) = warnings(world)
    assert warning.startswith(
        f"predictions: predictions.{kind}: 1 of the first 20 {unit}s are not used; most often: bad_timestamp, "
        f"as {unit} {number}"
    )


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_other_formats_have_instead(world: World, kind: str) -> None:
    rewrite(world, '"plan"', '"tariff"')
    convert(world, kind)
    warning, other = warnings(world)
    assert "has the feature 'plan'; the first one has request_id, timestamp, " in warning
    assert "features.tariff" in warning
    assert other.endswith("the reference has no 'tariff': what only the log has is not watched")


def test_lines_of_csv_are_counted_as_an_editor_counts_them(world: World) -> None:
    convert(world, "csv")
    log = world.folder / "predictions.csv"
    header, first, *others = log.read_text().splitlines()
    log.write_text("\n".join([header, first.replace("r0", '"r\n\n0"'), "", "short", *others, ""]))
    (warning,) = warnings(world)
    assert warning.endswith("1 of the first 21 lines are not used; most often: wrong_column_count, as line 6")


def test_the_newest_file_is_looked_at_too(world: World) -> None:
    world.config.write_text(world.config.read_text().replace("predictions.jsonl", "predictions*.jsonl"))
    log = world.folder / "predictions.jsonl"
    for number, name in enumerate(["predictions-1.jsonl", "predictions-2.jsonl"]):
        (world.folder / name).write_text(log.read_text().replace('"timestamp"', '"time"'))
        os.utime(world.folder / name, (number, number))
    first, newest = warnings(world)[0], (world.folder / "predictions-2.jsonl")
    assert first.startswith("predictions: predictions-1.jsonl: all of the first 20 lines are not used")
    assert len(warnings(world)) == 1
    os.utime(newest)
    assert warnings(world)[1].startswith("predictions: predictions-2.jsonl: all of the first 20 lines are not used")


def test_parquet_times_without_a_zone(world: World) -> None:
    convert(world, "parquet")
    log = world.folder / "predictions.parquet"
    table = parquet.read_table(log)
    place = table.column_names.index("timestamp")
    times = pa.array([0] * len(table), pa.timestamp("us"))
    parquet.write_table(table.set_column(place, "timestamp", times), log)
    (warning,) = warnings(world)
    assert "most often: bad_timestamp, as row 1 (times without a zone need time_zone); the first one has " in warning


def test_files_that_cannot_be_looked_at(world: World) -> None:
    convert(world, "parquet")
    (world.folder / "predictions.parquet").write_bytes(b"PAR1 and so on")
    assert warnings(world) == [
        "predictions: predictions.parquet: has no Parquet footer yet; it is waited for",
    ]
    world.config.write_text(world.config.read_text().replace(".parquet", ".csv"))
    (world.folder / "predictions.csv").write_text("a,a\n1,2\n")
    (world.folder / "labels.csv").write_text("")
    assert warnings(world) == [
        "predictions: predictions.csv: cannot be read: the header names the column 'a' 2 times; rename or remove the others"
    ]


def test_a_folder_without_logs(world: World) -> None:
    (world.folder / "logs").mkdir()
    world.config.write_text(world.config.read_text().replace("predictions.jsonl", "logs"))
    assert warnings(world) == [
        "predictions: no JSON lines file (.jsonl, .ndjson, .json) in logs yet; files are waited for"
    ]
