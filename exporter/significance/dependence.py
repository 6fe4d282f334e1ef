"""How many independent rows the rows of a window are worth.

Neighbouring rows are alike: the same customer again, the same hour, the same batch. The shares of a window then vary more
than those of as many independent rows, by the *design effect* (L. Kish, "Survey Sampling", Wiley (1965)); the window is
worth its rows over that. It is estimated from how much the shares of consecutive blocks of rows differ, so nothing but
counts by block is needed, and those add up.

Assumed: rows are dependent over less than a block, blocks are alike. A rhythm of the day makes blocks differ and counts as
dependence: the window is then worth less, never more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from exporter.statistics.arrays import Counts, Flags, Floats

_Number = TypeVar("_Number", np.int64, np.float64)

# Blocks are merged while at least so many are left: fewer say too little, shorter ones miss long dependence.
FEWEST = 15
_FEWEST_GROUPS = 3
# The overall effect of independent rows is nearly normal around 1; further off than that it is no chance.
_DEVIATIONS = 2.0
# So many columns are looked at together: of more the arrays would be large.
_TOGETHER = 32


class DesignEffects(NamedTuple):
    """By how much a figure varies more than with independent rows, each 1 or more.

    ``overall`` is about the shares of bins one by one (PSI, Jensen-Shannon, chi-square), and ``unevenness`` says how much
    more the square of such a distance varies than if all directions in which shares can move were affected alike.
    ``cumulated`` is about the shares up to each bin's end (Kolmogorov-Smirnov), which slow movements touch most, and
    ``linear`` about the mean place among the bins (Wasserstein).
    """

    overall: float
    unevenness: float
    cumulated: float
    linear: float


INDEPENDENT = DesignEffects(1.0, 1.0, 1.0, 1.0)
# Where columns begin, of one.
_WHOLE: Counts = np.zeros(1, np.int64)


def design_effects(blocks: Counts) -> DesignEffects:
    """Return the design effects from rows by block, in order of time, and bin: (t, b).

    1 where there are too few blocks or bins to tell. The first two are those of J. N. K. Rao and A. J. Scott, "On
    chi-squared tests for multiway contingency tables", Annals of Statistics 12 (1984).
    """
    found = blocks[blocks.any(axis=1)]
    merged = _merged(found)
    if len(merged) < FEWEST:
        return INDEPENDENT
    # Short blocks tell best whether there is any dependence, long ones how much.
    is_dependent = len(merged) < len(found) and bool(_exceeds_chance(found, _WHOLE)[0])
    return _effects(merged, surely=is_dependent)


def effects_of_columns(blocks: Counts, starts: Sequence[int]) -> list[DesignEffects]:
    """Return the design effects of all columns, whose bins begin at ``starts``, from their rows by block and bin: (t, b)."""
    if len(blocks) < FEWEST:
        return [INDEPENDENT] * len(starts)
    stops, found = [*starts[1:], blocks.shape[1]], []
    for place in range(0, len(starts), _TOGETHER):
        some = slice(place, place + _TOGETHER)
        begin, end = starts[some][0], stops[some][-1]
        may_depend = _may_depend(blocks[:, begin:end], np.array(starts[some]) - begin)
        found += [
            design_effects(blocks[:, start:stop]) if is_unsure else INDEPENDENT
            for start, stop, is_unsure in zip(starts[some], stops[some], may_depend.tolist(), strict=True)
        ]
    return found


def _may_depend(blocks: Counts, starts: Counts) -> Flags:
    """Return for each column (c,) whether its blocks differ by more than chance, short or long, or some are empty.

    Most columns are independent, which shows of many at once in less time than of each.
    """
    is_empty = (np.add.reduceat(blocks, starts, axis=1) == 0).any(axis=0)
    found: Flags = is_empty | _exceeds_chance(blocks, starts) | _exceeds_chance(_merged(blocks), starts)
    return found


def _exceeds_chance(groups: Counts, starts: Counts) -> Flags:
    """Return for each column (c,) whether chance does not explain how much its groups differ.

    Pearson's chi-square of its groups and bins, over the degrees of freedom, is the overall effect.
    """
    rows, counts = np.add.reduceat(groups, starts, axis=1), groups.sum(axis=0)
    total, widths = np.maximum(rows.sum(axis=0), 1), np.diff(starts, append=groups.shape[1])
    expected = np.repeat(rows, widths, axis=1) * (counts / np.repeat(total, widths))
    off = groups - expected
    squares = np.divide(off * off, expected, out=np.zeros_like(expected), where=expected > 0).sum(axis=0)
    bins = np.add.reduceat((counts > 0).astype(np.int64), starts)
    freedom = (len(groups) - 1) * np.maximum(bins - 1, 1)
    # Rows that are shared out among the groups vary a little more than rows drawn one by one.
    overall = np.add.reduceat(squares, starts) * (total - 1) / total / freedom
    exceeds: Flags = (bins > 1) & (overall > 1 + _DEVIATIONS * np.sqrt(2 / freedom))
    return exceeds


def effects_of_groups(groups: Counts) -> DesignEffects:
    """Return the design effects from the rows by bin of groups that may differ, such as days: (g, b).

    1 for fewer than three of them, and where they differ by no more than chance makes them.
    """
    return _effects(groups[groups.any(axis=1)])


def _effects(groups: Counts, *, surely: bool = False) -> DesignEffects:
    """Return the effects of groups with rows (g, b); unless ``surely``, 1 where chance explains that they differ.

    Taken as it comes, the noise of a few groups would cost every window power.
    """
    merged = groups[:, groups.any(axis=0)]
    count, bins = merged.shape
    if count < _FEWEST_GROUPS or bins < 2 or not (surely or _exceeds_chance(merged, _WHOLE)[0]):
        return INDEPENDENT
    rows = merged.sum(axis=1)
    total = int(rows.sum())
    freedom = (count - 1) * total / (total - 1)
    shares = merged.sum(axis=0) / total
    off = (merged - np.outer(rows, shares)) / np.sqrt(rows)[:, None]
    scaled = off / np.sqrt(shares)
    products = scaled.T @ scaled / freedom
    overall = float(products.trace()) / (bins - 1)
    up_to, running = np.cumsum(shares)[:-1], np.cumsum(off, axis=1)[:, :-1]
    # Weighted by their variances, so that the middle, where distances arise, counts most.
    cumulated = float((running**2).sum() / (freedom * (up_to * (1 - up_to)).sum()))
    place = np.arange(bins)
    spread = float(shares @ place**2 - (shares @ place) ** 2)
    linear = float(((off @ place) ** 2).sum() / (freedom * spread))
    return DesignEffects(
        max(overall, 1.0),
        _unevenness(products, count - 1, bins - 1),
        max(cumulated, 1.0),
        max((linear + cumulated) / 2, cumulated, 1.0),
    )


def effect_on_mean(rows: Floats, sums: Floats, squares: Floats) -> float:
    """Return the design effect on a mean from the rows, sums and sums of squares of blocks in order of time, (t,) each.

    1 where there are too few blocks to tell, where nothing varies, and where a float does not hold the squares.
    """
    blocks = _merged(np.column_stack((rows, sums, squares))[rows > 0])
    count = len(blocks)
    if count < FEWEST:
        return 1.0
    rows, sums, squares = blocks.T
    total = rows.sum()
    if total <= count:
        return 1.0
    # Absurd values overflow: then the ratio below is no number.
    with np.errstate(over="ignore", invalid="ignore"):
        mean = sums.sum() / total
        variance = squares.sum() / total - mean**2
        between = ((sums - rows * mean) ** 2 / rows).sum() / ((count - 1) * total / (total - 1))
    effect = float(between / variance) if 0 < variance < np.inf else 1.0
    return max(effect, 1.0) if math.isfinite(effect) else 1.0


def _unevenness(products: Floats, freedom: int, directions: int) -> float:
    """Return directions * sum of squared eigenvalues / square of their sum, from 1 to ``directions``.

    The eigenvalues are those of the covariance that ``products`` (b, b) estimates from ``freedom`` blocks; what the
    estimate's own noise adds to their squares is taken off (O. Ledoit and M. Wolf, "Some hypothesis tests for the covariance
    matrix when the dimension is large", Annals of Statistics 30 (2002)).
    """
    whole, squares = float(products.trace()), float((products**2).sum())
    if whole <= 0:
        return 1.0
    own = (squares - whole**2 / freedom) * freedom**2 / ((freedom - 1) * (freedom + 2))
    return float(np.clip(own * directions / whole**2, 1.0, directions))


def _merged(blocks: NDArray[_Number]) -> NDArray[_Number]:
    """Return neighbouring blocks added up, evenly, so that at least ``FEWEST`` are left."""
    width = max(len(blocks) // FEWEST, 1)
    if width <= 1:
        return blocks
    # The last block takes what is left over.
    starts = np.arange(0, len(blocks) - len(blocks) % width, width)
    merged: NDArray[_Number] = np.add.reduceat(blocks, starts, axis=0)
    return merged
