"""How far each Parquet file was read: the meaning of a Parquet source's cursor.

A file is known by its content, by its `mark`: it keeps its place in the cursor when it is moved, copied, touched or
restored, and a path under which something else turns up is a new file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from exporter.sources.contract import Cursor, SourceError

GONE_KEPT = 256
"""Entries kept of files that are no longer there, so that one that comes back is known again."""


@dataclass(frozen=True, slots=True)
class Part:
    """One content: where it was found, the next row, and whether that was the last."""

    paths: tuple[str, ...]
    row: int = 0
    done: bool = False

    def encoded(self) -> dict[str, Any]:
        return {"paths": list(self.paths), "row": self.row, "done": self.done}

    @classmethod
    def decoded(cls, values: Mapping[str, Any]) -> Part:
        return cls(tuple(values["paths"]), int(values["row"]), bool(values["done"]))


@dataclass(frozen=True, slots=True)
class Parts:
    """A value: what changes them returns others. The encoded form is kept so that a batch does not encode them all."""

    by_mark: Mapping[str, Part]
    files: Mapping[str, Any]
    marks: Mapping[str, str]
    """What was found last under each path."""

    @classmethod
    def of(cls, cursor: Cursor) -> Parts:
        """Read a cursor. Raises ``SourceError`` for one that is not of this kind."""
        try:
            files = dict(cursor.get("files", {}))
            by_mark = {mark: Part.decoded(values) for mark, values in files.items()}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"the cursor is not one of a Parquet source: {error}"
            raise SourceError(message) from error
        return cls(by_mark, files, {path: mark for mark, part in by_mark.items() for path in part.paths})

    @property
    def cursor(self) -> Cursor:
        return {"files": self.files}

    def found(self, mark: str, path: str, present: Collection[str]) -> tuple[Part, str | None]:
        """Return where to go on in a content that lies under a path, and what is to be noted about that."""
        part = self.by_mark.get(mark)
        if part is None:
            return Part((path,)), "replaced" if path in self.marks else None
        if path in part.paths:
            return part, None
        still = tuple(other for other in part.paths if other in present and self.marks.get(other) == mark)
        return replace(part, paths=(*still, path)), "already_seen"

    def advanced(self, mark: str, part: Part) -> Parts:
        """Set the place of a content; whatever else was under its paths lies there no more."""
        by_mark, files, marks = dict(self.by_mark), dict(self.files), dict(self.marks)
        for path in part.paths:
            other = marks.get(path)
            if other is not None and other != mark:
                left = by_mark[other]
                by_mark[other] = replace(left, paths=tuple(place for place in left.paths if place != path))
                files[other] = by_mark[other].encoded()
            marks[path] = mark
        # The one that moved last comes last.
        by_mark.pop(mark, None)
        files.pop(mark, None)
        by_mark[mark], files[mark] = part, part.encoded()
        return Parts(by_mark, files, marks)

    def pruned(self, present: Collection[str]) -> Parts:
        """Drop the oldest of those that are gone, so that the cursor stays bounded."""
        if len(self.by_mark) <= len(present) + GONE_KEPT:
            return self
        gone = [mark for mark, part in self.by_mark.items() if not any(path in present for path in part.paths)]
        dropped = set(gone[:-GONE_KEPT])
        by_mark = {mark: part for mark, part in self.by_mark.items() if mark not in dropped}
        marks = {path: mark for path, mark in self.marks.items() if mark not in dropped}
        return Parts(by_mark, {mark: self.files[mark] for mark in by_mark}, marks)
