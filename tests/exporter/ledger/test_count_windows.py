"""Windows of a number of rows, and windows before windows, on real logs.

That every figure of them is right, and the same however the log is cut, is tested in test_other_logs.py and
test_equivalence.py.
"""

from __future__ import annotations

import gzip
import json
import math
import random
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet
from scipy import stats
from sklearn import metrics

from exporter.configuration.windows import Window
from exporter.durations import parse_duration
from exporter.ledger.count_windows import CountWindow
from exporter.ledger.window_view import views
from exporter.pipeline import Pipeline
from exporter.state import persistence
from exporter.state.database import State
from tests.exporter.state.commits import commit
from tests.exporter.synthetic import NOW, World, differences, drain, figures, fill, world
from tests.exporter.test_truth import Replay

ROOT = Path(__file__).parents[3]
HOUR, DAY = parse_duration("1h"), parse_duration("1d")
NUMBERS = {"elec2": ("nswprice", "vicdemand"), "bike": ("temp", "humidity")}
Record = dict[str, Any]


@cache
def raw(name: str, log: str) -> list[Record]:
    with gzip.open(ROOT / "examples" / name / f"{log}.jsonl.gz", "rt") as file:
        records = [json.loads(line) for line in file]
    return [record | {"time": datetime.fromisoformat(record["timestamp"]).timestamp()} for record in records]


@cache
def labels(name: str) -> dict[str, Any]:
    """Return the latest label of each request."""
    lines = sorted((line["time"], line["request_id"], line["label"]) for line in raw(name, "labels"))
    return {request_id: label for _, request_id, label in lines}


def moments(name: str) -> list[int]:
    first, last = raw(name, "predictions")[0]["time"], raw(name, "predictions")[-1]["time"]
    return [round(first + share * (last - first)) * 1_000_000 for share in (0.05, 0.4, 0.75, 1)]


@pytest.mark.parametrize("name", NUMBERS)
def test_the_newest_rows_of_a_real_log(name: str) -> None:
    windows = tuple(Window(f"{rows}rows", None, 0, rows=rows) for rows in (200, 2000))
    replay = Replay(name, windows)
    for at in moments(name):
        replay.until(at)
        for window in windows:
            assert window.rows is not None
            rows = [record for record in raw(name, "predictions") if record["time"] * 1e6 < at][-window.rows :]
            check(name, replay.figures(window, at), window, rows)


