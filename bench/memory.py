"""``python -m bench.memory``: what serving takes, read from the kernel (VmRSS) in a real process.

Twice with ten models of a hundred features, their windows full: from the first start, which profiles the reference,
and after a restart. Once idle: one model with a JSON lines log of a few rows.
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

_FULL_BAR, _IDLE_BAR = 300.0, 100.0
_IDLE_ROWS = 100


def lines() -> Iterator[Line]:
    """Yield megabytes (10^6 bytes) beside their bars."""
    folder = memory_data.data()
    with tempfile.TemporaryDirectory() as made:
        state = Path(made) / "state"
        for name in ("first-start", "restarted"):
            with serving(folder / "driftbell.yml", state) as exporter:
                exporter.wait(memory_data.ROWS, memory_data.MODELS)
                yield _line(f"memory-10-models-100-features-mb/{name}", exporter.resident(), _FULL_BAR)
        yield _line("memory-idle-json-lines-mb", _idle(Path(made), folder), _IDLE_BAR)


def _idle(folder: Path, data: Path) -> float:
    with (data / "predictions.jsonl").open() as log, (folder / "few.jsonl").open("w") as few:
        few.writelines(line for line, _ in zip(log, range(_IDLE_ROWS), strict=False))
    shutil.copy(data / "reference.parquet", folder)
    text = (
        "models:\n  idle:\n    task: binary\n    predictions: few.jsonl\n    reference: reference.parquet\n"
        "    time_format: epoch_s\n    limits: {edges: 512}\n"
    )
    (folder / "idle.yml").write_text(text)
    with serving(folder / "idle.yml", folder / "idle-state") as exporter:
        exporter.wait(_IDLE_ROWS, 1)
        return exporter.resident()


def _line(name: str, megabytes: float, bar: float) -> Line:
    return Line(name, megabytes, None, None, bar, at_most=True)


if __name__ == "__main__":
    for line in lines():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
