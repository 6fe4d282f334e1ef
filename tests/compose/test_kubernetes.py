"""The manifests against the schemas that Kubernetes and the operator publish, and against each other."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from compose.kubernetes_manifests import NAMESPACE, dashboards, rules
from exporter.configuration import load
from rules.settings import DEFAULT
from tests.compose.samples import ROOT
from tests.end_to_end.test_prometheus import program

FOLDER = ROOT / "compose" / "kubernetes"
SCHEMAS = Path(__file__).parent / "schemas"
KUBERNETES = json.loads((SCHEMAS / "kubernetes.json").read_text("utf-8"))
OPERATOR = json.loads((SCHEMAS / "operator.json").read_text("utf-8"))
VARIANTS = ("sidecar", "central")
Object = dict[str, Any]


@cache
def loaded(path: Path) -> Object:
    return dict(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader))


def resources(folder: Path) -> Iterator[Path]:
    """Yield the files that ``kubectl apply -k`` would apply."""
    for name in yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))["resources"]:
        path = folder / name
        yield from resources(path) if path.is_dir() else [path.resolve()]


@cache
def applied(variant: str) -> dict[tuple[str, str], Object]:
    """Return the objects by kind and name; not to be changed."""
    objects = [loaded(path) for path in resources(FOLDER / variant)]
    return {(each["kind"], each["metadata"]["name"]): each for each in objects}


def validate(found: Object) -> None:
    """Raise jsonschema.ValidationError if it is not what the cluster takes."""
    if found["kind"] in OPERATOR:
        assert found["apiVersion"] == "monitoring.coreos.com/v1"
        assert found.keys() == {"apiVersion", "kind", "metadata", "spec"}
        jsonschema.Draft7Validator(OPERATOR[found["kind"]]).validate(found["spec"])
        found = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": found["metadata"]}
    name = KUBERNETES["kinds"][found["kind"]]
    # Not jsonschema.validate, which would examine the schemas themselves each time.
    schema = {"$defs": KUBERNETES["$defs"], "$ref": f"#/$defs/{name}"}
    jsonschema.Draft202012Validator(schema).validate(found)


def objects() -> list[Any]:
    return [
        pytest.param(found, id=f"{variant}-{kind}-{name}")
        for variant in VARIANTS
        for (kind, name), found in applied(variant).items()
    ]


@pytest.mark.parametrize("found", objects())
def test_every_object_keeps_to_its_schema(found: Object) -> None:
    validate(found)
    assert found["metadata"].get("namespace", NAMESPACE) == NAMESPACE


@pytest.mark.parametrize(
    ("variant", "kind", "name", "path"),
    [
        ("sidecar", "Deployment", "price-model", ["spec", "template", "spec", "containers", 0]),
        ("sidecar", "PodMonitor", "driftbell-sidecars", ["spec", "podMetricsEndpoints", 0]),
        ("central", "StatefulSet", "driftbell", ["spec"]),
        ("central", "PrometheusRule", "driftbell-slo", ["spec", "groups", 0, "rules", 0]),
        ("central", "NetworkPolicy", "driftbell", ["spec"]),
    ],
)
def test_a_field_that_does_not_exist_is_found(variant: str, kind: str, name: str, path: list[str | int]) -> None:
    found = deepcopy(applied(variant)[kind, name])
    place: Any = found
    for step in path:
        place = place[step]
    place["noSuchField"] = 1
    with pytest.raises(jsonschema.ValidationError, match="noSuchField"):
        validate(found)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_file_is_applied(variant: str) -> None:
    written = set((FOLDER / variant).rglob("*.yaml"))
    assert written - set(resources(FOLDER / variant)) == {FOLDER / variant / "kustomization.yaml"}


def pods() -> list[Any]:
    workloads = {"sidecar": ("Deployment", "price-model"), "central": ("StatefulSet", "driftbell")}
    return [pytest.param(applied(variant)[key]["spec"], id=variant) for variant, key in workloads.items()]


@pytest.mark.parametrize("workload", pods())
def test_pods_keep_to_the_restricted_policy(workload: Object) -> None:
    pod = workload["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert {"requests", "limits"} <= container["resources"].keys()


@pytest.mark.parametrize("workload", pods())
def test_pods_are_selected_and_their_mounts_are_there(workload: Object) -> None:
    template = workload["template"]
    assert workload["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    claims = [claim["metadata"]["name"] for claim in workload.get("volumeClaimTemplates", [])]
    volumes = {volume["name"] for volume in template["spec"]["volumes"]} | set(claims)
    mounted = {mount["name"] for container in template["spec"]["containers"] for mount in container["volumeMounts"]}
    assert mounted == volumes
    for container in template["spec"]["containers"]:
        ports = {port["name"] for port in container["ports"]}
        probes = (container[key] for key in container if key.endswith("Probe"))
        assert {probe["httpGet"]["port"] for probe in probes} <= ports


def endpoints(variant: str) -> tuple[Object, Object]:
    """Return the selector and the only endpoint of a variant's monitor."""
    kind, name, key = {
        "sidecar": ("PodMonitor", "driftbell-sidecars", "podMetricsEndpoints"),
        "central": ("ServiceMonitor", "driftbell", "endpoints"),
    }[variant]
    spec = applied(variant)[kind, name]["spec"]
    (endpoint,) = spec[key]
    return spec["selector"]["matchLabels"], endpoint


