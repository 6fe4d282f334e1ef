"""Which files of this folder are generated, and which of them are not as they should be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from alertmanager.maintenance import FILE, planned
from compose import kubernetes_manifests, prometheus_configuration, routing
from rules.generated_files import Stale, stale

HERE = Path(__file__).parent
DASHBOARDS = HERE.parent / "dashboards" / "generated"


def wanted() -> dict[str, Mapping[str, str]]:
    """Return by folder the text of each file in it; nothing else may be there. Raises MaintenanceError."""
    boards = {path.name: path.read_text(encoding="utf-8") for path in sorted(DASHBOARDS.glob("*.json"))}
    maintenance = planned(FILE.read_text(encoding="utf-8"))
    return {
        "prometheus": {"prometheus.yml": prometheus_configuration.document()},
        "alertmanager": {"alertmanager.yml": routing.document(maintenance)},
        "alertmanager/secrets": routing.secrets(),
        "kubernetes/central/rules": kubernetes_manifests.rules("replicas"),
        "kubernetes/sidecar/rules": kubernetes_manifests.rules("shards"),
        "kubernetes/dashboards": kubernetes_manifests.dashboards(boards),
    }


def found() -> list[Stale]:
    """Return the files that are not as they should be."""
    return [
        each
        for folder, texts in wanted().items()
        for each in stale(HERE / folder, "[!.]*", texts)
        if not each[0].is_dir()
    ]
