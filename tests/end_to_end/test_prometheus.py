"""The page as Prometheus' own programs see it."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests.end_to_end.world import Sidecar, World, eventually, sidecar, stamp

ROOT = Path(__file__).parents[2]


def program(name: str) -> str:
    """Find a program, also where scripts/tools.sh unpacks it."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:{ROOT}/.tools/usr/bin")
    if found is None:
        pytest.fail(f"{name} is not installed: make tools gets it")
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    world = World(tmp_path_factory.mktemp("served"))
    world.predict(3000)
    world.label(0, 1000)
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 3000)
        running.wait_for("ml_labels_total", 1000, outcome="joined")
        yield running


def test_promtool_has_nothing_to_say(served: Sidecar) -> None:
    text = served.get("/metrics")[1]
    checked = subprocess.run(
        [program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_openmetrics_with_gzip_and_plain_text_make_the_same_series_of_every_family(
    served: Sidecar, tmp_path: Path
) -> None:
    def stored(job: str) -> dict[frozenset[tuple[str, str]], str]:
        """The samples of a job, those left out that differ from scrape to scrape."""
        selector = f'{{job="{job}",__name__=~"ml_.*",__name__!~"ml_exporter_.*seconds"}}'
        return {
            frozenset((key, text) for key, text in one["metric"].items() if key not in {"job", "instance"}): one[
                "value"
            ][1]
            for one in query(address, selector)
        }

    with (
        between(served.address) as (negotiating, asked),
        between(served.address, drop=frozenset({"accept", "accept-encoding"})) as (plain, _),
        prometheus(negotiating, tmp_path, jobs={"plain": plain}) as address,
    ):
        eventually(lambda: len(query(address, "up == 1")) == 2, "scrapes of both kinds that succeeded")
        eventually(lambda: stored("driftbell") == stored("plain"), "the same series")
        same = stored("plain")
    stored_names = {text for series in same for key, text in series if key == "__name__"}
    shown = {name for name, _ in served.page() if name.startswith("ml_")}
    assert {name for name in shown - stored_names if not re.search("ml_exporter_.*seconds", name)} == set()
    assert ("application/openmetrics-text; version=1.0.0; charset=utf-8", "gzip") in asked


def test_prometheus_keeps_exemplars(tmp_path: Path) -> None:
    world = World(tmp_path / "w")
    world.config.write_text(world.config.read_text().replace("task: binary", "task: binary\n    exemplars: true"))
    world.predict(100)
    failed = {"request_id": "r-failed", "timestamp": stamp(world.start + 1), "version": "1", "status": 500}
    with (world.folder / "predictions.jsonl").open("a") as log:
        log.write(json.dumps({**failed, "latency_ms": 20_000}) + "\n")
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 101)
        with prometheus(running.address, tmp_path, "--enable-feature=exemplar-storage") as address:
            latency = eventually(lambda: exemplars(address, "ml_request_duration_seconds_bucket"), "exemplars")
            errors = exemplars(address, "ml_errors_total")
    assert latency == {
        ("le", "0.005"): ("r99", "0.005", pytest.approx(world.start + 0.099, abs=1e-3)),
        ("le", "+Inf"): ("r-failed", "20", pytest.approx(world.start + 1, abs=1e-3)),
    }
    assert errors == {("error_type", "server"): ("r-failed", "1", pytest.approx(world.start + 1, abs=1e-3))}


def exemplars(address: str, metric: str) -> dict[tuple[str, str], tuple[object, ...]]:
    """The request id, value and time of a metric's exemplars, by bucket or type of error."""
    parameters = urllib.parse.urlencode({"query": metric, "start": time.time() - 600, "end": time.time()})
    return {
        next((key, text) for key, text in series["seriesLabels"].items() if key in {"le", "error_type"}): (
            one["labels"]["request_id"],
            one["value"],
            one["timestamp"],
        )
        for series in data_of(f"http://{address}/api/v1/query_exemplars?{parameters}")
        for one in series["exemplars"]
    }


@contextmanager
def between(target: str, drop: frozenset[str] = frozenset()) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Run a proxy that leaves out some headers; yield its address, and what it was answered (type and coding)."""
    answered: list[tuple[str, str]] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in drop}
            connection = http.client.HTTPConnection(target, timeout=10)
            # All headers are the client's: http.client would add one of its own about codings.
            connection.putrequest("GET", self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            answered.append((answer.headers["content-type"], answer.headers.get("content-encoding", "")))
            self.send_response(answer.status)
            for name in ("content-type", "content-encoding"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}", answered
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def prometheus(
    target: str,
    folder: Path,
    *flags: str,
    jobs: Mapping[str, str] = MappingProxyType({}),
    settings: Mapping[str, object] = MappingProxyType({}),
) -> Iterator[str]:
    """Run a server that scrapes the target, and further ones by job, with these settings, and yield its address."""
    config = folder / "prometheus.yml"
    targets = {"driftbell": target, **jobs}
    config.write_text(
        json.dumps(
            {
                "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
                "scrape_configs": [
                    {"job_name": job, "static_configs": [{"targets": [address]}], **settings}
                    for job, address in targets.items()
                ],
            }
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    arguments = [program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}", *flags]
    with (folder / "prometheus.log").open("wb") as output:
        process = subprocess.Popen([*arguments, f"--web.listen-address={address}"], stdout=output, stderr=output)
    try:
        eventually(lambda: is_ready(address, process), f"prometheus, {(folder / 'prometheus.log').read_text()}")
        yield address
    finally:
        process.terminate()
        process.wait(20)


def is_ready(address: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "prometheus has ended"
    try:
        with urllib.request.urlopen(f"http://{address}/-/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def query(address: str, expression: str) -> list[dict[str, Any]]:
    url = f"http://{address}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
    result: list[dict[str, Any]] = data_of(url)["result"]
    return result


def data_of(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - always http
        return json.load(answer)["data"]
