"""Identifiers to the hashes that they are remembered by."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np
import xxhash

from exporter.decoders.leaf import INVALID_VALUE
from exporter.decoders.typed import Column, Encoded, Pieces, values_of
from exporter.extensions import extension
from exporter.rows.category import text_of
from exporter.rows.record import Flags, Hashes

native = extension("exporter.decoders._text_hashes")


def hashes(column: Column, seed: int) -> tuple[Hashes, Flags]:
    """Return keyed 64-bit hashes of identifiers (n,), and which rows have one (n,)."""
    if isinstance(column, Encoded):
        found, are_there = hashes(column.values, seed)
        return found[column.places], are_there[column.places]
    if native is None:
        return _by_library(values_of(column), seed)
    keys, are_there = np.empty(len(column), np.uint64), np.ones(len(column), np.bool_)
    if isinstance(column, Pieces):
        left = native.hash_pieces(column.block, np.ascontiguousarray(column.places), seed, keys)
        others: Sequence[Any] = Pieces(column.block, column.places[:, left], column.others)
    else:
        values = list(values_of(column))
        left = native.hash_texts(values, seed, keys)
        others = [values[i] for i in left]
    if left:
        keys[left], are_there[left] = _by_library(others, seed)
    return keys, are_there


def _by_library(values: Sequence[Any], seed: int) -> tuple[Hashes, Flags]:
    try:
        contents = list(map(str.encode, values))
    except (TypeError, UnicodeEncodeError):  # not all are texts, or one holds half a surrogate pair
        contents = [_text(value).encode("utf-8", "surrogatepass") for value in values]
    # A tenth faster than as numbers.
    digests = b"".join(map(xxhash.xxh3_64_digest, contents, repeat(seed)))
    keys = np.frombuffer(digests, ">u8").astype(np.uint64)
    present = np.fromiter(map(bool, contents), np.bool_, len(values))
    return np.where(present, keys, np.uint64(0)), present


def _text(value: Any) -> str:
    return "" if value is None or value is INVALID_VALUE else text_of(value)
