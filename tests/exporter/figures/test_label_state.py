from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exporter.counting import layout as positions
from exporter.counting.layout import Layout
from exporter.figures import quality
from exporter.figures.label_state import state_of
from exporter.ledger.window_view import WindowView
from tests.exporter.small_models import cells_of, figures_of, layout_of, view_of

PAIRS = [("1", "1")] * 30 + [("0", "0")] * 30


def view(layout: Layout, labelled: int, due: int = 0, window: str = "1h") -> WindowView:
    traffic = {positions.SUCCESSFUL: 100, positions.LABELLED: labelled}
    return replace(view_of(layout, traffic=traffic, cells=cells_of(layout, PAIRS)), due=due, window=window)


@pytest.mark.parametrize(
    ("labelled", "due", "state"),
    [
        (100, 0, "known"),
        (50, 100, "known"),
        (49, 0, "waiting"),
        (0, 0, "waiting"),
        (49, 98, "waiting"),
        (49, 99, "overdue"),
    ],
)
def test_labels_are_overdue_when_too_few_of_those_that_are_due_can_have_come(
    labelled: int, due: int, state: str
) -> None:
    assert state_of(labelled, 100, due, 0.5) == state


def test_a_coverage_of_nothing_is_always_enough() -> None:
    assert state_of(0, 100, 100, 0.0) == "known"


@pytest.mark.parametrize(
    ("labelled", "due", "state", "judged"),
    [(60, 0, "known", True), (40, 0, "waiting", False), (40, 90, "overdue", True)],
)
def test_thresholds_are_held_back_while_labels_are_waited_for(
    tmp_path: Path, labelled: int, due: int, state: str, *, judged: bool
) -> None:
    layout = layout_of(tmp_path, "binary", "windows: [1h]")
    found = figures_of(quality.window_figures(view(layout, labelled, due)))
    states = {name[1]: value for name, value in found.items() if name[0] == "ml_quality_state"}
    assert states == {"known": 0, "waiting": 0, "overdue": 0} | {state: 1}
    assert ("ml_quality_threshold", "accuracy", "", "", "warning", "min", "1h") in found or not judged
    assert any(name[0] == "ml_quality_threshold" for name in found) == judged
    # The figure and its bounds are there in any case.
    assert ("ml_quality_lower", "accuracy", "", "", "1h") in found


def test_windows_that_are_not_judged_have_no_state(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "windows: [1h, 24h]")
    found = figures_of(quality.window_figures(view(layout, 60)))
    assert not [name for name in found if name[0] in ("ml_quality_state", "ml_quality_threshold")]
    assert any(
        name[0] == "ml_quality_state" for name in figures_of(quality.window_figures(view(layout, 60, window="24h")))
    )


def test_a_window_without_requests_has_no_state(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, "binary", "windows: [1h]")
    assert not [name for name in figures_of(quality.window_figures(view_of(layout))) if name[0] == "ml_quality_state"]
