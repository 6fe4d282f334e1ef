"""One source, model or figure that fails takes no other down: seen from outside, on the real process."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.world import Page, Sidecar, World, command, eventually, page_of, total

PROGRAM = (sys.executable, "-m", "tests.end_to_end.isolated")
ROOT = Path(__file__).parents[2]
MODELS = """\
evaluation_interval: 1s
storage: {commit_interval: 100ms}
models:
  calm: {task: binary, predictions: calm/predictions.jsonl, windows: [100rows]}
  wild: {task: binary, predictions: wild/predictions.jsonl, windows: [100rows]}
"""


class Pair:
    """Two models with logs of their own, and faults."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config, self.faults = folder, folder / "driftbell.yml", folder / "faults"
        self.config.write_text(MODELS)
        self.faults.mkdir()
        self.calm, self.wild = World(folder / "calm"), World(folder / "wild")
        self.calm.predict(30)
        self.wild.predict(40)

    def predict(self) -> None:
        self.calm.predict(5)
        self.wild.predict(5)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pair, Sidecar]]:
    """For tests that leave everything in order again."""
    pair = Pair(tmp_path_factory.mktemp("shared"))
    with exporting(pair) as running:
        yield pair, running


@contextmanager
def exporting(pair: Pair) -> Iterator[Sidecar]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = (*PROGRAM, str(pair.faults))
    running = Sidecar(pair, pair.folder / "exporter.log", program=program, env=environment)
    try:
        running.wait_for("ml_requests_total", 30, model_name="calm")
        running.wait_for("ml_requests_total", 40, model_name="wild")
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def said(page: Page, name: str, model: str, **labels: str) -> float | None:
    return total(page, f"ml_exporter_{name}", model_name=model, **labels)


def test_a_source_that_hangs_stalls_no_scrape_no_model_and_no_end(pair: Pair) -> None:
    with exporting(pair) as running:
        hang = pair.faults / "hang"
        hang.touch()
        pair.predict()
        page = running.wait_for("ml_requests_total", 35, model_name="calm")
        assert total(page, "ml_requests_total", model_name="wild") == 40
        page = running.wait_for("ml_exporter_source_up", 0, model_name="wild")
        assert said(page, "source_up", "calm") == said(page, "model_up", "wild") == 1
        assert said(page, "source_failures_total", "wild", source="predictions")
        lines = [line for line in running.output().splitlines() if "does not answer" in line]
        assert [("level=error" in line, "model=wild" in line) for line in lines] == [(True, True)]

        hang.unlink()
        running.wait_for("ml_requests_total", 45, model_name="wild")
        running.wait_for("ml_exporter_source_up", 1, model_name="wild")

        hang.touch()
        pair.predict()
        running.wait_for("ml_requests_total", 40, model_name="calm")
        assert running.end() == 0
        assert "Traceback" not in running.output()


def test_a_figure_that_fails_is_missed_alone(shared: tuple[Pair, Sidecar]) -> None:
    pair, running = shared
    fault = pair.faults / "figure"
    assert total(running.page(), "ml_window_requests", model_name="wild", model_version="1") == 40
    fault.touch()
    page = eventually(lambda: without_windows_of_wild(running), "a page without it")
    assert total(page, "ml_window_requests", model_name="calm", model_version="1") == 30
    assert total(page, "ml_requests_total", model_name="wild") == 40
    assert said(page, "model_up", "wild") == 1
    eventually(lambda: (said(running.page(), "figure_failures_total", "wild") or 0) > 2, "it is counted")
    assert running.output().count("ZeroDivisionError: the fault figure") == 1
    assert said(running.page(), "figure_failures_total", "calm") == 0
    fault.unlink()
    running.wait_for("ml_window_requests", 40, model_name="wild", model_version="1")


def without_windows_of_wild(running: Sidecar) -> Page | None:
    page = running.page()
    return page if total(page, "ml_window_requests", model_name="wild") is None else None


def test_a_model_that_fails_comes_back_with_every_row_once(shared: tuple[Pair, Sidecar]) -> None:
    pair, running = shared
    fault = pair.faults / "step"
    fault.touch()
    pair.predict()
    running.wait_for("ml_requests_total", 35, model_name="calm")
    page = running.wait_for("ml_exporter_model_up", 0, model_name="wild")
    assert total(page, "ml_requests_total", model_name="wild") is None
    assert (said(page, "source_up", "wild"), said(page, "source_up", "calm")) == (0, 1)
    assert running.get("/-/ready")[0] == 200
    fault.unlink()
    running.wait_for("ml_requests_total", 45, model_name="wild")
    running.wait_for("ml_exporter_model_up", 1, model_name="wild")
    running.wait_for("ml_exporter_rows_total", 45, model_name="wild")
    assert running.output().count("ZeroDivisionError: the fault step") == 1


def test_a_worker_that_dies_takes_the_process_with_it_and_says_why(pair: Pair) -> None:
    """A server that is healthy while nothing is measured any more would be the worst of all."""
    with exporting(pair) as running:
        (pair.faults / "page").touch()
        assert running.process.wait(20) == 1
        with pytest.raises(OSError, match="refused"):
            running.get("/-/healthy")
        (line,) = [line for line in running.output().splitlines() if "the worker failed" in line]
        assert "ZeroDivisionError: the fault page" in line


def test_a_log_of_its_own_that_cannot_be_written_stops_nothing(pair: Pair) -> None:
    """The disk is full where its output goes, so where it listens has to be known beforehand."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with Path("/dev/full").open("w") as full:
        arguments = command(pair, f"--web.listen-address={address}")
        process = subprocess.Popen(arguments, stdout=full, stderr=full, stdin=subprocess.DEVNULL)
    try:
        assert eventually(lambda: requests_of_calm(address) == 30, "its figures")
        pair.predict()
        assert eventually(lambda: requests_of_calm(address) == 35, "figures that follow the log")
        process.terminate()
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()


def requests_of_calm(address: str) -> float | None:
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("GET", "/metrics")
        return total(page_of(connection.getresponse().read().decode()), "ml_requests_total", model_name="calm")
    except ConnectionError:
        return None
    finally:
        connection.close()
