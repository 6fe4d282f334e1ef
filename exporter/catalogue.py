"""Every metric that Driftbell exposes: the only place where a name, a help text or a label is written.

Exposition, rules, dashboards, lints, tests and ``docs/metrics.md`` read it. Standard library only, so
that the generators run without numpy.

A label that is absent from a series means "over all of them": no ``model_version`` is every version
together, no ``segment`` is every segment together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Direction(StrEnum):
    """Which side of a figure is the good one."""

    HIGH_IS_GOOD = "high"
    LOW_IS_GOOD = "low"
    NEAR_ZERO_IS_GOOD = "zero"
    NEITHER = "neither"


# From the mildest on; rules fire with them, thresholds carry them.
SEVERITIES = ("info", "warning", "critical", "emergency")


@dataclass(frozen=True, slots=True)
class Metric:
    """One family as it is exposed (``name`` carries ``_total`` for counters).

    ``bounds`` is the closed range that a value can take, ``None`` for an open end; ``unit`` a base
    unit of Prometheus or ``""``.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    bounds: tuple[float | None, float | None] = (None, None)
    direction: Direction = Direction.NEITHER


@dataclass(frozen=True, slots=True)
class QualityMetric:
    """One value of the label ``metric`` of the quality families."""

    name: str
    help: str
    direction: Direction
    bounds: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Limit:
    """One value of the label ``limit`` of ``LIMIT``; ``direction`` and ``bounds`` are those of what is compared with it."""

    name: str
    help: str
    direction: Direction
    bounds: tuple[float | None, float | None] = (0.0, 1.0)


MODEL = ("model_name", "model_version")
_DRIFT_ROWS = (*MODEL, "kind", "feature_name", "reference", "window")
_DRIFT = (*MODEL, "kind", "feature_name", "method", "reference", "window")
_DRIFT_THRESHOLD = (*_DRIFT[:-1], "severity", "window")
_QUALITY = (*MODEL, "metric", "segment_by", "segment", "window")
_RATIO = (0.0, 1.0)
_COUNT = (0.0, None)

