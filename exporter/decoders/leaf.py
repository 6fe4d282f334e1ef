"""The values that are taken out of a record, and what each may be.

A leaf has two ways in. The fast one is a type that msgspec checks while it parses. Whatever that refuses goes
the slow way: ``coerce`` takes any JSON value and returns one that the type would have passed, or raises
``UnusableError``. Both ways give the same rows; the slow one also says what was wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec

from exporter.category import text_of


class UnusableError(Exception):
    """The value is of no use for its field."""


class _Invalid:
    """Stands where a value was of no use."""

    def __float__(self) -> float:
        return math.inf


INVALID_VALUE = _Invalid()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a record: ``name`` is how counters call it; a ``required`` one rejects its record when unusable.

    ``scalar`` says whether the value is a text, boolean or number, so that others can make something of it too.
    """

    name: str
    path: tuple[str, ...]
    type: Any  # a type expression for msgspec
    coerce: Callable[[Any], Any]
    required: bool = False
    scalar: bool = True

    @property
    def fast_type(self) -> Any:
        return self.type if self.required else self.type | None


def number(name: str, path: tuple[str, ...], *, required: bool = False) -> Leaf:
    """A finite number; NaN means missing."""
    return Leaf(name, path, float, _number, required)


def category(name: str, path: tuple[str, ...], domain: frozenset[str] | None = None, *, required: bool = False) -> Leaf:
    """A text, boolean or number that stands for a class; ``domain`` says which kinds are expected.

    Narrow types parse faster; what is not expected goes the slow way, and comes out as its text.
    """
    fast: Any = str | int | float | bool
    if domain is not None:
        fast = (str | int | float) if "number" in domain else (str | bool)
    return Leaf(name, path, fast, _category, required)


def status(path: tuple[str, ...]) -> Leaf:
    return Leaf("status", path, Annotated[int, msgspec.Meta(ge=100, le=599)], _status)


def scores(path: tuple[str, ...]) -> Leaf:
    """Probabilities by class, or a list of them."""
    return Leaf("scores", path, dict[str, float] | list[float], _scores, scalar=False)


def timestamp(path: tuple[str, ...], time_format: str, zone: ZoneInfo | None) -> Leaf:
    """A time stamp as RFC 3339 text (with an offset unless a zone is given) or as a number since the epoch."""
    if time_format != "rfc3339":
        return Leaf("timestamp", path, int | float, _epoch, required=True, scalar=False)
    aware = Annotated[datetime, msgspec.Meta(tz=True if zone is None else None)]
    return Leaf("timestamp", path, aware, lambda value: _datetime(value, zone), required=True, scalar=False)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnusableError
    try:
        result = float(value)
    except OverflowError:
        raise UnusableError from None
    if math.isinf(result):
        raise UnusableError
    return None if math.isnan(result) else result


def _category(value: Any) -> str | None:
    if isinstance(value, float) and math.isnan(value):
        return None
    if not isinstance(value, str | bool | int | float) or value in (math.inf, -math.inf):
        raise UnusableError
    return text_of(value)


def _status(value: Any) -> int | None:
    """Texts of digits count, and so does 200.0: what a data frame writes when some rows have no status."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = float(value)
    status = _number(value)
    if status is None:
        return None
    if not (status.is_integer() and 100 <= status <= 599):
        raise UnusableError
    return int(status)


def _scores(value: Any) -> dict[str, Any] | list[Any]:
    if isinstance(value, dict):
        return {key: _score(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_score(item) for item in value]
    raise UnusableError


def _score(value: Any) -> float | _Invalid | None:
    """One unusable entry leaves the others alone: it may belong to no class."""
    try:
        return None if value is None else _number(value)
    except UnusableError:
        return INVALID_VALUE


def _epoch(value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnusableError
    if isinstance(value, float) and not math.isfinite(value):
        raise UnusableError
    return value


def _datetime(value: Any, zone: ZoneInfo | None) -> datetime:
    try:
        moment = msgspec.convert(value, datetime)
    except (msgspec.ValidationError, UnicodeEncodeError):
        raise UnusableError from None
    if moment.tzinfo is None and zone is None:
        raise UnusableError
    return moment
