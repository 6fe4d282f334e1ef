"""What the text of a CSV cell stands for.

A cell becomes the value that a JSON log would hold in its place, and then goes the way of that value. Empty means
missing, everywhere. Which value a text stands for follows from what is wanted:

- a number: whatever Python's ``float`` takes, but for underscores; ``nan`` in any case is missing;
- a time stamp, a status: the text, or the number that it spells, as the configuration says;
- an identifier, a version, an endpoint: the text as it stands, so that version ``1.10`` is not ``1.1``;
- a category: the text as it stands, unless the reference (or the list of classes) holds numbers or booleans there:
  then ``1.0`` is ``1``, and ``True`` and ``TRUE`` are ``true``;
- probabilities by class: JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, Any

import msgspec
import numpy as np

from exporter.decoders.columns import LAST_TIME, PER_SECOND, floats, times
from exporter.decoders.leaf import INVALID_VALUE, NUMBER, Kind, Leaf, UnusableError, status
from exporter.decoders.typed import Column
from exporter.rows.category import text_of
from exporter.rows.record import Floats, Ints

_BOOLEANS = {text: text.lower() for text in ("true", "True", "TRUE", "false", "False", "FALSE")}
_TEXT = frozenset({"text"})
_Aware = Annotated[datetime, msgspec.Meta(tz=True)]
_NUMBERS = msgspec.json.Decoder(tuple[float, ...])
_REMEMBERED = 10_000
_LONGEST_REMEMBERED = 256
# As many as Python turns into a number.
_MOST_DIGITS = 4300


def column_of(leaf: Leaf, cells: Sequence[str]) -> Column:
    """Return the column of the cells (n,) that a leaf is to be read from."""
    return _READERS[leaf.kind](leaf, cells)


def numbers(cells: Sequence[str]) -> Floats:
    """Return floats (n,): NaN for an empty cell, infinity for what is no finite number."""
    values = _as_json(cells)
    if values is None and "" in cells:
        values = _as_json([cell or "0" for cell in cells])
        if values is not None:
            values[[not cell for cell in cells]] = np.nan
    return np.fromiter(map(_number, cells), np.float64, len(cells)) if values is None else values


def _as_json(cells: Sequence[str]) -> Floats | None:
    """Read all cells at once, twice as fast as one by one; None when JSON does not take each of them for a number."""
    try:
        parsed = _NUMBERS.decode(f"[{','.join(cells)}]")
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return None
    return floats(parsed) if len(parsed) == len(cells) else None


def _number(cell: str) -> float:
    if not cell:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        return math.inf
    return math.inf if math.isinf(value) or "_" in cell else value


def _texts(cells: Sequence[str]) -> Sequence[str | None]:
    return [cell or None for cell in cells] if "" in cells else cells


def _categories(leaf: Leaf, cells: Sequence[str]) -> Column:
    if leaf.spelling is None or leaf.spelling == _TEXT:
        return _texts(cells)
    return list(map(_spelled(leaf.spelling).__getitem__, cells))


def _times(leaf: Leaf, cells: Sequence[str]) -> Column:
    """Read all cells at once, or, if that fails, one by one."""
    try:
        if leaf.time_format != "rfc3339":
            return _since_epoch(cells, PER_SECOND[leaf.time_format])
        moments = msgspec.convert(cells, list[_Aware] if leaf.zone is None else list[datetime])
        return times(moments, leaf.time_format, leaf.zone)
    except (ValueError, OverflowError, msgspec.ValidationError, UnicodeEncodeError):
        return [_time(leaf, cell) for cell in cells]


def _since_epoch(cells: Sequence[str], factor: float) -> Ints:
    """Return microseconds (n,) of whole numbers; raise ValueError or OverflowError when not all are in reason."""
    values = np.fromiter(map(int, cells), np.int64, len(cells))
    if factor < 1:
        return values // round(1 / factor)
    limit = LAST_TIME // int(factor)
    if (values >= limit).any() or (values <= -limit).any():
        raise ValueError("a time is out of all reason")
    return values * int(factor)


def _time(leaf: Leaf, cell: str) -> Any:
    value: Any = cell
    if leaf.time_format != "rfc3339":
        value = _whole(cell)
    return _coerced(leaf, value) if cell else None


def _whole(cell: str) -> int | float | str:
    """Return the number that a text spells: a whole one exactly, since nanoseconds have more digits than a float."""
    try:
        return int(cell) if len(cell) <= _MOST_DIGITS else math.inf
    except ValueError:
        number = _number(cell)
        return number if not math.isnan(number) else cell


def _scores(leaf: Leaf, cells: Sequence[str]) -> Column:
    return [_parsed(leaf, cell) for cell in cells]


def _parsed(leaf: Leaf, cell: str) -> Any:
    try:
        return _coerced(leaf, json.loads(cell)) if cell else None
    except (ValueError, RecursionError):
        return INVALID_VALUE


def _coerced(leaf: Leaf, value: Any) -> Any:
    try:
        return None if value is None else leaf.coerce(value)
    except UnusableError:
        return INVALID_VALUE


class _Remembered(dict[str, Any]):
    """What few different texts stand for."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__({"": None})
        self._read = read

    def __missing__(self, cell: str) -> Any:
        value = self._read(cell)
        if len(self) < _REMEMBERED and len(cell) <= _LONGEST_REMEMBERED:
            self[cell] = value
        return value


@cache
def _spelled(spelling: frozenset[str]) -> _Remembered:
    def read(cell: str) -> Any:
        if "boolean" in spelling and cell in _BOOLEANS:
            return _BOOLEANS[cell]
        if "number" in spelling and NUMBER.fullmatch(cell):
            return _canonical(cell)
        return cell if "text" in spelling or "number" not in spelling else _unlike_json(cell)

    return _Remembered(read)


def _canonical(cell: str) -> Any:
    if cell.lstrip("-").isdecimal():
        return text_of(int(cell)) if len(cell) <= _MOST_DIGITS else INVALID_VALUE
    number = float(cell)
    return INVALID_VALUE if math.isinf(number) else text_of(number)


def _unlike_json(cell: str) -> Any:
    """Read what JSON has no number for; what is no number at all stands as it is: a new category."""
    name = cell.strip().lower().lstrip("+-")
    return None if name == "nan" else INVALID_VALUE if name in ("inf", "infinity") else cell


def _status(cell: str) -> Any:
    number = _number(cell)
    return INVALID_VALUE if math.isinf(number) else _coerced(_STATUS, number)


_STATUS = status(("status",))
_STATUSES = _Remembered(_status)

_READERS: Mapping[Kind, Callable[[Leaf, Sequence[str]], Column]] = {
    "number": lambda _, cells: numbers(cells),
    "category": _categories,
    "identifier": lambda _, cells: _texts(cells),
    "status": lambda _, cells: list(map(_STATUSES.__getitem__, cells)),
    "scores": _scores,
    "timestamp": _times,
}
