"""The process may die between any two steps of a commit: what is on the disk then is the moment before it, or after."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from exporter.pipeline import Pipeline
from exporter.state import persistence
from exporter.state.database import State
from tests.exporter.synthetic import NOW, World, books, differences, drain, figures, fill, world

# Of the many rows that a commit writes, so many points in between will do.
POINTS = 40


@pytest.fixture
def made(tmp_path: Path) -> World:
    filled = world(tmp_path / "logs", "multiclass", windows="10m, 1h, all, 30rows")
    fill(filled, random.Random(4), 120, 5 * 3600)
    filled.write("predictions.jsonl", filled.predictions)
    filled.write("labels.jsonl", filled.labels)
    return filled


class Copies:
    """The files of a state as they are at the moment, which is what is left of it when the process dies there."""

    def __init__(self, state: State, target: Path) -> None:
        self._folder, self._target = state.folder, target
        self.made: list[Path] = []

    def take(self, _: object = None) -> None:
        folder = self._target / f"{len(self.made):04}"
        folder.mkdir(parents=True)
        for path in self._folder.iterdir():
            # The index of the log is made anew from the log; a lock is gone with its process.
            if path.is_file() and not path.name.endswith("-shm"):
                shutil.copy(path, folder)
        self.made.append(folder)


def commit(pipeline: Pipeline, state: State, copies: Copies | None = None) -> None:
    with state.transaction():
        persistence.save(pipeline, state)
    if copies:
        copies.take()
    persistence.saved(pipeline)


def test_whatever_step_of_a_commit_was_the_last(made: World, tmp_path: Path) -> None:
    plain = made.pipeline()
    drain(plain)
    expected = figures(plain.samples(plain.ledger.now))
    pipeline = made.pipeline(4000)
    with State(tmp_path / "state") as state:
        pipeline.step(NOW)
        commit(pipeline, state)
        pipeline.step(NOW)
        copies = Copies(state, tmp_path / "copies")
        state._database.set_trace_callback(copies.take)
        commit(pipeline, state, copies)
        state._database.set_trace_callback(None)
    positions = set()
    for folder in chosen(copies.made):
        with State(folder) as state:
            again = made.pipeline(4000)
            persistence.restore(again, state)
            positions.add(again.predictions.health.rows)
        drain(again)
        assert differences(figures(again.samples(again.ledger.now)), expected) == [], folder
        assert books(again) == books(plain)
    assert len(positions) == 2, "before it, and after it"


def chosen(copies: list[Path]) -> list[Path]:
    """The first and the last steps, and some in between."""
    assert len(copies) > 20
    inner = random.Random(1).sample(copies[3:-4], min(POINTS, len(copies) - 7))
    return [*copies[:3], *inner, *copies[-4:]]
