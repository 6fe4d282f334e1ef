"""Alerts about the watch itself: without it silence means nothing."""

from __future__ import annotations

from typing import Any

from rules.rule import Alert

OF_NO_MODEL: dict[str, Any] = {"of_model": False, "variables": ()}


def watch(name: str, severity: str, expression: str, after: str, summary: str, description: str, **more: Any) -> Alert:
    return Alert(name, severity, "pipeline", expression, after, summary, description, **more)
