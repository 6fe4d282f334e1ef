"""The configuration as an AlertmanagerConfig of the Prometheus operator.

What it cannot say is said in comments above it: it has no global settings, so receivers carry those of mail; secrets come
from a Secret, not from files; templates belong to the Alertmanager object.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from alertmanager.matchers import parsed

Data = Mapping[str, Any]

KIND = "alertmanagerconfigs.monitoring.coreos.com"
_MAIL = {
    "smtp_from": "from",
    "smtp_smarthost": "smarthost",
    "smtp_require_tls": "requireTLS",
    "smtp_auth_username": "authUsername",
}
# Upper case where the operator has it.
_FIELDS = {"routing_key_file": "routingKey", "service_key_file": "serviceKey", "api_url_file": "apiURL"}
_UNCHANGED = {"url", "to", "text", "html", "severity", "description", "channel", "color", "title", "fallback"}
_RESPELLED = {"send_resolved", "title_link", "max_alerts"}


def manifest(document: Data, name: str, namespace: str, secret: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the object; raises ValueError for a field that it has no word for."""
    return {
        "apiVersion": "monitoring.coreos.com/v1alpha1",
        "kind": "AlertmanagerConfig",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"app.kubernetes.io/part-of": "driftbell", **labels},
        },
        "spec": {
            "route": _route(document["route"]),
            "inhibitRules": [_inhibition(each) for each in document.get("inhibit_rules") or ()],
            "receivers": [_receiver(each, document.get("global") or {}, secret) for each in document["receivers"]],
            "muteTimeIntervals": [_interval(each) for each in document.get("time_intervals") or ()],
        },
    }


def _route(data: Data) -> dict[str, Any]:
    found = {_camel(key): value for key, value in data.items() if key not in ("matchers", "routes")}
    if "matchers" in data:
        found["matchers"] = [_matcher(text) for text in data["matchers"]]
    if "routes" in data:
        found["routes"] = [_route(each) for each in data["routes"]]
    return found


def _matcher(text: str) -> dict[str, str]:
    matcher = parsed(text)
    return {"name": matcher.label, "value": matcher.value, "matchType": matcher.operator}


def _inhibition(data: Data) -> dict[str, Any]:
    return {
        "sourceMatch": [_matcher(text) for text in data["source_matchers"]],
        "targetMatch": [_matcher(text) for text in data["target_matchers"]],
        "equal": list(data.get("equal") or ()),
    }


def _interval(data: Data) -> dict[str, Any]:
    return {"name": data["name"], "timeIntervals": [_period(each) for each in data["time_intervals"]]}


def _period(data: Data) -> dict[str, Any]:
    if "location" in data and data["location"] not in ("UTC", "Etc/UTC"):
        raise ValueError(
            f"an AlertmanagerConfig has its time intervals in UTC, not in {data['location']}: set the zone to UTC"
        )
    found: dict[str, Any] = {}
    if "times" in data:
        found["times"] = [{"startTime": each["start_time"], "endTime": each["end_time"]} for each in data["times"]]
    if "weekdays" in data:
        found["weekdays"] = list(data["weekdays"])
    if "days_of_month" in data:
        found["daysOfMonth"] = [_ends(each) for each in data["days_of_month"]]
    found.update({key: list(data[key]) for key in ("months", "years") if key in data})
    return found


def _ends(text: str) -> dict[str, int]:
    first, _, last = str(text).partition(":")
    return {"start": int(first), "end": int(last or first)}


def _receiver(data: Data, shared: Data, secret: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": data["name"]}
    for key, several in data.items():
        if key != "name":
            found[_camel(key)] = [_integration(key, each, shared, secret) for each in several]
    return found


def _integration(kind: str, data: Data, shared: Data, secret: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if kind == "email_configs":
        found.update({new: shared[old] for old, new in _MAIL.items() if old in shared})
        if "smtp_auth_password_file" in shared:
            found["authPassword"] = _selector(shared["smtp_auth_password_file"], secret)
    for key, value in data.items():
        if key in ("headers", "details"):
            found[key] = [{"key": name, "value": text} for name, text in value.items()]
        elif key == "http_config":
            found["httpConfig"] = _http(value, secret)
        elif key.endswith("_file"):
            if key not in _FIELDS:
                raise ValueError(f"{kind}: {key} has no place in an AlertmanagerConfig")
            found[_FIELDS[key]] = _selector(value, secret)
        elif key in _UNCHANGED | _RESPELLED:
            found[_camel(key)] = value
        else:
            raise ValueError(f"{kind}: {key} is not known to have a place in an AlertmanagerConfig")
    return found


def _http(data: Data, secret: str) -> dict[str, Any]:
    if set(data) - {"authorization"} or set(data["authorization"]) - {"credentials_file", "type"}:
        raise ValueError("http_config: only an authorization from a file has a place in an AlertmanagerConfig")
    authorization = data["authorization"]
    found: dict[str, Any] = {"credentials": _selector(authorization["credentials_file"], secret)}
    return {"authorization": {**found, **({"type": authorization["type"]} if "type" in authorization else {})}}


def _selector(path: str, secret: str) -> dict[str, str]:
    """Return where the content of a file is in a Secret: under the file's name."""
    return {"name": secret, "key": PurePath(path).name}


def _camel(text: str) -> str:
    first, *rest = text.split("_")
    return first + "".join(word.capitalize() for word in rest)