@pytest.mark.parametrize("variant", VARIANTS)
def test_figures_are_scraped_under_the_name_and_as_often_as_the_rules_expect(variant: str) -> None:
    _, endpoint = endpoints(variant)
    assert {"targetLabel": "job", "replacement": DEFAULT.job} in endpoint["relabelings"]
    assert endpoint["interval"] == f"{DEFAULT.scrape_interval}s"


def test_monitors_select_their_own_exporter_alone() -> None:
    sidecar = applied("sidecar")["Deployment", "price-model"]["spec"]["template"]
    service = applied("central")["Service", "driftbell"]
    central = applied("central")["StatefulSet", "driftbell"]["spec"]["template"]
    selector, endpoint = endpoints("sidecar")
    assert selector.items() <= sidecar["metadata"]["labels"].items()
    assert not selector.items() <= central["metadata"]["labels"].items()
    assert endpoint["port"] == sidecar["spec"]["containers"][1]["ports"][0]["name"]
    selector, endpoint = endpoints("central")
    assert selector.items() <= service["metadata"]["labels"].items()
    assert endpoint["port"] == service["spec"]["ports"][0]["name"]
    assert service["spec"]["selector"].items() <= central["metadata"]["labels"].items()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_exporter_accepts_its_configuration(variant: str, tmp_path: Path) -> None:
    name = {"sidecar": "price-model-driftbell", "central": "driftbell"}[variant]
    text = applied(variant)["ConfigMap", name]["data"]["driftbell.yml"]
    (tmp_path / "driftbell.yml").write_text(text)
    assert list(load(tmp_path / "driftbell.yml").configuration.models) == ["price"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_promtool_accepts_the_rules(variant: str, tmp_path: Path) -> None:
    found = [each for (kind, _), each in applied(variant).items() if kind == "PrometheusRule"]
    assert len(found) == len(list((ROOT / "rules" / "generated").glob("*.yml")))
    for each in found:
        (tmp_path / f"{each['metadata']['name']}.yml").write_text(yaml.safe_dump(each["spec"]))
    checked = subprocess.run(
        [program("promtool"), "check", "rules", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_rules_add_up_sidecars_and_do_not_add_up_replicas() -> None:
    shards, replicas = rules("shards"), rules("replicas")
    assert shards.keys() == replicas.keys()
    assert shards["driftbell-slo.yaml"] != replicas["driftbell-slo.yaml"]


def test_a_dashboard_is_a_config_map_that_grafana_finds() -> None:
    board = json.dumps({"uid": "driftbell-a", "title": "A"}, indent=2) + "\n"
    made = dashboards({"driftbell-a.json": board})
    found = yaml.safe_load(made["driftbell-a.yaml"])
    validate(found)
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert found["data"] == {"driftbell-a.json": board}
    assert yaml.safe_load(made["kustomization.yaml"])["resources"] == ["driftbell-a.yaml"]
