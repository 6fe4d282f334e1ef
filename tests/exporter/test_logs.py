from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.logs import configure, json_line, logfmt

logger = logging.getLogger("tests.logs")


@pytest.fixture(autouse=True)
def root_logger_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    root.setLevel(level)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def record(message: str, **fields: object) -> None:
    made = logger.makeRecord(logger.name, logging.WARNING, "f.py", 1, message, (), None, extra={"fields": fields})
    made.created = 1_714_521_600.25
    logger.handle(made)


def test_logfmt_is_one_line_with_time_level_logger_message_and_fields(stream: io.StringIO) -> None:
    configure("info", "logfmt", stream)
    record("source failed", source="a.log", attempts=3, ratio=0.5, up=False, last=None, path="/var log/x")

    assert stream.getvalue() == (
        'time=2024-05-01T00:00:00.250Z level=warn logger=tests.logs msg="source failed" '
        'source=a.log attempts=3 ratio=0.5 up=false last=null path="/var log/x"\n'
    )


def test_json_is_one_object_per_line_and_keeps_types(stream: io.StringIO) -> None:
    configure("info", "json", stream)
    record("größer\nthan", attempts=3, up=True, last=None, ratio=float("inf"), cause=ValueError("no"))

    (line,) = stream.getvalue().splitlines()
    assert json.loads(line) == {
        "time": "2024-05-01T00:00:00.250Z",
        "level": "warn",
        "logger": "tests.logs",
        "msg": "größer\nthan",
        "attempts": 3,
        "up": True,
        "last": None,
        "ratio": "inf",
        "cause": "no",
    }


FORMATS: tuple[Literal["logfmt", "json"], ...] = ("logfmt", "json")


@pytest.mark.parametrize("format_", FORMATS)
def test_a_message_cannot_forge_a_line(format_: Literal["logfmt", "json"]) -> None:
    stream = io.StringIO()
    configure("info", format_, stream)
    record('x"\nlevel=error msg="forged', field="a\r\nb\u2028c\x1b[31m", **{"bad key=\n": "\ud800"})

    text = stream.getvalue()
    assert text.splitlines() == [text.removesuffix("\n")]
    assert "\x1b" not in text
    assert "bad_key__" in text
    text.encode()


@given(st.text())
def test_any_text_is_one_printable_line_in_both_formats(text: str) -> None:
    for line in (logfmt({"msg": text}), json_line({"msg": text})):
        assert line.isprintable()
    assert json.loads(json_line({"msg": text})) == {"msg": text}


@given(st.text())
def test_a_logfmt_value_reads_back(text: str) -> None:
    value = logfmt({"msg": text}).removeprefix("msg=")
    assert (json.loads(value) if value.startswith('"') else value) == text


@pytest.mark.parametrize("format_", FORMATS)
def test_a_field_never_replaces_what_the_event_is(format_: Literal["logfmt", "json"]) -> None:
    stream = io.StringIO()
    configure("info", format_, stream)
    record("kept", msg="field", level="field")

    line = stream.getvalue()
    event: dict[str, Any] = json.loads(line) if format_ == "json" else dict(pair.split("=") for pair in line.split())
    assert (event["msg"], event["msg_"], event["level"], event["level_"]) == ("kept", "field", "warn", "field")


@pytest.mark.parametrize("format_", FORMATS)
def test_a_traceback_stays_within_its_line(format_: Literal["logfmt", "json"], stream: io.StringIO) -> None:
    configure("info", format_, stream)
    try:
        int("broken\nin two")
    except ValueError:
        logger.exception("evaluation failed", stack_info=True)

    (line,) = stream.getvalue().splitlines()
    assert "Traceback (most recent call last):\\n" in line
    assert "stack" in line


def test_events_below_the_level_are_left_out(stream: io.StringIO) -> None:
    configure("warn", "logfmt", stream)
    logger.info("quiet")
    logger.error("loud")

    assert [line.split()[1] for line in stream.getvalue().splitlines()] == ["level=error"]


def test_a_second_call_replaces_the_first(stream: io.StringIO) -> None:
    earlier = io.StringIO()
    configure("info", "logfmt", earlier)
    configure("info", "json", stream)
    logger.info("once")

    assert earlier.getvalue() == ""
    assert len(stream.getvalue().splitlines()) == 1


def test_unknown_levels_and_formats_are_refused(stream: io.StringIO) -> None:
    with pytest.raises(ValueError, match="debug, info, warn, error"):
        configure("loud", "logfmt", stream)
    with pytest.raises(ValueError, match="logfmt, json"):
        configure("info", "xml", stream)  # type: ignore[arg-type]
