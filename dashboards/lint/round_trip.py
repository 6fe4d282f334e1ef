"""A second opinion on fields and types: through the models of grafana-foundation-sdk and back.

Its ``from_json`` accepts anything, but ``to_json`` drops what the models do not have, and the objects in between say by their
type hints what they should hold.
"""

from __future__ import annotations

import json
import re
import types
import typing
import warnings
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from importlib import metadata
from typing import Any

from dashboards.lint.board_file import BoardFile
from dashboards.lint.check import Said, of_boards
from dashboards.lint.material import Material
from dashboards.lint.positions import Place, said
from dashboards.lint.shapes import is_old
from rules.lint.finding import Level

_PACKAGE = "grafana-foundation-sdk"
VERSION = "0.0.21"
# What the models lack and Grafana has: fields that data sources add to annotations, and which way links open.
_LACKING = frozenset({"expr", "step", "titleFormat", "textFormat", "tagKeys", "useValueForTime"})
_WORD = re.compile(r"_(\w)")


@of_boards(
    "D35",
    Level.ERROR,
    "a field that Grafana's own models drop, or a file that they cannot read",
    why="What does not survive their round trip is in no version of the schema that they were made from.",
    mend="Take it out, or write it where the models have it (grafana-foundation-sdk).",
    basic=True,
)
def nothing_is_dropped(board: BoardFile, _: Material) -> Iterator[Said]:
    if not board.data:
        return
    try:
        back = json.loads(json.dumps(_read(board.data), cls=_encoder()))
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        yield Said(f"the models cannot read it: {error}")
        return
    for place in _dropped((), board.data, back):
        yield Said(f"{said(place)} is dropped", place)


@of_boards(
    "D36",
    Level.ERROR,
    "a value of another type than Grafana's own models have",
    why="A number in quotes, or a word that is none of those allowed, is not refused; the setting has no effect.",
    mend="Write one of the values that the message names.",
    basic=True,
)
def types_are_those_of_the_models(board: BoardFile, _: Material) -> Iterator[Said]:
    if not board.data:
        return
    try:
        model = _read(board.data)
    except (TypeError, AttributeError, KeyError, ValueError):
        return
    for place, text in _wrong((), model, type(model)):
        yield Said(f"{said(place)}: {text}", place)


class ModelsError(RuntimeError):
    """The models that are installed are not those of the Grafana that we write for."""


@cache
def _model() -> Any:
    """Return the model of a classic dashboard, which says of itself that another is preferred. Raises ModelsError."""
    installed = _installed()
    if installed != VERSION:
        # Versions with an epoch (1769699998!10.1.0) are of old Grafanas, and pip takes them for newer ones.
        raise ModelsError(
            f"{_PACKAGE} is {installed or 'not installed'}: get it with pip install {_PACKAGE}=={VERSION}"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from grafana_foundation_sdk.cog.plugins import register_default_plugins
        from grafana_foundation_sdk.models.dashboard import Dashboard
    register_default_plugins()
    return Dashboard


def _installed() -> str:
    try:
        return metadata.version(_PACKAGE).removeprefix("v")
    except metadata.PackageNotFoundError:
        return ""


def _read(data: Mapping[str, Any]) -> Any:
    return _model().from_json(_without_nulls(data))


def _encoder() -> Any:
    from grafana_foundation_sdk.cog.encoder import JSONEncoder

    return JSONEncoder


def _without_nulls(value: Any) -> Any:
    """Return it without the nulls, on which the models fall over; but for those of thresholds and ranges."""
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if each is not None or key in ("value", "from", "to")}
        return {key: _without_nulls(each) for key, each in kept.items()}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _dropped(place: Place, before: Any, after: Any) -> Iterator[Place]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            inner = (*place, key)
            if value is None or is_old(inner) or (key in _LACKING and "annotations" in place):
                continue
            if key not in after:
                yield inner
            else:
                yield from _dropped(inner, value, after[key])
    elif isinstance(before, list) and isinstance(after, list):
        for number, (one, other) in enumerate(zip(before, after, strict=False)):
            yield from _dropped((*place, number), one, other)


_HINTS: dict[Any, dict[str, Any]] = {}


def _hints(model: Any) -> dict[str, Any]:
    if model not in _HINTS:
        _HINTS[model] = typing.get_type_hints(model)
    return _HINTS[model]


def _wrong(place: Place, value: Any, hint: Any) -> Iterator[tuple[Place, str]]:
    """Yield the places below a value, and what is wrong there."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        yield from _none_fits(place, value, typing.get_args(hint))
    elif origin is list and isinstance(value, list):
        [inner] = typing.get_args(hint)
        for number, each in enumerate(value):
            yield from _wrong((*place, number), each, inner)
    elif origin is dict and isinstance(value, dict):
        inner = typing.get_args(hint)[1]
        for key, each in value.items():
            yield from _wrong((*place, key), each, inner)
    elif hasattr(value, "to_json") or (isinstance(value, dict) and hasattr(hint, "from_json")):
        model = value if hasattr(value, "to_json") else hint.from_json(value)
        for name, inner in _hints(type(model)).items():
            yield from _wrong((*place, _key(name)), getattr(model, name), inner)
    elif not _fits(value, hint, origin):
        yield place, f"{value!r} is none of {_listed(hint)}"


def _none_fits(place: Place, value: Any, hints: tuple[Any, ...]) -> Iterator[tuple[Place, str]]:
    if value is None and type(None) in hints:
        return
    tried = [list(_wrong(place, value, each)) for each in hints if each is not type(None)]
    if all(tried):
        # The nearest of several says the most.
        yield from max(tried, key=lambda found: max(len(where) for where, _ in found))


def _fits(value: Any, hint: Any, origin: Any) -> bool:
    if hint in (Any, object) or isinstance(hint, typing.TypeVar):
        return True
    if origin is typing.Literal:
        return value in typing.get_args(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return any(value == each.value for each in hint)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, origin or hint)


def _listed(hint: Any) -> str:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(str(each.value) for each in hint)
    return getattr(hint, "__name__", str(hint))


def _key(name: str) -> str:
    """Return the JSON key of a model's attribute.

    >>> _key("show_legend"), _key("type_val")
    ('showLegend', 'type')
    """
    return _WORD.sub(lambda match: match[1].upper(), name.removesuffix("_val"))
