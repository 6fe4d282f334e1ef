"""A dashboard in which nothing is wrong, with a panel of each type, and the rules that it agrees with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dashboards.lint import run
from dashboards.lint.board_file import BoardFile, parse
from dashboards.lint.material import Material
from dashboards.lint.shapes import canonical
from rules.lint import rule_file
from rules.lint.finding import Finding
from rules.lint.rule_file import RuleFile

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
MODEL = 'job="$job",model_name="$model_name"'
BY_MODEL = "by (job, model_name)"
RATE = f"sum {BY_MODEL} (rate(ml_requests_total{{{MODEL}}}[$__rate_interval]))"
SCORE = f'ml_drift_score{{{MODEL},model_version="",kind="data",window=~"$window"}}'
RUNBOOKS = "https://runbooks.example.com/driftbell"
LINK = "/d/driftbell-good?${__url_time_range}&${job:queryparam}&${model_name:queryparam}"
TOOLTIP = {"mode": "multi", "sort": "desc"}
UNKNOWN = {
    "type": "special",
    "options": {"match": "null+nan", "result": {"color": "#8e8e8e", "index": 9, "text": "No data"}},
}
WORDS = {
    "type": "value",
    "options": {
        "0": {"color": "green", "index": 0, "text": "No"},
        "1": {"color": "red", "index": 1, "text": "Yes"},
    },
}

RULES = """\
groups:
- name: model
  rules:
  - record: model:ml_requests:rate5m
    expr: sum by (job, model_name) (rate(ml_requests_total{job="driftbell"}[5m]))
  - record: model_change:ml_recent_changes:last1d
    expr: |-
      label_replace(max by (job, model_name) (ml_model_trained_timestamp_seconds{job="driftbell"}), "change", "trained", "", "")
  - alert: MLNoTraffic
    expr: model:ml_requests:rate5m < 0.25
    labels: {severity: warning}
    annotations:
      dashboard_url: https://grafana.example.com/d/driftbell-good?var-model_name={{ $labels.model_name }}&viewPanel=2
