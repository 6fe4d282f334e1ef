from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from exporter.counting import tally as tally_module
from exporter.counting.tally import NO_COUNTS, NO_SUMS, Tally, count, merge, negate, total

keys = st.integers(0, 12) | st.integers(-(2**62), 2**62)
batches = st.lists(st.lists(keys, max_size=8), max_size=6)


def counted(batch: Sequence[int]) -> Tally:
    return count(np.array(batch, np.int64))


def as_dict(tally: Tally) -> dict[int, float]:
    assert (np.diff(tally.keys) > 0).all()
    return dict(zip(tally.keys.tolist(), tally.values.tolist(), strict=True))


@given(st.lists(keys))
def test_counting(found: list[int]) -> None:
    assert as_dict(counted(found)) == Counter(found)


@given(batches)
def test_counts_add_up_in_any_order_and_grouping(parts: list[list[int]]) -> None:
    tallies = [counted(part) for part in parts]
    whole = as_dict(counted([key for part in parts for key in part]))
    assert as_dict(merge(tallies, NO_COUNTS)) == whole
    assert as_dict(merge(tallies[::-1], NO_COUNTS)) == whole
    assert as_dict(merge([merge(tallies[:2], NO_COUNTS), merge(tallies[2:], NO_COUNTS)], NO_COUNTS)) == whole


@given(batches)
def test_what_is_taken_back_leaves_nothing(parts: list[list[int]]) -> None:
    tallies = [counted(part) for part in parts]
    assert len(merge([*tallies, *map(negate, tallies)], NO_COUNTS)) == 0


@given(st.lists(st.tuples(st.integers(-3, 3), st.floats(-1e6, 1e6)), max_size=30))
def test_sums(pairs: list[tuple[int, float]]) -> None:
    tally = total(np.array([key for key, _ in pairs], np.int64), np.array([value for _, value in pairs], np.float64))
    expected: dict[int, float] = {}
    for key, value in pairs:
        expected[key] = expected.get(key, 0.0) + value
    assert as_dict(tally) == pytest.approx(expected, rel=1e-12, abs=1e-6)


@given(st.lists(st.integers(-20, 20)), st.integers(-25, 25), st.integers(0, 20))
def test_a_part_is_counted_from_its_start(found: list[int], start: int, width: int) -> None:
    part = counted(found).between(start, start + width)
    assert as_dict(part) == Counter(key - start for key in found if start <= key < start + width)
    assert part.dense(width).tolist() == [found.count(start + i) for i in range(width)]


def sparse(random: np.random.Generator, kind: type) -> Tally:
    """Return a tally of few keys among many."""
    keys = np.unique(random.integers(-10, 2 ** int(random.integers(4, 62)), int(random.integers(1, 40))))
    values = (
        random.integers(-2, 3, keys.size) if kind is int else random.choice([0.1, -0.1, 0.0, 1e300, 3.0], keys.size)
    )
    return Tally(keys, values)


@given(st.integers(0, 2**32 - 1).map(np.random.default_rng), st.sampled_from([int, float]))
def test_two_are_merged_alike_with_and_without_compiled_code(random: np.random.Generator, kind: type) -> None:
    one, other = sparse(random, kind), sparse(random, kind)
    shared = random.random(len(one)) < 0.5
    other = merge([other, Tally(one.keys[shared], -one.values[shared])], NO_COUNTS)
    found = merge([one, other], NO_COUNTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally_module, "native", None)
        expected = merge([one, other], NO_COUNTS)
    assert_array_equal(found.keys, expected.keys, strict=True)
    assert_array_equal(found.values, expected.values, strict=True)


@pytest.mark.skipif(tally_module.native is None, reason="there was no C compiler")
def test_arrays_that_do_not_belong_together_are_refused() -> None:
    one, two, three = (np.zeros(size, np.int64) for size in (1, 2, 3))
    for arrays in ((one, two, one, one, two, two), (one, one, two, two, two, two), (one, one, two, two, three, two)):
        with pytest.raises(ValueError, match="do not belong together"):
            tally_module.native.merge(*arrays, False)


@given(st.lists(st.integers(0, 59)))
def test_parts_are_what_lies_between_their_limits(found: list[int]) -> None:
    whole = counted(found)
    parts = whole.apart(6, 10)
    assert [as_dict(part) for part in parts] == [as_dict(whole.between(i * 10, i * 10 + 10)) for i in range(6)]
    assert all(part.keys.base is part.values.base is None for part in parts)


def test_nothing_keeps_its_kind() -> None:
    assert merge([], NO_SUMS).values.dtype == np.float64
    assert merge([NO_COUNTS, NO_COUNTS], NO_COUNTS).values.dtype == np.int64
    assert total(np.empty(0, np.int64), np.empty(0)).values.dtype == np.float64
    assert count(np.empty(0, np.int64)).nbytes == 0


def test_sums_of_zero_stay_so_that_only_counts_depend_on_cancelling() -> None:
    assert as_dict(total(np.array([1, 1]), np.array([0.5, -0.5]))) == {1: 0.0}


def test_a_part_does_not_keep_the_whole_alive() -> None:
    part = count(np.arange(1000)).between(3, 5)
    assert (part.keys.base, part.values.base) == (None, None)


@pytest.mark.parametrize("shift", [0, 31, 40, 61])
def test_keys_of_any_size_are_sorted_right(shift: int) -> None:
    keys = (np.array([3, 1, 2, 1, 3, 1], np.int64) << shift) - (shift == 0)
    distinct = [(key << shift) - (shift == 0) for key in (1, 2, 3)]
    counted, summed = count(keys), total(keys, np.array([1.5, 2.0, 4.0, 8.0, 16.0, 32.0]))
    assert (counted.keys.tolist(), counted.values.tolist()) == (distinct, [3, 1, 2])
    assert (summed.keys.tolist(), summed.values.tolist()) == (distinct, [42.0, 4.0, 17.5])
    negative = count(np.append(keys, -5))
    assert (negative.keys.tolist(), negative.values.tolist()) == ([-5, *distinct], [1, 3, 1, 2])
