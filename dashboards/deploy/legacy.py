"""Grafana's old API, ``/api``: the only one up to 11, deprecated since 13."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from dashboards.deploy import answers
from dashboards.deploy.content import ASSIGNED
from dashboards.deploy.entry import Entry
from dashboards.deploy.refusal import refusal
from dashboards.deploy.server import MESSAGE, Served
from rules.deploy.client import Client
from rules.deploy.failure import DeployError, Exit

_MOST = "5000"


class Legacy:
    name = "/api"

    def __init__(self, client: Client) -> None:
        self.client = client

    def folder(self, uid: str) -> str | None:
        path = _folder(uid)
        found = answers.found(self.client, path, self.client.get(path))
        return None if found is None else str(found.get("title", ""))

    def make_folder(self, uid: str, title: str) -> None:
        answer = self.client.call("POST", "/api/folders", json={"uid": uid, "title": title})
        # There already, perhaps by a request of ours whose answer did not arrive.
        if answer.status not in (200, 201) and self.folder(uid) is None:
            raise refusal(f"{self.client.url}: folder {uid}", answer)

    def remove_folder(self, uid: str) -> None:
        answers.remove(self.client, _folder(uid), forceDeleteRules="false")

    def inside(self, folder: str) -> Sequence[str]:
        return [str(each["uid"]) for each in self._search(folder) if each.get("type") == "dash-db"]

    def is_empty(self, folder: str) -> bool:
        return not self._search(folder)

    def _search(self, folder: str) -> list[Mapping[str, Any]]:
        answer = self.client.get("/api/search", folderUIDs=folder, limit=_MOST)
        if answer.status != 200:
            raise refusal(f"{self.client.url}/api/search", answer)
        return [each for each in self.client.listed(answer, "/api/search") if each.get("folderUid") == folder]

    def dashboard(self, uid: str) -> Served | None:
        path = _dashboard(uid)
        answer = self.client.get(path)
        if answer.status == 406:
            message = (
                f"{uid} was saved in Grafana's newer schema, which /api does not show: say --api apis, or delete it"
            )
            raise DeployError(Exit.UNSUITABLE, message)
        found = answers.found(self.client, path, answer)
        if found is None:
            return None
        dashboard, meta = found.get("dashboard"), found.get("meta") or {}
        if not isinstance(dashboard, dict):
            raise self.client.strange(path, answer)
        kept = {key: value for key, value in dashboard.items() if key not in ASSIGNED - {"uid"}}
        owner = str(meta.get("provisionedExternalId") or "a file") if meta.get("provisioned") else ""
        return _served(Entry(str(meta.get("folderUid") or ""), kept), dashboard, owner)

    def save(self, uid: str, entry: Entry, before: Served | None) -> Served:
        kept = {key: value for key, value in entry.dashboard.items() if key not in ASSIGNED}
        place = before.about if before is not None else {"id": None}
        document = {**kept, "uid": uid, **place}
        body = {"dashboard": document, "folderUid": entry.folder, "message": MESSAGE, "overwrite": False}
        answer = self.client.call("POST", "/api/dashboards/db", json=body)
        return _served(entry, answers.read(self.client, "/api/dashboards/db", answer, uid))

    def remove(self, uid: str) -> None:
        answers.remove(self.client, _dashboard(uid))


def _served(entry: Entry, numbers: Mapping[str, Any], owner: str = "") -> Served:
    about = {key: numbers[key] for key in ("id", "version") if key in numbers}
    return Served(entry, str(about.get("version", "")), owner, about)


def _folder(uid: str) -> str:
    return f"/api/folders/{quote(uid, safe='')}"


def _dashboard(uid: str) -> str:
    return f"/api/dashboards/uid/{quote(uid, safe='')}"
