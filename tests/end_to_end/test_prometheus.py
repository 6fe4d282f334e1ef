"""The page as Prometheus' own programs see it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.world import Sidecar, World, eventually, sidecar

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


def test_prometheus_scrapes_every_family(served: Sidecar, tmp_path: Path) -> None:
    page = served.page()
    names = {name for name, _ in page if name.startswith("ml_")}
    with prometheus(served.address, tmp_path) as address:
        assert eventually(lambda: query(address, 'up{job="driftbell"} == 1'), "a scrape that succeeded")
        stored = {one["metric"]["__name__"] for one in query(address, '{job="driftbell",__name__=~"ml_.*"}')}
    assert names - stored == set()


@contextmanager
def prometheus(target: str, folder: Path) -> Iterator[str]:
    """Run a server that scrapes the target, and yield its address."""
    config = folder / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
        f"scrape_configs: [{{job_name: driftbell, static_configs: [{{targets: ['{target}']}}]}}]\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    arguments = [program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
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
    with urllib.request.urlopen(url, timeout=10) as answer:
        result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
    return result
