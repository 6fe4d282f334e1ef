"""Which slot of a numeric column does a value fall in: exact, and several times faster than a search.

A binary search pays for a mispredicted branch at each of its levels. Here a value is first turned into
a cell number by arithmetic, and only its neighbourhood is compared:

1. *Coarse cells* of equal width cover the bulk of the edges.
2. Each coarse cell is cut into equal *sub-cells*, in proportion to the edges inside it, so that skewed
   edges are spread as evenly as uniform ones.
3. A table says, for each sub-cell, how many edges lie in sub-cells before it and which edge comes next.
   When at most one edge shares the value's sub-cell, comparing with that edge gives the answer.
   Values whose sub-cell holds several edges are searched, and they are few.

The tables are small rather than without any crowded sub-cell: those of all columns of a model compete for the processor's
caches, and to wait for them takes longer than a short search now and then.

Exactness rests on one property only: the sub-cell number is a non-decreasing function of the value, in
floating-point arithmetic too. Then an edge in a lower sub-cell is below the value, one in a higher
sub-cell above it, whatever the rounding. Edges are numbered by the same code as values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exporter.extensions import extension

native = extension("exporter.reference._edge_slots")

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# Below this many values the grid's dozen array calls cost more than a search.
SMALL_BATCH = 192
# Values handled at once: the intermediate arrays then stay in the processor's second-level cache.
CHUNK = 8192
# A search over so few edges has too few levels to be worth avoiding.
FEW_EDGES = 8
SUB_CELLS_PER_EDGE = 4
MAX_COARSE_CELLS = 2048
# Shares of the edges left outside the coarse cells at either end; the best one is taken.
TRIMS = (0.0, 0.002, 0.01, 0.05)
# With no more than this share of edges in crowded sub-cells, somewhat more than chance brings about, no other trim is tried.
GOOD_CROWDED_SHARE = 0.25
# With more than this share of edges in crowded sub-cells a grid is no help to NumPy, which searches among all edges then.
MAX_CROWDED_SHARE = 0.4


class EdgeIndex:
    """Slot numbers for the edges ``e[0] < … < e[k-1]`` of a column (see ``exporter.reference.profile``).

    ``edges`` (k,) finite and strictly increasing, k may be 0; raises ``ValueError`` otherwise.

    >>> EdgeIndex(np.array([1.0, 2.0])).slots(np.array([0.5, 1.0, 1.5, 2.0, 9.0])).tolist()
    [0, 1, 2, 3, 4]
    """

    __slots__ = ("_grid", "_padded")

    def __init__(self, edges: Floats) -> None:
        edges = np.array(edges, dtype=np.float64)
        if edges.ndim != 1 or not np.isfinite(edges).all() or (edges[1:] <= edges[:-1]).any():
            msg = "edges must be one-dimensional, finite and strictly increasing"
            raise ValueError(msg)
        # The extra NaN equals no value, so a value above every edge needs no special case.
        self._padded = np.append(edges, np.nan)
        self._grid = _best_grid(edges)

    @property
    def edges(self) -> Floats:
        return self._padded[:-1]

    @property
    def number_of_slots(self) -> int:
        return 2 * self.edges.size + 1

    @property
    def nbytes(self) -> int:
        grid = self._grid
        tables = (grid.slope, grid.offset, grid.before) if grid is not None else ()
        return self._padded.nbytes + sum(table.nbytes for table in tables)

    def slots(self, values: Floats) -> Integers:
        """Return the slot (0..2k) of each of ``values`` (n,), which must be finite.

        Equal to ``2 * searchsorted(edges, values, "left")``, plus one where a value equals its edge.
        """
        values = np.ascontiguousarray(values, dtype=np.float64)
        if self._grid is not None and native is not None:
            return self._found(values, self._grid)
        if self._grid is None or values.size < SMALL_BATCH:
            return self._search(values)
        if values.size <= CHUNK:
            return self._look_up(values, self._grid)
        slots = np.empty(values.size, dtype=np.intp)
        for start in range(0, values.size, CHUNK):
            slots[start : start + CHUNK] = self._look_up(values[start : start + CHUNK], self._grid)
        return slots

    def tally(self, values: Floats, counts: NDArray[np.int64], sums: Floats | None = None) -> None:
        """Count finite ``values`` (n,) by slot in ``counts`` (2k+1,), and add those between edges to ``sums`` (k+1,).

        A sum that goes past the largest float is infinite.
        """
        values = np.ascontiguousarray(values, dtype=np.float64)
        if self._grid is not None and native is not None:
            native.tally(self._index(self._grid), values, counts, np.empty(0) if sums is None else sums)
            return
        slots = self.slots(values)
        counts += np.bincount(slots, minlength=self.number_of_slots)
        if sums is not None:
            between = slots % 2 == 0
            with np.errstate(over="ignore", invalid="ignore"):
                np.add.at(sums, slots[between] // 2, values[between])

    def _found(self, values: Floats, grid: _Grid) -> Integers:
        slots = np.empty(values.size, np.int64)
        native.find(self._index(grid), values, slots)
        return slots

    def _index(self, grid: _Grid) -> tuple[Any, ...]:
        """Return what the compiled functions want to know."""
        tables = self._padded, grid.slope, grid.offset, grid.before
        return *tables, grid.before.itemsize, grid.low, grid.high, grid.scale

    def _search(self, values: Floats) -> Integers:
        found = self._padded[:-1].searchsorted(values)
        equal = self._padded[found] == values
        found *= 2
        found += equal
        return found

    def _look_up(self, values: Floats, grid: _Grid) -> Integers:
        cells = grid.cells(values)
        slots = grid.before.take(cells).astype(np.intp)
        # What is made of numbers below zero, in crowded cells, is replaced in the end.
        edge = self._padded.take(slots)
        crowded = np.flatnonzero(slots < 0) if grid.crowded else None
        slots += slots
        # An equal edge moves the value one slot up, a smaller one two.
        slots += values >= edge
        slots += values > edge
        if crowded is not None and crowded.size:
            slots[crowded] = self._search(values[crowded])
        return slots


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Tables by coarse cell (``slope``, ``offset``) and by sub-cell (``before``).

    ``before`` says how many edges lie in lower sub-cells, which is the place of the only edge in this one,
    or else of the next one above it; where the sub-cell is crowded it is as far below -1. It is most of what an index
    takes, and so in the smallest type that holds the edges' number.
    """

    low: float
    high: float
    scale: float
    slope: Floats
    offset: Floats
    before: NDArray[np.signedinteger[Any]]
    crowded: int

    def cells(self, values: Floats) -> Integers:
        return _cells(values, self.low, self.high, self.scale, self.slope, self.offset)


