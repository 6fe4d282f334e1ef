"""Incidents in the logs of real models: one model for each, healthy until something goes wrong."""

from __future__ import annotations

import gzip
import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.end_to_end.test_prometheus import ROOT
from tests.end_to_end.world import stamp

Record = dict[str, Any]


# Incidents, one for each severity: what is written in place of a record.


def failed(record: Record, number: int) -> Record:  # noqa: ARG001 - all of them
    return {**record, "status": 503, "score": None, "prediction": None}


def without_transfer(record: Record, number: int) -> Record:  # noqa: ARG001 - all of them
    return {**record, "features": {**record["features"], "transfer": None}}


def often_without_transfer(record: Record, number: int) -> Record:
    return without_transfer(record, number) if number % 8 == 0 else record


def failed_now_and_then(record: Record, number: int) -> Record:
    return failed(record, number) if number % 67 == 0 else record


# By the model that has it, which is called after how bad it is.
INCIDENTS: Mapping[str, Callable[[Record, int], Record]] = {
    "price-emergency": failed,
    "price-critical": without_transfer,
    "price-warning": often_without_transfer,
    "price-info": failed_now_and_then,
}

_TOP = "evaluation_interval: 1s\nstorage: {commit_interval: 1s}\nmodels:\n"
_MODEL = """\
  {name}:
    task: binary
    predictions: {name}.jsonl
    labels: {{path: {name}-labels.jsonl, horizon: 10m, settle: 2s}}
    reference: reference.jsonl
    segments: {{kind: segment}}
    windows: [5s]
    allowed_lateness: 0s
    info: {{owner: energy-markets}}
    # The real model is often unsure, which is not the incident.
    alerts: {{low_confidence_share: null}}
"""
# A share that rises passes the warning on its way up: one alert a model is enough here.
_CRITICAL_ONLY = "    data_quality: {limits: {missing: {warning: null}}}\n"


@dataclass
class Traffic:
    """Real rows, drawn at random so that nothing changes but by an incident, with the times of now.

    One model has each incident; ``is_wrong`` says whether they are under way.
    """

    folder: Path
    is_wrong: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)
    _rows: list[Record] = field(default_factory=list)
    _labels: dict[str, Any] = field(default_factory=dict)
    _random: random.Random = field(default_factory=lambda: random.Random(6))
    _number: int = 0

    def __post_init__(self) -> None:
        rows = read("predictions")[:4000]
        labels = {each["request_id"]: each["label"] for each in read("labels")}
        self._rows = [row for row in rows if row["status"] == 200 and row["request_id"] in labels]
        self._labels = labels
        with (self.folder / "reference.jsonl").open("w") as reference:
            for row in self._rows:
                reference.write(json.dumps({**row, "label": labels[row["request_id"]]}) + "\n")
        models = {name: _MODEL.format(name=name) for name in INCIDENTS}
        models["price-critical"] += _CRITICAL_ONLY
        self.config.write_text(_TOP + "".join(models.values()))

    @property
    def config(self) -> Path:
        return self.folder / "driftbell.yml"

    def write(self, start: float, end: float, per_second: int = 100) -> None:
        """Append the rows of [start, end) to the logs of all models, and their labels."""
        count = round((end - start) * per_second)
        times = [start + (end - start) * number / count for number in range(count)]
        for name, incident in INCIDENTS.items():
            lines, labels = [], []
            for number, at in enumerate(times, self._number):
                row = self._random.choice(self._rows)
                named = {"request_id": f"{name}-{number}", "timestamp": stamp(at)}
                record = {**row, **named, "model": name}
                lines.append(json.dumps(incident(record, number) if self.is_wrong else record) + "\n")
                labels.append(json.dumps({**named, "label": self._labels[row["request_id"]]}) + "\n")
            append(self.folder / f"{name}.jsonl", lines)
            append(self.folder / f"{name}-labels.jsonl", labels)
        self._number += count

    def run(self, since: float) -> None:
        while not self._stop.wait(0.2):
            now = time.time()
            self.write(since, now)
            since = now

    def stop(self) -> None:
        self._stop.set()


def read(log: str) -> list[Record]:
    with gzip.open(ROOT / "examples" / "elec2" / f"{log}.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def append(path: Path, lines: list[str]) -> None:
    with path.open("a") as log:
        log.write("".join(lines))
