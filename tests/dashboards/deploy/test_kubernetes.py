from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboards.deploy.targets.kubernetes import FLAGS, KIND, manifest
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import State
from rules.deploy.targets.kubernetes import printed
from rules.deploy.targets.objects import Objects
from rules.deploy.transaction import deploy
from tests.dashboards.deploy.samples import board, panel, text
from tests.rules.deploy.kubectl import Cluster


def objects(*documents: dict[str, object]) -> dict[str, str]:
    made = [manifest(f"{each['uid']}.json", text(each), "monitoring", {"a": "b"}, "Driftbell") for each in documents]
    return {each["metadata"]["name"]: printed([each]) for each in made}


def test_they_are_applied_once_and_rolled_back(tmp_path: Path) -> None:
    cluster, said = Cluster(tmp_path / "cluster"), list[str]()
    target = Objects(cluster.kubectl, State(tmp_path / "state"), "monitoring", KIND, FLAGS)
    deploy(target, objects(board("a"), board("b")), said.append)
    deploy(target, objects(board("a"), board("b")), said.append)
    assert said[-1] == "nothing to do"
    assert all("--server-side" in call for call in cluster.calls if call.startswith("apply"))
    cluster.refusal = ("delete", "Error from server (Forbidden): no")
    with pytest.raises(DeployError, match="Forbidden") as caught:
        deploy(target, objects(board("b", panel(1, "up == 0"))), said.append)
    assert caught.value.code is Exit.DENIED
    held = json.loads((tmp_path / "cluster" / "b.json").read_text())
    assert held["data"] == {"b.json": text(board("b"))}
    assert held["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert held["metadata"]["annotations"] == {"grafana_folder": "Driftbell"}


@pytest.mark.parametrize(
    ("document", "message"),
    [(board("Upper"), "only a-z"), (board("a", description="x" * 1_000_000), "larger than a ConfigMap may be")],
)
def test_what_cannot_be_an_object_is_told(document: dict[str, object], message: str) -> None:
    with pytest.raises(DeployError, match=message) as caught:
        objects(document)
    assert caught.value.code is Exit.UNSUITABLE
