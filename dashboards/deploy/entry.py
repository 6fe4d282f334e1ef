"""A dashboard with the folder that it is in, as the text by which a deployment remembers it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from dashboards.deploy.content import Document, canonical
from dashboards.deploy.seal import is_genuine, seal_of

FOLDER = "folder"
"""Stands among the files for the folder itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    folder: str
    dashboard: Document

    @classmethod
    def of(cls, text: str) -> Entry:
        data = json.loads(text)
        return cls(str(data["folder"]), dict(data["dashboard"]))

    @property
    def text(self) -> str:
        return json.dumps({"folder": self.folder, "dashboard": self.dashboard}, indent=1, ensure_ascii=False) + "\n"

    def equals(self, other: Entry) -> bool:
        return self.folder == other.folder and canonical(self.dashboard) == canonical(other.dashboard)

    def fulfils(self, wanted: Entry) -> bool:
        """Say whether what a server has is what is wanted, though it may have it in other words."""
        ours, theirs = seal_of(wanted.dashboard), seal_of(self.dashboard)
        known = ours is not None and theirs is not None and ours.sent == theirs.sent and is_genuine(self.dashboard)
        return self.equals(wanted) or (self.folder == wanted.folder and known)


def name_of(uid: str) -> str:
    return f"{uid}.json"
