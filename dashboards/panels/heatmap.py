"""How a distribution moves: time to the right, values upwards, the more the darker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.panels.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Heatmap(Panel):
    """``unit`` is that of the axis; the query is one of a histogram's buckets in format ``heatmap``."""

    kind: ClassVar[str] = "heatmap"

    cells: str = "short"

    def options(self) -> dict[str, Any]:
        return {
            "calculate": False,
            "cellGap": 1,
            "cellValues": {"unit": self.cells},
            "color": {
                "exponent": 0.5,
                "fill": "blue",
                "mode": "scheme",
                "reverse": False,
                "scale": "exponential",
                "scheme": "Blues",
                "steps": 64,
            },
            "exemplars": {"color": "rgba(255,0,255,0.7)"},
            "filterValues": {"le": 1e-9},
            "legend": {"show": True},
            "rowsFrame": {"layout": "auto"},
            "showValue": "never",
            "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": True},
            "yAxis": {"axisPlacement": "left", "reverse": False, "unit": self.unit},
        }

    def defaults(self) -> dict[str, Any]:
        return {
            "custom": {
                "hideFrom": {"legend": False, "tooltip": False, "viz": False},
                "scaleDistribution": {"type": "linear"},
            }
        }
