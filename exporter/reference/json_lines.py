"""JSON lines as a table.

Decoded here and not by Arrow: Arrow takes texts that look like dates for dates, stops at a column that
holds both numbers and texts, and cannot say in which line an error is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from exporter.reference.columns import DOMAIN_KEY
from exporter.reference.problem import ReferenceProblem
from exporter.rows.category import is_unicode, text_of

if TYPE_CHECKING:
    import pyarrow as pa

# Decoded objects are large; they are turned into arrays this many rows at a time.
ROWS_AT_ONCE = 20_000

Values = list[object]
Record = dict[str, object]
_DECODE = msgspec.json.Decoder().decode
_DOMAINS = {bool: "boolean", int: "number", float: "number", str: "text"}


def json_lines_table(lines: Iterable[bytes], file: str) -> pa.Table:
    """Return the table of one JSON object a line; blank lines are skipped, an absent key is null.

    The key ``b`` inside the object ``a`` is the column ``a.b``. A column of several types is turned into
    canonical texts, and its field's metadata say which types they were. Raises ``ReferenceProblem`` with
    ``file`` and the line for what is no JSON object.
    """
    return records_table(_records(lines, file))


def records_table(records: Iterator[Record]) -> pa.Table:
    """Return the table of flattened records, as ``json_lines_table`` does."""
    import pyarrow as pa

    pieces: dict[str, list[tuple[int, _Piece]]] = {}
    rows = 0
    while chunk := list(islice(records, ROWS_AT_ONCE)):
        for name, values in _columns(chunk).items():
            pieces.setdefault(name, []).append((rows, _Piece(values)))
        rows += len(chunk)
    joined = {name: _joined(name, found, rows) for name, found in pieces.items()}
    schema = pa.schema([field for field, _ in joined.values()])
    return pa.table([column for _, column in joined.values()], schema=schema)


class _Piece:
    """Some rows of a column: the Arrow array, and the JSON types in it (``nested`` for a list)."""

    __slots__ = ("array", "domains")

    def __init__(self, values: Values) -> None:
        kinds = set(map(type, values)) - {type(None)}
        self.domains = {_DOMAINS.get(kind, "nested") for kind in kinds}
        self.array = _array(values, kinds, self.domains)


def _array(values: Values, kinds: set[type], domains: set[str]) -> pa.Array:
    import pyarrow as pa

    if domains == {"number"}:
        return _numbers(values, whole=kinds == {int})
    if domains == {"nested"}:
        return _lists(values)
    if "nested" in domains:
        return pa.nulls(len(values), pa.list_(pa.null()))
    if len(domains) > 1:
        return pa.array(_as_texts(values), pa.string())
    return pa.array(values)


def _numbers(values: Values, *, whole: bool) -> pa.Array:
    import pyarrow as pa

    if whole and all(value is None or -(2**63) <= value < 2**63 for value in values):  # type: ignore[operator]
        return pa.array(values, pa.int64())
    return pa.array([None if value is None else _float(value) for value in values], pa.float64())  # type: ignore[arg-type]


def _float(value: float) -> float:
    """Return a number as a double; a whole one of hundreds of digits is as good as infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _lists(values: Values) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(values, pa.list_(pa.float64()))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # Lists of anything but numbers are of no use to a profile: only that they were lists.
        return pa.nulls(len(values), pa.list_(pa.null()))


def _as_texts(values: Values) -> list[str | None]:
    return [None if value is None else text_of(value) for value in values]  # type: ignore[arg-type]


def _joined(name: str, pieces: list[tuple[int, _Piece]], rows: int) -> tuple[pa.Field, pa.ChunkedArray]:
    """Give all pieces of a column one type, and fill the stretches in which the key did not occur."""
    import pyarrow as pa

    domains = set().union(*(piece.domains for _, piece in pieces))
    kind = _common_type(domains, [piece.array.type for _, piece in pieces])
    arrays, end = [], 0
    for start, piece in pieces:
        arrays += [pa.nulls(start - end, kind), _as_type(piece, kind)]
        end = start + len(piece.array)
    arrays.append(pa.nulls(rows - end, kind))
    is_mixed = len(domains) > 1 and "nested" not in domains
    metadata = {DOMAIN_KEY: ",".join(sorted(domains)).encode()} if is_mixed else None
    return pa.field(name, kind, metadata=metadata), pa.chunked_array(arrays, kind)


def _common_type(domains: set[str], kinds: list[pa.DataType]) -> pa.DataType:
    import pyarrow as pa

    if not domains:
        return pa.null()
    if "nested" in domains:
        return pa.list_(pa.float64()) if domains == {"nested"} else pa.list_(pa.null())
    if len(domains) > 1:
        return pa.string()
    if domains == {"number"}:
        return pa.float64() if pa.float64() in kinds else pa.int64()
    return pa.bool_() if domains == {"boolean"} else pa.string()


def _as_type(piece: _Piece, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if piece.array.type == kind:
        return piece.array
    if kind == pa.string():
        return pa.array(_as_texts(piece.array.to_pylist()), kind)
    if kind in (pa.float64(), pa.int64(), pa.bool_()):
        return piece.array.cast(kind, safe=False)
    return pa.nulls(len(piece.array), kind)


def _columns(records: list[Record]) -> dict[str, Values]:
    columns: dict[str, Values] = {}
    for row, record in enumerate(records):
        for name, value in record.items():
            column = columns.setdefault(name, [])
            column.extend([None] * (row - len(column)))
            column.append(value)
    for column in columns.values():
        column.extend([None] * (len(records) - len(column)))
    return columns


def _records(lines: Iterable[bytes], file: str) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json_record(line)
        except (ValueError, RecursionError) as error:
            raise ReferenceProblem(f"{file}: line {number} is no JSON: {error}") from error
        if record is None:
            raise ReferenceProblem(f"{file}: line {number} is no JSON object; write one object a line")
        yield record


def json_record(line: bytes) -> Record | None:
    """Return a line's object, flattened; None if it holds no object.

    Raises ``ValueError`` for what is no JSON, ``RecursionError`` for what is nested too deeply.
    """
    record = _decoded(line)
    return dict(_flattened(record, "")) if isinstance(record, dict) else None


def _decoded(line: bytes) -> object:
    try:
        return _DECODE(line)
    except msgspec.DecodeError:
        # Python's own writers spell NaN and Infinity, which are not JSON.
        return _in_unicode(json.loads(line))


def _in_unicode(value: object) -> object:
    """Leave out texts with half of a surrogate pair, which no table can hold and the typed parser refuses."""
    if isinstance(value, dict):
        return {key: _in_unicode(inner) for key, inner in value.items() if is_unicode(key)}
    return value if is_unicode(value) else None


def _flattened(record: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
