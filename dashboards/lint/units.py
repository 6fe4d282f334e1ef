"""Units and scales: what a query's values are follows from the metrics that it is made of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from promql_parser import AggregateExpr, BinaryExpr, Call, MatrixSelector, NumberLiteral, SubqueryExpr, VectorSelector

from dashboards.lint import schemas
from dashboards.lint.board_file import BoardFile, Panel, Query, mapping
from dashboards.lint.check import Check, Said, about, of_material, of_panels, of_queries
from dashboards.lint.material import Material, names_of_query
from rules import syntax
from rules.lint.finding import Finding, Level
from rules.series import known

_TYPES = frozenset({"stat", "bargauge", "timeseries", "barchart", "table", "heatmap"})
# Units that show values of a kind rightly.
_RIGHT: Mapping[str, frozenset[str]] = {
    "number": frozenset(
        [
            *("none", "short", "locale", "percentunit", "sci", "bool", "bool_yes_no", "bool_on_off"),
            *("reqps", "rps", "wps", "ops", "iops", "eps", "cps", "mps", "recps", "rowsps", "opm", "cpm", "epm", "mpm"),
        ]
    ),
    "seconds": frozenset({"s", "dtdurations", "dtdhms", "dthms", "clocks"}),
    "ratio": frozenset({"percentunit", "none", "short"}),
    "bytes": frozenset({"bytes", "decbytes"}),
    "bytes a second": frozenset({"Bps", "binBps"}),
}
_PLAIN = frozenset({"number", "ratio"})
_OF_QUANTITIES = frozenset({"percent", "ns", "µs", "ms", "s", "m", "h", "d", "bits", "bps"}.union(*_RIGHT.values())) - {
    *("percentunit", "none", "short")
}
_KEEPING = frozenset({"sum", "min", "max", "avg", "quantile", "topk", "bottomk", "stddev"})
_KEEPING_CALLS = frozenset(
    [
        *("abs", "clamp", "clamp_min", "clamp_max", "label_replace", "sort", "sort_desc", "histogram_quantile"),
        *("avg_over_time", "min_over_time", "max_over_time", "last_over_time", "quantile_over_time", "sum_over_time"),
    ]
)
_ENDINGS = (("_seconds", "seconds"), ("_bytes", "bytes"), ("_ratio", "ratio"))
# What a record's last part begins with.
_OF_OPERATIONS = {"seconds": "seconds", "ratio": "ratio", "count": "number", "rate": "number", "increase": "number"}


def kind_of(node: Any) -> str:  # noqa: PLR0911 - one for each kind of node
    """Return what the values of an expression are: a key of ``_RIGHT``, ``time`` of a moment, "" where it is not known."""
    node = syntax.bare(node)
    match node:
        case NumberLiteral():
            return "number"
        case VectorSelector():
            return _of_name(syntax.name_of(node))
        case MatrixSelector():
            return kind_of(node.vector_selector)
        case SubqueryExpr():
            return kind_of(node.expr)
        case AggregateExpr():
            return kind_of(node.expr) if syntax.operator(node) in _KEEPING else "number"
        case Call():
            return _of_call(node)
        case BinaryExpr():
            return _of_two(node)
        case _:
            return ""


def _of_name(name: str) -> str:
    plain = name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_total")
    if plain.endswith("timestamp_seconds"):
        return "time"
    series = known().get(name)
    if series is not None and series.family is not None and name.endswith("_count"):
        return "number"
    if ":" in name:
        return next((kind for word, kind in _OF_OPERATIONS.items() if name.rpartition(":")[2].startswith(word)), "")
    found = next((kind for ending, kind in _ENDINGS if plain.endswith(ending)), "")
    # Our metrics say their units in their names; but what a limit or a figure of quality is depends on a label.
    of_ours = series is not None and series.family is not None and name not in _OF_MANY
    return found or ("number" if of_ours else "")


def _of_call(node: Call) -> str:
    name = node.func.name
    if name == "time":
        return "time"
    if name in syntax.RATES:
        inner = kind_of(node.args[0])
        per_second = {"bytes": "bytes a second", "number": "number"}
        return inner if name == "increase" else per_second.get(inner, "")
    if name in _KEEPING_CALLS:
        found = [kind_of(each) for each in node.args]
        buckets = [each for each in syntax.selectors(node) if syntax.name_of(each).endswith("_bucket")]
        if name == "histogram_quantile":
            return _of_name(syntax.name_of(buckets[0])) if buckets else ""
        return next((each for each in found if each), "")
    return ""


def _of_two(node: BinaryExpr) -> str:
    operation, left, right = syntax.operator(node), kind_of(node.lhs), kind_of(node.rhs)
    if syntax.is_comparison(node) or syntax.is_set(node):
        return left
    if operation == "-" and left == right == "time":
        return "seconds"
    if operation in ("+", "-") and (left == right or syntax.number(node.lhs) is not None):
        return right
    return _product(node, operation, left, right) if operation in ("*", "/") else ""


def _product(node: BinaryExpr, operation: str, left: str, right: str) -> str:
    if left == right and (operation == "/" or left == "number"):
        return "number" if left else ""
    # A number that is written out may turn seconds into hours, and a share into a multiple.
    if syntax.number(node.lhs) is not None or syntax.number(node.rhs) is not None:
        return ""
    if right in _PLAIN:
        return "" if left in _PLAIN else left
    return right if left in _PLAIN and operation == "*" else ""


@of_queries(
    "D24",
    Level.ERROR,
    "no unit, one that Grafana does not know, or one that does not fit the metric",
    why="A unit that Grafana does not know is shown as a word behind the number; 0.02 may be 2 %, or 20 ms.",
    mend="percentunit for shares of 1, s for seconds, bytes; reqps and the like for rates; none for plain numbers.",
)
def units_fit(query: Query, material: Material) -> Iterator[str]:
    panel = query.panel
    if panel is None or panel.type not in _TYPES:
        return
    units = unit_of(query)
    if not units:
        if not panel.defaults.get("mappings"):
            yield f"{query.name} has no unit"
        return
    if units not in schemas.known("units"):
        yield f"Grafana knows no unit {units}"
        return
    kind = kind_of(material.tree(query))
    if kind in _RIGHT and units not in _RIGHT[kind] and panel.type != "heatmap":
        yield f"{query.name} is {kind}, and shown as {units}"


def unit_of(query: Query) -> str:
    """Return the unit that a query's values have in its panel: that of the last override for them, or of all fields."""
    return str(setting(query, "unit") or "")


