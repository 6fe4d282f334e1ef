from __future__ import annotations

from pathlib import Path

import pytest

from exporter.configuration import ConfigurationError, Model, parse
from exporter.configuration.arrival import StartAt

HOUR = 3_600_000_000


def model_of(predictions: str = "log.jsonl", more: str = "") -> Model:
    text = f"models:\n  m:\n    task: binary\n    predictions: {predictions}\n    {more}\n"
    (model,) = parse(text, file="d.yaml", folder=Path("/x")).configuration.models.values()
    return model


def message_of(predictions: str = "log.jsonl", more: str = "") -> str:
    with pytest.raises(ConfigurationError) as refused:
        model_of(predictions, more)
    (problem,) = refused.value.problems
    return str(problem)


def test_a_log_grows_unless_it_is_said_to_come_in_drops() -> None:
    assert model_of().predictions.delivery == 0
    assert model_of("{path: log.jsonl, delivery: continuous}").predictions.delivery == 0
    assert model_of("{path: log.jsonl, delivery: {batch: 1h}}").predictions.delivery == HOUR


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("batch", "must be continuous or a mapping with batch, not the text"),
        ("{}", "must be continuous or a mapping with batch"),
        ("{batch: 1h, late: 1m}", "must be continuous or a mapping with batch, not nothing but batch"),
        ("{batch: hourly}", "is not a duration"),
        ("{batch: 0s}", "must be at least 1s, not 0s"),
        ("null", "must be continuous or a mapping with batch, not nothing"),
    ],
)
def test_what_is_no_delivery_is_refused(written: str, message: str) -> None:
    text = message_of(f"{{path: log.jsonl, delivery: {written}}}")
    assert message in text
    assert "models.m.predictions.delivery" in text


@pytest.mark.parametrize(
    ("written", "start", "moment"),
    [
        ("beginning", StartAt(), None),
        ("now", StartAt(ago=0), 9 * HOUR),
        ("2h", StartAt(ago=2 * HOUR), 7 * HOUR),
        ("1970-01-01T01:00:00Z", StartAt(moment=HOUR), HOUR),
        ("1970-01-01T01:00:00+01:00", StartAt(moment=0), 0),
    ],
)
def test_a_start_is_resolved_against_the_first_one(written: str, start: StartAt, moment: int | None) -> None:
    found = model_of(more=f"start_at: {written}").start_at
    assert found == start
    assert found.resolve(9 * HOUR) == moment


@pytest.mark.parametrize("written", ["yesterday", "2026-03-01", "2026-03-01T12:00:00", "3", "null", "[now]"])
def test_what_is_no_start_is_refused(written: str) -> None:
    text = message_of(more=f"start_at: {written}")
    assert "must be beginning, now, a duration or a time" in text
    assert "2026-03-01T12:00:00Z" in text
