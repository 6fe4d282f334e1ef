"""What every source promises: a batch, and the cursor that says where to go on after it.

The caller commits the cursor together with what it made of the batch, in one transaction. After a
crash, or after a transaction that failed, it polls with an older cursor; a source must then hand out
again exactly what came after that cursor. Nothing a source keeps in memory may change an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

Payload_co = TypeVar("Payload_co", covariant=True)

Cursor = Mapping[str, Any]
"""JSON-serialisable and opaque to everyone but its source; ``{}`` is the very beginning."""


class SourceError(Exception):
    """A source cannot be read now; the message says what and why. Polling again is always allowed."""


@dataclass(frozen=True, slots=True)
class Batch(Generic[Payload_co]):
    """What one poll brought.

    The payload is generic because a source hands out what is natural for it: lines of bytes here, record
    batches from Parquet files or a database. A decoder is chosen to fit, and nobody else looks inside.
    A payload may be empty: the batch then only carries a new cursor, rejections or notes.
    """

    partition: str
    """Which ordered part of the source this is, for watermarks; for files, the file's key in the cursor."""
    payload: Payload_co
    rejected: Mapping[str, int]
    """Records that the source itself had to skip, by reason, such as ``{"too_long": 1}``."""
    cursor: Cursor
    """Where to go on after this batch."""
    notes: Mapping[str, int] = field(default_factory=dict)
    """Events that cost no record by themselves but deserve a counter, such as ``{"truncated": 1}``."""
    place: str = ""
    """Stands for where the part was found, such as a path: of two parts in one place the later one has replaced the other."""
    others_wait: bool = False
    """Whether other parts, found along with this one, may hold older records and have not had their turn yet."""


class Source(Protocol[Payload_co]):
    """Something that is polled: no clock, no thread and no metric inside."""

    @property
    def name(self) -> str: ...

    def poll(self, cursor: Cursor) -> Batch[Payload_co] | None:
        """Return what follows the cursor, or None when nothing new is there now.

        Raises SourceError when the source, or a part of it, cannot be read; what can be read is
        delivered first.
        """

    def close(self) -> None:
        """Give back handles and connections."""
