"""Where numbers stand among a few positive limits, whose distances grow with them: a search without its steps.

The bits of a positive float, read as a whole number, grow with it: the first of them are its power of two and a part of that.
A table says for each such part how many limits lie in lower ones. With at most one limit to a part a comparison with that
one is all that is left, as in ``exporter.reference.edge_index``, whose parts are equally wide.
"""

from __future__ import annotations

import numpy as np

from exporter.statistics.arrays import Counts, Floats

_MANTISSA = 52
# Powers of two are cut into 2 ** 10 parts at most, and there are no more than so many in all.
_FINEST, _MOST = 10, 1 << 16


class Ladder:
    """The increasing ``limits`` (k,), one at least; where they are not positive, nearly the same, or far apart, values are searched.

    >>> Ladder(np.array([0.1, 1.0, 5.0])).below(np.array([0.1, 0.2, 5.0, 9.0])).tolist()
    [0, 1, 2, 3]
    """

    __slots__ = ("_before", "_first", "_limits", "_shift")

    def __init__(self, limits: Floats) -> None:
        self._limits = np.array(limits, np.float64)
        self._before: Counts | None = None
        for bits in range(_FINEST + 1) if self._limits[0] > 0 else ():
            self._shift = _MANTISSA - bits
            parts = self._limits.view(np.int64) >> self._shift
            if parts[-1] - parts[0] >= _MOST:
                break
            if (np.diff(parts) > 0).all():
                self._first = int(parts[0])
                self._before = np.searchsorted(parts, np.arange(parts[0], parts[-1] + 1))
                break

    def below(self, values: Floats) -> Counts:
        """Return how many limits are less than each of ``values`` (n,), none of which is NaN."""
        if self._before is None:
            return np.searchsorted(self._limits, values).astype(np.int64, copy=False)
        parts = np.clip(values, self._limits[0], self._limits[-1]).view(np.int64) >> self._shift
        parts -= self._first
        found = self._before.take(parts)
        found += values > self._limits.take(found)
        return found
