"""Starting, reloading and ending, in the surroundings that systemd and containers make."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from tests.end_to_end.world import PROGRAM, Sidecar, World, command, eventually, sidecar, total

ROOT = Path(__file__).parents[2]
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc"]
# As little as a container may give: no HOME, no user's name, an old locale, a zone with an odd offset.
BARE = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C", "TZ": "Pacific/Chatham"}
# The first argument may be written to, the rest of the file system may not; then neither stdin nor stdout, and a
# user that has no name.
CONTAINER = """
mount --bind "$0" "$0" && mount -o remount,bind,ro / || exit 99
exec unshare --user --map-user=12345 -- "$@" <&- >&-
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "w")
    world.predict(300)
    return world


def namespaces() -> list[str]:
    """Return what begins a process with a world of its own, or skip the test."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare")
    tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"the kernel does not let us have namespaces: {tried.stderr.strip()}")
    return NAMESPACE


def first_process(running: Sidecar) -> int:
    """Return the number, as seen from here, of the process that has number 1 in its own namespace."""
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text()
    return int(children.split()[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_process_of_a_container_ends_in_order(world: World, number: signal.Signals) -> None:
    with sidecar(world, namespaces()) as running:
        running.wait_for("ml_requests_total", 300)
        os.kill(first_process(running), number)
        assert running.process.wait(5) == 0
        assert "msg=stopped" in running.output()


def test_a_container_may_have_a_read_only_root_and_nothing_else(world: World) -> None:
    state = world.folder / "state"
    state.mkdir()
    prefix = [*namespaces(), "sh", "-c", CONTAINER, str(state)]
    with sidecar(world, prefix, cwd="/", env=BARE) as running:
        running.wait_for("ml_requests_total", 300)
        world.predict(100)
        running.wait_for("ml_requests_total", 400)
        os.kill(first_process(running), signal.SIGTERM)
        assert running.process.wait(5) == 0
        assert "Traceback" not in running.output()
    with sqlite3.connect(state / "state.sqlite") as database:
        assert database.execute("SELECT count(*) FROM model").fetchone() == (1,)


def test_output_that_nobody_reads_any_more_stops_nothing(world: World) -> None:
    reader, writer = os.pipe()
    with sidecar(world) as known:
        address = known.address
        known.end()
    arguments = command(world, f"--web.listen-address={address}")
    process = subprocess.Popen(arguments, stdout=writer, stderr=writer, stdin=subprocess.DEVNULL)
    os.close(writer)
    os.close(reader)
    known.process = process
    try:
        eventually(lambda: answers(known), "a page")
        world.predict(100)
        known.wait_for("ml_requests_total", 400)
        assert known.end() == 0
    finally:
        process.kill()
        process.wait()


def answers(running: Sidecar) -> bool:
    try:
        return running.get("/-/ready")[0] == 200
    except OSError:
        return False


def test_in_the_middle_of_a_backlog_it_ends_soon_and_goes_on_from_there(tmp_path: Path) -> None:
    world = World(tmp_path / "w")
    log = world.folder / "predictions.jsonl"
    world.config.write_text(world.config.read_text().replace("    labels: labels.jsonl\n", ""))
    world.predict(2000)
    log.write_text(log.read_text() * 150)
    with sidecar(world) as running:
        assert running.end() == 0
    with sidecar(world) as again:
        eventually(lambda: rows_read(again) > 0, "the first rows")
        assert again.end() == 0
        assert "Traceback" not in again.output()
    with sidecar(world) as last:
        last.wait_for("ml_exporter_rows_total", 300_000, source="predictions")


def rows_read(running: Sidecar) -> float:
    return total(running.page(), "ml_exporter_rows_total", source="predictions") or 0


def test_a_second_signal_ends_at_once(world: World) -> None:
    """While the last commit waits, for five seconds, for a lock that somebody else holds on the state."""
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 300)
        database = sqlite3.connect(world.folder / "state" / "state.sqlite", isolation_level=None)
        database.execute("BEGIN EXCLUSIVE")
        running.process.send_signal(signal.SIGTERM)
        eventually(lambda: "msg=stopping" in running.output(), "the first signal")
        # The first of them that comes a second later.
        assert eventually(lambda: ended_by(running, signal.SIGTERM), "the end") == 128 + signal.SIGTERM
        database.close()
    with sidecar(world) as again:
        again.wait_for("ml_requests_total", 300)


def ended_by(running: Sidecar, number: signal.Signals) -> int | None:
    running.process.send_signal(number)
    return running.process.poll()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_ended_says_so(world: World, number: signal.Signals, code: int) -> None:
    reference = world.slow_reference()
    world.refer_to(reference)
    # Tests that run in the background of a shell inherit that SIGINT is ignored.
    program = ["env", "--default-signal", *PROGRAM, "evaluate", f"--config.file={world.config}"]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as process:
        try:
            eventually(lambda: has_open(process.pid, reference), "the reading of the reference")
            process.send_signal(number)
            assert process.wait(5) == code
            assert process.stderr is not None
            assert process.stderr.read() == ""
        finally:
            process.kill()


def has_open(number: int, file: Path) -> bool:
    """Whether a process reads a file at this moment."""
    links = Path(f"/proc/{number}/fd").iterdir()
    with suppress(FileNotFoundError):
        return any(link.samefile(file) for link in links)
    return False


def test_a_hangup_takes_on_what_is_good_and_refuses_what_is_not(world: World) -> None:
    good = world.config.read_text()
    other = "  other: {task: binary, predictions: predictions.jsonl, reference: reference.csv, fields: {model: m}}\n"
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 300)
        world.config.write_text(good + other)
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("ml_model_info", 1, model_name="other")
        assert "other" in running.get("/")[1]

        world.config.write_text(good.replace("task: binary", "task: binray"))
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("ml_exporter_config_last_reload_successful", 0)
        (line,) = [line for line in running.output().splitlines() if "was not reloaded" in line]
        assert "did you mean binary?" in line

        world.config.write_text(good)
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("ml_exporter_config_last_reload_successful", 1)
        world.predict(100)
        running.wait_for("ml_requests_total", 400)
        assert total(running.page(), "ml_model_info", model_name="other") is None


def test_a_pipe_as_configuration_is_refused_and_the_next_reload_goes_well(world: World) -> None:
    good = world.config.read_text()
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 300)
        world.config.unlink()
        os.mkfifo(world.config)
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("ml_exporter_config_last_reload_successful", 0)
        assert "cannot be read: is no regular file" in running.output()

        world.config.unlink()
        world.config.write_text(good)
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("ml_exporter_config_last_reload_successful", 1)


def test_warnings_about_the_configuration_are_events_of_the_log(world: World) -> None:
    world.config.write_text(world.config.read_text() + "    limits: {endpoints: 3}\n    fields: {endpoint: null}\n")
    with sidecar(world) as running:
        (line,) = [line for line in running.output().splitlines() if "endpoints" in line]
        assert "level=warn" in line
        assert "key=models.churn.limits.endpoints" in line


def test_a_reload_that_takes_for_ever_keeps_nobody_from_ending(world: World) -> None:
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 300)
        world.refer_to(world.slow_reference())
        running.process.send_signal(signal.SIGHUP)
        eventually(lambda: "reading the configuration again" in running.output(), "the reload")
        world.predict(100)
        running.wait_for("ml_requests_total", 400)
        assert running.end() == 0
        assert "Traceback" not in running.output()


def test_a_storm_of_hangups_costs_no_row_and_doubles_none(world: World) -> None:
    random_ = random.Random(5)
    text = world.config.read_text()
    with sidecar(world) as running:
        for number in range(30):
            owner = f"    info: {{owner: team{number}}}\n"
            staged = world.folder / "new.yml"
            staged.write_text(text + owner * (random_.random() < 0.7))
            staged.replace(world.config)
            running.process.send_signal(signal.SIGHUP)
            world.predict(random_.randrange(1, 50))
            world.label(10 * number, 10 * number + 10)
        rows = (world.folder / "predictions.jsonl").read_bytes().count(b"\n")
        running.wait_for("ml_requests_total", rows)
        page = running.wait_for("ml_labels_total", 300, outcome="joined")
        assert total(page, "ml_exporter_rows_total") == rows + 300
        assert running.end() == 0


class Manager:
    """systemd's end of the notification socket."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.channel.bind(str(path))
        self.channel.settimeout(20)

    def wait_for(self, line: str) -> list[str]:
        """Return the datagram that has this line; others, the watchdog's aside, may not come before it."""
        while True:
            lines = self.channel.recv(4096).decode().splitlines()
            if any(each.startswith(line) for each in lines):
                return lines
            assert lines == ["WATCHDOG=1"], f"{lines} instead of {line}"


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path / "notify")
    yield manager
    manager.channel.close()


