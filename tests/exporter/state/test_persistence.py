"""A pipeline is saved and restored as it was, through failures, kills and changed configurations.

That a restart changes no figure is tested in test_equivalence.py.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from exporter.pipeline import Pipeline
from exporter.state import persistence
from exporter.state.codec import pack, unpack
from exporter.state.database import State
from exporter.state.problem import StateError
from tests.exporter.state.commits import commit, written
from tests.exporter.synthetic import NOW, World, books, differences, drain, figures, world

ROOT = Path(__file__).parents[3]


@pytest.fixture
def made(tmp_path: Path) -> World:
    return written(tmp_path / "logs", seed=2, rows=150)


def fail(pipeline: Pipeline, state: State) -> None:
    with state.transaction():
        persistence.save(pipeline, state)
        raise ZeroDivisionError


def restored(made: World, state: State, batch_bytes: int = 1 << 20) -> Pipeline:
    pipeline = made.pipeline(batch_bytes)
    persistence.restore(pipeline, state)
    return pipeline


def test_a_new_model_has_nothing_to_restore(made: World, tmp_path: Path) -> None:
    with State(tmp_path / "state") as state:
        assert restored(made, state).ledger.now is None


def test_a_failed_commit_is_made_up_for_by_the_next(made: World, tmp_path: Path) -> None:
    pipeline = made.pipeline(5000)
    with State(tmp_path / "state") as state:
        for number in range(200):
            pipeline.step(NOW)
            if number % 5:  # most commits fail
                with pytest.raises(ZeroDivisionError):
                    fail(pipeline, state)
            else:
                commit(pipeline, state)
        commit(pipeline, state)
        expected = figures(pipeline.samples(pipeline.ledger.now))
        again = restored(made, state)
        assert differences(figures(again.samples(again.ledger.now)), expected) == []
        assert again.ledger.join is not None
        assert pipeline.ledger.join is not None
        assert again.ledger.join.nbytes == pipeline.ledger.join.nbytes
        # Nothing of what was deleted is left in the file.
        blocks = sum(len(store.blocks) for store in again.ledger.join.stores.values())
        blocks += len({slot.step for slot in again.ledger.objectives.budgets.tallies})
        assert state._read("SELECT count(*) FROM block", ())[0][0] == blocks


def test_only_what_changed_is_written(made: World, tmp_path: Path) -> None:
    pipeline = made.pipeline()
    with State(tmp_path / "state") as state:
        drain(pipeline)
        commit(pipeline, state)
        drain(pipeline)
        changes = state._database.total_changes
        commit(pipeline, state)
        # The document of the model, and how far the state has come.
        assert state._database.total_changes == changes + 2


def test_counters_that_were_kept_by_their_places_are_still_read(made: World, tmp_path: Path) -> None:
    pipeline = made.pipeline()
    drain(pipeline)
    with State(tmp_path / "state") as state:
        commit(pipeline, state)
        data = state.model(made.model.name)
        assert data is not None
        document = unpack(data)
        for version, totals in pipeline.ledger.totals.items():
            for name in ("counts", "cells"):
                counters = getattr(totals, name)
                places = np.flatnonzero(counters).astype(np.int32)
                document["totals"][version][name] = [places, counters[places].astype(np.int16)]
        with state.transaction():
            state.save_model(made.model.name, pack(document))
        again = restored(made, state).ledger.totals
    for version, totals in pipeline.ledger.totals.items():
        assert totals.counts.sum() > totals.counts.max() > 1
        assert again[version].counts.tolist() == totals.counts.tolist()
        assert again[version].cells.tolist() == totals.cells.tolist()


@pytest.mark.parametrize("change", [{"windows": "1h, 6h"}, {"windows": "10m, 1h"}, {"task": "regression"}])
def test_other_windows_or_tasks_begin_anew_but_read_on(
    made: World, tmp_path: Path, change: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    pipeline = made.pipeline()
    drain(pipeline)
    with State(tmp_path / "state") as state:
        commit(pipeline, state)
        other = world(made.folder, **change)  # type: ignore[arg-type]  # a task among others
        with caplog.at_level(logging.WARNING):
            fresh = restored(other, state)
        assert "figures start anew" in caplog.text
        assert books(fresh) == books(pipeline)
        assert not fresh.step(NOW)
        assert (len(fresh.ledger.panes), fresh.ledger.totals) == (0, {})
        assert state._read("SELECT count(*) FROM pane", ())[0][0] == 0
        caplog.clear()
        # It is settled at once: a crash before the next commit neither warns again nor reads again.
        assert not restored(other, state).step(NOW)
        assert caplog.text == ""


def test_another_settle_time_or_a_longer_horizon_counts_nothing_twice(made: World, tmp_path: Path) -> None:
    """They may be changed without losing a figure; a shorter horizon may count a few corrections as first labels."""
    first = made.pipeline(3000)
    for _ in range(40):
        first.step(NOW)
    with State(tmp_path / "state") as state:
        pipeline = first
        for settle, horizon in (("2h", "3h"), ("1m", "3h"), ("1h", "5h")):
            commit(pipeline, state)
            pipeline = restored(world(made.folder, settle=settle, horizon=horizon), state, 3000)
            for _ in range(40):
                pipeline.step(NOW)
        drain(pipeline)
        pipeline.step(NOW + 24 * 3600 * 1_000_000)
    totals = pipeline.ledger.totals.values()
    layout = pipeline.layout
    joined = sum(int(each.counts[layout.outcomes.start]) for each in totals)
    assert sum(int(each.cells.sum()) for each in totals) == joined > 50


def test_a_model_that_loses_its_labels_and_gets_them_back(made: World, tmp_path: Path) -> None:
    pipeline = made.pipeline()
    drain(pipeline)
    bare = World(made.folder, made.model.model_copy(update={"labels": None}), made.profile)
    bare.model._name = made.model.name
    with State(tmp_path / "state") as state:
        commit(pipeline, state)
        without = restored(bare, state)
        assert set(without.ledger.panes.slots) == set(pipeline.ledger.panes.slots)
        assert state._read("SELECT count(*) FROM block WHERE kind != 'budgets'", ())[0][0] == 0
        commit(without, state)
        again = restored(made, state)
        assert again.ledger.join is not None
        assert again.ledger.join.nbytes == 0


@pytest.mark.parametrize(
    ("table", "which"),
    [
        ("pane", "rowid = (SELECT min(rowid) FROM pane)"),
        ("block", "rowid = (SELECT min(rowid) FROM block)"),
        ("model", "name = 'm'"),
    ],
)
def test_what_is_missing_is_damage(made: World, tmp_path: Path, table: str, which: str) -> None:
    pipeline = made.pipeline()
    drain(pipeline)
    with State(tmp_path / "state") as state:
        commit(pipeline, state)
        with state.transaction():
            state._database.execute(f"DELETE FROM {table} WHERE {which}")  # noqa: S608  # the test's own words
        with pytest.raises(StateError, match=r"the state of m is damaged: .*; move it away to start anew"):
            restored(made, state)


def test_killed_at_any_moment_it_counts_each_row_once(made: World, tmp_path: Path) -> None:
    plain = made.pipeline()
    drain(plain)
    expected = figures(plain.samples(plain.ledger.now))
    command = [sys.executable, "-m", "tests.exporter.killed_worker", str(made.folder), str(tmp_path / "state")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True)
    assert int(done.stdout) >= 5
    with State(tmp_path / "state") as state:
        found = restored(made, state)
        assert differences(figures(found.samples(found.ledger.now)), expected) == []
        assert books(found) == books(plain)
