"""A real Prometheus on the history: made once, whoever asks, and served to each process of the tests."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import shutil
import subprocess
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.dashboards.queries.exporters import merged
from tests.dashboards.queries.foreign import foreign
from tests.dashboards.queries.judgements import Judge
from tests.dashboards.queries.timeline import LOOKBACK
from tests.dashboards.queries.worlds import HEALTHY, SICK, history
from tests.end_to_end.alerting.replay import Series
from tests.end_to_end.test_prometheus import program, prometheus

Labels = dict[str, str]
_BLOCK = "48h"
"""One block for all: promtool reads the whole text once for each."""


@dataclass(frozen=True, slots=True)
class Found:
    """A series and its points: seconds, and values."""

    labels: Labels
    points: list[tuple[float, float]]

    @property
    def last(self) -> float:
        return self.points[-1][1]


class AnswerError(AssertionError):
    """Prometheus did not answer a query with data."""


class Database:
    """Answers of a server at ``address``; ``slowest`` is the longest that one took, in seconds, and what was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.connection = http.client.HTTPConnection(address, timeout=30)
        self._known: dict[tuple[str, tuple[tuple[str, str], ...]], list[Found]] = {}
        self.slowest: tuple[float, str] = (0.0, "")
        self.asked = 0

    def instant(self, expression: str, at: float) -> list[Found]:
        return self._series("query", [("query", expression), ("time", str(at))])

    def range(self, expression: str, start: float, end: float, step: float) -> list[Found]:
        asked = [("query", expression), ("start", str(start)), ("end", str(end)), ("step", str(step))]
        return self._series("query_range", asked)

    def label_values(self, label: str, selector: str, start: float, end: float) -> list[str]:
        asked = [("match[]", selector), ("start", str(start)), ("end", str(end))]
        return list(self._ask(f"label/{label}/values", asked, "GET"))

    def _series(self, what: str, asked: Sequence[tuple[str, str]]) -> list[Found]:
        key = what, tuple(asked)
        if key not in self._known:
            data = self._ask(what, asked)
            if data["resultType"] == "scalar":
                self._known[key] = [Found({}, [_point(data["result"])])]
            else:
                self._known[key] = [
                    Found(one["metric"], list(map(_point, one.get("values") or [one["value"]])))
                    for one in data["result"]
                ]
        return self._known[key]

    def _ask(self, what: str, asked: Sequence[tuple[str, str]], method: str = "POST") -> Any:
        encoded = urllib.parse.urlencode(asked)
        began = time.perf_counter()
        if method == "POST":
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            self.connection.request("POST", f"/api/v1/{what}", encoded, headers)
        else:
            self.connection.request("GET", f"/api/v1/{what}?{encoded}")
        said = json.loads(self.connection.getresponse().read())
        self.slowest = max(self.slowest, (time.perf_counter() - began, str(dict(asked))))
        self.asked += 1
        if said["status"] != "success":
            raise AnswerError(f"{said['error']}\n{dict(asked)}")
        return said["data"]


@contextmanager
def database(shared: Path, own: Path) -> Iterator[Database]:
    """Run a server on a copy in the folder ``own`` of what is made once in the folder ``shared``, which several processes may have."""
    data = shared / "data"
    with (shared.parent / f"{shared.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not data.exists():
            shutil.rmtree(shared, ignore_errors=True)
            shared.mkdir()
            _make(shared)
    shutil.copytree(data, own / "data", copy_function=os.link)
    # What it scrapes meanwhile, it does in vain.
    flags = ("--storage.tsdb.retention.time=100y", f"--query.lookback-delta={LOOKBACK}s")
    with prometheus("127.0.0.1:9", own, *flags) as address:
        found = Database(address)
        with closing(found.connection):
            yield found


def _make(folder: Path) -> None:
    found = history(folder)
    judges = [Judge(found, job, folder / job) for job in (HEALTHY, SICK)]
    text = folder / "scraped.txt"
    with text.open("w") as file:
        _write(file, merged((found, foreign())))
        _write(file, merged(judge.made() for judge in judges))
        file.write("# EOF\n")
    command = [program("promtool"), "tsdb", "create-blocks-from", "openmetrics", "-q", f"--max-block-duration={_BLOCK}"]
    made = subprocess.run([*command, str(text), str(folder / "made")], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    text.unlink()
    (folder / "made").rename(folder / "data")


def _write(file: Any, found: Series) -> None:
    for series, points in found.items():
        file.writelines(f"{series} {value} {now:.0f}\n" for now, value in points)


def _point(point: Sequence[Any]) -> tuple[float, float]:
    return float(point[0]), float(point[1])
