"""Messages as amtool fills them in."""

from __future__ import annotations

from typing import Any

import pytest

from alertmanager.document import TEMPLATES
from alertmanager.lint.samples import alert_data, notification
from alertmanager.simulation.amtool import amtool, render
from tests.alertmanager.samples import alerts


def alert(name: str, severity: str, *, resolved: bool = False, **labels: str) -> dict[str, Any]:
    found = alert_data(next(each for each in alerts() if (each.name, each.severity) == (name, severity)), **labels)
    return {**found, "status": "resolved"} if resolved else found


def filled(text: str, *several: dict[str, Any]) -> str:
    program = amtool()
    assert program, "run `make tools`"
    return render(program, TEMPLATES / "*.tmpl", text, notification(several))


def title(*several: dict[str, Any]) -> str:
    return filled('{{ template "driftbell.title" . }}', *several)


def body(*several: dict[str, Any]) -> str:
    return filled('{{ template "driftbell.text" . }}', *several)


OUTAGE = alert("MLOutage", "emergency", model_name="fraud", owner="risk")
QUALITY = alert("MLLowModelAccuracy", "critical", model_name="fraud", owner="")
ENDED = alert("MLDataDriftDetected", "warning", resolved=True, model_name="fraud", feature_name="price")


def test_the_title_of_one_alert() -> None:
    assert title(OUTAGE) == "EMERGENCY fraud: A model answers hardly any request."
    assert title(ENDED) == "Resolved fraud: The values of a feature are distributed differently from the reference's."


def test_the_title_of_several() -> None:
    features = [alert("MLDataDriftDetected", "warning", model_name="fraud", feature_name=name) for name in "abc"]
    assert title(*features).endswith("distributed differently from the reference's. (3 alerts)")
    assert title(*features, ENDED).endswith("(3 alerts)")
    mixed = [alert("MLHighErrorRate", "warning", model_name="fraud"), *features]
    assert title(*mixed) == "WARNING fraud: 4 alerts"
    assert title(*(dict(each, status="resolved") for each in mixed)) == "Resolved fraud: 4 alerts"


def test_the_title_of_an_alert_that_no_rule_of_ours_made() -> None:
    foreign = {**OUTAGE, "labels": {"alertname": "Other"}, "annotations": {}}
    assert title(foreign) == "ALERT: 1 alerts"
    assert body(foreign) == "Other: \nSince: 2026-06-10 12:00 UTC\n\n"


def test_a_page_says_all_that_is_needed_at_night() -> None:
    assert body(OUTAGE).splitlines() == [
        "MLOutage: 0.1234 of the requests of 0.1234 end in a server error (5xx). It is as good as down.",
        "Value: 0.1234",
        "Threshold: 0.12340.12340.1234",
        "Changed: 0.12340.1234; 0.1234nothing that is known 0.1234within a day",
        "Owner: risk",
        "Since: 2026-06-10 12:00 UTC",
        "Runbook: https://runbooks.example.com/driftbell/MLOutage.md",
        "Dashboard: https://grafana.example.com/d/driftbell-overview?var-job=0.1234&var-model_name=0.1234&viewPanel=32",
        "",
    ]


def test_what_is_not_known_leaves_no_line() -> None:
    said = body({**QUALITY, "annotations": {"summary": "It is bad."}})
    assert said == "MLLowModelAccuracy: It is bad.\nSince: 2026-06-10 12:00 UTC\n\n"


def test_what_has_ended() -> None:
    said = body(ENDED)
    assert said == (
        "Resolved:\n- MLDataDriftDetected fraud, price: The values of a feature are distributed differently from the reference's.\n"
    )
    both = body(QUALITY, ENDED)
    assert both.startswith("MLLowModelAccuracy: ")
    assert both.endswith(said)


def test_many_alerts_end_by_themselves() -> None:
    many = [
        alert("MLDataDriftDetected", "warning", model_name="fraud", feature_name=f"f{number}") for number in range(30)
    ]
    said = body(*many)
    assert said.count("MLDataDriftDetected: ") == 10
    assert said.endswith("And more, 30 in all: http://alertmanager.example.com\n\n")
    ended = body(*(dict(each, status="resolved") for each in many))
    assert ended.count("\n- ") == 20


@pytest.mark.parametrize(("name", "part"), [("runbook", "/MLOutage.md"), ("dashboard", "/d/driftbell-overview")])
def test_links(name: str, part: str) -> None:
    link = filled(f'{{{{ template "driftbell.{name}" . }}}}', OUTAGE)
    assert link.startswith("https://")
    assert part in link
    assert "\n" not in link


def test_what_hostile_labels_do() -> None:
    hostile = alert("MLDataDriftDetected", "warning", model_name="{{ .Nothing }}<b>&\"'", feature_name="x")
    assert title(hostile).startswith("WARNING {{ .Nothing }}<b>&\"': The values")


def test_every_alert_can_be_said() -> None:
    """All in one notification, whose title and text come out without a hole."""
    data = [alert_data(each) for each in alerts()]
    for place in range(0, len(data), 10):
        said = body(*data[place : place + 10])
        assert "<no value>" not in said
        assert said.count("Runbook: https://") == len(data[place : place + 10])
