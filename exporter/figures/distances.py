"""Distances between the window's distribution of a column and the reference's: one line for each method."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter.configuration.drift import Drift
from exporter.reference.profile import NumericColumn
from exporter.statistics.chi_square import cramers_v
from exporter.statistics.jensen_shannon import jensen_shannon
from exporter.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from exporter.statistics.l_infinity import l_infinity
from exporter.statistics.population_stability import population_stability
from exporter.statistics.slot_distances import slot_distances
from exporter.statistics.tails import tail_excess
from exporter.statistics.wasserstein import wasserstein

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


class Numbers(NamedTuple):
    """A numeric column of the reference and of the window.

    ``column`` has the edges and the reference's counts by slot and sums by gap, ``counts`` and ``sums`` are the window's;
    ``reference_bins`` and ``bins`` count by bin of PSI.
    """

    column: NumericColumn
    counts: Counts
    sums: Floats
    reference_bins: Counts
    bins: Counts

    @property
    def rows(self) -> int:
        """The window's rows with a value; every slot is in a bin, and those are few."""
        return sum(self.bins.tolist())


class Classes(NamedTuple):
    """Counts by category of the reference and of the window."""

    reference: Counts
    counts: Counts

    @property
    def rows(self) -> int:
        """The window's rows with a value."""
        return int(self.counts.sum())


def _wasserstein(data: Numbers) -> float:
    return wasserstein(data.column.edges, data.column.counts, data.column.sums, data.counts, data.sums)


def _normed(distance: float, data: Numbers) -> float:
    # A constant has no spread to measure distances in.
    return distance / data.column.std if data.column.std > 0 else float("nan")


NUMERIC: Mapping[str, Callable[[Numbers, Drift], float]] = {
    "ks": lambda data, _: kolmogorov_smirnov(data.column.counts, data.counts),
    "psi": lambda data, drift: population_stability(data.reference_bins, data.bins, floor=drift.psi.floor),
    "js": lambda data, _: jensen_shannon(data.reference_bins, data.bins),
    "wasserstein": lambda data, _: _wasserstein(data),
    "wasserstein_normed": lambda data, _: _normed(_wasserstein(data), data),
    "tail": lambda data, _: tail_excess(data.column.counts, data.counts),
}
_BY_SLOT = frozenset({"ks", "wasserstein", "wasserstein_normed", "tail"})
CATEGORICAL: Mapping[str, Callable[[Classes, Drift], float]] = {
    "psi": lambda data, drift: population_stability(data.reference, data.counts, floor=drift.psi.floor),
    "js": lambda data, _: jensen_shannon(data.reference, data.counts),
    "chi2": lambda data, _: cramers_v(data.reference, data.counts),
    "linf": lambda data, _: l_infinity(data.reference, data.counts),
}


def scores(data: Numbers | Classes, drift: Drift) -> Iterator[tuple[str, float]]:
    """Yield each method that the configuration names with its score, NaN where there is none."""
    if isinstance(data, Classes):
        yield from ((method, CATEGORICAL[method](data, drift)) for method in drift.categorical)
        return
    known = _at_once(data, drift)
    for method in drift.numeric:
        yield method, known[method] if method in known else NUMERIC[method](data, drift)


def _at_once(data: Numbers, drift: Drift) -> Mapping[str, float]:
    """Return the scores that compiled code finds in one go, if any of them is asked for."""
    if _BY_SLOT.isdisjoint(drift.numeric):
        return {}
    found = slot_distances(data.column.edges, data.column.counts, data.column.sums, data.counts, data.sums)
    if found is None:
        return {}
    return {
        "ks": found.kolmogorov_smirnov,
        "wasserstein": found.wasserstein,
        "wasserstein_normed": _normed(found.wasserstein, data),
        "tail": found.tail_excess,
    }
