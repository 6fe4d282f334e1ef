"""The lines of samples: their labels, their values, and the exemplars that OpenMetrics puts behind these."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise, repeat

from exporter.catalogue import Kind, Metric
from exporter.snapshot import Exemplar, Family, Histogram, Sample

_SURROGATE = re.compile("[\ud800-\udfff]")

# From here on Go writes an exponent; see bound_text.
_GO_EXPONENT_FROM = 1e6

Labels = tuple[str, ...]


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


def series_text(metric: Metric, labels: Labels) -> str:
    return f"{metric.name}{_braced(label_text(metric, labels))}"


def label_text(metric: Metric, labels: Labels) -> str:
    if len(labels) != len(metric.labels):
        raise ValueError(f"{metric.name} has {len(metric.labels)} labels {metric.labels}, not {labels!r}")
    for name, value in zip(metric.labels, labels, strict=True):
        if not isinstance(value, str):
            raise TypeError(f"{metric.name}: label {name} must be text, not {value!r}")
    # To Prometheus an empty label is no label.
    return ",".join(f'{name}="{escaped(value)}"' for name, value in zip(metric.labels, labels, strict=True) if value)


def escaped(value: str) -> str:
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    # Half a surrogate pair has no UTF-8 form and would cost the whole page. All else stays, NUL
    # included, which the format allows and Prometheus reads.
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _braced(labels: str) -> str:
    return f"{{{labels}}}" if labels else ""


def value_lines(family: Family, texts: Iterable[str], *, with_exemplars: bool) -> list[str]:
    metric, pairs = family.metric, zip(texts, family.samples, strict=True)
    if not with_exemplars:
        return [f"{text} {value_text(sample.value)}\n" for text, sample in pairs]
    if metric.kind is not Kind.COUNTER:
        raise ValueError(f"{metric.name}: only counters and histograms have exemplars")
    return [f"{text} {value_text(sample.value)}{_marks(metric, sample, 1)[0]}\n" for text, sample in pairs]


def histogram_lines(family: Family, texts: Iterable[str], *, with_exemplars: bool) -> list[str]:
    metric, lines = family.metric, list[str]()
    for labels, sample in zip(texts, family.samples, strict=True):
        if not isinstance(sample.value, Histogram):
            raise TypeError(f"{metric.name} takes histograms, not {sample.value!r}")
        _check_histogram(metric.name, sample.value)
        marks = _marks(metric, sample, len(sample.value.bounds)) if with_exemplars else ()
        lines.extend(_one_histogram(metric.name, labels, sample.value, marks))
    return lines


def _one_histogram(name: str, labels: str, value: Histogram, marks: Sequence[str]) -> list[str]:
    start = f"{name}_bucket{{{labels}," if labels else f"{name}_bucket{{"
    lines = [
        f"{start}{bound} {value_text(count)}{mark}\n"
        for bound, count, mark in zip(
            _bound_labels(value.bounds), value.cumulative, marks or repeat("", len(value.bounds)), strict=True
        )
    ]
    braced = _braced(labels)
    lines.append(f"{name}_sum{braced} {value_text(value.total)}\n")
    lines.append(f"{name}_count{braced} {value_text(value.cumulative[-1])}\n")
    return lines


def _marks(metric: Metric, sample: Sample, places: int) -> list[str]:
    """Return what follows each value of a sample: its exemplar, or nothing."""
    if not sample.exemplars:
        return [""] * places
    if len(sample.exemplars) != places:
        raise ValueError(f"{metric.name}: {len(sample.exemplars)} exemplars for {places} values")
    return [_mark(exemplar) if exemplar else "" for exemplar in sample.exemplars]


def _mark(exemplar: Exemplar) -> str:
    name = escaped(exemplar.request_id)
    return f' # {{request_id="{name}"}} {value_text(exemplar.value)} {value_text(exemplar.time / 1e6)}'


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
