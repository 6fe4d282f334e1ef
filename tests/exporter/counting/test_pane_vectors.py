"""What is compiled comes to the same as what is not, to the last bit, and takes no arrays that do not belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting import gap_places, packed, packed_vectors, slotted_rows
from exporter.counting.content import Content
from exporter.counting.gap_places import Gaps, places_of, split_sums
from exporter.counting.packed import BLOCK, PackedContent, loose_content, pack, pack_content
from exporter.counting.packed_vectors import dense_content, pack_vector, sums_by
from exporter.counting.pane_parts import Part, packed_sum
from exporter.counting.slotted_rows import SlottedRows, slotted
from exporter.counting.tally import Tally, count, total
from exporter.state import codec
from tests.exporter.counting.test_packed_vectors import vector_of
from tests.exporter.counting.test_slotted_rows import fields_of

COMPILED = (slotted_rows.native, packed_vectors.native)
pytestmark = pytest.mark.skipif(None in COMPILED, reason="there was no C compiler")

# A column where most values are the only ones in their gap, one where most lie on an edge, and one with few edges.
FIELDS = fields_of((np.sort(np.random.default_rng(1).normal(size=900)), np.arange(-40.0, 40.0), np.array([0.0, 1.0])))
SIZE, SUMS = FIELDS[-1].span.stop, FIELDS[-1].sums.stop
T = TypeVar("T")


@contextmanager
def nothing_compiled() -> Iterator[None]:
    with ExitStack() as stack:
        for module in (gap_places, packed, packed_vectors, slotted_rows):
            stack.enter_context(mock.patch.object(module, "native", None))
        yield


def both(make: Callable[[], T]) -> tuple[T, T]:
    found = make()
    with nothing_compiled():
        return found, make()


def gaps_of(size: int) -> Gaps:
    gaps = Gaps(np.zeros(SUMS, np.int32), np.zeros(SUMS), np.zeros(SUMS), size)
    for field in FIELDS[:2]:
        inner, edges = field.sums.start + 1 + np.arange(len(field.index.edges) - 1), field.index.edges
        gaps.counted[inner] = field.span.start + 2 * (inner - field.sums.start)
        gaps.middle[inner], gaps.width[inner] = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    return gaps


def rows_of(random: np.random.Generator, rows: int) -> SlottedRows:
    columns = random.normal(0, (1.1, 25, 1), (rows, 3)).T
    columns[1] = np.where(random.random(rows) < 0.6, np.rint(columns[1]), columns[1])
    columns[random.random(columns.shape) < 0.02] = np.nan
    columns[random.random(columns.shape) < 0.02] = np.inf
    return slotted(FIELDS, columns)


def parts_of(seed: int, sizes: list[int], gaps: Gaps) -> list[Part]:
    """Rows, what other rows add up to, packed, and a little beside them."""
    random = np.random.default_rng(seed)
    parts: list[Part] = []
    for size in sizes:
        parts += [rows_of(random, size), pack_content(rows_of(random, size).content(), gaps)]
    label = Content(count(np.array([0, 0, SIZE - 1])), total(np.array([1, 0]), np.array([0.5, 0.25])))
    return [*parts, label, loose_content(label)]


SEEDS, ROWS = st.integers(0, 1 << 32), st.lists(st.sampled_from([0, 1, 30, 400, 5000]), max_size=4)


@given(SEEDS, ROWS, st.sampled_from([0, SIZE]))
def test_panes_are_packed_alike(seed: int, sizes: list[int], size: int) -> None:
    parts = parts_of(seed, sizes, gaps_of(size))
    found, expected = both(lambda: codec.pack_content(packed_sum(parts, gaps_of(size))))
    assert found == expected


@given(SEEDS, st.lists(st.sampled_from([1, 30, 400, 5000]), min_size=1, max_size=4))
def test_windows_are_added_up_alike(seed: int, sizes: list[int]) -> None:
    gaps = gaps_of(SIZE)
    packed = [packed_sum(parts_of(seed, [size], gaps), gaps) for size in sizes]
    found, expected = both(lambda: dense_content(packed, gaps, SIZE, SUMS))
    for one, other in zip(found, expected, strict=True):
        assert one.tobytes() == other.tobytes()


@given(SEEDS, st.lists(st.sampled_from((1, 20, 200, 250)), min_size=1, max_size=5))
def test_so_are_contents_of_few_entries_whether_they_lie_in_blocks_or_not(seed: int, entries: list[int]) -> None:
    """Among very many keys, more than are gone through at once; gaps are counted in no particular order."""
    random, size, sums = np.random.default_rng(seed), 40_000, 10_000
    counted = random.permutation(size // 2)[:sums].astype(np.int32) * 2
    gaps = Gaps(counted, random.normal(size=sums), random.uniform(0.5, 1.0, sums), size)
    packed = []
    for number in entries:
        # Half of them crowded about one place, where a block is full.
        keys = np.union1d(
            random.choice(size, number, replace=False), 2 * (random.integers(size // 2 - 300) + np.arange(number))
        )
        counts = Tally(keys, random.choice([1, 2, 3, 200, 70_000], len(keys)))
        inside = np.flatnonzero(np.isin(counted, keys))
        values = gaps.middle[inside] + gaps.width[inside] * random.uniform(-0.5, 0.5, len(inside))
        rows = counts.values[np.searchsorted(keys, counted[inside])]
        packed.append(pack_content(Content(counts, Tally(inside, values * rows)), gaps))
    found, expected = both(lambda: dense_content(packed, gaps, size, sums))
    for one, other in zip(found, expected, strict=True):
        assert one.tobytes() == other.tobytes()
    assert any(len(part.counts.blocks) for part in packed) or max(entries) < 200


@given(SEEDS, st.sampled_from([0, 1, 30, 5000]))
def test_rows_are_counted_alike(seed: int, rows: int) -> None:
    def make() -> list[bytes]:
        slotted_here = rows_of(np.random.default_rng(seed), rows)
        counts = np.zeros(SIZE, np.int64)
        slotted_here.add_to(counts)
        content = slotted_here.content()
        arrays = (counts, content.counts.keys, content.counts.values, content.sums.keys, content.sums.values)
        return [array.tobytes() for array in arrays]

    found, expected = both(make)
    assert found == expected


def test_so_are_slots_of_columns_with_very_many_edges() -> None:
    fields = fields_of((np.arange(0.0, 70_000), np.arange(0.0, 300)))
    values = np.random.default_rng(2).integers(0, 140_000, (2, 3000)) / 2
    rows = slotted(fields, values)
    assert rows.slots.dtype == np.uint32
    for one, other in zip(*both(lambda: [*_arrays(rows.content())]), strict=True):
        assert one.tobytes() == other.tobytes()

    def added() -> tuple[bytes, bytes]:
        counts, sums = np.zeros(fields[-1].span.stop, np.int64), np.zeros(fields[-1].sums.stop)
        slotted_rows.add_up([rows, rows], counts, sums)
        return counts.tobytes(), sums.tobytes()

    found, expected = both(added)
    assert found == expected


def _arrays(content: Content) -> Iterator[np.ndarray[Any, Any]]:
    for tally in (content.counts, content.sums):
        yield from (tally.keys, tally.values)


@given(
    SEEDS,
    st.integers(0, 6 * BLOCK),
    st.sampled_from((0.0, 0.05, 0.4, 0.9, 1.0)),
    st.sampled_from((1, 127, 140, 40_000, 1 << 40)),
)
def test_vectors_are_packed_alike(seed: int, size: int, density: float, most: int) -> None:
    vector = vector_of(np.random.default_rng(seed), size, density, most)
    vector[::3] *= -1
    found, expected = both(lambda: pack_vector(vector.copy()))
    for name in ("steps", "values", "blocks", "table"):
        one, other = getattr(found, name), getattr(expected, name)
        assert (one.tolist(), one.dtype) == (other.tolist(), other.dtype)


@given(
    SEEDS,
    st.sampled_from((0.0, 0.05, 0.4, 0.9, 1.0)),
    st.sampled_from((1, 127, 140, 40_000, 1 << 40)),
    st.sampled_from((1, 300, 100_000)),
)
def test_entries_are_packed_alike(seed: int, density: float, most: int, beyond: int) -> None:
    """Some crowded, some far apart; most of them small, or those in crowded blocks all large."""
    random = np.random.default_rng(seed)
    vector = vector_of(random, int(random.integers(6 * BLOCK)), density, most)
    vector[::3] *= -1
    keys = np.flatnonzero(vector)
    others = np.unique(random.integers(0, 40 * beyond, random.integers(20 * BLOCK)))
    tally = Tally(np.concatenate((keys, others + 6 * BLOCK)), np.concatenate((vector[keys], 1 + others % 3)))
    found, expected = both(lambda: pack(tally))
    for name in ("steps", "values", "blocks", "table"):
        one, other = getattr(found, name), getattr(expected, name)
        assert (one.tolist(), one.dtype, one.shape) == (other.tolist(), other.dtype, other.shape)


@given(SEEDS, st.lists(st.sampled_from((0.0, 0.05, 0.9, 1.0)), max_size=4), st.integers(1, 6 * BLOCK))
def test_numbers_are_summed_alike(seed: int, densities: list[float], size: int) -> None:
    random = np.random.default_rng(seed)
    number = random.integers(0, 9, size).astype(np.int32)
    parts = [pack_vector(vector_of(random, size, density, 300)) for density in densities]
    found, expected = both(lambda: sums_by([parts, [], parts[1:]], number, 9))
    assert (found.tolist(), found.dtype) == (expected.tolist(), expected.dtype)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e250, -1e250, 5e-324, -0.0, 0.5, 0.5 + 2**-33, 1.0, 0.0])
def test_odd_sums_have_the_same_places(value: float) -> None:
    gaps = Gaps(np.array([0], np.int32), np.array([0.5]), np.array([1.0]), 1)
    (places, left), (expected, other) = both(lambda: split_sums(gaps, np.array([1]), np.array([value])))
    assert (places.tolist(), left.values.tolist()) == (expected.tolist(), other.values.tolist())

    def make() -> list[int]:
        found: list[int] = places_of(gaps, Tally(numbers(0), numbers(1)), Tally(numbers(0), np.array([value])))[
            0
        ].values.tolist()
        return found

    one, another = both(make)
    assert one == another
    assert all(-(1 << 31) < place < 1 << 31 for place in one)


def numbers(*values: int) -> Any:
    return np.array(values, np.int64)


WRONG: list[tuple[str, tuple[Any, ...]]] = [
    ("add_rows", (np.array([2], np.uint16), np.zeros(1), np.zeros(2, np.int64), np.zeros(1))),
    ("add_rows", (np.array([2], np.uint32), np.zeros(1), np.zeros(2, np.int64), np.zeros(1))),
    ("add_rows", (np.array([0], np.int64), np.zeros(1), np.zeros(2, np.int64), np.zeros(1))),
    ("count_rows", (np.array([0], np.uint16), 3, np.zeros(2, np.int64))),
    ("count_rows", (np.array([0], np.uint16), -1, np.zeros(2, np.int64))),
    ("count_rows", (np.array([7], np.uint16), 1, np.zeros(2, np.int64))),
    ("pack_entries", (numbers(1, 2), numbers(1))),
    ("pack_entries", (numbers(2, 1), numbers(1, 1))),
    ("pack_entries", (numbers(1, 1), numbers(1, 1))),
    ("pack_entries", (numbers(-1), numbers(1))),
]
GAPS = np.array([3], np.int32), np.zeros(1), np.ones(1)


def found_in(room: int) -> tuple[Any, ...]:
    return *(np.zeros(room, np.int64) for _ in range(3)), np.zeros(room)


WRONG += [
    ("split_sums", (*GAPS, np.ones(3, np.int64), np.ones(1), np.zeros(1, np.int64))),
    ("split_sums", (*GAPS, np.ones(4, np.int64), np.ones(1), np.zeros(2, np.int64))),
    ("split_sums", (np.array([-1], np.int32), *GAPS[1:], np.ones(4, np.int64), np.ones(1), np.zeros(1, np.int64))),
    ("find_places", (*GAPS, numbers(3), numbers(1), numbers(1), np.ones(1), *found_in(1))),
    ("find_places", (*GAPS, numbers(3), numbers(1), numbers(0), np.ones(1), *found_in(0))),
    ("find_places", (*GAPS, numbers(3), numbers(), numbers(0), np.ones(1), *found_in(1))),
]
ROOM = np.zeros(4, np.int64), np.zeros(4, np.int64), np.zeros(4, np.int64), np.zeros(4)
FIELD = np.array([[0, 0, 3]])
WRONG += [
    ("group_rows", (FIELD, np.zeros(5, np.uint16), np.zeros(5), *ROOM)),
    ("group_rows", (FIELD, np.zeros(3, np.uint8), np.zeros(3), *ROOM)),
    ("group_rows", (FIELD, np.zeros(3, np.uint16), np.zeros(4), *ROOM)),
    ("group_rows", (np.repeat(FIELD, 3, axis=0), np.zeros(4, np.uint16), np.zeros(4), *ROOM)),
    ("group_rows", (np.zeros((0, 3), np.int64), np.zeros(4, np.uint16), np.zeros(4), *ROOM)),
]


NO_ROWS, NO_ENTRIES = (numbers(), np.zeros((0, BLOCK), np.int8), 0), (np.empty(0, np.int8), np.empty(0, np.int8), 0)
NO_PLACES = (*NO_ROWS, *NO_ENTRIES)


def entry(key: int, count: int = 1) -> tuple[Any, ...]:
    return *NO_ROWS, np.array([key], np.int8), np.array([1], np.int8), count


def row(number: int, width: int = BLOCK, rows: int = 1) -> tuple[Any, ...]:
    return numbers(number), np.ones((1, width), np.int8), rows, *NO_ENTRIES


def adding(counts: Any, places: Any) -> tuple[Any, ...]:
    return GAPS, [(NO_PLACES, NO_PLACES), (counts, places)], np.zeros(4, np.int64), np.zeros(1)


WRONG += [("add_contents", adding(tally, NO_PLACES)) for tally in (entry(4), entry(-1), entry(0, 2), entry(0, -1))]
WRONG += [("add_contents", adding(tally, NO_PLACES)) for tally in (row(-1), row(2), row(1 << 62), row(0, 3))]
WRONG += [
    ("sum_by_number", (np.zeros(4, np.int32), [NO_PLACES, tally], numbers(0)))
    for tally in (entry(4), entry(-1), entry(0, 2), row(-1), row(2), row(1 << 62), row(0, 3))
]
WRONG += [
    ("sum_by_number", (np.full(4, number, np.int32), [NO_PLACES, tally], numbers(0)))
    for tally in (entry(0), row(0))
    for number in (-1, 1)
]
WRONG += [("sum_by_number", (np.zeros(4, np.int32), (), numbers(0)))]
WRONG += [("add_contents", adding(tally, NO_PLACES)) for tally in (row(0, rows=2), row(0, rows=-1))]
WRONG += [
    ("add_contents", adding(NO_PLACES, tally)) for tally in (entry(1), entry(-1), row(-1), row(1), row(2), row(1 << 62))
]
WRONG += [
    ("add_contents", adding((*NO_ROWS, np.zeros(3, np.int8), np.zeros(1, np.int8), 1), NO_PLACES)),
    # Places of more gaps than there are, or of gaps whose counts are not there.
    ("add_contents", adding(NO_PLACES, (*NO_ROWS, np.zeros(9000, np.int8), np.zeros(9000, np.int8), 9000))),
    ("add_contents", (GAPS, [], np.zeros(3, np.int64), np.zeros(1))),
    ("add_contents", ((np.array([-1], np.int32), *GAPS[1:]), [], np.zeros(4, np.int64), np.zeros(1))),
    ("add_contents", (GAPS, (), np.zeros(4, np.int64), np.zeros(1))),
    ("add_contents", (GAPS, [], np.zeros(4, np.int64), np.zeros(2))),
]


def function(name: str) -> Any:
    return next(getattr(module, name) for module in COMPILED if hasattr(module, name))


@pytest.mark.parametrize(("name", "arguments"), WRONG)
def test_arrays_that_do_not_belong_together_are_refused(name: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="do not belong together"):
        function(name)(*arguments)


def test_what_is_no_array_is_refused() -> None:
    for name in dict(WRONG):
        with pytest.raises(TypeError):
            function(name)(1, 2)


def test_packed_contents_are_what_the_state_keeps() -> None:
    """What was packed one way is unpacked the other."""
    gaps = gaps_of(SIZE)
    packed: PackedContent = packed_sum(parts_of(5, [5000], gaps), gaps)
    again = codec.unpack_content(codec.pack_content(packed))
    with nothing_compiled():
        counts, sums = dense_content([again], gaps, SIZE, SUMS)
    found, summed = dense_content([again], gaps, SIZE, SUMS)
    assert (found.tobytes(), summed.tobytes()) == (counts.tobytes(), sums.tobytes())
