"""``python -m bench.scrape_latency``: how long a scrape takes while logs are read as fast as they can be.

Wall time, so that a busy machine shows: a real process reads the logs of the memory benchmark from their beginning,
and a client scrapes it, gzip, one scrape after the other with a breath between them.
"""

from __future__ import annotations

import http.client
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import memory_data
from bench.report import Line
from bench.serving import Serving, serving

_BAR_MS = 50.0
_MODELS = 5
_BREATH = 0.02
_MOST = 1000


def lines() -> Iterator[Line]:
    """Yield the 99th percentile in milliseconds beside its bar, and the number of series."""
    folder = memory_data.data()
    with tempfile.TemporaryDirectory() as made:
        text = (folder / "driftbell.yml").read_text()
        first = text[: text.index(f"  model-{_MODELS}:")].replace("predictions.jsonl", f"{folder}/predictions.jsonl")
        configuration = Path(made) / "driftbell.yml"
        first = first.replace("reference.parquet", f"{folder}/reference.parquet")
        configuration.write_text(f"evaluation_interval: 2s\n{first}")
        with serving(configuration, Path(made) / "state") as exporter:
            yield from _lines(exporter)


def _lines(exporter: Serving) -> Iterator[Line]:
    deadline = time.monotonic() + 120
    while "ml_drift_rows" not in (page := exporter.page()) and time.monotonic() < deadline:
        time.sleep(0.1)
    series = sum(not line.startswith("#") for line in page.splitlines())
    took = sorted(_latencies(exporter))
    name = f"scrape-under-ingest-{series}-series"
    yield Line(f"{name}-p50-ms", statistics.median(took), None, None, None, at_most=True)
    yield Line(f"{name}-p99-ms", took[int(0.99 * len(took))], None, None, _BAR_MS, at_most=True)


def _latencies(exporter: Serving) -> Iterator[float]:
    """Yield milliseconds for as long as rows are being read, and no more than a thousand times."""
    connection = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=30)
    for number in range(_MOST):
        started = time.perf_counter()
        connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
        connection.getresponse().read()
        yield (time.perf_counter() - started) * 1000
        time.sleep(_BREATH)
        if number % 50 == 49 and _is_read(exporter.page()):
            return


def _is_read(page: str) -> bool:
    rows = re.findall(r"^ml_exporter_rows_total\{[^}]*\} (\S+)", page, re.MULTILINE)
    return bool(rows) and all(float(text) >= memory_data.ROWS for text in rows)


if __name__ == "__main__":
    for line in lines():
        sys.stdout.write(f"{line}\n")
