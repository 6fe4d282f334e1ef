"""What the rules come to for one configuration: alerts that can never fire, and how many that will for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from promql_parser import VectorSelector

from exporter.burn_rates import DAY
from exporter.catalogue import Direction
from exporter.configuration.objectives import Slo
from exporter.configuration.quality_limits import DIRECTIONS
from exporter.configuration.schema import Configuration, Model
from exporter.durations import UNITS, format_duration
from rules import syntax
from rules.bounds import by_catalogue, equal_to
from rules.intervals import ALL, NOT_NEGATIVE, Interval, Reckoning, Verdict, united
from rules.lint.check import Check, of_material
from rules.lint.conditions import said_of
from rules.lint.finding import Finding, Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule

_SECOND = UNITS["s"]
_OBJECTIVE = "ml_slo_objective"
_WEEK, _MONTH = 7, 30
_OF_LABELS = ("ml_quality", "ml_label_")


@dataclass(frozen=True, slots=True)
class World:
    """One model, with one of its objectives and one of its drift methods: ``None`` stands for none of them."""

    model: Model
    slo: tuple[str, Slo] | None = None
    method: str | None = None

    @property
    def said(self) -> str:
        more = [f"objective {self.slo[0]}"] if self.slo else []
        more += [f"method {self.method}"] if self.method else []
        return ", ".join([f"model {self.model.name}", *more])

    def __call__(self, selector: VectorSelector) -> Interval | None:
        name = syntax.name_of(selector)
        found = _KNOWN.get(name)
        if found is not None:
            return found(self, selector)
        if self.model.labels is None and name.startswith(_OF_LABELS):
            return None
        return by_catalogue(selector)


def worlds(configuration: Configuration) -> Iterator[World]:
    for model in configuration.models.values():
        objectives: list[tuple[str, Slo] | None] = [*model.slos.items()] or [None]
        for objective in objectives:
            yield World(model, objective)
        for method in dict.fromkeys((*model.drift.numeric, *model.drift.categorical)) if model.reference else ():
            yield World(model, objectives[0], method)


def _exactly(value: float | None) -> Interval | None:
    return None if value is None else Interval(value, value)


def _limit(world: World, selector: VectorSelector) -> Interval | None:
    name, severity = equal_to(selector, "limit"), equal_to(selector, "severity")
    if not name:
        return NOT_NEGATIVE
    limits = world.model.alerts.limits_of(name)
    scale = _SECOND if name == "model_age" else 1
    chosen = [limits[severity]] if severity in limits else [] if severity else list(limits.values())
    found: Interval | None = None
    for each in chosen:
        found = united(found, Interval(each / scale, each / scale))
    return found


def _objective(world: World, _selector: VectorSelector) -> Interval | None:
    return _exactly(world.slo[1].objective if world.slo else None)


def _period(world: World, _selector: VectorSelector) -> Interval | None:
    return _exactly(world.slo[1].nominal_period if world.slo else None)


def _latency(world: World, _selector: VectorSelector) -> Interval | None:
    limit = world.slo[1].latency if world.slo else None
    return _exactly(None if limit is None else limit / _SECOND)


def _drift_score(world: World, selector: VectorSelector) -> Interval | None:
    if world.method is None or equal_to(selector, "kind") != "data":
        return by_catalogue(selector)
    if (equal_to(selector, "method") or world.method) != world.method:
        return None
    return Interval(0.0, 1.0) if world.method in _AT_MOST_ONE else NOT_NEGATIVE


_AT_MOST_ONE = frozenset({"ks", "js", "linf", "tail"})


def _drift_threshold(world: World, selector: VectorSelector) -> Interval | None:
    """Thresholds are at least their floors; those that are turned off are not there."""
    kind, severity = equal_to(selector, "kind"), equal_to(selector, "severity")
    if world.model.reference is None or not world.model.judged_windows:
        return None
    if kind != "data" or world.method is None or not severity:
        return NOT_NEGATIVE
    floor = world.model.drift.floors.of(world.method).get(severity)
    return None if floor is None else Interval(floor, float("inf"))


def _data_threshold(world: World, selector: VectorSelector) -> Interval | None:
    check, severity = equal_to(selector, "check"), equal_to(selector, "severity")
    if world.model.reference is None or not world.model.judged_windows:
        return None
    if not check or not severity:
        return Interval(0.0, 1.0)
    allowance = world.model.data_quality.limits_of(check).get(severity)
    return None if allowance is None else Interval(allowance, 1.0)


def _quality_threshold(world: World, selector: VectorSelector) -> Interval | None:
    metric, severity, bound = (equal_to(selector, label) for label in ("metric", "severity", "bound"))
    if world.model.labels is None or not world.model.judged_windows:
        return None
    if not metric or not severity:
        return ALL
    of_no_use = (bound, DIRECTIONS[metric]) in (("min", Direction.LOW_IS_GOOD), ("max", Direction.HIGH_IS_GOOD))
    limit = world.model.quality.limits_of(metric).get(severity)
    return None if limit is None or of_no_use else _of_limit(world.model, metric, severity, bound)


def _of_limit(model: Model, metric: str, severity: str, bound: str) -> Interval:
    """Return where a threshold lies: at what is written, or further in where the reference's figure says so."""
    limit = model.quality.limits_of(metric)[severity]
    written = model.quality.is_written(metric, severity)
    absolute = limit.floor if bound == "min" else limit.ceiling
    relative = limit.loss if bound == "min" else limit.rise
    if absolute is None or not written or limit.shift is not None:
        return ALL
    if relative is None:
        return Interval(absolute, absolute)
    return Interval(absolute, float("inf")) if bound == "min" else Interval(float("-inf"), absolute)