def _cells(values: Floats, low: float, high: float, scale: float, slope: Floats, offset: Floats) -> Integers:
    """Return the sub-cell of each value: a non-decreasing function of it.

    Clipping, subtracting a constant, multiplying by a positive constant and truncating are monotone
    under rounding. So is ``slope * position + offset`` inside a coarse cell; and as slopes, offsets and
    the limits of coarse cells are whole numbers, it never rounds past the sub-cells of its own cell.
    """
    position = np.maximum(values, low)
    np.minimum(position, high, out=position)
    position -= low
    position *= scale
    coarse = position.astype(np.intp)
    position *= slope.take(coarse)
    position += offset.take(coarse)
    return position.astype(np.intp)


def _best_grid(edges: Floats) -> _Grid | None:
    if edges.size < FEW_EDGES:
        return None
    best: _Grid | None = None
    for trim in TRIMS:
        grid = _grid(edges, trim)
        if grid is not None and (best is None or grid.crowded < best.crowded):
            best = grid
        # To build a grid takes as long as to look up some ten thousand values.
        if best is not None and best.crowded <= GOOD_CROWDED_SHARE * edges.size:
            break
    # Compiled code searches among the edges of a crowded sub-cell alone.
    share = 1.0 if native is not None else MAX_CROWDED_SHARE
    return best if best is not None and best.crowded <= share * edges.size else None


def _grid(edges: Floats, trim: float) -> _Grid | None:
    """Build the grid whose coarse cells leave out the share ``trim`` of the edges at either end."""
    outside = int(trim * edges.size)
    low, high = float(edges[outside]), float(edges[-1 - outside])
    count = min(MAX_COARSE_CELLS, max(16, edges.size))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        scale = float(count / np.float64(high - low))
        # Rounding may lift the last position to the next whole number or past it: two cells to spare.
        reaches = (np.float64(high) - low) * scale
    if not (np.isfinite(scale) and reaches < count + 1):
        return None
    slope, offset, total = _subdivision(edges, low, high, scale, count + 2)
    cells = _cells(edges, low, high, scale, slope, offset)
    tally = np.bincount(cells, minlength=total)
    before = np.cumsum(tally) - tally
    is_crowded = tally > 1
    kind = np.int16 if edges.size <= np.iinfo(np.int16).max else np.int32
    return _Grid(
        low=low,
        high=high,
        scale=scale,
        slope=slope,
        offset=offset,
        before=np.where(is_crowded, -1 - before, before).astype(kind),
        crowded=int(tally[is_crowded].sum()),
    )


def _subdivision(edges: Floats, low: float, high: float, scale: float, count: int) -> tuple[Floats, Floats, int]:
    """Return slope and offset by coarse cell, and the number of sub-cells."""
    whole = _cells(edges, low, high, scale, np.ones(count), np.zeros(count))
    parts = 1 + SUB_CELLS_PER_EDGE * np.bincount(whole, minlength=count)
    start = np.cumsum(parts) - parts
    offset = start - np.arange(count) * parts
    return parts.astype(np.float64), offset.astype(np.float64), int(parts.sum())
