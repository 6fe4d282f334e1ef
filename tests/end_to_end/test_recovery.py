"""However the process ends, the next one goes on where it was: nothing lost, nothing twice, no counter that fell."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

from tests.end_to_end.world import Page, Sidecar, World, counters, eventually, fallen, sidecar


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    world = World(tmp_path / "w")
    world.predict(300)
    world.label(0, 100)
    with sidecar(world) as first:
        first.wait_for("ml_requests_total", 300)
        before = first.wait_for("ml_labels_total", 100, outcome="joined")
        assert first.end() == 0
    with sidecar(world) as second:
        after = second.wait_for("ml_requests_total", 300)
        assert fallen(before, after) == []
        assert counters(after) == counters(before)
        world.predict(50)
        world.label(100, 120)
        second.wait_for("ml_labels_total", 120, outcome="joined")
        second.wait_for("ml_requests_total", 350)


def test_killed_processes_leave_no_trace_in_the_counters(tmp_path: Path) -> None:
    lives, rows = 4, 2000
    world = World(tmp_path / "killed")
    last: Page = {}
    for life in range(lives):
        world.predict(rows)
        world.label(rows * life, rows * life + 1500)
        with sidecar(world) as running:
            first = eventually(partial(ready_page, running), "the first page of this life")
            assert fallen(last, first) == []
            # Killed with rows on their way: read or not, counted or not, committed or not.
            world.predict(500, at=world.start + life)
            last = eventually(partial(changed, first, running), "another page")
            assert fallen(first, last) == []
            assert running.end(signal.SIGKILL) == -signal.SIGKILL
    assert settled(world) == settled(world.copy(tmp_path / "undisturbed"))


def ready_page(running: Sidecar) -> Page | None:
    return running.page() if running.get("/-/ready")[0] == 200 else None


def changed(before: Page, running: Sidecar) -> Page | None:
    page = running.page()
    return page if counters(page) != counters(before) else None


def settled(world: World) -> Page:
    """The counters of a sidecar that has read everything."""
    lines = (world.folder / "predictions.jsonl").read_text().count("\n")
    labels = (world.folder / "labels.jsonl").read_text().count("\n")
    with sidecar(world) as running:
        running.wait_for("ml_exporter_rows_total", labels, source="labels")
        return counters(running.wait_for("ml_requests_total", lines))
