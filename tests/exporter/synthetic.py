"""Synthetic logs with everything that happens to real ones, and pipelines that read them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from exporter import catalogue
from exporter.capture.profiles import profile_of
from exporter.configuration import load
from exporter.configuration.schema import Model
from exporter.pipeline import Pipeline
from exporter.reference.profile import Profile
from exporter.snapshot import Histogram, Sample

Task = Literal["binary", "multiclass", "regression"]
Record = dict[str, Any]
Figures = dict[tuple[str, ...], tuple[float, ...]]

START = 1_700_000_000
SECOND = 1_000_000
LATENESS = 60
# Far ahead of all rows: nothing is from the future unless it is meant to be.
NOW = (START + 40 * 86_400) * SECOND
CLASSES = ("a", "b", "c")

_CONFIGURATION = """\
models:
  m:
    task: {task}
    predictions: predictions*.jsonl
    labels: {{path: labels*.jsonl, horizon: {horizon}, settle: {settle}}}
    reference: reference.csv
    time_format: epoch_us
    {classes}
    segments: [region]
    slos: {slos}
    windows: [{windows}]
    allowed_lateness: 1m
    drift: {{min_rows: 3, sequential: {{slice: {every}}}, numeric: [ks, psi, js, wasserstein], categorical: [psi, js, chi2, linf]}}
    limits: {{versions: 3, memory: {memory}, line_bytes: 64KiB}}
