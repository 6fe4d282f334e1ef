from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from exporter.intake import payloads
from exporter.sources.framing import CsvRecords

PAYLOADS: dict[str, Any] = {
    "lines": [b"1", b"2", b"3"],
    "csv": CsvRecords(("a",), [b"1", b"2", b"3"]),
    "arrow": pa.RecordBatch.from_pydict({"a": [1, 2, 3]}),
}


def texts(payload: Any) -> list[str]:
    if payloads.count(payload) == 1:
        text, is_cut = payloads.text_of(payload, 100)
        assert not is_cut
        return [text]
    return [text for half in payloads.halves(payload) for text in texts(half)]


@pytest.mark.parametrize("kind", PAYLOADS)
def test_halves_of_halves_are_all_records(kind: str) -> None:
    found = texts(PAYLOADS[kind])
    assert found == (['{"a": 1}', '{"a": 2}', '{"a": 3}'] if kind == "arrow" else ["1", "2", "3"])


@pytest.mark.parametrize(("record", "longest"), [("é" * 10, 10), ("𝄞" * 10, 10), ("x" * 10, 10)])
def test_a_text_is_cut_behind_its_last_character(record: str, longest: int) -> None:
    assert payloads.text_of([record.encode()], longest) == (record, False)
    assert payloads.text_of([(record + "y").encode()], longest) == (record, True)


def test_names_and_values_of_a_row() -> None:
    row = pa.RecordBatch.from_pydict({"a": [{"b": [1, None]}], "c": [b"x"]})
    text, _ = payloads.text_of(row, 1000)
    assert json.loads(text) == {"a": {"b": [1, None]}, "c": "b'x'"}
