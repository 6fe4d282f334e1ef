"""What a deployment remembers: that it is under way, what it replaced, which files are its own."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from rules.deploy import durable
from rules.deploy.failure import DeployError, Exit

Files = Mapping[str, str | None]
"""Texts by name; None: there is no such file."""

_KEPT = 10
_JOURNAL, _OWNED, _BACKUPS = "journal.json", "deployed.json", "backups"


@dataclass(frozen=True, slots=True)
class Journal:
    """A deployment under way: what was there, and what shall be, of each file that it touches; ``sum`` is of all that is wanted."""

    before: Files
    after: Files
    started: str
    sum: str = ""


class State:
    """A folder; it is made when something is to be remembered. Failures to write raise DeployError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others out; the system lets them in again if we die. Raises DeployError."""
        with _writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise DeployError(
                Exit.LOCKED, f"{self.folder}: another deployment is running: wait until it has ended"
            ) from error
        finally:
            os.close(descriptor)

    @property
    def unfinished(self) -> Journal | None:
        """The deployment that was not finished. Raises DeployError if it cannot be read."""
        path = self.folder / _JOURNAL
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return Journal(dict(data["before"]), dict(data["after"]), str(data["started"]), str(data["sum"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"{path}: an unfinished deployment cannot be read ({error}): look at {self.folder / _BACKUPS}, then remove it"
            raise DeployError(Exit.HALFWAY, message) from error

    def begin(
        self, present: Mapping[str, str], after: Files, wanted: Mapping[str, str], now: datetime | None = None
    ) -> Journal:
        """Remember a deployment before anything of it is done, and keep all that is ``present``."""
        moment = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
        journal = Journal({name: present.get(name) for name in after}, after, moment, sum_of(wanted))
        document = {"started": moment, "sum": journal.sum, "before": journal.before, "after": dict(after)}
        with _writing(self.folder):
            self._keep(present, moment)
            durable.write(self.folder / _JOURNAL, json.dumps(document, indent=1) + "\n", self.folder, mode=0o600)
        return journal

    def end(self, owned: frozenset[str] | None = None) -> None:
        """Forget the deployment: it is done (``owned`` are the files that are ours now), or everything is back (None)."""
        with _writing(self.folder):
            if owned is not None:
                durable.write(self.folder / _OWNED, json.dumps(sorted(owned)) + "\n", self.folder)
            durable.remove(self.folder / _JOURNAL)

    @property
    def owned(self) -> frozenset[str]:
        """The names of the files that the last deployment left."""
        path = self.folder / _OWNED
        return frozenset(map(str, json.loads(path.read_text(encoding="utf-8")))) if path.exists() else frozenset()

    @property
    def backups(self) -> list[str]:
        """What can be gone back to, the newest last."""
        folder = self.folder / _BACKUPS
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def backup(self, name: str = "") -> dict[str, str]:
        """Return the files before one of the last deployments, by default before the last. Raises DeployError."""
        names = self.backups
        if not names or (name and name not in names):
            raise DeployError(
                Exit.USAGE, f"{self.folder / _BACKUPS} has no backup{f' {name}' if name else ''}: {names}"
            )
        folder = self.folder / _BACKUPS / (name or names[-1])
        return {path.name: durable.read(path) for path in sorted(folder.iterdir())}

    def _keep(self, present: Mapping[str, str], moment: str) -> None:
        folder = self.folder / _BACKUPS / moment
        folder.mkdir(parents=True, mode=0o700)
        for name, text in present.items():
            durable.write(folder / name, text, self.folder)
        durable.sync(folder.parent)
        for old in self.backups[:-_KEPT]:
            shutil.rmtree(self.folder / _BACKUPS / old)


def sum_of(files: Mapping[str, str]) -> str:
    return sha256(json.dumps(sorted(files.items())).encode()).hexdigest()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except BlockingIOError:
        raise
    except OSError as error:
        raise DeployError(Exit.UNWRITABLE, f"{folder}: {error}") from error
