"""For each check the smallest rule file that it alone objects to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.rules.lint.samples import OWNER, alert, group, owned, record

JOB = 'job="driftbell"'
BY_MODEL = "by (job, model_name)"
RATE = f"sum {BY_MODEL} (rate(ml_requests_total{{{JOB}}}[5m]))"
SCORE = f'ml_drift_score{{{JOB},model_version="",kind="data"}}'
THRESHOLD = f'ml_drift_threshold{{{JOB},model_version="",kind="data",severity="warning"}}'
BURNING = "model_slo:ml_slo_bad_events:ratio_increase"

_QUALITY_UNKNOWN = alert(
    owned(f'max {BY_MODEL} (ml_quality_state{{{JOB},model_version="",state="overdue"}}) == 1'), alert="MLUnknown"
)


def _limit(severity: str, name: str = "error_ratio") -> str:
    return f'max {BY_MODEL} (ml_limit{{{JOB},limit="{name}",severity="{severity}"}})'


def _burn(window: str = "1h", factor: str = "0.02 * model_slo:ml_slo_period:seconds / 3600", short: str = "5m") -> Any:
    on = "on (job, model_name, slo)"
    match = on if "period" in factor else ""
    limit = f"({factor} * {match} (1 - model_slo:ml_slo_objective:ratio))"
    both = f"{BURNING}{window} > {on} {limit} and {on} ({BURNING}{short} > {on} {limit})"
    enough = f"(sum_over_time(model_slo:ml_slo_bad_events:increase5m[{window}]) >= 5)"
    labels = {"severity": "critical", "alert_type": "symptom", "burn_window": "1h"}
    return alert(owned(f"{both} and {on} {enough}"), labels=labels, keep_firing_for="5m")


def _slo_records() -> list[dict[str, Any]]:
    """Return the two groups that burn rates read."""
    level, found = "by (job, model_name, slo)", []
    increases = [
        record("model_slo:ml_slo_events:increase5m", f"max {level} (increase(ml_slo_events_total{{{JOB}}}[5m]))"),
        record("model_slo:ml_slo_bad_events:increase5m", f"max {level} (increase(ml_slo_events_total{{{JOB}}}[5m]))"),
    ]
    for window in ("5m", "30m", "1h"):
        events = f"max {level} (increase(ml_slo_events_total{{{JOB}}}[{window}]))"
        good = f"max {level} (increase(ml_slo_good_events_total{{{JOB}}}[{window}]))"
        found.append(record(f"{BURNING}{window}", f"clamp_min(1 - {good} / ({events} > 0), 0)"))
    found += [
        record("model_slo:ml_slo_period:seconds", f"max {level} (ml_slo_period_seconds{{{JOB}}})"),
        record("model_slo:ml_slo_objective:ratio", f"max {level} (ml_slo_objective_ratio{{{JOB}}})"),
    ]
    return [group(*increases, name="increases", interval="300s"), group(OWNER, *found, name="records")]


def slo(**changed: str) -> list[dict[str, Any]]:
    """Return groups with one burn-rate alert."""
    burn = _burn(**changed)
    groups = _slo_records()
    for each in groups:
        each["rules"] = [rule for rule in each["rules"] if rule["record"] in burn["expr"]]
    groups[1]["rules"].append(burn)
    return groups


def _retraining(*, quorum: str = ">= 2", rest: bool = True, veto: bool = True) -> dict[str, Any]:
    causes = f'count {BY_MODEL} (group by (job, model_name, alertname) (ALERTS{{{JOB},alertname="MLUnknown"}}))'
    young = f"(time() - (max {BY_MODEL} (ml_model_trained_timestamp_seconds{{{JOB}}}) > 0) < 86400)"
    broken = f'group {BY_MODEL} (ALERTS{{{JOB},alertname="MLUnknown"}})'
    on = "unless on (job, model_name)"
    expression = f"({causes} {quorum}){f' {on} {young}' if rest else ''}{f' {on} {broken}' if veto else ''}"
    return alert(owned(expression), labels={"severity": "info", "action": "retrain"})


def _one(rule: dict[str, Any], *more: dict[str, Any]) -> list[dict[str, Any]]:
    rules = [*more, rule]
    return [group(*([OWNER] if any(str(OWNER["record"]) in str(each["expr"]) for each in rules) else []), *rules)]


_PAGE = {"severity": "critical", "alert_type": "symptom"}
_UP = f"up{{{JOB}}} == 0"

# By check: groups, each of which has one fault, which that check alone finds.
FAULTS: Mapping[str, list[list[dict[str, Any]]]] = {
    "F02": [
        _one(alert(team="x")),
        [group(alert(), query_offset="1m")],
        [group(alert(), labels={"a": "b"})],
        _one(alert(for_="ten minutes")),
    ],
    "F03": [[group(alert(alert="MLOther")), group(alert())]],
    "F05": [[group(*(alert(f'up{{{JOB},instance="{n}"}} == 0', alert=f"MLThing{n}") for n in range(21)))]],
    "F06": [[group(alert(for_="30m"), interval="10m")], [group(alert(for_="1m"), interval="5s")]],
    "F07": [
        [
            group(
                OWNER,
                alert(owned("model:ml_requests:rate5m < 0.1"), labels={"severity": "info"}),
                record("model:ml_requests:rate5m", RATE),
            )
        ],
        [
            group(record("model:ml_requests:rate5m", RATE), name="one"),
            group(OWNER, record("model:ml_requests:shifted_rate5m", "model:ml_requests:rate5m - 1"), name="two"),
            group(alert(owned("model:ml_requests:shifted_rate5m > 90"), labels={"severity": "info"}), name="three"),
        ],
    ],
    "F08": [_one(alert(owned("model:ml_requests:rate6m < 1")))],
    "F09": [
        _one(alert(_UP), alert(f"up{{{JOB}}} < 1")),
        [group(OWNER, OWNER, alert(owned(f"max {BY_MODEL} (ml_exporter_source_up{{{JOB}}}) == 0")))],
    ],
    "F11": [_one(record("model:ml_requests:rate5m", RATE))],
    "N01": [_one(alert(owned("ml_requests_rate < 1"), labels={"severity": "info"}), record("ml_requests_rate", RATE))],
    "N02": [
        _one(
            alert(owned("model_slo:ml_requests:rate5m < 1"), labels={"severity": "info"}),
            record("model_slo:ml_requests:rate5m", RATE),
        )
    ],
    "N03": [
        _one(
            alert(owned("model:ml_requests_total:rate5m < 1"), labels={"severity": "info"}),
            record("model:ml_requests_total:rate5m", RATE),
        )
    ],
    "N04": [
        _one(
            alert(owned("model:ml_requests:rate10m < 1"), labels={"severity": "info"}),
            record("model:ml_requests:rate10m", RATE),
        )
    ],
    "N05": [
        _one(
            alert(owned("model:ml_errors:mean > 0.5")),
            record("model:ml_errors:mean", f'avg {BY_MODEL} (ml_error_ratio{{{JOB},model_version=""}})'),
        )
    ],
    "N06": [[group(record("ml_window_requests", f"max {BY_MODEL} (ml_exporter_source_up{{{JOB}}})"))]],
    "P01": [_one(alert("up{ == 0")), _one(alert("sum(")), _one(alert("1 > 0"))],
    "P02": [
        _one(alert(f"mad_over_time(up{{{JOB}}}[5m]) > 0")),
        _one(alert(f"up{{{JOB}}} == 0_1")),
        _one(alert(f"time() - process_start_time_seconds{{{JOB}}} > 10m")),
        _one(alert('{"up", job="driftbell"} == 0')),
        _one(alert(f"sum by (job, instance) (rate(up{{{JOB}}}[5m+1m])) > 0")),
    ],
    "P03": [_one(alert(owned(f"max {BY_MODEL} (ml_exporter_source_upp{{{JOB}}}) == 0"))), _one(alert("uup == 0"))],
    "P04": [
        _one(alert(owned(f'max {BY_MODEL} (ml_exporter_source_up{{{JOB},sorce="labels"}}) == 0'))),
        _one(alert(owned(f'max {BY_MODEL} (ml_exporter_source_up{{{JOB},source="label"}}) == 0'))),
        _one(alert(owned(f'group {BY_MODEL} (ALERTS{{{JOB},alertname="MLNothing"}})'))),
    ],
    "P05": [
        _one(alert(owned(f"max {BY_MODEL} (rate(ml_exporter_source_up{{{JOB}}}[5m])) > 0"))),
        _one(alert(owned(f"max {BY_MODEL} (delta(ml_requests_total{{{JOB}}}[5m])) > 0"))),
    ],
    "P06": [_one(alert(owned(f"sum {BY_MODEL} (ml_exporter_failed_dead_letters_total{{{JOB}}}) > 5")))],
    "P07": [_one(alert(owned(f"sum {BY_MODEL} (increase(ml_requests_total{{{JOB}}}[20s])) > 5")))],
    "P08": [
        _one(alert(owned(f"rate(sum {BY_MODEL} (ml_requests_total{{{JOB}}})[10m:1m]) > 5"))),
    ],
    "P09": [_one(alert(owned(f"sum {BY_MODEL} (irate(ml_requests_total{{{JOB}}}[5m])) > 5")))],
    "P10": [_one(alert(owned(f"sum {BY_MODEL} (increase(ml_requests_total{{{JOB}}}[50d])) > 5")))],
    "P11": [
        _one(alert(owned(f"max by (job, model_name, sorce) (ml_exporter_source_up{{{JOB}}}) == 0"))),
        _one(alert(owned(f"max {BY_MODEL} ({SCORE} > {THRESHOLD})"))),
        _one(
            alert(owned(f"max {BY_MODEL} (ml_exporter_source_up{{{JOB}}}) == 0 and on (job, source) up{{{JOB}}} == 1"))
        ),
    ],
    "P12": [
        _one(
            alert(
                owned(
                    f'max by (job, model_name, source) (ml_exporter_source_up{{{JOB},source="labels"}} == on (job, model_name, instance)'
                    f" ml_exporter_model_up{{{JOB}}})"
                )
            )
        )
    ],
    "P13": [_one(alert(owned(f"{RATE} / sum {BY_MODEL} (rate(ml_predictions_total{{{JOB}}}[5m])) > 2")))],
    "P14": [
        _one(alert(f"min(ml_exporter_source_up{{{JOB}}}) == 0", annotations={"description": "Bad."})),
        _one(alert(f"min by (job) (ml_exporter_source_up{{{JOB}}}) == 0", annotations={"description": "Bad."})),
    ],
    "P15": [
        _one(alert(owned(f"min {BY_MODEL} (ml_exporter_source_up) == 0"))),
        _one(
            alert('ml_exporter_config_last_reload_successful{job="other"} == 0'),
            *(
                alert(f"ml_exporter_config_last_reload_successful{{{JOB}}} == 0", alert=f"ML{name}")
                for name in ("One", "Two")
            ),
        ),
    ],
    "P16": [
        _one(alert(f'up{{{JOB},instance=~"a"}} == 0')),
        _one(alert(f'up{{{JOB},instance=~".*"}} == 0')),
        _one(alert(f'up{{{JOB},instance=~"^a.*"}} == 0')),
    ],
    "P17": [_one(alert(f"topk(3, up{{{JOB}}}) == 0"))],
    "P18": [
        _one(
            alert(
                f"max by (job, instance) (scrape_samples_scraped{{{JOB}}}) / on (instance) group_left ()"
                ' max by (instance) (prometheus_tsdb_head_series{job="prometheus"} > 0) > 0.5',
                for_="2m",
            )
        )
    ],
    "P19": [_one(alert(f"(max by (job, instance) (scrape_duration_seconds{{{JOB}}}) or vector(0)) > 5"))],
    "P20": [
        _one(
            alert(
                owned(
                    f"histogram_quantile(0.9, sum {BY_MODEL} (rate(ml_request_duration_seconds_bucket{{{JOB}}}[5m]))) > 1"
                )
            )
        )
    ],
    "P21": [_one(alert(owned(f'sum {BY_MODEL} (rate(ml_request_duration_seconds_bucket{{{JOB},le="1"}}[5m])) > 5')))],
    "P22": [_one(alert(f"max_over_time(scrape_duration_seconds{{{JOB}}}[1m:1m]) > 5"))],
    "P23": [_one(alert(f"up{{{JOB}}}\n   == 0"))],
    "P24": [_one(alert(owned(f"{RATE} < 0.5 * sum {BY_MODEL} (rate(ml_requests_total{{{JOB}}}[5m] offset 1w))")))],
    "P25": [_one(alert('time() - prometheus_config_last_reload_success_timestamp_seconds{job="prometheus"} > 99'))],
    "P26": [_one(alert(owned(f"{RATE} > 5 and {RATE} < 9 and {RATE} != 7"), labels={"severity": "info"}))],
    "P27": [
        _one(
            alert(
                owned(
                    f"max by (job, model_name, source) (ml_exporter_source_up{{{JOB}}}) > on (job, model_name) {_limit('warning')}"
                )
            )
        ),
    ],
    "P28": [
        [
            group(
                record(
                    "model_slo:ml_slo_events:increase5m",
                    f"max by (job, model_name, slo) (increase(ml_slo_events_total{{{JOB}}}[5m]))",
                ),
                OWNER,
                alert(
                    owned("sum_over_time(model_slo:ml_slo_events:increase5m[1h]) > 5"),
                    annotations={"description": "{{ $labels.model_name }}"},
                ),
            )
        ],
    ],
    "A01": [_one(alert(alert="ml_thing")), _one(alert(alert="Thing")), _one(alert(alert="ML" + "x" * 60))],
    "A02": [_one(alert(labels={"severity": "urgent"})), _one(alert(labels={"severity": None}))],
    "A03": [
        _one(alert(annotations={"summary": "{{ $labels.instance }} is down."})),
        _one(alert(annotations={"summary": None})),
        _one(alert(annotations={"description": "It is down."})),
    ],
    "A04": [
        _one(alert(annotations={"runbook_url": None})),
        _one(alert(annotations={"runbook_url": "https://example.com/Other.md"})),
    ],
    "A05": [_one(alert(annotations={"dashboard_url": None}))],
    "A06": [
        _one(alert(f"up{{{JOB}}}")),
        _one(alert(f"up{{{JOB}}} > bool 0")),
        _one(alert(f'up{{{JOB}}} == 0 or up{{{JOB},instance="a"}}')),
    ],
    "A07": [
        _one(alert(f"up{{{JOB}}} > 1")),
        _one(alert(f"up{{{JOB}}} >= 0")),
        _one(alert(f"scrape_duration_seconds{{{JOB}}} < 0")),
    ],
    "A08": [_one(alert(labels={"value": "{{ $value }}"}))],
    "A09": [
        _one(alert(annotations={"description": "{{ $labels.instance }} {{ $labels.modle_name }}"})),
        _one(alert(annotations={"description": "{{ $labels.instance }} {{ $labels.severity }}"})),
        _one(alert(annotations={"description": "{{ $labels.instance }} {{ if }"})),
        _one(alert(annotations={"description": "{{ $labels.instance }} {{ $value | humanise }}"})),
    ],
    "A10": [_one(alert(annotations={"description": "{{ $labels.instance }} {{ $value }}"}))],
    "A11": [
        [group(alert(f"absent(up{{{JOB}}})", for_="20s", annotations={"description": "Gone."}), interval="10s")],
        _one(alert(f'absent(up{{{JOB},instance=~"a.*"}})', annotations={"description": "Gone."})),
    ],
    "A12": [_one(alert(for_="1m")), _one(alert(for_="45m", labels=_PAGE))],
    "A13": [
        _one(alert(owned(f"sum {BY_MODEL} (increase(ml_errors_total{{{JOB}}}[2h])) > 5"), labels=_PAGE)),
    ],
    "A14": [
        _one(
            alert(
                owned(f'max {BY_MODEL} (ml_quality_state{{{JOB},model_version="",state="overdue"}}) == 1'), labels=_PAGE
            )
        )
    ],
    "A15": [
        [
            group(record("model:ml_requests:rate5m", RATE), name="slow", interval="5m"),
            group(OWNER, alert(owned("model:ml_requests:rate5m < 1"), labels={"severity": "info"}), name="quick"),
        ]
    ],
    "A16": [
        [
            group(
                alert(f"scrape_duration_seconds{{{JOB}}} > 9"),
                alert(f"scrape_duration_seconds{{{JOB}}} > 5", labels=_PAGE),
            )
        ],
        [
            group(
                alert(f"scrape_duration_seconds{{{JOB}}} > 5"),
                alert(f"scrape_duration_seconds{{{JOB}}} > 9", labels=_PAGE, for_="10m"),
            )
        ],
        [
            group(
                alert(f"scrape_duration_seconds{{{JOB}}} > 5"),
                alert(f"scrape_duration_seconds{{{JOB}}} > 5", labels=_PAGE),
            )
        ],
    ],
    "A18": [_one(alert(labels={"instance": "all"}))],
    "A19": [[group(alert(f"max {BY_MODEL} (ml_exporter_source_up{{{JOB}}}) == 0"))]],
    "A20": [_one(alert(labels={"severity": "critical"})), _one(alert(labels={"alert_type": None}))],
    "A21": [_one(alert(labels={"link": "https://example.com"})), _one(alert(labels={"why": "some reason"}))],
    "A22": [_one(alert(labels={"catgory": "x"})), _one(alert(annotations={"descripton": "x"}))],
    "A29": [
        _one(alert(owned(f"max {BY_MODEL} ({SCORE} > ignoring (severity) {THRESHOLD})"), labels={"severity": "info"}))
    ],
    "S02": [
        slo(window="30m"),
        slo(factor="0.2 * model_slo:ml_slo_period:seconds / 3600"),
        slo(factor="14.4"),
        slo(factor="0.02 * model_slo:ml_slo_period:seconds / 600"),
        slo(short="30m"),
    ],
    "S03": [
        _one(alert(owned(f'max {BY_MODEL} (ml_error_ratio{{{JOB},model_version=""}}) > 0.5'))),
        _one(
            alert(owned(f'max {BY_MODEL} (ml_quality{{{JOB},model_version="",metric="accuracy"}}) < 0.5')),
            _QUALITY_UNKNOWN,
        ),
    ],
    "S04": [_one(alert(owned(f"max {BY_MODEL} ({SCORE}) > 0.25")))],
    "S06": [
        _one(alert(owned(f"max {BY_MODEL} (ml_window_requests{{{JOB}}}) > 5"))),
    ],
    "S07": [
        _one(
            alert(
                owned(f'max {BY_MODEL} (ml_quality_upper{{{JOB},model_version="",segment="",metric="accuracy"}}) < 0.5')
            )
        )
    ],
    "S09": [
        _one(
            alert(
                owned(f"max {BY_MODEL} ({SCORE} > ignoring (severity) {THRESHOLD.replace('warning', 'critical')})"),
                labels=_PAGE,
                keep_firing_for="1h",
            )
        )
    ],
    "S10": [_one(alert(owned(f'min {BY_MODEL} (ml_drift_p_value{{{JOB},model_version=""}}) < 0.01')))],
    "S11": [
        _one(_retraining(quorum=""), _QUALITY_UNKNOWN),
        _one(_retraining(rest=False), _QUALITY_UNKNOWN),
        _one(_retraining(veto=False), _QUALITY_UNKNOWN),
    ],
    "S13": [_one(alert(owned(f"{RATE} < 1")))],
    "S15": [
        _one(alert(owned(f"max {BY_MODEL} ({SCORE} < ignoring (severity) {THRESHOLD})"))),
        _one(alert(owned(f"max {BY_MODEL} ({SCORE} / ignoring (severity) {THRESHOLD}) < 1"))),
        _one(
            alert(
                owned(
                    f"{RATE} / {RATE.replace('5m', '1h').join(['(', ' > 0)'])} > on (job, model_name) {_limit('warning', 'traffic_ratio')}"
                )
            )
        ),
        _one(
            alert(
                owned(
                    f'max {BY_MODEL} (ml_quality_lower{{{JOB},model_version="",segment=""}} < ignoring (severity, bound)'
                    f' ml_quality_threshold{{{JOB},model_version="",segment="",severity="warning",bound="min"}})'
                )
            ),
            _QUALITY_UNKNOWN,
        ),
    ],
    "S14": [_one(alert(f"scrape_duration_seconds{{{JOB}}} > 0.9990000000000001"))],
}
