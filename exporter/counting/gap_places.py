"""Sums of values between two neighbouring edges in half their bytes: where in the gap the values lie on average.

The number of values is counted anyway, and their mean lies between the edges. As a whole number of 32 bits it is known
to 2**-33 of the gap's width; only gaps are coded that are narrow against the edges' range, so a mean keeps twelve digits
of that range. What has no two edges around it, or a gap too wide, stays a sum.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter.counting.layout import Layout, NumericField
from exporter.counting.tally import NO_COUNTS, Counts, Keys, Sums, Tally
from exporter.extensions import extension

native = extension("exporter.counting._pane_vectors")

# A gap this many times narrower than the range of the edges is coded.
NARROW = 64

_STEPS = 2.0**32
_MOST = 2**31 - 1


class Gaps(NamedTuple):
    """By position of the sums, (s,) each: the count of the gap's values, the gap's middle, and its width (0: not coded).

    ``size`` is how many counts there are; 0 where nobody says.
    """

    counted: NDArray[np.int32]
    middle: Sums
    width: Sums
    size: int = 0

    @property
    def nbytes(self) -> int:
        return self.counted.nbytes + self.middle.nbytes + self.width.nbytes


NO_GAPS = Gaps(np.empty(0, np.int32), np.empty(0), np.empty(0))


def gaps_of(layout: Layout) -> Gaps:
    """Return the gaps of all numeric columns that have edges."""
    size = layout.sums_size
    gaps = Gaps(np.zeros(size, np.int32), np.zeros(size), np.zeros(size), layout.size)
    for field in (*layout.features, layout.prediction, layout.label, layout.score):
        if isinstance(field, NumericField) and len(field.index.edges) > 1:
            _note(field, gaps)
    return gaps


def _note(field: NumericField, gaps: Gaps) -> None:
    edges = field.index.edges
    with np.errstate(over="ignore"):
        width = np.diff(edges)
        # An infinite range makes every gap narrow, and infinite ones have no middle.
        is_narrow = (width * NARROW <= edges[-1] - edges[0]) & np.isfinite(width * NARROW)
    inner = field.sums.start + 1 + np.flatnonzero(is_narrow)
    gaps.counted[inner] = field.span.start + 2 * (inner - field.sums.start)
    gaps.middle[inner] = (edges[:-1] + width / 2)[is_narrow]
    gaps.width[inner] = width[is_narrow]


def places_of(gaps: Gaps, counts: Tally, sums: Tally) -> tuple[Tally, Tally]:
    """Return places of values in their gaps (never 0), by position of the sums, and the sums that are left."""
    if not len(gaps.width) or not len(sums):
        return NO_COUNTS, sums
    if native is not None:
        return _places_quickly(gaps, counts, sums)
    keys, rows = sums.keys, count_at(counts, gaps.counted[sums.keys])
    coded = (gaps.width[keys] > 0) & (rows > 0)
    places = _places(gaps, keys[coded], rows[coded], sums.values[coded])
    return Tally(keys[coded], places), Tally(keys[~coded], sums.values[~coded])


def _places_quickly(gaps: Gaps, counts: Tally, sums: Tally) -> tuple[Tally, Tally]:
    place_keys, places, left_keys = (np.empty(len(sums), np.int64) for _ in range(3))
    left, found = np.empty(len(sums)), (place_keys, places, left_keys)
    given = counts.keys, counts.values, sums.keys, sums.values
    count = native.find_places(gaps.counted, gaps.middle, gaps.width, *given, *found, left)
    others = len(sums) - count
    return Tally(place_keys[:count], places[:count]), Tally(left_keys[:others], left[:others])


def split_sums(gaps: Gaps, counts: Counts, sums: Sums) -> tuple[Counts, Tally]:
    """Do the same with vectors: return the places (s,), 0 where there are none, and the sums that are left; uses ``sums`` up."""
    if native is not None:
        places = np.zeros(len(sums), np.int64)
        native.split_sums(gaps.counted, gaps.middle, gaps.width, counts, sums, places)
        keys = np.flatnonzero(sums != 0)
        return places, Tally(keys, sums[keys])
    # To look for what is true is several times faster than for numbers.
    keys = np.flatnonzero(sums != 0)
    rows = counts[gaps.counted[keys]]
    coded = (gaps.width[keys] > 0) & (rows > 0)
    places = np.zeros(len(sums), np.int64)
    places[keys[coded]] = _places(gaps, keys[coded], rows[coded], sums[keys[coded]])
    return places, Tally(keys[~coded], sums[keys[~coded]])


def _places(gaps: Gaps, keys: Keys, rows: Counts, sums: Sums) -> Counts:
    """Return the places (n,) of some sums, given their positions and the rows in each."""
    off = (sums / rows - gaps.middle[keys]) / gaps.width[keys]
    places = np.fmax(np.fmin(np.rint(off * _STEPS), _MOST), -_MOST).astype(np.int64)
    # 0 says in a vector that nothing is there.
    places[places == 0] = 1
    return places


def add_sums(gaps: Gaps, rows: Counts, places: Tally, sums: Sums) -> None:
    """Add to the vector ``sums`` (s,) what ``places_of`` took out of them; ``rows`` (n,) are the counts of its gaps."""
    keys = places.keys
    means = gaps.middle[keys] + gaps.width[keys] * (places.values / _STEPS)
    np.add.at(sums, keys, means * rows)


def count_at(counts: Tally, keys: NDArray[np.int32]) -> Keys:
    """Return the counts at some keys (n,), 0 where there is none."""
    if not len(counts):
        return np.zeros(len(keys), np.int64)
    where = np.minimum(np.searchsorted(counts.keys, keys), len(counts) - 1)
    rows: Keys = np.where(counts.keys[where] == keys, counts.values[where], 0)
    return rows
