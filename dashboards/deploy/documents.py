"""The dashboards to deploy, read from a folder of JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

from dashboards.deploy.content import Document
from rules.deploy.failure import DeployError, Exit

_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")


def texts_in(folder: Path) -> dict[str, str]:
    """Return the files by name. Raises DeployError if there are none, or one is no classic dashboard."""
    try:
        texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))}
    except (OSError, UnicodeDecodeError) as error:
        raise DeployError(Exit.LINT, f"{error}") from error
    if not texts:
        raise DeployError(Exit.LINT, f"{folder} has no dashboards: `python -m dashboards build` writes them")
    uids = [document_of(name, text)["uid"] for name, text in texts.items()]
    if twice := sorted({uid for uid in uids if uids.count(uid) > 1}):
        raise DeployError(Exit.LINT, f"{folder}: several dashboards have the uid {twice[0]}")
    return texts


def document_of(name: str, text: str) -> Document:
    """Return a dashboard as Grafana's API takes it. Raises DeployError."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DeployError(Exit.LINT, f"{name}: no JSON: {error}") from error
    if not isinstance(found, dict) or "title" not in found:
        hint = "the API's envelope or another schema" if isinstance(found, dict) else "no object"
        raise DeployError(Exit.LINT, f"{name}: no classic dashboard, but {hint}: export it as Classic")
    if not isinstance(found.get("uid"), str) or not _UID.fullmatch(found["uid"]):
        message = f"{name}: its uid has to be 40 letters, digits, - and _ at most: with it the next deployment finds it"
        raise DeployError(Exit.LINT, message)
    return found
