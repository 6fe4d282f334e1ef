"""Nested values in a table that can hold text only: a CSV file spells a list or an object in JSON, or as Python does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import msgspec

from exporter.reference.problem import ReferenceProblem
from exporter.rows.category import text_of

if TYPE_CHECKING:
    import pyarrow as pa

_ByClass = dict[str, float | None]
_InOrder = list[float | None]
_UNUSABLE = (msgspec.MsgspecError, ValueError, SyntaxError, TypeError, MemoryError, RecursionError)


def decoded(table: pa.Table, name: str) -> pa.Table:
    """Return the table with the texts of the column ``name`` as lists, or as a column ``name.key`` for each key.

    Raises ``ReferenceProblem`` for texts that are neither lists nor objects of numbers.
    """
    import pyarrow as pa

    values = [None if text is None else _value(text, name) for text in table.column(name).to_pylist()]
    place = table.column_names.index(name)
    kinds = {type(value) for value in values if value is not None}
    if kinds == {list}:
        return table.set_column(place, name, pa.array(values, pa.list_(pa.float64())))
    if kinds != {dict}:
        raise _problem(name, "lists beside objects" if kinds else "no values")
    rest = table.remove_column(place)
    objects = [value if isinstance(value, dict) else {} for value in values]
    for key in dict.fromkeys(key for value in objects for key in value):
        column = [value.get(key) for value in objects]
        rest = rest.append_column(f"{name}.{key}", pa.array(column, pa.float64()))
    return rest


def _value(text: str, name: str) -> _ByClass | _InOrder:
    try:
        return _checked(msgspec.json.decode(text))
    except (msgspec.MsgspecError, RecursionError):
        # Data frames write their objects into CSV the way Python shows them: with single quotes and None.
        try:
            return _checked(ast.literal_eval(text))
        except _UNUSABLE:
            raise _problem(name, repr(text[:60])) from None


def _checked(value: object) -> _ByClass | _InOrder:
    """Raises ``msgspec.ValidationError`` for what is neither a list nor an object of numbers."""
    if not isinstance(value, dict):
        return msgspec.convert(value, type=_InOrder)
    return msgspec.convert({text_of(key): item for key, item in value.items()}, type=_ByClass)


def _problem(name: str, found: str) -> ReferenceProblem:
    return ReferenceProblem(
        f"column {name!r}, named as scores, holds {found}; it takes the probabilities of the classes as lists or objects"
    )
