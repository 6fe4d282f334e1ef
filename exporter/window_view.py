"""What a window holds: the panes of one version (or of all) added up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from exporter import contributions
from exporter.configuration.windows import Window
from exporter.layout import QUALITY_SUMS, Layout, Span
from exporter.ledger import Ledger
from exporter.packed import PackedContent, dense_sum, pack_content, unpack, unpack_scores
from exporter.score_bins import ScoreTable, add
from exporter.tally import NO_COUNTS, Tally, merge

_Contents = dict[int, list[PackedContent]]


@dataclass(frozen=True, slots=True, eq=False)
class WindowView:
    """The vectors of a window. ``version`` is ``""`` for all versions together.

    ``complete`` says whether the log goes back to the window's start, or has as many rows as the window asks for.
    ``counts`` and ``sums`` are the layout's vectors; ``cells`` are by group and cell; ``quality`` (groups,
    QUALITY_SUMS).
    """

    layout: Layout
    version: str
    window: str
    complete: bool
    counts: NDArray[np.int64]
    sums: NDArray[np.float64]
    cells: Tally
    quality: NDArray[np.float64]
    scores: ScoreTable

    @property
    def labels(self) -> tuple[str, str]:
        """The labels that every series of the window starts with."""
        return self.layout.model.name, self.version

    def count(self, position: int) -> int:
        """Return one of the traffic counts."""
        return int(self.counts[self.layout.traffic.start + position])

    def slots(self, span: Span, width: int) -> NDArray[np.int64]:
        return self.counts[span.start : span.start + width]

    def group_cells(self, group: int) -> Tally:
        width = contributions.cells_per_group(self.layout)
        return self.cells.between(group * width, (group + 1) * width)


def views(ledger: Ledger, window: Window, now: int) -> list[WindowView]:
    """Return the views of a window that ends at ``now`` floored to its step: of all versions together, then of each.

    A window of a number of rows ends with the newest row. A version without a row in the window has no view.
    """
    contents, complete = _of_rows(ledger, window.rows) if window.rows else _of_time(ledger, window, now)
    layout = ledger.layout
    together = _view(layout, "", window.name, complete, [part for parts in contents.values() for part in parts])
    names = {version: layout.versions.text(version) for version in sorted(contents)}
    if len(contents) == 1:
        # Adding up is most of the work, and the sum of one version is that version.
        return [together, *(replace(together, version=name) for name in names.values())]
    return [together, *(_view(layout, name, window.name, complete, contents[code]) for code, name in names.items())]


def _of_time(ledger: Ledger, window: Window, now: int) -> tuple[_Contents, bool]:
    start, end = bounds(window, now)
    contents: _Contents = {}
    for version, content in ledger.panes.within(start, end):
        contents.setdefault(version, []).append(content)
    return contents, start is None or _reaches_back(ledger, window, start)


def _of_rows(ledger: Ledger, rows: int) -> tuple[_Contents, bool]:
    assert ledger.count_windows is not None  # the model has such a window
    window = ledger.count_windows.window(rows)
    return {version: [pack_content(content)] for version, content in window.contents.items()}, window.complete


def bounds(window: Window, now: int) -> tuple[int | None, int | None]:
    """Return the start and end of a window of time; the window ``all`` has neither."""
    if window.length is None:
        return None, None
    end = now // window.step * window.step - window.behind
    return end - window.length, end


def _reaches_back(ledger: Ledger, window: Window, start: int) -> bool:
    """The first row's step counts as whole: a log that starts seconds after midnight has that day."""
    return ledger.history.first is not None and ledger.history.first // window.step * window.step <= start


def _view(layout: Layout, version: str, window: str, complete: bool, parts: list[PackedContent]) -> WindowView:
    quality = dense_sum((part.quality for part in parts), layout.groups * QUALITY_SUMS, np.float64)
    return WindowView(
        layout,
        version,
        window,
        complete,
        dense_sum((part.counts for part in parts), layout.size, np.int64),
        dense_sum((part.sums for part in parts), layout.sums_size, np.float64),
        merge([unpack(part.cells) for part in parts], NO_COUNTS),
        quality.reshape(-1, QUALITY_SUMS),
        add([ScoreTable(NO_COUNTS), *(unpack_scores(part) for part in parts)]),
    )
