"""Logging: one line per event, as logfmt or as JSON.

Code logs through the standard library and passes what it knows as fields:

    logger.warning("source failed", extra={"fields": {"source": name, "attempts": 3}})

Whatever stands in a message or a field, the event stays one line: line breaks, quotes and other
unprintable characters are escaped, so that nothing from a log that we read can forge a line of ours. What looks like a
secret is hidden.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal, TextIO

from exporter.redaction import redacted

LEVELS: Mapping[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}

_LEVEL_NAMES = {number: name for name, number in LEVELS.items()} | {logging.CRITICAL: "critical"}
_NOT_IN_A_KEY = re.compile(r"[^A-Za-z0-9_.-]")
_BARE = re.compile(r"[A-Za-z0-9_./:@%+-]+")

_Field = str | int | float | bool | None
_Event = dict[str, _Field]


def configure(level: str, format: Literal["logfmt", "json"], stream: TextIO) -> None:  # noqa: A002 - named as the flag is
    """Send every logger's events of ``level`` (debug, info, warn, error) and above to ``stream``.

    A second call replaces the first. Raises ValueError for an unknown level or format.
    """
    if level not in LEVELS:
        raise ValueError(f"log level must be one of {', '.join(LEVELS)}, not {level!r}")
    if format not in _WRITERS:
        raise ValueError(f"log format must be one of {', '.join(_WRITERS)}, not {format!r}")
    handler = _EventHandler(stream)
    handler.setFormatter(EventFormatter(_WRITERS[format]))
    root = logging.getLogger()
    # Only our own is taken away: a test's handlers stay.
    for earlier in [each for each in root.handlers if isinstance(each, _EventHandler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(LEVELS[level])


class _EventHandler(logging.StreamHandler[TextIO]):
    """A class of its own, so that ``configure`` knows what an earlier call left."""


class EventFormatter(logging.Formatter):
    """Turns a record into one line with ``write``."""

    def __init__(self, write: Callable[[_Event], str]) -> None:
        super().__init__()
        self._write = write

    def format(self, record: logging.LogRecord) -> str:
        return self._write(_event(record, self))


def logfmt(event: _Event) -> str:
    """Return the event as ``key=value`` pairs.

    >>> logfmt({"level": "info", "msg": 'read "a.log"', "rows": 3, "last": None})
    'level=info msg="read \\\\"a.log\\\\"" rows=3 last=null'
    """
    return " ".join(f"{key}={_logfmt_value(value)}" for key, value in event.items())


def json_line(event: _Event) -> str:
    """Return the event as one JSON object, in ASCII.

    >>> json_line({"level": "info", "msg": "größer", "share": float("nan")})
    '{"level": "info", "msg": "gr\\\\u00f6\\\\u00dfer", "share": "nan"}'
    """
    return json.dumps({key: _json_value(value) for key, value in event.items()}, allow_nan=False)


_WRITERS: Mapping[str, Callable[[_Event], str]] = {"logfmt": logfmt, "json": json_line}


def _event(record: logging.LogRecord, formatter: logging.Formatter) -> _Event:
    event: _Event = {
        "time": _time_text(record.created),
        "level": _LEVEL_NAMES.get(record.levelno, record.levelname.lower()),
        "logger": record.name,
        "msg": redacted(record.getMessage()),
    }
    for key, value in getattr(record, "fields", {}).items():
        plain = isinstance(value, _Field) and not isinstance(value, str)
        event[_free_key(str(key), event)] = value if plain else redacted(str(value))
    if record.exc_info:
        event[_free_key("exception", event)] = redacted(formatter.formatException(record.exc_info))
    if record.stack_info:
        event[_free_key("stack", event)] = record.stack_info
    return event


def _free_key(key: str, event: _Event) -> str:
    """Return ``key`` in characters that both formats take, with ``_`` added while it is in use."""
    free = _NOT_IN_A_KEY.sub("_", key) or "_"
    while free in event:
        free += "_"
    return free


def _time_text(seconds: float) -> str:
    """Return RFC 3339 in UTC.

    >>> _time_text(1714521600.25)
    '2024-05-01T00:00:00.250Z'
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _logfmt_value(value: _Field) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    text = str(value)
    return text if _BARE.fullmatch(text) else f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character.isprintable() and character not in '"\\':
        return character
    # As JSON does, and so also for what breaks a line in some readers only, such as U+2028.
    return json.dumps(character)[1:-1]


def _json_value(value: _Field) -> _Field:
    # JSON has no NaN and no infinities.
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
