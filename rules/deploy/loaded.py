"""Rules as they are compared: from a file, and from what a server says that it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from rules import syntax
from rules.deploy.failure import DeployError, Exit
from rules.lint.rule_file import duration

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """``after`` and ``hold`` are seconds; ``expression`` is written in the parser's way, the same for the same meaning."""

    name: str
    is_alert: bool
    expression: str
    labels: Pairs = ()
    annotations: Pairs = ()
    after: float = 0.0
    hold: float = 0.0

    @property
    def identity(self) -> tuple[str, bool, Pairs]:
        """By this, within a group, Prometheus hands on what it remembers of an alert."""
        return self.name, self.is_alert, self.labels

    @property
    def said(self) -> str:
        of = dict(self.labels)
        more = [of[label] for label in ("severity", "burn_window") if label in of]
        return f"{self.name} ({', '.join(more)})" if more else self.name


@dataclass(frozen=True, slots=True)
class Group:
    """``interval`` is 0 where the server's own holds."""

    file: str
    name: str
    rules: tuple[Rule, ...]
    interval: float = 0.0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Active:
    """An alert that is pending or firing: its rule, and the labels that its expression gave it."""

    group: Group
    rule: Rule
    state: str
    labels: Pairs


@dataclass(frozen=True, slots=True)
class Health:
    """``evaluated`` is when, "" if never; ``error`` is of the last evaluation."""

    group: Group
    rule: Rule
    evaluated: str
    error: str


@dataclass(frozen=True, slots=True)
class Running:
    """What a server runs: ours in ``groups``, by our files; of anybody else only the names that their rules read."""

    groups: tuple[Group, ...] = ()
    active: tuple[Active, ...] = ()
    health: tuple[Health, ...] = ()
    read_elsewhere: frozenset[str] = frozenset()


def groups_of(texts: Mapping[str, str], interval: float = 0.0) -> tuple[Group, ...]:
    """Read files, by their names; ``interval`` is that of groups that have none. Raises DeployError."""
    return tuple(group for name, text in sorted(texts.items()) for group in _of_file(name, text, interval))


def _of_file(name: str, text: str, interval: float) -> list[Group]:
    try:
        document = yaml.load(text, Loader=_Loader) or {}  # noqa: S506 - a safe loader
        return [_group(name, data, interval) for data in document.get("groups") or ()]
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise DeployError(Exit.LINT, f"{name} is no rule file: {error}") from error


def _group(file: str, data: Mapping[str, Any], interval: float) -> Group:
    rules = tuple(
        Rule(
            str(rule.get("alert") or rule["record"]),
            "alert" in rule,
            normal(str(rule["expr"])),
            _pairs(rule.get("labels")),
            _pairs(rule.get("annotations")),
            duration(rule.get("for")) or 0.0,
            duration(rule.get("keep_firing_for")) or 0.0,
        )
        for rule in data.get("rules") or ()
    )
    return Group(
        file, str(data["name"]), rules, duration(data.get("interval")) or interval, int(data.get("limit") or 0)
    )


def running(data: Mapping[str, Any], ours: Mapping[str, str]) -> Running:
    """Read ``/api/v1/rules``; ``ours`` has our name of each of the server's files that is ours. Raises DeployError."""
    try:
        pairs = [(group, _loaded(group, ours.get(group["file"]))) for group in data["groups"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DeployError(
            Exit.UNREACHABLE, f"the server lists its rules in a way that is not known: {error!r}"
        ) from error
    mine = [(raw, group) for raw, group in pairs if raw["file"] in ours]
    rules = [(group, rule, raw) for data, group in mine for rule, raw in zip(group.rules, data["rules"], strict=True)]
    return Running(
        tuple(group for _, group in mine),
        tuple(
            Active(group, rule, str(alert["state"]), _pairs(alert["labels"]))
            for group, rule, raw in rules
            for alert in raw.get("alerts") or ()
        ),
        tuple(Health(group, rule, _evaluated(raw), str(raw.get("lastError") or "")) for group, rule, raw in rules),
        _read(rule for raw, group in pairs if raw["file"] not in ours for rule in group.rules),
    )


def _loaded(data: Mapping[str, Any], name: str | None) -> Group:
    rules = tuple(
        Rule(
            str(rule["name"]),
            rule["type"] == "alerting",
            normal(str(rule["query"])),
            _pairs(rule.get("labels")),
            _pairs(rule.get("annotations")),
            float(rule.get("duration") or 0),
            float(rule.get("keepFiringFor") or 0),
        )
        for rule in data["rules"]
    )
    return Group(name or data["file"], str(data["name"]), rules, float(data["interval"]), int(data.get("limit") or 0))


def _evaluated(raw: Mapping[str, Any]) -> str:
    when = str(raw.get("lastEvaluation") or "")
    # Go's time of nothing.
    return "" if when.startswith("0001-") or raw.get("health") == "unknown" else when


def normal(expression: str) -> str:
    """Return an expression in the parser's words, so that how it is laid out does not matter.

    >>> normal("sum by(job) ( up )") == normal("sum(up) by (job)")
    True
    """
    try:
        return syntax.written(syntax.parsed(expression))
    except ValueError:
        # Syntax of a later Prometheus: then layout matters.
        return " ".join(expression.split())


def _pairs(data: Any) -> Pairs:
    return tuple(sorted((str(key), str(value)) for key, value in (data or {}).items()))


def _read(rules: Iterable[Rule]) -> frozenset[str]:
    found: set[str] = set()
    for rule in rules:
        try:
            found.update(syntax.name_of(each) for each in syntax.selectors(syntax.parsed(rule.expression)))
        except ValueError:
            continue
    return frozenset(found)
