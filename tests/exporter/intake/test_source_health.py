from __future__ import annotations

from collections import Counter

from exporter import catalogue
from exporter.intake.source_health import SourceHealth
from exporter.rows.record import Refusals
from exporter.sources import EVENTS


def test_every_record_is_accounted_for() -> None:
    health = SourceHealth("m", "predictions")
    health.count(10, Refusals(Counter(malformed=2, too_deep=1), Counter(latency=4), ignored=3))
    health.count(5, Refusals(Counter(malformed=1)))
    health.late += 1
    assert (health.rows, health.ignored, dict(health.rejected)) == (15, 3, {"malformed": 3, "too_deep": 1})
    assert health.accepted == 7
    assert health.rows == health.accepted + health.late + health.ignored + health.rejected.total()


def test_counters_are_there_from_the_start() -> None:
    found = list(SourceHealth("m", "labels").counters())
    events = {sample.labels[2]: sample.value for sample in found if sample.metric == catalogue.SOURCE_EVENTS}
    assert events == dict.fromkeys(EVENTS, 0)
    samples = {sample.metric: (sample.labels, sample.value) for sample in found if sample.labels[-1] not in EVENTS}
    assert samples == {
        catalogue.ROWS: (("m", "labels"), 0),
        catalogue.LATE_ROWS: (("m", "labels"), 0),
        catalogue.IGNORED_ROWS: (("m", "labels"), 0),
        catalogue.REJECTED_ROWS: (("m", "labels", "malformed"), 0),
    }


def test_reasons_fields_and_events_are_labels() -> None:
    health = SourceHealth("m", "predictions")
    health.count(3, Refusals(Counter(too_deep=2), Counter(score=1)))
    health.notes["truncated"] += 1
    labels = {(sample.metric.name, *sample.labels[2:]): sample.value for sample in health.counters()}
    assert labels["ml_exporter_rejected_rows_total", "malformed"] == 0
    assert labels["ml_exporter_rejected_rows_total", "too_deep"] == 2
    assert labels["ml_exporter_invalid_fields_total", "score"] == 1
    assert labels["ml_exporter_source_events_total", "truncated"] == 1


def test_times_are_absent_before_there_are_any() -> None:
    health = SourceHealth("m", "predictions")
    assert [(sample.metric, sample.value) for sample in health.gauges()] == [(catalogue.SOURCE_UP, 0)]
    health.up, health.last_success, health.newest = True, 1_500_000, 2_000_000
    assert [(sample.metric, sample.value) for sample in health.gauges()] == [
        (catalogue.SOURCE_UP, 1),
        (catalogue.SOURCE_LAST_SUCCESS, 1.5),
        (catalogue.NEWEST_EVENT, 2.0),
    ]
