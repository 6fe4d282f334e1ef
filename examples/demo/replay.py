"""Replays real logs faster than life: pure arithmetic on time, and one thin loop that writes.

Every time stamp is mapped by the same formula, so that labels keep their lag, scaled:

    now = start + (event - first_event) / speed
"""

from __future__ import annotations

import gzip
import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

Record = dict[str, Any]

# Pause between two passes over the log, in seconds of the replay.
GAP = 1.0
# The loop never sleeps for less (seconds): lines that fall due in between are written together.
TICK = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """The formula. All times are seconds since the epoch; ``speed`` is event seconds a second.

    >>> Pace(start=1000.0, first_event=0.0, speed=60.0).now(120.0)
    1002.0
    """

    start: float
    first_event: float
    speed: float

    def now(self, event: float) -> float:
        return self.start + (event - self.first_event) / self.speed


class Line(NamedTuple):
    """One line of a growing log: due at a moment (seconds since the epoch), for one file."""

    due: float
    target: str
    text: str


def seconds_of(stamp: str) -> float:
    """Seconds since the epoch of an RFC 3339 time.

    >>> seconds_of("1970-01-01T00:01:00.500Z")
    60.5
    """
    return datetime.fromisoformat(stamp).timestamp()


def stamp_of(seconds: float) -> str:
    """RFC 3339 with microseconds: at thousands of times real speed, milliseconds would tie.

    >>> stamp_of(60.5)
    '1970-01-01T00:01:00.500000Z'
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read(path: Path) -> list[Record]:
    """Return every record of a gzipped log of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def one_pass(records: Iterable[Record], target: str, pace: Pace, number: int) -> Iterator[Line]:
    """Map one pass over a log; from the second on, its number makes the request ids unique.

    A log is written in order, so a line whose time runs backwards is due with the line before it.
    """
    due = pace.start
    suffix = f"-{number}" if number > 1 else ""
    for record in records:
        now = pace.now(seconds_of(record["timestamp"]))
        due = max(due, now)
        moved = {**record, "timestamp": stamp_of(now), "request_id": record["request_id"] + suffix}
        yield Line(due, target, json.dumps(moved, separators=(",", ":")) + "\n")


class Span(NamedTuple):
    """The first and the last event of a model's logs, in seconds since the epoch."""

    first: float
    last: float

    def duration(self, speed: float) -> float:
        """Seconds that one pass takes, the gap after it included."""
        return (self.last - self.first) / speed + GAP

    def position(self, elapsed: float, speed: float) -> tuple[int, float]:
        """Number of the pass under way, from 1, and the event time that it has reached.

        >>> Span(first=0.0, last=600.0).position(15.0, speed=60.0)
        (2, 240.0)
        """
        number, offset = divmod(elapsed, self.duration(speed))
        return int(number) + 1, min(self.first + offset * speed, self.last)


def span_of(logs: Mapping[str, list[Record]]) -> Span:
    """Return the span over all logs of a model."""
    events = [seconds_of(record["timestamp"]) for records in logs.values() for record in records]
    return Span(min(events), max(events))


def passes(logs: Mapping[str, list[Record]], start: float, speed: float) -> Iterator[Line]:
    """Replay the logs of one model (target file to records) over and over, in order of time, without end."""
    span = span_of(logs)
    for number in count(1):
        pace = Pace(start + (number - 1) * span.duration(speed), span.first, speed)
        yield from heapq.merge(*(one_pass(records, target, pace, number) for target, records in logs.items()))


def play(
    lines: Iterable[Line], write: Callable[[str, str], None], clock: Callable[[], float], wait: Callable[[float], bool]
) -> None:
    """Write each line when it is due; ``wait(seconds)`` is true when it is time to stop."""
    waiting: dict[str, list[str]] = {}
    for line in lines:
        pause = line.due - clock()
        if pause > 0:
            flush(waiting, write)
            if wait(max(pause, TICK)):
                return
        waiting.setdefault(line.target, []).append(line.text)
    flush(waiting, write)


def flush(waiting: dict[str, list[str]], write: Callable[[str, str], None]) -> None:
    """Hand over what is due, whole lines at once, and forget it."""
    for target, texts in waiting.items():
        write(target, "".join(texts))
    waiting.clear()
