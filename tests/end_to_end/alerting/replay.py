"""Logs replayed in simulated time: what an exporter would have shown, had it been there when they were written.

The exporter is the real one, on log files that grow; only its clock is not. A replay takes as long as the exporter
works, not as long as it lasts.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from exporter.capture.profiles import profile_of
from exporter.configuration import load
from exporter.exposition.text import Renderer
from exporter.pipeline import Pipeline
from exporter.service.app import App
from exporter.state.database import State

SECOND = 1_000_000
TARGET = 'job="driftbell",instance="replayed:9911"'
# Evaluations and commits are asked for; none is due by itself.
NEVER = "3650d"

Line = tuple[float, str]
Series = dict[str, list[tuple[float, str]]]


class Log:
    """A log that is written line by line, as the time comes; ``lines`` are in the order of their times (seconds)."""

    def __init__(self, path: Path, lines: Iterable[Line]) -> None:
        self._rest = iter(lines)
        self._next = next(self._rest, None)
        self._file = path.open("w", encoding="utf-8")

    def write_until(self, now: float) -> None:
        while self._next is not None and self._next[0] < now:
            self._file.write(self._next[1])
            self._next = next(self._rest, None)
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def replay(config: Path, logs: Sequence[Log], moments: Iterable[float]) -> Series:
    """Return what scrapes at ``moments`` (seconds) found: values by series, histogram buckets left out.

    ``config`` names the logs as they are written.
    """
    found: Series = defaultdict(list)
    now = 0.0
    configuration = load(config).configuration
    state = State(config.parent / "state")
    app = App(configuration, state, lambda: round(now * SECOND))
    for model in configuration.models.values():
        app.add(Pipeline(model, profile_of(model, None), 1))
    for now in moments:
        for log in logs:
            log.write_until(now)
        while app.step():
            pass
        app.commit()
        app.evaluate()
        app.step()  # after which it says when it did both
        page = (app.body() or b"") + Renderer().render(app.own())
        for series, value in samples(page.decode()):
            found[series].append((now, value))
        found[f"up{{{TARGET}}}"].append((now, "1"))
    app.close()
    state.close()
    for log in logs:
        log.close()
    return dict(found)


def samples(page: str) -> Iterator[tuple[str, str]]:
    """Yield the samples of a page, as a server names them that has scraped our target."""
    for line in page.splitlines():
        if line.startswith("ml_"):
            series, _, value = line.rpartition(" ")
            name, _, labels = series.partition("{")
            yield f"{name}{{{TARGET},{labels}" if labels else f"{name}{{{TARGET}}}", value


def lines_of(path: Path) -> list[Line]:
    """Return the lines of a compressed log of ours, in the order of their time stamps."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        found = [(_time(json.loads(line)["timestamp"]), line) for line in file]
    return sorted(found, key=lambda each: each[0])


def _time(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
