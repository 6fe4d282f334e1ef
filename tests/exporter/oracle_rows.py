"""The lines of a log as plain objects, for ``tests.exporter.oracle``."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

DAY = 86_400_000_000


@dataclass(frozen=True)
class Task:
    """What the configuration says: ``kinds`` of the features, ``scores`` finds a record's probabilities by class."""

    name: str
    task: str
    kinds: Mapping[str, str]
    classes: Sequence[str] = ()
    positive: str = ""
    scores: Callable[[Mapping[str, Any]], Any] | None = None
    horizon: int = 30 * DAY
    min_rows: int = 20


@dataclass
class Row:
    time: int
    request_id: str
    version: str
    segment: str | None
    endpoint: str
    features: Mapping[str, Any]
    status: int
    latency: float
    prediction: Any
    scores: tuple[float, ...] | None
    label: Any = None
    lines: list[tuple[int, Any]] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        return self.status < 400


def text(value: Any) -> str:
    """Spell a category."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _time(written: str) -> int:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(written)
    return round(moment.timestamp() * 1000) * 1000


def records_of(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            try:
                record = json.loads(line)
                record["time"] = _time(record["timestamp"])
            except (ValueError, TypeError, KeyError):
                continue
            yield record
