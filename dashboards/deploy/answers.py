"""What a Grafana's answers mean, the same in both APIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards.deploy.refusal import refusal
from rules.deploy.client import Answer, Client


def found(client: Client, path: str, answer: Answer) -> Mapping[str, Any] | None:
    """Return an object that was asked for, None if there is none. Raises DeployError."""
    # Of a path that it does not know it says so in plain words, of an object that it does not have in JSON.
    if answer.status == 404 and answer.text.lstrip()[:1] == "{":
        return None
    return read(client, path, answer)


def read(client: Client, path: str, answer: Answer, what: str = "") -> Mapping[str, Any]:
    if answer.status not in (200, 201):
        raise refusal(f"{client.url}{path}{f': {what}' if what else ''}", answer)
    document: Mapping[str, Any] = client.of(answer, path)
    return document


def remove(client: Client, path: str, **parameters: str) -> None:
    """Remove an object, if it is there. Raises DeployError."""
    answer = client.call("DELETE", path, params=parameters)
    # Gone already, perhaps by a request of ours whose answer did not arrive.
    if answer.status not in (200, 202, 404):
        raise refusal(f"{client.url}{path}: removal", answer)
