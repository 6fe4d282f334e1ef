"""The values that are taken out of a record, and what each may be.

For JSON a leaf has two ways in. The fast one is a type that msgspec checks while it parses. Whatever that refuses goes
the slow way: ``coerce`` takes any JSON value and returns one that the type would have passed, or raises
``UnusableError``. Both ways give the same rows; the slow one also says what was wrong.
Tables have ways of their own (``csv_cells``, ``arrow_columns``), which follow ``kind`` and end in the same ``coerce``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from exporter.rows.category import is_unicode, text_of

# A number as JSON spells it.
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BOOLEANS = frozenset({"true", "false"})


class UnusableError(Exception):
    """The value is of no use for its field."""


class _Invalid:
    """Stands where a value was of no use."""

    def __float__(self) -> float:
        return math.inf


INVALID_VALUE = _Invalid()


Kind = Literal["number", "category", "identifier", "status", "scores", "timestamp"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a record: ``name`` is how counters call it; a ``required`` one rejects its record when unusable.

    ``spelling`` tells of a category which JSON types its texts are known to stand for (None: they are texts), for
    formats in which all is text; ``time_format`` and ``zone`` belong to time stamps.
    """

    name: str
    path: tuple[str, ...]
    type: Any  # a type expression for msgspec
    coerce: Callable[[Any], Any]
    kind: Kind
    required: bool = False
    spelling: frozenset[str] | None = None
    time_format: str = ""
    zone: ZoneInfo | None = None

    @property
    def scalar(self) -> bool:
        """Whether the value is a text, boolean or number, so that others can make something of it too."""
        return self.kind not in ("scores", "timestamp")

    @property
    def fast_type(self) -> Any:
        return self.type if self.required else self.type | None


def number(name: str, path: tuple[str, ...], *, required: bool = False) -> Leaf:
    """A finite number; NaN means missing."""
    return Leaf(name, path, float, _number, "number", required)


def category(
    name: str,
    path: tuple[str, ...],
    domain: frozenset[str] | None = None,
    *,
    spelling: frozenset[str] | None = None,
    required: bool = False,
) -> Leaf:
    """A text, boolean or number that stands for a class; ``domain`` says which kinds are expected.

    Narrow types parse faster; what is not expected goes the slow way, and comes out as its text. A ``spelling`` says
    the same without narrowing anything down.
    """
    fast: Any = str | int | float | bool
    if domain is not None:
        fast = (str | int | float) if "number" in domain else (str | bool)
    return Leaf(name, path, fast, _category, "category", required, spelling if domain is None else domain)


def identifier(name: str, path: tuple[str, ...], *, required: bool = False) -> Leaf:
    """A category of which every record has another."""
    return Leaf(name, path, str | int | float | bool, _category, "identifier", required)


def spelling_of(texts: Collection[str]) -> frozenset[str] | None:
    """Return which JSON type all of some canonical texts stand for, or None when that cannot be said.

    >>> sorted(spelling_of(["0", "1"]))
    ['number']
    """
    if not texts:
        return None
    if _BOOLEANS.issuperset(texts):
        return frozenset({"boolean"})
    return frozenset({"number"}) if all(map(_is_number, texts)) else None


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None and text_of(float(text)) == text


def status(path: tuple[str, ...]) -> Leaf:
    return Leaf("status", path, Annotated[int, msgspec.Meta(ge=100, le=599)], _status, "status")


def scores(path: tuple[str, ...]) -> Leaf:
    """Probabilities by class, or a list of them."""
    return Leaf("scores", path, dict[str, float] | list[float], _scores, "scores")


def timestamp(path: tuple[str, ...], time_format: str, zone: ZoneInfo | None) -> Leaf:
    """A time stamp as RFC 3339 text (with an offset unless a zone is given) or as a number since the epoch."""
    if time_format != "rfc3339":
        return Leaf("timestamp", path, int | float, _epoch, "timestamp", True, None, time_format, zone)
    aware = Annotated[datetime, msgspec.Meta(tz=True if zone is None else None)]
    coerce = partial(_datetime, zone=zone)
    return Leaf("timestamp", path, aware, coerce, "timestamp", True, None, time_format, zone)


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
    if not isinstance(value, str | bool | int | float) or value in (math.inf, -math.inf) or not is_unicode(value):
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
