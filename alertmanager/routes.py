"""The tree of routes: by severity first, then by owner, maintenance before everything that may be muted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alertmanager.maintenance import Maintenance, time_interval
from alertmanager.matchers import equal
from alertmanager.receivers import CRITICAL, DIGEST, EMERGENCY, HEARTBEAT, RETRAINING, WARNING, owned
from alertmanager.settings import Settings

BUSINESS_HOURS = "business-hours"
WATCHDOG = "MLWatchdog"
_GROUP_BY = ["job", "model_name", "severity"]
# By severity: who hears of it. Emergencies are apart, since nothing mutes them.
_MUTABLE = (("critical", CRITICAL), ("warning", WARNING), ("info", DIGEST))


def route(settings: Settings, maintenance: Sequence[Maintenance]) -> dict[str, Any]:
    return {
        # Whatever no route below knows still reaches people.
        "receiver": WARNING,
        "group_by": _GROUP_BY,
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "4h",
        "routes": [
            _heartbeat(),
            _with_owners(settings, {"matchers": [equal("severity", "emergency")], "receiver": EMERGENCY}, EMERGENCY),
            {"matchers": [equal("action", "retrain")], "receiver": RETRAINING, "continue": True},
            *(_severity(settings, severity, receiver, maintenance) for severity, receiver in _MUTABLE),
        ],
    }


def time_intervals(settings: Settings, maintenance: Sequence[Maintenance]) -> list[dict[str, Any]]:
    start, end = settings.business_hours
    hours = {
        "weekdays": ["monday:friday"],
        "times": [{"start_time": start, "end_time": end}],
        "location": settings.zone,
    }
    return [
        {"name": BUSINESS_HOURS, "time_intervals": [hours]},
        *(time_interval(entry, settings.zone) for entry in maintenance),
    ]


def _heartbeat() -> dict[str, Any]:
    return {
        "matchers": [equal("alertname", WATCHDOG)],
        "receiver": HEARTBEAT,
        "group_by": ["alertname"],
        "group_wait": "0s",
        "group_interval": "1m",
        "repeat_interval": "1m",
    }


def _severity(settings: Settings, severity: str, receiver: str, maintenance: Sequence[Maintenance]) -> dict[str, Any]:
    digest = {
        "group_by": ["severity"],
        "group_interval": "1h",
        "repeat_interval": "1d",
        "active_time_intervals": [BUSINESS_HOURS],
    }
    more = digest if receiver == DIGEST else {}
    for_all = [entry.interval for entry in maintenance if not entry.model]
    mute = {"mute_time_intervals": for_all} if for_all else {}
    own = {"matchers": [equal("severity", severity)], "receiver": receiver, **more, **mute}
    return _with_owners(settings, own, receiver, _of_models(receiver, maintenance, more, for_all))


def _of_models(
    receiver: str, maintenance: Sequence[Maintenance], more: dict[str, Any], for_all: list[str]
) -> list[dict[str, Any]]:
    """Models under maintenance: their own route, with its mutes; time intervals are not inherited."""
    intervals: dict[str, list[str]] = {}
    for entry in maintenance:
        if entry.model:
            intervals.setdefault(entry.model, []).append(entry.interval)
    return [
        {
            "matchers": [equal("model_name", model)],
            "receiver": receiver,
            **more,
            "mute_time_intervals": [*for_all, *names],
        }
        for model, names in intervals.items()
    ]


def _with_owners(
    settings: Settings, parent: dict[str, Any], receiver: str, first: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Add a child for each owner, to the owner's own receiver; the parent's time intervals are said again, being not inherited."""
    owners = sorted(settings.owners) if receiver != DIGEST else []
    times = {key: parent[key] for key in ("mute_time_intervals",) if key in parent}
    children = [
        *(_by_owner(settings, child, receiver) for child in first),
        *({"matchers": [equal("owner", owner)], "receiver": owned(receiver, owner), **times} for owner in owners),
    ]
    return parent | ({"routes": children} if children else {})


def _by_owner(settings: Settings, child: dict[str, Any], receiver: str) -> dict[str, Any]:
    return _with_owners(settings, child, receiver)
