"""Exporters in simulated time: logs that grow, a scrape every 15 seconds, and what Prometheus would have stored.

A run takes as long as the exporter works, not as long as it lasts. The scraped pages are kept as lines of OpenMetrics
with time stamps; ``stored.py`` hands them to a real Prometheus.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from exporter.capture.profiles import profile_of
from exporter.configuration import load
from exporter.exposition.text import Renderer
from exporter.pipeline import Pipeline
from exporter.service.app import App
from exporter.state.database import State

SCRAPE = 15
SECOND = 1_000_000
# The beginning of a block of Prometheus, so that a scenario fills few of them.
START = 1_700_000_000 // 7200 * 7200
MINUTE, HOUR, DAY = 60, 3600, 86_400

# Requests between two scrapes; so many of them a second; and every so manyth is a server error.
ROWS = 12
RATE = ROWS / SCRAPE
ERRORS = 10
LABEL_DELAY = 60

_CONFIGURATION = """\
storage: {{commit_interval: 1s}}
models:
  m:
    task: binary
    predictions: {predictions}
    labels: {labels}
    reference: {reference}
    time_format: epoch_s
    windows: [1h]
    allowed_lateness: 0s
    {more}
"""
_REFERENCE = "x,score,prediction,label\n" + "".join(f"{i % 10},0.{i % 10},{i % 2},{i % 2}\n" for i in range(40))


class Traffic:
    """Requests and their labels, evenly spaced; each is known by its number."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.requests = 0
        (folder / "reference.csv").write_text(_REFERENCE)

    def write(
        self, start: float, end: float, rows: int = ROWS, *, logs: Sequence[str] = ("predictions.jsonl",)
    ) -> None:
        """Append the requests of [start, end) to the logs, by turns, and the labels of the minute before."""
        times = [start + (end - start) * i / rows for i in range(rows)]
        numbers = range(self.requests, self.requests + rows)
        lines: dict[str, list[str]] = {log: [] for log in logs}
        for number, time in zip(numbers, times, strict=True):
            lines[logs[number % len(logs)]].append(request(number, time))
        for log, texts in lines.items():
            append(self.folder / log, texts)
        labelled = [label(number, time + LABEL_DELAY) for number, time in zip(numbers, times, strict=True)]
        append(self.folder / "labels.jsonl", labelled)
        self.requests += rows


def request(number: int, time: float) -> str:
    record = {"request_id": f"r{number}", "timestamp": time, "version": "1", "latency_ms": 5}
    status = 500 if number % ERRORS == 0 else 200
    return json.dumps({**record, "status": status, "score": number % 7 / 7, "features": {"x": number % 11}})


def label(number: int, time: float) -> str:
    return json.dumps({"request_id": f"r{number}", "timestamp": time, "label": number % 2})


def append(path: Path, lines: Iterable[str]) -> None:
    with path.open("a") as log:
        log.writelines(line + "\n" for line in lines)


class Pod:
    """An exporter beside some logs, with its state in a folder of its own.

    ``batch_bytes`` is how much it reads at a time; it has ``steps`` between two scrapes (None: as many as it needs).
    """

    def __init__(
        self,
        traffic: Traffic,
        job: str,
        instance: str = "a",
        *,
        predictions: str = "predictions.jsonl",
        labels: str = "{path: labels.jsonl, horizon: 1h, settle: 2m}",
        more: str = "",
        batch_bytes: int = 1 << 20,
        steps: int | None = None,
    ) -> None:
        self.page: list[str] = []
        self.lines: list[str] = []
        self._target = f'{{job="{job}",instance="{instance}"'
        self._batch_bytes, self._steps = batch_bytes, steps
        self._state_folder = traffic.folder / f"state-{job}-{instance}"
        config = traffic.folder / f"{job}-{instance}.yml"
        config.write_text(
            _CONFIGURATION.format(predictions=predictions, labels=labels, reference="reference.csv", more=more)
        )
        self._configuration = load(config).configuration
        self._now = 0
        self._app: App | None = None

    def start(self, now: float) -> None:
        self._now = round(now * SECOND)
        self._state = State(self._state_folder)
        self._app = App(self._configuration, self._state, lambda: self._now)
        for model in self._configuration.models.values():
            self._app.add(Pipeline(model, profile_of(model, None), 1, batch_bytes=self._batch_bytes))

    def work(self, now: float) -> None:
        """Read, without anybody looking."""
        assert self._app is not None
        self._now = round(now * SECOND)
        left = self._steps
        while self._app.step() and left != 1:
            left = None if left is None else left - 1

    def scrape(self, now: float) -> None:
        """Read what there is, and keep the page as it is then."""
        self.work(now)
        assert self._app is not None
        text = (self._app.body() or b"") + Renderer().render(self._app.own())
        self.page = [line for line in text.decode().splitlines() if line.startswith("ml_") and "_bucket{" not in line]
        self.lines += [self._stored(line, now) for line in self.page]

    def kill(self) -> None:
        """End without a last commit, as ``kill -9`` does."""
        assert self._app is not None
        self._app.close()
        self._state.close()
        self._app = None

    def _stored(self, line: str, now: float) -> str:
        series, _, value = line.rpartition(" ")
        name, _, labels = series.partition("{")
        rest = f",{labels}" if labels else "}"
        return f"{name}{self._target}{rest} {value} {now:.0f}"


def run(start: float, end: float, pods: Sequence[Pod], before: Callable[[float], None]) -> None:
    """Let time pass: ``before`` each scrape, at the ends of the intervals, logs are written."""
    for now in range(round(start) + SCRAPE, round(end) + 1, SCRAPE):
        before(now)
        for pod in pods:
            pod.scrape(now)
