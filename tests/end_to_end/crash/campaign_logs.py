"""The logs of a campaign, and the configuration for them: three models, each with a kind of log of its own."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from exporter.reference.serialisation import to_bytes
from tests.end_to_end.crash.logs import HELD, Cells, Lines, Log, Stream, Tables
from tests.exporter.synthetic import SECOND, START, Record, Task, World, fill, world

KINDS: Mapping[str, Task] = {"lines": "binary", "cells": "multiclass", "tables": "regression"}
_PATHS = {
    "lines": "path: lines/{}.jsonl*",
    "cells": "path: cells/{}*.csv, format: csv",
    "tables": "path: tables/{}, format: parquet",
}
_SETTINGS = "evaluation_interval: 1s\nstorage: {commit_interval: 100ms}\nmodels:\n"
# What is there before the first start: so many rows, over so many seconds of event time.
_BACKLOG, _BEFORE = 300, 6 * 3600
# Event time is this much faster than the clock: who is down for a second misses some minutes.
_PACE = 300
# Later than all horizons, so that at the end nothing is about to happen that one exporter might see before the other.
_AFTER = 5 * 3600 + 1
# So often is something written, in seconds; so likely is each time that something happens to the files of a log.
_PULSE, _UNREST = 0.02, 0.02


class CampaignLogs:
    """Logs in a folder of their own, of about so many rows each; everything random in them follows from the seed."""

    def __init__(self, folder: Path, seed: int, rows: int, seconds: float) -> None:
        folder.mkdir(parents=True)
        self.config = folder / "driftbell.yml"
        self._folder = folder
        self._random = random.Random(seed)
        self._seconds = seconds
        self._models = ""
        self._requests: dict[str, int] = {}
        self._streams: dict[tuple[str, str], Stream] = {}
        for kind, task in KINDS.items():
            self._prepare(kind, task, rows)
        self.configure(idle_timeout="1h")
        self._advance(START + _BEFORE, unrest=0)

    @property
    def written(self) -> dict[tuple[str, str], int]:
        """Records by model and log."""
        return {key: stream.written for key, stream in self._streams.items()}

    def requests(self, kind: str) -> int:
        """How many predictions are left when those that came twice are counted once."""
        return self._requests[kind]

    def configure(self, idle_timeout: str) -> None:
        staged = self.config.with_suffix(".new")
        staged.write_text(_SETTINGS + self._models.replace("IDLE", idle_timeout))
        staged.replace(self.config)

    def write(self, hurry: threading.Event) -> None:
        """Write the logs at their pace; what is left when one has to hurry, at once."""
        steps = int(self._seconds / _PULSE)
        for step in range(steps):
            self._advance(START + _BEFORE + step * _PULSE * _PACE, _UNREST)
            hurry.wait(_PULSE)
        # Labels may come after the last prediction.
        self._advance(START + _BEFORE + self._seconds * _PACE + _AFTER, unrest=0)

    def conclude(self) -> None:
        """Write a last prediction to each log, behind everything: event time comes to its very moment."""
        end = START + _BEFORE + round(self._seconds) * _PACE + _AFTER
        for kind in KINDS:
            self._streams[kind, "predictions"].add([{"timestamp": end * SECOND, "request_id": "last"}])
            self._streams[kind, "predictions"].finish()
            self._requests[kind] += 1

    def _advance(self, moment: float, unrest: float) -> None:
        for stream in self._streams.values():
            stream.advance(moment, unrest)
            if not unrest:
                stream.finish()

    def _prepare(self, kind: str, task: Task, rows: int) -> None:
        folder = self._folder / kind
        made = world(folder, task, windows="6h, all, 40rows")
        assert made.profile is not None
        # To profile it anew in each life would take most of the life.
        (folder / "reference.json").write_bytes(to_bytes(made.profile))
        fill(made, self._random, rows, self._seconds * _PACE)
        before = world(folder, task)
        fill(before, self._random, _BACKLOG, _BEFORE)
        for name in ("predictions", "labels"):
            records = [*getattr(before, name), *(_later(record) for record in getattr(made, name))]
            self._streams[kind, name] = Stream(self._log(kind, name, records), records, self._random)
        self._requests[kind] = _distinct(before) + _distinct(made)
        self._models += _model((folder / "driftbell.yml").read_text(), kind)

    def _log(self, kind: str, name: str, records: Sequence[Record]) -> Log:
        path = self._folder / kind / name
        if kind == "lines":
            return Lines(path.with_suffix(".jsonl"), self._random.randrange(1 << 30))
        return Tables(path) if kind == "tables" else Cells(path, records)


def _later(record: Record) -> Record:
    """The same after the backlog, under another id."""
    moved = {**record, "timestamp": record["timestamp"] + _BEFORE * SECOND}
    return moved | {"request_id": f"later {record['request_id']}"} if "request_id" in record else moved


def _distinct(made: World) -> int:
    named = {(each["request_id"], each["version"]) for each in made.predictions if "request_id" in each}
    return len(named) + sum("request_id" not in each for each in made.predictions)


def _model(text: str, kind: str) -> str:
    """Return the section of a model whose folder was made for it alone."""
    predictions, labels = (_PATHS[kind].format(name) for name in ("predictions", "labels"))
    for found, wanted in {
        "  m:": f"  {kind}:",
        "predictions*.jsonl": f"{{{predictions}}}",
        "path: labels*.jsonl": labels,
        "reference.csv": f"{kind}/reference.json",
        "10m, 1h, all": "6h, all, 40rows",
        "allowed_lateness: 1m": f"allowed_lateness: {2 * HELD if kind == 'tables' else 60}s",
    }.items():
        text = text.replace(found, wanted, 1)
    return text.removeprefix("models:\n") + "    idle_timeout: IDLE\n"
