"""Figures over time, with the limits that they must keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from dashboards.panels.colour import SEVERITIES, Steps
from dashboards.panels.panel import Override, Panel, coloured, legend, like


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSeries(Panel):
    """``steps`` are drawn as lines. ``log`` is for what spans decades, as p-values do; ``stacked`` adds up.

    ``same_colours``: a series has the colour of its name, on every dashboard. Of few series two may then look alike.
    """

    kind: ClassVar[str] = "timeseries"

    steps: Steps | None = None
    stacked: Literal["none", "normal", "percent"] = "none"
    log: bool = False
    fill: int = 0
    same_colours: bool = False

    def options(self) -> dict[str, Any]:
        return {"legend": legend(), "tooltip": {"mode": "multi", "sort": "desc"}}

    def defaults(self) -> dict[str, Any]:
        scale = {"type": "log", "log": 10} if self.log else {"type": "linear"}
        custom = {
            "axisPlacement": "auto",
            "drawStyle": "line",
            "fillOpacity": self.fill or (60 if self.stacked != "none" else 0),
            "lineInterpolation": "linear",
            "lineWidth": 1,
            "pointSize": 4,
            "scaleDistribution": scale,
            "showPoints": "never",
            # A scrape that failed is no gap, an hour without figures is: milliseconds.
            "spanNulls": 300_000,
            "stacking": {"group": "A", "mode": self.stacked},
            "thresholdsStyle": {"mode": "line" if self.steps else "off"},
        }
        return {
            "color": {"mode": "palette-classic-by-name" if self.same_colours else "palette-classic"},
            "custom": custom,
            "thresholds": (self.steps or Steps("transparent")).json(),
        }


_DASHED = {"fill": "dash", "dash": [8, 6]}


def limit_line(pattern: str, colour: str) -> Override:
    """Return how a limit looks that is a series of its own: dashed, and in the colour of what it means."""
    return like(pattern, color=coloured(colour), custom_lineStyle=_DASHED, custom_fillOpacity=0)


def limits_by_severity() -> tuple[Override, ...]:
    """Return how series look whose name ends in a severity, such as ``max warning``."""
    return tuple(limit_line(f"(^| ){severity}$", colour) for severity, colour in SEVERITIES.items())


def band(lower: str, upper: str, colour: str) -> tuple[Override, ...]:
    """Return how the two ends of an interval look: no lines, and what lies between is shaded."""
    no_line = {"color": coloured(colour), "custom_lineWidth": 0}
    # A property of the legend alone: the two are one thing, named once.
    hidden = {"legend": True, "tooltip": False, "viz": False}
    return (
        like(f"^{lower}$", **no_line, custom_hideFrom=hidden),
        like(f"^{upper}$", **no_line, custom_fillBelowTo=lower, custom_fillOpacity=15),
    )
