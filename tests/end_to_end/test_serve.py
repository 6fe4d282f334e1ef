"""The sidecar as a user runs it: the real process, real files, real scrapes."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.world import Sidecar, World, command, eventually, sidecar, total


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def served(world: World) -> Iterator[Sidecar]:
    with sidecar(world) as running:
        yield running


def test_a_missing_log_costs_its_own_figures_only_and_is_picked_up_when_it_comes(tmp_path: Path) -> None:
    world = World(tmp_path / "w")
    with sidecar(world) as running:
        page = running.wait_for("ml_model_info", 1, model_name="churn")
        assert total(page, "ml_exporter_source_up", source="predictions") == 0
        (line,) = [line for line in running.output().splitlines() if "source=predictions" in line]
        assert "level=error" in line
        assert f"no file matches {world.folder / 'predictions.jsonl'}" in line

        world.predict(100)
        page = running.wait_for("ml_requests_total", 100)
        assert total(page, "ml_exporter_source_up", source="predictions") == 1


def test_figures_follow_the_log_and_its_labels(world: World, served: Sidecar) -> None:
    before = total(served.page(), "ml_requests_total") or 0
    world.predict(400)
    world.label(0, 50)

    served.wait_for("ml_requests_total", before + 400)
    page = served.wait_for("ml_labels_total", 50, outcome="joined")
    assert total(page, "ml_exporter_rows_total", source="labels") == 50
    assert total(page, "ml_exporter_rejected_rows_total") == 0
    assert (total(page, "ml_exporter_last_evaluation_timestamp_seconds") or 0) > world.start


def test_the_startup_line_says_what_runs_where(served: Sidecar) -> None:
    line = next(line for line in served.output().splitlines() if "msg=started" in line)
    assert f"address={served.address}" in line
    assert "version=" in line
    assert "models=churn" in line


def test_every_route_answers(served: Sidecar) -> None:
    assert eventually(lambda: served.get("/-/ready")[0] == 200, "ready")
    assert served.get("/-/healthy")[0] == 200
    status, body = served.get("/")
    assert status == 200
    assert "churn" in body


def test_before_the_first_evaluation_it_is_healthy_but_not_ready_and_can_be_ended(tmp_path: Path) -> None:
    world = World(tmp_path / "slow")
    world.refer_to(world.slow_reference())
    with sidecar(world) as running:
        assert running.get("/-/healthy")[0] == 200
        assert running.get("/-/ready")[0] == 503
        assert "ml_exporter_build_info" in running.get("/metrics")[1]
        assert running.end() == 0
        assert "Traceback" not in running.output()


def test_one_state_belongs_to_one_process(world: World, served: Sidecar) -> None:
    second = subprocess.run(command(world), capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode == 1
    assert "another exporter uses this state" in second.stderr
    assert "Traceback" not in second.stderr
    assert served.get("/-/healthy")[0] == 200


def test_a_port_in_use_is_a_clear_error(tmp_path: Path, served: Sidecar) -> None:
    arguments = command(World(tmp_path / "other"), f"--web.listen-address={served.address}")
    second = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert served.address.rpartition(":")[2] in second.stderr
    assert "Address already in use" in second.stderr


def test_a_bad_configuration_is_refused_with_every_error(tmp_path: Path) -> None:
    world = World(tmp_path / "bad")
    world.config.write_text("models:\n  a: {task: binray, predictions: p.jsonl}\nevaluation_interval: soon\n")
    run = subprocess.run(command(world), capture_output=True, text=True, timeout=20, check=False)
    assert run.returncode == 2
    assert [line.split(":")[1] for line in run.stderr.splitlines()] == ["2", "3"]
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_with_everything_committed(tmp_path: Path, number: signal.Signals) -> None:
    world = World(tmp_path / "w")
    world.config.write_text(world.config.read_text().replace("commit_interval: 100ms", "commit_interval: 1h"))
    world.predict(300)
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 300)
        assert running.end(number) == 0
        assert "Traceback" not in running.output()
    (world.folder / "predictions.jsonl").unlink()
    with sidecar(world) as again:
        again.wait_for("ml_requests_total", 300)


def test_a_version_that_is_gone_loses_its_series(tmp_path: Path) -> None:
    world = World(tmp_path / "w", version_ttl="5s")
    world.predict(50, version="old", at=world.start)
    world.predict(50, version="new", at=world.start + 1)
    with sidecar(world) as running:
        page = running.wait_for("ml_requests_total", 100)
        assert total(page, "ml_requests_total", model_version="old") == 50
        world.predict(50, version="new", at=world.start + 10)
        page = running.wait_for("ml_requests_total", 100, model_version="new")
        assert eventually(
            lambda: all(dict(labels).get("model_version") != "old" for _, labels in running.page()), "old is gone"
        )


def test_the_windows_of_a_quiet_log_empty_themselves(tmp_path: Path) -> None:
    world = World(tmp_path / "w", windows="[2s]", idle_timeout="1s")
    world.predict(100)
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 100)
        assert eventually(lambda: not total(running.page(), "ml_window_requests", window="2s"), "the window is empty")
        assert total(running.page(), "ml_requests_total") == 100
