"""What a pipeline makes of rows that are not of the moment: old logs, drops, backlogs, a start, others' labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporter import catalogue
from exporter.configuration.arrival import StartAt
from exporter.pipeline import Pipeline
from exporter.service.evaluate import Backtest
from exporter.snapshot import Sample
from exporter.sources import SourceError
from exporter.state import persistence
from exporter.state.database import State
from tests.exporter.synthetic import SECOND, START, World, drain, figures, world
from tests.exporter.test_pipeline import check_accounts, label, outcomes, prediction

HOUR = 3600
# The moment up to which the logs of a test reach.
WALL = (START + 10 * HOUR) * SECOND


def made_for(folder: Path, log: dict[str, Any] | None = None, **model: Any) -> World:
    """A world whose model, or log of predictions, is configured otherwise."""
    made = world(folder, windows="10m, 1h")
    said = {"predictions": made.model.predictions.model_copy(update=log or {}), **model}
    made.model = made.model.model_copy(update=said)
    made.model._name = "m"
    return made


def of_sources(pipeline: Pipeline) -> dict[tuple[str, str], float]:
    """The figures of the sources that have no labels but the source's name."""
    samples = [*pipeline.source_samples(), *pipeline.samples(None)]
    return {
        (sample.metric.name, sample.labels[1]): sample.value
        for sample in samples
        if sample.metric.labels == ("model_name", "source") and not isinstance(sample.value, tuple)
    }


def saved_and_restored(made: World, pipeline: Pipeline, folder: Path, **options: Any) -> Pipeline:
    with State(folder) as state:
        with state.transaction():
            persistence.save(pipeline, state)
        pipeline.close()
        again = made.pipeline(**options)
        persistence.restore(again, state)
    return again


# Start


@pytest.mark.parametrize("batch_bytes", [200, 1 << 20])
def test_what_is_dated_before_the_start_is_in_no_figure(tmp_path: Path, batch_bytes: int) -> None:
    made = made_for(tmp_path, start_at=StartAt(ago=2 * HOUR * SECOND))
    made.write("predictions.jsonl", [prediction(i * HOUR / 2, f"id{i}") for i in range(20)])
    # The labels of the first hours were known before the start; those of two predictions before it came after it.
    made.write("labels.jsonl", [label(i * HOUR / 2 + HOUR, f"id{i}") for i in range(18)])
    pipeline = made.pipeline(batch_bytes)
    drain(pipeline, WALL)
    assert (pipeline.predictions.health.ignored, pipeline.predictions.health.accepted) == (16, 4)
    check_accounts(pipeline)
    assert pipeline.labels is not None
    assert (pipeline.labels.health.ignored, pipeline.labels.health.accepted) == (14, 4)
    assert outcomes(pipeline)["joined"] == 2
    # A horizon later it is clear that the other two belong to nothing that counts.
    pipeline.step(WALL + 4 * HOUR * SECOND)
    assert (pipeline.labels.health.ignored, outcomes(pipeline)["orphan"]) == (16, 0)


def test_the_start_is_settled_once(tmp_path: Path) -> None:
    made = made_for(tmp_path / "logs", start_at=StartAt(ago=0))
    pipeline = made.pipeline()
    assert pipeline.begin(WALL)
    assert not pipeline.begin(WALL + SECOND)
    made.model = made.model.model_copy(update={"start_at": StartAt(ago=9 * HOUR * SECOND)})
    made.model._name = "m"
    again = saved_and_restored(made, pipeline, tmp_path / "state")
    assert not again.begin(WALL + 2 * SECOND)
    assert again.start == WALL
    made.write("predictions.jsonl", [prediction(9 * HOUR, "a"), prediction(11 * HOUR, "b")])
    made.write("labels.jsonl", [label(11 * HOUR, "a"), label(11 * HOUR, "b"), label(12 * HOUR, "x")])
    drain(again, WALL + 2 * HOUR * SECOND)
    again.step(WALL + 9 * HOUR * SECOND)
    assert (again.predictions.health.ignored, again.predictions.health.accepted) == (1, 1)
    assert outcomes(again) == {"joined": 1, "duplicate": 0, "corrected": 0, "unscored": 0, "orphan": 1}


