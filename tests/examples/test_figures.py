from __future__ import annotations

from examples.demo.figures import Figure, figures_of, models_of, series_of

PAGE = """\
# TYPE ml_requests_total counter
ml_requests_total{model_name="m"} 30
ml_requests_total{model_name="m",model_version="1"} 10
ml_requests_total{model_name="m",model_version="2"} 20
ml_requests_total{model_name="n",model_version="1"} 5
# TYPE ml_drift_score gauge
ml_drift_score{model_name="m",kind="data",feature_name="a",method="ks",window="1m"} 0.2
ml_drift_score{model_name="m",kind="data",feature_name="a",method="psi",window="1m"} 9
ml_drift_score{model_name="m",kind="data",feature_name="b",method="linf",window="1m"} 0.3
ml_drift_score{model_name="m",kind="data",feature_name="b",method="linf",window="1h"} 0.9
ml_drift_score{model_name="m",model_version="1",kind="data",feature_name="b",method="linf",window="1m"} 0.8
ml_drift_score{model_name="m",kind="label",method="linf",window="1m"} 0.7
# TYPE ml_quality gauge
ml_quality{model_name="m",metric="accuracy",window="1m"} 0.5
ml_quality{model_name="m",metric="accuracy",segment_by="s",segment="x",window="1m"} 0.1
# TYPE ml_quality_baseline gauge
ml_quality_baseline{model_name="m",metric="accuracy",window="1m"} 0.75
# TYPE ml_data_quality_ratio gauge
ml_data_quality_ratio{model_name="m",check="missing",feature_name="a",window="1m"} 0
ml_data_quality_ratio{model_name="m",check="missing",feature_name="b",window="1m"} 0.25
ml_data_quality_ratio{model_name="m",check="invalid",feature_name="a",window="1m"} 1
# TYPE ml_error_ratio gauge
ml_error_ratio{model_name="m",window="1m"} 0.01
# TYPE ml_label_coverage_ratio gauge
ml_label_coverage_ratio{model_name="m",window="1m"} 0.9
# TYPE ml_latency_seconds gauge
ml_latency_seconds{model_name="m",q="0.5",window="1m"} 0.01
ml_latency_seconds{model_name="m",q="0.95",window="1m"} 0.04
# TYPE process_open_fds gauge
process_open_fds 7
"""


def test_the_worst_comes_first_for_all_versions_in_the_one_window() -> None:
    assert figures_of(series_of(PAGE), "m", "1m") == [
        Figure("requests so far", 30),
        Figure("drift of b (linf)", 0.3),
        Figure("drift of a (ks)", 0.2),
        Figure("accuracy", 0.5, 0.75),
        Figure("missing values, worst: b", 0.25),
        Figure("server errors", 0.01),
        Figure("label coverage", 0.9),
        Figure("latency p95, seconds", 0.04),
    ]


def test_a_model_without_figures_yet_shows_its_traffic() -> None:
    assert figures_of(series_of(PAGE), "n", "1m") == [Figure("requests so far", 5)]


def test_no_feature_is_named_the_worst_when_nothing_is_missing() -> None:
    figures = figures_of(series_of(PAGE.replace("0.25", "0")), "m", "1m")
    assert Figure("missing values", 0.0) in figures


def test_values_are_floats_however_the_page_writes_them() -> None:
    assert all(type(one.value) is float for one in series_of(PAGE))


def test_models_are_found_and_the_process_is_none() -> None:
    assert models_of(series_of(PAGE)) == ["m", "n"]
    assert models_of(series_of("")) == []
