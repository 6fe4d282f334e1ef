"""Refusals of a Grafana, with what to do about them."""

from __future__ import annotations

import json

from rules.deploy.client import PASSING, Answer, refused
from rules.deploy.failure import DeployError, Exit

# A 500 is often a database that is locked for a moment. Every request of ours can be repeated: one that writes says which
# version it replaces, and is refused if it has arrived before.
RETRIED = PASSING | {500}

_HINTS = {
    401: " (make a service account's token, and say --token-file)",
    403: " (the account needs dashboards:read, :write, :create and :delete, and folders:read, :create and :delete;"
    " an Editor has them)",
    413: " (a proxy before Grafana limits the size of requests)",
    422: " (Grafana does not understand the dashboard: is it older than 11?)",
}
_CONFLICTS = {
    "name-exists": "a dashboard of this title or uid is there",
    "version-mismatch": "somebody saved it while this ran",
    "plugin-dashboard": "it belongs to a plugin",
}


class ConflictError(DeployError):
    """What was to be replaced is not there any more, or something else is."""


def refusal(what: str, answer: Answer) -> DeployError:
    """Return what to raise about an answer that is a refusal; ``what`` was tried."""
    if answer.status in (409, 412):
        why = _CONFLICTS.get(_status(answer), "somebody else saved something there while this ran")
        return ConflictError(
            Exit.EDITED, f"{what}: {answer.status}: {why} ({answer.said}): look at it, and run it again"
        )
    error = refused(what, answer)
    if answer.status == 400 and "provision" in answer.text.lower():
        return DeployError(Exit.UNSUITABLE, f"{error}{OWNED_BY_FILES}")
    return DeployError(error.code, f"{error}{_HINTS.get(answer.status, '')}")


OWNED_BY_FILES = (
    " (a dashboard has one owner: deploy to the files that it comes from, `dashboards deploy files`,"
    " or remove it there first)"
)


def _status(answer: Answer) -> str:
    try:
        found = json.loads(answer.text)
    except ValueError:
        return ""
    return str(found.get("status", "")) if isinstance(found, dict) else ""
