"""Parts of a pane add up to the same, however few or many there are."""

from __future__ import annotations

import numpy as np
import pytest

from exporter.counting.content import Content, add_contents
from exporter.counting.gap_places import NO_GAPS, Gaps
from exporter.counting.packed import loose_content, pack_content, unpack_content
from exporter.counting.pane_parts import Part, packed_sum
from exporter.counting.score_bins import ScoreTable
from exporter.counting.slotted_rows import slotted
from exporter.counting.tally import count, total
from tests.exporter.counting.test_slotted_rows import fields_of

EDGES = np.sort(np.random.default_rng(1).normal(size=300))
(FIELD,) = fields_of((EDGES,))
SIZE, SUMS = FIELD.span.stop, FIELD.sums.stop


def gaps_of(size: int) -> Gaps:
    """The gaps of the column, of a layout that says its size or does not."""
    gaps = Gaps(np.zeros(SUMS, np.int32), np.zeros(SUMS), np.zeros(SUMS), size)
    inner = FIELD.sums.start + 1 + np.arange(len(EDGES) - 1)
    gaps.counted[inner] = FIELD.span.start + 2 * (inner - FIELD.sums.start)
    gaps.middle[inner], gaps.width[inner] = (EDGES[:-1] + EDGES[1:]) / 2, np.diff(EDGES)
    return gaps


def parts_of(rows: int) -> tuple[list[Part], Content]:
    """Rows, a content as it is, a loose and a packed one; and all of it, counted one by one."""
    random = np.random.default_rng(rows)
    numbers = slotted((FIELD,), random.normal(size=(1, rows)))
    label = Content(count(np.array([0, 0, 3])), total(np.array([1, 0]), np.array([0.5, 0.25])))
    other = Content(cells=count(np.array([4])), quality=total(np.array([2]), np.array([1.5])))
    scored = Content(scores=ScoreTable(count(np.array([9])), 3))
    more = slotted((FIELD,), random.normal(size=(1, rows))).content()
    parts: list[Part] = [numbers, label, loose_content(other), loose_content(scored), pack_content(more, gaps_of(SIZE))]
    return parts, add_contents([numbers.content(), label, other, scored, more])


@pytest.mark.parametrize("rows", [1, 20, 3000])
@pytest.mark.parametrize("size", [0, SIZE])
def test_parts_add_up(rows: int, size: int) -> None:
    gaps = gaps_of(size)
    parts, expected = parts_of(rows)
    found = unpack_content(packed_sum(parts, gaps), gaps)
    assert found.counts.dense(SIZE).tolist() == expected.counts.dense(SIZE).tolist()
    assert found.sums.dense(SUMS) == pytest.approx(expected.sums.dense(SUMS), rel=1e-9, abs=1e-9)
    for name in ("cells", "quality"):
        assert getattr(found, name).values.tolist() == getattr(expected, name).values.tolist()
    assert (found.scores.counts.keys.tolist(), found.scores.level) == ([9], 3)


def test_no_parts_are_nothing() -> None:
    assert packed_sum([], NO_GAPS).nbytes == 0
