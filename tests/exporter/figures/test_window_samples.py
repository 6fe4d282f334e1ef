"""All figures of a window's views: those of a single version are computed once."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from exporter.catalogue import MODEL
from exporter.figures import WINDOW_FIGURES, window_samples
from exporter.ledger.window_view import views
from exporter.pipeline import Pipeline
from exporter.snapshot import Sample
from tests.exporter.synthetic import NOW, drain, fill, world


@pytest.fixture(params=[1, 2])
def pipeline(request: pytest.FixtureRequest, tmp_path: Path) -> Pipeline:
    made = world(tmp_path / "logs")
    fill(made, random.Random(4), 200, 2 * 3600)
    for record in made.predictions:
        if request.param == 1 and isinstance(record, dict):
            record["version"] = "v1"
    made.write("predictions.jsonl", made.predictions)
    made.write("labels.jsonl", made.labels)
    pipeline = made.pipeline()
    drain(pipeline)
    return pipeline


def test_they_are_those_of_each_view(pipeline: Pipeline, request: pytest.FixtureRequest) -> None:
    window = pipeline.model.windows[-1]
    found = views(pipeline.ledger, window, NOW)
    one_by_one: list[Sample] = [sample for view in found for figures in WINDOW_FIGURES for sample in figures(view)]
    assert list(window_samples(found)) == one_by_one
    assert (len(found) == 2) == (request.node.callspec.params["pipeline"] == 1)


def test_the_labels_of_each_begin_with_model_and_version(pipeline: Pipeline) -> None:
    found = views(pipeline.ledger, pipeline.model.windows[-1], NOW)
    assert {sample.metric.labels[:2] for sample in window_samples(found)} == {MODEL}
