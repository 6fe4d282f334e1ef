"""The committed files with this machine's addresses and paths.

The formats have no variables for them, so the files of the containers are copied into a folder of the run, and places in
them replaced, nothing else. Rules, templates, dashboards and references are used where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compose.addresses import IN_CONTAINERS, Addresses

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "compose"
# Path in a container to what is mounted there; compose.yml says the same.
MOUNTS = {
    "/etc/prometheus/rules": ROOT / "rules" / "generated",
    "/etc/alertmanager/templates": ROOT / "alertmanager" / "templates",
    "/usr/share/driftbell": ROOT / "examples",
    "/etc/driftbell/dashboards": ROOT / "dashboards" / "generated",
}
PROVISIONING = ROOT / "dashboards" / "provisioning"


@dataclass(frozen=True, slots=True)
class Files:
    """Where everything of a run is."""

    folder: Path
    logs: Path
    exporter: Path
    prometheus: Path
    alertmanager: Path
    provisioning: Path


def lay_out(folder: Path, addresses: Addresses) -> Files:
    """Write the files of a run into an empty folder."""
    logs, secrets, provisioning = (folder / name for name in ("logs", "secrets", "provisioning"))
    for made in (logs, secrets, provisioning):
        made.mkdir()
    places = {
        **{path: str(place) for path, place in MOUNTS.items()},
        "/etc/alertmanager/secrets": str(secrets),
        "/var/log/model": str(logs),
        **replacements(addresses),
    }

    def copy(source: Path, target: Path) -> Path:
        target.parent.mkdir(exist_ok=True)
        target.write_text(replaced(source.read_text(encoding="utf-8"), places), encoding="utf-8")
        return target

    for secret in (COMPOSE / "alertmanager" / "secrets").iterdir():
        copy(secret, secrets / secret.name)
    for kind in ("dashboards", "datasource"):
        # Grafana looks for them in folders with these names.
        if (source := PROVISIONING / f"{kind}.yml").exists():
            copy(source, provisioning / f"{kind.rstrip('s')}s" / "driftbell.yml")
    return Files(
        folder,
        logs,
        exporter=copy(COMPOSE / "driftbell.yml", folder / "driftbell.yml"),
        prometheus=copy(COMPOSE / "prometheus" / "prometheus.yml", folder / "prometheus.yml"),
        alertmanager=copy(COMPOSE / "alertmanager" / "alertmanager.yml", folder / "alertmanager.yml"),
        provisioning=provisioning,
    )


def replacements(addresses: Addresses) -> dict[str, str]:
    """Return the address of each part by the one that it has among containers."""
    return {at: addresses.named()[name] for name, at in IN_CONTAINERS.named().items()}


def replaced(text: str, places: Mapping[str, str]) -> str:
    """Put one place where another stands.

    >>> replaced("targets: [prometheus:9090]", {"prometheus:9090": "127.0.0.1:9090"})
    'targets: [127.0.0.1:9090]'
    """
    for old, new in places.items():
        text = text.replace(old, new)
    return text
