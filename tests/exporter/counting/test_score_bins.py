from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from exporter.counting.score_bins import BITS, EMPTY, ScoreTable, add, bin_of, score_of
from exporter.counting.tally import count
from exporter.statistics.ranking import roc_auc

probabilities = st.floats(0, 1)
tables = st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**6)), max_size=12), min_size=1, max_size=6)


def bins(*scores: float) -> list[int]:
    found: list[int] = bin_of(np.array(scores)).tolist()
    return found


def table(rows: list[tuple[int, int]]) -> ScoreTable:
    """Count rows of a group and a score in millionths."""
    groups = np.array([group for group, _ in rows], np.int64)
    scores = np.array([score for _, score in rows]) / 10**6
    return ScoreTable(count(groups << BITS | bin_of(scores)))


def content(found: ScoreTable) -> tuple[int, list[int], list[int]]:
    return found.level, found.counts.keys.tolist(), found.counts.values.tolist()


@given(probabilities, probabilities)
def test_bins_are_in_the_order_of_the_scores(one: float, other: float) -> None:
    low, high = bins(min(one, other), max(one, other))
    assert low <= high


@given(probabilities, st.integers(0, 20))
def test_a_bin_tells_its_score_as_closely_as_its_level_allows(score: float, level: int) -> None:
    bin_ = bin_of(np.array([score])) >> level
    # A bin of level 0 is a part in 2**24 of the distance to the nearer end, and 2**-30 wide there.
    assert abs(score_of(bin_, level)[0] - score) <= 2.0 ** (level - 25) * min(score, 1 - score) + 2.0 ** (level - 30)
    assert (score_of(bin_, level) == score_of(bin_, level).clip(0, 1)).all()


@given(st.floats(0.5, 1, exclude_min=True))
def test_bins_are_symmetric_around_one_half(score: float) -> None:
    low, high = bins(1.0 - score, score)
    assert low + high == bins(1.0)[0]


@given(probabilities)
def test_bins_fit_into_their_bits(score: float) -> None:
    assert 0 <= bins(score)[0] < 1 << BITS


def test_the_ends() -> None:
    assert bins(0.0, -0.0, 1e-300, 2.0**-30) == [0, 0, 0, 0]
    assert bins(0.0, 1e-7, 0.5 - 1e-7, 0.5, 0.5 + 1e-7, 1 - 1e-7, 1.0) == sorted(
        set(bins(0.0, 1e-7, 0.5 - 1e-7, 0.5, 0.5 + 1e-7, 1 - 1e-7, 1.0))
    )


@given(st.integers(0, 10**7 - 1))
def test_scores_with_seven_decimals_never_share_a_bin(score: int) -> None:
    low, high = bins(score / 10**7, (score + 1) / 10**7)
    assert low < high


@given(tables, st.integers(1, 8), st.randoms(use_true_random=False))
def test_order_and_grouping_change_neither_level_nor_counts(
    batches: list[list[tuple[int, int]]], limit: int, random: Random
) -> None:
    whole = add([table([row for batch in batches for row in batch])], limit)
    assert content(add([table(batch) for batch in batches], limit)) == content(whole)
    random.shuffle(batches)
    running = EMPTY
    for batch in batches:
        running = add([running, table(batch)], limit)
    assert content(running) == content(whole)


@given(tables, st.integers(1, 8))
def test_the_level_is_the_finest_that_keeps_to_the_limit(batches: list[list[tuple[int, int]]], limit: int) -> None:
    rows = [row for batch in batches for row in batch]
    found = add([table(rows)], limit)
    keys = table(rows).counts.keys

    def entries(level: int) -> int:
        return len({(key >> BITS, (key & ((1 << BITS) - 1)) >> level) for key in keys.tolist()})

    assert found.level == next(level for level in range(BITS + 1) if entries(level) <= limit or level == BITS)
    assert len(found.counts) == entries(found.level)
    assert found.counts.values.sum() == len(rows)


@given(tables, st.integers(1, 8))
def test_a_group_stays_itself_at_every_level(batches: list[list[tuple[int, int]]], limit: int) -> None:
    rows = [row for batch in batches for row in batch]
    found = add([table(rows)], limit)
    for group in range(4):
        assert found.group(group).values.sum() == sum(each == group for each, _ in rows)


def exact_auc(negative: NDArray[np.float64], positive: NDArray[np.float64]) -> float:
    above = (positive[:, None] > negative).sum() + (positive[:, None] == negative).sum() / 2
    return float(above / (len(positive) * len(negative)))


@pytest.mark.parametrize("spread", [10, 1000, 10**7])
def test_the_area_under_the_curve_is_exact_for_scores_with_seven_digits(spread: int) -> None:
    random = np.random.default_rng(spread)
    negative = random.integers(0, spread, 300) / 10**7
    positive = 1 - random.integers(0, spread, 200) / 10**7
    positive[::2] = np.minimum(negative[:100] + 1e-7, 1)
    found = ScoreTable(count(np.concatenate((bin_of(negative), (1 << BITS) | bin_of(positive)))))
    keys = np.union1d(found.group(0).keys, found.group(1).keys)
    sides = [np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)]
    for group, side in enumerate(sides):
        side[np.searchsorted(keys, found.group(group).keys)] = found.group(group).values
    rounded = np.round(positive, 7)
    assert roc_auc(*sides) == pytest.approx(exact_auc(np.round(negative, 7), rounded), abs=1e-15)
