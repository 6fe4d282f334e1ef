"""``docs/configuration.md``: every key of the configuration, from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from exporter.configuration.editor_schema import json_schema

Schema = Mapping[str, Any]

_INTRODUCTION = """# Configuration

One YAML file says which models, logs and references there are. It is read strictly: an unknown or repeated key, an alias or a
wrong type is an error with its place, and `check-config` reports all of them at once. Durations are written like `30s`, `5m`,
`1h30m`, `7d`; sizes like `64MiB`. Relative paths start at the file's folder. This page is made from
`exporter/configuration/driftbell.schema.json`, which editors can use to complete and check the file.

The smallest file:

```yaml
models:
  fraud:
    task: binary
    predictions: predictions.jsonl
    reference: holdout.parquet
```
"""
# What is said of the keys of `reference.fields`, which repeat those of `fields`.
_INHERITED = "As in `models.NAME.fields`, which is the default."
_TITLES = {
    "": "Top level",
    "Model": "models.NAME",
    "PredictionLog": "models.NAME.predictions",
    "Csv": "models.NAME.predictions.csv, models.NAME.labels.csv",
    "LabelLog": "models.NAME.labels",
    "LabelFields": "models.NAME.labels.fields",
    "Fields": "models.NAME.fields",
    "Reference": "models.NAME.reference",
    "ReferenceFields": "models.NAME.reference.fields",
    "FeatureOverride": "models.NAME.features.FEATURE",
    "WindowEntry": "models.NAME.windows[]",
    "Thresholds": "models.NAME.thresholds",
    "Comparison": "models.NAME.comparisons.NAME",
    "Drift": "models.NAME.drift",
    "Psi": "models.NAME.drift.psi",
    "Sequential": "models.NAME.drift.sequential",
    "DriftFloors": "models.NAME.drift.floors",
    "DataQuality": "models.NAME.data_quality",
    "DataQualityLimits": "models.NAME.data_quality.limits",
    "QualityJudgement": "models.NAME.quality",
    "QualityLimits": "models.NAME.quality.limits.METRIC",
    "QualityLimit": "models.NAME.quality.limits.METRIC.SEVERITY",
    "Alerts": "models.NAME.alerts",
    "Shares": "models.NAME.alerts.LIMIT, models.NAME.data_quality.limits.CHECK",
    "Multiples": "models.NAME.alerts.latency_ratio, models.NAME.drift.floors.METHOD",
    "Ages": "models.NAME.alerts.model_age",
    "Limits": "models.NAME.limits",
    "Slo": "models.NAME.slos.SLO",
    "Quality": "models.NAME.slos.SLO.quality",
    "Ratio": "models.NAME.slos.SLO.ratio",
    "DeadLetters": "models.NAME.dead_letters",
    "Info": "models.NAME.info",
    "Storage": "storage",
    "PageLimits": "limits",
}


def configuration_page() -> str:
    """Return the page as Markdown."""
    schema = json_schema()
    sections = {"": schema, **schema["$defs"]}
    return "\n".join([_INTRODUCTION, *(_section(title, sections[name], sections) for name, title in _TITLES.items())])


def _section(title: str, section: Schema, sections: Mapping[str, Schema]) -> str:
    required = section.get("required", ())
    rows = [
        f"| `{key}` | {_kind(value)} | {'required' if key in required else _default(value)} | {_meaning(value, sections)} |"
        for key, value in section["properties"].items()
    ]
    return "\n".join([f"## {title}\n", "| key | value | default | meaning |", "| --- | --- | --- | --- |", *rows, ""])


def _kind(value: Schema) -> str:
    return " or ".join(dict.fromkeys(_kinds(value)))


def _kinds(value: Schema) -> Iterator[str]:
    if "anyOf" in value:
        for choice in value["anyOf"]:
            yield from _kinds(choice)
    elif "$ref" in value:
        yield "section"
    elif "enum" in value or "const" in value:
        yield from (f"`{choice}`" for choice in value.get("enum", [value.get("const")]))
    elif value.get("type") == "array":
        yield f"list of {_kind(value['items'])}"
    elif value.get("type") == "object":
        yield "mapping"
    else:
        yield _scalar(value)


def _scalar(value: Schema) -> str:
    pattern = value.get("pattern", "")
    if "ms" in pattern:
        return "duration"
    if "MiB" in pattern:
        return "size"
    return {"null": "null", "integer": "whole number", "number": "number", "boolean": "true or false"}.get(
        value["type"], "text"
    )


def _default(value: Schema) -> str:
    if "$ref" in value:
        return ""
    return f"`{json.dumps(value.get('default'), ensure_ascii=False)}`" if "default" in value else ""


def _meaning(value: Schema, sections: Mapping[str, Schema]) -> str:
    text = value.get("description") or _of_section(value, sections) or _INHERITED
    return " ".join(str(text).split()).replace("|", "\\|")


def _of_section(value: Schema, sections: Mapping[str, Schema]) -> str:
    name = value.get("$ref", "").rpartition("/")[2]
    return str(sections[name].get("description", "")) if name else ""
