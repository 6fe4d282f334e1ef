"""Positive values in logarithmic buckets: quantiles of known relative error from additive counts.

Bucket limits grow by a constant factor, so that a value and its bucket's representative differ by at
most ``RELATIVE_ERROR`` of the value. C. Masson, J. E. Rim and H. K. Lee, "DDSketch: a fast and
fully-mergeable quantile sketch with relative-error guarantees", PVLDB 12 (2019).

    slot 0              values up to MINIMUM, zero and negative ones too; they count as MINIMUM
    slot i              values in (LIMITS[i - 1], LIMITS[i]]
    slot SLOTS - 1      values above MAXIMUM; they count as MAXIMUM

For latencies in seconds that is: exact to a microsecond below a microsecond, to 1 % up to 27 hours.
"""

from __future__ import annotations

import math

import numpy as np

from exporter.statistics.arrays import Counts, Floats
from exporter.statistics.ladder import Ladder

RELATIVE_ERROR = 0.01
MINIMUM = 1e-6
MAXIMUM = 1e5

# A bucket (a, b] and the representative 2ab / (a + b) err by (b - a) / (b + a) of the value at most,
# which is RELATIVE_ERROR for b / a as below; rounding the number of buckets up makes it a little less.
_WIDEST = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
LIMITS: Floats = np.geomspace(MINIMUM, MAXIMUM, math.ceil(math.log(MAXIMUM / MINIMUM, _WIDEST)) + 1)
SLOTS = len(LIMITS) + 1
_LADDER = Ladder(LIMITS)
_REPRESENTATIVES: Floats = np.concatenate(
    ([MINIMUM], 2 * LIMITS[:-1] * LIMITS[1:] / (LIMITS[:-1] + LIMITS[1:]), [MAXIMUM])
)


def bucket_of(values: Floats) -> Counts:
    """Return the slot of each value, (n,) -> (n,); the caller has left out NaN.

    >>> bucket_of(np.array([0.0, 1e-6, 1e9])).tolist() == [0, 0, SLOTS - 1]
    True
    """
    return _LADDER.below(values)


def quantile(counts: Counts, q: float) -> float:
    """Return the quantile ``q`` in [0, 1] of the values counted in ``counts`` (SLOTS,); NaN without rows.

    Interpolates linearly between the two order statistics around q (n - 1), as ``numpy.quantile``
    does, each taken as its bucket's representative. A mean of positive numbers is off by no more, in
    relation, than they are: within the range the result is within RELATIVE_ERROR of numpy's.

    >>> values = np.array([0.010, 0.020, 0.400])
    >>> counts = np.bincount(bucket_of(values), minlength=SLOTS)
    >>> abs(quantile(counts, 0.5) / 0.020 - 1) < RELATIVE_ERROR
    True
    """
    running = np.cumsum(counts)
    if not running[-1]:
        return float("nan")
    position = q * (int(running[-1]) - 1)
    low, high = _REPRESENTATIVES[np.searchsorted(running, [math.floor(position), math.ceil(position)], side="right")]
    return float(low + (position - math.floor(position)) * (high - low))


def largest(counts: Counts) -> float:
    """Return the largest value, within RELATIVE_ERROR; NaN without rows."""
    return quantile(counts, 1.0)
