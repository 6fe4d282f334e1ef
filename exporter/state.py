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
from typing import Self, TextIO

from exporter.state_codec import DamagedStateError, pack, unpack

FORMAT = 1

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS model (name TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pane (
    model TEXT, version INTEGER, start INTEGER, step INTEGER, settled INTEGER NOT NULL, content BLOB NOT NULL,
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
            self._database = _open(folder / "state.sqlite")
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
        row = self._database.execute("SELECT value FROM meta WHERE key = 'seed'").fetchone()
        if row is not None:
            return int(unpack(row[0]))
        seed = int.from_bytes(os.urandom(8), "little")
        with self.transaction():
            self._database.execute("INSERT INTO meta VALUES ('seed', ?)", (pack(seed),))
        return seed

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
        row = self._database.execute("SELECT document FROM model WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def save_model(self, name: str, document: bytes) -> None:
        self._database.execute("INSERT OR REPLACE INTO model VALUES (?, ?)", (name, document))

    def panes(self, model: str) -> Iterator[tuple[int, int, int, int, bytes]]:
        """Yield version, start, step, settled and content."""
        yield from self._database.execute(
            "SELECT version, start, step, settled, content FROM pane WHERE model = ?", (model,)
        )

    def save_panes(self, model: str, panes: Iterable[tuple[int, int, int, bool, bytes]]) -> None:
        rows = ((model, *pane) for pane in panes)
        self._database.executemany("INSERT OR REPLACE INTO pane VALUES (?, ?, ?, ?, ?, ?)", rows)

    def delete_panes(self, model: str, slots: Iterable[tuple[int, int, int]]) -> None:
        rows = ((model, *slot) for slot in slots)
        self._database.executemany("DELETE FROM pane WHERE model = ? AND version = ? AND start = ? AND step = ?", rows)

    def blocks(self, model: str, kind: str) -> Iterator[tuple[int, bytes]]:
        yield from self._database.execute(
            "SELECT number, content FROM block WHERE model = ? AND kind = ? ORDER BY number", (model, kind)
        )

    def save_blocks(self, model: str, kind: str, blocks: Iterable[tuple[int, bytes]]) -> None:
        rows = ((model, kind, *block) for block in blocks)
        self._database.executemany("INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?)", rows)

    def delete_blocks(self, model: str, kind: str, numbers: Iterable[int]) -> None:
        rows = ((model, kind, number) for number in numbers)
        self._database.executemany("DELETE FROM block WHERE model = ? AND kind = ? AND number = ?", rows)

    def delete_model(self, model: str) -> None:
        for table, column in (("model", "name"), ("pane", "model"), ("block", "model")):
            self._database.execute(f"DELETE FROM {table} WHERE {column} = ?", (model,))  # noqa: S608  # our own names

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


def _open(path: Path) -> sqlite3.Connection:
    try:
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing at this setting; only a power cut can cost the last commits.
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_TABLES)
        _check_format(database, path)
    except sqlite3.Error as error:
        raise StateError(f"{path}: the state cannot be read: {error}; move it away to start anew") from error
    except DamagedStateError as error:
        raise StateError(f"{path}: {error}; move it away to start anew") from error
    return database


def _check_format(database: sqlite3.Connection, path: Path) -> None:
    row = database.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    if row is None:
        database.execute("INSERT INTO meta VALUES ('format', ?)", (pack(FORMAT),))
        return
    found = int(unpack(row[0]))
    if found > FORMAT:
        raise StateError(f"{path}: was written by a newer Driftbell (format {found}, this one knows {FORMAT}); upgrade")
