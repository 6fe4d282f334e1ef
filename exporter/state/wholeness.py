"""Whether all that is in a state is of one moment: neither more nor less, and nothing of another state.

A checksum of each row tells damage, but not a row that is missing, or one that is as it was an hour ago: which is
what a write-ahead log leaves that belongs to another file, or a page that never reached the disk. So the sum of the
digests of all rows is kept, and goes with each commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import xxhash

from exporter.state.codec import unpack_at
from exporter.state.problem import DamagedStateError

# Each row with its digest, before the content, so that one is read without the other.
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE model (name TEXT PRIMARY KEY, digest INTEGER NOT NULL, content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE pane (
    model TEXT, version INTEGER, start INTEGER, step INTEGER, digest INTEGER NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (model, version, start, step)
);
CREATE TABLE block (
    model TEXT, kind TEXT, number INTEGER, digest INTEGER NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (model, kind, number)
);
"""
_TABLES = ("model", "pane", "block")
_MODULUS = 1 << 64


@dataclass
class Whole:
    """How many commits there were, and the sum of the digests of all rows."""

    commits: int = 0
    total: int = 0

    @classmethod
    def unpacked(cls, values: Sequence[int]) -> Whole:
        commits, total = map(int, values)
        return cls(commits, total)

    def packed(self) -> list[int]:
        return [self.commits, self.total]

    def add(self, digest: int) -> None:
        self.total = (self.total + digest) % _MODULUS

    def remove(self, digest: int) -> None:
        self.total = (self.total - digest) % _MODULUS

    def check(self, database: sqlite3.Connection) -> None:
        """Read everything and see that it adds up. Raises ``DamagedStateError``."""
        found = Whole()
        for digest in _digests(database):
            found.add(digest)
        if found.total != self.total:
            raise DamagedStateError("what is in it is not all of one moment: parts are missing or of another state")


def digest_of(content: bytes) -> int:
    """Return 63 bits that hardly any other content has: as many as SQLite can hold without a sign."""
    return xxhash.xxh3_64_intdigest(content) >> 1


def _digests(database: sqlite3.Connection) -> Iterator[int]:
    for table in _TABLES:
        for *place, digest, content in database.execute(f"SELECT * FROM {table}"):  # noqa: S608 - our own names
            if not isinstance(content, bytes) or digest != digest_of(content):
                raise DamagedStateError(f"a checksum does not match in {table}: the file was changed or damaged")
            unpack_at(place, content)
            yield digest
