"""The tree of routes: by severity first, then by model under maintenance, then by owner; what is never muted comes before."""

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
# One mail with everything, when people are there to read it.
_OF_DIGEST = {
    "group_by": ["severity"],
    "group_interval": "1h",
    "repeat_interval": "1d",
    "active_time_intervals": [BUSINESS_HOURS],
}
# Asked again only once a day: training takes hours, and the alert stays until it has happened.
_OF_RETRAINING = {"repeat_interval": "1d", "continue": True}


def route(settings: Settings, maintenance: Sequence[Maintenance]) -> dict[str, Any]:
    emergency = {"matchers": [equal("severity", "emergency")], "receiver": EMERGENCY}
    return {
        # Whatever no route below knows still reaches people.
        "receiver": WARNING,
        "group_by": _GROUP_BY,
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "4h",
        "routes": [
            _heartbeat(),
            _with(emergency, _owners(settings, EMERGENCY, {})),
            # Nothing is trained on the data of a maintenance.
            _muted(equal("action", "retrain"), RETRAINING, _OF_RETRAINING, maintenance),
            _muted(equal("severity", "critical"), CRITICAL, {}, maintenance, settings),
            _muted(equal("severity", "warning"), WARNING, {}, maintenance, settings),
            _muted(equal("severity", "info"), DIGEST, _OF_DIGEST, maintenance),
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
        # Shorter than the interval between looks at the group: if they were the same, a look that comes a millisecond early
        # would skip a beat.
        "repeat_interval": "50s",
    }


def _muted(
    matcher: str,
    receiver: str,
    more: dict[str, Any],
    maintenance: Sequence[Maintenance],
    owners: Settings | None = None,
) -> dict[str, Any]:
    """Return a route that maintenance mutes; with settings, one that tells owners apart."""
    for_all = [entry.interval for entry in maintenance if not entry.model]

    def one(own_matcher: str, intervals: Sequence[str], below: list[dict[str, Any]]) -> dict[str, Any]:
        mute = {"mute_time_intervals": list(intervals)} if intervals else {}
        children = [*below, *(_owners(owners, receiver, mute) if owners else [])]
        return _with({"matchers": [own_matcher], "receiver": receiver, **more, **mute}, children)

    models: dict[str, list[str]] = {}
    for entry in maintenance:
        if entry.model:
            models.setdefault(entry.model, list(for_all)).append(entry.interval)
    children = [one(equal("model_name", model), names, []) for model, names in models.items()]
    for child in children:
        child.pop("continue", None)  # Whether its siblings are asked as well is the parent's affair.
    return one(matcher, for_all, children)


def _owners(settings: Settings, receiver: str, times: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a child for each owner, to the owner's own receiver. Time intervals are said again: no child inherits them."""
    return [
        {"matchers": [equal("owner", owner)], "receiver": owned(receiver, owner), **times}
        for owner in sorted(settings.owners)
    ]


def _with(route: dict[str, Any], children: list[dict[str, Any]]) -> dict[str, Any]:
    return route | ({"routes": children} if children else {})
