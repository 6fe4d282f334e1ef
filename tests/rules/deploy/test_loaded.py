from __future__ import annotations

import pytest

from rules.bundle import bundle
from rules.deploy.failure import DeployError, Exit
from rules.deploy.loaded import Group, Rule, groups_of, normal, running
from rules.document import documents
from tests.rules.deploy.samples import alert, file, record

ANSWER = {
    "groups": [
        {
            "name": "a",
            "file": "/etc/prometheus/rules/x.yml",
            "interval": 60,
            "limit": 0,
            "rules": [
                {
                    "type": "alerting",
                    "name": "Down",
                    "query": "up == 0",
                    "duration": 300,
                    "labels": {"severity": "warning"},
                    "annotations": {"summary": "It is down."},
                    "alerts": [{"labels": {"alertname": "Down", "severity": "warning", "job": "j"}, "state": "firing"}],
                    "health": "ok",
                    "lastEvaluation": "2026-11-21T20:00:00Z",
                },
                {
                    "type": "recording",
                    "name": "a:up:count",
                    "query": "count(up)",
                    "health": "unknown",
                    "lastEvaluation": "0001-01-01T00:00:00Z",
                },
            ],
        },
        {
            "name": "other",
            "file": "/etc/prometheus/other.yml",
            "interval": 60,
            "rules": [{"type": "alerting", "name": "X", "query": "ours:by:sum > 1", "health": "ok"}],
        },
    ]
}
OURS = {"/etc/prometheus/rules/x.yml": "x.yml"}


def test_a_file_and_what_a_server_says_of_it_are_the_same() -> None:
    assert running(ANSWER, OURS).groups == groups_of({"x.yml": file(alert(), record())})


def test_active_alerts_health_and_what_others_read_are_found() -> None:
    found = running(ANSWER, OURS)
    [active] = found.active
    assert (active.rule.said, active.state, dict(active.labels)["job"]) == ("Down (warning)", "firing", "j")
    assert [each.evaluated for each in found.health] == ["2026-11-21T20:00:00Z", ""]
    assert found.read_elsewhere == {"ours:by:sum"}


@pytest.mark.parametrize(
    "changed",
    [
        file(alert(expression="up == 1"), record()),
        file(alert(after="6m"), record()),
        file(alert(severity="critical"), record()),
        file(alert(summary="Down."), record()),
        file(alert(name="Up"), record()),
        file(record(), alert()),
        file(alert(), record(), interval="2m"),
        file(alert(), record(), group="b"),
    ],
)
def test_every_difference_counts(changed: str) -> None:
    assert groups_of({"x.yml": changed}) != running(ANSWER, OURS).groups


@pytest.mark.parametrize("same", ["300s", "5m0s", "5m"])
def test_how_a_duration_is_written_does_not_count(same: str) -> None:
    assert groups_of({"x.yml": file(alert(after=same))}) == groups_of({"x.yml": file(alert(after="5m"))})


def test_how_an_expression_is_laid_out_does_not_count() -> None:
    assert normal("sum by(job)(\n  up  # all\n)") == normal("sum(up) by (job)")
    assert normal("up{a='b'}") != normal("up{a='c'}")
    assert normal("not  parsed(") == "not parsed("


@pytest.mark.parametrize("text", ["groups: [{name: a, rules: [{alert: x}]}]", "groups: {", "- a", "groups: [3]"])
def test_what_is_no_rule_file_is_refused(text: str) -> None:
    with pytest.raises(DeployError, match="no rule file") as caught:
        groups_of({"x.yml": text})
    assert caught.value.code is Exit.LINT


@pytest.mark.parametrize("data", [{}, {"groups": [{"file": "x"}]}, {"groups": None}])
def test_an_unknown_answer_is_no_empty_one(data: dict[str, object]) -> None:
    with pytest.raises(DeployError, match="way that is not known"):
        running(data, OURS)


def test_all_rules_of_ours_are_read() -> None:
    rules = bundle()
    read = groups_of(documents(rules))
    assert sum(len(group.rules) for group in read) == sum(len(each.rules) for some in rules.values() for each in some)
    # No two of one group are told apart by nothing.
    assert all(len({rule.identity for rule in group.rules}) == len(group.rules) for group in read)


def test_a_group_without_an_interval_has_the_servers() -> None:
    [group] = groups_of({"x.yml": "groups: [{name: a, rules: []}]"}, 30.0)
    assert group == Group("x.yml", "a", (), 30.0)
    assert Rule("r", False, "up").said == "r"
