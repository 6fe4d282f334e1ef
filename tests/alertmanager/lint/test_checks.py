"""Each check finds what it is for in a configuration with one fault, and no other check than those that are named does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from alertmanager.document import TEMPLATES
from alertmanager.lint import run
from alertmanager.lint.material import Material
from alertmanager.lint.registry import CHECKS
from alertmanager.lint.source import parse
from alertmanager.simulation import amtool, cases, hours
from rules.lint.exemptions import Exemption
from rules.lint.finding import Finding
from tests.alertmanager.lint.faults import FAULTS, Fault, one, put, receiver, severity
from tests.alertmanager.samples import FRAUD, MOVE, NIGHT, OWNED, alerts, plain

# A week will do: the weeks in which clocks change are simulated elsewhere.
WEEK = hours.weeks("UTC", 2026)
FILES = {path.name: path.read_text("utf-8") for path in TEMPLATES.glob("*.tmpl")}
# Tested below.
ELSEWHERE = {"M16", "M22", "M26"}


def material(document: dict[str, Any] | str, **more: Any) -> Material:
    text = document if isinstance(document, str) else json.dumps(document, indent=1)
    return Material(parse(text), alerts(), more.pop("templates", FILES), NIGHT, WEEK, **more)


def found(document: dict[str, Any] | str, **more: Any) -> list[Finding]:
    return run.findings(material(document, **more))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_a_fault_is_found(fault: Fault) -> None:
    document = plain()
    for change in fault.changes:
        change(document)
    findings = found(document)
    said = "\n".join(f"{each.check} {each.message}" for each in findings)
    assert {each.check for each in findings} == {fault.code, *fault.also}, said


def test_every_check_is_tested() -> None:
    assert {check.code for check in CHECKS} == {fault.code for fault in FAULTS} | ELSEWHERE


def test_codes_are_unique_and_texts_whole() -> None:
    assert len({check.code for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert (check.why[-1], check.mend[-1] in ".)") == (".", True), check.code


@pytest.mark.parametrize("maintenance", [(), (MOVE,), (FRAUD,), (MOVE, FRAUD)])
def test_nothing_is_wrong_with_ours(maintenance: tuple[Any, ...]) -> None:
    assert found(plain(OWNED, *maintenance), amtool=amtool.amtool()) == []


def test_maintenance_that_has_ended_is_found() -> None:
    text = yaml.safe_dump(plain(OWNED, MOVE, FRAUD))
    late = Material(parse(text), alerts(), FILES, datetime(2026, 6, 10, 5, tzinfo=UTC), WEEK)
    assert [(each.check, each.rule, each.message) for each in run.findings(late)] == [
        ("M11", "maintenance-move", "maintenance-move has ended")
    ]


def test_maintenance_must_not_mute_an_emergency() -> None:
    document = plain(OWNED, MOVE)
    severity(document, "emergency")["mute_time_intervals"] = ["maintenance-move"]
    [finding] = found(document)
    assert (finding.check, "maintenance-move" in finding.message) == ("M10", True)


def test_a_finding_stands_where_the_fault_is() -> None:
    document = plain()
    put(one(document, "critical", "slack"), api_url_file="slack")
    text = yaml.safe_dump(document, sort_keys=False)
    [finding] = found(text)
    assert text.splitlines()[finding.line - 1].strip() == "api_url_file: slack"
    assert finding.rule == "critical"


@pytest.mark.parametrize(
    "text", ["a: [", "- a", "", "route: {receiver: x}\nroute: {receiver: x}\nreceivers: [{name: x}]"]
)
def test_what_is_no_configuration(text: str) -> None:
    assert "M02" in {each.check for each in found(text)}


@pytest.mark.parametrize(
    "text",
    [
        "route: x",
        "route: {receiver: a, routes: [x, 1, null]}\nreceivers: [x]",
        "route: {receiver: a}\nreceivers: [{name: a, slack_configs: x}]\ninhibit_rules: [x]\ntime_intervals: [{}]",
        "route: {receiver: a}\nreceivers: [{name: a}]\ntime_intervals: [{name: a, time_intervals: x}, {name: b, time_intervals: [{weekdays: yes}]}]",
        "global: x\nroute: {receiver: a, group_by: x}\nreceivers: [{name: a}]\ntemplates: x",
        "route: {receiver: a, match: x}\nreceivers: [{name: a, webhook_configs: [x]}]",
        "route: {receiver: a}\nreceivers: [{name: a}]\ntime_intervals: [{name: a, time_intervals: [x]}]",
        "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://[x', http_config: y}]}]",
        "route: {receiver: a, routes: [{match_re: x}]}\nreceivers: [{name: a, email_configs: [{to: x, headers: y}]}]",
        "route: {receiver: a}\nreceivers: [{name: a}]\ntime_intervals: [{name: a, time_intervals: [{times: [x], years: y}]}]",
    ],
)
def test_shapes_that_nobody_expects_are_found_and_not_crashed_on(text: str) -> None:
    assert {"M01", "M02"} & {each.check for each in found(text)}


def test_fields_of_later_versions() -> None:
    document = plain()
    put(one(document, "retraining", "webhook"), timeout="5s")
    assert found(document, target=(0, 28)) == []
    [finding] = found(document, target=(0, 27))
    assert finding.message == "timeout is known from 0.28 on, not to 0.27"


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ('{{ define "driftbell.title" }}{{ with .Receiver }}{{ end }}{{ end }}', "M16"),
        ('{{ define "driftbell.title" }}a\nb{{ end }}', "M16"),
        ('{{ define "driftbell.title" }}{{ range .Alerts }}{{ .Annotations.description }}{{ end }}{{ end }}', "M16"),
        ('{{ define "driftbell.title" }}{{ index .Alerts 99 }}{{ end }}', "M16"),
        ('{{ define "driftbell.title" }}{{ .CommonLabels.modelname }}{{ end }}', "M15"),
        ('{{ define "driftbell.title" }}{{ template "nothing" . }}{{ end }}', "M15"),
        ('{{ define "driftbell.title" }}{{ if .Status }}{{ end }}', "M15"),
    ],
)
def test_templates_that_do_not_fit(template: str, code: str) -> None:
    files = {**FILES, "zz.tmpl": template}
    assert code in {each.check for each in found(plain(), templates=files, amtool=amtool.amtool())}


def test_a_severity_that_the_pager_does_not_know() -> None:
    document = plain()
    put(one(document, "critical", "pagerduty"), severity="{{ .CommonLabels.severity }}")
    assert found(document, amtool=amtool.amtool()) == []
    for severity_said in ("{{ .CommonLabels.severity }}!", "emergency"):
        put(one(document, "critical", "pagerduty"), severity=severity_said)
        findings = found(document, amtool=amtool.amtool())
        assert {(each.check, "PagerDuty knows" in each.message) for each in findings} == {("M16", True)}


def test_routes_without_a_case_and_cases_that_fail() -> None:
    some = cases.cases("[{alert: MLOutage emergency, heard: [critical]}, {alert: MLGone info, heard: []}]")
    findings = found(plain(), cases=some)
    assert [each.message for each in findings if each.check == "M26"] == [
        "case in line 1: MLOutage emergency reaches emergency, and is to reach critical",
        "case in line 1: no rule brings forth MLGone info",
    ]
    assert {each.message for each in findings if each.check == "M22"} >= {'no case takes {alertname="MLWatchdog"}'}


def test_our_cases_take_every_route() -> None:
    assert found(plain(), cases=cases.cases(cases.FILE.read_text("utf-8"))) == []


def test_amtool_has_the_last_word(tmp_path: Path) -> None:
    path = tmp_path / "alertmanager.yml"
    document = plain()
    # Nothing of ours looks at fields of receivers that we do not have.
    put(receiver(document, "critical"), pushover_configs=[{"sound": "siren"}])
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    linted = Material(parse(path.read_text("utf-8"), path), alerts(), FILES, NIGHT, WEEK, amtool=amtool.amtool())
    [finding] = run.findings(linted)
    assert (finding.check, "missing user key" in finding.message) == ("M02", True)


def test_exemptions() -> None:
    document = plain()
    put(receiver(document, "digest"), name="digest")
    put(one(document, "heartbeat", "webhook"), url="http://beat.example.com")
    wanted = Exemption("M21", "inside the cluster", text="beat.example.com")
    assert run.findings(material(document), [wanted]) == []
    [unused] = run.findings(material(plain()), [wanted])
    assert unused.check == "X09"
    assert {each.check for each in run.findings(material(document), [Exemption("M21", " ")])} == {"M21", "X08"}
