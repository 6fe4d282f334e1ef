"""The benchmark's model, as the exporter sees it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from exporter import catalogue
from exporter.capture.profiles import profile_of
from exporter.configuration.loading import load
from exporter.configuration.schema import Configuration, Model
from exporter.figures import drift
from exporter.ledger.window_view import WindowView, views
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


def filled(folder: Path, edges: str, rows: int) -> Pipeline:
    """Return a pipeline that has taken so many rows."""
    pipeline = pipeline_of(folder, edges)
    while pipeline.predictions.health.rows < rows:
        delivery = pipeline.predictions.poll(NOW)
        assert delivery is not None  # the log has rows enough
        pipeline.take_predictions(delivery, NOW)
    return pipeline


def window_of(pipeline: Pipeline) -> WindowView:
    """Return the first window's counts of all versions: there is one, and its figures are the same."""
    assert pipeline.watermark.value is not None
    return views(pipeline.ledger, pipeline.model.windows[0], pipeline.watermark.value)[0]


def drift_scores(view: WindowView) -> int:
    """Compute the drift of a window; return how many scores there are."""
    scores = sum(sample.metric is catalogue.DRIFT_SCORE for sample in drift.window_figures(view))
    # A window that is not whole has none.
    assert scores
    return scores


@cache
def _profile(folder: Path, edges: str) -> Profile | None:
    """Return the profile, read before the work begins, as the peers read their reference; it is kept beside the data."""
    return profile_of(model_of(folder, edges), folder / "profiles")
