"""What may happen to a log's files that deserves a counter: it may have cost records, or explains why none came."""

from __future__ import annotations

from collections.abc import Mapping

EVENTS: Mapping[str, str] = {
    "truncated": "a file became shorter or was written over, and is read from its beginning; what was written before"
    " and not read is lost, unless a copy of it is found",
    "replaced": "a known inode holds something else now: it was truncated and refilled, or given to a new file",
    "already_seen": "a file repeats what was read (moved, copied or compressed) and is continued there",
    "vanished": "a file is gone that may have held more than was read of it",
    "unterminated": "the last line of a file that is gone had no end, and was taken as it is",
    "cut_off": "a gzip file without its end has not grown for long",
    "damaged": "a gzip file cannot be read any further",
    "trailing_garbage": "something that is no gzip member follows the last one",
}
"""What a batch notes of a file, and what it means."""
