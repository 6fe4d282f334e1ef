"""Snapshots as Prometheus text, format 0.0.4.

Written by hand: most of the cost of a page is the label text, and that hardly changes from one
evaluation to the next, so it is built once per series and kept. The format:
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import math
import operator
import re
from functools import cache
from itertools import pairwise

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from exporter.catalogue import Kind, Metric
from exporter.snapshot import Family, Histogram, Snapshot

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SURROGATE = re.compile("[\ud800-\udfff]")

# From here on Go writes an exponent; see bound_text.
_GO_EXPONENT_FROM = 1e6

_Labels = tuple[str, ...]
_Series = dict[_Labels, str]


class Renderer:
    """Renders one snapshot after another; keeps the text of the series that the last one had.

    Not safe for use by several threads at once: one worker renders, scrapes serve the result.
    """

    def __init__(self) -> None:
        self._series: dict[Metric, _Series] = {}

    def render(self, snapshot: Snapshot) -> bytes:
        """Return the page: families in the order of the snapshot, UTF-8, each line ended by LF.

        A sample that does not fit its metric is an error of ours and is never written: ValueError for
        a wrong number of labels, a repeated series or family, NaN (missing data is an absent series)
        or a broken histogram; TypeError for a label that is not text and a value of the wrong kind.
        """
        kept: dict[Metric, _Series] = {}
        lines: list[str] = []
        for family in snapshot.families:
            if family.samples:
                kept[family.metric] = self._write(family, lines)
        _refuse_repeated_families(kept)
        # Only what was just written is kept, so the cache cannot outgrow the page.
        self._series = kept
        return "".join(lines).encode()

    def _write(self, family: Family, lines: list[str]) -> _Series:
        metric = family.metric
        series = _series_texts(family, self._series.get(metric, {}))
        lines.append(_header(metric))
        if metric.kind is Kind.HISTOGRAM:
            for text, sample in zip(series.values(), family.samples, strict=True):
                lines.extend(_histogram_lines(metric.name, text, sample.value))
        else:
            # In step with the samples, since no series is there twice.
            for text, (_, _, value) in zip(series.values(), family.samples, strict=True):
                lines.append(f"{text} {value_text(value)}\n")
        return series


def live_tail(own: Snapshot | None = None) -> bytes:
    """Return what is true at the moment of the scrape: ``own`` families, then ``process_*``.

    ``own`` must share no family with the page that it follows, since a family may stand only once.
    """
    return (Renderer().render(own) if own else b"") + generate_latest(_process_registry())


def value_text(value: float | Histogram) -> str:
    """Return the shortest text that reads back as the same number; whole ones have no ``.0``.

    >>> [value_text(value) for value in (5, 5.0, 0.1, 1e300, float("-inf"))]
    ['5', '5', '0.1', '1e+300', '-Inf']
    """
    if not isinstance(value, float):
        # Fails for whatever is no integer, a histogram under a gauge included; passes numpy's integers.
        return str(operator.index(value))  # type: ignore[arg-type]
    if math.isfinite(value):
        # Through float() because numpy's own float64 has a repr of its own.
        return repr(float(value)).removesuffix(".0")
    if math.isnan(value):
        raise ValueError("NaN cannot be exposed: leave the series out")
    return "+Inf" if value > 0 else "-Inf"


def bound_text(bound: float) -> str:
    """Return a bucket's bound as its ``le`` label has to be written.

    Prometheus 3 rewrites ``le`` as Go's OpenMetrics writer would (``1`` becomes ``1.0``, a million
    ``1e+06``), Prometheus 2 keeps what it is given: written so from the start, both store one series.

    >>> [bound_text(bound) for bound in (1, 0.25, 604800, 2592000, 1e6, float("inf"))]
    ['1.0', '0.25', '604800.0', '2.592e+06', '1e+06', '+Inf']
    """
    if math.isinf(bound):
        return value_text(float(bound))
    text = repr(float(bound))
    if abs(bound) < _GO_EXPONENT_FROM or "e" in text:
        return text
    sign, text = ("-", text[1:]) if bound < 0 else ("", text)
    whole, _, fraction = text.partition(".")
    digits = (whole + fraction).rstrip("0")
    mantissa = f"{digits[0]}.{digits[1:]}".rstrip(".")
    return f"{sign}{mantissa}e+{len(whole) - 1:02d}"


def _series_texts(family: Family, known: _Series) -> _Series:
    metric = family.metric
    build = _label_text if metric.kind is Kind.HISTOGRAM else _series_text
    series: _Series = {}
    for sample in family.samples:
        if sample.metric is not metric and sample.metric != metric:
            raise ValueError(f"{metric.name}: the family holds a sample of {sample.metric.name}")
        labels = sample.labels
        series[labels] = known.get(labels) or build(metric, labels)
    _refuse_repeated_series(family, series)
    return series


def _refuse_repeated_series(family: Family, series: _Series) -> None:
    # By text too: two labels that differ only in what UTF-8 cannot hold are one label on the page.
    if len(set(series.values())) == len(family.samples):
        return
    seen: set[str] = set()
    for sample in family.samples:
        text = series[sample.labels]
        if text in seen:
            raise ValueError(f"{family.metric.name}: the series {text} is there twice")
        seen.add(text)


def _refuse_repeated_families(metrics: dict[Metric, _Series]) -> None:
    names = [metric.name for metric in metrics]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)}: two metrics have this name")


def _header(metric: Metric) -> str:
    text = metric.help.replace("\\", "\\\\").replace("\n", "\\n")
    return f"# HELP {metric.name} {text}\n# TYPE {metric.name} {metric.kind}\n"


def _series_text(metric: Metric, labels: _Labels) -> str:
    return f"{metric.name}{_braced(_label_text(metric, labels))}"


def _label_text(metric: Metric, labels: _Labels) -> str:
    if len(labels) != len(metric.labels):
        raise ValueError(f"{metric.name} has {len(metric.labels)} labels {metric.labels}, not {labels!r}")
    for name, value in zip(metric.labels, labels, strict=True):
        if not isinstance(value, str):
            raise TypeError(f"{metric.name}: label {name} must be text, not {value!r}")
    # To Prometheus an empty label is no label.
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in zip(metric.labels, labels, strict=True) if value)


def _escaped(value: str) -> str:
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    # Half a surrogate pair has no UTF-8 form and would cost the whole page. All else stays, NUL
    # included, which the format allows and Prometheus reads.
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _braced(labels: str) -> str:
    return f"{{{labels}}}" if labels else ""


def _histogram_lines(name: str, labels: str, value: float | Histogram) -> list[str]:
    if not isinstance(value, Histogram):
        raise TypeError(f"{name} takes histograms, not {value!r}")
    _check_histogram(name, value)
    start = f"{name}_bucket{{{labels}," if labels else f"{name}_bucket{{"
    lines = [
        f"{start}{bound} {value_text(count)}\n"
        for bound, count in zip(_bound_labels(value.bounds), value.cumulative, strict=True)
    ]
    braced = _braced(labels)
    lines.append(f"{name}_sum{braced} {value_text(value.total)}\n")
    lines.append(f"{name}_count{braced} {value_text(value.cumulative[-1])}\n")
    return lines


def _check_histogram(name: str, value: Histogram) -> None:
    bounds, counts = value.bounds, value.cumulative
    if len(bounds) != len(counts) or not bounds or bounds[-1] != math.inf:
        raise ValueError(f"{name}: a histogram needs a count for each bound, the last bound being infinity")
    if any(low >= high for low, high in pairwise(bounds)):
        raise ValueError(f"{name}: bounds must increase, not {bounds}")
    if counts[0] < 0 or any(low > high for low, high in pairwise(counts)):
        raise ValueError(f"{name}: cumulative counts must not decrease, not {counts}")


# A model has a handful of bucket layouts, all of them from its configuration.
@cache
def _bound_labels(bounds: tuple[float, ...]) -> tuple[str, ...]:
    return tuple(f'le="{bound_text(bound)}"}}' for bound in bounds)


@cache
def _process_registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry
