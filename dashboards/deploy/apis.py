"""Grafana's new API, ``/apis``: objects in the manner of Kubernetes, since 12."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from dashboards.deploy import answers
from dashboards.deploy.content import ASSIGNED
from dashboards.deploy.entry import Entry
from dashboards.deploy.refusal import refusal
from dashboards.deploy.server import MESSAGE, Served
from rules.deploy.client import Client
from rules.deploy.failure import DeployError, Exit

DASHBOARDS, FOLDERS = "dashboard.grafana.app", "folder.grafana.app"
_FOLDER, _MESSAGE, _MANAGER = "grafana.app/folder", "grafana.app/message", "grafana.app/managedBy"
_PAGE = "500"
# Names and annotations are enough of a list; a server that does not know the form answers with whole objects.
_BRIEF = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json"


class Apis:
    """``versions`` are the groups' versions, as ``v1``."""

    def __init__(self, client: Client, namespace: str, versions: Mapping[str, str]) -> None:
        self.client, self.namespace, self.versions = client, namespace, versions

    @property
    def name(self) -> str:
        return f"/apis/{DASHBOARDS}/{self.versions[DASHBOARDS]}"

    def folder(self, uid: str) -> str | None:
        found = self._get(self._path(FOLDERS, "folders", uid))
        return None if found is None else str(found.get("spec", {}).get("title", ""))

    def make_folder(self, uid: str, title: str) -> None:
        body = self._object(FOLDERS, "Folder", {"name": uid, "namespace": self.namespace}, {"title": title})
        answer = self.client.call("POST", self._path(FOLDERS, "folders"), json=body)
        # There already, perhaps by a request of ours whose answer did not arrive.
        if answer.status not in (200, 201) and self.folder(uid) is None:
            raise refusal(f"{self.client.url}: folder {uid}", answer)

    def remove_folder(self, uid: str) -> None:
        answers.remove(self.client, self._path(FOLDERS, "folders", uid), forceDeleteRules="false")

    def inside(self, folder: str) -> Sequence[str]:
        listed = self._listed(self._path(DASHBOARDS, "dashboards"))
        return [name for name, parent in listed if parent == folder]

    def is_empty(self, folder: str) -> bool:
        folders = self._listed(self._path(FOLDERS, "folders"))
        return not self.inside(folder) and all(parent != folder for _, parent in folders)

    def _listed(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield the name and the folder of each object."""
        token: str | None = ""
        while token is not None:
            more = {"continue": token} if token else {}
            answer = self.client.call("GET", path, params={"limit": _PAGE, **more}, headers={"Accept": _BRIEF})
            page = answers.read(self.client, path, answer)
            for each in page.get("items") or ():
                yield str(each["metadata"]["name"]), _annotations(each["metadata"]).get(_FOLDER, "")
            token = page.get("metadata", {}).get("continue") or None

    def dashboard(self, uid: str) -> Served | None:
        found = self._get(self._path(DASHBOARDS, "dashboards", uid))
        return None if found is None else self._served(found)

    def _served(self, found: Mapping[str, Any]) -> Served:
        metadata, spec = dict(found.get("metadata") or {}), found.get("spec")
        uid = str(metadata.get("name", ""))
        conversion = (found.get("status") or {}).get("conversion") or {}
        if conversion.get("failed") or not isinstance(spec, dict):
            stored = conversion.get("storedVersion", "another schema")
            message = (
                f"{uid} was saved in Grafana as {stored}, and cannot be read as a classic dashboard: delete it there"
            )
            raise DeployError(Exit.UNSUITABLE, message)
        kept = {key: value for key, value in spec.items() if key not in ASSIGNED}
        notes = _annotations(metadata)
        metadata.pop("managedFields", None)
        entry = Entry(notes.get(_FOLDER, ""), {"uid": uid, **kept})
        return Served(entry, str(metadata.get("resourceVersion", "")), notes.get(_MANAGER, ""), metadata)

    def save(self, uid: str, entry: Entry, before: Served | None) -> Served:
        place = before.about if before is not None else {"name": uid, "namespace": self.namespace}
        notes = {**_annotations(place), _FOLDER: entry.folder, _MESSAGE: MESSAGE}
        spec = {key: value for key, value in entry.dashboard.items() if key not in ASSIGNED}
        body = self._object(DASHBOARDS, "Dashboard", {**place, "annotations": notes}, spec)
        method, path = ("POST", "") if before is None else ("PUT", uid)
        path = self._path(DASHBOARDS, "dashboards", path)
        answer = self.client.call(method, path, json=body)
        return self._served(answers.read(self.client, path, answer, uid))

    def remove(self, uid: str) -> None:
        answers.remove(self.client, self._path(DASHBOARDS, "dashboards", uid))

    def _get(self, path: str) -> Mapping[str, Any] | None:
        return answers.found(self.client, path, self.client.get(path))

    def _path(self, group: str, resource: str, uid: str = "") -> str:
        place = f"/apis/{group}/{self.versions[group]}/namespaces/{quote(self.namespace, safe='')}/{resource}"
        return f"{place}/{quote(uid, safe='')}" if uid else place

    def _object(self, group: str, kind: str, metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
        return {"apiVersion": f"{group}/{self.versions[group]}", "kind": kind, "metadata": metadata, "spec": spec}


def _annotations(metadata: Mapping[str, Any]) -> dict[str, str]:
    return dict(metadata.get("annotations") or {})
