"""What rules take for granted about series is what the exporter shows."""

from __future__ import annotations

from typing import get_args

from exporter.catalogue import DRIFT_METHODS, LABEL_VALUES, METRICS, Kind
from exporter.configuration.drift import CategoricalMethod, ConceptMethod, NumericMethod, Residual
from exporter.configuration.log_files import Format
from exporter.configuration.schema import Task
from exporter.counting.layout import OUTCOMES
from exporter.sources.events import EVENTS
from rules.series import TARGET, known


def test_every_metric_is_known_with_its_labels() -> None:
    for metric in METRICS:
        names = [metric.name]
        if metric.kind is Kind.HISTOGRAM:
            names = [f"{metric.name}{end}" for end in ("_bucket", "_sum", "_count")]
        for name in names:
            assert known()[name].possible - {"le"} == {*metric.labels, *TARGET}
            assert known()[name].certain <= known()[name].possible


def test_values_of_labels_are_those_that_occur() -> None:
    assert LABEL_VALUES["outcome"] == OUTCOMES
    assert set(LABEL_VALUES["event"]) == set(EVENTS)
    assert LABEL_VALUES["format"] == get_args(Format)
    assert LABEL_VALUES["task"] == get_args(Task)
    written = {*get_args(NumericMethod), *get_args(CategoricalMethod), *get_args(ConceptMethod)}
    assert set(DRIFT_METHODS) == written | {f"cusum_{each}" for each in get_args(Residual)}


def test_labels_of_values_exist() -> None:
    assert set(LABEL_VALUES) <= {label for metric in METRICS for label in metric.labels}