def setting(query: Query, name: str) -> Any:
    """Return what holds for a query's values: the default, or what the last override that fits says."""
    panel = query.panel
    if panel is None:
        return None
    found = _nested(panel.defaults, name)
    for _, matcher, properties in panel.overrides():
        if name in properties and _is_for(matcher, query):
            found = properties[name]
    if name == "unit" and panel.type == "heatmap":
        return mapping(panel.options.get("yAxis")).get("unit") or found
    return found


def _nested(defaults: Mapping[str, Any], name: str) -> Any:
    value: Any = defaults
    for part in name.split("."):
        value = mapping(value).get(part)
    return value


def _is_for(matcher: Mapping[str, Any], query: Query) -> bool:
    options = matcher.get("options")
    if matcher.get("id") == "byFrameRefID":
        return bool(options == query.name)
    names = names_of_query(query)
    if matcher.get("id") == "byName":
        return any(each.fits(str(options)) for each in names)
    return matcher.get("id") == "byRegexp" and any(each.overlaps(str(options)) for each in names)


@of_panels(
    "D25",
    Level.ERROR,
    "a scale that is left to chance, though what the values can be is known",
    why="A line that goes from 0.990 to 0.991 over the whole height looks like a disaster; 0.98712345 is not read.",
    mend="min 0 for what is never negative; min and max for bars of shares; decimals for shares in figures.",
)
def scales_are_set(panel: Panel, board: BoardFile, material: Material) -> Iterator[Said]:
    queries = [each for each in board.queries if each.panel is panel and material.written(each) is not None]
    for query in queries:
        found = material.interval(material.written(query))
        low, high = (found.low, found.high) if found is not None else (-math.inf, math.inf)
        place = ("fieldConfig", "defaults")
        if panel.type in ("timeseries", "bargauge") and low >= 0 and not _has(query, "min"):
            yield Said(f"{query.name} is never below 0, and there is no min", place)
        if panel.type == "bargauge" and (low, high) == (0, 1) and setting(query, "max") is None:
            yield Said(f"{query.name} is at most 1, and there is no max", place)
        if panel.type in ("stat", "bargauge", "table") and unit_of(query) == "percentunit" and _without_decimals(query):
            yield Said(f"{query.name} is a share without a number of decimals", place)


