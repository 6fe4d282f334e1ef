"""What windows of a number of rows hold: the model's newest requests, with the labels that they have now."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter.counting import contributions
from exporter.counting.content import Content, add_contents
from exporter.counting.layout import Layout
from exporter.label_join.join import LabelJoin
from exporter.ledger.current_labels import current_labels
from exporter.ledger.newest_rows import NewestRows, bytes_at_most
from exporter.rows.record import Predictions


class CountWindow(NamedTuple):
    """What each version has in a window; ``complete`` once there have been as many rows as it asks for."""

    contents: Mapping[int, Content]
    complete: bool


class CountWindows:
    """The windows of the newest rows of one model, up to ``most`` of them."""

    def __init__(self, layout: Layout, join: LabelJoin | None, most: int) -> None:
        self.rows = NewestRows(layout, most)
        self._layout = layout
        self._join = join
        # By number of rows: when the window was counted, and what was found.
        self._known: dict[int, tuple[Hashable, CountWindow]] = {}

    @property
    def bytes_at_most(self) -> int:
        """What the rows take once there are enough of them."""
        return bytes_at_most(self._layout, self.rows.capacity)

    def window(self, rows: int) -> CountWindow:
        """Return the window of so many rows."""
        state = self.state
        known = self._known.get(rows)
        if known is None or known[0] != state:
            contents = _contents(self._layout, self._join, self.rows.newest(rows))
            known = self._known[rows] = state, CountWindow(contents, len(self.rows) >= rows)
        return known[1]

    @property
    def state(self) -> Hashable:
        """What changes whenever a window may: blocks keep their numbers for as long as their content stays the same."""
        join = self._join
        stores = [self.rows.blocks, *((join.predictions, join.labels) if join else ())]
        numbers = tuple(tuple(block.number for block in store) for store in stores)
        return (*numbers, join.expired_to if join else 0)


def _contents(layout: Layout, join: LabelJoin | None, parts: Iterable[Predictions]) -> dict[int, Content]:
    """Return what some rows and their labels add up to, by version."""
    found: dict[int, list[Content]] = {}
    for rows in parts:
        versions, which = _by_version(rows.version)
        _gather(found, versions, contributions.of_predictions(layout, rows, which, len(versions)).counted)
        labelled = current_labels(join, rows) if join else None
        if labelled is not None and len(labelled.value):
            versions, which = _by_version(labelled.rows.version)
            _gather(found, versions, contributions.of_labels(layout, labelled, which, len(versions)))
    return {version: add_contents(contents) for version, contents in found.items()}


def _by_version(codes: NDArray[np.int32]) -> tuple[list[int], NDArray[np.intp]]:
    versions, which = np.unique(codes, return_inverse=True)
    return versions.tolist(), which


def _gather(found: dict[int, list[Content]], versions: list[int], contents: list[Content]) -> None:
    for version, content in zip(versions, contents, strict=True):
        found.setdefault(version, []).append(content)
