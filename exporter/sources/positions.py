"""All positions of a source: the meaning of its cursor.

They are a value: what advances them returns another one. The encoded form is kept beside the decoded
one, so that a batch costs a few copies of a dict and not one pass over thousands of files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from exporter.sources.contract import Cursor, SourceError
from exporter.sources.position import Identity, Position

GONE_KEPT = 256
"""Positions kept of files that are no longer there, so that a compressed or moved one is known again."""


@dataclass(frozen=True, slots=True)
class Positions:
    by_key: Mapping[str, Position]
    """By key; the one that advanced last comes last."""
    keys: Mapping[Identity, str]
    files: Mapping[str, Any]
    """The positions, encoded."""

    @classmethod
    def of(cls, cursor: Cursor) -> Positions:
        """Read a cursor. Raises SourceError for one that is not of this kind."""
        try:
            files = dict(cursor.get("files", {}))
            by_key = {key: Position.decoded(values) for key, values in files.items()}
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            message = f"the cursor is not one of a file source: {error}"
            raise SourceError(message) from error
        return cls(by_key, {position.identity: key for key, position in by_key.items()}, files)

    @property
    def cursor(self) -> Cursor:
        return {"files": self.files}

    def own(self, identity: Identity) -> str | None:
        """Return the key of the position that was taken in this very file."""
        return self.keys.get(identity)

    def advanced(self, key: str, position: Position) -> Positions:
        """Set the position of a key.

        Another position in the same file is superseded: it stays, without its inode, because the
        content it was taken in may turn up elsewhere (a log that is copied and then truncated).
        """
        by_key, keys, files = dict(self.by_key), dict(self.keys), dict(self.files)
        other = keys.get(position.identity)
        if other is not None and other != key:
            by_key[other] = replace(by_key[other], inode=0, seen=None)
            files[other] = by_key[other].encoded()
        before = by_key.pop(key, None)
        if before is not None and keys.get(before.identity) == key:
            del keys[before.identity]
        files.pop(key, None)
        by_key[key], keys[position.identity], files[key] = position, key, position.encoded()
        return Positions(by_key, keys, files)

    def pruned(self, present: Collection[Identity]) -> Positions:
        """Drop the oldest positions of files that are gone, so that the cursor stays bounded."""
        if len(self.by_key) <= len(present) + GONE_KEPT:
            return self
        gone = [key for key, position in self.by_key.items() if position.identity not in present]
        return self._without(set(gone[:-GONE_KEPT]))

    def _without(self, dropped: Collection[str]) -> Positions:
        by_key = {key: position for key, position in self.by_key.items() if key not in dropped}
        keys = {identity: key for identity, key in self.keys.items() if key not in dropped}
        return Positions(by_key, keys, {key: self.files[key] for key in by_key})

    def new_key(self, position: Position) -> str:
        """Name a file that is read for the first time; the name lives as long as the position."""
        stem = f"{position.device:x}-{position.inode:x}-{position.head[:8]}"
        if stem not in self.by_key:
            return stem
        return next(key for number in range(2, len(self.by_key) + 3) if (key := f"{stem}-{number}") not in self.by_key)
