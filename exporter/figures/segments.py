"""Which segments of a window have series of their own; the others are added up and shown as ``__other__``."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter.counting.contributions import cells_per_group
from exporter.counting.score_bins import BITS, ScoreTable
from exporter.counting.tally import Tally, total
from exporter.ledger.window_view import WindowView
from exporter.rows.dictionary import OTHER

Counts = NDArray[np.int64]


class Group(NamedTuple):
    """Group 0 is everything; the others are the values of segment fields."""

    number: int
    segment_by: str
    segment: str


def shown(view: WindowView) -> tuple[WindowView, list[Group]]:
    """Return the groups to show: everything, and of each field the segments with the most labelled rows.

    Of equals, those first by text are shown. The view that comes with them holds the sum of all others in
    the group of ``__other__``.
    """
    layout = view.layout
    rows = _rows_by_group(view)
    groups, target, first = [Group(0, "", "")], np.arange(layout.groups), 1
    for name, dictionary in layout.segments.items():
        own = rows[first : first + dictionary.other]
        ranked = sorted(np.flatnonzero(own).tolist(), key=lambda code: (-own[code], dictionary.text(code)))
        kept, folded = ranked[: layout.model.limits.shown_segments], ranked[layout.model.limits.shown_segments :]
        target[[first + code for code in folded]] = first + dictionary.other
        groups += [Group(first + code, name, dictionary.text(code)) for code in kept]
        if folded or rows[first + dictionary.other]:
            groups.append(Group(first + dictionary.other, name, OTHER))
        first += dictionary.capacity
    return _moved(view, target), groups


def _rows_by_group(view: WindowView) -> Counts:
    """Return the labelled rows (groups,)."""
    group, inside = np.divmod(view.cells.keys, cells_per_group(view.layout))
    # A regression counts some rows a second time, in its other cell.
    counted = inside == 0 if view.layout.is_regression else np.ones(len(group), dtype=bool)
    rows = np.zeros(view.layout.groups, np.int64)
    np.add.at(rows, group[counted], view.cells.values[counted])
    return rows


def _moved(view: WindowView, target: NDArray[np.intp]) -> WindowView:
    """Return the view with the contents of each group added to that of its ``target`` (groups,)."""
    if (target == np.arange(len(target))).all():
        return view
    quality = np.zeros_like(view.quality)
    np.add.at(quality, target, view.quality)
    cells = _regrouped(view.cells, cells_per_group(view.layout), target)
    scores = _regrouped(view.scores.counts, (2 * view.layout.score_rows) << BITS, target)
    return replace(view, cells=cells, quality=quality, scores=ScoreTable(scores, view.scores.level))


def _regrouped(tally: Tally, width: int, target: NDArray[np.intp]) -> Tally:
    """Return a tally whose groups have ``width`` keys each with its groups renamed, and those of one name added up."""
    group, inside = np.divmod(tally.keys, width)
    return total(target[group] * width + inside, tally.values)
