"""Which windows are judged, and how many false warnings that may bring."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from exporter.configuration.sections import Section
from exporter.configuration.values import Distinct, List, Text, written
from exporter.configuration.windows import Window


class Thresholds(Section):
    """Which windows have thresholds, and what chance may do to them."""

    windows: Annotated[tuple[Text, ...], List, Distinct] | None = written(None)
    """Windows of time whose figures have thresholds; by default the longest one. An empty list turns all thresholds off."""
    false_warnings: Annotated[float, Field(gt=0, le=1000)] = written(0.1)
    """So many false warnings are expected in 30 days of windows that do not overlap: of drift, as many of data quality, and
    with labels as many of quality. They are shared out over all that is tested. More of them find smaller changes in few rows."""


def can_be_judged(window: Window) -> bool:
    """Say whether a window has a length in time (which says how many there are in 30 days) and is no previous one."""
    return window.length is not None and not window.behind


def judged(thresholds: Thresholds, windows: tuple[Window, ...]) -> tuple[Window, ...]:
    """Return the windows that have thresholds."""
    possible = [window for window in windows if can_be_judged(window)]
    if thresholds.windows is None:
        return tuple(possible[-1:])
    return tuple(window for window in possible if window.name in thresholds.windows)
