"""``python -m bench.join_memory``: what a million open predictions take, ours beside a dict, in bytes a prediction.

Each in a process of its own, from what the kernel calls VmRSS before and after; the ids are made batch by batch, so
that only what is kept of them counts.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bench.contest import ROOT
from bench.join_data import BATCH, ROWS
from bench.ours.join import predictions
from bench.report import Line
from exporter.label_join.join import LabelJoin
from exporter.service.memory import give_back

_BAR = 1 / 3
_HORIZON = 30 * 86_400_000_000


def lines() -> Iterator[Line]:
    """Yield ours / dict beside its bar, and the bytes that ours takes."""
    ours, peer = (float(_measured(name)) for name in _KEPT)
    yield Line("label-join-memory/dict", ours / peer, None, None, _BAR, at_most=True)
    yield Line("label-join-memory-bytes-a-prediction", ours, None, None, None, at_most=True)


def _measured(name: str) -> str:
    command = [sys.executable, "-m", "bench.join_memory", name]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own


def _ours() -> object:
    join = LabelJoin(_HORIZON, 0, 0, settle=None)
    for number, ids in enumerate(_batches()):
        rows = predictions(ids, number * BATCH)
        join.add_predictions(rows, np.ones(BATCH, np.bool_))
        # As the exporter does; what makes look-ups fast counts as well.
        join.duplicates(rows)
    return join


def _dict() -> object:
    waiting: dict[str, float] = {}
    for ids in _batches():
        for request in ids:
            waiting[request] = 1.0
    return waiting


_KEPT: dict[str, Callable[[], object]] = {"ours": _ours, "dict": _dict}


def _batches() -> Iterator[list[str]]:
    numbers = random.Random(1)  # noqa: S311 - data, no secrets
    for _ in range(ROWS // BATCH):
        yield [str(uuid.UUID(int=numbers.getrandbits(128))) for _ in range(BATCH)]


def _resident() -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    assert found is not None
    return int(found[1]) * 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        before = _resident()
        kept = _KEPT[sys.argv[1]]()
        # As the exporter does with each evaluation.
        give_back()
        sys.stdout.write(str((_resident() - before) / ROWS))
    else:
        for line in lines():
            sys.stdout.write(f"{line}\n")
