"""A real Prometheus over pages that were scraped in simulated time."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.end_to_end.simulation import SCRAPE, Pod
from tests.end_to_end.test_prometheus import program, prometheus

Series = dict[tuple[tuple[str, str], ...], list[tuple[float, float]]]


class Stored:
    """Answers of a server at ``address``."""

    def __init__(self, address: str) -> None:
        self._address = address

    def value(self, expression: str, at: float) -> float:
        """Return the value of the only series that there is at a moment."""
        ((value,),) = ([value for _, value in points] for points in self.instant(expression, at).values())
        return value

    def instant(self, expression: str, at: float) -> Series:
        found = self._ask("query", query=expression, time=at)
        return {_labels(one): [_point(one["value"])] for one in found}

    def range(self, expression: str, start: float, end: float, step: float = SCRAPE) -> Series:
        found = self._ask("query_range", query=expression, start=start, end=end, step=step)
        return {_labels(one): [_point(point) for point in one["values"]] for one in found}

    def values(self, expression: str, start: float, end: float) -> list[float]:
        """Return all values of all series at the moments of scrapes."""
        return [value for points in self.range(expression, start, end).values() for _, value in points]

    def _ask(self, what: str, **parameters: Any) -> list[dict[str, Any]]:
        url = f"http://{self._address}/api/v1/{what}?" + urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(url, timeout=20) as answer:
            result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return result


@contextmanager
def stored(pods: Iterable[Pod], folder: Path) -> Iterator[Stored]:
    """End the pods, import what their pages said, and run a server on it."""
    text = folder / "scraped.txt"
    with text.open("w") as file:
        for pod in pods:
            pod.kill()
            file.writelines(line + "\n" for line in pod.lines)
        file.write("# EOF\n")
    command = [program("promtool"), "tsdb", "create-blocks-from", "openmetrics", "-q", str(text), str(folder / "data")]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    # What it scrapes meanwhile, it does in vain.
    with prometheus("127.0.0.1:9", folder, "--storage.tsdb.retention.time=100y") as address:
        yield Stored(address)


def _labels(one: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(one["metric"].items()))


def _point(point: list[Any]) -> tuple[float, float]:
    return float(point[0]), float(point[1])
