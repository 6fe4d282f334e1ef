"""How many rows of a Parquet file are decoded at once: as many as fit into a bounded piece of memory.

A file of two kilobytes can hold a million rows of a hundred kilobytes each, since a value that repeats is stored once.
So rows are decoded in short strides, shorter still where the footer says that rows are wide, and joined to batches as
long as these stay small. A value, and a page as its writer cut it, must fit into the memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# What a batch, and a stride of rows as wide as the footer says, may take.
BATCH_BYTES = 16 << 20
# Shorter ones cost more time than they save memory. Of lists the footer does not say how long they are.
_STRIDE = 1024
_STRIDE_OF_LISTS = 64
# Whatever the footer says: it may be damaged.
_LEAST = 16


def stride(group: Any, *, lists: bool) -> int:
    """Return how many rows of a row group (its metadata) to decode at once; ``lists`` says whether there are any.

    The metadata of single columns would say more, but Arrow ends the process when they are damaged.
    """
    fitting: int = BATCH_BYTES * group.num_rows // max(group.total_byte_size, 1)
    return max(min(fitting, _STRIDE_OF_LISTS if lists else _STRIDE), _LEAST)


def joined(parts: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Join batches of at most ``rows`` rows to such of ``rows`` rows, or fewer that are about ``BATCH_BYTES`` large.

    What came before a failure is handed out before that is passed on.
    """
    gathered: list[pa.RecordBatch] = []
    try:
        for part in parts:
            room = rows - sum(batch.num_rows for batch in gathered)
            gathered.append(part.slice(0, room))
            if part.num_rows >= room or sum(batch.nbytes for batch in gathered) >= BATCH_BYTES:
                yield _one(gathered)
                gathered = [part.slice(room)] if part.num_rows > room else []
    except Exception:
        if gathered:
            yield _one(gathered)
        raise
    if gathered:
        yield _one(gathered)


def _one(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    import pyarrow as pa

    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)
