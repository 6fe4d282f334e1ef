"""``docs/metrics.md``: the catalogue as a page to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from exporter import catalogue
from exporter.catalogue import Direction, Limit, Metric, QualityMetric

# The families about the exporter itself share a prefix; the catalogue alone may spell it.
_OWN_PREFIX = catalogue.BUILD_INFO.name.removesuffix("build_info")

LABEL_MEANINGS: Mapping[str, str] = {
    "bound": "Which side of a threshold is bad: below `min`, above `max`.",
    "check": "Data-quality check: `missing`, `invalid`, `out_of_range` or `unseen_category`.",
    "bin": "Bin of a numeric feature, its number and edges, such as `02 (0.5, 1.25]`; or a category.",
    "delivery": "How a log comes: `continuous`, or `batch` (files are complete when they appear).",
    "dimension": "What was limited: a label or a feature whose distinct values are counted.",
    "endpoint": "Endpoint of the model service that answered the request.",
    "event": "What happened to a file of a source: one of those in [definitions.md](definitions.md#files).",
    "error_type": "`client` (status 4xx) or `server` (5xx).",
    "feature_name": "Feature of the model, as the prediction log names it.",
    "field": "Field of a record, as the configuration names it.",
    "format": "Format of a log: `jsonl`, `csv` or `parquet`.",
    "framework": "What the model was built with, from the configuration.",
    "hash": "First 12 hex digits of a SHA-256: of a reference profile, or of a model's configuration.",
    "kind": "What drifted: `data` (a feature), `prediction`, `score` or `label`.",
    "limit": "What a configured limit is compared with; see the table below.",
    "method": "Drift method, such as `ks` or `psi`.",
    "metric": "Quality metric; see the table below.",
    "model_name": "Model, from the configuration.",
    "model_version": "Version of the model, from the log; absent: all versions together.",
    "outcome": "What became of a label: `joined`, `duplicate`, `corrected`, `unscored` or `orphan`.",
    "owner": "Who answers for the model, from the configuration.",
    "predicted_class": "Class that the model predicted; absent for regression.",
    "python_version": "Version of Python that runs the exporter.",
    "q": "Quantile, such as `0.95`, or `max`.",
    "reason": "Why a record was rejected.",
    "reference": "What the window is compared with, as the configuration names it.",
    "rows": "Kind of the rows that are kept: `predictions` or `labels`.",
    "segment": "Value of the field that `segment_by` names; absent: all rows together.",
    "segment_by": "Field by which the rows are split; absent: all rows together.",
    "severity": "How bad it is: `info`, `warning`, `critical` or `emergency`.",
    "slo": "Service level objective, as the configuration names it.",
    "source": "Log that is read, as the configuration names it.",
    "state": "State of a window's labels: `known`, `waiting` or `overdue`.",
    "task": "`binary`, `multiclass` or `regression`.",
    "true_class": "Class that the label names.",
    "version": "Version of the exporter.",
    "window": "Window as configured, such as `1h`, `7d` or `1000rows`; `24h_previous` is the one before `24h`; or an objective's `period` or `calendar`, such as `month`.",
}

_DIRECTIONS: Mapping[Direction, str] = {
    Direction.HIGH_IS_GOOD: "high is good",
    Direction.LOW_IS_GOOD: "low is good",
    Direction.NEAR_ZERO_IS_GOOD: "near zero is good",
    Direction.NEITHER: "neither",
}

_HEAD = """\
# Metrics

Generated from `exporter/catalogue.py`: change that file, not this page.

No sample carries a time stamp, and missing data is an absent series, never NaN. A label that is absent
means "over all of them".
"""


def metrics_page() -> str:
    """Return the page as Markdown: families, the meanings of labels, and the quality metrics."""
    own = [metric for metric in catalogue.METRICS if metric.name.startswith(_OWN_PREFIX)]
    observed = [metric for metric in catalogue.METRICS if metric not in own]
    sections = (
        _HEAD,
        _section("What is observed", _families(observed)),
        _section("The exporter itself", _families(own)),
        _section("Labels", _labels(catalogue.METRICS)),
        _section("Quality metrics", _quality(catalogue.QUALITY_METRICS)),
        _section("Limits", _limits(catalogue.LIMITS)),
    )
    return "\n".join(sections)


def _families(metrics: Iterable[Metric]) -> str:
    rows = [
        (
            f"`{metric.name}`",
            str(metric.kind),
            ", ".join(f"`{label}`" for label in metric.labels),
            metric.unit,
            _range(metric.bounds),
            _DIRECTIONS[metric.direction],
            metric.help,
        )
        for metric in metrics
    ]
    return _table(("name", "type", "labels", "unit", "range", "direction", "meaning"), rows)


def _labels(metrics: Iterable[Metric]) -> str:
    """Raise KeyError for a label whose meaning is not written down."""
    names = sorted({label for metric in metrics for label in metric.labels})
    return _table(("label", "meaning"), [(f"`{name}`", LABEL_MEANINGS[name]) for name in names])


def _quality(metrics: Iterable[QualityMetric]) -> str:
    rows = [
        (f"`{metric.name}`", _range(metric.bounds), _DIRECTIONS[metric.direction], metric.help) for metric in metrics
    ]
    return _table(("metric", "range", "direction", "meaning"), rows)


def _limits(limits: Iterable[Limit]) -> str:
    rows = [(f"`{limit.name}`", _DIRECTIONS[limit.direction], limit.help) for limit in limits]
    return _table(("limit", "direction", "compared with"), rows)


def _range(bounds: tuple[float | None, float | None]) -> str:
    """Return the range in words.

    >>> [_range(bounds) for bounds in ((0.0, 1.0), (0.0, None), (None, 1.0), (None, None))]
    ['0 to 1', 'from 0', 'up to 1', 'any']
    """
    low, high = bounds
    if low is None:
        return "any" if high is None else f"up to {high:g}"
    return f"from {low:g}" if high is None else f"{low:g} to {high:g}"


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
