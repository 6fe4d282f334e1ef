"""Objectives of every kind over whole logs, against definitions in plain Python."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from exporter.pipeline import Pipeline
from exporter.service.evaluate import Backtest
from tests.exporter.synthetic import NOW, SECOND, START, Record, Task, World, drain, figures, fill, world

HOUR = 3600 * SECOND
# On every grid, and a moment at which half of the log lies behind.
AT = (START // 21_600 + 3) * 21_600 * SECOND
LIMIT, SETTLE, HORIZON = HOUR, 1800 * SECOND, 2 * HOUR


class Event(NamedTuple):
    moment: int
    version: str
    events: float
    good: float


def requests_of(made: World, at: int) -> list[Record]:
    """Return the requests that count: of those of one id and version the first one."""
    found: dict[Any, Record] = {}
    for number, record in enumerate(made.predictions):
        if record["timestamp"] < at:
            found.setdefault((record.get("request_id", number), record["version"]), record)
    return list(found.values())


def lines_of(made: World, request: Record, at: int) -> list[tuple[int, Any]]:
    """Return the time and value of each label line of a request that is known by then."""
    return [
        (line["timestamp"], line["label"])
        for line in made.labels
        if line["request_id"] == request.get("request_id")
        and line["timestamp"] <= at
        and abs(line["timestamp"] - request["timestamp"]) <= HORIZON
    ]


def predicted(made: World, request: Record) -> Any:
    """Return what was predicted, None for a failed request or one without a prediction."""
    if request["status"] >= 400:
        return None
    if made.model.task == "binary" and "score" in request:
        return int(request["score"] >= 0.5)
    return request.get("prediction")


def is_right(made: World, guess: Any, label: Any) -> bool:
    return abs(guess - label) <= 2.5 if made.model.task == "regression" else bool(guess == label)


def settled(made: World, at: int) -> Iterator[Event]:
    for request in requests_of(made, at):
        guess, lines, time = predicted(made, request), lines_of(made, request, at), request["timestamp"] + SETTLE
        if guess is None or not lines:
            continue
        in_time = [line for line in lines if line[0] <= time]
        # Of lines of one time the one with the greatest value counts.
        moment, label = max(in_time) if in_time else min(lines, key=lambda line: (line[0], -line[1]))
        yield Event(max(time, moment), request["version"], 1, is_right(made, guess, label))


def fresh(made: World, at: int) -> Iterator[Event]:
    for request in requests_of(made, at):
        moment = request["timestamp"] + LIMIT
        good = any(time <= moment for time, _ in lines_of(made, request, at))
        if predicted(made, request) is not None and "request_id" in request and (good or moment < at):
            yield Event(moment, request["version"], 1, good)


def minutes(made: World, at: int) -> Iterator[Event]:
    times = [request["timestamp"] for request in requests_of(made, at)]
    minute = 60 * SECOND
    for start in range(-(-min(times) // minute) * minute, at // minute * minute, minute):
        yield Event(start, "", 1, sum(start <= time < start + minute for time in times) >= 2)


def plain(made: World, at: int) -> dict[str, list[Event]]:
    """Return the events of the objectives whose events are requests."""
    found: dict[str, list[Event]] = {"fast": [], "up": [], "clean": [], "done": []}
    for request in requests_of(made, at):
        time, version, status = request["timestamp"], request["version"], request["status"]
        latency, work = request["latency_ms"], request["work"]
        if latency is not None or status >= 500:
            found["fast"].append(Event(time, version, 1, latency is not None and latency <= 1000 and status < 500))
        found["up"].append(Event(time, version, 1, status < 500))
        found["clean"].append(Event(time, version, 1, not 400 <= status < 500))
        if work["done"] <= work["all"]:
            found["done"].append(Event(time, version, work["all"], work["done"]))
    return found


def expected(made: World, at: int) -> dict[str, list[Event]]:
    late = {"right": list(settled(made, at)), "labelled": list(fresh(made, at)), "busy": list(minutes(made, at))}
    return {**plain(made, at), **late}


def check_counters(found: dict[tuple[str, ...], tuple[float, ...]], truth: dict[str, list[Event]]) -> None:
    for name, events in truth.items():
        for version in {event.version for event in events}:
            mine = [event for event in events if event.version == version]
            assert found["ml_slo_events_total", "m", version, name] == (sum(event.events for event in mine),), name
            assert found["ml_slo_good_events_total", "m", version, name] == (sum(event.good for event in mine),), name


def share(events: list[Event], start: int, stop: int, version: str = "") -> float | None:
    inside = [event for event in events if start <= event.moment < stop and version in ("", event.version)]
    total = sum(event.events for event in inside)
    return sum(event.good for event in inside) / total if total else None


FAR = 1 << 61
# Where the periods begin that hold AT, 15 November 2023 at noon: Monday, and the first in Kolkata.
WEEK, MONTH = 1_699_833_600 * SECOND, (1_698_796_800 - 19_800) * SECOND
PERIODS = {
    "fast": ("5h", AT - 5 * HOUR, 0.9),
    "up": ("week", WEEK, 0.99),
    "right": ("90m", AT - 3 * HOUR // 2, 0.8),
    "labelled": ("30d", AT - 720 * HOUR, 0.5),
    "busy": ("2h", AT - 2 * HOUR, 0.9),
    "done": ("30d", AT - 720 * HOUR, 0.5),
    "clean": ("month", MONTH, 0.9),
}


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_every_kind_by_its_definition(task: Task, tmp_path: Path) -> None:
    made = world(tmp_path, task)
    fill(made, random.Random(4), 400, (AT - START * SECOND) / SECOND * 1.2)
    made.write("predictions.jsonl", made.predictions)
    made.write("labels.jsonl", made.labels)
    found = figures(Backtest(made.pipeline(finish=True), AT, "known").run(NOW))
    truth = expected(made, AT)
    check_counters(found, truth)
    compliance = {}
    for name, (period, start, objective) in PERIODS.items():
        versions = {"", *(event.version for event in truth[name])}
        for version in versions:
            compliance[version, name, "10m"] = share(truth[name], AT - HOUR // 6, AT, version)
            compliance[version, name, "1h"] = share(truth[name], AT - HOUR, AT, version)
            compliance[version, name, period] = share(truth[name], start, FAR, version)
        kept = compliance["", name, period]
        assert kept is not None
        (left,) = found["ml_slo_error_budget_remaining_ratio", "m", name]
        assert left == pytest.approx(1 - (1 - kept) / (1 - objective))
    shown = {key[2:]: value[0] for key, value in found.items() if key[0] == "ml_slo_compliance_ratio"}
    assert shown == pytest.approx({key: value for key, value in compliance.items() if value is not None})
    assert len(shown) > 30


def test_after_the_last_row_silence_burns_until_the_budget_is_gone(tmp_path: Path) -> None:
    made = world(tmp_path)
    fill(made, random.Random(4), 200, 3600)
    made.write("predictions.jsonl", made.predictions)
    pipeline = made.pipeline()
    drain(pipeline)
    first, *rest = (counted(pipeline, hours) for hours in (1, 2, 5, 100))
    assert first["events"] < rest[0]["events"] < rest[1]["events"] == rest[2]["events"]
    assert first["good"] == rest[2]["good"]


def counted(pipeline: Pipeline, hours: float) -> dict[str, float]:
    """Return what the objective on throughput has counted so long after the last row."""
    pipeline.step(NOW + round(hours * HOUR))
    found = figures(pipeline.samples(None))
    names = {"events": "ml_slo_events_total", "good": "ml_slo_good_events_total"}
    return {name: found[metric, "m", "", "busy"][0] for name, metric in names.items()}


def test_a_log_that_cannot_be_read_is_not_silent(tmp_path: Path) -> None:
    """Its minutes are judged once it can be read again, by what it holds then."""
    made = world(tmp_path)
    # Two requests in each minute, of three hours.
    made.predictions += [{"timestamp": (START + 30 * i) * SECOND} for i in range(360)]
    made.write("predictions.jsonl", made.predictions[:120])
    pipeline = made.pipeline(batch_bytes=1000)
    drain(pipeline)
    before = counted(pipeline, 0)
    assert before["events"] == before["good"] > 50
    (tmp_path / "predictions.jsonl").rename(tmp_path / "elsewhere")
    (tmp_path / "predictions.jsonl").symlink_to(tmp_path / "predictions.jsonl")
    assert counted(pipeline, 2) == before
    assert not pipeline.predictions.health.up
    (tmp_path / "predictions.jsonl").unlink()
    (tmp_path / "elsewhere").rename(tmp_path / "predictions.jsonl")
    made.write("predictions.jsonl", made.predictions[120:])
    # It is looked at again a moment later.
    drain(pipeline, NOW + 2 * HOUR + SECOND)
    after = counted(pipeline, 2)
    assert after["events"] == after["good"] > 170


def test_records_whose_numbers_are_of_no_use_are_counted(tmp_path: Path) -> None:
    made = world(tmp_path)
    numbers: list[dict[str, object]] = [
        {"done": 1, "all": 2},
        {"done": 2.5, "all": 2.5},
        {"done": 0, "all": 0},
        {"done": 3, "all": 2},
        {"done": -1, "all": 2},
        {"done": 1},
        {"done": None, "all": 2},
        {"done": "1", "all": 2},
        {},
    ]
    made.write("predictions.jsonl", [{"timestamp": START * SECOND + i, "work": each} for i, each in enumerate(numbers)])
    pipeline = made.pipeline()
    drain(pipeline)
    found = figures(pipeline.samples(None))
    assert found["ml_slo_events_total", "m", "unknown", "done"] == (4.5,)
    assert found["ml_slo_good_events_total", "m", "unknown", "done"] == (3.5,)
    assert pipeline.predictions.health.invalid["ratio done"] == 6
    assert pipeline.predictions.health.accepted == len(numbers)
