"""A record of no use changes nothing but the counters for it, wherever it stands and in whatever format."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.exporter.decoders.tables import csv_line, csv_records, flattened
from tests.exporter.synthetic import (
    NOW,
    SECOND,
    START,
    Figures,
    Record,
    Task,
    World,
    differences,
    drain,
    figures,
    fill,
    world,
)

LINE_BYTES = 64 * 1024  # as `world` says
GOOD: Record = {
    "timestamp": (START + 60) * SECOND,
    "request_id": "evil",
    "version": "evil",
    "endpoint": "/evil",
    "status": 200,
    "latency_ms": 1e9,
    "region": "evil",
    "score": 1.0,
    "prediction": 1,
    "features": {"size": 1e300, "colour": "evil"},
}
LABEL: Record = {"timestamp": (START + 60) * SECOND, "request_id": "id1", "label": 1}


def line(record: Record, **changes: Any) -> bytes:
    return json.dumps({**record, **changes}).encode()


def deep(opening: bytes, closing: bytes) -> bytes:
    return opening * (20_000 // len(opening)) + b"1" + closing * (20_000 // len(closing))


BROKEN: list[tuple[str, bytes]] = [
    ("malformed", line(GOOD)[:-1]),
    ("malformed", line(GOOD) + line(GOOD)),
    ("malformed", line(GOOD).replace(b'"status": 200', b'"status": 2OO')),
    ("malformed", line(GOOD).replace(b'"status": 200', b'"status": 0200')),
    ("malformed", line(GOOD).replace(b'"status": 200', b'"status": .5')),
    ("malformed", line(GOOD).replace(b'"evil"', b"'evil'")),
    ("malformed", line(GOOD).replace(b"evil", b"ev\til")),
    ("malformed", line(GOOD).replace(b"evil", b"ev\0il")),
    ("malformed", b"\0" * 300),
    ("malformed", b"# " + line(GOOD)),
    ("malformed", json.dumps(GOOD).encode("utf-16").replace(b"\n", b"")),
    ("malformed", json.dumps(GOOD).encode("utf-32-be").replace(b"\n", b"")),
    ("malformed", b"\x1f\x8b\x08" + bytes(range(32, 255))),
    ("malformed", b"\xff\xfe\xfd"),
    ("not_an_object", b"[" + line(GOOD) + b"]"),
    ("not_an_object", b"null"),
    ("not_an_object", json.dumps(json.dumps(GOOD)).encode()),
    ("too_deep", line(GOOD)[:-1] + b', "other": ' + deep(b"[", b"]") + b"}"),
    ("too_deep", line(GOOD)[:-1] + b', "features": ' + deep(b'{"size":', b"}") + b"}"),
    ("too_deep", deep(b'[{"a":', b"}]")),
    ("too_long", line(GOOD, other="x" * LINE_BYTES)),
    ("too_long", b"[" * 3 * LINE_BYTES),
    ("too_long", b'{"a":"' + b"\\u0000" * LINE_BYTES + b'"}'),
    ("missing_timestamp", b"{}"),
    ("missing_timestamp", line(GOOD, timestamp=None)),
    ("missing_timestamp", line(GOOD).replace(b"timestamp", b"Timestamp")),
    ("missing_timestamp", line(GOOD).replace(b"timestamp", b"\xfftimestamp")),
]
TIMES: list[tuple[str, Any]] = [
    ("bad_timestamp", "2024-05-01T14:00:00Z"),
    ("bad_timestamp", True),
    ("bad_timestamp", [1]),
    ("bad_timestamp", float("nan")),
    ("bad_timestamp", float("inf")),
    ("bad_timestamp", 10**30),
    ("bad_timestamp", -(2**63)),
    ("bad_timestamp", 10**999),
    ("bad_timestamp", 253_402_300_800 * SECOND),
    ("future", 253_402_300_799 * SECOND),
    ("future", NOW + 3600 * SECOND),
    # Nanoseconds in place of microseconds.
    ("bad_timestamp", START * SECOND * 1000),
]
PREDICTIONS = [
    *BROKEN,
    *((reason, line(GOOD, timestamp=time)) for reason, time in TIMES),
    *(
        ("bad_status", line(GOOD, status=status))
        for status in (99, 600, -200, 200.5, True, "OK", [200], 2**64, 10**400)
    ),
]
LABELS = [
    *BROKEN[:14],
    *((reason, line(LABEL, timestamp=time)) for reason, time in TIMES),
    ("missing_request_id", line(LABEL, request_id=None)),
    ("missing_request_id", line(LABEL, request_id="")),
    ("bad_request_id", line(LABEL, request_id=["id1"])),
    ("bad_request_id", line(LABEL).replace(b"id1", b"id1\xff")),
    ("bad_request_id", line(LABEL).replace(b"id1", b"id1\\udfff")),
    ("missing_label", line(LABEL, label=None)),
    ("missing_label", line(LABEL, label=float("nan"))),
    ("bad_label", line(LABEL, label=float("inf"))),
    ("bad_label", line(LABEL, label={"is": 1})),
    ("bad_label", line(LABEL, label="@").replace(b'"@"', b"9" * 5000)),
]


def among(good: Sequence[bytes], hostile: Iterable[bytes], random_: random.Random) -> list[bytes]:
    """Put lines at random places, each a few times."""
    mixed = list(good)
    for bad in hostile:
        for _ in range(random_.choice((1, 2, 3))):
            mixed.insert(random_.randrange(len(mixed) + 1), bad)
    return mixed


def read(made: World, batch_bytes: int = 1 << 20) -> tuple[Figures, list[Counter[str]], list[int]]:
    """Return all figures, and the rejected and the good records of each log."""
    pipeline = made.pipeline(batch_bytes)
    drain(pipeline)
    found = figures(pipeline.samples(pipeline.ledger.now))
    health = [feed.health for feed in pipeline.feeds]
    pipeline.close()
    return found, [each.rejected for each in health], [each.rows - each.rejected.total() for each in health]


def check(made: World, write: Callable[[bool], list[Counter[str]]], batch_bytes: int = 1 << 20) -> None:
    """Compare the figures without and with hostile records; ``write`` says which reasons are due."""
    write(False)
    expected, own, good = read(made)
    due = write(True)
    found, rejected, rest = read(made, batch_bytes)
    assert differences(found, expected) == []
    assert rest == good
    assert [one - other for one, other in zip(rejected, own, strict=True)] == due


@pytest.fixture
def made(tmp_path: Path) -> World:
    return filled(tmp_path, "binary")


def filled(folder: Path, task: Task) -> World:
    made = world(folder, task)
    fill(made, random.Random(5), 150, 3 * 3600)
    return made


@pytest.mark.parametrize("way", ["plain", "small batches", "CRLF", "gzip", "typed", "generic"])
def test_lines(way: str, made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    if way in ("typed", "generic"):
        monkeypatch.setattr("exporter.decoders.compiled.native", None)
    if way == "generic":
        monkeypatch.setattr("exporter.decoders.record_type.is_spellable", lambda _: False)
    ending = b"\r\n" if way == "CRLF" else b"\n"

    def write(hostile: bool) -> list[Counter[str]]:
        due = []
        logs = (("predictions", made.predictions, PREDICTIONS), ("labels", made.labels, LABELS))
        for name, records, bad in logs:
            random_ = random.Random(way + name)
            good = [json.dumps(record).encode() for record in records]
            reasons = {raw: reason for reason, raw in bad}
            lines = among(good, reasons, random_) if hostile else good
            content = ending.join([*lines, b""])
            path = made.folder / f"{name}.jsonl"
            path.write_bytes(gzip.compress(content) if way == "gzip" else content)
            due.append(Counter(reasons[each] for each in lines if each in reasons))
        return due

    check(made, write, 5000 if way == "small batches" else 1 << 20)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_lines_of_other_tasks(task: Task, tmp_path: Path) -> None:
    made = filled(tmp_path, task)

    def write(hostile: bool) -> list[Counter[str]]:
        random_ = random.Random(3)
        reasons = {raw: reason for reason, raw in PREDICTIONS}
        good = [json.dumps(record).encode() for record in made.predictions]
        lines = among(good, reasons, random_) if hostile else good
        (made.folder / "predictions.jsonl").write_bytes(b"\n".join([*lines, b""]))
        (made.folder / "labels.jsonl").write_text("".join(json.dumps(each) + "\n" for each in made.labels))
        return [Counter(reasons[each] for each in lines if each in reasons), Counter()]

    check(made, write)


def in_format(made: World, kind: str) -> World:
    paths = {name: (str(made.folder / f"{name}*.{kind}"),) for name in ("predictions", "labels")}
    logs = {name: getattr(made.model, name).model_copy(update={"format": kind, "paths": paths[name]}) for name in paths}
    return replace(made, model=made.model.model_copy(update=logs))


def test_csv(made: World) -> None:
    names = {
        "predictions": list(dict.fromkeys(key for record in made.predictions for key in flattened(record))),
        "labels": ["timestamp", "request_id", "label"],
    }

    def bad(name: str) -> dict[bytes, str]:
        record = flattened(GOOD) if name == "predictions" else LABEL

        def cells(**changes: Any) -> bytes:
            return csv_line(["" if each is None else str(each) for each in map({**record, **changes}.get, names[name])])

        times = [(reason, str(time)) for reason, time in TIMES if not isinstance(time, bool | list) and time == time]  # noqa: PLR0124 - NaN
        found = {cells(timestamp=time): reason for reason, time in times} | {
            cells(timestamp=""): "missing_timestamp",
            cells(timestamp="\0"): "bad_timestamp",
            cells().replace(b"evil", b'"evil"x', 1).replace(b"id1", b'"id1"x'): "malformed",
            cells().rpartition(b",")[0]: "wrong_column_count",
            cells() + b",": "wrong_column_count",
            cells() + b',"' + b"\n" * 10 + b'"': "wrong_column_count",
            b"\0": "wrong_column_count",
            b"\xff\xfe": "wrong_column_count",
            cells(request_id="x" * LINE_BYTES): "too_long",
        }
        if name == "predictions":
            return found | {
                cells(status=each): "bad_status" for each in ("99", "1e999", "OK", "2_00", "-200", "9" * 5000)
            }
        return found | {
            cells(request_id=None): "missing_request_id",
            cells(label=None): "missing_label",
            cells().replace(b"id1", b"id\xff"): "bad_request_id",
        }

    made = in_format(made, "csv")

    def write(hostile: bool) -> list[Counter[str]]:
        due = []
        for name, records in (("predictions", made.predictions), ("labels", made.labels)):
            good = csv_records(records, names=names[name]).records
            reasons = bad(name)
            lines = among(good, reasons, random.Random(name)) if hostile else list(good)
            (made.folder / f"{name}.csv").write_bytes(b"\n".join([csv_line(names[name]), *lines, b""]))
            due.append(Counter(reasons[each] for each in lines if each in reasons))
        return due

    check(made, write)


def test_parquet(made: World) -> None:
    """A row of no use is one in a typed column; a file with such rows stands between the good ones."""
    made = in_format(made, "parquet")
    rows: dict[str, list[int | None]] = {"timestamp": [], "status": []}
    for time, status in [
        (None, 200),
        (253_402_300_800 * SECOND, 200),
        (-(2**63), 200),
        (NOW * 2, 200),
        (START * SECOND, 99),
    ]:
        rows["timestamp"].append(time)
        rows["status"].append(status)
    evil = pa.table({**rows, "version": ["evil"] * 5, "features": [GOOD["features"]] * 5, "request_id": ["id1"] * 5})
    labels = pa.table({"timestamp": [START * SECOND] * 3, "request_id": ["", None, "id1"], "label": [1, 1, None]})

    def write(hostile: bool) -> list[Counter[str]]:
        for name, records, bad in (("predictions", made.predictions, evil), ("labels", made.labels, labels)):
            names = dict.fromkeys(key for record in records for key in record)
            table = pa.table({key: [record.get(key) for record in records] for key in names})
            parquet.write_table(table.slice(0, 70), made.folder / f"{name}0.parquet", row_group_size=30)
            parquet.write_table(table.slice(70), made.folder / f"{name}2.parquet")
            if hostile:
                parquet.write_table(bad, made.folder / f"{name}1.parquet")
                (made.folder / f"{name}3.parquet").write_bytes(b"PAR1 is not there yet")
        predictions = Counter(missing_timestamp=1, bad_timestamp=2, future=1, bad_status=1)
        return [predictions, Counter(missing_request_id=2, missing_label=1)] if hostile else []

    check(made, write)
