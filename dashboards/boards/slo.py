"""Do the models keep what was promised, and how fast is the room for errors used up?"""

from __future__ import annotations

from dashboards.annotations import events
from dashboards.board import Board, Row
from dashboards.figures import BUDGET, recorded
from dashboards.links import board, cell
from dashboards.panels.colour import CRITICAL, CURRENT, GOOD, SEVERITIES, WARNING, Steps, Word
from dashboards.panels.panel import Panel, Query, coloured, named
from dashboards.panels.stat import tile
from dashboards.panels.table import Column, Sorting, Table, table
from dashboards.panels.table import label as of_label
from dashboards.panels.time_series import TimeSeries, limit_line
from dashboards.variables import ONE, SETTINGS, Variable, of_one_model, values_of
from exporter import catalogue
from exporter.burn_rates import WINDOWS
from rules.groups import objectives as rules
from rules.promql import combined, select

UID = "driftbell-slo"
_SLO = 'slo="$slo"'
_BURN = "MLErrorBudgetBurn"
_BUDGETS = ("MLErrorBudgetExhausted", "MLErrorBudgetLow")
_ON = "on (job, model_name, slo)"


def slo() -> Board:
    return Board(
        uid=UID,
        title="Driftbell: objectives",
        question="Do the models keep their objectives, how much of the error budget is left, and how fast does it burn?",
        variables=of_one_model(Variable("slo", "Objective", values_of("slo", catalogue.SLO_OBJECTIVE))),
        annotations=events(ONE),
        top=(*_tiles(), _budget(), _burn(), _all()),
        rows=(Row(20, "Events", (_events(), _share(), _windows())),),
        past="now-7d",
    )


def _recorded(name: str, slo: str = "$slo") -> str:
    return recorded(name, ONE, slo=slo)


def _burning(window: str, slo: str = "$slo") -> str:
    """Return how many times faster the budget goes than the period allows."""
    objective = _recorded(rules.OBJECTIVE, slo)
    return f"{_recorded(rules.ratio(window), slo)} / {_ON} (1 - {objective})"


def _tiles() -> tuple[Panel, ...]:
    return (*_kept(), *_pace())


def _kept() -> tuple[Panel, ...]:
    return (
        tile(
            1,
            "Objective",
            "Share of events that are wanted to be good; what is left to 1 is the error budget.",
            _recorded(rules.OBJECTIVE),
            unit="percentunit",
            decimals=2,
            empty="No objective",
        ),
        tile(
            2,
            "Good within 30 days",
            "Share of the events of 30 days that were good, as Prometheus has added them up; below the objective it is missed.",
            f"1 - {_recorded(rules.ratio('30d'))}",
            unit="percentunit",
            decimals=3,
            empty="No events",
        ),
        tile(
            3,
            "Error budget left",
            "Of the bad events that the objective allows in its period; below 0 it is missed.",
            _recorded(rules.REMAINING),
            unit="percentunit",
            decimals=1,
            steps=BUDGET,
            empty="No events",
            alerts=_BUDGETS,
        ),
    )


def _pace() -> tuple[Panel, ...]:
    left, period = _recorded(rules.REMAINING), _recorded(rules.PERIOD)
    # What is left of the period's budget lasts so long at the pace of the last hour.
    until = f"clamp_min({left}, 0) * {_ON} {period} / {_ON} ({_burning('1h')} > 0)"
    return (
        tile(
            4,
            "Burn ÷ alert",
            "How fast the budget goes, of an hour, 6 hours, a day and 3 days the one that is nearest to its alert: from 1 on it"
            " tells somebody, if it goes on.",
            _nearest_alert(),
            decimals=2,
            steps=Steps(GOOD, ((1, CRITICAL),)),
            empty="No events",
            alerts=(_BURN,),
        ),
        tile(
            5,
            "Used up in",
            "How long what is left lasts at the pace of the last hour: hours are an incident, weeks are not.",
            until,
            unit="s",
            decimals=1,
            ranges={(-1, 0): Word("Used up", CRITICAL)},
            empty="Does not burn",
        ),
        tile(
            6,
            "Events in an hour",
            "Events that the objective judges. With few of them a share says little, and no alert waits for fewer than five bad ones.",
            f"sum_over_time({_recorded(rules.EVENTS)}[1h])",
            unit="locale",
            decimals=0,
            empty="None",
        ),
    )


