"""What has to hold at every hour of a week, clocks changing or not, whoever owns a model and whatever else fires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from alertmanager.settings import DEFAULT, Settings
from alertmanager.simulation import hours, invariants
from alertmanager.simulation.action import ZONES, week
from alertmanager.simulation.server import Server
from tests.alertmanager.samples import FRAUD, MOVE, NOON, OWNED, alerts, plain


@pytest.mark.parametrize("zone", ["UTC", *ZONES])
@pytest.mark.parametrize("settings", [DEFAULT, OWNED])
def test_they_hold(settings: Settings, zone: str) -> None:
    server = Server(plain(replace(settings, zone=zone), MOVE, FRAUD))
    moments = hours.weeks(zone, 2026)
    assert list(invariants.unreached(server, alerts(), moments)) == []
    assert list(invariants.late(server, alerts(), moments)) == []
    assert list(invariants.muted(invariants.muting_pairs(server, alerts()))) == []
    assert list(invariants.mixed_heartbeat(server, alerts())) == []


def test_whatever_fires_somebody_hears_of_the_worst() -> None:
    """Of any two alerts that fire at once about the same thing, at least the graver one is heard of, or what mutes it."""
    server = Server(plain(OWNED))
    for one in alerts():
        for other in alerts():
            firing = [one.labels(), other.labels()]
            heard = [labels for labels in firing if not server.muting(labels, firing)]
            assert heard, (one.said, other.said)
            if one.rank > other.rank:
                assert one.labels() in heard, (one.said, other.said)


def test_behind_whatever_is_muted_stands_something_that_is_heard() -> None:
    """With everything firing at once, the way from each alert to what mutes it ends at one that nothing mutes."""
    server = Server(plain(OWNED))
    firing = [alert.labels() for alert in alerts()]
    for labels in firing:
        way: Mapping[str, str] = labels
        names: list[str] = []
        while sources := [source for _, source in server.muting(way, firing)]:
            names.append(way["alertname"])
            way = sources[0]
            assert len(names) < len(firing), names
        assert server.heard(way, server.holding(NOON), firing), (labels["alertname"], names)


def test_the_weeks_have_every_hour() -> None:
    moments = week()
    assert len(moments) == len(set(moments))
    assert {(moment.weekday(), moment.hour) for moment in moments} == {
        (day, hour) for day in range(7) for hour in range(24)
    }


def test_only_infos_depend_on_the_hour() -> None:
    server = Server(plain(OWNED))
    states = {server.holding(moment) for moment in week()}
    assert len(states) == 2
    for alert in alerts():
        said = {server.heard(labels, state) for labels, _ in server.ways(alert)[:1] for state in states}
        assert len(said) == (2 if alert.severity == "info" else 1), alert.said