def check(name: str, found: dict[tuple[str, ...], float], window: Window, rows: list[Record]) -> None:
    good = [row for row in rows if row["status"] < 400]
    assert found["ml_window_requests", "", window.name] == len(rows)
    assert found["ml_error_ratio", "", window.name] == sum(row["status"] >= 500 for row in rows) / len(rows)
    reference = parquet.read_table(ROOT / "examples" / name / "reference.parquet")
    for feature in NUMBERS[name]:
        values = [row["features"].get(feature) for row in good]
        values = [value for value in values if value is not None]
        labelled_with = ("", "data", feature)
        assert found["ml_drift_rows", *labelled_with, "training", window.name] == len(values)
        score = found.get(("ml_drift_score", *labelled_with, "ks", "training", window.name))
        if len(rows) < (window.rows or 0):
            assert score is None
        else:
            expected = stats.ks_2samp(reference[feature].to_numpy(), values).statistic
            assert score == pytest.approx(expected, abs=1e-12)
    pairs = [(labels(name)[row["request_id"]], row["prediction"]) for row in good if row["request_id"] in labels(name)]
    true, predicted = zip(*pairs, strict=True)
    assert found["ml_label_coverage_ratio", "", window.name] == len(pairs) / len(good)
    metric, figure = {
        "elec2": ("accuracy", metrics.accuracy_score),
        "bike": ("mae", metrics.mean_absolute_error),
    }[name]
    assert found["ml_quality", "", metric, "", "", window.name] == pytest.approx(figure(true, predicted), rel=1e-12)
    by_version = [value for key, value in found.items() if key[0] == "ml_window_requests" and key[1]]
    assert sum(by_version) == len(rows)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_previous_window_is_what_the_window_was_a_length_ago(name: str) -> None:
    """With a longer window of a coarser step that begins inside the previous one."""
    windows = (
        Window("24h", DAY, HOUR // 2),
        Window("24h_previous", DAY, HOUR // 2, behind=DAY),
        Window("36h", 36 * HOUR, HOUR),
    )
    replay = Replay(name, windows)
    (start, *_), complete = moments(name), 0
    for day in (0, 1, 2, 20):
        at = start + day * DAY + 17 * HOUR // 60
        replay.until(at)
        then = {(*key[:-1], "24h_previous"): value for key, value in replay.figures(windows[0], at).items()}
        replay.until(at + DAY)
        assert differences(listed(replay.figures(windows[1], at + DAY)), listed(then)) == []
        complete += any(key[0] == "ml_drift_score" for key in then)
        assert len(then) > 100
    assert complete == 4


def listed(found: dict[tuple[str, ...], float]) -> dict[tuple[str, ...], tuple[float, ...]]:
    return {key: (value,) for key, value in found.items()}


def test_a_previous_window_is_complete_when_the_log_goes_back_so_far() -> None:
    windows = (Window("24h", DAY, HOUR), Window("24h_previous", DAY, HOUR, behind=DAY))
    replay = Replay("bike", windows)
    first = round(raw("bike", "predictions")[0]["time"] * 1e6) // HOUR * HOUR
    for days, complete in ((1.5, [True, False]), (2, [True, True])):
        replay.until(at := first + round(days * DAY))
        assert [views(replay.pipeline.ledger, window, at)[0].complete for window in windows] == complete


def test_rows_that_only_a_previous_window_holds_are_not_late(tmp_path: Path) -> None:
    made = world(tmp_path, windows="{length: 10m, previous: true}")
    timeline = made.pipeline().ledger.timeline
    minutes = np.array([NOW - minute * 60_000_000 for minute in (9, 19, 21)])
    assert timeline.is_late(minutes, NOW).tolist() == [False, False, True]


# What is kept and what is forgotten.


@pytest.fixture
def made(tmp_path: Path) -> World:
    return filled(world(tmp_path / "logs", windows="1h, 40rows, 100rows"))


def filled(made: World) -> World:
    fill(made, random.Random(2), 150, 6 * 3600)
    made.clear()
    made.write("predictions.jsonl", made.predictions)
    made.write("labels.jsonl", made.labels)
    return made


def window_of(pipeline: Pipeline, rows: int) -> CountWindow:
    assert pipeline.ledger.count_windows is not None
    return pipeline.ledger.count_windows.window(rows)


def test_a_window_is_counted_anew_only_when_it_may_have_changed(made: World) -> None:
    pipeline = made.pipeline()
    drain(pipeline)
    known = window_of(pipeline, 40)
    assert window_of(pipeline, 40) is known
    newest = made.predictions[-1]
    label = {"timestamp": newest["timestamp"] + 1, "request_id": newest.get("request_id", "id0"), "label": 1}
    made.write("labels.jsonl", [label])
    drain(pipeline)
    with_label = window_of(pipeline, 40)
    assert with_label is not known
    made.write("predictions.jsonl", [newest | {"timestamp": newest["timestamp"] + 2, "request_id": "another"}])
    drain(pipeline)
    assert window_of(pipeline, 40) is not with_label


def restored(made: World, windows: str, state: State) -> Pipeline:
    pipeline = world(made.folder, windows=windows).pipeline()
    persistence.restore(pipeline, state)
    return pipeline


def test_another_number_of_rows_costs_no_figures(made: World, tmp_path: Path) -> None:
    pipeline = made.pipeline()
    drain(pipeline)
    expected = figures(pipeline.samples(pipeline.ledger.now))
    with State(tmp_path / "state") as state:
        commit(pipeline, state)
        fewer = restored(made, "1h, 40rows", state)
        assert differences(kept(figures(fewer.samples(fewer.ledger.now))), kept(expected)) == []
        commit(fewer, state)
        more = restored(made, "1h, 40rows, 5000rows", state)
        assert differences(kept(figures(more.samples(more.ledger.now))), kept(expected)) == []
        assert not window_of(more, 5000).complete


def kept(found: dict[tuple[str, ...], tuple[float, ...]]) -> dict[tuple[str, ...], tuple[float, ...]]:
    return {key: values for key, values in found.items() if key[-1] not in ("100rows", "5000rows")}


def test_rows_that_no_window_wants_any_more_are_dropped(made: World, tmp_path: Path) -> None:
    pipeline = made.pipeline()
    drain(pipeline)
    with State(tmp_path / "state") as state:
        commit(pipeline, state)
        assert list(state.blocks("m", "newest"))
        without = restored(made, "1h", state)
        assert without.ledger.count_windows is None
        assert without.ledger.join is not None
        assert len(without.ledger.join.predictions) > 0
        assert not list(state.blocks("m", "newest"))
        commit(without, state)
        # Between the old rows and new ones some would be missing.
        assert math.isclose(window_total(restored(made, "1h, 40rows", state), 40), 0)


def window_total(pipeline: Pipeline, rows: int) -> int:
    return sum(int(content.counts.values.sum()) for content in window_of(pipeline, rows).contents.values())


def test_the_rows_take_no_more_than_is_said(made: World) -> None:
    pipeline = made.pipeline(3000)
    assert pipeline.ledger.count_windows is not None
    store, most = pipeline.ledger.count_windows.rows.blocks, 0
    while pipeline.step(NOW):
        most = max(most, len(store) * store.row_bytes)
    assert 0.5 < most / pipeline.ledger.count_windows.bytes_at_most <= 1


def test_a_forgotten_version_is_in_no_window_of_rows(made: World) -> None:
    pipeline = made.pipeline()
    drain(pipeline)
    before = window_of(pipeline, 100)
    assert len(before.contents) > 1
    assert before.complete
    shadow = pipeline.layout.versions.find("shadow")
    assert shadow is not None
    pipeline.ledger.totals[shadow].newest = 0
    assert pipeline.ledger.now is not None
    pipeline.ledger.forget(pipeline.ledger.now)
    assert set(window_of(pipeline, 100).contents) == set(before.contents) - {shadow}


def test_labels_of_the_horizon_alone_are_known(tmp_path: Path) -> None:
    """The horizon is two hours; the newest rows reach back six."""
    made = filled(world(tmp_path / "logs", windows="1h, 150rows"))
    pipeline = made.pipeline()
    drain(pipeline)
    assert pipeline.ledger.join is not None
    counting = pipeline.ledger.join.expired_to
    labelled = pipeline.layout.traffic.start + 5
    found = sum(
        int(content.counts.dense(pipeline.layout.size)[labelled])
        for content in window_of(pipeline, 150).contents.values()
    )
    lines: dict[str, list[int]] = {}
    for line in made.labels:
        lines.setdefault(line["request_id"], []).append(line["timestamp"])
    seen = set()
    expected = 0
    for row in sorted(made.predictions, key=lambda row: row["timestamp"])[-150:]:
        request = row.get("request_id"), row["version"]
        scored = row["status"] < 400 and any(row.get(key) is not None for key in ("score", "prediction"))
        near = any(abs(time - row["timestamp"]) <= 2 * HOUR for time in lines.get(request[0] or "", []))
        expected += bool(request not in seen and scored and near and request[0] and row["timestamp"] >= counting)
        seen.add(request)
    assert found == expected > 0