def test_a_backtest_reads_everything(tmp_path: Path) -> None:
    made = made_for(tmp_path, start_at=StartAt(ago=0))
    made.write("predictions.jsonl", [prediction(i * 60, f"id{i}") for i in range(20)])
    made.write("labels.jsonl", [])
    found = figures(Backtest(made.pipeline(finish=True), None, "known").run(WALL))
    assert found["ml_requests_total", "m", "v1", ""] == (20,)
    # When it happened to read them is nobody's business.
    assert found["ml_exporter_delayed_rows_total", "m", "predictions"] == (0,)
    assert ("ml_exporter_source_lag_seconds", "m", "predictions") not in found


def test_a_backtest_of_drops_shows_their_windows(tmp_path: Path) -> None:
    made = made_for(tmp_path, {"delivery": HOUR * SECOND})
    made.write("predictions.jsonl", [prediction(i * 60, f"id{i}") for i in range(200)])
    made.write("labels.jsonl", [])
    found = figures(Backtest(made.pipeline(finish=True), None, "known").run(WALL))
    assert found["ml_window_requests", "m", "", "1h"] == (60,)


# Others' labels


def test_labels_of_others_are_ignored_when_a_log_is_shared(tmp_path: Path) -> None:
    made = world(tmp_path / "logs")
    assert made.model.labels is not None
    shared = made.model.labels.model_copy(update={"shared": True})
    made.model = made.model.model_copy(update={"labels": shared})
    made.model._name = "m"
    made.write("predictions.jsonl", [prediction(0, "a"), prediction(9 * HOUR, "b")])
    made.write("labels.jsonl", [label(60, name) for name in ("a", "x", "y")])
    pipeline = made.pipeline()
    drain(pipeline, WALL)
    again = saved_and_restored(made, pipeline, tmp_path / "state")
    drain(again, WALL)
    assert again.labels is not None
    assert (again.labels.health.rows, again.labels.health.ignored) == (3, 2)
    assert (outcomes(again)["joined"], outcomes(again)["orphan"]) == (1, 0)


# Lag and delay


def test_rows_read_long_after_their_time_are_delayed(tmp_path: Path) -> None:
    made = made_for(tmp_path / "logs")
    times = [0, 9 * HOUR, 10 * HOUR - 121, 10 * HOUR - 120, 10 * HOUR, 11 * HOUR]
    made.write("predictions.jsonl", [prediction(time, f"id{i}") for i, time in enumerate([*times, 0])])
    made.write("predictions.jsonl", [prediction(0, "id0")])
    made.write("labels.jsonl", [label(9 * HOUR, "id1"), label(10 * HOUR, "id4")])
    pipeline = made.pipeline()
    drain(pipeline, WALL)
    # Four of the seven rows that count; the one from the future and the repeated one do not.
    found = of_sources(saved_and_restored(made, pipeline, tmp_path / "state"))
    assert found["ml_exporter_delayed_rows_total", "predictions"] == 4
    assert found["ml_exporter_delayed_rows_total", "labels"] == 1


def test_a_source_lags_while_there_is_more_to_read(tmp_path: Path) -> None:
    made = made_for(tmp_path)
    pipeline = made.pipeline(50_000)
    assert "ml_exporter_source_lag_seconds" not in {name for name, _ in of_sources(pipeline)}
    made.write("predictions.jsonl", [prediction(i * 10, f"id{i}") for i in range(3600)])
    made.write("labels.jsonl", [])
    lags = []
    while pipeline.step(WALL):
        lags.append(of_sources(pipeline)["ml_exporter_source_lag_seconds", "predictions"])
    assert lags == sorted(lags, reverse=True)
    assert len(lags) > 2
    assert 6 * HOUR < lags[0] < 10 * HOUR
    assert of_sources(pipeline)["ml_exporter_source_lag_seconds", "predictions"] == 0
    # A silent log does not lag.
    pipeline.step(WALL + HOUR * SECOND)
    assert of_sources(pipeline)["ml_exporter_source_lag_seconds", "predictions"] == 0


