"""Receivers: what is done with a notification, by how urgent it is."""

from __future__ import annotations

from typing import Any

from alertmanager.settings import Settings, Team

EMERGENCY, CRITICAL, WARNING, DIGEST = "emergency", "critical", "warning", "digest"
RETRAINING, HEARTBEAT = "retraining", "heartbeat"

_COLOUR = '{{ if eq .Status "resolved" }}good{{ else if eq .CommonLabels.severity "warning" }}warning{{ else }}danger{{ end }}'


def owned(receiver: str, owner: str) -> str:
    """Return the name of a receiver's twin of one owner."""
    return f"{receiver}-{owner}"


def receivers(settings: Settings) -> list[dict[str, Any]]:
    everybody = Team(settings.chat_channel, settings.secret("pagerduty_routing_key"))
    found = [*_people(settings, everybody, ""), _digest(settings), _retraining(settings), _heartbeat(settings)]
    for owner, team in sorted(settings.owners.items()):
        found += _people(settings, team, owner)
    return found


def _people(settings: Settings, team: Team, owner: str) -> list[dict[str, Any]]:
    def named(receiver: str) -> str:
        return owned(receiver, owner) if owner else receiver

    pager, chat = _pager(settings, team), _chat(settings, team)
    return [
        {
            "name": named(EMERGENCY),
            "webhook_configs": [_webhook(settings, settings.remediation_url, "remediation_token")],
            "pagerduty_configs": [pager],
            "email_configs": [_mail(settings.emergency_address)],
        },
        {"name": named(CRITICAL), "pagerduty_configs": [pager], "slack_configs": [chat]},
        {"name": named(WARNING), "slack_configs": [chat]},
    ]


def _digest(settings: Settings) -> dict[str, Any]:
    return {"name": DIGEST, "email_configs": [_mail(settings.digest_address)]}


def _retraining(settings: Settings) -> dict[str, Any]:
    # Whoever trains at every call must not train once more because the alert has ended.
    webhook = _webhook(settings, settings.retraining_url, "retraining_token") | {"send_resolved": False}
    return {"name": RETRAINING, "webhook_configs": [webhook]}


def _heartbeat(settings: Settings) -> dict[str, Any]:
    # That a heartbeat has ended is noticed by its not coming.
    webhook = _webhook(settings, settings.heartbeat_url, "heartbeat_token") | {"send_resolved": False}
    return {"name": HEARTBEAT, "webhook_configs": [webhook]}


def _pager(settings: Settings, team: Team) -> dict[str, Any]:
    return {
        "send_resolved": True,
        "routing_key_file": team.pager_key_file,
        "url": settings.pager_url,
        "description": '{{ template "driftbell.title" . }}',
        # PagerDuty has four words of its own, and info is none that pages.
        "severity": '{{ if eq .CommonLabels.severity "warning" }}warning{{ else }}critical{{ end }}',
        "details": {
            "firing": '{{ template "driftbell.text" . }}',
            "runbook": '{{ template "driftbell.runbook" . }}',
            "dashboard": '{{ template "driftbell.dashboard" . }}',
        },
    }


def _chat(settings: Settings, team: Team) -> dict[str, Any]:
    return {
        "send_resolved": True,
        "api_url_file": settings.secret("slack_url"),
        "channel": team.channel,
        "color": _COLOUR,
        "title": '{{ template "driftbell.title" . }}',
        "title_link": '{{ template "driftbell.runbook" . }}',
        "text": '{{ template "driftbell.text" . }}',
        "fallback": '{{ template "driftbell.title" . }}',
    }


def _mail(address: str) -> dict[str, Any]:
    return {
        "send_resolved": True,
        "to": address,
        "headers": {"Subject": '{{ template "driftbell.title" . }}'},
        "html": "",
        "text": '{{ template "driftbell.text" . }}',
    }


def _webhook(settings: Settings, url: str, token: str) -> dict[str, Any]:
    return {
        "send_resolved": True,
        "url": url,
        "http_config": {"authorization": {"credentials_file": settings.secret(token)}},
    }