"""


# One objective of each kind; their periods are long and short, rolling and of the calendar.
_SLOS = """{{fast: {{latency: 1s, objective: 0.9, period: 5h}}, up: {{availability: true, objective: 0.99, calendar: week}},
      right: {{quality: {quality}, objective: 0.8, period: 90m}}, labelled: {{label_freshness: 1h, objective: 0.5}},
      busy: {{throughput: 2/min, objective: 0.9, period: 2h}}, done: {{ratio: {{good: work.done, total: work.all}}, objective: 0.5}},
      clean: {{errors: client, objective: 0.9, calendar: month, time_zone: Asia/Kolkata}}}}"""


@dataclass
class World:
    """A folder with logs; records are kept in the order of their ``arrival`` (seconds), which is within the lateness."""

    folder: Path
    model: Model
    profile: Profile | None
    predictions: list[Record] = field(default_factory=list)
    labels: list[Record] = field(default_factory=list)

    def pipeline(self, batch_bytes: int = 1 << 20, **options: Any) -> Pipeline:
        return Pipeline(self.model, self.profile, 7, batch_bytes=batch_bytes, **options)

    def write(self, name: str, records: Iterable[Record]) -> None:
        with (self.folder / name).open("a") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)

    def clear(self) -> None:
        for path in self.folder.glob("*.jsonl"):
            path.unlink()


def world(
    folder: Path,
    task: Task = "binary",
    *,
    horizon: str = "2h",
    settle: str = "30m",
    windows: str = "10m, 1h, all",
    memory: str = "256MiB",
    every: str = "10m",
) -> World:
    classes = {"binary": "classes: [0, 1]", "multiclass": f"classes: [{', '.join(CLASSES)}]", "regression": ""}[task]
    slos = _SLOS.format(quality="{error: 2.5}" if task == "regression" else "true")
    text = _CONFIGURATION.format(
        task=task,
        horizon=horizon,
        settle=settle,
        windows=windows,
        classes=classes,
        memory=memory,
        slos=slos,
        every=every,
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "driftbell.yml").write_text(text)
    _write_reference(folder / "reference.csv", task)
    model = next(iter(load(folder / "driftbell.yml").configuration.models.values()))
    return World(folder, model, profile_of(model, None))


def fill(made: World, random_: random.Random, rows: int, span: float) -> None:
    """Make up predictions over ``span`` seconds, and their labels: some doubled, corrected, early, late or astray."""
    task = made.model.task
    horizon = made.model.labels.horizon / SECOND if made.model.labels else 0
    for i in range(rows):
        time = START + random_.uniform(0, span)
        prediction = _prediction(random_, task, f"id{i}", time)
        made.predictions.append(prediction)
        if random_.random() < 0.1:
            made.predictions.append(dict(prediction))
        if random_.random() < 0.1:
            made.predictions.append(
                {**_prediction(random_, task, f"id{i}", time + random_.uniform(0, 50)), "version": "shadow"}
            )
        made.labels += _labels(random_, task, f"id{i}", time, horizon)
    made.labels += [_label(random_, task, f"orphan{i}", START + random_.uniform(0, span)) for i in range(rows // 10)]
    # Nothing comes after the last prediction by more than this, so that the end of the logs is their common end.
    for records in (made.predictions, made.labels):
        records.sort(key=lambda record: record["timestamp"])


def arrival(records: Sequence[Record], random_: random.Random) -> list[tuple[float, Record]]:
    """Return records with the second of their arrival, in an order that is off by less than the lateness."""
    found = [(record["timestamp"] / SECOND + random_.uniform(0, LATENESS * 0.9), record) for record in records]
    return sorted(found, key=lambda pair: pair[0])


def figures(samples: Iterable[Sample]) -> Figures:
    """Index samples by name and labels."""
    found: Figures = {}
    for sample in samples:
        value = sample.value
        if sample.metric is catalogue.MODEL_CONFIG_INFO:
            # Not a figure; it differs wherever the configuration does.
            continue
        numbers = (*value.cumulative, value.total) if isinstance(value, Histogram) else (value,)
        key = (sample.metric.name, *sample.labels)
        assert key not in found
        found[key] = tuple(map(float, numbers))
    return found


_VARIANCES = {"ml_quality_lower", "ml_quality_upper", "ml_quality_threshold"}


def differences(found: Figures, expected: Figures) -> list[str]:
    """Say what is not the same: counts exactly, other numbers to twelve digits."""
    texts = [f"{key}: only in one" for key in sorted(found.keys() ^ expected.keys())]
    for key in found.keys() & expected.keys():
        for one, other in zip(found[key], expected[key], strict=True):
            size = max(abs(one), abs(other), 1.0)
            # Labels that hardly differ make a great r2 of the difference of two nearly equal sums.
            size = size**2 if "r2" in key else size
            # A bound rests on the variance of terms, which few rows leave as the difference of two nearly equal sums.
            digits = 1e-9 if key[0] in _VARIANCES else 1e-11
            tolerance = 0.0 if one.is_integer() and other.is_integer() else digits * size
            if abs(one - other) > tolerance:
                texts.append(f"{key}: {one!r} {other!r}")
    return texts


def books(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    """Return what was read and what became of it."""
    return [
        (feed.health.rows, feed.health.late, feed.health.ignored, dict(feed.health.rejected), feed.health.newest)
        for feed in pipeline.feeds
    ]


def drain(pipeline: Pipeline, now: int = NOW) -> None:
    while pipeline.step(now):
        pass


def _prediction(random_: random.Random, task: str, name: str, time: float) -> Record:
    record: Record = {
        "timestamp": round(time * SECOND),
        "request_id": name,
        "version": random_.choice(("v1", "v1", "v2")),
        "latency_ms": random_.choice((None, random_.uniform(1, 2000))),
        "status": random_.choice((200, 200, 200, 200, 404, 500)),
        "endpoint": random_.choice(("/a", "/b")),
        "region": random_.choice(("north", "south", None)),
        "features": {
            "size": random_.choice((None, random_.gauss(0, 1), round(random_.gauss(0, 2)), 50.0)),
            "colour": random_.choice(("red", "blue", None, "unseen", f"rare{random_.randrange(5)}")),
        },
    }
    # Now and then there are more good ones than all.
    record["work"] = {"done": record["timestamp"] % 7, "all": record["timestamp"] % 41}
    if random_.random() < 0.05:
        del record["request_id"]
    return record | _output(random_, task)


def _output(random_: random.Random, task: str) -> Record:
    if task == "regression":
        return {"prediction": random_.choice((None, random_.gauss(10, 3), random_.gauss(10, 3)))}
    if task == "binary":
        return random_.choice(({"score": round(random_.random(), 3)}, {"score": random_.random()}, {"prediction": 1}))
    shares = [random_.random() for _ in CLASSES]
    return {"scores": [share / sum(shares) for share in shares], "prediction": random_.choice((*CLASSES, None))}


def _labels(random_: random.Random, task: str, name: str, time: float, horizon: float) -> list[Record]:
    """Return no, one or several lines, from before the prediction to behind the horizon."""
    many = random_.choice((0, 1, 1, 1, 2, 3))
    delays = [
        random_.choice((random_.uniform(0, horizon / 8), random_.uniform(-horizon * 1.2, horizon * 1.2), horizon, 60.0))
        for _ in range(many)
    ]
    lines = [_label(random_, task, name, time + delay) for delay in delays]
    if lines and random_.random() < 0.2:
        # Another value at the same moment, and a repetition of it.
        lines += [{**lines[0], "label": _truth(random_, task)}, dict(lines[0])]
    return lines


def _label(random_: random.Random, task: str, name: str, time: float) -> Record:
    return {"timestamp": round(time * SECOND), "request_id": name, "label": _truth(random_, task)}


def _truth(random_: random.Random, task: str) -> Any:
    if task == "regression":
        return random_.choice((0.0, round(random_.gauss(10, 3), 2)))
    return random_.choice((0, 1)) if task == "binary" else random_.choice((*CLASSES, "unseen"))


def _write_reference(path: Path, task: str) -> None:
    random_ = random.Random(1)
    columns = {"binary": ["score", "prediction"], "multiclass": [*(f"scores.{name}" for name in CLASSES), "prediction"]}
    outputs = columns.get(task, ["prediction"])
    lines = [",".join(["size", "colour", *outputs, "label"])]
    for _ in range(200):
        features = [f"{random_.gauss(0, 1):.3f}", random_.choice(("red", "blue", "green"))]
        lines.append(",".join([*features, *_reference_outputs(random_, task), str(_truth(random_, task))]))
    path.write_text("\n".join(lines) + "\n")


def _reference_outputs(random_: random.Random, task: str) -> list[str]:
    if task == "regression":
        return [f"{random_.gauss(10, 3):.3f}"]
    if task == "binary":
        score = round(random_.random(), 3)
        return [str(score), str(int(score >= 0.5))]
    shares = [random_.random() for _ in CLASSES]
    return [*(f"{share / sum(shares):.4f}" for share in shares), random_.choice(CLASSES)]
