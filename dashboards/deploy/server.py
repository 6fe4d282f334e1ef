"""What a deployment asks of a Grafana, whichever API it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dashboards.deploy.content import Document
from dashboards.deploy.entry import Entry
from rules.deploy.client import Client

MESSAGE = "Deployed by Driftbell"


@dataclass(frozen=True, slots=True)
class Served:
    """``owner`` is what provisions it, "" if nothing does; ``about`` is what the server wants back with the next version."""

    entry: Entry
    version: str
    owner: str = ""
    about: Document = field(default_factory=dict)


class Api(Protocol):
    """Every method raises DeployError."""

    @property
    def client(self) -> Client: ...

    @property
    def name(self) -> str: ...

    def folder(self, uid: str) -> str | None:
        """Return a folder's title, None if there is none."""

    def make_folder(self, uid: str, title: str) -> None: ...

    def remove_folder(self, uid: str) -> None: ...

    def inside(self, folder: str) -> Sequence[str]:
        """Return the uids of the dashboards in a folder that is there."""

    def is_empty(self, folder: str) -> bool: ...

    def dashboard(self, uid: str) -> Served | None: ...

    def save(self, uid: str, entry: Entry, before: Served | None) -> Served:
        """Put a dashboard in the place of the one that was there ``before``. Raises ConflictError if another is."""

    def remove(self, uid: str) -> None: ...
