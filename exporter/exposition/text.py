"""Snapshots as text, for Prometheus (0.0.4) and as OpenMetrics (1.0.0).

Written by hand: most of the cost of a page is the label text, and that hardly changes from one
evaluation to the next, so it is built once per series and kept. Both formats share the lines of
samples; only what heads a family differs, and the samples that carry exemplars. The formats:
https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain, pairwise, repeat
from typing import NamedTuple

from exporter.catalogue import Kind, Metric
from exporter.exposition.page import Format, Page
from exporter.exposition.process import process_samples
from exporter.snapshot import Exemplar, Family, Histogram, Sample, Snapshot, snapshot_of

_SURROGATE = re.compile("[\ud800-\udfff]")

# From here on Go writes an exponent; see bound_text.
_GO_EXPONENT_FROM = 1e6
_TOTAL = "_total"

_labels_of = operator.attrgetter("labels")

_Labels = tuple[str, ...]


class _Series(NamedTuple):
    """The series of a family, side by side: a mapping would take as much again as the texts."""

    labels: tuple[_Labels, ...]
    texts: tuple[str, ...]


_NO_SERIES = _Series((), ())


class _Block(NamedTuple):
    """A family as it is written: what heads it in each format, and its samples."""

    text_header: bytes
    openmetrics_header: bytes
    samples: bytes
    samples_with_exemplars: bytes


class Renderer:
    """Renders one snapshot after another; keeps the text of the series that the last one had.

    Not safe for use by several threads at once: one worker renders, scrapes serve the result.
    """

    def __init__(self) -> None:
        self._series: dict[Metric, _Series] = {}

    def page(self, snapshot: Snapshot) -> Page:
        """Return the page: families in the order of the snapshot, UTF-8, each line ended by LF.

        A sample that does not fit its metric is an error of ours and is never written: ValueError for
        a wrong number of labels or exemplars, a repeated series or family, NaN (missing data is an absent series)
        or a broken histogram; TypeError for a label that is not text and a value of the wrong kind.
        """
        kept: dict[Metric, _Series] = {}
        blocks: list[_Block] = []
        for family in snapshot.families:
            if family.samples:
                kept[family.metric], block = self._write(family)
                blocks.append(block)
        _refuse_repeated_families(kept)
        # Only what was just written is kept, so the cache cannot outgrow the page.
        self._series = kept
        return Page(
            chain.from_iterable((block.text_header, block.samples) for block in blocks),
            chain.from_iterable((block.openmetrics_header, block.samples_with_exemplars) for block in blocks),
        )

    def render(self, snapshot: Snapshot, form: Format = Format.TEXT) -> bytes:
        """Return the page as a whole document in one format; raises as ``page`` does."""
        return self.page(snapshot).document(form)

    def _write(self, family: Family) -> tuple[_Series, _Block]:
        metric = family.metric
        series = _series_texts(family, self._series.get(metric, _NO_SERIES))
        write = _histogram_lines if metric.kind is Kind.HISTOGRAM else _value_lines
        samples = "".join(write(family, series.texts, with_exemplars=False)).encode()
        has_exemplars = any(sample.exemplars for sample in family.samples)
        marked = "".join(write(family, series.texts, with_exemplars=True)).encode() if has_exemplars else samples
        headers = _text_header(metric).encode(), _openmetrics_header(metric).encode()
        return series, _Block(*headers, samples, marked)


def live_tail(own: Snapshot | None = None) -> Page:
    """Return what is true at the moment of the scrape: ``own`` families and ``process_*``.

    ``own`` must share no family with the page that it follows, since a family may stand only once.
    """
    return Renderer().page(snapshot_of([*(own or ()), *process_samples()]))


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
    labels = tuple(map(_labels_of, family.samples))
    if known.labels == labels and all(sample.metric is metric for sample in family.samples):
        # The usual case; to keep the same objects keeps memory in one piece.
        return known
    kept = dict(zip(*known, strict=True))
    for sample in family.samples:
        if sample.metric is not metric and sample.metric != metric:
            raise ValueError(f"{metric.name}: the family holds a sample of {sample.metric.name}")
    texts = tuple(kept.get(each) or build(metric, each) for each in labels)
    _refuse_repeated_series(family, texts)
    return _Series(labels, texts)


def _refuse_repeated_series(family: Family, texts: Iterable[str]) -> None:
    # By text: two labels that differ only in what UTF-8 cannot hold are one label on the page.
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise ValueError(f"{family.metric.name}: the series {text} is there twice")
        seen.add(text)


def _refuse_repeated_families(metrics: dict[Metric, _Series]) -> None:
    names = [metric.name for metric in metrics]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)}: two metrics have this name")


def _text_header(metric: Metric) -> str:
    text = metric.help.replace("\\", "\\\\").replace("\n", "\\n")
    return f"# HELP {metric.name} {text}\n# TYPE {metric.name} {metric.kind}\n"


def _openmetrics_header(metric: Metric) -> str:
    name = metric.name
    if metric.kind is Kind.COUNTER:
        # Here a family has one name and its samples another; what is no total could not be told from other counters.
        if not name.endswith(_TOTAL):
            raise ValueError(f"{name}: the name of a counter ends in {_TOTAL}")
        name = name.removesuffix(_TOTAL)
    header = f"# HELP {name} {_escaped(metric.help)}\n# TYPE {name} {metric.kind}\n"
    # A unit has to be the end of the name.
    return f"{header}# UNIT {name} {metric.unit}\n" if metric.unit and name.endswith(f"_{metric.unit}") else header


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


def _value_lines(family: Family, texts: Iterable[str], *, with_exemplars: bool) -> list[str]:
    metric, pairs = family.metric, zip(texts, family.samples, strict=True)
    if not with_exemplars:
        return [f"{text} {value_text(sample.value)}\n" for text, sample in pairs]
    if metric.kind is not Kind.COUNTER:
        raise ValueError(f"{metric.name}: only counters and histograms have exemplars")
    return [f"{text} {value_text(sample.value)}{_marks(metric, sample, 1)[0]}\n" for text, sample in pairs]


def _histogram_lines(family: Family, texts: Iterable[str], *, with_exemplars: bool) -> list[str]:
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
    name = _escaped(exemplar.request_id)
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
