"""A state that cannot be used, told by the real process: at once, in one clear line, and without touching anything."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from exporter.state.codec import pack
from exporter.state.opening import FORMAT
from tests.end_to_end.test_life_cycle import namespaces
from tests.end_to_end.world import Page, World, command, counters, eventually, fallen, sidecar, total

FAILED = 1
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "w")
    world.predict(300)
    return world


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Logs, and a state that an exporter has left in good order."""
    world = World(tmp_path_factory.mktemp("left") / "w")
    world.predict(300)
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 300)
        assert running.end() == 0
    return world


@pytest.fixture
def stopped(left: World, tmp_path: Path) -> World:
    """The same, to be broken."""
    copy = left.copy(tmp_path / "copy")
    shutil.copytree(left.folder / "state", copy.folder / "state")
    return copy


def refused(world: World, prefix: Sequence[str] = ()) -> str:
    """Start an exporter that must end by itself, and return what it said."""
    done = subprocess.run([*prefix, *command(world)], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == FAILED, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("driftbell: ")]
    return line


def test_a_second_exporter_leaves_the_state_alone(world: World) -> None:
    with sidecar(world) as first:
        first.wait_for("ml_requests_total", 300)
        assert "another exporter uses this state; give each its own --storage.path" in refused(world)
        world.predict(100)
        before = first.wait_for("ml_requests_total", 400)
        first.end(signal.SIGKILL)
    # A lock is the kernel's: whoever was killed holds none.
    with sidecar(world) as next_one:
        assert fallen(before, next_one.wait_for("ml_requests_total", 400)) == []
        assert total(next_one.page(), "ml_exporter_lost_commits") == 0


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for place in range(0, len(data), 97):
        data[place] ^= 1
    path.write_bytes(data)


def written_by(format_: int) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        database = sqlite3.connect(path)
        with database:
            database.execute("UPDATE meta SET value = ? WHERE key = 'format'", (pack(format_),))
        database.close()

    return change


def without_pane(path: Path) -> None:
    database = sqlite3.connect(path)
    with database:
        database.execute("DELETE FROM pane WHERE rowid = (SELECT min(rowid) FROM pane)")
    database.close()


def foreign(path: Path) -> None:
    path.unlink()
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE mine (value INTEGER)")
    database.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (flipped, "move it away to start anew"),
        (without_pane, "not all of one moment"),
        (lambda path: os.truncate(path, path.stat().st_size // 2), "move it away to start anew"),
        (lambda path: os.truncate(path, 0), "the file is empty, but there was a state in it"),
        (written_by(FORMAT + 1), "newer Driftbell"),
        (written_by(FORMAT - 1), "older Driftbell"),
        (foreign, "no state of this Driftbell's"),
    ],
)
def test_what_cannot_be_used_is_refused_and_kept(stopped: World, change: Callable[[Path], None], said: str) -> None:
    path = stopped.folder / "state" / "state.sqlite"
    change(path)
    before = path.read_bytes()
    assert said in refused(stopped)
    assert path.read_bytes() == before


def test_set_aside_as_advised_it_begins_anew(stopped: World) -> None:
    path = stopped.folder / "state" / "state.sqlite"
    flipped(path)
    refused(stopped)
    shutil.move(path, path.with_name("set aside"))
    with sidecar(stopped) as anew:
        anew.wait_for("ml_requests_total", 300)
        assert "another state than was here last" in anew.output()


def test_a_folder_that_may_only_be_read(stopped: World) -> None:
    state = stopped.folder / "state"
    said = refused(stopped, [*namespaces(), "sh", "-c", READ_ONLY, str(state)])
    assert "Read-only file system; choose another folder with --storage.path" in said


def test_an_older_copy_is_caught_up_with_and_spoken_of(world: World) -> None:
    """Its positions are as old as its counts: what was lost is read again, and no counter is wrong."""
    path = world.folder / "state" / "state.sqlite"
    with sidecar(world) as first:
        first.wait_for("ml_requests_total", 300)
        assert first.end() == 0
    copy = path.read_bytes()
    world.predict(200)
    with sidecar(world) as running:
        expected = counters(running.wait_for("ml_requests_total", 500))
        assert running.end() == 0
    path.write_bytes(copy)
    with sidecar(world) as again:
        page = again.wait_for("ml_requests_total", 500)
        assert (total(page, "ml_exporter_lost_commits") or 0) > 0
        assert "commits are missing" in again.output()
        assert counters(page) == expected


def test_a_full_disk_stops_nothing_and_nothing_is_lost_by_it(world: World) -> None:
    with sidecar(world) as running:
        running.wait_for("ml_requests_total", 300)
        limits = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
        # Files can grow no further, as if there were no room left.
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (32 << 10, limits[1]))
        world.predict(500)
        world.label(0, 200)
        running.wait_for("ml_labels_total", 200, outcome="joined")
        eventually(lambda: (total(running.page(), "ml_exporter_failed_commits_total") or 0) > 2, "failed commits")
        assert "the state was not saved" in running.output()
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, limits)
        world.predict(100)
        running.wait_for("ml_requests_total", 900)
        failed = total(running.page(), "ml_exporter_failed_commits_total")
        moment = total(running.page(), "ml_exporter_last_commit_timestamp_seconds")
        assert moment is not None
        saved = eventually(lambda: later(running.page(), moment), "a commit")
        assert total(saved, "ml_exporter_failed_commits_total") == failed
        last = running.page()
        running.end(signal.SIGKILL)
    with sidecar(world) as again:
        page = again.wait_for("ml_requests_total", 900)
        assert total(page, "ml_labels_total", outcome="joined") == 200
        assert fallen(last, page) == []


def later(page: Page, moment: float) -> Page | None:
    return page if (total(page, "ml_exporter_last_commit_timestamp_seconds") or 0) > moment else None
