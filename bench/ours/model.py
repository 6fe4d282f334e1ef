"""The benchmark's model, as the exporter sees it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from exporter.capture.profiles import profile_of
from exporter.configuration.loading import load
from exporter.configuration.schema import Configuration, Model
from exporter.pipeline import Pipeline
from exporter.reference.profile import Profile

# Later than any record.
NOW = 2_000_000_000_000_000
SEED = 7


def configuration_of(folder: Path, edges: str = "10000") -> Configuration:
    return load(folder / f"edges-{edges}.yml").configuration


def model_of(folder: Path, edges: str = "10000") -> Model:
    return configuration_of(folder, edges).models["bench"]


def pipeline_of(folder: Path, edges: str = "10000", *, finish: bool = True) -> Pipeline:
    """Return a pipeline at the beginning of its log."""
    pipeline = Pipeline(model_of(folder, edges), _profile(folder, edges), SEED, finish=finish)
    pipeline.begin_at(0)
    return pipeline


@cache
def _profile(folder: Path, edges: str) -> Profile | None:
    """Return the profile, read before the work begins, as the peers read their reference; it is kept beside the data."""
    return profile_of(model_of(folder, edges), folder / "profiles")
