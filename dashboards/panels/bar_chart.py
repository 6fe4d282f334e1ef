"""Bars side by side: what is, beside what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.panels.panel import Panel, legend


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart(Panel):
    """``by`` is the column along the axis; each other column is a colour of bars."""

    kind: ClassVar[str] = "barchart"

    by: str

    def options(self) -> dict[str, Any]:
        return {
            "barRadius": 0,
            "barWidth": 0.9,
            "fullHighlight": False,
            "groupWidth": 0.8,
            "legend": legend(),
            "orientation": "auto",
            "showValue": "never",
            "stacking": "none",
            "tooltip": {"mode": "multi", "sort": "none"},
            "xField": self.by,
            "xTickLabelRotation": -45,
            "xTickLabelSpacing": 0,
        }

    def defaults(self) -> dict[str, Any]:
        custom = {"axisPlacement": "auto", "fillOpacity": 80, "lineWidth": 1}
        return {"color": {"mode": "palette-classic-by-name"}, "custom": custom}
