"""A state's file: recognised before it is touched, made when there is none, and read through before it is used."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from exporter.regular_file import opened
from exporter.state.codec import pack, unpack
from exporter.state.problem import DamagedStateError, StateError
from exporter.state.wholeness import SCHEMA, Whole

FORMAT = 3
# "Bell" in ASCII, in the file's header: what another program wrote is left alone.
_APPLICATION = 0x42656C6C
_MAGIC = b"SQLite format 3\0"
_HEADER = 100
# Panes take tens of kilobytes each, and every page of them is written by itself, twice.
_PAGE = 16_384
# What the write-ahead log may take before its pages are copied into the database.
_MOST_AHEAD = 4 << 20
# Kilobytes of pages that SQLite may keep: what is written is hardly ever read again, but each page would stay in the memory.
_CACHE = 500
# Files that SQLite keeps beside the database while it is in use, or when its process was killed.
_COMPANIONS = ("-wal", "-journal")


def open_database(path: Path, *, was_used: bool) -> tuple[sqlite3.Connection, Whole]:
    """Open a state, or make a new one where there is none. Raises ``StateError``.

    ``was_used`` says that there was one in this folder: an empty file is then no beginning but a loss.
    """
    try:
        # One that is not there at all was moved away on purpose.
        was_used &= _is_there(path)
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _make_sure(database, was_used=was_used)
            # A killed process loses nothing at this setting; only a power cut can cost the last commits.
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(f"PRAGMA cache_size = -{_CACHE}")
            # States that were made with smaller pages keep these.
            page = database.execute("PRAGMA page_size").fetchone()[0]
            database.execute(f"PRAGMA wal_autocheckpoint = {_MOST_AHEAD // page}")
            return database, _verified(database, path)
        except BaseException:
            database.close()
            raise
    except sqlite3.Error as error:
        raise StateError(f"{path}: the state cannot be used: {error}; {_advice(error)}") from error
    except OSError as error:
        raise StateError(f"{path}: the state cannot be opened: {error.strerror}") from error
    # A name may be damaged as well, so that it is no text any more.
    except (DamagedStateError, UnicodeDecodeError) as error:
        raise StateError(f"{path}: {error}; move it away to start anew") from error


def _is_there(path: Path) -> bool:
    """See that a file is a state before SQLite may change anything about it; have an empty one where there is none."""
    if path.exists():
        with opened(path) as file:
            header = file.read(_HEADER)
        if header:
            _recognise(path, header)
        _check_companions(path)
        return True
    for ending in _COMPANIONS:
        companion = path.with_name(path.name + ending)
        if companion.exists():
            raise StateError(
                f"{path}: is missing, but {companion.name}, which belongs to it, is there; "
                f"put it back, or move that away as well to start anew"
            )
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    return False


def _check_companions(path: Path) -> None:
    """See that SQLite finds files beside the database: it would go on with a pipe, and could save nothing."""
    for ending in (*_COMPANIONS, "-shm"):
        companion = path.with_name(path.name + ending)
        if companion.exists() and not companion.is_file():
            raise StateError(f"{companion}: is no regular file; move it away")


def _recognise(path: Path, header: bytes) -> None:
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise DamagedStateError("the file is damaged, or no state of Driftbell's")
    found = int.from_bytes(header[68:72], "big")
    if found != _APPLICATION:
        raise StateError(f"{path}: is a database, but no state of this Driftbell's; give each its own --storage.path")


def _make_sure(database: sqlite3.Connection, *, was_used: bool) -> None:
    """Make a state where there is none: a start that was killed halfway leaves an empty file, or one SQLite empties now."""
    if database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return
    if was_used:
        raise DamagedStateError("the file is empty, but there was a state in it")
    _create(database)


def _create(database: sqlite3.Connection) -> None:
    """Make everything in one transaction, not yet in the write-ahead log, so that the file says at once what it is."""
    database.execute("PRAGMA synchronous = FULL")
    database.execute(f"PRAGMA page_size = {_PAGE}")
    seed = int.from_bytes(os.urandom(8), "little")
    database.executescript(f"BEGIN; PRAGMA application_id = {_APPLICATION}; {SCHEMA}")
    entries = {"format": FORMAT, "seed": seed, "whole": Whole().packed()}
    database.executemany("INSERT INTO meta VALUES (?, ?)", [(key, pack(value)) for key, value in entries.items()])
    database.execute("COMMIT")


def _verified(database: sqlite3.Connection, path: Path) -> Whole:
    """Read the whole state and see that it is what was written, all of one moment; say how far it had come."""
    # A file that may only be read would be found out by the first commit, which may be too late to tell anybody.
    database.execute("BEGIN IMMEDIATE")
    database.execute("ROLLBACK")
    meta = {key: unpack(value) for key, value in database.execute("SELECT key, value FROM meta")}
    if "format" in meta:
        _check_format(path, int(meta["format"]))
    if not {"format", "seed", "whole"} <= meta.keys():
        raise DamagedStateError("an entry is missing: the file was changed or damaged")
    # The thorough check: a damaged index would hide rows that are there.
    problem = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem != "ok":
        raise DamagedStateError(f"the database is damaged: {problem}")
    whole = Whole.unpacked(meta["whole"])
    whole.check(database)
    return whole


def _check_format(path: Path, found: int) -> None:
    if found > FORMAT:
        raise StateError(f"{path}: was written by a newer Driftbell (format {found}, this one knows {FORMAT}); upgrade")
    if found < FORMAT:
        raise StateError(
            f"{path}: was written by an older Driftbell (format {found}, this one knows {FORMAT}); "
            f"go on with that one, or move it away to start anew"
        )


def _advice(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return "it has to be writable, and its folder too"
    if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        return "check the disk and its space"
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return "another program holds it"
    return "move it away to start anew"
