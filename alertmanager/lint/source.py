"""A configuration as it is written: its values, and the line of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from alertmanager.simulation.tree import Place

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(eq=False)
class Source:
    """``data`` has texts for all scalars but truth values and nothing, as Alertmanager reads them; ``flaws`` are lines and
    what is wrong with the YAML there, ``broken`` says that there is nothing to read at all."""

    path: Path
    text: str
    data: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    flaws: list[tuple[int, str]] = field(default_factory=list)
    broken: bool = False

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    @property
    def document(self) -> Mapping[str, Any]:
        return self.data if isinstance(self.data, dict) else {}


def read(path: Path) -> Source:
    """Read a file. Raises OSError and UnicodeDecodeError."""
    return parse(path.read_text(encoding="utf-8"), path)


def parse(text: str, path: Path = Path("alertmanager.yml")) -> Source:
    source = Source(path, text)
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        source.flaws.append((mark.line + 1 if mark else 1, str(getattr(error, "problem", None) or error)))
        source.broken = True
        return source
    source.data = _value(root, (), source)
    if not isinstance(source.data, dict):
        source.flaws.append((1, "a configuration has to be a mapping"))
        source.broken = True
    return source


def _value(node: Any, place: Place, source: Source) -> Any:
    if node is None:
        return None
    source.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, source)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, (*place, number), source) for number, each in enumerate(node.value)]
    kind = node.tag.rpartition(":")[2]
    if kind == "bool":
        return _TRUTH.get(str(node.value).lower(), node.value)
    return None if kind == "null" else str(node.value)


def _mapping(node: Any, place: Place, source: Source) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in found:
            source.flaws.append((key.start_mark.line + 1, f"{name} is written twice"))
        source.lines[*place, name] = key.start_mark.line + 1
        found[name] = _value(value, (*place, name), source)
    return found
