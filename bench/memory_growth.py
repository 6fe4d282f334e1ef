"""``python -m bench.memory_growth``: what serving takes after ten times the rows, its windows full both times.

One model with a log of ten days, a row a second; the windows hold one. The log grows while it is followed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import memory_data
from bench.report import Line
from bench.serving import serving

_DAYS, _BAR = 10, 1.05
_MODEL = f"""\
models:
  growing:
    task: binary
    predictions: predictions.jsonl
    reference: reference.parquet
    time_format: epoch_s
    windows: [1h, 24h]
    idle_timeout: 3650d
    limits: {{edges: {memory_data.EDGES}}}
"""


def lines() -> Iterator[Line]:
    """Yield megabytes (10^6 bytes) after a day, and those after ten days over them."""
    data = memory_data.data()
    with tempfile.TemporaryDirectory(dir=data) as made:
        folder = Path(made)
        shutil.copy(data / "reference.parquet", folder)
        (folder / "driftbell.yml").write_text(_MODEL)
        first, last = _megabytes(data / "predictions.jsonl", folder)
        yield Line("memory-1-model-100-features-mb/a-day", first, None, None, None, at_most=True)
        yield Line("memory-growth/ten-times-the-rows", last / first, None, None, _BAR, at_most=True)


def _megabytes(a_day: Path, folder: Path) -> tuple[float, float]:
    log = folder / "predictions.jsonl"
    _append(a_day, log, 0)
    with serving(folder / "driftbell.yml", folder / "state") as exporter:
        exporter.wait(memory_data.ROWS, 1)
        first = exporter.resident()
        for day in range(1, _DAYS):
            _append(a_day, log, day)
        exporter.wait(_DAYS * memory_data.ROWS, 1)
        return first, exporter.resident()


def _append(a_day: Path, log: Path, days: int) -> None:
    """Append a log again, so many times its length later; its lines begin with their time stamps."""
    begins = b'{"timestamp":'
    with a_day.open("rb") as source, log.open("ab") as target:
        for line in source:
            time, comma, rest = line.removeprefix(begins).partition(b",")
            target.write(b"".join((begins, str(int(time) + days * memory_data.ROWS).encode(), comma, rest)))


if __name__ == "__main__":
    for line in lines():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
