"""Renews tests/compose/schemas, as its README says: published schemas, only the kinds that we have, without their texts.

``python scripts/kubernetes_schemas.py KUBERNETES OPERATOR COMPOSE``: the folder of one Kubernetes version in the package
kubernetes-validate, a folder with PodMonitor.json, ServiceMonitor.json and PrometheusRule.json, and the schema of Compose.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[1] / "tests" / "compose" / "schemas"
KINDS = {
    "ConfigMap": "io.k8s.api.core.v1.ConfigMap",
    "Deployment": "io.k8s.api.apps.v1.Deployment",
    "Namespace": "io.k8s.api.core.v1.Namespace",
    "NetworkPolicy": "io.k8s.api.networking.v1.NetworkPolicy",
    "Service": "io.k8s.api.core.v1.Service",
    "ServiceAccount": "io.k8s.api.core.v1.ServiceAccount",
    "StatefulSet": "io.k8s.api.apps.v1.StatefulSet",
}
OPERATOR_KINDS = ("PodMonitor", "PrometheusRule", "ServiceMonitor")
_REFERENCE = "/api/_definitions.json#/$defs/"


def kubernetes(folder: Path) -> dict[str, Any]:
    definitions = json.loads((folder / "_definitions.json").read_text("utf-8"))["$defs"]
    wanted, found = list(KINDS.values()), dict[str, Any]()
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = without_texts(definitions[name])
            wanted += references(definitions[name])
    text = json.dumps({"kinds": KINDS, "$defs": found})
    return dict(json.loads(text.replace(_REFERENCE, "#/$defs/")))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner.rpartition("/")[2]] if key == "$ref" else references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def without_texts(value: Any) -> Any:
    """Leave out the descriptions; a property of that name stays."""
    if isinstance(value, list):
        return [without_texts(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    kept = {key: inner for key, inner in value.items() if not (key == "description" and isinstance(inner, str))}
    return {key: without_texts(inner) for key, inner in kept.items()}


def write(name: str, schema: Any) -> None:
    (SCHEMAS / name).write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


def main(kubernetes_folder: str, operator_folder: str, compose_file: str) -> None:
    write("kubernetes.json", kubernetes(Path(kubernetes_folder)))
    operator = {
        kind: without_texts(json.loads(Path(operator_folder, f"{kind}.json").read_text("utf-8")))
        for kind in OPERATOR_KINDS
    }
    write("operator.json", operator)
    write("compose.json", without_texts(json.loads(Path(compose_file).read_text("utf-8"))))


if __name__ == "__main__":
    main(*sys.argv[1:])
