"""Types of single values: how each is written in the file, and what it becomes."""

from __future__ import annotations

import math
import re
import zoneinfo
from collections.abc import Callable, Hashable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from exporter.configuration.problem import shown
from exporter.configuration.refusal import Fault, described, faults_of, refusal, refusals
from exporter.configuration.sizes import SIZE_PATTERN, format_size, parse_size
from exporter.durations import DURATION_PATTERN, DurationError, format_duration, parse_duration, parse_timestamp
from exporter.rows.category import text_of

KeyPath = tuple[str, ...]
_Value = TypeVar("_Value")
LONGEST_NAME = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def written(value: object) -> Any:  # a default as the file would spell it, so of any type
    """Return a default spelt as in the file: it goes through the same validators as what people write."""
    return Field(default_factory=dict) if value == {} else Field(default=value)


def duration_of(value: object) -> int:
    """Return the microseconds of a written duration."""
    if not isinstance(value, str):
        example = f"{value}s" if type(value) is int and value >= 0 else "30s"
        raise refusal(f"must be a duration, not {described(value)}", f"it needs a unit, such as {example}")
    try:
        return parse_duration(value)
    except DurationError as error:
        raise refusal(error.message, error.hint) from error


def at_least(least: str) -> AfterValidator:
    """Return a validator that refuses durations below ``least``."""

    def check(length: int) -> int:
        if length < parse_duration(least):
            raise refusal(f"must be at least {least}, not {format_duration(length)}")
        return length

    return AfterValidator(check)


def name_of(value: object) -> str:
    """Return a name: text of 1 to 200 characters in one line."""
    if not isinstance(value, str):
        hint = f'put it in quotes: "{text_of(value)}"' if isinstance(value, int | float) else ""
        raise refusal(f"must be text, not {described(value)}", hint)
    if not value.strip():
        raise refusal("must not be empty")
    if len(value) > LONGEST_NAME:
        raise refusal(f"must have at most {LONGEST_NAME} characters, not {len(value)}")
    if _CONTROL.search(value):
        raise refusal("must not hold control characters", "keep it in one line, without tabs")
    return value


def key_path_of(value: object) -> KeyPath:
    """Return where something is in a record: a dotted path, or a list of keys that may hold dots."""
    if isinstance(value, str):
        keys = tuple(value.split("."))
        if "" in keys:
            what = "must name a key" if not value else f"{shown(value)} has an empty key between its dots"
            raise refusal(what, "write a dotted path, or a list of keys if a key itself holds a dot")
        return keys
    if not isinstance(value, list):
        raise refusal(f"must be a dotted path or a list of keys, not {described(value)}", 'such as "input.age"')
    if not value:
        raise refusal("must name a key", "an empty list names none")
    faults = [
        Fault(f"a key must be text that is not empty, not {described(key)}", "put it in quotes", (index,))
        for index, key in enumerate(value)
        if not isinstance(key, str) or not key
    ]
    if faults:
        raise refusals(faults)
    return tuple(value)


def category_of(value: object) -> str:
    """Return the canonical text of a class."""
    if not isinstance(value, str | int | float):
        raise refusal(f"must be text, a number, true or false, not {described(value)}")
    return text_of(value)


def listed(value: object) -> tuple[object, ...]:
    """Return a written list as a tuple."""
    if isinstance(value, list):
        return tuple(value)
    scalar = isinstance(value, str | int | float) and not isinstance(value, bool)
    raise refusal(f"must be a list, not {described(value)}", f"write [{value}]" if scalar else "")


