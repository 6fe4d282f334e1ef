"""The generated rules on replayed logs: silence where nothing changes, and the real drift of the examples in its order."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.end_to_end.alerting.improving import ImprovingWorld
from tests.end_to_end.alerting.judgement import RULES, Firing, judged
from tests.end_to_end.alerting.replay import NEVER, Log, lines_of, replay
from tests.end_to_end.alerting.stationary import TASKS, World
from tests.end_to_end.simulation import DAY, HOUR, START
from tests.end_to_end.test_prometheus import ROOT

EXAMPLES = ROOT / "examples"

_TOP = f"evaluation_interval: {NEVER}\nstorage: {{commit_interval: {NEVER}}}\nmodels:\n"
_EXAMPLE = """\
  {name}:
    task: {task}
    predictions: {{path: predictions.jsonl, delivery: {{batch: 1h}}}}
    labels: {{path: labels.jsonl, delivery: {{batch: 1h}}}}
    reference: reference.parquet
    ignore_features: [segment]
    windows: [30d]
"""
_STATIONARY = """\
  {task}:
    task: {task}
    predictions: {{path: {task}.jsonl, delivery: {{batch: 1h}}}}
    labels: {{path: {task}-labels.jsonl, horizon: 7d}}
    reference: {task}-reference.jsonl
    time_format: epoch_s
    windows: [7d]
    slos: {{up: {{availability: true, objective: 0.99}}}}
"""
_TRAFFIC = """\
  {name}:
    task: binary
    # It is read every two and a half minutes: by default a fifth of the records would be late.
    predictions: {{path: {name}.jsonl, delayed_after: 5m}}
    reference: reference.jsonl
    time_format: epoch_s
    fields: {{features: null}}
    ignore_features: [size, age, wait, plan]
    windows: [{{length: 1h, step: 30m}}]
    slos: {{up: {{availability: true, objective: 0.99}}, fast: {{latency: 250ms, objective: 0.95}}}}
"""


def day(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def example(folder: Path, name: str, model: str, task: str, moments: Sequence[float]) -> list[Firing]:
    """Return what fires while an example's logs are replayed, read every half-hour or hour as they were written."""
    shutil.copy(EXAMPLES / name / "reference.parquet", folder)
    config = folder / "driftbell.yml"
    config.write_text(_TOP + _EXAMPLE.format(name=model, task=task))
    logs = [
        Log(folder / f"{log}.jsonl", lines_of(EXAMPLES / name / f"{log}.jsonl.gz")) for log in ("predictions", "labels")
    ]
    return judged(replay(config, logs, moments), moments, folder)


def grid(first: str, last: str, days: int) -> list[float]:
    return [day(first) + i * days * DAY for i in range(round((day(last) - day(first)) / DAY / days) + 1)]


def dates(firing: Sequence[Firing], name: str, **labels: str) -> list[str]:
    """Return the days on which an alert fires."""
    return sorted(
        {
            datetime.fromtimestamp(each.moment, UTC).date().isoformat()
            for each in firing
            if each.name == name and labels.items() <= each.labels.items()
        }
    )


def severe(firing: Sequence[Firing]) -> set[tuple[str, str, str]]:
    """The alerts above info, with what they are about."""
    return {(each.name, each.severity, each.labels.get("model_name", "")) for each in firing if each.severity != "info"}


@pytest.fixture(scope="module")
def elec2(tmp_path_factory: pytest.TempPathFactory) -> list[Firing]:
    moments = grid("1997-02-04", "1998-03-07", 3)
    return example(tmp_path_factory.mktemp("elec2"), "elec2", "elec2-price-up", "binary", moments)


def test_nothing_above_info_is_said_of_worlds_that_do_not_change(tmp_path: Path) -> None:
    config = tmp_path / "driftbell.yml"
    config.write_text(_TOP + "".join(_STATIONARY.format(task=task) for task in TASKS))
    moments = [START + number * DAY for number in range(1, 43)]
    logs = []
    for seed, task in enumerate(TASKS):
        world = World(task, seed)
        world.write_reference(tmp_path / f"{task}-reference.jsonl")
        predictions, labels = world.logs(START, moments[-1], 10)
        logs += [Log(tmp_path / f"{task}.jsonl", predictions), Log(tmp_path / f"{task}-labels.jsonl", labels)]
    found = replay(config, logs, moments)
    assert all(any(name in series for series in found) for name in ("ml_drift_threshold", "ml_quality_threshold"))
    assert severe(judged(found, moments, tmp_path)) == set()


def test_nobody_is_woken_when_inputs_drift_to_where_the_model_errs_less(tmp_path: Path) -> None:
    config = tmp_path / "driftbell.yml"
    config.write_text(_TOP + _STATIONARY.format(task="regression"))
    world, moves = ImprovingWorld(4), START + 12 * DAY
    moments = [START + number * DAY for number in range(1, 31)]
    world.write_reference(tmp_path / "regression-reference.jsonl")
    before = world.logs(START, moves, 10)
    world.moved = True
    after = world.logs(moves, moments[-1], 10)
    predictions, labels = (one + other for one, other in zip(before, after, strict=True))
    logs = [Log(tmp_path / "regression.jsonl", predictions), Log(tmp_path / "regression-labels.jsonl", sorted(labels))]
    firing = judged(replay(config, logs, moments), moments, tmp_path)
    assert {each.name for each in firing if each.severity == "warning"} >= {
        "MLDataDriftDetected",
        "MLDriftedFeatureShareHigh",
        "MLPredictionDriftDetected",
    }
    assert [each for each in severe(firing) if each[1] != "warning"] == []
    # Labels vary less, so that R² has fallen by a third; the errors are smaller.
    assert {each.name for each in firing} & {"MLModelQualityLow", "MLLowModelAccuracy", "MLSegmentQualityLow"} == set()


