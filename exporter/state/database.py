"""The state on disk: one SQLite file, one writer, one transaction for everything.

What was counted and how far each source was read are committed together, so that a crash at any moment neither
loses a row nor counts one twice. Only what has changed is written.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from exporter.state.codec import DamagedStateError, pack, pack_at, unpack, unpack_at

FORMAT = 2

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS model (name TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pane (
    model TEXT, version INTEGER, start INTEGER, step INTEGER, content BLOB NOT NULL,
    PRIMARY KEY (model, version, start, step)
);
CREATE TABLE IF NOT EXISTS block (
    model TEXT, kind TEXT, number INTEGER, content BLOB NOT NULL, PRIMARY KEY (model, kind, number)
);
"""


class StateError(Exception):
    """The state cannot be used; the message says why and what to do."""


class State:
    """The state in a folder, which belongs to one process at a time.

    Raises ``StateError`` when the folder cannot be used, is in use, or was written by a newer version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = _lock(folder)
        try:
            self._database = _open(folder / "state.sqlite", self._lock)
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
        """Commit what is written inside, all of it or nothing. Raises ``StateError`` when it cannot be written."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise StateError(
                f"{self.folder}: cannot be written: {error}; check the disk's space and permissions"
            ) from error
        except BaseException:
            self._roll_back()
            raise

    def model(self, name: str) -> bytes | None:
        """Return what ``save_model`` was given, None when it never was."""
        rows = self._read("SELECT document FROM model WHERE name = ?", (name,))
        return unpack_at([name], rows[0][0]) if rows else None

    def save_model(self, name: str, document: bytes) -> None:
        self._database.execute("INSERT OR REPLACE INTO model VALUES (?, ?)", (name, pack_at([name], document)))

    def panes(self, model: str) -> Iterator[tuple[int, int, int, bytes]]:
        """Yield version, start, step and content."""
        for *place, content in self._read("SELECT version, start, step, content FROM pane WHERE model = ?", (model,)):
            version, start, step = place
            yield version, start, step, unpack_at([model, *place], content)

    def save_panes(self, model: str, panes: Iterable[tuple[int, int, int, bytes]]) -> None:
        rows = ((model, *place, pack_at([model, *place], content)) for *place, content in panes)
        self._database.executemany("INSERT OR REPLACE INTO pane VALUES (?, ?, ?, ?, ?)", rows)

    def delete_panes(self, model: str, slots: Iterable[tuple[int, int, int]]) -> None:
        rows = ((model, *slot) for slot in slots)
        self._database.executemany("DELETE FROM pane WHERE model = ? AND version = ? AND start = ? AND step = ?", rows)

    def blocks(self, model: str, kind: str) -> Iterator[tuple[int, bytes]]:
        """Yield number and content."""
        query = "SELECT number, content FROM block WHERE model = ? AND kind = ? ORDER BY number"
        for number, content in self._read(query, (model, kind)):
            yield number, unpack_at([model, kind, number], content)

    def save_blocks(self, model: str, kind: str, blocks: Iterable[tuple[int, bytes]]) -> None:
        rows = ((model, kind, number, pack_at([model, kind, number], content)) for number, content in blocks)
        self._database.executemany("INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?)", rows)

    def delete_blocks(self, model: str, kind: str, numbers: Iterable[int]) -> None:
        rows = ((model, kind, number) for number in numbers)
        self._database.executemany("DELETE FROM block WHERE model = ? AND kind = ? AND number = ?", rows)

    def delete_figures(self, model: str) -> None:
        """Delete everything of a model but what ``save_model`` was given."""
        self._database.execute("DELETE FROM pane WHERE model = ?", (model,))
        self.delete_blocks_of(model)

    def delete_blocks_of(self, model: str) -> None:
        self._database.execute("DELETE FROM block WHERE model = ?", (model,))

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

    def _roll_back(self) -> None:
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")


def _lock(folder: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("a")
    except OSError as error:
        raise StateError(
            f"{folder}: the state cannot be kept here: {error.strerror}; choose another folder with --storage.path"
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise StateError(f"{folder}: another exporter uses this state; give each its own --storage.path") from error
    return file


def _open(path: Path, lock: TextIO) -> sqlite3.Connection:
    if not path.exists():
        # Moved away on purpose: what the lock remembers went with it.
        lock.truncate(0)
    try:
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(database, path, lock)
        except BaseException:
            database.close()
            raise
    except sqlite3.Error as error:
        raise StateError(f"{path}: the state cannot be read: {error}; move it away to start anew") from error
    except DamagedStateError as error:
        raise StateError(f"{path}: {error}; move it away to start anew") from error
    return database


def _prepare(database: sqlite3.Connection, path: Path, lock: TextIO) -> None:
    """Make a new state, or see that an old one is whole. Raises ``DamagedStateError`` or ``StateError``."""
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not tables and _is_marked(lock):
        raise DamagedStateError("the file is empty, but there was a state in it")
    database.execute("PRAGMA journal_mode = WAL")
    # A killed process loses nothing at this setting; only a power cut can cost the last commits.
    database.execute("PRAGMA synchronous = NORMAL")
    if not tables:
        _create(database)
    _mark(lock)
    _check(database, path)


def _create(database: sqlite3.Connection) -> None:
    seed = int.from_bytes(os.urandom(8), "little")
    database.executescript(f"BEGIN; {_TABLES}")
    database.executemany("INSERT INTO meta VALUES (?, ?)", [("format", pack(FORMAT)), ("seed", pack(seed))])
    database.execute("COMMIT")


def _check(database: sqlite3.Connection, path: Path) -> None:
    meta = dict(database.execute("SELECT key, value FROM meta").fetchall())
    if not {"format", "seed"} <= meta.keys():
        raise DamagedStateError("an entry is missing: the file was changed or damaged")
    found = int(unpack(meta["format"]))
    if found > FORMAT:
        raise StateError(f"{path}: was written by a newer Driftbell (format {found}, this one knows {FORMAT}); upgrade")
    problem = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise DamagedStateError(f"the database is damaged: {problem}")
    for name, document in database.execute("SELECT name, document FROM model").fetchall():
        unpack_at([name], document)


def _is_marked(lock: TextIO) -> bool:
    """The lock says whether a state was ever made: an emptied database looks like a new one."""
    return os.fstat(lock.fileno()).st_size > 0


def _mark(lock: TextIO) -> None:
    if not _is_marked(lock):
        lock.write("The process that uses this state holds a lock on this file.\n")
        lock.flush()
