from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from exporter import catalogue
from exporter.counting.layout import Layout
from exporter.decoders import DECODERS, Decoder
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import PredictionGatherer
from exporter.intake.dead_letters import DeadLetters
from exporter.intake.letter_file import LetterFile
from exporter.pipeline import Pipeline
from exporter.rows.record import Decoded
from exporter.service.models import Models
from exporter.sources.framing import CsvRecords
from exporter.state.database import State
from tests.exporter.decoders.models import NOW, SEED, TIME, model_of

MINUTE = 60_000_000
SETTINGS: dict[str, Any] = {"features": {"x": "numeric"}, "segments": {"region": "region"}}
NAMES = ("timestamp", "status")
LATE_YEAR = "2124-05-01T14:00:00Z"


def decoder(kind: str) -> Decoder[Any]:
    return DECODERS[kind](PredictionGatherer(Layout(model_of(**SETTINGS), None), SEED, MINUTE))


def payload(kind: str, statuses: list[str], times: list[str] | None = None) -> Any:
    """Return records of which those with the status "no" are of no use."""
    times = times or [TIME] * len(statuses)
    if kind == "csv":
        cells = zip(times, statuses, strict=True)
        return CsvRecords(NAMES, [f"{time},{status}".encode() for time, status in cells])
    if kind == "jsonl":
        records = [{"timestamp": time, "status": status} for time, status in zip(times, statuses, strict=True)]
        return [json.dumps(record).encode() for record in records]
    return pa.RecordBatch.from_pydict({"timestamp": times, "status": statuses})


