"""An alert's name, labels and waiting times: what routing, people and the night depend on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from promql_parser import MatrixSelector, SubqueryExpr

from exporter.catalogue import SEVERITIES
from rules import syntax
from rules.lint import template
from rules.lint.check import Said, of_alerts, of_rules
from rules.lint.finding import Level
from rules.lint.material import Material
from rules.lint.ranges import reach
from rules.lint.rule_file import Rule, duration
from rules.rule import NO_SEVERITY, PREFIX

PAGES = frozenset({"critical", "emergency"})
_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_LONGEST_NAME = 60
_FEWEST_EVALUATIONS = 2
# So long, in seconds, an alert may take from the first sign to the page.
_DETECTION = {"critical": 3_600, "emergency": 900}
_LONGEST_WAIT = 1_800
_GROUP_WAIT = 30
_DAY = 86_400
_LABEL_KEYS = ("severity", "category", "alert_type", "action", "burn_window", "owner", "team")
_ANNOTATION_KEYS = ("summary", "description", "changes", "runbook_url", "dashboard_url")
# What comes window by window, or when labels come: slower than rules are evaluated.
_SLOW = ("ml_quality", "ml_drift", "ml_data_quality", "ml_label_coverage", "ml_slo_compliance")
_ALIKE = 0.8


def is_watchdog(rule: Rule) -> bool:
    """Say whether an alert is the one that always fires."""
    return rule.severity == NO_SEVERITY


@of_alerts(
    "A01",
    Level.ERROR,
    "a name that is not CamelCase, too long, or without the common prefix",
    why="Routes, silences and runbooks find alerts by their names; the prefix tells them from other rules' alerts.",
    mend=f"{PREFIX}..., such as MLHighErrorRate, in at most {_LONGEST_NAME} letters.",
)
def names_are_recognisable(rule: Rule, _: Material) -> Iterator[Said]:
    if not _NAME.fullmatch(rule.name):
        yield Said(f"{rule.name} is not CamelCase", "alert")
    if not rule.name.startswith(PREFIX):
        yield Said(f"{rule.name} does not begin with {PREFIX}", "alert")
    if len(rule.name) > _LONGEST_NAME:
        yield Said(f"{len(rule.name)} letters", "alert")


@of_alerts(
    "A02",
    Level.ERROR,
    "no severity, or one that nobody knows",
    why="Routing is by severity: what has none ends where unknown alerts end.",
    mend=f"One of {', '.join(SEVERITIES)}; {NO_SEVERITY} is for the alert that always fires.",
)
def severities_are_known(rule: Rule, _: Material) -> Iterator[Said]:
    if rule.severity not in (*SEVERITIES, NO_SEVERITY):
        yield Said(f"severity is {rule.severity or 'not said'}", "labels")


@of_alerts(
    "A03",
    Level.ERROR,
    "a summary that is no plain sentence, or a description that does not say of what",
    why="The summary is the subject of the page, the same for all of a group; the description is what differs.",
    mend="summary: one sentence without templates; description: with {{ $labels.model_name }} and the value.",
)
def texts_are_readable(rule: Rule, material: Material) -> Iterator[Said]:
    summary, description = rule.annotations.get("summary", ""), rule.annotations.get("description", "")
    if not summary:
        yield Said("there is no summary", "annotations")
    elif "{{" in summary or not summary.endswith(".") or not summary[0].isupper():
        yield Said(f"the summary is no plain sentence: {summary}", "annotations")
    if not description:
        yield Said("there is no description", "annotations")
        return
    flow = material.flow(rule)
    mentioned = template.read(description)
    if mentioned.faults:
        return
    if "model_name" in flow.possible and "model_name" not in mentioned.labels:
        yield Said("the description does not name the model", "annotations")
    elif "instance" in flow.certain and not mentioned.labels:
        yield Said("the description does not say of what it is", "annotations")


@of_alerts(
    "A12",
    Level.WARNING,
    "`for` that is shorter than two evaluations, or too long for a page",
    why="One odd scrape is no alarm; and what pages after half an hour could have been a warning before.",
    mend=f"At least two evaluations, and at most {_LONGEST_WAIT // 60} minutes for {' and '.join(sorted(PAGES))}.",
)
def waiting_is_sensible(rule: Rule, material: Material) -> Iterator[Said]:
    waits = duration(rule.fields.get("for", "0s"))
    if waits is None:
        return
    if waits < _FEWEST_EVALUATIONS * material.interval(rule.group) and not is_watchdog(rule):
        yield Said(f"it fires after {waits:g} s, with evaluations every {material.interval(rule.group):g} s", "for")
    if rule.severity in PAGES and waits > _LONGEST_WAIT:
        yield Said(f"a page that waits {waits / 60:g} minutes", "for")


@of_rules(
    "A13",
    Level.WARNING,
    "a page that comes later than its severity allows",
    why="`for`, the range that has to fill and the time that alerts are gathered add up before a pager rings.",
    mend="Shorten `for` or the range, or give it a lower severity.",
)
def pages_come_in_time(rule: Rule, material: Material) -> Iterator[Said]:
    budget = _DETECTION.get(rule.severity) if rule.is_alert else None
    # A burn rate's windows are what it is about.
    if budget is None or "burn_window" in rule.labels:
        return
    waits = (duration(rule.fields.get("for")) or 0.0) + material.interval(rule.group) + _GROUP_WAIT
    trees = [rule.tree, *(material.records[name].tree for name in _read(rule, material))]
    slowest = max([0.0, *(length for tree in trees for length in _ranges(tree))])
    if waits + slowest > budget:
        yield Said(f"{(waits + slowest) / 60:.0f} minutes until it pages, {budget / 60:g} are allowed", "for")


def _ranges(tree: Any) -> Iterator[float]:
    """Yield the ranges that begin to fill when something happens: neither those of the past nor of days."""
    for node in syntax.nodes(tree):
        if isinstance(node, MatrixSelector | SubqueryExpr) and reach(node) < _DAY:
            yield syntax.seconds(node.range)


def _read(rule: Rule, material: Material) -> Iterator[str]:
    for selector in syntax.selectors(rule.tree):
        if syntax.name_of(selector) in material.records:
            yield syntax.name_of(selector)


@of_rules(
    "A14",
    Level.WARNING,
    "a page on slow figures without keep_firing_for",
    why="Labels come in batches and windows move in steps: between two of them the page resolves, and comes again.",
    mend="keep_firing_for of at least two of the steps.",
)
def slow_figures_hold(rule: Rule, _: Material) -> Iterator[Said]:
    if not rule.is_alert or rule.severity not in PAGES or rule.fields.get("keep_firing_for"):
        return
    slow = [name for name in map(syntax.name_of, syntax.selectors(rule.tree)) if name.startswith(_SLOW)]
    if slow:
        yield Said(f"{slow[0]} moves slowly", "alert")


@of_rules(
    "A18",
    Level.ERROR,
    "a label of the rule that hides one of the expression's, or is an external label",
    why="The rule's label wins: two series become one, or the alert's origin is overwritten when it is sent.",
    mend="Choose another name.",
)
def labels_hide_nothing(rule: Rule, material: Material) -> Iterator[Said]:
    flow = material.flow(rule)
    for label, value in rule.labels.items():
        if label in flow.certain and flow.values.get(label) != frozenset({value}):
            yield Said(f"{label} is on the series already", "labels")
    for label in sorted((set(rule.labels) | flow.possible) & material.external_labels):
        yield Said(f"{label} is an external label of the server", "labels")


@of_rules(
    "A19",
    Level.WARNING,
    "an alert about a model without the model's owner",
    why="Routing by owner passes it by: whoever answers for the model hears nothing.",
    mend="Multiply by the record of owners, on (job, model_name) group_left (owner).",
)
def models_have_owners(rule: Rule, material: Material) -> Iterator[Said]:
    flow = material.labels(rule)
    if rule.is_alert and not flow.open and "model_name" in flow.possible and "owner" not in flow.possible:
        yield Said("no owner", "alert")


@of_alerts(
    "A20",
    Level.WARNING,
    "a cause that pages, or an alert that does not say whether it is one",
    why="Users feel symptoms. A page about a cause wakes somebody for what may never matter.",
    mend="alert_type: symptom or cause; causes are warnings or infos.",
)
def causes_do_not_page(rule: Rule, _: Material) -> Iterator[Said]:
    kind = rule.labels.get("alert_type")
    if kind not in ("symptom", "cause"):
        yield Said(f"alert_type is {kind or 'not said'}", "labels")
    elif kind == "cause" and rule.severity in PAGES:
        yield Said(f"a cause of severity {rule.severity}", "labels")


@of_alerts(
    "A21",
    Level.WARNING,
    "a label that is a link, a sentence or empty",
    why="Labels identify an alert and go into every route and silence; an empty one is none.",
    mend="Put texts and links into annotations.",
)
def labels_are_short(rule: Rule, _: Material) -> Iterator[Said]:
    for key, value in rule.labels.items():
        if "{{" not in value and _is_long(value):
            yield Said(f"{key}: {value!r}", "labels")


def _is_long(value: str) -> bool:
    return "://" in value or " " in value.strip() or not value.strip()


@of_alerts(
    "A22",
    Level.WARNING,
    "a label or an annotation whose name is nearly that of another",
    why="`serverity` is a label like any other: the alert has no severity, and no tool complains.",
    mend="Write it as it is known; or take a name that is further away.",
)
def keys_are_no_slips(rule: Rule, _: Material) -> Iterator[Said]:
    for keys, known, field in (
        (rule.labels, _LABEL_KEYS, "labels"),
        (rule.annotations, _ANNOTATION_KEYS, "annotations"),
    ):
        for key in keys.keys() - set(known):
            near = [each for each in known if SequenceMatcher(None, key, each).ratio() >= _ALIKE]
            if near:
                yield Said(f"{key}; did you mean {near[0]}?", field)
