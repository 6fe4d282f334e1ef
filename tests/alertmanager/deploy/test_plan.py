from __future__ import annotations

from typing import Any

import pytest
import yaml

from alertmanager.deploy.plan import Plan, changes, consequences

OLD = """
global: {smtp_auth_password: very-secret}
route:
  receiver: chat
  group_by: [job]
  routes:
  - matchers: ['severity="critical"']
    receiver: pager
inhibit_rules: [{source_matchers: ['a="b"'], target_matchers: ['c="d"'], equal: [job]}]
receivers: [{name: chat}, {name: pager}]
"""
CRITICAL = {"alertname": "MLOutage", "severity": "critical", "job": "j", "model_name": "m"}
WARNING = {**CRITICAL, "alertname": "MLDrift", "severity": "warning"}


def read(text: str) -> dict[str, Any]:
    return dict(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("receiver: pager", "receiver: chat", ['~ route the root/{severity="critical"}: receiver']),
        (
            "group_by: [job]",
            "group_by: [model_name]",
            ["~ route the root: group_by", '~ route the root/{severity="critical"}: group_by'],
        ),
        ("{name: pager}", "{name: pager, webhook_configs: [{url: x}]}", ["~ receiver pager"]),
        ("{name: pager}", "{name: page}", ["+ receiver page", "- receiver pager"]),
        ("very-secret", "other-secret", ["~ global"]),
        ("equal: [job]", "equal: [job, model_name]", ["~ inhibit_rules: 1 -> 1, 1 of them new"]),
        (
            'severity="critical"',
            'severity="emergency"',
            ['- route the root/{severity="critical"}', '+ route the root/{severity="emergency"}'],
        ),
    ],
)
def test_changes_are_told_by_name(old: str, new: str, said: list[str]) -> None:
    assert old in OLD
    assert sorted(changes(read(OLD), read(OLD.replace(old, new)))) == sorted(said)


def test_secrets_are_never_told() -> None:
    told = [*changes(read(OLD), {}), *changes({}, read(OLD))]
    assert told
    assert "secret" not in " ".join(told)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("very-secret", "other-secret", []),
        ("receiver: pager", "receiver: chat", [("MLOutage (critical)", "told to chat instead of pager")]),
        (
            "group_by: [job]",
            "group_by: [job, model_name]",
            [
                ("MLOutage (critical)", "told to pager once more: it is in another group"),
                ("MLDrift (warning)", "told to chat once more: it is in another group"),
            ],
        ),
        (
            "['severity=\"critical\"']",
            "['severity=~\"critical|emergency\"']",
            [("MLOutage (critical)", "told to pager once more: it is in another group")],
        ),
        ("receiver: pager", "receiver: pager\n    group_by: [job]", []),
    ],
)
def test_who_hears_otherwise_of_active_alerts(old: str, new: str, said: list[tuple[str, str]]) -> None:
    assert old in OLD
    assert list(consequences(read(OLD), read(OLD.replace(old, new)), [CRITICAL, WARNING])) == said


def test_a_plan_in_words() -> None:
    found = Plan({"a": "x", "b": None}, ("~ global",), (("A (warning)", "told"), ("B (info)", "told")))
    assert list(found.lines()) == [
        "a: is written",
        "b: is removed",
        "  ~ global",
        "alerts that are active now:",
        "  A (warning), B (info): told",
    ]
    assert not found.nothing
    assert Plan({}).nothing
    assert not Plan({}, stale=True).nothing
