"""Places of values in gaps give their sums back, to twelve digits of the edges' range."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.content import Content, add_contents
from exporter.counting.gap_places import NARROW, NO_GAPS, Gaps, places_of
from exporter.counting.packed import pack_content, unpack_content
from exporter.counting.packed_vectors import dense_content
from exporter.counting.tally import Tally

EDGES = 200
SIZE, SUMS = 2 * EDGES + 1, EDGES + 1


def gaps_around(edges: np.ndarray) -> Gaps:
    """What ``gaps_of`` says of a single column whose gaps are all narrow."""
    middle, width = np.zeros(SUMS), np.zeros(SUMS)
    middle[1:-1], width[1:-1] = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    return Gaps(np.arange(0, SIZE, 2, dtype=np.int32), middle, width)


def content_of(edges: np.ndarray, values: np.ndarray) -> Content:
    """Count values one by one, none of which is an edge."""
    gap = np.searchsorted(edges, values)
    counts, sums = np.bincount(2 * gap, minlength=SIZE), np.bincount(gap, values, SUMS)
    there = np.flatnonzero(np.bincount(gap, minlength=SUMS))
    return Content(Tally(np.flatnonzero(counts), counts[counts > 0]), Tally(there, sums[there]))


@given(st.integers(0, 2**32), st.sampled_from((0.0, -1e6, 1.7e9)), st.integers(1, 30_000))
def test_sums_keep_twelve_digits_of_the_range(seed: int, offset: float, rows: int) -> None:
    random = np.random.default_rng(seed)
    edges = offset + np.sort(random.normal(0, 1000, EDGES))
    values = offset + random.normal(0, 1200, rows)
    content, gaps = content_of(edges, values), gaps_around(edges)
    back = unpack_content(pack_content(content, gaps), gaps)
    assert back.sums.keys.tolist() == content.sums.keys.tolist()
    off = np.abs(back.sums.values - content.sums.values).sum() / rows
    # Half a step; and floats themselves have no more digits far from zero.
    assert off < np.ldexp(1.01 * np.diff(edges).max(), -33) + 1e-15 * abs(offset)


def test_windows_add_up_what_panes_hold() -> None:
    random = np.random.default_rng(3)
    edges = np.sort(random.normal(0, 1, EDGES))
    values = random.normal(0, 1.2, (5, 2000))
    gaps = gaps_around(edges)
    parts = [pack_content(content_of(edges, each), gaps) for each in values]
    counts, sums = dense_content(parts, gaps, SIZE, SUMS)
    whole = content_of(edges, values.reshape(-1))
    assert counts.tolist() == whole.counts.dense(SIZE).tolist()
    # Half a step of each gap for each row in it, and rounding.
    step = np.ldexp(gaps.width, -32)
    assert (np.abs(sums - whole.sums.dense(SUMS)) <= counts[::2] * step / 2 + 1e-12 * np.abs(sums)).all()


def test_packing_again_changes_nothing() -> None:
    random = np.random.default_rng(4)
    edges = np.sort(random.normal(50, 1, EDGES))
    gaps = gaps_around(edges)
    once = pack_content(content_of(edges, random.normal(50, 1, 5000)), gaps)
    again = pack_content(unpack_content(once, gaps), gaps)
    assert np.abs(again.places.table.astype(int) - once.places.table).max() <= 1
    assert again.places.values.tolist() == once.places.values.tolist()


def test_what_was_undone_leaves_rounding_and_no_row() -> None:
    edges = np.arange(EDGES) * 1.0
    gaps = gaps_around(edges)
    content = content_of(edges, np.array([0.1, 0.7, 10.3]))
    undone = Content(Tally(content.counts.keys, -content.counts.values), Tally(content.sums.keys, -content.sums.values))
    packed = pack_content(content, gaps)
    counts, sums = dense_content(
        [pack_content(add_contents([unpack_content(packed, gaps), undone]), gaps)], gaps, SIZE, SUMS
    )
    assert not counts.any()
    assert np.abs(sums).max() < 1e-8


def test_outer_gaps_wide_ones_and_contents_without_gaps_stay_sums() -> None:
    edges = np.arange(EDGES) * 1.0
    content = content_of(edges, np.array([-5.0, 0.5, 1e9]))
    places, sums = places_of(gaps_around(edges), content.counts, content.sums)
    assert (places.keys.tolist(), sums.keys.tolist(), sums.values.tolist()) == ([1], [0, EDGES], [-5.0, 1e9])
    assert places_of(NO_GAPS, content.counts, content.sums)[1] is content.sums
    assert NARROW > 1
