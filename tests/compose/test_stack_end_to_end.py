"""``make stack`` with the real servers, as a process: from the log to the sink, and nothing left at the end.

Its only difference from the real run is that what takes a minute takes a second: intervals, how long Alertmanager waits to
group, and how often Prometheus tells it of an alert.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import requests

from compose.addresses import taken
from tests.compose.samples import ROOT
from tests.dashboards.queries.answers import drawn
from tests.dashboards.queries.database import Database
from tests.end_to_end.world import eventually

PROGRAM = """
from dataclasses import replace
from compose.stack import files, run
addresses = files.replacements
faster = {
    "scrape_interval: 15s": "scrape_interval: 1s",
    "scrape_timeout: 10s": "scrape_timeout: 1s",
    "evaluation_interval: 60s": "evaluation_interval: 1s",
    "group_wait: 30s": "group_wait: 1s",
}
files.replacements = lambda at: {**addresses(at), **faster}
services = run.services
flags = {"prometheus": ["--rules.alert.resend-delay=1s"]}
run.services = lambda *given: (
    replace(each, command=[*each.command, *flags.get(each.name, [])]) for each in services(*given)
)
from compose.command_line import main
raise SystemExit(main(["stack"]))
"""
DEADLINE = 60.0


class Stack(NamedTuple):
    process: subprocess.Popen[str]
    urls: dict[str, str]


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """Run it with its temporary files in ``folder``, and yield it when it has printed its addresses."""
    output = folder / "output"
    # The servers may be anywhere on the path.
    environment = {"STACK_PORTS": "free", "TMPDIR": str(folder), "PATH": os.environ["PATH"]}
    with output.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, stdout=written, stderr=written, text=True
        )
    try:
        eventually(lambda: "Ctrl-C" in output.read_text() or process.poll() is not None, "a stack", DEADLINE)
        assert process.poll() is None, output.read_text()
        urls = {
            name: f"http://{at}"
            for name, at in re.findall(r"^  (\w+) +http://([\d.:]+)/", output.read_text(), re.MULTILINE)
        }
        yield Stack(process, urls)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def get(url: str) -> Any:
    return requests.get(url, timeout=10).json()


def series(prometheus: str, expression: str) -> set[str]:
    """Return the jobs of the series that an expression finds."""
    answer = requests.get(f"{prometheus}/api/v1/query", {"query": expression}, timeout=10)
    found = answer.json()["data"]["result"]
    return {each["metric"]["job"] for each in found}


# Of each dashboard what its question is answered by; the rest has not happened, or is of exporters that are not there.
SHOWN = {
    "driftbell-overview": {1, 2, 4, 6, 7, 8, 10, 11, 31, 32, 44},
    "driftbell-quality": {1, 2, 3, 4, 5, 6, 7, 8, 31, 32, 33, 41, 42, 43, 44},
    "driftbell-drift": {1, 2, 3, 4, 6, 7, 8, 9, 10, 21, 31, 32, 41},
    "driftbell-feature": {1, 2, 3, 4, 5, 6, 7, 8, 21, 22, 31, 32, 41},
    "driftbell-slo": {1, 3, 7, 8, 9, 22, 23},
    "driftbell-resources": {1, 2, 3, 4, 81, 82, 84, 85, 87, 88, 89},
}


def missing(prometheus: str) -> set[tuple[str, int]]:
    """Ask every query of every dashboard, for all that can be chosen; return the panels that show nothing, and should."""
    database = Database(prometheus.removeprefix("http://"))
    with closing(database.connection):
        # Of a longer time the points would be further apart than the stack is old.
        found = drawn(database, (time.time() - 120, time.time()), scrape=15)
    return {(uid, number) for uid, numbers in SHOWN.items() for number in numbers} - found


def fire(alertmanager: str, severity: str) -> None:
    alert = {
        "labels": {"alertname": "MLOutage", "severity": severity, "job": "driftbell", "model_name": severity},
        "annotations": {"summary": f"Something {severity}."},
        "startsAt": datetime.now(UTC).isoformat(),
    }
    requests.post(f"{alertmanager}/api/v2/alerts", json=[alert], timeout=10).raise_for_status()


def children_of(process: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def told(sink: str) -> set[tuple[str, str]]:
    return {(message["way"], message["title"]) for message in get(f"{sink}/messages")["messages"]}


def test_alerts_flow_from_the_log_to_the_sink_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    with stack(tmp_path) as (process, urls):
        assert urls.keys() == {"exporter", "prometheus", "alertmanager", "sink"}
        started = children_of(process.pid)
        assert len(started) == 5
        prometheus = urls["prometheus"]
        jobs = {"driftbell", "prometheus", "alertmanager"}
        eventually(lambda: series(prometheus, "up == 1") == jobs, "all jobs are up", DEADLINE)
        # Replayed logs, read by the exporter, scraped by Prometheus; with a head start, so drift has a score at once.
        eventually(lambda: series(prometheus, 'ml_drift_score{window="15m"}'), "drift of the longest window", DEADLINE)
        rules = get(f"{prometheus}/api/v1/rules")["data"]["groups"]
        assert {Path(group["file"]).parent for group in rules} == {ROOT / "rules" / "generated"}
        # A rule of Prometheus', through Alertmanager, to the sink.
        eventually(lambda: get(f"{urls['sink']}/messages")["heartbeats"], "a heartbeat", DEADLINE)
        for severity in ("emergency", "critical", "warning", "info"):
            fire(urls["alertmanager"], severity)
        wanted = {
            *((way, "EMERGENCY emergency: Something emergency.") for way in ("pager", "mail")),
            *((way, "CRITICAL critical: Something critical.") for way in ("pager", "chat")),
            ("chat", "WARNING warning: Something warning."),
            ("webhook", "MLOutage"),
        }
        eventually(lambda: wanted <= told(urls["sink"]), "what everybody is told", DEADLINE)
        # Two points of each line, 15 s apart.
        eventually(lambda: series(prometheus, "ml_requests_total offset 32s"), "a history", DEADLINE)
        eventually(lambda: missing(prometheus) == set(), "what the dashboards show", DEADLINE)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert (tmp_path / "output").read_text().endswith("stopped\n")
    assert [path.name for path in tmp_path.iterdir()] == ["output"]
    assert not [number for number in started if Path(f"/proc/{number}").exists()]
    assert [url for url in urls.values() if taken(url.removeprefix("http://"))] == []
