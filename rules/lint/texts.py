"""Templates of labels and annotations: what they show has to be there, and to be readable."""

from __future__ import annotations

from collections.abc import Iterator

from rules import syntax
from rules.labels import Flow, LabelFlow
from rules.lint import template
from rules.lint.check import Said, of_alerts
from rules.lint.finding import Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule

_VOLATILE = ("$value", ".Value", "query", "toTime", "humanizeTimestamp")


@of_alerts(
    "A08",
    Level.ERROR,
    "a value, or something else that changes, in a label",
    why="Each value makes another alert: none holds for long enough to fire, or each of them does.",
    mend="Put it into an annotation.",
)
def labels_do_not_change(rule: Rule, _: Material) -> Iterator[Said]:
    for key, value in rule.labels.items():
        if "{{" in value and any(word in value for word in _VOLATILE):
            yield Said(f"{key}: {value}", "labels")


@of_alerts(
    "A09",
    Level.ERROR,
    "a template that asks for a label that is not there, or that cannot be filled in",
    why="The text has a hole where the name of the model should be: the page says that something is wrong somewhere.",
    mend="Show labels of the expression's result (the rule's own labels are not among them), or keep them in it.",
)
def templates_can_be_filled(rule: Rule, material: Material) -> Iterator[Said]:
    flow = material.flow(rule)
    for field, texts in (("labels", rule.labels), ("annotations", rule.annotations)):
        for key, text in texts.items():
            found = template.read(text)
            for fault in found.faults:
                yield Said(f"{key}: {fault}", field)
            for label in dict.fromkeys(found.labels):
                if flow.lacks(label):
                    yield Said(f"{key}: there is no label {label}{_why(label, flow, rule)}", field)
            for label, query in dict.fromkeys(found.fetched):
                if _of_query(query, material).lacks(label):
                    yield Said(f"{key}: {query} has no label {label}", field)
            yield from (Said(f"{key}: {fault}", field) for fault in _bad_queries(text))


def _why(label: str, flow: Flow, rule: Rule) -> str:
    if label in rule.labels:
        return ": it is the rule's own, which templates do not see"
    return f": it was dropped {flow.lost[label]}" if label in flow.lost else ""


def _of_query(query: str, material: Material) -> Flow:
    try:
        return LabelFlow(material.expressions).of(query)
    except ValueError:
        return Flow(open=True)


def _bad_queries(text: str) -> Iterator[str]:
    for query in template.queries(text):
        try:
            syntax.parsed(query)
        except ValueError as error:
            yield f"the query {query} does not parse: {error}"


@of_alerts(
    "A10",
    Level.WARNING,
    "a number that is shown as it is",
    why="0.30000000000000004 on a pager at night is not read, or is misread.",
    mend="humanize, humanizePercentage, humanizeDuration, or printf.",
)
def numbers_are_readable(rule: Rule, _: Material) -> Iterator[Said]:
    for key, text in rule.annotations.items():
        found = template.read(text)
        if found.unformatted and not found.faults:
            yield Said(f"{key} shows the value without a format", "annotations")