def test_the_end_of_a_busy_log_is_seen(tmp_path: Path) -> None:
    """At each look a few more rows are there; right behind them is the end."""
    made = made_for(tmp_path)
    pipeline = made.pipeline()
    for i in range(3):
        made.write("predictions.jsonl", [prediction(i, f"id{i}")])
        made.write("labels.jsonl", [label(i + 60, f"id{i}")])
        assert pipeline.step(WALL)
        assert all(backlog.was_drained for backlog in pipeline.backlogs)
    assert pipeline.is_published


def test_a_source_says_how_it_is_delivered(tmp_path: Path) -> None:
    made = made_for(tmp_path, {"delivery": HOUR * SECOND})
    samples = list(made.pipeline().source_samples())
    info = [sample for sample in samples if sample.metric is catalogue.SOURCE_INFO]
    assert info == [
        Sample(catalogue.SOURCE_INFO, ("m", "predictions", "jsonl", "batch"), 1),
        Sample(catalogue.SOURCE_INFO, ("m", "labels", "jsonl", "continuous"), 1),
    ]
    periods = [sample for sample in samples if sample.metric is catalogue.SOURCE_PERIOD]
    assert periods == [Sample(catalogue.SOURCE_PERIOD, ("m", "predictions"), HOUR)]


# Lateness


@pytest.mark.parametrize("restart", [False, True])
def test_one_file_ahead_of_another_makes_nothing_late(tmp_path: Path, restart: bool) -> None:
    """After a stop of hours a sparse file is read to its end at once, and a dense one needs many turns."""
    made = made_for(tmp_path / "logs")
    made.write("predictions1.jsonl", [prediction(0, "s0")])
    made.write("predictions2.jsonl", [prediction(0, "d0")])
    made.write("labels.jsonl", [])
    pipeline = made.pipeline(2000)
    drain(pipeline, START * SECOND)
    if restart:
        pipeline = saved_and_restored(made, pipeline, tmp_path / "state", batch_bytes=2000)
    made.write("predictions1.jsonl", [prediction(i * HOUR, f"s{i}") for i in range(1, 10)])
    made.write("predictions2.jsonl", [prediction(i * 30, f"d{i}") for i in range(1, 1200)])
    drain(pipeline, WALL)
    assert (pipeline.predictions.health.late, pipeline.predictions.health.accepted) == (0, 1210)
    # What comes now from that time is late.
    made.write("predictions2.jsonl", [prediction(30, "d9999")])
    drain(pipeline, WALL)
    assert pipeline.predictions.health.late == 1


