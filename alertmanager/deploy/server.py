"""An Alertmanager, as far as a deployment asks it something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import md5
from pathlib import Path

from rules.deploy.client import Client
from rules.deploy.failure import DeployError, Exit
from rules.deploy.prometheus import metrics, reload, reload_metrics

PREFIX = "alertmanager_config"
_STATUS, _ALERTS = "/api/v2/status", "/api/v2/alerts"


class Server:
    """Every method raises DeployError. ``pid_file``: reload by SIGHUP to that process instead of by HTTP."""

    def __init__(self, client: Client, pid_file: Path | None = None) -> None:
        self.client, self.pid_file = client, pid_file

    def configuration(self) -> str:
        """Return the configuration that it runs, secrets blotted out."""
        try:
            return str(self.client.of(self.client.get(_STATUS), _STATUS)["config"]["original"])
        except (KeyError, TypeError) as error:
            message = f"{self.client.url}{_STATUS} tells no configuration: is it an Alertmanager?"
            raise DeployError(Exit.UNREACHABLE, message) from error

    def alerts(self) -> Sequence[Mapping[str, str]]:
        """Return the labels of the alerts that it notifies about."""
        answer = self.client.get(_ALERTS, silenced="false", inhibited="false")
        found = self.client.listed(answer, _ALERTS)
        return [{str(key): str(value) for key, value in alert["labels"].items()} for alert in found]

    def hash(self) -> float:
        return metrics(self.client).get(f"{PREFIX}_hash", 0.0)

    def last_reload(self) -> tuple[bool, float]:
        return reload_metrics(self.client, PREFIX)

    def reload(self) -> None:
        reload(self.client, PREFIX, self.pid_file)


def hash_of(text: str) -> float:
    """Return what ``alertmanager_config_hash`` is for a configuration: the first 48 bits of its MD5, low byte first."""
    return float(int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[:6], "little"))
