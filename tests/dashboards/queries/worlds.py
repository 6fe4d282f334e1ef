"""Models in two jobs: three that are well, beside two exporters; and four that are not, in all the ways that panels tell of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.dashboards.queries.exporters import Exporter, merged, replicated, watched
from tests.dashboards.queries.timeline import BROKEN, END, FINE, LOST, RETRAINED
from tests.end_to_end.alerting.replay import NEVER, Line, Log, Series
from tests.end_to_end.alerting.stationary import World
from tests.end_to_end.simulation import DAY, HOUR, START

HEALTHY, SICK = "driftbell", "driftbell-staging"
"""Jobs."""
INSTANCES = {HEALTHY: ("a:9911", "b:9911"), SICK: ("c:9911", "d:9911")}

_TOP = f"evaluation_interval: {NEVER}\nstorage: {{{{commit_interval: {NEVER}}}}}\nmodels:\n"
_WINDOW = "{{length: 6h, step: 1h}}"
_SLOS = "up: {{availability: true, objective: 0.99}}, fast: {{latency: 250ms, objective: 0.95}}"
# The history is read in large pieces.
_LATE = "delayed_after: 2h"
_CHURN = f"""\
  churn:
    task: binary
    predictions: {{{{path: {{folder}}-churn.jsonl, {_LATE}}}}}
    labels: {{{{path: {{folder}}-churn-labels.jsonl, horizon: 1d, settle: 2h}}}}
    reference: {{reference}}.jsonl
    time_format: epoch_s
    segments: [region]
    windows: [{_WINDOW}]
    slos: {{{{{_SLOS}, right: {{{{quality: true, objective: 0.7}}}}}}}}
    info: {{{{owner: crm, trained_at: "{{trained}}"}}}}
"""
_WEATHER = f"""\
  weather:
    task: multiclass
    predictions: {{{{path: well-weather.jsonl, {_LATE}}}}}
    labels: {{{{path: well-weather-labels.jsonl, horizon: 1d}}}}
    reference: multiclass.jsonl
    time_format: epoch_s
    drift: {{{{numeric: [ks], categorical: [chi2]}}}}
    windows: [{_WINDOW}]
    slos: {{{{up: {{{{availability: true, objective: 0.99}}}}}}}}
"""
_DEMAND = f"""\
  demand:
    task: regression
    predictions: {{{{path: {{folder}}-demand.jsonl, {_LATE}}}}}
    labels: {{{{path: {{folder}}-demand-labels.jsonl, horizon: 1d}}}}
    reference: regression.jsonl
    time_format: epoch_s
    windows: [{_WINDOW}, {{{{length: 24h, step: 6h}}}}]
    drift: {{{{numeric: [ks, tail], categorical: [chi2]}}}}
    quality: {{{{due_after: 1h}}}}
"""
_BARE = f"""\
  {{model}}:
    task: binary
    predictions: {{{{path: sick-{{model}}.jsonl, {_LATE}}}}}
    time_format: epoch_s
    ignore_features: [age, wait, plan, region]
    windows: [{_WINDOW}]
"""
_REFERENCE = """\
    reference: {reference}.jsonl
    info: {{trained_at: "{trained}"}}