class Post:
    """Dead letters of one source and the file that they are in."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.path = folder / "letters"
        self.letters = DeadLetters(
            LetterFile(self.path, 1 << 20, 2), "m", "predictions", **{"per_minute": 3, **options}
        )

    def look(self, decode: Any, records: Any, now: int = NOW) -> Decoded[Any]:
        decoded: Decoded[Any] = decode(records, now)
        self.letters.look(records, decoded, decode, now)
        return decoded

    @property
    def found(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    @property
    def counts(self) -> dict[str, Any]:
        return {sample.metric.name: sample.value for sample in self.letters.samples()}


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_the_first_rejected_records_are_kept_as_they_were(kind: str, tmp_path: Path) -> None:
    post = Post(tmp_path)
    statuses = ["200"] * 1000
    for place in (1, 500, 501, 998):
        statuses[place] = f"no {place}"
    post.look(decoder(kind).decode, payload(kind, statuses))
    assert [letter["reason"] for letter in post.found] == ["bad_status"] * 3
    kept = [letter["record"] for letter in post.found]
    if kind == "csv":
        assert kept == [f"{TIME},no {place}" for place in (1, 500, 501)]
    else:
        assert [json.loads(record)["status"] for record in kept] == ["no 1", "no 500", "no 501"]
    about = {"read_at": TIME, "model": "m", "source": "predictions"}
    assert all(about.items() <= letter.items() for letter in post.found)
    assert post.counts == {catalogue.DEAD_LETTERS.name: 3, catalogue.FAILED_DEAD_LETTERS.name: 0}


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_records_from_the_future_are_kept_too(kind: str, tmp_path: Path) -> None:
    post = Post(tmp_path)
    post.look(decoder(kind).decode, payload(kind, ["200"] * 3, [TIME, LATE_YEAR, TIME]))
    assert [(letter["reason"], LATE_YEAR in letter["record"]) for letter in post.found] == [("future", True)]


def test_each_reason_has_room_of_its_own_in_every_minute(tmp_path: Path) -> None:
    post, decode = Post(tmp_path, per_minute=2), decoder("jsonl").decode
    lines = [b"broken"] * 50 + [b"[]"] + [b"broken"] * 50 + [b"{}"]
    post.look(decode, lines)
    first = ["malformed", "not_an_object", "missing_timestamp"]
    assert sorted(letter["reason"] for letter in post.found) == sorted(["malformed", *first])
    post.look(decode, lines, NOW + MINUTE - NOW % MINUTE - 1)
    assert [letter["reason"] for letter in post.found][4:] == ["not_an_object", "missing_timestamp"]
    post.look(decode, lines[:1], NOW + MINUTE)
    assert post.found[-1]["reason"] == "malformed"


def test_looking_costs_a_bounded_number_of_decodings(tmp_path: Path) -> None:
    plain, asked = decoder("jsonl"), []

    def decode(records: Any, now: int) -> Decoded[Any]:
        asked.append(len(records))
        return plain.decode(records, now)

    post = Post(tmp_path, per_minute=1000)
    post.look(decode, [b"broken"] * 4096)
    assert len(asked) <= 101
    assert sum(asked) <= 4096 * 4
    assert 0 < len(post.found) < 100


def test_a_payload_without_rejected_records_is_not_decoded_again(tmp_path: Path) -> None:
    post, records = Post(tmp_path), payload("jsonl", ["200"] * 5)
    decoded = decoder("jsonl").decode(records, NOW)

    def decode(records: Any, now: int) -> Decoded[Any]:
        raise AssertionError((records, now))

    post.letters.look(records, decoded, decode, NOW)
    assert post.found == []
    assert post.counts == {catalogue.DEAD_LETTERS.name: 0, catalogue.FAILED_DEAD_LETTERS.name: 0}


def test_a_long_record_is_cut_and_bytes_that_are_no_text_are_spelled_out(tmp_path: Path) -> None:
    post = Post(tmp_path)
    post.look(decoder("jsonl").decode, [b"\xff" + "é".encode() * 3000, b"\x00\r\xe2\x82", b'"\\ud800"'])
    assert [(len(letter["record"]), letter.get("cut")) for letter in post.found] == [
        (2000, True),
        (10, None),
        (8, None),
    ]
    assert [letter["record"][:6] for letter in post.found] == ["\\xfféé", "\x00\r\\xe2", '"\\ud80']


def test_a_row_that_python_has_no_values_for_is_kept_as_well_as_can_be(tmp_path: Path) -> None:
    text = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"]).buffers())
    columns = {"timestamp": pa.nulls(1), "region": text, "when": pa.array([2**62], pa.timestamp("s"))}
    post = Post(tmp_path)
    post.look(decoder("parquet").decode, pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns)))
    (letter,) = post.found
    assert json.loads(letter["record"]) == {"timestamp": None, "region": "<string>", "when": "<timestamp[s]>"}


def test_labels_that_are_of_no_use(tmp_path: Path) -> None:
    model = model_of(**SETTINGS)
    assert model.labels is not None
    labels = DECODERS["jsonl"](LabelGatherer(Layout(model, None), model.labels, SEED))
    post = Post(tmp_path)
    post.look(
        labels.decode,
        [
            b'{"request_id":"","label":1,"timestamp":"%s"}' % TIME.encode(),
            b'{"request_id":"a","timestamp":"%s"}' % TIME.encode(),
        ],
    )
    assert [letter["reason"] for letter in post.found] == ["missing_request_id", "missing_label"]


def test_a_file_that_cannot_be_written_is_said_once_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    post = Post(tmp_path / "later")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert post.look(decoder("jsonl").decode, [b"broken"]).refusals.rejected == {"malformed": 1}
    assert [record.getMessage() for record in caplog.records] == ["rejected records cannot be kept"]
    assert "broken" not in caplog.text
    assert post.counts == {catalogue.DEAD_LETTERS.name: 0, catalogue.FAILED_DEAD_LETTERS.name: 2}
    (tmp_path / "later").mkdir()
    post.look(decoder("jsonl").decode, [b"broken"])
    assert post.counts == {catalogue.DEAD_LETTERS.name: 1, catalogue.FAILED_DEAD_LETTERS.name: 2}


def test_a_pipeline_keeps_what_its_logs_could_not_be_used_of(tmp_path: Path) -> None:
    path = tmp_path / "letters.jsonl"
    model = model_of(
        predictions={"path": str(tmp_path / "p.jsonl")},
        labels={"path": str(tmp_path / "l.jsonl"), "fields": {"timestamp": None}},
        dead_letters=str(path),
    )
    (tmp_path / "p.jsonl").write_text(f'{{"timestamp":"{LATE_YEAR}"}}\nbroken\n{{"timestamp":"{TIME}"}}\n')
    (tmp_path / "l.jsonl").write_text('{"request_id":"a"}\n')
    for is_kept in (False, True):
        pipeline = Pipeline(model, None, SEED)
        if is_kept:
            pipeline.keep_rejected()
            pipeline.keep_rejected()
        while pipeline.step(NOW):
            pass
        found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        kept = {(letter["source"], letter["reason"]) for letter in found}
        assert len(found) == len(kept)
        rejected = {(feed.health.source, reason) for feed in pipeline.feeds for reason in feed.health.rejected}
        assert rejected == {("predictions", "future"), ("predictions", "malformed"), ("labels", "missing_label")}
        assert kept == (rejected if is_kept else set())
        shown = [sample for sample in pipeline.source_samples() if sample.metric is catalogue.DEAD_LETTERS]
        assert [sample.value for sample in shown] == ([2, 1] if is_kept else [])
        pipeline.close()


def test_a_model_at_work_keeps_them(tmp_path: Path) -> None:
    model = model_of(predictions=str(tmp_path / "p.jsonl"), labels=None, dead_letters=str(tmp_path / "letters"))
    with State(tmp_path / "state") as state:
        models = Models(state)
        models.take([Pipeline(model, None, SEED)])
        (pipeline,) = models.working
        assert pipeline.predictions.dead_letters is not None
        pipeline.close()
