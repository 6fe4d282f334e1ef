"""Notifications as Alertmanager hands them to templates: the usual ones, and the largest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from alertmanager.emitted import Emitted

_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_MANY = 40
_SINCE, _NEVER = "2026-06-10T12:00:00Z", "0001-01-01T00:00:00Z"


def notifications(alerts: Sequence[Emitted]) -> list[dict[str, Any]]:
    """Return the data of some notifications: one alert, many, those that have ended, a mixture, a digest."""
    if not alerts:
        return []
    # The one with most to say.
    wordy = max(alerts, key=lambda alert: (alert.severity == "critical", sum(map(len, alert.annotations.values()))))
    many = [alert_data(wordy, feature_name=f"feature-{number}") for number in range(_MANY)]
    ended = [{**each, "status": "resolved", "endsAt": _SINCE} for each in many]
    infos = [alert_data(alert) for alert in alerts if alert.severity == "info"]
    groups = ([alert_data(wordy)], many, ended, [*many[:20], *ended[20:]], infos)
    return [notification(group) for group in groups if group]


def alert_data(alert: Emitted, **labels: str) -> dict[str, Any]:
    """Return one alert that fires; what Prometheus fills in is a word."""
    annotations = {name: _ACTION.sub("0.1234", text) for name, text in alert.annotations.items()}
    return {
        "status": "firing",
        "labels": {**alert.labels(), **labels},
        "annotations": annotations,
        "startsAt": _SINCE,
        "endsAt": _NEVER,
        "generatorURL": "http://prometheus.example.com/graph",
        "fingerprint": "0123456789abcdef",
    }


def notification(alerts: Sequence[Mapping[str, Any]], receiver: str = "critical") -> dict[str, Any]:
    return {
        "receiver": receiver,
        "status": "firing" if any(each["status"] == "firing" for each in alerts) else "resolved",
        "alerts": list(alerts),
        "groupLabels": {
            name: value
            for name, value in _common(alerts, "labels").items()
            if name in ("job", "model_name", "severity")
        },
        "commonLabels": _common(alerts, "labels"),
        "commonAnnotations": _common(alerts, "annotations"),
        "externalURL": "http://alertmanager.example.com",
    }


def _common(alerts: Sequence[Mapping[str, Any]], what: str) -> dict[str, str]:
    first, *others = (each[what] for each in alerts)
    return {name: value for name, value in first.items() if all(each.get(name) == value for each in others)}
