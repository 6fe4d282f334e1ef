"""Error budgets: how fast they burn, over windows that grow with what may still be waited for, and what is left."""

from __future__ import annotations

from exporter import catalogue
from exporter.burn_rates import DAY, WINDOWS
from rules.groups.traffic import moment_only
from rules.promql import MODEL, combined, select, total
from rules.rule import Alert, Group, Record
from rules.settings import Settings
from rules.templates import newest

_LEVEL = ("slo",)
_ON = ", ".join((*MODEL, *_LEVEL))
# Counters are read straight for short windows; longer ones add up increases of five minutes, which weights by traffic.
_SHORT = ("5m", "30m", "1h", "2h")
_LONG = ("6h", "1d", "3d", "30d")
_STEP = "5m"
_STEP_SECONDS = 300
# By long window: what a page is worth waiting, and who is to know.
AFTER = {"1h": ("2m", "critical"), "6h": ("15m", "critical"), "1d": ("1h", "warning"), "3d": ("3h", "warning")}
# Of the long window: fewer bad events than this are an accident, whatever share of how few they are.
FEWEST_BAD = 5
NAMES = {300: "5m", 1800: "30m", 3600: "1h", 7200: "2h", 21_600: "6h", DAY: "1d", 3 * DAY: "3d"}

OBJECTIVE = "model_slo:ml_slo_objective:ratio"
PERIOD = "model_slo:ml_slo_period:seconds"
REMAINING = "model_slo:ml_slo_error_budget_remaining:ratio"
EVENTS = "model_slo:ml_slo_events:increase5m"
BAD = "model_slo:ml_slo_bad_events:increase5m"


# A young model's budget is that of the events it has had: one bad one of ten overdraws it. Of a longer period the bad
# ones may have been earlier.
_UNLESS_FEW = f"unless on ({_ON}) (sum_over_time({BAD}[30d]) < {FEWEST_BAD} and on ({_ON}) ({PERIOD} <= {30 * DAY}))"


def ratio(window: str) -> str:
    """Return the name of the record of the share of bad events in a window."""
    return f"model_slo:ml_slo_bad_events:ratio_increase{window}"


def groups(settings: Settings) -> tuple[Group, ...]:
    return (
        Group("driftbell-slo-increases", _increases(settings), _STEP_SECONDS),
        Group("driftbell-slo", (*_records(settings), *_burns(settings), *_budgets())),
    )


def _counters(settings: Settings, window: str) -> tuple[str, str]:
    """Return the increase of all events and of the good ones."""
    events, good = select(settings, catalogue.SLO_EVENTS), select(settings, catalogue.SLO_GOOD_EVENTS)
    return (
        total(settings, _LEVEL, f"increase({events}[{window}])"),
        total(settings, _LEVEL, f"increase({good}[{window}])"),
    )


def _increases(settings: Settings) -> tuple[Record, ...]:
    # The increase is extrapolated a little: a bad event less than none is none.
    events, good = _counters(settings, _STEP)
    return Record(EVENTS, events), Record(BAD, f"clamp_min({EVENTS} - on ({_ON}) {good}, 0)")


def _records(settings: Settings) -> tuple[Record, ...]:
    def short(window: str) -> str:
        events, good = _counters(settings, window)
        return f"clamp_min(1 - ({good}) / ({events} > 0), 0)"

    def long(window: str) -> str:
        return f"sum_over_time({BAD}[{window}]) / (sum_over_time({EVENTS}[{window}]) > 0)"

    of_exporter = combined("min", _LEVEL, select(settings, catalogue.SLO_ERROR_BUDGET))
    left = f"1 - {ratio('30d')} / on ({_ON}) (1 - {OBJECTIVE}) and on ({_ON}) ({PERIOD} == {30 * DAY})"
    return (
        Record(OBJECTIVE, combined("max", _LEVEL, select(settings, catalogue.SLO_OBJECTIVE))),
        Record(PERIOD, combined("max", _LEVEL, select(settings, catalogue.SLO_PERIOD))),
        *(Record(ratio(window), short(window)) for window in _SHORT),
        *(Record(ratio(window), long(window)) for window in _LONG),
        # A fleet's budget of 30 days is what Prometheus has added up; of other periods the exporter's own figure.
        Record(REMAINING, f"({left}) or {of_exporter}"),
    )


def _burns(settings: Settings) -> tuple[Alert, ...]:
    return tuple(_burn(settings, long, short, float(share)) for long, short, share in WINDOWS)


def _burn(settings: Settings, long_seconds: int, short_seconds: int, share: float) -> Alert:
    long, short = NAMES[long_seconds], NAMES[short_seconds]
    after, severity = AFTER[long]
    # factor * (1 - objective), the factor being share of the budget * period / long window.
    limit = f"({share!r} * {PERIOD} / {long_seconds} * on ({_ON}) (1 - {OBJECTIVE}))"
    both = f"({ratio(long)} > on ({_ON}) {limit}) and on ({_ON}) ({ratio(short)} > on ({_ON}) {limit})"
    bad = f"(sum_over_time({BAD}[{long}]) >= {FEWEST_BAD})"
    return Alert(
        "MLErrorBudgetBurn",
        severity,
        "slo",
        # What is read late was bad long ago; and of drops the long windows alone tell, which the budget does as well.
        moment_only(settings, f"{both} and on ({_ON}) {bad}", short),
        after=after,
        hold="5m" if severity == "critical" else "30m",
        labels={"burn_window": long},
        threshold=newest(OBJECTIVE, (*MODEL, *_LEVEL)),
        summary="A model is burning its error budget too fast.",
        description=(
            f"Objective {{{{ $labels.slo }}}} of {{{{ $labels.model_name }}}}: {{{{ $value | humanizePercentage }}}} of the"
            f" events of {long} were bad, and it goes on: at this pace {share:.0%} of the budget go in {long}."
        ),
        symptom=True,
        variables=("model_name", "slo"),
    )


def _budgets() -> tuple[Alert, ...]:
    return (
        Alert(
            "MLErrorBudgetLow",
            "info",
            "slo",
            f"({REMAINING} < 0.25 and {REMAINING} >= 0) {_UNLESS_FEW}",
            after="30m",
            threshold="0.25",
            summary="Less than a quarter of an error budget is left.",
            description=(
                "Objective {{ $labels.slo }} of {{ $labels.model_name }}: {{ $value | humanizePercentage }} of the error budget"
                " of its period are left."
            ),
            variables=("model_name", "slo"),
        ),
        Alert(
            "MLErrorBudgetExhausted",
            "warning",
            "slo",
            f"{REMAINING} < 0 {_UNLESS_FEW}",
            after="30m",
            threshold="0",
            summary="An objective is missed: its error budget is used up.",
            description=(
                "Objective {{ $labels.slo }} of {{ $labels.model_name }}: the error budget is overdrawn,"
                " {{ $value | humanizePercentage }} are left. Nothing has to happen this minute; what your policy for a spent"
                " budget says has to happen."
            ),
            variables=("model_name", "slo"),
        ),
    )
