from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exporter import catalogue
from exporter.exposition.page import Format
from exporter.exposition.text import Renderer
from exporter.snapshot import Exemplar, Sample, snapshot_of
from tests.exporter.synthetic import SECOND, START, World, drain, world

BOUNDS = (0.1, 1.0)


def record(time: float, name: str, latency: float | None, status: int = 200, version: str = "v1") -> dict[str, Any]:
    stamp = round((START + time) * SECOND)
    return {"timestamp": stamp, "request_id": name, "version": version, "latency_ms": latency and latency * 1e3,
            "status": status, "score": 0.5}  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> World:
    return such(world(tmp_path, windows="10m, 1h"), exemplars=True, latency_buckets=BOUNDS)


def such(made: World, **settings: Any) -> World:
    """The same world with some settings of its model changed."""
    return replace(made, model=made.model.model_copy(update=settings))


def shown(made: World, *batches: list[dict[str, Any]]) -> list[Sample]:
    """The samples after each batch was written and read, in turn."""
    pipeline = made.pipeline()
    for batch in batches:
        made.write("predictions.jsonl", batch)
        drain(pipeline)
    return [sample for sample in pipeline.samples(pipeline.ledger.now) if sample.exemplars]


def latency_of(samples: list[Sample], version: str = "v1") -> tuple[str | None, ...]:
    """The request id for each bucket."""
    found = [one for one in samples if one.metric is catalogue.REQUEST_DURATION and one.labels[1] == version]
    return tuple(exemplar and exemplar.request_id for sample in found for exemplar in sample.exemplars)


def errors_of(samples: list[Sample]) -> Mapping[str, str]:
    return {
        sample.labels[2]: exemplar.request_id
        for sample in samples
        if sample.metric is catalogue.ERRORS
        for exemplar in sample.exemplars
        if exemplar
    }


def test_each_bucket_has_its_newest_request_whatever_the_order(made: World) -> None:
    samples = shown(
        made,
        [record(5, "b", 0.05), record(4, "a", 0.1), record(1, "slow", 2.0, status=503), record(6, "c", None)],
        [record(3, "late", 0.01), record(9, "new", 0.4)],
    )

    assert latency_of(samples) == ("b", "new", "slow")
    (histogram,) = [sample for sample in samples if sample.metric is catalogue.REQUEST_DURATION]
    assert histogram.exemplars[2] == Exemplar("slow", 2.0, round((START + 1) * SECOND))


def test_each_kind_of_error_has_its_newest_request(made: World) -> None:
    samples = shown(
        made,
        [record(1, "a", 1, 500), record(3, "b", None, 502), record(2, "c", 1, 599), record(1, "d", 1, 404)],
        [record(2, "e", 1, 400), record(0, "f", 1, 503), record(9, "ok", 1, 200)],
    )

    assert errors_of(samples) == {"server": "b", "client": "e"}
    assert {sample.exemplars[0].value for sample in samples if sample.metric is catalogue.ERRORS and sample.exemplars[0]} == {1.0}  # fmt: skip


def test_requests_without_an_id_to_show_leave_the_older_one(made: World) -> None:
    nameless = {**record(9, "", 0.05), "request_id": None}
    samples = shown(made, [record(1, "a", 0.05), nameless, record(8, "x" * 119, 0.05), record(7, 'q"', 0.05)])

    assert latency_of(samples) == ("a", None, None)


def test_versions_have_their_own_and_a_forgotten_one_leaves_none(made: World) -> None:
    made = such(made, version_ttl=3600 * SECOND)
    first = [record(1, "old", 0.05, version="v1"), record(2, "two", 0.05, version="v2")]
    assert latency_of(shown(made, first), "v2") == ("two", None, None)

    pipeline = made.pipeline()
    drain(pipeline)
    made.write("predictions.jsonl", [record(90_000, "new", 0.5, version="v3")])
    drain(pipeline)
    pipeline.advance(round((START + 90_000) * SECOND), round((START + 90_000) * SECOND))
    made.write("predictions.jsonl", [record(90_001, "back", 0.5, version="v1")])
    drain(pipeline)

    assert latency_of(list(pipeline.samples(pipeline.ledger.now)), "v1") == (None, "back", None)


def test_against_plain_python(made: World) -> None:
    random_ = random.Random(5)
    rows = [
        record(time, f"r{time}", random_.choice([0.05, 0.1, 0.3, 1.0, 7.0]), random_.choice([200, 404, 500]))
        for time in random_.sample(range(500), 300)
    ]
    samples = shown(made, rows[:100], rows[100:150], rows[150:])

    newest: dict[object, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["timestamp"]):
        newest[sum(row["latency_ms"] > 1000 * bound for bound in BOUNDS)] = row
        newest["server" if row["status"] == 500 else "client" if row["status"] == 404 else "none"] = row
    assert latency_of(samples) == tuple(newest[bucket]["request_id"] for bucket in range(3))
    assert errors_of(samples) == {kind: newest[kind]["request_id"] for kind in ("client", "server")}


def test_they_are_off_unless_asked_for_and_change_no_figure(made: World) -> None:
    rows = [record(1, "a", 0.05), record(2, "b", 0.3, 500)]
    made.write("predictions.jsonl", rows)
    pages = []
    for wanted in (True, False):
        pipeline = such(made, exemplars=wanted).pipeline()
        drain(pipeline)
        pages.append(Renderer().page(snapshot_of(pipeline.samples(pipeline.ledger.now))))

    one, other = ([line for line in page.text.splitlines() if b"_config_info" not in line] for page in pages)
    assert one == other
    assert pages[0].body(Format.OPENMETRICS).count(b' # {request_id="') == 3
    assert b" # {" not in pages[1].body(Format.OPENMETRICS)
