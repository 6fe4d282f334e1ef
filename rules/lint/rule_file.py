"""A rule file as it is written: groups and rules with their lines, and what is wrong with the YAML itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from promql_parser import parse_duration

from rules import syntax

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The parser knows no duration of nothing, and Prometheus does.
_NOTHING = re.compile(r"0(ms|[smhdwy])?")
_TEXT = "tag:yaml.org,2002:str"
_TAGS = {"int": "a number", "float": "a number", "bool": "a truth value", "null": "nothing", "timestamp": "a time"}


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the YAML: ``kind`` is ``yaml``, ``duplicate``, ``type``, ``alias``, ``field`` or ``shape``."""

    kind: str
    line: int
    text: str


@dataclass(slots=True, eq=False)
class Rule:
    """One rule; ``lines`` has the line of each of its fields."""

    file: str
    group: Group
    index: int
    line: int
    fields: Mapping[str, Any]
    lines: Mapping[str, int]

    @property
    def is_alert(self) -> bool:
        return "alert" in self.fields

    @property
    def name(self) -> str:
        return str(self.fields.get("alert") or self.fields.get("record") or "")

    @property
    def expression(self) -> str:
        return str(self.fields.get("expr") or "")

    @property
    def labels(self) -> dict[str, str]:
        return {str(key): str(value) for key, value in _mapping(self.fields.get("labels")).items()}

    @property
    def annotations(self) -> dict[str, str]:
        return {str(key): str(value) for key, value in _mapping(self.fields.get("annotations")).items()}

    @property
    def severity(self) -> str:
        return self.labels.get("severity", "")

    def line_of(self, name: str) -> int:
        return self.lines.get(name, self.line)

    @property
    def tree(self) -> Any:
        """The parsed expression, None if it does not parse."""
        try:
            return syntax.parsed(self.expression)
        except ValueError:
            return None

    @property
    def said(self) -> str:
        """Return the name by which people know the rule: that of a ladder with its severity."""
        more = [self.labels[label] for label in ("severity", "burn_window") if label in self.labels]
        return f"{self.name} ({', '.join(more)})" if more else self.name


@dataclass(slots=True, eq=False)
class Group:
    file: str
    line: int
    fields: Mapping[str, Any]
    rules: list[Rule] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.fields.get("name") or "")

    @property
    def interval(self) -> float | None:
        """Seconds between evaluations, None where the server says."""
        return duration(self.fields.get("interval"))


@dataclass(eq=False)
class RuleFile:
    path: Path
    text: str
    groups: list[Group] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.path)

    @cached_property
    def rules(self) -> list[Rule]:
        return [rule for group in self.groups for rule in group.rules]


def duration(value: Any) -> float | None:
    """Return the seconds of a duration as Prometheus writes it, None if it is none.

    >>> duration("1h30m")
    5400.0
    """
    if value is None:
        return None
    if _NOTHING.fullmatch(str(value)):
        return 0.0
    try:
        return syntax.seconds(parse_duration(str(value)))
    except ValueError:
        return None


def read(path: Path) -> RuleFile:
    """Read a rule file. Raises OSError and UnicodeDecodeError."""
    return parse(path.read_text(encoding="utf-8"), path)


def parse(text: str, path: Path = Path("rules.yml")) -> RuleFile:
    found = RuleFile(path, text)
    try:
        found.flaws += [Flaw("alias", token.start_mark.line + 1, f"*{token.value}") for token in _aliases(text)]
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        found.flaws.append(Flaw("yaml", mark.line + 1 if mark else 1, str(getattr(error, "problem", None) or error)))
        return found
    top, _ = _entries(root, found.flaws, "the file")
    found.flaws += [Flaw("field", node.start_mark.line + 1, key) for key, node in top.items() if key != "groups"]
    for node in _items(top.get("groups"), found.flaws, "groups"):
        found.groups.append(_group(node, found))
    return found


def _aliases(text: str) -> Iterator[Any]:
    if "*" in text:
        yield from (token for token in yaml.scan(text, Loader=_Loader) if isinstance(token, yaml.AliasToken))


def _group(node: Any, found: RuleFile) -> Group:
    entries, _ = _entries(node, found.flaws, "a group")
    plain = {key: _plain(value, found.flaws, key) for key, value in entries.items() if key != "rules"}
    group = Group(found.name, node.start_mark.line + 1, plain)
    for index, each in enumerate(_items(entries.get("rules"), found.flaws, "rules")):
        fields, lines = _entries(each, found.flaws, "a rule")
        values = {key: _plain(value, found.flaws, key) for key, value in fields.items()}
        group.rules.append(Rule(found.name, group, index, each.start_mark.line + 1, values, lines))
    return group


def _entries(node: Any, flaws: list[Flaw], what: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Return a mapping's nodes and lines by key; a key that is written twice is a flaw."""
    if not isinstance(node, yaml.MappingNode):
        flaws.append(Flaw("shape", node.start_mark.line + 1 if node else 1, f"{what} has to be a mapping"))
        return {}, {}
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        if key.value in found:
            flaws.append(Flaw("duplicate", key.start_mark.line + 1, str(key.value)))
        found[str(key.value)] = value
        lines[str(key.value)] = key.start_mark.line + 1
    return found, lines


def _items(node: Any, flaws: list[Flaw], what: str) -> list[Any]:
    if node is None:
        return []
    if not isinstance(node, yaml.SequenceNode):
        flaws.append(Flaw("shape", node.start_mark.line + 1, f"{what} has to be a list"))
        return []
    return list(node.value)


def _plain(node: Any, flaws: list[Flaw], key: str) -> Any:
    """Return the value of a node: texts, and mappings of texts; other scalars are flaws where a text is wanted."""
    if isinstance(node, yaml.MappingNode):
        entries, _ = _entries(node, flaws, key)
        return {name: _plain(value, flaws, name) for name, value in entries.items()}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, flaws, key) for value in node.value]
    if node.tag != _TEXT and key not in ("limit", "partial_response_strategy"):
        kind = _TAGS.get(node.tag.rpartition(":")[2], "no text")
        flaws.append(Flaw("type", node.start_mark.line + 1, f"{key} is {kind}, not a text: put {node.value} in quotes"))
    return node.value


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}
