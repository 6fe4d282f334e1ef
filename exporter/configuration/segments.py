"""The segments as the file writes them: a list of paths, or a mapping from ``segment_by`` to a path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from exporter.configuration.problem import shown
from exporter.configuration.refusal import Fault, described, refusal, refusals
from exporter.configuration.values import KeyPath, inside, key_path_of, name_of


def _segments(value: object) -> Mapping[str, KeyPath]:
    faults: list[Fault] = []
    if isinstance(value, list):
        paths = _of_list(value, faults)
    elif isinstance(value, dict):
        paths = _of_mapping(value, faults)
    else:
        hint = f"write [{value}]" if isinstance(value, str) else ""
        raise refusal(f"must be a list of paths, or a mapping from names to paths, not {described(value)}", hint)
    if faults:
        raise refusals(faults)
    return paths


def _of_list(items: list[object], faults: list[Fault]) -> dict[str, KeyPath]:
    paths: dict[str, KeyPath] = {}
    for index, item in enumerate(items):
        path = inside(index, key_path_of, item, faults)
        name = path and inside(index, name_of, path[-1], faults)
        if not path or not name:
            continue
        if name in paths:
            hint = "write a mapping from names to paths, with names that differ"
            faults.append(Fault(f"the segment {shown(name)} is there twice", hint, (index,)))
        paths[name] = path
    return paths


def _of_mapping(items: dict[str, object], faults: list[Fault]) -> dict[str, KeyPath]:
    paths: dict[str, KeyPath] = {}
    for name, item in items.items():
        path = inside(name, key_path_of, item, faults)
        if path and inside(name, name_of, name, faults):
            paths[name] = path
    return paths


Segments = Annotated[
    Mapping[str, KeyPath],
    BeforeValidator(_segments, json_schema_input_type=list[str | list[str]] | dict[str, str | list[str]]),
]
