"""One figure, large: is it all right?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from dashboards.panels.colour import NEUTRAL, UNKNOWN, Steps, Word, mappings
from dashboards.panels.panel import Panel, Query, reduced


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat(Panel):
    """``steps`` colour the whole tile; without them the figure is neutral. ``words`` are written in place of values."""

    kind: ClassVar[str] = "stat"

    steps: Steps | None = None
    words: Mapping[float, Word] = field(default_factory=dict)
    ranges: Mapping[tuple[float, float], Word] = field(default_factory=dict)
    text: Literal["auto", "value", "value_and_name", "name"] = "value"

    def options(self) -> dict[str, Any]:
        return {
            "colorMode": "background" if self.steps or self.words else "none",
            "graphMode": "none",
            "justifyMode": "center",
            "orientation": "auto",
            "percentChangeColorMode": "standard",
            "reduceOptions": reduced(),
            "showPercentChange": False,
            "textMode": self.text,
            "wideLayout": True,
        }

    def defaults(self) -> dict[str, Any]:
        return {
            "color": {"mode": "thresholds"},
            "mappings": mappings(self.words, Word(self.empty, UNKNOWN), self.ranges),
            "thresholds": (self.steps or NEUTRAL).json(),
        }


def tile(number: int, title: str, description: str, expression: str, **more: Any) -> Stat:
    """Return a tile that shows the newest value of one expression; six of them fill a line."""
    options = {"width": 4, "height": 4, "queries": (Query(expression, instant=True),), **more}
    return Stat(number=number, title=title, description=description, **options)
