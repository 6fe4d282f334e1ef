"""Rule files in which nothing is wrong, and ways to make one thing wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from rules.lint import exemptions, run
from rules.lint.finding import Finding
from rules.lint.material import Beside, Material
from rules.lint.rule_file import parse

OWNER = {
    "record": "model:ml_model_owner:info",
    "expr": 'topk by (job, model_name) (1, max by (job, model_name, owner) (ml_model_info{job="driftbell"}))',
}
_JOIN = "* on (job, model_name) group_left (owner) model:ml_model_owner:info"


def owned(expression: str) -> str:
    """Return an expression about a model with the model's owner."""
    return f"({expression}) {_JOIN}"


def alert(expression: str = 'up{job="driftbell"} == 0', **changed: Any) -> dict[str, Any]:
    """Return an alert that is as it should be; ``changed`` replaces fields, None takes one out; ``for_`` is ``for``."""
    name = changed.pop("alert", "MLThing")
    of = "{{ $labels.model_name }}" if "model_name" in expression else "{{ $labels.instance }}"
    rule = {
        "alert": name,
        "expr": expression,
        "for": "5m",
        "labels": {"severity": "warning", "category": "pipeline", "alert_type": "cause", **changed.pop("labels", {})},
        "annotations": {
            "summary": "Something is wrong.",
            "description": f"Something is wrong with {of}.",
            "runbook_url": f"https://example.com/{name}.md",
            "dashboard_url": "https://grafana.example.com/d/driftbell-overview",
            **changed.pop("annotations", {}),
        },
    }
    rule.update({key.rstrip("_"): value for key, value in changed.items()})
    for part in (rule, rule["labels"], rule["annotations"]):
        for key in [key for key, value in part.items() if value is None]:
            del part[key]
    return rule


def record(name: str, expression: str, **more: Any) -> dict[str, Any]:
    return {"record": name, "expr": expression, **more}


def group(*rules: dict[str, Any], name: str = "things", **more: Any) -> dict[str, Any]:
    return {"name": name, **more, "rules": list(rules)}


def material(*groups: dict[str, Any], text: str | None = None, path: str = "rules.yml", **more: Any) -> Material:
    plain = json.loads(json.dumps({"groups": list(groups)}))  # no part twice, so no aliases
    written = text if text is not None else yaml.safe_dump(plain, sort_keys=False, width=1000)
    more.setdefault("beside", Beside())
    return Material([parse(written, Path(path))], **more)


def found(linted: Material) -> list[Finding]:
    """Return what is found, less what our own exemptions exempt, and not whether those are of use."""
    return [each for each in run.findings(linted, exemptions.read()) if each.check != "X09"]


def codes(linted: Material) -> set[str]:
    return {each.check for each in found(linted)}
