"""What is linted: dashboards, and what they have to agree with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from dashboards.lint.board_file import BoardFile, Panel, Query, items, mapping
from dashboards.lint.interpolation import filled, parseable
from exporter.catalogue import LABEL_VALUES, SEVERITIES
from rules import syntax
from rules.bounds import by_catalogue
from rules.intervals import Interval, Reckoning
from rules.labels import Flow, LabelFlow
from rules.lint import material as of_rules
from rules.lint.ranges import matrices
from rules.lint.rule_file import Group, Rule, RuleFile
from rules.series import known
from rules.settings import DEFAULT, Settings


@dataclass(eq=False)
class Material:
    """``rules`` are the files whose records dashboards read and whose alerts link to them; ``others`` are dashboards that are
    there as well, and of which nothing is said; ``provisioning`` is Grafana's folder of that name. ``whole``: these are all
    dashboards that there are, and not some that were picked out."""

    boards: Sequence[BoardFile]
    rules: Sequence[RuleFile] = ()
    others: Sequence[BoardFile] = ()
    runbooks: Path | None = None
    provisioning: Path | None = None
    settings: Settings = DEFAULT
    whole: bool = False

    @cached_property
    def readable(self) -> list[BoardFile]:
        return [each for each in self.boards if each.data]

    @cached_property
    def by_uid(self) -> Mapping[str, BoardFile]:
        return {each.uid: each for each in (*self.others, *self.readable)}

    @cached_property
    def queries(self) -> list[Query]:
        return [query for board in self.readable for query in board.queries]

    @cached_property
    def alerts(self) -> list[Rule]:
        return [rule for file in self.rules for rule in file.rules if rule.is_alert]

    @cached_property
    def asked(self) -> dict[Query, Rule]:
        """Each query that parses as a rule without a name, so that what is known of rules' expressions is known of it; the
        line of each is its number here."""
        found: dict[Query, Rule] = {}
        for board in self.readable:
            group = Group(board.name, 1, {"name": board.uid})
            for query in board.queries:
                text = filled(query.text, board.variables)
                rule = Rule(board.name, group, len(found), len(found), {"expr": text}, {})
                if rule.tree is not None:
                    found[query] = rule
        return found

    @cached_property
    def as_rules(self) -> of_rules.Material:
        """The queries as the lint of rules sees them, with the rules as the context."""
        file = RuleFile(Path("dashboards"), "")
        group = Group("dashboards", 1, {}, list(self.asked.values()))
        file.groups.append(group)
        return of_rules.Material([file], list(self.rules), self.settings)

    def tree(self, query: Query) -> Any:
        """Return the parsed query with values for its variables; None if it does not parse."""
        rule = self.asked.get(query)
        return rule.tree if rule is not None else None

    def written(self, query: Query) -> Any:
        """Return the parsed query as it is written: with the variables' names as values. None if it does not parse."""
        try:
            return syntax.parsed(parseable(query.text, query.board.variables))
        except ValueError:
            return None

    def macros(self, query: Query) -> Any:
        """Return the parsed query in which the two intervals that rates take are ``UNMISTAKABLE``; a number if it does not
        parse."""
        text = query.text
        for macro, seconds in UNMISTAKABLE.items():
            for written in (macro, f"${{{macro[1:]}}}"):
                text = text.replace(written, f"{round(seconds * 1000)}ms")
        try:
            return syntax.parsed(filled(text, query.board.variables))
        except ValueError:
            return syntax.parsed("0")

    @cached_property
    def windows(self) -> frozenset[tuple[str, float]]:
        """Metrics and the seconds over which the rules take rates of them."""
        found = set()
        for file in self.rules:
            for rule in file.rules:
                for matrix in matrices(rule.tree) if rule.tree is not None else ():
                    found.add((syntax.name_of(matrix.vector_selector), syntax.seconds(matrix.range)))
        return frozenset(found)

    def flow(self, query: Query) -> Flow:
        """Return which labels the query's series have."""
        rule = self.asked.get(query)
        return self.as_rules.flow(rule) if rule is not None else Flow(open=True)

    def labels_of(self, node: Any) -> Flow:
        """Return which labels the series of a part of a query have."""
        static = {name: rule.labels for name, rule in self.as_rules.records.items()}
        return LabelFlow(self.as_rules.expressions, static).of_node(node) or Flow()

    def labels_in(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the labels that the series of a name may have, and those that all of them have."""
        made = self.as_rules.records.get(name)
        if made is not None:
            flow = self.as_rules.labels(made)
            return flow.possible, flow.certain
        series = known().get(name)
        return (series.possible, series.certain) if series is not None else (frozenset(), frozenset())

    @cached_property
    def _reckoning(self) -> Reckoning:
        return Reckoning(by_catalogue, self.as_rules.expressions)

    def interval(self, node: Any) -> Interval | None:
        """Return what values a node can have, None if it certainly has none."""
        return self._reckoning.of(node)

    @cached_property
    def numbers(self) -> frozenset[float]:
        """All numbers that stand in the rules' expressions."""
        found: set[float] = set()
        for file in self.rules:
            for rule in file.rules:
                for node in syntax.nodes(rule.tree) if rule.tree is not None else ():
                    number = syntax.number(node)
                    found.update(() if number is None else (number,))
        return frozenset(found)


# Seconds that stand for a macro where it has to be told from a window that is written out.
UNMISTAKABLE = {"$__rate_interval": 61.007, "$__range": 86_461.007}
# Transformations that make no new names but those that they say.
_PLAIN = frozenset({"merge", "organize", "sortBy", "limit", "filterByValue", "filterFieldsByName"})
_SEVERITY = re.compile(rf"\b({'|'.join(SEVERITIES)})\b")
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def legend_labels(text: str) -> Iterator[str]:
    """Yield the labels that a legend shows."""
    yield from _LEGEND.findall(text)


@dataclass(frozen=True, slots=True)
class Name:
    """What a series or a column is called, labels in place of which anything may stand: ``max {{window}}``."""

    text: str

    def fits(self, name: str) -> bool:
        """Say whether it can be exactly this."""
        return re.fullmatch(_LEGEND.sub("\0", re.escape(self._marked)).replace("\0", ".*"), name, re.DOTALL) is not None

    @property
    def _marked(self) -> str:
        return _LEGEND.sub("\0", self.text)

    def overlaps(self, pattern: str) -> bool:
        """Say whether it can be one that a pattern of Grafana's, ``/.../`` or plain, finds."""
        expression = pattern[1:].rpartition("/")[0] if pattern.startswith("/") else f"^{pattern}$"
        if "\0" in self._marked:
            return True
        return re.search(expression, self.text) is not None


def names_of(panel: Panel, queries: Iterable[Query], material: Material) -> list[Name]:
    """Return what the series and columns of a panel may be called, renamed ones included."""
    found = [name for query in queries for name in _own_names(query, material.flow(query))]
    found += [Name(new) for _, new in renamed(panel)]
    kinds = {str(each.get("id")) for each in items(panel.data.get("transformations"))}
    # Others make columns of their own, some of them named after values.
    return found if kinds <= _PLAIN else [*found, Name("{{any}}")]


def _own_names(query: Query, flow: Flow) -> Iterator[Name]:
    """Yield what a query's values may be called, and of a table its other columns."""
    labels = ["{{any}}"] if flow.open else sorted(flow.possible)
    if query.data.get("format") in ("table", "heatmap"):
        yield from (Name(each) for each in ("Time", "Value", f"Value #{query.name}", *labels))
    else:
        # Without a legend the labels of a series are its name.
        yield from _spelt(query.legend, flow) if query.legend not in ("", "__auto") else (Name("{{any}}"),)


def _spelt(legend: str, flow: Flow) -> Iterator[Name]:
    """Yield a legend with the values of its labels, as far as these are known: all that there are, since one set of overrides
    serves several panels."""
    legend = _SEVERITY.sub("{{severity}}", legend)
    several = {label: LABEL_VALUES.get(label) or flow.values.get(label) for label in legend_labels(legend)}
    known_ones = {label: sorted(values) for label, values in several.items() if values}
    for chosen in product(*known_ones.values()):
        values = dict(zip(known_ones, chosen, strict=True))
        yield Name(_LEGEND.sub(lambda match: values.get(match[1], match[0]), legend))  # noqa: B023 - used at once


def renamed(panel: Panel) -> Iterator[tuple[str, str]]:
    """Yield the names that transformations change, with the new ones."""
    for each in items(panel.data.get("transformations")):
        if each.get("id") == "organize":
            yield from mapping(mapping(each.get("options")).get("renameByName")).items()


def names_of_query(query: Query) -> list[Name]:
    """Return by which names overrides know the values of one query."""
    own = {query.legend} if query.data.get("format") != "table" else {"Value", f"Value #{query.name}"}
    panel = query.panel
    more = [new for old, new in renamed(panel) if old in own] if panel is not None else []
    return [Name(each) for each in (*own, *more)]
