"""The state on disk: one SQLite file, one writer, one transaction for everything.

What was counted and how far each source was read are committed together, so that a crash at any moment neither
loses a row nor counts one twice. Only what has changed is written.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from exporter.state.codec import pack, pack_at, unpack, unpack_at
from exporter.state.lock import Lock
from exporter.state.opening import open_database
from exporter.state.problem import DamagedStateError, StateError, StateLostError
from exporter.state.wholeness import Whole, digest_of

_LOG = logging.getLogger(__name__)

# What says where a row belongs; its digest and its content follow.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "model": ("name",),
    "pane": ("model", "version", "start", "step"),
    "block": ("model", "kind", "number"),
}
_WHERE = {table: " AND ".join(f"{key} = ?" for key in keys) for table, keys in _KEYS.items()}
_DIGEST = {table: f"SELECT digest FROM {table} WHERE {where}" for table, where in _WHERE.items()}  # noqa: S608 - our own names
_DELETE = {table: f"DELETE FROM {table} WHERE {where}" for table, where in _WHERE.items()}  # noqa: S608 - as above
_INSERT = {
    table: f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * (len(keys) + 2))})"  # noqa: S608 - as above
    for table, keys in _KEYS.items()
}
# After these it is not certain what has reached the disk.
_DOUBTFUL = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class State:
    """The state in a folder, which belongs to one process at a time.

    ``lost_commits`` says how many commits that were made here are not in it: after a power cut, or with an older copy.
    Raises ``StateError`` when the folder cannot be used, is in use, or holds what is no sound state of this format.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lost_commits = 0
        self._lock = Lock(folder)
        self._is_doubtful = False
        self._database: sqlite3.Connection
        self._whole: Whole
        try:
            self._open()
            self._compare_with_memory()
        except BaseException:
            self._lock.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()
        self._lock.close()

    @property
    def seed(self) -> int:
        """The key of the hashes of request ids, made once for a state."""
        return int(unpack(self._meta("seed")))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is written inside, all of it or nothing.

        Raises ``StateError`` when it cannot be written now, and ``StateLostError`` when what was committed is gone.
        """
        self._settle_doubts()
        self._look_for_it()
        before = replace(self._whole)
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._whole.commits += 1
            self._database.execute("UPDATE meta SET value = ? WHERE key = 'whole'", (pack(self._whole.packed()),))
            self._database.execute("COMMIT")
        except BaseException as error:
            self._whole = before
            self._roll_back(error)
            if not isinstance(error, sqlite3.Error):
                raise
            raise StateError(
                f"{self.folder}: cannot be written: {error}; check the disk's space and permissions"
            ) from error
        self._lock.remember(self.seed, self._whole.commits)

    def model(self, name: str) -> bytes | None:
        """Return what ``save_model`` was given, None when it never was."""
        rows = self._read("SELECT content FROM model WHERE name = ?", (name,))
        return unpack_at([name], rows[0][0]) if rows else None

    def save_model(self, name: str, document: bytes) -> None:
        self._put("model", (name,), document)

    def panes(self, model: str) -> Iterator[tuple[int, int, int, bytes]]:
        """Yield version, start, step and content."""
        for *place, content in self._read("SELECT version, start, step, content FROM pane WHERE model = ?", (model,)):
            version, start, step = place
            yield version, start, step, unpack_at([model, *place], content)

    def save_panes(self, model: str, panes: Iterable[tuple[int, int, int, bytes]]) -> None:
        for *place, content in panes:
            self._put("pane", (model, *place), content)

    def delete_panes(self, model: str, slots: Iterable[tuple[int, int, int]]) -> None:
        for slot in slots:
            self._delete("pane", (model, *slot))

    def blocks(self, model: str, kind: str) -> Iterator[tuple[int, bytes]]:
        """Yield number and content."""
        query = "SELECT number, content FROM block WHERE model = ? AND kind = ? ORDER BY number"
        for number, content in self._read(query, (model, kind)):
            yield number, unpack_at([model, kind, number], content)

    def save_blocks(self, model: str, kind: str, blocks: Iterable[tuple[int, bytes]]) -> None:
        for number, content in blocks:
            self._put("block", (model, kind, number), content)

    def delete_blocks(self, model: str, kind: str, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._delete("block", (model, kind, number))

    def delete_figures(self, model: str) -> None:
        """Delete everything of a model but what ``save_model`` was given."""
        self.delete_panes(model, self._read("SELECT version, start, step FROM pane WHERE model = ?", (model,)))
        for kind, number in self._read("SELECT kind, number FROM block WHERE model = ?", (model,)):
            self._delete("block", (model, kind, number))

    def delete_model(self, model: str) -> None:
        """Delete everything of a model."""
        self.delete_figures(model)
        self._delete("model", (model,))

    def _put(self, table: str, place: tuple[Any, ...], content: bytes) -> None:
        self._forget(table, place)
        kept = pack_at(place, content)
        digest = digest_of(kept)
        self._database.execute(_INSERT[table], (*place, digest, kept))
        self._whole.add(digest)

    def _delete(self, table: str, place: tuple[Any, ...]) -> None:
        self._forget(table, place)
        self._database.execute(_DELETE[table], place)

    def _forget(self, table: str, place: tuple[Any, ...]) -> None:
        for (digest,) in self._database.execute(_DIGEST[table], place).fetchall():
            self._whole.remove(digest)

    def _meta(self, key: str) -> bytes:
        rows = self._read("SELECT value FROM meta WHERE key = ?", (key,))
        if not rows:
            raise DamagedStateError(f"the entry {key} is missing")
        return bytes(rows[0][0])

    def _read(self, query: str, parameters: tuple[object, ...]) -> list[Any]:
        try:
            return self._database.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise StateError(f"{self.folder}: cannot be read: {error}; move it away to start anew") from error

    def _roll_back(self, error: BaseException) -> None:
        code = getattr(error, "sqlite_errorcode", None)
        self._is_doubtful |= code is not None and code & 0xFF in _DOUBTFUL
        if self._database.in_transaction:
            try:
                self._database.execute("ROLLBACK")
            except sqlite3.Error:
                # What it cannot undo, opening the file anew does.
                self._is_doubtful = True

    def _settle_doubts(self) -> None:
        """After an error of the disk, find out what is on it: asking the same connection again would not tell."""
        if not self._is_doubtful:
            return
        known = self._whole
        self._database.close()
        self._open()
        if self._whole != known:
            raise StateLostError(f"{self.folder}: the disk has lost {known.commits - self._whole.commits} commits")
        self._is_doubtful = False

    def _open(self) -> None:
        self._database, self._whole = open_database(self._path, was_used=self._lock.was_used)
        self._identity = _identity_of(self._path)

    @property
    def _path(self) -> Path:
        return self.folder / "state.sqlite"

    def _look_for_it(self) -> None:
        """Raise ``StateError`` where nobody would find what is written: a file that is open can be deleted all the same."""
        if _identity_of(self._path) != self._identity:
            raise StateError(
                f"{self._path}: was deleted, or another file put in its place, while it was in use, so that nothing can be"
                " saved; put it back, or restart to go on with what is there"
            )

    def _compare_with_memory(self) -> None:
        """Say so when this is not the state, or not all of the state, that was here last."""
        if self._lock.identity == self.seed:
            self.lost_commits = max(self._lock.commits - self._whole.commits, 0)
            if self.lost_commits:
                _LOG.warning(
                    "commits are missing: the logs are read again from where the state stands",
                    extra={"fields": {"state": str(self.folder), "commits": self.lost_commits}},
                )
        elif self._lock.identity is not None:
            _LOG.warning("this is another state than was here last", extra={"fields": {"state": str(self.folder)}})
        self._lock.remember(self.seed, self._whole.commits)


def _identity_of(path: Path) -> tuple[int, int] | None:
    """Return device and inode of a file, None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"{path}: cannot be looked at: {error}") from error
    return status.st_dev, status.st_ino
