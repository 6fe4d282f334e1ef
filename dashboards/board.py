"""A dashboard: rows of panels, put beside each other from left to right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboards.annotations import Annotation
from dashboards.panels.panel import Panel
from dashboards.variables import Variable

WIDTH = 24
_TITLE_HEIGHT = 1


@dataclass(frozen=True, slots=True)
class Row:
    """``panels`` under a title; a ``collapsed`` one asks nothing of Prometheus until it is opened."""

    number: int
    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """In a grid of 24 columns; ``y`` grows downwards."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """``uid`` is what links name. ``question`` is what the dashboard answers; ``past`` is how far it looks back at first."""

    uid: str
    title: str
    question: str
    variables: tuple[Variable, ...]
    annotations: tuple[Annotation, ...]
    top: tuple[Panel, ...]
    rows: tuple[Row, ...] = ()
    past: str = "now-24h"
    refresh: str = "1m"

    def panels(self) -> Iterator[Panel]:
        yield from self.top
        for row in self.rows:
            yield from row.panels


def placed(panels: Sequence[Panel], top: int) -> tuple[list[tuple[Panel, Place]], int]:
    """Return where each panel goes, and the height at which the next row begins.

    Panels of one line have one height, and fill it: what is left open would be moved by Grafana.
    """
    found: list[tuple[Panel, Place]] = []
    x, y, height = 0, top, 0
    for panel in panels:
        if x and panel.height != height:
            raise ValueError(f"panel {panel.number} ({panel.title}) is not as high as those beside it")
        height = panel.height
        found.append((panel, Place(x, y, panel.width, height)))
        x += panel.width
        if x > WIDTH:
            raise ValueError(f"panel {panel.number} ({panel.title}) reaches beyond the grid")
        if x == WIDTH:
            x, y = 0, y + height
    if x:
        raise ValueError(
            f"the line that ends with panel {panels[-1].number} ({panels[-1].title}) is {x} wide, not {WIDTH}"
        )
    return found, y
