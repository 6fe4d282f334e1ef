"""Dashboards to deploy."""

from __future__ import annotations

import json
from typing import Any


def panel(number: int = 1, expression: str = "up", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "stat",
        "title": "Up",
        "gridPos": {"h": 4, "w": 4, "x": 0, "y": 0},
        "targets": [{"refId": "A", "expr": expression}],
        **more,
    }


def board(uid: str = "driftbell-a", *panels: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "uid": uid,
        "title": uid.title(),
        "description": "Is it up?",
        "tags": ["driftbell"],
        "schemaVersion": 42,
        "editable": False,
        "panels": list(panels or [panel()]),
        **more,
    }


def text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1)


def texts(*documents: dict[str, Any]) -> dict[str, str]:
    return {f"{each['uid']}.json": text(each) for each in documents}
