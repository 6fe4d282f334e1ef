"""What is linted: rule files, and what they have to agree with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rules.labels import Flow, LabelFlow, with_static
from rules.lint.rule_file import Group, Rule, RuleFile
from rules.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from exporter.configuration.schema import Configuration

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Beside:
    """Folders and files that rules point to, or that point to rules; None where there are none to agree with."""

    runbooks: Path | None = None
    dashboards: Path | None = None
    routing: Path | None = None
    tests: Path | None = None
    deployed: Path | None = None


@dataclass(eq=False)
class Material:
    """``retention`` is the server's in seconds; ``false_alarms`` are those that a week may bring.

    ``context`` are files that the server has, too: the others may read their records, and nothing is said about them.
    """

    files: list[RuleFile]
    context: list[RuleFile] = field(default_factory=list)
    settings: Settings = DEFAULT
    beside: Beside = field(default_factory=Beside)
    configuration: Configuration | None = None
    configuration_file: str = ""
    retention: float = 40 * _DAY
    false_alarms: float = 1.0
    external_labels: frozenset[str] = frozenset()
    promtool: str | None = None

    @cached_property
    def groups(self) -> list[Group]:
        return [group for file in self.files for group in file.groups]

    @cached_property
    def rules(self) -> list[Rule]:
        return [rule for group in self.groups for rule in group.rules]

    @cached_property
    def alerts(self) -> list[Rule]:
        return [rule for rule in self.rules if rule.is_alert]

    @cached_property
    def known(self) -> list[Rule]:
        """All rules that the server has: those that are linted first."""
        return [*self.rules, *(rule for file in self.context for rule in file.rules)]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all alerts."""
        return frozenset(rule.name for rule in self.known if rule.is_alert)

    @cached_property
    def records(self) -> Mapping[str, Rule]:
        """Recorded series by name; of several rules for one name the first."""
        return {rule.name: rule for rule in reversed(self.known) if not rule.is_alert and rule.name}

    @cached_property
    def expressions(self) -> Mapping[str, str]:
        return {name: rule.expression for name, rule in self.records.items() if rule.tree is not None}

    @cached_property
    def ladders(self) -> Mapping[str, list[Rule]]:
        found: dict[str, list[Rule]] = {}
        for rule in self.alerts:
            found.setdefault(rule.name, []).append(rule)
        return found

    @cached_property
    def _flows(self) -> dict[Rule, tuple[Flow, LabelFlow]]:
        static = {name: rule.labels for name, rule in self.records.items()}
        shared: dict[str, Flow] = {}
        found = {}
        for rule in self.known:
            if rule.tree is not None:
                flow = LabelFlow(self.expressions, static, [], shared)
                found[rule] = (flow.of(rule.expression), flow)
        return found

    def flow(self, rule: Rule) -> Flow:
        """Return the labels of a rule's expression, without those that the rule adds."""
        return self._flows[rule][0] if rule in self._flows else Flow(open=True)

    def labels(self, rule: Rule) -> Flow:
        """Return the labels of what a rule brings forth."""
        return with_static(self.flow(rule), rule.labels)

    def troubles(self, rule: Rule) -> LabelFlow:
        return self._flows[rule][1] if rule in self._flows else LabelFlow()

    def interval(self, group: Group) -> float:
        return group.interval or self.settings.evaluation_interval

    def parsed(self) -> Iterator[Rule]:
        """Yield the rules whose expressions parse."""
        return (rule for rule in self.rules if rule.tree is not None)
