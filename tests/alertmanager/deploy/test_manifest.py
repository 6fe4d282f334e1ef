from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from alertmanager.deploy.manifest import KIND, manifest
from alertmanager.document import configuration
from alertmanager.settings import DEFAULT, Team
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import State
from rules.deploy.targets.kubernetes import printed
from rules.deploy.targets.objects import Objects, within
from rules.deploy.transaction import deploy
from tests.rules.deploy.kubectl import Cluster

SETTINGS = replace(DEFAULT, owners={"risk": Team("#risk", "/etc/alertmanager/secrets/pagerduty_risk")})


def made(document: dict[str, Any] | None = None) -> dict[str, Any]:
    return manifest(document or configuration(SETTINGS), "driftbell", "monitoring", "secrets", {"a": "b"})


def everything(value: Any) -> list[Any]:
    """Return all keys and values, however deep."""
    if isinstance(value, dict):
        return [each for pair in value.items() for part in pair for each in everything(part)]
    return [each for part in value for each in everything(part)] if isinstance(value, list) else [value]


def test_all_routes_receivers_and_inhibitions_are_there() -> None:
    document, spec = configuration(SETTINGS), made()["spec"]
    assert [each["name"] for each in spec["receivers"]] == [each["name"] for each in document["receivers"]]
    assert len(spec["inhibitRules"]) == len(document["inhibit_rules"])
    assert len(spec["route"]["routes"]) == len(document["route"]["routes"])
    assert {each["name"] for each in spec["muteTimeIntervals"]} == {each["name"] for each in document["time_intervals"]}
    assert {"name": "severity", "value": "emergency", "matchType": "="} in spec["route"]["routes"][1]["matchers"]


def test_nothing_is_in_alertmanagers_own_spelling_and_no_secret_is_a_file() -> None:
    words = [each for each in everything(made()["spec"]) if isinstance(each, str)]
    assert not [
        each for each in words if each.endswith(("_file", "_configs", "_by", "_wait", "_interval", "_resolved"))
    ]
    assert "/etc/alertmanager/secrets" not in " ".join(words)
    pager = next(each for each in made()["spec"]["receivers"] if each["name"] == "critical-risk")["pagerdutyConfigs"][0]
    assert pager["routingKey"] == {"name": "secrets", "key": "pagerduty_risk"}


def test_mail_carries_what_is_global_elsewhere() -> None:
    mail = next(each for each in made()["spec"]["receivers"] if each["name"] == "digest")["emailConfigs"][0]
    assert (mail["from"], mail["smarthost"], mail["requireTLS"]) == (DEFAULT.mail_from, DEFAULT.mail_server, True)
    assert mail["authPassword"] == {"name": "secrets", "key": "smtp_password"}
    assert {"key", "value"} == set(mail["headers"][0])


@pytest.mark.parametrize("field", [{"url_file": "/x"}, {"timeout": "3s"}, {"http_config": {"proxy_url": "x"}}])
def test_what_it_has_no_word_for_is_told(field: dict[str, Any]) -> None:
    document = configuration(SETTINGS)
    document["receivers"][0]["webhook_configs"][0].update(field)
    with pytest.raises(ValueError, match="AlertmanagerConfig"):
        made(document)


def test_another_zone_is_told() -> None:
    with pytest.raises(ValueError, match="in UTC, not in Europe/Berlin"):
        made(configuration(replace(DEFAULT, zone="Europe/Berlin")))


def test_it_is_applied_once_and_rolled_back(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "cluster")
    target = Objects(cluster.kubectl, State(tmp_path / "state"), "monitoring", KIND)
    old = {"driftbell": printed([manifest(configuration(DEFAULT), "driftbell", "monitoring", "secrets", {})])}
    new = {"driftbell": printed([made()])}
    said: list[str] = []
    deploy(target, old, said.append)
    deploy(target, old, said.append)
    assert said[-1] == "nothing to do"
    cluster.refusal = ("apply", "admission webhook denied the request")
    with pytest.raises(DeployError, match="webhook") as caught:
        deploy(target, new, said.append)
    assert caught.value.code is Exit.REFUSED
    deploy(target, new, said.append)
    assert said[-1] == "deployed"
    assert within(
        yaml.safe_load(new["driftbell"]), yaml.safe_load((tmp_path / "cluster" / "driftbell.json").read_text())
    )


@pytest.mark.parametrize(
    ("written", "running", "same"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"b": 2}, False),
        ({"a": "x"}, {"a": "<secret>"}, True),
        ({"a": []}, {}, True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, True),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, False),
        ({"a": "08:00"}, {"a": "08:00"}, True),
    ],
)
def test_what_a_server_fills_in_is_no_difference(written: Any, running: Any, same: bool) -> None:
    assert within(written, running) is same