_KNOWN: Mapping[str, Callable[[World, VectorSelector], Interval | None]] = {
    "ml_limit": _limit,
    "ml_slo_objective_ratio": _objective,
    "ml_slo_period_seconds": _period,
    "ml_slo_latency_limit_seconds": _latency,
    "ml_drift_score": _drift_score,
    "ml_drift_threshold": _drift_threshold,
    "ml_data_quality_threshold": _data_threshold,
    "ml_quality_threshold": _quality_threshold,
}


def _certain(rule: Rule, material: Material) -> Iterator[tuple[World, str]]:
    """Yield the models or objectives for which an alert is always on, or never, and why; if it is not so for all of them."""
    if material.configuration is None or rule.tree is None:
        return
    usual = Reckoning(by_catalogue, material.expressions)
    usual.of(rule.tree)
    said = {(str(judged.node), judged.verdict) for judged in usual.judged}
    for world in worlds(material.configuration):
        reckoning = Reckoning(world, material.expressions)
        result = reckoning.of(rule.tree)
        new = [judged for judged in reckoning.judged if (str(judged.node), judged.verdict) not in said]
        if result is None and new:
            hoped = Reckoning(world, material.expressions, hopeful=True).of(rule.tree)
            # Empty even so: there are no such series, which is no fault.
            never = [judged for judged in new if judged.verdict is Verdict.NEVER] if hoped is not None else []
            yield from ((world, said_of(judged)) for judged in never[:1])
        always = [judged for judged in new if judged.verdict is Verdict.ALWAYS]
        if always and _fires_always(rule.tree, reckoning, {str(judged.node) for judged in always}):
            yield world, said_of(always[0])


def _fires_always(node: Any, reckoning: Reckoning, certain: set[str]) -> bool:
    """Say whether a node lets all series through that it is about, comparisons that are ``certain`` included."""
    node = syntax.bare(node)
    if syntax.is_comparison(node):
        return str(node) in certain
    if syntax.is_set(node, "or"):
        return any(_fires_always(side, reckoning, certain) for side in (node.lhs, node.rhs))
    if syntax.is_set(node, "unless"):
        return _fires_always(node.lhs, reckoning, certain) and reckoning.of(node.rhs) is None
    return all(_fires_always(child, reckoning, certain) for child in syntax.children(node))


def _is_burn(rule: Rule) -> bool:
    return rule.is_alert and "burn_window" in rule.labels