@pytest.mark.parametrize("restart", [False, True])
def test_a_rotated_log_holds_the_windows_back_for_seconds_only(tmp_path: Path, restart: bool) -> None:
    made = made_for(tmp_path / "logs")
    made.write("predictions.jsonl", [prediction(0, "a")])
    pipeline = made.pipeline()
    drain(pipeline, START * SECOND)
    made.write("predictions.jsonl", [prediction(600, "b")])
    drain(pipeline, (START + 600) * SECOND)
    log = tmp_path / "logs" / "predictions.jsonl"
    log.rename(log.with_name("predictions.jsonl.1"))
    if restart:
        pipeline = saved_and_restored(made, pipeline, tmp_path / "state")
    # The writer has not noticed yet; what it has not flushed before it does is still to come.
    made.write("predictions.jsonl.1", [prediction(605, "c")])
    made.write("predictions.jsonl", [prediction(700, "d")])
    marks = []
    for second in (700, 709, 710):
        drain(pipeline, (START + second) * SECOND)
        assert pipeline.watermark.value is not None
        marks.append(pipeline.watermark.value // SECOND - START + pipeline.model.allowed_lateness // SECOND)
    assert (marks, pipeline.predictions.health.accepted) == ([605, 605, 700], 4)


def test_one_record_of_1970_makes_no_window_complete(tmp_path: Path) -> None:
    found = []
    for number, before in enumerate([[], [{"timestamp": 0, "request_id": "old", "score": 0.5}]]):
        made = made_for(tmp_path / str(number))
        rows = [prediction(i * 60, f"id{i}", features={"size": i % 5}) for i in range(40)]
        made.write("predictions.jsonl", [*before, *rows])
        pipeline = made.pipeline()
        drain(pipeline, (START + 2400) * SECOND)
        found.append(figures(pipeline.samples(pipeline.ledger.now)))
    scores = [{key for key in each if key[0] == "ml_drift_score" and "size" in key} for each in found]
    assert scores[0] == scores[1]
    assert {key[-1] for key in scores[0]} == {"10m"}


# Drops


def test_no_window_ends_within_a_drop_that_is_half_read(tmp_path: Path) -> None:
    made = made_for(tmp_path, {"delivery": HOUR * SECOND})
    made.write("labels.jsonl", [])
    pipeline = made.pipeline(2000)
    shown = []
    for drop in range(3):
        numbers = range(drop * 360, drop * 360 + 360)
        for part in range(5):
            rows = [prediction(i * 10, f"id{i}") for i in numbers if i % 5 == part]
            made.write(f"predictions-{drop}-{part}.jsonl", rows)
        wall = (START + (drop + 1) * HOUR + 60) * SECOND
        for _ in range(30):
            pipeline.step(wall)
            shown.append(figures(pipeline.samples(pipeline.ledger.now)).get(("ml_window_requests", "m", "", "1h")))
    assert shown[0] is None
    rows_shown = {values for values in shown if values is not None}
    # The first window reaches back to before the first drop.
    assert rows_shown == {(352,), (360,)}


# Publication


def test_counters_wait_until_the_logs_were_read_once(tmp_path: Path) -> None:
    made = made_for(tmp_path / "logs")
    made.write("predictions.jsonl", [prediction(i, f"id{i}") for i in range(3000)])
    made.write("labels.jsonl", [label(i, f"id{i}") for i in range(3000)])
    pipeline = made.pipeline(20_000)
    pipeline.step(WALL)
    pipeline = saved_and_restored(made, pipeline, tmp_path / "state", batch_bytes=20_000)
    steps = 0
    while not pipeline.is_published:
        steps += pipeline.step(WALL)
    assert steps > 3
    assert pipeline.predictions.health.rows == 3000
    made.write("predictions.jsonl", [prediction(i, f"id{i}") for i in range(3000, 6000)])
    again = saved_and_restored(made, pipeline, tmp_path / "state2", batch_bytes=20_000)
    assert again.is_published


def test_a_label_log_that_is_not_there_holds_nothing_up(tmp_path: Path) -> None:
    made = made_for(tmp_path)
    made.write("predictions.jsonl", [prediction(0, "a")])
    pipeline = made.pipeline()
    pipeline.step(WALL)
    assert pipeline.is_published
    assert pipeline.label_backlog.read_to == pipeline.watermark.value


def test_a_label_log_that_is_not_back_yet_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restart its disk may be mounted a little later; until then no prediction is given up."""
    made = made_for(tmp_path / "logs")
    made.write("predictions.jsonl", [prediction(0, "a")])
    made.write("labels.jsonl", [label(0, "a")])
    pipeline = made.pipeline()
    drain(pipeline, START * SECOND)
    again = saved_and_restored(made, pipeline, tmp_path / "state")
    made.write("predictions.jsonl", [prediction(9 * HOUR, "b")])
    assert again.labels is not None
    with monkeypatch.context() as unmounted:
        unmounted.setattr(again.labels._source, "poll", not_there)
        drain(again, WALL)
        read_to = again.label_backlog.read_to
        assert read_to < (START + HOUR) * SECOND
    made.write("labels.jsonl", [label(HOUR, "a", 0)])
    # A log that failed is left alone for a few seconds.
    drain(again, WALL + 10 * SECOND)
    assert again.label_backlog.read_to > read_to
    assert outcomes(again)["corrected"] == 1


def not_there(_: object) -> None:
    raise SourceError("not mounted")


def test_a_log_that_cannot_be_read_at_first_has_no_end(tmp_path: Path) -> None:
    made = made_for(tmp_path)
    made.write("labels.jsonl", [])
    pipeline = made.pipeline()
    pipeline.step(WALL)
    assert not pipeline.is_published
    assert not pipeline.prediction_backlog.was_drained
    assert not pipeline.watermark.caught_up
