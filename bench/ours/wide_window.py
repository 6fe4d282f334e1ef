"""A window of 100,000 rows and 50 features from raw columns to KS (numbers), PSI and JS; the reference is prepared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from exporter.decoders.arrow_columns import column_of
from exporter.decoders.columns import CodeCache
from exporter.decoders.leaf import category
from exporter.decoders.typed import Encoded
from exporter.reference.edge_index import EdgeIndex
from exporter.rows.dictionary import Dictionary
from exporter.statistics.jensen_shannon import jensen_shannon
from exporter.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from exporter.statistics.population_stability import population_stability
from exporter.statistics.slots import bin_counts

EDGES = 10_000
_FLOOR = 1e-4
_LEAF = category("feature", ("feature",), frozenset({"text"}))


def prepare(folder: Path) -> Callable[[], float]:
    with np.load(folder / "wide-reference.npz") as reference:
        columns = [_column(reference[name]) for name in reference.files]
    with np.load(folder / "wide-window.npz") as window:
        # Texts as Arrow has them, which is how they come out of a Parquet file.
        data = [values if values.dtype == np.float64 else pa.array(values) for values in (window[n] for n in window)]

    def work() -> float:
        scores = [column.scores(values) for column, values in zip(columns, data, strict=True)]
        return sum(score[0] for score in scores[:35])

    return work


class _Numbers:
    def __init__(self, values: NDArray[np.float64]) -> None:
        self._cuts = np.unique(np.quantile(values, np.linspace(0.1, 0.9, 9), method="inverted_cdf"))
        self._index = EdgeIndex(np.union1d(_edges(values), self._cuts))
        self._counts = self._count(values)
        self._bins = bin_counts(self._index.edges, self._counts, self._cuts)

    def scores(self, values: NDArray[np.float64]) -> tuple[float, float, float]:
        counts = self._count(values)
        bins = bin_counts(self._index.edges, counts, self._cuts)
        return (
            kolmogorov_smirnov(self._counts, counts),
            population_stability(self._bins, bins, floor=_FLOOR),
            jensen_shannon(self._bins, bins),
        )

    def _count(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        counts = np.zeros(self._index.number_of_slots, np.int64)
        self._index.tally(values, counts)
        return counts


class _Texts:
    def __init__(self, values: NDArray[Any]) -> None:
        dictionary = Dictionary("feature", np.unique(values).tolist(), limit=100)
        self._codes = CodeCache(dictionary)
        self._size = dictionary.capacity
        self._counts = self._count(pa.array(values))

    def scores(self, values: pa.Array) -> tuple[float, float]:
        counts = self._count(values)
        return population_stability(self._counts, counts, floor=_FLOOR), jensen_shannon(self._counts, counts)

    def _count(self, values: pa.Array) -> NDArray[np.int64]:
        column = column_of(_LEAF, values)
        assert isinstance(column, Encoded)
        rows = np.bincount(column.places, minlength=len(column.values))
        counts = np.zeros(self._size, np.int64)
        np.add.at(counts, self._codes.codes(column.values), rows)
        return counts


def _column(values: NDArray[Any]) -> _Numbers | _Texts:
    return _Numbers(values) if values.dtype == np.float64 else _Texts(values)


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    distinct = np.unique(values)
    if len(distinct) <= EDGES:
        return distinct
    return np.unique(np.quantile(values, np.linspace(0, 1, EDGES), method="inverted_cdf"))
