"""A model's logs, and the real exporter as a process beside them: what the tests of the whole have in common."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from prometheus_client.parser import text_string_to_metric_families

T = TypeVar("T")
Labels = tuple[tuple[str, str], ...]
Page = dict[tuple[str, Labels], float]

# Nothing takes so long; a test that waits for it has failed.
DEADLINE = 30.0
# Many of them may be starting at once.
_START = 90.0
PROGRAM = (sys.executable, "-m", "exporter")
_PAUSE = 0.05
_GROWING = ("_total", "_count", "_bucket")
_SINCE_THE_START = (
    "ml_exporter_failed_",
    "ml_exporter_source_failures_",
    "ml_exporter_model_failures_",
    "ml_exporter_figure_failures_",
    "ml_exporter_refused_requests_",
)

CONFIGURATION = """\
evaluation_interval: 1s
storage:
  commit_interval: 100ms
models:
  churn:
    task: binary
    predictions: predictions.jsonl
    labels: labels.jsonl
    reference: reference.csv
    windows: {windows}
    allowed_lateness: 0s
    idle_timeout: {idle_timeout}
    version_ttl: {version_ttl}
"""


def eventually(ask: Callable[[], T | None], what: str, seconds: float = DEADLINE) -> T:
    """Ask until there is an answer that is not empty, None or False; fail at the deadline."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        answer = ask()
        if answer:
            return answer
        time.sleep(_PAUSE)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


class Place(Protocol):
    """Where an exporter has its configuration, and a folder for its state."""

    @property
    def config(self) -> Path: ...

    @property
    def folder(self) -> Path: ...


class World:
    """A folder with a configuration and logs that grow; rows are a millisecond apart from ``start`` on."""

    def __init__(
        self, folder: Path, windows: str = "[1m]", idle_timeout: str = "1h", version_ttl: str = "365d"
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.config = folder / "driftbell.yml"
        self.config.write_text(
            CONFIGURATION.format(windows=windows, idle_timeout=idle_timeout, version_ttl=version_ttl)
        )
        self.start = time.time() - 60
        self._random = random.Random(7)
        self._written = 0
        lines = [f"{','.join(map(str, self._values()))},{number % 2}" for number in range(200)]
        (folder / "reference.csv").write_text("\n".join(["tenure,plan,score,prediction,label", *lines, ""]))

    def slow_reference(self) -> Path:
        """Return a reference that takes for ever: a terabyte of padding, which takes no room, follows its first line."""
        path = self.folder / "slow.jsonl.gz"
        path.write_bytes(gzip.compress(b"\n"))
        os.truncate(path, 2**40)
        return path

    def refer_to(self, reference: Path) -> None:
        self.config.write_text(self.config.read_text().replace("reference.csv", reference.name))

    def predict(self, rows: int, version: str = "1", at: float | None = None) -> None:
        """Append predictions, from the moment ``at`` on (default: where the log ends)."""
        begin = self.start + self._written * 1e-3 if at is None else at
        with (self.folder / "predictions.jsonl").open("a") as log:
            for number in range(rows):
                named = {"request_id": f"r{self._written + number}", "timestamp": stamp(begin + number * 1e-3)}
                log.write(json.dumps({**named, "version": version, "latency_ms": 5, **self._row()}) + "\n")
        self._written += rows

    def label(self, first: int, last: int) -> None:
        """Append labels of the rows from ``first`` until before ``last``."""
        with (self.folder / "labels.jsonl").open("a") as log:
            for number in range(first, last):
                line = {"request_id": f"r{number}", "label": number % 2, "timestamp": stamp(self.start + number * 1e-3)}
                log.write(json.dumps(line) + "\n")

    def copy(self, folder: Path) -> World:
        """Return the same logs and configuration in another folder."""
        other = World(folder)
        for path in self.folder.iterdir():
            if path.is_file():
                (folder / path.name).write_bytes(path.read_bytes())
        return other

    def _row(self) -> dict[str, object]:
        tenure, plan, score, prediction = self._values()
        features = {"tenure": tenure, "plan": plan}
        return {"features": features, "score": score, "prediction": prediction, "status": 200}

    def _values(self) -> tuple[float, str, float, int]:
        score = round(self._random.random(), 3)
        return round(self._random.gauss(10, 3), 2), self._random.choice("abc"), score, int(score >= 0.5)


def labelled_world(folder: Path) -> World:
    """Return a world of 300 predictions, of which 200 have a label."""
    world = World(folder, windows="[all]")
    world.predict(300)
    world.label(0, 200)
    return world


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def command(world: Place, *more: str, program: Sequence[str] = PROGRAM) -> list[str]:
    """The command line that serves a world on a port that is free."""
    served = [*program, "serve", f"--config.file={world.config}"]
    return [*served, f"--storage.path={world.folder / 'state'}", "--web.listen-address=127.0.0.1:0", *more]


class Sidecar:
    """The running process, begun by ``prefix``, with ``more`` arguments and the ``options`` of Popen.

    Its output is in ``log``.
    """

    def __init__(
        self,
        world: Place,
        log: Path,
        prefix: Sequence[str] = (),
        program: Sequence[str] = PROGRAM,
        more: Sequence[str] = (),
        **options: Any,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self._skipped = log.stat().st_size
            streams: dict[str, Any] = {"stdout": output, "stderr": output, "stdin": subprocess.DEVNULL}
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                [*prefix, *command(world, *more, program=program)], **(streams | options)
            )
        try:
            self.address = eventually(self._find_address, "the line that says where it listens", _START)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def output(self) -> str:
        return self.log.read_bytes()[self._skipped :].decode()

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body."""
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def page(self) -> Page:
        return page_of(self.get("/metrics")[1])

    def wait_for(self, name: str, value: float, **labels: str) -> Page:
        """Scrape until the series with these labels (and no others that count) sum up to the value."""

        def ask() -> Page | None:
            page = self.page()
            return page if total(page, name, **labels) == value else None

        return eventually(ask, f"{name}{labels} == {value}, log:\n{self.output()}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code; it must be there within five seconds."""
        self.process.send_signal(number)
        return self.process.wait(5)

    def _find_address(self) -> str | None:
        assert self.process.poll() is None, self.output()
        found = re.search(r"msg=started .*?address=(\S+)", self.output())
        return found[1] if found else None


@contextmanager
def sidecar(world: Place, prefix: Sequence[str] = (), **options: Any) -> Iterator[Sidecar]:
    """Run the exporter, as ``Sidecar`` does; whatever happens, it is gone afterwards."""
    running = Sidecar(world, world.folder / "exporter.log", prefix, **options)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def page_of(text: str) -> Page:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): float(sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(page: Page, name: str, **labels: str) -> float | None:
    """The sum of the series that have these labels; None when there is none."""
    found = [value for (each, own), value in page.items() if each == name and labels.items() <= dict(own).items()]
    return sum(found) if found else None


def counters(page: Page) -> Page:
    """What must never fall, the process's own left out."""
    return {key: value for key, value in page.items() if is_lasting(key[0])}


def is_lasting(name: str) -> bool:
    """Whether a series counts what the state remembers, and not what has gone wrong since the process was started."""
    return name.startswith("ml_") and name.endswith(_GROWING) and not name.startswith(_SINCE_THE_START)


def fallen(before: Page, after: Page) -> list[tuple[str, Labels]]:
    """The counters that fell, or went, between two scrapes."""
    return [key for key, value in counters(before).items() if after.get(key, -1.0) < value]