def test_nothing_above_info_is_said_of_traffic_that_comes_and_goes_with_the_day_until_it_stops(tmp_path: Path) -> None:
    config = tmp_path / "driftbell.yml"
    config.write_text(_TOP + "".join(_TRAFFIC.format(name=name) for name in ("busy", "seldom")))
    end = START + 32 * HOUR
    moments = [START + number * 150.0 for number in range(1, round((end - START) / 150) + 1)]
    world = World("binary", 5)
    world.write_reference(tmp_path / "reference.jsonl")
    stops = end - 2 * HOUR
    busy, _ = world.logs(START, stops, 500)
    seldom, _ = world.logs(START, end, 6)
    found = replay(config, [Log(tmp_path / "busy.jsonl", busy), Log(tmp_path / "seldom.jsonl", seldom)], moments)
    firing = judged(found, moments, tmp_path, every=4, rules=weeks_as_days(tmp_path))
    assert severe([each for each in firing if each.moment <= stops]) == set()
    # The same rules are awake.
    assert severe(firing) == {
        (name, "critical", "busy") for name in ("MLIngestStalled", "MLNoTraffic", "MLTrafficDrop")
    } | {("MLTrafficDrop", "warning", "busy")}


def weeks_as_days(folder: Path) -> list[Path]:
    """Return the rules with yesterday's hour in place of last week's as what is usual: a week would take too long."""
    paths = [folder / path.name for path in RULES]
    for path, generated in zip(paths, RULES, strict=True):
        path.write_text(generated.read_text("utf-8").replace("offset 6d23h30m", "offset 23h30m"))
    assert any("offset 23h30m" in path.read_text() for path in paths)
    return paths


FROZEN = ("transfer", "vicdemand", "vicprice")


def test_features_that_stood_still_are_told_of_when_they_begin_to_move(elec2: list[Firing], tmp_path: Path) -> None:
    first = first_move("vicprice")
    assert first == "1997-05-03"
    # An alert that has to last fires a look later than it is true: looks that are three days apart would hide how soon.
    daily = example(tmp_path, "elec2", "elec2-price-up", "binary", grid("1997-04-29", "1997-05-12", 1))
    for feature in FROZEN:
        # Half a week of new values in a window of 30 days is sure to be wrong; a week of them is sure to be drift.
        for name, latest in (("MLOutOfRangeValues", "1997-05-07"), ("MLDataDriftDetected", "1997-05-11")):
            told = {"feature_name": feature, "severity": "warning"}
            assert first < dates(daily, name, **told)[0] <= latest
            assert first < dates(elec2, name, **told)[0]
            assert dates(elec2, name, **told)[-1] == "1998-03-07", "and it is not over"
    assert first < dates(daily, "MLDriftedFeatureShareHigh", severity="critical")[0] <= "1997-05-11"


def test_a_model_that_sinks_is_told_of_in_the_order_in_which_it_goes_wrong(elec2: list[Firing]) -> None:
    first = [
        dates(elec2, name, **labels)[0]
        for name, labels in (
            ("MLDriftedFeatureShareHigh", {"severity": "critical"}),
            ("MLConceptDriftDetected", {"severity": "critical"}),
            ("MLCalibrationPoor", {"severity": "critical"}),
            ("MLHighErrorRate", {"severity": "warning"}),
            ("MLMissingValues", {"severity": "warning", "feature_name": "transfer"}),
        )
    ]
    assert first == sorted(first)
    assert "1997-09-22" <= first[-2] <= "1997-09-30", "requests fail from 22 to 24 September"
    assert "1998-01-12" <= first[-1] <= "1998-01-20", "values are missing from 12 to 16 January"
    assert [on for on in dates(elec2, "MLLowModelAccuracy") if on < "1997-07"] == []
    sinking = dates(elec2, "MLLowModelAccuracy", severity="warning")
    assert len([on for on in sinking if "1998-01-20" <= on <= "1998-02-28"]) >= 10
    # Nobody is asked to train on data that are not in order; the first time what was said holds for a while.
    assert dates(elec2, "MLRetrainingDue") != []
    assert set(dates(elec2, "MLRetrainingDue")) & set(dates(elec2, "MLMissingValues")[1:]) == set()


def test_a_model_that_the_world_outgrows_is_told_of_by_its_labels(tmp_path: Path) -> None:
    bike = example(tmp_path, "bike", "bike-demand", "regression", grid("2012-01-02", "2012-07-04", 4))
    bias = dates(bike, "MLModelQualityLow", metric="bias", severity="critical")
    assert bias[0] <= "2012-01-10"
    assert bias[-1] == "2012-07-04", "ridership goes on growing"
    assert dates(bike, "MLConceptDriftDetected", severity="critical")[0] <= "2012-02-11", "when the month is full"
    assert "2012-02" < dates(bike, "MLRetrainingDue")[0] < "2012-03"
    assert "2012-05-07" <= dates(bike, "MLMissingValues", feature_name="humidity")[0] <= "2012-05-15"
    # No feature tells of the growth: not one has drifted above a warning.
    assert dates(bike, "MLDataDriftDetected", severity="warning") == []
    assert dates(bike, "MLDriftedFeatureShareHigh") == []


def first_move(feature: str) -> str:
    """The day on which a feature has a second value, as the log itself says."""
    with gzip.open(EXAMPLES / "elec2" / "predictions.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    begun = next(row["features"][feature] for row in rows if row["features"][feature] is not None)
    return next(str(row["timestamp"])[:10] for row in rows if row["features"][feature] not in (None, begun))
