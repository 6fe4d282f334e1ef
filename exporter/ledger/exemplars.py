"""One request for each figure that somebody may want to look into: the newest one of each latency bucket and error type.

Exemplars live in memory only. What they point at are logs that are looked into soon or never, and no figure rests on
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from exporter import catalogue
from exporter.counting.contributions import latency_bucket
from exporter.counting.layout import Layout
from exporter.rows.record import IdentifiedPredictions
from exporter.snapshot import Exemplar, Sample

_CLIENT, _SERVER = "client", "server"
_Places = dict[int, Exemplar]
_Indices = NDArray[np.intp]


class Exemplars:
    """The exemplars of one model, by version; of requests of the same time the one read last stays."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._latency: dict[str, _Places] = {}
        self._errors: dict[str, dict[str, Exemplar]] = {}

    def observe(self, rows: IdentifiedPredictions) -> None:
        """Look for newer requests among some rows; those without an id that can be shown are passed over."""
        named = np.flatnonzero(rows.ids != "")
        for code in np.unique(rows.version[named]).tolist():
            mine = named[rows.version[named] == code]
            version = self._layout.versions.text(code)
            self._observe_latency(version, rows, mine[~np.isnan(rows.latency[mine])])
            failed, server = rows.status[mine] >= 400, rows.status[mine] >= 500
            self._observe_errors(version, _CLIENT, rows, mine[failed & ~server])
            self._observe_errors(version, _SERVER, rows, mine[server])

    def forget(self, version: str) -> None:
        self._latency.pop(version, None)
        self._errors.pop(version, None)

    def marked(self, version: str, samples: Iterable[Sample]) -> Iterator[Sample]:
        """Yield samples of a version's counters, with exemplars where there are any."""
        latency, errors = self._latency.get(version, {}), self._errors.get(version, {})
        for sample in samples:
            if sample.metric is catalogue.REQUEST_DURATION and latency:
                places = range(len(self._layout.latency_bounds) + 1)
                yield sample._replace(exemplars=tuple(map(latency.get, places)))
            elif sample.metric is catalogue.ERRORS and (exemplar := errors.get(sample.labels[-1])):
                yield sample._replace(exemplars=(exemplar,))
            else:
                yield sample

    def _observe_latency(self, version: str, rows: IdentifiedPredictions, mine: _Indices) -> None:
        if not len(mine):
            return
        order = mine[np.argsort(rows.time[mine], kind="stable")]
        buckets = latency_bucket(self._layout, rows.latency[order])
        places = self._latency.setdefault(version, {})
        # In order of time, so of each bucket the newest is what stays.
        for bucket, row in dict(zip(buckets.tolist(), order.tolist(), strict=True)).items():
            found = _exemplar(rows, row, float(rows.latency[row]))
            places[bucket] = _newer(places.get(bucket), found)

    def _observe_errors(self, version: str, kind: str, rows: IdentifiedPredictions, mine: _Indices) -> None:
        if len(mine):
            # The last one of the greatest: of equals the one read last.
            row = mine[::-1][int(rows.time[mine][::-1].argmax())]
            kept = self._errors.setdefault(version, {})
            kept[kind] = _newer(kept.get(kind), _exemplar(rows, int(row), 1.0))


def _exemplar(rows: IdentifiedPredictions, row: int, value: float) -> Exemplar:
    return Exemplar(str(rows.ids[row]), value, int(rows.time[row]))


def _newer(known: Exemplar | None, found: Exemplar) -> Exemplar:
    return known if known and known.time > found.time else found
