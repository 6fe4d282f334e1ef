"""Selectors: labels and values that exist, the job, and regular expressions that say what they mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from exporter.catalogue import LABEL_VALUES
from rules import syntax
from rules.lint.check import Check, of_material, of_rules
from rules.lint.finding import Finding, Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule
from rules.series import known

_LITERALS = re.compile(r"[\w.-]+(\|[\w.-]+)*", re.ASCII)
_EDGE = re.compile(r"[0-9]+\.[0-9]+|[0-9.]+e[+-]?[0-9]+|\+Inf")
_SPECIAL = set("\\.+*?()|[]{}^$")
# Alerts about the watch itself, and templates' own: they are about no model's series.
_OF_NO_JOB = frozenset({"ALERTS", "ALERTS_FOR_STATE"})


def operation(matcher: Any) -> str:
    return str(matcher.op).rpartition(".")[2]


@of_rules(
    "P04",
    Level.ERROR,
    "a label that the metric does not have, or a value that the label never takes",
    why="The selector finds nothing (or, with != and !~, leaves nothing out), without an error.",
    mend="Take labels and values from docs/metrics.md; alerts' names from the rules themselves.",
)
def labels_and_values_exist(rule: Rule, material: Material) -> Iterator[str]:
    for selector in syntax.selectors(rule.tree):
        name = syntax.name_of(selector)
        for matcher in selector.matchers.matchers:
            if matcher.name == "__name__":
                continue
            possible = _labels_of(name, material)
            if possible and matcher.name not in possible:
                yield f"{name} has no label {matcher.name}{_meant(matcher.name, possible)}"
            else:
                yield from _wrong_values(name, matcher, material)


def _labels_of(name: str, material: Material) -> frozenset[str]:
    if name in material.records:
        flow = material.labels(material.records[name])
        return frozenset() if flow.open else flow.possible
    series = known().get(name)
    return series.possible if series is not None else frozenset()


def _wrong_values(name: str, matcher: Any, material: Material) -> Iterator[str]:
    allowed = _values_of(name, matcher.name, material)
    if not allowed or matcher.value == "":
        return
    if operation(matcher) in ("Equal", "NotEqual"):
        said = [matcher.value]
    elif _LITERALS.fullmatch(matcher.value):
        said = matcher.value.split("|")
    else:
        pattern = re.compile(matcher.value)
        if not any(pattern.fullmatch(value) for value in allowed):
            yield f"no {matcher.name} of {name} matches {matcher.value}"
        return
    for value in said:
        if value and value not in allowed:
            yield f"{matcher.name} of {name} is never {value}{_meant(value, allowed)}"


def _values_of(name: str, label: str, material: Material) -> frozenset[str]:
    series = known().get(name)
    if series is None:
        return frozenset()
    if label == "alertname" and name in _OF_NO_JOB:
        return material.names
    if series.family is None:
        return series.values.get(label, frozenset())
    # Of "reason" each metric has its own, of "source" of a label in other families nothing is known.
    return frozenset(LABEL_VALUES.get(label, ()))


def _meant(text: str, others: frozenset[str]) -> str:
    close = get_close_matches(text, sorted(others), n=1)
    return f"; did you mean {close[0]}?" if close else ""


@of_material(
    "P15",
    Level.ERROR,
    "a selector without the job, or with another job than the rest",
    why="Model services may show metrics of the same names: without the job their series are mixed with the exporter's.",
    mend='Write the job of the scrape configuration into each selector: job="driftbell".',
)
def selectors_carry_the_job(check: Check, material: Material) -> Iterator[Finding]:
    found = [
        (rule, syntax.name_of(selector), job)
        for rule in material.parsed()
        for selector in syntax.selectors(rule.tree)
        if syntax.name_of(selector) in known()
        for job in [_job(selector)]
    ]
    ours = Counter(job for _, name, job in found if job and known()[name].family is not None)
    usual = ours.most_common(1)[0][0] if ours else ""
    for rule, name, job in dict.fromkeys(found):
        if not job:
            yield check.finding(f"{name} without a job", rule=rule, line=rule.line_of("expr"))
        elif known()[name].family is not None and job != usual:
            text = f"{name} of the job {job}, when other rules read {usual}"
            yield check.finding(text, rule=rule, line=rule.line_of("expr"))


def _job(selector: Any) -> str:
    return next((str(each.value) for each in selector.matchers.matchers if each.name == "job" and each.value), "")


@of_rules(
    "P16",
    Level.WARNING,
    "a regular expression that is a plain text, matches everything, or is anchored twice",
    why="Plain matchers are cheaper and say what is meant; anchors are there already, so ^ and $ hint at a mistake.",
    mend="Write = and != for plain texts, leave out what matches everything, and ^ and $.",
)
def regular_expressions_are_needed(rule: Rule, _: Material) -> Iterator[str]:
    for selector in syntax.selectors(rule.tree):
        for matcher in selector.matchers.matchers:
            if operation(matcher) not in ("Re", "NotRe"):
                continue
            said = f"{matcher.name}{'=~' if operation(matcher) == 'Re' else '!~'}{matcher.value!r}"
            if not set(matcher.value) & _SPECIAL:
                yield f"{said} is a plain text"
            elif matcher.value in (".*", "(.*)"):
                yield f"{said} matches {'everything' if operation(matcher) == 'Re' else 'nothing'}"
            elif matcher.value.startswith("^") or (matcher.value.endswith("$") and not matcher.value.endswith("\\$")):
                yield f"{said} is anchored as it is"


@of_rules(
    "P21",
    Level.WARNING,
    "an edge of a bucket that is written otherwise than on the page, or is none of the model's",
    why='The page says le="1.0", and Prometheus 3 makes all of them so: le="1" finds nothing there.',
    mend="Write edges as decimals with a point, and such as `latency_buckets` and the objectives name.",
)
def edges_are_as_on_the_page(rule: Rule, material: Material) -> Iterator[str]:
    for selector in syntax.selectors(rule.tree):
        for matcher in selector.matchers.matchers:
            if matcher.name != "le" or operation(matcher) not in ("Equal", "NotEqual"):
                continue
            if not _EDGE.fullmatch(matcher.value):
                yield f'le="{matcher.value}" is written without its decimal point'
            elif syntax.name_of(selector) == "ml_request_duration_seconds_bucket":
                yield from _missing_edges(matcher.value, material)


def _missing_edges(edge: str, material: Material) -> Iterator[str]:
    for model in material.configuration.models.values() if material.configuration is not None else ():
        limits = [slo.latency / 1e6 for slo in model.slos.values() if slo.latency]
        if edge != "+Inf" and float(edge) not in {*model.latency_buckets, *limits}:
            yield f"no bucket of {model.name} ends at {edge}"
