"""What differs from one installation to the next; the committed files are made with the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Team:
    """How the owners of some models are reached instead of everybody: a channel, and the file with their pager's key."""

    channel: str
    pager_key_file: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Addresses and files; secrets are only ever files, which Alertmanager reads itself.

    ``owners`` are teams by the ``owner`` that the exporter's configuration names; the alerts of any other owner, and of
    none, go to everybody. ``zone`` is the IANA zone of business hours and of maintenance.
    """

    secrets: str = "/etc/alertmanager/secrets"
    templates: str = "/etc/alertmanager/templates/*.tmpl"
    pager_url: str = "https://events.pagerduty.com/v2/enqueue"
    chat_channel: str = "#ml-alerts"
    emergency_address: str = "ml-emergency@example.com"
    digest_address: str = "ml-digest@example.com"
    mail_from: str = "alertmanager@example.com"
    mail_server: str = "smtp.example.com:587"
    mail_encrypted: bool = True
    # Relays on the machine: in 0.25 the address of a webhook cannot come from a file, its credentials can.
    remediation_url: str = "http://127.0.0.1:9096/remediate"
    retraining_url: str = "http://127.0.0.1:9096/retrain"
    heartbeat_url: str = "http://127.0.0.1:9096/heartbeat"
    zone: str = "UTC"
    business_hours: tuple[str, str] = ("08:00", "18:00")
    # For example {"risk": Team("#risk-alerts", "/etc/alertmanager/secrets/pagerduty_risk")}.
    owners: Mapping[str, Team] = field(default_factory=dict)

    def secret(self, name: str) -> str:
        return f"{self.secrets}/{name}"


DEFAULT = Settings()
