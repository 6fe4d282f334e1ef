"""The distinct values of an Arrow array, each once. Importing this loads pyarrow."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import types

from exporter.extensions import extension

native = extension("exporter.decoders._distinct_texts")

# Not for those who write a log to know.
_KEY = secrets.randbits(64)

# Of the size in which they are used as indices: smaller ones would be widened each time.
Places = NDArray[np.int64]


def distinct(array: pa.Array) -> tuple[Sequence[Any], Places]:
    """Return the values of an array (n,) in the order of their appearance, and which of them each row has (n,).

    Rows without one have the place behind the last. Raises UnicodeDecodeError for a text that is no UTF-8, and
    ArrowException for a type that Arrow cannot do this with.
    """
    width = _offset_width(array.type)
    if native is not None and width and len(array):
        return _distinct_texts(array, width)
    encoded = array.dictionary_encode()
    values = encoded.dictionary.to_pylist()
    return values, encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False).astype(np.int64)


def _offset_width(kind: pa.DataType) -> int:
    """Return how many bytes say where a text begins, 0 for what is no text."""
    return 4 if types.is_string(kind) else 8 if types.is_large_string(kind) else 0


def _distinct_texts(array: pa.Array, width: int) -> tuple[Sequence[str], Places]:
    validity, offsets, texts = array.buffers()
    places = np.empty(len(array), np.int64)
    values = native.encode(offsets, texts, validity, width, array.offset, places, _KEY)
    return values, places
