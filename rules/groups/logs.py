"""A model's logs: can they be read, do they go on, and are their records of use?"""

from __future__ import annotations

from exporter import catalogue
from rules.groups.traffic import CATCHING_UP, NORMAL_30M, REQUESTS_30M
from rules.groups.watch import watch
from rules.promql import MODEL, combined, joined, select, total
from rules.rule import Alert, Group
from rules.settings import Settings

_SOURCE = ("source",)
_ON = ", ".join((*MODEL, *_SOURCE))
_OLDEST_EVENT = 900
# Of the records that usually come in such a time: whoever misses fewer may just have to wait. But not for ever.
_FEWEST_MISSED = 20
_OLDEST_EVENT_OF_ANY = 3 * 86_400
# Seconds of a log that are read in a second: a backlog that shrinks has more than one, one that stands has none.
_KEEPS_PACE = 0.5
_FEWEST_ROWS = 100
_TOO_MANY = 0.01
# Events that explain what is read or rejected: rotation and compression bring them about day by day.
HARMLESS = ("already_seen", "trailing_garbage", "unterminated")


def group(settings: Settings) -> Group:
    return Group("driftbell-logs", (*_silence(settings), *_records(settings)))


def _silence(settings: Settings) -> tuple[Alert, ...]:
    up = combined("min", _SOURCE, select(settings, catalogue.SOURCE_UP))
    # Of several exporters of one log the one that has seen most.
    newest = combined("max", _SOURCE, select(settings, catalogue.NEWEST_EVENT, source="predictions"))
    continuous = combined("group", _SOURCE, select(settings, catalogue.SOURCE_INFO, delivery="continuous"))
    batch = combined("group", (), select(settings, catalogue.SOURCE_INFO, source="predictions", delivery="batch"))
    period = combined("max", _SOURCE, select(settings, catalogue.SOURCE_PERIOD))
    silent = f"({joined(f'time() - {newest}', '>', _patience(settings), many=True)}) and on ({_ON}) {continuous}"
    # A backlog that is read has old records; that they get newer is what counts. Stragglers do not make it newer.
    pace = combined("max", _SOURCE, f"deriv({select(settings, catalogue.NEWEST_EVENT)}[10m])")
    silent = f"({silent}) unless on ({_ON}) ({pace} >= {_KEEPS_PACE})"
    overdue = joined(f"time() - {newest}", ">", f"2 * {period}", on=(*MODEL, *_SOURCE))
    return (
        watch(
            "MLSourceDown",
            "warning",
            f"{up} == 0",
            "10m",
            "A log of a model cannot be read.",
            "{{ $labels.model_name }}: its {{ $labels.source }} cannot be read; the exporter's log says why.",
        ),
        watch(
            "MLRecordsDelayed",
            "warning",
            # Also those that come late time and again: each time keeps the alerts quiet for a while.
            f"max_over_time({CATCHING_UP}[30m]) unless on ({', '.join(MODEL)}) {batch}",
            "2h",
            "Records have come late for hours, so alerts on rates keep quiet.",
            '{{ $labels.model_name }}: {{ printf "%.3g" $value }} records a second are read long after their time. Either a backlog does'
            " not shrink, or the log always arrives late; nobody hears of errors, latency, traffic or burning budgets meanwhile.",
        ),
        watch(
            "MLIngestStalled",
            "critical",
            f"({silent}) or ({overdue})",
            "5m",
            "A model's log has had no new record for too long.",
            "{{ $labels.model_name }}: the newest record of its {{ $labels.source }} is {{ $value | humanizeDuration }} old."
            " Either the model answers nobody, or its log no longer reaches the exporter.",
            symptom=True,
        ),
    )


def _patience(settings: Settings) -> str:
    """Return how old a model's newest record may be: the older, the fewer requests it usually has."""
    # By this hour of last week, which knows nights and week-ends; in a first week by the average.
    unknown = combined("group", (), select(settings, catalogue.SOURCE_INFO, source="predictions"))
    # A request a second, where nothing is known.
    usual = f"({NORMAL_30M} or avg_over_time({REQUESTS_30M}[7d]) or {unknown})"
    return f"clamp({_FEWEST_MISSED} / {usual}, {_OLDEST_EVENT}, {_OLDEST_EVENT_OF_ANY})"


def _records(settings: Settings) -> tuple[Alert, ...]:
    def increase(metric: catalogue.Metric, window: str) -> str:
        return total(settings, _SOURCE, f"increase({select(settings, metric)}[{window}])")

    def share(metric: catalogue.Metric, window: str) -> str:
        return f"{increase(metric, window)} / ({increase(catalogue.ROWS, window)} >= {_FEWEST_ROWS})"

    losses = select(settings, catalogue.SOURCE_EVENTS, f'event!~"{"|".join(HARMLESS)}"')
    return (
        watch(
            "MLRowsRejected",
            "warning",
            f"{share(catalogue.REJECTED_ROWS, '15m')} > {_TOO_MANY}",
            "15m",
            "Records of a log cannot be used.",
            "{{ $labels.model_name }}: {{ $value | humanizePercentage }} of the records of its {{ $labels.source }} are refused."
            " ml_exporter_rejected_rows_total has the reasons.",
        ),
        watch(
            "MLRowsLate",
            "info",
            f"{share(catalogue.LATE_ROWS, '1h')} > {_TOO_MANY}",
            "1h",
            "Records come too late to be counted.",
            "{{ $labels.model_name }}: {{ $value | humanizePercentage }} of the records of its {{ $labels.source }} are older"
            " than every window when they arrive.",
        ),
        watch(
            "MLRecordsMayBeLost",
            "warning",
            f"{total(settings, (*_SOURCE, 'event'), f'increase({losses}[1h])')} > 0",
            "0m",
            "Something happened to a log that may have cost records.",
            "{{ $labels.model_name }}, {{ $labels.source }}: {{ $labels.event }}, {{ $value | humanize }} times in an hour.",
            hold="15m",
        ),
    )
