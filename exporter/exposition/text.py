"""Snapshots as text, for Prometheus (0.0.4) and as OpenMetrics (1.0.0).

Written by hand: most of the cost of a page is the label text, and that hardly changes from one
evaluation to the next, so it is cut out of the last page. Both formats share the lines of
samples; only what heads a family differs, and the samples that carry exemplars. The formats:
https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from exporter.catalogue import Kind, Metric
from exporter.exposition.lines import Labels, escaped, histogram_lines, label_text, series_text, value_lines
from exporter.exposition.page import Format, Page
from exporter.exposition.process import process_samples
from exporter.snapshot import Family, Snapshot, snapshot_of

_TOTAL = "_total"
_WINDOW = "window"

_labels_of = operator.attrgetter("labels")


class Block(NamedTuple):
    """The lines of a family's samples, the labels of the first and of the last one, and the windows that they are about."""

    lines: bytes
    lines_with_exemplars: bytes
    first: Labels
    last: Labels
    windows: frozenset[str]


Part = Mapping[Metric, Block]
"""What a snapshot has to say in a page."""


class _Known(NamedTuple):
    """What the last snapshot had of a family.

    ``labels`` is a hash (64 bits, with a key of this process) that stands for them: they would take as much again as the
    text, and that two follow one another of one hash is for once in 10 ** 19 changes.
    """

    labels: int
    block: Block


class Renderer:
    """Renders one snapshot after another; knows the text of the series that the last one had.

    Not safe for use by several threads at once: one worker renders, scrapes serve the result.
    """

    def __init__(self) -> None:
        self._known: dict[Metric, _Known] = {}

    def part(self, snapshot: Snapshot) -> Part:
        """Return the lines of each family.

        A sample that does not fit its metric is an error of ours and is never written: ValueError for
        a wrong number of labels or exemplars, a repeated series or family, NaN (missing data is an absent series)
        or a broken histogram; TypeError for a label that is not text and a value of the wrong kind.
        """
        families = [family for family in snapshot.families if family.samples]
        _refuse_repeated_families(family.metric for family in families)
        known = {family.metric: self._write(family) for family in families}
        # Only what was just written is known, so that it cannot outgrow the page.
        self._known = known
        return {metric: each.block for metric, each in known.items()}

    def page(self, snapshot: Snapshot) -> Page:
        """Return the page of one snapshot; raises as ``part`` does."""
        return page_of([self.part(snapshot)])

    def render(self, snapshot: Snapshot, form: Format = Format.TEXT) -> bytes:
        """Return the page as a whole document in one format; raises as ``part`` does."""
        return self.page(snapshot).document(form)

    def _write(self, family: Family) -> _Known:
        metric, samples = family.metric, family.samples
        _refuse_strangers(family)
        _headers(metric)
        labels = tuple(map(_labels_of, samples))
        signature = hash(labels)
        texts = self._texts(metric, labels, signature)
        write = histogram_lines if metric.kind is Kind.HISTOGRAM else value_lines
        lines = "".join(write(family, texts, with_exemplars=False)).encode()
        has_exemplars = any(sample.exemplars for sample in samples)
        marked = "".join(write(family, texts, with_exemplars=True)).encode() if has_exemplars else lines
        known, block = self._known.get(metric), Block(lines, marked, labels[0], labels[-1], _windows(metric, labels))
        # What says the same is the same: while a page is made, there are two of them.
        return known if known is not None and known.block == block else _Known(signature, block)

    def _texts(self, metric: Metric, labels: tuple[Labels, ...], signature: int) -> Sequence[str]:
        known = self._known.get(metric)
        if metric.kind is not Kind.HISTOGRAM and known is not None and known.labels == signature:
            return [line.rpartition(" ")[0] for line in known.block.lines.decode().split("\n")[:-1]]
        build = label_text if metric.kind is Kind.HISTOGRAM else series_text
        texts = [build(metric, each) for each in labels]
        _refuse_repeated_series(metric, texts)
        return texts


def page_of(parts: Iterable[Part]) -> Page:
    """Return the page that parts make together: families by name, blocks by their first labels, UTF-8, lines ended by LF.

    Raises ValueError where two parts have families of one name that are not of one metric, or may have a series in common:
    their labels overlap, and they are not about different windows.
    """
    families = families_of(parts)
    text: list[bytes] = []
    openmetrics: list[bytes] = []
    for metric in sorted(families, key=lambda metric: metric.name):
        blocks = families[metric]
        text_header, openmetrics_header = _headers(metric)
        text += text_header, *(block.lines for block in blocks)
        openmetrics += openmetrics_header, *(block.lines_with_exemplars for block in blocks)
    return Page(text, openmetrics)


def families_of(parts: Iterable[Part]) -> Mapping[Metric, Sequence[Block]]:
    """Return the blocks of each family by their first labels; raises as ``page_of`` does."""
    families: dict[Metric, list[Block]] = {}
    for part in parts:
        for metric, block in part.items():
            families.setdefault(metric, []).append(block)
    _refuse_repeated_families(families)
    return {metric: _in_order(metric, blocks) for metric, blocks in families.items()}


def _in_order(metric: Metric, blocks: list[Block]) -> list[Block]:
    """Return blocks, each of which is in order of its labels, by their first labels."""
    ordered = sorted(blocks, key=lambda block: block.first)
    before: list[Block] = []
    for block in ordered:
        # Those that end before this one begins also end before all that follow.
        before = [each for each in before if each.last >= block.first]
        for each in before:
            if not (each.windows and block.windows and each.windows.isdisjoint(block.windows)):
                raise ValueError(f"{metric.name}: two parts of the page have series from {block.first} to {each.last}")
        before.append(block)
    return ordered


def _windows(metric: Metric, labels: tuple[Labels, ...]) -> frozenset[str]:
    """Return the windows of a family's series; nothing of a family that is about none."""
    if _WINDOW not in metric.labels:
        return frozenset()
    return frozenset(map(operator.itemgetter(metric.labels.index(_WINDOW)), labels))


def live_tail(own: Snapshot | None = None) -> Page:
    """Return what is true at the moment of the scrape: ``own`` families and ``process_*``.

    ``own`` must share no family with the page that it follows, since a family may stand only once.
    """
    return Renderer().page(snapshot_of([*(own or ()), *process_samples()]))


def _refuse_strangers(family: Family) -> None:
    metric = family.metric
    for sample in family.samples:
        if sample.metric is not metric and sample.metric != metric:
            raise ValueError(f"{metric.name}: the family holds a sample of {sample.metric.name}")


def _refuse_repeated_series(metric: Metric, texts: Iterable[str]) -> None:
    # By text: two labels that differ only in what UTF-8 cannot hold are one label on the page.
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise ValueError(f"{metric.name}: the series {text} is there twice")
        seen.add(text)


def _refuse_repeated_families(metrics: Iterable[Metric]) -> None:
    repeated = sorted(name for name, times in Counter(metric.name for metric in metrics).items() if times > 1)
    if repeated:
        raise ValueError(f"{', '.join(repeated)}: two metrics have this name")


# There are as many as the catalogue has, and the process has families.
@cache
def _headers(metric: Metric) -> tuple[bytes, bytes]:
    """Return what heads a family as text and as OpenMetrics."""
    return _text_header(metric).encode(), _openmetrics_header(metric).encode()


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
    header = f"# HELP {name} {escaped(metric.help)}\n# TYPE {name} {metric.kind}\n"
    # A unit has to be the end of the name.
    return f"{header}# UNIT {name} {metric.unit}\n" if metric.unit and name.endswith(f"_{metric.unit}") else header
