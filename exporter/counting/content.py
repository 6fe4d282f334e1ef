"""What a pane holds: counts and sums, each a sparse vector."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.counting.score_bins import EMPTY, ScoreTable, add
from exporter.counting.tally import NO_COUNTS, NO_SUMS, Tally, merge, negate


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """``counts`` and ``sums`` by the layout's positions, ``cells`` and ``quality`` by group, ``scores`` by bin.

    ``cells`` holds confusion cells (or labelled rows), ``quality`` sums of errors; see ``exporter.counting.contributions``.
    """

    counts: Tally = NO_COUNTS
    sums: Tally = NO_SUMS
    cells: Tally = NO_COUNTS
    quality: Tally = NO_SUMS
    scores: ScoreTable = EMPTY

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in (self.counts, self.sums, self.cells, self.quality, self.scores.counts))


def add_contents(contents: list[Content]) -> Content:
    """Add contents up, at least one."""
    if len(contents) == 1:
        return contents[0]
    return Content(
        merge([content.counts for content in contents], NO_COUNTS),
        merge([content.sums for content in contents], NO_SUMS),
        merge([content.cells for content in contents], NO_COUNTS),
        merge([content.quality for content in contents], NO_SUMS),
        add([content.scores for content in contents]),
    )


def negated(content: Content) -> Content:
    """Return the content that undoes this one."""
    return Content(
        negate(content.counts),
        negate(content.sums),
        negate(content.cells),
        negate(content.quality),
        ScoreTable(negate(content.scores.counts), content.scores.level),
    )
