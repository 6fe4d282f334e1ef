"""Label flow: held against Prometheus' own rules, worked out by hand."""

from __future__ import annotations

import pytest

from rules.labels import Flow, LabelFlow, with_static

JOB = 'job="driftbell"'
SCORE = f'ml_drift_score{{{JOB},model_version="",kind="data"}}'
THRESHOLD = f'ml_drift_threshold{{{JOB},model_version="",kind="data",severity="warning"}}'
UP = f"ml_exporter_source_up{{{JOB}}}"


def flow(expression: str, **records: str) -> tuple[Flow, list[str]]:
    found = LabelFlow(records)
    return found.of(expression), [each.kind for each in found.troubles]


@pytest.mark.parametrize(
    ("expression", "certain", "perhaps"),
    [
        ("time()", "", ""),
        ("vector(1)", "", ""),
        (UP, "instance job model_name source", ""),
        (f"up{{{JOB}}}", "instance job", ""),
        (f"ml_error_ratio{{{JOB}}}", "instance job model_name window", "model_version"),
        (f'ml_error_ratio{{{JOB},model_version=""}}', "instance job model_name window", ""),
        (f'ml_error_ratio{{{JOB},model_version!=""}}', "instance job model_name model_version window", ""),
        (f'ml_error_ratio{{{JOB},model_version=~"1.+"}}', "instance job model_name model_version window", ""),
        (f'ml_error_ratio{{{JOB},model_version=~"1.*|"}}', "instance job model_name window", "model_version"),
        (SCORE, "feature_name instance job kind method model_name reference window", ""),
        (SCORE.replace("data", "label"), "instance job kind method model_name reference window", ""),
        (f"sum ({UP})", "", ""),
        (f"sum by (job) ({UP})", "job", ""),
        (f"sum without (instance) ({UP})", "job model_name source", ""),
        (f"topk by (job) (1, {UP})", "instance job model_name source", ""),
        (f'count_values("value", {UP})', "value", ""),
        (f"{UP} > 1", "instance job model_name source", ""),
        (f"{UP} > on (job) up{{{JOB}}}", "job", ""),
        (f"{UP} > ignoring (source) ml_exporter_model_up{{{JOB}}}", "instance job model_name", ""),
        (f"{UP} > on (job) group_left () up{{{JOB}}}", "instance job model_name source", ""),
        (f"up{{{JOB}}} * on (job) group_right () {UP}", "instance job model_name source", ""),
        (f"sum by (job) ({UP}) * on (job) group_left (instance) up{{{JOB}}}", "instance job", ""),
        (f"{UP} and on (job) up{{{JOB}}}", "instance job model_name source", ""),
        (f"sum by (job) ({UP}) or {UP}", "job", "instance model_name source"),
        (f'label_replace({UP}, "a", "b $1", "source", "(.*)")', "a instance job model_name source", ""),
        (f'label_replace({UP}, "a", "$1", "source", "(x)")', "instance job model_name source", "a"),
        (f'absent(up{{{JOB},instance=~"a"}})', "job", ""),
        (f"histogram_quantile(0.9, sum by (le, job) (rate(ml_request_duration_seconds_bucket{{{JOB}}}[5m])))", "job", ""),
        (f"max_over_time({UP}[1h:5m])", "instance job model_name source", ""),
        (f"-{UP}", "instance job model_name source", ""),
    ],
)  # fmt: skip
def test_labels_that_are_certain_and_possible(expression: str, certain: str, perhaps: str) -> None:
    found, _ = flow(expression)
    assert " ".join(sorted(found.certain)) == certain
    assert " ".join(sorted(found.possible - found.certain)) == perhaps


@pytest.mark.parametrize(
    ("expression", "kinds"),
    [
        (f"max by (sorce) ({UP})", ["gone"]),
        (f"max by (source) (max by (job) ({UP}))", ["gone"]),
        (f"max by (source) ({UP} > on (job, instance, model_name, source) {UP})", []),
        (f"max by (source) ({UP} > on (job) {UP})", ["ambiguous", "ambiguous", "dropped"]),
        (f"{SCORE} > {THRESHOLD}", ["never"]),
        (f"{SCORE} > ignoring (severity) {THRESHOLD}", []),
        (f"{SCORE} / ignoring (severity) {THRESHOLD.replace('data', 'label')}", ["never", "never"]),
        (f"{UP} and sum by (job) ({UP})", ["never", "never", "never"]),
        (f"{UP} and on (job) sum by (job) ({UP})", []),
        (f"sum by (job) ({UP}) > on (job) {UP}", ["ambiguous"]),
        (f"{UP} > on (job) sum by (job) ({UP})", ["ambiguous"]),
        (f"{UP} > on (job) group_left () sum by (job) ({UP})", []),
        (f"{UP} * on (job) group_left (owner) sum by (job) ({UP})", ["gone"]),
        (f"{UP} * on (job) group_left (instance) {UP}", ["ambiguous"]),
        (f'ml_exporter_source_up{{{JOB},source=~"labels|predictions"}} > 0', []),
        (f"sum by (job) (rate(ml_request_duration_seconds_bucket{{{JOB}}}[5m])) > 0", []),
        (f"histogram_quantile(0.9, sum by (job) (rate(ml_request_duration_seconds_bucket{{{JOB}}}[5m])))", ["le"]),
        (f'ml_limit{{{JOB},limit=""}}', ["never"]),
    ],
)  # fmt: skip
def test_what_cannot_work(expression: str, kinds: list[str]) -> None:
    assert sorted(flow(expression)[1]) == sorted(kinds)


def test_records_are_followed() -> None:
    found, troubles = flow("max by (job, source) (a:b:c)", **{"a:b:c": f"max by (job) ({UP})"})
    assert (set(found.certain), troubles) == ({"job"}, ["gone"])
    assert flow("a:b:c", **{"a:b:c": "a:b:c + 1"})[0].open


def test_of_what_is_not_known_everything_is_possible() -> None:
    found, troubles = flow("max by (job, x) (unknown) > on (job, x) other")
    assert set(found.possible) == {"job", "x"}
    assert troubles == []
    assert not flow("unknown")[0].lacks("anything")


def test_one_of_several_owners() -> None:
    owners = "max by (job, model_name, owner) (ml_model_info)"
    joined = f"{UP} * on (job, model_name) group_left (owner)"
    assert flow(f"{joined} {owners}")[1] == ["ambiguous"]
    assert flow(f"{joined} topk by (job, model_name) (1, {owners})")[1] == []


def test_a_rule_adds_its_own_labels() -> None:
    found = with_static(Flow(frozenset({"job"}), frozenset({"job"})), {"severity": "info", "x": "{{ $labels.job }}"})
    assert set(found.certain) == {"job", "severity", "x"}
    assert {label: set(values) for label, values in found.values.items()} == {"severity": {"info"}}
