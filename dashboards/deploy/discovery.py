"""Which API a Grafana has, asked of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.deploy.apis import DASHBOARDS, FOLDERS, Apis
from dashboards.deploy.legacy import Legacy
from rules.deploy.client import Client
from rules.deploy.failure import DeployError, Exit

# The best first. Of v2 is what file provisioning refuses, and v0 is as it was sent, unchecked.
_KNOWN = ("v1", "v1beta1")
_NEW = 12


def chosen(client: Client, wanted: str = "", namespace: str = "default") -> Legacy | Apis:
    """Return the API that is ``wanted`` ("legacy", "apis", "" for the better one). Raises DeployError."""
    major = _version(client)
    versions = {} if wanted == "legacy" else _served(client)
    if wanted == "apis" and not versions:
        message = f"{client.url}/apis serves no {DASHBOARDS} and {FOLDERS} of {' or '.join(_KNOWN)}: say --api legacy"
        raise DeployError(Exit.UNSUITABLE, message)
    # Before 12 it was an experiment, and may be on.
    if versions and (wanted == "apis" or major is None or major >= _NEW):
        return Apis(client, namespace, versions)
    return Legacy(client)


def _version(client: Client) -> int | None:
    """Return the first part of a Grafana's version, None if it hides it. Raises DeployError if it is no Grafana."""
    path = "/api/health"
    answer = client.get(path)
    found = client.of(answer, path)
    if "database" not in found:
        raise client.strange(path, answer)
    number = re.match(r"\d+", str(found.get("version", "")))
    return int(number[0]) if number else None


def _served(client: Client) -> dict[str, str]:
    """Return the version to speak of each group, nothing if one of them is not served."""
    answer = client.get("/apis")
    if answer.status != 200 or answer.text.lstrip()[:1] != "{":
        return {}
    groups = {
        str(each.get("name")): each.get("versions") or () for each in client.of(answer, "/apis").get("groups", ())
    }
    found = {group: _best(groups.get(group, ())) for group in (DASHBOARDS, FOLDERS)}
    return {} if "" in found.values() else found


def _best(versions: Sequence[Mapping[str, Any]]) -> str:
    served = {str(each.get("version")) for each in versions}
    return next((each for each in _KNOWN if each in served), "")