@of_material(
    "S01",
    Level.ERROR,
    "a burn rate that an objective can never reach",
    why="No more than all events can be bad: a factor of 14.4 is out of reach of every objective up to 0.9306.",
    mend="A higher objective; or live with the slower pairs, and say so with an exemption.",
)
def burn_rates_can_be_reached(check: Check, material: Material) -> Iterator[Finding]:
    for rule in filter(_is_burn, material.rules):
        for name in dict.fromkeys(world.said for world, _ in _certain(rule, material) if world.method is None):
            yield check.finding(f"never fires for {name}", rule=rule, line=rule.line_of("expr"))


@of_material(
    "A27",
    Level.ERROR,
    "an alert that is always on, or never, with this configuration",
    why="A limit that is written at the end of what is possible turns the alert off, or on, without saying so.",
    mend="Another limit; or null, which turns a severity off and says so.",
)
def configured_alerts_can_fire(check: Check, material: Material) -> Iterator[Finding]:
    for rule in material.alerts:
        if _is_burn(rule):
            continue
        found: dict[str, str] = {}
        for world, text in _certain(rule, material):
            found.setdefault(text, world.said)
        for text, name in found.items():
            yield check.finding(f"for {name}: {text}", rule=rule, line=rule.line_of("expr"))


def expected_false_alarms(configuration: Configuration) -> float:
    """Return how many false warnings of drift and of data quality are expected in a week."""
    judged = [model for model in configuration.models.values() if model.reference and model.judged_windows]
    # As many of data quality as of drift.
    return sum(2 * model.thresholds.false_warnings for model in judged) * _WEEK / _MONTH


@of_material(
    "S05",
    Level.WARNING,
    "more false warnings than a week may bring",
    why="Alerts that are mostly for nothing are not looked at; then the true ones are not, either.",
    mend="Lower thresholds.false_warnings of the models; or say with --false-alarms how many are borne.",
)
def false_alarms_are_few(check: Check, material: Material) -> Iterator[Finding]:
    if material.configuration is None:
        return
    expected = expected_false_alarms(material.configuration)
    if expected > material.false_alarms:
        count = len(material.configuration.models)
        text = (
            f"{expected:.2g} false warnings a week are expected of {count} models; {material.false_alarms:g} are borne"
        )
        yield check.finding(text, file=material.configuration_file, line=1)


@of_material(
    "S08",
    Level.WARNING,
    "labels that are due after the window is over",
    why="Quality waits for labels that come too late for every window that is judged: it is never known.",
    mend="Judge a longer window (thresholds.windows), or say when labels are due (quality.due_after).",
)
def labels_come_within_the_window(check: Check, material: Material) -> Iterator[Finding]:
    for model in material.configuration.models.values() if material.configuration is not None else ():
        lengths = [window.length for window in model.judged_windows if window.length is not None]
        if model.labels is None or not lengths:
            continue
        due = model.labels.settle if model.quality.due_after is None else model.quality.due_after
        if due > max(lengths):
            text = f"labels of {model.name} are due after {format_duration(due)}, and its windows end after"
            text = f"{text} {format_duration(max(lengths))}"
            yield check.finding(text, file=material.configuration_file, line=1)


@of_material(
    "S12",
    Level.WARNING,
    "a model without a reference",
    why="Nothing is known to compare it with: no drift, no baseline, and alerts on both that never fire.",
    mend="State `reference`; driftbell profile --from-log makes one of the log.",
)
def models_have_references(check: Check, material: Material) -> Iterator[Finding]:
    for model in material.configuration.models.values() if material.configuration is not None else ():
        if model.reference is None:
            yield check.finding(f"{model.name} has no reference", file=material.configuration_file, line=1)


@of_material(
    "A28",
    Level.WARNING,
    "an objective whose budget is longer than what the server keeps",
    why="A budget of 90 days that is reckoned from 15 is that of a fortnight.",
    mend="Raise --storage.tsdb.retention.time beyond the period.",
)
def periods_are_kept(check: Check, material: Material) -> Iterator[Finding]:
    for model in material.configuration.models.values() if material.configuration is not None else ():
        for name, slo in model.slos.items():
            if slo.nominal_period > material.retention:
                text = f"{model.name}, objective {name}: {slo.nominal_period / DAY:g} days"
                yield check.finding(text, file=material.configuration_file, line=1)
