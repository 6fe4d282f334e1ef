from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from rules.deploy.failure import DeployError, Exit
from rules.deploy.loaded import groups_of
from rules.deploy.prometheus import Server
from rules.deploy.state import State
from rules.deploy.targets.exported import text_of
from rules.deploy.targets.kubernetes import Kubectl, Manifests, manifest, printed
from rules.deploy.transaction import deploy
from tests.rules.deploy.kubectl import Cluster
from tests.rules.deploy.samples import Clock, alert, client, file, record
from tests.rules.deploy.stand_in import Answer, Request, serving

OLD = {"x.yml": file(alert(), record()), "y.yml": file(alert("Other"), group="b")}
NEW = {"x.yml": file(alert(expression="up < 1"), record()), "z.yml": file(record("count(up == 1)"), group="c")}


class World:
    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster(folder / "cluster")
        labels = {"release": "prometheus"}
        self.target = Manifests(self.cluster.kubectl, State(folder / "state"), "monitoring", labels)

    def deploy(self, wanted: dict[str, str]) -> list[str]:
        said: list[str] = []
        deploy(self.target, wanted, said.append)
        return said

    def holds(self, wanted: dict[str, str]) -> bool:
        objects = {path.stem: json.loads(path.read_text()) for path in self.cluster.folder.glob("*.json")}
        held = {f"{name}.yml": text_of(each["spec"]["groups"]) for name, each in objects.items()}
        return groups_of(held) == groups_of(wanted)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_manifest_has_the_groups_of_its_file() -> None:
    found = manifest("x.yml", OLD["x.yml"], "monitoring", {"release": "prometheus"})
    assert (found["apiVersion"], found["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert found["metadata"]["labels"] == {"app.kubernetes.io/part-of": "driftbell", "release": "prometheus"}
    [again] = yaml.safe_load_all(printed([found]))
    assert groups_of({"x.yml": text_of(again["spec"]["groups"])}) == groups_of({"x.yml": OLD["x.yml"]})


def test_objects_come_change_and_go(world: World) -> None:
    world.deploy(OLD)
    assert world.holds(OLD)
    assert world.deploy(OLD) == ["nothing to do"]
    assert "deployed" in world.deploy(NEW)
    assert world.holds(NEW)
    # It was tried on the server before.
    assert [call for call in world.cluster.calls if call.startswith("apply")][-2:] == [
        "apply --dry-run=server -f -",
        "apply -f -",
    ]


@pytest.mark.parametrize(
    ("action", "message", "code"),
    [
        ("apply", "admission webhook denied the request: bad rule", Exit.REFUSED),
        ("delete", "Error from server (Forbidden): no", Exit.DENIED),
        ("delete", "Unable to connect to the server: dial tcp: i/o timeout", Exit.UNREACHABLE),
        ("delete", "Unable to connect to the server: x509: unknown authority", Exit.UNTRUSTED),
        ("delete", "the server has received too many requests", Exit.OVERLOADED),
    ],
)
def test_a_refusal_is_rolled_back(world: World, action: str, message: str, code: Exit) -> None:
    world.deploy(OLD)
    world.cluster.refusal = (action, message)
    with pytest.raises(DeployError) as caught:
        world.deploy(NEW)
    assert caught.value.code is code
    assert world.holds(OLD)
    assert world.target.state.unfinished is None


def test_what_prometheus_loads_is_waited_for(world: World) -> None:
    """The operator names files after namespace, object and uid; in this cluster it is the third look that finds them."""
    uid = "0b5c7d0e-8f64-4a55-9a3e-1f6f0c7c2a11"
    looks: list[int] = []
    stuck: list[dict[str, Any]] = []

    def rule(data: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": data.get("alert") or data["record"],
            "type": "alerting" if "alert" in data else "recording",
            "query": data["expr"],
            "duration": 300 if "for" in data else 0,
            "labels": data.get("labels"),
            "annotations": data.get("annotations"),
            "health": "ok",
            "lastEvaluation": "2026-11-21T20:00:00Z",
        }

    def respond(request: Request) -> Answer:
        if request.path == "/api/v1/status/config":
            return 200, json.dumps({"data": {"yaml": "global: {evaluation_interval: 1m}"}})
        if request.path == "/api/v1/query":
            return 200, "{}"
        looks.append(1)
        objects = [json.loads(path.read_text()) for path in world.cluster.folder.glob("*.json") if len(looks) > 2]
        groups = [
            {
                "file": f"/etc/prometheus/rules/prometheus-k8s-rulefiles-0/monitoring-{each['metadata']['name']}-{uid}.yaml",
                "interval": 60,
                "name": group["name"],
                "rules": [rule(data) for data in group["rules"]],
            }
            for each in objects
            for group in each["spec"]["groups"]
        ]
        return 200, json.dumps({"data": {"groups": stuck or groups}})

    clock = Clock()
    with serving(respond) as (url, _):
        world.target.server = Server(client(url, clock))
        assert world.deploy(OLD)[-1] == "deployed"
        assert len(clock.paused) == 1
        stuck.extend(requests.get(f"{url}/api/v1/rules", timeout=5).json()["data"]["groups"])
        with pytest.raises(DeployError, match="ruleSelector") as caught:
            world.deploy(NEW)
    assert caught.value.code is Exit.UNVERIFIED
    assert world.holds(OLD)


def test_without_the_program_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="leave --apply out") as caught:
        Kubectl(str(tmp_path / "no"))("get")
    assert caught.value.code is Exit.USAGE


@pytest.mark.parametrize(("words", "code"), [("exit 3", Exit.REFUSED), ("echo forbidden >&2; exit 1", Exit.DENIED)])
def test_a_program_that_fails(tmp_path: Path, words: str, code: Exit) -> None:
    program = tmp_path / "kubectl"
    program.write_text(f"#!/bin/sh\n{words}\n")
    program.chmod(0o755)
    with pytest.raises(DeployError) as caught:
        Kubectl(str(program))("get")
    assert caught.value.code is code


def test_a_program_that_answers(tmp_path: Path) -> None:
    program = tmp_path / "kubectl"
    program.write_text('#!/bin/sh\necho "$@"; cat\n')
    program.chmod(0o755)
    assert Kubectl(str(program), "prod")("apply", "-f", "-", given="text") == "--context prod apply -f -\ntext"


def test_a_program_that_does_not_end(tmp_path: Path) -> None:
    program = tmp_path / "kubectl"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    with pytest.raises(DeployError, match="had not ended") as caught:
        Kubectl(str(program), limit=0.1)("get")
    assert caught.value.code is Exit.UNREACHABLE
