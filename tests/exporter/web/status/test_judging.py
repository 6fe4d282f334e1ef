"""Each comparison just below, at and just above what it is made with; the alert that a finding names makes the same one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from exporter import catalogue
from exporter.snapshot import Sample
from exporter.web.status.judging import data_quality, drift, exporters, logs, objectives, quality, traffic
from exporter.web.status.level import Finding, Level
from exporter.web.status.survey import survey_of_exporter
from rules.bundle import alerts, bundle
from rules.groups import data_quality as data_quality_rules
from rules.groups import drift as drift_rules
from rules.groups import exporters as exporter_rules
from rules.groups import logs as log_rules
from rules.groups import objectives as objective_rules
from rules.groups import quality as quality_rules
from rules.groups import traffic as traffic_rules
from tests.exporter.web.status.scenario import (
    BROKEN,
    LIMITS,
    NOW,
    OVERDUE,
    REFERENCE,
    WAITING,
    WELL,
    WINDOW,
    Scene,
    features,
    moment_of,
    own_of,
    sample,
)

Q = {"model_name": WELL.name, "window": WINDOW}


def found(scene: Scene, *own: Sample) -> dict[str, Level]:
    """The findings of a model by alert; of one alert the worst."""
    status = moment_of([scene], *own).model(scene.name)
    worst: dict[str, Level] = {}
    for finding in status.findings:
        worst[finding.alert] = max(finding.level, worst.get(finding.alert, Level.WELL))
    assert status.level == max([*worst.values(), Level.UNKNOWN if status.blank else Level.WELL])
    return worst


def test_a_model_that_is_well_has_no_findings() -> None:
    assert found(WELL) == {}


@pytest.mark.parametrize(
    ("multiple", "level"),
    [
        (0.66, None),
        (0.68, Level.INFO),
        (0.999, Level.INFO),
        (1.0, Level.INFO),
        (1.001, Level.WARNING),
        (9.0, Level.WARNING),
    ],
)
def test_a_features_drift_is_held_against_its_thresholds_and_never_critical(
    multiple: float, level: Level | None
) -> None:
    assert found(replace(WELL, drift={"x": multiple})).get("MLDataDriftDetected") == level


def test_a_threshold_of_nothing_is_passed_by_anything_and_not_by_nothing() -> None:
    about = {**Q, "kind": "score", "method": "ks", "reference": REFERENCE}
    threshold = sample(catalogue.DRIFT_THRESHOLD, 0.0, **about, severity="warning")
    for score, level in ((0.0, None), (0.001, Level.WARNING)):
        scene = replace(WELL, extra=[threshold, sample(catalogue.DRIFT_SCORE, score, **about)])
        assert found(scene).get("MLPredictionDriftDetected") == level


@pytest.mark.parametrize(
    ("kind", "alert", "most"),
    [
        ("prediction", "MLPredictionDriftDetected", Level.WARNING),
        ("score", "MLPredictionDriftDetected", Level.WARNING),
        ("label", "MLLabelDriftDetected", Level.WARNING),
        ("concept", "MLConceptDriftDetected", Level.CRITICAL),
    ],
)
def test_outputs_drift_as_well(kind: str, alert: str, most: Level) -> None:
    about = {**Q, "kind": kind, "method": "chi2", "reference": REFERENCE}
    thresholds = [
        sample(catalogue.DRIFT_THRESHOLD, value, **about, severity=severity)
        for severity, value in (("info", 0.1), ("warning", 0.2), ("critical", 0.3))
    ]
    for score, level in ((0.15, None), (0.25, Level.WARNING), (0.35, most)):
        scene = replace(WELL, extra=[*thresholds, sample(catalogue.DRIFT_SCORE, score, **about)])
        assert found(scene) == ({} if level is None else {alert: level})


def test_what_is_said_of_drift_is_said_of_one_score() -> None:
    """The method that is worst by the warning threshold need not be the one that is critical."""
    about = {**Q, "kind": "concept", "reference": REFERENCE}
    made = {"psi": (0.5, {"warning": 0.1, "critical": 1.0}), "chi2": (0.4, {"warning": 0.2, "critical": 0.25})}
    extra = [sample(catalogue.DRIFT_SCORE, score, **about, method=method) for method, (score, _) in made.items()]
    for method, (_, thresholds) in made.items():
        extra += [
            sample(catalogue.DRIFT_THRESHOLD, value, **about, method=method, severity=severity)
            for severity, value in thresholds.items()
        ]
    (finding,) = moment_of([replace(WELL, extra=extra)]).model(WELL.name).findings
    assert finding.level is Level.CRITICAL
    assert "1.60\N{MULTIPLICATION SIGN} its critical threshold" in finding.detail
    assert "(chi2 0.400)" in finding.detail


def test_what_is_not_judged_is_named() -> None:
    about = {**Q, "kind": "data", "method": "ks", "reference": REFERENCE}
    unjudged = [sample(catalogue.DRIFT_SCORE, 9.0, **about, feature_name=name) for name in ("new", "newer")]

    def said(scene: Scene) -> str:
        return moment_of([scene]).model(scene.name).reassurance

    assert said(WELL) == "Nothing is wrong at present."
    assert "drift of 2\u00a0features is not, so far" in said(replace(WELL, extra=unjudged))
    assert "drift is not, so far" in said(replace(WELL, drift={}))


def test_many_drifted_features_are_a_finding_of_their_own() -> None:
    def share(drifted: int, of: int) -> Level | None:
        drifts = {f"f{place}": 1.5 if place < drifted else 0.1 for place in range(of)}
        return found(replace(WELL, drift=drifts)).get("MLDriftedFeatureShareHigh")

    assert [share(1, 1), share(1, 20), share(2, 20), share(3, 20)] == [None, None, None, Level.INFO]
    assert [share(6, 20), share(7, 20), share(10, 20), share(11, 20)] == [
        Level.INFO,
        Level.WARNING,
        Level.WARNING,
        Level.CRITICAL,
    ]


@pytest.mark.parametrize(
    ("accuracy", "level"),
    [(0.851, None), (0.849, Level.WARNING), (0.801, Level.WARNING), (0.799, Level.CRITICAL), (0.58, Level.EMERGENCY)],
)
def test_the_upper_bound_is_held_against_the_least_that_accuracy_may_be(accuracy: float, level: Level | None) -> None:
    assert found(replace(WELL, accuracy=accuracy)).get("MLLowModelAccuracy") == level


def test_the_lower_bound_is_held_against_the_most_that_a_loss_may_be() -> None:
    about = {**Q, "metric": "log_loss"}
    threshold = sample(catalogue.QUALITY_THRESHOLD, 0.5, **about, severity="warning", bound="max")
    for lower, level in ((0.5, None), (0.501, Level.WARNING)):
        bounds = [sample(catalogue.QUALITY_LOWER, lower, **about), sample(catalogue.QUALITY_UPPER, 0.9, **about)]
        assert found(replace(WELL, extra=[threshold, *bounds])).get("MLModelQualityLow") == level


def bad_recall(severity: str, **labels: str) -> list[Sample]:
    about = {**Q, "metric": "recall", **labels}
    threshold = sample(catalogue.QUALITY_THRESHOLD, 0.5, **about, severity=severity, bound="min")
    return [threshold, sample(catalogue.QUALITY_UPPER, 0.4, **about)]


@pytest.mark.parametrize(
    ("accuracy", "extra", "level"),
    [
        (0.93, (), Level.WARNING),
        (0.92, (), Level.CRITICAL),
        (0.93, bad_recall("warning"), Level.CRITICAL),
        (0.93, bad_recall("warning", segment_by="region", segment="north"), Level.WARNING),
        (0.93, bad_recall("info"), Level.WARNING),
    ],
    ids=["surely", "perhaps", "in_all_but_one", "but_for_a_segment", "as_good_as"],
)
def test_nobody_is_woken_for_drift_by_which_a_model_is_better(
    accuracy: float, extra: Sequence[Sample], level: Level
) -> None:
    about = {**Q, "kind": "concept", "method": "chi2", "reference": REFERENCE}
    concept = [
        sample(catalogue.DRIFT_SCORE, 0.5, **about),
        *(
            sample(catalogue.DRIFT_THRESHOLD, value, **about, severity=severity)
            for severity, value in (("warning", 0.2), ("critical", 0.3))
        ),
    ]
    scene = replace(WELL, accuracy=accuracy, drift=dict.fromkeys(WELL.drift, 1.5), extra=[*concept, *extra])
    said_of = found(scene)
    assert said_of["MLConceptDriftDetected"] == said_of["MLDriftedFeatureShareHigh"] == level


def test_segments_are_at_most_a_warning() -> None:
    segment = {"segment_by": "region", "segment": "north"}
    extra = [*bad_recall("warning", **segment), *bad_recall("critical", **segment)[:1]]
    assert found(replace(WELL, extra=extra)) == {"MLSegmentQualityLow": Level.WARNING}


def test_versions_are_judged_where_there_are_several() -> None:
    bad = bad_recall("critical", model_version="4")
    assert found(replace(WELL, extra=bad)) == {}
    another = sample(catalogue.WINDOW_REQUESTS, 5, **Q, model_version="4")
    assert found(replace(WELL, extra=[*bad, another])) == {"MLModelQualityLow": Level.CRITICAL}
    # One that is gone is no second version.
    assert found(replace(WELL, extra=[*bad, another._replace(value=0)])) == {}


def test_labels() -> None:
    assert found(OVERDUE) == {"MLQualityUnknown": Level.WARNING, "MLLabelCoverageLow": Level.WARNING}
    assert found(replace(WELL, state=catalogue.WAITING, coverage=0.1)) == {}
    assert [found(replace(WELL, coverage=share)) for share in (0.5, 0.49)] == [
        {},
        {"MLLabelCoverageLow": Level.WARNING},
    ]


def test_too_few_rows_to_be_judged_are_said_and_are_no_finding() -> None:
    status = moment_of([WAITING]).model(WAITING.name)
    assert (status.level, status.findings) == (Level.UNKNOWN, [])
    assert "Too few rows" in status.blank


@pytest.mark.parametrize(
    ("ratio", "found_"),
    [
        (0.01, {}),
        (0.011, {"MLHighErrorRate": Level.INFO}),
        (0.021, {"MLHighErrorRate": Level.WARNING}),
        (0.051, {"MLHighErrorRate": Level.CRITICAL}),
        (0.51, {"MLOutage": Level.EMERGENCY}),
    ],
)
def test_errors_of_the_shortest_window(ratio: float, found_: dict[str, Level]) -> None:
    assert found(replace(WELL, error_ratio=ratio)) == found_


def test_a_handful_of_errors_is_an_accident() -> None:
    about = {"model_name": WELL.name, "window": "5m"}
    for requests, level in ((8, None), (10, Level.CRITICAL)):
        extra = [sample(catalogue.WINDOW_REQUESTS, requests, **about), sample(catalogue.ERROR_RATIO, 0.5, **about)]
        assert found(replace(WELL, extra=extra)).get("MLHighErrorRate") == level


@pytest.mark.parametrize(("latency", "level"), [(0.15, None), (0.151, Level.WARNING), (0.201, Level.CRITICAL)])
def test_latency_as_a_multiple_of_its_objective(latency: float, level: Level | None) -> None:
    assert found(replace(WELL, latency=latency)).get("MLHighLatencyP95") == level


@pytest.mark.parametrize(
    ("ratio", "level"), [(0.05, None), (0.051, Level.WARNING), (0.2, Level.WARNING), (0.201, Level.CRITICAL)]
)
def test_missing_values(ratio: float, level: Level | None) -> None:
    assert found(replace(WELL, missing={"income": ratio})).get("MLMissingValues") == level


def test_few_rows_fail_no_check() -> None:
    rows = sample(catalogue.DATA_QUALITY_ROWS, 199, **Q, feature_name="new")
    ratio = sample(catalogue.DATA_QUALITY_RATIO, 0.9, **Q, feature_name="new", check="invalid")
    limit = sample(catalogue.DATA_QUALITY_THRESHOLD, 0.1, **Q, feature_name="new", check="invalid", severity="warning")
    assert found(replace(WELL, extra=[rows, ratio, limit])) == {}
    assert found(replace(WELL, extra=[rows._replace(value=200), ratio, limit])) == {"MLSchemaViolation": Level.WARNING}


def test_budgets() -> None:
    assert [found(replace(WELL, remaining=left)) for left in (0.25, 0.24, 0.0, -0.01)] == [
        {},
        {"MLErrorBudgetLow": Level.INFO},
        {"MLErrorBudgetLow": Level.INFO},
        {"MLErrorBudgetExhausted": Level.WARNING},
    ]
    few = [
        sample(metric, value, model_name=WELL.name, slo="new")
        for metric, value in (
            (catalogue.SLO_OBJECTIVE, 0.99),
            (catalogue.SLO_PERIOD, 30 * 86_400),
            (catalogue.SLO_ERROR_BUDGET, -9.0),
            (catalogue.SLO_EVENTS, 10),
            (catalogue.SLO_GOOD_EVENTS, 6),
        )
    ]
    assert found(replace(WELL, extra=few)) == {}
    # Bad events of a longer period may be from before the counters, and where there are none nothing says that they are few.
    longer = [each._replace(value=90 * 86_400) if each.metric is catalogue.SLO_PERIOD else each for each in few]
    for extra in (longer, few[:3]):
        assert found(replace(WELL, extra=extra)) == {"MLErrorBudgetExhausted": Level.WARNING}


def test_logs() -> None:
    assert found(replace(WELL, sources_are_up=False)) == {"MLSourceDown": Level.WARNING}
    assert [found(replace(WELL, newest=NOW - age)) for age in (899, 901)] == [{}, {"MLIngestStalled": Level.CRITICAL}]


@pytest.mark.parametrize("lag", [0, 7201])
@pytest.mark.parametrize(("source", "level"), [("predictions", Level.CRITICAL), ("labels", None)])
def test_drops_that_do_not_come_are_a_finding_of_predictions_only(source: str, level: Level | None, lag: int) -> None:
    """Also while older ones are read: a drop that is overdue does not come any sooner for that."""

    class Drops(Scene):
        def own(self) -> Iterator[Sample]:
            about = {"model_name": self.name, "source": source}
            stated = (catalogue.NEWEST_EVENT, catalogue.SOURCE_LAG)
            yield from (each for each in super().own() if each.metric not in stated or each.labels[1] != source)
            yield sample(catalogue.NEWEST_EVENT, NOW - 7201, **about)
            yield sample(catalogue.SOURCE_LAG, lag, **about)
            yield sample(catalogue.SOURCE_PERIOD, 3600, **about)

    assert found(Drops("drops")).get("MLIngestStalled") == level


def test_a_backlog_that_is_read_is_no_stand_still() -> None:
    (scene,) = [replace(WELL, newest=NOW - 9000)]
    own = [each._replace(value=9000) if each.metric is catalogue.SOURCE_LAG else each for each in own_of([scene])]
    moment = replace(moment_of([scene]), own=tuple(own))
    assert moment.model(scene.name).findings == []


def test_a_model_that_is_set_aside_has_nothing_else_to_be_said_of_it() -> None:
    assert found(replace(BROKEN, is_up=False)) == {"MLModelSetAside": Level.CRITICAL}


def test_age_reference_and_room() -> None:
    old = sample(catalogue.MODEL_TRAINED, NOW - 100 * 86_400, model_name="m")
    assert found(replace(WELL, name="m", extra=[])) == {}
    page = [each for each in replace(WELL, name="m").samples() if each.metric is not catalogue.MODEL_TRAINED]
    assert replaced(page, old) == {"MLModelStale": Level.INFO}
    assert replaced([each for each in page if each.metric is not catalogue.REFERENCE_ROWS]) == {
        "MLReferenceMissing": Level.WARNING
    }
    assert replaced(page, own=[sample(catalogue.SERIES, 9001, model_name="m")]) == {"MLSeriesLimit": Level.WARNING}
    assert replaced(page, own=[sample(catalogue.DROPPED_SERIES, 1, model_name="m")]) == {"MLSeriesLimit": Level.WARNING}


def replaced(page: Sequence[Sample], *more: Sample, own: Sequence[Sample] = ()) -> dict[str, Level]:
    """The findings of a model m with these samples and no others."""

    class Made(Scene):
        def samples(self) -> Iterator[Sample]:
            yield from page
            yield from more

        def own(self) -> Iterator[Sample]:
            stated = {each.metric for each in own}
            yield from (each for each in Scene.own(self) if each.metric not in stated)
            yield from own

    return found(Made("m"))


@pytest.mark.parametrize(
    ("said", "alert", "level"),
    [
        (sample(catalogue.LAST_EVALUATION, NOW - 301), "MLExporterNotWorking", Level.CRITICAL),
        (sample(catalogue.LAST_COMMIT, NOW - 901), "MLStateNotSaved", Level.WARNING),
        (sample(catalogue.CONFIG_RELOAD_SUCCESSFUL, 0), "MLConfigReloadFailed", Level.WARNING),
        (sample(catalogue.WEB_CONFIG_SUCCESSFUL, 0), "", Level.WARNING),
    ],
)
def test_the_exporter_itself(said: Sample, alert: str, level: Level) -> None:
    assert survey_of_exporter(moment_of([WELL]))[1] == []
    (finding,) = survey_of_exporter(moment_of([WELL], said))[1]
    assert (finding.alert, finding.level) == (alert, level)


def test_what_was_never_saved_is_not_saved_once_an_attempt_has_failed() -> None:
    for failed, many in ((0, 0), (1, 1)):
        own = [each for each in own_of([WELL]) if each.metric not in (catalogue.LAST_COMMIT, catalogue.FAILED_COMMITS)]
        moment = replace(moment_of([WELL]), own=(*own, sample(catalogue.FAILED_COMMITS, failed)))
        assert [each.alert for each in survey_of_exporter(moment)[1]] == ["MLStateNotSaved"] * many


def everything() -> list[Finding]:
    """Findings of all kinds."""
    segment = bad_recall("warning", segment_by="region", segment="north")
    scenes = [
        BROKEN,
        OVERDUE,
        replace(
            WELL, drift=features(20, 3.0), latency=1.0, remaining=0.1, newest=0, sources_are_up=False, extra=segment
        ),
        replace(WELL, is_up=False),
        replace(WELL, error_ratio=0.9, accuracy=0.1),
    ]
    moments = [moment_of([scene]) for scene in scenes]
    return [
        finding for moment, scene in zip(moments, scenes, strict=True) for finding in moment.model(scene.name).findings
    ]


def test_every_alert_that_is_named_exists_with_that_severity() -> None:
    known = {(alert.name, alert.severity) for alert in alerts(bundle())}
    named = {(finding.alert, finding.level.key) for finding in everything()}
    assert len(named) > 12
    assert named <= known


def test_comparisons_are_made_with_what_the_rules_make_them_with() -> None:
    assert data_quality._FEWEST_ROWS == data_quality_rules._FEWEST_ROWS
    assert {
        check: (name, severities) for name, check, _, _, severities in data_quality_rules._CHECKS
    } == data_quality._ALERTED
    assert drift._FEWEST_DRIFTED == drift_rules._FEWEST_DRIFTED
    assert exporters._OLDEST_PAGE == exporter_rules.OLDEST_PAGE
    assert exporters._OLDEST_COMMIT == exporter_rules._OLDEST_COMMIT
    assert logs._OLDEST_EVENT == log_rules._OLDEST_EVENT
    assert logs._OLDEST_EVENT_OF_ANY == log_rules._OLDEST_EVENT_OF_ANY
    assert logs._FEWEST_MISSED == log_rules._FEWEST_MISSED
    assert objectives._FEWEST_BAD == objective_rules.FEWEST_BAD
    assert quality._ERRORS == quality_rules._ERRORS
    assert quality._FEWEST_IN_WINDOW == quality_rules._FEWEST_IN_WINDOW
    assert traffic._FEWEST_ERRORS == traffic_rules._FEWEST_ERRORS
    assert traffic._FEWEST_REQUESTS == traffic_rules._FEWEST_REQUESTS


def test_the_limits_of_the_scenes_are_those_of_the_catalogue() -> None:
    assert set(LIMITS) <= {limit.name for limit in catalogue.LIMITS}
