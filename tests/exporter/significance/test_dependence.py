from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.significance.dependence import (
    FEWEST,
    INDEPENDENT,
    DesignEffects,
    design_effects,
    effect_on_mean,
    effects_of_columns,
)
from exporter.statistics.arrays import Counts, Floats
from tests.exporter.significance.streams import autoregressive, by_block

BLOCKS = st.lists(
    st.lists(st.integers(0, 50), min_size=4, max_size=4), min_size=1, max_size=60
).map(lambda rows: np.array(rows, dtype=np.int64))  # fmt: skip


def mean_effects(likeness: float, rows: int, rounds: int = 60, blocks: int = 48) -> DesignEffects:
    random, cuts = np.random.default_rng(6), np.linspace(-1.28, 1.28, 9)
    found = [
        design_effects(by_block(autoregressive(random, rows, likeness), cuts, blocks)) for _ in range(rounds)
    ]  # fmt: skip
    return DesignEffects(*np.mean(found, axis=0).tolist())


def of_clusters(size: int) -> Counts:
    """Return blocks of independent clusters, all rows of which are the same."""
    return np.random.default_rng(7).multinomial(10, [0.4, 0.3, 0.2, 0.1], size=300) * size


def test_independent_rows_are_worth_themselves() -> None:
    found = mean_effects(0.0, 2000)
    # One and a little: none is below one.
    for effect in found:
        assert 1 <= effect < 1.25


@pytest.mark.parametrize("size", [2, 5, 20])
def test_copies_of_a_row_are_worth_one(size: int) -> None:
    found = design_effects(of_clusters(size))
    assert found.overall == pytest.approx(size, rel=0.3)
    assert found.cumulated == pytest.approx(size, rel=0.4)
    assert found.linear == pytest.approx(size, rel=0.4)


def test_copies_scale_the_effect_exactly_but_for_the_freedom() -> None:
    one, many = design_effects(of_clusters(2)), design_effects(of_clusters(20))
    assert many.overall == pytest.approx(10 * one.overall, rel=0.001)


@pytest.mark.parametrize("likeness", [0.5, 0.9])
def test_slow_streams_vary_as_much_as_their_effect_says(likeness: float) -> None:
    random, cuts, rows = np.random.default_rng(12), np.linspace(-1.28, 1.28, 9), 2000
    streams = np.stack([autoregressive(random, rows, likeness) for _ in range(1500)])
    counts = np.stack([(np.searchsorted(cuts, streams) == each).sum(axis=1) for each in range(10)], axis=1)
    shares = counts.mean(axis=0) / rows
    up_to = np.cumsum(shares)[:-1]
    # How much each varies over streams, against what independent rows would.
    overall = (counts.var(axis=0) / shares).sum() / rows / 9
    cumulated = np.cumsum(counts, axis=1)[:, :-1].var(axis=0).sum() / rows / (up_to * (1 - up_to)).sum()
    found = mean_effects(likeness, 12_000)
    assert found.overall == pytest.approx(overall, rel=0.2)
    assert found.cumulated == pytest.approx(cumulated, rel=0.2)
    # Distances that add up over the range lie in between.
    assert found.cumulated < found.linear < 0.85 * effect_of_means(counts)
    assert found.linear == pytest.approx((effect_of_means(counts) + cumulated) / 2, rel=0.12)
    assert found.linear > found.cumulated > found.overall


def effect_of_means(counts: Counts) -> float:
    """Return by how much more the mean bin varies over streams (s, bins) than with independent rows."""
    rows, bins = counts[0].sum(), np.arange(10)
    shares = counts.mean(axis=0) / rows
    variance = shares @ bins**2 - (shares @ bins) ** 2
    return float((counts @ bins / rows).var() / (variance / rows))


def test_the_order_of_bins_matters_to_what_is_cumulated_only() -> None:
    random, cuts = np.random.default_rng(8), np.linspace(-1.28, 1.28, 9)
    blocks = by_block(autoregressive(random, 5000, 0.9), cuts, 48)
    one, other = design_effects(blocks), design_effects(blocks[:, random.permutation(10)])
    assert other.overall == pytest.approx(one.overall)
    assert other.unevenness == pytest.approx(one.unevenness)
    assert other.cumulated < one.cumulated


