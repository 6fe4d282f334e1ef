"""The JSON Schema for editors: committed, up to date, and of one mind with the reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.configuration import SCHEMA_FILE, json_schema, schema_text
from exporter.configuration.document import read_document
from tests.exporter.configuration.test_bad_files import BINARY, ENTRIES

jsonschema = pytest.importorskip("jsonschema")
ROOT = Path(__file__).parents[3]
FULL = (Path(__file__).parent / "full.yaml").read_text(encoding="utf-8")

SHORTHANDS = [
    "labels: l",
    "labels: [l, m]",
    "labels: null",
    "reference: r.csv",
    "fields: {score: a.b, status: [a.b, c], endpoint: null, scores: {a: b, c: [d]}, features: ''}",
    "segments: {a: b, c: [d, e]}",
    "segments: [a, [b, c]]",
    "features: {a: numeric, b: {path: c}}",
    "windows: [all, 1h30m, {length: 24h}, {length: 7d, step: 1h}]",
    "classes: [a, 1, 0.5, true]",
    "model_id: 5",
    "limits: {line_bytes: 1024, memory: 1 GiB}",
]

# What a shape cannot see: everything else of the table is refused by the schema too.
REFUSED_BY_SHAPE = (
    "unknown key",
    "is missing",
    "must be one of",
    "must be a list",
    "must be a mapping",
    "whole number",
)


def test_the_committed_schema_is_up_to_date(golden: Callable[[str, bytes], None]) -> None:
    golden(str(SCHEMA_FILE.relative_to(ROOT)), schema_text().encode())


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("text", [FULL, BINARY, *(f"{BINARY}    {entry}\n" for entry in SHORTHANDS)])
def test_it_accepts_what_the_reader_accepts(text: str) -> None:
    jsonschema.Draft202012Validator(json_schema()).validate(read_document(text).value)


@pytest.mark.parametrize(
    "entry", [entry for entry, _, words in ENTRIES if any(phrase in words for phrase in REFUSED_BY_SHAPE)]
)
def test_it_refuses_what_has_the_wrong_shape(entry: str) -> None:
    value = read_document(f"{BINARY}    {entry}\n").value
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(value)


def test_every_section_explains_itself_and_defaults_are_spelt_as_in_the_file() -> None:
    model = json_schema()["$defs"]["Model"]["properties"]
    assert model["idle_timeout"]["default"] == "5m"
    assert model["windows"]["default"] == ["1h", "24h"]
    assert "wall clock" in model["idle_timeout"]["description"]