def distinct(values: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    """Refuse values that are there twice."""
    seen: dict[Hashable, int] = {}
    faults = []
    for index, value in enumerate(values):
        if seen.setdefault(value, index) != index:
            faults.append(Fault(f"{shown(str(value))} is there twice", "keep one of them", (index,)))
    if faults:
        raise refusals(faults)
    return values


def inside(key: str | int, check: Callable[[Any], _Value], value: object, faults: list[Fault]) -> _Value | None:
    """Check a part of a value; what is wrong with it goes to ``faults``, with the way to the part."""
    try:
        return check(value)
    except PydanticCustomError as error:
        faults += [fault._replace(at=(key, *fault.at)) for fault in faults_of(error)]
        return None


def scores_of(value: object) -> KeyPath | Mapping[str, KeyPath] | None:
    """Return where the scores of the classes are: one path, or a path for each class."""
    if value is None:
        return None
    if not isinstance(value, dict):
        return key_path_of(value)
    if not value:
        raise refusal("must name a path for each class", "or one path for all, or null if the log has no scores")
    faults: list[Fault] = []
    paths = {name: inside(name, key_path_of, path, faults) for name, path in value.items()}
    if faults:
        raise refusals(faults)
    return {name: path for name, path in paths.items() if path is not None}


def _features_path(value: object) -> KeyPath | None:
    return None if value is None else () if value in ("", []) else key_path_of(value)


def _size(value: object) -> int:
    try:
        size = value if type(value) is int else parse_size(value if isinstance(value, str) else "")
    except ValueError as error:
        raise refusal(f"must be a size, not {described(value)}", "such as 1MiB, 512KiB or a number of bytes") from error
    if size < 1:
        raise refusal(f"must be at least 1B, not {format_size(size)}")
    return size


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _time_zone(value: object) -> str:
    name = name_of(value)
    if name not in _zones():
        close = get_close_matches(name, sorted(_zones()), n=1, cutoff=0.7)
        hint = (
            f"did you mean {close[0]}?" if close else "use a name of the IANA data base, such as Europe/Berlin or UTC"
        )
        raise refusal(f"there is no time zone {shown(name)}", hint)
    return name


def _moment(value: object) -> int:
    try:
        return parse_timestamp(value if isinstance(value, str) else "")
    except ValueError as error:
        text = f"must be an RFC 3339 time with an offset, not {described(value)}"
        raise refusal(text, "such as 2026-01-31T12:00:00Z") from error


def _nullable(check: Callable[[object], Any]) -> PlainValidator:
    return PlainValidator(lambda value: None if value is None else check(value), json_schema_input_type=str | None)


def _fraction(value: float) -> float:
    if not 0 < value < 1:
        raise refusal(f"must lie between 0 and 1, not {value:g}", "both ends are excluded")
    return value


def _increasing(edges: tuple[float, ...]) -> tuple[float, ...]:
    faults = [
        Fault("must be a number greater than 0", at=(index,))
        if edge <= 0 or not math.isfinite(edge)
        else Fault(
            f"must be greater than the one before it ({edges[index - 1]})", "list them in growing order", (index,)
        )
        for index, edge in enumerate(edges)
        if edge <= 0 or not math.isfinite(edge) or (index and edge <= edges[index - 1])
    ]
    if faults:
        raise refusals(faults)
    return edges


_DURATION_TEXT = Annotated[str, WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN})]
_SIZE_TEXT = Annotated[str, WithJsonSchema({"type": "string", "pattern": SIZE_PATTERN})]
_PATH_TEXT = str | list[str]

Name = Annotated[
    str, PlainValidator(name_of, json_schema_input_type=Annotated[str, Field(min_length=1, max_length=200)])
]
Text = Annotated[
    str, PlainValidator(lambda value: value if value == "" else name_of(value), json_schema_input_type=str)
]
Category = Annotated[str, PlainValidator(category_of, json_schema_input_type=str | int | float | bool)]
Duration = Annotated[int, PlainValidator(duration_of, json_schema_input_type=_DURATION_TEXT)]
Size = Annotated[int, PlainValidator(_size, json_schema_input_type=_SIZE_TEXT | int)]
OptionalDuration = Annotated[int | None, _nullable(duration_of)]
Moment = Annotated[int | None, _nullable(_moment)]
TimeZone = Annotated[str | None, _nullable(_time_zone)]
Fraction = Annotated[float, AfterValidator(_fraction)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]
List = BeforeValidator(listed)
Distinct = AfterValidator(distinct)
Buckets = Annotated[tuple[float, ...], List, Field(min_length=1, max_length=100), AfterValidator(_increasing)]
RequiredPath = Annotated[KeyPath, BeforeValidator(key_path_of, json_schema_input_type=_PATH_TEXT)]
OptionalPath = Annotated[
    KeyPath | None,
    BeforeValidator(
        lambda value: None if value is None else key_path_of(value), json_schema_input_type=_PATH_TEXT | None
    ),
]
FeaturesPath = Annotated[KeyPath | None, BeforeValidator(_features_path, json_schema_input_type=_PATH_TEXT | None)]
ScoresPath = Annotated[
    KeyPath | Mapping[str, KeyPath] | None,
    BeforeValidator(scores_of, json_schema_input_type=_PATH_TEXT | dict[str, _PATH_TEXT] | None),
]
