"""The JSON Schemas of dashboards/schemas, and what of a dashboard does not fit them: each fault with its place and a way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError, best_match

from dashboards.lint.check import Said
from dashboards.lint.positions import Place, said

FOLDER = Path(__file__).parents[1] / "schemas"
TYPES = frozenset(
    {"barchart", "bargauge", "heatmap", "stat", "state-timeline", "status-history", "table", "text", "timeseries"}
)
"""The types of panels that we use; others have no schema."""
# Properties of an override that are fields of their own, and not set within another.
_CUSTOM = "custom"


@cache
def schema(name: str) -> Mapping[str, Any]:
    return dict(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


@cache
def known(what: str) -> frozenset[str]:
    """Return the ids of ``units``, ``reducers``, ``transformations`` or ``matchers`` that Grafana knows."""
    return frozenset(schema("names")[what])


@cache
def _validator(name: str) -> Any:
    return Draft7Validator(schema(name))


def faults(
    name: str, data: Any, place: Place = (), ignored: Callable[[Place], bool] = lambda _: False
) -> Iterator[Said]:
    """Yield what does not fit a schema. Nulls and ``ignored`` fields are left to other checks."""
    for error in sorted(_validator(name).iter_errors(data), key=lambda each: list(map(str, each.absolute_path))):
        yield from _said(error, place, ignored)


def override_faults(name: str, properties: Mapping[str, Any], place: Place) -> Iterator[Said]:
    """Yield what does not fit in the properties of an override: each is a path within the defaults, as ``custom.hideFrom``."""
    for key, value in properties.items():
        nested = value
        for part in reversed(key.split(".")):
            nested = {part: nested}
        for found in _defaults_faults(name, nested, place):
            yield Said(f"override of {key}: {found}", place)


def _defaults_faults(name: str, defaults: Any, place: Place) -> Iterator[str]:
    whole = schema(name)
    inner = whole["definitions"]["Defaults"]
    for error in Draft7Validator({**inner, "definitions": whole["definitions"]}).iter_errors(defaults):
        yield from (each.text for each in _said(error, place, lambda _: False))


def _said(error: ValidationError, place: Place, ignored: Callable[[Place], bool]) -> Iterator[Said]:
    deepest = error
    while deepest.context:
        better = best_match(iter(deepest.context))
        if better is None:
            break
        deepest = better
    where = (*place, *deepest.absolute_path)
    shown = said(deepest.absolute_path) or "the panel"
    if deepest.instance is None:
        return
    if deepest.validator == "additionalProperties":
        possible = deepest.schema.get("properties", {})
        for key in deepest.instance:
            if key not in possible and not ignored((*where, key)) and deepest.instance[key] is not None:
                yield Said(f"{shown}: there is no {key}{_meant(key, possible)}", (*where, key))
    elif deepest.validator == "required":
        for key in deepest.validator_value:
            if key not in deepest.instance:
                yield Said(f"{shown}: {key} is missing", where)
    elif deepest.validator in ("enum", "const"):
        possible = deepest.schema.get("enum", [deepest.schema.get("const")])
        listed = ", ".join(map(str, possible))
        yield Said(f"{shown} is {deepest.instance!r}, and has to be one of {listed}", where)
    else:
        wanted = deepest.schema.get("type", deepest.validator)
        yield Said(f"{shown} is {str(deepest.instance)[:40]!r}, and has to be of type {wanted}", where)


def _meant(key: str, possible: Mapping[str, Any]) -> str:
    close = get_close_matches(key, list(possible), n=1)
    return f"; did you mean {close[0]}?" if close else ""
