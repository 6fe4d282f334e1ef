"""Arrow record batches to columns. Importing this loads pyarrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import pyarrow as pa
from pyarrow import compute, types

from exporter.decoders.arrow_columns import column_of, nothing, probabilities
from exporter.decoders.gatherer import Gatherer
from exporter.decoders.leaf import Leaf
from exporter.decoders.table import Path, gathered, leaves_by_path
from exporter.decoders.typed import Column
from exporter.rows.record import Decoded, Refusals, Rows

R = TypeVar("R", bound=Rows)


class RecordBatches(Generic[R]):
    """Decodes record batches into the rows of a gatherer.

    A value lies under the keys of its path, one struct inside the other; a column may also be called like a stretch of
    the path with dots. What is typed goes its way as it is; everything else is refused as in a JSON log.
    """

    def __init__(self, gatherer: Gatherer[R]) -> None:
        self._gatherer = gatherer
        self._leaves = leaves_by_path(gatherer)

    def decode(self, payload: pa.RecordBatch, now: int) -> Decoded[R]:
        """Return the rows of the batch, in their order, and what could not be used."""
        refusals = Refusals()
        columns = {path: _column(payload, path, leaf) for path, leaf in self._leaves.items()}
        rows = gathered(self._gatherer, columns, payload.num_rows, now, refusals)
        return Decoded(self._gatherer.finish(rows, refusals), payload.num_rows, refusals)


def _column(batch: pa.RecordBatch, path: Path, leaf: Leaf) -> Column:
    array = _found(batch, path)
    if array is not None:
        return column_of(leaf, array)
    stem = ".".join(path) + "."
    by_class = {name.removeprefix(stem): batch.column(name) for name in batch.schema.names if name.startswith(stem)}
    if leaf.kind == "scores" and by_class:
        return probabilities(by_class, batch.num_rows)
    return nothing(leaf, batch.num_rows)


def _found(batch: pa.RecordBatch, path: Sequence[str]) -> pa.Array | None:
    for length in range(1, len(path) + 1):
        name = ".".join(path[:length])
        if name in batch.schema.names:
            found = _inside(batch.column(name), path[length:])
            if found is not None:
                return found
    return None


def _inside(array: pa.Array, path: Sequence[str]) -> pa.Array | None:
    """Return what lies under a path inside structs; it is null where one of them is."""
    if not path:
        return array
    if not types.is_struct(array.type):
        return None
    for length in range(1, len(path) + 1):
        place = array.type.get_field_index(".".join(path[:length]))
        if place >= 0:
            found = _inside(compute.struct_field(array, [place]), path[length:])
            if found is not None:
                return found
    return None
