"""Two sides that have to meet: labels that are there, one series a match, nothing merged that should be apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from promql_parser import AggregateExpr, BinaryExpr, Call, MatrixSelector, VectorSelector

from exporter.catalogue import Kind
from rules import syntax
from rules.lint.check import Said, of_rules
from rules.lint.finding import Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule, duration
from rules.series import known

# So long after a restart both sides of a ratio have been scraped again.
_SETTLED = 300


def _of_kind(rule: Rule, material: Material, *kinds: str) -> Iterator[str]:
    return (each.text for each in material.troubles(rule).troubles if each.kind in kinds)


@of_rules(
    "P11",
    Level.ERROR,
    "a join or an aggregation by a label that is gone, or two sides that never meet",
    why="The result is empty, always: the alert cannot fire, or what should silence it never does.",
    mend="Keep the label in the aggregation before, or leave it out of on (...), or put it into ignoring (...).",
)
def sides_meet(rule: Rule, material: Material) -> Iterator[str]:
    yield from _of_kind(rule, material, "gone", "never")


@of_rules(
    "P12",
    Level.WARNING,
    "a label that is used after a comparison of single series has dropped it",
    why="Between single series `on (a)` keeps the label a alone, even of the left side.",
    mend="Name the label in on (...), or write group_left ().",
)
def matching_keeps_what_is_used(rule: Rule, material: Material) -> Iterator[str]:
    yield from _of_kind(rule, material, "dropped")


@of_rules(
    "P20",
    Level.ERROR,
    "histogram_quantile of something without buckets",
    why="Without the label le there is nothing to interpolate: no result, or NaN.",
    mend="Keep le in the aggregation: sum by (job, model_name, le) (rate(..._bucket[5m])).",
)
def quantiles_have_buckets(rule: Rule, material: Material) -> Iterator[str]:
    yield from _of_kind(rule, material, "le")


@of_rules(
    "P27",
    Level.ERROR,
    "several series where the operator wants one",
    why="Prometheus refuses to evaluate it as soon as there are two: the rule fails, and its alert is resolved.",
    mend="Aggregate the side that should be one, match on more labels, or write group_left ().",
)
def matches_are_of_one_series(rule: Rule, material: Material) -> Iterator[str]:
    yield from _of_kind(rule, material, "ambiguous")


@of_rules(
    "P14",
    Level.WARNING,
    "a result without the job or the model",
    why="Models of one name in two environments, or all models, are added up: one hides the other.",
    mend="Keep job and model_name in every aggregation.",
)
def job_and_model_are_kept(rule: Rule, material: Material) -> Iterator[str]:
    read = [each for each in _seen(rule.tree) if syntax.name_of(each) in known()]
    flow = material.flow(rule)
    if flow.open or not read:
        return
    if flow.lacks("job"):
        yield "the result has no job"
    of_models = all("model_name" in known()[syntax.name_of(each)].certain for each in read)
    if of_models and flow.lacks("model_name"):
        yield "the result has no model_name, though it is about models"


def _seen(node: Any) -> Iterator[VectorSelector]:
    """Yield the selectors whose series come through, not those that series are only held against."""
    node = syntax.bare(node)
    match node:
        case VectorSelector():
            yield node
        case BinaryExpr() if syntax.is_set(node, "and", "unless") or syntax.is_comparison(node):
            # A time that is compared with something has no labels itself.
            left = list(_seen(node.lhs))
            yield from left or _seen(node.rhs)
        case _:
            for child in syntax.children(node):
                yield from _seen(child)


@of_rules(
    "S06",
    Level.ERROR,
    "a figure of all versions together mixed with those of single versions",
    why="Without model_version a figure is of all versions; a new version's few rows would be held against the old one's.",
    mend='Say model_version="" for all together, or model_version!="" and keep the label.',
)
def versions_are_apart(rule: Rule, _: Material) -> Iterator[str]:
    for selector in syntax.selectors(rule.tree):
        series = known().get(syntax.name_of(selector))
        if series is None or series.kind is not Kind.GAUGE or "model_version" not in series.possible:
            continue
        if series.family is not None and not any(each.name == "model_version" for each in selector.matchers.matchers):
            yield f"{series.name} does not say of which versions"


@of_rules(
    "P17",
    Level.WARNING,
    "topk or bottomk",
    why="Which series are the topmost changes from one evaluation to the next: alerts come and go, and `for` begins anew.",
    mend="Compare all of them with a limit.",
)
def no_topmost(rule: Rule, _: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        if isinstance(node, AggregateExpr) and syntax.operator(node) in syntax.SELECTIONS:
            yield f"{syntax.operator(node)} in a rule"


@of_rules(
    "P18",
    Level.WARNING,
    "a ratio of two jobs' series that need not hold",
    why="The two are scraped at different moments: when one restarts, the ratio is wrong for a scrape or two.",
    mend=f"`for` of at least {_SETTLED // 60} minutes.",
)
def ratios_of_two_jobs_wait(rule: Rule, _: Material) -> Iterator[Said]:
    if not rule.is_alert or (duration(rule.fields.get("for")) or 0.0) >= _SETTLED:
        return
    for node in syntax.nodes(rule.tree):
        if isinstance(node, BinaryExpr) and syntax.operator(node) == "/":
            left, right = _jobs(node.lhs), _jobs(node.rhs)
            if left and right and not left & right:
                yield Said(f"{'/'.join(sorted(left))} over {'/'.join(sorted(right))}", "alert")


def _jobs(node: Any) -> set[str]:
    matchers = (each for selector in syntax.selectors(node) for each in selector.matchers.matchers)
    return {str(each.value) for each in matchers if each.name == "job"}


@of_rules(
    "P19",
    Level.WARNING,
    "`or vector(0)` beside series with labels",
    why="The zero has no labels: it meets nothing, is a series of its own, and hides that data are missing.",
    mend="Write `or 0 * x` with an x that has the labels.",
)
def zeros_have_labels(rule: Rule, _: Material) -> Iterator[str]:
    for node in syntax.nodes(rule.tree):
        if syntax.is_set(node, "or"):
            zero = syntax.bare(node.rhs)
            labelled = any(isinstance(each, VectorSelector | MatrixSelector) for each in syntax.nodes(node.lhs))
            if isinstance(zero, Call) and zero.func.name == "vector" and labelled:
                yield f"or {syntax.written(zero)}"
