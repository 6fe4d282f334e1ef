"""What a window holds: the panes of one version (or of all) added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from exporter.configuration.windows import Window
from exporter.counting import contributions
from exporter.counting.gap_places import Gaps
from exporter.counting.layout import QUALITY_SUMS, Field, Layout, Span
from exporter.counting.packed import PackedContent, pack_content, unpack, unpack_scores
from exporter.counting.packed_vectors import dense_content, dense_sum
from exporter.counting.score_bins import ScoreTable, add
from exporter.counting.tally import NO_COUNTS, Tally, merge
from exporter.ledger.due_labels import due_requests
from exporter.ledger.ledger import Ledger
from exporter.ledger.slices import Slices
from exporter.significance import family
from exporter.significance.dependence import INDEPENDENT, DesignEffects

# By version, then by when.
_Contents = dict[int, dict[int, list[PackedContent]]]


@dataclass(frozen=True, slots=True, eq=False)
class PastCounts:
    """The same window earlier, of all versions: the layout's vectors added up, and those of counts one by one (k, size)."""

    counts: NDArray[np.int64]
    sums: NDArray[np.float64]
    by_window: NDArray[np.int64]


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
    # Successful requests that are old enough for their labels to be there; only of windows that are judged.
    due: int = 0
    # The rows step by step; only of windows that are judged.
    slices: Slices | None = None
    # By name, what it is compared with beside the reference; only of windows that are judged.
    pasts: Mapping[str, PastCounts] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, str]:
        """The labels that every series of the window starts with."""
        return self.layout.model.name, self.version

    @property
    def judged(self) -> Window | None:
        """The window, if its figures have thresholds."""
        return next((each for each in self.layout.model.judged_windows if each.name == self.window), None)

    def risk(self, tests: int) -> float:
        """Return the risk of a false warning that each of so many tests of a judged window may take."""
        assert self.judged is not None
        assert self.judged.length is not None  # only windows of time are judged
        return family.level(self.layout.model.thresholds.false_warnings, self.judged.length, tests)

    def count(self, position: int) -> int:
        """Return one of the traffic counts."""
        return int(self.counts[self.layout.traffic.start + position])

    def design_effect(self, kind: str) -> float:
        """Return how many rows are worth one independent row, of a feature's values ("data") or the model's errors ("label").

        1 in windows that are not judged, and have no slices.
        """
        if self.slices is None:
            return 1.0
        return self.slices.of_features if kind == "data" else self.slices.of_errors

    def design_effects(self, field: Field) -> DesignEffects:
        """Return the design effects of a column."""
        return self.slices.effects(field) if self.slices else INDEPENDENT

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
    due = _due(ledger, window, now)
    pasts = _pasts(ledger, window, now)
    gaps = ledger.panes.gaps
    together = replace(_view(layout, gaps, "", window, complete, _of_all(contents)), due=due.total(), pasts=pasts)
    names = {version: layout.versions.text(version) for version in sorted(contents)}
    if len(contents) == 1:
        # Adding up is most of the work, and the sum of one version is that version.
        return [together, *(replace(together, version=name) for name in names.values())]
    return [
        together,
        *(
            replace(_view(layout, gaps, name, window, complete, contents[code]), due=due[code], pasts=pasts)
            for code, name in names.items()
        ),
    ]


def _due(ledger: Ledger, window: Window, now: int) -> Counter[int]:
    start, end = bounds(window, now)
    return Counter() if start is None or end is None else due_requests(ledger, window, start, end, now)


def _of_time(ledger: Ledger, window: Window, now: int) -> tuple[_Contents, bool]:
    start, end = bounds(window, now)
    contents: _Contents = {}
    for slot, content in ledger.panes.within(start, end):
        when = slot.start // window.step if window.step else 0
        contents.setdefault(slot.version, {}).setdefault(when, []).append(content)
    return contents, start is None or reaches_back(ledger, window, start)


def _pasts(ledger: Ledger, window: Window, now: int) -> dict[str, PastCounts]:
    """Return what the window is compared with, of those past windows that the log reaches back to."""
    found = {}
    for past in ledger.model.pasts(window):
        found_counts, sums = [], np.zeros(ledger.layout.sums_size)
        for each in past.windows:
            start, end = bounds(each, now)
            if start is None or not reaches_back(ledger, each, start):
                break
            parts = [content for _, content in ledger.panes.within(start, end)]
            counts, own = dense_content(parts, ledger.panes.gaps, ledger.layout.size, ledger.layout.sums_size)
            found_counts.append(counts)
            sums += own
        if found_counts:
            by_window = np.stack(found_counts)
            found[past.name] = PastCounts(by_window.sum(axis=0), sums, by_window)
    return found


def _of_rows(ledger: Ledger, rows: int) -> tuple[_Contents, bool]:
    assert ledger.count_windows is not None  # the model has such a window
    window = ledger.count_windows.window(rows)
    contents = {version: {0: [pack_content(content)]} for version, content in window.contents.items()}
    return contents, window.complete


def bounds(window: Window, now: int) -> tuple[int | None, int | None]:
    """Return the start and end of a window of time; the window ``all`` has neither."""
    if window.length is None:
        return None, None
    end = now // window.step * window.step - window.behind
    return end - window.length, end


def reaches_back(ledger: Ledger, window: Window, start: int) -> bool:
    """The first row's step counts as whole: a log that starts seconds after midnight has that day."""
    return ledger.history.first is not None and ledger.history.first // window.step * window.step <= start


def _of_all(contents: _Contents) -> dict[int, list[PackedContent]]:
    together: dict[int, list[PackedContent]] = {}
    for by_time in contents.values():
        for when, parts in by_time.items():
            together.setdefault(when, []).extend(parts)
    return together


def _view(
    layout: Layout,
    gaps: Gaps,
    version: str,
    window: Window,
    complete: bool,
    by_time: Mapping[int, list[PackedContent]],
) -> WindowView:
    parts = [part for when in sorted(by_time) for part in by_time[when]]
    counts, sums = dense_content(parts, gaps, layout.size, layout.sums_size)
    quality = dense_sum([part.quality for part in parts], layout.groups * QUALITY_SUMS, np.float64)
    return WindowView(
        layout,
        version,
        window.name,
        complete,
        counts,
        sums,
        merge([unpack(part.cells) for part in parts], NO_COUNTS),
        quality.reshape(-1, QUALITY_SUMS),
        add([ScoreTable(NO_COUNTS), *(unpack_scores(part) for part in parts)]),
        slices=Slices(layout, [by_time[when] for when in sorted(by_time)])
        if window in layout.model.judged_windows
        else None,
    )