REQUESTS = Metric(
    "ml_requests_total",
    Kind.COUNTER,
    "Prediction requests read, failed ones included.",
    (*MODEL, "endpoint"),
    bounds=_COUNT,
)
FAILED_REQUESTS = Metric(
    "ml_failed_requests_total",
    Kind.COUNTER,
    "Prediction requests with a status of 400 or above.",
    MODEL,
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
ERRORS = Metric(
    "ml_errors_total",
    Kind.COUNTER,
    "Failed requests by error_type: client (4xx) or server (5xx).",
    (*MODEL, "error_type"),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
REQUEST_DURATION = Metric(
    "ml_request_duration_seconds",
    Kind.HISTOGRAM,
    "Latency of prediction requests, failed ones included.",
    MODEL,
    unit="seconds",
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
WINDOW_REQUESTS = Metric(
    "ml_window_requests",
    Kind.GAUGE,
    "Prediction requests in the window, in event time.",
    (*MODEL, "window"),
    bounds=_COUNT,
)
ERROR_RATIO = Metric(
    "ml_error_ratio",
    Kind.GAUGE,
    "Share of the window's requests that ended in a server error (5xx).",
    (*MODEL, "window"),
    unit="ratio",
    bounds=_RATIO,
    direction=Direction.LOW_IS_GOOD,
)
LATENCY = Metric(
    "ml_latency_seconds",
    Kind.GAUGE,
    "Latency quantile q (or max) of the window's requests; relative error at most 1 %.",
    (*MODEL, "q", "window"),
    unit="seconds",
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
PREDICTIONS = Metric(
    "ml_predictions_total",
    Kind.COUNTER,
    "Successful predictions; predicted_class is there for classification.",
    (*MODEL, "predicted_class"),
    bounds=_COUNT,
)
LOW_CONFIDENCE_PREDICTIONS = Metric(
    "ml_low_confidence_predictions_total",
    Kind.COUNTER,
    "Successful predictions whose class was given a probability below the model's low_confidence limit.",
    MODEL,
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
PREDICTION_CONFIDENCE = Metric(
    "ml_prediction_confidence",
    Kind.HISTOGRAM,
    "Probability that the model gave to the class that it predicted.",
    MODEL,
    bounds=_RATIO,
)
CONFUSION_ROWS = Metric(
    "ml_confusion_rows_total",
    Kind.COUNTER,
    "Labelled predictions by predicted and true class, each counted once, with the label known at its settle time.",
    (*MODEL, "predicted_class", "true_class"),
    bounds=_COUNT,
)
CONFUSION_WINDOW_ROWS = Metric(
    "ml_confusion_window_rows",
    Kind.GAUGE,
    "Labelled predictions of the window by predicted and true class, corrections included.",
    (*MODEL, "predicted_class", "true_class", "window"),
    bounds=_COUNT,
)

FEATURE_BIN_ROWS = Metric(
    "ml_feature_bin_rows_total",
    Kind.COUNTER,
    "Values of a feature by bin, missing ones left out; bin is the number and the edges (a, b] of a bin of PSI, or one"
    " of the reference's most frequent categories.",
    (*MODEL, "feature_name", "bin"),
    bounds=_COUNT,
)
FEATURE_BIN_REFERENCE = Metric(
    "ml_feature_bin_reference_ratio",
    Kind.GAUGE,
    "Share of the reference's values in the bin; the shares of a feature sum to 1.",
    ("model_name", "feature_name", "reference", "bin"),
    unit="ratio",
    bounds=_RATIO,
)
DRIFT_SCORE = Metric(
    "ml_drift_score",
    Kind.GAUGE,
    "Distance between the window's distribution and the reference's: of a feature (kind data), the predicted"
    " class or value (prediction), the positive class's probability (score) or the label (label); or of what came true"
    " given what the model said (concept).",
    _DRIFT,
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
DRIFT_ROWS = Metric(
    "ml_drift_rows",
    Kind.GAUGE,
    "Values of the window that a drift score rests on, missing ones left out.",
    _DRIFT_ROWS,
    bounds=_COUNT,
)
DRIFT_EFFECTIVE_ROWS = Metric(
    "ml_drift_effective_rows",
    Kind.GAUGE,
    "Independent rows that the window's values are worth, since neighbours are alike. Of windows that are judged.",
    _DRIFT_ROWS,
    bounds=_COUNT,
)
DRIFT_THRESHOLD = Metric(
    "ml_drift_threshold",
    Kind.GAUGE,
    "Score above which a distance is worth a warning: large enough to matter, and more than chance explains. Of windows"
    " that are judged.",
    _DRIFT_THRESHOLD,
    bounds=_COUNT,
)
DRIFT_P_VALUE = Metric(
    "ml_drift_p_value",
    Kind.GAUGE,
    "Probability of a score as great as this one, or greater, if nothing has changed. Of windows that are judged.",
    _DRIFT,
    bounds=_RATIO,
)
LATE_RESIDUALS = Metric(
    "ml_late_residuals_total",
    Kind.COUNTER,
    "Labelled predictions that the watch over residuals left out, since their label came later than labels.settle.",
    ("model_name",),
    bounds=_COUNT,
)
DATA_QUALITY_RATIO = Metric(
    "ml_data_quality_ratio",
    Kind.GAUGE,
    "Share of the window's values that fail the check: missing and invalid (of all successful requests),"
    " out_of_range and unseen_category (of the values that are there).",
    (*MODEL, "check", "feature_name", "window"),
    unit="ratio",
    bounds=_RATIO,
    direction=Direction.LOW_IS_GOOD,
)
DATA_QUALITY_THRESHOLD = Metric(
    "ml_data_quality_threshold",
    Kind.GAUGE,
    "Share above which a check fails too often: the reference's own and an allowance, or what chance explains if that is"
    " more. Of windows that are judged, once they are whole.",
    (*MODEL, "check", "feature_name", "severity", "window"),
    bounds=_RATIO,
)
DATA_QUALITY_ROWS = Metric(
    "ml_data_quality_rows",
    Kind.GAUGE,
    "Successful requests of the window that data quality rests on.",
    (*MODEL, "feature_name", "window"),
    bounds=_COUNT,
)

QUALITY = Metric(
    "ml_quality",
    Kind.GAUGE,
    "Quality of the window's labelled predictions; docs/metrics.md says which way each metric is good.",
    _QUALITY,
)
QUALITY_LOWER = Metric(
    "ml_quality_lower", Kind.GAUGE, "Lower end of the confidence interval of the same ml_quality.", _QUALITY
)
QUALITY_UPPER = Metric(
    "ml_quality_upper", Kind.GAUGE, "Upper end of the confidence interval of the same ml_quality.", _QUALITY
)
QUALITY_THRESHOLD = Metric(
    "ml_quality_threshold",
    Kind.GAUGE,
    "Quality is bad when ml_quality_upper is below the threshold with bound min, or ml_quality_lower above the one with"
    " bound max. Of windows that are judged, while labels are not waited for.",
    (*MODEL, "metric", "segment_by", "segment", "severity", "bound", "window"),
)
QUALITY_STATE = Metric(
    "ml_quality_state",
    Kind.GAUGE,
    "1 for the state that the window's labels are in, 0 for the others: known (enough have come), waiting (they are not"
    " due yet) or overdue (they should have come). Of windows that are judged.",
    (*MODEL, "state", "window"),
    bounds=_RATIO,
)
QUALITY_BASELINE = Metric("ml_quality_baseline", Kind.GAUGE, "The same figure on the reference data.", _QUALITY)
QUALITY_ROWS = Metric(
    "ml_quality_rows",
    Kind.GAUGE,
    "Labelled predictions of the window that a quality figure rests on.",
    _QUALITY,
    bounds=_COUNT,
)

LABELS = Metric(
    "ml_labels_total",
    Kind.COUNTER,
    "Label lines by outcome: joined (a prediction's first label), duplicate (a value it already had), corrected (a"
    " value it did not have), unscored (the request failed or has no prediction) or orphan (no prediction within"
    " the horizon).",
    (*MODEL, "outcome"),
    bounds=_COUNT,
)
LABEL_DELAY = Metric(
    "ml_label_delay_seconds",
    Kind.HISTOGRAM,
    "Time from a prediction to each of its label lines; a label that precedes its prediction counts as 0.",
    MODEL,
    unit="seconds",
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
LABEL_COVERAGE = Metric(
    "ml_label_coverage_ratio",
    Kind.GAUGE,
    "Share of the window's successful predictions that have a label.",
    (*MODEL, "window"),
    unit="ratio",
    bounds=_RATIO,
    direction=Direction.HIGH_IS_GOOD,
)

SLO_OBJECTIVE = Metric(
    "ml_slo_objective_ratio",
    Kind.GAUGE,
    "Share of events that the objective wants to be good.",
    ("model_name", "slo"),
    unit="ratio",
    bounds=_RATIO,
)
SLO_LATENCY_LIMIT = Metric(
    "ml_slo_latency_limit_seconds",
    Kind.GAUGE,
    "Latency up to which a request is good, of an objective on latency.",
    ("model_name", "slo"),
    unit="seconds",
    bounds=_COUNT,
)
SLO_PERIOD = Metric(
    "ml_slo_period_seconds",
    Kind.GAUGE,
    "Length of the objective's period; of a calendar period as it is reckoned with: a month as 30 days, a quarter as 90.",
    ("model_name", "slo"),
    unit="seconds",
    bounds=_COUNT,
)
SLO_EVENTS = Metric(
    "ml_slo_events_total",
    Kind.COUNTER,
    "Events that the objective judges, each counted once: requests, labelled predictions, whole minutes, or numbers of"
    " records; docs/definitions.md says which of them and when.",
    (*MODEL, "slo"),
    bounds=_COUNT,
)
SLO_GOOD_EVENTS = Metric(
    "ml_slo_good_events_total",
    Kind.COUNTER,
    "Good ones among the objective's events.",
    (*MODEL, "slo"),
    bounds=_COUNT,
    direction=Direction.HIGH_IS_GOOD,
)
SLO_COMPLIANCE = Metric(
    "ml_slo_compliance_ratio",
    Kind.GAUGE,
    "Share of good ones among the objective's events in the window, which is also the objective's own period.",
    (*MODEL, "slo", "window"),
    unit="ratio",
    bounds=_RATIO,
    direction=Direction.HIGH_IS_GOOD,
)
SLO_ERROR_BUDGET = Metric(
    "ml_slo_error_budget_remaining_ratio",
    Kind.GAUGE,
    "Share of the bad events that the objective allows in its period that is left: 1 without a bad one, below 0 once"
    " there were too many.",
    ("model_name", "slo"),
    unit="ratio",
    bounds=(None, 1.0),
    direction=Direction.HIGH_IS_GOOD,
)

MODEL_INFO = Metric(
    "ml_model_info",
    Kind.GAUGE,
    "Always 1; what the configuration says about the model.",
    ("model_name", "task", "framework", "owner"),
)
MODEL_CONFIG_INFO = Metric(
    "ml_model_config_info",
    Kind.GAUGE,
    "Always 1; the first 12 hex digits of the SHA-256 of all that the configuration says about the model.",
    ("model_name", "hash"),
)
MODEL_TRAINED = Metric(
    "ml_model_trained_timestamp_seconds",
    Kind.GAUGE,
    "When the model was trained, as the configuration says.",
    ("model_name",),
    unit="seconds",
)
REFERENCE_INFO = Metric(
    "ml_reference_info",
    Kind.GAUGE,
    "Always 1; the first 12 hex digits of the reference profile's SHA-256.",
    ("model_name", "reference", "hash"),
)
REFERENCE_ROWS = Metric(
    "ml_reference_rows", Kind.GAUGE, "Rows of the reference.", ("model_name", "reference"), bounds=_COUNT
)
REFERENCE_TIMESTAMP = Metric(
    "ml_reference_timestamp_seconds",
    Kind.GAUGE,
    "When the newest data of the reference were recorded: as the configuration says (as_of, or else trained_at), or where the"
    " newest of the past windows ends.",
    ("model_name", "reference"),
    unit="seconds",
)

ROWS = Metric(
    "ml_exporter_rows_total",
    Kind.COUNTER,
    "Records read from a source: accepted, late, ignored and rejected ones together.",
    ("model_name", "source"),
    bounds=_COUNT,
)
REJECTED_ROWS = Metric(
    "ml_exporter_rejected_rows_total",
    Kind.COUNTER,
    "Records that could not be used, by reason.",
    ("model_name", "source", "reason"),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
LATE_ROWS = Metric(
    "ml_exporter_late_rows_total",
    Kind.COUNTER,
    "Records older than every window when they were read; they are in no figure.",
    ("model_name", "source"),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
IGNORED_ROWS = Metric(
    "ml_exporter_ignored_rows_total",
    Kind.COUNTER,
    "Records that belong to another model of the same log, are dated before start_at, or are label lines of predictions"
    " that another exporter reads.",
    ("model_name", "source"),
    bounds=_COUNT,
)
DELAYED_ROWS = Metric(
    "ml_exporter_delayed_rows_total",
    Kind.COUNTER,
    "Accepted records that were read more than delayed_after after their time stamp: while it grows, rates of other"
    " counters show a catch-up or a drop, not the traffic of the moment.",
    ("model_name", "source"),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
INVALID_FIELDS = Metric(
    "ml_exporter_invalid_fields_total",
    Kind.COUNTER,
    "Optional fields of accepted records that could not be used and were left out, by field.",
    ("model_name", "source", "field"),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
SOURCE_EVENTS = Metric(
    "ml_exporter_source_events_total",
    Kind.COUNTER,
    "Things that happened to a source and may have cost records, by event, such as truncated.",
    ("model_name", "source", "event"),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
DEAD_LETTERS = Metric(
    "ml_exporter_dead_letters_total",
    Kind.COUNTER,
    "Rejected records that were kept in the file of dead_letters since the start of the exporter.",
    ("model_name", "source"),
    bounds=_COUNT,
)
FAILED_DEAD_LETTERS = Metric(
    "ml_exporter_failed_dead_letters_total",
    Kind.COUNTER,
    "Rejected records that should have been kept and could not be written, since the start of the exporter.",
    ("model_name", "source"),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
EVICTED_PREDICTIONS = Metric(
    "ml_exporter_evicted_predictions_total",
    Kind.COUNTER,
    "Predictions given up by the label join before the horizon, to stay within limits.memory.",
    ("model_name",),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
OVERFLOWING_VALUES = Metric(
    "ml_exporter_overflowing_values_total",
    Kind.COUNTER,
    "Values counted under __other__ because the dimension had reached its limit of distinct values.",
    ("model_name", "dimension"),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
SOURCE_UP = Metric(
    "ml_exporter_source_up",
    Kind.GAUGE,
    "1 if the source could be read at the last attempt.",
    ("model_name", "source"),
    bounds=_RATIO,
    direction=Direction.HIGH_IS_GOOD,
)
SOURCE_FAILURES = Metric(
    "ml_exporter_source_failures_total",
    Kind.COUNTER,
    "Attempts to read the source that failed, of this process.",
    ("model_name", "source"),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
SOURCE_LAST_SUCCESS = Metric(
    "ml_exporter_source_last_success_timestamp_seconds",
    Kind.GAUGE,
    "When the source could last be read.",
    ("model_name", "source"),
    unit="seconds",
    bounds=_COUNT,
)
NEWEST_EVENT = Metric(
    "ml_exporter_newest_event_timestamp_seconds",
    Kind.GAUGE,
    "Time stamp of the newest plausible record of the source.",
    ("model_name", "source"),
    unit="seconds",
)
SOURCE_LAG = Metric(
    "ml_exporter_source_lag_seconds",
    Kind.GAUGE,
    "Age of the newest record just read, while there is more to read; 0 when the source was read to its end.",
    ("model_name", "source"),
    unit="seconds",
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
SOURCE_INFO = Metric(
    "ml_exporter_source_info",
    Kind.GAUGE,
    "Always 1; the format of a source, and whether its delivery is continuous or batch.",
    ("model_name", "source", "format", "delivery"),
)
SOURCE_PERIOD = Metric(
    "ml_exporter_source_period_seconds",
    Kind.GAUGE,
    "Stated time between two drops of a source whose delivery is batch.",
    ("model_name", "source"),
    unit="seconds",
    bounds=_COUNT,
)
PENDING_ROWS = Metric(
    "ml_exporter_pending_rows",
    Kind.GAUGE,
    "Rows kept for the label join, by what they are: predictions or labels.",
    ("model_name", "rows"),
    bounds=_COUNT,
)
LAST_EVALUATION = Metric(
    "ml_exporter_last_evaluation_timestamp_seconds",
    Kind.GAUGE,
    "When the figures on this page were computed.",
    unit="seconds",
    bounds=_COUNT,
)
EVALUATION_DURATION = Metric(
    "ml_exporter_evaluation_duration_seconds",
    Kind.GAUGE,
    "How long the last evaluation took.",
    unit="seconds",
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
SERIES = Metric(
    "ml_exporter_series",
    Kind.GAUGE,
    "Series on this page that come from the model; without model_name, from all models.",
    ("model_name",),
    bounds=_COUNT,
)
SERIES_LIMIT = Metric(
    "ml_exporter_series_limit",
    Kind.GAUGE,
    "Series that the model, or without model_name all models together, may have.",
    ("model_name",),
    bounds=_COUNT,
)
DROPPED_SERIES = Metric(
    "ml_exporter_dropped_series",
    Kind.GAUGE,
    "Series left out of this page to stay within the limits on series.",
    ("model_name",),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
MODEL_UP = Metric(
    "ml_exporter_model_up",
    Kind.GAUGE,
    "1 if the model is read and evaluated; 0 while it is set aside because of an error that nobody expected.",
    ("model_name",),
    bounds=_RATIO,
    direction=Direction.HIGH_IS_GOOD,
)
MODEL_FAILURES = Metric(
    "ml_exporter_model_failures_total",
    Kind.COUNTER,
    "Times that the model was set aside, to start again from what was saved, of this process.",
    ("model_name",),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
FIGURE_FAILURES = Metric(
    "ml_exporter_figure_failures_total",
    Kind.COUNTER,
    "Groups of the model's figures that an evaluation left out because of an error that nobody expected, of this process.",
    ("model_name",),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
FAILED_COMMITS = Metric(
    "ml_exporter_failed_commits_total",
    Kind.COUNTER,
    "Attempts to save the state that failed.",
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
LOST_COMMITS = Metric(
    "ml_exporter_lost_commits",
    Kind.GAUGE,
    "Commits that the state lacked when this process started, after a power cut or with an older copy of it: what they"
    " held was read from the logs again.",
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
COUNTING_SINCE = Metric(
    "ml_exporter_counting_since_timestamp_seconds",
    Kind.GAUGE,
    "When the model's figures were begun: at its first start, or when its layout changed or its state was lost.",
    ("model_name",),
    unit="seconds",
    bounds=_COUNT,
)
LAST_COMMIT = Metric(
    "ml_exporter_last_commit_timestamp_seconds",
    Kind.GAUGE,
    "When the state was last saved by this process.",
    unit="seconds",
    bounds=_COUNT,
)
CONFIG_RELOAD_SUCCESSFUL = Metric(
    "ml_exporter_config_last_reload_successful",
    Kind.GAUGE,
    "1 if the configuration was taken on when it was last read; 0 if the one before it is still in force.",
    bounds=_RATIO,
    direction=Direction.HIGH_IS_GOOD,
)
CONFIG_RELOAD_TIME = Metric(
    "ml_exporter_config_last_reload_success_timestamp_seconds",
    Kind.GAUGE,
    "When a configuration was last taken on.",
    unit="seconds",
    bounds=_COUNT,
)
WEB_CONFIG_SUCCESSFUL = Metric(
    "ml_exporter_web_config_last_reload_successful",
    Kind.GAUGE,
    "1 if the web configuration and its certificates were taken on when they were last read; 0 if those before are "
    "still in force. Absent without --web.config.file.",
    bounds=_RATIO,
    direction=Direction.HIGH_IS_GOOD,
)
REFUSED_REQUESTS = Metric(
    "ml_exporter_refused_requests_total",
    Kind.COUNTER,
    "Requests and connections that the HTTP server refused: malformed, slow, crowded (made room for newer ones), "
    "handshake (no TLS, or no good certificate), password, busy (too many passwords to be checked) or rate.",
    ("reason",),
    bounds=_COUNT,
    direction=Direction.LOW_IS_GOOD,
)
BUILD_INFO = Metric("ml_exporter_build_info", Kind.GAUGE, "Always 1; what is running.", ("version", "python_version"))

LIMIT = Metric(
    "ml_limit",
    Kind.GAUGE,
    "Configured limit, by severity, of what has no thresholds of its own; docs/metrics.md says what each is compared with.",
    ("model_name", "limit", "severity"),
    bounds=_COUNT,
)

METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))

_HIGH, _LOW, _ZERO = Direction.HIGH_IS_GOOD, Direction.LOW_IS_GOOD, Direction.NEAR_ZERO_IS_GOOD

QUALITY_METRICS: tuple[QualityMetric, ...] = (
    QualityMetric("accuracy", "Share of predictions that were right.", _HIGH, _RATIO),
    QualityMetric(
        "precision",
        "Of the predicted positives, the share that is (binary); mean over classes (multiclass).",
        _HIGH,
        _RATIO,
    ),
    QualityMetric(
        "recall",
        "Of the true positives, the share that was found (binary); mean over classes (multiclass).",
        _HIGH,
        _RATIO,
    ),
    QualityMetric(
        "f1", "Harmonic mean of precision and recall (binary); mean over classes (multiclass).", _HIGH, _RATIO
    ),
    QualityMetric("precision_weighted", "Precision, mean over classes weighted by their true rows.", _HIGH, _RATIO),
    QualityMetric("recall_weighted", "Recall, mean over classes weighted by their true rows.", _HIGH, _RATIO),
    QualityMetric("f1_weighted", "F1, mean over classes weighted by their true rows.", _HIGH, _RATIO),
    QualityMetric(
        "roc_auc", "Area under the ROC curve; mean of one class against the rest (multiclass).", _HIGH, _RATIO
    ),
    QualityMetric("log_loss", "Mean negative logarithm of the true class's probability.", _LOW, (0.0, None)),
    QualityMetric(
        "brier", "Mean squared error of the probabilities (multiclass: summed over classes).", _LOW, (0.0, 2.0)
    ),
    QualityMetric(
        "calibration_error",
        "Root mean square of the share that came true minus the stated probability, by bins of the score, chance taken"
        " off (multiclass: of the predicted class's probability).",
        _LOW,
        _RATIO,
    ),
    QualityMetric("mae", "Mean absolute error.", _LOW, (0.0, None)),
    QualityMetric("rmse", "Root of the mean squared error.", _LOW, (0.0, None)),
    QualityMetric("bias", "Mean of prediction minus label.", _ZERO, (None, None)),
    QualityMetric("r2", "Coefficient of determination.", _HIGH, (None, 1.0)),
    QualityMetric("mape", "Mean absolute error as a share of the label; labels of 0 are left out.", _LOW, (0.0, None)),
)

# The states of ``QUALITY_STATE``.
KNOWN, WAITING, OVERDUE = QUALITY_STATES = ("known", "waiting", "overdue")

LIMITS: tuple[Limit, ...] = (
    Limit("error_ratio", "Share of requests that end in a server error.", _LOW),
    Limit("latency_ratio", "Latency as a multiple of its objective.", _LOW, _COUNT),
    Limit("traffic_ratio", "Requests as a share of what is usual.", _HIGH, _COUNT),
    Limit("label_coverage", "Share of predictions that have a label.", _HIGH),
    Limit("drifted_feature_share", "Share of features that are over their drift thresholds.", _LOW),
    Limit("low_confidence_share", "Share of predictions of low confidence.", _LOW),
    Limit("model_age", "Seconds since the model was trained.", _LOW, _COUNT),
)

# The methods of ``DRIFT_SCORE`` and what each can come to.
DRIFT_METHODS: Mapping[str, tuple[float | None, float | None]] = {
    **dict.fromkeys(("ks", "js", "linf", "tail", "shift"), _RATIO),
    **dict.fromkeys(("psi", "wasserstein", "wasserstein_normed", "chi2", "cusum_bias", "cusum_error"), _COUNT),
}

# All values of the labels that have few, whatever the configuration says. ``reason`` depends on the metric.
LABEL_VALUES: Mapping[str, tuple[str, ...]] = {
    "bound": ("min", "max"),
    "check": ("missing", "invalid", "out_of_range", "unseen_category"),
    "delivery": ("continuous", "batch"),
    "error_type": ("client", "server"),
    "event": (
        "truncated",
        "replaced",
        "already_seen",
        "vanished",
        "unterminated",
        "cut_off",
        "damaged",
        "trailing_garbage",
    ),
    "format": ("jsonl", "csv", "parquet"),
    "kind": ("data", "prediction", "score", "label", "concept"),
    "limit": tuple(limit.name for limit in LIMITS),
    "method": tuple(DRIFT_METHODS),
    "metric": tuple(metric.name for metric in QUALITY_METRICS),
    "outcome": ("joined", "duplicate", "corrected", "unscored", "orphan"),
    "q": ("0.5", "0.9", "0.95", "0.99", "0.999", "max"),
    "rows": ("predictions", "labels"),
    "severity": SEVERITIES,
    "source": ("predictions", "labels"),
    "state": QUALITY_STATES,
    "task": ("binary", "multiclass", "regression"),
}
