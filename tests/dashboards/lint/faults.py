"""For each check changes to the good dashboard, each of which it finds; and which other checks find it as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.dashboards.lint.samples import BY_MODEL, MODEL, RATE, RUNBOOKS, SCORE, row, variable

Change = Callable[[dict[str, Any]], object]


@dataclass(frozen=True)
class Fault:
    """``said`` is a part of a message; ``also`` are other checks that find it."""

    code: str
    change: Change
    said: str
    also: frozenset[str]


def fault(code: str, change: Change, said: str, also: Iterable[str] = ()) -> Fault:
    return Fault(code, change, said, frozenset(also))


def panel(board: dict[str, Any], number: int) -> Any:
    return next(each for each in board["panels"] if each["id"] == number)


def put(part: dict[str, Any], **values: Any) -> None:
    part.update(values)


def drop(part: dict[str, Any], *names: str) -> None:
    for name in names:
        del part[name]


def defaults(board: dict[str, Any], number: int) -> Any:
    return panel(board, number)["fieldConfig"]["defaults"]


def override(board: dict[str, Any], number: int) -> Any:
    return panel(board, number)["fieldConfig"]["overrides"][0]


def property_of(board: dict[str, Any], number: int, name: str) -> Any:
    return next(each for each in override(board, number)["properties"] if each["id"] == name)


def ask(board: dict[str, Any], number: int, expression: str, index: int = 0) -> None:
    panel(board, number)["targets"][index]["expr"] = expression


def more(board: dict[str, Any], number: int, expression: str) -> None:
    """Put what a panel asks into a larger expression, in place of ``@``."""
    first = panel(board, number)["targets"][0]
    first["expr"] = expression.replace("@", first["expr"])


def move(board: dict[str, Any], number: int, **place: int) -> None:
    panel(board, number)["gridPos"].update(place)


def of(board: dict[str, Any], name: str) -> Any:
    return next(each for each in board["templating"]["list"] if each["name"] == name)


def link(board: dict[str, Any], url: str) -> None:
    panel(board, 2)["links"].append({"title": "There", "url": url})


def _without_runbooks(board: dict[str, Any]) -> None:
    put(panel(board, 1)["options"], content="Nothing.")
    put(panel(board, 2), links=[])


def by_severity(board: dict[str, Any], pattern: str) -> None:
    """Colour limits by the ends of their legends."""
    ask(board, 3, f'max by (job, model_name, severity) (ml_limit{{{MODEL},limit="error_ratio"}})', 1)
    panel(board, 3)["targets"].pop(0)
    panel(board, 3)["targets"][0].update(refId="A", legendFormat="limit {{model_name}} {{severity}}")
    override(board, 3)["matcher"].update(options=f"/{pattern}/")


def _in_percent(board: dict[str, Any]) -> None:
    ask(board, 5, panel(board, 4)["targets"][0]["expr"])
    property_of(board, 5, "unit").update(value="percent")


_ERRORS = f"sum {BY_MODEL} (rate(ml_errors_total{{{MODEL}}}[$__rate_interval]))"
_DRIFT = f'ml_drift_score{{{MODEL},kind="data",window=~"$window",model_version=""}}'
_BUCKETS = f"sum by (job, model_name) (rate(ml_request_duration_seconds_bucket{{{MODEL}}}[$__rate_interval]))"

FAULTS: list[Fault] = [
    # Fields, types and words that the published types do not have.
    fault("D01", lambda d: put(panel(d, 3)["options"], tooltips={}), "tooltips; did you mean tooltip?", {"D35"}),
    fault("D01", lambda d: put(defaults(d, 3)["custom"], drawStyle="lnie"), "one of bars, line, points", {"D36"}),
    fault(
        "D01",
        lambda d: drop(panel(d, 3)["options"]["legend"], "showLegend"),
        "options.legend: showLegend is missing",
        (),
    ),
    fault("D01", lambda d: move(d, 2, w="6"), "gridPos.w is '6'", {"D36"}),  # type: ignore[arg-type]
    fault("D01", lambda d: put(panel(d, 2), title=7), "title is '7'", {"D36"}),
    fault("D01", lambda d: put(panel(d, 2)["targets"][0], exprs="up"), "exprs; did you mean expr?", {"D35"}),
    fault("D01", lambda d: drop(panel(d, 2), "datasource"), "datasource is missing"),
    fault("D01", lambda d: put(d, timezones="utc"), "there is no timezones", {"D35"}),
    fault("D01", lambda d: put(of(d, "job"), refresh=3), "templating.list[1].refresh is 3", {"D36"}),
    fault(
        "D01", lambda d: put(property_of(d, 3, "custom.lineStyle"), value={"fill": "dashes"}), "custom.lineStyle", ()
    ),
    fault("D01", lambda d: put(property_of(d, 5, "custom.cellOptions"), id="custom.displayMod"), "displayMod", ()),
    fault(
        "D01", lambda d: put(panel(d, 2)["fieldConfig"]["defaults"]["thresholds"], mode="relative"), "absolute", {"D36"}
    ),
    fault("D01", lambda d: drop(panel(d, 3)["options"], "tooltip"), "options: tooltip is missing"),
    fault("D02", lambda d: put(panel(d, 2), type="singlestat"), "singlestat"),
    fault("D02", lambda d: panel(d, 20)["panels"].append(row(21, "Inner", 50)), "a row within a row", {"D35"}),
    fault("D03", lambda d: drop(d, "schemaVersion"), "schemaVersion is missing", {"D01"}),
    fault("D03", lambda d: put(d, schemaVersion=12), "schemaVersion is 12"),
    fault("D03", lambda d: put(d, schemaVersion=43), "schemaVersion is 43"),
    fault("D04", lambda d: put(d, uid="driftbell good"), "the uid is 'driftbell good'", {"D30", "D37"}),
    fault("D04", lambda d: put(d, uid="d" * 41), "the uid is", {"D30", "D37"}),
    fault("D05", lambda d: drop(panel(d, 9), "id"), "the id is None"),
    fault("D05", lambda d: put(panel(d, 4), id=3), 'the id is that of panel 3 "Server errors"'),
    fault("D05", lambda d: put(panel(d, 20)["panels"][0], id=3), "the id is that of panel 3"),
    fault("D06", lambda d: move(d, 3, w=19), "not within 24 columns"),
    fault("D06", lambda d: move(d, 3, x=5), "lies over panel 2"),
    fault("D06", lambda d: panel(d, 20)["panels"][0]["gridPos"].update(y=40), "stands at 40"),
    fault("D06", lambda d: put(panel(d, 20), collapsed=False), "if, and only if, it is collapsed"),
    fault("D06", lambda d: panel(d, 20)["panels"][0]["gridPos"].update(y=39), "stands at 39"),
    fault("D06", lambda d: panel(d, 20)["panels"][0]["gridPos"].update(y=36), "above its row"),
    # Without a title the data source's own name would be sought.
    fault("D06", lambda d: move(d, 2, w=5), "4 cells of the grid are empty"),
    fault("D07", lambda d: put(panel(d, 2), description=None), "panels[1].description is null"),
    fault(
        "D07", lambda d: put(panel(d, 2)["targets"][0], intervalFactor=2), "intervalFactor is a field of an old version"
    ),
    fault("D07", lambda d: put(d, rows=[]), "rows is a field"),
    fault("D07", lambda d: put(defaults(d, 5), custom={"displayMode": "auto"}), "custom.displayMode is a field"),
    fault("D07", lambda d: defaults(d, 2)["thresholds"]["steps"][1].update(value=None), "steps[1].value is null"),
    fault("D09", lambda d: _many(d, 26), "panels are open"),
    fault("D10", lambda d: put(d, title=" "), "there is no title"),
    fault("D10", lambda d: put(d, tags=["driftbell", "mine"]), "the tags are driftbell, mine"),
    fault("D11", lambda d: put(panel(d, 2), title=""), "there is no title"),
    fault("D11", lambda d: drop(panel(d, 2), "description"), "there is no description"),
    fault(
        "D11",
        lambda d: put(panel(d, 2), description="Requests a second of the model that is chosen."),
        "one thing alone",
    ),
    fault("D12", lambda d: put(d, description="Is it well?"), "what the dashboard answers"),
    fault("D12", lambda d: put(d["links"][0], keepTime=False), "keeps variables and time"),
    fault(
        "D12",
        _without_runbooks,
        "to the runbooks",
    ),
    fault("D13", lambda d: put(panel(d, 2), title="Requests that came in within the last hour"), "42 characters"),
    fault("D13", lambda d: put(panel(d, 2), title="Requests Per Second"), "Per, Second with a capital"),
    fault("D13", lambda d: put(panel(d, 2), title="requests"), "begins without a capital"),
    fault(
        "D13",
        lambda d: put(panel(d, 2), title="Rate of ml_requests_total"),
        "ml_requests_total is the name of a metric",
    ),
    fault("D14", lambda d: more(d, 2, "sum(@"), "does not parse", {"D37"}),
    fault("D14", lambda d: more(d, 2, 'sort_by_label(@, "model_name")'), "sort_by_label"),
    fault(
        "D15",
        lambda d: ask(d, 2, RATE.replace("requests_total", "request_total")),
        "there is no metric ml_request_total",
        {"D37"},
    ),
    fault("D15", lambda d: ask(d, 2, f"model:ml_requests:rate6m{{{MODEL}}}"), "no rule records", {"D37"}),
    fault("D15", lambda d: ask(d, 2, RATE.replace('job="$job"', 'job="$job",window="24h"')), "has no label window"),
    fault("D15", lambda d: more(d, 2, "max by (job, model_name, owner) (@)"), "names owner"),
    fault(
        "D15",
        lambda d: ask(d, 7, panel(d, 7)["targets"][0]["expr"].replace('"data"', '"date"')),
        "did you mean data?",
        {"D43"},
    ),
    fault(
        "D15",
        lambda d: of(d, "window")["query"].update(query=f"label_values(ml_requests_total{{{MODEL}}}, window)"),
        "has no label window",
    ),
    fault("D15", lambda d: put(d["annotations"]["list"][2], expr=f"ml_changes{{{MODEL}}}"), "ml_changes", {"D38"}),
    fault("D16", lambda d: ask(d, 2, f"sum {BY_MODEL} (ml_requests_total{{{MODEL}}})"), "shown as it stands"),
    fault("D16", lambda d: ask(d, 2, RATE.replace("$__rate_interval", "10m")), "rate of ml_requests_total over 600 s"),
    fault(
        "D33",
        lambda d: put(d["annotations"]["list"][1], expr=f"ALERTS{{{MODEL}}}"),
        "what is pending does not fire",
    ),
    fault(
        "D33",
        lambda d: ask(d, 5, f'max by (job, metric) (ml_quality{{{MODEL},model_version="",window=~"$window"}})'),
        "ml_quality does not say of which segments",
        {"D30"},
    ),
    fault("D16", lambda d: ask(d, 2, RATE.replace("$__rate_interval", "$__interval")), "over 30 s", {"D34"}),
    fault(
        "D16",
        lambda d: ask(d, 2, RATE.replace("requests_total", "window_requests")),
        "which is a gauge",
        {"D20", "D33", "D37"},
    ),
    fault("D16", lambda d: ask(d, 2, RATE.replace("rate(", "irate(")), "irate"),
    fault("D17", lambda d: ask(d, 11, f"histogram_quantile(0.95, {_BUCKETS})"), "without the label le"),
    fault(
        "D17",
        lambda d: ask(
            d,
            11,
            f"histogram_quantile(0.95, sum by (job, model_name, le) (ml_request_duration_seconds_bucket{{{MODEL}}}))",
        ),
        "is no rate",
        {"D16"},
    ),
    fault("D18", lambda d: ask(d, 3, f"{_ERRORS} / {RATE}"), "can be 0"),
    fault(
        "D18",
        lambda d: ask(
            d, 3, f'sum {BY_MODEL} (rate(ml_labels_total{{{MODEL},outcome="orphan"}}[$__rate_interval])) / ({RATE} > 0)'
        ),
        "outcome may not be there yet",
    ),
    fault("D18", lambda d: ask(d, 11, panel(d, 11)["targets"][1]["expr"].replace(" > 0", ""), 1), "may be 0"),
    fault("D19", lambda d: more(d, 2, "@ or vector(0)"), "differ in job, model_name"),
    fault("D19", lambda d: more(d, 4, "@ + on (job) @"), "wants one series a match", {"D43"}),
    fault(
        "D20",
        lambda d: ask(d, 2, RATE.replace(',model_name="$model_name"', "")),
        'does not say model_name="$model_name"',
    ),
    fault("D20", lambda d: ask(d, 2, RATE.replace('job="$job",', "")), 'does not say job="$job"'),
    fault("D20", lambda d: ask(d, 2, RATE.replace('"$job"', '"driftbell"')), "whatever is chosen"),
    fault("D20", lambda d: ask(d, 2, RATE.replace('model_name="', 'model_name=~"')), "takes a regular expression"),
    fault("D20", lambda d: ask(d, 7, panel(d, 7)["targets"][0]["expr"].replace('window=~"', 'window="')), "takes one"),
    fault(
        "D20",
        lambda d: put(d["annotations"]["list"][1], expr='ALERTS{alertstate="firing",job="$job"}'),
        'ALERTS does not say model_name="$model_name"',
    ),
    fault("D21", lambda d: put(panel(d, 2)["datasource"], uid="prometheus"), "panels[1]: prometheus"),
    fault("D21", lambda d: put(panel(d, 2)["targets"][0]["datasource"], uid="P1"), "targets[0]: P1"),
    fault("D21", lambda d: put(d["annotations"]["list"][1]["datasource"], uid="P1"), "annotations.list[1]: P1"),
    fault("D21", lambda d: put(of(d, "job")["datasource"], uid="P1"), "templating.list[1]: P1"),
    fault("D22", lambda d: ask(d, 7, f"max by (job, feature_name) ({SCORE}) > bool 1"), "about 100 series"),
    fault("D23", lambda d: put(panel(d, 3), targets=[]), "nothing is asked", {"D41"}),
    fault("D23", lambda d: put(panel(d, 3)["targets"][1], refId="A"), "refId is A"),
    fault("D23", lambda d: put(panel(d, 3)["targets"][1], hide=True), "asked, and not shown"),
    fault("D23", lambda d: drop(defaults(d, 2), "noValue"), "noValue does not say"),
    fault("D23", lambda d: more(d, 2, "@ < 0"), "A never has a result"),
    fault("D24", lambda d: drop(defaults(d, 3), "unit"), "has no unit"),
    fault("D24", lambda d: put(defaults(d, 3), unit="furlong"), "Grafana knows no unit furlong"),
    fault("D24", lambda d: put(defaults(d, 11), unit="ms"), "A is seconds, and shown as ms"),
    fault("D24", lambda d: put(defaults(d, 4), unit="s"), "A is ratio, and shown as s"),
    fault("D24", lambda d: put(defaults(d, 2), unit="s"), "A is number, and shown as s"),
    fault("D25", lambda d: drop(defaults(d, 11), "min"), "there is no min"),
    fault("D25", lambda d: drop(defaults(d, 4), "max"), "there is no max"),
    fault("D25", lambda d: drop(defaults(d, 4), "decimals"), "without a number of decimals"),
    fault(
        "D26",
        lambda d: defaults(d, 2)["thresholds"]["steps"][2].update(value=0),
        "the steps of all fields are None, 0.25, 0",
    ),
    fault("D26", lambda d: defaults(d, 2)["thresholds"]["steps"][1].update(value=0.3), "the step 0.3 of all fields"),
    fault("D26", lambda d: defaults(d, 2)["thresholds"]["steps"].pop(0), "the steps of all fields are 0.25"),
    fault("D26", lambda d: drop(defaults(d, 3), "thresholds"), "red from 80 on"),
    fault("D27", lambda d: panel(d, 2)["options"]["reduceOptions"].update(calcs=["mean"]), "calcs are ['mean']"),
    fault("D27", lambda d: put(defaults(d, 2), mappings=[]), "no word for NaN"),
    fault("D28", lambda d: defaults(d, 2)["thresholds"]["steps"][1].update(color="pink"), "pink means nothing"),
    fault(
        "D28", lambda d: defaults(d, 6)["mappings"][0]["options"]["0"].update(text=""), "0 is told by its colour alone"
    ),
    fault("D28", lambda d: defaults(d, 6)["mappings"].pop(0), "states are told by their colours alone"),
    fault("D28", lambda d: panel(d, 2)["options"].update(textMode="none"), "the figure is told by its colour alone"),
    fault("D28", lambda d: override(d, 3)["properties"].pop(1), "is drawn in orange, which says a warning"),
    fault(
        "D28", lambda d: defaults(d, 3)["color"].update(mode="thresholds"), "the colours of the series are thresholds"
    ),
    fault("D29", lambda d: put(d, timezone="Europe/Berlin"), "the time zone is Europe/Berlin"),
    fault("D29", lambda d: put(d, graphTooltip=0), "the crosshair is not shared"),
    fault("D29", lambda d: put(d, refresh="5s"), "refresh is 5s"),
    fault("D29", lambda d: d["time"].update({"from": "now-5m"}), "begins now-5m"),
    fault(
        "D29",
        lambda d: panel(d, 20)["panels"][0]["fieldConfig"]["overrides"][0]["properties"][0]["value"].update(
            fixedColor="red"
        ),
        "is red, and in driftbell-good",
    ),
    fault(
        "D29",
        _in_percent,
        "shown as percent, and in",
        {"D24", "D30"},
    ),
    fault("D30", lambda d: link(d, "/d/driftbell-bad?${__url_time_range}"), "there is no dashboard driftbell-bad"),
    fault("D30", lambda d: link(d, "/d/driftbell-good?${job:queryparam}"), "loses the time"),
    fault("D30", lambda d: link(d, "/d/driftbell-good?${__url_time_range}&var-model=x"), "has no variable model"),
    fault(
        "D30", lambda d: link(d, "/d/driftbell-good?${__url_time_range}&var-job=${jobs}"), "no variable jobs", {"D31"}
    ),
    fault("D30", lambda d: link(d, f"{RUNBOOKS}/MLNothing.md"), "there is no runbook MLNothing.md"),
    fault("D30", lambda d: link(d, "https://elsewhere.example.com"), "leads away"),
    fault("D30", lambda d: link(d, "driftbell-good"), "is no link to a dashboard"),
    fault("D30", lambda d: put(d["links"][0], tags=["mlmon"]), "no dashboard has the tags mlmon"),
    fault(
        "D30",
        lambda d: defaults(d, 3)["links"][0].update(
            url="/d/driftbell-good?${__url_time_range}&var-window=${__field.labels.window}"
        ),
        "has the label window",
    ),
    fault(
        "D30",
        lambda d: property_of(d, 5, "links")["value"][0].update(
            url='/d/driftbell-good?${__url_time_range}&var-window=${__data.fields["Share"]}'
        ),
        "no column Share",
    ),
    fault(
        "D30",
        lambda d: put(panel(d, 1)["options"], content=f"[a](/d/other?$__url_time_range) [b]({RUNBOOKS}/README.md)"),
        "there is no dashboard other",
    ),
    fault("D31", lambda d: put(d["annotations"]["list"][1], titleFormat="$alert"), "there is no variable alert"),
    fault(
        "D31",
        lambda d: d["templating"]["list"].append(
            variable("slo", 'label_values(ml_slo_objective_ratio{job="$job",model_name="$model_name"}, slo)')
        ),
        "nothing uses slo",
    ),
    fault("D32", lambda d: put(of(d, "job"), refresh=1), "job: refresh is 1"),
    fault("D32", lambda d: put(of(d, "job"), label=""), "job: there is no label"),
    fault("D32", lambda d: put(of(d, "job"), label=" ", query="prometheus"), "job: asks prometheus"),
    fault("D32", lambda d: put(of(d, "datasource"), label="Source"), "people look for Data source"),
    fault(
        "D32",
        lambda d: put(of(d, "window"), current={"text": "All", "value": "All"}),
        "window: the current value is All",
    ),
    fault("D32", lambda d: put(of(d, "window"), current={}), "and is not at first"),
    fault("D32", lambda d: put(of(d, "datasource"), query="loki"), "chooses a Prometheus"),
    fault("D32", lambda d: put(of(d, "job"), type="custom", query="driftbell"), "asks for its values"),
    fault(
        "D33",
        lambda d: ask(d, 5, panel(d, 5)["targets"][0]["expr"].replace('model_version="",', "")),
        "does not say of which versions",
    ),
    fault("D34", lambda d: ask(d, 2, "max_over_time(model:ml_requests:rate5m{" + MODEL + "}[1m])"), "hold 1 points"),
    fault("D34", lambda d: ask(d, 2, f"max_over_time({RATE}[5m:5m])"), "fewer than two steps"),
    fault("D36", lambda d: move(d, 2, w=6.5), "gridPos.w: 6.5 is none of int"),  # type: ignore[arg-type]
    fault("D38", lambda d: d["annotations"]["list"].pop(0), "the built-in annotation is missing"),
    fault("D38", lambda d: d["annotations"]["list"].pop(1), "no annotation of firing alerts"),
    fault("D38", lambda d: d["annotations"]["list"].pop(2), "no annotation of changes"),
    fault("D38", lambda d: d["annotations"]["list"].pop(3), "no annotation of trainings"),
    fault("D38", lambda d: d["annotations"]["list"].extend(d["annotations"]["list"][1:] * 1), "7 layers"),
    fault("D39", lambda d: put(d, editable=True), "editable is not false"),
    fault("D39", lambda d: put(d, id=12), "the id is 12"),
    fault(
        "D41", lambda d: panel(d, 3)["options"]["legend"].update(calcs=["lastNotNul"]), "there is no reducer lastNotNul"
    ),
    fault(
        "D41", lambda d: panel(d, 5)["transformations"][0].update(id="organise"), "there is no transformation organise"
    ),
    fault("D41", lambda d: override(d, 3)["matcher"].update(id="byRegex"), "there is no matcher byRegex"),
    fault("D41", lambda d: override(d, 5)["matcher"].update(id="byFrameRefID", options="B"), "nothing is called B"),
    fault("D41", lambda d: by_severity(d, "warnin$"), "nothing is called /warnin$/"),
    fault("D41", lambda d: override(d, 5)["matcher"].update(options="Skore"), "nothing is called Skore"),
    fault("D42", lambda d: put(panel(d, 3)["targets"][0], instant=True, range=False), "asked at one moment"),
    fault("D42", lambda d: put(panel(d, 4)["targets"][0], instant=False, range=True), "asked over a range"),
    fault("D42", lambda d: put(panel(d, 2)["targets"][0], range=True), "at one moment and over a range"),
    fault(
        "D42", lambda d: put(panel(d, 5)["targets"][0], format="time_series"), "the format of A is time_series", {"D43"}
    ),
    fault("D42", lambda d: put(panel(d, 3)["targets"][0], format="heatmap"), "heatmap, in a timeseries"),
    fault("D42", lambda d: panel(d, 2)["options"].update(graphMode="area"), "does not suit the graphMode"),
    fault("D43", lambda d: put(panel(d, 9)["targets"][0], legendFormat="{{edge}}"), "A has no label edge"),
    fault("D43", lambda d: put(panel(d, 3)["targets"][0], legendFormat="{{window}}"), "A has no label window"),
    fault("D43", lambda d: put(panel(d, 4)["targets"][0], legendFormat="coverage"), "leaves out window"),
    fault("D43", lambda d: put(panel(d, 7)["targets"][0], legendFormat="__auto"), "a series for each feature_name"),
    fault("D44", lambda d: ask(d, 7, f"topk(20, max by (job, feature_name) ({SCORE}) > bool 1)"), "chooses anew"),
    fault("D45", lambda d: put(panel(d, 1)["options"], mode="html"), "the mode is html"),
    fault("D45", lambda d: put(panel(d, 1)["options"], content=f"<b>x</b> [b]({RUNBOOKS}/README.md)"), "there is HTML"),
    fault("D45", lambda d: put(panel(d, 1)["options"], content=" "), "there is no text"),
]


def _many(board: dict[str, Any], number: int) -> None:
    """Put more panels below the last one."""
    last = board["panels"].pop()
    for each in range(number):
        copy = {**panel(board, 2), "id": 100 + each, "gridPos": {"h": 4, "w": 24, "x": 0, "y": 37 + 4 * each}}
        board["panels"].append(copy)
    last["gridPos"]["y"] += 4 * number
    last["panels"][0]["gridPos"]["y"] += 4 * number
    board["panels"].append(last)


def _across(board: dict[str, Any]) -> None:
    """Let the viewer choose how exporters are added up."""
    across = {"current": {}, "label": "Across", "name": "across", "query": "max,sum", "type": "custom"}
    board["templating"]["list"].append(across)
    ask(board, 2, RATE.replace("sum by", "$across by"))


def _matrix(board: dict[str, Any]) -> None:
    matrix = {"id": "groupingToMatrix", "options": {"columnField": "a", "rowField": "b", "valueField": "Value"}}
    panel(board, 5)["transformations"].append(matrix)
    override(board, 5)["matcher"].update(options="b\\a")


def _time_left(board: dict[str, Any]) -> None:
    of_slo = f'{{{MODEL},slo="errors"}}'
    left = f"max {BY_MODEL} (ml_slo_error_budget_remaining_ratio{of_slo})"
    ask(board, 2, f"{left} * max {BY_MODEL} (ml_slo_period_seconds{of_slo})")
    put(defaults(board, 2), unit="s")


# What looks like a fault, and is none.
RIGHT: list[Change] = [
    lambda d: ask(d, 2, RATE.replace("$__rate_interval", "5m")),
    lambda d: ask(d, 2, RATE.replace("$__rate_interval", "${__range}")),
    lambda d: ask(
        d, 2, f"sum {BY_MODEL} (increase(ml_requests_total{{{MODEL}}}[$__range]) and ml_requests_total{{{MODEL}}})"
    ),
    lambda d: more(d, 2, f'@ > on (job, model_name) (max {BY_MODEL} (ml_limit{{job="$job",limit="traffic_ratio"}}))'),
    lambda d: more(d, 2, "@ or 0 * @"),
    lambda d: more(d, 5, "@ and topk(3, @)"),
    lambda d: put(of(d, "job"), definition="label_values(ml_exporter_build_info, job)"),
    lambda d: put(panel(d, 3), interval="1m", maxDataPoints=500),
    lambda d: override(d, 5)["matcher"].update(options="feature_name"),
    lambda d: link(d, f"{RUNBOOKS}/README.md"),
    lambda d: by_severity(d, "critical$"),
    _across,
    _matrix,
    _time_left,
]
