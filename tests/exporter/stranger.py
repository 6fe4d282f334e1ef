"""Logs that somebody else could have written, of real data that scikit-learn ships and real models.

A part of each data set trains two models, a second part is the reference, and the rest comes along again and
again as a stream that drifts. What is simulated: the moments, the failures, the gaps and how labels come.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning

START = datetime(2025, 3, 3, 20, 17, 5, 123_000, tzinfo=UTC)
DAYS = 16
OFFSETS = [timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-3)), UTC]
VERSIONS = ("2.0.0", "2.1.0-rc 1")

Record = dict[str, Any]


@dataclass(frozen=True)
class Study:
    """A data set with its models, and how its log is written.

    ``columns`` are the features by name, one value a row; ``shape`` is how probabilities are logged: ``score`` (of
    ``positive``), ``object``, ``list``, ``mapping`` (a key of the record each), or nothing.
    """

    name: str
    task: str
    columns: Mapping[str, Sequence[Any]]
    inputs: np.ndarray
    target: Sequence[Any]
    models: Sequence[Any]
    classes: Sequence[Any] = ()
    positive: Any = None
    shape: str = ""
    rows: int = 1200
    seed: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)


class Answers:
    """What the two models say of every row of the data set."""

    def __init__(self, study: Study, training: np.ndarray) -> None:
        self.predicted: list[list[Any]] = []
        self.probabilities: list[np.ndarray] = []
        target = np.array(study.target, dtype=object if study.classes else np.float64)
        for model, part in zip(study.models, (training, training[::2]), strict=True):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(study.inputs[part], target[part].astype(str) if study.classes else target[part])
            if not is_classifier(model):
                self.predicted.append([round(float(value), 3) for value in model.predict(study.inputs)])
                continue
            order = [model.classes_.tolist().index(str(name)) for name in study.classes]
            table = model.predict_proba(study.inputs)[:, order].round(6)
            self.probabilities.append(table)
            self.predicted.append([study.classes[place] for place in table.argmax(axis=1)])


def write(study: Study, folder: Path) -> None:
    """Write the logs and the reference of a study: ``reference.csv`` and ``reference.parquet`` hold the same rows."""
    random = np.random.default_rng(study.seed)
    order = random.permutation(len(study.target))
    training, reference, rest = np.split(order, [len(order) // 3, 2 * len(order) // 3])
    answers = Answers(study, training)
    _write_reference(study, answers, reference, folder, random)
    predictions, truth = _stream(study, answers, np.concatenate((rest, training[::4])), random)
    _write_lines(folder / "predictions.jsonl.gz", [*map(json.dumps, predictions), *_BAD_PREDICTIONS], random)
    labels = sorted(_labels(study, predictions, truth, random), key=lambda line: _moment(line["timestamp"]))
    _write_lines(folder / "labels.jsonl.gz", [*map(json.dumps, labels), *_BAD_LABELS], random)


# Each is refused for a reason of its own.
_BAD_PREDICTIONS = (
    '{"timestamp": "2025-03-05T00:00:00Z", ',
    "[1, 2]",
    '{"request_id": "no time", "model": "m", "status": 200}',
    '{"timestamp": "2025-03-05T00:00:00", "request_id": "no offset", "status": 200}',
    '{"timestamp": "2025-03-05T00:00:00Z", "request_id": "no status", "status": "ok"}',
)
_BAD_LABELS = (
    '{"label": 1, "timestamp": "2025-03-05T00:00:00Z"}',
    '{"request_id": "x", "label": null, "timestamp": "2025-03-05T00:00:00Z"}',
    '{"request_id": "x", "label": 1, "timestamp": "yesterday"}',
    "nothing",
)


def _write_lines(path: Path, lines: list[str], random: np.random.Generator) -> None:
    """Write lines, the last few (bad ones) scattered; the order of the others is kept but for close neighbours."""
    place = np.arange(len(lines)) + random.uniform(0, 3, len(lines))
    place[-5:] = random.uniform(0, len(lines), 5)
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(lines[i] + "\n" for i in np.argsort(place))


def _features(study: Study, row: int) -> Record:
    return {name: values[row] for name, values in study.columns.items()}


def _segment(row: int) -> str | None:
    return (None, "north east", "süd", "a/b")[row % 4]


def _write_reference(
    study: Study, answers: Answers, rows: np.ndarray, folder: Path, random: np.random.Generator
) -> None:
    records = []
    for row in np.concatenate((rows, random.choice(rows, len(rows)))).tolist():
        segment = _segment(row) or "none"
        record = {"timestamp": "2025-01-01T00:00:00Z", "segment": segment, **_features(study, row)}
        record |= _flat_scores(study, answers, row)
        records.append(record | {"prediction": answers.predicted[0][row], "label": study.target[row]})
    with (folder / "reference.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, records[0].keys())
        writer.writeheader()
        writer.writerows(records)
    columns = {name: [record[name] for record in records] for name in records[0]}
    parquet.write_table(pa.table(_nested(study, columns)), folder / "reference.parquet")


def _flat_scores(study: Study, answers: Answers, row: int) -> Record:
    """A reference as a table has it: one column of probabilities a class, ``score_<class>``."""
    if not study.shape:
        return {}
    by_class = dict(zip(study.classes, answers.probabilities[0][row].tolist(), strict=True))
    if study.shape == "score":
        return {"score": by_class[study.positive]}
    prefix = "proba." if study.shape == "mapping" else "score_"
    return {f"{prefix}{name}": value for name, value in by_class.items()}


def _nested(study: Study, columns: dict[str, list[Any]]) -> dict[str, Any]:
    """The same table as Parquet can hold it: probabilities in one column, of structs or of lists."""
    if study.shape not in {"object", "list"}:
        return columns
    rows = list(zip(*(columns[f"score_{name}"] for name in study.classes), strict=True))
    kept = {name: values for name, values in columns.items() if not name.startswith("score_")}
    if study.shape == "list":
        return kept | {"scores": [list(row) for row in rows]}
    return kept | {"scores": [dict(zip(map(str, study.classes), row, strict=True)) for row in rows]}


def _stream(
    study: Study, answers: Answers, rows: np.ndarray, random: np.random.Generator
) -> tuple[list[Record], list[Any]]:
    """Return the prediction records and the true answer of each."""
    rank = np.argsort(np.argsort(study.inputs[rows, 0], kind="stable")) / len(rows)
    records, truth = [], []
    for i in range(study.rows):
        share = i / study.rows
        weight = np.exp(3 * share * rank)
        row = int(random.choice(rows, p=weight / weight.sum()))
        moment = START + timedelta(days=DAYS) * share + timedelta(milliseconds=int(random.integers(0, 1_500_000)))
        version = int(share > 0.3 and random.uniform() < (0.2 if share < 0.8 else 1.0))
        records.append(_record(study, answers, row, version, random) | {"timestamp": _text(moment, random)})
        records[-1]["request_id"] = f"r-{study.seed}-{i}"
        truth.append(study.target[row])
    return records, truth


def _text(moment: datetime, random: np.random.Generator) -> str:
    """Write a moment in RFC 3339 with one offset or another."""
    there = moment.astimezone(OFFSETS[int(random.integers(0, 3))])
    return there.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _record(study: Study, answers: Answers, row: int, version: int, random: np.random.Generator) -> Record:
    failed = random.uniform() < 0.02
    record: Record = {"model": study.name, "version": VERSIONS[version], "segment": _segment(row)}
    record["features"] = _with_gaps(_features(study, row), random)
    record |= _logged_scores(study, answers, row, version, failed=failed)
    record["prediction"] = None if failed else answers.predicted[version][row]
    record["latency_ms"] = round(float(random.lognormal(3, 0.7)), 2)
    record["status"] = int(random.choice([400, 422, 500, 503])) if failed else 200
    return record | dict(study.extra)


def _with_gaps(features: Record, random: np.random.Generator) -> Record:
    """Turn some values into null or NaN, drop some keys, and let some numbers be measured anew."""
    found: Record = {}
    for name, value in features.items():
        chance = random.uniform()
        if chance < 0.01:
            found[name] = None
        elif chance < 0.013 and isinstance(value, float):
            found[name] = math.nan
        elif chance < 0.1 and isinstance(value, float):
            found[name] = round(value * float(random.normal(1, 0.1)), 4)
        elif chance < 0.985:
            found[name] = value
    return found


def _logged_scores(study: Study, answers: Answers, row: int, version: int, *, failed: bool) -> Record:
    if not study.shape:
        return {}
    values = answers.probabilities[version][row].tolist()
    if study.shape == "score":
        return {"score": None if failed else values[list(study.classes).index(study.positive)]}
    if study.shape == "list":
        return {"scores": None if failed else values}
    by_class = None if failed else dict(zip(map(str, study.classes), values, strict=True))
    return {"proba" if study.shape == "mapping" else "scores": by_class}


def _labels(
    study: Study, predictions: list[Record], truth: list[Any], random: np.random.Generator
) -> list[dict[str, Any]]:
    """Return label lines: late, early, never, twice, corrected, outdated, and for requests that nobody made."""
    lines: list[Record] = []
    for record, label in zip(predictions, truth, strict=True):
        made, chance = _moment(record["timestamp"]), random.uniform()
        other = _another(study, label, random)
        late = timedelta(days=float(random.uniform(2, 8)))
        came = made + timedelta(milliseconds=int(1000 * random.lognormal(8, 1)))

        def say(label: Any, moment: datetime, request: str = record["request_id"]) -> None:
            lines.append({"request_id": request, "label": label, "timestamp": _text(moment, random)})

        if chance < 0.05:
            continue
        if chance < 0.08:
            came = made + late
        elif chance < 0.09:
            came = made - timedelta(seconds=4)
        say(label, came)
        if chance > 0.98:
            say(other, came + timedelta(hours=5))  # a correction
        elif chance > 0.97:
            say(label, came + timedelta(days=1))  # the same again
        elif chance > 0.96:
            say(other, came)  # at the same moment: the greater value counts
        elif chance > 0.95:
            say(other, came + timedelta(hours=1))  # there and back
            say(label, came + timedelta(hours=2))
        elif chance > 0.945:
            say(label, came, f"nobody-{len(lines)}")
    return lines


def _another(study: Study, label: Any, random: np.random.Generator) -> Any:
    if not study.classes:
        return round(float(label * random.uniform(0.5, 1.5)), 2)
    others = [name for name in study.classes if name != label]
    return others[int(random.integers(0, len(others)))]


Maker = Callable[[], Study]
