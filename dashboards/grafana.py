"""Dashboards as grafanalib's objects: the only module that knows it."""

from __future__ import annotations

import json
from typing import Any

import grafanalib.core as grafana
from grafanalib._gen import DashboardEncoder

from dashboards.annotations import Annotation
from dashboards.board import Board, Place, Row, placed
from dashboards.links import runbook
from dashboards.panels.panel import DATASOURCE, Panel, Query
from dashboards.panels.table import letter
from dashboards.variables import Variable

SCHEMA = 42
"""That of Grafana 12 and 13; older ones, down to 11, take it as well."""
TAG = "driftbell"


def raw(board: Board) -> dict[str, Any]:
    """Return what grafanalib makes of a dashboard, as plain JSON."""
    made = grafana.Dashboard(
        title=board.title,
        uid=board.uid,
        description=board.question,
        editable=False,
        tags=[TAG],
        schemaVersion=SCHEMA,
        version=1,
        graphTooltip=grafana.GRAPH_TOOLTIP_MODE_SHARED_CROSSHAIR,
        refresh=board.refresh,
        time=grafana.Time(board.past, "now"),
        timezone="browser",
        timePicker=grafana.TimePicker(["30s", "1m", "5m", "15m", "1h"], []),
        templating=grafana.Templating([_variable(each) for each in board.variables]),
        annotations=grafana.Annotations([_BUILT_IN, *(_annotation(each) for each in board.annotations)]),
        links=[
            grafana.DashboardLink(
                type="dashboards", tags=[TAG], title="Driftbell", asDropdown=True, includeVars=True, keepTime=True
            )
        ],
        panels=_panels(board),
    )
    return dict(json.loads(json.dumps(made.to_json_data(), cls=DashboardEncoder)))


class _Panel(grafana.Panel):  # type: ignore[misc] # grafanalib has no types
    """A panel of any kind. ``extraJson`` takes the place of what grafanalib writes, whose options are those of Grafana 8."""

    def to_json_data(self) -> dict[str, Any]:
        return {**self.panel_json({}), **self.extraJson}


class _Target(grafana.Target):  # type: ignore[misc] # grafanalib has no types
    """A query as Prometheus' data source takes it now."""

    def to_json_data(self) -> dict[str, Any]:
        return {
            "datasource": self.datasource,
            "editorMode": "code",
            "expr": self.expr,
            "format": self.format,
            "instant": self.instant,
            "legendFormat": self.legendFormat,
            "range": not self.instant,
            "refId": self.refId,
        }


def _panels(board: Board) -> list[Any]:
    found, top = placed(board.top, 0)
    made = [_panel(*each) for each in found]
    for row in board.rows:
        inside, end = placed(row.panels, top + 1)
        panels = [_panel(*each) for each in inside]
        made += [_row(row, panels, top), *([] if row.collapsed else panels)]
        top = top + 1 if row.collapsed else end
    return made


def _row(row: Row, panels: list[Any], top: int) -> Any:
    return grafana.RowPanel(
        title=row.title,
        id=row.number,
        collapsed=row.collapsed,
        gridPos=grafana.GridPos(h=1, w=24, x=0, y=top),
        panels=panels if row.collapsed else [],
        maxDataPoints=None,
    )


def _panel(panel: Panel, place: Place) -> Any:
    links = (*panel.links, *(runbook(alert) for alert in panel.alerts))
    return _Panel(
        extraJson={"type": panel.kind, "options": panel.options(), "fieldConfig": panel.field_config()},
        id=panel.number,
        title=panel.title,
        description=panel.description,
        dataSource=DATASOURCE,
        targets=[_target(index, query) for index, query in enumerate(panel.queries)],
        gridPos=grafana.GridPos(h=place.height, w=place.width, x=place.x, y=place.y),
        links=[each.json() for each in links],
        transformations=[dict(each) for each in panel.transformations],
        maxDataPoints=None,
    )


def _target(index: int, query: Query) -> Any:
    return _Target(
        expr=query.expression,
        legendFormat=query.legend,
        format=query.format,
        instant=query.instant,
        refId=letter(index),
        datasource=DATASOURCE,
    )


def _variable(variable: Variable) -> Any:
    if variable.choices:
        options = [
            {"selected": index == 0, "text": text, "value": value}
            for index, (text, value) in enumerate(variable.choices.items())
        ]
        query = ", ".join(f"{text} : {value}" for text, value in variable.choices.items())
        return grafana.Template(
            name=variable.name, label=variable.label, type="custom", query=query, options=options, refresh=0
        )
    if not variable.query:
        return grafana.Template(
            name=variable.name, label=variable.label, type="datasource", query="prometheus", refresh=1, regex=""
        )
    return grafana.Template(
        name=variable.name,
        label=variable.label,
        type="query",
        dataSource=DATASOURCE,
        query={"qryType": 1, "query": variable.query, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
        # Whenever the time changes: models come and go.
        refresh=2,
        regex="",
        includeAll=variable.several,
        multi=variable.several,
        allValue=".*" if variable.several else None,
        sort=1,
    )


_BUILT_IN = {
    "builtIn": 1,
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "name": "Annotations & Alerts",
    "type": "dashboard",
}


def _annotation(annotation: Annotation) -> dict[str, Any]:
    return {
        "datasource": DATASOURCE,
        "enable": True,
        "expr": annotation.expression,
        "hide": False,
        "iconColor": annotation.colour,
        "name": annotation.name,
        "step": "60s",
        "tagKeys": ",".join(annotation.tags),
        "textFormat": "",
        "titleFormat": annotation.title,
        "useValueForTime": annotation.at_value,
    }