@given(BLOCKS)
def test_whatever_was_found_no_row_is_worth_more_than_itself(blocks: Counts) -> None:
    found = design_effects(blocks)
    assert np.isfinite(found).all()
    assert min(found) >= 1
    assert found.unevenness <= 3
    assert found.linear >= found.cumulated


@given(BLOCKS)
def test_empty_blocks_and_bins_do_not_matter(blocks: Counts) -> None:
    wider = np.zeros((2 * len(blocks), 5), np.int64)
    wider[::2, [0, 1, 3, 4]] = blocks
    # An empty bin in between does move the places that a mean is of.
    assert design_effects(wider)[:3] == pytest.approx(design_effects(blocks)[:3])


@pytest.mark.parametrize(
    "blocks",
    [
        np.full((FEWEST - 1, 3), 9),
        np.full((100, 1), 9),
        np.column_stack((np.full(100, 9), np.zeros(100, np.int64))),
        np.empty((0, 4), np.int64),
        np.empty((50, 0), np.int64),
    ],
    ids=["few", "narrow", "constant", "none", "nothing"],
)
def test_where_there_is_nothing_to_tell_by_rows_count_as_independent(blocks: Counts) -> None:
    assert design_effects(blocks) == INDEPENDENT


@given(st.integers(1, 80), st.lists(st.integers(1, 12), max_size=70), st.floats(0, 1.5), st.integers(0, 99))
def test_columns_together_have_the_effects_of_each(blocks: int, widths: list[int], likeness: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    # Some columns depend, some not, and some blocks are empty.
    columns = [random.poisson(random.gamma(3, 2, (blocks, 1)) * random.lognormal(0, likeness * random.random(), (blocks, width)))
               for width in widths]  # fmt: skip
    together = np.hstack([np.empty((blocks, 0), np.int64), *columns])
    starts = np.cumsum([0, *widths])[:-1].tolist()
    assert effects_of_columns(together, starts) == [design_effects(each) for each in columns]


def test_many_blocks_are_merged() -> None:
    """Dependence over many blocks shows only in longer ones."""
    random = np.random.default_rng(9)
    level = np.repeat(random.choice([0.1, 0.9], 20), 30)
    ones = random.binomial(10, level)
    fine = np.column_stack((ones, 10 - ones))
    merged = fine.reshape(20, 30, 2).sum(axis=1)
    assert design_effects(fine).overall > 30
    assert design_effects(fine).overall == pytest.approx(design_effects(merged).overall, rel=0.35)


def sums_of(values: Floats, blocks: int) -> tuple[Floats, Floats, Floats]:
    parts = np.array_split(values, blocks)
    return (
        np.array([part.size for part in parts], dtype=np.float64),
        np.array([part.sum() for part in parts]),
        np.array([(part**2).sum() for part in parts]),
    )


@pytest.mark.parametrize(("likeness", "expected"), [(0.0, 1.1), (0.5, 3.0), (0.9, 19.0)])
def test_the_effect_on_a_mean(likeness: float, expected: float) -> None:
    random = np.random.default_rng(10)
    found = [effect_on_mean(*sums_of(3 + autoregressive(random, 12_000, likeness), 48)) for _ in range(60)]
    assert np.mean(found) == pytest.approx(expected, rel=0.2)


@pytest.mark.parametrize("values", [np.ones(200), np.arange(10.0), np.empty(0)], ids=["constant", "few", "none"])
def test_of_nothing_that_varies_it_is_one(values: Floats) -> None:
    assert effect_on_mean(*sums_of(values, 48)) == 1


def test_absurd_values_say_nothing_of_dependence() -> None:
    rows, sums = np.full(FEWEST, 10.0), np.arange(FEWEST, dtype=np.float64)
    sums[3] = 1e200
    for square in (1e290, np.inf):
        assert effect_on_mean(rows, sums, np.where(sums > 1e100, square, 100.0)) == 1
