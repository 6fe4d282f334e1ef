"""Feed an exporter as fast as it reads, and see whether its memory stays what it is."""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.end_to_end.world import PROGRAM, World, command

# Event time is this much faster than the clock, so that panes, rows of the join and versions also come and go.
_PACE = 600
_BATCH = 5000
_AHEAD = 40
# A log is closed at this size, and the one before it is deleted: it is not the disk that is to be filled.
_LOG_BYTES = 64 << 20
_PROBES = 20
_MEMORY = "process_resident_memory_bytes"
_SETTINGS = """\
evaluation_interval: 5s
storage: {commit_interval: 1s}
models:
  soak:
    task: binary
    predictions: predictions.jsonl*
    labels: {path: labels.jsonl*, horizon: 30m, settle: 10m}
    reference: reference.csv
    time_format: epoch_s
    windows: [10m, 1h, 500rows]
    allowed_lateness: 1m
    # A log that was rotated holds event time back for so long by the clock, and that goes so much slower here.
    idle_timeout: 2s
"""


def main(arguments: Sequence[str]) -> int:
    """Print what is measured as it goes; 0 when the last third takes at most 5 % more memory than the middle one."""
    options = _options(arguments)
    with TemporaryDirectory(prefix="driftbell-soak-") as folder:
        world = World(Path(folder))
        world.config.write_text(_SETTINGS)
        with _exporter(world) as address:
            found = list(_probes(_Writer(world, options.minutes * 60), address, options.minutes * 60))
    if len(found) < 3:
        sys.stdout.write("too short to tell\n")
        return 2
    # The first third fills windows, horizons and caches.
    third = len(found) // 3
    # Medians, since a commit and an evaluation need some for a moment.
    before, after = median(found[third : 2 * third]), median(found[2 * third :])
    growth = after / before - 1
    sys.stdout.write(f"memory: {before / 1e6:.1f} MB, then {after / 1e6:.1f} MB: {growth:+.1%} (at most +5 %)\n")
    return 1 if growth > 0.05 else 0


def _probes(writer: _Writer, address: str, seconds: float) -> Iterator[float]:
    """Write and look, by turns; yield the resident memory in bytes after each batch, and say it now and then."""
    started = time.monotonic()
    for probe in range(_PROBES):
        ends = started + seconds * (probe + 1) / _PROBES
        while time.monotonic() < ends:
            writer.write((time.monotonic() - started) * _PACE)
            _wait_for(address, writer.rows)
            yield _value(_page(address), _MEMORY)
        page = _page(address)
        memory, rows = _value(page, _MEMORY), _value(page, _ROWS)
        passed = time.monotonic() - started
        sys.stdout.write(f"{passed:6.0f} s  {rows:12,.0f} records  {rows / passed:8,.0f}/s  {memory / 1e6:7.1f} MB\n")
        sys.stdout.flush()


_ROWS = 'ml_exporter_rows_total{model_name="soak",source="predictions"}'


class _Writer:
    """Predictions and labels in logs that are rotated and deleted."""

    def __init__(self, world: World, seconds: float) -> None:
        self.rows = 0
        self._folder = world.folder
        self._start = time.time() - seconds * _PACE - 3600
        random_ = random.Random(3)  # noqa: S311 - made-up data
        # Made once: it is not the writer whose speed is of interest.
        self._rests = [_rest(random_) for _ in range(_BATCH)]

    def write(self, moment: float) -> None:
        """Append a batch of predictions, and the labels of the batch before, dated so many seconds after the start."""
        at, first = f'"timestamp":{self._start + moment:.3f}', self.rows
        labelled = range(max(first - _BATCH, 0), first)
        lines = {
            "labels": [f'{{"request_id":"r{number}",{at},"label":{number % 2}}}\n' for number in labelled],
            "predictions": [f'{{"request_id":"r{first + i}",{at},{rest}\n' for i, rest in enumerate(self._rests)],
        }
        for name, texts in lines.items():
            path = self._folder / f"{name}.jsonl"
            with path.open("a") as log:
                log.writelines(texts)
            self._rotate(path)
        self.rows += _BATCH

    def _rotate(self, path: Path) -> None:
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))


def _rest(random_: random.Random) -> str:
    """What follows the id and the time in a prediction."""
    score = round(random_.random(), 3)
    row = {
        "version": random_.choice("12"),
        "latency_ms": round(random_.expovariate(0.1), 2),
        "score": score,
        "status": 200,
    }
    features = {"tenure": round(random_.gauss(10, 3), 2), "plan": random_.choice("abc")}
    return json.dumps({**row, "prediction": int(score >= 0.5), "features": features})[1:]


def _wait_for(address: str, rows: int) -> None:
    """Do not get ahead by more than some batches."""
    ends = time.monotonic() + 60
    while _value(_page(address), _ROWS) < rows - _AHEAD * _BATCH:
        if time.monotonic() > ends:
            raise RuntimeError("the exporter does not read any more")
        time.sleep(0.05)


@contextmanager
def _exporter(world: World) -> Iterator[str]:
    log = world.folder / "exporter.log"
    with log.open("wb") as output, subprocess.Popen(command(world), stdout=output, stderr=output) as process:  # noqa: S603 - our own program
        try:
            yield _address(log)
        finally:
            process.terminate()


def _address(log: Path) -> str:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        found = re.search(r"msg=started .*?address=(\S+)", log.read_text())
        if found:
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"{' '.join(PROGRAM)} did not start: {log.read_text()}")


def _page(address: str) -> str:
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def _value(page: str, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)$", page, re.MULTILINE)
    return float(found[1]) if found else 0.0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long (default %(default)s)")
    return parser.parse_args(arguments)