"""
_REGIONS = ("north", "east", "south")
_FAILING_REGION = "south"
Change = Callable[[float, int, dict[str, Any]], None]


def history(folder: Path) -> Series:
    """Return what was scraped of all exporters; ``folder`` is where their logs are."""
    made = _Made(folder)
    logs = [*made.well(), *made.sick()]
    well = made.exporter(
        "well", (_CHURN, _WEATHER, _DEMAND), HEALTHY, 0, reference="binary", trained=_date(END - 10 * DAY)
    )
    sick = made.exporter("sick", (_CHURN, _DEMAND), SICK, 0, reference="binary", trained=_date(END - 10 * DAY))
    _append(sick.config, _BARE.format(model="bare"))
    old = made.exporter(
        "lost", (_BARE, _REFERENCE), SICK, 1, LOST, model="lost", reference="binary", trained=_date(END - 10 * DAY)
    )
    renewed = (
        old.config.read_text().replace("binary.jsonl", "newer.jsonl").replace(_date(END - 10 * DAY), _date(RETRAINED))
    )
    found = watched((well, sick, old), logs, {RETRAINED: (old, renewed)})
    return merged((found, replicated(found, FINE, *INSTANCES[HEALTHY])))


class _Made:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for seed, (name, task) in enumerate(
            (("binary", "binary"), ("multiclass", "multiclass"), ("regression", "regression"), ("newer", "binary"))
        ):
            World(task, seed).write_reference(folder / f"{name}.jsonl")
        _with_regions(folder / "binary.jsonl")

    def exporter(
        self, name: str, models: Sequence[str], job: str, instance: int, until: float = float("inf"), **values: str
    ) -> Exporter:
        config = self.folder / f"{name}.yml"
        config.write_text("".join([_TOP.format(), *(each.format(folder=name, **values) for each in models)]))
        return Exporter(config, job, INSTANCES[job][instance], until)

    def well(self) -> list[Log]:
        found = []
        for seed, (model, task, per_hour) in enumerate(
            (("churn", "binary", 360), ("weather", "multiclass", 150), ("demand", "regression", 150)), 10
        ):
            predictions, labels = World(task, seed).logs(START, END, per_hour)
            found += [
                self._log(f"well-{model}", _changed(predictions, _region, _endpoint, _released)),
                self._log(f"well-{model}-labels", labels),
            ]
        return found

    def sick(self) -> list[Log]:
        predictions, labels = World("binary", 20).logs(START, END, 360)
        broken = _changed(predictions, _region, _endpoint, _two_versions, _broken_values, _failing, _slow)
        demand, _ = World("regression", 21).logs(START, END, 150)
        bare, _ = World("binary", 22).logs(START, END, 60)
        lost, _ = World("binary", 23).logs(START, LOST, 60)
        return [
            self._log("sick-churn", _with_rubbish(broken)),
            self._log("sick-churn-labels", _changed(labels, _wrong)),
            # It has no labels: their log is not there.
            self._log("sick-demand", _changed(demand, _drifting)),
            self._log("sick-bare", bare),
            self._log("sick-lost", lost),
        ]

    def _log(self, name: str, lines: Iterable[Line]) -> Log:
        return Log(self.folder / f"{name}.jsonl", lines)


def _changed(lines: Iterable[Line], *changes: Change) -> list[Line]:
    found = []
    for time, line in lines:
        record = json.loads(line)
        number = int(record["request_id"].rpartition("-")[2])
        for change in changes:
            change(time, number, record)
        found.append((time, json.dumps(record) + "\n"))
    return found


def _region(_: float, number: int, record: dict[str, Any]) -> None:
    record["region"] = _REGIONS[number % len(_REGIONS)]


def _endpoint(_: float, number: int, record: dict[str, Any]) -> None:
    record["endpoint"] = "/predict" if number % 4 else "/batch"


def _released(time: float, _: int, record: dict[str, Any]) -> None:
    record["version"] = "1" if time < END - 20 * HOUR else "2"


def _two_versions(time: float, number: int, record: dict[str, Any]) -> None:
    record["version"] = "2" if time >= RETRAINED and number % 2 else "1"


def _drifting(time: float, _: int, record: dict[str, Any]) -> None:
    if time >= BROKEN:
        record["features"]["size"] += 2


def _broken_values(time: float, number: int, record: dict[str, Any]) -> None:
    if time < BROKEN:
        return
    features = record["features"]
    features["size"] += 4
    features["age"] = None if number % 5 < 2 else features["age"]
    features["wait"] = "soon" if number % 7 < 2 else 3 * features["wait"]
    features["plan"] = "gold" if number % 3 == 0 else features["plan"]


def _failing(time: float, number: int, record: dict[str, Any]) -> None:
    if time >= BROKEN and number % 5 == 0:
        record["status"] = 503 if number % 10 else 404


def _slow(time: float, number: int, record: dict[str, Any]) -> None:
    if time >= BROKEN and number % 3 == 0:
        record["latency_ms"] *= 40


def _wrong(time: float, number: int, record: dict[str, Any]) -> None:
    if time >= BROKEN and _REGIONS[number % len(_REGIONS)] == _FAILING_REGION:
        record["label"] = 1 - record["label"]


def _with_rubbish(lines: Iterable[Line]) -> Iterable[Line]:
    for number, (time, line) in enumerate(lines):
        yield time, line
        if time >= BROKEN and number % 20 == 0:
            yield time, line[:20] + "\n"


def _with_regions(path: Path) -> None:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    regions = [{**row, "region": _REGIONS[number % len(_REGIONS)]} for number, row in enumerate(rows)]
    path.write_text("".join(json.dumps(row) + "\n" for row in regions))


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def _date(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat()
