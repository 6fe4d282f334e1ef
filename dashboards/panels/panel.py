"""What every panel has: a number that stays, a place, words, queries, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}

Format = Literal["time_series", "table", "heatmap"]


@dataclass(frozen=True, slots=True)
class Query:
    """``expression`` is PromQL; ``legend`` names its series, as ``{{label}}``. ``instant`` asks for the newest value alone."""

    expression: str
    legend: str = "__auto"
    instant: bool = False
    format: Format = "time_series"


@dataclass(frozen=True, slots=True)
class Link:
    """``new`` opens a page of its own: what is no dashboard does."""

    title: str
    url: str
    new: bool = False

    def json(self) -> dict[str, Any]:
        return {"targetBlank": self.new, "title": self.title, "url": self.url}


@dataclass(frozen=True, slots=True)
class Override:
    """Properties of the series or columns that a matcher finds, such as ``byName`` or ``byRegexp``."""

    matcher: str
    options: str
    properties: Mapping[str, Any]

    def json(self) -> dict[str, Any]:
        properties = [{"id": name, "value": value} for name, value in self.properties.items()]
        return {"matcher": {"id": self.matcher, "options": self.options}, "properties": properties}


def named(name: str, **properties: Any) -> Override:
    """Return what is set for the series or column of one name; ``_`` in a property stands for a dot."""
    return Override("byName", name, {key.replace("_", "."): value for key, value in properties.items()})


def like(pattern: str, **properties: Any) -> Override:
    """Return what is set for the series or columns whose name fits a pattern."""
    return Override("byRegexp", f"/{pattern}/", {key.replace("_", "."): value for key, value in properties.items()})


def coloured(colour: str) -> dict[str, str]:
    return {"mode": "fixed", "fixedColor": colour}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Base of the kinds. ``number`` is the panel's for good: links of alerts name it.

    ``width`` is of 24, ``height`` of about 30 pixels. ``unit`` is one of Grafana's. ``alerts`` are the names of those whose
    expression the panel shows; it links to their runbooks. ``links`` belong to the panel, ``leads`` to each value in it.
    """

    kind: ClassVar[str]

    number: int
    title: str
    description: str
    queries: tuple[Query, ...] = ()
    width: int = 8
    height: int = 8
    unit: str = "none"
    decimals: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    empty: str = "No data"
    alerts: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    leads: tuple[Link, ...] = ()
    overrides: tuple[Override, ...] = ()
    transformations: tuple[Mapping[str, Any], ...] = field(default=())

    def options(self) -> dict[str, Any]:
        raise NotImplementedError

    def defaults(self) -> dict[str, Any]:
        """Return what holds for every field, besides the unit and the bounds."""
        return {}

    def field_config(self) -> dict[str, Any]:
        bounds = {"decimals": self.decimals, "min": self.minimum, "max": self.maximum}
        defaults = {
            "unit": self.unit,
            "noValue": self.empty,
            **{name: value for name, value in bounds.items() if value is not None},
            **({"links": [each.json() for each in self.leads]} if self.leads else {}),
            **self.defaults(),
        }
        return {"defaults": defaults, "overrides": [each.json() for each in self.overrides]}


def legend(*, shown: bool = True) -> dict[str, Any]:
    return {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": shown}


def reduced() -> dict[str, Any]:
    """Return which value of a series is shown: the newest."""
    return {"calcs": ["lastNotNull"], "fields": "", "values": False}