def _nearest_alert() -> str:
    """Return the worst pace as a multiple of that of its alert."""
    period = _recorded(rules.PERIOD)
    each = (
        f"{_burning(rules.NAMES[long])} / {_ON} ({float(share)!r} * {period} / {long})" for long, _, share in WINDOWS
    )
    named_ones = (f'label_replace({one}, "long", "{number}", "", "")' for number, one in enumerate(each))
    return f"max by (job, model_name, slo) ({' or '.join(named_ones)})"


def _budget() -> TimeSeries:
    return TimeSeries(
        number=7,
        title="Error budget left",
        description="Of the objective's period; at 0 the objective is missed.",
        queries=(
            Query(_recorded(rules.REMAINING), "left"),
            Query("vector(0.25)", "low"),
            Query("vector(0)", "missed"),
        ),
        width=12,
        unit="percentunit",
        maximum=1,
        overrides=(
            named("left", color=coloured(CURRENT)),
            limit_line("^low$", WARNING),
            limit_line("^missed$", CRITICAL),
        ),
        alerts=_BUDGETS,
    )


def _burn() -> TimeSeries:
    limits = tuple(
        Query(f"{float(share)!r} * {_recorded(rules.PERIOD)} / {long}", f"alert on {rules.NAMES[long]}")
        for long, _, share in WINDOWS
    )
    return TimeSeries(
        number=8,
        title="Burn rates",
        description="How many times faster than allowed the budget goes, and from where on alerts fire, once a shorter window"
        " agrees: the longer the window, the lower.",
        queries=(*(Query(_burning(window), window) for window in ("5m", *rules.AFTER)), *limits),
        width=12,
        decimals=2,
        minimum=0,
        overrides=tuple(
            limit_line(f"^alert on {window}$", SEVERITIES[severity]) for window, (_, severity) in rules.AFTER.items()
        ),
        alerts=(_BURN,),
    )


def _all() -> Table:
    def each(name: str) -> str:
        # The records' own names would keep their rows apart.
        return combined("max", ("slo",), select(SETTINGS, name, ONE, 'slo!=""'))

    burn = f"{each(rules.ratio('1h'))} / {_ON} (1 - {each(rules.OBJECTIVE)})"
    return table(
        (
            of_label("slo", "Objective", (board("Show", UID, "model_name", slo=cell("Objective")),)),
            Column("Wanted", each(rules.OBJECTIVE), "percentunit", 2),
            Column("Budget left", each(rules.REMAINING), "percentunit", 1, BUDGET),
            Column("Burn rate", burn, "none", 2),
            Column("Bad within 30 days", each(rules.ratio("30d")), "percentunit", 3),
            Column("Period", each(rules.PERIOD), "s", 0),
        ),
        number=9,
        title="All objectives of the model",
        description="The one with the least left first; a name shows that objective above.",
        width=24,
        height=7,
        sorting=(Sorting("Budget left", descending=False),),
        empty="No objective: see `objectives` in the configuration",
    )


def _events() -> TimeSeries:
    return TimeSeries(
        number=21,
        title="Good and bad events",
        description="Events in five minutes that the objective judges. Few events make shares that jump.",
        queries=(
            Query(f"{_recorded(rules.EVENTS)} - {_ON} {_recorded(rules.BAD)}", "good"),
            Query(_recorded(rules.BAD), "bad"),
        ),
        unit="locale",
        stacked="normal",
        minimum=0,
        overrides=(named("bad", color=coloured(CRITICAL), custom_fillOpacity=90),),
        alerts=(_BURN,),
    )


def _share() -> TimeSeries:
    wanted = f"1 - {_recorded(rules.OBJECTIVE)}"
    return TimeSeries(
        number=22,
        title="Share of bad events",
        description="Of five minutes, an hour and a day, beside what the objective allows. What is above it for the day uses the budget up.",
        queries=(
            *(Query(_recorded(rules.ratio(window)), window) for window in ("5m", "1h", "1d")),
            Query(wanted, "allowed"),
        ),
        unit="percentunit",
        minimum=0,
        overrides=(limit_line("^allowed$", WARNING),),
        alerts=(_BURN,),
    )


def _windows() -> TimeSeries:
    compliance = select(SETTINGS, catalogue.SLO_COMPLIANCE, ONE, _SLO, model_version="")
    return TimeSeries(
        number=23,
        title="Kept, in event time",
        description="Share of good events by window, as the exporter reckons it by the time stamps of the records. It may"
        " differ from Prometheus' figures while a backlog is read.",
        queries=(
            Query(f"max by (job, model_name, window) ({compliance})", "{{window}}"),
            Query(_recorded(rules.OBJECTIVE), "wanted"),
        ),
        unit="percentunit",
        decimals=2,
        maximum=1,
        overrides=(limit_line("^wanted$", WARNING),),
    )
