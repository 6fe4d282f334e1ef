"""Routes: by severity, by owner, under maintenance; and times as they were asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alertmanager.settings import DEFAULT
from alertmanager.simulation.server import Server
from alertmanager.simulation.tree import taken
from tests.alertmanager.samples import FRAUD, MOVE, NIGHT, NOON, OWNED, heard, labels, plain

OWNERS = Server(plain(OWNED))
BUSY = Server(plain(OWNED, MOVE, FRAUD))


@pytest.mark.parametrize(
    ("name", "severity", "receivers"),
    [
        ("MLOutage", "emergency", ["emergency-risk"]),
        ("MLHighErrorRate", "critical", ["critical-risk"]),
        ("MLHighErrorRate", "warning", ["warning-risk"]),
        ("MLHighErrorRate", "info", ["digest"]),
        ("MLRetrainingDue", "info", ["digest", "retraining"]),
    ],
)
def test_owners_hear_of_their_models(name: str, severity: str, receivers: list[str]) -> None:
    assert heard(OWNERS, labels(name, severity, owner="risk")) == receivers
    everybody = [each.removesuffix("-risk") for each in receivers]
    assert heard(OWNERS, labels(name, severity, owner="unknown")) == everybody
    assert heard(OWNERS, labels(name, severity, owner="")) == everybody


def test_an_owner_has_a_pager_and_a_channel_and_remediation_is_called_all_the_same() -> None:
    integrations = dict(OWNERS.integrations["emergency-risk"])
    assert integrations["pagerduty"]["routing_key_file"] == "/etc/alertmanager/secrets/pagerduty_risk"
    assert integrations["webhook"]["url"] == DEFAULT.remediation_url
    assert dict(OWNERS.integrations["warning-shop"])["slack"]["channel"] == "#shop-alerts"


@pytest.mark.parametrize(
    ("severity", "times"),
    [
        ("critical", ("30s", "5m", "4h")),
        ("warning", ("30s", "5m", "4h")),
        ("info", ("30s", "1h", "1d")),
        ("emergency", ("30s", "5m", "4h")),
    ],
)
def test_times_and_groups(severity: str, times: tuple[str, ...]) -> None:
    name = "MLLowModelAccuracy" if severity == "emergency" else "MLHighErrorRate"
    [route] = taken(OWNERS.tree, labels(name, severity))
    assert tuple(route.times.values()) == times
    assert route.group_by == (("severity",) if severity == "info" else ("job", "model_name", "severity"))


DURING_FRAUD = NOON
DURING_MOVE = NIGHT


@pytest.mark.parametrize("owner", ["risk", "", "unknown"])
@pytest.mark.parametrize("model", ["fraud", "churn"])
@pytest.mark.parametrize("moment", [DURING_MOVE, DURING_FRAUD, NOON + timedelta(hours=6)])
def test_maintenance_mutes_its_models_and_nobody_else(owner: str, model: str, moment: datetime) -> None:
    def receivers(name: str, severity: str) -> list[str]:
        return heard(BUSY, labels(name, severity, owner=owner, model_name=model), moment)

    muted = moment == DURING_MOVE or (moment == DURING_FRAUD and model == "fraud")
    own = "-risk" if owner == "risk" else ""
    assert receivers("MLOutage", "emergency") == [f"emergency{own}"]
    assert receivers("MLHighErrorRate", "critical") == ([] if muted else [f"critical{own}"])
    assert receivers("MLHighErrorRate", "warning") == ([] if muted else [f"warning{own}"])
    # Nothing is trained on what is moved about.
    digest = ["digest"] if moment == DURING_FRAUD else []
    assert receivers("MLRetrainingDue", "info") == ([] if muted else [*digest, "retraining"])


def test_maintenance_of_one_model_is_silent_about_no_exporter() -> None:
    assert heard(BUSY, labels("MLExporterDown", "critical"), DURING_FRAUD) == ["critical"]
    assert heard(BUSY, labels("MLExporterDown", "critical"), DURING_MOVE) == []
    assert heard(BUSY, labels("MLWatchdog", "none"), DURING_MOVE) == ["heartbeat"]


def test_a_models_name_is_no_matcher() -> None:
    from dataclasses import replace

    strange = replace(FRAUD, model='a"b\\c')
    server = Server(plain(OWNED, strange))
    assert heard(server, labels("MLHighErrorRate", "critical", model_name='a"b\\c'), DURING_FRAUD) == []
    assert heard(server, labels("MLHighErrorRate", "critical", model_name="a"), DURING_FRAUD) == ["critical"]


def test_business_hours_follow_the_zone() -> None:
    from dataclasses import replace

    server = Server(plain(replace(DEFAULT, zone="America/New_York", business_hours=("09:00", "17:00"))))
    info = labels("MLHighErrorRate", "info")
    # Clocks were set forward on 8 March 2026: nine o'clock is an hour earlier in UTC from then on.
    assert heard(server, info, datetime(2026, 3, 6, 13, 30, tzinfo=UTC)) == []
    assert heard(server, info, datetime(2026, 3, 9, 13, 30, tzinfo=UTC)) == ["digest"]
