"""All positions of a source: the meaning of its cursor.

They are a value: what advances them returns another one. The encoded form is kept beside the decoded
one, so that a batch costs a few copies of a dict and not one pass over thousands of files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from exporter.sources.contract import Cursor, SourceError
from exporter.sources.position import START_BYTES, Identity, Position

GONE_KEPT = 256
"""Positions kept of files that are no longer there, so that a compressed or moved one is known again."""


class Likeness:
    """Which keys may belong to positions that look like something.

    It is shared by all positions that came from one another, and so says too much now and then, never too little: a file
    is compared with a few positions rather than with thousands.
    """

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str | int, bool], dict[str, None]] = {}

    def add(self, key: str, position: Position) -> None:
        is_short = position.offset < START_BYTES
        tokens = (("start", position.start), ("inode", position.inode), ("family", position.family))
        for kind, value in tokens[is_short:]:
            self._keys.setdefault((kind, value, is_short), {})[key] = None

    def keys(self, kind: str, value: str | int, *, short: bool) -> Iterable[str]:
        return self._keys.get((kind, value, short), ())


@dataclass(frozen=True, slots=True)
class Positions:
    by_key: Mapping[str, Position]
    """By key; the one that advanced last comes last."""
    keys: Mapping[Identity, str]
    files: Mapping[str, Any]
    """The positions, encoded."""
    likeness: Likeness

    @classmethod
    def of(cls, cursor: Cursor) -> Positions:
        """Read a cursor. Raises SourceError for one that is not of this kind."""
        try:
            files = dict(cursor.get("files", {}))
            by_key = {key: Position.decoded(values) for key, values in files.items()}
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            message = f"the cursor is not one of a file source: {error}"
            raise SourceError(message) from error
        return cls._made(by_key, {position.identity: key for key, position in by_key.items()}, files)

    @classmethod
    def _made(cls, by_key: Mapping[str, Position], keys: Mapping[Identity, str], files: Mapping[str, Any]) -> Positions:
        likeness = Likeness()
        for key, position in by_key.items():
            likeness.add(key, position)
        return cls(by_key, keys, files, likeness)

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
            by_key[other] = replace(by_key[other], inode=0)
            files[other] = by_key[other].encoded()
        before = by_key.pop(key, None)
        if before is not None and keys.get(before.identity) == key:
            del keys[before.identity]
        files.pop(key, None)
        by_key[key], keys[position.identity], files[key] = position, key, position.encoded()
        self.likeness.add(key, position)
        return Positions(by_key, keys, files, self.likeness)

    def settled(self, gone: Collection[str]) -> Positions:
        """Look no more for the files of some keys; their positions stay, lest their content turns up again."""
        by_key, files = dict(self.by_key), dict(self.files)
        for key in gone:
            by_key[key] = replace(by_key[key], gone=True)
            files[key] = by_key[key].encoded()
        return Positions(by_key, self.keys, files, self.likeness)

    def pruned(self, present: Collection[Identity]) -> Positions:
        """Drop the oldest positions of files that are gone, so that the cursor stays bounded."""
        if len(self.by_key) <= len(present) + GONE_KEPT:
            return self
        gone = [key for key, position in self.by_key.items() if position.identity not in present]
        return self._without(set(gone[:-GONE_KEPT]))

    def _without(self, dropped: Collection[str]) -> Positions:
        by_key = {key: position for key, position in self.by_key.items() if key not in dropped}
        keys = {identity: key for identity, key in self.keys.items() if key not in dropped}
        return self._made(by_key, keys, {key: self.files[key] for key in by_key})

    def new_key(self, position: Position) -> str:
        """Name a file that is read for the first time; the name lives as long as the position."""
        stem = f"{position.device:x}-{position.inode:x}-{position.head[:8]}"
        if stem not in self.by_key:
            return stem
        return next(key for number in range(2, len(self.by_key) + 3) if (key := f"{stem}-{number}") not in self.by_key)
