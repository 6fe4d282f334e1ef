"""Logs on disk, and a pipeline that commits what it made of them."""

from __future__ import annotations

import random
from pathlib import Path

from exporter.pipeline import Pipeline
from exporter.state import persistence
from exporter.state.database import State
from tests.exporter.synthetic import World, fill, world


def written(folder: Path, *, seed: int, rows: int) -> World:
    """Return a world whose logs, of six hours, are in the folder."""
    filled = world(folder)
    fill(filled, random.Random(seed), rows, 6 * 3600)
    filled.write("predictions.jsonl", filled.predictions)
    filled.write("labels.jsonl", filled.labels)
    return filled


def commit(pipeline: Pipeline, state: State) -> None:
    with state.transaction():
        persistence.save(pipeline, state)
    persistence.saved(pipeline)
