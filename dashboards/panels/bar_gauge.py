"""The worst of many, as bars from the longest to the shortest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.panels.colour import ALL_GOOD, UNKNOWN, Steps, Word, mappings
from dashboards.panels.panel import Panel, legend, reduced


@dataclass(frozen=True, slots=True, kw_only=True)
class BarGauge(Panel):
    kind: ClassVar[str] = "bargauge"

    steps: Steps = ALL_GOOD

    def options(self) -> dict[str, Any]:
        return {
            "displayMode": "basic",
            "legend": legend(shown=False),
            "maxVizHeight": 28,
            "minVizHeight": 14,
            "minVizWidth": 8,
            "namePlacement": "left",
            "orientation": "horizontal",
            "reduceOptions": reduced(),
            "showUnfilled": True,
            "sizing": "auto",
            "valueMode": "color",
        }

    def defaults(self) -> dict[str, Any]:
        nothing = mappings({}, Word(self.empty, UNKNOWN))
        return {"color": {"mode": "thresholds"}, "mappings": nothing, "thresholds": self.steps.json()}