"""


def steps(*above: tuple[float, str]) -> dict[str, Any]:
    several = [{"color": "green", "value": None}, *({"color": colour, "value": value} for value, colour in above)]
    return {"mode": "absolute", "steps": several}


def target(expression: str, name: str = "A", **more: Any) -> dict[str, Any]:
    return {
        "datasource": SOURCE,
        "editorMode": "code",
        "expr": expression,
        "format": "time_series",
        "instant": False,
        "legendFormat": "{{model_name}}",
        "range": True,
        "refId": name,
        **more,
    }


def now(expression: str, name: str = "A", **more: Any) -> dict[str, Any]:
    return target(expression, name, instant=True, range=False, **more)


def panel(number: int, kind: str, title: str, place: tuple[int, int, int, int], **more: Any) -> dict[str, Any]:
    x, y, width, height = place
    defaults = {"noValue": "No data", "thresholds": steps(), "unit": "none", **more.pop("defaults", {})}
    return {
        "datasource": SOURCE,
        "description": "What it shows, in a sentence. What a bad value asks for.",
        "fieldConfig": {"defaults": defaults, "overrides": more.pop("overrides", [])},
        "gridPos": {"h": height, "w": width, "x": x, "y": y},
        "id": number,
        "title": title,
        "type": kind,
        **more,
    }


def legend() -> dict[str, Any]:
    return {"calcs": ["lastNotNull"], "displayMode": "list", "placement": "bottom", "showLegend": True}


def text() -> dict[str, Any]:
    content = f"Is all well? [What to do]({RUNBOOKS}/README.md), [here]({LINK})."
    return {
        "gridPos": {"h": 2, "w": 24, "x": 0, "y": 0},
        "id": 1,
        "options": {"content": content, "mode": "markdown"},
        "title": "",
        "type": "text",
    }


def stat() -> dict[str, Any]:
    options = {
        "colorMode": "background",
        "graphMode": "none",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "value",
    }
    defaults = {"unit": "reqps", "thresholds": steps((0.25, "orange"), (1, "red")), "mappings": [UNKNOWN]}
    links = [{"title": "Runbook", "url": f"{RUNBOOKS}/MLOutage.md", "targetBlank": True}]
    place = (0, 2, 6, 4)
    return panel(2, "stat", "Requests", place, targets=[now(RATE)], options=options, defaults=defaults, links=links)


def timeseries() -> dict[str, Any]:
    defaults = {
        "color": {"mode": "palette-classic-by-name"},
        "custom": {"drawStyle": "line", "thresholdsStyle": {"mode": "line"}},
        "links": [{"title": "More", "url": f"{LINK}&var-model_name=${{__field.labels.model_name}}"}],
        "min": 0,
        "unit": "percentunit",
    }
    whole = f'sum {BY_MODEL} (rate(ml_errors_total{{{MODEL},error_type="server"}}[$__rate_interval])) / ({RATE} > 0)'
    limit = f'max {BY_MODEL} (ml_limit{{{MODEL},limit="error_ratio",severity="warning"}})'
    dashed = [
        {"id": "color", "value": {"mode": "fixed", "fixedColor": "orange"}},
        {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 6]}},
    ]
    return panel(
        3,
        "timeseries",
        "Server errors",
        (6, 2, 18, 4),
        targets=[target(whole), target(limit, "B", legendFormat="limit {{model_name}}")],
        options={"legend": legend(), "tooltip": TOOLTIP},
        defaults=defaults,
        overrides=[{"matcher": {"id": "byRegexp", "options": "/^limit /"}, "properties": dashed}],
    )


def bargauge() -> dict[str, Any]:
    shares = f'ml_label_coverage_ratio{{{MODEL},model_version="",window=~"$window"}}'
    return panel(
        4,
        "bargauge",
        "Label coverage",
        (0, 6, 8, 6),
        targets=[now(f"max by (job, window) ({shares})", legendFormat="{{window}}")],
        options={"displayMode": "basic", "reduceOptions": {"calcs": ["lastNotNull"], "values": False}},
        defaults={"unit": "percentunit", "min": 0, "max": 1, "decimals": 1, "thresholds": steps((1, "blue"))},
    )


def table() -> dict[str, Any]:
    organised = {
        "id": "organize",
        "options": {"includeByName": {"Value": True, "feature_name": True}, "renameByName": {"Value": "Score"}},
    }
    properties = [
        {"id": "unit", "value": "none"},
        {"id": "custom.cellOptions", "value": {"type": "color-background", "mode": "basic"}},
        {"id": "links", "value": [{"title": "More", "url": f'{LINK}&var-window=${{__data.fields["feature_name"]}}'}]},
    ]
    return panel(
        5,
        "table",
        "Features",
        (8, 6, 16, 6),
        targets=[now(f"topk(20, max by (job, feature_name) ({SCORE}))", format="table")],
        options={"showHeader": True, "cellHeight": "sm"},
        overrides=[{"matcher": {"id": "byName", "options": "Score"}, "properties": properties}],
        transformations=[organised],
    )


def states(number: int, kind: str, y: int) -> dict[str, Any]:
    return panel(
        number,
        kind,
        f"Drifted {number}",
        (0, y, 24, 6),
        targets=[
            target(f"topk(20, max by (job, feature_name) ({SCORE} @ end()) > bool 1)", legendFormat="{{feature_name}}")
        ],
        options={"legend": legend(), "tooltip": TOOLTIP, "rowHeight": 0.9, "showValue": "auto"},
        defaults={"color": {"mode": "thresholds"}, "custom": {"fillOpacity": 80}, "mappings": [WORDS, UNKNOWN]},
    )


def barchart() -> dict[str, Any]:
    shares = f'ml_feature_bin_reference_ratio{{{MODEL},feature_name="x"}}'
    return panel(
        8,
        "barchart",
        "Bins",
        (0, 25, 12, 6),
        targets=[now(f"max by (job, bin) ({shares})", format="table")],
        options={"legend": legend(), "tooltip": TOOLTIP, "xField": "bin"},
        defaults={"unit": "percentunit"},
    )


def heatmap() -> dict[str, Any]:
    buckets = f"sum by (job, le) (increase(ml_request_duration_seconds_bucket{{{MODEL}}}[$__rate_interval]))"
    return panel(
        9,
        "heatmap",
        "Latency",
        (12, 25, 12, 6),
        targets=[target(buckets, format="heatmap", legendFormat="{{le}}")],
        options={
            "calculate": False,
            "color": {"mode": "scheme", "scheme": "Blues", "steps": 64},
            "legend": {"show": True},
            "tooltip": {"mode": "single"},
            "yAxis": {"unit": "s"},
        },
    )


def quantile() -> dict[str, Any]:
    buckets = f"sum by (job, model_name, le) (rate(ml_request_duration_seconds_bucket{{{MODEL}}}[$__rate_interval]))"
    age = f'time() - (max {BY_MODEL} (ml_exporter_newest_event_timestamp_seconds{{{MODEL},source="predictions"}}) > 0)'
    return panel(
        11,
        "timeseries",
        "Latency over time",
        (0, 31, 24, 6),
        targets=[target(f"histogram_quantile(0.95, {buckets})"), target(age, "B", legendFormat="age {{model_name}}")],
        options={"legend": legend(), "tooltip": TOOLTIP},
        defaults={"color": {"mode": "palette-classic-by-name"}, "min": 0, "unit": "s"},
    )


def row(number: int, title: str, y: int, *panels: dict[str, Any]) -> dict[str, Any]:
    return {
        "collapsed": bool(panels),
        "gridPos": {"h": 1, "w": 24, "x": 0, "y": y},
        "id": number,
        "panels": list(panels),
        "title": title,
        "type": "row",
    }


def variable(name: str, query: str, **more: Any) -> dict[str, Any]:
    return {
        "current": {},
        "datasource": SOURCE,
        "label": name.capitalize(),
        "name": name,
        "query": {"qryType": 1, "query": query, "refId": "query"},
        "refresh": 2,
        "type": "query",
        **more,
    }


def annotation(name: str, expression: str, **more: Any) -> dict[str, Any]:
    return {"datasource": SOURCE, "enable": True, "expr": expression, "iconColor": "blue", "name": name, **more}


def board() -> dict[str, Any]:
    """Return a whole dashboard; whoever changes it has it alone."""
    built_in = {
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    }
    change = f"model_change:ml_recent_changes:last1d{{{MODEL}}}"
    made = {
        "annotations": {
            "list": [
                built_in,
                annotation("Alerts", f'ALERTS{{alertstate="firing",{MODEL}}}', titleFormat="{{alertname}}"),
                annotation("Changes", f"{change} unless {change} offset 5m", titleFormat="{{change}}"),
                annotation("Trained", f"ml_model_trained_timestamp_seconds{{{MODEL}}} * 1000", useValueForTime=True),
            ]
        },
        "description": "Is everything as it should be, and since when is it otherwise?",
        "editable": False,
        "graphTooltip": 1,
        "links": [
            {"includeVars": True, "keepTime": True, "tags": ["driftbell"], "title": "Driftbell", "type": "dashboards"}
        ],
        "panels": [
            text(),
            stat(),
            timeseries(),
            bargauge(),
            table(),
            states(6, "state-timeline", 12),
            states(7, "status-history", 18),
            row(10, "More", 24),
            barchart(),
            heatmap(),
            quantile(),
            row(20, "Seldom wanted", 37, {**timeseries(), "id": 21, "gridPos": {"h": 6, "w": 24, "x": 0, "y": 38}}),
        ],
        "refresh": "1m",
        "schemaVersion": 42,
        "tags": ["driftbell"],
        "templating": {
            "list": [
                {
                    "current": {},
                    "label": "Data source",
                    "name": "datasource",
                    "query": "prometheus",
                    "type": "datasource",
                },
                variable("job", "label_values(ml_exporter_build_info, job)"),
                variable("model_name", 'label_values(ml_model_info{job="$job"}, model_name)'),
                variable(
                    "window",
                    f'label_values(ml_drift_score{{{MODEL},kind="data"}}, window)',
                    multi=True,
                    includeAll=True,
                    allValue=".*",
                    current={"selected": True, "text": ["All"], "value": ["$__all"]},
                ),
            ]
        },
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "browser",
        "title": "A good dashboard",
        "uid": "driftbell-good",
    }
    return dict(json.loads(json.dumps(made)))


def read(data: dict[str, Any], name: str = "driftbell-good.json") -> BoardFile:
    return parse(canonical(data), Path(name))


def rules(text: str = RULES) -> list[RuleFile]:
    return [rule_file.parse(text, Path("rules.yml"))]


def material(*boards: dict[str, Any], **more: Any) -> Material:
    files = [read(each, f"{each.get('uid', 'none')}.json") for each in boards]
    return Material(files, more.pop("rules", None) or rules(), runbooks=run.RUNBOOKS, **more)


def found(*boards: dict[str, Any], **more: Any) -> list[Finding]:
    return run.findings(material(*boards, **more))
