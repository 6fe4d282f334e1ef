"""What is read is accounted for, and a backlog is read so that labels find their predictions."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter import catalogue
from exporter.pipeline import Pipeline
from exporter.snapshot import Sample
from tests.exporter.synthetic import NOW, SECOND, START, World, drain, figures, fill, world


def prediction(time: float, name: str, **more: Any) -> dict[str, Any]:
    return {"timestamp": round((START + time) * SECOND), "request_id": name, "version": "v1", "score": 0.9, **more}


def label(time: float, name: str, value: int = 1) -> dict[str, Any]:
    return {"timestamp": round((START + time) * SECOND), "request_id": name, "label": value}


def outcomes(pipeline: Pipeline) -> dict[str, int]:
    found: dict[str, int] = {}
    for sample in pipeline.samples(None):
        if sample.metric is catalogue.LABELS:
            assert isinstance(sample.value, int)
            found[sample.labels[2]] = found.get(sample.labels[2], 0) + sample.value
    return found


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1 << 32), batch_bytes=st.sampled_from((300, 2000, 1 << 20)))
def test_every_record_is_accounted_for(seed: int, batch_bytes: int) -> None:
    """Accepted, late, ignored and rejected ones are all there are, at any time."""
    random_ = random.Random(seed)
    with TemporaryDirectory() as folder:
        made = world(Path(folder), windows="10m, 1h")
        pipeline = made.pipeline(batch_bytes)
        lines = 0
        for _ in range(4):
            base = random_.uniform(0, 20_000)
            records = [prediction(base - random_.uniform(0, 9000), f"{random_.randrange(40)}") for _ in range(30)]
            records += [prediction(99e6, "far ahead"), {"timestamp": "none"}, {"request_id": "no time"}]
            made.write("predictions.jsonl", records)
            with (Path(folder) / "predictions.jsonl").open("a") as file:
                file.write("not JSON\n[]\n")
            made.write("labels.jsonl", [label(base, "1"), label(99e6, "2"), {"label": 1}])
            lines += len(records) + 2
            drain(pipeline)
            check_accounts(pipeline)
        assert pipeline.predictions.health.rows == lines
        assert pipeline.predictions.health.rejected["future"] == 4
        assert pipeline.labels is not None
        assert pipeline.labels.health.rejected["future"] == 4
        pipeline.close()


def check_accounts(pipeline: Pipeline) -> None:
    health, layout = pipeline.predictions.health, pipeline.layout
    requests = sum(int(each.counts[layout.traffic.start]) for each in pipeline.ledger.totals.values())
    assert requests + health.late + health.ignored + health.rejected.total() == health.rows


@pytest.fixture
def made(tmp_path: Path) -> World:
    return world(tmp_path, windows="10m, 1h")


def test_a_row_from_the_future_moves_nothing(made: World) -> None:
    made.write("predictions.jsonl", [prediction(0, "a")])
    pipeline = made.pipeline()
    drain(pipeline)
    mark = pipeline.watermark.value
    made.write("predictions.jsonl", [prediction(50 * 86_400, "b")])
    drain(pipeline)
    assert pipeline.watermark.value == mark == pipeline.ledger.now
    assert pipeline.predictions.health.rejected == {"future": 1}


def test_rows_are_late_only_once_the_log_was_read_to_its_end(made: World) -> None:
    made.write("predictions.jsonl", [prediction(9000, "a"), prediction(0, "b")])
    pipeline = made.pipeline(50)
    drain(pipeline)
    assert pipeline.predictions.health.late == 0
    made.write("predictions.jsonl", [prediction(1, "c"), prediction(8000, "d")])
    drain(pipeline)
    assert pipeline.predictions.health.late == 1
    assert pipeline.predictions.health.accepted == 3


def test_a_repeated_request_is_rejected(made: World) -> None:
    made.write("predictions.jsonl", [prediction(0, "a"), prediction(0, "a"), prediction(0, "a", version="v2")])
    pipeline = made.pipeline(50)
    drain(pipeline)
    assert pipeline.predictions.health.rejected == {"duplicate_id": 1}


@pytest.mark.parametrize("files", [1, 10])
def test_a_backlog_longer_than_the_horizon_finds_its_labels(made: World, files: int) -> None:
    """300 hours of log with a horizon of 2 hours, in one file or in ten that take turns."""
    span = 300 * 3600
    times = [span * i / 3000 for i in range(3000)]
    for i, time in enumerate(times):
        name = f"predictions{i * files // len(times)}.jsonl"
        made.write(name, [prediction(time, f"id{i}")])
        made.write(name.replace("predictions", "labels"), [label(time + 6000, f"id{i}")])
    pipeline = made.pipeline(5000)
    most = 0
    while pipeline.step(NOW):
        assert pipeline.ledger.join is not None
        most = max(most, len(pipeline.ledger.join.predictions))
    assert outcomes(pipeline) == {"joined": 3000, "duplicate": 0, "corrected": 0, "unscored": 0, "orphan": 0}
    if files == 1:
        assert most < 300


def test_an_idle_clock_waits_for_what_was_written_meanwhile(made: World) -> None:
    """After a long stop, rows are not late because the wall clock has run on."""
    made.write("predictions.jsonl", [prediction(0, "a")])
    made.write("labels.jsonl", [label(10, "a")])
    pipeline = made.pipeline()
    wall = START * SECOND
    drain(pipeline, wall)
    made.write("predictions.jsonl", [prediction(3600 * i, f"b{i}") for i in range(1, 30)])
    made.write("labels.jsonl", [label(3600 * i, f"b{i}") for i in range(1, 30)])
    drain(pipeline, wall + 30 * 3600 * SECOND)
    assert pipeline.predictions.health.late == 0
    assert outcomes(pipeline)["joined"] == 30


def test_a_trickle_of_old_labels_does_not_hold_predictions_up(made: World) -> None:
    pipeline = made.pipeline()
    made.write("predictions.jsonl", [prediction(1000, "a")])
    drain(pipeline)
    for i in range(5):
        made.write("labels.jsonl", [label(i, f"x{i}")])
        made.write("predictions.jsonl", [prediction(1001 + i, f"b{i}")])
        pipeline.step(NOW)
    assert pipeline.predictions.health.accepted == 6


def test_a_label_log_is_read_a_bounded_piece_at_a_time(made: World) -> None:
    made.write("predictions.jsonl", [prediction(9000, "a")])
    made.write("labels.jsonl", [label(i, f"x{i}") for i in range(1000)])
    pipeline = made.pipeline(500)
    steps = 0
    while pipeline.step(NOW):
        steps += 1
    assert steps > 5
    assert pipeline.labels is not None
    assert pipeline.labels.health.accepted == 1000


def test_many_small_files_are_read_many_at_a_time(made: World) -> None:
    """A hundred sidecars may write to one folder; each look takes its time, but a rest after each would take longer."""
    for number in range(300):
        made.write(f"predictions{number}.jsonl", [prediction(number, f"a{number}")])
    pipeline = made.pipeline()
    steps = 1
    while pipeline.step(NOW):
        steps += 1
    assert pipeline.predictions.health.accepted == 300
    assert steps <= 4


def test_files_that_all_grow_between_two_steps_are_at_their_end_in_each(made: World) -> None:
    pipeline = made.pipeline()
    for round_ in range(3):
        for number in range(60):
            made.write(f"predictions{number}.jsonl", [prediction(100 * round_ + number, f"{round_}-{number}")])
        pipeline.step(NOW)
        assert pipeline.predictions.health.accepted == 60 * (round_ + 1)
        assert pipeline.predictions.is_at_end
        assert pipeline.prediction_backlog.was_drained


def test_evicted_predictions_are_counted_from_zero_on(tmp_path: Path) -> None:
    roomy, tight = world(tmp_path / "a"), world(tmp_path / "b", memory="64KiB")
    found = []
    for made in (roomy, tight):
        made.write("predictions.jsonl", [prediction(i / 10, f"id{i}") for i in range(4000)])
        pipeline = made.pipeline(30_000)
        drain(pipeline)
        found.append(evicted(list(pipeline.source_samples())))
        assert pipeline.ledger.join is not None
        assert pipeline.ledger.join.nbytes <= made.model.limits.memory
        check_accounts(pipeline)
    assert found[0] == 0
    assert 1000 < found[1] < 4000


def evicted(samples: list[Sample]) -> float:
    (value,) = (sample.value for sample in samples if sample.metric is catalogue.EVICTED_PREDICTIONS)
    assert isinstance(value, int)
    return value


def test_a_version_that_has_gone_is_forgotten(tmp_path: Path) -> None:
    made = world(tmp_path, windows="10m, all")
    made.model = made.model.model_copy(update={"version_ttl": 3600 * SECOND})
    made.model._name = "m"
    made.write("predictions.jsonl", [prediction(0, "a", version="old"), prediction(7200, "b", version="new")])
    pipeline = made.pipeline(50)
    drain(pipeline)
    # Its label comes too late for a version that nobody shows any more.
    made.write("labels.jsonl", [label(7100, "a"), label(7200, "b")])
    drain(pipeline)
    assert {key[2] for key in figures(pipeline.samples(pipeline.ledger.now)) if key[0] == "ml_requests_total"} == {
        "new"
    }
    assert not any("old" in key for key in figures(pipeline.samples(pipeline.ledger.now)))


def test_a_version_that_comes_back_knows_nothing_of_its_past(tmp_path: Path) -> None:
    made = world(tmp_path, windows="10m, all")
    made.model = made.model.model_copy(update={"version_ttl": 1800 * SECOND})
    made.model._name = "m"
    made.write("predictions.jsonl", [prediction(0, "a", version="old")])
    made.write("labels.jsonl", [label(60, "a", 1)])
    pipeline = made.pipeline()
    drain(pipeline)
    made.write("predictions.jsonl", [prediction(3600, "b", version="new")])
    drain(pipeline)
    made.write("predictions.jsonl", [prediction(3700, "c", version="old")])
    drain(pipeline)
    # A correction for a prediction that is in no pane any more.
    made.write("labels.jsonl", [label(3700, "a", 0)])
    drain(pipeline)
    found = figures(pipeline.samples(pipeline.ledger.now))
    assert found["ml_window_requests", "m", "old", "all"] == (1,)
    assert found["ml_label_coverage_ratio", "m", "old", "all"] == (0,)
    assert min(value for key, (value, *_) in found.items() if key[0] == "ml_confusion_window_rows") == 0


def test_forgotten_versions_make_room_for_new_ones(tmp_path: Path) -> None:
    made = world(tmp_path, windows="10m, all")  # three versions have names of their own
    made.model = made.model.model_copy(update={"version_ttl": 1800 * SECOND})
    made.model._name = "m"
    pipeline = made.pipeline()
    for week in range(8):
        made.write(
            "predictions.jsonl", [prediction(3600 * week + i, f"{week} {i}", version=f"w{week}") for i in range(5)]
        )
        made.write("labels.jsonl", [label(3600 * week + 60, f"{week} {i}") for i in range(5)])
        drain(pipeline)
    found = figures(pipeline.samples(pipeline.ledger.now))
    assert {key[2] for key in found if key[0] == "ml_requests_total"} == {"w7"}
    assert found["ml_requests_total", "m", "w7", ""] == (5,)
    assert found["ml_label_coverage_ratio", "m", "w7", "all"] == (1,)
    assert found["ml_exporter_overflowing_values_total", "m", "model_version"] == (0,)


def test_values_beyond_a_limit_are_counted(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.write("predictions.jsonl", [prediction(i, f"id{i}", version=f"v{i}") for i in range(5)])
    pipeline = made.pipeline()
    drain(pipeline)
    found = figures(pipeline.samples(pipeline.ledger.now))
    # Three versions have names of their own.
    assert found["ml_exporter_overflowing_values_total", "m", "model_version"] == (2,)


def test_what_was_counted_beyond_a_limit_stays_counted(tmp_path: Path) -> None:
    made = world(tmp_path, windows="10m, all")
    made.model = made.model.model_copy(update={"version_ttl": 1800 * SECOND})
    made.model._name = "m"
    made.write("labels.jsonl", [])  # A log that cannot be read is waited for.
    pipeline = made.pipeline()
    found = []
    # Of five versions three have names of their own; when the next one comes they are forgotten, and there is room.
    for start, versions in ((0, "abcde"), (7200, "f"), (7300, "g")):
        made.write("predictions.jsonl", [prediction(start, f"{start} {name}", version=name) for name in versions])
        drain(pipeline)
        found.append(figures(pipeline.samples(None))["ml_exporter_overflowing_values_total", "m", "model_version"])
    assert found == [(2,), (3,), (3,)]
    assert pipeline.layout.versions.find("g") is not None


def test_samples_before_the_first_row(made: World) -> None:
    names = {sample.metric.name for sample in made.pipeline().samples(None)}
    assert "ml_model_info" in names
    assert "ml_requests_total" not in names


def test_the_end_is_the_same_with_one_big_label_line_log(tmp_path: Path) -> None:
    """Labels that precede all predictions, all in one batch, are found later one by one."""
    made = world(tmp_path, windows="10m, all")
    fill(made, random.Random(1), 50, 3600)
    made.write("labels.jsonl", made.labels)
    pipeline = made.pipeline(300)
    drain(pipeline)
    made.write("predictions.jsonl", made.predictions)
    # A log that was not there is looked for again a moment later.
    drain(pipeline, NOW + 1_000_000)
    assert outcomes(pipeline)["joined"] > 15
