"""ConfigMaps, which the side container of Grafana's chart collects by their label."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dashboards.deploy.documents import document_of
from rules.deploy.failure import DeployError, Exit

KIND = "configmaps"
LABEL = {"grafana_dashboard": "1"}
# In the object itself kubectl would keep a copy, for which dashboards are too large.
FLAGS = ("--server-side", "--force-conflicts", "--field-manager=driftbell")
KNOWN = "only what the cluster holds was verified: the side container's log says what it made of it"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
# What etcd takes, with room for the rest of the object.
_LARGEST = 1_000_000


def manifest(name: str, text: str, namespace: str, labels: Mapping[str, str], folder: str) -> dict[str, Any]:
    """Return the object of one dashboard. Raises DeployError if it can be none."""
    uid = str(document_of(name, text)["uid"])
    if not _NAME.fullmatch(uid):
        raise DeployError(Exit.UNSUITABLE, f"{name}: {uid} cannot be an object's name: only a-z, 0-9 and -")
    if len(text.encode()) > _LARGEST:
        raise DeployError(Exit.UNSUITABLE, f"{name}: larger than a ConfigMap may be")
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": uid,
            "namespace": namespace,
            "labels": {"app.kubernetes.io/part-of": "driftbell", **LABEL, **labels},
            "annotations": {"grafana_folder": folder},
        },
        "data": {name: text},
    }
