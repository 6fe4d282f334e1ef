"""Our configuration with owners and maintenance, and the alerts that it is for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

from alertmanager.document import configuration
from alertmanager.emitted import Emitted, emitted
from alertmanager.maintenance import Maintenance
from alertmanager.settings import Settings, Team
from alertmanager.simulation.server import Server

NOON, NIGHT = datetime(2026, 6, 10, 12, tzinfo=UTC), datetime(2026, 6, 10, 3, tzinfo=UTC)
OWNED = Settings(
    owners={
        "risk": Team("#risk-alerts", "/etc/alertmanager/secrets/pagerduty_risk"),
        "shop": Team("#shop-alerts", "/etc/alertmanager/secrets/pagerduty_shop"),
    }
)
MOVE = Maintenance("move", "", datetime(2026, 6, 9, 22), datetime(2026, 6, 10, 4), "the store moves")  # noqa: DTZ001
FRAUD = Maintenance("fraud", "fraud", datetime(2026, 6, 10, 11), datetime(2026, 6, 10, 13), "new features")  # noqa: DTZ001


@cache
def alerts() -> tuple[Emitted, ...]:
    return emitted()


def labels(name: str, severity: str, **more: str) -> dict[str, str]:
    """Return the labels of one of the rules' alerts, some of them with other values."""
    found = next(each for each in alerts() if (each.name, each.severity) == (name, severity))
    return {**found.labels(), **more}


def plain(settings: Settings = OWNED, *maintenance: Maintenance) -> dict[str, Any]:
    """Return a configuration that may be changed."""
    found: dict[str, Any] = json.loads(json.dumps(configuration(settings, maintenance)))
    return found


def heard(server: Server, alert: dict[str, str], moment: datetime = NOON, *beside: dict[str, str]) -> list[str]:
    return sorted(server.heard(alert, server.holding(moment), beside))
