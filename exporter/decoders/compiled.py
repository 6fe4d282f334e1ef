"""The compiled way from JSON lines to columns, where it could be built.

It reads what is as it should be, and leaves all other lines to ``json_lines``; see ``exporter/native/json_columns.c``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from exporter.decoders.columns import PER_SECOND
from exporter.decoders.leaf import Leaf
from exporter.decoders.record_type import Columns, is_spellable
from exporter.decoders.typed import Column, Encoded, Pieces
from exporter.decoders.zones import in_zone
from exporter.extensions import extension
from exporter.sources.lines import Lines

# Where more lines than these are left to others, the other way is the faster one.
_MOST_LEFT = 1 / 2
_ALWAYS_LEFT = 4
# After that, so many payloads go the other way before it is tried again.
_REST = 64

_KINDS = {
    "number": "NUMBER",
    "category": "CATEGORY",
    "status": "STATUS",
    "identifier": "IDENTIFIER",
    "scores": "SCORES",
}
_TYPES: Mapping[str, Any] = {
    "NUMBER": np.float64,
    "MOMENT": np.int64,
    "LOCAL": np.int64,
    "EPOCH": np.int64,
    "CATEGORY": np.int32,
    "STATUS": np.int32,
    "IDENTIFIER": np.int64,
}
_IN_PAIRS = ("LOCAL", "IDENTIFIER")
_WITH_VALUES = ("CATEGORY", "STATUS", "IDENTIFIER", "SCORES")

Path = tuple[str, ...]
_Decode = Callable[[bytes], Any]
# What the reader is told of a field.
_Description = tuple[tuple[bytes, ...], int, bool, bool, int, float, _Decode]


native = extension("exporter.decoders._json_columns")


def is_available() -> bool:
    return native is not None


class CompiledReader:
    """Reads the values of leaves; see ``of``."""

    def __init__(self, leaves: Mapping[Path, Sequence[Leaf]]) -> None:
        self._kinds = {path: _kind_of(sharing) for path, sharing in leaves.items()}
        self._zones = {path: sharing[0].zone for path, sharing in leaves.items()}
        fields = tuple(_description(sharing, self._kinds[path]) for path, sharing in leaves.items())
        self._reader = native.Reader(fields, powers_of_five(), secrets.randbits(64))
        self._rest = 0

    @classmethod
    def of(cls, leaves: Sequence[Leaf]) -> Self | None:
        """Return a reader for leaves, or None where there is none for such."""
        if not is_available() or not all(is_spellable(key) for leaf in leaves for key in leaf.path):
            return None
        by_path: dict[Path, list[Leaf]] = {}
        for leaf in leaves:
            by_path.setdefault(leaf.path, []).append(leaf)
        return cls(by_path)

    def read(self, payload: Sequence[bytes]) -> tuple[Columns, list[int]] | None:
        """Return columns (n,) of lines, and which of them are left to others; None if too many are.

        In the rows of lines that are left there may be anything.
        """
        if self._rest:
            self._rest -= 1
            return None
        lines = payload if isinstance(payload, Lines) else Lines.of(payload)
        rows = len(lines)
        arrays = {path: _array(kind, rows) for path, kind in self._kinds.items() if kind in _TYPES}
        values: dict[Path, list[Any]] = {path: [] for path, kind in self._kinds.items() if kind in _WITH_VALUES}
        room = tuple((arrays.get(path), values.get(path)) for path in self._kinds)
        left = self._reader.read(
            lines.block, np.ascontiguousarray(lines.places), room, int(_MOST_LEFT * rows) + _ALWAYS_LEFT
        )
        if left is None:
            self._rest = _REST
            return None
        columns: dict[Path, Column] = {
            path: Pieces(lines.block, arrays[path], values[path])
            if kind == "IDENTIFIER"
            else _column(arrays.get(path), values.get(path), self._zones[path])
            for path, kind in self._kinds.items()
        }
        return columns, left


def _array(kind: str, rows: int) -> NDArray[Any]:
    # Of lines that are left there must be no mark that says that a time is local, nor a place that is none.
    return np.zeros((2, rows), np.int64) if kind in _IN_PAIRS else np.empty(rows, _TYPES[kind])


def _column(array: NDArray[Any] | None, values: list[Any] | None, zone: ZoneInfo | None) -> Column:
    if array is None:
        assert values is not None  # it has one of the two
        return values
    if values is not None:
        return Encoded(values, array)
    if array.ndim == 1 or zone is None:
        return array
    # A copy, which does not keep the marks alive.
    moments: NDArray[np.int64] = array[0].copy()
    is_local = array[1] != 0
    moments[is_local] = in_zone(moments[is_local], zone)
    return moments


def _kind_of(sharing: Sequence[Leaf]) -> str:
    """Return how the values of one path are read, for whatever leaves share it; the first one is the narrowest."""
    first = sharing[0]
    if first.kind == "timestamp":
        return "EPOCH" if first.time_format != "rfc3339" else "MOMENT" if first.zone is None else "LOCAL"
    if first.kind == "number" and any(leaf.kind != "number" for leaf in sharing):
        return "CATEGORY"
    return _KINDS[first.kind]


def _description(sharing: Sequence[Leaf], kind: str) -> _Description:
    first = sharing[0]
    factor = PER_SECOND.get(first.time_format, 0.0)
    return (
        tuple(b'"%s"' % key.encode() for key in first.path),
        getattr(native, kind),
        any(leaf.required for leaf in sharing),
        first.kind == "number",
        int(factor),
        factor,
        _decoder_of(first.type if kind == "SCORES" else str),
    )


def _decoder_of(kind: Any) -> _Decode:
    parse = msgspec.json.Decoder(kind).decode

    def decode(text: bytes) -> Any:
        """Return what a piece of JSON stands for, None if it is none of the kind."""
        try:
            return parse(text)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    return decode


def powers_of_five() -> bytes:
    """Return 5 to the powers that the reader knows: the first 128 bits of each, as two numbers, and the power of two to it."""
    powers = np.empty((native.GREATEST_POWER - native.LEAST_POWER + 1, 3), np.uint64)
    for row, power in zip(powers, range(native.LEAST_POWER, native.GREATEST_POWER + 1), strict=True):
        bits, exponent = _in_128_bits(power)
        row[:] = bits >> 64, bits & (1 << 64) - 1, exponent & (1 << 64) - 1
    return powers.tobytes()


def _in_128_bits(power: int) -> tuple[int, int]:
    """Return the first 128 bits of 5 ** power, and what power of two they are to be multiplied by."""
    if power < 0:
        # As many bits more as the quotient loses.
        more = 128 + (5**-power).bit_length()
        bits, exponent = (1 << more) // 5**-power, -more
    else:
        bits, exponent = 5**power, 0
    excess = bits.bit_length() - 128
    return (bits >> excess if excess >= 0 else bits << -excess), exponent + excess
