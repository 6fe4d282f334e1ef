"""Durations and moments as people write them, and as integer microseconds.

Durations are spelt as in Prometheus (``1h30m``), but without years: a year has no fixed length.
Moments are RFC 3339 with their offset: a time without one says nothing to an exporter.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

UNITS = {"w": 604_800_000_000, "d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1_000}
# A century: far beyond any window, and far from where sums of microseconds leave 64 bits.
LONGEST = 36_500 * UNITS["d"]
DURATION_PATTERN = r"^(?=[0-9])([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"

_DURATION = re.compile(DURATION_PATTERN.removesuffix("$") + r"\Z", re.ASCII)
_PART = re.compile(r"([0-9]+)(ms|[wdhms])", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)\Z", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DurationError(ValueError):
    """A text that is no duration; ``hint`` says how to write one."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


def parse_duration(text: str) -> int:
    """Return the microseconds of a duration; raise ``DurationError`` (a ``ValueError``) if it is none.

    >>> [parse_duration(text) for text in ("500ms", "1h30m", "7d")]
    [500000, 5400000000, 604800000000]
    """
    if len(text) > 60 or not _DURATION.match(text):
        raise DurationError(f"{_shown(text)} is not a duration", _duration_hint(text))
    length = sum(int(number) * UNITS[unit] for number, unit in _PART.findall(text))
    if length > LONGEST:
        raise DurationError(f"{_shown(text)} is too long", f"the longest duration is {format_duration(LONGEST)}")
    return length


def format_duration(length: int) -> str:
    """Return the shortest Prometheus spelling of microseconds (below a millisecond: decimals of ``ms``).

    Weeks are written only where nothing is left over, since ``8d`` reads better than ``1w1d``.

    >>> [format_duration(length) for length in (0, 5_400_000_000, 86_400_000_000, -1_500)]
    ['0s', '1h30m', '1d', '-1.5ms']
    """
    if length < 0:
        return "-" + format_duration(-length)
    if length and length % UNITS["w"] == 0:
        return f"{length // UNITS['w']}w"
    parts, rest = [], length
    for unit in ("d", "h", "m", "s"):
        number, rest = divmod(rest, UNITS[unit])
        parts += [f"{number}{unit}"] if number else []
    if rest:
        parts.append(f"{rest // 1000}.{rest % 1000:03d}".rstrip("0").rstrip(".") + "ms")
    return "".join(parts) or "0s"


def parse_timestamp(text: str) -> int:
    """Return the microseconds since the epoch of an RFC 3339 time; digits below a microsecond are cut off.

    Raises ``ValueError`` for anything else, a time without an offset included.

    >>> parse_timestamp("1970-01-01T01:00:00.5+01:00")
    500000
    """
    match = _MOMENT.match(text)
    if not match:
        raise ValueError(f"{_shown(text)} is not an RFC 3339 time with an offset; write it like 2026-03-01T12:00:00Z")
    date, clock, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{clock}{'+00:00' if offset in 'Zz' else offset}")
    except ValueError as error:
        raise ValueError(f"{_shown(text)} is not a time that exists: {error}") from error
    return (moment - _EPOCH) // timedelta(microseconds=1) + int((fraction or "0")[:6].ljust(6, "0"))


def format_timestamp(moment: int) -> str:
    """Return microseconds since the epoch as RFC 3339 in UTC; raise ``ValueError`` outside the years 1 to 9999.

    >>> format_timestamp(1_500_000)
    '1970-01-01T00:00:01.500Z'
    """
    try:
        date = _EPOCH + timedelta(microseconds=moment)
    except OverflowError as error:
        raise ValueError(f"{moment} microseconds lie outside the years 1 to 9999") from error
    fraction = "auto" if date.microsecond == 0 else "milliseconds" if date.microsecond % 1000 == 0 else "microseconds"
    return date.isoformat(timespec=fraction).replace("+00:00", "Z")


def _duration_hint(text: str) -> str:
    if text.isdecimal():
        return f"it needs a unit, such as {_shown(text + 's')}"
    if "y" in text:
        return "years have no fixed length: write 365d"
    if "." in text or "," in text:
        return "decimals are not allowed: write 1h30m instead of 1.5h"
    if text.lower() != text and _DURATION.match(text.lower()):
        return f"units are small letters: {_shown(text.lower())}"
    return (
        "write numbers with the units w, d, h, m, s, ms, from large to small, each at most once, such as 30s or 1h30m"
    )


def _shown(text: str) -> str:
    return '"' + (text if len(text) <= 60 else text[:57] + "...") + '"'