def test_systemd_hears_of_each_change(world: World, manager: Manager) -> None:
    environment = os.environ | {"NOTIFY_SOCKET": str(manager.path), "WATCHDOG_USEC": "400000"}
    with sidecar(world, env=environment) as running:
        manager.wait_for("STATUS=profiling the references")
        assert "STATUS=serving churn" in manager.wait_for("READY=1")
        assert answers(running)
        manager.wait_for("WATCHDOG=1")
        running.process.send_signal(signal.SIGHUP)
        assert any(line.startswith("MONOTONIC_USEC=") for line in manager.wait_for("RELOADING=1"))
        manager.wait_for("READY=1")
        running.process.send_signal(signal.SIGTERM)
        manager.wait_for("STOPPING=1")
        assert running.process.wait(5) == 0


def test_the_example_of_a_unit_is_one(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze")
    unit = tmp_path / "driftbell.service"
    text = (ROOT / "examples" / "systemd" / "driftbell.service").read_text()
    # A program that is there, in place of the one that will be.
    unit.write_text(text.replace("/opt/driftbell/bin/driftbell", sys.executable))
    assert verified(["systemd-analyze", "verify", str(unit)]) == ""


def verified(arguments: Sequence[str]) -> str:
    found = subprocess.run(arguments, capture_output=True, text=True, check=False)
    return found.stdout + found.stderr
