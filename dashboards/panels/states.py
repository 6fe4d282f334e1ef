"""States over time: of each series a line of coloured words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from dashboards.panels.colour import NEUTRAL, UNKNOWN, Steps, Word, mappings
from dashboards.panels.panel import Panel, legend


@dataclass(frozen=True, slots=True, kw_only=True)
class _States(Panel):
    steps: Steps | None = None
    words: Mapping[float, Word] = field(default_factory=dict)

    def defaults(self) -> dict[str, Any]:
        return {
            "color": {"mode": "thresholds"},
            "custom": {"fillOpacity": 80, "lineWidth": 0},
            "mappings": mappings(self.words, Word(self.empty, UNKNOWN)),
            "thresholds": (self.steps or NEUTRAL).json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTimeline(_States):
    """Neighbours of one state are one bar."""

    kind: ClassVar[str] = "state-timeline"

    def options(self) -> dict[str, Any]:
        return {
            "alignValue": "left",
            "legend": legend(),
            "mergeValues": True,
            "rowHeight": 0.85,
            "showValue": "auto",
            "tooltip": {"mode": "single", "sort": "none"},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusHistory(_States):
    """One cell for each moment: of many series, which were bad when?"""

    kind: ClassVar[str] = "status-history"

    def options(self) -> dict[str, Any]:
        return {
            "colWidth": 0.95,
            "legend": legend(shown=False),
            "rowHeight": 0.9,
            "showValue": "never",
            "tooltip": {"mode": "single", "sort": "none"},
        }
