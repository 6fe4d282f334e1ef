"""Cases: what is read, and what is said when the routing does not fulfil them."""

from __future__ import annotations

from pathlib import Path

import pytest

from alertmanager.simulation import cases
from alertmanager.simulation.hours import IntervalError
from alertmanager.simulation.server import Server
from tests.alertmanager.samples import OWNED, alerts, plain

SERVER = Server(plain(OWNED))


def wrong(text: str) -> list[str]:
    return [said for _, said in cases.wrong(SERVER, alerts(), cases.cases(text))]


def test_ours_are_fulfilled() -> None:
    ours = cases.cases(cases.FILE.read_text("utf-8"))
    assert len(ours) > 40
    assert [said for _, said in cases.wrong(SERVER, alerts(), ours)] == []


def test_labels_and_zones() -> None:
    assert wrong("[{alert: MLOutage emergency, labels: {owner: risk}, heard: [emergency-risk]}]") == []
    case = "[{alert: MLHighErrorRate info, at: 2026-06-10 %s, zone: America/New_York, heard: [digest]}]"
    assert wrong(case % "05:00") == []
    assert wrong(case % "15:00") == ["MLHighErrorRate info reaches nobody, and is to reach digest"]


def test_ours_are_for_configurations_with_our_receivers(tmp_path: Path) -> None:
    assert cases.for_receivers(SERVER.integrations)
    assert cases.for_receivers(["emergency", "critical"]) is None
    file = tmp_path / "cases.yml"
    file.write_text("[{alert: MLOutage emergency, heard: [somebody]}]", encoding="utf-8")
    [case] = cases.for_receivers(["emergency"], file) or []
    assert case.heard == ("somebody",)


def test_an_alert_that_no_rule_has() -> None:
    assert wrong("[{alert: MLOutage critical, beside: [MLGone info], heard: []}]") == [
        "no rule brings forth MLOutage critical, MLGone info"
    ]


@pytest.mark.parametrize("text", ["{a: b}", "[x]", "[{alert: A b}]", "[{alert: A b, heard: [], who: x}]", "["])
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(cases.CaseError):
        cases.cases(text)


def test_a_zone_that_is_none() -> None:
    with pytest.raises(IntervalError):
        cases.cases("[{alert: A b, heard: [], zone: Here}]")
