"""Rows that wait add up to what one gets by counting value by value."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.layout import NumericField, Span
from exporter.counting.slotted_rows import SlottedRows, add_up, joined, slotted
from exporter.reference.edge_index import EdgeIndex
from exporter.rows.record import Floats

EDGES = (np.array([0.0, 1.0, 2.5]), np.array([-3.0]), np.array([]))
# Here nothing is counted by bin.
NO_CUTS, NO_BINS = np.empty(0), np.zeros(1, np.int64)
VALUES = st.sampled_from([-7.5, -3.0, 0.0, 0.25, 1.0, 2.0, 2.5, 40.0, np.nan, np.inf, -np.inf])
TABLES = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=40).map(lambda rows: np.array(rows).reshape(-1, 3).T)


def fields_of(edges: tuple[Floats, ...] = EDGES) -> tuple[NumericField, ...]:
    """Columns with gaps between their stretches, as categorical ones leave them."""
    fields, start, sums = [], 5, 2
    for each in edges:
        span, of_sums = Span(start, 2 * len(each) + 3), Span(sums, len(each) + 1)
        fields.append(NumericField("x", ("x",), None, EdgeIndex(each), NO_CUTS, NO_BINS, span, of_sums))
        start, sums = span.stop + 4, of_sums.stop + 1
    return tuple(fields)


FIELDS = fields_of()
SIZE, SUMS = FIELDS[-1].span.stop, FIELDS[-1].sums.stop


def expected(table: Floats) -> tuple[Counter[int], Counter[int]]:
    """Count value by value: the edges before it, and whether it is one."""
    counts: Counter[int] = Counter()
    sums: Counter[int] = Counter()
    for field, edges, values in zip(FIELDS, EDGES, table.tolist(), strict=True):
        for value in values:
            if np.isnan(value):
                counts[field.missing] += 1
            elif np.isinf(value):
                counts[field.invalid] += 1
            else:
                gap = sum(edge < value for edge in edges.tolist())
                counts[field.span.start + 2 * gap + (value in edges)] += 1
                if value not in edges:
                    sums[field.sums.start + gap] += value
    return counts, sums


def dense(found: Counter[int], size: int) -> list[float]:
    return [found[place] for place in range(size)]


@given(TABLES)
def test_all_ways_of_counting_agree(table: Floats) -> None:
    rows, (counts, sums) = slotted(FIELDS, table.copy()), expected(table)
    content = rows.content()
    assert content.counts.dense(SIZE).tolist() == dense(counts, SIZE)
    assert (np.diff(content.counts.keys) > 0).all()
    assert (np.diff(content.sums.keys) > 0).all()
    assert content.sums.dense(SUMS).tolist() == pytest.approx(dense(sums, SUMS))
    of_counts, all_counts, all_sums = np.zeros(SIZE, np.int64), np.zeros(SIZE, np.int64), np.zeros(SUMS)
    rows.add_to(of_counts)
    add_up([rows, rows], all_counts, all_sums)
    assert of_counts.tolist() == dense(counts, SIZE)
    assert all_counts.tolist() == [2 * each for each in dense(counts, SIZE)]
    assert all_sums.tolist() == pytest.approx([2 * each for each in dense(sums, SUMS)])


@given(TABLES, st.integers(1, 4), st.randoms(use_true_random=False), st.booleans())
def test_parts_have_each_row_once(table: Floats, parts: int, random: object, in_order: bool) -> None:
    part = np.array([random.randrange(parts) for _ in range(table.shape[1])], np.intp)  # type: ignore[attr-defined]
    if in_order:
        part.sort()
    apart = slotted(FIELDS, table.copy()).apart(part, parts)
    for i, each in enumerate(apart):
        assert each.content().counts.dense(SIZE).tolist() == dense(expected(table[:, part == i])[0], SIZE)
    assert joined(apart).content().counts.dense(SIZE).tolist() == dense(expected(table)[0], SIZE)


def test_a_part_does_not_keep_the_others_alive() -> None:
    rows = slotted(FIELDS, np.zeros((3, 1000)))
    few = rows.apart(np.repeat([0, 1], [10, 990]), 2)[0]
    assert (few.slots.base, few.values.base) == (None, None)
    assert few.nbytes == 3 * 10 * (2 + 8)


def test_columns_with_very_many_edges_have_wider_slots() -> None:
    many = np.arange(40_000.0)
    rows = slotted(fields_of((many,)), np.array([[39_999.5, np.inf]]))
    assert rows.slots.tolist() == [[80_000, 80_002]]


def test_rows_without_numbers_add_nothing() -> None:
    none = slotted((), np.empty((0, 7)))
    assert isinstance(none, SlottedRows)
    assert len(none.content().counts) == 0
