"""Logs that are written while they are read: in pieces that end anywhere, rotated by name, compressed, dropped whole.

Each kind of log belongs to a model of its own, and has all that real logs have: double, late, corrected and stray
labels, two versions, missing values. What was written is counted here, apart from whoever reads it.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from pyarrow import parquet

from tests.exporter.decoders.tables import csv_line, csv_records, flattened
from tests.exporter.synthetic import SECOND, Record, arrival

# Files with a number, the newest first: as `rotate 1000`, `compress` and `delaycompress` of logrotate leave them.
_PLAIN = 1
# A file of tables holds back its first record for so many seconds of event time at most.
HELD = 300


class Log(Protocol):
    """Something to which records are written, in one way or another."""

    def write(self, records: Sequence[Record]) -> None: ...

    def disturb(self, random_: random.Random) -> None:
        """Do to the files what happens to such files."""

    def finish(self) -> None:
        """Leave nothing half done."""


class Lines:
    """JSON lines, with torn last lines; rotated by renaming, and compressed at the rotation after."""

    def __init__(self, path: Path, seed: int) -> None:
        self._path = path
        self._random = random.Random(seed)
        self._torn = b""

    def write(self, records: Sequence[Record]) -> None:
        data = self._torn + b"".join(json.dumps(record).encode() + b"\n" for record in records)
        cut = self._random.randrange(len(data) + 1) if self._random.random() < 0.5 else len(data)
        self._append(data[:cut])
        self._torn = data[cut:]

    def disturb(self, random_: random.Random) -> None:
        self.finish()
        for number in range(self._rotated(), _PLAIN, -1):
            self._compressed(number).rename(self._compressed(number + 1))
        if self._plain().exists():
            self._compress(self._plain(), self._compressed(_PLAIN + 1))
        if self._path.exists():
            self._path.rename(self._plain())
        if random_.random() < 0.5:
            self._path.touch()

    def finish(self) -> None:
        self._append(self._torn)
        self._torn = b""

    def _append(self, data: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(data)

    def _compress(self, source: Path, target: Path) -> None:
        """Write it in members and in pieces, so that others see it half done."""
        data = source.read_bytes()
        cut = self._random.randrange(len(data) + 1)
        packed = gzip.compress(data[:cut]) + gzip.compress(data[cut:])
        with target.open("wb", buffering=0) as file:
            for start in range(0, len(packed), 2000):
                file.write(packed[start : start + 2000])
        source.unlink()

    def _rotated(self) -> int:
        number = _PLAIN
        while self._compressed(number + 1).exists():
            number += 1
        return number

    def _plain(self) -> Path:
        return self._path.with_name(f"{self._path.name}.{_PLAIN}")

    def _compressed(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}.gz")


class Cells:
    """A CSV file that grows; a new one, with a header of its own, follows now and then."""

    def __init__(self, stem: Path, records: Iterable[Record]) -> None:
        self._stem = stem
        self._names = list(dict.fromkeys(key for record in records for key in flattened(record)))
        self._number = 0

    def write(self, records: Sequence[Record]) -> None:
        path = self._stem.with_name(f"{self._stem.name}{self._number:04}.csv")
        header = [] if path.exists() else [csv_line(self._names)]
        lines = [*header, *csv_records(records, names=self._names).records]
        with path.open("ab") as file:
            file.write(b"".join(line + b"\n" for line in lines))

    def disturb(self, random_: random.Random) -> None:
        self._number += random_.random() < 0.5

    def finish(self) -> None:
        """Every piece is whole."""


class Tables:
    """Parquet files of many small row groups, which get their names when they are complete."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._kept: list[Record] = []
        self._number = 0

    def write(self, records: Sequence[Record]) -> None:
        self._kept += records
        if self._kept[-1]["timestamp"] - self._kept[0]["timestamp"] > HELD * SECOND:
            self.finish()

    def disturb(self, random_: random.Random) -> None:
        del random_
        self.finish()

    def finish(self) -> None:
        if not self._kept:
            return
        names = dict.fromkeys(key for record in self._kept for key in record)
        table = pa.table({key: [record.get(key) for record in self._kept] for key in names})
        unfinished = self._folder / "_unfinished"
        parquet.write_table(table, unfinished, row_group_size=150)
        unfinished.rename(self._folder / f"{self._number:05}.parquet")
        self._number += 1
        self._kept = []


class Stream:
    """Records that go to a log in the order of their arrival; ``written`` are there already."""

    def __init__(self, log: Log, records: Sequence[Record], random_: random.Random) -> None:
        self.written = 0
        self._log = log
        self._random = random_
        self._rest = deque(arrival(records, random_))

    def advance(self, moment: float, unrest: float) -> None:
        """Write what has arrived by then; with a probability of ``unrest`` something happens to the files."""
        here: list[Record] = []
        while self._rest and self._rest[0][0] <= moment:
            here.append(self._rest.popleft()[1])
        if here:
            self.add(here)
        if self._random.random() < unrest:
            self._log.disturb(self._random)

    def add(self, records: Sequence[Record]) -> None:
        self._log.write(records)
        self.written += len(records)

    def finish(self) -> None:
        self._log.finish()
