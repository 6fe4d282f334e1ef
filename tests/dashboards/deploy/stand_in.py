"""A stand-in for Grafana. Made from its documentation (HTTP API, 11.6 to 13.3); never compared with a live server."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.rules.deploy.stand_in import Answer, Request

Document = dict[str, Any]
BOTH = {"dashboard.grafana.app": ["v2beta1", "v1beta1", "v0alpha1"], "folder.grafana.app": ["v1beta1"]}
_PAGE = 2


@dataclass
class Stored:
    document: Document
    folder: str
    id: int
    version: int = 1
    labels: dict[str, str] = field(default_factory=dict)


@dataclass
class Grafana:
    """``faults`` are answers to give instead, once, of the requests that they match, as "POST /path" or "POST /path uid".

    ``lost`` are done, and not answered.
    ``meanwhile`` happens before the first request that matches. ``converts`` is what the server makes of a dashboard when
    it is shown. From the first request of ``breaks_at`` on, everything is refused.
    """

    version: str = "13.0.1"
    groups: dict[str, list[str]] = field(default_factory=lambda: dict(BOTH))
    token: str = ""
    dashboards: dict[str, Stored] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    provisioned: set[str] = field(default_factory=set)
    newer: set[str] = field(default_factory=set)
    faults: list[tuple[str, Answer]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    meanwhile: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    converts: Callable[[Document], Document] = deepcopy
    breaks_at: str = ""
    broken: bool = False
    ids: int = 0

    def __call__(self, request: Request) -> Answer:
        said = f"{request.method} {request.path} {_named(request.body)}".rstrip()
        for happening in [each for each in self.meanwhile if said.startswith(each[0])][:1]:
            self.meanwhile.remove(happening)
            happening[1]()
        for fault in self.faults:
            if said.startswith(fault[0]):
                self.faults.remove(fault)
                return fault[1]
        self.broken |= bool(self.breaks_at) and said.startswith(self.breaks_at)
        if self.broken:
            return 400, '{"message":"broken"}'
        answer = self._answer(request)
        for prefix in [each for each in self.lost if said.startswith(each)][:1]:
            self.lost.remove(prefix)
            return 0, ""
        return answer

    def _answer(self, request: Request) -> Answer:
        parts = [unquote(part) for part in urlsplit(request.path).path.split("/") if part]
        if parts == ["api", "health"]:
            return _json(200, {"database": "ok", "version": self.version, "commit": "0"})
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return _json(401, {"message": "Unauthorized"})
        if parts == ["apis"]:
            return self._groups()
        if parts[:1] == ["apis"] and parts[2] in self.groups.get(parts[1], ()):
            return self._apis(request, parts[5], parts[6:])
        return self._legacy(request, parts[1:]) if parts[:1] == ["api"] else (404, "404 page not found")

    def _groups(self) -> Answer:
        groups = [
            {"name": name, "versions": [{"groupVersion": f"{name}/{each}", "version": each} for each in versions]}
            for name, versions in self.groups.items()
        ]
        return (
            _json(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}) if groups else (404, "nothing")
        )

    # /api

    def _legacy(self, request: Request, parts: list[str]) -> Answer:  # noqa: PLR0911 - one for each kind of request
        match request.method, parts:
            case "GET", ["search"]:
                return self._search(parse_qs(urlsplit(request.path).query)["folderUIDs"][0])
            case "GET", ["folders", uid]:
                found = {"uid": uid, "title": self.folders.get(uid)}
                return _json(200, found) if uid in self.folders else _json(404, {"message": "folder not found"})
            case "POST", ["folders"]:
                body = json.loads(request.body)
                if body["uid"] in self.folders:
                    return _json(409, {"message": "a folder with that uid exists"})
                self.folders[body["uid"]] = body["title"]
                return _json(200, body)
            case "DELETE", ["folders", uid]:
                return self._delete_folder(uid)
            case "GET", ["dashboards", "uid", uid]:
                return self._legacy_dashboard(uid)
            case "POST", ["dashboards", "db"]:
                return self._legacy_save(json.loads(request.body))
            case "DELETE", ["dashboards", "uid", uid]:
                gone = self.dashboards.pop(uid, None)
                return _json(200, {"title": "x"}) if gone else _json(404, {"message": "Dashboard not found"})
        return _json(404, {"message": "Not found"})

    def _search(self, folder: str) -> Answer:
        kinds = [*((uid, "dash-db", each.folder) for uid, each in self.dashboards.items())]
        kinds += [(uid, "dash-folder", parent) for uid, parent in self.parents.items()]
        return _json(200, [{"uid": uid, "type": kind, "folderUid": at} for uid, kind, at in kinds if at == folder])

    def _delete_folder(self, uid: str) -> Answer:
        if self.folders.pop(uid, None) is None:
            return _json(404, {"message": "folder not found"})
        self.dashboards = {name: each for name, each in self.dashboards.items() if each.folder != uid}
        return _json(200, {"message": "Folder deleted"})

    def _legacy_dashboard(self, uid: str) -> Answer:
        stored = self.dashboards.get(uid)
        if stored is None:
            return _json(404, {"message": "Dashboard not found"})
        if uid in self.newer:
            return _json(406, {"message": "dashboard api version not supported"})
        document = {**self.converts(stored.document), "id": stored.id, "uid": uid, "version": stored.version}
        meta = {"folderUid": stored.folder, "provisioned": uid in self.provisioned, "provisionedExternalId": "a.json"}
        return _json(200, {"dashboard": document, "meta": meta})

    def _legacy_save(self, body: Document) -> Answer:
        document = body["dashboard"]
        uid, before = document["uid"], self.dashboards.get(document["uid"])
        if body["folderUid"] not in self.folders:
            return _json(400, {"message": "folder not found"})
        if uid in self.provisioned:
            return _json(400, {"message": "Cannot save provisioned dashboard"})
        if before is not None and not body["overwrite"]:
            if document["id"] != before.id:
                return _json(412, {"message": "A dashboard with the same uid already exists", "status": "name-exists"})
            if document.get("version") != before.version:
                return _json(412, {"message": "changed by someone else", "status": "version-mismatch"})
        if before is None and document["id"] is not None:
            return _json(404, {"message": "Dashboard not found"})
        stored = self.put(uid, document, body["folderUid"])
        return _json(200, {"id": stored.id, "uid": uid, "status": "success", "version": stored.version})

    # /apis

    def _apis(self, request: Request, resource: str, rest: list[str]) -> Answer:  # noqa: PLR0911 - as above
        match request.method, resource, rest:
            case "GET", _, []:
                return self._listed(resource, parse_qs(urlsplit(request.path).query))
            case "GET", "folders", [uid]:
                found = {"metadata": {"name": uid}, "spec": {"title": self.folders.get(uid)}}
                return _json(200, found) if uid in self.folders else _status(404, "NotFound")
            case "POST", "folders", []:
                body = json.loads(request.body)
                if body["metadata"]["name"] in self.folders:
                    return _status(409, "AlreadyExists")
                self.folders[body["metadata"]["name"]] = body["spec"]["title"]
                return _json(201, body)
            case "DELETE", "folders", [uid]:
                return self._delete_folder(uid)
            case "GET", _, [uid]:
                return _json(200, self._object(uid)) if uid in self.dashboards else _status(404, "NotFound")
            case "POST" | "PUT", _, _:
                return self._apis_save(request.method, json.loads(request.body))
            case "DELETE", _, [uid]:
                gone = self.dashboards.pop(uid, None)
                return _json(200, {"kind": "Status", "status": "Success"}) if gone else _status(404, "NotFound")
        return 404, "404 page not found"

    def _listed(self, resource: str, asked: dict[str, list[str]]) -> Answer:
        at = {uid: each.folder for uid, each in self.dashboards.items()}
        at = at if resource == "dashboards" else {uid: self.parents.get(uid, "") for uid in self.folders} | self.parents
        first = int(asked.get("continue", ["0"])[0])
        items = [
            {"metadata": {"name": uid, "annotations": {"grafana.app/folder": folder}}}
            for uid, folder in [*at.items()][first : first + _PAGE]
        ]
        more = {"continue": str(first + _PAGE)} if first + _PAGE < len(at) else {}
        return _json(200, {"kind": "List", "metadata": more, "items": items})

    def _object(self, uid: str) -> Document:
        stored = self.dashboards[uid]
        spec = {
            key: value for key, value in self.converts(stored.document).items() if key not in ("id", "uid", "version")
        }
        notes = {"grafana.app/folder": stored.folder, "grafana.app/createdBy": "service-account:x"}
        notes |= {"grafana.app/managedBy": "classic-file-provisioning"} if uid in self.provisioned else {}
        conversion = {"failed": True, "storedVersion": "v2beta1", "error": "no"} if uid in self.newer else None
        return {
            "kind": "Dashboard",
            "apiVersion": "dashboard.grafana.app/v1beta1",
            "metadata": {
                "name": uid,
                "resourceVersion": str(1000 + stored.version),
                "generation": stored.version,
                "labels": stored.labels,
                "annotations": notes,
                "managedFields": [{"manager": "x"}],
            },
            "spec": spec,
            "status": {"conversion": conversion} if conversion else {},
        }

    def _apis_save(self, method: str, body: Document) -> Answer:
        metadata = body["metadata"]
        uid, before = metadata["name"], self.dashboards.get(metadata["name"])
        if method == "POST" and before is not None:
            return _status(409, "AlreadyExists")
        if method == "PUT" and before is None:
            return _status(404, "NotFound")
        if before is not None and metadata.get("resourceVersion") != str(1000 + before.version):
            return _status(409, "Conflict")
        if metadata["annotations"]["grafana.app/folder"] not in self.folders:
            return _status(404, "NotFound")
        stored = self.put(uid, body["spec"], metadata["annotations"]["grafana.app/folder"])
        stored.labels = metadata.get("labels", {})
        return _json(200 if before else 201, self._object(uid))

    def put(self, uid: str, document: Document, folder: str) -> Stored:
        """Save a dashboard as a person would, whatever was there."""
        before = self.dashboards.get(uid)
        self.ids += before is None
        kept = {key: value for key, value in document.items() if key not in ("id", "version")}
        number, labels = (before.version + 1, before.labels) if before else (1, {})
        stored = Stored(deepcopy(kept), folder, before.id if before else self.ids, number, labels)
        self.dashboards[uid] = stored
        return stored


def _named(body: str) -> str:
    """Return the uid in what is sent."""
    sent = json.loads(body or "{}")
    return str(
        next((sent[key].get(name) for key, name in (("dashboard", "uid"), ("metadata", "name")) if key in sent), "")
    )


def _json(status: int, found: Any) -> Answer:
    return status, json.dumps(found)


def _status(code: int, reason: str) -> Answer:
    return _json(
        code, {"kind": "Status", "status": "Failure", "reason": reason, "message": reason.lower(), "code": code}
    )
