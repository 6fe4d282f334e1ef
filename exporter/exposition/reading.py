"""Reads a published page back into samples: what Prometheus sees is what there is to show to people.

Nothing but the page outlives an evaluation, since samples take many times the bytes of their text. So who looks pays.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from exporter.catalogue import Kind, Metric
from exporter.exposition.lines import Labels, escaped
from exporter.exposition.page import Format, Page
from exporter.snapshot import Sample

_PAIR = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"', re.ASCII)
_ESCAPE = re.compile(r"\\(.)")
_MEANT = {"n": "\n"}
_OF_A_VERSION = ',model_version="'


def samples_of(
    page: Page, model: str, metrics: Collection[Metric], of_versions: Collection[Metric] = ()
) -> Iterator[Sample]:
    """Yield a model's samples of some gauges and counters, those of single versions only where they are asked for.

    ``metrics`` all start with the label ``model_name``. Labels that a series does not have are ``""``. Histograms and
    exemplars are not read.
    """
    wanted = {metric.name: metric for metric in metrics if metric.kind is not Kind.HISTOGRAM}
    start = f'{{model_name="{escaped(model)}"'
    for name, labels, value in _lines(page, start, wanted):
        metric = wanted[name]
        # A quote within a value is escaped, so this is the name of a label.
        if _OF_A_VERSION in labels and metric not in of_versions:
            continue
        yield Sample(metric, _values(metric, labels), float(value))


def _lines(page: Page, start: str, wanted: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Yield name, text of the labels and text of the value of the lines whose labels start as given."""
    for block in _blocks(page, start.encode(), wanted):
        # Not splitlines(), which takes some characters of labels for ends.
        for line in block.decode().split("\n"):
            name, _, rest = line.partition("{")
            if name in wanted and rest.startswith(start[1:]):
                labels, _, value = rest.rpartition("} ")
                yield name, labels, value


def _blocks(page: Page, start: bytes, wanted: Iterable[str]) -> Iterator[bytes]:
    """Yield the pieces of a page that may hold such lines."""
    names = frozenset(name.encode() for name in wanted)
    for piece in page.pieces(Format.TEXT):
        is_of_one_family = not piece.startswith(b"#")
        if is_of_one_family and piece[: piece.find(b"{")] not in names:
            continue
        if start in piece:
            yield piece


def _values(metric: Metric, text: str) -> Labels:
    """Return the values of a metric's labels, in the metric's order."""
    if "\\" in text:
        found = {name: _ESCAPE.sub(_meant, value) for name, value in _PAIR.findall(text)}
    else:
        # name=, value, ,name=, value, ... and nothing after the last quote.
        parts = text.split('"')
        found = dict(zip((name.strip(",=") for name in parts[:-1:2]), parts[1::2], strict=True))
    return tuple(found.get(label, "") for label in metric.labels)


def _meant(match: re.Match[str]) -> str:
    return _MEANT.get(match[1], match[1])