def _has(query: Query, bound: str) -> bool:
    soft = {"min": "custom.axisSoftMin", "max": "custom.axisSoftMax"}[bound]
    scale = mapping(setting(query, "custom.scaleDistribution")).get("type", "linear")
    return scale != "linear" or setting(query, bound) is not None or setting(query, soft) is not None


def _without_decimals(query: Query) -> bool:
    return setting(query, "decimals") is None


@of_material(
    "D29",
    Level.ERROR,
    "dashboards that differ in what should be the same: a metric's unit, a series' colour, crosshair, time zone, refresh",
    why="Whoever goes from one to the next reads the same thing twice, and must not learn it twice.",
    mend="One unit a metric, one colour a name; graphTooltip 1, one time zone, refresh of at least 30s.",
)
def boards_are_alike(check: Check, material: Material) -> Iterator[Finding]:
    yield from _units_alike(check, material)
    yield from _colours_alike(check, material)
    zones = [str(each.data.get("timezone", "")) for each in material.readable]
    for board in material.readable:
        zone = str(board.data.get("timezone", ""))
        if zone not in ("browser", "utc") or zone != zones[0]:
            yield about(check, board, Said(f"the time zone is {zone or 'not said'}", ("timezone",)))
        if board.data.get("graphTooltip") not in (1, 2):
            yield about(check, board, Said("the crosshair is not shared", ("graphTooltip",)))
        refresh = str(board.data.get("refresh", ""))
        if not _seconds(refresh) >= 30:
            yield about(check, board, Said(f"refresh is {refresh or 'not said'}", ("refresh",)))
        past = str(mapping(board.data.get("time")).get("from", ""))
        if not 3600 <= _seconds(past.removeprefix("now-")) <= 31 * 86_400:
            yield about(check, board, Said(f"the dashboard begins {past or 'nowhere'}", ("time",)))


def _seconds(text: str) -> float:
    from rules.lint.rule_file import duration

    return duration(text) or 0.0


def _units_alike(check: Check, material: Material) -> Iterator[Finding]:
    seen: dict[str, tuple[str, Query]] = {}
    for query in material.queries:
        name, unit = _plain_metric(material.tree(query)), unit_of(query) if query.panel is not None else ""
        if not name or not unit:
            continue
        first, where = seen.setdefault(name, (unit, query))
        if first != unit and where.panel is not None:
            text = f"{name} is shown as {unit}, and in {where.board.uid}, {where.panel.said}, as {first}"
            yield about(check, query.board, text, query.place, query.panel)


def _plain_metric(tree: Any) -> str:
    """Return the metric that an expression shows as it is, "" if it makes something else of one or several."""
    tree = syntax.bare(tree)
    if isinstance(tree, AggregateExpr) and syntax.operator(tree) in ("min", "max", "avg", "topk", "bottomk"):
        return _plain_metric(tree.expr)
    return syntax.name_of(tree) if isinstance(tree, VectorSelector) and tree.name not in _OF_MANY else ""


# Whose unit depends on a label: the metric, the method, the limit.
_OF_MANY = frozenset(
    [
        *("ml_quality", "ml_quality_lower", "ml_quality_upper", "ml_quality_threshold", "ml_quality_baseline"),
        *("ml_limit", "ml_drift_score", "ml_drift_threshold"),
    ]
)


def _colours_alike(check: Check, material: Material) -> Iterator[Finding]:
    seen: dict[str, tuple[str, str]] = {}
    for board in material.readable:
        for panel in board.panels:
            for place, matcher, properties in panel.overrides():
                colour = mapping(properties.get("color")).get("fixedColor")
                name = str(matcher.get("options"))
                if colour is None or matcher.get("id") not in ("byName", "byRegexp"):
                    continue
                first, where = seen.setdefault(name, (str(colour), f"{board.uid}, {panel.said}"))
                if first != colour:
                    yield about(check, board, f"{name} is {colour}, and in {where} {first}", place, panel)
