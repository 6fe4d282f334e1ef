"""State to bytes and back: MessagePack with a checksum, arrays as they are in memory (little-endian)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from exporter.counting.packed import Packed, PackedContent
from exporter.rows.record import Rows
from exporter.state.problem import DamagedStateError

R = TypeVar("R", bound=Rows)

_PARTS = ("counts", "sums", "places", "cells", "quality", "scores")


def pack(document: Any) -> bytes:
    """Encode plain values and numpy arrays."""
    body = msgspec.msgpack.encode(document, enc_hook=_encode_array)
    return zlib.crc32(body).to_bytes(4, "little") + body


def unpack(data: bytes) -> Any:
    """Decode what ``pack`` encoded; arrays come back as mappings for ``array``. Raises ``DamagedStateError``."""
    if not isinstance(data, bytes):
        raise DamagedStateError("a value is of another kind: the file was changed or damaged")
    body = data[4:]
    if not body or zlib.crc32(body) != int.from_bytes(data[:4], "little"):
        raise DamagedStateError("a checksum does not match: the file was changed or damaged")
    return msgspec.msgpack.decode(body)


def pack_at(place: Sequence[Any], data: bytes) -> bytes:
    """Bind packed data to the place where it is kept: the checksum then covers the place as well."""
    return pack([list(place), data])


def unpack_at(place: Sequence[Any], data: bytes) -> bytes:
    """Return what ``pack_at`` bound to the same place. Raises ``DamagedStateError``."""
    found, body = unpack(data)
    if found != list(place):
        raise DamagedStateError(f"{place} holds what belongs to {found}: the file was changed or damaged")
    return bytes(body)


def array(document: Any) -> NDArray[Any]:
    """Return the array that was packed, as one that can be written to."""
    return np.frombuffer(document["data"], np.dtype(document["type"])).reshape(document["shape"]).copy()


def pack_content(content: PackedContent) -> bytes:
    """Encode a pane's content in the form in which it is kept: the smallest types that hold its numbers."""
    parts = {name: getattr(content, name) for name in _PARTS}
    arrays = {name: [getattr(part, column.name) for column in fields(Packed)] for name, part in parts.items()}
    return pack({**arrays, "level": content.level})


def unpack_content(data: bytes) -> PackedContent:
    """Decode what ``pack_content`` encoded. Raises ``DamagedStateError``, ``KeyError`` or ``TypeError``."""
    document = unpack(data)
    parts = {name: Packed(*map(array, document[name])) for name in _PARTS}
    return PackedContent(**parts, level=document["level"])


def pack_rows(rows: Rows) -> bytes:
    return pack({column.name: getattr(rows, column.name) for column in fields(rows)})  # type: ignore[arg-type]


def unpack_rows(kind: type[R], data: bytes) -> R:
    document = unpack(data)
    return kind(**{name: array(value) for name, value in document.items()})


def _encode_array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"type": value.dtype.str, "shape": list(value.shape), "data": np.ascontiguousarray(value).tobytes()}
    raise TypeError(f"{type(value).__name__} has no place in the state")
