"""The figures to look at first: what the demo's table shows, read from the text of ``/metrics``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from exporter import catalogue

# The two drift measures that read alike: the largest difference between two distributions, 0 to 1.
COMPARABLE_METHODS = ("ks", "linf")
WORST_FEATURES = 5
QUALITY = ("accuracy", "f1", "roc_auc", "mae", "bias")


class Series(NamedTuple):
    name: str
    labels: dict[str, str]
    value: float


class Figure(NamedTuple):
    """One row of the table; ``reference`` is what the value was on the reference data, if that is known."""

    name: str
    value: float
    reference: float | None = None


def series_of(text: str) -> list[Series]:
    """Parse an exposition in the Prometheus text format."""
    return [
        Series(sample.name, sample.labels, float(sample.value))
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]


def models_of(series: list[Series]) -> list[str]:
    return sorted({one.labels["model_name"] for one in series if "model_name" in one.labels})


def figures_of(series: list[Series], model: str, window: str) -> list[Figure]:
    """Return the model's figures over all its versions: traffic, worst drift, quality, data quality, labels."""
    own = [one for one in series if one.labels.get("model_name") == model]
    inside = [one for one in own if one.labels.get("window") == window and "model_version" not in one.labels]
    return [*_traffic(own), *_worst_drift(inside), *_quality(inside), *_service(inside)]


def _traffic(own: list[Series]) -> Iterator[Figure]:
    requests = [one for one in own if one.name == catalogue.REQUESTS.name]
    # A series without a version is the sum over the versions: do not count it twice.
    total = [one for one in requests if "model_version" not in one.labels] or requests
    yield Figure("requests so far", float(sum(one.value for one in total)))


def _worst_drift(inside: list[Series]) -> list[Figure]:
    scores = [
        Figure(f"drift of {one.labels['feature_name']} ({one.labels['method']})", one.value)
        for one in inside
        if one.name == catalogue.DRIFT_SCORE.name
        and one.labels.get("feature_name")
        and one.labels["method"] in COMPARABLE_METHODS
    ]
    return sorted(scores, key=lambda figure: (-figure.value, figure.name))[:WORST_FEATURES]


def _quality(inside: list[Series]) -> Iterator[Figure]:
    values, baselines = (
        {one.labels["metric"]: one.value for one in inside if one.name == name and not one.labels.get("segment_by")}
        for name in (catalogue.QUALITY.name, catalogue.QUALITY_BASELINE.name)
    )
    for metric in QUALITY:
        if metric in values:
            yield Figure(metric, values[metric], baselines.get(metric))


def _service(inside: list[Series]) -> Iterator[Figure]:
    missing = [
        one for one in inside if one.name == catalogue.DATA_QUALITY_RATIO.name and one.labels["check"] == "missing"
    ]
    if missing:
        worst = max(missing, key=lambda one: one.value)
        where = f", worst: {worst.labels['feature_name']}" if worst.value else ""
        yield Figure(f"missing values{where}", worst.value)
    for name, metric in (("server errors", catalogue.ERROR_RATIO), ("label coverage", catalogue.LABEL_COVERAGE)):
        yield from (Figure(name, one.value) for one in inside if one.name == metric.name)
    for one in inside:
        if one.name == catalogue.LATENCY.name and one.labels["q"] == "0.95":
            yield Figure("latency p95, seconds", one.value)
